"""The GARCH model: its likelihood by SciPy's normal distribution, and a search for its maximum without derivatives."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.stats import norm

from demos.applied.garch import START, TRUTH, fit, loss, make_returns
from engine import Value


def minus_log_likelihood(parameters: Any, returns: Any) -> float:
    """The mean of -log p(r_t), by scipy.stats."""
    omega, alpha, beta = parameters
    h = [returns.var()]
    for r in returns[:-1]:
        h.append(omega + alpha * r**2 + beta * h[-1])
    return -float(norm.logpdf(returns, scale=np.sqrt(h)).mean())


def test_the_loss_is_the_likelihood_of_normal_returns() -> None:
    returns, _ = make_returns(200, 1)
    found = loss([Value(x) for x in START], returns).data
    assert found + np.log(2 * np.pi) / 2 == pytest.approx(minus_log_likelihood(START, returns), rel=1e-12)


def test_estimates_are_those_of_a_search_without_derivatives() -> None:
    returns, _ = make_returns(300, 1)
    options = {"xatol": 1e-7, "fatol": 1e-13}
    expected = minimize(minus_log_likelihood, TRUTH, args=(returns,), method="Nelder-Mead", options=options).x
    assert fit(returns) == pytest.approx(expected, abs=1e-5)


def test_the_variance_of_returns_is_what_the_model_says() -> None:
    returns, variances = make_returns(20_000, 0)
    assert (returns**2 / variances).mean() == pytest.approx(1.0, abs=0.05)
    assert returns.var() == pytest.approx(TRUTH[0] / (1 - TRUTH[1] - TRUTH[2]), rel=0.1)
