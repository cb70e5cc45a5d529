"""Backpropagation done wrongly on purpose, beside `backward()`, which does it right.

`sweeps` holds the mistakes of the sweep, and `comparison` puts one of them beside the right gradients. `steps` holds
those of the loop around it, gradient descent.
"""

from demos.mistakes.comparison import Comparison, after_step
from demos.mistakes.steps import (
    DESCENTS,
    Descent,
    before_backward,
    changed_copy,
    compare_descents,
    correct_descent,
    detached,
    not_recomputed,
    rebinding,
    uphill,
)
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
    "before_backward",
    "changed_copy",
    "compare_descents",
    "correct_descent",
    "correct_gradients",
    "detached",
    "leaves_changed",
    "mid_sweep",
    "not_cleared",
    "not_recomputed",
    "overwriting",
    "rebinding",
    "stale",
    "sums",
    "too_early",
    "uphill",
]
