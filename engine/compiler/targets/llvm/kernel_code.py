"""The machine code of a kernel, with all that is needed to run it: lowered and compiled, or found on disk."""

from __future__ import annotations

import marshal
from typing import NamedTuple

from engine.compiler.garbage_collection import garbage_collection_paused
from engine.compiler.ir import IR
from engine.compiler.targets.llvm import code_cache, jit
from engine.compiler.targets.llvm.assembly import Width
from engine.compiler.targets.llvm.lowering import Kernel, lower

# How often a call runs each instruction of loops that are optimized. With 6 iterations of 4,000 operations, this takes
# longer than all else.
MIN_ITERATED = 10


class KernelCode(NamedTuple):
    """The code of a kernel.

    Attributes:
        object_file: The functions of `Kernel.text`.
        library: The functions of the library that they call, by width: rows, lanes, names.
        calls_python: Whether they call functions of Python.
        rows_at_a_time: The number of rows that are processed at a time.
        n_inputs, n_results, n_slots, n_uniform: The numbers of inputs and results, and the sizes of the memory.
        results_offset: The offset of the first result.
        constants: Numbers in the uniform memory, by offset.
        operations: About how many operations one row takes.
        row_operations: Those of them that each further row takes.
        unoptimized: The number of instructions that were not optimized, but could be.
    """

    object_file: bytes
    library: list[tuple[int, int, list[str]]]
    calls_python: bool
    rows_at_a_time: int
    n_inputs: int
    n_results: int
    n_slots: int
    n_uniform: int
    results_offset: int
    constants: dict[int, float]
    operations: int
    row_operations: int
    unoptimized: int


def lower_for_host(ir: IR, *, many: bool, summed: bool) -> Kernel:
    """Lower an IR for this machine, with a lane for each of `many` rows, or for one row."""
    lanes = jit.machine_lanes() if many else 1
    with garbage_collection_paused():
        return lower(ir, lanes, summed=summed, python_callback=jit.python_callback)


def make_code(ir: IR, *, many: bool, summed: bool, optimized: range) -> KernelCode:
    """The code of an IR, optimized if the number of its instructions is in `optimized`."""
    digest = getattr(ir, "digest", None) if code_cache.is_enabled() else None
    parts = "kernel", digest, many, summed, optimized, jit.machine_lanes()
    name = code_cache.file_name(jit.describe_machine(), *parts) if digest else None
    if name and (found := code_cache.load(name)):
        return KernelCode(*marshal.loads(found))
    code = _compile(lower_for_host(ir, many=many, summed=summed), optimized)
    if name:
        code_cache.save(name, marshal.dumps(tuple(code)))
    return code


def _compile(kernel: Kernel, optimized: range) -> KernelCode:
    layout, context = kernel.layout, kernel.context
    could_be = 0 if kernel.plan.is_mostly_loops else kernel.instructions  # loops are compiled already
    optimizes = could_be in optimized or kernel.iterated > MIN_ITERATED * kernel.instructions
    return KernelCode(
        jit.compile_object(kernel.text, jit.OPTIMIZED_CODEGEN if optimizes else jit.UNOPTIMIZED),
        [(*width, sorted(names)) for width, names in context.library_calls.items()],
        bool(context.python_calls),
        kernel.width.rows,
        kernel.n_inputs,
        kernel.n_results,
        layout.slots.size * kernel.width.rows,
        layout.uniform.size,
        context.results_offset,
        layout.uniform.constants,
        kernel.operations,
        kernel.row_operations,
        0 if optimizes else could_be,
    )


def load_module(code: KernelCode) -> jit.CompiledModule:
    """The machine code, with the functions that it calls."""
    for rows, lanes, names in code.library:
        jit.load_library(names, Width(rows, lanes))
    return jit.CompiledModule(code.object_file)
