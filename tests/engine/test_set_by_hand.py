"""Setting `data` and `grad`: all kinds of numbers work, anything else is an error that names the node."""

from collections.abc import Callable
from contextlib import nullcontext
from typing import Any, cast

import numpy as np
import pytest

from engine import (
    TABLE,
    DomainError,
    NamedGraph,
    Op,
    Value,
    check_gradients,
    compile,
    detect_anomaly,
    dot,
    explain,
    forward,
    grad,
    numerical_gradient,
    paths,
    zero_grad,
)
from engine.backprop import check_numbers
from engine.ops import sigmoid
from tests.engine.operations import known


def graph() -> tuple[Value, Value, Value]:
    """A weight, an input, and their result."""
    w, x = Value(0.5, "w"), Value(2.0, "x")
    return w, x, (w * x).tanh()


def test_a_grad_set_to_none_is_named_and_zero_grad_clears_it() -> None:
    w, _, y = graph()
    w.grad = cast(Any, None)
    message = r"^w\.grad is None, of type NoneType: it must be a number; zero_grad\(\) sets it to 0\.0$"
    with pytest.raises(TypeError, match=message):
        y.backward()
    zero_grad(y)
    y.backward()
    assert w.grad == grad(y, [w])[0]


STRANGERS: list[Any] = ["foo", None, [1.0]]
LIKE_NUMBERS: list[Any] = [np.array([1.0, 2.0]), Value(1.0)]  # which can be computed with

USES: dict[str, Callable[[Value], object]] = {
    "forward": forward,
    "backward": Value.backward,
    "grad": lambda y: grad(y, y.inputs[0].inputs),
    "grad as a graph": lambda y: grad(y, y.inputs[0].inputs, create_graph=True),
    "explain": lambda y: explain(y, y.inputs[0]),
    "paths": lambda y: list(paths(y, y.inputs[0])),
    "NamedGraph": lambda y: NamedGraph(y).edges(y),
    "check_gradients": check_gradients,
    "numerical_gradient": lambda y: numerical_gradient(y, y.inputs[0].inputs),
    "compile, frozen": lambda y: compile(y, y.inputs[0].inputs[1:]),
    "compile, a parameter": compile,
}


@pytest.mark.parametrize("use", USES.values(), ids=USES)
@pytest.mark.parametrize("data", STRANGERS, ids=lambda data: type(data).__name__)
def test_a_leaf_whose_data_is_not_a_number_is_named(use: Callable[[Value], object], data: Any) -> None:
    w, x, y = graph()
    before = [(node.data, node.grad) for node in (x, *y.inputs, y)]
    w.data = data
    with pytest.raises(TypeError, match=rf"^w\.data is .*, of type {type(data).__name__}: it must be a number"):
        use(y)
    assert [(node.data, node.grad) for node in (x, *y.inputs, y)] == before


@pytest.mark.parametrize("data", STRANGERS, ids=lambda data: type(data).__name__)
def test_a_program_does_not_load_what_is_not_a_number(data: Any) -> None:
    w, x, y = graph()
    program = compile(y, [x])
    w.data = data
    assert program(2.0) == y.data
    program = compile(y, [w], [x])
    x.data = data
    with pytest.raises(TypeError, match=r"^x\.data is"):
        program.load()
    assert list(program.parameters) == [2.0]


@pytest.mark.parametrize("data", LIKE_NUMBERS, ids=lambda data: type(data).__name__)
def test_a_leaf_whose_data_is_more_than_a_number_is_named(data: Any) -> None:
    w, x = Value(0.5, "w"), Value(2.0, "x")
    y = w * x
    w.data = data
    message = rf"^w\.data is .*, of type {type(data).__name__}: it must be a number"
    with pytest.raises(TypeError, match=message):
        y.forward()
    assert y.data == 1.0
    for build in BUILDERS.values():
        with pytest.raises(TypeError, match=message):
            build(w * x, x)


BUILDERS: dict[str, Callable[[Value, Value], object]] = {
    "infix": lambda w, x: w * x,
    "reflected": lambda w, x: 2.0 - w,
    "method": lambda w, x: w.tanh(),
    "composed": lambda w, x: sigmoid(w),
    "dot": lambda w, x: dot([w], [x]),
}


