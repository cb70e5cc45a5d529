"""`python -m demos.worked`: examples that others worked out and published, their numbers beside ours."""

from __future__ import annotations

import argparse
import math
import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from textwrap import wrap

from demos.cli import UnsuccessfulError, add_out, run_demo, run_program
from demos.worked.agreement import ComparedNumber, compare_numbers
from demos.worked.computed import computed_numbers
from demos.worked.graphs import GRAPHS
from demos.worked.published import PUBLISHED
from engine._support.suggestions import did_you_mean
from engine._support.typed_commands import python_command
from viz import draw, draw_network
from viz.math.formats import get_format
from viz.math.formats.text import label_to_unicode

WIDTH = 100
EXTRA_DIGITS = 3  # of ours, after those that were printed
MAX_DIGITS = 17  # significant digits of a double

EPILOG = """\
A printed number that is not right is marked ✗, with the right one, and explained below its table. The exit status
is 1 if a number disagrees and no explanation accounts for it. Each example can be stepped through, and drawn:"""


def report(name: str) -> tuple[list[str], list[ComparedNumber]]:
    """The lines about one example, and the rows of its table."""
    example = PUBLISHED[name]
    found = list(compare_numbers(example, computed_numbers(name)))
    lines = [*_wrap(f"{name}: {example.title}", "", "  "), *_wrap(str(example.citation), "  ", "  ")]
    lines += [f"  {example.citation.address}"]
    lines += [_columns("right", "number", "published", "ours"), *map(_table_row, found)]
    lines += [line for row in found for line in _explain(row)]
    return [*lines, f"  {_verdict(found)}"], found


def picture(name: str, folder: Path) -> Path:
    """Draw an example with its values and gradients: a network in columns, any other gate by gate."""
    graph = GRAPHS[name]()
    graph.output.backward()
    if graph.is_network:
        drawing = draw_network(graph.output, data=True, gradients=True)
    else:
        drawing = draw(graph.output, gradients=True)
    return drawing.save(folder / f"worked-{name}.svg")


def main(arguments: list[str] | None = None) -> int:
    """Show the examples; 0 if all agrees or is explained, 1 if a number does not, 2 for bad options."""
    commands = [f"  {python_command(command)}" for command in ("demos.step mazur", "demos.worked mazur --draw")]
    parser = argparse.ArgumentParser(
        prog=python_command("demos.worked"),
        description="Examples that others worked out and published, their numbers beside those of real graphs.",
        epilog="\n".join(
            ["The examples:", *(f"  {name:<12}{PUBLISHED[name].title}" for name in GRAPHS), EPILOG, *commands]
        ),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help="show these alone; all, if none is given")
    parser.add_argument("--draw", action="store_true", help="draw them too")
    add_out(parser)
    options = parser.parse_args(arguments)
    known = ", ".join(GRAPHS)
    for name in options.names:
        if name not in GRAPHS:
            parser.error(f"unknown example {name!r}{did_you_mean(name, GRAPHS) or f'; choose from {known}'}")
    return run_demo(lambda: _print_reports(options.names or list(GRAPHS), options.out if options.draw else None))


def _print_reports(names: list[str], folder: Path | None) -> None:
    wrong = []
    for name in names:
        lines, found = report(name)
        print(*lines, sep="\n")
        if folder is not None:
            print(f"  Drawn in {picture(name, folder)}")
        print(flush=True)
        wrong += [f"{name}: {row.name}" for row in found if not row.is_right]
    if wrong:
        raise UnsuccessfulError(f"These numbers disagree: {'; '.join(wrong)}")


def _table_row(row: ComparedNumber) -> str:
    if row.agrees and row.is_right:
        verdict = "✓"
    elif row.is_right and row.correction:
        verdict = f"✗ {_format_digits(row.correction.right)}"
    else:
        verdict = "✗ DISAGREES"
    return _columns(verdict, _format_name(row.name), _format_digits(row.printed), _format_ours(row.printed, row.ours))


def _explain(row: ComparedNumber) -> Iterator[str]:
    if row.correction is not None:
        yield from _wrap(f"{_format_name(row.name)}: {_format_labels(row.correction.why)}", "  ✗ ", "    ")
        yield f"    {_format_name(row.correction.instead)}: {_format_ours(row.printed, row.instead)}"


def _verdict(found: list[ComparedNumber]) -> str:
    explained = sum(row.is_right and not row.agrees for row in found)
    text = f"{sum(row.agrees for row in found)} of {len(found)} numbers agree to the digits that were printed"
    return f"{text}; {explained} {'is' if explained == 1 else 'are'} explained above" if explained else text


def _format_ours(printed: str, x: float) -> str:
    """Our number, written as the printed one, with some digits more if it has any.

    >>> pairs = {"0.37": 0.367879441171442, "-6.0000": -6.0, "3": 3.0, "2e-06": 1.79e-06}
    >>> list(map(_format_ours, pairs, pairs.values()))
    ['0.36788', '−6.0000', '3', '1.790·10⁻⁶']
    """
    number = Decimal(printed)
    if "e" in printed:
        return _format_digits(f"{x:.{min(len(number.as_tuple().digits) - 1 + EXTRA_DIGITS, MAX_DIGITS - 1)}e}")
    decimals = max(0, -int(number.as_tuple().exponent))
    max_decimals = MAX_DIGITS - 1 - (math.floor(math.log10(abs(x))) if x else 0)
    text = f"{x + 0.0:.{max(0, min(decimals + EXTRA_DIGITS, max_decimals))}f}"
    integer, _, digits = text.partition(".")
    digits = digits[:decimals] + digits[decimals:].rstrip("0")
    return _format_digits(f"{integer}.{digits}" if digits else integer)


def _wrap(text: str, first: str, rest: str) -> list[str]:
    return wrap(text, WIDTH, initial_indent=first, subsequent_indent=rest)


def _format_digits(digits: str) -> str:
    """A number that is typed, set as a number."""
    return get_format("text").number(digits)


def _format_name(name: str) -> str:
    """The name of a number, with its labels and signs set as such.

    >>> _format_name("∂f/∂(w_0 * x_0)"), _format_name("w_5 after one round"), _format_name("* -1")
    ('∂f/∂(w₀ · x₀)', 'w₅ after one round', '· −1')
    """
    return re.sub(r"(?<= )-", "−", _format_labels(name)).replace("*", "·")


def _format_labels(text: str) -> str:
    return re.sub(r"[^\s/∂(),]+", lambda label: label_to_unicode(label[0]), text)


def _columns(verdict: str, name: str, published: str, ours: str) -> str:
    return f"    {name:<29}{published:<23}{ours:<22} {verdict}".rstrip()


if __name__ == "__main__":
    run_program(main)
