"""Operations that make one number of many."""

from __future__ import annotations

import math
import operator
import sys
from collections.abc import Iterable, Sequence
from functools import reduce
from typing import Any, TypeVar, overload

from engine.op import Op, T
from engine.ops.activations import sigmoid
from engine.ops.arithmetic import divide
from engine.ops.choices import greater, maximum, minimum, stop_gradient, where
from engine.ops.exponential import exp, log1p
from engine.registry import declare, declare_composite

Operand = TypeVar("Operand")


def dot_operands(inputs: Sequence[Operand]) -> tuple[Sequence[Operand], Sequence[Operand], Sequence[Operand]]:
    """The weights and the values of a dot, and its bias, if it has one.

    >>> dot_operands("wvxyb")
    ('wv', 'xy', 'b')
    """
    n = len(inputs) // 2
    return inputs[:n], inputs[n : 2 * n], inputs[2 * n :]


def _weighted_sum(*inputs: float) -> float:
    n = len(inputs) // 2
    products = map(operator.mul, inputs[:n], inputs[n:])
    # From left to right: `sum` rounds differently from Python 3.12 on.
    return reduce(operator.add, products, inputs[-1]) if len(inputs) % 2 else reduce(operator.add, products)


def _other_factor(i: int, z: Any, inputs: Sequence[Any]) -> Any:
    n = len(inputs) // 2
    return inputs[i + n] if i < n else inputs[i - n] if i < 2 * n else 1.0


weighted_sum = declare(Op("dot", "Σ", _weighted_sum, _other_factor, is_primitive=True))


@overload
def dot(weights: Iterable[T], values: Iterable[T] | Iterable[float], bias: T | float | None = None) -> T: ...
@overload
def dot(weights: Iterable[float], values: Iterable[T], bias: T | float | None = None) -> T: ...
@overload
def dot(weights: Iterable[float], values: Iterable[float], bias: T) -> T: ...
@overload
def dot(weights: Iterable[float], values: Iterable[float], bias: float | None = None) -> float: ...
@overload
def dot(weights: Iterable[Any], values: Iterable[Any], bias: Any = None) -> Any: ...
def dot(weights: Iterable[Any], values: Iterable[Any], bias: Any = None) -> Any:
    """The weighted sum of a unit as one node: a_i = Σ_j w_ij z_j, plus the bias if there is one (the paper's (24)).

    The node's inputs are the weights, then the values, then the bias. It is summed from the bias on, left to right.
    The local derivatives are ∂a/∂z_j = w_j, ∂a/∂w_j = z_j and ∂a/∂bias = 1.
    Raises ValueError without a weight, and unless there is one weight for each value.

    >>> from engine import Value
    >>> dot([0.5, -0.25], [Value(1.5), Value(-0.5)])
    Value(data=0.875, grad=0.0)
    """
    weights, values = tuple(weights), tuple(values)
    if len(weights) != len(values) or not weights:
        raise ValueError(f"dot needs one weight for each value: {len(weights)} weights and {len(values)} values given")
    return weighted_sum(*weights, *values, *(() if bias is None else (bias,)))


# fmt: off

logaddexp = declare_composite("logaddexp", "logaddexp",
    lambda x, y: maximum(x, y) + log1p(exp(-where(greater(x, y), x - y, where(greater(y, x), y - x, 0.0)))),
    lambda z, x, y: where(greater(-sys.float_info.max, z), 0.0, sigmoid(x - y)),
    lambda z, x, y: where(greater(-sys.float_info.max, z), 0.0, sigmoid(y - x)),
    doc="""log(e^x + e^y), without overflow. Where both are -∞, its derivatives are 0: neither adds anything.

    >>> logaddexp(1000.0, 0.0)
    1000.0
    """)
# fmt: on


@overload
def logsumexp(xs: Iterable[T]) -> T: ...
@overload
def logsumexp(xs: Iterable[float]) -> float: ...
@overload
def logsumexp(xs: Iterable[Any]) -> Any: ...
def logsumexp(xs: Iterable[Any]) -> Any:
    """log Σ_i e^x_i, without overflow: m + log Σ_i e^(x_i - m), where m is the largest x.

    The error is that of m, of adding up the powers besides e^0, and a few units in the last place. The derivatives are
    the numbers that `softmax` returns, and as exact; where x is -∞, it is 0. Raises ValueError without a number.

    >>> import math
    >>> logsumexp([1000.0, 0.0, 1000.0]) == 1000.0 + math.log(2.0)
    True
    >>> logsumexp([-math.inf, -math.inf, 0.5])
    0.5
    """
    numbers = _several(xs, "logsumexp")
    largest, powers = _shifted_powers(numbers)
    # The sum of the powers less 1, which is in it for each largest x.
    ones = [1.0 - greater(largest, x) for x in numbers]
    rest = reduce(operator.add, [power - one for power, one in zip(powers, ones, strict=True)])
    rest += reduce(operator.add, ones) - 1.0
    is_empty = greater(0.0, rest)
    return where(is_empty, -math.inf, largest + log1p(where(is_empty, 0.0, rest)))


@overload
def softmax(xs: Iterable[T]) -> list[T]: ...
@overload
def softmax(xs: Iterable[float]) -> list[float]: ...
@overload
def softmax(xs: Iterable[Any]) -> list[Any]: ...
def softmax(xs: Iterable[Any]) -> list[Any]:
    """p_i = e^x_i / Σ_j e^x_j for each i, without overflow: the largest x is subtracted from all.

    The relative error is that of rounding these differences, at most 2^-53 for each unit of them, that of adding up n
    powers, at most n · 2^-53, and a few units in the last place. Raises ValueError without a number, and DomainError if
    all are -∞.

    >>> softmax([1000.0, 0.0])
    [1.0, 0.0]
    """
    _, powers = _shifted_powers(_several(xs, "softmax"))
    total = reduce(operator.add, powers)
    return [divide(power, total) for power in powers]


def _shifted_powers(xs: Sequence[Any]) -> tuple[Any, list[Any]]:
    """The largest of the numbers, m, but finite, and e^(x - m) for each x; no gradient flows through m.

    Whatever m is, the sums and quotients that are made of the powers are the same.
    """
    m = stop_gradient(minimum(maximum(reduce(maximum, xs), -sys.float_info.max), sys.float_info.max))
    return m, [exp(x - m) for x in xs]


def _several(xs: Iterable[Any], name: str) -> list[Any]:
    numbers = list(xs)
    if not numbers:
        raise ValueError(f"{name} needs at least one number")
    return numbers
