"""Circles and arrows: a network as a picture, with positions of our own, in the paper's style.

This file knows nothing of graphs of `Value`s. It is given circles in columns, arrows between them, and what stands
around them; `viz.placing` says where they stand, and `viz.canvas` writes the DOT. Lengths are inches.
"""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass, field

from viz import lettering
from viz.canvas import Canvas, Point, Words, row
from viz.drawing import Drawing
from viz.placing import (
    EDGE_SYMBOL,
    MOST_LABELS,
    NOTE,
    NUMBER,
    SYMBOL,
    Arrow,
    Circle,
    Group,
    Half,
    Labels,
    bias_width,
    detour,
    edge_size,
    fill,
    place,
)
from viz.theme import THEMES, Theme

HEADING, DOTS = 20, 32
ABOVE, BESIDE = 0.45, 0.65  # from one row above the circles to the next; beside them, if the picture leads downwards
DISC = 0.42  # between steps that need not stand above halves
OVER = 0.4  # by which a sweep is longer, at either end, than from the middle of a column to that of another
LINE = 0.35  # from one note to the next
CUT = 0.3  # of an arrow is drawn at either end if it is cut


@dataclass(frozen=True)
class Sweep:
    """A long thick arrow above the columns `first` to `last`, with a title: which way the numbers are computed."""

    title: str
    first: float
    last: float
    is_backward: bool = False


@dataclass
class Picture:
    """Circles and arrows, and what stands above them.

    Attributes:
        circles: Those of a column stand in it from top to bottom.
        arrows: Between the circles.
        headings: Words above a column; above 0.5 is above the middle between columns 0 and 1.
        steps: The numbers over each column, from left to right: one, or one for each half of its circles; 0 is not
            shown.
        sweeps: The long arrows on top.
        notes: Lines below the picture.
        breadth: Of the room for the notes, at least; it stays as it is when they change.

    >>> x, y = Circle((Half("x"),), 0), Circle((Half("y"),), 1)
    >>> drawing = Picture([x, y], [Arrow(x, y, "w_1")]).draw()
    >>> x.x, y.x
    (0.0, 2.3)
    """

    circles: list[Circle]
    arrows: list[Arrow]
    headings: dict[float, Words] = field(default_factory=dict)
    steps: dict[int, tuple[int, ...]] = field(default_factory=dict)
    sweeps: list[Sweep] = field(default_factory=list)
    notes: list[Words] = field(default_factory=list)
    breadth: float = 0.0

    def draw(self, direction: str = "LR", format: str = "svg", theme: Theme = THEMES["light"]) -> Drawing:
        """Place the circles column by column and draw them. Raises ValueError for an unknown direction or format."""
        canvas = Canvas(direction, theme)
        groups: dict[Group, list[Arrow]] = defaultdict(list)
        for arrow in self.arrows:
            groups[arrow.columns].append(arrow)
        labels = place(self.circles, groups, canvas.is_level)
        if isinstance(theme.size, (tuple, list)) and len(theme.size) == 2:
            fill(self.circles, *(theme.size if canvas.is_level else theme.size[::-1]))
        names = {circle: f"n{i}" for i, circle in enumerate(self.circles, 1)}
        for circle, name in names.items():
            _draw_circle(canvas, name, circle)
        for i, arrow in enumerate(self.arrows, 1):
            columns, ends = arrow.columns, (names[arrow.tail], names[arrow.head])
            if len(groups[columns]) > MOST_LABELS:
                thin = {"color": theme.dense, "penwidth": theme.thick(0.5)}
                canvas.line(*ends, arrow.is_faint, **(thin | _mark(canvas, arrow)))
            elif arrow.is_cut:
                _draw_stubs(canvas, f"e{i}", ends, arrow)
            else:
                corners = detour(arrow, self.circles, lane=i)
                _draw_arrow(canvas, i, ends, arrow, corners, labels[columns])
        self._draw_above(canvas)
        self._draw_notes(canvas)
        return Drawing(canvas.source, format)

    def _draw_above(self, canvas: Canvas) -> None:
        """From the bottom up: headings, steps, sweeps; and dots where arrows are cut."""
        tops = (circle.y + circle.radius + (0.25 if circle.above else 0.0) for circle in self.circles)
        y = max(tops, default=0.0)
        away = ABOVE if canvas.is_level else BESIDE
        if self.headings:
            y += away
            for i, (column, words) in enumerate(self.headings.items(), 1):
                canvas.text(f"h{i}", words, HEADING, (self._x(column), y))
        if self.steps:
            y += away
            for column, numbers in self.steps.items():
                widest = max(circle.radius for circle in self.circles if circle.column == column)
                apart = widest if canvas.is_level else DISC
                for i, number in enumerate(numbers):
                    aside = (i - (len(numbers) - 1) / 2) * apart
                    if number:
                        canvas.disc(f"s{column}_{i}", str(number), (self._x(column), y), (aside, 0.0))
        for i, sweep in enumerate(self.sweeps, 1):
            _draw_sweep(canvas, f"g{i}", sweep, (self._x(sweep.first), self._x(sweep.last)), y + away)
        cuts = {arrow.columns: arrow.head.is_faint for arrow in self.arrows if arrow.is_cut}
        for i, (columns, is_faint) in enumerate(cuts.items(), 1):
            canvas.text(f"d{i}", ("…",), DOTS, (self._x(sum(columns) / 2), 0.0), fontcolor=_color(canvas, is_faint))

    def _draw_notes(self, canvas: Canvas) -> None:
        """Below the picture, whichever way it leads."""
        if not self.notes:
            return
        xs, ys = [circle.x for circle in self.circles], [circle.y for circle in self.circles]
        away = (
            max(circle.radius for circle in self.circles)
            + LINE
            + (0.2 if any(circle.below for circle in self.circles) else 0.0)
        )
        middle = (min(xs) + max(xs)) / 2
        at = {"TB": (max(xs) + away, 0.0), "BT": (min(xs) - away, 0.0)}.get(canvas.direction, (middle, min(ys) - away))
        if self.breadth:
            canvas.point("left", at, (-self.breadth / 2, 0.0))
            canvas.point("right", at, (self.breadth / 2, 0.0))
        for i, words in enumerate(self.notes):
            canvas.text(f"l{i + 1}", words, NOTE, at, (0.0, -i * LINE), fontcolor=canvas.theme.title)

    def _x(self, column: float) -> float:
        """Where a column stands, or a place between two."""
        before, after = math.floor(column), math.ceil(column)
        places = {circle.column: circle.x for circle in self.circles}
        return places[before] + (column - before) * (places[after] - places[before])


