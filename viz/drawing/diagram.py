"""Drawing a diagram: circles in columns, arrows between them, and headings, step numbers and notes around them.

Diagrams are independent of graphs of `Value`s. `viz.drawing.layout` computes the positions, in inches, and
`viz.drawing.canvas` writes the DOT text.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from engine.symbolic.expression import Expression
from viz.drawing import dot_labels, layout
from viz.drawing.canvas import Canvas, FontSize, LabelRow, Point, format_label_row, format_table_row
from viz.drawing.dot_formulas import formula_to_dot, row_height
from viz.drawing.drawing import Drawing
from viz.drawing.layout import Arrow, Circle, LabelPlacement, NodeText
from viz.drawing.themes import THEMES, Theme

# Lengths in inches.
HEADER_HEIGHT, HEADER_WIDTH = 0.45, 0.65  # of a row of headings or steps, if it is above the circles or beside them
DISC_DISTANCE = 0.42  # between the steps of a column, if they are not above its halves
OVERHANG = 0.4  # of a pass arrow, beyond the centres of the first and last columns
NOTE_LINE_HEIGHT = 0.35
CAPTION_LINES = 1.75  # from a title to the middle of the formula below it, in sizes of its type
STUB_FRACTION = 0.3  # of an arrow that is cut, drawn at either end


@dataclass(frozen=True)
class PassArrow:
    """A long thick arrow above the columns `first` to `last`, with a title, in the direction of a pass."""

    title: str
    first: float
    last: float
    is_backward: bool = False


@dataclass(frozen=True)
class Caption:
    """A title below the circles, and below it a formula: cells of an HTML-like row, whose type has a size in points."""

    title: str
    formula: str
    size: int


@dataclass(frozen=True)
class FormulaNote:
    """A formula below the circles, with this many digits; `instance` stands before it, such as k = 2, i = 1."""

    formula: Expression
    digits: int
    instance: Expression | None = None

    def cells(self, theme: Theme) -> str:
        """The cells of an HTML-like row."""
        parts = [part for part in (self.instance, self.formula) if part is not None]
        colon = format_label_row((":  ",), FontSize.ARROW_SYMBOL).removeprefix("<TR>").removesuffix("</TR>")
        return colon.join(formula_to_dot(part, FontSize.ARROW_SYMBOL, self.digits, theme=theme) for part in parts)


@dataclass
class Diagram:
    """Circles and arrows, with headings above and notes below.

    Attributes:
        circles: The circles; those of a column are in order from top to bottom.
        arrows: The arrows between them.
        headings: The text above each column; 0.5 is half-way between columns 0 and 1.
        steps: The numbers above each column, from left to right: one, or one for each half of its circles; 0 is not
            shown.
        pass_arrows: The long arrows above all else.
        notes: The lines below the circles.
        captions: Lines between the circles and the notes, all at the same place, of which one is to be seen.
        caption: The index of that one, if it is chosen already. Each has its room in the picture, whichever it is.

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
    notes: Sequence[LabelRow | FormulaNote] = ()
    captions: list[Caption] = field(default_factory=list)
    caption: int | None = None

    def draw(self, direction: str = "LR", format: str = "svg", theme: Theme = THEMES["light"]) -> Drawing:
        """Compute the positions of the circles and draw them. Raises ValueError for an unknown direction or format."""
        canvas = Canvas(direction, theme)
        placements = layout.place_circles(self.circles, self.arrows, canvas.is_horizontal)
        if isinstance(theme.size, (tuple, list)):
            layout.stretch_to_fill(self.circles, *(theme.size if canvas.is_horizontal else theme.size[::-1]))
        names = {circle: f"n{i}" for i, circle in enumerate(self.circles, 1)}
        for circle, name in names.items():
            _draw_circle(canvas, name, circle)
        for i, arrow in enumerate(self.arrows, 1):
            ends, placement = (names[arrow.tail], names[arrow.head]), placements[arrow.columns]
            style = _style(arrow, placement is None, theme)
            if placement is None:
                canvas.line(*ends, **style)
            elif arrow.is_cut:
                _draw_stubs(canvas, f"e{i}", ends, arrow, style)
            else:
                corners = layout.corners_around(arrow, self.circles, lane=i)
                _draw_line(canvas, f"e{i}", ends, corners, style)
                if arrow.label:
                    _draw_label(canvas, i, arrow, corners, placement)
        self._draw_headers(canvas)
        if self.notes or self.captions:
            self._draw_notes(canvas)
        return Drawing(canvas.source, format)

    def _draw_headers(self, canvas: Canvas) -> None:
        """Draw headings, above them steps and pass arrows, and dots where arrows are cut."""
        tops = (circle.y + circle.radius + (0.25 if circle.above else 0.0) for circle in self.circles)
        y = max(tops, default=0.0)
        away = HEADER_HEIGHT if canvas.is_horizontal else HEADER_WIDTH
        if self.headings:
            y += away
        for i, (at, heading) in enumerate(self.headings.items(), 1):
            canvas.text(f"h{i}", heading, FontSize.HEADING, (self._x(at), y))
        if self.steps:
            y += away
        for column, numbers in self.steps.items():
            widest = max(circle.radius for circle in self.circles if circle.column == column)
            apart = widest if canvas.is_horizontal else DISC_DISTANCE
            for i, number in enumerate(numbers):
                offset = (i - (len(numbers) - 1) / 2) * apart
                if number:
                    canvas.disc(f"s{column}_{i}", str(number), (self._x(column), y), (offset, 0.0))
        for i, pass_arrow in enumerate(self.pass_arrows, 1):
            ends = self._x(pass_arrow.first), self._x(pass_arrow.last)
            _draw_pass_arrow(canvas, f"g{i}", pass_arrow, ends, y + away)
        cuts = {arrow.columns: arrow.head.is_faint for arrow in self.arrows if arrow.is_cut}
        for i, (columns, is_faint) in enumerate(cuts.items(), 1):
            color = canvas.theme.faint if is_faint else canvas.theme.ink
            canvas.text(f"d{i}", ("…",), FontSize.DOTS, (self._x(sum(columns) / 2), 0.0), fontcolor=color)

    def _draw_notes(self, canvas: Canvas) -> None:
        """Notes are below the circles in every direction."""
        xs, ys = [circle.x for circle in self.circles], [circle.y for circle in self.circles]
        texts = 0.2 if any(circle.below for circle in self.circles) else 0.0
        away = max(circle.radius for circle in self.circles) + NOTE_LINE_HEIGHT + texts
        middle = (min(xs) + max(xs)) / 2
        at = {"TB": (max(xs) + away, 0.0), "BT": (min(xs) - away, 0.0)}.get(canvas.direction, (middle, min(ys) - away))
        color = canvas.theme.title
        for i, caption in enumerate(self.captions):
            style: dict[str, Any] = {"style": "invis"} if self.caption not in (i, None) else {}
            size = max(FontSize.NOTE, round(0.7 * caption.size))
            canvas.text(f"c{i + 1}t", (caption.title,), size, at, fontcolor=color, **style)
            below = (0.0, -CAPTION_LINES * caption.size / 72 - 0.1)
            canvas.rows(f"c{i + 1}", f"<TR>{caption.formula}</TR>", at, below, **style)
        used = max((2 * CAPTION_LINES * caption.size / 72 + 0.1 for caption in self.captions), default=0.0)
        for i, note in enumerate(self.notes, 1):
            if isinstance(note, FormulaNote):
                cells = note.cells(canvas.theme)
                height = row_height(cells)
                centre = (0.0, -used - (height - NOTE_LINE_HEIGHT) / 2)
                canvas.rows(f"l{i}", f"<TR>{cells}</TR>", at, centre)
                used += height + NOTE_LINE_HEIGHT / 4
            else:
                canvas.text(f"l{i}", note, FontSize.NOTE, at, (0.0, -used), fontcolor=color)
                used += NOTE_LINE_HEIGHT

    def _x(self, column: float) -> float:
        """The position of a column, or between two columns."""
        before, after = math.floor(column), math.ceil(column)
        places = {circle.column: circle.x for circle in self.circles}
        return places[before] + (column - before) * (places[after] - places[before])


