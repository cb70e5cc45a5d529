"""All equations of the paper in order, and the lines about their checks."""

from __future__ import annotations

from collections.abc import Iterator

from demos.paper.checks import AgreementCount, Pair, format_mark
from demos.paper.equations import section_2, sections_3_to_5  # which register their equations
from demos.paper.equations.instances import NO_NUMPY, Instances, describe_instances
from demos.paper.equations.registry import REGISTERED, Equation
from viz.math.formats.text import label_to_unicode
from viz.math.formulas import format_formula, format_number

FORMULA_WIDTH = 66
PAIR_WIDTH = 41  # of the names of the numbers
MAX_PAIRS = 40  # listed for one equation

__all__ = ["EQUATIONS", "format_in_full", "format_line", "section_2", "sections_3_to_5"]


def _order(equation: Equation) -> tuple[bool, int]:
    return equation.number.startswith("S"), int(equation.number.strip("S"))


EQUATIONS = {equation.number: equation for equation in sorted(REGISTERED.values(), key=_order)}


def format_line(equation: Equation, instances: Instances) -> tuple[str, AgreementCount]:
    """A line with the number, the formula, the two ways and whether they agree, and the count of the pairs."""
    agreement = AgreementCount()
    start = f"{f'({equation.number})':<6}"
    if equation.formula is None:
        return f"{start}empty: a number without an equation ({equation.erratum})", agreement
    start += f"{format_formula(equation.formula):<{FORMULA_WIDTH}} "
    if equation.is_skipped:
        return f"{start}skipped: {NO_NUMPY}", agreement
    agreement.add(pair.agrees for pair in equation.compare(instances))
    ways = f"{equation.ways[0]} = {equation.ways[1]}"
    return f"{start}{ways:<36} {agreement}", agreement


def format_in_full(equation: Equation, instances: Instances) -> Iterator[str]:
    """The lines about an equation: every number of the paper's instances in both ways, and how many agree in all."""
    yield f"Equation ({equation.number}), Section {equation.section}"
    if equation.formula is None:
        yield f"  empty: a number without an equation; see erratum {equation.erratum}"
        return
    yield f"  {format_formula(equation.formula)}"
    if equation.erratum:
        yield f"  corrected; the paper prints it otherwise: python -m demos.paper errata {equation.erratum}"
    if equation.is_skipped:
        yield f"  skipped: {NO_NUMPY}"
        return
    found = list(equation.compare(instances))
    listed = [pair for pair in found if not pair.where.startswith(("random", "x = "))] or found
    first = describe_instances([pair.where for pair in listed])
    if first:
        yield f"  {first}"
    yield f"  {'':<{PAIR_WIDTH + 3}}{equation.ways[0]:<22}{equation.ways[1]}"
    for pair in listed[:MAX_PAIRS]:
        yield _format_pair(pair)
    if len(listed) > MAX_PAIRS:
        yield f"    … and {len(listed) - MAX_PAIRS} more"
    yield from (_format_pair(pair) for pair in found if not pair.agrees)
    agree = sum(pair.agrees for pair in found)
    yield f"  {agree} of {len(found)} agree, with those of random instances {format_mark(agree == len(found))}"


def _format_pair(pair: Pair) -> str:
    instance, _, name = pair.where.partition(": ")
    name = "/".join(
        ("∂" if part.startswith("∂") else "") + label_to_unicode(part.lstrip("∂")) for part in name.split("/")
    )
    numbers = "".join(f"{format_number(x, 12):<22}" for x in (pair.first, pair.second))
    return f"    {f'{instance}: {name}':<{PAIR_WIDTH}} {numbers}{format_mark(pair.agrees)}"
