"""The arguments of `compile`, its errors, its warnings and its log."""

import logging
import re
import warnings
from collections.abc import Iterable
from functools import partial, update_wrapper
from typing import Any, cast

import numpy as np
import pytest

from engine import DomainError, Program, Value, compile, cos, exp, greater, log, sin, where
from engine._support.typed_commands import install_command
from engine.compiler import targets
from engine.compiler.targets.llvm import jit
from engine.derivatives.nesting import flat
from tests.engine.compiler.backends import HAS_LLVM, both_backends, needs_llvm

X, Y, W = Value(0.5, "x"), Value(1.5, "y"), Value(2.0, "w")
BACKENDS = ", ".join(targets.runner_names())


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"output": 5.0}, TypeError, "output must be computed with Values, but is 5.0, a number"),
        ({"output": None}, TypeError, "output is None, of type NoneType: a Value is needed, or a list"),
        ({"output": []}, ValueError, "output must contain at least one Value"),
        ({"output": [2, 3.0]}, TypeError, "output must be computed with Values, but is made of numbers alone: x.data"),
        ({"output": [X, "y"]}, TypeError, r"output\[1\] is 'y', of type str: a Value is needed, or a list of Values"),
        ({"output": {"y": X}}, TypeError, r"output is \{'y': .*, of type dict: .*; of a dict, list\(d.values\(\)\)"),
        ({"inputs": [X, 1.0]}, TypeError, r"inputs\[1\] must be a Value, not 1.0 of type float"),
        ({"inputs": ["x"]}, TypeError, r"inputs\[0\] must be a Value, not 'x' of type str"),
        ({"inputs": 5}, TypeError, "inputs must be a list of Values, not 5 of type int"),
        ({"wrt": 5.0}, TypeError, "wrt must be a list of Values, not 5.0 of type float"),
        ({"wrt": 5}, ValueError, "wrt is by argument 5, but there are 0, counted from 0"),
        ({"inputs": [[X, [Y]]]}, ValueError, r"inputs\[0\] is an argument whose lists are of different lengths"),
        ({"inputs": [X, Y, X]}, ValueError, r"inputs\[2\] is given twice: Value\(data=0.5"),
        ({"wrt": [W, W]}, ValueError, r"wrt\[1\] is given twice: Value\(data=2.0"),
        ({"wrt": [W, X * Y]}, ValueError, r"wrt\[1\] must be a variable, .*, not the result of multiply"),
        ({"inputs": [(3 * X).inputs[0]]}, ValueError, r"inputs\[0\] must be a variable, .*, not a constant"),
        ({"wrt": [None]}, TypeError, r"wrt\[0\] must be a Value, not None"),
        ({"backend": "cuda"}, ValueError, f"unknown backend 'cuda'; choose from auto, {BACKENDS}$"),
        ({"backend": None}, ValueError, "unknown backend None"),
        ({"n_inputs": 2}, TypeError, "n_inputs and at are for a function to trace, but output is a Value"),
        ({"at": [1.0]}, TypeError, "n_inputs and at are for a function to trace, but output is a Value"),
        ({"output": exp}, TypeError, "the number of inputs of the function is missing"),
        (
            {"output": exp, "inputs": [X]},
            TypeError,
            r"a function is traced with inputs of its own: give at=\[x0\], or n_inputs, instead of inputs",
        ),
        ({"output": exp, "n_inputs": 2, "at": [1.0]}, ValueError, "at has 1 members, but n_inputs is 2"),
        ({"output": exp, "at": ["1"]}, TypeError, "'1'"),
        ({"output": exp, "n_inputs": -1}, ValueError, "n_inputs must be 0 or more, not -1"),
        ({"output": exp, "n_inputs": 1.5}, TypeError, "n_inputs must be an integer, not 1.5"),
        ({"output": lambda x: None, "n_inputs": 1}, TypeError, "the function's result is None, of type NoneType"),
        ({"output": lambda x: x.data, "n_inputs": 1}, TypeError, "the function's result must be computed .* is 0.5"),
        ({"output": lambda x: "y", "n_inputs": 1}, TypeError, "the function's result is 'y', of type str: a Val"),
        ({"output": lambda x: x, "at": 3}, TypeError, r"at is 3, .* for each argument is needed, such as at=\[3\]"),
        (
            {"output": lambda x: x[0], "at": np.ones(3)},
            TypeError,
            r"at has 3 members, each of which is one argument, but the function takes \(x\): at=\[x0\] is one array",
        ),
        ({"output": lambda x, y: x, "n_inputs": 1}, TypeError, r"n_inputs is 1, but the function takes \(x, y\)$"),
        ({"output": lambda x: x, "n_inputs": 1, "wrt": "y"}, ValueError, "unknown argument 'y'; choose from x"),
        ({"wrt": "y"}, ValueError, "unknown argument 'y'; choose from those of a function, by its parameters"),
    ],
)
def test_invalid_arguments_are_refused(arguments: dict[str, Any], error: type[Exception], message: str) -> None:
    output = arguments.pop("output", X * Y * W)
    with pytest.raises(error, match=message):
        compile(output, **arguments)


