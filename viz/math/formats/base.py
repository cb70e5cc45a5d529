"""The base of all formats: labels, numbers, the pieces of formulas, tables and documents.

Where brackets go in a formula, and in which order things come, is the same in all formats and is said once, in
`viz.math.formulas`; which rows a table has, in `viz.math.sheet`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import Protocol

FormattedRow = list[list[str]]  # the lines of each cell


class Grid(Protocol):
    """A table to print in any format: a title, columns, and the rows that belong together, printed in a format."""

    @property
    def title(self) -> str: ...
    @property
    def columns(self) -> tuple[str, ...]: ...
    def blocks(self, format: Format) -> list[list[FormattedRow]]: ...


def from_template(template: str) -> Callable[..., str]:
    """A method of a format that puts pieces of a formula into a template of `str.format`, in their order.

    >>> type("Typst", (), {"fraction": from_template("frac({}, {})")})().fraction("x", "y")
    'frac(x, y)'
    """
    return lambda self, *pieces: template.format(*pieces)


class Format(ABC):
    """A format: what it makes of labels, numbers, formulas, tables and documents, all in one file.

    A subclass has a name, says how `label` writes a name in a formula and `text` plain text in a cell, and how `table`
    and `document` print one table, to stand among others, and several as a document of their own. The other methods
    make a piece of a formula out of pieces that are written already: with plain signs in one line, if the subclass does
    not say otherwise, by a template (see `piece`) or by a method.

    - `number` is given digits as Python types them, `function` the name of an operation: σ, σ', relu;
      without a name, its arguments are a row of numbers.
    - `sign` is given +, −, =, ..., and is put between two formulas by `infix(x, sign, y)`, before one by
      `prefix(sign, x)`; `beside(x, y)` is a product without a sign; `brackets(x, pair)` may be bars.
    - `fraction(x, y)` is x over y, `root(x)` the square root; `power(x, exponent, number)` is x to a power, with the
      exponent as a number too where that is a known whole one, else None.
    - `cases(condition, x, y)` is x where the condition holds, else y; `total(index, upper, term)` the sum of terms with
      an index from 1 up; `derivative(y, x)` ∂y/∂x, with an empty y the operator ∂/∂x.
    - `formula` puts a formula into a cell; `in_encoding` writes characters of a document that an encoding lacks in
      another way, where the format has one.

    Attributes:
        name: What it is called where formats are chosen.
        max_length: How many characters a formula may have; one that is longer is no longer read.
        is_stacked: Whether a fraction holds together by itself, so that it needs no brackets.
        is_source: Whether a program sets it in type; else it is read as it is.
        dots: What stands for the terms of a sum that are left out.
        comma: What stands between the arguments of a function.
    """

    name: str
    max_length = 2000
    is_stacked = False
    is_source = True
    dots = "⋯"
    comma = ", "

    infix = from_template("{} {} {}")
    prefix = from_template("{}{}")
    beside = from_template("{} {}")
    fraction = from_template("{} / {}")
    power = from_template("{}^{}")
    root = from_template("√{}")
    cases = from_template("{1} if {0} else {2}")
    derivative = from_template("∂{}/∂{}")
    total = from_template("Σ_{{{}=1}}^{{{}}} {}")
    number = function = sign = formula = from_template("{}")

    def brackets(self, x: str, pair: str = "()") -> str:
        return f"{pair[0]}{x}{pair[1]}"

    def in_encoding(self, document: str, encoding: str) -> str:
        return document

    @abstractmethod
    def label(self, name: str, /) -> str: ...
    @abstractmethod
    def text(self, words: str, /) -> str: ...
    @abstractmethod
    def table(self, grid: Grid) -> str: ...
    @abstractmethod
    def document(self, grids: Sequence[Grid]) -> str: ...
