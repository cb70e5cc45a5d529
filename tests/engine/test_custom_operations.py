"""Operations of a function of floats and a function of its local derivatives: nodes like all others."""

import copy
import math
import pickle
import re
from collections.abc import Callable
from typing import Any, cast

import pytest

import engine
from engine import (
    TABLE,
    DomainError,
    Op,
    Value,
    check_gradients,
    cos,
    custom_operation,
    detect_anomaly,
    explain,
    grad,
    hessian,
    jacobian,
    jvp,
    toposort,
    vjp,
)
from tests.engine.compiler.backends import both_backends
from viz import Stepper, draw


def hypotenuse(x: float, y: float) -> float:
    return math.hypot(x, y)


def hypotenuse_of_floats(z: float, x: float, y: float) -> tuple[float, float]:
    return (x / z, y / z) if z > 0.0 else (0.0, 0.0)


def hypotenuse_of_symbols(z: Any, x: Any, y: Any) -> tuple[Any, Any]:
    return x / z, y / z


def untyped(given: Any) -> Any:
    """A function that returns this, whatever it is called with; types are not checked."""
    return lambda x: given


of_floats = custom_operation(hypotenuse, hypotenuse_of_floats)
of_symbols = custom_operation(hypotenuse, hypotenuse_of_symbols, name="length", symbol="ℓ", symbolic=True)
each_kind = pytest.mark.parametrize("op", [of_floats, of_symbols], ids=["floats", "symbols"])


def leaves() -> tuple[Value, Value]:
    return Value(3.0, "x"), Value(4.0, "y")


@each_kind
def test_its_node_is_recomputed_and_differentiated(op: Op) -> None:
    x, y = leaves()
    z = op(x, y) * 2.0
    z.backward()
    assert (z.data, x.grad, y.grad) == (10.0, 1.2, 1.6)
    x.data, y.data = 5.0, 12.0
    assert z.forward() == 26.0
    assert grad(z, [x, y]) == jacobian(z, [x, y]) == [10.0 / 13.0, 24.0 / 13.0]
    assert all(check_gradients(z))
    assert op(3.0, 4.0) == 5.0
    assert op(3.0, Value(4.0)).inputs[0].data == 3.0


@each_kind
@both_backends
def test_programs_call_the_functions(op: Op, backend: str) -> None:
    x, y = leaves()
    program = engine.compile(op(x, y) * x, [x, y], backend=backend)
    value, gradient = program.value_and_grad(5.0, 12.0)
    assert [value, *gradient] == pytest.approx([65.0, 13.0 + 25.0 / 13.0, 60.0 / 13.0], rel=1e-15)
    assert program.sum_over([[3.0, 4.0], [5.0, 12.0]])[0] == 80.0
    with pytest.raises(
        ValueError, match=rf"looks up the primitive '{op.name}\w*' in engine.TABLE.* declare it by engine.primitive"
    ):
        program.source_for("python")


@each_kind
def test_it_is_drawn_stepped_and_explained(op: Op) -> None:
    x, y = leaves()
    z = op(x, y)
    z.backward()
    assert op.symbol in draw(z).source
    assert "sum over paths" in repr(explain(z, x))
    stepper = Stepper(z)
    assert f"{op.symbol}(" in str(stepper.step())


def test_symbolic_derivatives_have_derivatives() -> None:
    x, y = leaves()
    z = of_symbols(x, y)
    [slope, _] = grad(z, [x, y], create_graph=True)
    assert grad(slope, [x, y]) == pytest.approx([16.0 / 125.0, -12.0 / 125.0])
    assert hessian(z, [x, y])[0] == pytest.approx([16.0 / 125.0, -12.0 / 125.0])


