"""All equations of the paper: (1) to (41), and S1 to S9 of Section 5, and their checks in print."""

from __future__ import annotations

from collections.abc import Iterator

from demos.paper import section_2, sections_3_to_5
from demos.paper.cases import NO_NUMPY, Cases, introduced
from demos.paper.equation import ENTERED, Equation, Pair
from demos.paper.tally import Tally, mark
from viz.math.formats.text import label_to_unicode
from viz.math.formulas import format_formula, format_number

WIDTH = 66  # of the formulas
WIDTH_OF_PAIRS = 41  # of what their numbers are
MOST_PAIRS = 40  # that are listed, of one equation

__all__ = ["EQUATIONS", "in_full", "one_line", "section_2", "sections_3_to_5"]


def _place(equation: Equation) -> tuple[bool, int]:
    return equation.number.startswith("S"), int(equation.number.strip("S"))


EQUATIONS = {equation.number: equation for equation in sorted(ENTERED.values(), key=_place)}


def one_line(equation: Equation, cases: Cases) -> tuple[str, Tally]:
    """Number, formula, the two ways, and whether they agree; and a count of that."""
    tally = Tally()
    start = f"{f'({equation.number})':<6}"
    if equation.formula is None:
        return f"{start}empty: a number without an equation ({equation.erratum})", tally
    start += f"{format_formula(equation.formula):<{WIDTH}} "
    if equation.is_skipped:
        return f"{start}skipped: {NO_NUMPY}", tally
    tally.add(pair.agrees for pair in equation.compare(cases))
    ways = f"{equation.ways[0]} = {equation.ways[1]}"
    return f"{start}{ways:<36} {tally}", tally


def in_full(equation: Equation, cases: Cases) -> Iterator[str]:
    """The equation at length: every number of the paper's instances in both ways, and a count of the random ones."""
    yield f"Equation ({equation.number}), Section {equation.section}"
    if equation.formula is None:
        yield f"  empty: a number without an equation; see erratum {equation.erratum}"
        return
    yield f"  {format_formula(equation.formula)}"
    if equation.erratum:
        yield f"  as it should be; what is printed differs: python -m demos.paper errata {equation.erratum}"
    if equation.is_skipped:
        yield f"  skipped: {NO_NUMPY}"
        return
    found = list(equation.compare(cases))
    shown = [pair for pair in found if not pair.where.startswith(("random", "x = "))] or found
    first = introduced([pair.where for pair in shown])
    if first:
        yield f"  {first}"
    yield f"  {'':<{WIDTH_OF_PAIRS + 3}}{equation.ways[0]:<22}{equation.ways[1]}"
    for pair in shown[:MOST_PAIRS]:
        yield _pair(pair)
    if len(shown) > MOST_PAIRS:
        yield f"    … and {len(shown) - MOST_PAIRS} more"
    yield from (_pair(pair) for pair in found if not pair.agrees)
    agree = sum(pair.agrees for pair in found)
    yield f"  {agree} of {len(found)} agree, with those of random instances {mark(agree == len(found))}"


def _pair(pair: Pair) -> str:
    instance, _, what = pair.where.partition(": ")
    what = "/".join(
        ("∂" if part.startswith("∂") else "") + label_to_unicode(part.lstrip("∂")) for part in what.split("/")
    )
    numbers = "".join(f"{format_number(x, 12):<22}" for x in (pair.first, pair.second))
    return f"    {f'{instance}: {what}':<{WIDTH_OF_PAIRS}} {numbers}{mark(pair.agrees)}"
