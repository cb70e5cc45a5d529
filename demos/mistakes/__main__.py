"""`python -m demos.mistakes`: backpropagation done wrongly on purpose, beside `backward()`, which does it right."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from inspect import getsource
from textwrap import wrap

from demos.cli import UnsuccessfulError, run_demo, run_program
from demos.mistakes import MISTAKES, Comparison, Sweep, sums
from demos.paper.examples import figure_2, figure_4
from engine import Value

WIDTH = 100

GRAPHS: dict[str, Callable[[], Value]] = {
    "c = b + b, b = a + a": sums,
    "Figure 2": lambda: figure_2().output,
    "Figure 4": lambda: figure_4().output,
}


def report(i: int, sweep: Sweep) -> tuple[list[str], bool]:
    """The lines about mistake number i on all graphs, and whether it changes a gradient on one of them.

    The sweep's docstring says in three paragraphs what it does, why that is wrong, and where it goes unnoticed.
    """
    title, why, unnoticed, *_ = (" ".join(text.split()) for text in (sweep.__doc__ or "").split("\n\n"))
    wrong_line = next(line.strip() for line in getsource(sweep).splitlines() if "# wrong" in line)
    lines = [f"{i}. {title}", f"    {wrong_line}", *_wrap(why)]
    comparisons = [Comparison(sweep, name, make()) for name, make in GRAPHS.items()]
    for comparison in comparisons:
        lines += comparison.lines()
    harmless = " and ".join(comparison.name for comparison in comparisons if comparison.first is None)
    reason = unnoticed.removeprefix("Unnoticed where ")
    where = f"{harmless}, because" if harmless else "none of these, only where"
    shows = any(comparison.first is not None for comparison in comparisons)
    return lines + _wrap(f"It goes unnoticed on {where} {reason}."), shows


def main(arguments: list[str] | None = None) -> int:
    """Make the mistakes; 0 if each shows on at least one graph, 1 if one does not, 2 for bad options."""
    names = {str(i): sweep.__name__ for i, sweep in enumerate(MISTAKES, 1)}
    parser = argparse.ArgumentParser(
        prog="python -m demos.mistakes",
        description="Backpropagation done wrongly on purpose, on three graphs, beside backward().",
        epilog="The mistakes: " + ", ".join(f"{i} {name}" for i, name in names.items()),
    )
    parser.add_argument(
        "--only", choices=[*names, *names.values()], metavar="NAME|NUMBER", help="make this mistake alone"
    )
    only = parser.parse_args(arguments).only
    sweeps = {i: sweep for i, sweep in enumerate(MISTAKES, 1) if only in (None, str(i), sweep.__name__)}
    return run_demo(lambda: _print_reports(sweeps))


def _print_reports(sweeps: dict[int, Sweep]) -> None:
    harmless = []
    for i, sweep in sweeps.items():
        lines, shows = report(i, sweep)
        print(*lines, sep="\n", end="\n\n")
        harmless += [] if shows else [sweep.__name__]
    if harmless:
        raise UnsuccessfulError(f"These mistakes change nothing on any of the graphs: {', '.join(harmless)}")


def _wrap(text: str) -> list[str]:
    return wrap(text, WIDTH, initial_indent="  ", subsequent_indent="  ")


if __name__ == "__main__":
    run_program(main)
