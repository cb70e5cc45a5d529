"""The subcommands: a class for each, with its options, its examples and its work on a graph."""

from __future__ import annotations

import argparse
import re
import sys
from argparse import BooleanOptionalAction
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from engine import Value, backward, check_gradients, toposort, zero_grad
from engine._support.columns import align_columns
from engine.labels import short_labels
from viz.command.graphs import Graph
from viz.command.printing import say, wrap_table
from viz.command.subcommand import Subcommand, Written
from viz.drawing.drawing import DIRECTIONS, MAX_NODES
from viz.drawing.drawing import FORMATS as PICTURES
from viz.drawing.graphs import draw
from viz.drawing.networks import draw_network
from viz.drawing.themes import THEMES
from viz.math.backpropagation_table import backpropagation_table
from viz.math.formats import FORMATS
from viz.math.formats.text import label_to_unicode
from viz.math.formulas import DEFAULT_DIGITS, format_number
from viz.pages.live_page import LiveGraph, LivePage
from viz.stepping.stepper import Stepper
from viz.stepping.views import VIEWS

TOLERANCE = 1e-6  # of `check_gradients`, too
VIEW_HELP = "paper: the named nodes, as in the paper; all: every operation"


class Step(Subcommand):
    """`pathgrad step`: the stepper's shell."""

    name = "step"
    about = "step through both passes in a shell, with the commands of pdb"
    examples = (
        ('"x*y + sin(x)" --set x=2', "a formula"),
        ("notes.py:loss --view all", "a Value or function of a file"),
    )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Add `--view`."""
        parser.add_argument("--view", choices=VIEWS, help=VIEW_HELP)

    def note(self, graph: Graph) -> str:
        """The sentence, with the shell's own command."""
        return graph.note("set")

    def run(self, graph: Graph, options: argparse.Namespace) -> int:
        """Open the shell."""
        if not sys.stdin:
            print("The shell reads standard input, which is closed.", file=sys.stderr)
            return 1
        Stepper(graph.output, options.view).shell()
        return 0


class Draw(Written):
    """`pathgrad draw`: a picture."""

    name = "draw"
    about = "draw the graph, with its values and derivatives"
    default = "graph.svg"
    written = f"the picture: {', '.join(f'.{name}' for name in PICTURES)}"
    keywords = ("direction", "data", "gradients", "local_derivatives", "short", "digits", "size", "theme")
    examples = (
        ('"x*y + sin(x)" --set x=2 --out g.svg', "every operation"),
        ("notes.py:loss --view paper --theme dark --out g.png", "the named nodes alone, as the paper draws them"),
    )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Add `--view`, and options that are called as the keywords of `viz.draw`."""
        super().add_options(parser)
        parser.add_argument("--view", choices=VIEWS, default="all", help=f"{VIEW_HELP}; all by default")
        add = parser.add_argument_group("as the keywords of viz.draw").add_argument
        add(
            "--direction",
            type=str.upper,
            choices=DIRECTIONS,
            help="where arrows lead; LR is left to right, TB top to bottom",
        )
        add("--data", action=BooleanOptionalAction, help="show values; shown by default")
        add("--gradients", action=BooleanOptionalAction, help="show derivatives; shown by default")
        add("--local-derivatives", "--local", action="store_true", default=None, help="show them on the arrows")
        add("--short", action="store_true", default=None, help="leave out the index of a layer's only unit")
        add("--digits", type=int, metavar="N", help="significant digits")
        add("--size", type=parse_size, metavar="W[xH]", help="width, or size of the page, in inches: 6, or 8x4.5")
        add("--theme", choices=THEMES, help="light by default")

    def write(self, graph: Graph, path: Path, options: argparse.Namespace) -> None:
        """Draw after the backward pass."""
        n_nodes = len(toposort(graph.output))
        if options.view == "all" and n_nodes > MAX_NODES:
            more = f"{n_nodes} nodes are more than the {MAX_NODES} that can be read in one drawing"
            raise ValueError(f"{more}: --view paper draws the named nodes alone, and pathgrad live has a table")
        _differentiate(graph.output)
        drawn = draw_network if options.view == "paper" else draw
        given = {name: x for name in self.keywords if (x := getattr(options, name)) is not None}
        drawn(graph.output, **given).save(path)


def parse_size(text: str) -> float | tuple[float, float]:
    """A width, or the width and height of a page, which may have any sign of a product between them.

    >>> parse_size("6"), parse_size("8x4.5")
    (6.0, (8.0, 4.5))
    """
    parts = re.split("[x×,]", text)
    with suppress(ValueError):
        if len(parts) <= 2:
            width, height = float(parts[0]), float(parts[-1])
            return (width, height) if len(parts) == 2 else width
    raise argparse.ArgumentTypeError(f"{text!r} is not a size in inches, such as 6 or 8x4.5")


def _differentiate(output: Value) -> None:
    zero_grad(output)
    backward(output)


class Live(Written):
    """`pathgrad live`: the page that computes."""

    name = "live"
    about = "write a page in which numbers can be changed, and all others follow"
    default = "live.html"
    written = "the page"
    examples = (
        ('"(a+b)*(b+1)" --set "a=2,b=1"', "a formula"),
        ("notes.py:loss --out page.html --view paper", "the named nodes first"),
    )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Add `--view`, and options that are called as the keywords of `viz.live`."""
        super().add_options(parser)
        parser.add_argument("--view", choices=VIEWS, help=f"what the page shows first; {VIEW_HELP}")
        add = parser.add_argument_group("as the keywords of viz.live").add_argument
        add("--constants", action="store_true", help="constants, such as the 2 of 2*x, can be changed, too")
        add("--title", default="", help="the title of the page")

    def write(self, graph: Graph, path: Path, options: argparse.Namespace) -> None:
        """Write the page; without a program for drawings, it has the table alone, and says why."""
        LivePage(LiveGraph(graph.output, constants=options.constants, view=options.view), options.title).save(path)


