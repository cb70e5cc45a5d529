"""What an equation of the paper is here: a formula, and numbers that are computed in two ways.

`section_2` and `sections_3_to_5` enter the equations, `equations` has them all. Each is checked on the paper's
instances and on random ones. Where the paper prints an equation wrongly, it stands here as it should be, and `erratum`
says which of `demos.paper.errata` it is.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from demos.paper.cases import HAS_NUMPY, Cases
from engine import Value
from engine.symbolic.expression import Expression

EXACT, DIFFERENCE = 1e-12, 1e-8  # how far two ways may be apart; the second where one is a central difference


class Pair(NamedTuple):
    """One number, by two ways.

    Attributes:
        where: The instance, and what the number is there.
        first: By the first way.
        second: By the second.
        tolerance: How far they may be apart, relative to the larger of them and of `scale`.
        scale: The size of what was added up, for sums in which digits cancel.
    """

    where: str
    first: float
    second: float
    tolerance: float = EXACT
    scale: float = 0.0

    @property
    def agrees(self) -> bool:
        """Whether the two are the same number up to rounding."""
        return math.isclose(self.first, self.second, rel_tol=self.tolerance, abs_tol=self.tolerance * self.scale)


Pairs = Iterator[Pair]
Compare = Callable[[Cases], Pairs]
Graph = Callable[[Cases], Value]


@dataclass(frozen=True)
class Equation:
    """An equation of the paper.

    Attributes:
        number: As printed, "38"; those of Section 5, which have no numbers, are "S1" to "S9".
        section: Where it stands.
        formula: What it says, corrected; None for (16), which is empty.
        ways: The two ways of computing it.
        compare: What yields the pairs.
        erratum: The misprint that is corrected.
        is_matrix: Whether it needs NumPy.
        graph: The graph that it is about; None for (16).
    """

    number: str
    section: str
    formula: Expression | None
    ways: tuple[str, str]
    compare: Compare
    erratum: str = ""
    is_matrix: bool = False
    graph: Graph | None = None

    @property
    def is_skipped(self) -> bool:
        """Whether NumPy, which it needs, is missing."""
        return self.is_matrix and not HAS_NUMPY


ENTERED: dict[str, Equation] = {}


def _network(cases: Cases) -> Value:
    return cases.networks[0].E


def enter(
    numbers: str,
    sections: str,
    formula: Expression | None,
    *ways: str,
    erratum: str = "",
    is_matrix: bool = False,
    graph: Graph | None = _network,
) -> Callable[[Compare], Compare]:
    """Enter an equation under all its numbers: the paper repeats some."""

    def entered(compare: Compare) -> Compare:
        first, second = ways
        for number, section in zip(numbers.split(), sections.split(), strict=True):
            ENTERED[number] = Equation(number, section, formula, (first, second), compare, erratum, is_matrix, graph)
        return compare

    return entered
