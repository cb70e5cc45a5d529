"""The double pendulum, by the equations of textbooks."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

pytest.importorskip("scipy")
from scipy.integrate import solve_ivp

from demos.applied.pendulum import GRAVITY, motion, swing, total_energy
from demos.cli import UnsuccessfulError
from engine import compile

START = np.array([2.0, 2.5, 0.5, -0.25])


def textbook_motion(_: float, y: Any) -> Any:
    """The equations of motion for equal masses and rods, as they are usually solved for the accelerations."""
    (a, b), (v, w) = y[:2], y[2:]
    sine, cosine = np.sin(a - b), np.cos(a - b)
    denominator = 3 - np.cos(2 * a - 2 * b)
    first = -3 * GRAVITY * np.sin(a) - GRAVITY * np.sin(a - 2 * b) - 2 * sine * (w**2 + v**2 * cosine)
    second = 2 * sine * (2 * v**2 + 2 * GRAVITY * np.cos(a) + w**2 * cosine)
    return np.array([v, w, first / denominator, second / denominator])


def test_the_motion_is_that_of_textbooks() -> None:
    p = compile(motion, at=[0.0, START], wrt=1)
    states = np.random.default_rng(0).uniform(-4, 4, (50, 4))
    expected = [textbook_motion(0.0, y) for y in states]
    assert p(0.0, states) == pytest.approx(np.array(expected), rel=1e-10, abs=1e-12)


def test_the_energy_is_that_of_the_masses() -> None:
    states = np.random.default_rng(1).uniform(-4, 4, (50, 4))
    (a, b), (v, w) = states.T[:2], states.T[2:]
    lower = (v * np.cos(a) + w * np.cos(b)) ** 2 + (v * np.sin(a) + w * np.sin(b)) ** 2  # the square of its speed
    expected = (v**2 + lower) / 2 - GRAVITY * (2 * np.cos(a) + np.cos(b))
    p = compile(total_energy, at=[START[:2], START[2:]])
    assert p(states[:, :2], states[:, 2:]) == pytest.approx(expected, rel=1e-12, abs=1e-12)


def test_the_path_is_that_of_textbooks() -> None:
    times = np.linspace(0, 3, 31)
    expected = solve_ivp(textbook_motion, (0, 3), START, method="DOP853", t_eval=times, rtol=1e-12, atol=1e-12)
    assert swing(START, times) == pytest.approx(expected.y.T, abs=1e-7)


def test_small_oscillations_have_their_frequencies() -> None:
    jacobian = compile(motion, at=[0.0, START], wrt=1).jacobian(0.0, np.zeros(4))
    squares = np.sort(-(np.linalg.eigvals(jacobian) ** 2).real)
    assert squares == pytest.approx(GRAVITY * (2 + np.sqrt(2) * np.array([-1, -1, 1, 1])), rel=1e-12)


def test_a_motion_that_cannot_be_computed_is_an_error() -> None:
    with pytest.raises(UnsuccessfulError, match=r"^The motion was not computed: Required step size"):
        swing(np.array([1e300, 0.0, 0.0, 0.0]), np.linspace(0, 20, 3))
