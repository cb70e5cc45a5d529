"""`python -m demos.applied kalman`: the level of the Nile, by a Kalman filter of maximum likelihood.

The local level model: y_t = μ_t + ε_t, μ_{t+1} = μ_t + η_t, with the variances σ²_ε and σ²_η; nothing is known of the
first level. The data, and the estimates of the column "published", are those of Durbin and Koopman, "Time Series
Analysis by State Space Methods" (2012), chapter 2.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from scipy.optimize import minimize

from demos.applied.solution import solution
from demos.applied.table import print_table
from engine import compile, exp, log
from nn import plots

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# The flow at Aswan in 10⁸ m³, 1871 to 1970.
NILE = np.fromstring(
    """
    1120 1160 963 1210 1160 1160 813 1230 1370 1140 995 935 1110 994 1020 960 1180 799 958 1140 1100 1210 1150 1250 1260
    1220 1030 1100 774 840 874 694 940 833 701 916 692 1020 1050 969 831 726 456 824 702 1120 1100 832 764 821 768 845
    864 862 698 845 744 796 1040 759 781 865 845 944 984 897 822 1010 771 676 649 846 812 742 801 1040 860 874 848 890
    744 749 838 1050 918 986 797 923 975 815 1020 906 901 1170 912 746 919 718 714 740
    """,
    sep=" ",
)
PUBLISHED = [15099.0, 1469.1]


class Prediction(NamedTuple):
    """The mean and the variance of the level of a year, given the years before."""

    level: Any
    variance: Any


def predict_levels(y: Any, noise: Any, drift: Any) -> list[Prediction]:
    """The level of each year from the second on, by the variances of ε and η: floats or `Value`s."""
    found = [Prediction(y[0], noise + drift)]
    for x in y[1:-1]:
        level, variance = found[-1]
        gain = variance / (variance + noise)
        found.append(Prediction(level + gain * (x - level), variance * (1 - gain) + drift))
    return found


def loss(log_variances: Any, y: Any) -> Any:
    """-log of the likelihood, without its constant; logarithms of the variances keep them positive."""
    noise, drift = map(exp, log_variances)
    errors = (
        (x - level, variance + noise)
        for x, (level, variance) in zip(y[1:], predict_levels(y, noise, drift), strict=True)
    )
    return sum(log(f) + v**2 / f for v, f in errors) / 2


def fit(y: Any) -> tuple[Any, Any]:
    """The variances of ε and η of the largest likelihood, and their standard errors, by the Hessian there."""
    start = np.full(2, np.log(y.var()))
    p = compile(partial(loss, y=y), at=[start])
    found = solution(minimize(p.value_and_grad, start, jac=True, hess=p.hessian, method="trust-exact", tol=1e-8))
    return np.exp(found), np.exp(found) * np.sqrt(np.linalg.inv(p.hessian(found)).diagonal())


def show() -> Figure:
    """Print the variances, and draw the level with two standard deviations to both sides."""
    variances, errors = fit(NILE)
    rows = zip(["σ²_ε", "σ²_η"], variances, errors, PUBLISHED, strict=True)
    print_table(["", "estimate", "standard error", "published"], rows, digits=1)
    level, variance = np.transpose(predict_levels(NILE, *variances))
    years, spread = np.arange(1872, 1971), 2 * np.sqrt(variance)
    figure = plots.figure(9, 4.2)
    [axes] = plots.panels(figure, 1)
    axes.fill_between(years, level - spread, level + spread, color=plots.LIGHT.pale_mark, linewidth=0)
    axes.scatter(years, NILE[1:], s=10, color=plots.LIGHT.blue, linewidths=0)
    axes.plot(years, level, color=plots.LIGHT.mark, linewidth=2)
    plots.headline(
        axes,
        "The Nile at Aswan",
        "Dots: the flow; line: its level, predicted from the years before, with two standard deviations",
    )
    plots.tidy(axes, "year", "flow in 10⁸ m³")
    return figure
