"""The check of segments: run in their order, each operation finds its operands at the places that it reads."""

from __future__ import annotations

from collections.abc import Sequence

from engine.compiler.repetition.ends import COPY
from engine.compiler.repetition.places import Operand, Place, Repeats
from engine.symbolic.expression import Expression


def reads_what_is_stored(repeats: Repeats, outputs: Sequence[Expression]) -> bool:
    """Whether everything that is read, also as one of the outputs, has been stored before, and nothing else there.

    The segments are run with the operations themselves as values.
    """
    stored = {(place.array, place.element): x for x, place in repeats.leaves.items()}
    n_stored = len(stored)
    for segment in repeats.segments:
        run = segment.run
        for t in range(run.iterations):
            begin, values = run.start + t * run.period, list[Expression]()
            operations = repeats.operations[begin : begin + run.period]
            for x, row, (array, element, stride, _) in zip(operations, segment.operands, segment.places, strict=True):
                for y, operand in zip(x.inputs, row, strict=True):
                    if isinstance(operand, int):
                        found: Operand | None = values[operand] if operand < len(values) else None
                    elif not isinstance(operand, Place):
                        found = operand
                    elif operand.is_constant:
                        continue
                    else:
                        found = stored.get((operand.array, operand.element + operand.stride * t))
                    if found is not y:
                        return False
                values.append(x)
                stored[array, element + stride * t] = x.inputs[0] if x.op is COPY else x
        n_stored += run.period * run.iterations
    results = zip(repeats.outputs, outputs, strict=True)
    return len(stored) == n_stored and all(  # one value at each place has its adjoint
        stored.get((place.array, place.element)) is x for place, x in results if isinstance(place, Place)
    )
