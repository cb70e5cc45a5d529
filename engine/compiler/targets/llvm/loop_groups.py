"""Groups of loops that one call runs: neighbours that read the same operands, like the units of a layer.

Their own operands and results must have constant strides from loop to loop.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from engine.compiler.targets.llvm.layout import DotLoop, Layout, SumLoop
from engine.symbolic.expression import Expression

AnyLoop = TypeVar("AnyLoop", DotLoop, SumLoop)
Offsets = tuple[int, ...]


@dataclass(frozen=True)
class LoopGroup(Generic[AnyLoop]):
    """Loops of one call: the offsets of the operands of the first loop, and the steps to those of the next."""

    loops: list[AnyLoop]
    offsets: Offsets
    steps: Offsets


def dot_groups(loops: Sequence[DotLoop], layout: Layout) -> Iterator[LoopGroup[DotLoop]]:
    """Groups of dots with the same z. The offsets are those of the result, the start, and w."""

    def offsets(loop: DotLoop) -> Offsets:
        region = layout.slots if loop.symbol in layout.varying else layout.uniform
        return region.offsets[loop.symbol], layout.start_of(loop), loop.w.first

    return _groups(loops, lambda loop: (loop.z, loop.n, loop.w.varies, loop.w.stride), offsets)


def sum_groups(loops: Sequence[SumLoop], layout: Layout) -> Iterator[LoopGroup[SumLoop]]:
    """Groups of sums of products with the same z. The offsets are those of the sums and u."""
    return _groups(loops, lambda loop: (loop.z, loop.n), lambda loop: (loop.first, layout.slots.offsets[loop.u]))


def _groups(
    loops: Sequence[AnyLoop], shared: Callable[[AnyLoop], Hashable], offsets: Callable[[AnyLoop], Offsets]
) -> Iterator[LoopGroup[AnyLoop]]:
    """Groups of neighbours that share operands, have constant steps, and do not depend on each other."""
    i = 0
    while i < len(loops):
        first = offsets(loops[i])
        steps = (0,) * len(first)
        end, results = i + 1, _results(loops[i])
        while end < len(loops) and shared(loops[end]) == shared(loops[i]) and not _reads(loops[end], results):
            between = tuple(x - y for x, y in zip(offsets(loops[end]), offsets(loops[end - 1]), strict=True))
            if end > i + 1 and between != steps:
                break
            steps = between
            results |= _results(loops[end])
            end += 1
        yield LoopGroup(list(loops[i:end]), first, steps)
        i = end


def _results(loop: DotLoop | SumLoop) -> set[Expression]:
    """The results of a loop that other loops may read: a dot, but not sums over rows."""
    return {loop.symbol} if isinstance(loop, DotLoop) else set()


def _reads(loop: DotLoop | SumLoop, results: set[Expression]) -> bool:
    """Whether a loop depends on one of these results."""
    return isinstance(loop, DotLoop) and not results.isdisjoint(loop.symbol.inputs)
