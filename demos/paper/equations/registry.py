"""The equations of the paper, registered with their formulas and with numbers that are computed in two ways.

Each is checked on the paper's instances and on random ones. An equation that is misprinted is corrected here, and
`errata` are its entries in `demos.paper.errata`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from demos.paper.checks import Pair
from demos.paper.equations.instances import HAS_NUMPY, Instances
from engine.symbolic.expression import Expression

Pairs = Iterator[Pair]
Compare = Callable[[Instances], Pairs]


@dataclass(frozen=True)
class Equation:
    """An equation of the paper.

    Attributes:
        number: As printed, "38"; those of Section 5, which are not numbered, are "S1" to "S9".
        section: The section in which it stands.
        formula: The equation, corrected; None for (16), which is empty.
        ways: The two ways of computing it.
        compare: Yields the pairs of numbers.
        errata: The misprints that are corrected, as in `demos.paper.errata`.
        is_matrix: Whether it needs NumPy.
        repeats: The number of the first equation that states the same, if this is not the first.
    """

    number: str
    section: str
    formula: Expression | None
    ways: tuple[str, str]
    compare: Compare
    errata: tuple[str, ...] = ()
    is_matrix: bool = False
    repeats: str = ""

    @property
    def is_skipped(self) -> bool:
        """Whether NumPy, which it needs, is missing."""
        return self.is_matrix and not HAS_NUMPY


REGISTERED: dict[str, Equation] = {}


def register(
    numbers: str,
    sections: str,
    formula: Expression | None,
    *ways: str,
    errata: Mapping[str, str] | None = None,
    is_matrix: bool = False,
) -> Callable[[Compare], Compare]:
    """Register an equation under all its numbers, for the paper repeats some; `errata` are those of each number."""

    def decorate(compare: Compare) -> Compare:
        first_way, second_way = ways
        first, *repeated = numbers.split()
        for number, section in zip((first, *repeated), sections.split(), strict=True):
            found = tuple((errata or {}).get(number, "").split())
            REGISTERED[number] = Equation(
                number,
                section,
                formula,
                (first_way, second_way),
                compare,
                found,
                is_matrix,
                first if number in repeated else "",
            )
        return compare

    return decorate
