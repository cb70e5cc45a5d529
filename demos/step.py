"""`python -m demos.step`: step through a graph of the paper, a published example, a Value in a file, or a formula."""

from __future__ import annotations

import argparse
import runpy
import shutil
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

from demos.cli import run_program
from demos.paper.examples import Example, figure_1, figure_2, figure_3, figure_4
from demos.worked.graphs import GRAPHS as WORKED
from engine import DomainError, Value, toposort
from engine._support.suggestions import did_you_mean
from engine.symbolic.names import to_label
from engine.symbolic.parser import parse_formula, variables_of
from viz import Stepper
from viz.math.formats.text import label_to_unicode
from viz.math.formulas import format_number
from viz.stepping.arguments import parse_assignments
from viz.stepping.terminal import wrap
from viz.stepping.views import VIEWS

FIGURES: dict[str, Callable[[], Example]] = {"fig1": figure_1, "fig2": figure_2, "fig3": figure_3, "fig4": figure_4}

DESCRIPTION = f"""\
Step through a graph, forward and backward, in a shell with the commands of pdb, or write all steps as one HTML page.
GRAPH is
  fig1 ... fig4          the paper's Figures 1 to 3, or its network
  {", ".join(list(WORKED)[:6])},
  {", ".join(list(WORKED)[6:])}
                         examples that others published: python -m demos.worked
  FILE.py:NAME           the Value of that name in a Python file, which is run
  "y = x*2 + sin(x)"     a formula; --set x=1/2 or --set x=pi,b=2 gives variables their values"""


def main(arguments: list[str] | None = None) -> int:
    """Open the shell, or write the page; 0 if all is well, 1 if something could not be done, 2 for bad options."""
    parser = argparse.ArgumentParser(
        prog="python -m demos.step", description=DESCRIPTION, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("graph", metavar="GRAPH", nargs="?", help="see above; fig4 if none is given")
    parser.add_argument("--set", dest="values", action="append", default=[], metavar="x=1/2", help="a leaf's value")
    parser.add_argument("--view", choices=VIEWS, help="paper: the named nodes, as in the paper; all: every operation")
    parser.add_argument("--html", type=Path, metavar="FILE", help="write the page instead of opening the shell")
    options, rest = parser.parse_known_args(arguments)
    if rest and (options.graph or len(rest) > 1 or rest[0].startswith("--") or len(rest[0]) < 3):
        parser.error(f"unrecognized arguments: {' '.join(rest)}")
    options.graph = options.graph or (rest[0] if rest else "fig4")  # a formula may begin with a minus
    try:
        values = {to_label(name): x for text in options.values for name, x in parse_assignments(text, "--set").items()}
        output, names = _build_graph(options.graph, values)
        stepper = Stepper(output, options.view, names)
        if options.graph in FIGURES or options.graph in WORKED or ".py:" in options.graph:
            for name, data in values.items():
                stepper.set(name, data)
    except (ValueError, TypeError, ArithmeticError, OSError) as error:
        parser.error(str(error))
    if options.html is None:
        if not sys.stdin:
            print("The shell reads standard input, which is closed; --html writes the page instead.", file=sys.stderr)
            return 1
        if options.graph in FIGURES:  # its title names the equations
            example = FIGURES[options.graph]()
            print(f"The paper's Figure {example.figure}: {example.title}")
        stepper.shell()
        return 0
    try:
        print(f"All {len(stepper.steps)} steps are in {stepper.to_html(options.html)}")
    except (ValueError, OSError) as error:
        print(f"The page could not be written. {error}", file=sys.stderr)
        return 1
    return 0


def _run_file(path: str) -> dict[str, Any]:
    """The names that a Python file defines. Raises OSError if it cannot be read, ValueError if it fails."""
    try:
        return runpy.run_path(path)
    except OSError:
        raise
    except (Exception, SystemExit) as error:
        lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == path]
        line = error.lineno if isinstance(error, SyntaxError) else lines[-1] if lines else None
        where = path if line is None else f"{path}, line {line}"
        raise ValueError(f"{where}, cannot be run: {type(error).__name__}: {error}") from error


def _build_graph(text: str, values: dict[str, float]) -> tuple[Value, dict[str, Any]]:
    """The graph, and names of its nodes."""
    if text in FIGURES:
        return FIGURES[text]().output, {}
    if text in WORKED:
        return WORKED[text]().output, {}
    path, sign, name = text.rpartition(".py:")
    if sign:
        names = _run_file(f"{path}.py")
        found = names.get(name)
        if not isinstance(found, Value):
            raise ValueError(f"{path}.py does not define a Value named {name!r}")
        return found, names
    if text.endswith(".py"):
        raise ValueError(f"{text} lacks the name of a Value: {text}:NAME")
    if text.isidentifier() and text not in values and (near := did_you_mean(text.lower(), [*FIGURES, *WORKED])):
        raise ValueError(f"unknown graph {text!r}{near}")
    return _read_formula(text, values), {}


def _read_formula(text: str, values: dict[str, float]) -> Value:
    """The graph of a formula, after a line about the values that its variables were not given."""
    try:
        output = parse_formula(text, values)
    except DomainError as error:
        raise DomainError(f"{error}; --set x=2 gives the variable x another value") from error
    is_number = not output.inputs and ("=" in text or not output.label)  # as 2*3 or y = 6
    variables = {} if is_number else {x.label: x for x in variables_of(output)}
    for name in values.keys() - variables.keys():
        known = f"its variables are {', '.join(variables)}" if variables else "it has only numbers"
        hint = did_you_mean(name, variables) or f"; {known}"
        raise ValueError(f"--set {name}: the formula does not have this variable{hint}")
    chosen = [x for x in toposort(output) if x.label in variables.keys() - values.keys()]
    if chosen:
        known = ", ".join(f"{label_to_unicode(x.label)} = {format_number(x.data)}" for x in chosen)
        example = f"{chosen[0].label}=2"
        text = f"Not given, so chosen: {known}. To change: --set {example}, here: set {example}."
        print(wrap(text, shutil.get_terminal_size().columns) if sys.stdout.isatty() else text)
    return output


if __name__ == "__main__":
    run_program(main)