class Explain(Subcommand):
    """`pathgrad explain`: derivatives as sums over paths."""

    name = "explain"
    about = "show a derivative as the sum over paths, beside backpropagation's"
    examples = (('"x*y + sin(x)" x --set x=2', "by one variable"), ("notes.py:loss", "by each variable"))

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Add the names of nodes."""
        parser.add_argument("nodes", metavar="NAME", nargs="*", help="a node; every variable if none is given")

    def run(self, graph: Graph, options: argparse.Namespace) -> int:
        """Print the explanations."""
        nodes = [graph.find(name.strip()) for name in options.nodes] or graph.variables()
        stepper = Stepper(graph.output)
        stepper.goto(len(stepper.steps))
        found = [repr(stepper.paths(node)) for node in nodes] or ["The graph does not have variables."]
        say("\n\n".join(found))
        return 0


class Table(Subcommand):
    """`pathgrad table`: the paper's Table 1."""

    name = "table"
    about = "derive the paper's Table 1: every derivative, with its formulas; (40) is the paper's equation for weights"
    examples = (
        ('"a = w*x + b; z = sigmoid(a); E = (z - 1)^2 / 2"', "a row for each node that has a name"),
        ("notes.py:loss --as markdown", "for a document"),
    )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Add `--as` and `--general`."""
        parser.add_argument("--as", dest="format", choices=FORMATS, default="text", help="text by default")
        parser.add_argument("--general", action="store_true", help="one row for all units of a layer, with indices")

    def run(self, graph: Graph, options: argparse.Namespace) -> int:
        """Print the table."""
        if not graph.output.inputs:
            say(f"{label_to_unicode(graph.output.label)} is not computed: its derivative with respect to itself is 1.")
            return 0
        table = backpropagation_table(graph.output)
        sheet = table.general() if options.general else table.sheet()
        text = replace(sheet, digits=DEFAULT_DIGITS).document(options.format).rstrip("\n")
        say(text, (lambda source, _: source) if FORMATS[options.format].is_source else wrap_table)
        return 0


class Check(Subcommand):
    """`pathgrad check`: backpropagation against differences."""

    name = "check"
    about = "compare backpropagation with differences; status 1 unless they agree"
    examples = (('"x*y + sin(x)" --set x=2', "a formula"), ("notes.py:loss", "a Value or a function of a file"))

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Add `--tolerance`."""
        help = f"largest relative difference that is allowed; {TOLERANCE:g} by default"
        parser.add_argument("--tolerance", type=float, default=TOLERANCE, metavar="T", help=help)

    def run(self, graph: Graph, options: argparse.Namespace) -> int:
        """Print a table with a line for each variable; 1 if a derivative is wrong, or if differences cannot tell."""
        nodes = graph.variables()
        checks = check_gradients(graph.output, nodes, tolerance=options.tolerance)
        verdicts = ["cannot be told" if check.undecided else "agree" if check else "DIFFER" for check in checks]
        short = short_labels(graph.names)  # as in the other subcommands
        y = label_to_unicode(short[graph.output.label])
        rows = [("", "backpropagation", "differences", "")]
        rows += [
            (
                f"∂{y}/∂{label_to_unicode(short[graph.name_of(node)])}",
                format_number(check.backpropagated),
                format_number(check.numerical),
                verdict,
            )
            for node, check, verdict in zip(nodes, checks, verdicts, strict=True)
        ]
        say("\n".join(align_columns(rows)))
        undecided = [node for node, check in zip(nodes, checks, strict=True) if check.undecided]
        if undecided and any(check.undecided for check in check_gradients(graph.output, undecided)):
            print("Differences cannot tell at a kink or an edge of the domain: try other numbers.", file=sys.stderr)
        elif undecided:
            given = f"--tolerance {options.tolerance:g}"
            print(f"Differences round, and cannot tell with {given}; with {TOLERANCE:g}, they can.", file=sys.stderr)
        return int(any(verdict != "agree" for verdict in verdicts))


SUBCOMMANDS: dict[str, Subcommand] = {
    subcommand.name: subcommand for subcommand in (Step(), Draw(), Live(), Explain(), Table(), Check())
}
