"""The base of all formats: labels, numbers, the pieces of formulas, tables and documents; and their registry.

Where brackets go in a formula, and in which order things come, is the same in all formats and is said once, in
`viz.formula`; which rows a table has, in `viz.sheet`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Protocol

from engine import _check

Row = list[list[str]]  # the lines of each cell


class Grid(Protocol):
    """A table that can be printed in any format: a `viz.sheet.Sheet`."""

    @property
    def title(self) -> str: ...
    @property
    def columns(self) -> tuple[str, ...]: ...

    def blocks(self, format: Format) -> list[list[Row]]:
        """The rows that belong together, printed in a format."""


class Format(ABC):
    """A format: what it makes of labels, numbers, formulas, tables and documents, all in one file.

    A subclass has a name and the methods that are abstract here. Most others make a piece of a formula out of pieces
    that are written already: with plain signs in one line, if the subclass does not say otherwise.

    Attributes:
        name: What it is called where formats are chosen.
        longest: How many characters a formula may have; one that is longer is no longer read.
        is_stacked: Whether a fraction holds together by itself, so that it needs no brackets.
        is_source: Whether a program sets it in type; else it is read as it is.
        dots: What stands for the terms of a sum that are left out.
    """

    name: str
    longest = 2000
    is_stacked = False
    is_source = True
    dots = "⋯"

    @abstractmethod
    def label(self, name: str) -> str:
        """A name in a formula: letters with indices, or any text."""

    def number(self, digits: str) -> str:
        """A number, typed as Python does."""
        return digits

    def function(self, symbol: str) -> str:
        """The name of an operation: σ, σ', relu."""
        return symbol

    def sign(self, sign: str) -> str:
        """A sign between two formulas, or before one."""
        return sign

    def infix(self, x: str, sign: str, y: str) -> str:
        """A sign between formulas."""
        return f"{x} {self.sign(sign)} {y}"

    def beside(self, x: str, y: str) -> str:
        """A product without a sign."""
        return f"{x} {y}"

    def prefix(self, sign: str, x: str) -> str:
        """A sign before a formula."""
        return self.sign(sign) + x

    def brackets(self, x: str, pair: str = "()") -> str:
        """A formula in brackets, or between bars."""
        return f"{pair[0]}{x}{pair[1]}"

    def call(self, function: str, arguments: list[str]) -> str:
        """A function of its arguments; without a name, a row of numbers."""
        return self.function(function) + self.brackets(self.listed(arguments))

    def listed(self, items: list[str]) -> str:
        """Formulas with commas between them."""
        return ", ".join(items)

    def fraction(self, x: str, y: str) -> str:
        """x over y."""
        return f"{x} / {y}"

    def power(self, x: str, exponent: str, number: float | None) -> str:
        """x to a power; `number` is the exponent where that is a known whole number."""
        return f"{x}^{exponent}"

    def root(self, x: str) -> str:
        """The square root."""
        return f"√{x}"

    def cases(self, condition: str, x: str, y: str) -> str:
        """x where the condition holds, else y."""
        return f"{x} if {condition} else {y}"

    def derivative(self, y: str, x: str) -> str:
        """∂y/∂x; with an empty y, the operator ∂/∂x."""
        return f"∂{y}/∂{x}"

    def total(self, index: str, upper: str, term: str) -> str:
        """The sum of terms with an index from 1 up."""
        return f"Σ_{{{index}=1}}^{{{upper}}} {term}"

    @abstractmethod
    def text(self, words: str) -> str:
        """Plain text in a cell."""

    def formula(self, written: str) -> str:
        """A formula in a cell."""
        return written

    @abstractmethod
    def table(self, grid: Grid) -> str:
        """A table, to stand among others."""

    @abstractmethod
    def document(self, grids: Sequence[Grid]) -> str:
        """Several tables as a document of its own."""

    def in_encoding(self, document: str, encoding: str) -> str:
        """The document with characters that an encoding lacks written in another way, where the format has one."""
        return document


FORMATS: dict[str, Format] = {}


def register(format: Format) -> None:
    """Put a format among the `FORMATS`, under its name."""
    FORMATS[format.name] = format


def format_named(name: str) -> Format:
    """Return one of the `FORMATS`. Raises ValueError if there is no format with this name.

    >>> format_named("pdf")
    Traceback (most recent call last):
    ValueError: there is no format 'pdf'; possible are text, markdown, latex, html
    """
    _check.choice(name, FORMATS, "format")
    return FORMATS[name]
