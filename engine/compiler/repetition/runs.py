"""Runs: stretches of a topological order in which the same operations are repeated, wired in the same way.

In a run, operation `start + t * period + b` is number b of iteration t. Each operand of number b lies, in iteration t,
at `first + stride * t`, where the numbers of operations are their positions in the order: a stride of 0 is an operand
that all iterations share, and one of a period is an operand of the same iteration, or of one before it.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import compress, count
from operator import eq, ne, sub
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
        for part in _without(candidate, found):
            for run in _regular_parts(part, operations, numbers, min_saved):
                insort(found, run)
    return found


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


def _without(run: Run, others: Sequence[Run]) -> list[Run]:
    """The parts of a run that are outside of others, which are in order, in whole iterations of their own."""
    begin, found = run.start, list[Run]()
    first, last = bisect_right(others, begin, key=lambda other: other.end), bisect_left(others, (run.end,))
    for other in [*others[first:last], Run(run.end, 0, 0)]:
        iterations = (other.start - begin) // run.period
        if iterations >= MIN_ITERATIONS:
            found.append(Run(begin, run.period, iterations))
        begin = other.end
    return found


def _regular_parts(run: Run, operations: Sequence[Any], numbers: Mapping[Any, int], min_saved: int) -> Iterator[Run]:
    """The parts of a run in which every operand has a constant stride, or is a constant; an iteration is in one."""
    ends = {run.iterations - 1}  # the last iterations of parts
    for _, _, column in operand_numbers(run, operations, numbers):
        if isinstance(column[0], int):  # as equal codes say, all are numbers or none is
            distances = list(map(sub, column[1:], column))
            if distances.count(distances[0]) < len(distances):
                ends.update(compress(count(1), map(ne, distances[1:], distances)))
    begin = 0
    for end in sorted(ends):
        part = Run(run.start + begin * run.period, run.period, end - begin + 1)
        is_part = part.iterations >= MIN_ITERATIONS and part.saved > min_saved
        if is_part:
            yield part
        begin = end + is_part  # two parts may have an iteration in common
