"""The gradient of Rosenbrock's function Σ_i 100 (x_{i+1} - x_i²)² + (1 - x_i)²: many short terms."""

from __future__ import annotations

import random
from itertools import pairwise
from typing import Any

from tests.bench.gradient import peers


def point(size: int) -> list[float]:
    """Where the gradient is asked for."""
    rng = random.Random(0)
    return [rng.uniform(-1.5, 1.5) for _ in range(size)]


def rosenbrock(x: list[Any], _: int) -> Any:
    """The function of a list of scalars."""
    terms = [100.0 * (v - u * u) ** 2 + (1.0 - u) ** 2 for u, v in pairwise(x)]
    return sum(terms[1:], terms[0])


PEERS = peers(rosenbrock, point)
