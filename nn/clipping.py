"""Gradients that are clipped, so that a steep place does not throw the parameters far away.

    by value    g_i ← max(-c, min(g_i, c))
    by norm     g ← g · min(1, c / (|g| + 10⁻⁶)),  |g| = √(Σ g_i²)

as in torch.nn.utils (Pascanu, Mikolov and Bengio 2013, Algorithm 1, scale by norm). Here are functions for loops
written by hand, to be called between `backward()` and `step()`; `nn.fit` clips by its `clip_value` and `clip_norm`.
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from engine import Value, backprop
from engine._support import checks
from engine._support.printable_text import make_printable
from engine._support.real_numbers import check_real
from nn.training import buffers

EPSILON = 1e-6  # which PyTorch adds to the norm
DOWN = 2.0**-600  # brings the norm of any finite gradient into the range of floats
SMALLEST = math.ulp(0.0)

Clip = Callable[[Sequence[float]], Sequence[float]]


def clip_grad_norm(parameters: Iterable[Value], max_norm: float) -> float:
    """Scale the `grad`s of parameters so that their norm is at most `max_norm`; return the norm before.

    math.inf does not scale them. Raises ValueError, which names the parameter, if a `grad` is not finite, and for a
    `max_norm` that is not above 0; TypeError for what is not a `Value`, and for a `grad` that is not a number. Then
    nothing has changed.

    >>> v, w = Value(1.0, "v"), Value(1.0, "w")
    >>> v.grad, w.grad = 3.0, -4.0
    >>> clip_grad_norm([v, w], max_norm=1.0)
    5.0
    >>> round(v.grad, 6), round(w.grad, 6)
    (0.6, -0.8)
    """
    listed, gradient = _read_gradient(parameters)
    _set_gradient(listed, clip_for(max_norm, None)(gradient))
    return _norm(gradient)


def clip_grad_value(parameters: Iterable[Value], max_value: float) -> None:
    """Limit each `grad` of parameters to the range from -`max_value` to `max_value`. Raises as `clip_grad_norm` does.

    >>> w = Value(1.0, "w")
    >>> w.grad = -4.0
    >>> clip_grad_value([w], max_value=0.5)
    >>> w.grad
    -0.5
    """
    listed, gradient = _read_gradient(parameters)
    _set_gradient(listed, clip_for(None, max_value)(gradient))


def clip_for(max_norm: float | None, max_value: float | None) -> Clip:
    """A function that clips a buffer of finite derivatives, first by value and then by norm.

    None and math.inf do not clip. Raises ValueError or TypeError for a limit that is not a number above 0.

    >>> clip_for(1.0, 4.0)(array("d", [3.0, 8.0])).tolist()  # doctest: +ELLIPSIS
    [0.5999998..., 0.7999998...]
    """
    norm = None if max_norm in (None, math.inf) else check_real(max_norm, "the largest norm of a gradient", SMALLEST)
    value = (
        None if max_value in (None, math.inf) else check_real(max_value, "the largest value of a derivative", SMALLEST)
    )

    def clip(gradient: Sequence[float]) -> Sequence[float]:
        clipped = gradient if value is None else buffers.clamp(gradient, value)
        return clipped if norm is None else _scale(clipped, norm)

    return clip


def _scale(gradient: Sequence[float], max_norm: float) -> Sequence[float]:
    """Scale a gradient so that its norm is at most `max_norm`."""
    length = _norm(gradient)
    if length == math.inf:  # it is above the largest float, and so above `max_norm`; that of smaller numbers is not
        smaller = buffers.elementwise(lambda g: g * DOWN, gradient)
        factor = max_norm / _norm(smaller)
        return buffers.elementwise(lambda g: g * factor, smaller)
    factor = max_norm / (length + EPSILON)
    return buffers.elementwise(lambda g: g * factor, gradient) if factor < 1.0 else gradient


def _norm(gradient: Any) -> float:
    """√(Σ g_i²), to the same bits for an array and for a NumPy array, which would add in another order."""
    return math.hypot(*memoryview(gradient))


def _read_gradient(parameters: Iterable[Value]) -> tuple[list[Value], array[float]]:
    checks.check_instance(parameters, Iterable, "a list of Values is needed, such as network.parameters()")
    listed = list(parameters)
    for i, p in enumerate(listed, 1):
        checks.check_instance(p, Value, f"parameter {i} must be a Value")
    backprop.check_numbers(listed, "grad")
    for i, p in enumerate(listed, 1):
        if not math.isfinite(p.grad):
            name = make_printable(p.label) or f"parameter {i}"
            raise ValueError(f"the gradient cannot be clipped: the grad of {name} is {p.grad!r}, not a finite number")
    return listed, array("d", [p.grad for p in listed])


def _set_gradient(parameters: list[Value], gradient: Sequence[float]) -> None:
    for p, derivative in zip(parameters, map(float, gradient), strict=True):
        p.grad = derivative
