"""All equations of the paper in order, and the lines about their checks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import groupby

from demos.cli import format_count
from demos.paper.checks import AgreementCount, Pair, format_mark
from demos.paper.equations import section_2, sections_3_to_5  # which register their equations
from demos.paper.equations.instances import NO_NUMPY, Instances
from demos.paper.equations.registry import REGISTERED, Equation
from demos.paper.errata.misprints import ERRATA, SORTS
from engine.symbolic.expression import Expression
from viz.math.formulas import format_formula, format_number
from viz.math.written_lines import formula_lines, middle

WIDTH = 100
NUMBER_WIDTH = 6  # of an equation's number and the space behind it
COUNT_WIDTH = 14  # of the space before a count, and the count
NAME_WIDTH = 42  # of the names of the numbers
DIGITS = 12

__all__ = ["EQUATIONS", "describe_errata", "format_in_full", "format_line", "section_2", "sections_3_to_5"]


def _order(equation: Equation) -> tuple[bool, int]:
    return equation.number.startswith("S"), int(equation.number.strip("S"))


def _with_errata(equation: Equation) -> Equation:
    """The equation with the errata whose place names it."""
    return replace(equation, errata=tuple(erratum.id for erratum in ERRATA if equation.number in erratum.equations))


EQUATIONS = {equation.number: _with_errata(equation) for equation in sorted(REGISTERED.values(), key=_order)}


def describe_errata(equation: Equation) -> dict[str, list[str]]:
    """The errata of an equation by how its formula is mended, and behind these, those that leave it as printed.

    >>> describe_errata(EQUATIONS["38"])
    {'corrected': ['D5'], 'made consistent': ['D20', 'D36'], 'see also': ['D14']}
    """
    found: dict[str, list[str]] = {how: [] for how in (*(sort.mended for sort in SORTS.values()), "see also")}
    for erratum in ERRATA:
        if erratum.id in equation.errata:
            how = SORTS[erratum.sort].mended if erratum.id in equation.changes else "see also"
            found[how].append(erratum.id)
    return {how: ids for how, ids in found.items() if ids}


def format_line(equation: Equation, instances: Instances, digits: int = DIGITS) -> tuple[str, AgreementCount]:
    """The number, the formula and whether the pairs agree, in one line, or more for a matrix; and their count."""
    agreement = AgreementCount()
    if equation.formula is not None and not equation.is_skipped:
        agreement.add(pair.agrees for pair in equation.compare(instances))
    return "\n".join(_equation_lines(equation, instances, agreement, digits)), agreement


def _equation_lines(equation: Equation, instances: Instances, agreement: AgreementCount, digits: int) -> Iterator[str]:
    """The formula, with the number before it, its errata and the count behind it, on the middle line of a matrix."""
    number = f"({equation.number})"
    formula = equation.formula_for(instances)
    if formula is None:
        yield f"{number:<{NUMBER_WIDTH}}empty: a number without an equation ({', '.join(equation.errata)})"
        return
    count = str(agreement) if agreement.compared else f"no {equation.needs}"
    if equation.repeats:
        count = f"as ({equation.repeats}), {count}"
    if equation.is_skipped:
        count = "skipped: needs NumPy"
    count = f"{' '.join(equation.errata)}  {count}"

    def write(part: Expression) -> str:
        return format_formula(part, digits=digits)

    first, *others = formula_lines(formula, WIDTH - NUMBER_WIDTH - COUNT_WIDTH, write)
    for i, line in enumerate(first):
        start, end = (number, count) if i == middle(first) else ("", "")
        space = WIDTH - NUMBER_WIDTH - len(end)
        yield f"{start:<{NUMBER_WIDTH}}{line:<{space}}{end}".rstrip()
    for block in others:
        yield from (" " * NUMBER_WIDTH + line for line in block)


def format_in_full(equation: Equation, instances: Instances, digits: int = DIGITS) -> Iterator[str]:
    """The lines about an equation: every number of the named instances in both ways, and how many agree in all."""
    found = [] if equation.formula is None or equation.is_skipped else list(equation.compare(instances))
    agreement = AgreementCount()
    agreement.add(pair.agrees for pair in found)
    yield from _equation_lines(equation, instances, agreement, digits)
    yield from _remarks(equation)
    listed = [pair for pair in found if pair.instance not in instances.random_names]
    if listed:
        yield ""
        yield f"  {'':<{NAME_WIDTH}}{equation.ways[0]:<22}{equation.ways[1]}"
    yield from _by_instance(listed, digits)
    yield from _by_instance([pair for pair in found if pair not in listed and not pair.agrees], digits)
    if len(listed) < len(found):
        yield f"  and {format_count(len(found) - len(listed), 'number')} of random instances"


def _remarks(equation: Equation) -> Iterator[str]:
    """The equation's section and its errata."""
    indent = " " * NUMBER_WIDTH
    yield f"{indent}Section {equation.section}" + (f"; skipped: {NO_NUMPY}" if equation.is_skipped else "")
    if equation.errata and equation.formula is not None:
        words = "; ".join(f"{how} {', '.join(ids)}" for how, ids in describe_errata(equation).items())
        yield f"{indent}errata: {words}"


def _by_instance(pairs: Iterable[Pair], digits: int) -> Iterator[str]:
    """A heading for each instance, and a line for each of its numbers."""
    for instance, group in groupby(pairs, lambda pair: pair.instance):
        yield f"  {instance}"
        for pair in group:
            numbers = "".join(f"{format_number(x, digits):<22}" for x in (pair.first, pair.second))
            yield f"    {pair.name:<{NAME_WIDTH - 2}}{numbers}{format_mark(pair.agrees)}"
