"""The labels of a diagram before they have places: their texts, their preferred positions and the lengths they need."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from itertools import pairwise

from viz.drawing.canvas import FontSize
from viz.drawing.layout.blocks import Cell, block_size
from viz.drawing.layout.circle_sizes import Style, fit_circles
from viz.drawing.layout.columns import Spacing, place_circles
from viz.drawing.layout.label_places import Label
from viz.drawing.layout.parts import Arrow, Circle, ColumnPair

MAX_LABELS = 20  # on the arrows between two columns; more arrows are drawn without labels


class DiagramLabels:
    """The labels of circles and arrows, by the number of numbers that are shown of a node or weight.

    `dense` are the pairs of columns between which there are too many arrows for labels. Numbers that change stand below
    their symbols alone, since in a line there would be gaps around short ones.
    """

    def __init__(
        self,
        circles: Sequence[Circle],
        arrows: Sequence[Arrow],
        is_horizontal: bool,
        font: str,
        has_changing_numbers: bool = False,
    ) -> None:
        self.circles, self.arrows, self.is_horizontal, self.font = circles, arrows, is_horizontal, font
        self.has_lines = not has_changing_numbers
        self._groups: dict[ColumnPair, list[Arrow]] = defaultdict(list)
        for arrow in arrows:
            self._groups[arrow.columns].append(arrow)
        self.dense = {pair for pair, group in self._groups.items() if len(group) > MAX_LABELS}
        self._labels_with: dict[int, list[Label]] = {}
        self._lengths_with: dict[int, dict[ColumnPair, float]] = {}
        self._fractions = self._preferred_fractions()

    def with_numbers(self, n_numbers: int) -> list[Label]:
        """The labels of arrows and circles, with the first numbers of each text."""
        if n_numbers not in self._labels_with:
            self._labels_with[n_numbers] = self._make(n_numbers)
        return self._labels_with[n_numbers]

    def _make(self, n_numbers: int) -> list[Label]:
        points, is_horizontal = FontSize.NUMBER, self.is_horizontal
        labels = []
        for arrow, fraction in self._fractions.items():
            if rows := arrow.text.with_numbers(n_numbers).rows(FontSize.ARROW_SYMBOL):
                row = arrow.text.with_numbers(n_numbers).row(FontSize.ARROW_SYMBOL)
                labels.append(Label(arrow, (rows, (row,)) if len(rows) > 1 and self.has_lines else (rows,), fraction))
        for circle in self.circles:
            above = [bias.with_numbers(n_numbers) for bias in circle.above]
            if above:  # biases above or at the left, numbers below or at the right
                line = (tuple(cell for bias in above for cell in bias.row(points, "= ")),)
                rows = tuple(row for bias in above for row in bias.rows(points))
                forms = ((line, rows) if is_horizontal else (rows, line)) if self.has_lines else (rows,)
                labels.append(Label(circle, forms, 0 if is_horizontal else 6))
            if circle.below:
                labels.append(Label(circle, (((Cell(circle.below, points),),),), 1 if is_horizontal else 7))
        return labels

    def lengths(self, n_numbers: int) -> dict[ColumnPair, float]:
        """The longest extent along the arrows of the labels between two columns."""
        if n_numbers not in self._lengths_with:
            lengths: dict[ColumnPair, float] = defaultdict(float)
            for arrow in self._fractions:
                rows = arrow.text.with_numbers(n_numbers).rows(FontSize.ARROW_SYMBOL)
                length = block_size(rows, self.font)[0 if self.is_horizontal else 1]
                lengths[arrow.columns] = max(lengths[arrow.columns], length)
            self._lengths_with[n_numbers] = lengths
        return self._lengths_with[n_numbers]

    def _preferred_fractions(self) -> dict[Arrow, float]:
        """The preferred position of each arrow's label: between two columns, all near the tails or the heads."""
        fit_circles(self.circles, self.font, Style())
        place_circles(self.circles, self.arrows, self.is_horizontal, Spacing(), {})
        found: dict[Arrow, float] = {}
        for pair, group in self._groups.items():
            labelled = [arrow for arrow in group if arrow.text.rows(1)]
            if pair not in self.dense and labelled:
                distances = {fraction: _min_distance(labelled, fraction) for fraction in label_fractions(group)}
                found |= dict.fromkeys(labelled, max(distances, key=lambda fraction: round(distances[fraction], 6)))
        return found


def label_fractions(arrows: list[Arrow]) -> tuple[float, float]:
    """The two positions of labels along the arrows between two columns: near the tails, and near the heads.

    With n heads, labels at 1/(n+1) are furthest apart, wherever the arrows cross; for two heads, 0.36 is used.
    """
    strong = [arrow for arrow in arrows if not arrow.is_faint]
    heads, tails = len({arrow.head for arrow in strong}), len({arrow.tail for arrow in strong})
    if heads <= 1 or tails <= 1:
        return 0.5, 0.5
    near_tails, near_heads = (0.36 if n == 2 else 1.0 / (n + 1) for n in (heads, tails))
    return near_tails, 1.0 - near_heads


def _min_distance(arrows: list[Arrow], fraction: float) -> float:
    """The least distance between labels at this fraction of their arrows' lengths."""
    ys = sorted(arrow.tail.y + fraction * (arrow.head.y - arrow.tail.y) for arrow in arrows)
    return min((above - below for below, above in pairwise(ys)), default=0.0)