def _draw_circle(canvas: Canvas, name: str, circle: Circle) -> None:
    """A circle and the texts around it; in a picture that leads downwards, those above it are at its left."""
    at, radius, size, theme = circle.at, circle.radius, FontSize.NUMBER + 1, canvas.theme
    if circle.is_dots:
        canvas.text(name, ("⋮",), FontSize.DOTS, at, fontcolor=theme.faint if circle.is_faint else theme.ink)
        return
    for half, is_visible in enumerate(circle.rings):
        canvas.ring(f"{name}r{half}", at, radius, half if len(circle.rings) > 1 else None, is_visible)
    faint = {"color": theme.faint} if circle.is_faint else {}
    canvas.circle(name, at, radius, _inside(circle, theme), **(theme.marked() if circle.is_marked else faint))
    if circle.above and canvas.is_horizontal:
        cells = [cell for half in circle.above for cell in _bias_cells(half, size, theme)]
        canvas.rows(f"{name}a", format_table_row(cells), at, (0.0, radius + 0.16))
    elif circle.above:
        rows = [format_label_row((text,), size) for half in circle.above for text in (half.symbol, half.value) if text]
        rows += [_derivative_row(half.derivative, size, theme) for half in circle.above if half.derivative]
        canvas.rows(f"{name}a", "".join(rows), at, (-radius - layout.bias_width(circle) / 2 - 0.05, 0.0))
    if circle.below:
        at_right = (radius + dot_labels.label_width(circle.below, size) / 2 + 0.05, 0.0)
        canvas.text(f"{name}b", (circle.below,), size, at, (0.0, -radius - 0.14) if canvas.is_horizontal else at_right)
    if circle.before:
        canvas.text(f"{name}c", circle.before, FontSize.ARROW_SYMBOL, at, (-radius - 0.35, 0.0))
    if circle.note:
        canvas.point(f"{name}d", at, (-radius / 2, 0.0))
        canvas.text(f"{name}e", circle.note, FontSize.ARROW_SYMBOL, at, (-radius / 2, -radius - 1.25))
        canvas.line(f"{name}d", f"{name}e", dir="none", color=theme.tie, penwidth=theme.thick(0.8))


