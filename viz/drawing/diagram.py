"""Drawing a diagram: circles in columns, arrows between them, and headings, step numbers and notes around them.

Diagrams are independent of graphs of `Value`s. `viz.drawing.layout.arrangement` computes the positions, in inches, and
`viz.drawing.canvas` writes the DOT text.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from engine.symbolic.expression import Expression
from viz.drawing import strokes
from viz.drawing.canvas import Canvas, FontSize, LabelRow, format_label_row
from viz.drawing.dot_formulas import formula_to_dot, row_height
from viz.drawing.drawing import Drawing
from viz.drawing.layout import left_out
from viz.drawing.layout.arrangement import Arrangement, Arranger
from viz.drawing.layout.boxes import Box, Point
from viz.drawing.layout.parts import Arrow, Circle
from viz.drawing.themes import THEMES, Theme

# Lengths in inches.
HEADER_HEIGHT, HEADER_WIDTH = 0.45, 0.65  # of a row of headings or steps, if it is above the circles or beside them
DISC_DISTANCE = 0.42  # between the steps of a column, if they are not above its halves
OVERHANG = 0.4  # of a pass arrow, beyond the centres of the first and last columns
NOTE_LINE_HEIGHT = 0.35
CAPTION_LINES = 1.75  # from a title to the middle of the formula below it, in sizes of its type


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
        caption: The index of that one, if it is chosen already. There is space for each, whichever it is.
        has_all_numbers: Whether all numbers stay at their nodes and weights, so that none is in a table below.
        has_changing_numbers: Whether their lengths change, as on a page that computes; they stand below their symbols.

    >>> from viz.drawing.layout.parts import NodeText
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
    has_all_numbers: bool = False
    has_changing_numbers: bool = False

    def arrange(self, direction: str = "LR", theme: Theme = THEMES["light"]) -> Arrangement:
        """Move the circles to their places, and return where everything is. Raises ValueError as `draw` does."""
        canvas = Canvas(direction, theme)
        more = self._headers_and_notes_size(canvas)
        arranger = Arranger(self.circles, self.arrows, canvas, more, self.has_all_numbers, self.has_changing_numbers)
        return arranger.arrange()

    def draw(
        self,
        direction: str = "LR",
        format: str = "svg",
        theme: Theme = THEMES["light"],
        arrangement: Arrangement | None = None,
    ) -> Drawing:
        """Arrange the circles and labels, and draw them, or draw them as they were arranged when texts were others.

        Raises ValueError for an unknown direction or format.
        """
        canvas = Canvas(direction, theme)
        arrangement = arrangement or self.arrange(direction, theme)
        names = {circle: f"n{i}" for i, circle in enumerate(self.circles, 1)}
        for circle, name in names.items():
            strokes.draw_circle(canvas, name, circle, arrangement.style)
        for i, arrow in enumerate(self.arrows, 1):
            strokes.draw_arrow(canvas, i, arrow, names, arrangement)
        owners: dict[Arrow | Circle, str] = {arrow: f"e{i}" for i, arrow in enumerate(self.arrows, 1)}
        for label, place in arrangement.places.items():
            name = names[label.owner] + "ab"[label.preferred > 0] if label.owner in names else owners[label.owner]
            strokes.draw_label(canvas, name, place)
        self._draw_headers(canvas, arrangement.box)
        self._draw_notes(canvas, arrangement)
        if theme.text and theme.size is None:
            canvas.scale_to(theme.text)
        note = "some numbers in a table below" if arrangement.table.entries else ""
        return Drawing(canvas.source, format, note, wanted_type=theme.text)

    def _headers_and_notes_size(self, canvas: Canvas) -> Point:
        """The space along the arrows and across them that headings, steps, pass arrows and notes take up."""
        away = HEADER_HEIGHT if canvas.is_horizontal else HEADER_WIDTH
        headers = away * (bool(self.headings) + bool(self.steps) + bool(self.pass_arrows))
        heights = [*map(_caption_height, self.captions)][:1] + [_note_height(note, canvas.theme) for note in self.notes]
        notes = NOTE_LINE_HEIGHT + sum(heights) if heights else 0.0
        return (0.0, headers + notes) if canvas.is_horizontal else (notes, headers)

    def _draw_headers(self, canvas: Canvas, box: Box) -> None:
        """Draw headings, above them steps and pass arrows, and dots where arrows are cut."""
        y = box.y + box.half_height if canvas.is_horizontal else -(box.x - box.half_width)
        away = HEADER_HEIGHT if canvas.is_horizontal else HEADER_WIDTH
        if self.headings:
            y += away
        for i, (at, heading) in enumerate(self.headings.items(), 1):
            canvas.text(f"h{i}", heading, FontSize.HEADING, (self._x(at), y))
        if self.steps:
            y += away
        for column, numbers in self.steps.items():
            widest = max(circle.half_width for circle in self.circles if circle.column == column)
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

    def _draw_notes(self, canvas: Canvas, arrangement: Arrangement) -> None:
        """Draw the notes below the circles, and below them the labels that are left out."""
        box, theme = arrangement.box, canvas.theme
        x, y = box.x, box.y - box.half_height - NOTE_LINE_HEIGHT
        for i, caption in enumerate(self.captions, 1):
            style: dict[str, Any] = {"style": "invis"} if self.caption not in (i - 1, None) else {}
            size, below = max(FontSize.NOTE, round(0.7 * caption.size)), y - CAPTION_LINES * caption.size / 72 - 0.1
            canvas.text(f"c{i}t", (caption.title,), size, (0.0, 0.0), (x, y), fontcolor=theme.title, **style)
            canvas.rows(f"c{i}", f"<TR>{caption.formula}</TR>", (0.0, 0.0), (x, below), **style)
        y -= max(map(_caption_height, self.captions), default=0.0)
        for i, note in enumerate(self.notes, 1):
            height = _note_height(note, theme)
            if isinstance(note, FormulaNote):
                middle = y - (height - NOTE_LINE_HEIGHT) / 2
                canvas.rows(f"l{i}", f"<TR>{note.cells(theme)}</TR>", (0.0, 0.0), (x, middle))
            else:
                canvas.text(f"l{i}", note, FontSize.NOTE, (0.0, 0.0), (x, y), fontcolor=theme.title)
            y -= height
        if arrangement.table.entries:
            top = y + NOTE_LINE_HEIGHT / (2 if self.notes or self.captions else 1)
            y = top - (left_out.GAP + arrangement.table.size[1]) / 2
            canvas.rows(f"l{len(self.notes) + 1}", arrangement.table.to_dot(theme), (0.0, 0.0), (x, y))

    def _x(self, column: float) -> float:
        """The position of a column, or between two columns."""
        before, after = math.floor(column), math.ceil(column)
        places = {circle.column: circle.x for circle in self.circles}
        return places[before] + (column - before) * (places[after] - places[before])


def _caption_height(caption: Caption) -> float:
    return 2 * CAPTION_LINES * caption.size / 72 + 0.1


def _note_height(note: LabelRow | FormulaNote, theme: Theme) -> float:
    if not isinstance(note, FormulaNote):
        return NOTE_LINE_HEIGHT
    return row_height(note.cells(theme), theme.font) + NOTE_LINE_HEIGHT / 4


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
