"""Random graphs to step through."""

from __future__ import annotations

import random
from collections.abc import Callable

from engine import Value, dot

RULES: list[Callable[[Value, Value], Value]] = [
    lambda x, y: x + y,
    lambda x, y: x * y.tanh(),
    lambda x, y: x - 2.5 * y.sigmoid(),
    lambda x, y: x.tanh() * x.tanh(),
    lambda x, y: dot([x, 0.5], [y.tanh(), x], y),
    lambda x, y: x / (y * y + 1.0),
]


def random_graph(rng: random.Random, n: int = 25) -> Value:
    """A formula that reuses nodes, with constants and repeated inputs."""
    nodes = [Value(rng.uniform(-2.0, 2.0), f"x_{i}") for i in range(1, 4)]
    for _ in range(n):
        x, y = rng.choice(nodes), rng.choice(nodes[-5:])
        nodes.append(rng.choice(RULES)(x.tanh(), y))
    return nodes[-1]
