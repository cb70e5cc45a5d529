"""The arrays in which the values of loops lie, with an axis for the iterations before that of the rows.

The operations of an iteration that are one array, as the units of a layer, are together in one. Numbers of the rows,
of the parameters, and constants that are read at a regular distance are brought into this form beforehand.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import inf
from typing import NamedTuple

from engine.compiler.arrays.program import Array, Given
from engine.compiler.arrays.recovery import Recovery
from engine.compiler.repetition.bodies import CHEAP, Bodies, Body, read_from_memory
from engine.compiler.repetition.ends import COPY
from engine.compiler.repetition.formulas import INPUTS, PARAMETERS
from engine.compiler.repetition.places import Place
from engine.graph import toposort
from engine.symbolic.expression import Expression


@dataclass(eq=False)
class Memory:
    """An array of numbers, some side by side in columns; those of a loop for each iteration.

    Attributes:
        places: The place of each column, in iteration 0.
        varies: Whether there is an axis for the rows.
        elements: The iterations, from the first to the last for which there are numbers; None of straight code.
        table: Where the numbers come from, for each iteration: their indices among the rows, or the parameters, or if
            they are constants themselves; empty of values.
    """

    places: list[Place]
    varies: bool
    elements: range | None
    table: Sequence[Sequence[float]] = ()

    @property
    def width(self) -> int:
        """The number of columns."""
        return len(self.places)


class Slice(NamedTuple):
    """The numbers in a memory, or their adjoints, at `element + stride * t` in iteration t."""

    memory: Memory
    element: int
    stride: int
    adjoint: bool


class Memories:
    """All memory of a program.

    Attributes:
        rows, parameters: The arrays that it is given.
        has_rows: Whether there are inputs; without them, nothing varies from row to row.
        all: All memory.
        stored: The operations of each body whose values are stored.
    """

    def __init__(self, bodies: Bodies) -> None:
        self.bodies = bodies
        leaves = sorted(bodies.repeats.leaves.values())
        inputs, parameters = ([bodies.symbol(x) for x in leaves if x.array == array] for array in (INPUTS, PARAMETERS))
        self.rows = Array((len(inputs),), True, Given("rows"), inputs)
        self.parameters = Array((len(parameters),), False, Given("parameters"), parameters)
        self.has_rows = bool(inputs)
        self.all: list[Memory] = []
        self.stored = [[*_find_stored(body, bodies)] for body in bodies.bodies]
        self._columns: dict[int, tuple[Memory, int]] = {}
        self._windows: dict[tuple[int, Place], tuple[Memory, int]] = {}
        self._ranges = self._find_ranges()
        of_loops = {x.array for body in bodies.bodies if body.segment.run.iterations > 1 for x in body.segment.places}
        for i, body in enumerate(bodies.bodies):
            self._add_windows(i, body)
            self._add_values(i, body, of_loops)

    def leaves(self, array: int) -> Array:
        """The array of inputs or parameters."""
        return self.rows if array == INPUTS else self.parameters

    def find(self, i: int, place: Place) -> tuple[Slice, int] | None:
        """Where segment i finds a number: in which slice, and in which column; None if it is not known yet."""
        if window := self._windows.get((i, place._replace(adjoint=False))):
            return Slice(window[0], 0, 1, place.adjoint), window[1]
        if place.array not in self._columns:
            return None
        memory, column = self._columns[place.array]
        return Slice(memory, place.element, place.stride, place.adjoint), column

    def given(self, i: int, formulas: Sequence[Expression]) -> dict[Array, Slice | None]:
        """The arrays of the leaves of formulas of segment i, with their slices; last those of rows and parameters."""
        columns: dict[Slice | tuple[int, int], dict[int, Expression]] = defaultdict(dict)
        for x in toposort(*formulas):
            place = self.bodies.places.get(x)
            if place and (place.array >= 0 or place.stride or place.adjoint):
                found = self.find(i, place)
                unknown = columns[place.element, place.stride]
                key, column = found or ((place.element, place.stride), len(unknown))
                columns[key][column] = x
        given: dict[Array, Slice | None] = {}
        for slice_, used in columns.items():
            if isinstance(slice_, Slice):
                varies = self.has_rows if slice_.adjoint else slice_.memory.varies
                unused = (self.bodies.builder.symbol(f"unused_{len(given)}_{k}") for k in range(slice_.memory.width))
                members = [used.get(k, symbol) for k, symbol in enumerate(unused)]
                given[Array((len(members),), varies, Given("slice"), members)] = slice_
            elif used:
                given[Array((len(used),), self.has_rows, Given("values"), list(used.values()))] = None
        return given | {self.rows: None, self.parameters: None}

    def _find_ranges(self) -> dict[int, range]:
        """The elements of the arrays of values."""
        found: dict[int, range] = {}
        bodies = self.bodies
        read = [(place, bodies.iterations(i)) for places in bodies.readers.values() for i, place in places]
        written = [(x, body.segment.run.iterations) for body in bodies.bodies for x in body.segment.places]
        for place, n in (*read, *written):
            elements = place.range(n)
            known = found.get(place.array, elements)
            found[place.array] = range(min(known.start, elements.start), max(known.stop, elements.stop))
        return found

    def _add_windows(self, i: int, body: Body) -> None:
        """Memory for what a loop reads at a regular distance from leaves and constants; neighbours are together."""
        groups: dict[tuple[int, int], list[Place]] = defaultdict(list)
        for place in dict.fromkeys(x for row in body.segment.operands for x in row if isinstance(x, Place)):
            if place.array < 0 and place.stride:
                groups[max(place.array, PARAMETERS - 1), place.stride].append(place)
        constants, iterations = self.bodies.repeats.constants, range(body.segment.run.iterations)
        for (array, stride), places in groups.items():
            for window in [places] if array < PARAMETERS else _neighbours(places, abs(stride)):
                table = [
                    [constants[x.array][t] if x.is_constant else x.element + x.stride * t for x in window]
                    for t in iterations
                ]
                memory = Memory(window, array == INPUTS, iterations, table)
                self._windows.update({(i, x): (memory, column) for column, x in enumerate(window)})
                self.all.append(memory)

    def _first_parameters(self, body: Body) -> dict[Expression, float]:
        """The first parameter that each formula depends on within an iteration: the order of the units of a layer."""
        first: dict[Expression, float] = {}
        for x in toposort(*body.values):
            place = self.bodies.places.get(x)
            is_parameter = place is not None and place.array == PARAMETERS
            first[x] = place.element if place and is_parameter else min([first[y] for y in x.inputs], default=inf)
        return first

    def _add_values(self, i: int, body: Body, of_loops: set[int]) -> None:
        """Memory for the values of a segment, without those that are elements of the arrays of loops."""
        is_loop = body.segment.run.iterations > 1
        stored = [b for b in self.stored[i] if is_loop or body.segment.places[b].array not in of_loops]
        first = self._first_parameters(body)
        stored.sort(key=lambda b: first[body.values[b]])
        values = [body.values[b] for b in stored if body.values[b].inputs]
        recovery = Recovery([*self.given(i, values)], values)
        groups: dict[Array | int, list[tuple[int, int]]] = defaultdict(list)
        for b in stored:
            if body.values[b].inputs:
                array, address = recovery.place(body.values[b])
                groups[array].append((address, b))
            else:
                groups[b].append((0, b))
        for key, group in groups.items():
            places = [body.segment.places[b] for _, b in sorted(group)]
            elements = self._ranges[places[0].array]
            for place in places:
                known = self._ranges[place.array]
                elements = range(min(elements.start, known.start), max(elements.stop, known.stop))
            varies = key.varies if isinstance(key, Array) and not is_loop else self.has_rows
            memory = Memory(places, varies, elements if is_loop else None)
            self._columns.update({place.array: (memory, column) for column, place in enumerate(places)})
            self.all.append(memory)


def _find_stored(body: Body, bodies: Bodies) -> Iterator[int]:
    """The operations that another iteration or segment reads, and those that the backward pass reads from memory."""
    number = {x: b for b, x in enumerate(body.values) if x.inputs and x.op is not COPY}
    is_read = [place.array in bodies.readers for place in body.segment.places]
    kept = {x for x, b in number.items() if is_read[b] or x.op not in CHEAP}
    saved = {number[x] for x in read_from_memory([*body.increments.values()], kept)}
    yield from (b for b, read in enumerate(is_read) if read or b in saved)


def _neighbours(places: Sequence[Place], distance: int) -> Iterator[list[Place]]:
    """The places whose elements are one after another, no more than those of one iteration."""
    group: list[Place] = []
    for place in sorted(places):
        if group and (place.element != group[-1].element + 1 or len(group) == distance):
            yield group
            group = []
        group.append(place)
    yield group
