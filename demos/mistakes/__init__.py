"""Backpropagation done wrongly on purpose, beside `backward()`, which does it right.

`sweeps` holds the mistakes, and `comparison` puts one of them beside the right gradients. `steps` holds those that
gradient descent makes with right gradients.
"""

from demos.mistakes.comparison import Comparison, after_step
from demos.mistakes.steps import DESCENTS, Descent, compare_descents, correct_descent, rebinding
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
    "DESCENTS",
    "MISTAKES",
    "RATE",
    "Comparison",
    "Descent",
    "Gradients",
    "Sweep",
    "after_step",
    "compare_descents",
    "correct_descent",
    "correct_gradients",
    "leaves_changed",
    "mid_sweep",
    "not_cleared",
    "overwriting",
    "rebinding",
    "stale",
    "sums",
    "too_early",
]
