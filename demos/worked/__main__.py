"""`python -m demos.worked`: examples that others worked out and published, their numbers beside ours."""

from __future__ import annotations

import argparse
import math
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from textwrap import wrap

from demos.cli import UnsuccessfulError, add_out, run_demo, run_program
from demos.worked import computed
from demos.worked.agreement import Row, rows
from demos.worked.graphs import GRAPHS
from demos.worked.published import PUBLISHED
from viz import draw, draw_network

WIDTH = 100
MORE = 3  # digits of ours than were printed
MOST = 17  # that a double has

EPILOG = """\
A printed number that is not right is marked ✗, with the right one, and explained below its table. The exit status
is 1 if a number disagrees and no explanation accounts for it. Each example can be stepped through, and drawn:
  python -m demos.step mazur
  python -m demos.worked mazur --draw"""


def report(name: str) -> tuple[list[str], list[Row]]:
    """The lines about one example, and the rows of its table."""
    example = PUBLISHED[name]
    found = list(rows(example, computed.numbers(name)))
    lines = [*_wrapped(f"{name}: {example.title}", "", "  "), *_wrapped(str(example.source), "  ", "  ")]
    lines += [f"  {example.source.address}"]
    lines += [_row("right", "number", "published", "ours"), *map(_line, found)]
    lines += [line for row in found for line in _explained(row)]
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
    parser = argparse.ArgumentParser(
        prog="python -m demos.worked",
        description="Examples that others worked out and published, their numbers beside those of real graphs.",
        epilog="\n".join(["The examples:", *(f"  {name:<12}{PUBLISHED[name].title}" for name in GRAPHS), EPILOG]),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help="show these alone; all, if none is given")
    parser.add_argument("--draw", action="store_true", help="draw them too")
    add_out(parser)
    options = parser.parse_args(arguments)
    for name in options.names:
        if name not in GRAPHS:
            parser.error(f"there is no example {name!r}; possible are {', '.join(GRAPHS)}")
    return run_demo(lambda: _show(options.names or list(GRAPHS), options.out if options.draw else None))


def _show(names: list[str], folder: Path | None) -> None:
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


def _line(row: Row) -> str:
    if row.agrees and row.is_right:
        verdict = "✓"
    elif row.is_right and row.erratum:
        verdict = f"✗ {_print(row.erratum.right)}"
    else:
        verdict = "✗ DISAGREES"
    return _row(verdict, row.name, _print(row.printed), _beside(row.printed, row.ours))


def _explained(row: Row) -> Iterator[str]:
    if row.erratum is not None:
        yield from _wrapped(f"{row.name}: {row.erratum.why}", "  ✗ ", "    ")
        yield f"    {row.erratum.found}: {_beside(row.printed, row.found)}"


def _verdict(found: list[Row]) -> str:
    explained = sum(row.is_right and not row.agrees for row in found)
    text = f"{sum(row.agrees for row in found)} of {len(found)} numbers agree to the digits that were printed"
    return f"{text}; why {explained} should be other numbers is explained" if explained else text


def _beside(printed: str, x: float) -> str:
    """Ours, to be compared with a printed number: as it is written, with some digits more if there are any.

    >>> _beside("0.37", 0.367879441171442), _beside("-6.0000", -6.0), _beside("3", 3.0), _beside("2e-06", 1.79e-06)
    ('0.36788', '−6.0000', '3', '1.790e−06')
    """
    number = Decimal(printed)
    if "e" in printed:
        return _print(f"{x:.{min(len(number.as_tuple().digits) - 1 + MORE, MOST - 1)}e}")
    decimals = max(0, -int(number.as_tuple().exponent))
    most = MOST - 1 - (math.floor(math.log10(abs(x))) if x else 0)
    text = f"{x + 0.0:.{max(0, min(decimals + MORE, most))}f}"
    whole, _, digits = text.partition(".")
    digits = digits[:decimals] + digits[decimals:].rstrip("0")
    return _print(f"{whole}.{digits}" if digits else whole)


def _wrapped(text: str, first: str, rest: str) -> list[str]:
    return wrap(text, WIDTH, initial_indent=first, subsequent_indent=rest)


def _print(digits: str) -> str:
    return digits.replace("-", "−")


def _row(verdict: str, name: str, published: str, ours: str) -> str:
    return f"    {name:<29}{published:<21}{ours:<22} {verdict}".rstrip()


if __name__ == "__main__":
    run_program(main)
