"""`python -m demos.applied pendulum`: a double pendulum, moved by the derivatives of its Lagrangian.

L = T - V is all that is written down, for two masses of 1 kg on rods of 1 m. With the momenta p = ∂L/∂q', Lagrange's
equations dp/dt = ∂L/∂q are M q'' = ∂L/∂q - (∂p/∂q) q', where M is the Hessian of L with respect to q'; the energy is
q'·p - L. Two starts that differ by a millionth show that the motion is chaotic.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.integrate import solve_ivp

from demos.applied.table import print_table
from demos.cli import UnsuccessfulError
from engine import compile, cos, dot, grad, hessian, jvp
from nn import plots

if TYPE_CHECKING:
    from matplotlib.figure import Figure

GRAVITY, FRAMES = 9.81, 200  # m/s²; points of the curves for each second
NUDGE = np.array([1e-6, 0, 0, 0])  # radians, and radians a second


def lagrangian(q: Any, v: Any) -> Any:
    """Kinetic minus potential energy at the angles q from the vertical and the angular velocities v = q'."""
    kinetic = v[0] ** 2 + v[1] ** 2 / 2 + v[0] * v[1] * cos(q[0] - q[1])
    return kinetic + GRAVITY * (2 * cos(q[0]) + cos(q[1]))


def motion(t: Any, y: Any) -> list[Any]:
    """The derivatives, by time, of y = (q, v)."""
    q, v = y[:2], y[2:]
    value = lagrangian(q, v)
    momenta = grad(value, v, create_graph=True)
    change = jvp(momenta, q, v, create_graph=True)  # since they depend on the angles, too
    f, g = grad(value, q, create_graph=True) - change
    (a, b), (_, d) = hessian(value, v, create_graph=True)
    determinant = a * d - b * b
    return [*v, (d * f - b * g) / determinant, (a * g - b * f) / determinant]


def total_energy(q: Any, v: Any) -> Any:
    """q'·∂L/∂q' - L, in joules."""
    value = lagrangian(q, v)
    return dot(v, grad(value, v, create_graph=True)) - value


def swing(start: Any, times: Any) -> Any:
    """The angles and velocities, a row for each time. Raises UnsuccessfulError if they cannot be computed."""
    p = compile(motion, at=[0.0, start])
    found = solve_ivp(p, times[[0, -1]], start, method="DOP853", t_eval=times, rtol=1e-11, atol=1e-11)
    if not found.success:
        raise UnsuccessfulError(f"The motion was not computed: {found.message}")
    return found.y.T


def show(first: float = 2.0, second: float = 2.5, seconds: int = 20) -> Figure:
    """Print the motion from rest and its energy, and draw it.

    first: the first angle from the vertical, in radians
    second: the second angle
    seconds: the time
    """
    start, times = np.array([first, second, 0.0, 0.0]), np.linspace(0, seconds, seconds * FRAMES + 1)
    y, other = swing(start, times), swing(start + NUDGE, times)
    energies = compile(total_energy, at=[start[:2], start[2:]])(y[:, :2], y[:, 2:])
    shown = np.linspace(0, len(times) - 1, 6, dtype=int)
    rows = [[f"{times[i]:.1f}", *y[i, :2], energies[i]] for i in shown]
    print_table(["seconds", "q_1", "q_2", "energy in joules"], rows)
    print(f"The energy differs from that of the start by at most {np.abs(energies - energies[0]).max():.1e} joules.")
    figure = plots.figure(9, 4.6)
    path, difference = plots.panels(figure, 2)
    x, z = np.cumsum(np.sin(y[:, :2]), axis=1), np.cumsum(-np.cos(y[:, :2]), axis=1)
    path.plot(x[:, 1], z[:, 1], color=plots.LIGHT.blue, linewidth=0.8)
    path.plot([0, *x[0]], [0, *z[0]], color=plots.LIGHT.ink, marker="o", markersize=5)
    path.set_aspect("equal")
    plots.tidy(path, "metres", "metres")
    difference.semilogy(times, np.linalg.norm((y - other)[:, :2], axis=1), color=plots.LIGHT.mark)
    plots.tidy(difference, "seconds", "distance in radians")
    more = "Left: the path of the lower mass, from the start that is drawn. Right: how far a start 1e-6 beside it leads"
    plots.caption(figure, "A double pendulum, from its Lagrangian", more)
    return figure
