"""Where values lie: arrays, whose elements are numbered by the iterations of a loop, and segments that use them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from engine.compiler.repetition.formulas import PARAMETERS
from engine.compiler.repetition.runs import Run
from engine.symbolic.expression import Expression


class Place(NamedTuple):
    """Element `element + stride * t` of an array in iteration t; if `adjoint`, of the array of its derivatives."""

    array: int
    element: int
    stride: int
    adjoint: bool = False

    @property
    def is_constant(self) -> bool:
        """Whether the array is one of constants."""
        return self.array < PARAMETERS

    @property
    def is_varying(self) -> bool:
        """Whether it may differ between rows: an input or a value, or an adjoint."""
        return self.array > PARAMETERS or self.adjoint

    def range(self, iterations: int) -> range:
        """The elements of all iterations, in ascending order."""
        last = self.element + self.stride * (iterations - 1)
        return range(min(self.element, last), max(self.element, last) + 1, abs(self.stride) or 1)


Operand = int | Place | Expression  # the number of an operation of the same iteration; a place; or a constant


@dataclass(frozen=True)
class Segment:
    """A loop, or straight code, which is a loop of one iteration.

    Attributes:
        run: Its operations.
        operands: Those of each operation of an iteration.
        places: Where each operation of an iteration has its value, if it is stored.
    """

    run: Run
    operands: list[list[Operand]]
    places: list[Place]


@dataclass(frozen=True)
class Repeats:
    """A graph as segments, in their order.

    Attributes:
        operations: The operations in their order.
        segments: The segments.
        outputs: The places of the outputs, or constants.
        leaves: The places of the inputs and parameters.
        constants: The elements of each array of constants.
        uniform: The arrays of which an element is the same for all rows, as far as they do not belong to a leaf.
    """

    operations: Sequence[Expression]
    segments: list[Segment]
    outputs: list[Place | Expression]
    leaves: Mapping[Expression, Place]
    constants: Mapping[int, list[float]]
    uniform: set[int]
