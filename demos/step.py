"""`python -m demos.step`: step through a graph of the paper, a published example, a Value in a file, or a formula."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

from demos.cli import run_program
from demos.paper.examples import Example, figure_1, figure_2, figure_3, figure_4
from demos.worked.graphs import GRAPHS as WORKED
from engine._support.typed_commands import python_command
from viz import Stepper
from viz.command.cli import Parser, add_options, escape_formulas, run_subcommand
from viz.command.graphs import Graph
from viz.command.subcommands import Step

FIGURES: dict[str, Callable[[], Example]] = {"fig1": figure_1, "fig2": figure_2, "fig3": figure_3, "fig4": figure_4}


class StepThroughExamples(Step):
    """`pathgrad step`, with the figures and the published examples, and the steps as a page."""

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Add `--html`."""
        super().add_options(parser)
        parser.add_argument("--html", type=Path, metavar="FILE", help="write the page instead of opening the shell")

    def run(self, graph: Graph, options: argparse.Namespace) -> int:
        """Open the shell, or write the page."""
        if options.html:
            stepper = Stepper(graph.output, options.view)
            print(f"All {len(stepper.steps)} steps are in {stepper.to_html(options.html)}")
            return 0
        if sys.stdin and options.graph in FIGURES:  # its title names the equations
            example = FIGURES[options.graph]()
            print(f"The paper's Figure {example.figure}: {example.title}")
        return super().run(graph, options)


def description() -> str:
    """The text of --help on GRAPH."""
    return f"""\
Step through a graph, forward and backward, in a shell with the commands of pdb, or write all steps as one HTML page.
GRAPH is
  fig1 ... fig4          the paper's Figures 1 to 3, or its network
  {", ".join(list(WORKED)[:6])},
  {", ".join(list(WORKED)[6:])}
                         examples that others published:
                         {python_command("demos.worked")}
  FILE.py:NAME           the Value or the function of that name in a Python file, which is run
  "y = x*2 + sin(x)"     a formula; --set x=1/2 or --set x=pi,b=2 gives variables their values"""


def main(arguments: list[str] | None = None) -> int:
    """Open the shell, or write the page; 0 if all is well, 1 if something could not be done, 2 for bad options."""
    parser = Parser(
        prog=python_command("demos.step"),
        description=description(),
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("graph", metavar="GRAPH", nargs="?", default="fig4", help="see above; fig4 if none is given")
    step = StepThroughExamples()
    add_options(parser, step)
    options = parser.parse_args(escape_formulas(sys.argv[1:] if arguments is None else arguments))
    return run_subcommand(parser, step, options, {**FIGURES, **WORKED})


if __name__ == "__main__":
    run_program(main)
