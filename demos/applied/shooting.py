"""`python -m demos.applied shooting`: optimal control of van der Pol's oscillator, by direct single shooting.

CasADi's example (direct_single_shooting.py): x_1' = (1 - x_2²) x_1 - x_2 + u and x_2' = x_1 start at (0, 1). The
control u, constant in each of 20 intervals and from -1 to 1, is to make the integral of x_1² + x_2² + u² over ten
seconds as small as possible, while x_1 is at least -0.25 at the end of any interval.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.optimize import NonlinearConstraint, OptimizeResult, minimize

from demos.applied.runge_kutta import step
from demos.applied.table import print_table
from demos.cli import UnsuccessfulError
from engine import compile
from nn import plots

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SECONDS, INTERVALS = 10.0, 20
START = np.array([0.0, 1.0, 0.0])  # x_1, x_2 and the costs


def oscillator(x: Any, u: Any) -> Any:
    """The derivatives, by time, of x_1, x_2 and the costs."""
    return np.array([(1 - x[1] ** 2) * x[0] - x[1] + u, x[0], x[0] ** 2 + x[1] ** 2 + u**2])


def shoot(controls: Any, steps: int) -> Any:
    """x_1, x_2 and the costs at the ends of the intervals, of which each has `steps` steps of Runge and Kutta."""
    x, ends = START, []
    for u in controls:
        for _ in range(steps):
            x = step(oscillator, x, SECONDS / len(controls) / steps, u)
        ends.append(x)
    return np.array(ends)


def solve(steps: int, lowest: float) -> OptimizeResult:
    """The optimal controls. Raises UnsuccessfulError if none are found."""
    start = np.zeros(INTERVALS)
    costs = compile(lambda u: shoot(u, steps)[-1, 2], at=[start])
    x_1 = compile(lambda u: shoot(u, steps)[:, 0], at=[start])
    result = minimize(
        costs.value_and_grad,
        start,
        jac=True,
        method="trust-constr",
        bounds=[(-1, 1)] * INTERVALS,
        constraints=NonlinearConstraint(x_1, lowest, np.inf, jac=x_1.jacobian),
        options={"gtol": 1e-8, "maxiter": 300},
    )
    if not result.success:
        raise UnsuccessfulError(f"No optimal controls were found: {result.message}")
    return result


def show(steps: int = 4, lowest: float = -0.25) -> Figure:
    """Print and draw the optimal controls, and the motion with and without them.

    steps: steps of Runge and Kutta in each interval
    lowest: the least x_1 at the end of an interval
    """
    found = solve(steps, lowest)
    none = np.zeros(INTERVALS)
    x, without = shoot(found.x, steps), shoot(none, steps)
    ends = np.linspace(0, SECONDS, INTERVALS + 1)
    print(f"Costs of {found.fun:.4f}, instead of {without[-1, 2]:.4f} without control; {found.nit} iterations")
    rows = zip(ends[1:], found.x, x[:, 0], x[:, 1], strict=True)
    print_table(["until second", "u", "x_1 then", "x_2 then"], [[f"{t:.1f}", *row] for t, *row in rows])
    figure = plots.figure(9, 4.4)
    plane, control = plots.panels(figure, 2)
    for u, colour in ((none, plots.LIGHT.grey), (found.x, plots.LIGHT.blue)):
        path = np.vstack([START, shoot(np.repeat(u, steps), 1)])  # after each step
        plane.plot(path[:, 0], path[:, 1], color=colour)
    plane.axvline(lowest, color=plots.LIGHT.ink, linestyle="dashed", linewidth=1)
    plots.tidy(plane, "$x_1$", "$x_2$")
    control.stairs(found.x, ends, baseline=None, color=plots.LIGHT.mark, linewidth=1.5)
    plots.tidy(control, "seconds", "control u")
    more = "Left: from (0, 1), with the control (blue) and without (grey); dashed: the bound. Right: the control"
    plots.caption(figure, "Van der Pol's oscillator is brought to rest", more)
    return figure