def _color(canvas: Canvas, is_faint: bool) -> str:
    return canvas.theme.faint if is_faint else canvas.theme.ink


def _mark(canvas: Canvas, arrow: Arrow) -> dict[str, str]:
    return canvas.marked if arrow.is_marked else {}


def _draw_circle(canvas: Canvas, name: str, circle: Circle) -> None:
    at, radius = (circle.x, circle.y), circle.radius
    if circle.is_dots:
        canvas.text(name, ("⋮",), DOTS, at, fontcolor=_color(canvas, circle.is_faint))
        return
    faint = {"color": canvas.theme.faint} if circle.is_faint else {}
    style = canvas.marked if circle.is_marked else faint
    canvas.circle(name, at, radius, _inside(circle, canvas.theme), **style)
    if not canvas.is_level:
        _draw_beside(canvas, name, circle)
    elif circle.above:
        words = [word for half in circle.above for word in (half.symbol, half.value and f" = {half.value}") if word]
        canvas.text(f"{name}a", tuple(words), NUMBER + 1, at, (0.0, radius + 0.16))
    if circle.below and canvas.is_level:
        canvas.text(f"{name}b", (circle.below,), NUMBER + 1, at, (0.0, -radius - 0.14))
    if circle.before:
        canvas.text(f"{name}c", circle.before, EDGE_SYMBOL, at, (-radius - 0.35, 0.0))
    if circle.note:
        canvas.point(f"{name}d", at, (-radius / 2, 0.0))
        canvas.text(f"{name}e", circle.note, EDGE_SYMBOL, at, (-radius / 2, -radius - 1.25))
        canvas.line(f"{name}d", f"{name}e", dir="none", color=canvas.theme.tie, penwidth=canvas.theme.thick(0.8))


def _draw_beside(canvas: Canvas, name: str, circle: Circle) -> None:
    """What would stand above and below a circle where arrows come from above: at its left and at its right."""
    at, size = (circle.x, circle.y), NUMBER + 1
    if circle.above:
        rows = [row((text,), size) for half in circle.above for text in (half.symbol, half.value) if text]
        away = circle.radius + bias_width(circle) / 2 + 0.05
        canvas.rows(f"{name}a", "".join(rows), at, (-away, 0.0))
    if circle.below:
        away = circle.radius + lettering.extent(circle.below, size) / 2 + 0.05
        canvas.text(f"{name}b", (circle.below,), size, at, (away, 0.0))


