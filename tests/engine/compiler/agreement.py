"""The engine's values and derivatives for some rows, and how near a program must come to them."""

import math
import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from functools import cached_property, reduce
from operator import add

from engine import DomainError, Op, Program, Value, forward, toposort
from engine.backprop import backpropagate
from engine.ops import constant
from engine.sweep import present_edges, reverse

PRECISION = 1e-12
COARSE = 2.0**-44  # the relative error of a coarse rounding, 512 times that of doubles
N_COARSE = 16  # computations with these: in fewer, errors of one number might cancel out in each
MARGIN = 4.0  # of their errors, which are a sample


def largest_magnitude(output: Value) -> float:
    """The largest absolute number of a forward and a backward pass: a value, an adjoint, or a contribution to one."""
    order = toposort(output)
    adjoints = backpropagate(order)
    numbers = [node.data for node in order if node.op is not constant] + list(adjoints.values())
    for node in order:
        data = [x.data for x in node.inputs]
        for i, x in enumerate(node.inputs):
            if x.op is not constant:
                numbers.append(adjoints[node] * node.op.local_derivative(i, node.data, data))
    return max(map(abs, numbers))


class Expected:
    """The engine's results for some rows: the values, their sum, and the sums of the derivatives by `wrt`.

    A program may add up in another order, and then its rounding errors are others. They are small beside the value of
    the row, or the largest derivative, or else no larger than those of the engine where it rounds more coarsely.
    """

    def __init__(
        self, output: Value, inputs: Sequence[Value], wrt: Sequence[Value], rows: Iterable[Sequence[float]]
    ) -> None:
        self._output, self._wrt = output, wrt
        self._points = [dict(zip(inputs, row, strict=True)) for row in rows]
        before = {x: x.data for x in inputs}
        results = [self._results_at(point) for point in self._points]
        self._move_to(before)  # the inputs keep their values
        self.values = [value for value, *_ in results]
        self.total, *self.gradient = _add_up(results, 1 + len(wrt))

    def _move_to(self, point: Mapping[Value, float]) -> None:
        for x, number in point.items():
            x.data = number
        forward(self._output)

    def _results_at(self, point: Mapping[Value, float]) -> list[float]:
        """The value at a point, and its derivatives."""
        self._move_to(point)
        derivatives = backpropagate(toposort(self._output))
        return [self._output.data, *(derivatives.get(x, 0.0) for x in self._wrt)]

    def assert_values(self, found: Iterable[float]) -> None:
        """Assert that these are the values, up to rounding, which is that of its row for each."""
        assert_rounded(found, self.values, map(abs, self.values), lambda: self._errors[0])

    def assert_sums(self, total: float, gradient: Iterable[float]) -> None:
        """Assert that these are the sums, up to rounding."""
        assert_rounded([total], [self.total], [abs(self.total)], lambda: self._errors[1])
        largest = max((abs(x) for x in self.gradient if math.isfinite(x)), default=0.0)
        assert_rounded(gradient, self.gradient, [largest] * len(self.gradient), lambda: self._errors[2])

    @cached_property
    def _errors(self) -> list[list[float]]:
        """The largest errors in some coarse computations: of each value, of their sum, and of each sum of derivatives.

        One that is not finite, as where a coarse computation overflows, does not tell how well a result is conditioned.
        """
        wanted = [self.values, [self.total], self.gradient]
        errors = [[0.0] * len(numbers) for numbers in wanted]
        for seed in range(N_COARSE):
            rng = random.Random(seed)
            with suppress(DomainError):  # at the edge of a domain, such as that of the arcsine of 1
                results = [coarse_results(self._output, self._wrt, point, rng) for point in self._points]
                total, *gradient = _add_up(results, 1 + len(self._wrt))
                for largest, found, exact in zip(
                    errors, ([row[0] for row in results], [total], gradient), wanted, strict=True
                ):
                    for i, (x, y) in enumerate(zip(found, exact, strict=True)):
                        if math.isfinite(x - y):
                            largest[i] = max(largest[i], abs(x - y))
        return errors


def _add_up(rows: Sequence[Sequence[float]], n: int) -> list[float]:
    """The sums of n columns, in the order of the rows."""
    return [reduce(add, [row[i] for row in rows], 0.0) for i in range(n)]


