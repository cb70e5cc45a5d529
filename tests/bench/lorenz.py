"""The Lorenz system over many Runge-Kutta steps: the derivatives of the final x by where it began and its parameters.

One long formula, in which each step waits for the one before.
"""

from __future__ import annotations

from typing import Any

from tests.bench.gradient import peers

BEGIN = [1.0, 1.0, 1.05, 10.0, 28.0, 8.0 / 3.0]  # x, y, z, σ, ρ, β
H = 0.01  # the time of a step


def final_x(begin: list[Any], steps: int) -> Any:
    """x after `steps` steps."""
    state, (sigma, rho, beta) = begin[:3], begin[3:]

    def slope(s: list[Any]) -> list[Any]:
        x, y, z = s
        return [sigma * (y - x), x * (rho - z) - y, x * y - beta * z]

    def moved(s: list[Any], k: list[Any], h: float) -> list[Any]:
        return [u + h * du for u, du in zip(s, k, strict=True)]

    for _ in range(steps):
        k_1 = slope(state)
        k_2 = slope(moved(state, k_1, H / 2))
        k_3 = slope(moved(state, k_2, H / 2))
        k_4 = slope(moved(state, k_3, H))
        mean = [a + 2.0 * b + 2.0 * c + d for a, b, c, d in zip(k_1, k_2, k_3, k_4, strict=True)]
        state = moved(state, mean, H / 6)
    return state[0]


PEERS = peers(final_x, lambda _: BEGIN)
