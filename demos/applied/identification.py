"""`python -m demos.applied identification`: the parameters of a vibrating mass, by Gauss-Newton.

CasADi's example (sysid.py): m y'' = u - k_3 y³ - k y - c y', driven by random forces u, of which y is measured 610.1
times a second. The data are simulated, with known parameters and noise. The mass is in units of 1e-6, and c of 1e-4, so
that all four are of one size. SciPy's least_squares is Gauss-Newton in a trust region; the Jacobian is one forward
sweep over the whole simulation, since there are few parameters and many samples.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.optimize import least_squares

from demos.applied.runge_kutta import step
from demos.applied.table import print_table
from demos.cli import UnsuccessfulError
from engine import compile
from nn import plots

if TYPE_CHECKING:
    from matplotlib.figure import Figure

NAMES = ["m, in 1e-6", "c, in 1e-4", "k", "k_3"]
SCALE, TRUTH, GUESS = np.array([[1e-6, 1e-4, 1, 1], [5.625, 2.3, 1, 4.69], [5, 2, 1, 5]])
SAMPLE_RATE, STEPS, NOISE = 610.1, 2, 0.001  # a second; of Runge and Kutta in each sample; a standard deviation


def mass(x: Any, u: float, parameters: Any) -> Any:
    """The derivatives, by time, of y and y'."""
    m, c, k, k_3 = parameters
    return np.array([x[1], (u - k_3 * x[0] ** 3 - k * x[0] - c * x[1]) / m])


def simulate(parameters: Any, forces: Any) -> Any:
    """The position y after each sample, from rest."""
    x, positions, scaled = np.zeros(2), [], parameters * SCALE
    for u in forces:
        for _ in range(STEPS):
            x = step(mass, x, 1 / SAMPLE_RATE / STEPS, u, scaled)
        positions.append(x[0])
    return np.array(positions)


def measure(samples: int, seed: int) -> tuple[Any, Any]:
    """Forces, and the measured positions."""
    rng = np.random.default_rng(seed)
    forces = 0.1 * rng.random(samples)
    return forces, simulate(TRUTH, forces) + NOISE * rng.normal(size=samples)


def fit(forces: Any, measured: Any) -> tuple[Any, Any]:
    """The parameters, and their standard errors, for noise of the known size.

    Raises UnsuccessfulError if the samples do not determine the parameters.
    """
    p = compile(lambda parameters: simulate(parameters, forces) - measured, at=[GUESS])
    found = least_squares(p, GUESS, jac=p.jacobian, xtol=1e-12)
    if not found.success or np.linalg.matrix_rank(found.jac) < len(GUESS):
        raise UnsuccessfulError(f"{len(forces)} samples do not determine {len(GUESS)} parameters: more --samples")
    return found.x, NOISE * np.sqrt(np.linalg.inv(found.jac.T @ found.jac).diagonal())


def show(samples: int = 160, seed: int = 0) -> Figure:
    """Print the parameters beside those that made the data, and draw the motion.

    samples: the number of measurements
    seed: the seed of the forces and the noise
    """
    forces, measured = measure(samples, seed)
    found, errors = fit(forces, measured)
    print(f"{samples} samples in {samples / SAMPLE_RATE:.2f} s, with noise of {NOISE}")
    rows = zip(NAMES, TRUTH, GUESS, found, errors, strict=True)
    print_table(["", "truth", "first guess", "estimate", "standard error"], rows)
    times = np.arange(1, samples + 1) / SAMPLE_RATE
    figure = plots.figure(8, 4.6)
    [axes] = plots.panels(figure, 1)
    axes.plot(times, simulate(GUESS, forces), color=plots.LIGHT.grey, linestyle="dashed", linewidth=1)
    axes.plot(times, simulate(found, forces), color=plots.LIGHT.mark)
    axes.scatter(times, measured, s=10, color=plots.LIGHT.blue, linewidths=0, zorder=3)
    plots.headline(axes, "A vibrating mass", "Dots: measured; red: with the estimates; dashed: with the first guess")
    plots.tidy(axes, "seconds", "position y")
    return figure
