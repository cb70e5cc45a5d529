"""Writing shapes at given positions as DOT text.

Positions are points (x, y), in inches, given for the direction LR; the canvas rotates them to the direction of the
picture. An `offset` is not rotated, since text always runs from left to right.

Graphviz takes all positions as they are (its layout engine is nop2), and draws straight arrows from rim to rim.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import graphviz

from engine._support import checks
from viz.drawing import dot_labels
from viz.drawing.dot_formulas import rows_size
from viz.drawing.drawing import DIRECTIONS, sizes_of_type
from viz.drawing.layout.boxes import Box, Point, box_around
from viz.drawing.themes import THEMES, Theme

# In inches.
PAD = 0.15  # around the picture
TEXT_MARGIN = 0.025  # between a text and the lines that it hides, at its sides; less than the gap around labels

LabelRow = tuple[str, ...]  # each label is a symbol or any text


class FontSize:
    """The sizes of type, in points."""

    SYMBOL, ARROW_SYMBOL, NUMBER = 20, 16, 14
    NOTE, HEADING, DOTS = 14, 20, 32


RING_WIDTH = 4.0  # in points, in a theme whose lines are one point wide


class Canvas:
    """A drawing to which shapes are added. Raises ValueError for an unknown direction.

    Attributes:
        direction: "LR", "RL", "TB" or "BT".
        theme: The colours, lines, font and size.

    >>> canvas = Canvas("TB")
    >>> canvas.circle("n1", (2.3, 0.5), (0.475, 0.475))
    >>> canvas.source.splitlines()[-2].strip()
    'n1 [label="" height=0.95 pos="-36,-165.6" width=0.95]'
    """

    def __init__(self, direction: str = "LR", theme: Theme = THEMES["light"]) -> None:
        checks.check_choice(direction, DIRECTIONS, "direction")
        self.direction = direction
        self.theme = theme
        graph = {"layout": "nop2", "splines": "line", "outputorder": "edgesfirst", "pad": f"{PAD:g}"} | theme.graph()
        nodes = {"shape": "ellipse", "style": "filled", "fillcolor": theme.fill, "fixedsize": "shape", "margin": "0"}
        edges = {"arrowsize": "0.7"} | theme.edges()
        self._dot = graphviz.Digraph(graph_attr=graph, node_attr=nodes | theme.nodes(), edge_attr=edges)
        self._boxes: list[Box] = []  # of shapes
        self._texts: list[tuple[str, Point]] = []  # rows of HTML-like tables, and their middles

    @property
    def is_horizontal(self) -> bool:
        """Whether the picture leads to the right or to the left."""
        return self.direction in ("LR", "RL")

    @property
    def source(self) -> str:
        """The drawing as DOT text."""
        return str(self._dot.source)

    def circle(self, name: str, at: Point, halves: Point, inside: str = "", **style: str) -> None:
        """Add an ellipse of half a width and half a height; `inside` is an HTML-like label."""
        self._boxes.append(Box(*self.on_page(at), *halves))
        width, height = (f"{2 * half:.4g}" for half in halves)
        self._dot.node(name, inside and f"<{inside}>", pos=self._position(at), width=width, height=height, **style)

    def ring(self, name: str, at: Point, halves: Point, half: int | None, is_visible: bool) -> None:
        """Add a ring around a circle, or around its left half, 0, or right one, 1; the circle is to be added later.

        It is a disc below the circle, which is filled with two colours, one of them transparent.
        """
        colors = [self.theme.mark, "transparent"]
        fill = self.theme.mark if half is None else ":".join([f"{colors[half]};0.5", colors[1 - half]])
        thickness = RING_WIDTH * self.theme.width / 72
        style = {"style": "filled" if is_visible else "invis", "fillcolor": fill, "penwidth": "0"}
        self.circle(name, at, (halves[0] + thickness, halves[1] + thickness), **style)

    def text(self, name: str, labels: LabelRow, size: int, at: Point, offset: Point = (0.0, 0.0), **style: str) -> None:
        """Add labels in a row, which hide the lines below them. `style` are attributes of Graphviz."""
        self.rows(name, format_label_row(labels, size), at, offset, **style)

    def rows(self, name: str, rows: str, at: Point, offset: Point = (0.0, 0.0), **style: str) -> None:
        """Add rows of an HTML-like table, which hide the lines below them. `style` are attributes of Graphviz."""
        label = "<" + dot_labels.HTML_TABLE.format("", rows) + ">"
        shape = {"shape": "plaintext", "fixedsize": "false", "width": "0", "height": "0"}
        shape |= {"fillcolor": self.theme.behind, "margin": f"{TEXT_MARGIN:g},0"}
        x, y = self.on_page(at)
        self._texts.append((rows, (x + offset[0], y + offset[1])))
        position = self._position(at, offset)
        self._dot.node(name, label, pos=position, **shape | style)

    def disc(self, name: str, text: str, at: Point, offset: Point = (0.0, 0.0)) -> None:
        """Add a small disc with text in it."""
        x, y = self.on_page(at)
        self._boxes.append(Box(x + offset[0], y + offset[1], 0.16, 0.16))
        color = self.theme.disc
        style = {"color": color, "fillcolor": color, "fontcolor": self.theme.behind, "fontsize": "15"}
        self._dot.node(name, text, pos=self._position(at, offset), width="0.32", height="0.32", **style)

    def point(self, name: str, at: Point, offset: Point = (0.0, 0.0)) -> None:
        """Add an invisible point, where lines can end."""
        self._dot.node(name, "", pos=self._position(at, offset), shape="point", width="0.01", style="invis")

    def line(self, tail: str, head: str, **style: str) -> None:
        """Add a straight arrow from one shape or point to another; with `dir="none"`, a line."""
        self._dot.edge(tail, head, **style)

    def curve(self, tail: str, head: str, points: Sequence[Point], tip: Point, **style: str) -> None:
        """Add an arrow along Bézier curves, end to end, by their control points on the page, and up to its tip."""
        self._boxes += [Box(*point, 0.0, 0.0) for point in points]
        at = " ".join(_format_point(point) for point in points)
        self._dot.edge(tail, head, pos=f"e,{_format_point(tip)} {at}", **style)

    def scale_to(self, points: float) -> None:
        """Scale the finished picture such that its smallest type has this size.

        Invisible points at its corners let Graphviz find the size that is computed here.
        """
        sizes = [rows_size(rows, self.theme.font) for rows, _ in self._texts]
        texts = [
            Box(x, y, width / 2 + TEXT_MARGIN, height / 2)
            for (_, (x, y)), (width, height) in zip(self._texts, sizes, strict=True)
        ]
        box, factor = box_around(self._boxes + texts), points / min(sizes_of_type(self.source), default=points)
        for name, side in (("k1", -1), ("k2", 1)):
            corner = _format_point((box.x + side * box.half_width, box.y + side * box.half_height))
            self._dot.node(name, "", pos=corner, shape="point", width="0.01", style="invis")
        width, height = (factor * 2 * (half + PAD) for half in (box.half_width, box.half_height))
        self._dot.attr("graph", size=f"{width:.6g},{height:.6g}!")

    def on_page(self, at: Point) -> Point:
        """A position on the page, where y grows upwards."""
        x, y = at
        return {"LR": (x, y), "RL": (-x, y), "TB": (-y, -x), "BT": (-y, x)}[self.direction]

    def _position(self, at: Point, offset: Point = (0.0, 0.0)) -> str:
        x, y = self.on_page(at)
        return _format_point((x + offset[0], y + offset[1]))


def _format_point(at: Point) -> str:
    """A point in the unit of Graphviz, of which an inch has 72."""
    return f"{72 * at[0] + 0.0:.5g},{72 * at[1] + 0.0:.5g}"


def format_table_row(cells: Iterable[str]) -> str:
    """Return HTML-like fragments as a row of a table."""
    return f"<TR>{''.join(f'<TD>{cell}</TD>' for cell in cells)}</TR>"


def format_label_row(labels: LabelRow, size: int) -> str:
    """Return labels as a row of an HTML-like table.

    >>> format_label_row(("x", " ="), 20)
    '<TR><TD><FONT POINT-SIZE="20"><I>x</I></FONT></TD><TD><FONT POINT-SIZE="20">\xa0=</FONT></TD></TR>'
    """
    # Graphviz drops ordinary spaces at the ends of a cell.
    return format_table_row(dot_labels.to_dot(label.replace(" ", "\u00a0"), size) for label in labels)
