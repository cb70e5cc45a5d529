"""The gradient of one long formula of many numbers, by this engine and by CasADi's symbolic functions.

Both differentiate the formula once; both are then called through buffers: no number is turned into a Python object.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

from tests.bench.job import OURS, Job, Peer

Formula = Callable[[list[Any], int], Any]  # of scalars of any library, and the size of the work


def peers(formula: Formula, point: Callable[[int], list[float]]) -> dict[str, Peer]:
    """Both, at a point that depends on the size."""
    return {
        "pathgrad": Peer(lambda size: pathgrad(formula, point(size), size), OURS),
        "CasADi": Peer(lambda size: casadi(formula, point(size), size), ("casadi", "numpy")),
    }


def pathgrad(formula: Formula, point: list[float], size: int) -> Job:
    """This engine: machine code, on an array of one row."""
    import numpy as np

    from engine import Value, compile

    x = [Value(number) for number in point]
    program = compile(formula(x, size), inputs=x, backend="llvm")
    rows = np.array([point])

    def answer() -> list[float]:
        value, gradient = program.sum_over(rows)
        return [value, *gradient]

    return Job({"": lambda: program.sum_over(rows)}, answer)


def casadi(formula: Formula, point: list[float], size: int) -> Job:
    """CasADi: an SX function, called through its buffers."""
    import numpy as np

    ca = import_module("casadi")
    x = ca.SX.sym("x", len(point))
    value = formula(ca.vertsplit(x), size)
    function = ca.Function("formula", [x], [value, ca.gradient(value, x)])

    arguments, found, gradient = np.array(point), np.zeros(1), np.zeros(len(point))
    buffer, trigger = function.buffer()
    buffer.set_arg(0, arguments.data)
    buffer.set_res(0, found.data)
    buffer.set_res(1, gradient.data)

    def answer() -> list[float]:
        trigger()
        return [*found.tolist(), *gradient.tolist()]

    return Job({"": trigger}, answer, memory=(buffer, arguments))
