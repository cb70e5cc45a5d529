"""Groups of loops that one call runs: neighbours that read the same operands, like the units of a layer.

Their own operands and results must have constant strides from loop to loop.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from engine.compiler.targets.llvm.layout import DotLoop, Layout, SumLoop

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
    index = {loop.symbol: i for i, loop in enumerate(loops)}
    last_read = [max(index.get(x, -1) for x in loop.symbol.inputs) for loop in loops]

    def offsets(loop: DotLoop) -> Offsets:
        region = layout.slots if loop.symbol in layout.varying else layout.uniform
        return region.offsets[loop.symbol], layout.start_of(loop), loop.w.first

    return _groups(loops, lambda loop: (loop.z, loop.n, loop.w.varies, loop.w.stride), offsets, last_read)


def sum_groups(loops: Sequence[SumLoop], layout: Layout) -> Iterator[LoopGroup[SumLoop]]:
    """Groups of sums of products with the same z. The offsets are those of the sums and u."""
    last_read = [-1] * len(loops)
    return _groups(
        loops, lambda loop: (loop.z, loop.n), lambda loop: (loop.first, layout.slots.offsets[loop.u]), last_read
    )


def _groups(
    loops: Sequence[AnyLoop],
    shared: Callable[[AnyLoop], Hashable],
    offsets: Callable[[AnyLoop], Offsets],
    last_read: Sequence[int],
) -> Iterator[LoopGroup[AnyLoop]]:
    """Groups of neighbours that share operands, have constant steps, and do not depend on each other.

    `last_read` has, for each loop, the index of the last one whose result it reads, or -1.
    """
    i = 0
    while i < len(loops):
        first = offsets(loops[i])
        steps = (0,) * len(first)
        end = i + 1
        while end < len(loops) and shared(loops[end]) == shared(loops[i]) and last_read[end] < i:
            between = tuple(x - y for x, y in zip(offsets(loops[end]), offsets(loops[end - 1]), strict=True))
            if end > i + 1 and between != steps:
                break
            steps = between
            end += 1
        yield LoopGroup(list(loops[i:end]), first, steps)
        i = end
