"""The gradients at each of many rows of a short formula, a exp(-b t) sin(t a) + (a - b)² / (1 + t²), and their sums."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from importlib import import_module
from typing import Any

from tests.bench.gradient import DDX, ddx_equation
from tests.bench.job import OURS, Job, Peer

SHOWN = 5  # rows of an answer


def points(size: int) -> Any:
    """Rows of a, b and t."""
    import numpy as np

    return np.random.default_rng(0).uniform(0.1, 2.0, (size, 3))


def formula(x: list[Any], functions: Any) -> Any:
    """The formula of scalars of a library, with its functions."""
    a, b, t = x
    return a * functions.exp(-b * t) * functions.sin(t * a) + (a - b) ** 2 / (1.0 + t * t)


def compiled() -> Any:
    """The formula as a program of this engine."""
    import engine

    x = [engine.Value(0.5) for _ in range(3)]
    return engine.compile(formula(x, engine), inputs=x, backend="llvm")


def pathgrad(size: int) -> Job:
    """This engine, on one thread and on two."""
    rows, program = points(size), compiled()
    ways: dict[str, Callable[[], object]] = {
        "1 thread": lambda: program.value_and_grad(rows),
        "2 threads": lambda: program.value_and_grad(rows, threads=2),
    }
    return Job(ways, lambda: program.grad(rows)[:SHOWN].ravel().tolist())


def gradients(threads: int, size: int) -> Job:
    """The value and the gradient at each row, by this engine on threads."""
    rows, program = points(size), compiled()
    return Job(
        {"": lambda: program.value_and_grad(rows, threads=threads)},
        lambda: program.grad(rows, threads=threads)[-SHOWN:].ravel().tolist(),
    )


def sums(threads: int, size: int) -> Job:
    """The sums of the value and the gradient over all rows, by this engine on threads."""
    rows, program = points(size), compiled()

    def run() -> list[float]:
        total, derivatives = program.sum_over(rows, threads)
        return [total, *derivatives]

    return Job({"": run}, run)


def ddx(size: int) -> Job:
    """ddx, for which a row is a column, with new arrays and in place."""
    library, columns = import_module("ddx"), points(size).T.copy()
    equation = ddx_equation(lambda x, _: formula(x, library), 3, size, rows=size)
    call = equation.buffer(columns)
    ways = {"new arrays": lambda: equation.jacobian(columns), "in place": call}
    return Job(ways, lambda: equation.jacobian(columns)[1].T[:SHOWN].ravel().tolist())


def on_threads(make: Callable[[int, int], Job]) -> dict[str, Peer]:
    """Two threads, and one thread as their peer."""
    return {"pathgrad": Peer(partial(make, 2), OURS), "one thread": Peer(partial(make, 1), OURS)}


PEERS = {"pathgrad": Peer(pathgrad, OURS), "ddx": Peer(ddx, DDX)}
THREADS_OF_GRADIENTS, THREADS_OF_SUMS = on_threads(gradients), on_threads(sums)