@both_backends
def test_inputs_may_be_one_value_or_any_iterable(backend: str) -> None:
    given: list[Iterable[Value] | Value] = [X, [X], (X,), iter([X]), {X: 0}, {X}]
    for inputs in given:
        assert compile(X * W, inputs, backend=backend)(3.0) == 6.0


@both_backends
def test_a_function_is_called_once_and_compiled(backend: str) -> None:
    calls = []

    def f(x: Value, y: Value) -> Value:
        calls.append((x.data, y.data))
        return x * y + x

    made = compile(f, n_inputs=2, backend=backend)
    assert made.value_and_grad(2.0, 3.0) == (8.0, [4.0, 2.0])
    assert calls == [(0.5, 0.5)]
    assert repr(made).startswith("<program of (x, y), 0 parameters, compiled to")


@both_backends
def test_a_function_may_give_several_values(backend: str) -> None:
    assert compile(lambda x, y: [x + y, x * y], n_inputs=2, backend=backend)(2.0, 3.0) == [5.0, 6.0]
    assert compile(lambda x, y: (x, y), n_inputs=2, backend=backend)(2.0, 3.0) == [2.0, 3.0]
    assert compile(lambda: W * 2, n_inputs=0, backend=backend)() == 4.0


def test_a_function_is_traced_at_given_numbers() -> None:
    made = compile(lambda x: x.log(), at=[2.0], backend="python")
    assert made(1.0) == 0.0
    assert compile(exp, n_inputs=1, at=(3,), backend="python")(0.0) == 1.0


def test_a_function_undefined_where_it_is_traced_says_where() -> None:
    def f(x: Value) -> Value:
        return (x - 2.0).log()

    with pytest.raises(DomainError, match=r"traced at x = 0.5; give numbers .* as at=\[3.0\]: log\(-1.5\) is not"):
        compile(f, n_inputs=1)
    with pytest.raises(DomainError, match=r"traced at x = 1.0, y = 2.0; .* at=\[3.0, 3.0\]: log\(-1.0\)"):
        compile(lambda x, y: f(x) + y, at=[1.0, 2.0])
    assert compile(f, at=[3.0])(3.0) == 0.0


def test_other_numbers_are_advised_only_where_they_would_help() -> None:
    functions: list[Any] = [lambda x: x + Value(-1.0).log(), lambda x: x + log(-1.0), lambda x: x + W / (3.0 * W - 6.0)]
    for undefined in functions:
        with pytest.raises(DomainError, match=r"^the function was traced at x = 0.5: \w+\(.* is not finite"):
            compile(undefined, at=[0.5])


