"""The greeks, by derivatives of 40 digits and by their closed forms."""

from __future__ import annotations

from collections.abc import Sequence

import mpmath
import numpy as np
import pytest

from demos.applied.__main__ import main
from demos.applied.greeks import NAMES, closed_forms, greeks
from engine import Program, compile

# How often the price is differentiated by S, K, r, σ and T, and the sign.
ORDERS = {
    "price": (0, 0, 0, 0, 0, 1),
    "delta": (1, 0, 0, 0, 0, 1),
    "gamma": (2, 0, 0, 0, 0, 1),
    "vega": (0, 0, 0, 1, 0, 1),
    "theta": (0, 0, 0, 0, 1, -1),
    "rho": (0, 0, 1, 0, 0, 1),
    "vanna": (1, 0, 0, 1, 0, 1),
    "volga": (0, 0, 0, 2, 0, 1),
    "charm": (1, 0, 0, 0, 1, -1),
    "speed": (3, 0, 0, 0, 0, 1),
    "zomma": (2, 0, 0, 1, 0, 1),
    "color": (2, 0, 0, 0, 1, -1),
}
POINTS = [(100.0, 105.0, 0.02, 0.25, 0.5), (80.0, 100.0, -0.01, 0.4, 2.0), (1.2, 1.1, 0.05, 0.1, 0.1)]
each_point = pytest.mark.parametrize("at", POINTS)


@pytest.fixture(scope="module")
def program() -> Program:
    return compile(greeks, n_inputs=5)


def price(S: mpmath.mpf, K: mpmath.mpf, r: mpmath.mpf, σ: mpmath.mpf, T: mpmath.mpf) -> mpmath.mpf:
    """By the definition: the expected payoff, discounted, as the difference of two normal probabilities."""
    d = (mpmath.log(S / K) + r * T) / (σ * mpmath.sqrt(T))
    shift = σ * mpmath.sqrt(T) / 2
    return S * mpmath.ncdf(d + shift) - K * mpmath.exp(-r * T) * mpmath.ncdf(d - shift)


@each_point
def test_greeks_are_derivatives_of_40_digits(at: Sequence[float], program: Program) -> None:
    with mpmath.workdps(40):
        numbers = [mpmath.mpf(x) for x in at]
        expected = [
            sign * mpmath.diff(price, numbers, tuple(n)) if any(n) else price(*numbers) for *n, sign in ORDERS.values()
        ]
    assert list(ORDERS) == NAMES
    assert program(*at) == [pytest.approx(float(x), rel=1e-10) for x in expected]


@each_point
def test_greeks_are_their_closed_forms(at: tuple[float, float, float, float, float], program: Program) -> None:
    assert program(*at) == pytest.approx(closed_forms(*at), rel=1e-9)


def test_a_batch_of_spots_has_a_row_of_greeks_for_each(program: Program) -> None:
    spots = np.array([90.0, 100.0, 110.0])
    found = program(spots, *POINTS[0][1:])
    assert found.shape == (3, len(NAMES))
    assert found[1] == pytest.approx(program(*POINTS[0]), rel=1e-12)


@pytest.mark.parametrize("options", [["--volatility", "-0.2"], ["--spot", "0"], ["--years", "1e-320"]])
def test_numbers_without_a_price_are_an_error(options: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["greeks", *options]) == 1
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.count("\n") == 1
    assert "above 0" in printed.err or "The result is not defined for these numbers" in printed.err
