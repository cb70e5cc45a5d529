"""Circles and arrows: a network as a diagram, with positions of our own, in the paper's style.

This file knows nothing of graphs of `Value`s. It is given circles in columns, arrows between them, and what stands
around them; `viz.drawing.layout` says where they stand, and `viz.drawing.canvas` writes the DOT. Lengths are inches.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from viz.drawing import dot_labels
from viz.drawing.canvas import (
    ARROW_SYMBOL_SIZE,
    DOTS_SIZE,
    HEADING_SIZE,
    NOTE_SIZE,
    NUMBER_SIZE,
    SYMBOL_SIZE,
    Canvas,
    LabelRow,
    Point,
    format_label_row,
    format_table_row,
)
from viz.drawing.drawing import Drawing
from viz.drawing.layout import (
    Arrow,
    Circle,
    LabelPlacement,
    NodeText,
    arrow_label_size,
    bias_width,
    corners_around,
    place_circles,
    stretch_to_fill,
)
from viz.drawing.themes import THEMES, Theme

ROW_HEIGHT, COLUMN_WIDTH = (
    0.45,
    0.65,
)  # from one row above the circles to the next; beside them, if the picture leads downwards
DISC_DISTANCE = 0.42  # between steps that need not stand above halves
OVERHANG = 0.4  # by which a sweep is longer, at either end, than from the middle of a column to that of another
NOTE_LINE_HEIGHT = 0.35  # from one note to the next
STUB_FRACTION = 0.3  # of an arrow is drawn at either end if it is cut


@dataclass(frozen=True)
class PassArrow:
    """A long thick arrow above the columns `first` to `last`, with a title: which way the numbers are computed."""

    title: str
    first: float
    last: float
    is_backward: bool = False


@dataclass
class Diagram:
    """Circles and arrows, and what stands above them.

    Attributes:
        circles: Those of a column stand in it from top to bottom.
        arrows: Between the circles.
        headings: LabelRow above a column; above 0.5 is above the middle between columns 0 and 1.
        steps: The numbers over each column, from left to right: one, or one for each half of its circles; 0 is not
            shown.
        pass_arrows: The long arrows on top.
        notes: Lines below the diagram.
        breadth: Of the room for the notes, at least; it stays as it is when they change.

    >>> x, y = Circle((NodeText("x"),), 0), Circle((NodeText("y"),), 1)
    >>> drawing = Diagram([x, y], [Arrow(x, y, "w_1")]).draw()
    >>> x.x, y.x
    (0.0, 2.3)
    """

    circles: list[Circle]
    arrows: list[Arrow]
    headings: dict[float, LabelRow] = field(default_factory=dict)
    steps: dict[int, tuple[int, ...]] = field(default_factory=dict)
    pass_arrows: list[PassArrow] = field(default_factory=list)
    notes: list[LabelRow] = field(default_factory=list)
    breadth: float = 0.0

    def draw(self, direction: str = "LR", format: str = "svg", theme: Theme = THEMES["light"]) -> Drawing:
        """Place the circles column by column and draw them. Raises ValueError for an unknown direction or format."""
        canvas = Canvas(direction, theme)
        labels = place_circles(self.circles, self.arrows, canvas.is_level)
        if isinstance(theme.size, (tuple, list)):
            stretch_to_fill(self.circles, *(theme.size if canvas.is_level else theme.size[::-1]))
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
                corners = corners_around(arrow, self.circles, lane=i)
                _draw_line(canvas, f"e{i}", ends, corners, style)
                if arrow.label:
                    _draw_label(canvas, i, arrow, corners, way)
        self._draw_above(canvas)
        if self.notes:
            self._draw_notes(canvas)
        return Drawing(canvas.source, format)

    def _draw_above(self, canvas: Canvas) -> None:
        """From the bottom up: headings, steps, pass_arrows; and dots where arrows are cut."""
        tops = (circle.y + circle.radius + (0.25 if circle.above else 0.0) for circle in self.circles)
        y = max(tops, default=0.0)
        away = ROW_HEIGHT if canvas.is_level else COLUMN_WIDTH
        if self.headings:
            y += away
        for i, (at, words) in enumerate(self.headings.items(), 1):
            canvas.text(f"h{i}", words, HEADING_SIZE, (self._x(at), y))
        if self.steps:
            y += away
        for column, numbers in self.steps.items():
            widest = max(circle.radius for circle in self.circles if circle.column == column)
            apart = widest if canvas.is_level else DISC_DISTANCE
            for i, number in enumerate(numbers):
                aside = (i - (len(numbers) - 1) / 2) * apart
                if number:
                    canvas.disc(f"s{column}_{i}", str(number), (self._x(column), y), (aside, 0.0))
        for i, pass_arrow in enumerate(self.pass_arrows, 1):
            _draw_pass_arrow(
                canvas, f"g{i}", pass_arrow, (self._x(pass_arrow.first), self._x(pass_arrow.last)), y + away
            )
        cuts = {arrow.columns: arrow.head.is_faint for arrow in self.arrows if arrow.is_cut}
        for i, (columns, is_faint) in enumerate(cuts.items(), 1):
            color = canvas.theme.faint if is_faint else canvas.theme.ink
            canvas.text(f"d{i}", ("…",), DOTS_SIZE, (self._x(sum(columns) / 2), 0.0), fontcolor=color)

    def _draw_notes(self, canvas: Canvas) -> None:
        """Below the picture, whichever way it leads."""
        xs, ys = [circle.x for circle in self.circles], [circle.y for circle in self.circles]
        below = 0.2 if any(circle.below for circle in self.circles) else 0.0
        away = max(circle.radius for circle in self.circles) + NOTE_LINE_HEIGHT + below
        middle = (min(xs) + max(xs)) / 2
        at = {"TB": (max(xs) + away, 0.0), "BT": (min(xs) - away, 0.0)}.get(canvas.direction, (middle, min(ys) - away))
        if self.breadth:
            canvas.point("left", at, (-self.breadth / 2, 0.0))
            canvas.point("right", at, (self.breadth / 2, 0.0))
        for i, words in enumerate(self.notes):
            canvas.text(f"l{i + 1}", words, NOTE_SIZE, at, (0.0, -i * NOTE_LINE_HEIGHT), fontcolor=canvas.theme.title)

    def _x(self, column: float) -> float:
        """Where a column stands, or a place between two."""
        before, after = math.floor(column), math.ceil(column)
        places = {circle.column: circle.x for circle in self.circles}
        return places[before] + (column - before) * (places[after] - places[before])


def _draw_circle(canvas: Canvas, name: str, circle: Circle) -> None:
    """A circle and what stands around it; in a picture that leads downwards, above it means at its left."""
    at, radius, size, theme = circle.at, circle.radius, NUMBER_SIZE + 1, canvas.theme
    if circle.is_dots:
        canvas.text(name, ("⋮",), DOTS_SIZE, at, fontcolor=theme.faint if circle.is_faint else theme.ink)
        return
    faint = {"color": theme.faint} if circle.is_faint else {}
    canvas.circle(name, at, radius, _inside(circle, theme), **(theme.marked() if circle.is_marked else faint))
    if circle.above and canvas.is_level:
        words = [word for half in circle.above for word in (half.symbol, half.value and f" = {half.value}") if word]
        canvas.text(f"{name}a", tuple(words), size, at, (0.0, radius + 0.16))
    elif circle.above:
        rows = [format_label_row((text,), size) for half in circle.above for text in (half.symbol, half.value) if text]
        canvas.rows(f"{name}a", "".join(rows), at, (-radius - bias_width(circle) / 2 - 0.05, 0.0))
    if circle.below:
        at_right = (radius + dot_labels.label_width(circle.below, size) / 2 + 0.05, 0.0)
        canvas.text(f"{name}b", (circle.below,), size, at, (0.0, -radius - 0.14) if canvas.is_level else at_right)
    if circle.before:
        canvas.text(f"{name}c", circle.before, ARROW_SYMBOL_SIZE, at, (-radius - 0.35, 0.0))
    if circle.note:
        canvas.point(f"{name}d", at, (-radius / 2, 0.0))
        canvas.text(f"{name}e", circle.note, ARROW_SYMBOL_SIZE, at, (-radius / 2, -radius - 1.25))
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
    return dot_labels.HTML_TABLE.format("", f"<TR>{''.join(cells)}</TR>")


def _stack(half: NodeText, theme: Theme, is_split: bool) -> str:
    """A symbol, and below it the numbers."""
    lines = [dot_labels.to_dot(half.symbol, SYMBOL_SIZE)]
    if half.value:
        lines.append(dot_labels.to_dot(half.value, NUMBER_SIZE))
    if half.derivative:
        lines.append(theme.derivative(dot_labels.to_dot(half.derivative, NUMBER_SIZE)))
    if len(lines) == 1:
        return lines[0]
    rows = "".join(format_table_row([line]) for line in lines)
    if is_split:  # empty rows keep the lines together, and the numbers where the circle is wide
        rows = f'<TR><TD HEIGHT="8"></TD></TR>{rows}<TR><TD HEIGHT="30"></TD></TR>'
    return dot_labels.HTML_TABLE.format("", rows)


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


def _draw_label(canvas: Canvas, i: int, arrow: Arrow, corners: list[Point], labels: LabelPlacement) -> None:
    """A label on the first straight part, or the second if there are corners, and its value if there is room for it."""
    stops = [arrow.tail.at, *corners, arrow.head.at]
    start, end = stops[1:3] if corners else stops
    rows = format_label_row((arrow.label,), arrow_label_size(arrow.label, canvas.is_level))
    if arrow.value and labels.values == "below":
        rows += format_label_row((arrow.value,), NUMBER_SIZE)
    elif arrow.value and labels.values == "beside":
        value = dot_labels.to_dot(f"\u00a0{arrow.value}", NUMBER_SIZE)
        rows = format_table_row([dot_labels.to_dot(arrow.label, ARROW_SYMBOL_SIZE), value])
    at = _part_way(start, end, (i % 3 + 1) / 4 if corners else labels.part)
    canvas.rows(f"e{i}", rows, at, (0.0, -0.35 if arrow.is_under else 0.0))


def _draw_stubs(canvas: Canvas, name: str, ends: tuple[str, str], arrow: Arrow, style: dict[str, str]) -> None:
    """The two ends of an arrow that is cut."""
    canvas.point(f"{name}f", _part_way(arrow.tail.at, arrow.head.at, STUB_FRACTION))
    canvas.point(f"{name}t", _part_way(arrow.tail.at, arrow.head.at, 1 - STUB_FRACTION))
    canvas.line(ends[0], f"{name}f", dir="none", **style)
    canvas.line(f"{name}t", ends[1], **style)


def _part_way(start: Point, end: Point, part: float) -> Point:
    return start[0] + part * (end[0] - start[0]), start[1] + part * (end[1] - start[1])


def _draw_pass_arrow(canvas: Canvas, name: str, pass_arrow: PassArrow, ends: Point, y: float) -> None:
    left, right = ends[0] - OVERHANG, ends[1] + OVERHANG
    tail, head = (right, left) if pass_arrow.is_backward else (left, right)
    canvas.point(f"{name}f", (tail, y))
    canvas.point(f"{name}t", (head, y))
    canvas.line(f"{name}f", f"{name}t", color=canvas.theme.sweep, penwidth="7", arrowsize="1.1")
    away = 0.27 if canvas.is_level else 0.05 * len(pass_arrow.title) + 0.2
    canvas.text(name, (pass_arrow.title,), ARROW_SYMBOL_SIZE, (sum(ends) / 2, y + away), fontcolor=canvas.theme.title)
