"""The Kalman filter: its likelihood is that of the differences of the flow, which are normal."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.stats import multivariate_normal

from demos.applied.kalman import NILE, PUBLISHED, fit, loss, predict_levels
from engine import Value


def covariance(noise: float, drift: float, n: int) -> Any:
    """That of n differences of the flow, η_t + ε_{t+1} - ε_t."""
    return (2 * noise + drift) * np.eye(n) - noise * (np.eye(n, k=1) + np.eye(n, k=-1))


def minus_log_likelihood(noise: float, drift: float) -> float:
    """That of the differences, without the constant."""
    n = len(NILE) - 1
    found = multivariate_normal.logpdf(np.diff(NILE), cov=covariance(noise, drift, n))
    return float(-found - n * np.log(2 * np.pi) / 2)


@pytest.mark.parametrize("variances", [(15000.0, 1500.0), (100.0, 20000.0), (30000.0, 10.0)])
def test_the_loss_is_the_likelihood_of_the_differences(variances: tuple[float, float]) -> None:
    found = loss([Value(np.log(x)) for x in variances], NILE).data
    assert found == pytest.approx(minus_log_likelihood(*variances), rel=1e-10)


@pytest.fixture(scope="module")
def fitted() -> tuple[Any, Any]:
    return fit(NILE)


def test_the_variances_are_the_published_ones(fitted: tuple[Any, Any]) -> None:
    variances, _ = fitted
    assert variances == pytest.approx(PUBLISHED, abs=0.5)


def test_standard_errors_are_those_of_differences(fitted: tuple[Any, Any]) -> None:
    variances, errors = fitted
    steps, hessian = variances * 1e-3, np.empty((2, 2))
    for i in range(2):
        for j in range(2):
            signs = [(1, 1), (1, -1), (-1, 1), (-1, -1)]
            values = [
                a * b * minus_log_likelihood(*(variances + a * steps * np.eye(2)[i] + b * steps * np.eye(2)[j]))
                for a, b in signs
            ]
            hessian[i, j] = sum(values) / (4 * steps[i] * steps[j])
    assert errors == pytest.approx(np.sqrt(np.linalg.inv(hessian).diagonal()), rel=1e-4)


def test_the_first_flow_is_the_first_prediction() -> None:
    level, variance = predict_levels(NILE, 3.0, 2.0)[0]
    assert (level, variance) == (1120.0, 5.0)
    assert len(predict_levels(NILE, 3.0, 2.0)) == len(NILE) - 1