def _bias_cells(bias: NodeText, size: int, theme: Theme) -> list[str]:
    """The cells of a row for a bias: its symbol, value and derivative."""
    cells = [dot_labels.to_dot(bias.symbol, size)]
    if bias.value:
        cells.append(dot_labels.to_dot(f"\u00a0= {bias.value}", size))
    if bias.derivative:
        cells.append(theme.derivative(dot_labels.to_dot(f"\u00a0\u00a0{bias.derivative}", size)))
    return cells


def _derivative_row(derivative: str, size: int, theme: Theme) -> str:
    return format_table_row([theme.derivative(dot_labels.to_dot(derivative, size))])


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
    """A symbol above its numbers."""
    lines = [dot_labels.to_dot(half.symbol, FontSize.SYMBOL)]
    if half.value:
        lines.append(dot_labels.to_dot(half.value, FontSize.NUMBER))
    if half.derivative:
        lines.append(theme.derivative(dot_labels.to_dot(half.derivative, FontSize.NUMBER)))
    if len(lines) == 1:
        return lines[0]
    rows = "".join(format_table_row([line]) for line in lines)
    if is_split:  # empty rows keep the numbers near the middle, where the circle is wide
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
    """An arrow with corners."""
    last, head = ends
    for j, corner in enumerate(corners, 1):
        canvas.point(f"{name}_{j}", corner)
        canvas.line(last, f"{name}_{j}", dir="none", headclip="false", **style)
        last, style = f"{name}_{j}", style | {"tailclip": "false"}  # lines meet at the corner
    canvas.line(last, head, **style)


def _draw_label(canvas: Canvas, i: int, arrow: Arrow, corners: list[Point], labels: LabelPlacement) -> None:
    """A label with its value on the first straight part of an arrow, or the second if it has corners."""
    stops = [arrow.tail.at, *corners, arrow.head.at]
    start, end = stops[1:3] if corners else stops
    rows = format_label_row((arrow.label,), layout.arrow_label_size(arrow.label, canvas.is_horizontal))
    numbers = []
    if arrow.value and labels.values != "nowhere":
        numbers.append(dot_labels.to_dot(arrow.value, FontSize.NUMBER))
    if arrow.derivative and labels.values != "nowhere":
        numbers.append(canvas.theme.derivative(dot_labels.to_dot(arrow.derivative, FontSize.NUMBER)))
    if labels.values == "below":
        rows += "".join(format_table_row([number]) for number in numbers)
    elif numbers:
        cells = [cell for number in numbers for cell in (dot_labels.to_dot("\u00a0", FontSize.NUMBER), number)]
        rows = format_table_row([dot_labels.to_dot(arrow.label, FontSize.ARROW_SYMBOL), *cells])
    at = _point_between(start, end, (i % 3 + 1) / 4 if corners else labels.fraction)
    canvas.rows(f"e{i}", rows, at, (0.0, -0.35 if arrow.is_under else 0.0))


def _draw_stubs(canvas: Canvas, name: str, ends: tuple[str, str], arrow: Arrow, style: dict[str, str]) -> None:
    """The two ends of an arrow that is cut."""
    canvas.point(f"{name}f", _point_between(arrow.tail.at, arrow.head.at, STUB_FRACTION))
    canvas.point(f"{name}t", _point_between(arrow.tail.at, arrow.head.at, 1 - STUB_FRACTION))
    canvas.line(ends[0], f"{name}f", dir="none", **style)
    canvas.line(f"{name}t", ends[1], **style)


def _point_between(start: Point, end: Point, fraction: float) -> Point:
    return start[0] + fraction * (end[0] - start[0]), start[1] + fraction * (end[1] - start[1])


def _draw_pass_arrow(canvas: Canvas, name: str, pass_arrow: PassArrow, ends: Point, y: float) -> None:
    left, right = ends[0] - OVERHANG, ends[1] + OVERHANG
    tail, head = (right, left) if pass_arrow.is_backward else (left, right)
    canvas.point(f"{name}f", (tail, y))
    canvas.point(f"{name}t", (head, y))
    canvas.line(f"{name}f", f"{name}t", color=canvas.theme.sweep, penwidth="7", arrowsize="1.1")
    away = 0.27 if canvas.is_horizontal else 0.05 * len(pass_arrow.title) + 0.2
    canvas.text(
        name, (pass_arrow.title,), FontSize.ARROW_SYMBOL, (sum(ends) / 2, y + away), fontcolor=canvas.theme.title
    )
