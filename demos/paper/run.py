"""The parts of the demo, as they are printed and drawn."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from demos.paper import descent, entropy, errata, tables
from demos.paper.cases import HAS_NUMPY, NO_NUMPY, Case, Cases
from demos.paper.equations import EQUATIONS, in_full, one_line
from demos.paper.examples import Network, figure_1, figure_2, figure_3, figure_4
from demos.paper.figures import figures
from demos.paper.page import page, title_of
from demos.paper.report import Report
from demos.paper.tally import Tally
from engine._support.safe_files import write_whole
from viz import Drawing, draw_network
from viz.math.formats import get_format

PAGE = "index.html"


class Run:
    """One run of the demo: what was asked for, and a count of the numbers that were computed in two ways."""

    def __init__(self, options: argparse.Namespace, network: Network) -> None:
        self.options = options
        self.network = network
        self.bold = sys.stdout.isatty() and "NO_COLOR" not in os.environ
        self.tally = Tally()

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
            self.tally.join(report.tally)

    def equations(self) -> None:
        """A line for each equation."""
        self._title("Equations (1) to (41), and those of Section 5")
        cases = self.cases
        print("  checked on Figures 1 to 3 with fixed numbers (F1, F2, F3) and random ones, and on the networks")
        print("  " + ", ".join(f"{case.name} ({_sizes(case)})" for case in cases.networks))
        for equation in EQUATIONS.values():
            line, tally = one_line(equation, cases)
            print(line)
            self.tally.join(tally)
        print()

    def eq(self) -> None:
        """One equation at length."""
        equation = EQUATIONS[self.options.which]
        cases = self.cases
        print(*in_full(equation, cases), sep="\n")
        if equation.formula is not None and not equation.is_skipped:
            self.tally.add(pair.agrees for pair in equation.compare(cases))
        if equation.graph is not None:
            output = equation.graph(cases)
            output.zero_grad()
            output.backward()
            drawing = draw_network(output, short=True, data=True, gradients=True)
            self._save({"equation-" + equation.number: drawing})

    def table(self) -> None:
        """One table, in print or as a document."""
        format = get_format(self.options.style)
        if self.options.which == "3":
            sheets = [tables.table_3()]
        elif self.options.which == "2":
            sheets = [tables.table_2(self.case)]
        else:
            sheets = tables.table_1(self.case)
        digits = self.options.digits or (6 if format.is_source else 12)
        text = format.document([replace(sheet, digits=digits) for sheet in sheets])
        print(format.in_encoding(text, getattr(sys.stdout, "encoding", None) or "utf-8"))
        if not format.is_source:
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
        self.tally.join(entropy.checked())

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
        index = write_whole(self.options.out / PAGE, page(self.cases, pictures))
        print(f"Each figure beside its equations: {index}")

    def all(self) -> None:
        """Everything, as the paper has it."""
        for part in PARTS:
            part.show(self)

    def _agreement(self) -> None:
        found = [pair.agrees for pair in tables.pairs(self.case)]
        ways = "by index and by matrix" if HAS_NUMPY else f"by index; the matrix form was left out: it {NO_NUMPY}"
        print(f"  {sum(found)} of {len(found)} derivatives are those that backward() found, {ways}")
        self.tally.add(found)

    def _save(self, drawings: dict[str, Drawing]) -> dict[str, Path]:
        paths = {}
        for name, drawing in drawings.items():
            paths[name] = drawing.save(self.options.out / f"{name}.{self.options.format}")
            print(f"{title_of(name)} is drawn in {paths[name]}")
        return paths

    def _title(self, text: str) -> None:
        print(f"\033[1m{text}\033[0m" if self.bold else text)


class Part(NamedTuple):
    """A part of the demo: its name, what is in it, and how it is shown."""

    name: str
    about: str
    show: Callable[[Run], None]


PARTS = [
    Part("examples", "Figures 1 to 4: each value, local derivative, path and product", Run.examples),
    Part("equations", "(1) to (41), and S1 to S9 of Section 5, a line each", Run.equations),
    Part("tables", "Tables 1 to 3, derived from the graph, in general and with numbers", Run.tables),
    Part("descent", "gradient descent (31): two steps, stochastic, and a trap", Run.descent),
    Part("entropy", "cross entropy with sigmoid and with softmax outputs, as tables", Run.entropy),
    Part("errata", "the misprints D1 to D32 and G1 to G3, and what they do to numbers", Run.errata),
    Part("figures", "all figures, and a page that shows each beside its equations", Run.figures),
]


def _sizes(case: Case) -> str:
    return "-".join(map(str, case.network.sizes))
