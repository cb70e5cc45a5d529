"""How many numbers were computed in two ways, and how many of them are not the same number."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass
class Tally:
    """A count of comparisons.

    >>> tally = Tally()
    >>> tally.add([True, True, False])
    >>> tally.compared, tally.wrong, str(tally)
    (3, 1, '2 of 3 ✗ DISAGREES')
    """

    compared: int = 0
    wrong: int = 0

    def add(self, agree: Iterable[bool]) -> None:
        """Count these."""
        for agrees in agree:
            self.compared += 1
            self.wrong += not agrees

    def join(self, other: Tally) -> None:
        """Count what another has counted."""
        self.compared += other.compared
        self.wrong += other.wrong

    def __str__(self) -> str:
        return f"{self.compared - self.wrong} of {self.compared} {mark(not self.wrong)}"


def mark(agree: bool) -> str:
    """What stands behind a number, or several, that were computed in two ways.

    >>> mark(True), mark(False)
    ('✓', '✗ DISAGREES')
    """
    return "✓" if agree else "✗ DISAGREES"
