"""The kernels that a program compiles, and when; the division of rows among threads; the bounds of memory."""

import ctypes
import inspect
import math
import mmap
import subprocess
import sys
from types import SimpleNamespace
from typing import cast

import pytest

from engine import Program, Value, compile, exp
from engine.compiler.targets.llvm import execution, jit
from engine.compiler.targets.llvm.execution import LLVMExecutable
from engine.compiler.targets.llvm.memory import CACHE_LINE, AlignedMemory
from tests.engine.compiler.agreement import assert_near
from tests.engine.compiler.backends import needs_llvm

pytestmark = needs_llvm

ONE_SUM, MANY_SUMS = (True, False), (True, True)  # (summed, many)
ONE_VALUE, MANY_VALUES = (False, False), (False, True)


def product_program() -> Program:
    x, y = Value(0.5, "x"), Value(0.25, "y")
    return compile(x * y, [x, y], backend="llvm")


def compiled_kernels(program: Program) -> list[tuple[bool, bool]]:
    return list(cast(LLVMExecutable, program._executable)._kernels)


def test_graphs_of_one_shape_share_code_but_not_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    def shape(number: float) -> Program:
        x, w = Value(0.5, "x"), Value(number, "w")
        return compile(x * w - x.sin() * 0.71828, [x], [w], backend="llvm")

    first = shape(2.0)
    before = first.value_and_grad(0.5)
    monkeypatch.delattr(jit, "_compile")  # compilation would fail
    second = shape(4.0)
    assert second.value_and_grad(0.5) == (before[0] + 1.0, [0.5])
    assert first.value_and_grad(0.5) == before


def test_long_code_is_not_cached(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jit, "MAX_CACHED_LENGTH", 10)
    kept = jit._compile_cached.cache_info().currsize
    assert product_program().value_and_grad(2.0, 3.0) == (6.0, [3.0, 2.0])
    assert jit._compile_cached.cache_info().currsize == kept


def test_code_is_compiled_once_when_it_is_first_needed() -> None:
    program = product_program()
    assert compiled_kernels(program) == []
    for _ in range(2):
        program.value_and_grad(2.0, 3.0)
        assert compiled_kernels(program) == [ONE_SUM]
    for _ in range(2):
        program(2.0, 3.0)
        assert compiled_kernels(program) == [ONE_SUM, ONE_VALUE]
    for _ in range(2):
        program.sum_over([[2.0, 3.0], [4.0, 5.0]])
        assert compiled_kernels(program) == [ONE_SUM, ONE_VALUE, MANY_SUMS]
    for _ in range(2):
        program.each([[2.0, 3.0], [4.0, 5.0]])
        assert compiled_kernels(program) == [ONE_SUM, ONE_VALUE, MANY_SUMS, MANY_VALUES]


def test_code_for_many_rows_serves_for_one_too() -> None:
    program = product_program()
    program.sum_over([[2.0, 3.0], [4.0, 5.0]])
    assert program.value_and_grad(2.0, 3.0) == (6.0, [3.0, 2.0])
    assert compiled_kernels(program) == [MANY_SUMS]
    assert program(2.0, 3.0) == 6.0
    assert compiled_kernels(program) == [MANY_SUMS, ONE_VALUE]


