"""Runs: stretches of a topological order in which the same operations are repeated, wired in the same way.

In a run, operation `start + t * period + b` is number b of iteration t. Each operand of number b lies, in iteration t,
at `first + stride * t`, where the numbers of operations are their positions in the order: a stride of 0 is an operand
that all iterations share, and one of a period is an operand of the same iteration, or of one before it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import groupby
from operator import eq, sub
from typing import Any, NamedTuple

from engine.op import Op

MIN_ITERATIONS = 4  # iterations of a run
NEAR = 16  # positions between an operand and its reader that tell apart operations that are wired differently
WINDOWS = (16, 128, 1024)  # lengths of the windows whose repetitions suggest periods
MAX_PERIODS = 4  # that are tried for each length
MAX_SHARE = 0.9  # of the operations that a run saves; with a larger one, no other is looked for
SPACE = 1 << 40  # leaves whose numbers, divided by this, differ are never the operands of one run


class Run(NamedTuple):
    """A run: its first position, the number of operations of an iteration, and the number of iterations."""

    start: int
    period: int
    iterations: int

    @property
    def end(self) -> int:
        """The position after its last operation."""
        return self.start + self.period * self.iterations

    @property
    def saved(self) -> int:
        """The number of operations besides those of one iteration."""
        return self.period * (self.iterations - 1)


def number_nodes(order: Sequence[Any], leaves: Mapping[Any, int]) -> tuple[list[Any], dict[Any, int]]:
    """The operations of an order, and the numbers of its nodes: positions, and below 0 those of the given leaves."""
    operations = [x for x in order if x.inputs]
    return operations, dict(leaves) | {x: i for i, x in enumerate(operations)}


def find_runs(
    operations: Sequence[Any], numbers: Mapping[Any, int], constant_operands: Collection[Op] = (), min_saved: int = 0
) -> list[Run]:
    """Disjoint runs in their order; each saves more than `min_saved` operations.

    Leaves without a number are constants, which may differ from iteration to iteration where they are operands of the
    operations in `constant_operands`.

    >>> from engine import Value
    >>> from engine.graph import toposort
    >>> x = [Value(i / 10, f"x_{i}") for i in range(10)]
    >>> total = x[0].sin()
    >>> for xi in x[1:]:
    ...     total = total + xi.sin()
    >>> operations, numbers = number_nodes(toposort(total), {xi: i - SPACE for i, xi in enumerate(x)})
    >>> find_runs(operations, numbers)
    [Run(start=1, period=2, iterations=9)]
    """
    codes = _codes(operations, numbers, constant_operands)
    found: list[Run] = []
    candidates = sorted(_stretches(codes, min_saved), key=lambda run: (-run.saved, run.period, run.start))
    for candidate in candidates:
        parts = [*_without(candidate, found)]
        while parts:
            part = _regular_part(parts.pop(), operations, numbers)
            if part.iterations >= MIN_ITERATIONS and part.saved > min_saved:
                found.append(part)
                parts = [*_without(candidate, found)]
    return sorted(found)


def operand_numbers(
    run: Run, operations: Sequence[Any], numbers: Mapping[Any, int]
) -> Iterator[tuple[int, int, list[Any]]]:
    """For each operand k of number b of an iteration: b, k, and its numbers in all iterations; constants themselves."""
    for b in range(run.period):
        column = [x.inputs for x in operations[run.start + b : run.end : run.period]]
        for k in range(len(column[0])):
            yield b, k, [numbers.get(inputs[k], inputs[k]) for inputs in column]


def _codes(operations: Sequence[Any], numbers: Mapping[Any, int], constant_operands: Collection[Op]) -> list[int]:
    """A code for each operation; operations that can stand at the same place of two iterations have equal ones."""
    interned: dict[Any, int] = {}
    codes: list[int] = []
    intern, get, append = interned.setdefault, numbers.get, codes.append
    for i, node in enumerate(operations):
        key: list[Any] = [node.op]
        for x in node.inputs:
            number = get(x)
            if number is None:
                key.append(None if node.op in constant_operands else x)
            elif number < 0:
                key.append(number // SPACE)
            else:
                key.append(min(i - number, NEAR))
        append(intern(tuple(key), len(interned)))
    return codes


def _stretches(codes: list[int], min_saved: int) -> list[Run]:
    """The longest runs of equal codes, for periods that equal windows suggest."""
    found: list[Run] = []
    ranks, length, tried = codes, 1, set[int]()
    for window in WINDOWS:
        while length < min(window, len(codes) // MIN_ITERATIONS):
            interned: dict[tuple[int, int], int] = {}
            ranks = [interned.setdefault(pair, len(interned)) for pair in zip(ranks, ranks[length:], strict=False)]
            length *= 2
        for period in _frequent_distances(ranks):
            if period not in tried:
                tried.add(period)
                found += _stretches_of(period, codes, min_saved)
        if any(run.saved > MAX_SHARE * len(codes) for run in found):
            break  # longer windows would hardly suggest more
    return found


def _stretches_of(period: int, codes: list[int], min_saved: int) -> Iterator[Run]:
    equal = bytes(map(eq, codes, codes[period:]))
    end = 0
    shortest = b"\1" * max((MIN_ITERATIONS - 1) * period, min_saved + 1)
    while (start := equal.find(shortest, end)) >= 0:
        end = equal.find(b"\0", start)
        end = len(equal) if end < 0 else end
        yield Run(start, period, (end - start) // period + 1)


def _frequent_distances(ranks: Sequence[int]) -> list[int]:
    """The distances between equal ranks that are the most frequent."""
    last: dict[int, int] = {}
    distances: list[int] = []
    for i, rank in enumerate(ranks):
        if rank in last:
            distances.append(i - last[rank])
        last[rank] = i
    return [distance for distance, _ in Counter(distances).most_common(MAX_PERIODS)]


def _without(run: Run, others: Sequence[Run]) -> Iterator[Run]:
    """The parts of a run that are outside of other runs, in whole iterations of their own."""
    begin = run.start
    for start, end in [*sorted((other.start, other.end) for other in others), (run.end, run.end)]:
        iterations = (min(start, run.end) - begin) // run.period
        if iterations >= MIN_ITERATIONS:
            yield Run(begin, run.period, iterations)
        begin = max(begin, end)


def _regular_part(run: Run, operations: Sequence[Any], numbers: Mapping[Any, int]) -> Run:
    """The most successive iterations in which every operand has a constant stride, or is a constant."""
    begin, end = 0, run.iterations
    for _, _, column in operand_numbers(run, operations, numbers):
        first, last = _longest_progression(column[begin:end])
        begin, end = begin + first, begin + last
    return Run(run.start + begin * run.period, run.period, end - begin)


def _longest_progression(column: list[Any]) -> tuple[int, int]:
    """The begin and end of the longest part of a column whose numbers are at a constant distance; all, of constants."""
    n = len(column)
    if n < 2 or not isinstance(column[0], int):  # as equal codes say, all are numbers or none is
        return 0, n
    distances = list(map(sub, column[1:], column))
    if distances.count(distances[0]) == n - 1:
        return 0, n
    best, begin = (0, 0), 0
    for _, group in groupby(distances):
        end = begin + len(list(group))
        best = max(best, (begin, end + 1), key=lambda part: part[1] - part[0])
        begin = end
    return best
