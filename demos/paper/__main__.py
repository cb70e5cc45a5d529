"""`python -m demos.paper`: the paper's examples, equations, tables, figures and misprints, from real graphs."""

from __future__ import annotations

import argparse
import os
import random
import re
import sys
from collections.abc import Callable
from contextlib import redirect_stdout
from dataclasses import replace
from functools import cached_property
from pathlib import Path

from demos.paper import descent, entropy, errata, tables
from demos.paper.cases import HAS_NUMPY, NO_NUMPY, Case, Cases
from demos.paper.equations import EQUATIONS, in_full, one_line
from demos.paper.examples import NET4, Network, check_size, figure_1, figure_2, figure_3, figure_4
from demos.paper.figures import figures
from demos.paper.page import page, title_of
from demos.paper.report import Report
from demos.running import as_program
from viz import Drawing, DrawingError, draw_network
from viz.drawing import write
from viz.plain import Plain, can_show
from viz.sheet import FORMATS, document

DESCRIPTION = """\
The paper, computed from real graphs. Without a part, all of it:
  examples       Figures 1 to 4: values, local derivatives, each path with its product, the sum over paths
  equations      (1) to (41) and S1 to S9 of Section 5, a line each: formula, two ways of computing it, agreement
  eq NUMBER      one equation at length, with its graph: eq 38, eq S5
  table NUMBER   Table 1, 2 or 3, for any network
  descent        gradient descent (31): two steps, stochastic, and the trap of updating in the middle of a sweep
  entropy        cross entropy with sigmoid and with softmax outputs, as a table
  figures        all figures, and a page that shows each beside its equations; figure NUMBER, only that one
  errata [ID]    the misprints D1 to D32 and G1 to G3, with what they do to numbers"""

EPILOG = """\
The network of Figure 4 may have other numbers, or be another one:
  python -m demos.paper table 1 --x 0.5 1 --y 0.75
  python -m demos.paper table 2 --sizes 3 4 2 3
  python -m demos.paper figure 8 --w "0.5 -0.25; 0.75 1" --w "1.25 -0.375; -1.5 0.625" --w "2 -1.75"
  python -m demos.paper --network net.json    {"x": [1.5, -0.5], "y": 0.25, "weights": [[[0.5, -0.25], ...], ...]}"""


