"""`python -m demos.applied garch`: a GARCH(1,1) model of daily returns, estimated by maximum likelihood.

The variance of each day follows from the day before, h_t = ω + α r²_{t-1} + β h_{t-1} (Bollerslev 1986), and the return
r_t is normal with that variance. The returns are made by the model itself, with the parameters of the column "truth".
The program is the likelihood of all days: a recursion of Python, unrolled.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.optimize import minimize

from demos.applied.solution import solution
from demos.applied.table import print_table
from engine import Value, compile, log
from nn import plots

if TYPE_CHECKING:
    from matplotlib.figure import Figure

TRUTH = np.array([0.05, 0.10, 0.85])  # ω, α, β; returns are in percent
START = np.array([0.10, 0.20, 0.50])
BOUNDS = [(1e-6, None), (0.0, 1.0), (0.0, 1.0)]


def variances(parameters: Sequence[Any], returns: Any) -> list[Any]:
    """h_t of each day, from the variance of the whole series on."""
    omega, alpha, beta = parameters
    h: list[Any] = [returns.var()]
    for r in returns[:-1]:
        h.append(omega + alpha * r**2 + beta * h[-1])
    return h


def loss(parameters: Sequence[Value], returns: Any) -> Any:
    """The mean of -log p(r_t), without the constant log √2π."""
    terms = [log(h) + r**2 / h for h, r in zip(variances(parameters, returns), returns, strict=True)]
    return sum(terms) / (2 * len(terms))


def make_returns(days: int, seed: int) -> tuple[Any, Any]:
    """The returns of a series, and their variances."""
    omega, alpha, beta = TRUTH
    h, series = omega / (1 - alpha - beta), []
    for noise in np.random.default_rng(seed).normal(size=days):
        r = np.sqrt(h) * noise
        series.append((r, h))
        h = omega + alpha * r**2 + beta * h
    returns, true_variances = np.transpose(series)
    return returns, true_variances


def fit(returns: Any) -> Any:
    """The parameters of the largest likelihood."""
    p = compile(partial(loss, returns=returns), at=[START])
    options = {"ftol": 1e-13, "gtol": 1e-7}
    return solution(minimize(p.value_and_grad, START, jac=True, method="L-BFGS-B", bounds=BOUNDS, options=options))


def show(days: int = 1000, seed: int = 0) -> Figure:
    """Print the estimates beside the truth, and draw the volatility.

    days: the number of returns
    seed: the seed of the data
    """
    returns, true_variances = make_returns(days, seed)
    found = fit(returns)
    print(f"{days} daily returns, in percent")
    rows = [*zip("ωαβ", TRUTH, found, strict=True), ("α + β", sum(TRUTH[1:]), sum(found[1:]))]
    print_table(["", "truth", "estimate"], rows)
    figure = plots.figure(9, 4.2)
    [axes] = plots.panels(figure, 1)
    axes.vlines(range(days), 0, abs(returns), color=plots.LIGHT.faint, linewidth=0.8)
    [model] = axes.plot(np.sqrt(variances(found, returns)), color=plots.LIGHT.mark, linewidth=2.5, label="estimate")
    [truth] = axes.plot(np.sqrt(true_variances), color=plots.LIGHT.ink, linewidth=0.9, label="truth")
    plots.name_lines(axes, [truth, model])
    plots.headline(axes, "The volatility of each day", "Bars: the size of the return, in percent")
    plots.tidy(axes, "day", "percent")
    return figure
