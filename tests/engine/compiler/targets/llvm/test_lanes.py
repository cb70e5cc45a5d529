"""Rows that do not fill the last vector, several threads, and every width of vectors."""

import re
from collections.abc import Callable
from typing import Any

import pytest

from engine import Value, compile, dot, exp, sigmoid
from engine.compiler.targets.llvm import jit
from engine.compiler.targets.llvm.execution import LLVMExecutable
from engine.compiler.targets.llvm.lowering import VECTORS_IN_LOOPS
from tests import thorough_unless
from tests.engine.compiler.agreement import assert_agrees, spread
from tests.engine.compiler.backends import both_backends, needs_llvm
from tests.engine.compiler.targets.llvm.graphs import Graph, leaves, lowered

COUNTS = [*range(1, 10), 15, 16, 17, 31, 32, 33, 100]


def curve() -> Graph:
    """A graph without loops."""
    x, y, w, b = leaves(4, "x")
    return exp(w * x) * y + b * b + sigmoid(x - y) / (1.0 + w * w), [x, y], [w, y, b]


def unit() -> Graph:
    """A unit whose dot and derivatives are loops, with weight decay."""
    x, w = leaves(9, "x"), leaves(9, "w")
    b = Value(0.25, "b")
    decay = 0.01 * dot(w, w)
    return sigmoid(dot(w, x, b)) ** 2 + decay, x, [*w, b]


GRAPHS = pytest.mark.parametrize("graph", [curve, unit])


@GRAPHS
@both_backends
def test_any_number_of_rows_on_any_number_of_threads(graph: Callable[[], Graph], backend: str) -> None:
    output, inputs, wrt = graph()
    program = compile(output, inputs, wrt, backend=backend)
    for n in COUNTS:
        assert_agrees(program, output, inputs, wrt, spread(n, len(inputs)), threads=(1, 2, 3))


@thorough_unless(lambda lanes: lanes in (1, 8))
@needs_llvm
@GRAPHS
@pytest.mark.parametrize("lanes", [1, 2, 4, 8])
def test_any_width_of_vectors(graph: Callable[[], Graph], lanes: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jit, "machine_lanes", lambda: lanes)
    output, inputs, wrt = graph()
    program = compile(output, inputs, wrt, backend="llvm")
    for n in (1, 2, 3, 5, 8, 9, 17, 33):
        assert_agrees(program, output, inputs, wrt, spread(n, len(inputs)), threads=(1, 3))


@needs_llvm
def test_programs_of_different_widths_live_side_by_side(monkeypatch: pytest.MonkeyPatch) -> None:
    output, inputs, wrt = unit()
    rows = spread(33, len(inputs))
    programs = []
    for lanes in (8, 2, 4):
        monkeypatch.setattr(jit, "machine_lanes", lanes.__int__)
        programs.append(compile(output, inputs, wrt, backend="llvm"))
        programs[-1].sum_over(rows)
    for program in programs:
        assert_agrees(program, output, inputs, wrt, rows)


@needs_llvm
def test_one_row_has_its_own_kernel_until_there_is_one_for_many() -> None:
    output, inputs, wrt = unit()
    program = compile(output, inputs, wrt, backend="llvm")
    program.value_and_grad(*spread(1, 9)[0])
    executable = program._executable
    assert isinstance(executable, LLVMExecutable)
    assert [kernel.rows_at_a_time for kernel in executable._kernels.values()] == [1]
    program.sum_over(spread(20, 9))
    rows = VECTORS_IN_LOOPS * jit.machine_lanes()
    assert [kernel.rows_at_a_time for kernel in executable._kernels.values()] == [1, rows]
    assert_agrees(program, output, inputs, wrt, spread(1, 9))


def long_curve_of_a_unit() -> Graph:
    """A unit, followed by many operations that are not loops."""
    output, inputs, wrt = unit()
    for _ in range(100):
        output = (output * inputs[0]).sin()
    return output, inputs, wrt


def test_a_kernel_that_is_mostly_loops_has_more_lanes() -> None:
    for graph, lanes in ((curve, 4), (unit, 4 * VECTORS_IN_LOOPS), (long_curve_of_a_unit, 4)):
        kernel = lowered(graph())
        assert kernel.width == (lanes, 4)


@both_backends
def test_an_empty_batch_sums_to_zero(backend: str) -> None:
    output, inputs, wrt = unit()
    program = compile(output, inputs, wrt, backend=backend)
    program.sum_over(spread(5, 9))
    total, gradient = program.sum_over([])
    assert (total, list(gradient), list(program.gradient)) == (0.0, [0.0] * 10, [0.0] * 10)
    assert program.each([]) == []


@both_backends
def test_threads_are_counted_from_1(backend: str) -> None:
    output, inputs, wrt = curve()
    program = compile(output, inputs, wrt, backend=backend)
    wrongs: list[Any] = [0, -1, None, 1.5, "2"]
    for wrong in wrongs:
        with pytest.raises(ValueError, match=re.escape(f"threads must be an integer of 1 or more, not {wrong!r}")):
            program.sum_over(spread(3, 2), threads=wrong)
    assert program.sum_over(spread(3, 2), threads=50)[0] == program.sum_over(spread(3, 2))[0]
