"""Circles and arrows: a network as a picture, with positions of our own, in the paper's style.

This file knows nothing of graphs of `Value`s. It is given circles in columns and arrows between them, places them,
and writes DOT. Lengths are inches, type sizes points.
"""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass, field

import graphviz

from viz import notation
from viz.drawing import Drawing, check_direction

SYMBOL, EDGE_SYMBOL, NUMBER = 20, 16, 10  # sizes of type
ROW = 0.45  # between circles that stand above each other
COLUMN = 2.3  # between columns, at least
STEEPEST = 0.3  # of its height is what stands a tall column away from its neighbours
MOST_LABELS = 20  # on the arrows between two columns; where there are more, none could be read


_TABLE = '<TABLE BORDER="0" CELLBORDER="0" CELLPADDING="0" CELLSPACING="0"{}>{}</TABLE>'


@dataclass(frozen=True)
class Half:
    """What stands in a circle, or in either half of a split one: a symbol, and small numbers below it."""

    symbol: str
    numbers: tuple[str, ...] = ()


@dataclass(eq=False)
class Circle:
    """A node, or a unit: a circle split into a and z. `above` and `below` are small texts beside it."""

    halves: tuple[Half, ...]
    column: int
    is_aside: bool = False  # stands below the others of its column, which are centred without it
    above: str = ""
    below: str = ""
    x: float = field(default=0.0, init=False)
    y: float = field(default=0.0, init=False)

    @property
    def radius(self) -> float:
        """Half the width: wider for a split circle, and for numbers."""
        has_numbers = any(half.numbers for half in self.halves)
        if len(self.halves) == 2:
            return 0.85 if has_numbers else 0.575
        return 0.55 if has_numbers else 0.475


@dataclass(eq=False)
class Arrow:
    """From one circle to another; `label` is a symbol or a number."""

    tail: Circle
    head: Circle
    label: str = ""


def picture(circles: list[Circle], arrows: list[Arrow], direction: str = "LR", format: str = "svg") -> Drawing:
    """Place the circles column by column and draw them.

    Raises ValueError for an unknown direction or format.

    >>> x, y = Circle((Half("x"),), 0), Circle((Half("y"),), 1)
    >>> drawing = picture([x, y], [Arrow(x, y, "w_1")])
    >>> x.x, y.x
    (0.0, 2.3)
    """
    check_direction(direction)
    groups: dict[tuple[int, int], list[Arrow]] = defaultdict(list)
    for arrow in arrows:
        groups[arrow.tail.column, arrow.head.column].append(arrow)
    fractions = {columns: _fraction(group) for columns, group in groups.items()}
    _place(circles, groups, fractions)
    dot = graphviz.Digraph(
        graph_attr={
            "layout": "neato",
            "splines": "line",
            "outputorder": "edgesfirst",
            "bgcolor": "white",
            "pad": "0.15",
        },
        node_attr={
            "shape": "circle",
            "style": "filled",
            "fillcolor": "white",
            "fixedsize": "shape",
            "margin": "0",
            "fontname": "Times",
        },
        edge_attr={"arrowsize": "0.7"},
    )
    names = {circle: f"n{i}" for i, circle in enumerate(circles, 1)}
    for circle, name in names.items():
        position = _position(circle.x, circle.y, direction)
        dot.node(name, f"<{_inside(circle)}>", pos=position, width=f"{2 * circle.radius:g}")
        for text, offset in ((circle.above, circle.radius + 0.16), (circle.below, -circle.radius - 0.14)):
            if text:
                beside = _position(circle.x, circle.y, direction, offset)
                _text_node(dot, f"{name}{'a' if offset > 0 else 'b'}", text, NUMBER + 1, beside)
    for i, arrow in enumerate(arrows, 1):
        columns = (arrow.tail.column, arrow.head.column)
        if len(groups[columns]) > MOST_LABELS:
            dot.edge(names[arrow.tail], names[arrow.head], color="gray50", penwidth="0.5")
            continue
        stops = [(arrow.tail.x, arrow.tail.y), *_detour(arrow, circles, lane=i), (arrow.head.x, arrow.head.y)]
        last = names[arrow.tail]
        for j, (x, y) in enumerate(stops[1:-1], 1):
            corner = f"e{i}_{j}"
            dot.node(corner, "", pos=_position(x, y, direction), shape="point", width="0.01", style="invis")
            dot.edge(last, corner, dir="none")
            last = corner
        dot.edge(last, names[arrow.head])
        if arrow.label:
            is_bent = len(stops) > 2
            part = (i % 3 + 1) / 4 if is_bent else fractions[columns]
            (x1, y1), (x2, y2) = stops[is_bent : is_bent + 2]
            x, y = x1 + part * (x2 - x1), y1 + part * (y2 - y1)
            _text_node(dot, f"e{i}", arrow.label, EDGE_SYMBOL, _position(x, y, direction))
    return Drawing(dot.source, format)


