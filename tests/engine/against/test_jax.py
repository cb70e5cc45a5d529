"""Random expressions against JAX, where it is installed: values, gradients, second derivatives."""

from typing import Any

import pytest
from hypothesis import given, settings

from engine import TABLE, Op
from tests import share, thorough_unless
from tests.double_precision import in_64_bits
from tests.engine.against.expressions import Derivatives, Expression, applied_to_leaves, expressions, interpret
from tests.engine.against.others import assert_agree
from tests.engine.operations import table

jax = pytest.importorskip("jax")


def number(x: float) -> Any:
    return jax.numpy.asarray(x, dtype="float64")


JAX = {**table(jax.numpy, jax.scipy.special, jax.nn.sigmoid, number), "stop_gradient": jax.lax.stop_gradient}


def by_jax(expression: Expression) -> Derivatives:
    """By scalars, one at a time: JAX compiles an operation anew for each shape that it meets."""

    def f(*leaves: Any) -> Any:
        return interpret(expression.output, dict(zip(expression.leaves, leaves, strict=True)), JAX, number)

    point = [number(x.data) for x in expression.leaves]
    each = range(len(point))
    first, back = jax.vjp(jax.grad(f, argnums=tuple(each)), *point)
    second = [list(back(tuple(number(float(i == j)) for j in each))) for i in each]
    return Derivatives(f(*point), list(first), second)


def assert_is_jaxs(expression: Expression) -> None:
    with in_64_bits(jax):
        assert_agree(expression, by_jax(expression))


@thorough_unless(lambda op: op in [*TABLE.values()][::8])
@pytest.mark.parametrize("op", TABLE.values(), ids=str)
def test_each_operation_alone_is_jaxs(op: Op) -> None:
    for expression in applied_to_leaves(op):
        assert_is_jaxs(expression)


@pytest.mark.thorough
@settings(max_examples=share(0.2))
@given(expressions())
def test_derivatives_to_second_order_are_jaxs(expression: Expression) -> None:
    assert_is_jaxs(expression)


@pytest.mark.thorough
@settings(max_examples=share(0.8))
@given(expressions())
def test_derivatives_of_more_expressions_are_jaxs(expression: Expression) -> None:
    assert_is_jaxs(expression)
