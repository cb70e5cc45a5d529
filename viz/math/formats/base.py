"""The base class of all formats: labels, numbers, the pieces of formulas, tables and documents.

Where brackets go in a formula is the same in all formats and is decided in `viz.math.formulas`; the rows of a table
are those of `viz.math.sheet`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import Protocol

FormattedRow = list[list[str]]  # for each cell, its lines


class Grid(Protocol):
    """A table as a format reads it: a title, the names of columns, and blocks of rows that belong together."""

    @property
    def title(self) -> str: ...
    @property
    def columns(self) -> tuple[str, ...]: ...
    def blocks(self, format: Format) -> list[list[FormattedRow]]: ...


def from_template(template: str) -> Callable[..., str]:
    """A method of a format that fills a template of `str.format` with pieces of a formula, in their order.

    >>> type("Typst", (), {"fraction": from_template("frac({}, {})")})().fraction("x", "y")
    'frac(x, y)'
    """
    return lambda self, *pieces: template.format(*pieces)


class FormulaFormat(ABC):
    """The base class of a format of formulas.

    A subclass has a name and two methods: `label` writes a label in a formula, `text` plain text in a cell. The other
    methods make a piece of a formula out of pieces that are written already: in one line of plain signs, unless the
    subclass overrides them, by `from_template` or as methods.

    - `number(digits)` writes a number that is given as Python prints it, `function(name)` the name of an operation: σ,
      σ', relu; an empty name stands before a tuple.
    - `sign(sign)` writes +, −, =, ...; `infix(x, sign, y)` puts it between two formulas, `prefix(sign, x)` before one;
      `beside(x, y)` is a product without a sign, `spaced(x, y)` one with some space; `brackets(x, pair)` has
      brackets or bars.
    - `fraction(x, y)` is x over y, `root(x)` and `cube_root(x)` are roots; `power(x, exponent, number)` is a power,
      where `number` is the exponent if that is an integer, else None.
    - `cases(condition, x, y)` is x if the condition holds, else y; `total(index, upper, term)` the sum of terms with an
      index from 1 up; `derivative(y, x)` ∂y/∂x, or with an empty y the operator ∂/∂x.
    - `row(*entries)` is a row of a matrix, `matrix(*rows)` the matrix in its brackets, `transposed(x)` the transpose.
    - `formula(formula)` puts a formula into a cell; `in_encoding(document, encoding)` replaces characters that the
      encoding lacks, where the format can.

    Attributes:
        name: The name by which the format is chosen.
        max_length: The maximum of characters in a formula; a longer part is replaced by an ellipsis.
        is_stacked: Whether a fraction is set in two lines, so that it does not need brackets.
        is_source: Whether the text is the input of a program, rather than read as it is.
        dots: The ellipsis for the terms of a sum that are left out.
        half: The number in front of a square, as in the paper's ½(z − y)².
        comma: The separator of a function's arguments.
    """

    name: str
    max_length = 2000
    is_stacked = False
    is_source = True
    dots = "⋯"
    half = "½"
    comma = ", "

    infix = from_template("{} {} {}")
    prefix = from_template("{}{}")
    beside = spaced = from_template("{} {}")
    fraction = from_template("{} / {}")
    power = from_template("{}^{}")
    root = from_template("√{}")
    cube_root = from_template("∛{}")
    cases = from_template("{1} if {0} else {2}")
    transposed = from_template("{}ᵀ")
    derivative = from_template("∂{}/∂{}")
    total = from_template("Σ({} = 1…{}) {}")
    number = function = sign = formula = from_template("{}")

    def brackets(self, x: str, pair: str = "()") -> str:
        return f"{pair[0]}{x}{pair[1]}"

    def row(self, *entries: str) -> str:
        return ", ".join(entries)

    def matrix(self, *rows: str) -> str:
        return self.brackets("; ".join(rows), "[]")

    def in_encoding(self, document: str, encoding: str) -> str:
        return document

    @abstractmethod
    def label(self, name: str, /) -> str: ...
    @abstractmethod
    def text(self, words: str, /) -> str: ...


class Format(FormulaFormat):
    """The base class of a format that has tables too.

    A subclass has two more methods: `table` writes a table that stands among others, and `document` several tables as a
    whole file.
    """

    def lines(self, formula: str) -> list[str]:
        """A written formula as the lines of a cell."""
        return [self.formula(formula)]

    @abstractmethod
    def table(self, grid: Grid) -> str: ...
    @abstractmethod
    def document(self, grids: Sequence[Grid]) -> str: ...