@pytest.mark.parametrize("build", BUILDERS.values(), ids=BUILDERS)
@pytest.mark.parametrize("watched", [False, True], ids=["", "anomalies looked for"])
def test_building_on_a_leaf_whose_data_is_not_a_number_names_it(
    build: Callable[[Value, Value], object], watched: bool
) -> None:
    w, x, _ = graph()
    w.data = cast(Any, None)
    message = r"^w\.data is None, of type NoneType: it must be a number"
    with detect_anomaly() if watched else nullcontext(), pytest.raises(TypeError, match=message):
        build(w, x)


def test_a_node_without_a_label_is_named_by_its_operation() -> None:
    w, x, _ = graph()
    product = w * x
    y = product.sin()
    product.data = cast(Any, "foo")
    with pytest.raises(TypeError, match=r"^the data of a multiply is 'foo', of type str: it must be a number"):
        grad(y, [w])


@pytest.mark.parametrize("number", [2, True, np.float64(2.0), np.float32(2.0), np.int64(2)], ids=lambda x: str(type(x)))
def test_every_real_number_can_be_set(number: Any) -> None:
    w, x, y = graph()
    w.data, w.grad = number, number
    forward(y)
    y.backward()
    same = Value(float(number))
    assert y.data == (same * x.data).tanh().data
    assert w.grad == float(number) + grad((same * x.data).tanh(), [same])[0]


@pytest.mark.parametrize("kind", [np.uint8, np.int32, np.float16, np.float32])
def test_numbers_of_an_array_are_computed_with_as_floats(kind: Any) -> None:
    a, b = Value(0.0), Value(0.0)
    y = ((a - b) * a * a * a).tanh() + (a - b) * a
    for rebuild in (False, True):
        a.data, b.data = kind(100), kind(200)  # 100 - 200 is 156 among bytes
        with np.errstate(over="ignore"):  # NumPy's warning, before the number is converted to float
            value = ((a - b) * a).data if rebuild else y.forward()
        assert (value, type(value)) == (-10000.0 - (not rebuild), float)
    y.backward()
    assert a.grad == 0.0


def test_a_division_by_a_zero_of_an_array_names_the_node() -> None:
    x = Value(2.0, "x")
    y = 1.0 / x
    x.data = np.float64(0.0)
    with pytest.raises(DomainError, match="x = 0"):
        y.forward()
    x.data = np.float64(0.0)
    with pytest.raises(DomainError, match="x = 0"), np.errstate(all="ignore"):
        1.0 / x


def test_check_numbers_accepts_every_float() -> None:
    check_numbers([Value(1.0), Value(float("nan"))])


def test_a_label_that_is_not_text_is_refused_where_it_is_set() -> None:
    x = Value(2.0, "x")
    u = x * 3.0
    u.label = "u"
    strangers: list[Any] = [5, None, b"u", Value(1.0)]
    for stranger in strangers:
        with pytest.raises(
            TypeError, match=r"^the label of Value\(data=6.0, .*label='u'\) is text such as 'x' or 'w_11'"
        ):
            u.label = stranger
    assert u.label == "u"


NUMPY_NUMBERS = [np.uint8(200), np.int8(-100), np.int8(-128), np.uint16(60000), np.float16(300.0), np.float32(1e30)]
UNARY = [op for op in TABLE.values() if op.arity == 1]


OPERATIONS: list[Callable[[Value], Value]] = [*UNARY, Value.__neg__, Value.tanh, Value.sigmoid, Value.relu]
OPERATIONS += [lambda x: x * x, lambda x: x - 1.0 - x, lambda x: 2.0 - x, lambda x: 7.0 / (x * x), lambda x: x**3.0]


@pytest.mark.parametrize("number", NUMPY_NUMBERS, ids=repr)
@pytest.mark.filterwarnings("error")
def test_numbers_of_numpy_in_a_leaf_never_wrap_around(number: Any) -> None:
    def outcome(operate: Callable[[Value], Value], data: Any, again: bool) -> object:
        """The value and the derivative, if the leaf is set before the graph is built, or after."""
        x = Value(known(operate).points[0][0] if isinstance(operate, Op) else 0.5, "x")
        y = operate(x) + x / x
        x.data = data
        try:
            if again:
                y = operate(x) + x / x
            with nullcontext() if again else np.errstate(all="ignore"):
                y.backward()
        except DomainError as error:
            return str(error)
        return y.data, x.grad

    for operate in OPERATIONS:
        for again in (False, True):
            assert repr(outcome(operate, number, again)) == repr(outcome(operate, float(number), again)), operate
