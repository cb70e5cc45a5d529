"""The loops of a graph: the formulas of one iteration of each segment, and of their derivatives."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

from engine.compiler.repetition.bodies import Bodies
from engine.compiler.repetition.differentiation import Differentiation, UnsupportedError
from engine.compiler.repetition.formulas import INPUTS, PARAMETERS
from engine.compiler.repetition.places import Repeats
from engine.compiler.repetition.segments import Repetition
from engine.symbolic.expression import Expression

# The last iterations that are not part of loops, as long as adjoints are constants there: none, those of one more
# reader, or of the readers in the few layers behind a loop. Each trial differentiates all bodies again.
PEELED = (0, 2, 8)


def differentiated(repeats: Repeats, wrt: Sequence[Expression] | None) -> Bodies | None:
    """The bodies of segments, with the adjoints for derivatives with respect to leaves.

    None where an iteration may reach an element at several strides. They need not compute the same bits.
    """
    bodies = Bodies(repeats)
    try:
        if wrt is not None:
            Differentiation(bodies, [repeats.leaves[x] for x in wrt]).run()
    except UnsupportedError:
        return None
    return bodies


def make_bodies(repetition: Repetition, wrt: Sequence[Expression] | None, *, summed: bool) -> Bodies | None:
    """The bodies, with the adjoints for derivatives with respect to leaves, which may be `summed` over rows.

    None without loops, and if they would not compute the same bits as the formulas of the whole graph.
    """
    for found, peeled in product(repetition.found, PEELED):
        repeats = repetition.cut(found, peeled)
        if repeats is None:
            continue
        bodies = Bodies(repeats)
        if wrt is None:
            return bodies
        differentiation = Differentiation(bodies, [repeats.leaves[x] for x in wrt])
        try:
            differentiation.run()
            differentiation.check_constants()
            kinds = {place.array for place in repeats.leaves.values()}
            if INPUTS in kinds and (summed or PARAMETERS in kinds):
                differentiation.check_varying()
        except UnsupportedError:
            continue
        return bodies
    return None
