"""Checking gradients by differences: the change of the output for small changes of one leaf, or of all of them.

A slope is extrapolated from central differences over a ladder of steps, which fits functions of every scale, with an
estimate of its error. A derivative is called wrong only where the slopes of all smaller steps contradict it, too.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterable, Mapping, Sequence
from enum import Enum
from sys import float_info
from typing import TYPE_CHECKING, Literal, NamedTuple

from engine import ops
from engine._support import checks
from engine._support.documented_fields import document_fields
from engine.analysis.finite_differences import (
    EPSILON,
    NO_SLOPE,
    SMALLEST,
    Line,
    Slope,
    check_step,
    check_variable,
    slopes,
)
from engine.analysis.stale import stale_note
from engine.backprop import backpropagate
from engine.graph import toposort
from engine.sweep import present_edges, reverse

if TYPE_CHECKING:
    from engine.value import Value

MIN_CONTRADICTIONS = 5  # as many steps in a row contradict a derivative before it is called wrong


class Undecided(Enum):
    """The third answer. It is neither true nor false: `bool` of it is a ValueError."""

    UNDECIDED = "undecided"

    def __bool__(self) -> bool:
        raise ValueError(
            "whether this derivative is right cannot be told: the output has a kink here, an edge of its domain, or too"
            " much rounding; see check.undecided, or check at other numbers"
        )

    def __repr__(self) -> str:
        return self.name


UNDECIDED = Undecided.UNDECIDED


@document_fields
class GradientCheck(NamedTuple):
    """The two derivatives of an output by one leaf, or along a direction, and whether they agree.

    A check is true or false as `agrees` is; `bool` of an undecided one is a ValueError.

    Attributes:
        input: The leaf; None for the derivative along a direction.
        backpropagated: The derivative by backpropagation.
        numerical: The derivative by differences; NaN if the output is not finite at any step.
        agrees: True or False; or UNDECIDED where differences cannot tell, as at a kink. That is neither true nor false:
            `if check` and `all(checks)` raise ValueError for it.
        error: The estimated error of `numerical`.

    >>> from engine import Value
    >>> x = Value(3.0, "x")
    >>> [check] = check_gradients(x * x)
    >>> check.backpropagated, round(check.numerical, 6), check.agrees
    (6.0, 6.0, True)
    """

    input: Value | None
    backpropagated: float
    numerical: float
    agrees: bool | Literal[Undecided.UNDECIDED]
    error: float

    def __bool__(self) -> bool:
        return bool(self.agrees)

    @property
    def undecided(self) -> bool:
        """Whether differences cannot tell if the derivatives agree."""
        return self.agrees is UNDECIDED


class Backpropagated(NamedTuple):
    """A derivative by backpropagation, its rounding error, and that of the output."""

    number: float
    rounding: float
    noise: float


class Contradictions:
    """The steps in a row at which differences contradict a derivative, down to those that drown in rounding."""

    def __init__(self) -> None:
        self._run: list[tuple[float, float]] = []  # down to the present step, each with the difference that it shows
        self._last_run: list[tuple[float, float]] = []  # down to rounding

    def add(self, slope: Slope, difference: float, is_contradicted: bool) -> bool:
        """Add the next step; return whether rounding hides whatever smaller ones would show."""
        self._run = [*self._run, (slope.h, difference)] if slope.is_central and is_contradicted else []
        least = min((shown for _, shown in self._last_run), default=0.0)
        if slope.is_central and 4.0 * (difference + slope.error) < least:
            self._last_run = []  # steps above the period of a function contradict a derivative that finer ones confirm
        if len(self._run) < MIN_CONTRADICTIONS or 64.0 * slope.error <= difference:
            return False
        self._last_run = self._run
        return 64.0 * slope.noise > difference

    def last(self) -> list[tuple[float, float]]:
        """The last ones: at least MIN_CONTRADICTIONS in a row, or none."""
        return (self._run if len(self._run) >= MIN_CONTRADICTIONS else self._last_run)[-MIN_CONTRADICTIONS:]


def compare(
    line: Line, exact: Backpropagated, tolerance: float, first: float | None
) -> tuple[Slope, bool | Literal[Undecided.UNDECIDED]]:
    """The derivative by differences, and whether the one by backpropagation agrees with it.

    One slope that is exact enough suffices to agree. To contradict, all slopes must, from some step down to those that
    drown in rounding: otherwise it is the output that changes its slope between the steps.
    """
    best, has_central, nearly, contradictions = NO_SLOPE, False, False, Contradictions()
    for slope in slopes(line, exact.noise, first):
        number, error = slope.number, slope.error
        if slope.is_better_than(best):
            best = slope
        if slope.is_central and not has_central:
            has_central, nearly = True, False
        scale, difference = abs(number), math.inf
        if math.isfinite(exact.number):
            scale, difference = max(abs(exact.number), scale), abs(exact.number - number)
        allowed = tolerance * scale
        # The digits of a derivative near 0, between larger slopes or of terms that cancel, are lost in rounding.
        lost = 1e3 * EPSILON * slope.bend + exact.rounding
        if not slope.has_kink and difference <= allowed + lost + error:
            is_zero = slope.is_central and exact.number == 0.0 and slope.is_flat and slope is best
            if slope.is_central and difference <= allowed + error and (error <= allowed or is_zero):
                return slope, True
            nearly = nearly or is_zero or error <= 10.0 * allowed + lost < math.inf
        is_contradicted = difference > max(allowed + lost + error, 4.0 * error, 4.0 * slope.sides)
        if contradictions.add(slope, difference, is_contradicted):
            break
        if slope.noise > 10.0 * max(scale, slope.bend, slope.change) and (exact.number or slope.bend):
            break
    last = contradictions.last()
    if last and line.is_well_conditioned() and all(line.is_steady(h, difference) for h, difference in last):
        return best, False
    return best, nearly or UNDECIDED


def rounding_of(order: Sequence[Value], derivatives: Mapping[Value, float]) -> float:
    """The rounding of the output to first order: that of every result times the derivative by it.

    (Linnainmaa, "Taylor expansion of the accumulated rounding error", 1976.) A weighted sum rounds its products.
    """
    total = SMALLEST
    for node in order:
        if node.inputs and (derivative := abs(derivatives[node])):
            rounding = EPSILON * abs(node.data) + SMALLEST
            if node.op.arity is None:
                n = len(node.inputs) // 2
                factors = zip(node.inputs[:n], node.inputs[n:], strict=False)
                rounding += sum(abs(EPSILON * w.data * x.data) for w, x in factors)
            total += derivative * rounding
    return math.inf if math.isnan(total) else total


def absolute_derivatives(order: Sequence[Value]) -> dict[Value, float]:
    """The absolute products of local derivatives, summed over all paths: derivatives round in proportion to these."""
    return reverse(
        order,
        present_edges,
        chain_rule=lambda _, derivative, edge: derivative * (abs(edge.local_derivative) + float_info.min),
        sum_rule=lambda _, terms: sum(terms) + float_info.min,  # so that EPSILON times it is the rounding of underflow
    )


def check_gradients(
    output: Value,
    inputs: Iterable[Value] | None = None,
    *,
    step: float | None = None,
    tolerance: float = 1e-6,
    fast_mode: bool = False,
    rng: random.Random | None = None,
) -> list[GradientCheck]:
    """Backpropagation against differences, for the given leaves or for every variable of the graph.

    Two derivatives agree if they differ by at most `tolerance` times the larger of them, and the estimated error of the
    difference. The steps fit each point; they begin with `step`, times |x| if that is above 1, if it is given. Where
    differences cannot tell, at a kink, at an edge of the domain, or where rounding hides the slope, the answer is
    neither True nor False but UNDECIDED: `check.undecided` is then True, and `all(check_gradients(y))` a ValueError. To
    go on without those, leave them out: `all(check for check in checks if not check.undecided)`. The list itself is
    true, whatever the checks found: it is `all` that reads them.

    With `fast_mode`, all leaves are moved at once, in a random direction drawn from `rng`, or else from the `random`
    module: a single check, whose `input` is None, for a graph of any number of leaves. It shows that a derivative is
    wrong, but not which. (So does `fast_mode` of PyTorch's `gradcheck`, and `check_grads` of JAX.)

    Results of `stop_gradient` are held at their numbers, also in the rules of operations: to derivatives, they are
    constants.

    No `grad` and no `data` is changed. Raises ValueError if an input is not a variable or not in the graph, for a stale
    graph, whose output is not that of the leaves, and if the step or the tolerance is not above 0; DomainError and
    TypeError as `backward` does.

    >>> from engine import Value
    >>> x, y = Value(3.0, "x"), Value(2.0, "y")
    >>> all(check_gradients(x * y + x.exp()))
    True
    >>> [check] = check_gradients(Value(0.0).relu())
    >>> check.agrees, check.undecided
    (UNDECIDED, True)
    """
    check_step(step)
    checks.value_error_unless(0.0 < tolerance < math.inf, "the tolerance must be a number above 0", tolerance)
    if stale := stale_note(output):
        raise ValueError(stale)
    order = toposort(output)
    leaves = [node for node in order if node.op is ops.variable] if inputs is None else list(inputs)
    present = set(order)
    for x in leaves:
        check_variable(x)
        if x not in present:
            raise ValueError(f"{x!r} is not in the graph of the output: was its number used in its place?")
    numbers = {node: node.data for node in order}
    derivatives = backpropagate(order, leaves)
    absolute, noise = absolute_derivatives(order), rounding_of(order, derivatives)
    draw = rng or random
    directions: list[dict[Value, float]] = [{x: 1.0} for x in leaves]
    if fast_mode and leaves:
        directions = [{x: draw.choice((-1.0, 1.0)) * draw.uniform(0.5, 1.5) for x in leaves}]
    results = []
    for direction in directions:
        number = sum(derivatives[x] * v for x, v in direction.items())
        rounding = 16.0 * EPSILON * sum(absolute.get(x, 0.0) * abs(v) for x, v in direction.items())
        of_leaves = EPSILON * sum(abs(derivatives[x] * x.data) for x in direction)
        exact = Backpropagated(number, rounding, math.inf if math.isnan(number) else noise + of_leaves)
        slope, agrees = compare(Line(order, numbers, direction), exact, tolerance, step)
        input = None if fast_mode else next(iter(direction))
        results.append(GradientCheck(input, number, slope.number, agrees, slope.error))
    return results
