"""Backpropagation done wrongly on purpose, beside `backward()`, which does it right.

`sweeps` holds the mistakes, and `comparison` puts one of them beside the right gradients; `python -m demos.mistakes`
makes them all.
"""

from demos.mistakes.comparison import Comparison, after_step
from demos.mistakes.sweeps import (
    MISTAKES,
    RATE,
    Gradients,
    Sweep,
    leaves_changed,
    mid_sweep,
    not_cleared,
    overwriting,
    right,
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
    "leaves_changed",
    "mid_sweep",
    "not_cleared",
    "overwriting",
    "right",
    "stale",
    "sums",
    "too_early",
]
