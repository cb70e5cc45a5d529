"""The options of the demo and the parts that use each: the parser and its checks are made from these tables."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from demos.option_types import parse_finite, parse_folder, parse_number
from demos.paper.equations.catalogue import EQUATIONS
from demos.paper.errata.misprints import ERRATA
from demos.paper.examples import MAX_WEIGHTS
from nn.activations import activations
from viz.math.formats import FORMATS

# The numbers that a part takes, in the order of the paper; "" is the part without one.
NUMBERS = {
    **{part: [""] for part in ("examples", "equations", "tables", "descent", "entropy", "figures")},
    "eq": list(EQUATIONS),
    "table": ["1", "2", "3"],
    "figure": [str(n) for n in range(1, 10)],
    "errata": ["", *(erratum.id for erratum in ERRATA)],
}
Place = tuple[str, str]  # a part and its number


def expand(text: str) -> Iterator[Place]:
    """The parts that a text names, in which "eq" is every equation, and "eq 4-6" are three.

    >>> list(expand("descent, eq 4-6, figure 8"))
    [('descent', ''), ('eq', '4'), ('eq', '5'), ('eq', '6'), ('figure', '8')]
    """
    for name in text.split(", "):
        part, _, span = name.partition(" ")
        first, _, last = span.partition("-")
        known = NUMBERS[part]
        numbers = known[known.index(first) : known.index(last or first) + 1] if span else known
        yield from ((part, number) for number in numbers)


def format_places(places: Iterable[Place]) -> str:
    """The parts in words, with "every eq" for all equations.

    >>> format_places([("eq", "S1"), ("eq", "41"), ("table", "3"), ("table", "1"), ("descent", "")])
    'descent; eq 41 and S1; table 1 and 3'
    """
    wanted, texts = set(places), []
    for part, known in NUMBERS.items():
        runs: list[list[str]] = [[]]
        for number in known:
            if (part, number) in wanted:
                runs[-1].append(number)
            elif runs[-1]:
                runs.append([])
        found = []
        for run in runs:
            found += run if len(run) < 3 else [f"{run[0]} to {run[-1]}"]
        if len(runs[0]) == len(known):
            texts.append(part if "" in known else f"every {part}")
        elif found:
            texts.append(f"{part} {join_words(found)}".rstrip())
    return "; ".join(texts)


def join_words(words: Sequence[str]) -> str:
    """The words as in a sentence.

    >>> join_words(["errata"]), join_words(["descent", "entropy", "errata"])
    ('errata', 'descent, entropy and errata')
    """
    *others, last = words
    return f"{', '.join(others)} and {last}" if others else last


# The figures from whose numbers a part is computed: 1, 2 and 3, and the network of 4.
_FIGURES = {"examples, equations, figures": (1, 2, 3, 4), "eq 1-6, figure 1": (1,), "eq 7-11, figure 2": (2,)}
_FIGURES |= {"eq 12-15, eq 17-21, figure 3": (3,)}
_FIGURES |= {"eq 22-32, eq 34-S9, tables, table 1-2, descent, figure 4, figure 8": (4,)}
FIGURES_OF = {place: figures for text, figures in _FIGURES.items() for place in expand(text)}

_NETWORK = frozenset(place for place, figures in FIGURES_OF.items() if 4 in figures)
_WEIGHTS = frozenset(FIGURES_OF) - set(expand("eq 1"))  # whose graph does not have constants
_RANDOM = frozenset(expand("equations, eq 1-15, eq 17-S9, descent"))
_NUMERIC = frozenset(expand("examples, equations, eq 1-15, eq 17-S9, tables, table 1-2, descent, entropy, errata"))
_DRAWN = frozenset(expand("eq 1-15, eq 17-S9, table 3, figures, figure"))


class OptionError(ValueError):
    """Raised for an option whose value a part cannot use; its text says what would be right."""


@dataclass(frozen=True, eq=False)
class Option:
    """An option.

    Attributes:
        name: Its name after the dashes.
        places: The parts that use it.
        help: Its description.
        keywords: The other arguments of `ArgumentParser.add_argument`.
        default: The value where it is not given.
        is_for_files: Whether it is about the files that are written, not about their content.
        is_for_one_part: Whether it makes a document of a part, which cannot stand among others.
        places_beside_sizes: Parts that use it as well if --sizes is given.
    """

    name: str
    places: frozenset[Place]
    help: str
    keywords: dict[str, Any] = field(default_factory=dict)
    default: object = None
    is_for_files: bool = False
    is_for_one_part: bool = False
    places_beside_sizes: frozenset[Place] = frozenset()


def parse_file(text: str) -> Path:
    """The path of a file, without the space that `cli.escape_negative_numbers` puts before a name such as -1.json."""
    return Path(text.lstrip())


def parse_matrix(text: str) -> list[list[float]]:
    """A matrix, row by row.

    >>> parse_matrix("0.5 -0.25; 0.75 1")
    [[0.5, -0.25], [0.75, 1.0]]
    """
    try:
        return [[parse_number(number) for number in row.replace(",", " ").split()] for row in text.split(";")]
    except argparse.ArgumentTypeError as error:
        raise argparse.ArgumentTypeError(f'{error}; a matrix is written "0.5 -0.25; 0.75 1"') from error


def parse_integer(text: str) -> int:
    """An integer, perhaps with a true minus sign."""
    try:
        return int(text.replace("−", "-"))
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"a whole number is needed, not {text.strip()}") from error


def _count(name: str, maximum: int) -> dict[str, Any]:
    def parse(text: str) -> int:
        if not (text.isdecimal() and 1 <= int(text) <= maximum):
            raise argparse.ArgumentTypeError(f"{name} must be a whole number from 1 to {maximum}, not {text.strip()}")
        return int(text)

    return {"type": parse, "metavar": "N"}


NO_ACTIVATION = {"none": "linear"}  # by its name here, that of `nn`
_numbers: dict[str, Any] = {"type": parse_number, "nargs": "+", "metavar": "NUMBER"}
_matrix: dict[str, Any] = {"type": parse_matrix, "action": "append", "metavar": '"ROW; ROW"'}
_activation: dict[str, Any] = {"metavar": "NAME"}
_activation |= {"choices": [name for name in (*NO_ACTIVATION, *activations()) if name != "linear"]}
_rate: dict[str, Any] = {"type": parse_finite, "metavar": "NUMBER"}
_steps, _step, _digits = (
    _count("the number of steps", 10_000),
    _count("the step", 2 * MAX_WEIGHTS + 1),
    _count("the number of significant digits", 17),
)

_ALL = [
    Option("x", frozenset(FIGURES_OF), "the network's inputs; one number in Figures 1 to 3", _numbers),
    Option("y", _NETWORK, "the network's targets", _numbers),
    Option("w", _WEIGHTS, "W^(1), again for W^(2), ...; in Figures 1 to 3 the constants of the arrows", _matrix),
    Option("network", _NETWORK, "JSON with the network's numbers", {"type": parse_file, "metavar": "FILE"}),
    Option(
        "sizes",
        _NETWORK,
        "another network; with --seed, a random one",
        {"type": parse_integer, "nargs": "+", "metavar": "N"},
    ),
    Option("activation", _NETWORK, "σ of the hidden layers", _activation),
    Option("output", _NETWORK, f"σ of the last layer; both are {', '.join(_activation['choices'])}", _activation),
    Option(
        "seed",
        _RANDOM,
        "seed of the random numbers",
        {"type": parse_integer, "metavar": "N"},
        places_beside_sizes=_NETWORK,
    ),
    Option("rate", frozenset(expand("equations, eq 31, descent")), "the learning rate λ of (31)", _rate),
    Option("steps", frozenset(expand("descent")), "steps of (31), and epochs of the stochastic descent", _steps),
    Option("step", frozenset(expand("table 1-2")), "one step of the table alone", _step),
    Option(
        "digits", _NUMERIC, "significant digits; 12, to compare numbers, but 6 in documents and 4 in pictures", _digits
    ),
    Option(
        "as",
        frozenset(expand("table, tables")),
        "format of the tables",
        {"dest": "style", "choices": FORMATS},
        "text",
        is_for_one_part=True,
    ),
    Option("format", _DRAWN, "format of the pictures", {"choices": ("svg", "png", "pdf")}, "svg", is_for_files=True),
    Option(
        "out",
        _DRAWN,
        "folder of the pictures; demos/out by default",
        {"type": parse_folder, "metavar": "FOLDER"},
        Path("demos/out"),
        is_for_files=True,
    ),
]
OPTIONS = {option.keywords.get("dest", option.name): option for option in _ALL}
