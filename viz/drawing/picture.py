"""Circles and arrows: a network as a picture, with positions of our own, in the paper's style.

This file knows nothing of graphs of `Value`s. It is given circles in columns, arrows between them, and what stands
around them; `viz.drawing.layout` says where they stand, and `viz.drawing.canvas` writes the DOT. Lengths are inches.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from viz.drawing import dot_labels
from viz.drawing.canvas import DOTS, EDGE_SYMBOL, HEADING, NOTE, NUMBER, SYMBOL, Canvas, Point, Words, row, table_row
from viz.drawing.dot import Drawing
from viz.drawing.layout import Arrow, Circle, Half, Labels, bias_width, detour, edge_size, fill, place
from viz.drawing.themes import THEMES, Theme

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
        labels = place(self.circles, self.arrows, canvas.is_level)
        if isinstance(theme.size, (tuple, list)):
            fill(self.circles, *(theme.size if canvas.is_level else theme.size[::-1]))
        names = {circle: f"n{i}" for i, circle in enumerate(self.circles, 1)}
        for circle, name in names.items():
            _draw_circle(canvas, name, circle)
        for i, arrow in enumerate(self.arrows, 1):
            ends, way = (names[arrow.tail], names[arrow.head]), labels[arrow.columns]
            style = _style(arrow, way is None, theme)
            if way is None:
                canvas.line(*ends, **style)
            elif arrow.is_cut:
                _draw_stubs(canvas, f"e{i}", ends, arrow, style)
            else:
                corners = detour(arrow, self.circles, lane=i)
                _draw_line(canvas, f"e{i}", ends, corners, style)
                if arrow.label:
                    _draw_label(canvas, i, arrow, corners, way)
        self._draw_above(canvas)
        if self.notes:
            self._draw_notes(canvas)
        return Drawing(canvas.source, format)

    def _draw_above(self, canvas: Canvas) -> None:
        """From the bottom up: headings, steps, sweeps; and dots where arrows are cut."""
        tops = (circle.y + circle.radius + (0.25 if circle.above else 0.0) for circle in self.circles)
        y = max(tops, default=0.0)
        away = ABOVE if canvas.is_level else BESIDE
        if self.headings:
            y += away
        for i, (at, words) in enumerate(self.headings.items(), 1):
            canvas.text(f"h{i}", words, HEADING, (self._x(at), y))
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
            color = canvas.theme.faint if is_faint else canvas.theme.ink
            canvas.text(f"d{i}", ("…",), DOTS, (self._x(sum(columns) / 2), 0.0), fontcolor=color)

    def _draw_notes(self, canvas: Canvas) -> None:
        """Below the picture, whichever way it leads."""
        xs, ys = [circle.x for circle in self.circles], [circle.y for circle in self.circles]
        below = 0.2 if any(circle.below for circle in self.circles) else 0.0
        away = max(circle.radius for circle in self.circles) + LINE + below
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


def _draw_circle(canvas: Canvas, name: str, circle: Circle) -> None:
    """A circle and what stands around it; in a picture that leads downwards, above it means at its left."""
    at, radius, size, theme = circle.at, circle.radius, NUMBER + 1, canvas.theme
    if circle.is_dots:
        canvas.text(name, ("⋮",), DOTS, at, fontcolor=theme.faint if circle.is_faint else theme.ink)
        return
    faint = {"color": theme.faint} if circle.is_faint else {}
    canvas.circle(name, at, radius, _inside(circle, theme), **(theme.marked() if circle.is_marked else faint))
    if circle.above and canvas.is_level:
        words = [word for half in circle.above for word in (half.symbol, half.value and f" = {half.value}") if word]
        canvas.text(f"{name}a", tuple(words), size, at, (0.0, radius + 0.16))
    elif circle.above:
        rows = [row((text,), size) for half in circle.above for text in (half.symbol, half.value) if text]
        canvas.rows(f"{name}a", "".join(rows), at, (-radius - bias_width(circle) / 2 - 0.05, 0.0))
    if circle.below:
        at_right = (radius + dot_labels.extent(circle.below, size) / 2 + 0.05, 0.0)
        canvas.text(f"{name}b", (circle.below,), size, at, (0.0, -radius - 0.14) if canvas.is_level else at_right)
    if circle.before:
        canvas.text(f"{name}c", circle.before, EDGE_SYMBOL, at, (-radius - 0.35, 0.0))
    if circle.note:
        canvas.point(f"{name}d", at, (-radius / 2, 0.0))
        canvas.text(f"{name}e", circle.note, EDGE_SYMBOL, at, (-radius / 2, -radius - 1.25))
        canvas.line(f"{name}d", f"{name}e", dir="none", color=theme.tie, penwidth=theme.thick(0.8))


def _inside(circle: Circle, theme: Theme) -> str:
    """The halves of a circle side by side."""
    if not circle.halves:
        return ""
    side, is_split = round(72 * circle.radius), len(circle.halves) == 2
    size = f' WIDTH="{side}" HEIGHT="{2 * side}"' if is_split else ""
    line = ' BORDER="1" SIDES="L" STYLE="dotted"'
    cells = (
        f"<TD{size}{line if i else ''}>{_stack(half, theme, is_split)}</TD>" for i, half in enumerate(circle.halves)
    )
    return dot_labels.TABLE.format("", f"<TR>{''.join(cells)}</TR>")


def _stack(half: Half, theme: Theme, is_split: bool) -> str:
    """A symbol, and below it the numbers."""
    lines = [dot_labels.to_dot(half.symbol, SYMBOL)]
    if half.value:
        lines.append(dot_labels.to_dot(half.value, NUMBER))
    if half.derivative:
        lines.append(theme.derivative(dot_labels.to_dot(half.derivative, NUMBER)))
    if len(lines) == 1:
        return lines[0]
    rows = "".join(table_row([line]) for line in lines)
    if is_split:  # empty rows keep the lines together, and the numbers where the circle is wide
        rows = f'<TR><TD HEIGHT="8"></TD></TR>{rows}<TR><TD HEIGHT="30"></TD></TR>'
    return dot_labels.TABLE.format("", rows)


def _style(arrow: Arrow, is_dense: bool, theme: Theme) -> dict[str, str]:
    """Attributes of Graphviz for an arrow."""
    style = {}
    if arrow.is_faint:
        style = {"color": theme.faint, "penwidth": theme.thick(0.6), "arrowsize": "0.5"}
    if is_dense:
        style |= {"color": theme.dense, "penwidth": theme.thick(0.5)}
    return style | (theme.marked() if arrow.is_marked else {})


def _draw_line(canvas: Canvas, name: str, ends: tuple[str, str], corners: list[Point], style: dict[str, str]) -> None:
    """An arrow by way of the corners."""
    last, head = ends
    for j, corner in enumerate(corners, 1):
        canvas.point(f"{name}_{j}", corner)
        canvas.line(last, f"{name}_{j}", dir="none", headclip="false", **style)
        last, style = f"{name}_{j}", style | {"tailclip": "false"}  # up to the corner itself, that there are no gaps
    canvas.line(last, head, **style)


def _draw_label(canvas: Canvas, i: int, arrow: Arrow, corners: list[Point], labels: Labels) -> None:
    """A label on the first straight part, or the second if there are corners, and its value if there is room for it."""
    stops = [arrow.tail.at, *corners, arrow.head.at]
    start, end = stops[1:3] if corners else stops
    rows = row((arrow.label,), edge_size(arrow.label, canvas.is_level))
    if arrow.value and labels.values == "below":
        rows += row((arrow.value,), NUMBER)
    elif arrow.value and labels.values == "beside":
        value = dot_labels.to_dot(f"\u00a0{arrow.value}", NUMBER)
        rows = table_row([dot_labels.to_dot(arrow.label, EDGE_SYMBOL), value])
    at = _part_way(start, end, (i % 3 + 1) / 4 if corners else labels.part)
    canvas.rows(f"e{i}", rows, at, (0.0, -0.35 if arrow.is_under else 0.0))


def _draw_stubs(canvas: Canvas, name: str, ends: tuple[str, str], arrow: Arrow, style: dict[str, str]) -> None:
    """The two ends of an arrow that is cut."""
    canvas.point(f"{name}f", _part_way(arrow.tail.at, arrow.head.at, CUT))
    canvas.point(f"{name}t", _part_way(arrow.tail.at, arrow.head.at, 1 - CUT))
    canvas.line(ends[0], f"{name}f", dir="none", **style)
    canvas.line(f"{name}t", ends[1], **style)


def _part_way(start: Point, end: Point, part: float) -> Point:
    return start[0] + part * (end[0] - start[0]), start[1] + part * (end[1] - start[1])


def _draw_sweep(canvas: Canvas, name: str, sweep: Sweep, ends: Point, y: float) -> None:
    left, right = ends[0] - OVER, ends[1] + OVER
    tail, head = (right, left) if sweep.is_backward else (left, right)
    canvas.point(f"{name}f", (tail, y))
    canvas.point(f"{name}t", (head, y))
    canvas.line(f"{name}f", f"{name}t", color=canvas.theme.sweep, penwidth="7", arrowsize="1.1")
    away = 0.27 if canvas.is_level else 0.05 * len(sweep.title) + 0.2
    canvas.text(name, (sweep.title,), EDGE_SYMBOL, (sum(ends) / 2, y + away), fontcolor=canvas.theme.title)
