"""Formulas as machine code, in LLVM's assembly language: what depends on the rows, and what is computed once.

The code is cut into functions of a few hundred instructions that hand numbers to each other through memory, since the
time that LLVM takes for one function grows faster than its length.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import groupby

from engine import ops
from engine.compiler.ir import IR, expand_operations, split_dots
from engine.compiler.targets.llvm.assembly import ONE_LANE, Body, Width
from engine.compiler.targets.llvm.basic_block import BasicBlock, Context, Sink
from engine.compiler.targets.llvm.layout import DotLoop, Layout, Region, SumLoop
from engine.compiler.targets.llvm.library import declaration, declared, each_lane
from engine.compiler.targets.llvm.loop_groups import LoopGroup, dot_groups, sum_groups
from engine.graph import depends_on, toposort
from engine.op import Op
from engine.symbolic.expression import Expression

MAX_FUNCTION_LENGTH = 300  # instructions
MAX_UNROLLED_TERMS = 16  # terms of a sum that is no loop
LOOP_VECTORS = 4  # vectors of rows at a time where most is done in loops: their turns then do not wait for each other


@dataclass(frozen=True)
class Plan:
    """What a kernel has to compute, before it is written.

    Attributes:
        symbols: All parts of the formulas, in order.
        sinks, sinks_once: The results of each row, and those that are computed once.
        loops, sum_loops: The dots, and the sums over rows, that are loops.
    """

    symbols: list[Expression]
    sinks: list[Sink]
    sinks_once: list[Sink]
    loops: dict[Expression, DotLoop]
    sum_loops: list[SumLoop]

    @property
    def is_mostly_loops(self) -> bool:
        """Whether the loops have more products than there is other work."""
        products = sum(loop.n for loop in self.loops.values()) + sum(loop.n for loop in self.sum_loops)
        return products > sum(bool(x.inputs) for x in self.symbols) - len(self.loops) + len(self.sinks)


def lower(ir: IR, machine_lanes: int, *, summed: bool, python_callback: Callable[[Op], str]) -> Kernel:
    """The code for the sums over rows of values and derivatives, or for the values of each row."""
    new, order, layout = _layout_of(ir, expand_operations(ir.results() if summed else ir.values))
    n_results = 1 + len(ir.derivatives) if summed else len(ir.values)
    results = (layout.uniform if summed else layout.slots).reserve(n_results)
    plan = _plan(ir, new, order, layout, summed)
    vectors = LOOP_VECTORS if plan.is_mostly_loops and machine_lanes > 1 else 1
    width = Width(machine_lanes * vectors, machine_lanes)
    given = len(ir.inputs), len(ir.parameters), n_results
    kernel = Kernel(plan, Context(layout, width, summed, results, python_callback), *given)
    kernel.write()
    return kernel


def _layout_of(
    ir: IR, new: Mapping[Expression, Expression]
) -> tuple[Mapping[Expression, Expression], list[Expression], Layout]:
    """The expanded formulas, without dots that no function could hold, their order, and where their numbers lie."""
    inputs, parameters = ([new.get(x) for x in leaves] for leaves in (ir.inputs, ir.parameters))
    given = [x for x in inputs if x is not None]
    order = toposort(*new.values())
    rows = depends_on(given, order)
    long = {x for x in order if x.op is ops.weighted_sum and len(x.inputs) > 2 * MAX_UNROLLED_TERMS}
    long -= set(Layout(inputs, parameters, rows).dot_loops(order))
    if long:
        shorter = split_dots(order, long, MAX_UNROLLED_TERMS)
        new = {x: shorter[y] for x, y in new.items()}
        order = toposort(*new.values())
        rows = depends_on(given, order)
    return new, order, Layout(inputs, parameters, rows)


def _plan(
    ir: IR,
    new: Mapping[Expression, Expression],
    order: Sequence[Expression],
    layout: Layout,
    summed: bool,
) -> Plan:
    sinks, once = _sinks(ir, new, layout.rows, summed)
    dot_loops = layout.dot_loops(order)
    sum_loops = layout.sum_loops(sinks) if summed else []
    in_loops = {loop.first + i for loop in sum_loops for i in range(loop.n)}
    sinks = [sink for sink in sinks if sink.position not in in_loops]
    needed = toposort(
        *(sink.symbol for sink in once + sinks), *(x for loop in sum_loops for x in (loop.u, *loop.others))
    )
    return Plan(needed, sinks, once, {x: dot_loops[x] for x in needed if x in dot_loops}, sum_loops)


def _sinks(
    ir: IR, new: Mapping[Expression, Expression], rows: Collection[Expression], summed: bool
) -> tuple[list[Sink], list[Sink]]:
    """What each row adds to the sums (or has as its values), and what is computed once."""
    values = [new[value] for value in ir.values]
    if not summed:
        return [Sink(i, value) for i, value in enumerate(values)], []
    sinks: tuple[list[Sink], list[Sink]] = ([], [])
    sinks[values[0] not in rows].append(Sink(0, values[0]))
    for k, derivative in enumerate(ir.derivatives, 1):
        parts = [new[part] for part in derivative.parts]
        once = [part for part in parts if part not in rows]  # both, if what depended on a row does so no more
        sinks[0].extend(Sink(k, part) for part in parts if part in rows)
        if once:
            sinks[1].append(Sink(k, reduce(operator.add, once)))
    return sinks


class Kernel:
    """The code for the sums over rows of values and derivatives, or for the values of each row; made by `lower`.

    Attributes:
        text: A module in LLVM's assembly language. Its functions are `once(parameters, uniform)` and
            `each(n, rows, uniform, slots, sums, results)`. For sums over rows, `begin(n, uniform, sums)` comes before
            `each`, and `run(n, rows, parameters, uniform, slots, totals)` does all.
        width: How many rows are worked on at a time.
        work: What it computes.
        context: What its functions share, and call.
        n_inputs, n_parameters: How many numbers it is given, for each row and once for all.
        n_results: How many sums there are, or how many values a row has.
        instructions: How long it is.
    """

    def __init__(self, plan: Plan, context: Context, n_inputs: int, n_parameters: int, n_results: int) -> None:
        self.plan, self.context = plan, context
        self.layout, self.width = context.layout, context.width
        self.n_inputs, self.n_parameters, self.n_results = n_inputs, n_parameters, n_results
        self.instructions = 0
        self.definitions: list[str] = []
        self.text = ""

    def write(self) -> None:
        """Write the text."""
        plan, rows = self.plan, self.layout.rows
        once = [x for x in plan.symbols if x.inputs and x not in rows]
        each = [x for x in plan.symbols if x.inputs and x in rows]
        for x in (*(x for symbol in each for x in symbol.inputs), *(sink.symbol for sink in plan.sinks)):
            if x.inputs and x not in rows:
                self.layout.uniform.offset_of(x)
        calls_once = [*self._lower_functions("once", once, plan.sinks_once, False)]
        calls_each = [
            *self._lower_functions("each", each, plan.sinks, True),
            *map(self._sum_call, sum_groups(plan.sum_loops, self.layout)),
        ]
        main = list(self._main(calls_once, calls_each))
        self.text = "\n".join([*self._declarations(), *self.definitions, *main])

    def _lower_functions(
        self, name: str, symbols: Sequence[Expression], sinks: Sequence[Sink], varies: bool
    ) -> Iterator[str]:
        """Write the functions that compute these symbols, and give the calls, in order."""
        region = self.layout.slots if varies else self.layout.uniform
        phases = self._phases(symbols)
        waiting: dict[Expression, list[Sink]] = {}
        for sink in sinks:
            waiting.setdefault(sink.symbol, []).append(sink)
        pieces: list[list[Expression] | DotLoop] = []
        piece: list[Expression] = []
        length = MAX_FUNCTION_LENGTH
        for symbol in sorted(symbols, key=phases.__getitem__):  # sorting keeps the order within a phase
            if symbol in self.plan.loops:
                pieces.append(self.plan.loops[symbol])
                length = MAX_FUNCTION_LENGTH
                continue
            if length >= MAX_FUNCTION_LENGTH:
                pieces.append(piece := [])
                length = 0
            piece.append(symbol)
            length += len(symbol.inputs) + 2 * len(waiting.get(symbol, ()))
        self._assign_offsets(pieces, region)
        done: set[Expression] = set()
        for _, group in groupby(pieces, type):
            together = list(group)
            loops = [piece for piece in together if isinstance(piece, DotLoop)]
            yield from (self._dot_call(group, varies) for group in dot_groups(loops, self.layout))
            for part in together:
                if not isinstance(part, DotLoop):
                    block = BasicBlock(self.context, varies)
                    for symbol in part:
                        block.compute(symbol)
                        for sink in waiting.get(symbol, ()):
                            block.put(sink)
                    yield self._define(f"{name}_{len(self.definitions)}", block)
                    done.update(part)
        rest = [sink for sink in sinks if sink.symbol not in done]
        for i in range(0, len(rest), MAX_FUNCTION_LENGTH):
            block = BasicBlock(self.context, varies)
            for sink in rest[i : i + MAX_FUNCTION_LENGTH]:
                block.put(sink)
            yield self._define(f"{name}_rest_{i}", block)

    def _phases(self, symbols: Sequence[Expression]) -> dict[Expression, int]:
        """When to compute what, so that loops come together: code in even phases, loops in odd ones."""
        phases: dict[Expression, int] = {}
        for symbol in symbols:
            is_loop = symbol in self.plan.loops
            before = max((phases.get(x, 0) for x in symbol.inputs), default=0)
            phases[symbol] = before + (before % 2 != is_loop)
        return phases

    def _assign_offsets(self, pieces: Sequence[list[Expression] | DotLoop], region: Region) -> None:
        """Give a place in memory to what one piece computes and another needs."""
        piece_of: dict[Expression, int] = {}
        for i, piece in enumerate(pieces):
            for symbol in [piece.symbol] if isinstance(piece, DotLoop) else piece:
                piece_of[symbol] = i
                for x in symbol.inputs:
                    if x.inputs and piece_of.get(x, i) != i:
                        region.offset_of(x)
            if isinstance(piece, DotLoop):
                region.offset_of(piece.symbol)

    def _define(self, name: str, block: BasicBlock) -> str:
        block.write("ret void")
        head = "ptr noalias readonly %in, ptr noalias %out, ptr noalias readonly %uniform, ptr noalias %sums"
        self.definitions.append(block.text(f"internal void @{name}({head}, i64 %live) noinline"))
        self.instructions += len(block.lines)
        memory = "%slots" if block.varies else "%uniform"
        return f"call void @{name}(ptr {memory}, ptr {memory}, ptr %uniform, ptr %sums, i64 %live)"

    def _dot_call(self, group: LoopGroup[DotLoop], varies: bool) -> str:
        loop, steps = group.loops[0], group.steps
        out, start, w = map(self._element, (varies, False, loop.w.varies), group.offsets)
        terms = (w, steps[2], loop.w.stride, self._element(loop.z.varies, loop.z.first), loop.z.stride, loop.n)
        name = "dots_of_slots" if loop.w.varies else "dots"
        return self._call(name, varies, out, steps[0], start, steps[1], *terms, len(group.loops))

    def _sum_call(self, group: LoopGroup[SumLoop]) -> str:
        loop, (first, u), steps = group.loops[0], group.offsets, group.steps
        factors = (self._element(True, u), steps[1], self._element(True, loop.z.first), loop.z.stride)
        sums = f"double, ptr %sums, i64 {first}"
        return self._call("products", True, sums, steps[0], *factors, loop.n, len(group.loops), "%live")

    def _element(self, varies: bool, offset: int) -> str:
        return f"{self.width.slot}, ptr %slots, i64 {offset}" if varies else f"double, ptr %uniform, i64 {offset}"

    def _call(self, name: str, varies: bool, *arguments: int | str) -> str:
        """A call of a loop with numbers, registers, and places in memory, whose addresses are found before it."""
        width = self.width if varies else ONE_LANE
        name = self.context.library(name, width)
        caller = Body(width.lanes, f"%c{self.instructions}_")
        given = []
        for argument in arguments:
            is_place = isinstance(argument, str) and "ptr" in argument
            given.append(f"ptr {caller(f'getelementptr {argument}')}" if is_place else f"i64 {argument}")
        self.instructions += len(caller.lines) + 1
        return "\n".join([*caller.lines, f"  call void @{name}({', '.join(given)})"]).strip()

    def _declarations(self) -> Iterator[str]:
        in_python = self.context.in_python
        yield from {name: declared(f"@{name}", n) for (name, _), n in in_python.items()}.values()
        for (name, width), n in in_python.items():
            yield each_lane(name, f"@{name}", n, width)
        for width, functions in self.context.called.items():
            yield from (declaration(name, width) for name in sorted(functions))

    def _main(self, once: Sequence[str], each: Sequence[str]) -> Iterator[str]:
        """The functions that are called from outside."""
        yield "define void @once(ptr noalias %parameters, ptr noalias %uniform) {"
        size = f"i64 {8 * self.n_parameters}"
        yield f"  call void @llvm.memcpy.p0.p0.i64(ptr align 8 %uniform, ptr align 8 %parameters, {size}, i1 false)"
        yield "  %sums = getelementptr double, ptr %uniform, i64 0"
        yield "  %live = add i64 0, 1"
        yield from (f"  {call}" for call in once)
        yield "  ret void\n}"
        yield "define void @each(i64 %n, ptr %rows, ptr %uniform, ptr %slots, ptr %sums, ptr %results) {"
        yield "  br label %head"
        yield "head:"
        yield "  %start = phi i64 [ 0, %0 ], [ %next, %body ]"
        yield "  %left = sub i64 %n, %start"
        yield "  %done = icmp sle i64 %left, 0"
        yield "  br i1 %done, label %exit, label %body"
        yield "body:"
        yield f"  %live = call i64 @llvm.smin.i64(i64 %left, i64 {self.width.lanes})"
        yield f"  %offset = mul i64 %start, {self.n_inputs}"
        yield "  %these = getelementptr double, ptr %rows, i64 %offset"
        rows, slots = "double, ptr %these, i64 0", self._element(True, 0)
        yield f"  {self._call('gather', True, slots, rows, self.n_inputs, '%live')}"
        yield from (f"  {call}" for call in each)
        if not self.context.summed:
            yield f"  %place = mul i64 %start, {self.n_results}"
            out, values = "double, ptr %results, i64 %place", self._element(True, self.context.results)
            yield f"  {self._call('scatter', True, out, values, self.n_results, '%live')}"
        yield f"  %next = add i64 %start, {self.width.lanes}"
        yield "  br label %head"
        yield "exit:\n  ret void\n}"
        if self.context.summed:
            sums, start = "double, ptr %sums, i64 0", self._element(False, self.context.results)
            yield "define void @begin(i64 %n, ptr %uniform, ptr %sums) {"
            yield f"  {self._call('begin', False, sums, start, self.n_results, '%n')}"
            yield "  ret void\n}"
            yield "define void @run(i64 %n, ptr %rows, ptr %parameters, ptr %uniform, ptr %slots, ptr %totals) {"
            yield "  call void @once(ptr %parameters, ptr %uniform)"
            yield "  call void @begin(i64 %n, ptr %uniform, ptr %totals)"
            yield "  call void @each(i64 %n, ptr %rows, ptr %uniform, ptr %slots, ptr %totals, ptr null)"
            yield "  ret void\n}"
