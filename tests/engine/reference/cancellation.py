"""Where derivatives lose digits: those that are a difference from 1, and second derivatives."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from mpmath import mp, mpf

from engine import TABLE, Op
from tests.engine.operations import OPERATIONS, known
from tests.engine.reference.outcomes import outcome


def _absolute_errors() -> str:
    """The absolute errors that derivatives may have, with the operations."""
    errors = {name: entry.error for name, entry in OPERATIONS.items() if entry.error}
    return "; ".join(
        f"{error:.1e} for {', '.join(name for name in errors if errors[name] == error)}"
        for error in dict.fromkeys(errors.values())
    )


IN_GENERAL = (
    "σ'(x) is computed as z(1 − z), the paper's form, and tanh'(x) as 1 − z², both as in PyTorch. Where z is near 1,"
    " the difference from 1 is known only to the rounding of z, 1.1e-16: the smaller the derivative, the fewer of its"
    " digits are right, and from the last row of each operation on it is 0. For x < 0, σ' keeps all its digits; tanh'"
    " is even."
)
SECOND_DERIVATIVES = (
    "Second derivatives are right to a few units in the last place, of themselves and of what the rounding of the"
    f" inputs changes in them, or to an absolute error: {_absolute_errors()}. So where they are small, digits are lost;"
    " those of asin, acos and atanh vanish at 0, for example, and those of softplus and logaddexp are σ'. Where |x|"
    " exceeds half the largest float, that of atan, erf and erfc, which is below the smallest, can be NaN."
)
POINTS = {TABLE["sigmoid"]: (5.0, 10.0, 20.0, 30.0, 35.0), TABLE["tanh"]: (2.5, 5.0, 10.0, 15.0, 17.5)}


class Loss(NamedTuple):
    """A derivative, the exact one, and the difference relative to it."""

    x: float
    derivative: float
    exact: float
    error: float


def loss(op: Op, x: float) -> Loss:
    """The loss at a point."""
    [found] = outcome(op, (x,)).derivatives
    assert found is not None
    with mp.workdps(50):
        [derivative] = known(op).first
        exact = derivative(mpf(x))
        return Loss(x, found, float(exact), float(abs(found / exact - 1)))


def zero_from(op: Op) -> float:
    """The smallest float above 1 at which the derivative is 0, by bisection."""
    low, high = 1.0, 100.0
    while low < (middle := (low + high) / 2) < high:
        low, high = (low, middle) if outcome(op, (middle,)).derivatives == [0.0] else (middle, high)
    return high


def losses() -> Iterator[tuple[Op, Loss]]:
    """The losses at some points, and at the first one whose derivative is 0."""
    for op, points in POINTS.items():
        yield from ((op, loss(op, x)) for x in (*points, zero_from(op)))
