"""Programs are what SciPy's functions call; engine/README.md and the applications of demos have further ones."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from engine import compile, cos, exp

pytest.importorskip("scipy")
from scipy.integrate import solve_ivp
from scipy.optimize import curve_fit, least_squares, root

TIMES = np.linspace(0.0, 2.0, 9)
DECAY = 2.5 * np.exp(-1.3 * TIMES)


def test_residuals_and_a_model_are_fitted_with_derivatives() -> None:
    data = list(zip(TIMES, DECAY, strict=True))
    residuals = compile(lambda c: [c[0] * exp(-c[1] * t) - y for t, y in data], at=[[1.0, 1.0]])
    model = compile(lambda t, a, b: a * exp(-b * t), at=[0.0, 1.0, 1.0], wrt=["a", "b"])
    found = least_squares(residuals, [1.0, 1.0], jac=residuals.jacobian)
    fitted, _ = curve_fit(model, TIMES, DECAY, p0=[1.0, 1.0], jac=model.grad)
    assert found.x == pytest.approx([2.5, 1.3])
    assert fitted == pytest.approx([2.5, 1.3])


def test_equations_are_solved_by_their_jacobian() -> None:
    equations = compile(lambda x: [x[0] * cos(x[1]) - 4, x[1] * x[0] - x[1] - 5], at=[[1.0, 1.0]])
    found: Any = root(equations, [1.0, 1.0], jac=equations.jacobian)
    assert found.x == pytest.approx([6.504097, 0.908414], rel=1e-6)


def test_a_single_differential_equation_is_a_list_of_one() -> None:
    slope = compile(lambda t, y: [t - 2.0 * y[0]], at=[0.0, [1.0]], wrt=1)
    found = solve_ivp(slope, (0.0, 2.0), [1.0], method="Radau", jac=slope.jacobian, rtol=1e-8)
    assert found.y[0, -1] == pytest.approx(0.75 + 1.25 * np.exp(-4.0), rel=1e-7)
