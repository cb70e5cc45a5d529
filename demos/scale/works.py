"""The networks of `demos.scale`, and the rows that they learn from."""

from __future__ import annotations

import math
import os
import random
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nn import MLP

if TYPE_CHECKING:
    from nn.matrix import FloatArray

CLASSES = 10
LARGE_INPUTS = 784  # pixels of 28 by 28, as of MNIST
LARGE_ROWS = 60_000
ARRAYS_OF_ROWS = 3  # while data are made: patterns, noise, and their sum


def memory_size() -> float:
    """The bytes of memory of this machine; infinity where the system does not say."""
    if not hasattr(os, "sysconf"):
        return math.inf
    return float(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"))


@dataclass(frozen=True)
class Work:
    """A network, the sizes of its layers, and what it learns: rows of inputs, and the class of each."""

    sizes: tuple[int, ...]
    inputs: FloatArray
    classes: list[int]
    batch_size: int
    rate: float

    def network(self, seed: int) -> MLP:
        """The network before its training."""
        return MLP(self.sizes[0], self.sizes[1:], activation="relu", init="he", rng=random.Random(seed))


def digits(seed: int, rows: int | None) -> Work:
    """64-32-10 units, and scikit-learn's images of handwritten digits."""
    from sklearn.datasets import load_digits

    pixels, classes = load_digits(return_X_y=True)
    return Work((64, 32, CLASSES), pixels[:rows] / pixels.max(), classes[:rows].tolist(), 128, 0.1)


def large(seed: int, rows: int | None) -> Work:
    """784-128-10 units, and made data: a random pattern for each class, under noise. Raises MemoryError."""
    import numpy as np

    rng = np.random.default_rng(seed)
    n = LARGE_ROWS if rows is None else rows
    needed = ARRAYS_OF_ROWS * n * LARGE_INPUTS * np.dtype(float).itemsize
    if needed > (memory := memory_size()):
        raise MemoryError(f"{n:,} rows need {needed / 1e9:,.0f} GB of memory, but there are {memory / 1e9:,.0f}")
    classes = rng.integers(CLASSES, size=n)
    inputs = rng.random((CLASSES, LARGE_INPUTS))[classes] + rng.normal(size=(n, LARGE_INPUTS))
    return Work((LARGE_INPUTS, 128, CLASSES), inputs, classes.tolist(), 1_000, 0.01)


WORKS = {"digits": digits, "large": large}
