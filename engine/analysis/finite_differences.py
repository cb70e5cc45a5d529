"""Derivatives by differences, extrapolated over a ladder of steps that fits functions of every scale."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from sys import float_info
from typing import TYPE_CHECKING, NamedTuple

from engine import ops
from engine._support import checks
from engine.backprop import check_numbers
from engine.graph import compute_values, depends_on, toposort
from engine.op import DomainError
from engine.sweep import present_edges, reverse
from engine.symbolic.held import evaluate_moved, has_held_result

if TYPE_CHECKING:
    from engine.value import Value

EPSILON, SMALLEST = float_info.epsilon, 5e-324  # the rounding of a result of 1, and of one that underflows
FIRST_STEP = 0.6180339887498949  # times the size of the number
# No power of e is a whole multiple of another, so that steps do not all meet the period of a function.
RATIO, LEAP, MAX_STEPS = math.e, math.e**11, 44  # of the steps of a ladder; leaps lead down to a tiny number
MIN_STEP = 32  # in distances between neighbouring floats
MAX_COLUMNS = 7  # of a table of extrapolations
AMPLIFICATION = 2.0  # of rounding errors by extrapolation, at most
MIN_KINK = 1e-3  # the least difference of the slopes on both sides, relative to the slope, that is called a kink
MAX_CONDITION = 1e12  # of an operation, above which its last digits are made of rounding


class Line:
    """The output as a function of t, where the leaves are x + t · v, for a direction v.

    The results of operations such as `stop_gradient` are held at their numbers: derivatives take them for constants.
    """

    def __init__(
        self, order: Sequence[Value], numbers: Mapping[Value, float], direction: Mapping[Value, float]
    ) -> None:
        self._order, self._numbers, self._direction = order, dict(numbers), direction
        moved = depends_on(direction, (node for node in order if not node.op.is_held))
        self._moved = [node for node in order if node in moved and node.inputs]
        self._with_held = {node for node in self._moved if has_held_result(node.op, len(node.inputs))}
        self._steps = [node for node in self._moved if not any(map(node.op.presence, range(len(node.inputs))))]
        self.size = max(abs(x.data) for x in direction)

    def numbers(self, t: float) -> dict[Value, float]:
        """The numbers of all nodes at t. Raises DomainError."""
        numbers = self._numbers.copy()
        for x, v in self._direction.items():
            numbers[x] = x.data + t * v
        for node in self._moved:
            moved = [numbers[x] for x in node.inputs]
            if node in self._with_held:
                numbers[node] = evaluate_moved(node.op, moved, [self._numbers[x] for x in node.inputs])
            else:
                numbers[node] = node.op.evaluate(moved, node.inputs)
        return numbers

    def output(self, t: float) -> float:
        """The output at t; NaN outside of its domain."""
        try:
            return self.numbers(t)[self._order[-1]] if math.isfinite(t) else math.nan
        except DomainError:
            return math.nan

    def exact_step(self, t: float) -> float:
        """The nearest step to t for which x + t is a float; along a direction of several leaves, t."""
        if len(self._direction) > 1:
            return t
        [x] = self._direction
        return (x.data + t) - x.data

    def derivatives(self, t: float) -> dict[Value, float]:
        """The derivatives at t by backpropagation, by all nodes that are reached. Raises DomainError."""
        numbers = self.numbers(t)
        return reverse(self._order, lambda node: present_edges(node, numbers))

    def derivative(self, t: float) -> float:
        """The derivative at t by backpropagation. Raises DomainError."""
        found = self.derivatives(t)
        return sum(found.get(x, 0.0) * v for x, v in self._direction.items())

    def is_steady(self, h: float, difference: float) -> bool:
        """Whether the derivative by backpropagation hardly changes within a step, compared with a difference of slopes.

        A slope is a mean of the derivative, and contradicts it only then, and where no step function such as `floor`
        changes.
        """
        try:
            for t in (h, -h):
                numbers = self.numbers(t)
                if any(numbers[node] != self._numbers[node] for node in self._steps):
                    return False
            here = self.derivative(0.0)
            changes = [self.derivative(t * h) - here for t in (1.0, -1.0, 0.7, -0.4, 0.3, -0.2)]
        except DomainError:
            return False
        most = max(0.1 * abs(here), 0.25 * difference)
        return abs(changes[0] + changes[1]) <= 0.5 * difference and all(abs(change) <= most for change in changes)

    def is_well_conditioned(self) -> bool:
        """Whether no operation makes its result of the last digits of an input, as sin(1e22) does.

        A period of such an operation may be shorter than the distance between neighbouring floats.
        """
        found = self.derivatives(0.0)
        return all(
            abs(edge.local_derivative * self._numbers[edge.input]) <= MAX_CONDITION * max(1.0, abs(self._numbers[node]))
            for node in self._moved
            if found.get(node)
            for edge in present_edges(node, self._numbers)
        )


class Extrapolation:
    """The limit of slopes for h → 0, by polynomials in h, or in h²: Richardson's extrapolation, in Neville's table."""

    def __init__(self, power: int) -> None:
        self._power = power
        self._steps: list[float] = []
        self._row: list[float] = []
        self._limit = math.nan

    def add(self, h: float, slope: float) -> tuple[float, float]:
        """The limit after one more slope, and its change against its neighbours in the table and the last limit."""
        row, limit, change = [slope], slope, math.inf
        for j, before in enumerate(self._row[: MAX_COLUMNS - 1]):
            ratio = min(self._steps[-1 - j] / h, 1e99) ** self._power
            row.append(row[j] + (row[j] - before) / (ratio - 1.0))
            found = max(abs(row[j + 1] - row[j]), abs(row[j + 1] - before))
            if found <= change:
                limit, change = row[j + 1], found
        change = max(change, abs(limit - self._limit))
        self._steps.append(h)
        self._row, self._limit = row, limit
        return limit, change


class Slope(NamedTuple):
    """The derivative by differences, from the steps down to h.

    Attributes:
        h: The last step.
        number: The derivative.
        change: Its change against those that were extrapolated before.
        noise: The error that rounding makes.
        sides: The difference of the derivatives from both sides.
        bend: The difference of the slopes of the last step to both sides.
        is_central: Whether the output has a value on both sides.
    """

    h: float
    number: float
    change: float = math.inf
    noise: float = 0.0
    sides: float = 0.0
    bend: float = 0.0
    is_central: bool = False

    @property
    def has_kink(self) -> bool:
        """Whether the derivatives from both sides differ, as far as these steps show."""
        return self.sides > max(MIN_KINK * abs(self.number), 0.1 * self.bend) + 16.0 * self.noise

    @property
    def error(self) -> float:
        """The estimated error of the derivative."""
        return max(2.0 * self.change + self.noise, self.sides if self.has_kink else 0.0)

    @property
    def is_flat(self) -> bool:
        """Whether the output is the same at the last steps."""
        return self.number == self.bend == self.change == 0.0

    @property
    def relative_error(self) -> float:
        """The error relative to the slopes, which is large where these are means over many periods; 0 if all are 0."""
        return 0.0 if self.is_flat else self.error / max(abs(self.number), self.bend, SMALLEST)

    def is_better_than(self, other: Slope) -> bool:
        """Whether it is more exact, or the first one, or the first that is central."""
        if math.isnan(other.number) or self.is_central > other.is_central:
            return True
        if self.is_flat:  # either constant, or as the steps are too small
            return self.is_central == other.is_central and self.error < other.error
        return self.is_central == other.is_central and self.relative_error < other.relative_error


NO_SLOPE = Slope(0.0, math.nan)


def ladder(size: float, first: float | None) -> Iterator[float]:
    """Smaller and smaller steps: from the size of the number or from 1 on; then from the size of a small number on."""
    smallest = MIN_STEP * math.ulp(size) if size else float_info.min
    h = (FIRST_STEP if first is None else first) * max(1.0, size)
    steps = [h * RATIO**-k for k in range(MAX_STEPS)]
    while (h := steps[-1] / LEAP) > max(size, float_info.min):
        steps.append(h)
    last = steps[-1]
    steps += [h for k in range(MAX_STEPS) if (h := FIRST_STEP * size * RATIO**-k) < last]
    return (h for h in steps if smallest <= h < math.inf)


def slopes(line: Line, noise: float, first: float | None) -> Iterator[Slope]:
    """The derivative at t = 0 as steps get smaller; `noise` is the rounding of the output.

    Central differences are extrapolated to h → 0 (Ridders, "Accurate computation of F'(x) and F'(x) F''(x)", 1982;
    Press et al., "Numerical Recipes", 3rd ed., Section 5.7), and so are differences to either side, which disagree at a
    kink. Where one side is outside of the domain, the other one stands alone.
    """
    here = line.output(0.0)
    central, right, left = Extrapolation(2), Extrapolation(1), Extrapolation(1)
    for h in ladder(line.size, first):
        up, down = line.exact_step(h), -line.exact_step(-h)
        above, below = line.output(up), line.output(-down)
        s_up, s_down = (above - here) / (up or math.nan), (here - below) / (down or math.nan)
        has_up, has_down = math.isfinite(s_up), math.isfinite(s_down)
        size = max((abs(y) for y in (here, above, below) if math.isfinite(y)), default=0.0)
        error = AMPLIFICATION * max(noise, EPSILON * size) / h
        if has_up and has_down:
            slope = s_up * (down / (up + down)) + s_down * (up / (up + down))
            sides = abs(right.add(up, s_up)[0] - left.add(down, s_down)[0])
            yield Slope(h, *central.add(h, slope), error, sides, abs(s_up - s_down), is_central=True)
            continue
        central = Extrapolation(2)
        if has_up:
            left = Extrapolation(1)
            yield Slope(h, *right.add(up, s_up), error)
        elif has_down:
            right = Extrapolation(1)
            yield Slope(h, *left.add(down, s_down), error)


def best_slope(line: Line) -> Slope:
    """The most exact derivative that differences give."""
    best = NO_SLOPE
    for slope in slopes(line, 0.0, None):
        if slope.is_better_than(best):
            best = slope
        if best.relative_error < 1e-11 or slope.relative_error > 1e3 * best.relative_error < 1e-3:
            break
    return best


def check_variable(x: Value) -> None:
    """Raise ValueError unless it is a variable."""
    if getattr(x, "op", None) is not ops.variable:
        raise ValueError(f"{x!r} is a result or a constant, not a variable: it cannot be changed by itself")


def check_step(step: float | None) -> None:
    """Raise ValueError unless it is a step."""
    checks.value_error_unless(step is None or 0.0 < step < math.inf, "the step must be a number above 0", step)


def numerical_gradient(output: Value, inputs: Iterable[Value], step: float | None = None) -> list[float]:
    """The derivatives of the output by differences, for each leaf x in inputs.

    Without a `step`, central differences of smaller and smaller steps are extrapolated, until their estimated error is
    smallest: about 1e-11 of the slope for functions of ordinary size. Near an edge of the domain they are one-sided.
    With a `step`, it is the central difference (f(x + h) - f(x - h)) / 2h, where h is the step, times |x| if that is
    above 1: its error is of the order h², and of the rounding errors over h.
    The graph is recomputed on a copy of its numbers, and not changed; results of `stop_gradient` keep theirs. A leaf
    that is not in it has the derivative 0.
    Raises ValueError if an input is not a variable, or the step is not above 0 or so small that x ± h are the same
    float, and DomainError if the function is not finite at x ± h, or without a step, beside x at all.

    >>> from engine import Value
    >>> x = Value(1e-6, "x")
    >>> [slope] = numerical_gradient(x.log(), [x])
    >>> round(slope, 3)
    1000000.0
    """
    check_step(step)
    order = toposort(output)
    check_numbers(order)
    numbers = compute_values(order, {})
    found = []
    for x in inputs:
        check_variable(x)
        line = Line(order, numbers, {x: 1.0})
        if step is None:
            slope = best_slope(line).number
            if math.isnan(slope):
                raise DomainError(f"the output is not finite beside {x!r}: a difference cannot be taken there")
        else:
            h = step * max(1.0, abs(x.data))
            above, below = x.data + h, x.data - h
            if above == below:
                raise ValueError(
                    f"a step of {step!r} is too small for {x!r}: the floats next to its number are farther away"
                )
            slope = (line.numbers(h)[output] - line.numbers(-h)[output]) / (above - below)
        found.append(slope)
    return found
