"""Formulas in drawings: cells in a row of an HTML-like table of Graphviz, whose letters are those of the circles."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from xml.etree.ElementTree import Element, fromstring

from engine.symbolic.expression import Expression
from viz.drawing.dot_labels import HTML_TABLE, to_dot
from viz.math.formats import Format, Grid
from viz.math.formats.text import PlainText
from viz.math.formulas import format_formula


def formula_to_dot(formula: Expression, size: int, digits: int, short: Mapping[str, str] | None = None) -> str:
    r"""Return the formula as cells for a row of a table. `size` is that of its type, in points.

    >>> from engine import NamedGraph, Value
    >>> y = Value(2.0, "x") + 1
    >>> re.findall(">([^<]+)<", formula_to_dot(NamedGraph(y).relation(y), 14, digits=4))
    ['x', '\xa0+\xa0', '1']
    """
    return format_formula(formula, DotFormat(size), short, digits)


def row_width(cells: str) -> float:
    """Return the approximate width of the cells of a row, in inches.

    >>> one, ten = (row_width(f'<TD><FONT POINT-SIZE="14">{text}</FONT></TD>') for text in ("x", "1234567890"))
    >>> round(ten / one), 0.8 < ten < 1.1
    (10, True)
    """
    return _width_of(fromstring(f"<TD>{HTML_TABLE.format('', f'<TR>{cells}</TR>')}</TD>".replace("&#160;", " "))) / 72


def _width_of(element: Element) -> float:
    """The width of a part of an HTML-like label, in points."""
    if element.tag == "TABLE":  # a cell of two rows stands beside the other cells of both
        high, rows = 0.0, []
        for row in element:
            widths = [(cell.get("ROWSPAN"), _width_of(cell)) for cell in row]
            high += sum(width for span, width in widths if span)
            rows.append(sum(width for span, width in widths if not span))
        return high + max(rows)
    if element.tag == "FONT":
        text = "".join(element.itertext())
        return float(element.attrib["POINT-SIZE"]) * sum(0.25 if letter.isspace() else 0.52 for letter in text)
    return sum(map(_width_of, element))


def _cell(text: str, attributes: str = "") -> str:
    return f"<TD{attributes}>{text}</TD>"


def _table(*rows: str) -> str:
    """A cell with a table of these rows, each of which is made of cells."""
    return _cell(HTML_TABLE.format("", "".join(f"<TR>{row}</TR>" for row in rows)))


def _cells_from(template: str) -> Callable[..., str]:
    """A method that fills a template with pieces, which are cells; the text between them becomes cells, too."""

    def write(self: DotFormat, *pieces: str) -> str:
        parts = re.split(r"\{(\d)\}", template)
        return "".join(pieces[int(part)] if i % 2 else part and self.text(part) for i, part in enumerate(parts))

    return write


class DotFormat(Format):
    """Rows of cells. A fraction is a table of two rows; an exponent is small, as an index is.

    Args:
        size: The size of type, in points.
    """

    name = "dot"
    max_length = 20_000
    is_stacked = True

    def __init__(self, size: int) -> None:
        self.size = size
        self.comma, self.dots, self.half = map(self.text, (", ", "⋯", "½"))

    infix = _cells_from("{0}{1}{2}")
    beside = _cells_from("{0}{1}")
    spaced = _cells_from("{0}\u00a0{1}")
    cases = _cells_from("{1} if {0} else {2}")
    transposed = _cells_from("{0}ᵀ")
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
        prime = to_dot("'", self.size) if letter != name else ""
        return _cell(to_dot(letter, self.size) + prime) if name else ""

    def brackets(self, x: str, pair: str = "()") -> str:
        return self.text(pair[0]) + x + self.text(pair[1])

    def fraction(self, x: str, y: str) -> str:
        above = HTML_TABLE.format("", f"<TR>{x}</TR>")
        return _table(_cell(above, ' BORDER="1" SIDES="B"'), _table(y))

    def derivative(self, y: str, x: str) -> str:
        # Aligned, the signs stay beside their letters if the row is wider than these.
        sign = self.text("∂").replace("<TD", '<TD ALIGN="RIGHT"', 1)
        return self.fraction(*(sign + letter.replace("<TD", '<TD ALIGN="LEFT"', 1) for letter in (y, x)))

    def power(self, x: str, exponent: str, number: float | None) -> str:
        if number is None:
            return _table(x + _cell(HTML_TABLE.format("", f"<TR>{exponent}</TR>"), ' VALIGN="TOP"'))
        small = to_dot(f"{number:.0f}".replace("-", "−"), round(0.65 * self.size))
        return _table(x + _cell(small, ' VALIGN="TOP"'))

    def root(self, x: str) -> str:
        return self.text("√") + _cell(HTML_TABLE.format("", f"<TR>{x}</TR>"), ' BORDER="1" SIDES="T"')

    def row(self, *entries: str) -> str:
        return self.comma.join(entries)

    def matrix(self, *rows: str) -> str:
        return self.brackets(self.text("; ").join(rows), "[]")

    def table(self, grid: Grid) -> str:
        raise NotImplementedError("drawings do not have tables")

    def document(self, grids: Sequence[Grid]) -> str:
        raise NotImplementedError("drawings do not have tables")
