"""Direct single shooting, by CasADi with IPOPT, and by steps into the complex plane."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("scipy")
from demos.applied.shooting import INTERVALS, SECONDS, shoot, solve
from demos.cli import UnsuccessfulError
from engine import compile
from tests import by_night
from tests.demos.applied.complex_steps import jacobian

pytestmark = pytest.mark.once


def test_derivatives_are_those_of_complex_steps() -> None:
    u = np.random.default_rng(0).uniform(-1, 1, INTERVALS)
    n_steps = by_night(1, 2)
    p = compile(lambda u: shoot(u, n_steps), at=[u])
    assert p(u) == pytest.approx(shoot(u, n_steps), rel=1e-13)
    expected = jacobian(lambda u: shoot(u, n_steps).ravel(), u)
    assert p.jacobian(u) == pytest.approx(expected, rel=1e-11, abs=1e-13)
    costs = compile(lambda u: shoot(u, n_steps)[-1, 2], at=[u])
    assert costs.grad(u) == pytest.approx(expected[-1], rel=1e-11)


@pytest.mark.parametrize(("steps", "lowest"), by_night([(1, -0.5)], [(4, -0.25), (1, -0.5)]))
def test_optimal_controls_are_those_of_casadi(steps: int, lowest: float) -> None:
    casadi = pytest.importorskip("casadi")
    x, u = casadi.MX.sym("x", 2), casadi.MX.sym("u")
    rates = casadi.vertcat((1 - x[1] ** 2) * x[0] - x[1] + u, x[0], casadi.sumsqr(x) + u**2)
    f, dt = casadi.Function("f", [x, u], [rates]), SECONDS / INTERVALS / steps
    controls = casadi.MX.sym("controls", INTERVALS)
    state, ends = casadi.MX([0, 1, 0]), []
    for i in range(INTERVALS):
        for _ in range(steps):
            k_1 = f(state[:2], controls[i])
            k_2 = f((state + dt / 2 * k_1)[:2], controls[i])
            k_3 = f((state + dt / 2 * k_2)[:2], controls[i])
            k_4 = f((state + dt * k_3)[:2], controls[i])
            state += dt / 6 * (k_1 + 2 * k_2 + 2 * k_3 + k_4)
        ends.append(state[0])
    problem = {"f": state[2], "x": controls, "g": casadi.vertcat(*ends)}
    solver = casadi.nlpsol("solver", "ipopt", problem, {"print_time": False, "ipopt.print_level": 0, "ipopt.sb": "yes"})
    expected = solver(x0=0, lbx=-1, ubx=1, lbg=lowest, ubg=np.inf)
    found = solve(steps, lowest)
    assert found.fun == pytest.approx(float(expected["f"]), rel=1e-5)
    assert found.x == pytest.approx(expected["x"].full().ravel(), abs=1e-3)


def test_a_bound_that_cannot_be_kept_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("demos.applied.shooting.INTERVALS", 2)  # so that it ends soon
    with pytest.raises(UnsuccessfulError, match="No optimal controls were found: "):
        solve(by_night(5, 20), 1.0)
