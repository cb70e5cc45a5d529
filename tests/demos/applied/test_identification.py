"""System identification, by Gauss-Newton with Jacobians of CasADi and of complex steps."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

pytest.importorskip("scipy")
from scipy.integrate import solve_ivp

from demos.applied.identification import GUESS, NOISE, SAMPLE_RATE, SCALE, STEPS, TRUTH, fit, measure, simulate
from demos.cli import UnsuccessfulError
from engine import compile
from tests import by_night
from tests.demos.applied.complex_steps import jacobian

pytestmark = pytest.mark.once

SAMPLES = by_night(30, 60)


def casadi_residuals(forces: Any, measured: Any) -> tuple[Callable[[Any], Any], Callable[[Any], Any]]:
    """The residuals and their Jacobian, by CasADi."""
    casadi = pytest.importorskip("casadi")
    x, u, c = casadi.SX.sym("x", 2), casadi.SX.sym("u"), casadi.SX.sym("c", 4)
    m, damping, k, k_3 = casadi.vertsplit(c * SCALE)
    rates = casadi.vertcat(x[1], (u - k_3 * x[0] ** 3 - k * x[0] - damping * x[1]) / m)
    integrator = casadi.simpleRK(casadi.Function("f", [x, casadi.vertcat(u, c)], [rates]), STEPS)
    step = casadi.Function("step", [x, u, c], [integrator(x, casadi.vertcat(u, c), 1 / SAMPLE_RATE)])
    state, positions = casadi.DM([0, 0]), []
    for force in forces:
        state = step(state, force, c)
        positions.append(state[0])
    residuals = casadi.vertcat(*positions) - measured
    f, j = casadi.Function("r", [c], [residuals]), casadi.Function("j", [c], [casadi.jacobian(residuals, c)])
    return lambda x: f(x).full().ravel(), lambda x: j(x).full()


def complex_residuals(forces: Any, measured: Any) -> tuple[Callable[[Any], Any], Callable[[Any], Any]]:
    """The residuals and their Jacobian, by steps into the complex plane."""
    return lambda x: simulate(x, forces) - measured, lambda x: jacobian(lambda c: simulate(c, forces), x)


@pytest.mark.parametrize("residuals", by_night([complex_residuals], [casadi_residuals, complex_residuals]))
def test_estimates_are_those_of_gauss_newton(residuals: Callable[..., Any]) -> None:
    forces, measured = measure(SAMPLES, 1)
    f, j = residuals(forces, measured)
    p = compile(lambda c: simulate(c, forces) - measured, at=[GUESS])
    assert p(GUESS) == pytest.approx(f(GUESS), abs=1e-14)
    assert p.jacobian(GUESS) == pytest.approx(j(GUESS), rel=1e-9, abs=1e-12)
    expected = GUESS
    for _ in range(by_night(9, 12)):
        expected = expected - np.linalg.lstsq(j(expected), f(expected))[0]
    found, errors = fit(forces, measured)
    assert found == pytest.approx(expected, rel=1e-6)
    covariance = NOISE**2 * np.linalg.pinv(j(expected).T @ j(expected))
    assert errors == pytest.approx(np.sqrt(covariance.diagonal()), rel=1e-5)


@pytest.mark.thorough
def test_the_truth_is_within_four_standard_errors() -> None:
    for seed in range(by_night(1, 3)):
        found, errors = fit(*measure(40, seed))
        assert np.all(np.abs(found - TRUTH) < 4 * errors)


def test_the_simulation_is_that_of_scipy() -> None:
    forces, _ = measure(20, 2)
    m, c, k, k_3 = TRUTH * SCALE
    state, expected = [0.0, 0.0], []
    for u in forces:
        found = solve_ivp(
            lambda _, x, u: [x[1], (u - k_3 * x[0] ** 3 - k * x[0] - c * x[1]) / m],
            (0, 1 / SAMPLE_RATE),
            state,
            args=(u,),
            rtol=1e-10,
            atol=1e-12,
        )
        state = found.y[:, -1]
        expected.append(state[0])
    assert simulate(TRUTH, forces) == pytest.approx(np.array(expected), abs=1e-4)


def test_too_few_samples_are_an_error() -> None:
    with pytest.raises(UnsuccessfulError, match="3 samples do not determine 4 parameters"):
        fit(*measure(3, 0))
