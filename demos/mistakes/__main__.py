"""`python -m demos.mistakes`: backpropagation done wrongly on purpose, beside `backward()`, which does it right."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from inspect import getsource
from textwrap import wrap

from demos.cli import UnsuccessfulError, check_docstrings, run_demo, run_program
from demos.mistakes import DESCENTS, MISTAKES, RATE, Comparison, Descent, Sweep, compare_descents, sums
from demos.paper.examples import figure_2, figure_4
from engine import Value
from engine._support.typed_commands import python_command

WIDTH = 100

NETWORK = "Figure 4"
GRAPHS: dict[str, Callable[[], Value]] = {
    "c = b + b, b = a + a": sums,
    "Figure 2": lambda: figure_2().output,
    NETWORK: lambda: figure_4().output,
}
# What the columns are: of the mistakes of the sweep, and of those in gradient descent.
SWEEPS_LEGEND = (
    "Nodes stand in the order in which the wrong sweep visits them, each with the derivative of the output with"
    " respect to it: right, as backward() computes it, and wrong, by the line above the table. ✗ marks numbers that"
    " differ. The last row is the output after a step of gradient descent by either: w becomes w − λ ∂/∂w, with"
    f" λ = {RATE}. Below it stands the first derivative that goes wrong, as the sum over its edges."
)
DESCENTS_LEGEND = (
    "Here backward() is right, and a line of the loop around it is wrong. The rows are the output after each step,"
    " right and wrong, and after the last step the data and the grad of one weight. They tell these mistakes apart:"
    " with a grad of 0, none arrived; with a grad, and the data of the start, the step was lost; with other data, and"
    " the output of the start, the graph was not computed again."
)


def report(i: int, sweep: Sweep) -> tuple[list[str], bool]:
    """The lines about mistake number i on all graphs, and whether it changes a gradient on one of them.

    The sweep's docstring says in three paragraphs what it does, why that is wrong, and where it goes unnoticed.
    """
    lines, unnoticed = _beginning(i, sweep)
    comparisons = [Comparison(sweep, name, make()) for name, make in GRAPHS.items()]
    for comparison in comparisons:
        lines += comparison.lines()
    harmless = " and ".join(comparison.name for comparison in comparisons if comparison.first is None)
    reason = unnoticed.removeprefix("Unnoticed where ")
    where = f"{harmless}, because" if harmless else "none of these, only where"
    shows = any(comparison.first is not None for comparison in comparisons)
    return lines + _wrap(f"It goes unnoticed on {where} {reason}."), shows


def report_descent(i: int, descent: Descent) -> list[str]:
    """The lines about mistake number i, in gradient descent; its docstring says when it is seen."""
    lines, seen = _beginning(i, descent)
    lines += compare_descents(descent, NETWORK, figure_4().output)
    return lines + _wrap(f"It is {seen[:1].lower()}{seen[1:]}.")


def _beginning(i: int, mistake: Sweep | Descent) -> tuple[list[str], str]:
    """The lines that say what a mistake is, by its docstring, and where it goes unnoticed or when it is seen."""
    title, why, unnoticed, *_ = [" ".join(text.split()) for text in (mistake.__doc__ or "").split("\n\n")]
    heading = f"{i}. {mistake.__name__}: {title[:1].lower()}{title[1:]}"
    return [*wrap(heading, WIDTH, subsequent_indent="   "), f"    {_wrong_line(mistake)}", *_wrap(why)], unnoticed


def _wrong_line(mistake: Sweep | Descent) -> str:
    return next(line.strip() for line in getsource(mistake).splitlines() if "# wrong" in line)


def main(arguments: list[str] | None = None) -> int:
    """Make the mistakes; 0 if each shows on at least one graph, 1 if one does not, 2 for bad options."""
    names = {str(i): name for i, name in enumerate([f.__name__ for f in MISTAKES] + [f.__name__ for f in DESCENTS], 1)}
    parser = argparse.ArgumentParser(
        prog=python_command("demos.mistakes"),
        description="Backpropagation done wrongly on purpose, on three graphs, beside backward().",
        epilog="The mistakes: " + ", ".join(f"{i} {name}" for i, name in names.items()),
    )
    parser.add_argument(
        "--only", choices=[*names, *names.values()], metavar="NAME|NUMBER", help="make this mistake alone"
    )
    only = parser.parse_args(arguments).only
    return run_demo(lambda: _print_reports([int(i) for i, name in names.items() if only in (None, i, name)]))


def _print_reports(chosen: list[int]) -> None:
    check_docstrings()
    harmless = []
    for i in chosen:
        if i in (chosen[0], len(MISTAKES) + 1):
            print(*wrap(SWEEPS_LEGEND if i <= len(MISTAKES) else DESCENTS_LEGEND, WIDTH), sep="\n", end="\n\n")
        if i > len(MISTAKES):
            print(*report_descent(i, DESCENTS[i - len(MISTAKES) - 1]), sep="\n", end="\n\n")
            continue
        lines, shows = report(i, MISTAKES[i - 1])
        print(*lines, sep="\n", end="\n\n")
        harmless += [] if shows else [MISTAKES[i - 1].__name__]
    if harmless:
        raise UnsuccessfulError(f"These mistakes change nothing on any of the graphs: {', '.join(harmless)}")


def _wrap(text: str) -> list[str]:
    return wrap(text, WIDTH, initial_indent="  ", subsequent_indent="  ")


if __name__ == "__main__":
    run_program(main)
