"""Central differences, and backpropagation compared with them."""

import math

import pytest

from engine import DomainError, Value, check_gradients, numerical_gradient
from engine.ops import constant


def test_differences_are_exact_for_a_square() -> None:
    x = Value(3.0)
    assert numerical_gradient(x * x, [x], step=0.5) == [6.0]


def test_the_step_grows_with_the_number() -> None:
    x = Value(2.0**30)
    assert numerical_gradient(x * x, [x], step=2.0**-10) == [2.0**31]


@pytest.mark.parametrize(("at", "h"), [(0.0, 0.5), (1.0, 0.5), (1.5, 0.75), (3.0, 1.5)])
def test_the_error_for_a_cube_is_the_square_of_the_step(at: float, h: float) -> None:
    x = Value(at)
    assert numerical_gradient(x * x * x, [x], step=0.5) == [3.0 * at**2 + h**2]


def test_shared_parts_and_several_leaves() -> None:
    x, y = Value(0.5), Value(-1.5)
    a = x * y
    assert numerical_gradient(a * a + a.exp() + x, [y, x]) == pytest.approx(
        [2 * -0.75 * 0.5 + math.exp(-0.75) * 0.5, 2 * -0.75 * -1.5 + math.exp(-0.75) * -1.5 + 1.0], abs=1e-9
    )


def test_a_leaf_out_of_reach_has_slope_0() -> None:
    x, stranger = Value(3.0), Value(1.0)
    assert numerical_gradient(x * x, [stranger]) == [0.0]
    assert numerical_gradient(x, [x, stranger]) == pytest.approx([1.0, 0.0])


def test_a_result_cannot_be_changed_by_itself() -> None:
    a = Value(3.0) * 2
    with pytest.raises(ValueError, match=r"Value\(data=6.0, grad=0.0\) is a result or a constant, not a variable"):
        numerical_gradient(a * a, [a])


def test_a_step_that_changes_no_float_is_refused() -> None:
    x = Value(3.0, "x")
    with pytest.raises(ValueError, match=r"a step of 1e-20 is too small for Value\(data=3.0, .*label='x'\)"):
        numerical_gradient(x * x, [x], step=1e-20)


@pytest.mark.parametrize("step", [0.0, -1e-5, math.nan, math.inf])
def test_a_step_that_is_none_is_refused(step: float) -> None:
    x = Value(3.0)
    with pytest.raises(ValueError, match="step"):
        numerical_gradient(x * x, [x], step=step)


def test_no_value_at_a_neighbour_is_a_domain_error() -> None:
    x = Value(1e-9, "x")
    with pytest.raises(DomainError, match="log needs a number above 0"):
        numerical_gradient(x.log(), [x])


def test_a_check_covers_every_variable_and_no_constant() -> None:
    x, y = Value(3.0, "x"), Value(2.0, "y")
    checks = check_gradients(3 * x * y.sin() + y)
    assert [check.input for check in checks] == [x, y]
    assert all(check.agrees and check.input.op is not constant for check in checks)
    assert [check.backpropagated for check in checks] == pytest.approx([check.numerical for check in checks])


def test_a_check_finds_a_kink() -> None:
    x = Value(0.0)
    [check] = check_gradients(x.relu())
    assert (check.backpropagated, check.numerical, check.agrees) == (0.0, 0.5, False)
    assert check_gradients(x.relu(), tolerance=0.6)[0].agrees


def test_only_the_given_leaves_are_checked() -> None:
    x, y = Value(3.0), Value(2.0)
    assert [check.input for check in check_gradients(x * y, [y])] == [y]
    assert check_gradients(x * y, iter([y, x]))[1].input is x


def test_a_check_changes_nothing() -> None:
    x = Value(3.0)
    y = x.exp() * x
    y.backward()
    before = [(x.data, x.grad), (y.data, y.grad)]
    check_gradients(y)
    numerical_gradient(y, [x])
    assert [(x.data, x.grad), (y.data, y.grad)] == before
