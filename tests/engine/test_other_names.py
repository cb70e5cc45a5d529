"""Names of NumPy, PyTorch and micrograd: a Value has them, or the error says what to write instead."""

import copy
import math
import operator
import pickle
import re
from collections.abc import Callable
from typing import Any, cast

import pytest

import engine
from engine import Value, label, toposort
from engine._support.other_names import INSTEAD_OF_FUNCTIONS, INSTEAD_OF_VALUES

NAMES = {name: instead for names, instead in INSTEAD_OF_VALUES.items() for name in names.split()}

FUNCTIONS: dict[str, tuple[Callable[[float], float], float]] = {
    "pow": (lambda x: x * x, 3.0),
    "reciprocal": (lambda x: 1 / x, 3.0),
    "neg": (lambda x: -x, 3.0),
    "radians": (math.radians, 45.0),
    "degrees": (math.degrees, 0.5),
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_the_formula_that_an_error_names_is_right(name: str) -> None:
    function, number = FUNCTIONS[name]
    formula = NAMES[name].removeprefix("write ")
    assert eval(formula, {"x": Value(number), "math": math}).data == pytest.approx(function(number), rel=1e-14)


@pytest.mark.parametrize("name", NAMES)
def test_a_name_of_another_library_is_answered_by_a_sentence(name: str) -> None:
    x = Value(2.0)
    assert not hasattr(x, name)
    assert not hasattr(Value, name)
    assert name not in dir(x)
    with pytest.raises(AttributeError, match=re.escape(f"Value does not have an attribute '{name}': {NAMES[name]}")):
        getattr(x, name)


@pytest.mark.parametrize("names", INSTEAD_OF_FUNCTIONS)
def test_a_function_of_another_library_is_answered_so_too(names: str) -> None:
    for name in names.split():
        assert not hasattr(engine, name)
        hint = re.escape(f"module 'engine' has no attribute '{name}': {INSTEAD_OF_FUNCTIONS[names]}")
        with pytest.raises(AttributeError, match=hint):
            getattr(engine, name)
    written = re.findall(r"engine\.(\w+)", INSTEAD_OF_FUNCTIONS[names])
    assert all(hasattr(engine, name) for name in written)


def test_any_other_name_is_unknown_as_usual() -> None:
    with pytest.raises(AttributeError, match="'Value' object has no attribute 'itemm'"):
        exec("x.itemm", {"x": Value(2.0)})
    assert {"data", "grad", "exp", "backward"} <= set(dir(Value(2.0)))


def test_copies_and_pickles_do_not_meet_these_names() -> None:
    y = Value(2.0, "x") * 3.0
    for again in (copy.copy(y), copy.deepcopy(y), pickle.loads(pickle.dumps(y))):
        assert (again.data, again.op, again.inputs[0].label) == (6.0, y.op, "x")


def test_a_subclass_may_have_these_names() -> None:
    class Celsius(Value):
        def item(self) -> float:
            return self.data

    x: Any = Celsius(20.0)
    x.T = 300.0
    assert (x.item(), x.T) == (20.0, 300.0)
    with pytest.raises(AttributeError, match="Celsius does not have an attribute 'clone'"):
        x.clone()


def test_micrograds_names_for_inputs_and_operation_can_be_read() -> None:
    a, b = Value(2.0, "a"), Value(-3.0, "b")
    y = a * b
    assert (y._prev, y._op, (a * a)._prev, a._prev, a._op) == ((a, b), "*", (a,), (), "")
    made = [a + b, a - b, -a, a / b, a**2, a**0.5, a**b, a.relu(), a.tanh(), a.exp()]
    assert [node._op for node in made] == ["+", "-", "-", "/", "**2", "**0.5", "**", "ReLU", "tanh", "exp"]
    with pytest.raises(AttributeError):
        exec("y._prev = ()", {"y": y})
    with pytest.raises(AttributeError):
        exec("y._op = '+'", {"y": y})


def test_micrograds_draw_dot_draws_a_graph() -> None:
    graphviz = pytest.importorskip("graphviz")

    def draw_dot(root: Any) -> str:  # as in micrograd's trace_graph.ipynb
        nodes, edges = set(), set()

        def build(v: Any) -> None:
            if v not in nodes:
                nodes.add(v)
                for child in v._prev:
                    edges.add((child, v))
                    build(child)

        build(root)
        dot = graphviz.Digraph(format="svg", graph_attr={"rankdir": "LR"})
        for n in nodes:
            text = f"{{ data {n.data:.4f} | grad {n.grad:.4f} }}"
            dot.node(name=str(id(n)), label=text, shape="record")
            if n._op:
                dot.node(name=str(id(n)) + n._op, label=n._op)
                dot.edge(str(id(n)) + n._op, str(id(n)))
        for n1, n2 in edges:
            dot.edge(str(id(n1)), str(id(n2)) + n2._op)
        return str(dot.source)

    x = Value(1.0)
    y = (x * 2 + 1).relu() / x
    y.backward()
    source = draw_dot(y)
    made = [node for node in toposort(y) if node.inputs]
    assert source.count("shape=record") == len(toposort(y))
    assert source.count(" -> ") == len(made) + sum(len(set(node.inputs)) for node in made)
    assert "{ data 1.0000 | grad -1.0000 }" in source


MISUSES: dict[str, tuple[Callable[[Any], object], str]] = {
    "inputs and operation": (
        lambda x: cast(Any, Value)(3.0, (x, x), "+"),
        "an operation makes a node of others: a + b, or one by",
    ),
    "inputs": (lambda x: Value(3.0, cast(Any, (x, x))), "a label is text such as 'x' or 'w_11', not (Value("),
    "label": (lambda x: label(x), "label takes each node with its name: label(z=z)"),
    "xor": (lambda x: x ^ 2, "x ^ y is not a power in Python: write x ** y"),
    "xor on the left": (lambda x: 2 ^ x, "write x ** y"),
    "floor": (lambda x: x // 2, "x // y and x % y jump"),
    "rest": (lambda x: 7 % x, "x // y and x % y jump"),
    "text": (lambda x: x * "3", "multiply takes numbers and Values, not '3' of type str; float('3') makes a number of"),
    "text on the left": (lambda x: "loss: " + x, "not 'loss: ' of type str; "),
    "text of bytes": (lambda x: x - b"3", "subtract takes numbers and Values, not b'3' of type bytes"),
    "a list": (lambda x: x * [1.0], "not [1.0] of type list; a Value is one number: go through the list"),
    "a list on the left": (lambda x: operator.add([1.0], x), "add takes numbers and Values, not [1.0] of type list"),
    "a tuple": (lambda x: (1.0,) * x, "multiply takes numbers and Values, not (1.0,) of type tuple"),
}


@pytest.mark.parametrize(("attempt", "message"), MISUSES.values(), ids=MISUSES)
def test_a_slip_is_answered_by_what_to_write(attempt: Callable[[Any], object], message: str) -> None:
    with pytest.raises(TypeError, match=re.escape(message)):
        attempt(Value(2.0, "x"))
