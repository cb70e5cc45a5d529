"""The rule by which a program is written as loops, and not in matrices."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from engine import ops
from engine.compiler.arrays.chains import SCANS
from engine.compiler.ir import IR
from engine.compiler.repetition.bodies import Bodies
from engine.compiler.repetition.loops import differentiated
from engine.compiler.repetition.places import Place, Repeats, Segment
from engine.symbolic.expression import Expression

MIN_ITERATIONS = 16  # fewer are written one after another


def find_loops(ir: IR, wrt: Sequence[Expression] | None) -> Bodies | None:
    """The loops of a graph, of which one carries results to its next iteration; None if there is not one.

    Running sums, products and extremes are carried, too, but they are sums and scans of arrays.
    """
    if ir.repetition is None:
        return None
    for found in ir.repetition.found_for_arrays:
        repeats = ir.repetition.cut_for_arrays(found)
        if repeats and not any(is_carried(repeats, segment) for segment in repeats.segments):
            return None
        if repeats and (bodies := differentiated(repeats, wrt)):
            return bodies
    return None


def is_carried(repeats: Repeats, segment: Segment) -> bool:
    """Whether an iteration needs results of the one before, for more than running sums, products and extremes."""
    run = segment.run
    if run.iterations < MIN_ITERATIONS:
        return False
    operations = [x.op for x in repeats.operations[run.start : run.start + run.period]]
    number = {place.array: b for b, place in enumerate(segment.places)}
    reads = [[number.get(x.array) if isinstance(x, Place) else x for x in row] for row in segment.operands]
    operands = [[x for x in row if isinstance(x, int)] for row in reads]
    for circle in find_circles(operands):
        found = {ops.add if x is ops.weighted_sum else x for x in (operations[b] for b in circle)}
        if len(found) > 1 or not found.issubset(SCANS):
            return True
        for b in circle:
            inside = [k for k, x in enumerate(reads[b]) if x in circle]
            is_factor = operations[b] is ops.weighted_sum and inside[0] < 2 * (len(reads[b]) // 2)
            if len(inside) > 1 or is_factor:
                return True
    return False


def find_circles(operands: Sequence[Sequence[int]]) -> Iterator[set[int]]:
    """The operations that depend on each other, given the operands of each.

    >>> list(find_circles([[0, 2], [0], [1], [2]]))
    [{0, 1, 2}]
    """
    reached = [0] * len(operands)  # bits
    changes = True
    while changes:
        changes = False
        for b, row in enumerate(operands):
            found = reached[b]
            for x in row:
                found |= reached[x] | 1 << x
            changes |= found != reached[b]
            reached[b] = found
    rest = {b for b in range(len(operands)) if reached[b] >> b & 1}
    while rest:
        b = min(rest)
        circle = {x for x in rest if reached[b] >> x & 1 and reached[x] >> b & 1}
        yield circle
        rest -= circle
