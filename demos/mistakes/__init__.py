"""Backpropagation done wrongly on purpose, beside `backward()`, which does it right.

`sweeps` holds the mistakes, and `comparison` puts one of them beside the right gradients.
"""

from demos.mistakes.comparison import Comparison, after_step
from demos.mistakes.sweeps import (
    MISTAKES,
    RATE,
    Gradients,
    Sweep,
    correct_gradients,
    leaves_changed,
    mid_sweep,
    not_cleared,
    overwriting,
    stale,
    sums,
    too_early,
)

__all__ = [
    "MISTAKES",
    "RATE",
    "Comparison",
    "Gradients",
    "Sweep",
    "after_step",
    "correct_gradients",
    "leaves_changed",
    "mid_sweep",
    "not_cleared",
    "overwriting",
    "stale",
    "sums",
    "too_early",
]
