"""Random expressions against JAX, where it is installed: values, gradients, second derivatives."""

from typing import Any

import pytest
from hypothesis import given, settings

from engine import TABLE, Op
from tests import by_night, share
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


@pytest.mark.parametrize("op", [*TABLE.values()][:: by_night(8, 1)], ids=str)
def test_each_operation_alone_is_jaxs(op: Op) -> None:
    for expression in applied_to_leaves(op):
        with in_64_bits(jax):
            assert_agree(expression, by_jax(expression))


@settings(max_examples=share(0.2))
@given(expressions())
def test_derivatives_to_second_order_are_jaxs(expression: Expression) -> None:
    with in_64_bits(jax):
        assert_agree(expression, by_jax(expression))
