"""The options of the demo: a part, an equation, table or figure of it, and the network."""

from __future__ import annotations

import argparse
import random
import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

from demos.cli import add_out
from demos.paper.commands import PARTS
from demos.paper.equations import EQUATIONS
from demos.paper.errata.misprints import ERRATA
from demos.paper.examples import NET4, Network, check_weight_count
from engine._support.columns import align_columns
from engine._support.real_numbers import parse_float
from viz.math.formats import FORMATS

DESCRIPTION = "The paper, computed from real graphs, and drawn. Without a part, a summary of all. The parts:"
ABOUT = {part.name: part.about for part in PARTS} | {
    "all": "every part at length",
    "eq NUMBER": "one equation at length, with its graph: eq 38, eq S5",
    "table NUMBER": "Table 1, 2 or 3, for any network",
    "figure NUMBER": "one figure",
    "errata ID": "one misprint",
}
PART_NAMES = ["summary", *dict.fromkeys(name.partition(" ")[0] for name in ABOUT)]

EPILOG = """\
The network of Figure 4 may have other numbers, or be another one:
  python -m demos.paper table 1 --x 0.5 1 --y 0.75
  python -m demos.paper table 2 --sizes 3 4 2 3
  python -m demos.paper figure 8 --w "0.5 -0.25; 0.75 1" --w "1.25 -0.375; -1.5 0.625" --w "2 -1.75"
  python -m demos.paper --network net.json    {"x": [1.5, -0.5], "y": 0.25, "weights": [[[0.5, -0.25], ...], ...]}"""


def build_parser() -> argparse.ArgumentParser:
    """The parser of the options."""
    parser = argparse.ArgumentParser(
        prog="python -m demos.paper",
        description="\n  ".join([DESCRIPTION, *align_columns(ABOUT.items())]),
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("part", nargs="?", choices=PART_NAMES, default="summary", metavar="part", help="see above")
    parser.add_argument("which", nargs="?", help="number of the equation, table, figure or misprint")
    add_out(parser)
    parser.add_argument("--format", choices=("svg", "png", "pdf"), default="svg", help="format of the figures")
    parser.add_argument("--as", dest="style", choices=FORMATS, default="text", help="format of a table")
    parser.add_argument(
        "--digits",
        type=_parse_digits,
        metavar="N",
        help="significant digits of a table: 12 in text, to compare numbers, 6 in documents",
    )
    parser.add_argument(
        "--seed", type=int, metavar="N", help="seed of the random networks on which equations are checked"
    )
    parser.add_argument(
        "--network", type=_parse_path, metavar="FILE", help="JSON with the numbers of Figure 4's network"
    )
    parser.add_argument("--sizes", type=int, nargs="+", metavar="N", help="another network; with --seed, a random one")
    parser.add_argument("--x", type=float, nargs="+", metavar="NUMBER", help="the network's inputs")
    parser.add_argument("--y", type=float, nargs="+", metavar="NUMBER", help="its targets")
    parser.add_argument(
        "--w", type=_parse_matrix, action="append", metavar='"ROW; ROW"', help="W^(1); again for W^(2), ..."
    )
    return parser


def escape_negative_numbers(arguments: Sequence[str]) -> list[str]:
    """The arguments with a space before numbers such as -1e-3, which argparse would take for options.

    >>> escape_negative_numbers(["--x", "-1e-3", "-.5"])
    ['--x', ' -1e-3', ' -.5']
    """
    return [f" {text}" if re.match(r"-\.?\d", text) else text for text in arguments]


def check_which(options: argparse.Namespace) -> None:
    """Raise ValueError for an equation, table, figure or misprint that is not in the paper."""
    possible = {
        "eq": list(EQUATIONS),
        "table": ["1", "2", "3"],
        "figure": [str(n) for n in range(1, 10)],
        "errata": ["", *(erratum.id for erratum in ERRATA)],
    }.get(options.part, [""])
    which = options.which = (options.which or "").strip(" ()").upper()
    if options.part == "errata" and which.isdigit():
        which = options.which = f"D{which}"
    if which not in possible:
        known = " ".join(filter(None, possible))
        error = f"unknown {options.part} {which!r}" if which else f"{options.part} needs a number"
        choices = f"; choose from {known}"
        raise ValueError(error + choices if known else f"{options.part} does not take {which!r}")


def _parse_path(text: str) -> Path:
    return Path(text.lstrip())  # without the space before a name such as -1.json


def _parse_matrix(text: str) -> list[list[float]]:
    try:
        return [[parse_float(number) for number in row.replace(",", " ").split()] for row in text.split(";")]
    except ValueError as error:
        raise argparse.ArgumentTypeError(f'{error}; a matrix is written "0.5 -0.25; 0.75 1"') from error


def _parse_digits(text: str) -> int:
    if not (text.isdecimal() and 1 <= int(text) <= 17):
        raise argparse.ArgumentTypeError(f"numbers have 1 to 17 significant digits, not {text}")
    return int(text)


def network_from_options(options: argparse.Namespace) -> Network:
    """The network of the options. Raises ValueError if they do not make one, OSError if its file cannot be read."""
    network = Network.from_json(options.network) if options.network else NET4
    if options.sizes:
        if options.network or options.w:
            raise ValueError("--sizes makes a network of its own; it cannot be given with --network or --w")
        if len(options.sizes) < 2 or min(options.sizes) < 1:
            raise ValueError(f"--sizes needs the number of inputs and of each layer's units, not {options.sizes}")
        check_weight_count(sum(below * size for below, size in pairwise(options.sizes)))
        rng = random.Random(options.seed)
        network = Network.lattice(options.sizes) if options.seed is None else Network.random(options.sizes, rng)
    given = {"x": options.x, "y": options.y, "weights": options.w}
    network = replace(network, **{name: value for name, value in given.items() if value is not None})
    network.check()
    return network
