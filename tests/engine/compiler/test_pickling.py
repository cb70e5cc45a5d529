"""Programs are pickled and copied with their graph, their options and their numbers."""

import copy
import math
import multiprocessing
import pickle
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from typing import Any

import pytest

from engine import TABLE, Op, Value, compile, exp, operation, sigmoid, toposort
from engine.compiler.program import Program
from engine.compiler.targets.llvm import jit
from tests import by_night
from tests.engine.compiler.backends import both_backends, needs_llvm


def pickled(x: Any) -> Any:
    return pickle.loads(pickle.dumps(x))


all_copies = pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy, pickled])


def example(backend: str) -> tuple[Program, Value, Value]:
    """A program with a parameter and a frozen leaf, whose numbers have changed since."""
    x, w, frozen = [Value(0.5, "x_1"), Value(0.25, "x_2")], Value(0.5, "w"), Value(-0.0, "c")
    y = sigmoid(w * x[0] - x[1] / 3.0) * exp(x[0]) + 1.0 / (frozen - 0.75)
    program = compile(y, [x], [w, *x], backend=backend)
    program.parameters[0] = 0.1
    w.data, frozen.data = 7.0, 8.0
    return program, w, frozen


@both_backends
@all_copies
def test_a_copy_computes_the_same_bits(backend: str, copied: Callable[[Any], Any]) -> None:
    program, _, _ = example(backend)
    rows = [[0.1 * i, 0.3 - i] for i in range(9)]
    again = copied(program)
    assert (repr(again), again.backend, list(again.parameters)) == (repr(program), backend, [0.1])
    assert again.source == program.source
    for method in ("value_and_grad", "hessian", "__call__"):
        for point in ([0.3, -0.2], rows):
            assert getattr(again, method)(point) == getattr(program, method)(point)
    assert again.sum_over(rows)[0] == program.sum_over(rows)[0]


@both_backends
@all_copies
def test_a_copy_has_memory_of_its_own(backend: str, copied: Callable[[Any], Any]) -> None:
    program, _, _ = example(backend)
    program.sum_over([[0.1, 0.2]])
    again = copied(program)
    assert list(again.gradient) == list(program.gradient) != [0.0]
    again.parameters[0] = 0.9
    again.sum_over([[0.3, 0.4]])
    assert list(program.parameters) == [0.1]
    assert list(again.gradient) != list(program.gradient)


def test_a_shallow_copy_is_of_the_same_values_others_of_new_ones() -> None:
    program, w, frozen = example("python")
    copy.copy(program).store()
    assert w.data == 0.1
    for copied in (copy.deepcopy, pickled):
        again, v, c = copied([program, w, frozen])
        v.data = 0.7
        again.load()
        assert (list(again.parameters), c.data, w.data) == ([0.7], 8.0, 0.1)


@both_backends
@all_copies
def test_a_copy_keeps_arguments_and_outputs_nested(backend: str, copied: Callable[[Any], Any]) -> None:
    program = compile(lambda t, y: [y[0][1] * t, (y[0][0], [y[1][0]])], at=[0.5, [[1.0, 2.0], [3.0, 4.0]]], wrt=1)
    again = copied(program)
    point = 2.0, [[0.1, 0.2], [0.3, 0.4]]
    assert again(*point) == program(*point) == [0.4, [0.1, [0.3]]]
    assert again.jvp(*point, point[1]) == program.jvp(*point, point[1])


def test_sums_over_rows_are_pickled() -> None:
    total = compile(lambda w, x: (w * x - 1.0) ** 2, at=[1.0, 2.0], wrt=0).summed([1.0, 2.0, 3.0])
    assert pickled(total).value_and_grad(2.0) == total.value_and_grad(2.0)


def test_errors_of_a_copy_name_the_nodes() -> None:
    program, _, _ = example("python")
    with pytest.raises(ArithmeticError, match=r"exp\(x_1 = 1000.0\)"):
        pickled(program)(1000.0, 0.0)


def test_a_program_of_a_long_chain_is_pickled() -> None:
    x = y = Value(0.5, "x")
    for i in range(by_night(5_000, 200_000)):
        y = y * x if i % 2 else y + 0.25
    program = compile(y, [x], backend="python")
    for copied in (pickled, copy.deepcopy):
        assert copied(program)(0.75) == program(0.75)


def test_numbers_that_are_not_finite_travel() -> None:
    x, parameters = Value(1.0, "x"), [Value(number) for number in (math.inf, -0.0, math.nan)]
    program = compile(sum(parameters, x), [x], parameters, backend="python")
    assert list(map(repr, pickled(program).parameters)) == ["inf", "-0.0", "nan"]


@needs_llvm
def test_a_backend_that_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    saved = pickle.dumps(example("llvm")[0])
    monkeypatch.setattr(jit, "is_installed", lambda: False)
    with pytest.raises(ValueError, match=r"the backend 'llvm' needs llvmlite: .*-m pip install"):
        pickle.loads(saved)


def test_an_operation_that_is_missing_is_named() -> None:
    double = operation("double", "double", lambda x: x + x, lambda z, x: 2.0)
    x = Value(1.5, "x")
    program = compile(double(x), [x], backend="python")
    saved = pickle.dumps(program)
    assert pickle.loads(saved)(2.0) == 4.0
    del TABLE["double"]
    with pytest.raises(LookupError, match="does not have an operation 'double': declare it"):
        pickle.loads(saved)


def test_an_operation_that_was_replaced_is_not_pickled() -> None:
    def declared(factor: float) -> Op:
        return operation("scaled", "scaled", lambda x: factor * x, lambda z, x: factor)

    x = Value(1.5, "x")
    program = compile(declared(2.0)(x), [x], backend="python")
    declared(3.0)
    with pytest.raises(TypeError, match=r"scaled.* was declared anew"):
        pickle.dumps(program)  # the pickle would be of the new one
    assert copy.copy(program)(1.0) == copy.deepcopy(program)(1.0) == 2.0
    del TABLE["scaled"]


def test_other_processes_run_a_program() -> None:
    program, _, _ = example("python")
    points = [[0.1 * i, 0.2] for i in range(4)]
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as processes:
        assert list(processes.map(program.value_and_grad, points)) == [program.value_and_grad(x) for x in points]


def test_the_graph_of_a_program_is_not_changed_by_its_pickle() -> None:
    program, w, frozen = example("python")
    before = [(node.data, node.label) for node in toposort(*program._outputs.leaves)]
    pickle.dumps(program)
    assert [(node.data, node.label) for node in toposort(*program._outputs.leaves)] == before
    assert (w.data, frozen.data) == (7.0, 8.0)
