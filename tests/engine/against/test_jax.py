"""Random expressions against JAX, where it is installed: values, gradients, second derivatives."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from hypothesis import given, settings

from tests import share
from tests.engine.against import Derivatives, Expression, assert_has_every_operation, expressions
from tests.engine.against.others import assert_agree, function, table

jax = pytest.importorskip("jax")


def number(x: float) -> Any:
    return jax.numpy.asarray(x, dtype="float64")


@contextmanager
def in_64_bits() -> Iterator[None]:
    """JAX computes in 32 bits otherwise, which is left so for others."""
    before = jax.config.jax_enable_x64
    jax.config.update("jax_enable_x64", True)
    try:
        yield
    finally:
        jax.config.update("jax_enable_x64", before)


with in_64_bits():
    JAX = table(jax.numpy, jax.nn.sigmoid, number)


def test_every_operation_is_one_of_jaxs() -> None:
    assert_has_every_operation(JAX)


def by_jax(expression: Expression) -> Derivatives:
    f = function(expression, JAX, number)
    point = jax.numpy.asarray([x.data for x in expression.leaves], dtype="float64")
    return Derivatives(f(point), list(jax.grad(f)(point)), [list(row) for row in jax.jacrev(jax.grad(f))(point)])


@settings(max_examples=share(0.1))  # JAX takes a tenth of a second to differentiate an expression that it has not met
@given(expressions())
def test_values_gradients_and_second_derivatives_are_jaxs(expression: Expression) -> None:
    with in_64_bits():
        assert_agree(expression, by_jax(expression))
