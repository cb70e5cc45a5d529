"""Initial weights: random numbers of such a variance that signals neither vanish nor explode from layer to layer.

Each is uniform in [-r, r], with variance r²/3. n_in is the number of inputs of a unit, n_out the number of units:

    "uniform"    r = 1                        micrograd's
    "xavier"     r = √(6 / (n_in + n_out))    Glorot and Bengio 2010, (16): for tanh, sigmoid and the like
    "he"         r = √(6 / n_in)              He et al. 2015, (10): n_in · variance = 2, for relu and the like

(He et al. draw from a normal distribution of this variance; torch.nn.init.kaiming_uniform_ from this one.)
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from typing import Any, Protocol

from engine._support import checks


class RandomSource(Protocol):
    """A source of random numbers: the `random` module, a `random.Random`, a generator of NumPy."""

    def uniform(self, a: float, b: float, /) -> float:
        """Draw a number between a and b."""


# Draws one weight: from the number of inputs of a unit, the number of units in its layer, and the source.
Initializer = Callable[[int, int, Any], float]


def _uniform_within(bound: Callable[[int, int], float]) -> Initializer:
    def weight(n_in: int, n_out: int, rng: RandomSource) -> float:
        r = bound(n_in, n_out)
        return rng.uniform(-r, r)

    return weight


INITIALIZERS: dict[str, Initializer] = {
    "uniform": _uniform_within(lambda n_in, n_out: 1.0),
    "xavier": _uniform_within(lambda n_in, n_out: math.sqrt(6.0 / (n_in + n_out))),
    "he": _uniform_within(lambda n_in, n_out: math.sqrt(6.0 / n_in)),
}


def find_initializer(init: str | Initializer) -> Initializer:
    """The function that draws a weight. Raises ValueError for an unknown name, TypeError for other types.

    >>> find_initializer("he")(6, 1, random.Random(0))
    0.6888437030500962
    """
    if callable(init):
        return init
    checks.check_instance(init, str, "init must be a name or a function (n_in, n_out, rng) -> weight")
    checks.check_choice(init, INITIALIZERS, "init", ", or a function")
    return INITIALIZERS[init]


def check_random_source(rng: RandomSource | None) -> RandomSource:
    """Return the source of random numbers, by default the `random` module. Raises TypeError for a seed.

    >>> check_random_source(7)
    Traceback (most recent call last):
    ...
    TypeError: rng must be a source of random numbers, such as random.Random(7), not 7
    """
    if rng is None:
        return random
    if not hasattr(rng, "uniform"):
        example = f"random.Random({rng!r})" if isinstance(rng, (int, str)) else "random.Random(0)"
        raise TypeError(f"rng must be a source of random numbers, such as {example}, not {rng!r}")
    return rng
