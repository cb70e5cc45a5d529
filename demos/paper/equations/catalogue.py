"""All equations of the paper in order, and the lines about their checks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby

from demos.cli import format_count
from demos.paper.checks import AgreementCount, Pair, format_mark
from demos.paper.equations import section_2, sections_3_to_5  # which register their equations
from demos.paper.equations.instances import NO_NUMPY, Instances
from demos.paper.equations.registry import REGISTERED, Equation
from viz.math.formulas import format_number
from viz.math.written_lines import formula_lines, middle

WIDTH = 100
NUMBER_WIDTH = 6  # of an equation's number and the space behind it
COUNT_WIDTH = 14  # of the space before a count, and the count
NAME_WIDTH = 42  # of the names of the numbers
MAX_PAIRS = 40  # listed for one instance
DIGITS = 12

__all__ = ["EQUATIONS", "format_in_full", "format_line", "section_2", "sections_3_to_5"]


def _order(equation: Equation) -> tuple[bool, int]:
    return equation.number.startswith("S"), int(equation.number.strip("S"))


EQUATIONS = {equation.number: equation for equation in sorted(REGISTERED.values(), key=_order)}


def format_line(equation: Equation, instances: Instances) -> tuple[str, AgreementCount]:
    """The number, the formula and whether the pairs agree, in one line, or more for a matrix; and their count."""
    agreement = AgreementCount()
    if equation.formula is not None and not equation.is_skipped:
        agreement.add(pair.agrees for pair in equation.compare(instances))
    return "\n".join(_equation_lines(equation, agreement)), agreement


def _equation_lines(equation: Equation, agreement: AgreementCount) -> Iterator[str]:
    """The formula, with the number before it and the count behind it, on the middle line of a matrix."""
    number = f"({equation.number})"
    if equation.formula is None:
        yield f"{number:<{NUMBER_WIDTH}}empty: a number without an equation ({', '.join(equation.errata)})"
        return
    count = str(agreement) if agreement.compared else "not in this network"
    if equation.repeats:
        count = f"as ({equation.repeats}), {count}"
    if equation.is_skipped:
        count = "skipped: needs NumPy"
    first, *others = formula_lines(equation.formula, WIDTH - NUMBER_WIDTH - COUNT_WIDTH)
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
    yield from _equation_lines(equation, agreement)
    yield f"      {_remark(equation)}"
    listed = [pair for pair in found if pair.instance not in instances.random_names]
    if listed:
        yield ""
        yield f"  {'':<{NAME_WIDTH}}{equation.ways[0]:<22}{equation.ways[1]}"
    yield from _by_instance(listed, digits)
    yield from _by_instance([pair for pair in found if pair not in listed and not pair.agrees], digits)
    if len(listed) < len(found):
        yield f"  and {format_count(len(found) - len(listed), 'number')} of random instances"


def _remark(equation: Equation) -> str:
    """The equation's section and its misprints."""
    text = f"Section {equation.section}"
    if equation.is_skipped:
        text += f"; skipped: {NO_NUMPY}"
    if equation.errata and equation.formula is not None:
        text += f"; corrected ({', '.join(equation.errata)}): python -m demos.paper errata {equation.errata[0]}"
    return text


def _by_instance(pairs: Iterable[Pair], digits: int) -> Iterator[str]:
    """A heading for each instance, and a line for each of its numbers."""
    for instance, group in groupby(pairs, lambda pair: pair.instance):
        yield f"  {instance}"
        found = list(group)
        for pair in [*found[:MAX_PAIRS], *(pair for pair in found[MAX_PAIRS:] if not pair.agrees)]:
            numbers = "".join(f"{format_number(x, digits):<22}" for x in (pair.first, pair.second))
            yield f"    {pair.name:<{NAME_WIDTH - 2}}{numbers}{format_mark(pair.agrees)}"
        if len(found) > MAX_PAIRS:
            yield f"    … and {len(found) - MAX_PAIRS} more"
