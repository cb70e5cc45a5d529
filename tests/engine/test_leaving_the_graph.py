"""A Value does not become a plain number unnoticed: what takes numbers alone refuses it, and says what to write."""

import array
import cmath
import math
import operator
import statistics
import struct
from collections.abc import Callable
from typing import Any, cast

import numpy as np
import pytest

import engine
from engine import Value, check_gradients, grad

X: Any = Value(0.7, "x")
ROOM: Any = np.zeros(2)

EXITS: dict[str, Callable[[], object]] = {
    "float": lambda: float(X),
    "complex": lambda: complex(X),
    "math.sin": lambda: math.sin(X) * X,
    "math.erf": lambda: math.erf(X),
    "math.pow": lambda: math.pow(2, X),
    "math.fsum": lambda: math.fsum([X]),
    "math.isclose": lambda: math.isclose(X, 0.7),
    "math.hypot": lambda: math.hypot(1.0, X),
    "cmath.sin": lambda: cmath.sin(X),
    "statistics.fmean": lambda: statistics.fmean([X, X]),
    "array.array": lambda: array.array("d", [X]),
    "%.3f": lambda: operator.mod("%.3f", X),
    "np.float64": lambda: np.float64(X),
    "np.float32": lambda: np.float32(X),
    "np.array of float": lambda: np.array([X], float),
    "np.array of complex": lambda: np.array([X], complex),
    "np.asarray without axes": lambda: np.asarray(X, float),
    "astype": lambda: np.array([X]).astype(float),
    "an element of an array": lambda: ROOM.__setitem__(0, X),
    "a slice of an array": lambda: ROOM.__setitem__(slice(None), [X, X]),
    "out=": lambda: np.add(ROOM, np.array([X, X]), out=ROOM, casting="unsafe"),
    "np.interp": lambda: np.interp(X, [0.0, 1.0], [0.0, 1.0]),
    "np.arange": lambda: np.arange(0, X),
    "np.fromiter": lambda: np.fromiter([X], float),
    "np.full": lambda: np.full(2, X, float),
}


@pytest.mark.parametrize("leave", EXITS.values(), ids=EXITS)
def test_a_value_does_not_become_a_float_by_itself(leave: Callable[[], object]) -> None:
    with pytest.raises(TypeError, match=r"write a function of engine or a method, .* x\.data for the number alone"):
        leave()
    assert ROOM.tolist() == [0.0, 0.0]


def printed(y: Value, x: Value) -> Any:
    space: dict[str, Any] = {}
    exec(engine.compile(y, [x], backend="python").source, space)
    return space["value_and_grad"]


REFUSED: dict[str, Callable[[], object]] = {
    "int": lambda: int(X),
    "round": lambda: round(X, 2),
    "math.trunc": lambda: math.trunc(X),
    "an index": lambda: [1, 2, 3][X],
    "range": lambda: range(X),
    "//": lambda: X // 2,
    "%": lambda: X % 2,
    "%d": lambda: operator.mod("%d", X),
    "struct.pack": lambda: struct.pack("d", X),
    "statistics.mean": lambda: statistics.mean([X, X]),
    "np.array of int": lambda: np.array([X], int),
    "an array of a Value": lambda: Value(cast(Any, np.array(X, dtype=object))),
    "an input of a program": lambda: engine.compile(X * X, [X], backend="python")(X),
    "a row of a program": lambda: engine.compile(X * X, [X], backend="python").each([[X]]),
    "a parameter of a program": lambda: engine.compile(X * X, backend="python").parameters.__setitem__(0, X),
    "a printed program": lambda: printed(X * X, X)(X, []),
}


@pytest.mark.parametrize("leave", REFUSED.values(), ids=REFUSED)
def test_what_takes_plain_numbers_refuses_a_value(leave: Callable[[], object]) -> None:
    with pytest.raises((TypeError, struct.error)):
        leave()


def test_matplotlib_refuses_a_value() -> None:
    matplotlib = pytest.importorskip("matplotlib.figure")
    axes = matplotlib.Figure().subplots()
    for plot in (axes.plot, axes.scatter, axes.bar):
        with pytest.raises(TypeError, match=r"x\.data for the number alone"):
            plot([1.0], [X])


def test_the_price_of_an_option_by_math_is_refused() -> None:
    S, t, sigma, r = Value(80.0, "S"), Value(0.0, "t"), Value(0.3, "σ"), Value(0.05, "r")
    K, T = 70.0, 1.0
    rest = (T - t).sqrt()
    d_1 = ((S / K).log() + (r + sigma**2 / 2) * (T - t)) / (sigma * rest)
    with pytest.raises(TypeError, match=r"x\.data for the number alone"):
        0.5 * (1.0 + math.erf(d_1 / 2**0.5))


STAYS: dict[str, tuple[Callable[[Value], Any], float]] = {
    "np.sin of an array of objects": (lambda x: np.sin(np.array([x], dtype=object))[0], math.cos(0.7)),
    "np.exp": (lambda x: np.exp(cast(Any, x)), math.exp(0.7)),
    "np.dot": (lambda x: np.dot(np.array([x, x * x]), [1.0, 2.0]), 1.0 + 4.0 * 0.7),
    "np.mean": (lambda x: np.mean([x, 3.0 * x]), 2.0),
    "np.linalg.norm": (lambda x: np.linalg.norm(np.array([3.0 * x, 4.0 * x])), 5.0),
    "np.float64": (lambda x: np.float64(2.0) * x, 2.0),
    "math.prod": (lambda x: math.prod([x, x]), 1.4),
    "sum": (lambda x: sum([x, x]), 2.0),
}


@pytest.mark.parametrize(("function", "slope"), STAYS.values(), ids=STAYS)
def test_functions_that_compute_with_objects_keep_the_graph(function: Callable[[Value], Any], slope: float) -> None:
    x = Value(0.7, "x")
    y = function(x)
    assert isinstance(y, Value)
    assert grad(y, [x]) == pytest.approx([slope], rel=1e-14)
    assert [check.input for check in check_gradients(y)] == [x]


def test_a_specification_formats_the_number_and_str_the_node() -> None:
    x = Value(2 / 3, "x")
    assert (f"{x:.4f}", f"{x:>8.2e}", format(x, "g")) == ("0.6667", "6.67e-01", "0.666667")
    assert f"{x}" == operator.mod("%s", x) == str(x) == f"{x!r}" == repr(x)
    with pytest.raises(ValueError, match="format code 'd'"):
        f"{x:d}"


@pytest.mark.parametrize("names", [("__eq__",), ("__hash__",), ("__eq__", "__hash__")], ids=" ".join)
def test_a_subclass_that_compares_nodes_by_number_is_refused(names: tuple[str, ...]) -> None:
    by_number: dict[str, Any] = {
        "__eq__": lambda self, other: self.data == other.data,
        "__hash__": lambda self: hash(self.data),
    }
    namespace = {name: by_number[name] for name in names}
    with pytest.raises(TypeError, match=r"ByNumber must not define __eq__ or __hash__: sweeps .* by identity"):
        type("ByNumber", (Value,), namespace)
    mixin = type("Mixin", (), namespace)
    with pytest.raises(TypeError, match="ByNumber must not define"):
        type("ByNumber", (mixin, Value), {})
