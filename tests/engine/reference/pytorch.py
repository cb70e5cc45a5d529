"""Where PyTorch gives another number at an edge, on purpose: each such difference, with its reason."""

from __future__ import annotations

from typing import NamedTuple

from tests.engine.operations import INF, NAN, Point

# The difference that every operation has.
IN_GENERAL = (
    "Where a value, or a derivative, does not exist or exceeds the largest float, most operations end in a DomainError,"
    " which names the operation and its operands; PyTorch gives ±∞ or NaN, and goes on. The exceptions are + − · and a"
    " quotient that is too large: they give ±∞ and NaN here too, as floats do in Python, and so do rules made of them."
)

NAN_IS_NOT_GREATER = "a comparison with NaN is false, so no branch is chosen: the derivative is that of the kink"


class Difference(NamedTuple):
    """A derivative for which PyTorch gives another number."""

    operation: str
    point: Point
    by: int  # the input
    theirs: float
    reason: str


NAN_IS_NOT_OUTSIDE = "a comparison with NaN is false, so neither end is taken"
LIMIT = "the limit, as the other number is finite; there, ∞ / ∞"
ADDS_NOTHING = "e to the power of −∞ adds nothing to a sum; there, ∞ − ∞"
NO_DIRECTION = "the angle of the origin is not defined, nor is its derivative"

DIFFERENCES = [
    Difference("relu", (NAN,), 0, 1.0, NAN_IS_NOT_GREATER),
    *(
        Difference(name, point, i, 1.0, NAN_IS_NOT_GREATER)
        for name in ("maximum", "minimum")
        for point in ((2.0, NAN), (NAN, 2.0))
        for i in (0, 1)
    ),
    *(Difference("logaddexp", (-INF, -INF), i, NAN, ADDS_NOTHING) for i in (0, 1)),
    Difference("hypot", (INF, 2.0), 0, NAN, LIMIT),
    Difference("hypot", (2.0, -INF), 1, NAN, LIMIT),
    *(Difference("atan2", (y, 0.0), i, 0.0, NO_DIRECTION) for y in (0.0, -0.0) for i in (0, 1)),
    *(
        Difference("clamp", point, 0, 0.0, NAN_IS_NOT_OUTSIDE)
        for point in ((NAN, 0.0, 1.0), (0.5, NAN, 1.0), (0.5, 0.0, NAN))
    ),
]