def _fraction(arrows: list[Arrow]) -> float:
    """How far along the arrows between two columns their labels stand.

    With n heads, labels at 1/(n+1) are furthest apart, wherever the arrows cross; 0.36 serves for two.
    """
    heads, tails = {arrow.head for arrow in arrows}, {arrow.tail for arrow in arrows}
    if len(heads) == 1 or len(tails) == 1:
        return 0.5
    return 0.36 if len(heads) == 2 else 1.0 / (len(heads) + 1)


def _place(
    circles: list[Circle], groups: dict[tuple[int, int], list[Arrow]], fractions: dict[tuple[int, int], float]
) -> None:
    """Set the positions: columns far enough apart for the labels, each centred around the middle line."""
    columns: dict[int, list[Circle]] = defaultdict(list)
    for circle in circles:
        columns[circle.column].append(circle)
    row = ROW + 2 * max(circle.radius for circle in circles)
    x = 0.0
    for number in sorted(columns):
        column = columns[number]
        group = (number - 1, number)
        if number > min(columns):
            wanted = 0.0
            if 0 < len(groups[group]) <= MOST_LABELS:
                wanted = max(arrow.tail.radius + _half_width(arrow.label) for arrow in groups[group]) / fractions[group]
            tallest = max(len(column), len(columns[number - 1])) * row
            x += max(COLUMN, wanted, STEEPEST * tallest)
        upright = [circle for circle in column if not circle.is_aside]
        top = (len(upright) - 1) / 2 * row
        for i, circle in enumerate(upright + [circle for circle in column if circle.is_aside]):
            circle.x, circle.y = x, top - i * row


def _half_width(label: str) -> float:
    """About half the width of a label on an arrow, with the space around it."""
    return 0.35 if notation.parse(label) else 0.06 * len(label) + 0.1


def _detour(arrow: Arrow, circles: list[Circle], lane: int) -> list[tuple[float, float]]:
    """The corners of an arrow that would, straight, pass through a circle: by the nearest gap of every column between.

    Arrows through the same gap have lanes of their own.
    """
    (x1, y1), (x2, y2) = (arrow.tail.x, arrow.tail.y), (arrow.head.x, arrow.head.y)
    columns: dict[float, list[Circle]] = defaultdict(list)
    for circle in circles:
        if arrow.tail.column < circle.column < arrow.head.column:
            columns[circle.x].append(circle)
    corners, is_blocked = [], False
    for x in sorted(columns):
        slope = (y2 - y1) / (x2 - x1)
        y = y1 + slope * (x - x1)
        is_blocked |= any(abs(circle.y - y) < circle.radius * math.hypot(1.0, slope) for circle in columns[x])
        away = max(circle.radius for circle in columns[x]) + ROW / 2
        gaps = [circle.y + side for circle in columns[x] for side in (away, -away)]
        gap = min((abs(gap - y), gap) for gap in gaps)[1] + (lane % 3 - 1) * ROW / 3
        corners += [(x - away, gap), (x + away, gap)]
    return corners if is_blocked else []


def _position(x: float, y: float, direction: str, upwards: float = 0.0) -> str:
    """Where a point of the picture that leads from left to right stands in one of another direction."""
    x, y = {"LR": (x, y), "RL": (-x, y), "TB": (-y, -x), "BT": (-y, x)}[direction]
    return f"{x + 0.0:.4g},{y + upwards + 0.0:.4g}!"


def _inside(circle: Circle) -> str:
    cells = []
    side = round(72 * circle.radius)
    for i, half in enumerate(circle.halves):
        line = ' BORDER="1" SIDES="L" STYLE="dotted"' if i else ""
        size = f' WIDTH="{side}" HEIGHT="{2 * side}"' if len(circle.halves) == 2 else ""
        cells.append(f"<TD{size}{line}>{_stack(half, is_split=len(circle.halves) == 2)}</TD>")
    return _TABLE.format("", f"<TR>{''.join(cells)}</TR>")


def _stack(half: Half, is_split: bool) -> str:
    if not half.numbers:
        return notation.to_dot(half.symbol, SYMBOL)
    lines = [notation.to_dot(half.symbol, SYMBOL), *(notation.to_dot(text, NUMBER) for text in half.numbers)]
    rows = "".join(f"<TR><TD>{line}</TD></TR>" for line in lines)
    if is_split:  # empty rows keep the lines together, and the numbers where the circle is wide
        rows = f'<TR><TD HEIGHT="8"></TD></TR>{rows}<TR><TD HEIGHT="30"></TD></TR>'
    return _TABLE.format("", rows)


def _text_node(dot: graphviz.Digraph, name: str, text: str, size: int, position: str) -> None:
    """Text on white, which hides what runs below it."""
    cell = f"<TR><TD>{notation.to_dot(text, size)}</TD></TR>"
    label = "<" + _TABLE.format(' BGCOLOR="white"', cell) + ">"
    dot.node(name, label, pos=position, shape="plaintext", fixedsize="false", width="0", height="0")
