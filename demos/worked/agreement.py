"""Our numbers compared with the printed ones, to the digits that were printed."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from demos.worked.citations import Correction, PublishedExample

MAX_ULPS = 4  # by which numbers that are printed with all digits of a double may differ


def agrees(printed: str, x: float) -> bool:
    """Whether a number, rounded to the digits that were printed, is the printed one.

    A number half-way between two neighbours agrees with both. An integer without decimals is taken as exact, not as
    rounded. The last bits of a double may differ, by `MAX_ULPS`.

    >>> agrees("0.37", 0.3749), agrees("0.37", 0.3751), agrees("0.370", 0.3749), agrees("-12", -12.4)
    (True, False, False, False)
    """
    if not math.isfinite(x):
        return False
    number = Decimal(printed)
    decimals = -int(number.as_tuple().exponent)
    half_a_unit = Decimal(5).scaleb(-decimals - 1) if decimals > 0 else Decimal(0)
    return abs(Decimal(x) - number) <= half_a_unit + MAX_ULPS * Decimal(math.ulp(x))


@dataclass(frozen=True)
class ComparedNumber:
    """A printed number beside ours; `instead` is the number that, by its correction, was printed in its place."""

    name: str
    printed: str
    ours: float
    correction: Correction | None = None
    instead: float = math.nan

    @property
    def agrees(self) -> bool:
        """Whether ours has the digits that were printed."""
        return agrees(self.printed, self.ours)

    @property
    def is_explained(self) -> bool:
        """Whether ours has the digits of the correction, and `instead` those that were printed."""
        correction = self.correction
        return correction is not None and agrees(correction.right, self.ours) and agrees(self.printed, self.instead)

    @property
    def is_right(self) -> bool:
        """Whether ours agrees, or does not and the correction explains why."""
        return self.agrees if self.correction is None else self.is_explained and not self.agrees


def compare_numbers(example: PublishedExample, ours: Mapping[str, float]) -> Iterator[ComparedNumber]:
    """All printed numbers of an example beside ours; `ours` has those that the corrections name, too.

    >>> from demos.worked.published import PUBLISHED
    >>> ours = {"g": 24.70408, "∂g/∂a": 138.8338, "∂g/∂b": 645.6}
    >>> [row.is_right for row in compare_numbers(PUBLISHED["micrograd"], ours)]
    [True, True, False]
    """
    for name, printed in example.numbers.items():
        if name in example.corrections:
            correction = example.corrections[name]
            yield ComparedNumber(name, printed, ours[name], correction, ours[correction.instead])
        else:
            yield ComparedNumber(name, printed, ours[name])
