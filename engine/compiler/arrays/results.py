"""The results of a program one after another: as blocks of those that are together in arrays, and as text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from engine.compiler.arrays.printed.text import ROWS, Expressions, Operand, Text
from engine.compiler.arrays.program import Access, Array, Block
from engine.compiler.arrays.views import Views

MAX_PERIOD = 6  # of runs in the rows of a block
MAX_BLOCKS = 2  # for each block that there would be of results in another order
Place = tuple[Array, int] | None  # an element of an array; None of a result that is 0


class Run(NamedTuple):
    """Results that follow one another in an array, or zeros."""

    array: Array | None
    first: int
    width: int


class Repeated(NamedTuple):
    """Runs that are repeated: `row` is the first of `n` rows, strides lead from each of its runs to the next."""

    n: int
    row: Sequence[Run]
    strides: Sequence[int]


def find_blocks(places: Sequence[Place], views: Views) -> list[Block]:
    """The blocks of results in this order."""
    return [_block(x, views) for x in _find_repeated(places)]


def find_ordered_blocks(places: Sequence[Place], views: Views) -> tuple[list[Block], list[int] | None]:
    """The blocks of results in this order, or far fewer of whole arrays, and where in these each result is."""
    numbers = {array: i for i, array in enumerate(dict.fromkeys([place[0] for place in places if place]))}
    whole = sorted(set(places), key=lambda place: (numbers[place[0]], place[1]) if place else (len(numbers), 0))
    found, other = _find_repeated(places), _find_repeated(whole)
    if len(found) <= MAX_BLOCKS * len(other):
        return [_block(x, views) for x in found], None
    index = {place: i for i, place in enumerate(whole)}
    return [_block(x, views) for x in other], [index[place] for place in places]


def _find_repeated(places: Sequence[Place]) -> list[Repeated]:
    runs = _find_runs(places)
    found, start = list[Repeated](), 0
    while start < len(runs):
        n, period = 1, 1
        for candidate in range(1, MAX_PERIOD + 1):
            repetitions = _repetitions(runs, start, candidate)
            if repetitions > 1 and repetitions * candidate > n * period:
                n, period = repetitions, candidate
        row = runs[start : start + period]
        following = runs[start + period :] if n > 1 else row
        strides = [later.first - run.first for run, later in zip(row, following, strict=False)]
        found.append(Repeated(n, row, strides))
        start += n * period
    return found


def _block(repeated: Repeated, views: Views) -> Block:
    n, row, strides = repeated
    accesses = [
        None
        if run.array is None
        else views.resolve(Access(run.array, run.first, (stride, int(run.width > 1))), (n, run.width))
        for run, stride in zip(row, strides, strict=True)
    ]
    return Block(n, tuple(accesses), tuple([run.width for run in row]))


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


class Results:
    """Writes results, given the module of the library of arrays, and the texts of the arrays."""

    def __init__(self, module: str, expressions: Expressions) -> None:
        self._np, self._expressions = module, expressions

    def total(self, access: Access) -> str:
        """The sum of a value over all rows."""
        operand = self._expressions.operand(access, (1, 1))
        return f"{operand.text.atom}.sum()" if ROWS in operand.axes else f"len(rows) * {operand.text.atom}"

    def flat(self, blocks: Sequence[Block]) -> list[str]:
        """The parts of results that do not vary from row to row, each an array of one dimension."""
        parts, scalars = list[str](), list[str]()

        def end_scalars() -> None:
            if scalars:
                parts.append(f"{self._np}.array([{', '.join(scalars)}])")
                scalars.clear()

        for block in blocks:
            rows = [0] if block.n > 1 else []
            columns = [
                self._column(block, i, rows if width == 1 else [*rows, 1]) for i, width in enumerate(block.widths)
            ]
            if block.n > 1:
                text = columns[0].atom if len(columns) == 1 else self._join("column_stack", columns)
                columns = [Text(f"{text}.ravel()")]
            elif block.widths == (1,) and block.accesses[0]:
                scalars.append(columns[0].text)
                continue
            end_scalars()
            parts += [column.text for column in columns]
        end_scalars()
        return parts

    def each(self, blocks: Sequence[Block], n_values: int) -> str:
        """Results of each row: of the shape (rows,) if there is a single one, else (rows, results)."""
        if n_values == 1:
            return self._broadcast(self._operand(blocks[0], 0), [ROWS], (1, 1)).text
        parts = []
        for block in blocks:
            axes = [ROWS, 0, 1] if block.n > 1 else [ROWS, 1]
            columns = [self._column(block, i, axes) for i in range(len(block.widths))]
            text = columns[0] if len(columns) == 1 else Text(self._join("concatenate", columns, ", axis=-1"))
            parts.append(Text(f"{text.atom}.reshape(-1, {block.n * sum(block.widths)})") if block.n > 1 else text)
        if len(parts) == 1:
            return parts[0].text
        return self._join("concatenate", parts, ", axis=1") if parts else f"{self._np}.zeros((len(rows), 0))"

    def _join(self, function: str, parts: Sequence[Text], options: str = "") -> str:
        return f"{self._np}.{function}([{', '.join([part.text for part in parts])}]{options})"

    def _operand(self, block: Block, i: int) -> Operand:
        access = block.accesses[i]
        assert access is not None
        return self._expressions.operand(access, (block.n, block.widths[i]))

    def _column(self, block: Block, i: int, axes: Sequence[int]) -> Text:
        """Some columns of a block, with axes for its rows, if there are several, and for the columns."""
        sizes = (block.n, block.widths[i])
        if block.accesses[i]:
            return self._broadcast(self._operand(block, i), axes, sizes)
        shape = ["len(rows)" if d == ROWS else str(sizes[d]) for d in axes or [1]]
        return Text(f"{self._np}.zeros({format_shape(shape)})")

    def _broadcast(self, operand: Operand, axes: Sequence[int], sizes: tuple[int, int]) -> Text:
        """An operand with these axes; they have the length 1 if that is the size of the dimension."""
        text = operand.arranged(axes)
        if all(d in operand.axes or (d != ROWS and sizes[d] == 1) for d in axes):
            return text
        shape = format_shape(["len(rows)" if d == ROWS else str(sizes[d]) for d in axes])
        return Text(f"{self._np}.broadcast_to({text.text}, {shape})")


def format_shape(sizes: Sequence[str]) -> str:
    """A shape, which is a number if it has one dimension."""
    return sizes[0] if len(sizes) == 1 else f"({', '.join(sizes)})"
