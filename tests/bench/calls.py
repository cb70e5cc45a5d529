"""A pendulum that is pushed, y' = f(t, y), as solvers of differential equations call it: a number and an array.

The values of f, and its Jacobian by y times a vector; a new array each time.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

from tests.bench.job import OURS, Job, Peer

T, Y, V = 0.3, [0.5, -0.25], [1.0, 2.0]
CASADI = ("casadi", "numpy")


def pushed(functions: Any, t: Any, y: Any) -> list[Any]:
    """f of scalars of a library, with its functions."""
    return [y[1], functions.cos(2.0 * t) - functions.sin(y[0]) - 0.1 * y[1]]


def job(call: Callable[[], Any]) -> Job:
    """A job whose answer is an array."""
    return Job({"": call}, lambda: call().tolist())


def pathgrad(is_product: bool) -> Job:
    """This engine: a program of two arguments."""
    import numpy as np

    import engine

    program = engine.compile(lambda t, y: pushed(engine, t, y), at=[T, Y], wrt="y", backend="llvm")
    y, v = np.array(Y), np.array(V)
    return job((lambda: program.jvp(T, y, v)) if is_product else (lambda: program(T, y)))


def casadi(is_product: bool) -> Job:
    """CasADi: an SX function, whose result is made an array."""
    import numpy as np

    ca = import_module("casadi")
    t, y, v = ca.SX.sym("t"), ca.SX.sym("y", 2), ca.SX.sym("v", 2)
    value = ca.vertcat(*pushed(ca, t, y))
    function = ca.Function("f", [t, y, v], [ca.jtimes(value, y, v) if is_product else value])
    given, direction = np.array(Y), np.array(V)
    return job(lambda: function(T, given, direction).full().ravel())


def peers(is_product: bool) -> dict[str, Peer]:
    """Both, for the values or for the product."""
    return {
        "pathgrad": Peer(lambda _: pathgrad(is_product), OURS),
        "CasADi": Peer(lambda _: casadi(is_product), CASADI),
    }
