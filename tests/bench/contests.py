"""The comparisons with peers: the works, their sizes, and how many times as fast we are to be."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from tests.bench.table import compared, row, seconds
from tests.bench.workers import Measured, building, contest

Targets = Mapping[str, float | None]  # how many times as fast as each peer; None where it is only shown


class Contest(NamedTuple):
    """A work at a size."""

    work: str
    size: int
    title: str
    targets: Targets


class Build(NamedTuple):
    """The building of a work up to its first result; after the same work of the size `before`, unless that is 0."""

    name: str
    work: str
    size: int
    title: str
    targets: Targets
    before: int = 0


BY_HAND: Targets = {"NumPy by hand": None, "JAX by hand": None}

CONTESTS = (
    Contest(
        "moons",
        100,
        "moons step: 2-16-16-1, 100 samples, update",
        {"micrograd": 15_000, "PyTorch": 15, "JAX": 1.5, "JAX, not asynchronous": 1.5},
    ),
    Contest("rosenbrock", 10, "gradient of Rosenbrock, n = 10, in place", {"ddx": 2}),
    Contest("rosenbrock", 1000, "gradient of Rosenbrock, n = 1000, in place", {"CasADi": 4, "ddx": 1.5}),
    Contest("rosenbrock_arrays", 10, "gradient of Rosenbrock, n = 10, array in, array out", {"ddx": 1.2}),
    Contest("rosenbrock_arrays", 1000, "gradient of Rosenbrock, n = 1000, array in, array out", {"ddx": 1.2}),
    Contest("rosenbrock_hessian", 30, "Hessian of Rosenbrock, n = 30, array in, array out", {"ddx": 1.2}),
    Contest("calls", 2, "f(t, y) of a pendulum, a number and an array in, array out", {"CasADi": 5}),
    Contest("calls_jvp", 2, "the Jacobian of such an f(t, y) times a vector, likewise", {"CasADi": 5}),
    Contest("rows", 10_000, "gradients at each of 10,000 rows of a formula of 3 numbers", {"ddx": 1.5}),
    Contest("threads_rows", 1_000_000, "gradients at each of 1,000,000 such rows, on two threads", {"one thread": 1.8}),
    Contest(
        "threads_sums", 1_000_000, "sums of gradients over 1,000,000 such rows, on two threads", {"one thread": 1.8}
    ),
    Contest("lorenz", 1000, "gradient of Lorenz over 1000 Runge-Kutta steps", {"CasADi": 4}),
    Contest("eager", 5_000, "5,000 operations built and swept, no compiler", {"micrograd": 2.5, "XAD": 0.6}),
    Contest("figure_4", 1, "a sample of Figure 4, backend python", {"micrograd": 10, "PyTorch": 30}),
    Contest("transformer", 8, "a step of a small transformer of scalars", {"micrograd": 500}),
    Contest("digits_in_batches", 1437, "digits epoch: 64-32-10, 1,437 samples, batches of 32", {"PyTorch": 8}),
    Contest("digits_at_once", 1437, "digits epoch: the same, all samples in one batch", {"PyTorch": 1}),
    Contest("matrices_small", 1024, "gradient of 64-32-10 over 1,024 rows", BY_HAND),
    Contest("matrices_large", 1024, "gradient of 784-128-10 over 1,024 rows", BY_HAND),
    Contest("matrices_small_numpy", 1024, "the first, printed for NumPy", {"NumPy by hand": 0.9}),
    Contest("matrices_large_numpy", 1024, "the second, printed for NumPy", {"NumPy by hand": 0.9}),
    Contest("matrices_small_jax", 1024, "the first, printed for JAX and jitted", {"JAX by hand": 0.9}),
    Contest("matrices_large_jax", 1024, "the second, printed for JAX and jitted", {"JAX by hand": 0.9}),
)

BUILDS = (
    Build(
        "building_first", "rosenbrock", 10, "building Rosenbrock, n = 10, the first graph of a process", {"ddx": None}
    ),
    Build("building_second", "rosenbrock", 10, "building Rosenbrock, n = 10, the second graph", {"ddx": 2}, before=9),
    Build(
        "building_rosenbrock",
        "rosenbrock",
        1000,
        "building Rosenbrock, n = 1000, to the first gradient",
        {"ddx": 3.6, "CasADi": 1},
    ),
    Build("building_lorenz", "lorenz", 1000, "building Lorenz, 1000 steps, to the first gradient", {"CasADi": 3}),
    Build("building_transformer", "transformer", 8, "building the transformer, to the first step", {}),
)


def rows(it: Contest, rounds: int, duration: float) -> Iterator[str]:
    """A row for each peer that is there."""
    yield from _compare(it.title, it.targets, contest(it.work, it.size, rounds, duration))


def build_rows(it: Build, rounds: int) -> Iterator[str]:
    """A row for each peer that is there."""
    found = building(it.work, ["pathgrad", *it.targets], it.size, rounds, it.before)
    yield from _compare(it.title, it.targets, found)


def _compare(title: str, targets: Targets, found: dict[str, Measured]) -> Iterator[str]:
    if "pathgrad" not in found:
        yield row(title, "left out: a part of ours is missing")
        return
    ours = found.pop("pathgrad")
    for peer, theirs in found.items():
        target = f">= {targets[peer]:,}" if targets.get(peer) else ""
        yield compared(title + _way(ours), ours.seconds, peer + _way(theirs), theirs.seconds, target)
    if not found:
        yield row(title, seconds(ours.seconds))


def _way(of: Measured) -> str:
    return f" ({of.way})" if of.way else ""
