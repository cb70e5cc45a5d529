"""`python -m demos.applied logistic`: a logistic regression, fitted by L-BFGS, with standard errors.

Random customers default with the probability σ(w_0 + w_1 debt + w_2 income); debt and income are standardised. The
program computes the loss of one customer, and sums it over all of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.optimize import minimize

from demos.applied.solution import solution
from demos.applied.table import print_table
from demos.cli import UnsuccessfulError
from engine import Value, compile, dot, softplus
from nn import plots

if TYPE_CHECKING:
    from matplotlib.figure import Figure

TRUTH = np.array([-1.0, 1.2, -0.8])


def loss(w: Sequence[Value], x: Sequence[Value], y: Value) -> Value:
    """-log P(y), where y is 1 with the probability σ(a), and 0 with σ(-a)."""
    a = w[0] + dot(w[1:], x)
    return softplus(a) - y * a


def make_customers(rows: int, seed: int) -> tuple[Any, Any]:
    """Debt and income of each customer, and whether they default."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(rows, 2))
    return x, (rng.random(rows) < 1 / (1 + np.exp(-TRUTH[0] - x @ TRUTH[1:]))).astype(float)


def fit(x: Any, y: Any) -> tuple[Any, Any]:
    """The weights of the largest likelihood, and their standard errors, by the Hessian there.

    Raises UnsuccessfulError if a line separates the two kinds of customers, so that the likelihood grows without end.
    """
    total = compile(loss, at=[TRUTH, x[0], y[0]], wrt="w").summed(x, y)
    options = {"ftol": 1e-14, "gtol": 1e-7}
    w = solution(minimize(total.value_and_grad, np.zeros(3), jac=True, method="L-BFGS-B", options=options))
    if np.all((2 * y - 1) * (w[0] + x @ w[1:]) > 0):
        raise UnsuccessfulError(
            "A line separates those who default, so that the likelihood grows without end: take more --rows"
        )
    return w, np.sqrt(np.linalg.inv(total.hessian(w)).diagonal())


def show(rows: int = 500, seed: int = 0) -> Figure:
    """Print the weights beside those that made the data, and draw the line of even odds.

    rows: the number of customers
    seed: the seed of the data
    """
    x, y = make_customers(rows, seed)
    w, errors = fit(x, y)
    print(f"{rows} customers, of whom {y.sum():.0f} default")
    names = ["w_0", "w_1 (debt)", "w_2 (income)"]
    print_table(["", "truth", "estimate", "standard error"], zip(names, TRUTH, w, errors, strict=True))
    figure = plots.figure(6.4, 5.6)
    [axes] = plots.panels(figure, 1)
    odds = [np.log(p / (1 - p)) for p in (0.1, 0.9)]
    plots.draw_regions(axes, lambda a, b: w[0] + w[1] * np.array(a) + w[2] * np.array(b), (-4, -4), (4, 4), odds)
    for kind, colour, marker in [(0, plots.LIGHT.blue, "o"), (1, plots.LIGHT.mark, "^")]:
        axes.scatter(x[y == kind, 0], x[y == kind, 1], s=12, color=colour, marker=marker, linewidths=0)
    plots.headline(axes, "Who defaults", "Triangles: default. Solid: even odds; dashed: probabilities of 10 and 90 %")
    plots.tidy(axes, "debt", "income")
    return figure
