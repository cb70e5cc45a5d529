"""The command line of `pathgrad`."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import NoReturn

import engine
from engine._support.suggestions import did_you_mean
from engine._support.typed_commands import pathgrad_command
from viz.command.graphs import Example, read_graph
from viz.command.program import ERRORS, report_errors
from viz.command.subcommand import Subcommand
from viz.command.subcommands import SUBCOMMANDS

GRAPH_HELP = (
    'a formula, "x*y + sin(x)", or several that name nodes, "a = w*x + b; z = tanh(a); E = (z - y)^2/2";'
    " or FILE.py:NAME, a Value or a function in a Python file, which is run; its variables and labels name the nodes"
)
SET_HELP = "the number of a variable, or of several: x=2,y=pi; may be repeated"


class Parser(argparse.ArgumentParser):
    """A parser whose errors are one line, which suggests a choice for one that does not exist."""

    def error(self, message: str) -> NoReturn:
        """Print the message, and exit with status 2."""
        if found := re.search(r"invalid choice: '(.*)' \(choose from (.*)\)", message):
            message += did_you_mean(found[1], re.findall(r"[^\s,']+", found[2]))
        self.exit(2, f"{self.prog}: error: {' '.join(message.split())}\n")


def main(arguments: list[str] | None = None) -> int:
    """Run a subcommand; return its status: 0 if all is well, 1 if a file could not be written or a check fails.

    Without arguments, it prints the help. Exits with status 2 for bad arguments, and for a formula, a file or numbers
    that do not give a graph.
    """
    parser = build_parser()
    arguments = escape_formulas(sys.argv[1:] if arguments is None else arguments)
    if not arguments:
        parser.print_help()
        return 0
    options, rest = parser.parse_known_args(arguments)
    has_unknown = any(text.startswith("-") for text in rest)
    numbers = [text for text in [*rest, *getattr(options, "nodes", [])] if "=" in text]
    if numbers and not has_unknown:
        options.parser.error(f"write the numbers of several variables as --set {','.join([*options.values, *numbers])}")
    # argparse takes a list of arguments only where it begins, and leaves those that follow a later option.
    if "nodes" in options and not has_unknown:
        options.nodes += rest
    elif rest:
        options.parser.error(f"unrecognized arguments: {' '.join(rest)}")
    return run_subcommand(options.parser, options.run, options)


def build_parser() -> Parser:
    """The parser of the whole command line, with a parser for each subcommand."""
    program = pathgrad_command()
    firsts = [f"  {program} {name} {subcommand.examples[0][0]}" for name, subcommand in SUBCOMMANDS.items()]
    parser = Parser(
        prog=program,
        description="See how the derivatives of a formula, a Value or a function come about.",
        epilog="\n".join(["examples, and more in the --help of each:", *firsts]),
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"pathgrad {engine.__version__}")
    parsers = parser.add_subparsers(dest="subcommand", metavar="SUBCOMMAND", required=True, parser_class=Parser)
    for name, subcommand in SUBCOMMANDS.items():
        examples = [f"  # {about}\n  {program} {name} {arguments}" for arguments, about in subcommand.examples]
        of_its_own = parsers.add_parser(
            name,
            help=subcommand.about,
            description=f"{subcommand.about[:1].upper()}{subcommand.about[1:]}.",
            epilog="\n".join(["examples:", *examples]),
            formatter_class=argparse.RawDescriptionHelpFormatter,
            allow_abbrev=False,
        )
        of_its_own.add_argument("graph", metavar="GRAPH", help=GRAPH_HELP)
        add_options(of_its_own, subcommand)
        of_its_own.set_defaults(parser=of_its_own, run=subcommand)
    return parser


def add_options(parser: argparse.ArgumentParser, subcommand: Subcommand) -> None:
    """Add the options of a subcommand."""
    subcommand.add_options(parser)
    parser.add_argument("--set", dest="values", action="append", default=[], metavar="x=2", help=SET_HELP)


def escape_formulas(arguments: Sequence[str]) -> list[str]:
    """The arguments with a space before formulas such as -x**2, which argparse would take for options.

    >>> escape_formulas(["-x**2", "--set", "x=3", "-h"])
    [' -x**2', '--set', 'x=3', '-h']
    """
    return [f" {text}" if re.match(r"-[^-].", text) else text for text in arguments]


def run_subcommand(
    parser: argparse.ArgumentParser,
    subcommand: Subcommand,
    options: argparse.Namespace,
    known: Mapping[str, Callable[[], Example]] | None = None,
) -> int:
    """Read the graph, one of the `known` ones or as `read_graph` does, and run the subcommand on it."""
    try:
        graph = read_graph(options.graph.strip(), options.values, known)
        if note := subcommand.note(graph):
            print(note, file=sys.stderr)
    except (ValueError, TypeError, ArithmeticError, OSError) as error:
        parser.error(str(error))
    try:
        return report_errors(lambda: subcommand.run(graph, options), ERRORS | {ArithmeticError: "{}"})
    except (ValueError, TypeError) as error:
        parser.error(str(error))