class Run:
    """One run of the demo: what was asked for, and how many numbers did not agree."""

    def __init__(self, options: argparse.Namespace, network: Network) -> None:
        self.options = options
        self.network = network
        self.bold = sys.stdout.isatty() and "NO_COLOR" not in os.environ
        self.disagreements = 0

    @cached_property
    def cases(self) -> Cases:
        """What equations are checked on."""
        return Cases(self.options.seed or 0, self.network)

    @property
    def case(self) -> Case:
        """The network itself."""
        return self.cases.networks[0]

    def examples(self) -> None:
        """Figures 1 to 4."""
        for example in (figure_1(), figure_2(), figure_3(), figure_4(self.network)):
            report = Report(example, self.bold)
            print(*report.lines(), sep="\n", end="\n\n")
            self.disagreements += report.disagreements

    def equations(self) -> None:
        """A line for each equation."""
        self._title("Equations (1) to (41), and those of Section 5")
        cases = self.cases
        print("  checked on Figures 1 to 3 with fixed numbers (F1, F2, F3) and random ones, and on the networks")
        print("  " + ", ".join(f"{case.name} ({_sizes(case)})" for case in cases.networks))
        for equation in EQUATIONS.values():
            line, wrong = one_line(equation, cases)
            print(line)
            self.disagreements += wrong
        print()

    def eq(self) -> None:
        """One equation at length."""
        equation = EQUATIONS[self.options.which]
        cases = self.cases
        print(*in_full(equation, cases), sep="\n")
        if equation.formula is not None and not equation.is_skipped:
            self.disagreements += sum(not pair.agrees for pair in equation.compare(cases))
        if equation.graph is not None:
            output = equation.graph(cases)
            output.zero_grad()
            output.backward()
            drawing = draw_network(output, short=True, data=True, gradients=True)
            self._save({"equation-" + equation.number: drawing})

    def table(self) -> None:
        """One table, in print or as a document."""
        style = self.options.style
        if self.options.which == "3":
            sheets = [tables.table_3()]
        elif self.options.which == "2":
            sheets = [tables.table_2(self.case)]
        else:
            sheets = tables.table_1(self.case)
        digits = self.options.digits or (12 if style == "text" else 6)
        text = document([replace(sheet, digits=digits) for sheet in sheets], style)
        if style == "html":  # a terminal or a file that lacks a sign gets its number
            encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
            text = text.encode(encoding, "xmlcharrefreplace").decode(encoding)
        print(text)
        if style == "text":
            print()
            if self.options.which == "3":
                self._save({"table-3": figures(self.network)["table-3"]})
            else:
                self._agreement()

    def tables(self) -> None:
        """Tables 1 to 3, and whether their numbers agree."""
        for sheet in [*tables.table_1(self.case), tables.table_2(self.case), tables.table_3()]:
            self._title(sheet.title)
            print(sheet.text(), end="\n\n")
        self._agreement()
        print()

    def descent(self) -> None:
        """Gradient descent."""
        self._title("Gradient descent")
        print(*descent.lines(self.network, seed=self.options.seed or 0), sep="\n", end="\n\n")

    def entropy(self) -> None:
        """Cross entropy."""
        self._title("Cross entropy")
        print(*entropy.lines(), sep="\n")
        self.disagreements += sum(map(entropy.disagreements, entropy.EXAMPLES))

    def errata(self) -> None:
        """The misprints."""
        self._title("Errata")
        print(*errata.lines(self.options.which or ""), sep="\n", end="\n\n")

    def figures(self) -> None:
        """The figures, and the page."""
        drawings = figures(self.network)
        if self.options.which:
            name = f"figure-{self.options.which}"
            self._save({key: drawing for key, drawing in drawings.items() if key in (name, f"{name}-numbers")})
            return
        pictures = self._save(drawings)
        index = write(self.options.out / "index.html", page(self.cases, pictures).encode())
        print(f"Each figure beside its equations: {index}")

    def all(self) -> None:
        """Everything, as the paper has it."""
        for part in (self.examples, self.equations, self.tables, self.descent, self.entropy, self.errata, self.figures):
            part()

    def _agreement(self) -> None:
        found = list(tables.pairs(self.case))
        agree = sum(pair.agrees for pair in found)
        ways = "by index and by matrix" if HAS_NUMPY else f"by index; the matrix form was left out: it {NO_NUMPY}"
        print(f"  {agree} of {len(found)} derivatives are those that backward() found, {ways}")
        self.disagreements += len(found) - agree

    def _save(self, drawings: dict[str, Drawing]) -> dict[str, Path]:
        paths = {}
        for name, drawing in drawings.items():
            paths[name] = drawing.save(self.options.out / f"{name}.{self.options.format}")
            print(f"{title_of(name)} is drawn in {paths[name]}")
        return paths

    def _title(self, text: str) -> None:
        print(f"\033[1m{text}\033[0m" if self.bold else text)


PARTS: dict[str, Callable[[Run], None]] = {
    "all": Run.all,
    "examples": Run.examples,
    "equations": Run.equations,
    "eq": Run.eq,
    "table": Run.table,
    "descent": Run.descent,
    "entropy": Run.entropy,
    "figures": Run.figures,
    "figure": Run.figures,
    "errata": Run.errata,
}


