"""The order of results: one after another, as blocks of those that are together in arrays."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from engine.compiler.arrays.program import Access, Array, Block
from engine.compiler.arrays.views import Views

MAX_PERIOD = 6  # of runs in the rows of a block
Place = tuple[Array, int] | None  # an element of an array; None of a result that is 0


class Run(NamedTuple):
    """Results that follow one another in an array, or zeros."""

    array: Array | None
    first: int
    width: int


def find_blocks(places: Sequence[Place], views: Views) -> list[Block]:
    """The blocks of results in this order."""
    runs = _find_runs(places)
    blocks, start = [], 0
    while start < len(runs):
        n, period = 1, 1
        for candidate in range(1, MAX_PERIOD + 1):
            found = _repetitions(runs, start, candidate)
            if found > 1 and found * candidate > n * period:
                n, period = found, candidate
        row = runs[start : start + period]
        strides = [0] * period
        if n > 1:
            strides = [later.first - run.first for run, later in zip(row, runs[start + period :], strict=False)]
        accesses = [
            None
            if run.array is None
            else views.resolve(Access(run.array, run.first, (stride, int(run.width > 1))), (n, run.width))
            for run, stride in zip(row, strides, strict=True)
        ]
        blocks.append(Block(n, tuple(accesses), tuple([run.width for run in row])))
        start += n * period
    return blocks


def _find_runs(places: Sequence[Place]) -> list[Run]:
    runs: list[Run] = []
    for place in places:
        array, address = place or (None, 0)
        if runs:
            last = runs[-1]
            if last.array is array and (array is None or address == last.first + last.width):
                runs[-1] = Run(array, last.first, last.width + 1)
                continue
        runs.append(Run(array, address, 1))
    return runs


def _repetitions(runs: Sequence[Run], start: int, period: int) -> int:
    """How many times a row of so many runs is repeated, each run at a stride of its own."""
    row, following = runs[start : start + period], runs[start + period : start + 2 * period]
    if len(following) < period:
        return 1
    strides = [later.first - run.first for run, later in zip(row, following, strict=True)]
    n = 1
    while True:
        begin = start + n * period
        expected = [Run(x.array, x.first + n * stride, x.width) for x, stride in zip(row, strides, strict=True)]
        if list(runs[begin : begin + period]) != expected:
            return n
        n += 1
