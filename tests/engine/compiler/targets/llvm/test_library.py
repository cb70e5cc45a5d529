"""The functions of the library, called one by one: they read and write what they must, and nothing else."""

import ctypes
import math
import re
from array import array
from collections.abc import Sequence

import pytest

from engine import TABLE, Value, compile, primitive
from engine.compiler.targets.llvm import jit
from engine.compiler.targets.llvm.assembly import ONE_ROW, Width
from engine.compiler.targets.llvm.basic_block import LIBRARY_FUNCTIONS, use_c_function
from engine.compiler.targets.llvm.elementary import FUNCTIONS
from engine.compiler.targets.llvm.library import C_FUNCTIONS, declare_library_function, generate_library
from engine.compiler.targets.llvm.loops import LOOPS
from engine.compiler.targets.llvm.memory import address
from tests.engine.compiler.backends import needs_llvm

WIDTHS = [Width(1, 1), Width(2, 2), Width(4, 4), Width(8, 4), Width(16, 4)]
UNTOUCHED = -7.5
each_width = pytest.mark.parametrize("width", WIDTHS, ids=lambda width: f"{width.rows}_{width.vector_lanes}")


def call(function: str, width: Width, *arguments: "array[float] | int") -> None:
    jit.load_library([function], width)
    given = [address(x) if isinstance(x, array) else x for x in arguments]
    types = [ctypes.c_void_p if isinstance(x, array) else ctypes.c_int64 for x in arguments]
    ctypes.CFUNCTYPE(None, *types)(jit.library_address(function, width))(*given)


def numbers(values: Sequence[float]) -> "array[float]":
    return array("d", values)


@needs_llvm
@each_width
def test_rows_to_slots_repeats_the_last_row_in_inactive_lanes(width: Width) -> None:
    for n_active in range(1, width.rows + 1):
        rows = [[10.0 * i + j for j in range(3)] for i in range(n_active)]
        beyond = [[UNTOUCHED] * 3] * width.rows
        slots = numbers([UNTOUCHED] * 4 * width.rows)
        call("rows_to_slots", width, slots, numbers([x for row in rows + beyond for x in row]), 3, n_active)
        lanes = [rows[min(lane, n_active - 1)] for lane in range(width.rows)]
        assert slots.tolist() == [*(row[j] for j in range(3) for row in lanes), *[UNTOUCHED] * width.rows]


@needs_llvm
@each_width
def test_slots_to_rows_writes_the_rows_of_active_lanes(width: Width) -> None:
    for n_active in range(1, width.rows + 1):
        slots = numbers([10.0 * lane + j for j in range(3) for lane in range(width.rows)])
        memory = numbers([UNTOUCHED] * (3 * n_active + 6))
        inner = address(memory) + 8 * 3
        jit.load_library(["slots_to_rows"], width)
        types = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int64, ctypes.c_int64]
        ctypes.CFUNCTYPE(None, *types)(jit.library_address("slots_to_rows", width))(inner, address(slots), 3, n_active)
        rows = [10.0 * lane + j for lane in range(n_active) for j in range(3)]
        assert memory.tolist() == [*[UNTOUCHED] * 3, *rows, *[UNTOUCHED] * 3]


@needs_llvm
def test_sums_are_initialized_with_uniform_terms_and_added() -> None:
    sums = numbers([UNTOUCHED] * 4)
    call("initialize_sums", ONE_ROW, sums, numbers([1.0, 2.0, 0.5]), 3, 5)
    assert sums.tolist() == [5.0, 10.0, 2.5, UNTOUCHED]
    call("add_sums", ONE_ROW, sums, numbers([1.0, -1.0, 0.5, 9.0]), 3)
    assert sums.tolist() == [6.0, 9.0, 3.0, UNTOUCHED]


@each_width
def test_outer_products_load_a_slot_once_and_nothing_beyond_it(width: Width) -> None:
    text = generate_library(["outer_products"], width)
    vector = "double" if width.vector_lanes == 1 else f"<{width.vector_lanes} x double>"
    slots = width.rows // width.vector_lanes
    blocks = width.vector_lanes + (width.vector_lanes > 1)  # z in a whole block, and in the rest
    loads = len(re.findall(rf"= load {re.escape(vector)},", text))
    sums = 1 if width.vector_lanes > 1 else len(re.findall("fadd double", text))  # loads of vectors of sums
    assert loads == slots * (1 + blocks) + sums


@pytest.mark.parametrize("lanes", [1, 4])
def test_functions_have_as_many_inputs_as_their_operations(lanes: int) -> None:
    assert set(LIBRARY_FUNCTIONS.values()) <= {*C_FUNCTIONS, *FUNCTIONS}
    for op, function in LIBRARY_FUNCTIONS.items():
        assert declare_library_function(function, Width(lanes, lanes)).count("%x") == op.arity
        if function in C_FUNCTIONS:
            c = re.search(rf"declare double @{function}\((.*?)\)", generate_library([function], Width(lanes, lanes)))
            assert c is not None
            assert c[1].count("double") == op.arity


def test_no_loop_and_function_share_a_name() -> None:
    assert len({*LOOPS, *FUNCTIONS, *C_FUNCTIONS}) == len(LOOPS) + len(FUNCTIONS) + len(C_FUNCTIONS)


@needs_llvm
def test_a_primitive_can_call_a_function_of_the_c_library() -> None:
    fmod = primitive("fmod", "mod", math.fmod, lambda z, x, y: 1.0, lambda z, x, y: (z - x) / y)
    less = primitive("less", "less", lambda x, y: x - y, lambda z, x, y: 1.0, lambda z, x, y: -1.0)
    called, known = dict(LIBRARY_FUNCTIONS), dict(C_FUNCTIONS)
    try:
        use_c_function(fmod, "fmod")
        x = Value(0.5, "x")
        program = compile(fmod(x, 0.2), [x], backend="llvm")
        assert "pathgrad_python" not in program.llvm_ir
        rows = [[number] for number in (-3.0, -0.5, 0.0, 0.25, 1.0)] * 5
        assert program.each(rows) == pytest.approx([math.fmod(number, 0.2) for [number] in rows], rel=1e-14)
        with pytest.raises(ValueError, match="the target 'llvm' already implements the operation 'fmod'"):
            use_c_function(fmod, "drem")
        with pytest.raises(ValueError, match="the library already has a function 'dots'"):
            use_c_function(less, "dots")
    finally:
        LIBRARY_FUNCTIONS.clear()
        LIBRARY_FUNCTIONS.update(called)
        C_FUNCTIONS.clear()
        C_FUNCTIONS.update(known)
        del TABLE["fmod"], TABLE["less"]
