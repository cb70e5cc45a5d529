"""Rosenbrock's function Σ_i 100 (x_{i+1} - x_i²)² + (1 - x_i)²: many short terms.

Its gradient is computed in place, and for an array of NumPy, which gives a new array; and its Hessian likewise.
"""

from __future__ import annotations

import random
from itertools import pairwise
from typing import Any

from tests.bench.gradient import DDX, ddx, ddx_equation, pathgrad_program, peers
from tests.bench.job import OURS, Job, Peer


def point(size: int) -> list[float]:
    """Where the derivatives are asked for."""
    rng = random.Random(0)
    return [rng.uniform(-1.5, 1.5) for _ in range(size)]


def rosenbrock(x: list[Any], _: int) -> Any:
    """The function of a list of scalars."""
    terms = [100.0 * (v - u * u) ** 2 + (1.0 - u) ** 2 for u, v in pairwise(x)]
    return sum(terms[1:], terms[0])


def gradient_by_pathgrad(size: int) -> Job:
    """The value and the gradient at an array."""
    import numpy as np

    program, x = pathgrad_program(rosenbrock, point(size), size), np.array(point(size))

    def answer() -> list[float]:
        value, gradient = program.value_and_grad(x)
        return [value, *gradient.tolist()]

    return Job({"": lambda: program.value_and_grad(x)}, answer)


def gradient_by_ddx(size: int) -> Job:
    """The value and the gradient at an array."""
    import numpy as np

    equation, x = ddx_equation(rosenbrock, size, size), np.array(point(size))

    def answer() -> list[float]:
        value, gradient = equation.jacobian(x)
        return [value, *gradient.tolist()]

    return Job({"": lambda: equation.jacobian(x)}, answer)


def hessian_by_pathgrad(size: int) -> Job:
    """The dense Hessian at an array."""
    import numpy as np

    program, x = pathgrad_program(rosenbrock, point(size), size), np.array(point(size))
    return Job({"": lambda: program.hessian(x)}, lambda: program.hessian(x).ravel().tolist())


def hessian_by_ddx(size: int) -> Job:
    """The dense Hessian at an array, with the value and the gradient, which ddx does not leave out."""
    import numpy as np

    equation, x = ddx_equation(rosenbrock, size, size), np.array(point(size))
    return Job({"": lambda: equation.hessian(x)}, lambda: equation.hessian(x)[2].ravel().tolist())


PEERS = peers(rosenbrock, point) | {"ddx": Peer(lambda size: ddx(rosenbrock, point(size), size), DDX)}
PEERS_OF_ARRAYS = {"pathgrad": Peer(gradient_by_pathgrad, OURS), "ddx": Peer(gradient_by_ddx, DDX)}
PEERS_OF_HESSIANS = {"pathgrad": Peer(hessian_by_pathgrad, OURS), "ddx": Peer(hessian_by_ddx, DDX)}
