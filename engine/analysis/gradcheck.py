"""Checking gradients by central differences: the change of the output for a small change of one leaf."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple

from engine import ops
from engine._support import checks
from engine.analysis.stale import stale_note
from engine.backprop import check_numbers
from engine.derivatives import grad
from engine.graph import toposort
from engine.sweep import compute_values

if TYPE_CHECKING:
    from engine.value import Value


def numerical_gradient(output: Value, inputs: Iterable[Value], step: float = 1e-5) -> list[float]:
    """The central differences (f(x + h) - f(x - h)) / 2h of the output, for each leaf x in inputs.

    h is `step`, times |x| where that is above 1; the error is of the order h² and of the rounding errors over h: about
    1e-10 for functions of ordinary size. The graph is recomputed on a copy of its numbers, and not changed.
    Raises ValueError if an input is not a variable, or the step is not above 0 or so small that x ± h are the same
    float, and DomainError if the function is not finite at x ± h.

    >>> from engine import Value
    >>> x = Value(3.0, "x")
    >>> [slope] = numerical_gradient(x * x, [x])
    >>> round(slope, 9)
    6.0
    """
    checks.value_error_unless(0.0 < step < math.inf, "the step must be a number above 0", step)
    order = toposort(output)
    check_numbers(order)
    slopes = []
    for x in inputs:
        if getattr(x, "op", None) is not ops.variable:
            raise ValueError(f"{x!r} is a result or a constant, not a variable: it cannot be changed by itself")
        h = step * max(1.0, abs(x.data))
        above, below = x.data + h, x.data - h
        if above == below:
            raise ValueError(
                f"a step of {step!r} is too small for {x!r}: the floats next to its number are farther away"
            )
        slopes.append(
            (compute_values(order, {x: above})[output] - compute_values(order, {x: below})[output]) / (above - below)
        )
    return slopes


class GradientCheck(NamedTuple):
    """The two derivatives of an output with respect to one leaf, and whether they agree."""

    input: Value
    backpropagated: float
    numerical: float
    agrees: bool


def check_gradients(
    output: Value, inputs: Iterable[Value] | None = None, *, step: float = 1e-5, tolerance: float = 1e-6
) -> list[GradientCheck]:
    """Backpropagation against central differences, for the given leaves or for every variable of the graph.

    Two derivatives agree if they differ by at most `tolerance`, times the larger of them where that is above 1.
    Errors as in `numerical_gradient`, and ValueError for a stale graph, whose output is not that of the leaves. No
    `grad` and no `data` is changed.

    >>> from engine import Value
    >>> x, y = Value(3.0, "x"), Value(2.0, "y")
    >>> all(check.agrees for check in check_gradients(x * y + x.exp()))
    True
    """
    if stale := stale_note(output):
        raise ValueError(stale)
    if inputs is None:
        inputs = [node for node in toposort(output) if node.op is ops.variable]
    leaves = list(inputs)
    results = []
    slopes = numerical_gradient(output, leaves, step)
    for x, exact, slope in zip(leaves, grad(output, leaves), slopes, strict=True):
        agrees = math.isclose(exact, slope, rel_tol=tolerance, abs_tol=tolerance)
        results.append(GradientCheck(x, exact, slope, agrees))
    return results