def _draw_arrow(
    canvas: Canvas,
    i: int,
    ends: tuple[str, str],
    arrow: Arrow,
    corners: list[Point],
    labels: Labels,
) -> None:
    """An arrow by way of the corners, with its label on the first straight part, or the second if there are corners."""
    last, clip, mark = ends[0], dict[str, str](), _mark(canvas, arrow)
    for j, corner in enumerate(corners, 1):
        canvas.point(f"e{i}_{j}", corner)
        canvas.line(last, f"e{i}_{j}", arrow.is_faint, dir="none", headclip="false", **clip, **mark)
        last, clip = f"e{i}_{j}", {"tailclip": "false"}  # up to the corner itself, that there are no gaps
    canvas.line(last, ends[1], arrow.is_faint, **clip, **mark)
    if arrow.label:
        stops = [(arrow.tail.x, arrow.tail.y), *corners, (arrow.head.x, arrow.head.y)]
        is_bent = bool(corners)
        (x1, y1), (x2, y2) = stops[is_bent : is_bent + 2]
        part = (i % 3 + 1) / 4 if is_bent else labels.part
        at = (x1 + part * (x2 - x1), y1 + part * (y2 - y1))
        rows = _label_rows(arrow, labels.values, canvas.is_level)
        canvas.rows(f"e{i}", rows, at, (0.0, -0.35 if arrow.is_under else 0.0))


def _label_rows(arrow: Arrow, values: str, is_level: bool) -> str:
    """A label, and its value below it or beside it, where there is room for it."""
    label = row((arrow.label,), edge_size(arrow.label, is_level))
    if not arrow.value or values == "nowhere":
        return label
    if values == "below":
        return label + row((arrow.value,), NUMBER)
    cells = lettering.to_dot(arrow.label, EDGE_SYMBOL), lettering.to_dot(f"\u00a0{arrow.value}", NUMBER)
    return f"<TR>{''.join(f'<TD>{cell}</TD>' for cell in cells)}</TR>"


def _draw_stubs(canvas: Canvas, name: str, ends: tuple[str, str], arrow: Arrow) -> None:
    """The two ends of an arrow that is cut."""
    (x1, y1), (x2, y2) = (arrow.tail.x, arrow.tail.y), (arrow.head.x, arrow.head.y)
    for point, part in (("f", CUT), ("t", 1 - CUT)):
        canvas.point(name + point, (x1 + part * (x2 - x1), y1 + part * (y2 - y1)))
    canvas.line(ends[0], f"{name}f", arrow.is_faint, dir="none")
    canvas.line(f"{name}t", ends[1], arrow.is_faint)


def _draw_sweep(canvas: Canvas, name: str, sweep: Sweep, ends: Point, y: float) -> None:
    left, right = ends[0] - OVER, ends[1] + OVER
    tail, head = (right, left) if sweep.is_backward else (left, right)
    canvas.point(f"{name}f", (tail, y))
    canvas.point(f"{name}t", (head, y))
    canvas.line(f"{name}f", f"{name}t", color=canvas.theme.sweep, penwidth="7", arrowsize="1.1")
    away = 0.27 if canvas.is_level else 0.05 * len(sweep.title) + 0.2
    canvas.text(name, (sweep.title,), EDGE_SYMBOL, (sum(ends) / 2, y + away), fontcolor=canvas.theme.title)


def _inside(circle: Circle, theme: Theme) -> str:
    if not circle.halves:
        return ""
    cells = []
    side = round(72 * circle.radius)
    for i, half in enumerate(circle.halves):
        line = ' BORDER="1" SIDES="L" STYLE="dotted"' if i else ""
        size = f' WIDTH="{side}" HEIGHT="{2 * side}"' if len(circle.halves) == 2 else ""
        cells.append(f"<TD{size}{line}>{_stack(half, theme, is_split=len(circle.halves) == 2)}</TD>")
    return lettering.TABLE.format("", f"<TR>{''.join(cells)}</TR>")


def _stack(half: Half, theme: Theme, is_split: bool) -> str:
    if not half.has_numbers:
        return lettering.to_dot(half.symbol, SYMBOL)
    lines = [lettering.to_dot(half.symbol, SYMBOL)]
    if half.value:
        lines.append(lettering.to_dot(half.value, NUMBER))
    if half.derivative:
        lines.append(theme.derivative(lettering.to_dot(half.derivative, NUMBER)))
    rows = "".join(f"<TR><TD>{line}</TD></TR>" for line in lines)
    if is_split:  # empty rows keep the lines together, and the numbers where the circle is wide
        rows = f'<TR><TD HEIGHT="8"></TD></TR>{rows}<TR><TD HEIGHT="30"></TD></TR>'
    return lettering.TABLE.format("", rows)
