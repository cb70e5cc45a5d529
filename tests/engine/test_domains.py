"""The edges of the domains: NaN, infinities, the regions of a power, and the errors outside."""

import math
import sys
from typing import Any

import pytest

from engine import (
    TABLE,
    DomainError,
    Value,
    absolute,
    atan,
    divide,
    exp,
    expm1,
    grad,
    greater,
    leaky_relu,
    log,
    log1p,
    maximum,
    minimum,
    multiply,
    power,
    relu,
    sigmoid,
    sin,
    softplus,
    sqrt,
    tanh,
    toposort,
    where,
)
from tests.engine.float_bits import bits

INF, NAN = math.inf, math.nan


@pytest.mark.parametrize("op", [op for op in TABLE.values() if op.arity == 1], ids=lambda op: op.name)
def test_nan_passes_through(op: Any) -> None:
    assert math.isnan(op(NAN))
    assert math.isnan(op(Value(NAN)).data)


@pytest.mark.parametrize("op", [maximum, minimum, multiply, divide], ids=lambda op: op.name)
def test_nan_passes_through_from_either_side(op: Any) -> None:
    assert math.isnan(op(NAN, 1.0))
    assert math.isnan(op(1.0, NAN))


def test_nan_falls_through_comparisons() -> None:
    assert greater(NAN, 1.0) == greater(1.0, NAN) == greater(NAN, NAN) == 0.0
    assert math.isnan(leaky_relu(NAN, 0.1))
    assert math.isnan(where(greater(1.0, NAN), 1.0, NAN))
    assert where(greater(1.0, 0.0), 1.0, NAN) == 1.0


@pytest.mark.parametrize(
    ("op", "below", "above"),
    [
        (sigmoid, 0.0, 1.0),
        (softplus, 0.0, INF),
        (relu, 0.0, INF),
        (tanh, -1.0, 1.0),
        (exp, 0.0, INF),
        (expm1, -1.0, INF),
        (atan, -math.pi / 2, math.pi / 2),
        (absolute, INF, INF),
        (leaky_relu, -INF, INF),
    ],
    ids=lambda x: getattr(x, "name", None),
)
def test_values_at_the_infinities_are_limits(op: Any, below: float, above: float) -> None:
    assert (op(-INF), op(INF)) == (below, above)


@pytest.mark.parametrize(
    ("op", "below", "above"), [(sigmoid, 0.0, 0.0), (softplus, 0.0, 1.0), (tanh, 0.0, 0.0), (atan, 0.0, 0.0)]
)
@pytest.mark.parametrize("far", [1e3, 1e200, INF])
def test_derivatives_far_out_are_limits(op: Any, below: float, above: float, far: float) -> None:
    x, y = Value(-far), Value(far)
    assert grad(op(x), [x]) + grad(op(y), [y]) == pytest.approx([below, above], rel=0, abs=2e-6)
    assert all(map(math.isfinite, grad(op(x), [x])))


def test_no_step_overflows_before_the_value_does() -> None:
    assert [sigmoid(-1000.0), sigmoid(1000.0)] == [0.0, 1.0]
    assert [softplus(-1000.0), softplus(1000.0), softplus(1.7e308)] == [0.0, 1000.0, 1.7e308]
    assert [tanh(-1000.0), tanh(1000.0), exp(-1000.0)] == [-1.0, 1.0, 0.0]
    assert [log(5e-324), log(1.7e308)] == [math.log(5e-324), math.log(1.7e308)]


def slopes(x: float, y: float) -> list[float]:
    """The derivatives of x**y by base and exponent."""
    base, exponent = Value(x), Value(y)
    return grad(base**exponent, [base, exponent])


@pytest.mark.parametrize(
    ("x", "y", "value", "by_base", "by_exponent"),
    [
        (2.0, 3.0, 8.0, 12.0, 8.0 * math.log(2.0)),
        (4.0, -0.5, 0.5, -0.0625, 0.5 * math.log(4.0)),
        (0.0, 0.0, 1.0, 0.0, 0.0),
        (0.0, 1.0, 0.0, 1.0, 0.0),
        (0.0, 2.0, 0.0, 0.0, 0.0),
        (0.0, 1.5, 0.0, 0.0, 0.0),
        (3.0, 0.0, 1.0, 0.0, math.log(3.0)),
        (1.0, 5.0, 1.0, 5.0, 0.0),
        (-2.0, 3.0, -8.0, 12.0, NAN),
        (-2.0, 2.0, 4.0, -4.0, NAN),
        (-2.0, -1.0, -0.5, -0.25, NAN),
        (-2.0, 0.0, 1.0, 0.0, NAN),
    ],
)
def test_regions_of_a_power(x: float, y: float, value: float, by_base: float, by_exponent: float) -> None:
    assert (Value(x) ** Value(y)).data == power(x, y) == value
    assert slopes(x, y) == pytest.approx([by_base, by_exponent], rel=1e-15, nan_ok=True)


def test_a_negative_base_needs_no_derivative_wrt_the_exponent() -> None:
    x = Value(-2.0)
    assert grad(x**3, [x]) == [12.0]
    [first] = grad(x**3, [x], create_graph=True)
    assert grad(first, [x]) == [-12.0]


@pytest.mark.parametrize("n", [0, 1, 2, 3])
def test_derivatives_of_a_whole_power_at_0(n: int) -> None:
    x = Value(0.0)
    derivative: Value = x**n
    for order in range(5):
        assert derivative.data == (math.factorial(n) if order == n else 0.0)
        [derivative] = grad(derivative, [x], create_graph=True)


