"""Where the numbers of a compiled graph lie in memory, and which of them become loops.

There are two arrays. `slots` has the numbers that differ from row to row, `lanes` rows side by side; first the inputs.
`uniform` has those that do not, as plain doubles; first the parameters. What is only used near to where it is computed
stays in a register and has no place.

A dot whose factors lie at regular distances is a loop, and so are the derivatives of the weights that one unit has.
Hence the factors of a long dot are given places side by side: the units of a layer, without a word about layers.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from engine import ops
from engine.symbolic.expression import Expression

MIN_LOOP_LENGTH = 8


@dataclass
class Region:
    """An array that is given out from its beginning."""

    size: int
    offsets: dict[Expression, int] = field(default_factory=dict)
    constants: dict[int, float] = field(default_factory=dict)  # known before anything is computed

    def reserve(self, n: int) -> int:
        """The first of n new places side by side."""
        self.size += n
        return self.size - n

    def offset_of(self, symbol: Expression) -> int:
        """The place of a symbol, which is given one if it has none."""
        if symbol not in self.offsets:
            self.offsets[symbol] = self.reserve(1)
            if symbol.is_constant:
                self.constants[self.offsets[symbol]] = symbol.value
        return self.offsets[symbol]


@dataclass(frozen=True)
class StridedRange:
    """Numbers at regular distances in memory."""

    varies: bool  # whether they are slots, or uniform
    first: int
    stride: int


@dataclass(frozen=True)
class DotLoop:
    """start + Σ w_i z_i, where w is uniform or as z is."""

    symbol: Expression
    start: Expression | None
    w: StridedRange
    z: StridedRange
    n: int


@dataclass(frozen=True)
class SumLoop:
    """sums_i += u z_i, from the sum `first` on."""

    u: Expression
    first: int
    z: StridedRange
    others: tuple[Expression, ...]  # the z_i

    @property
    def n(self) -> int:
        """How many products there are."""
        return len(self.others)


class Layout:
    """The two arrays, and the loops that they make possible."""

    def __init__(
        self, inputs: Sequence[Expression | None], parameters: Sequence[Expression | None], rows: set[Expression]
    ) -> None:
        self.varying = rows  # the symbols that differ from row to row
        self.slots = Region(len(inputs), {x: i for i, x in enumerate(inputs) if x is not None})
        self.uniform = Region(len(parameters), {p: i for i, p in enumerate(parameters) if p is not None})
        self._negative_zero: int | None = None  # the place of -0.0, which changes nothing that is added to it

    def start_of(self, loop: DotLoop) -> int:
        """The place of what a dot begins with."""
        if loop.start is not None:
            return self.uniform.offset_of(loop.start)
        if self._negative_zero is None:
            self._negative_zero = self.uniform.reserve(1)
            self.uniform.constants[self._negative_zero] = -0.0
        return self._negative_zero

    def strided_range(self, symbols: Sequence[Expression]) -> StridedRange | None:
        """The run that these symbols are, side by side if they had no place yet; None if they are none."""
        varies = symbols[0] in self.varying
        if any((x in self.varying) != varies for x in symbols):
            return None
        region = self.slots if varies else self.uniform
        if all(x.is_constant for x in symbols):
            first = region.reserve(len(symbols))
            region.constants.update(enumerate((x.value for x in symbols), first))
            return StridedRange(varies, first, 1)
        offsets = [region.offsets.get(x) for x in symbols]
        if offsets[0] is None:
            if any(offset is not None for offset in offsets) or len(set(symbols)) < len(symbols):
                return None
            first = region.size
            for x in symbols:
                region.offset_of(x)
            return StridedRange(varies, first, 1)
        stride = (offsets[1] or 0) - offsets[0]
        if any(offset != offsets[0] + i * stride for i, offset in enumerate(offsets)):
            return None
        return StridedRange(varies, offsets[0], stride)

    def dot_loops(self, order: Sequence[Expression]) -> dict[Expression, DotLoop]:
        """All long dots of regular factors."""
        return {symbol: loop for symbol in order if (loop := self.dot_loop(symbol))}

    def dot_loop(self, symbol: Expression) -> DotLoop | None:
        """The loop that a symbol is, if it is a long dot of regular factors."""
        n = len(symbol.inputs) // 2
        if symbol.op is not ops.weighted_sum or n < MIN_LOOP_LENGTH:
            return None
        start = symbol.inputs[2 * n] if len(symbol.inputs) % 2 else None
        if start in self.varying:
            return None
        w = self.strided_range(symbol.inputs[:n])
        z = self.strided_range(symbol.inputs[n : 2 * n]) if w else None
        if w is None or z is None:
            return None
        if w.varies and not z.varies:
            w, z = z, w
        return DotLoop(symbol, start, w, z, n)

    def sum_loops(self, sums: Sequence[tuple[int, Expression]]) -> list[SumLoop]:
        """The loops among the sums, given by number: products of one factor with others side by side."""
        found = []
        i = 0
        while i < len(sums):
            u, others = _common_factor(sums, i)
            if u is not None and u in self.varying:
                for begin, end in self._contiguous(others):
                    z = self.strided_range(others[begin:end])
                    if z is not None:
                        self.slots.offset_of(u)
                        found.append(SumLoop(u, sums[i + begin][0], z, tuple(others[begin:end])))
            i += max(1, len(others))
        return found

    def _contiguous(self, symbols: Sequence[Expression]) -> Iterator[tuple[int, int]]:
        """The beginnings and ends of those parts, long enough for loops, that are runs of slots or can become runs."""
        begin = 0
        while begin < len(symbols):
            end, new = begin + 1, {symbols[begin]}
            while end < len(symbols) and self._continues(symbols, begin, end, new):
                new.add(symbols[end])
                end += 1
            if end - begin >= MIN_LOOP_LENGTH and symbols[begin] in self.varying:
                yield begin, end
            begin = end

    def _continues(self, symbols: Sequence[Expression], begin: int, end: int, new: set[Expression]) -> bool:
        """Whether the symbol at `end` continues the run from `begin` on, whose symbols are `new`."""
        if symbols[end] not in self.varying:
            return False
        first, second, last, offset = (self.slots.offsets.get(symbols[i]) for i in (begin, begin + 1, end - 1, end))
        if first is None or second is None or last is None or offset is None:
            return first is offset is None and symbols[end] not in new
        return offset - last == second - first


def _common_factor(sums: Sequence[tuple[int, Expression]], begin: int) -> tuple[Expression | None, list[Expression]]:
    """The factor that the most of the sums from `begin` on have in common, and their other factors."""
    best: tuple[Expression | None, list[Expression]] = (None, [])
    number, first = sums[begin]
    if first.op is not ops.multiply:
        return best
    for u in first.inputs:
        others = []
        for i in range(begin, len(sums)):  # no slice: it would be copied at every beginning
            k, symbol = sums[i]
            if k - number != i - begin or symbol.op is not ops.multiply or u not in symbol.inputs:
                break
            x, y = symbol.inputs
            others.append(y if x is u else x)
        if len(others) > len(best[1]):
            best = (u, others)
    return best
