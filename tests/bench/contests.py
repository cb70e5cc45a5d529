"""The comparisons of compiled graphs with peers: the works, their sizes, and how many times as fast we are to be."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from tests.bench.table import compared, row, seconds
from tests.bench.workers import Measured, contest


class Contest(NamedTuple):
    """A work at a size; `targets` has a ratio for each peer that is to be left behind."""

    work: str
    size: int
    title: str
    targets: dict[str, float]
    shows_build: bool = False


CONTESTS = (
    Contest(
        "moons",
        100,
        "moons step: 2-16-16-1, 100 samples, update",
        {"micrograd": 15_000, "PyTorch": 15, "JAX": 1.5, "JAX, not asynchronous": 1.5},
    ),
    Contest("rosenbrock", 10, "gradient of Rosenbrock, n = 10, in place", {"ddx": 2}),
    Contest("rosenbrock", 1000, "gradient of Rosenbrock, n = 1000, in place", {"CasADi": 4, "ddx": 1.5}, True),
    Contest("rosenbrock_arrays", 10, "gradient of Rosenbrock, n = 10, array in, array out", {"ddx": 1.2}),
    Contest("rosenbrock_arrays", 1000, "gradient of Rosenbrock, n = 1000, array in, array out", {"ddx": 1.2}),
    Contest("rosenbrock_hessian", 30, "Hessian of Rosenbrock, n = 30, array in, array out", {"ddx": 1.2}),
    Contest("rows", 10_000, "gradients at each of 10,000 rows of a formula of 3 numbers", {"ddx": 1.5}),
    Contest("lorenz", 1000, "gradient of Lorenz over 1000 Runge-Kutta steps", {"CasADi": 4}, shows_build=True),
    Contest("figure_4", 1, "a sample of Figure 4, backend python", {"micrograd": 10, "PyTorch": 30}),
    Contest("transformer", 8, "a step of a small transformer of scalars", {"micrograd": 500}, shows_build=True),
    Contest("digits_in_batches", 1437, "digits epoch: 64-32-10, 1,437 samples, batches of 32", {"PyTorch": 8}),
    Contest("digits_at_once", 1437, "digits epoch: the same, all samples in one batch", {"PyTorch": 1}),
)


def rows(it: Contest, rounds: int, duration: float) -> Iterator[str]:
    """A row for each peer that is there."""
    found = contest(it.work, it.size, rounds, duration)
    if "pathgrad" not in found:
        yield row(it.title, "left out: a part of ours is missing")
        return
    ours = found.pop("pathgrad")
    title = it.title
    for peer, theirs in found.items():
        target = f">= {it.targets[peer]:,}" if peer in it.targets else ""
        yield compared(title + _way(ours), ours.seconds, peer + _way(theirs), theirs.seconds, target)
        if it.shows_build:
            yield compared("  building it, once", [ours.build], peer, [theirs.build])
    if not found:
        yield row(title, seconds(ours.seconds))


def _way(of: Measured) -> str:
    return f" ({of.way})" if of.way else ""
