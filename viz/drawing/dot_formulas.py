"""Formulas in drawings: cells in a row of an HTML-like table of Graphviz, whose letters are those of the circles."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from xml.etree.ElementTree import Element, fromstring

from engine.symbolic.expression import Expression
from viz.drawing.dot_labels import HTML_TABLE, to_dot
from viz.drawing.layout.text_size import BOLD, Size, line_size
from viz.drawing.themes import THEMES, Theme
from viz.math.equations import EQUAL, PARTIAL
from viz.math.formats import FormulaFormat
from viz.math.formats.text import PlainText
from viz.math.formulas import format_formula


def formula_to_dot(
    formula: Expression,
    size: int,
    digits: int,
    short: Mapping[str, str] | None = None,
    theme: Theme = THEMES["light"],
) -> str:
    r"""Return the formula as cells for a row of a table. `size` is that of its type, in points.

    Derivatives ∂y/∂x, and the number at the end of an equation that begins with one, have their colour in the theme.

    >>> from engine import NamedGraph, Value
    >>> y = Value(2.0, "x") + 1
    >>> re.findall(">([^<]+)<", formula_to_dot(NamedGraph(y).relation(y), 14, digits=4))
    ['x', '\xa0+\xa0', '1']
    """
    format = DotFormat(size, theme)
    if formula.op is EQUAL and _first_side(formula).op is PARTIAL and formula.inputs[1].is_constant:
        before, number = (format_formula(side, format, short, digits) for side in formula.inputs)
        return before + format.sign("=") + format.in_its_colour(number)
    return format_formula(formula, format, short, digits)


def _first_side(formula: Expression) -> Expression:
    while formula.op is EQUAL:
        formula = formula.inputs[0]
    return formula


def row_width(cells: str, font: str = "Times") -> float:
    """Return the width of the cells of a row, in inches.

    >>> one, ten = (row_width(f'<TD><FONT POINT-SIZE="14">{text}</FONT></TD>') for text in ("x", "1234567890"))
    >>> 7 < ten / one < 10, 0.9 < ten < 1.1
    (True, True)
    """
    return rows_size(f"<TR>{cells}</TR>", font)[0]


def row_height(cells: str, font: str = "Times") -> float:
    """Return the height of the cells of a row, in inches.

    >>> round(row_height('<TD><FONT POINT-SIZE="20">x</FONT></TD>'), 2)
    0.31
    """
    return rows_size(f"<TR>{cells}</TR>", font)[1]


def rows_size(rows: str, font: str = "Times") -> Size:
    """Return the width and height of rows of an HTML-like table, in inches; they are never wider or higher."""
    return _size_of(fromstring(f"<TABLE>{rows.replace('&#160;', ' ')}</TABLE>"), font)


def _size_of(part: Element, font: str) -> Size:
    """The size of a part of an HTML-like label."""
    if size := part.get("POINT-SIZE"):
        width, height = line_size("".join(part.itertext()), int(size), font)
        return (BOLD if part.find("B") is not None else 1.0) * width, height
    if part.tag == "TABLE":  # a cell of several rows stands beside the other cells of all of them
        high, others = [], []
        for row in part:
            sizes = [(cell.get("ROWSPAN"), _size_of(cell, font)) for cell in row]
            high += [size for span, size in sizes if span]
            others.append(_beside([size for span, size in sizes if not span]))
        width = sum(width for width, _ in high) + max((width for width, _ in others), default=0.0)
        return width, max([sum(height for _, height in others), *(height for _, height in high)])
    width, height = _beside([_size_of(each, font) for each in part])
    return max(width, int(part.get("WIDTH", 0)) / 72), max(height, int(part.get("HEIGHT", 0)) / 72)


def _beside(sizes: Sequence[Size]) -> Size:
    return sum(width for width, _ in sizes), max((height for _, height in sizes), default=0.0)


def _cell(text: str, attributes: str = "") -> str:
    return f"<TD{attributes}>{text}</TD>"


def _rows(*rows: str) -> str:
    """A table of these rows, each of which is made of cells."""
    return HTML_TABLE.format("", "".join(f"<TR>{row}</TR>" for row in rows))


def _cells_from(template: str) -> Callable[..., str]:
    """A method that fills a template with pieces, which are cells; the text between them becomes cells, too."""

    def write(self: DotFormat, *pieces: str) -> str:
        parts = re.split(r"\{(\d)\}", template)
        return "".join(pieces[int(part)] if i % 2 else part and self.text(part) for i, part in enumerate(parts))

    return write


class DotFormat(FormulaFormat):
    """Rows of cells. A fraction is a table of two rows; an exponent is small, as an index is.

    Args:
        size: The size of type, in points.
        theme: The theme, which has a colour for derivatives.
    """

    name = "dot"
    max_length = 20_000
    is_stacked = True

    def __init__(self, size: int, theme: Theme) -> None:
        self.size, self.theme = size, theme
        self.comma, self.dots, self.half = map(self.text, (", ", "⋯", "½"))

    infix = _cells_from("{0}{1}{2}")
    beside = _cells_from("{0}{1}")
    spaced = _cells_from("{0}\u00a0{1}")
    cases = _cells_from("{1} if {0} else {2}")
    transposed = _cells_from("{0}⊤")
    total = _cells_from("Σ({0}\u00a0=\u00a01…{1})\u00a0{2}")

    def text(self, words: str) -> str:
        """A cell with words. Graphviz drops ordinary spaces at the ends of a cell."""
        return _cell(to_dot(words.replace(" ", "\u00a0"), self.size))

    label = text

    def number(self, digits: str) -> str:
        return self.text(PlainText().number(digits))

    def sign(self, sign: str) -> str:
        return self.text(sign if sign == "/" else f" {sign} ")

    def prefix(self, sign: str, x: str) -> str:
        return sign.replace("\u00a0", "") + x

    def function(self, name: str) -> str:
        letter = name.removesuffix("'")
        prime = to_dot("′", self.size) if letter != name else ""
        return _cell(to_dot(letter, self.size) + prime) if name else ""

    def brackets(self, x: str, pair: str = "()") -> str:
        return self.text(pair[0]) + x + self.text(pair[1])

    def fraction(self, x: str, y: str) -> str:
        return _cell(self._fraction(x, y, self.theme.ink))

    def _fraction(self, x: str, y: str, color: str) -> str:
        above = _rows(x)
        return _rows(_cell(above, f' BORDER="1" SIDES="B" COLOR="{color}"'), _cell(_rows(y)))

    def derivative(self, y: str, x: str) -> str:
        # Aligned, the signs stay beside their letters if the row is wider than these.
        sign = self.text("∂").replace("<TD", '<TD ALIGN="RIGHT"', 1)
        above, below = (sign + letter.replace("<TD", '<TD ALIGN="LEFT"', 1) for letter in (y, x))
        return self.in_its_colour(_cell(self._fraction(above, below, self.theme.gradient)))

    def in_its_colour(self, derivative: str) -> str:
        """Cells in the colour of derivatives. Graphviz would not end a colour after a table, but does after a text."""
        parts = re.split(r'(?<=">)([^<]+|<[IB]>[^<]+</[IB]>)(?=</FONT>)', derivative)
        return "".join(self.theme.derivative(part) if i % 2 else part for i, part in enumerate(parts))

    def power(self, x: str, exponent: str, number: float | None) -> str:
        if number is None:
            return _cell(_rows(x + _cell(_rows(exponent), ' VALIGN="TOP"')))
        small = to_dot(f"{number:.0f}".replace("-", "−"), round(0.65 * self.size))
        return _cell(_rows(x + _cell(small, ' VALIGN="TOP"')))

    def root(self, x: str) -> str:
        return self.text("√") + _cell(_rows(x), ' BORDER="1" SIDES="T"')

    def row(self, *entries: str) -> str:
        return self.text("  ").join(_cell(_rows(entry)) for entry in entries)

    def matrix(self, *rows: str) -> str:
        whole = f' ROWSPAN="{len(rows)}"'
        space = _cell("", f' WIDTH="3"{whole}')
        line = f' BORDER="1" COLOR="{self.theme.ink}" WIDTH="4"{whole}'
        left, right = (_cell("", f'{line} SIDES="{side}TB"') for side in "LR")
        first, *others = rows
        return _cell(_rows(space + left + first + right + space, *others))
