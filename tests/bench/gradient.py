"""The gradient of one long formula of many numbers, by this engine and by libraries for formulas of scalars.

All differentiate the formula once, and are then called in place: no number is turned into a Python object.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

from tests.bench.job import OURS, Job, Peer

Formula = Callable[[list[Any], int], Any]  # of scalars of any library, and the size of the work
DDX = ("ddx", "numpy")


def peers(formula: Formula, point: Callable[[int], list[float]]) -> dict[str, Peer]:
    """Both, at a point that depends on the size."""
    return {
        "pathgrad": Peer(lambda size: pathgrad(formula, point(size), size), OURS),
        "CasADi": Peer(lambda size: casadi(formula, point(size), size), ("casadi", "numpy")),
    }


def pathgrad_program(formula: Formula, point: list[float], size: int) -> Any:
    """The formula, compiled by this engine to machine code."""
    from engine import Value, compile

    x = [Value(number) for number in point]
    return compile(formula(x, size), inputs=x, backend="llvm")


def pathgrad(formula: Formula, point: list[float], size: int) -> Job:
    """This engine: a bound program."""
    bound = pathgrad_program(formula, point, size).bind(point)
    return Job({"": bound.run}, lambda: [bound.run(), *bound.gradient.tolist()])


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


def ddx_equation(formula: Formula, n: int, size: int, rows: int = 1) -> Any:
    """The formula of n numbers as an equation of ddx, compiled to machine code for this number of rows at a time."""
    import_module("numpy")  # ddx does not import it
    ddx = import_module("ddx")
    equation = ddx.equation(lambda: formula([ddx.var(f"x{i}") for i in range(n)], size))
    return equation.compile(points=rows)


def ddx(formula: Formula, point: list[float], size: int) -> Job:
    """ddx: an equation that is bound to a buffer."""
    import numpy as np

    call = ddx_equation(formula, len(point), size).buffer(np.array(point))

    def answer() -> list[float]:
        call()
        return [call.value, *call.jacobian.tolist()]

    return Job({"": call}, answer)
