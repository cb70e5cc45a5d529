"""Groups of loops that one call runs: neighbours that read the same operands, like the units of a layer.

Their own operands and results must have constant strides from loop to loop.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from engine.compiler.sequences import regular_parts
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
    """Groups of dots with the same z, which do not read each other. The offsets are those of result, start and w."""
    level: dict[Expression, int] = {}
    for loop in loops:
        level[loop.symbol] = 1 + max([level.get(x, 0) for x in loop.symbol.inputs])

    def offsets(loop: DotLoop) -> Offsets:
        region = layout.slots if loop.symbol in layout.varying else layout.uniform
        return region.offsets[loop.symbol], layout.start_of(loop), loop.w.first

    return _groups(loops, lambda loop: (level[loop.symbol], loop.z, loop.n, loop.w.varies, loop.w.stride), offsets)


def sum_groups(loops: Sequence[SumLoop], layout: Layout) -> Iterator[LoopGroup[SumLoop]]:
    """Groups of sums of products with the same z. The offsets are those of the sums and u."""
    return _groups(loops, lambda loop: (loop.z, loop.n), lambda loop: (loop.first, layout.slots.offsets[loop.u]))


def _groups(
    loops: Sequence[AnyLoop], shared: Callable[[AnyLoop], Hashable], offsets: Callable[[AnyLoop], Offsets]
) -> Iterator[LoopGroup[AnyLoop]]:
    """Groups of neighbours that share operands, and whose own are at constant steps."""
    rows: list[Offsets] = [offsets(loop) for loop in loops]
    for begin, end in regular_parts(map(shared, loops), [*zip(*rows, strict=True)]):
        second = rows[min(begin + 1, end - 1)]
        steps = tuple([y - x for x, y in zip(rows[begin], second, strict=True)])
        yield LoopGroup(list(loops[begin:end]), rows[begin], steps)