def test_derivatives_of_floats_alone_are_not_differentiated() -> None:
    x, y = leaves()
    z = of_floats(x, y)
    [slope, _] = grad(z, [x, y], create_graph=True)
    assert (slope.data, slope.op.name) == (0.6, "hypotenuse_d1") or slope.op is TABLE["multiply"]
    x.data = 0.0
    engine.forward(z, slope)
    assert slope.data == 0.0
    message = "hypotenuse has first derivatives only, .*: give symbolic=True if they are written with"
    uses: list[Callable[[], Any]] = [
        lambda: grad(slope, [x]),
        lambda: slope.backward(),
        lambda: grad(slope, [x], create_graph=True),
        lambda: hessian(z, [x, y]),
        lambda: engine.compile(slope, [x, y], backend="python").value_and_grad(3.0, 4.0),
    ]
    for use in uses:
        with pytest.raises(NotImplementedError, match=message):
            use()


@pytest.mark.parametrize(
    "derivative", [lambda z, x: math.cos(x), lambda z, x: [cos(x)], lambda z, x: (math.cos(x),)], ids=range(3)
)
def test_one_input_takes_a_number_or_a_sequence_of_one(derivative: Callable[..., Any]) -> None:
    sine = custom_operation(math.sin, derivative, n_inputs=1)
    assert sine.name == "sin"
    x = Value(0.5, "x")
    assert grad(sine(x) * engine.sin(x), [x]) == pytest.approx([math.sin(1.0)])


@both_backends
def test_derivatives_of_floats_are_called_for_each_number(backend: str) -> None:
    scale, slopes = [2.0], {1.0: 2.0}
    linear = custom_operation(lambda x: scale[0] * x, lambda z, x: scale[0])
    looked_up = custom_operation(lambda x: 2.0 * x, lambda z, x: slopes.get(x, 0.0))
    by_type = custom_operation(lambda x: 5.0 * x, lambda z, x: 5.0 if isinstance(x, float) else 1.0)
    x = Value(1.0, "x")
    y = linear(x) + looked_up(x) + by_type(x)
    for factor in (2.0, 3.0):
        scale[0] = slopes[1.0] = factor
        y.forward()
        [slope] = grad(y, [x], create_graph=True)
        program = engine.compile(y, [x], backend=backend)
        found = [*grad(y, [x]), jacobian(y, x), jvp(y, x, 1.0), vjp(y, x, 1.0), slope.data, *program.grad(1.0)]
        assert found == [2.0 * factor + 5.0] * 6


def test_a_changed_derivative_is_not_that_of_before() -> None:
    scale, x = [2.0], Value(1.0, "x")
    y = custom_operation(lambda x: 0.0, lambda z, x: scale[0])(x)
    assert grad(y, [x]) == [2.0]
    scale[0] = 3.0
    assert grad(y, [x]) == [3.0]


def test_derivatives_of_all_inputs_are_computed_together() -> None:
    np = pytest.importorskip("numpy")
    calls = []

    def slopes(z: float, *xs: float) -> Any:
        calls.append(xs)
        return 2.0 * np.array(xs, float)

    square = custom_operation(lambda *xs: np.dot(xs, xs), slopes, n_inputs=5, name="square_norm")
    xs = [Value(float(i)) for i in range(5)]
    y = square(*xs)
    del calls[:]
    y.backward()
    assert [x.grad for x in xs] == [0.0, 2.0, 4.0, 6.0, 8.0]
    assert len(calls) == 1
    xs[0].data = -0.0
    assert math.copysign(1.0, jacobian(y, xs)[0]) == -1.0


def test_an_arithmetic_error_names_the_node() -> None:
    root = custom_operation(lambda x: math.sqrt(x), lambda z, x: 0.5 / float(z), name="root", needs="a number above 0")
    with pytest.raises(DomainError, match=r"root\(x = -1.0\) is not finite: root needs a number above 0"):
        root(Value(-1.0, "x"))
    y = root(Value(0.0, "x"))
    for use in (y.backward, lambda: jacobian(y, y.inputs), lambda: grad(y, y.inputs, create_graph=True)):
        with pytest.raises(DomainError, match=r"the derivative of root\(x = 0.0\) is not finite"):
            use()
    with detect_anomaly(), pytest.raises(DomainError, match=r"the derivative of root"):
        y.backward()


