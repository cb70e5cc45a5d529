"""The arrangement of a diagram on the page: circles, courses of arrows and places of labels, at the best spacing."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from viz.drawing.canvas import PAD, RING_WIDTH, Canvas, FontSize
from viz.drawing.layout.blocks import Cell, block_size
from viz.drawing.layout.boxes import Box, Point, box_around
from viz.drawing.layout.circle_sizes import Style, fit_circles
from viz.drawing.layout.columns import Spacing, place_circles, stretch_to_fill
from viz.drawing.layout.courses import Course, arrow_courses
from viz.drawing.layout.diagram_labels import DiagramLabels
from viz.drawing.layout.label_places import Label, Page, Place, place_labels
from viz.drawing.layout.left_out import Entries, LeftOut, entries_left_out
from viz.drawing.layout.parts import Arrow, Circle, ColumnPair
from viz.drawing.layout.pieces import Pieces

MIN_TEXT = 7.0  # the smallest type, in points, of a picture of a given size, unless `text` is given
_APART = [
    (1.0, 1.0),
    (1.25, 1.0),
    (1.25, 1.25),
    (1.0, 1.6),
    (1.6, 1.25),
    (1.6, 1.6),
    (2.2, 1.6),
    (2.2, 2.2),
    (3.0, 2.2),
]  # factors of the space between rows and between columns
_COMPACT = [(rows, columns) for columns in (0.8, 0.6, 0.45, 0.3, 0.2, 0.1, 0.03) for rows in (1.0, 1.3, 1.7, 2.2)]
_SHAPES = [
    (1.0, FontSize.SYMBOL),
    (1.0, 16),
    (1.3, 16),
    (1.6, 16),
    (2.0, 16),
]  # aspects of circles, and sizes of symbols
_MUCH_LARGER = 1.25
_COST_OF_SPACE = 0.6  # of moving rows or columns apart
_COST_OF_ABSENCE = 10.0  # of a label that is left out


@dataclass(frozen=True)
class Arrangement:
    """Where everything is on the page, in inches.

    Attributes:
        courses: The courses of arrows.
        places: The places of labels.
        dense: Pairs of columns between which there are too many arrows for labels.
        style: How text is set, and how many numbers of a node or weight are shown.
        table: The other numbers and the labels without a place.
        box: The box around all of it, but the table.
    """

    courses: Mapping[Arrow, Course]
    places: dict[Label, Place]
    dense: set[ColumnPair]
    style: Style
    table: LeftOut
    box: Box


@dataclass
class _Draft:
    """Circles at their places, by x, y, half_width, half_height and lift, and what is between them."""

    spacing: Spacing
    style: Style
    circles: Sequence[tuple[float, ...]]
    box: Box
    courses: Mapping[Arrow, Course] = field(default_factory=dict)
    places: dict[Label, Place] = field(default_factory=dict)
    left_out: list[Label] = field(default_factory=list)
    is_clear: bool = True  # of arrows through circles

    @property
    def cost(self) -> float:
        """The mean cost of its labels, and those of absent ones and of space."""
        mean = sum(place.cost for place in self.places.values()) / max(1, len(self.places))
        space = self.spacing.rows + self.spacing.columns - 2
        return _COST_OF_ABSENCE * (len(self.left_out) + (not self.is_clear)) + mean + _COST_OF_SPACE * space


class Arranger:
    """Arranges circles and arrows on a canvas, around which other parts take up `more` along and across the arrows.

    `has_all_numbers` keeps all numbers at their nodes and weights, however small the type becomes;
    `has_changing_numbers` keeps them below their symbols.
    """

    def __init__(
        self,
        circles: Sequence[Circle],
        arrows: Sequence[Arrow],
        canvas: Canvas,
        more: Point,
        has_all_numbers: bool = False,
        has_changing_numbers: bool = False,
    ) -> None:
        self.circles, self.arrows, self.canvas, self.more = circles, arrows, canvas, more
        self.theme = canvas.theme
        self.counts_of_numbers = (2,) if has_all_numbers else (2, 1, 0)
        self.labels = DiagramLabels(circles, arrows, canvas.is_horizontal, self.theme.font, has_changing_numbers)
        self._fitted: dict[Style, list[tuple[float, float, float]]] = {}
        self._entries_with: dict[int, Entries] = {}  # by the number of numbers

    def arrange(self) -> Arrangement:
        """Return the best arrangement, and leave the circles there.

        It is the one with the best places for labels and without needless space between them, or in a picture of a
        given size, the first with large enough type, or the one with the largest.
        """
        best = self._best_size() if self.theme.size else self._best_cost()
        for circle, fitted in zip(self.circles, best.circles, strict=True):
            circle.x, circle.y, circle.half_width, circle.half_height, circle.lift = fitted
        return Arrangement(best.courses, best.places, self.labels.dense, best.style, self._table(best), best.box)

    def _best_cost(self) -> _Draft:
        found: list[_Draft] = []
        for spacing in (Spacing(*factors) for factors in _APART):
            least_cost = _COST_OF_SPACE * (spacing.rows + spacing.columns - 2)
            if not found or least_cost < min(draft.cost for draft in found):
                found.append(self._place_labels(self._draft(spacing, Style())))
        return min(found, key=lambda draft: draft.cost)

    def _best_size(self) -> _Draft:
        """The draft with the largest type, up to the size that is wanted, and with a place for all labels.

        Fewer numbers are shown only if the type is too small otherwise, and becomes much larger or large enough.
        """
        best, size = self._draft(Spacing(), Style(n_numbers=self.counts_of_numbers[-1])), 0.0
        for n_numbers in self.counts_of_numbers:
            least = min(size * _MUCH_LARGER, self._wanted_text)  # for fewer numbers
            for aspect, symbol in _SHAPES:
                draft = self._largest(n_numbers, aspect, symbol, max(size, least))
                if draft and self._type_size(draft) > size:
                    best, size = draft, self._type_size(draft)
                if size >= self._wanted_text:
                    return best
        return best if best.courses else self._place_labels(best)

    def _largest(self, n_numbers: int, aspect: float, symbol: int, least: float) -> _Draft | None:
        """The draft with the largest type among those with circles of a shape, if it may be as large as `least`.

        It is the first with the type that is wanted, or is found by bisection, since labels mostly find places where
        there is more space.
        """
        bounds: list[tuple[float, Spacing, Style]] = []  # the size of type without labels, which may need more space
        for rows, columns in _APART + _COMPACT:
            spacing, style = Spacing(rows, columns), Style(symbol, n_numbers, min(1.0, columns), aspect)
            bounds.append((self._type_size(self._draft(spacing, style)), spacing, style))
        best: _Draft | None = None
        for bound, spacing, style in bounds:
            if bound >= self._wanted_text and (draft := self._complete(spacing, style)):
                best = max(best or draft, draft, key=self._type_size)
                if self._type_size(best) >= self._wanted_text:
                    return best
        left = [each for each in bounds if least <= each[0] < self._wanted_text]
        left.sort(key=lambda each: each[0], reverse=True)
        while left:
            middle = len(left) // 2
            draft = self._complete(*left[middle][1:])
            best = max(best or draft, draft, key=self._type_size) if draft else best
            left = left[:middle] if draft else left[middle + 1 :]
        return best

    def _complete(self, spacing: Spacing, style: Style) -> _Draft | None:
        """The draft with its labels, if all of them have places and arrows keep clear of circles."""
        draft = self._place_labels(self._draft(spacing, style), needs_all=True)
        return draft if draft.is_clear and not draft.left_out else None

    @property
    def _wanted_text(self) -> float:
        return self.theme.text or MIN_TEXT

    def _type_size(self, draft: _Draft) -> float:
        """The smallest type of the finished picture, indices aside, in points, up to the size that is wanted."""
        more = self.more if self.canvas.is_horizontal else self.more[::-1]
        table = self._table(draft).size
        width = max(2 * draft.box.half_width, table[0]) + more[0] + 2 * PAD
        height = 2 * draft.box.half_height + table[1] + more[1] + 2 * PAD
        return min(self._wanted_text, FontSize.NUMBER * min(self._page[0] / width, self._page[1] / height))

    @property
    def _page(self) -> Point:
        size = self.theme.size or math.inf
        return size if isinstance(size, (tuple, list)) else (size, math.inf)

    def _table(self, draft: _Draft) -> LeftOut:
        """The table below the picture: as wide as it, or the page if the type has the size that is wanted."""
        width, n = 2 * draft.box.half_width, draft.style.n_numbers
        if self.theme.size:
            width = max(width, self._page[0] * FontSize.NUMBER / self._wanted_text - 2 * PAD)
        if draft.left_out:
            return entries_left_out(self.circles, self.arrows, n, draft.left_out, self.theme.font).in_width(width)
        if n not in self._entries_with:
            self._entries_with[n] = entries_left_out(self.circles, self.arrows, n, (), self.theme.font)
        return self._entries_with[n].in_width(width)

    def _draft(self, spacing: Spacing, style: Style) -> _Draft:
        """Move the circles to their places."""
        is_horizontal = self.canvas.is_horizontal
        self._fit_circles(style)
        place_circles(self.circles, self.arrows, is_horizontal, spacing, self.labels.lengths(style.n_numbers))
        draft = _Draft(spacing, style, (), Box(0.0, 0.0, 0.0, 0.0))
        if isinstance(self.theme.size, (tuple, list)):
            below = self._table(draft).size[1]
            taken = (self.more[0], self.more[1] + below) if is_horizontal else (self.more[0] + below, self.more[1])
            stretch_to_fill(self.circles, self._page if is_horizontal else self._page[::-1], taken, is_horizontal)
        draft.circles = [(*circle.at, circle.half_width, circle.half_height, circle.lift) for circle in self.circles]
        draft.box = box_around([*self._circle_boxes().values(), *self._before_boxes()])
        return draft

    def _fit_circles(self, style: Style) -> None:
        """Set the sizes of circles, which are computed once for each style."""
        if style not in self._fitted:
            fit_circles(self.circles, self.theme.font, style)
            self._fitted[style] = [(circle.half_width, circle.half_height, circle.lift) for circle in self.circles]
        for circle, fitted in zip(self.circles, self._fitted[style], strict=True):
            circle.half_width, circle.half_height, circle.lift = fitted

    def _place_labels(self, draft: _Draft, needs_all: bool = False) -> _Draft:
        """Add the courses of arrows and the labels to the draft that was made last.

        With `needs_all`, all labels are left out unless all have places and arrows keep clear of circles.
        """
        circles, labels = self._circle_boxes(), self.labels.with_numbers(draft.style.n_numbers)
        draft.courses = arrow_courses(self.arrows, self.circles, self.canvas)
        pieces = Pieces(draft.courses)
        draft.is_clear = pieces.keep_clear_of(circles)
        page = Page(circles, self._before_boxes(), draft.courses, pieces, self.theme.font)
        places = place_labels(labels, page, needs_all) if draft.is_clear or not needs_all else {}
        draft.places = {label: places[label] for label in labels if label in places}
        draft.left_out = [label for label in labels if label not in places]
        points = [Box(*point, 0.05, 0.05) for course in draft.courses.values() for point in course.points]
        draft.box = box_around([draft.box, *points, *(place.box for place in draft.places.values())])
        return draft

    def _circle_boxes(self) -> dict[Circle, Box]:
        on_page, ring = self.canvas.on_page, RING_WIDTH * self.theme.width / 72
        boxes = {}
        for circle in self.circles:
            more = ring if circle.rings else 0.0
            boxes[circle] = Box(*on_page(circle.at), circle.half_width + more, circle.half_height + more)
        return boxes

    def _before_boxes(self) -> list[Box]:
        return [
            before_box(circle, self.canvas.on_page(circle.at), self.theme.font)
            for circle in self.circles
            if circle.before
        ]


def before_box(circle: Circle, at: Point, font: str) -> Box:
    """The box of the text before a circle."""
    width, height = block_size([tuple(Cell(text, FontSize.ARROW_SYMBOL) for text in circle.before)], font)
    return Box(at[0] - circle.half_width - width / 2 - 0.05, at[1], width / 2, height / 2)
