"""The memory layout of a kernel, and the loops that it makes possible.

There are two regions. `slots` has the values that vary from row to row, inputs first; a slot has a lane for each of the
rows that are processed at a time. `uniform` has the other values, as single doubles, parameters first. A value that is
only used in the function that computes it stays in a register, and is not given an offset.

A dot whose factors have a constant stride is a loop, and so are the derivatives with respect to the weights of a unit.
Therefore the factors of a long dot get consecutive offsets; these are the units of a layer.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from engine import ops
from engine.compiler.sequences import regular_parts
from engine.symbolic.expression import Expression

MIN_LOOP_LENGTH = 8  # products


@dataclass
class Region:
    """A region of memory in which offsets are assigned from the beginning."""

    size: int
    offsets: dict[Expression, int] = field(default_factory=dict)
    constants: dict[int, float] = field(default_factory=dict)  # by offset

    def reserve(self, n: int) -> int:
        """Assign n consecutive offsets, and return the first."""
        self.size += n
        return self.size - n

    def offset_of(self, symbol: Expression) -> int:
        """The offset of an expression, assigned when it is first asked for."""
        if symbol not in self.offsets:
            self.offsets[symbol] = self.reserve(1)
            if symbol.is_constant:
                self.constants[self.offsets[symbol]] = symbol.value
        return self.offsets[symbol]


@dataclass(frozen=True)
class StridedRange:
    """Values at a constant stride in memory."""

    varies: bool  # whether they are in `slots`, or in `uniform`
    first: int
    stride: int


@dataclass(frozen=True)
class DotLoop:
    """start + Σ w_i z_i, where w is in `uniform`, or in the same region as z."""

    symbol: Expression
    start: Expression | None
    w: StridedRange
    z: StridedRange
    n: int


@dataclass(frozen=True)
class SumLoop:
    """sums_i += u z_i, where `first` is the position of the first sum."""

    u: Expression
    first: int
    z: StridedRange
    factors: tuple[Expression, ...]  # z_i

    @property
    def n(self) -> int:
        """The number of products."""
        return len(self.factors)


class Layout:
    """The two regions, and the loops over them."""

    def __init__(
        self, inputs: Sequence[Expression | None], parameters: Sequence[Expression | None], varying: set[Expression]
    ) -> None:
        self.varying = varying  # from row to row
        self.slots = Region(len(inputs), {x: i for i, x in enumerate(inputs) if x is not None})
        self.uniform = Region(len(parameters), {p: i for i, p in enumerate(parameters) if p is not None})
        self._ranges: dict[tuple[Expression, ...], StridedRange] = {}
        self._negative_zero: int | None = None  # the offset of -0.0: x + -0.0 is x, even for -0.0

    def start_of(self, loop: DotLoop) -> int:
        """The offset of the term with which a dot starts."""
        if loop.start is not None:
            return self.uniform.offset_of(loop.start)
        if self._negative_zero is None:
            self._negative_zero = self.uniform.reserve(1)
            self.uniform.constants[self._negative_zero] = -0.0
        return self._negative_zero

    def _strided_parts(self, symbols: Sequence[Expression]) -> Iterator[tuple[int, int]]:
        """The begin and end of each part whose offsets are strided, or can become so, as it does not have any."""
        new: dict[Expression, int] = {}  # numbers instead of offsets
        varying, regions = self.varying, (self.uniform.offsets, self.slots.offsets)
        found = [regions[x in varying].get(x) for x in symbols]
        offsets = [new.setdefault(x, len(new)) if i is None else i for x, i in zip(symbols, found, strict=True)]
        return regular_parts([(x in varying, x in new) for x in symbols], [offsets])

    def assign_strided_range(self, symbols: tuple[Expression, ...]) -> StridedRange | None:
        """The range of these expressions, at consecutive offsets if they are new; None if it is not strided."""
        if found := self._ranges.get(symbols):  # the units of a layer read the same ones
            return found
        varies = symbols[0] in self.varying
        region = self.slots if varies else self.uniform
        if all(x.is_constant for x in symbols):
            first = region.reserve(len(symbols))
            region.constants.update(enumerate((x.value for x in symbols), first))
            return StridedRange(varies, first, 1)
        if next(self._strided_parts(symbols)) != (0, len(symbols)):
            return None
        offsets = [*map(region.offset_of, symbols)]
        found = self._ranges[symbols] = StridedRange(varies, offsets[0], offsets[1] - offsets[0])
        return found

    def dot_loops(self, order: Sequence[Expression]) -> dict[Expression, DotLoop]:
        """The loops among these expressions."""
        dots = [symbol for symbol in order if symbol.op is ops.weighted_sum]
        return {symbol: loop for symbol in dots if (loop := self._dot_loop(symbol))}

    def _dot_loop(self, symbol: Expression) -> DotLoop | None:
        """The loop of a dot, if it is long and its factors are strided."""
        weights, values, start = ops.dot_operands(symbol.inputs)
        if len(weights) < MIN_LOOP_LENGTH or not self.varying.isdisjoint(start):
            return None
        w = self.assign_strided_range(tuple(weights))
        z = self.assign_strided_range(tuple(values)) if w else None
        if w is None or z is None:
            return None
        if w.varies and not z.varies:
            w, z = z, w
        return DotLoop(symbol, start[0] if start else None, w, z, len(weights))

    def sum_loops(self, sums: Sequence[tuple[int, Expression]]) -> list[SumLoop]:
        """The loops among sums over rows, given with their positions: products of one factor with a strided range."""
        found = []
        i = 0
        while i < len(sums):
            u, others = _common_factor(sums, i)
            for begin, end in self._strided_parts(others) if u in self.varying else ():
                factors = tuple(others[begin:end])
                is_loop = len(factors) >= MIN_LOOP_LENGTH and factors[0] in self.varying
                if is_loop and (z := self.assign_strided_range(factors)):
                    self.slots.offset_of(u)
                    found.append(SumLoop(u, sums[i + begin][0], z, factors))
            i += max(1, len(others))
        return found


def _common_factor(sums: Sequence[tuple[int, Expression]], begin: int) -> tuple[Expression, list[Expression]]:
    """The factor that the most sums from `begin` on have in common, and their other factors."""
    position, first = sums[begin]
    common, end = set(first.inputs), begin
    while end < len(sums):
        k, symbol = sums[end]
        if symbol.op is not ops.multiply or k - position != end - begin or common.isdisjoint(symbol.inputs):
            break
        common.intersection_update(symbol.inputs)
        end += 1
    u = next((x for x in first.inputs if x in common), first)
    factors = [symbol.inputs for _, symbol in sums[begin:end]]
    return u, [y if x is u else x for x, y in factors]
