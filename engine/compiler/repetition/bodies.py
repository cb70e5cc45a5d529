"""The formulas of one iteration of each segment, in which symbols stand for the operands in memory."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field

from engine import ops
from engine.compiler.formula_sweep import Contribution, sum_over_paths
from engine.compiler.repetition.ends import COPY
from engine.compiler.repetition.places import Operand, Place, Repeats, Segment
from engine.graph import toposort
from engine.symbolic.expression import Expression, ExpressionBuilder
from engine.symbolic.rewrites import exact

CHEAP = {ops.add, ops.subtract, ops.multiply, ops.negate, ops.square}  # computed again in the backward pass


@dataclass
class Body:
    """The formulas of an iteration.

    Attributes:
        segment: The segment.
        values: The value of each operation.
        adjoints: The new adjoint at each place to which the iteration adds; see `differentiation`.
        contributions: The terms of those sums, without the adjoints so far.
    """

    segment: Segment
    values: list[Expression]
    adjoints: dict[Place, Expression] = field(default_factory=dict)
    contributions: dict[Place, list[Contribution]] = field(default_factory=dict)

    @property
    def increments(self) -> dict[Place, Expression]:
        """The sum that the iteration adds to each adjoint."""
        return {place: sum_over_paths(terms) for place, terms in self.contributions.items()}


class Bodies:
    """The bodies of all segments.

    Attributes:
        repeats: The segments.
        bodies: One for each, in their order.
        places: The place of each symbol.
        readers: For each array that another iteration reads than the one that computes the element, or that has
            outputs: the places that are read, with the number of the segment; that of an output is one more.
        outputs: The places of the outputs, or constants.
        slopes: The derivatives of the single output: places, or constants.
        seeds: Adjoints with which the backward pass begins, and which are constants.
        accumulated: The arrays whose adjoints have to be -0.0 before it.
    """

    def __init__(self, repeats: Repeats) -> None:
        self.repeats, self.builder = repeats, ExpressionBuilder(exact, expand=False)
        self.places: dict[Expression, Place] = {}
        self._symbols: dict[Place, Expression] = {}
        self.bodies = [Body(segment, list(self._values(segment))) for segment in repeats.segments]
        self.outputs = [x if isinstance(x, Place) else self.builder.constant(x.value) for x in repeats.outputs]
        self.slopes: list[Place | Expression] = []
        self.seeds: dict[Place, Expression] = {}
        self.accumulated: set[int] = set()
        self.readers: dict[int, list[tuple[int, Place]]] = {}
        read: list[Sequence[Operand]] = [[x for row in segment.operands for x in row] for segment in repeats.segments]
        for i, operands in enumerate([*read, self.outputs]):
            for place in dict.fromkeys(x for x in operands if isinstance(x, Place)):
                self.readers.setdefault(place.array, []).append((i, place))

    def symbol(self, place: Place) -> Expression:
        """The symbol of the number at a place."""
        if place not in self._symbols:
            self._symbols[place] = symbol = self.builder.symbol(f"s{len(self._symbols)}")
            self.places[symbol] = place
        return self._symbols[place]

    def iterations(self, i: int) -> int:
        """The number of iterations of segment i, which may also be that of an output."""
        return self.repeats.segments[i].run.iterations if i < len(self.bodies) else 1

    def _values(self, segment: Segment) -> Sequence[Expression]:
        values: list[Expression] = []

        def operands(row: Sequence[Operand]) -> Iterator[Expression]:
            for x in row:
                if isinstance(x, int):
                    yield values[x]
                elif isinstance(x, Place):
                    yield self.symbol(x)
                else:
                    yield self.builder.constant(x.value)

        first = segment.run.start
        for operation, row in zip(self.repeats.operations[first:], segment.operands, strict=False):
            make = Expression if operation.op is COPY else ExpressionBuilder.make  # copies of constants are stored, too
            values.append(make(self.builder, operation.op, tuple(operands(row))))
        return values


def needed_operations(results: Sequence[Expression], given: Collection[Expression]) -> list[Expression]:
    """The operations that results are made of, in topological order, without those that are given."""
    order, needed = toposort(*results), set(results)
    for x in reversed(order):
        if x in needed and x not in given:
            needed.update(x.inputs)
    return [x for x in order if x in needed and x.inputs and x not in given]


def read_from_memory(results: Sequence[Expression], kept: Collection[Expression]) -> set[Expression]:
    """Those of the operations that are kept in memory from which results are made."""
    read = set(results)
    for x in needed_operations(results, kept):
        read.update(x.inputs)
    return read.intersection(kept)
