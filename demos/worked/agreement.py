"""Whether a number of ours is the one that was printed."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from demos.worked.citations import Erratum, Published

ROUNDING = 4  # units in the last place of a double, by which sources that print all digits of one may differ


def agrees(printed: str, x: float) -> bool:
    """Whether a number, rounded to the digits that were printed, is the printed one.

    Either neighbour will do for a number that lies half-way between them. A whole number without decimals stands for
    itself, and is not taken for a rounded one. And of two doubles the last bits may differ by their own rounding.

    >>> agrees("0.37", 0.3749), agrees("0.37", 0.3751), agrees("0.370", 0.3749), agrees("-12", -12.4)
    (True, False, False, False)
    """
    if not math.isfinite(x):
        return False
    number = Decimal(printed)
    decimals = -int(number.as_tuple().exponent)
    half_a_unit = Decimal(5).scaleb(-decimals - 1) if decimals > 0 else Decimal(0)
    return abs(Decimal(x) - number) <= half_a_unit + ROUNDING * Decimal(math.ulp(x))


@dataclass(frozen=True)
class Row:
    """A printed number beside ours. `found` is what the erratum says was computed instead, if there is one."""

    name: str
    printed: str
    ours: float
    erratum: Erratum | None = None
    found: float = math.nan

    @property
    def agrees(self) -> bool:
        """Whether ours has the digits that were printed."""
        return agrees(self.printed, self.ours)

    @property
    def is_explained(self) -> bool:
        """Whether ours has the digits of the erratum, and what it says was computed instead has the printed ones."""
        erratum = self.erratum
        return erratum is not None and agrees(erratum.right, self.ours) and agrees(self.printed, self.found)

    @property
    def is_right(self) -> bool:
        """Whether all is well: ours agrees, or it does not and the erratum says exactly why."""
        return self.agrees if self.erratum is None else self.is_explained and not self.agrees


def rows(example: Published, ours: Mapping[str, float]) -> Iterator[Row]:
    """All printed numbers of an example; `ours` has one for each of them, and for what the errata name.

    >>> from demos.worked.published import PUBLISHED
    >>> [row.is_right for row in rows(PUBLISHED["micrograd"], {"g": 24.70408, "∂g/∂a": 138.8338, "∂g/∂b": 645.6})]
    [True, True, False]
    """
    for name, printed in example.numbers.items():
        if name in example.errata:
            erratum = example.errata[name]
            yield Row(name, printed, ours[name], erratum, ours[erratum.found])
        else:
            yield Row(name, printed, ours[name])