def coarse_results(
    output: Value, wrt: Sequence[Value], point: Mapping[Value, float], rng: random.Random
) -> list[float]:
    """The value and its derivatives, where each rounding has a larger error, of a sign at random: a change of a result
    tells how well it is conditioned. A result that is an operand or a whole number is not rounded.
    """

    def rounded(number: float, operands: Iterable[float] = ()) -> float:
        is_exact = (abs(number) < 2.0**53 and number.is_integer()) or abs(number) in map(abs, operands)
        return number if is_exact else number * (1.0 + rng.choice((-COARSE, COARSE)))

    def add_rounded(node: Value, contributions: list[float]) -> float:
        return reduce(lambda x, y: rounded(x + y), contributions)

    numbers: dict[Value, float] = {}
    order = toposort(output)
    for node in order:
        if node.inputs:
            operands = [numbers[x] for x in node.inputs]
            terms = map(rounded, operands) if node.op.arity is None else operands  # of a dot, whose terms are rounded
            numbers[node] = rounded(node.op(*terms), operands)
        else:
            numbers[node] = node.data if node.op is constant else rounded(point.get(node, node.data))
    derivatives = reverse(
        order,
        lambda node: present_edges(node, numbers),
        chain_rule=lambda node, derivative, edge: rounded(derivative * edge.local_derivative),
        sum_rule=add_rounded,
    )
    return [numbers[output], *(derivatives.get(x, 0.0) for x in wrt)]


def assert_near(numbers: Iterable[float], others: Iterable[float], bounds: float | Iterable[float]) -> None:
    """Assert that numbers are equal up to a bound, or one for each, or both NaN, or the same infinity."""
    found, wanted = list(numbers), list(others)
    limits = bounds if isinstance(bounds, Iterable) else [bounds] * len(found)
    for i, (x, y, bound) in enumerate(zip(found, wanted, limits, strict=True)):
        same = x == y or (math.isnan(x) and math.isnan(y))
        assert same or abs(x - y) <= bound < math.inf, (
            f"{i}: {x!r} differs from {y!r} by {abs(x - y):.3g}, not {bound:.3g}"
        )


def assert_rounded(
    found: Iterable[float], wanted: Sequence[float], scales: Iterable[float], errors: Callable[[], Iterable[float]]
) -> None:
    """Assert that numbers differ by at most 1e-12 of their scales, or else each by its error, then computed."""
    numbers, bounds = list(found), [PRECISION * x if math.isfinite(x) else 0.0 for x in scales]
    try:
        assert_near(numbers, wanted, bounds)
    except AssertionError:
        assert_near(numbers, wanted, [max(x, MARGIN * error) for x, error in zip(bounds, errors(), strict=True)])


def assert_agrees(
    program: Program,
    output: Value,
    inputs: Sequence[Value],
    wrt: Sequence[Value],
    rows: Sequence[Sequence[float]],
    threads: Iterable[int] = (1, 2),
) -> None:
    """Assert that a program has the engine's values and derivatives, for one row and for all."""
    truth = Expected(output, inputs, wrt, rows)
    values = program.each(rows)
    if program.backend == "python":
        assert [x.hex() for x in values] == [x.hex() for x in truth.values]
    truth.assert_values(values)
    for n in threads:
        truth.assert_sums(*program.sum_over(rows, threads=n))
    for row in rows[:1]:
        one = Expected(output, inputs, wrt, [row])
        one.assert_values([program(*row)])
        found, derivatives = program.value_and_grad(*row)
        one.assert_sums(found, derivatives)
        assert type(found) is float
        assert {type(x) for x in derivatives} <= {float}


def spread(n: int, width: int, low: float = -1.0, high: float = 1.0) -> list[list[float]]:
    """Rows that fill an interval evenly, all different."""
    step = math.sqrt(5.0) / 2.0 - 0.5  # the golden ratio, whose multiples are spread evenly
    return [[low + (high - low) * ((1 + i * width + j) * step % 1.0) for j in range(width)] for i in range(n)]


def operations(program: Program, *, gradient: bool = True) -> list[Op]:
    """The operation of each expression in the IR of a program."""
    ir = program._ir
    results = ir.results() if gradient else ir.values
    return [symbol.op for symbol in toposort(*results) if symbol.inputs]
