"""NumPy's functions of arrays whose elements are Values: they compute, with gradients, or say what to write."""

import math
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from engine import Value, atan2, compile, grad, greater, maximum, numerical_gradient, sigmoid, softplus, where
from engine.comparisons import record_comparisons

NUMBERS = 0.5, -0.25, 0.75
masked_array: Any = np.ma.array  # untyped by the NumPy of Python 3.10

REDUCTIONS: dict[str, Callable[[Any], Any]] = {
    "mean": np.mean,
    "sum": np.sum,
    "prod": np.prod,
    "var": np.var,
    "std": np.std,
    "median": np.median,
    "max": np.max,
    "norm": np.linalg.norm,
    "norm of rows": lambda a: np.sum(np.linalg.norm(a.reshape(1, 3), axis=1)),
    "sum of absolutes": lambda a: np.linalg.norm(a, 1),
    "average": lambda a: np.average(a, weights=[1.0, 2.0, 3.0]),
    "dot": lambda a: np.dot(a, [1.0, 2.0, 3.0]),
    "dot with itself": lambda a: np.dot(a, a),
    "vdot": lambda a: np.vdot(a, a),
    "matmul": lambda a: a @ a,
    "einsum": lambda a: np.einsum("i,j->", a, a),
    "arctan": lambda a: np.sum(np.arctan(a)),
    "arctan2": lambda a: np.sum(np.arctan2(a, 2.0)) * np.sum(np.arctan2(a, a)),
    "hypot": lambda a: np.sum(np.hypot(a, 2.0)) * np.sum(np.hypot(a, a)),
    "inverses": lambda a: np.sum(np.arcsin(a) * np.arccos(a) + np.arcsinh(a) * np.arctanh(a) + np.arccosh(2.0 + a)),
    "exponentials": lambda a: np.sum(np.sinh(a) * np.cosh(a) + np.exp2(a) + np.cbrt(a)),
    "logarithms": lambda a: np.sum(np.log2(1.0 + a) * np.log10(2.0 + a)),
    "fabs": lambda a: np.sum(np.fabs(a)),
    "conjugate": lambda a: np.sum(np.conjugate(a) * a),
    "softmax": lambda a: (np.exp(a) / np.sum(np.exp(a)))[0],
    "of one": lambda a: np.sqrt(a[0]),
}


@pytest.mark.parametrize("function", REDUCTIONS.values(), ids=REDUCTIONS)
def test_numpys_functions_of_an_array_of_values_have_gradients(function: Callable[[Any], Any]) -> None:
    xs = [Value(number) for number in NUMBERS]
    y = function(np.array(xs))
    assert isinstance(y, Value)
    assert y.data == pytest.approx(function(np.array(NUMBERS)), rel=1e-15)
    assert grad(y, xs) == pytest.approx(numerical_gradient(y, xs), rel=1e-6)


def clip(a: Any) -> Any:
    return np.clip(a, 0.0, 1.0)


@pytest.mark.parametrize("function", [np.sign, clip, np.maximum.reduce])
def test_functions_that_compare_are_noticed_as_branches(function: Callable[[Any], Any]) -> None:
    with record_comparisons() as compared:
        function(np.array([x := Value(0.5), 2.0 * x]))
    assert any(node is x for node in compared)
    with pytest.warns(UserWarning, match="the function compares Values"):
        compile(lambda x: x + np.sum(function(np.array([x, 2.0 * x]))), n_inputs=1, backend="python")


# The functions of elements that work. Those of the last line return numbers and booleans, without a derivative.
WORK = """
absolute add arccos arccosh arcsin arcsinh arctan arctan2 arctanh cbrt conjugate cos cosh divide exp exp2 expm1 fabs
floor fmax fmin hypot log log10 log1p log2 maximum minimum multiply negative positive power reciprocal sin sinh sqrt
square subtract tan tanh
equal greater greater_equal less less_equal logical_and logical_not logical_or not_equal sign
"""
HINTS = r"^Value does not have an attribute '\w+': |^x // y and x % y jump|^x \^ y is not a power|^a Value is not con"
HINTS += "|^rounding jumps"
PYTHONS = "^unsupported operand type|^bad operand type for unary ~|__trunc__"  # of &, |, <<, >>, ~ and trunc
UFUNCS = [ufunc for ufunc in vars(np).values() if isinstance(ufunc, np.ufunc) and ufunc.signature is None]
OF_OBJECTS = {ufunc.__name__: ufunc for ufunc in UFUNCS if any("O" in types for types in ufunc.types)}