def test_0_to_the_power_of_minus_infinity_is_that_of_math_pow() -> None:
    if sys.version_info >= (3, 11):
        assert power(0.0, -INF) == INF
    else:
        with pytest.raises(DomainError):
            power(0.0, -INF)


@pytest.mark.parametrize("x", [5e-324, -5e-324, 1e-310, -1e-310, 2.0**-1024, -(2.0**-1024)])
def test_a_power_of_0_has_derivative_0_for_tiny_bases_too(x: float) -> None:
    assert slopes(x, 0.0)[0] == slopes(x, -0.0)[0] == 0.0
    base = Value(x)
    assert grad(base**0, [base]) == [0.0]


def mixed_derivatives(x: float, y: float) -> list[float]:
    """∂²(x**y)/∂x∂y, by x first and by y first."""
    base, exponent = Value(x), Value(y)
    by_base, by_exponent = grad(base**exponent, [base, exponent], create_graph=True)
    return [*grad(by_base, [exponent]), *grad(by_exponent, [base])]


@pytest.mark.parametrize("x", [2.0, 1.0, 0.5, 1e-5, 1e-200])
def test_the_mixed_derivative_of_a_power_of_0_is_1_over_x(x: float) -> None:
    assert mixed_derivatives(x, 0.0) == pytest.approx([1.0 / x] * 2, rel=1e-15)
    base = Value(x)
    [first] = grad(base ** Value(0.0), [base], create_graph=True)
    assert grad(first, [base]) == [0.0]


def test_a_mixed_derivative_that_is_too_large_is_no_number() -> None:
    assert not any(map(math.isfinite, mixed_derivatives(1e-310, 0.0)))


@pytest.mark.parametrize(("y", "by_base_first"), [(0.0, 0.0), (1.0, 1.0), (2.0, 0.0)])
def test_log_of_a_base_of_0_counts_as_0_in_mixed_derivatives_too(y: float, by_base_first: float) -> None:
    assert mixed_derivatives(0.0, y) == [by_base_first, 0.0]
    x = Value(0.0)
    assert grad(x**x, [x]) == [0.0]


@pytest.mark.parametrize("y", [0.0, 2.0, -1.0, NAN])
def test_at_a_base_of_nan_the_derivative_wrt_the_exponent_is_nan(y: float) -> None:
    assert math.isnan(slopes(NAN, y)[1])


@pytest.mark.parametrize("x", [0.0, 5e-324, 2.0, INF])
def test_the_graph_of_a_powers_derivative_is_free_of_nan(x: float) -> None:
    base, exponent = Value(x), Value(2.0)
    slopes = grad(base**exponent, [base, exponent], create_graph=True)
    assert not any(math.isnan(node.data) for node in toposort(*slopes) if node.inputs)


def test_2_to_the_power_of_x() -> None:
    x = Value(3.0)
    y = 2**x
    assert y.data == 8.0
    assert grad(y, [x]) == pytest.approx([8.0 * math.log(2.0)], rel=1e-15)


def test_signs_of_zero_are_kept() -> None:
    assert bits((-Value(0.0)).data) == bits((Value(-0.0) * 1).data) == bits(sin(-0.0)) == bits(-0.0)


@pytest.mark.parametrize(
    ("compute", "message"),
    [
        (lambda: log(Value(-1.0, "x")), r"log\(x = -1.0\) is not finite: log needs a number above 0"),
        (lambda: log(Value(0.0)), r"log\(0.0\) is not finite: log needs a number above 0"),
        (lambda: log1p(Value(-1.0, "x")), r"log1p\(x = -1.0\) .*: log1p needs a number above -1"),
        (lambda: sqrt(Value(-4.0, "x")), r"sqrt\(x = -4.0\) .*: sqrt needs a number >= 0"),
        (lambda: Value(0.0, "b") ** -1, r"power\(b = 0.0, -1.0\) .*: power needs a result .*, or base 0 and"),
        (lambda: Value(-8.0, "b") ** Value(0.5, "n"), r"power\(b = -8.0, n = 0.5\) .*, or a negative base and an int"),
        (lambda: Value(10.0, "b") ** 400, r"power\(b = 10.0, 400.0\) .*: power needs a result below 1.8e308; and a"),
        (lambda: 1 / Value(0.0, "x"), r"divide\(1.0, x = 0.0\) .*: divide needs a denominator other than 0"),
        (lambda: Value(1.0, "y") / Value(0.0, "x"), r"divide\(y = 1.0, x = 0.0\) is not finite"),
        (lambda: exp(Value(1000.0, "a_1")), r"exp\(a_1 = 1000.0\) .*: exp needs a number below 709.79"),
        (lambda: expm1(Value(1000.0)), r"expm1\(1000.0\) is not finite"),
        (lambda: sin(Value(INF, "t")), r"sin\(t = inf\) is not finite: sin needs a finite number"),
        (lambda: exp(1000.0), r"exp\(1000.0\) is not finite"),
        (lambda: divide(1, 0), r"divide\(1.0, 0.0\) is not finite"),
        (lambda: sqrt(Value(0.0, "x")).backward(), r"the derivative of sqrt\(x = 0.0\) .*\(for the derivative: > 0\)"),
        (lambda: power(Value(0.0, "x"), 0.5).backward(), r"the derivative of power\(x = 0.0, 0.5\) is not finite"),
    ],
)
def test_a_domain_error_names_operation_operands_and_need(compute: Any, message: str) -> None:
    with pytest.raises(DomainError, match=message) as caught:
        compute()
    assert isinstance(caught.value.__cause__, (ArithmeticError, ValueError))
