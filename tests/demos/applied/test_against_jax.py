"""Derivatives of the demos by JAX, where it is installed; its loops are `scan`."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import pytest

from demos.applied import garch, kalman
from engine import compile
from tests.double_precision import in_64_bits

pytestmark = pytest.mark.once

jax = pytest.importorskip("jax")
jnp = pytest.importorskip("jax.numpy")


def test_the_gradient_of_garch() -> None:
    returns, _ = garch.make_returns(300, 0)

    def loss(parameters: Any) -> Any:
        omega, alpha, beta = parameters

        def step(h: Any, r: Any) -> Any:
            return omega + alpha * r**2 + beta * h, jnp.log(h) + r**2 / h

        return jax.lax.scan(step, returns.var(), returns)[1].mean() / 2

    value, gradient = compile(partial(garch.loss, returns=returns), at=[garch.START]).value_and_grad(garch.START)
    with in_64_bits(jax):
        expected = jax.jit(jax.value_and_grad(loss))(garch.START)
    assert value == pytest.approx(float(expected[0]), rel=1e-12)
    assert gradient == pytest.approx(np.array(expected[1]), rel=1e-10)


@pytest.mark.thorough
def test_the_hessian_of_the_kalman_filter() -> None:
    def loss(log_variances: Any) -> Any:
        noise, drift = jnp.exp(log_variances)

        def step(predicted: Any, x: Any) -> Any:
            level, variance = predicted
            f, v = variance + noise, x - level
            next_level = level + variance / f * v
            return (next_level, variance * noise / f + drift), jnp.log(f) + v**2 / f

        return jax.lax.scan(step, (kalman.NILE[0], noise + drift), kalman.NILE[1:])[1].sum() / 2

    x = np.log([15000.0, 1500.0])
    p = compile(partial(kalman.loss, y=kalman.NILE), at=[x])
    with in_64_bits(jax):
        expected = jax.jit(lambda x: (loss(x), jax.grad(loss)(x), jax.hessian(loss)(x)))(x)
    for found, number in zip([p(x), p.grad(x), p.hessian(x)], expected, strict=True):
        assert found == pytest.approx(np.array(number), rel=1e-9)
