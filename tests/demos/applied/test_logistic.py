"""The logistic regression, by Newton's method with derivatives by hand, and by scikit-learn."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from demos.applied.logistic import fit, make_customers
from demos.cli import UnsuccessfulError


@pytest.mark.parametrize(("rows", "seed"), [(500, 0), (60, 3)])
def test_weights_and_standard_errors_are_those_by_hand(rows: int, seed: int) -> None:
    x, y = make_customers(rows, seed)
    w, errors = fit(x, y)
    design, expected = np.column_stack([np.ones(rows), x]), np.zeros(3)
    for _ in range(30):  # iteratively reweighted least squares
        p = 1 / (1 + np.exp(-design @ expected))
        information = design.T @ (design * (p * (1 - p))[:, None])
        expected += np.linalg.solve(information, design.T @ (y - p))
    assert w == pytest.approx(expected, abs=1e-6)
    assert errors == pytest.approx(np.sqrt(np.linalg.inv(information).diagonal()), rel=1e-6)


def test_weights_are_those_of_scikit_learn() -> None:
    x, y = make_customers(500, 1)
    model = LogisticRegression(C=np.inf, tol=1e-10).fit(x, y)
    assert fit(x, y)[0] == pytest.approx([*model.intercept_, *model.coef_[0]], abs=1e-5)


@pytest.mark.parametrize("rows", [1, 2, 5])
def test_separated_customers_are_an_error(rows: int) -> None:
    with pytest.raises(UnsuccessfulError, match="A line separates those who default"):
        fit(*make_customers(rows, 0))