@both_backends
def test_numbers_among_outputs_are_constants_of_a_program(backend: str) -> None:
    made = compile(lambda x: [[x[0], 0], [np.float32(0.5), x[1]]], at=[[1.0, 2.0]], backend=backend)
    assert made(3.0, 4.0) == [[3.0, 0.0], [0.5, 4.0]]
    assert made.jacobian(3.0, 4.0) == [[1.0, 0.0], [0.0, 0.0], [0.0, 0.0], [0.0, 1.0]]
    assert made.vjp(3.0, 4.0, [[5.0, 6.0], [7.0, 8.0]]) == [5.0, 8.0]
    assert compile([X, True, (2, Y * X)], [X], backend=backend)(3.0) == [3.0, 1.0, [2.0, 4.5]]
    rotation = compile(lambda a: np.array([[cos(a), -sin(a), 0], [sin(a), cos(a), 0], [0, 0, 1]]), at=[0.5])
    assert rotation(0.0) == [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]


class Unsigned:
    """A function without a signature, as some that are written in C."""

    __signature__ = "unknown"

    def __call__(self, x: list[Value]) -> Value:
        return x[0]


def labels_of(function: Any, at: Any) -> list[str]:
    found: list[str] = []

    def traced(*given: Any) -> Any:
        found.extend(x.label for x in flat(list(given)))
        return function(*given)

    compile(update_wrapper(traced, function), at=at, backend="python")
    return found


def test_inputs_are_named_by_the_parameters() -> None:
    def f(S: Value, /, K: Value, *more: Value, scale: float = 1.0) -> Any:
        return S * K * scale

    assert labels_of(f, [1.0, 2.0]) == ["S", "K"]
    assert labels_of(f, [1.0, 2.0, 3.0, [4.0]]) == ["S", "K", "more_1", "more_21"]
    assert labels_of(lambda sigma, x: sigma * x[0], [1.0, [1.0] * 11])[-3:] == ["x_9", "x_10", "x_11"]
    assert labels_of(lambda q: q[0, 0], [np.ones((2, 2))]) == ["q_11", "q_12", "q_21", "q_22"]
    assert labels_of(lambda x, x_1: x[0] * x_1, [[1.0], 2.0]) == ["x_1#1", "x_1#2"]
    assert labels_of(partial(f, scale=2.0), [1.0, 2.0]) == ["S", "K"]
    assert labels_of(Unsigned(), [[1.0, 2.0]]) == ["x_11", "x_12"]  # as *x
    assert "def value_and_grad(S, K, parameters)" in compile(lambda S, K: S * K, n_inputs=2).source


def test_derivatives_are_by_arguments_of_a_name() -> None:
    def f(t: Value, y: list[Value]) -> list[Value]:
        return [t * y[0], y[1]]

    assert compile(f, at=[1.0, [2.0, 3.0]], wrt="y").jacobian(2.0, [5.0, 7.0]) == [[2.0, 0.0], [0.0, 1.0]]
    assert compile(f, at=[1.0, [2.0, 3.0]], wrt=["t", 1]).jacobian(2.0, [5.0, 7.0])[0] == [5.0, 2.0, 0.0]


def test_a_keyword_of_another_name_is_answered_by_the_right_one() -> None:
    for keyword, hint in {
        "argnums": "wrt=0 differ",
        "input": "did you mean inputs",
        "example_inputs": "at=[0.5] gives the numbers",
    }.items():
        message = f"compile does not have a parameter '{keyword}'; {hint}"
        with pytest.raises(TypeError, match=re.escape(message)):
            cast(Any, compile)(X * Y, **{keyword: [X]})


def test_a_function_may_read_parameters() -> None:
    made = compile(lambda x: x * W, n_inputs=1, wrt=[W], backend="python")
    assert made.value_and_grad(3.0) == (6.0, [3.0])


@pytest.mark.parametrize(
    "function",
    [
        lambda x, y: x if x > y else y,
        lambda x, y: max(x, y),
        lambda x, y: x * 1.0 if y else x + 5.0,
        lambda x, y: x if greater(x, y) else y,
        lambda x, y: x if y == 0.5 else y,
        lambda x, y: x if y in (0, 1) else y,
        lambda x, y: sorted([x, y])[0],
        lambda x, y: x if y <= 1 else x * x,
    ],
    ids=["if", "max", "if y", "if greater", "==", "in", "sorted", "<="],
)
def test_a_comparison_in_a_function_is_warned_of(function: Any) -> None:
    with pytest.warns(UserWarning, match="the result at these numbers is frozen") as caught:
        compile(function, n_inputs=2, backend="python")
    assert [warning.filename for warning in caught] == [__file__]