def test_a_graph_with_it_is_copied_and_pickled() -> None:
    x, y = leaves()
    z = of_floats(x, y) * of_floats(x, 1.0)
    [slope] = grad(z, [x], create_graph=True)
    copied, loaded = copy.deepcopy(z), pickle.loads(pickle.dumps([z, slope]))
    assert copy.deepcopy(of_floats) is copy.copy(of_floats) is of_floats
    assert {node.op for node in toposort(copied)} == {node.op for node in toposort(z)}
    ops = [node.op for node in toposort(loaded[0]) if node.op.name == "hypotenuse"]
    assert len(ops) == 2
    assert len(set(ops)) == 1
    assert grad(loaded[0], [toposort(loaded[0])[0]]) == grad(z, [x])
    assert loaded[1].forward() == slope.data
    secret = custom_operation(lambda x: x, lambda z, x: 1.0)
    with pytest.raises((pickle.PicklingError, AttributeError), match="lambda"):
        pickle.dumps(secret(x))


def test_it_is_not_in_the_table_and_may_have_any_name() -> None:
    twice = custom_operation(lambda x: 2.0 * x, lambda z, x: 2.0)
    exp = custom_operation(lambda x: 3.0 * x, lambda z, x: 3.0, name="exp", symbol="e")
    assert (twice.name, exp.name, repr(exp)) == ("custom", "exp", "<operation exp(x)>")
    assert exp not in TABLE.values()
    x = Value(1.0, "x")
    program = engine.compile(twice(x) * exp(x) + x.exp(), [x], backend="python")
    assert program.value_and_grad(0.0) == (1.0, [1.0])


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (
            lambda: custom_operation(cast(Any, 2.0), abs),
            TypeError,
            "how many inputs 2.0 has is not known: give n_inputs=1",
        ),
        (lambda: custom_operation(lambda *xs: 0.0, abs), TypeError, "how many inputs <function .* is not known"),
        (lambda: custom_operation(lambda x: x, cast(Any, 1.0)), TypeError, "'custom': its derivative .* not 1.0"),
        (lambda: custom_operation(lambda x: x, lambda x: 1.0), ValueError, r"must take \(z, x_1\), not \(x\)"),
        (
            lambda: custom_operation(lambda x: x, lambda z, x: [1.0, x], symbolic=True),
            TypeError,
            "one number for each of its 1 inputs, not 2",
        ),
        (
            lambda: custom_operation(lambda x: x, lambda z, x: "a", symbolic=True),
            TypeError,
            r"derivatives of custom\[0\] is 'a', of ty",
        ),
        (
            lambda: custom_operation(lambda x: x, lambda z, x: math.cos(x), symbolic=True),
            TypeError,
            "the derivatives of custom are not symbolic .*engine.cos.* or leave out symbolic=True",
        ),
        (lambda: custom_operation(abs, abs, n_inputs=0), ValueError, "an operation has inputs, not 0"),
        (lambda: custom_operation(abs, abs, name="my op"), ValueError, "called by an identifier .*, not by 'my op'"),
    ],
    ids=range(9),
)
def test_what_cannot_be_an_operation_is_refused(make: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        make()


def test_results_that_are_not_numbers_are_refused() -> None:
    x = Value(0.5, "x")
    with pytest.raises(TypeError, match="the function of custom returned 'a', of type str"):
        custom_operation(untyped("a"), lambda z, x: 1.0)(x)
    y = custom_operation(lambda x: x, lambda z, x: [math.cos(x)] * 2)(x)
    with pytest.raises(TypeError, match=re.escape("of custom are one number for each of its 1 inputs, not 2")):
        y.backward()
