"""The memory of a program: parameters and gradient as buffers, and programs in concurrent threads."""

import gc
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any, cast

import pytest

from engine import TABLE, Value, compile, dot, exp, primitive, sigmoid, tanh
from tests import thorough_unless
from tests.engine.compiler.agreement import assert_agrees, spread
from tests.engine.compiler.backends import both_backends, needs_llvm


def graph(seed: float = 0.0) -> tuple[Value, list[Value], list[Value]]:
    x = [Value(0.1 * i, f"x_{i}") for i in range(9)]
    w = [Value(seed + 0.05 * i, f"w_{i}") for i in range(10)]
    return sigmoid(dot(w[:9], x, w[9])) * exp(x[0] * w[1]) + tanh(w[2] * w[3]), x, w


@both_backends
def test_parameters_are_loaded_and_stored(backend: str) -> None:
    output, inputs, wrt = graph()
    program = compile(output, inputs, wrt, backend=backend)
    assert list(program.parameters) == [w.data for w in wrt]
    for w in wrt:
        w.data += 0.125
    assert list(program.parameters) != [w.data for w in wrt]
    program.load()
    assert_agrees(program, output, inputs, wrt, spread(5, 9))
    program.parameters[3] = 7.0
    assert wrt[3].data != 7.0
    program.store()
    assert wrt[3].data == 7.0
    assert_agrees(program, output, inputs, wrt, spread(5, 9))
    assert all(type(w.data) is float for w in wrt)


@both_backends
def test_inputs_in_wrt_are_not_parameters(backend: str) -> None:
    output, inputs, wrt = graph()
    program = compile(output, inputs, [inputs[0], *wrt, inputs[1]], backend=backend)
    assert len(program.parameters) == len(program.gradient) == len(wrt)
    _, derivatives = program.sum_over(spread(5, 9))
    assert list(derivatives)[1:-1] == list(program.gradient)
    before = [x.data for x in inputs]
    program.store()
    assert [x.data for x in inputs] == before


@both_backends
def test_numpy_sees_the_parameters_and_the_gradient(backend: str) -> None:
    np = pytest.importorskip("numpy")
    output, inputs, wrt = graph()
    program = compile(output, inputs, wrt, backend=backend)
    parameters, gradient = np.frombuffer(program.parameters), np.frombuffer(program.gradient)
    rows = spread(20, 9)
    before = program.sum_over(rows)[0]
    assert gradient.tolist() == list(program.gradient)
    for _ in range(5):
        parameters -= 0.01 * gradient
        total, derivatives = program.sum_over(np.array(rows))
    assert total < before
    assert list(program.parameters) == parameters.tolist()
    assert list(derivatives) == gradient.tolist()
    program.store()
    assert_agrees(program, output, inputs, wrt, rows)


@both_backends
def test_the_gradient_is_that_of_the_last_sum(backend: str) -> None:
    output, inputs, wrt = graph()
    program = compile(output, inputs, wrt, backend=backend)
    program.sum_over(spread(5, 9))
    before = list(program.gradient)
    program.value_and_grad(*spread(1, 9)[0])
    program(*spread(1, 9)[0])
    program.each(spread(3, 9))
    assert list(program.gradient) == before
    program.sum_over(spread(6, 9))
    assert list(program.gradient) != before


@both_backends
def test_sum_over_overwrites_derivatives_unless_reordered(backend: str) -> None:
    output, inputs, wrt = graph()
    for asked, overwritten in ((wrt, True), ([*wrt, inputs[0]], True), ([inputs[0], *wrt], False)):
        program = compile(output, inputs, asked, backend=backend)
        _, derivatives = program.sum_over(spread(5, 9))
        before = list(derivatives)
        _, others = program.sum_over(spread(6, 9))
        assert (list(derivatives) == list(others)) is overwritten
        assert (list(derivatives) != before) is overwritten


@both_backends
def test_buffers_keep_their_place(backend: str) -> None:
    output, inputs, wrt = graph()
    program = compile(output, inputs, wrt, backend=backend)
    parameters, gradient = program.parameters, program.gradient
    program.sum_over(spread(5, 9))
    program.load()
    assert program.parameters is parameters
    assert program.gradient is gradient
    with pytest.raises(IndexError):
        parameters[len(wrt)] = 1.0
    with pytest.raises(TypeError):
        parameters[0] = cast(Any, "1")


@both_backends
def test_a_list_of_derivatives_is_not_overwritten(backend: str) -> None:
    """`value_and_grad` returns a new list, unlike `sum_over`."""
    output, inputs, wrt = graph()
    program = compile(output, inputs, wrt, backend=backend)
    _, derivatives = program.value_and_grad(*spread(1, 9)[0])
    before = list(derivatives)
    program.sum_over(spread(30, 9))
    assert derivatives == before


@thorough_unless(lambda backend: backend == "llvm")
@both_backends
def test_independent_programs_run_in_threads(backend: str) -> None:
    start = threading.Barrier(8)

    def work(seed: int) -> None:
        start.wait()
        for i in range(3):
            output, inputs, wrt = graph(0.125 * seed + 0.01 * i)
            program = compile(output, inputs, wrt, backend=backend)
            assert_agrees(program, output, inputs, wrt, spread(seed + 10 * i + 1, 9))

    with ThreadPoolExecutor(8) as pool:
        for done in [pool.submit(work, seed) for seed in range(8)]:
            done.result()


@needs_llvm
def test_the_library_is_compiled_once_however_many_threads_ask(monkeypatch: pytest.MonkeyPatch) -> None:
    from engine.compiler.targets.llvm import jit
    from engine.compiler.targets.llvm.assembly import Width

    start, compiled, compile_object = threading.Barrier(6), [], jit.compile_object

    def counted(text: str, level: jit.Level) -> bytes:
        compiled.append(text)
        return compile_object(text, level)

    monkeypatch.setattr(jit, "compile_object", counted)

    def work() -> None:
        start.wait()
        jit.load_library(["exp", "log"], Width(3, 3))  # a width that no other test compiles

    with ThreadPoolExecutor(6) as pool:
        for done in [pool.submit(work) for _ in range(6)]:
            done.result()
    assert len(compiled) == 1
    jit.load_library(["tanh", "exp"], Width(3, 3))
    assert len(compiled) == 2
    assert "@pathgrad_exp_3_3" not in compiled[1]  # exp is loaded already


@needs_llvm
def test_threads_call_python_back() -> None:
    double = primitive("twofold", "twofold", lambda x: 2.0 * x, lambda z, x: 2.0)
    try:
        x = Value(1.0, "x")
        program = compile(double(x) * x, [x], backend="llvm")
        assert program.sum_over([[float(i)] for i in range(100)], threads=4)[0] == 2.0 * sum(i * i for i in range(100))
    finally:
        del TABLE["twofold"]


@both_backends
def test_buffers_outlive_their_program(backend: str) -> None:
    output, inputs, wrt = graph()
    program = compile(output, inputs, wrt, backend=backend)
    parameters, gradient = program.parameters, program.gradient
    _, derivatives = program.sum_over(spread(5, 9))
    before = list(gradient)
    del program, output, inputs
    gc.collect()
    assert list(parameters) == [w.data for w in wrt]
    assert list(gradient) == list(derivatives) == before


@both_backends
def test_programs_are_freed(backend: str) -> None:
    import weakref

    output, inputs, wrt = graph()
    program = compile(output, inputs, wrt, backend=backend)
    program.sum_over(spread(30, 9), threads=2)
    gone = weakref.ref(program)
    del program
    gc.collect()
    assert gone() is None
