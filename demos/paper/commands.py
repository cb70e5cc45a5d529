"""The commands of the demo: each prints and draws a part of the paper."""

from __future__ import annotations

import argparse
import io
import os
import sys
from collections.abc import Callable, Sequence
from contextlib import redirect_stdout
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from demos.paper import descent, entropy, tables
from demos.paper.checks import AgreementCount, format_mark
from demos.paper.derivations import Derivation
from demos.paper.equation_pictures import CAPTION_DIGITS, PICTURES
from demos.paper.equations.catalogue import EQUATIONS, format_in_full, format_line
from demos.paper.equations.instances import HAS_NUMPY, NO_NUMPY, Instances, NetworkInstance
from demos.paper.errata import misprints
from demos.paper.figures import figures
from demos.paper.options import OptionError
from demos.paper.own_numbers import FIGURES, Examples
from demos.paper.page import figure_title
from demos.paper.page_files import PAGE_NAME, write_page
from engine._support.typed_commands import python_command
from viz import Drawing
from viz.math.formats import get_format
from viz.math.sheet import Sheet

DIGITS = 12


class Commands:
    """A method for each command, with the options given; `agreement` counts the numbers computed in two ways."""

    def __init__(self, options: argparse.Namespace, examples: Examples) -> None:
        self.options = options
        self.own = examples
        self.bold = sys.stdout.isatty() and "NO_COLOR" not in os.environ
        self.agreement = AgreementCount()

    @property
    def digits(self) -> int:
        """The number of significant digits of numbers that are compared."""
        return self.options.digits or DIGITS

    @cached_property
    def instances(self) -> Instances:
        """The graphs on which equations are checked."""
        rate = descent.RATE if self.options.rate is None else self.options.rate
        return Instances(self.options.seed or 0, self.own.network, figures=self.own.for_equations(), rate=rate)

    @property
    def network_instance(self) -> NetworkInstance:
        """The network's graph."""
        return self.instances.networks[0]

    def summary(self) -> None:
        """Print the first derivative of each example and the agreement of each part, and draw the figures."""
        for n in FIGURES:
            print(*Derivation(self.own.figure(n), self.bold, self.digits).first_derivative(), sep="\n", end="\n\n")
        print("The parts, and how many of their numbers agree in two ways of computing them:")
        for part in PARTS:
            total, self.agreement = self.agreement, AgreementCount()
            with redirect_stdout(io.StringIO()):
                part.show(self)
            count, self.agreement = self.agreement, total
            total.merge(count)
            print(f"  {part.name:<12}{part.about:<72}{count if count.compared else ''}".rstrip())
        if not HAS_NUMPY:
            print(f"  The matrix form was left out: it {NO_NUMPY}")
        examples, everything = (python_command(f"demos.paper {part}") for part in ("examples", "all"))
        print(f"One of them at length:  {examples}\nAll of them:            {everything}\n")
        print(f"The paper as a page, for a browser: {self.options.out / PAGE_NAME}")

    def examples(self) -> None:
        """Print the derivatives of Figures 1 to 4."""
        for n in FIGURES:
            derivation = Derivation(self.own.figure(n), self.bold, self.digits)
            print(*derivation.lines(), sep="\n", end="\n\n")
            self.agreement.merge(derivation.agreement)

    def equations(self) -> None:
        """Print a line for each equation."""
        self._title("Equations (1) to (41), and those of Section 5")
        instances = self.instances
        print("  each number computed in two ways, on Figures 1 to 3 and on the networks")
        print(*(f"    {instance.name}" for instance in instances.networks), sep="\n")
        print(f"  before the counts, the errata of an equation: {python_command('demos.paper errata D5')}")
        for equation in EQUATIONS.values():
            line, agreement = format_line(equation, instances, self.digits)
            print(line)
            if not equation.repeats:
                self.agreement.merge(agreement)
        print()

    def eq(self) -> None:
        """Print one equation at length, and draw its picture."""
        equation = EQUATIONS[self.options.which]
        instances = self.instances
        print(*format_in_full(equation, instances, self.digits), sep="\n")
        if equation.errata and equation.formula is not None:
            print(f"\n  its errata: {python_command(f'demos.paper errata {equation.errata[0]}')}")
        if equation.formula is not None and not equation.is_skipped:
            self.agreement.add(pair.agrees for pair in equation.compare(instances))
        picture = PICTURES[equation.number](instances)
        if picture is not None:
            digits = self.options.digits or CAPTION_DIGITS
            print(
                f"\n  in the picture, to {digits} digits",
                *(f"    {line}" for line in picture.written_lines(digits)),
                sep="\n",
            )
            self._save({"equation-" + equation.number: picture.draw(digits=digits)})

    def table(self) -> None:
        """Print one table, as text or as a document, or one step of it."""
        which, step = self.options.which, self.options.step
        try:
            sheets = tables.sheets(which, self.network_instance, step)
        except ValueError as error:
            raise OptionError(f"--step {step}: {error}") from error
        if self._print_sheets(sheets):
            print(f"\n{tables.errata_note(which, step)}".rstrip())
            if which == "3":
                self._save({"table-3": figures()["table-3"]})
            else:
                self._check_tables(step)

    def tables(self) -> None:
        """Print Tables 1 to 3, and whether their numbers agree."""
        if get_format(self.options.style).is_source:
            self._print_sheets([sheet for number in "123" for sheet in tables.sheets(number, self.network_instance)])
            return
        for number in "123":
            for sheet in tables.sheets(number, self.network_instance):
                self._title(sheet.title)
                print(replace(sheet, digits=self.digits).text(), end="\n\n")
            print(tables.errata_note(number), end="\n\n")
        self._check_tables()
        print()

    def _print_sheets(self, sheets: Sequence[Sheet]) -> bool:
        """Print tables as text or as a document; whether it is text, below which other lines may stand."""
        format = get_format(self.options.style)
        digits = self.options.digits or (6 if format.is_source else DIGITS)
        text = format.document([replace(sheet, digits=digits) for sheet in sheets])
        print(format.in_encoding(text, getattr(sys.stdout, "encoding", None) or "utf-8"))
        return not format.is_source

    def descent(self) -> None:
        """Print steps of gradient descent."""
        self._title("Gradient descent")
        options = self.options
        print(
            *descent.lines(self.own.network, options.rate, options.steps, options.seed or 0, self.digits),
            sep="\n",
            end="\n\n",
        )

    def entropy(self) -> None:
        """Print the tables of cross entropy."""
        self._title("Cross entropy")
        print(*entropy.lines(self.digits), sep="\n")
        self.agreement.merge(entropy.count_agreement())

    def errata(self) -> None:
        """Print the errata, or one of them."""
        self._title("Errata")
        print(*misprints.lines(self.options.which, self.digits), sep="\n", end="\n\n")

    def figures(self) -> None:
        """Draw the figures, and write the page or, for one figure, only that."""
        graphs = {n: self.own.figure(n) for n in FIGURES}
        drawings = figures(self.own.network, examples=graphs)
        if self.options.which:
            name = f"figure-{self.options.which}"
            self._save({key: drawing for key, drawing in drawings.items() if key in (name, f"{name}-numbers")})
            return
        paths = self._save(drawings)
        dark = figures(self.own.network, "dark", graphs)
        page = write_page(self.options.out, paths, dark, self.instances)
        print(f"The paper as a page, with live figures beside the equations: {page}")

    def all(self) -> None:
        """Show every part, in the order of the paper."""
        for part in PARTS:
            part.show(self)

    def _check_tables(self, step: int | None = None) -> None:
        instance = self.network_instance
        for line in filter(None, [*tables.activation_rules(self.own.network), tables.left_out_steps(instance)]):
            print(line)
        found = [pair.agrees for pair in tables.derivative_pairs(instance, step)]
        ways = "by index and by matrix" if HAS_NUMPY else f"by index; the matrix form was left out: it {NO_NUMPY}"
        mark = format_mark(all(found))
        print(f"  {sum(found)} of {len(found)} derivatives agree with backpropagation, {ways} {mark}")
        self.agreement.add(found)

    def _save(self, drawings: dict[str, Drawing]) -> dict[str, Path]:
        paths = {}
        for name, drawing in drawings.items():
            paths[name] = drawing.save(self.options.out / f"{name}.{self.options.format}")
            print(f"{figure_title(name)} is drawn in {paths[name]}")
        return paths

    def _title(self, text: str) -> None:
        print(f"\033[1m{text}\033[0m" if self.bold else text)


class Part(NamedTuple):
    """A part of the demo: its name, its contents in a line, and the command that shows it."""

    name: str
    about: str
    show: Callable[[Commands], None]


PARTS = [
    Part("examples", "Figures 1 to 4: each value, local derivative, path and product", Commands.examples),
    Part("equations", "(1) to (41), and S1 to S9 of Section 5, a line each", Commands.equations),
    Part("tables", "Tables 1 to 3, derived from the graph, in general and with numbers", Commands.tables),
    Part("descent", "gradient descent (31): two steps, stochastic, and a trap", Commands.descent),
    Part("entropy", "cross entropy with sigmoid and with softmax outputs, as tables", Commands.entropy),
    Part("errata", f"{misprints.list_ids()}: misprints, notation, gaps, in numbers", Commands.errata),
    Part("figures", "all figures, and a page with a live figure beside the equations", Commands.figures),
]
