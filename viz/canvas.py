"""Shapes at places, as DOT text.

A place is a point (x, y), in inches, of the picture that leads from left to right; the canvas turns it into one of
another direction. What stands beside a shape, `aside`, is not turned, for text always runs from left to right.
"""

from __future__ import annotations

import graphviz

from engine import _check
from viz import lettering
from viz.drawing import DIRECTIONS
from viz.theme import THEMES, Theme

Point = tuple[float, float]
Words = tuple[str, ...]  # labels in a row; each is a symbol or any text

_SPACE = "\u00a0"  # Graphviz drops other spaces at the ends of a cell


class Canvas:
    """A drawing in the making. Raises ValueError for an unknown direction.

    Attributes:
        direction: "LR", "RL", "TB" or "BT".
        theme: Its colours, lines, type and size.

    >>> canvas = Canvas("TB")
    >>> canvas.circle("n1", (2.3, 0.5), 0.475)
    >>> canvas.source.splitlines()[-2].strip()
    'n1 [label="" pos="-0.5,-2.3!" width=0.95]'
    """

    def __init__(self, direction: str = "LR", theme: Theme = THEMES["light"]) -> None:
        _check.choice(direction, DIRECTIONS, "direction")
        self.direction = direction
        self.theme = theme
        self._dot = graphviz.Digraph(
            graph_attr={
                "layout": "neato",
                "splines": "line",
                "outputorder": "edgesfirst",
                "pad": "0.15",
                **theme.graph(),
            },
            node_attr={
                "shape": "circle",
                "style": "filled",
                "fillcolor": theme.fill,
                "fixedsize": "shape",
                "margin": "0",
                **theme.nodes(),
            },
            edge_attr={"arrowsize": "0.7", **theme.edges()},
        )

    @property
    def is_level(self) -> bool:
        """Whether the picture leads to the right or to the left."""
        return self.direction in ("LR", "RL")

    @property
    def source(self) -> str:
        """The drawing as DOT text."""
        text: str = self._dot.source
        return text

    @property
    def marked(self) -> dict[str, str]:
        """Attributes of Graphviz for a circle or a line where something happens."""
        return {"color": self.theme.mark, "penwidth": self.theme.thick(2.5)}

    def circle(self, name: str, at: Point, radius: float, inside: str = "", **style: str) -> None:
        """A circle; `inside` is an HTML-like label of Graphviz. `style` has its attributes, such as `color`."""
        self._dot.node(name, inside and f"<{inside}>", pos=self._position(at), width=f"{2 * radius:g}", **style)

    def text(self, name: str, words: Words, size: int, at: Point, aside: Point = (0.0, 0.0), **style: str) -> None:
        """Words that hide what runs below them. `style` has attributes of Graphviz, such as `fontcolor`."""
        self.rows(name, row(words, size), at, aside, **style)

    def rows(self, name: str, rows: str, at: Point, aside: Point = (0.0, 0.0), **style: str) -> None:
        """The same, of rows of an HTML-like table of Graphviz."""
        label = "<" + lettering.TABLE.format(f' BGCOLOR="{self.theme.behind}"', rows) + ">"
        position = self._position(at, aside)
        self._dot.node(name, label, pos=position, shape="plaintext", fixedsize="false", width="0", height="0", **style)

    def disc(self, name: str, text: str, at: Point, aside: Point = (0.0, 0.0)) -> None:
        """A small disc with text in it."""
        color = self.theme.disc
        style = {"color": color, "fillcolor": color, "fontcolor": self.theme.behind, "fontsize": "15"}
        self._dot.node(name, text, pos=self._position(at, aside), width="0.32", **style)

    def point(self, name: str, at: Point, aside: Point = (0.0, 0.0)) -> None:
        """Nothing to be seen, where lines may end."""
        self._dot.node(name, "", pos=self._position(at, aside), shape="point", width="0.01", style="invis")

    def line(self, tail: str, head: str, is_faint: bool = False, **style: str) -> None:
        """An arrow from one shape or point to another; with `dir="none"` a line."""
        thin = {"color": self.theme.faint, "penwidth": self.theme.thick(0.6), "arrowsize": "0.5"}
        faint = thin if is_faint else {}
        self._dot.edge(tail, head, **faint, **style)

    def _position(self, at: Point, aside: Point = (0.0, 0.0)) -> str:
        x, y = at
        x, y = {"LR": (x, y), "RL": (-x, y), "TB": (-y, -x), "BT": (-y, x)}[self.direction]
        return f"{x + aside[0] + 0.0:.4g},{y + aside[1] + 0.0:.4g}!"


def row(words: Words, size: int) -> str:
    """Labels in a row, as a row of an HTML-like table of Graphviz.

    >>> row(("x", " ="), 20)
    '<TR><TD><FONT POINT-SIZE="20"><I>x</I></FONT></TD><TD><FONT POINT-SIZE="20">\xa0=</FONT></TD></TR>'
    """
    cells = (lettering.to_dot(word.replace(" ", _SPACE), size) for word in words)
    return f"<TR>{''.join(f'<TD>{cell}</TD>' for cell in cells)}</TR>"
