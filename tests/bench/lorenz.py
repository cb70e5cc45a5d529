"""The Lorenz system over many Runge-Kutta steps: the derivatives of the final x by where it began and its parameters.

One long formula, in which each step waits for the one before.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

from tests.bench.job import OURS, Job, Peer
from tests.bench.rosenbrock import buffered

BEGIN = [1.0, 1.0, 1.05, 10.0, 28.0, 8.0 / 3.0]  # x, y, z, σ, ρ, β
H = 0.01  # the time of a step


def final_x(begin: list[Any], steps: int) -> Any:
    """x after so many steps."""
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


def pathgrad(size: int) -> Job:
    """This engine: machine code, on an array of one row."""
    import numpy as np

    from engine import Value, compile

    begin = [Value(number) for number in BEGIN]
    program = compile(final_x(begin, size), inputs=begin, backend="llvm")
    rows = np.array([BEGIN])

    def answer() -> list[float]:
        value, gradient = program.sum_over(rows)
        return [value, *gradient]

    return Job({"": lambda: program.sum_over(rows)}, answer)


def casadi(size: int) -> Job:
    """CasADi: an SX function."""
    ca = import_module("casadi")
    begin = ca.SX.sym("begin", len(BEGIN))
    value = final_x(ca.vertsplit(begin), size)
    return buffered(ca.Function("lorenz", [begin], [value, ca.gradient(value, begin)]), BEGIN)


PEERS = {"pathgrad": Peer(pathgrad, OURS), "CasADi": Peer(casadi, ("casadi", "numpy"))}
