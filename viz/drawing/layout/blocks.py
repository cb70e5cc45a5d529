"""Blocks of text in drawings: rows of cells, their size, and their DOT text."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from viz.drawing import dot_labels
from viz.drawing.layout.text_size import Size, label_size
from viz.drawing.themes import Theme


class Cell(NamedTuple):
    """A symbol or any text, the size of its type in points, and whether it is a derivative, which has a colour."""

    text: str
    points: int
    is_derivative: bool = False


Row = tuple[Cell, ...]
Block = tuple[Row, ...]


def block_size(block: Iterable[Row], font: str) -> Size:
    """The width and height of a block, in inches."""
    return _block_size(tuple(block), font)


@lru_cache(maxsize=4096)
def _block_size(block: Block, font: str) -> Size:
    sizes = [[label_size(_hard_spaces(cell.text), cell.points, font) for cell in row] for row in block]
    width = max((sum(width for width, _ in row) for row in sizes), default=0.0)
    return width, sum(max((height for _, height in row), default=0.0) for row in sizes)


def block_to_dot(block: Iterable[Row], theme: Theme) -> str:
    """The rows of a block as rows of an HTML-like table, each with cells of its own widths.

    >>> block_to_dot([(Cell("x", 20), Cell(" =", 20))], Theme())
    '<TR><TD><FONT POINT-SIZE="20"><I>x</I></FONT></TD><TD><FONT POINT-SIZE="20">\xa0=</FONT></TD></TR>'
    """
    rows = ["".join(f"<TD>{_cell_to_dot(cell, theme)}</TD>" for cell in row) for row in block]
    if len(rows) > 1:
        tables = (row if "</TD><TD>" not in row else f"<TD>{table(f'<TR>{row}</TR>')}</TD>" for row in rows)
        return "".join(f"<TR>{row}</TR>" for row in tables)
    return "".join(f"<TR>{row}</TR>" for row in rows)


def table(rows: str, attributes: str = "") -> str:
    """Rows as an HTML-like table without space between its cells."""
    return dot_labels.HTML_TABLE.format(attributes, rows)


def _cell_to_dot(cell: Cell, theme: Theme) -> str:
    fragment = dot_labels.to_dot(_hard_spaces(cell.text), cell.points)
    return theme.derivative(fragment) if cell.is_derivative else fragment


def _hard_spaces(text: str) -> str:
    """The text with spaces at its ends that Graphviz keeps."""
    inner = text.strip(" ")
    before = len(text) - len(text.lstrip(" "))
    return "\u00a0" * before + inner + "\u00a0" * (len(text) - before - len(inner))
