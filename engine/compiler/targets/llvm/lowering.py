"""Lowering of an IR to LLVM's assembly language: to functions that compute uniform values, and those of each row.

A function has a few hundred instructions, since the time that LLVM takes for a function grows faster than its
length; functions pass values to each other through memory.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import chain, groupby

from engine.compiler.ir import IR
from engine.compiler.repetition.loops import make_bodies
from engine.compiler.targets.llvm.assembly import ONE_ROW, Body, Width
from engine.compiler.targets.llvm.basic_block import BasicBlockFunction, Context, StoredResult
from engine.compiler.targets.llvm.layout import DotLoop, Layout, Region, SumLoop
from engine.compiler.targets.llvm.library import (
    declare_library_function,
    declare_scalar_function,
    mangled_name,
    vectorize,
)
from engine.compiler.targets.llvm.loop_groups import LoopGroup, dot_groups, sum_groups
from engine.compiler.targets.llvm.plan import Plan, make_plan
from engine.compiler.targets.llvm.segment_kernel import SegmentKernel
from engine.op import Op
from engine.symbolic.expression import Expression

MAX_FUNCTION_LENGTH = 300  # instructions
VECTORS_IN_LOOPS = 4  # that a kernel processes at a time if it is mostly loops: independent chains of additions

Segment = list[Expression] | DotLoop  # the body of a function, or a loop


def lower(ir: IR, machine_lanes: int, *, summed: bool, python_callback: Callable[[Op], str]) -> Kernel:
    """Lower an IR to a kernel for the sums over rows of values and derivatives, or for the values of each row."""
    kernel = _lower_repeats(ir, Width(machine_lanes, machine_lanes), summed, python_callback)
    if kernel:
        return kernel
    plan = make_plan(ir, summed=summed)
    vectors = VECTORS_IN_LOOPS if plan.is_mostly_loops and machine_lanes > 1 else 1
    width = Width(machine_lanes * vectors, machine_lanes)
    kernel = Kernel(plan, Context(plan.layout, width, summed, plan.results_offset, python_callback), ir)
    kernel.generate()
    return kernel


def _lower_repeats(ir: IR, width: Width, summed: bool, python_callback: Callable[[Op], str]) -> Kernel | None:
    """The kernel of a graph that repeats itself; None for another graph, and if loops would not compute the same."""
    slopes = ir.wrt if summed else ir.slopes
    bodies = make_bodies(ir.repetition, slopes, summed=summed) if ir.repetition else None
    if bodies is None:
        return None
    layout = Layout([None] * len(ir.inputs), [None] * len(ir.parameters), set())
    n_results = len(ir.values) if slopes is None else 1 + len(slopes)
    results_offset = (layout.uniform if summed else layout.slots).reserve(n_results)
    context = Context(layout, width, summed, results_offset, python_callback)
    kernel = Kernel(Plan(layout, results_offset, n_results, [], [], [], {}, []), context, ir)
    varies = bool(ir.inputs) or not summed
    segments = SegmentKernel(bodies, context, varies, slopes is not None)
    calls = segments.generate()
    kernel.definitions, kernel.instructions = segments.definitions, segments.instructions
    kernel.iterated = segments.operations
    kernel.once = 0 if varies else kernel.operations
    kernel.finish([] if varies else calls, calls if varies else [])
    return kernel


class Kernel:
    """A module in LLVM's assembly language that sums values and derivatives over rows, or computes each row's values.

    Attributes:
        text: The module. Its functions are `compute_uniform(parameters, uniform)` and
            `process_rows(n, rows, uniform, slots, sums, results)`. For sums over rows,
            `initialize_sums(n, uniform, sums)` is called between them, and
            `sum_rows(n, rows, parameters, uniform, slots, totals)` calls all three. The rows that are processed at a
            time are computed by `process_slots(n_active, uniform, slots, sums)`, from the inputs in `slots`.
        width: The number of rows that are processed at a time.
        plan, context: The plan of the kernel, and the callees of its functions.
        n_inputs, n_parameters: The number of inputs of a row, and of parameters.
        n_results: The number of sums, or of values of a row.
        instructions: The number of instructions.
        iterated: The number of instructions that the loops of a graph that repeats itself run for a row.
        once: The number of instructions that `compute_uniform` runs for all rows.
    """

    def __init__(self, plan: Plan, context: Context, ir: IR) -> None:
        self.plan, self.context = plan, context
        self.layout, self.width = context.layout, context.width
        self.n_inputs, self.n_parameters, self.n_results = len(ir.inputs), len(ir.parameters), plan.n_results
        self.instructions = self.iterated = self.once = 0
        self.definitions: list[str] = []
        self.text = ""

    def generate(self) -> None:
        """Generate the text."""
        plan = self.plan
        operations = [x for x in plan.symbols if x.inputs]
        uniform, varying = ([x for x in operations if (x in self.layout.varying) is varies] for varies in (False, True))
        if uniform:  # those that rows need are stored
            results = [result.symbol for result in plan.row_results]
            for x in chain(results, *(symbol.inputs for symbol in varying)):
                if x.inputs and x not in self.layout.varying:
                    self.layout.uniform.offset_of(x)
        uniform_calls = [*self._lower_functions("uniform", uniform, plan.uniform_results, False)]
        self.once = self.instructions
        row_calls = [
            *self._lower_functions("varying", varying, plan.row_results, True),
            *map(self._sum_call, sum_groups(plan.sum_loops, self.layout)),
        ]
        self.finish(uniform_calls, row_calls)

    def finish(self, uniform_calls: Sequence[str], row_calls: Sequence[str]) -> None:
        """Make the text, of functions that make these calls."""
        entry_points = list(self._entry_points(uniform_calls, row_calls))
        self.text = "\n".join([*self._declarations(), *self.definitions, *entry_points])

    @property
    def operations(self) -> int:
        """About how many operations a row takes: instructions, and products in loops."""
        return self.instructions + self.iterated + self.plan.products_in_loops

    @property
    def row_operations(self) -> int:
        """Those of them that each row takes: not what `compute_uniform` does once for all."""
        return self.operations - self.once

    def _lower_functions(
        self, name: str, symbols: Sequence[Expression], results: Sequence[StoredResult], varies: bool
    ) -> Iterator[str]:
        """Define the functions that compute these expressions, and yield the calls of functions and loops, in order."""
        results_of: dict[Expression, list[StoredResult]] = {}
        for result in results:
            results_of.setdefault(result.symbol, []).append(result)
        segments = self._partition(symbols, results_of)
        self._assign_offsets(segments, self.layout.slots if varies else self.layout.uniform)
        stored: set[Expression] = set()
        for _, adjacent in groupby(segments, type):
            segments_of_type = list(adjacent)
            loops = [segment for segment in segments_of_type if isinstance(segment, DotLoop)]
            yield from (self._dot_call(group, varies) for group in dot_groups(loops, self.layout))
            for segment in segments_of_type:
                if not isinstance(segment, DotLoop):
                    block = BasicBlockFunction(self.context, varies)
                    for symbol in segment:
                        block.compute(symbol)
                        for result in results_of.get(symbol, ()):
                            block.store_result(result)
                    yield self._define(f"{name}_{len(self.definitions)}", block)
                    stored.update(segment)
        rest = [result for result in results if result.symbol not in stored]
        for i in range(0, len(rest), MAX_FUNCTION_LENGTH):
            block = BasicBlockFunction(self.context, varies)
            for result in rest[i : i + MAX_FUNCTION_LENGTH]:
                block.store_result(result)
            yield self._define(f"{name}_rest_{i}", block)

    def _partition(
        self, symbols: Sequence[Expression], results_of: Mapping[Expression, Sequence[StoredResult]]
    ) -> list[Segment]:
        """Partition expressions into loops and the bodies of functions, with the loops next to each other."""
        if self.plan.dot_loops:
            phases: dict[Expression, int] = {}  # even phases have operations, odd ones loops
            for symbol in symbols:
                before = max([phases.get(x, 0) for x in symbol.inputs])
                phases[symbol] = before + (before % 2 != (symbol in self.plan.dot_loops))
            symbols = sorted(symbols, key=phases.__getitem__)  # a stable sort: topological within a phase
        segments: list[Segment] = []
        body: list[Expression] = []
        length = MAX_FUNCTION_LENGTH
        for symbol in symbols:
            if symbol in self.plan.dot_loops:
                segments.append(self.plan.dot_loops[symbol])
                length = MAX_FUNCTION_LENGTH
                continue
            if length >= MAX_FUNCTION_LENGTH:
                segments.append(body := [])
                length = 0
            body.append(symbol)
            length += len(symbol.inputs) + 2 * len(results_of.get(symbol, ()))
        return segments

    def _assign_offsets(self, segments: Sequence[Segment], region: Region) -> None:
        """Assign offsets to the results of loops, and to expressions that another segment reads."""
        segment_of: dict[Expression, int] = {}
        for i, segment in enumerate(segments):
            for symbol in [segment.symbol] if isinstance(segment, DotLoop) else segment:
                segment_of[symbol] = i
                for x in symbol.inputs:
                    if x.inputs and segment_of.get(x, i) != i:
                        region.offset_of(x)
            if isinstance(segment, DotLoop):
                region.offset_of(segment.symbol)

    def _define(self, name: str, block: BasicBlockFunction) -> str:
        block.write("ret void")
        head = "ptr noalias readonly %in, ptr noalias %out, ptr noalias readonly %uniform, ptr noalias %sums"
        self.definitions.append(block.text(f"internal void @{name}({head}, i64 %n_active) noinline"))
        self.instructions += len(block.lines)
        memory = "%slots" if block.varies else "%uniform"
        return f"call void @{name}(ptr {memory}, ptr {memory}, ptr %uniform, ptr %sums, i64 %n_active)"

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
        return self._call("outer_products", True, sums, steps[0], *factors, loop.n, len(group.loops), "%n_active")

    def _element(self, varies: bool, offset: int) -> str:
        return f"{self.width.slot}, ptr %slots, i64 {offset}" if varies else f"double, ptr %uniform, i64 {offset}"

    def _call(self, name: str, varies: bool, *arguments: int | str) -> str:
        """A call of a loop with integers, registers, and elements of arrays, whose addresses are computed before it."""
        width = self.width if varies else ONE_ROW
        name = self.context.record_call(name, width)
        caller = Body(width.rows, f"%c{self.instructions}_")
        given = []
        for argument in arguments:
            is_element = isinstance(argument, str) and "ptr" in argument
            given.append(f"ptr {caller(f'getelementptr {argument}')}" if is_element else f"i64 {argument}")
        self.instructions += len(caller.lines) + 1
        return "\n".join([*caller.lines, f"  call void @{name}({', '.join(given)})"]).strip()

    def _declarations(self) -> Iterator[str]:
        python_calls = self.context.python_calls
        yield from {name: declare_scalar_function(f"@{name}", n) for (name, _), n in python_calls.items()}.values()
        for (name, width), n in python_calls.items():
            yield vectorize(mangled_name(name, width), f"@{name}", n, width)
        for width, functions in self.context.library_calls.items():
            yield from (declare_library_function(name, width) for name in sorted(functions))

    def _entry_points(self, uniform_calls: Sequence[str], row_calls: Sequence[str]) -> Iterator[str]:
        """The functions that Python calls."""
        yield "define void @compute_uniform(ptr noalias %parameters, ptr noalias %uniform) {"
        size = f"i64 {8 * self.n_parameters}"
        yield f"  call void @llvm.memcpy.p0.p0.i64(ptr align 8 %uniform, ptr align 8 %parameters, {size}, i1 false)"
        yield "  %sums = getelementptr double, ptr %uniform, i64 0"
        yield "  %n_active = add i64 0, 1"
        yield from (f"  {call}" for call in uniform_calls)
        yield "  ret void\n}"
        yield "define void @process_slots(i64 %n_active, ptr %uniform, ptr %slots, ptr %sums) {"
        yield from (f"  {call}" for call in row_calls)
        yield "  ret void\n}"
        yield "define void @process_rows(i64 %n, ptr %rows, ptr %uniform, ptr %slots, ptr %sums, ptr %results) {"
        yield "  br label %head"
        yield "head:"
        yield "  %start = phi i64 [ 0, %0 ], [ %next, %body ]"
        yield "  %left = sub i64 %n, %start"
        yield "  %done = icmp sle i64 %left, 0"
        yield "  br i1 %done, label %exit, label %body"
        yield "body:"
        yield f"  %n_active = call i64 @llvm.smin.i64(i64 %left, i64 {self.width.rows})"
        yield f"  %offset = mul i64 %start, {self.n_inputs}"
        yield "  %these = getelementptr double, ptr %rows, i64 %offset"
        rows, slots = "double, ptr %these, i64 0", self._element(True, 0)
        yield f"  {self._call('rows_to_slots', True, slots, rows, self.n_inputs, '%n_active')}"
        yield "  call void @process_slots(i64 %n_active, ptr %uniform, ptr %slots, ptr %sums)"
        if not self.context.summed:
            yield f"  %place = mul i64 %start, {self.n_results}"
            out, values = "double, ptr %results, i64 %place", self._element(True, self.context.results_offset)
            yield f"  {self._call('slots_to_rows', True, out, values, self.n_results, '%n_active')}"
        yield f"  %next = add i64 %start, {self.width.rows}"
        yield "  br label %head"
        yield "exit:\n  ret void\n}"
        if self.context.summed:
            sums, start = "double, ptr %sums, i64 0", self._element(False, self.context.results_offset)
            yield "define void @initialize_sums(i64 %n, ptr %uniform, ptr %sums) {"
            yield f"  {self._call('initialize_sums', False, sums, start, self.n_results, '%n')}"
            yield "  ret void\n}"
            yield "define void @sum_rows(i64 %n, ptr %rows, ptr %parameters, ptr %uniform, ptr %slots, ptr %totals) {"
            yield "  call void @compute_uniform(ptr %parameters, ptr %uniform)"
            yield "  call void @initialize_sums(i64 %n, ptr %uniform, ptr %totals)"
            yield "  call void @process_rows(i64 %n, ptr %rows, ptr %uniform, ptr %slots, ptr %totals, ptr null)"
            yield "  ret void\n}"
