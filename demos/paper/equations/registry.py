"""The equations of the paper, registered with their formulas and with numbers that are computed in two ways.

Each is checked on the paper's instances and on random ones. An equation that is misprinted is corrected here, and
`erratum` is its entry in `demos.paper.errata`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from demos.paper.checks import Pair
from demos.paper.equations.instances import HAS_NUMPY, Instances
from engine import Value
from engine.symbolic.expression import Expression

Pairs = Iterator[Pair]
Compare = Callable[[Instances], Pairs]
SelectGraph = Callable[[Instances], Value]


@dataclass(frozen=True)
class Equation:
    """An equation of the paper.

    Attributes:
        number: As printed, "38"; those of Section 5, which are not numbered, are "S1" to "S9".
        section: The section in which it stands.
        formula: The equation, corrected; None for (16), which is empty.
        ways: The two ways of computing it.
        compare: Yields the pairs of numbers.
        erratum: The misprint that is corrected.
        is_matrix: Whether it needs NumPy.
        graph: Selects the graph that it is about; None for (16).
    """

    number: str
    section: str
    formula: Expression | None
    ways: tuple[str, str]
    compare: Compare
    erratum: str = ""
    is_matrix: bool = False
    graph: SelectGraph | None = None

    @property
    def is_skipped(self) -> bool:
        """Whether NumPy, which it needs, is missing."""
        return self.is_matrix and not HAS_NUMPY


REGISTERED: dict[str, Equation] = {}


def _network(instances: Instances) -> Value:
    return instances.networks[0].E


def register(
    numbers: str,
    sections: str,
    formula: Expression | None,
    *ways: str,
    erratum: str = "",
    is_matrix: bool = False,
    graph: SelectGraph | None = _network,
) -> Callable[[Compare], Compare]:
    """Register an equation under all its numbers, for the paper repeats some."""

    def decorate(compare: Compare) -> Compare:
        first, second = ways
        for number, section in zip(numbers.split(), sections.split(), strict=True):
            REGISTERED[number] = Equation(number, section, formula, (first, second), compare, erratum, is_matrix, graph)
        return compare

    return decorate
