"""Learning-rate schedules: functions of the number of steps taken so far, for the `lr` of an optimizer.

A schedule is a plain function, such as one of your own: `SGD(parameters, lr=lambda step: 1 / (step + 10))`.
Those here raise ValueError for rates that are negative or not finite, and TypeError for other types.

>>> from engine import Value
>>> from nn import SGD
>>> SGD([Value(1.0)], lr=linear(1.0, 0.1, steps=100)).rate()  # micrograd's demo
1.0
"""

from __future__ import annotations

import math
from collections.abc import Callable

from engine._support import checks
from engine._support.real_numbers import check_real

Schedule = Callable[[int], float]
NEEDS_STEPS = "a schedule needs at least one step"


def constant(rate: float) -> Schedule:
    """The same rate at every step.

    >>> constant(0.1)(1000)
    0.1
    """
    rate = check_real(rate, "the rate")
    return lambda step: rate


def linear(start: float, end: float, steps: int) -> Schedule:
    """A straight line from `start` to `end`, which is reached after `steps` steps and kept.

    rate(t) = start + (end - start) · t / steps. Raises ValueError if `steps` is below 1.

    >>> [linear(1.0, 0.2, steps=4)(step) for step in (0, 2, 4, 9)]
    [1.0, 0.6, 0.2, 0.2]
    """
    start, end = _ends(start, end, steps)
    return lambda step: end if step >= steps else start + (end - start) * (step / steps)


def cosine(start: float, end: float, steps: int) -> Schedule:
    """Half a cosine from `start` to `end`, slow at both ends (Loshchilov and Hutter 2017, (5)); then `end`.

    rate(t) = end + (start - end) · (1 + cos(π t / steps)) / 2. Raises ValueError if `steps` is below 1.

    >>> [round(cosine(1.0, 0.0, steps=4)(step), 3) for step in (0, 1, 2, 3, 4, 9)]
    [1.0, 0.854, 0.5, 0.146, 0.0, 0.0]
    """
    start, end = _ends(start, end, steps)
    return lambda step: end if step >= steps else end + (start - end) * (1.0 + math.cos(math.pi * step / steps)) / 2.0


def exponential(start: float, factor: float) -> Schedule:
    """A rate that every step multiplies by `factor`: start · factorᵗ. Raises ValueError for a factor outside (0, 1].

    >>> [exponential(1.0, 0.5)(step) for step in (0, 1, 2, 3)]
    [1.0, 0.5, 0.25, 0.125]
    """
    checks.value_error_unless(0.0 < factor <= 1.0, "factor must be above 0 and at most 1", factor)
    start = check_real(start, "the first rate")
    return lambda step: start * factor**step


def staircase(start: float, factor: float, every: int) -> Schedule:
    """A rate that is multiplied by `factor` after each `every` steps: start · factor^⌊t / every⌋.

    Raises ValueError for a factor outside (0, 1], or if `every` is below 1.

    >>> [staircase(1.0, 0.1, every=2)(step) for step in (0, 1, 2, 3, 4)]
    [1.0, 1.0, 0.1, 0.1, 0.010000000000000002]
    """
    checks.check_positive_int(every, NEEDS_STEPS)
    rate = exponential(start, factor)
    return lambda step: rate(step // every)


def warmup(steps: int, then: Schedule) -> Schedule:
    """A straight line over the first `steps` steps up to the rate with which the schedule `then` begins.

    rate(t) = then(0) · (t + 1) / (steps + 1), later then(t - steps). Raises ValueError if `steps` is below 1.

    >>> [warmup(3, then=constant(1.0))(step) for step in (0, 1, 2, 3, 4)]
    [0.25, 0.5, 0.75, 1.0, 1.0]
    """
    checks.check_positive_int(steps, NEEDS_STEPS)
    checks.type_error_unless(callable(then), "then must be a schedule, such as constant(0.1)", then)
    return lambda step: then(step - steps) if step >= steps else then(0) * (step + 1) / (steps + 1)


def _ends(start: float, end: float, steps: int) -> tuple[float, float]:
    checks.check_positive_int(steps, NEEDS_STEPS)
    return check_real(start, "the first rate"), check_real(end, "the last rate")
