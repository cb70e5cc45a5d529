"""Lowering of a graph that repeats itself: each of its segments is a function, whose iterations are a loop.

The values of an operation in all iterations are consecutive in memory, and so are their adjoints. Stored are those that
another iteration or segment reads, and those that the backward pass reads, unless it can compute them again by a few
additions and multiplications.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from engine.compiler.ir import expand_operations
from engine.compiler.repetition.bodies import CHEAP, Bodies, Body, needed_operations, read_from_memory
from engine.compiler.repetition.formulas import INPUTS, PARAMETERS
from engine.compiler.repetition.places import Place
from engine.compiler.targets.llvm.basic_block import Context
from engine.compiler.targets.llvm.loops import LoopFunction, active_lanes, sum_of_lanes
from engine.compiler.targets.llvm.segment_function import Address, SegmentFunction
from engine.symbolic.expression import Expression

MIN_COPIED = 8  # numbers that are copied by a loop
BLOCK = 8  # doubles that are stored at once


@dataclass(frozen=True)
class LoweredBody:
    """The formulas of a body in primitives.

    Attributes:
        body: The body.
        values, adjoints: Its formulas.
        given: The place of each symbol.
        saved: The operations of an iteration that the backward pass reads from memory.
    """

    body: Body
    values: list[Expression]
    adjoints: dict[Place, Expression]
    given: dict[Expression, Place]
    saved: set[int]


def lower_body(body: Body, places: Mapping[Expression, Place], stored: Collection[int]) -> LoweredBody:
    """The formulas of a body in primitives; `stored` are the arrays that are in memory in any case."""
    new = expand_operations([*body.values, *body.adjoints.values()])
    values, adjoints = [new[x] for x in body.values], {place: new[x] for place, x in body.adjoints.items()}
    given = {new[symbol]: place for symbol, place in places.items() if symbol in new}
    number = {x: b for b, x in enumerate(values) if x.inputs}
    is_cheap = {x: x.op in CHEAP and body.values[b].op in CHEAP for x, b in number.items()}
    is_stored = {x: body.segment.places[b].array in stored for x, b in number.items()}
    saved = read_from_memory([*adjoints.values()], {x for x in number if is_stored[x] or not is_cheap[x]})
    return LoweredBody(body, values, adjoints, given, {number[x] for x in saved})


class SegmentKernel:
    """Writes the functions of all segments, and their calls in order."""

    def __init__(self, bodies: Bodies, context: Context, varies: bool, has_slopes: bool) -> None:
        self._bodies, self._context, self._varies, self._has_slopes = bodies, context, varies, has_slopes
        self._layout = context.layout
        self._region = self._layout.slots if varies else self._layout.uniform
        self._lowered = [lower_body(body, bodies.places, bodies.readers) for body in bodies.bodies]
        self._ranges: dict[tuple[int, bool], range] = {}
        self._offsets: dict[tuple[int, bool], int] = {(INPUTS, False): 0, (PARAMETERS, False): 0}
        self.definitions: list[str] = []
        self.operations = self.instructions = 0

    def generate(self) -> list[str]:
        """Make the definitions, and return the calls."""
        self._find_ranges()
        first = self._region.size
        for array in sorted(self._bodies.accumulated):
            self._offset(array, True)
        calls = [self._forward(lowered) for lowered in self._lowered]
        if self._has_slopes:
            calls.append(self._initialize(first))
            calls += [self._backward(lowered) for lowered in reversed(self._lowered) if lowered.adjoints]
        calls.append(self._results())
        return calls

    def _find_ranges(self) -> None:
        """The elements of each array, and of its adjoints."""
        for body in self._bodies.bodies:
            operands = (x for row in body.segment.operands for x in row if isinstance(x, Place))
            for place in (*operands, *body.segment.places):
                found = place.range(body.segment.run.iterations)
                for adjoint in (False, True):
                    known = self._ranges.get((place.array, adjoint), found)
                    both = range(min(known.start, found.start), max(known.stop, found.stop))
                    self._ranges[place.array, adjoint] = both

    def _offset(self, array: int, adjoint: bool) -> int:
        """The offset of element 0 of an array."""
        if (array, adjoint) not in self._offsets:
            constants = self._bodies.repeats.constants.get(array)
            if constants:
                first = self._layout.uniform.reserve(len(constants))
                self._layout.uniform.constants.update(enumerate(constants, first))
            else:
                elements = self._ranges[array, adjoint]
                first = self._region.reserve(len(elements)) - elements.start
            self._offsets[array, adjoint] = first
        return self._offsets[array, adjoint]

    def _address(self, place: Place) -> Address:
        in_slots = self._varies and place.is_varying
        return Address(self._offset(place.array, place.adjoint) + place.element, place.stride, in_slots)

    def _forward(self, lowered: LoweredBody) -> str:
        places = lowered.body.segment.places
        results = [
            (self._address(place), x)
            for b, (place, x) in enumerate(zip(places, lowered.values, strict=True))
            if place.array in self._bodies.readers or (self._has_slopes and b in lowered.saved)
        ]
        return self._define("forward", lowered, lowered.given, results)

    def _backward(self, lowered: LoweredBody) -> str:
        saved = {lowered.values[b]: lowered.body.segment.places[b] for b in lowered.saved}
        results = [(self._address(place), x) for place, x in lowered.adjoints.items()]
        return self._define("backward", lowered, lowered.given | saved, results)

    def _define(
        self,
        name: str,
        lowered: LoweredBody,
        given: Mapping[Expression, Place],
        results: Sequence[tuple[Address, Expression]],
    ) -> str:
        count = lowered.body.segment.run.iterations
        read = {x for symbol in needed_operations([x for _, x in results], given) for x in symbol.inputs}
        read.update(x for _, x in results)
        addresses = {x: self._address(place) for x, place in given.items() if x in read}
        function = SegmentFunction(self._context, self._varies, addresses)
        function.run(count, results, backward=name == "backward")
        self.operations += count * len(function.lines)
        return self._add_function(name, function)

    def _add_function(self, name: str, function: LoopFunction) -> str:
        function.write("ret void")
        name = f"{name}_{len(self.definitions)}"
        head = f"internal void @{name}(ptr noalias %slots, ptr noalias readonly %uniform, ptr %sums, i64 %n_active)"
        head = head if self._varies else head.replace(" noalias readonly", "").replace(" noalias", "")
        self.definitions.append(function.text(f"{head} noinline"))
        self.instructions += len(function.lines)
        return f"call void @{name}(ptr {self._memory}, ptr %uniform, ptr %sums, i64 %n_active)"

    @property
    def _memory(self) -> str:
        return "%slots" if self._varies else "%uniform"

    def _function(self) -> LoopFunction:
        return LoopFunction(self._context.width.rows if self._varies else 1)

    def _initialize(self, first: int) -> str:
        """Let the adjoints that are accumulated, which begin at `first`, be -0.0, and the seeds their constants."""
        f = self._function()
        n = sum(len(self._ranges[array, True]) for array in self._bodies.accumulated)
        begin = f.address_of(self._memory, str(first))

        def block(i: str, size: int) -> None:
            type = f.t if size == 1 else f"<{size} x double>"
            number = f.number(-0.0) if size == 1 else f"splat (double {LoopFunction(1).number(-0.0)})"
            f.write(f"store {type} {number}, ptr {f.address_of(begin, i)}, align 8")

        f.in_blocks(str(n), BLOCK if f.lanes == 1 else 1, block)
        for place, x in self._bodies.seeds.items():
            pointer = f.address_of(self._memory, str(self._address(place).offset))
            f.write(f"store {f.t} {f.number(x.value)}, ptr {pointer}, align 8")
        return self._add_function("initialize", f)

    def _results(self) -> str:
        """Copy the results to where they are read, or add them to the sums over rows."""
        f = self._function()
        results = [*self._bodies.outputs, *(self._bodies.slopes if self._has_slopes else ())]
        found = [self._address(x) if isinstance(x, Place) else x.value for x in results]
        i = 0
        while i < len(found):
            x, (n, step) = found[i], _equally_spaced(found, i)
            if isinstance(x, Address) and n >= MIN_COPIED:
                with f.loop("0", str(n)) as iteration:
                    index = f(f"add i64 {x.offset}, {f.product(iteration.i, str(step))}")
                    position = f(f"add i64 {iteration.i}, {i}")
                    self._write_result(f, self._load(f, x, index), position)
                i += n
            else:
                result = self._load(f, x, str(x.offset)) if isinstance(x, Address) else f.number(x)
                self._write_result(f, result, str(i))
                i += 1
        return self._add_function("results", f)

    def _load(self, f: LoopFunction, address: Address, index: str) -> str:
        """Load the number at an index of the memory of an address."""
        if address.in_slots:
            return f.load(self._memory, index, f.t)
        number = f.load("%uniform", index, "double")
        return f.broadcast(number) if self._varies else number

    def _write_result(self, f: LoopFunction, result: str, position: str) -> None:
        """Write a result to a position among the results, or add it to the sum there."""
        if not self._varies or not self._context.summed:
            place = f(f"add i64 {position}, {self._context.results_offset}")
            f.write(f"store {f.t} {result}, ptr {f.address_of(self._memory, place)}, align 8")
            return
        if f.lanes > 1:
            result = f(f"select {f.m} {active_lanes(f, '%n_active')}, {f.t} {result}, {f.t} {f.number(0.0)}")
        place = f.address_of("%sums", position, "double")
        total = f(f"fadd double {f(f'load double, ptr {place}, align 8')}, {sum_of_lanes(f, result)}")
        f.write(f"store double {total}, ptr {place}, align 8")


def _equally_spaced(found: Sequence[Address | float], i: int) -> tuple[int, int]:
    """The number of results from i on that are at a constant distance in memory, and this distance."""
    end, step = i + 1, 0
    while end < len(found):
        a, b = found[end - 1], found[end]
        if not isinstance(a, Address) or not isinstance(b, Address) or a.in_slots != b.in_slots:
            break
        if end > i + 1 and b.offset - a.offset != step:
            break
        step = b.offset - a.offset
        end += 1
    return end - i, step