def test_greater_and_max_of_a_graph_do_not_warn() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        compile(lambda x, y: where(greater(x, y), x, y) + (x is y), n_inputs=2, backend="python")
        compile(max(X, Y) * W, [Y], backend="python")  # a graph does not show how it was built


def test_auto_without_llvmlite_says_once_what_would_be_faster(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(jit, "is_installed", lambda: False)
    monkeypatch.setattr(targets, "_logged", set())
    with caplog.at_level(logging.INFO, logger="engine.compile"):
        assert [compile(X * X, [X]).backend for _ in range(3)] == ["python"] * 3
    assert [record.name for record in caplog.records] == ["engine.compile"]
    assert install_command("native") in caplog.text


def test_an_explicit_python_backend_logs_nothing(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(jit, "is_installed", lambda: False)
    monkeypatch.setattr(targets, "_logged", set())
    compile(X * X, [X], backend="python")
    assert not caplog.records


def test_llvm_without_llvmlite_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "llvmlite", None)
    monkeypatch.setitem(sys.modules, "llvmlite.binding", None)
    monkeypatch.setattr(jit, "is_installed", lambda: False)
    with pytest.raises(ValueError, match=re.escape(f"needs llvmlite: {install_command('native')}")):
        compile(X * X, [X], backend="llvm")


def test_machine_code_without_llvmlite_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    import inspect
    import sys

    monkeypatch.setitem(sys.modules, "llvmlite", None)
    monkeypatch.setitem(sys.modules, "llvmlite.binding", None)
    with pytest.raises(ValueError, match=re.escape(f"needs llvmlite: {install_command('native')}")):
        inspect.unwrap(jit._llvm)()


@needs_llvm
def test_auto_is_llvm_where_it_is_installed() -> None:
    assert compile(X * X, [X]).backend == "llvm"
    assert HAS_LLVM


@both_backends
def test_repr_of_a_program(backend: str) -> None:
    made = compile(X * Y * W, [X, Y, Value(1.0), Value(1.0, "a\nb"), Value(1.0)], [W], backend=backend)
    assert repr(made) == f"<program of (x, y, ?, a b, …), 1 parameters, compiled to {backend}>"
    assert isinstance(made, Program)


@both_backends
def test_compiling_changes_nothing_in_the_graph(backend: str) -> None:
    output = X * Y + W
    output.backward()
    before = [(node.data, node.grad, node.label, node.op, node.inputs) for node in (X, Y, W, output)]
    made = compile(output, [X], [W, X], backend=backend)
    made.sum_over([[1.0], [2.0]])
    made.value_and_grad(3.0)
    assert [(node.data, node.grad, node.label, node.op, node.inputs) for node in (X, Y, W, output)] == before
    for node in (X, Y, W, output):
        node.grad = 0.0


@needs_llvm
def test_llvm_ir_is_the_text_of_the_kernel_for_one_row() -> None:
    text = compile(exp(X) * W, [X], [W], backend="llvm").llvm_ir
    assert "define void @sum_rows(i64 %n, ptr %rows" in text
    assert "call double @pathgrad_exp_1_1(double" in text
    assert "define void @sum_rows(" not in compile([exp(X) * W, X], [X], backend="llvm").llvm_ir


@both_backends
def test_without_inputs_and_wrt_every_variable_is_a_parameter(backend: str) -> None:
    x, w = Value(3.0, "x"), Value(2.0, "w")
    program = compile((w * x - 1.0) ** 2, backend=backend)
    assert list(program.parameters) == [2.0, 3.0]
    assert program.value_and_grad() == (25.0, [30.0, 20.0])