@pytest.mark.parametrize("longest", [0, 1000])
def test_long_code_is_not_compiled_again_for_one_row(longest: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(execution, "MAX_COMPILED_TWICE", longest)
    program = product_program()
    assert program.each([[2.0, 3.0], [4.0, 5.0]]) == [6.0, 20.0]
    for _ in range(2):
        assert program(2.0, 3.0) == 6.0
    assert compiled_kernels(program) == [MANY_VALUES, ONE_VALUE][: 1 + bool(longest)]


@pytest.mark.parametrize(("n", "bound"), [(3, []), (400, [jit.OPTIMIZED_CODEGEN])])
def test_long_code_at_a_point_is_optimized_if_bound(
    n: int, bound: list[jit.Level], monkeypatch: pytest.MonkeyPatch
) -> None:
    levels: list[jit.Level] = []

    def compiled(text: str, level: jit.Level) -> bytes:
        levels.append(level)
        return compile_object(text, level)

    def chain(x: Value, y: Value) -> Value:
        for _ in range(n):
            x = x * y + 1.0
        return x

    compile_object = jit.compile_object
    monkeypatch.setattr(jit, "compile_object", compiled)
    program = compile(chain, n_inputs=2, backend="llvm")
    value, derivatives = program.value_and_grad([0.5, 0.25])
    assert levels == [jit.UNOPTIMIZED]
    for _ in range(2):
        assert program.bind(0.5, 0.25)() == value
        assert levels[1:] == bound
    monkeypatch.setattr(execution, "OPTIMIZED_FOR_ROWS", range(1, 10_000))
    assert program.value_and_grad([[0.5, 0.25]] * 2) == ([value] * 2, [derivatives] * 2)
    assert levels[-1] == jit.OPTIMIZED_CODEGEN


def test_an_empty_batch_compiles_nothing() -> None:
    program = product_program()
    assert program.each([]) == []
    total, derivatives = program.sum_over([])
    assert (total, list(derivatives)) == (0.0, [0.0, 0.0])
    assert compiled_kernels(program) == []


@pytest.mark.parametrize("n", [1, 7, 8, 9, 1000])
def test_memory_begins_at_a_cache_line(n: int) -> None:
    kept = [AlignedMemory(n) for _ in range(20)]
    assert {memory.address % CACHE_LINE for memory in kept} == {0}
    for memory in kept:
        begin = ctypes.addressof(ctypes.c_char.from_buffer(memory._bytes))
        assert begin <= memory.address
        assert memory.address + 8 * n <= begin + len(memory._bytes)


def test_threads_are_limited_by_the_work() -> None:
    program = product_program()
    program.sum_over([[2.0, 3.0]] * 2, threads=3)
    [kernel] = cast(LLVMExecutable, program._executable)._kernels.values()
    lanes = kernel.rows_at_a_time
    for n, threads, works in (
        (lanes, 3, 1),
        (5 * lanes, 1, 1),
        (lanes + 1, 2, 2),
        (2 * lanes, 3, 2),
        (3 * lanes, 1_000_000_000, 3),
        (2 * lanes, 2, 3),
    ):
        assert program.sum_over([[2.0, 3.0]] * n, threads=threads)[0] == 6.0 * n
        assert len(kernel._thread_memories) == works


def test_a_batch_that_is_not_worth_it_is_not_shared(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(execution, "MIN_OPERATIONS_PER_THREAD", 10_000)
    program = product_program()
    for n, works in ((1_000, 1), (100_000, 2)):
        assert program.sum_over([[2.0, 3.0]] * n, threads=2)[0] == 6.0 * n
        [kernel] = cast(LLVMExecutable, program._executable)._kernels.values()
        assert len(kernel._thread_memories) == works


def test_a_kernel_that_is_made_asks_llvmlite_nothing() -> None:
    """A thread that Ctrl-C stopped may have left llvmlite's lock behind, for which another one would wait forever."""
    program = product_program()
    program.sum_over([[2.0, 3.0]] * 100, threads=2)
    [kernel] = cast(LLVMExecutable, program._executable)._kernels.values()
    module, vars(kernel)["_module"] = kernel._module, None
    for threads in (1, 2):
        assert program.sum_over([[2.0, 3.0]] * 100, threads=threads)[0] == 600.0
    del module  # the machine code


def test_threads_take_the_parameters_as_they_are_now() -> None:
    x, w = Value(0.5, "x"), Value(0.25, "w")
    program = compile(exp(w) * x, [x], [w], backend="llvm")
    rows = [[1.0]] * 100
    program.sum_over(rows)
    program.parameters[0] = 1.0
    total, derivatives = program.sum_over(rows, threads=2)
    assert_near([total, *derivatives], [100 * math.e] * 2, 1e-9)


def test_threads_share_the_rows_evenly(monkeypatch: pytest.MonkeyPatch) -> None:
    program = product_program()
    program.sum_over([[2.0, 3.0]] * 2)
    [kernel] = cast(LLVMExecutable, program._executable)._kernels.values()
    lanes, shares, process_rows = kernel.rows_at_a_time, [], kernel._process_rows

    def watched(n: int, *arguments: int) -> None:
        shares.append(n)
        process_rows(n, *arguments)

    monkeypatch.setitem(vars(kernel), "_process_rows", watched)
    program.sum_over([[2.0, 3.0]] * (7 * lanes - 1), threads=3)
    assert sorted(shares) == [2 * lanes, 2 * lanes, 3 * lanes - 1]


@pytest.mark.parametrize(
    ("features", "lanes"),
    [({"avx512f": True, "avx": True}, 8), ({"avx512f": False, "avx": True}, 4), ({"sse2": True}, 2), ({}, 2)],
)
def test_lanes_are_those_of_the_machine(features: dict[str, bool], lanes: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jit, "_llvm", lambda: SimpleNamespace(get_host_cpu_features=lambda: features))
    assert inspect.unwrap(jit.machine_lanes)() == lanes


@pytest.mark.skipif(not hasattr(mmap, "PROT_READ"), reason="pages cannot be protected here")
def test_nothing_beyond_the_arrays_is_read_or_written() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.engine.compiler.targets.llvm.guarded_memory"],
        capture_output=True,
        text=True,
        timeout=100,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "passed\n", "")
