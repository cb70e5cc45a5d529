"""The method of Runge and Kutta, of order 4, on numbers and on `Value`s."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def step(f: Callable[..., Any], x: Any, dt: float, *more: Any) -> Any:
    """The array x after a step of dt, where x' = f(x, *more).

    >>> import numpy as np
    >>> float(step(lambda x: x, np.array([1.0]), 0.1)[0])  # e^0.1 = 1.10517092
    1.1051708333333332
    """
    k_1 = f(x, *more)
    k_2 = f(x + dt / 2 * k_1, *more)
    k_3 = f(x + dt / 2 * k_2, *more)
    k_4 = f(x + dt * k_3, *more)
    return x + dt / 6 * (k_1 + 2 * k_2 + 2 * k_3 + k_4)
