"""Numbers that are computed in two ways: whether the two agree, and a count of those that do."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

TOLERANCE = 1e-12
DIFFERENCE_TOLERANCE = 1e-8  # where one of the two is a central difference


class Pair(NamedTuple):
    """One number, computed in two ways.

    Attributes:
        instance: The figure or network in which it occurs.
        name: Its name there.
        first: The number by the first way.
        second: The number by the second.
        tolerance: The largest difference, relative to the larger of the two and of `scale`.
        scale: The size of the terms, for sums in which digits cancel.
    """

    instance: str
    name: str
    first: float
    second: float
    tolerance: float = TOLERANCE
    scale: float = 0.0

    @property
    def agrees(self) -> bool:
        """Whether the two are the same number up to rounding."""
        return math.isclose(self.first, self.second, rel_tol=self.tolerance, abs_tol=self.tolerance * self.scale)


@dataclass
class AgreementCount:
    """The number of comparisons, and of those that disagree.

    >>> count = AgreementCount()
    >>> count.add([True, True, False])
    >>> count.compared, count.wrong, str(count)
    (3, 1, '2 of 3 ✗ DISAGREES')
    """

    compared: int = 0
    wrong: int = 0

    def add(self, agree: Iterable[bool]) -> None:
        """Count these comparisons."""
        for agrees in agree:
            self.compared += 1
            self.wrong += not agrees

    def merge(self, other: AgreementCount) -> None:
        """Add the numbers of another count."""
        self.compared += other.compared
        self.wrong += other.wrong

    def __str__(self) -> str:
        return f"{self.compared - self.wrong} of {self.compared} {format_mark(not self.wrong)}"


def format_mark(agree: bool) -> str:
    """The mark behind one number, or several, that were computed in two ways.

    >>> format_mark(True), format_mark(False)
    ('✓', '✗ DISAGREES')
    """
    return "✓" if agree else "✗ DISAGREES"
