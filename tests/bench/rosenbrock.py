"""The gradient of Rosenbrock's function Σ_i 100 (x_{i+1} - x_i²)² + (1 - x_i)², against CasADi's symbolic functions.

Both differentiate the formula once; both are then called through buffers: no number is turned into a Python object.
"""

from __future__ import annotations

import random
from importlib import import_module
from itertools import pairwise
from typing import Any

from tests.bench.job import OURS, Job, Peer


def point(size: int) -> list[float]:
    """Where the gradient is asked for."""
    rng = random.Random(0)
    return [rng.uniform(-1.5, 1.5) for _ in range(size)]


def rosenbrock(x: Any) -> Any:
    """The function of a list of scalars."""
    terms = [100.0 * (v - u * u) ** 2 + (1.0 - u) ** 2 for u, v in pairwise(x)]
    return sum(terms[1:], terms[0])


def pathgrad(size: int) -> Job:
    """This engine: machine code, on an array of one row."""
    import numpy as np

    from engine import Value, compile

    x = [Value(number) for number in point(size)]
    program = compile(rosenbrock(x), inputs=x, backend="llvm")
    rows = np.array([point(size)])

    def answer() -> list[float]:
        value, gradient = program.sum_over(rows)
        return [value, *gradient]

    return Job({"": lambda: program.sum_over(rows)}, answer)


def casadi(size: int) -> Job:
    """CasADi: an SX function."""
    ca = import_module("casadi")
    x = ca.SX.sym("x", size)
    value = rosenbrock(ca.vertsplit(x))
    return buffered(ca.Function("rosenbrock", [x], [value, ca.gradient(value, x)]), point(size))


def buffered(function: Any, numbers: list[float]) -> Job:
    """A CasADi function of one vector, with a value and a gradient, called through its buffers."""
    import numpy as np

    arguments, value, gradient = np.array(numbers), np.zeros(1), np.zeros(len(numbers))
    buffer, trigger = function.buffer()
    buffer.set_arg(0, arguments.data)
    buffer.set_res(0, value.data)
    buffer.set_res(1, gradient.data)

    def answer() -> list[float]:
        trigger()
        return [*value.tolist(), *gradient.tolist()]

    return Job({"": trigger}, answer, memory=(buffer, arguments))


PEERS = {"pathgrad": Peer(pathgrad, OURS), "CasADi": Peer(casadi, ("casadi", "numpy"))}
