"""Tables of formulas, written in any of the `viz.math.formats`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain

from engine._support import checks
from engine.symbolic.expression import Expression
from viz.math.formats import Format, get_format
from viz.math.formats.base import FormattedRow
from viz.math.formulas import format_formula
from viz.math.written_lines import formula_lines, relation_lines

DEFAULT_DIGITS = 12
MAX_WIDTH = 100  # of a list of formulas in one line of text
MAX_RELATION_WIDTH = 90  # of x = y = ...

Cell = Sequence[Expression] | Sequence[str]  # its lines: formulas, or plain text


@dataclass(frozen=True, repr=False)
class Sheet:
    """A table with a title, named columns, and rows of cells, each with any number of lines.

    A row whose first cell is empty belongs to the block of the row above. `short` replaces labels by others. As text,
    the first two cells of a block are its heading, with the first column's name before a number; the lines of each
    other column stand beside its name, those that rows share only once. `digits` is the number of significant digits.

    >>> from viz.math.equations import equal, symbol
    >>> sheet = Sheet("Squares", ("Step", "Variable", "Value"), [[["1"], [symbol("x_1")], [symbol("x_1") ** 2]]])
    >>> print(sheet.text())
    Step 1: x₁
      value               x₁²
    >>> print(sheet.markdown())
    | Step | Variable | Value |
    |---|---|---|
    | 1 | $x_1$ | $x_1^{2}$ |
    """

    title: str
    columns: tuple[str, ...]
    rows: Sequence[Sequence[Cell]]
    short: Mapping[str, str] = field(default_factory=dict)
    digits: int = DEFAULT_DIGITS

    def document(self, format: str) -> str:
        """The table in a format: LaTeX and HTML as whole documents. Raises ValueError for an unknown format."""
        return document([self], format)

    def text(self) -> str:
        """Blocks of text for a terminal."""
        return get_format("text").table(self)

    def markdown(self) -> str:
        """A Markdown table with formulas between dollars."""
        return get_format("markdown").table(self)

    def latex(self) -> str:
        """A longtable of LaTeX with the rules of booktabs, which may run over several pages."""
        return get_format("latex").table(self)

    def html(self) -> str:
        """A table of HTML with formulas in MathML."""
        return get_format("html").table(self)

    def _repr_html_(self) -> str:
        # A notebook aligns cells to the right, which makes equations below each other hard to read.
        return re.sub("<(td|th)>", r'<\1 style="text-align: left">', self.html())

    __repr__ = text

    def blocks(self, format: Format) -> list[list[FormattedRow]]:
        """The blocks of rows in a format: each row with a first cell, and the rows after it without one.

        Raises TypeError if `format` is not a Format, as the members of `viz.math.formats.FORMATS` are.
        """
        checks.check_instance(format, Format, "the format of a table must be a Format")
        blocks: list[list[FormattedRow]] = []
        for row in self.rows:
            if row[0] or not blocks:
                blocks.append([])
            blocks[-1].append([[text for line in cell for text in self._lines(line, format)] for cell in row])
        return blocks

    def _lines(self, line: Expression | str, format: Format) -> list[str]:
        """One line, or in plain text one for each row of a matrix; and several for a long x = y = ..."""

        def write(formula: Expression) -> str:
            return format_formula(formula, format.name, self.short, self.digits)

        def in_cell(formula: Expression) -> str:
            return format.formula(write(formula))

        if isinstance(line, str):
            return [format.text(line)]
        if format.is_source:
            return format.lines(write(line))
        lines = list(chain(*formula_lines(line, MAX_WIDTH, in_cell)))
        return lines if len(lines) > 1 else relation_lines(line, MAX_RELATION_WIDTH, in_cell)


def document(sheets: Iterable[Sheet], format: str) -> str:
    """Several tables as one document in a format. Raises ValueError for an unknown format."""
    return get_format(format).document(list(sheets))
