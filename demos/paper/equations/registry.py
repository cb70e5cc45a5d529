"""The equations of the paper, registered with their formulas and with numbers that are computed in two ways.

Each is checked on the paper's instances and on random ones. An equation that is misprinted is corrected here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from demos.paper.checks import Pair
from demos.paper.equations.instances import HAS_NUMPY, Instances
from engine.symbolic.expression import Expression

Pairs = Iterator[Pair]
Compare = Callable[[Instances], Pairs]
MakeFormula = Callable[[Instances], Expression]


@dataclass(frozen=True)
class Equation:
    """An equation of the paper.

    Attributes:
        number: As printed, "38"; those of Section 5, which are not numbered, are "S1" to "S9".
        section: The section in which it stands.
        formula: The equation, corrected; None for (16), which is empty.
        ways: The two ways of computing it.
        compare: Yields the pairs of numbers.
        changes: The errata by which the formula differs from the printed one, as in `demos.paper.errata`.
        errata: All errata whose place names the equation; the catalogue finds them.
        is_matrix: Whether it needs NumPy.
        repeats: The number of the first equation that states the same, if this is not the first.
        needs: A property that a network may lack, without which the equation states nothing about it.
        make_formula: Makes the formula with the constants of the reader's own; None if it does not have constants.
    """

    number: str
    section: str
    formula: Expression | None
    ways: tuple[str, str]
    compare: Compare
    changes: tuple[str, ...] = ()
    errata: tuple[str, ...] = ()
    is_matrix: bool = False
    repeats: str = ""
    needs: str = ""
    make_formula: MakeFormula | None = None

    @property
    def is_skipped(self) -> bool:
        """Whether NumPy, which it needs, is missing."""
        return self.is_matrix and not HAS_NUMPY

    def formula_for(self, instances: Instances) -> Expression | None:
        """The equation with the constants of Figures 1 and 2 in these instances, y = 5a instead of y = 2a."""
        return self.make_formula(instances) if self.make_formula else self.formula


REGISTERED: dict[str, Equation] = {}


def register(
    numbers: str,
    sections: str,
    formula: Expression | None,
    *ways: str,
    changes: Mapping[str, str] | None = None,
    is_matrix: bool = False,
    needs: str = "",
    make_formula: MakeFormula | None = None,
) -> Callable[[Compare], Compare]:
    """Register an equation under all its numbers, for the paper repeats some; `changes` are those of each number."""

    def decorate(compare: Compare) -> Compare:
        first_way, second_way = ways
        first, *repeated = numbers.split()
        for number, section in zip((first, *repeated), sections.split(), strict=True):
            REGISTERED[number] = Equation(
                number,
                section,
                formula,
                (first_way, second_way),
                compare,
                changes=tuple((changes or {}).get(number, "").split()),
                is_matrix=is_matrix,
                repeats=first if number in repeated else "",
                needs=needs,
                make_formula=make_formula,
            )
        return compare

    return decorate