@pytest.mark.parametrize("name", sorted(OF_OBJECTS))
def test_a_function_of_elements_works_or_says_what_to_write(name: str) -> None:
    ufunc: Any = OF_OBJECTS[name]
    rows = [[1.5, 1.25]] if name == "arccosh" else [[0.5, 0.25], [0.75, 0.125]][: ufunc.nin]
    values = [np.array([Value(number) for number in row]) for row in rows]
    if name in WORK.split():
        expected = ufunc(*rows)
        found = [x.data if isinstance(x, Value) else x for x in ufunc(*values)]
        assert np.array(found, expected.dtype) == pytest.approx(expected, rel=1e-15)
    else:
        with pytest.raises((TypeError, AttributeError)) as caught:
            ufunc(*values)
        error = caught.value.__cause__ or caught.value  # NumPy puts a sentence of its own before that of an attribute
        assert re.search(f"{HINTS}|{PYTHONS}", str(error))


def untyped(function: Any) -> Any:
    return function


def test_functions_of_the_engine_take_arrays_element_by_element() -> None:
    xs: Any = np.array([[Value(number) for number in NUMBERS]] * 2)
    found = softplus(xs)
    assert (found.dtype, found.shape) == (object, (2, 3))
    assert [y.data for y in found[1]] == [softplus(number) for number in NUMBERS]
    assert grad(found[0, 1], xs)[0, 1] == sigmoid(NUMBERS[1])
    assert softplus(np.array(NUMBERS)).tolist() == [softplus(number) for number in NUMBERS]
    assert softplus(np.array(NUMBERS)).dtype == float
    assert [y.data for y in untyped(maximum)(Value(0.25), xs[0])] == [0.5, 0.25, 0.75]
    assert [y.data for y in untyped(atan2)(0.5, xs[0])] == [math.atan2(0.5, number) for number in NUMBERS]
    assert where(greater(xs, 0.0), xs, np.zeros((2, 1)))[1, 1].data == 0.0
    methods: list[Any] = [Value(0.25).maximum, lambda low: Value(0.25).clamp(low, 2.0)]
    for method in methods:
        assert [y.data for y in method(xs[0])] == [0.5, 0.25, 0.75]
    zero_axes: Any = np.array(Value(0.5), dtype=object)
    assert isinstance(softplus(zero_axes), Value)


@pytest.mark.parametrize(
    ("stranger", "message"),
    [
        (np.array(["0.5"]), "has the dtype <U3: real numbers are needed"),
        (np.array(["2026-01-01"], dtype="M8[ns]"), "has the dtype datetime64"),
        (np.array([1j]), "has the dtype complex128"),
        (masked_array([1.0], mask=[True]), r"\[0\] is masked"),
        (np.array([None]), r"takes numbers and Values, not \(NoneType\)"),
    ],
)
def test_arrays_of_other_things_are_refused(stranger: Any, message: str) -> None:
    with pytest.raises(TypeError, match=message):
        softplus(stranger)


def test_rounding_says_what_to_write() -> None:
    xs: Any = np.array([Value(0.5), Value(1.5)])
    rounding: list[Callable[[], Any]] = [lambda: np.round(xs), lambda: np.rint(xs), lambda: round(xs[0], 2)]
    rounding += [lambda: math.ceil(xs[0]), lambda: np.ceil(xs)]
    for use in rounding:
        with pytest.raises(TypeError, match=r"^rounding jumps, .*: round x\.data, or write x\.floor\(\)"):
            use()
