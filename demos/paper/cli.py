"""The command line of the demo: a part, an equation, table or figure of it, and the options that the part uses."""

from __future__ import annotations

import argparse
import random
import re
from collections.abc import Sequence
from itertools import pairwise

from demos.paper.commands import PARTS
from demos.paper.examples import NET4, Network, check_weight_count
from demos.paper.options import FIGURES_OF, NO_ACTIVATION, NUMBERS, OPTIONS, Option, Place, format_places, join_words
from demos.paper.own_numbers import Examples, OwnNumbers
from engine._support.columns import align_columns
from engine._support.typed_commands import python_command
from viz.command.cli import Parser

DESCRIPTION = "The paper, computed from real graphs, and drawn. Without a part, a summary of all. The parts:"
ABOUT = {part.name: part.about for part in PARTS} | {
    "all": "every part at length",
    "eq NUMBER": "one equation at length, with its own picture: eq 38, eq S5",
    "table NUMBER": "Table 1, 2 or 3, for any network",
    "figure NUMBER": "one figure",
    "errata ID": "one of the errata",
}
WHOLE = ("summary", "all")  # which pass each option to the parts that use it
PART_NAMES = ["summary", *dict.fromkeys(name.partition(" ")[0] for name in ABOUT)]

EPILOG = """\
The network of Figure 4 may have other numbers, or be another one, and so may Figures 1 to 3:
  COMMAND table 1 --x 0.5 1 --y 0.75 --step 5
  COMMAND table 2 --sizes 3 4 2 3 --activation tanh --output none
  COMMAND descent --rate 2 --steps 10
  COMMAND figure 2 --x 7 --w "3; -1" --w "2 1"
  COMMAND figure 8 --w "0.5 -0.25; 0.75 1" --w "1.25 -0.375; -1.5 0.625" --w "2 -1.75"
  COMMAND --network net.json    {"x": [1.5, -0.5], "y": 0.25, "weights": [[[0.5, -0.25], ...], ...]}"""


def build_parser() -> Parser:
    """The parser of the options; those that are not given are None."""
    parser = Parser(
        prog=python_command("demos.paper"),
        description="\n  ".join([DESCRIPTION, *align_columns(ABOUT.items())]),
        epilog=EPILOG.replace("COMMAND", python_command("demos.paper")),
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("part", nargs="?", choices=PART_NAMES, default="summary", metavar="part", help="see above")
    parser.add_argument("which", nargs="?", help="number of the equation, table, figure or erratum")
    for option in OPTIONS.values():
        parser.add_argument(f"--{option.name}", help=option.help, **option.keywords)
    return parser


def escape_negative_numbers(arguments: Sequence[str]) -> list[str]:
    """The arguments with a space before numbers such as -1e-3, which argparse would take for options.

    >>> escape_negative_numbers(["--x", "-1e-3", "-.5"])
    ['--x', ' -1e-3', ' -.5']
    """
    return [f" {text}" if re.match(r"-\.?\d", text) else text for text in arguments]


def check_which(options: argparse.Namespace) -> None:
    """Raise ValueError for an equation, table, figure or erratum that is not in the paper."""
    possible = NUMBERS.get(options.part, [""])
    which = options.which = (options.which or "").strip(" ()").upper()
    if options.part == "errata" and which.isdigit():
        which = options.which = f"D{which}"
    if which not in possible:
        known = " ".join(filter(None, possible))
        kind = {"errata": "erratum", "eq": "equation"}.get(options.part, options.part)
        error = f"unknown {kind} {which!r}" if which else f"{options.part} needs a number"
        choices = f"; choose from {known}"
        raise ValueError(error + choices if known else f"{options.part} does not take {which!r}")


def given_options(options: argparse.Namespace) -> dict[Option, frozenset[Place]]:
    """The options that are given, each with the parts that use it."""
    given = {dest: option for dest, option in OPTIONS.items() if getattr(options, dest) is not None}
    beside_sizes = "sizes" in given
    return {o: o.places | (o.places_beside_sizes if beside_sizes else frozenset()) for o in given.values()}


def check_use(options: argparse.Namespace) -> None:
    """Raise ValueError for an option that the part cannot use; of "all" and the summary, not one of their parts."""
    parts = [(part.name, "") for part in PARTS] if options.part in WHOLE else [(options.part, options.which)]
    for option, places in given_options(options).items():
        if places.isdisjoint(parts) or (option.is_for_one_part and options.part in WHOLE):
            name, more = f"{options.part} {options.which}".rstrip(), option.places_beside_sizes - places
            beside_sizes = f"; beside --sizes also {format_places(more)}" if more else ""
            raise ValueError(f"{name} does not use --{option.name}; these do: {format_places(places)}{beside_sizes}")


def describe_unused(options: argparse.Namespace, examples: Examples) -> str:
    """A line on the parts that do not use a given option, and the figures that the given numbers do not fit; or ""."""
    unused: dict[str, list[str]] = {}
    for option, places in given_options(options).items():
        if options.part in WHOLE and not option.is_for_files:
            parts = join_words([part.name for part in PARTS if (part.name, "") not in places])
            unused.setdefault(parts, []).append(f"--{option.name}")
    lines = [f"{join_words(names)} not used by {parts}." for parts, names in unused.items()]
    kept = [str(n) for n in figures_of(options) if n not in examples.own]
    if kept:
        figures = (
            f"Figure {kept[0]}, which keeps its" if len(kept) == 1 else f"Figures {join_words(kept)}, which keep their"
        )
        lines.append(f"The given numbers do not fit {figures} own.")
    return " ".join(lines)


def fill_defaults(options: argparse.Namespace) -> None:
    """Give options that are not given their values."""
    for dest, option in OPTIONS.items():
        if getattr(options, dest) is None:
            setattr(options, dest, option.default)


def choose_examples(options: argparse.Namespace) -> Examples:
    """The examples with the numbers of the options, in those figures of the part that they fit.

    Raises ValueError if they fit none, OSError if the file of the network cannot be read.
    """
    network = Network.from_json(options.network) if options.network else NET4
    if options.sizes:
        if options.network or options.w:
            raise ValueError("--sizes makes a network of its own; it cannot be given with --network or --w")
        network = _network_of_sizes(options.sizes, options.seed)
    activation, output = (NO_ACTIVATION.get(name, name) for name in (options.activation, options.output))
    numbers = OwnNumbers(options.x, options.y, options.w, activation, output, network, bool(options.sizes))
    return numbers.choose_figures(figures_of(options))


def figures_of(options: argparse.Namespace) -> tuple[int, ...]:
    """The figures from whose numbers the part is computed."""
    return FIGURES_OF["examples", ""] if options.part in WHOLE else FIGURES_OF.get((options.part, options.which), ())


def _network_of_sizes(sizes: list[int], seed: int | None) -> Network:
    if len(sizes) < 2 or min(sizes) < 1:
        raise ValueError(
            f"--sizes needs the number of inputs and of each layer's units, not {' '.join(map(str, sizes))}"
        )
    check_weight_count(sum(below * size for below, size in pairwise(sizes)))
    return Network.lattice(sizes) if seed is None else Network.random(sizes, random.Random(seed))
