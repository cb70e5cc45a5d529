"""Trainings that are shared by processes, which `jax.distributed` has joined: with the backend "jax".

Every process calls `fit` with the same samples, and computes its share of each batch, so that all of them take the same
steps as one process would. Parameters and orders are those of the first process, whatever the random numbers of others.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from typing import Any

from engine import Value
from engine.compiler.targets.jax import devices
from nn.training.data import SampleRow, Samples, Shuffler
from nn.training.runner import ProgramRunner


def are_joined() -> bool:
    """Whether there are several processes."""
    return devices.processes()[1] > 1


class FirstShuffler:
    """A source of orders: those of the first process."""

    def __init__(self, rng: Shuffler) -> None:
        self._rng = rng

    def shuffle(self, x: list[int], /) -> None:
        """Shuffle a list in place."""
        self._rng.shuffle(x)
        x[:] = map(int, devices.take_first(x))


def follow_first(rng: Shuffler, parameters: Sequence[Value]) -> Shuffler:
    """Give the parameters the numbers that they have in the first process; return a source of its orders."""
    _check_same([len(parameters)], "another number of parameters")
    for p, number in zip(parameters, devices.take_first([p.data for p in parameters]), strict=True):
        p.data = number
    return FirstShuffler(rng)


def check_samples(samples: Samples) -> None:
    """Raise ValueError unless all processes have the same samples."""
    checksum = 0
    for row in samples.rows:
        numbers: Any = row
        checksum = zlib.crc32(numbers, checksum)
    _check_same([len(samples.rows), checksum], "other samples")


def _check_same(numbers: Sequence[float], others: str) -> None:
    for i, found in enumerate(devices.gather(numbers)):
        if found != numbers:
            raise ValueError(f"process {i} has {others} than this one: call fit with the same model and samples in all")


class SharedRunner(ProgramRunner):
    """A program that is given all rows, takes those of its process, and gets the sums over those of all processes."""

    def sum_over(self, rows: Sequence[SampleRow], /) -> float:
        """The sum of the loss over the rows; `gradient` then holds the sum of its derivatives."""
        index, count = devices.processes()
        return super().sum_over(rows[index::count])