def main(arguments: list[str] | None = None) -> int:
    """Run a part; 0 if all numbers agree, 1 if some do not or a picture cannot be drawn, 2 for bad options."""
    parser = _parser()
    options = parser.parse_intermixed_args(arguments)
    try:
        _check_which(options)
        network = _network(options)
    except (ValueError, OSError) as error:
        parser.error(str(error))
    run = Run(options, network)
    try:
        with redirect_stdout(sys.stdout if can_show(sys.stdout) or options.style != "text" else Plain(sys.stdout)):
            PARTS[options.part](run)
    except DrawingError as error:
        print(f"The figures could not be drawn. {error}", file=sys.stderr)
        return 1
    except BrokenPipeError:
        raise
    except ArithmeticError as error:
        print(f"This network's numbers are too large or too small to compute with: {error}", file=sys.stderr)
        return 1
    except ValueError as error:
        print(f"This network cannot be shown: {error}", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"Something could not be written: {error}", file=sys.stderr)
        return 1
    if run.disagreements:
        print(f"{run.disagreements} numbers DISAGREE; they are marked with ✗ above.", file=sys.stderr)
        return 1
    if options.part == "all":
        print("All numbers agree.")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m demos.paper",
        description=DESCRIPTION,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    # Numbers such as -1e-3 are values; without this, options would be looked for behind the sign.
    parser._negative_number_matcher = re.compile(r"-\.?\d")
    parser.add_argument("part", nargs="?", choices=PARTS, default="all", metavar="part", help="see above")
    parser.add_argument("which", nargs="?", help="number of the equation, table or figure, or the misprint's name")
    parser.add_argument("--out", type=Path, default=Path("demos/out"), metavar="DIR", help="where the figures go")
    parser.add_argument("--format", choices=("svg", "png", "pdf"), default="svg", help="of the figures")
    parser.add_argument("--as", dest="style", choices=FORMATS, default="text", help="of a table")
    parser.add_argument(
        "--digits", type=_digits, metavar="N", help="of a table's numbers: 12 in text, to compare them, 6 in documents"
    )
    parser.add_argument("--seed", type=int, metavar="N", help="of the random networks that equations are checked on")
    parser.add_argument("--network", type=Path, metavar="FILE", help="JSON with the numbers of Figure 4's network")
    parser.add_argument("--sizes", type=int, nargs="+", metavar="N", help="another network; with --seed, a random one")
    parser.add_argument("--x", type=float, nargs="+", metavar="NUMBER", help="the network's inputs")
    parser.add_argument("--y", type=float, nargs="+", metavar="NUMBER", help="its targets")
    parser.add_argument("--w", type=_matrix, action="append", metavar='"ROW; ROW"', help="W^(1); again for W^(2), ...")
    return parser


def _check_which(options: argparse.Namespace) -> None:
    """Raise ValueError for an equation, table, figure or misprint that there is not."""
    possible = {
        "eq": list(EQUATIONS),
        "table": ["1", "2", "3"],
        "figure": [str(n) for n in range(1, 10)],
        "errata": ["", *(erratum.id for erratum in errata.ERRATA)],
    }.get(options.part, [""])
    which = options.which = (options.which or "").strip("()").upper()
    if options.part == "errata" and which.isdigit():
        which = options.which = f"D{which}"
    if which not in possible:
        known = " ".join(filter(None, possible))
        asked = f"there is no {options.part} {which}" if which else f"{options.part} which?"
        raise ValueError(f"{asked}; possible: {known}" if known else f"{options.part} takes no {which!r}")


def _matrix(text: str) -> list[list[float]]:
    try:
        return [[float(number) for number in row.replace(",", " ").split()] for row in text.split(";")]
    except ValueError as error:
        raise argparse.ArgumentTypeError(f'{error}; a matrix is written "0.5 -0.25; 0.75 1"') from error


def _digits(text: str) -> int:
    if not (text.isdecimal() and 1 <= int(text) <= 17):
        raise argparse.ArgumentTypeError(f"numbers have 1 to 17 significant digits, not {text}")
    return int(text)


def _network(options: argparse.Namespace) -> Network:
    network = Network.from_json(options.network) if options.network else NET4
    if options.sizes:
        if options.network or options.w:
            raise ValueError("--sizes makes a network of its own; it cannot be given with --network or --w")
        if len(options.sizes) < 2 or min(options.sizes) < 1:
            raise ValueError(f"--sizes needs the number of inputs and of each layer's units, not {options.sizes}")
        check_size(options.sizes)
        rng = random.Random(options.seed)
        network = Network.lattice(options.sizes) if options.seed is None else Network.random(options.sizes, rng)
    given = {"x": options.x, "y": options.y, "weights": options.w}
    network = replace(network, **{name: value for name, value in given.items() if value is not None})
    network.check()
    return network


def _sizes(case: Case) -> str:
    return "-".join(map(str, case.network.sizes))


if __name__ == "__main__":
    as_program(main)
