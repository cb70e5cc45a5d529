"""The sizes of circles, which contain their text: circles of a kind are of one size, and ellipses if text is long."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from viz.drawing.canvas import FontSize
from viz.drawing.layout.blocks import Block, block_size
from viz.drawing.layout.parts import Circle, NodeText
from viz.drawing.layout.text_size import Size

# In inches.
RADIUS, SPLIT_RADIUS = 0.475, 0.575  # at least
MAX_RADIUS, MAX_SPLIT_RADIUS = 0.8, 1.3  # at most; circles with longer text are ellipses
TEXT_MARGIN = 0.05
_LIFTS = (0.0, 0.04, 0.08, 0.12, 0.16)  # of the middle of a text, whose long lines are below


@dataclass(frozen=True)
class Style:
    """How text is set in circles.

    Attributes:
        symbol: The size of symbols in points.
        n_numbers: How many numbers are below each symbol, at most.
        compactness: A factor for the least sizes of circles, at most 1.
        aspect: The width of circles with text relative to their height.
    """

    symbol: int = FontSize.SYMBOL
    n_numbers: int = 2
    compactness: float = 1.0
    aspect: float = 1.0

    @property
    def margin(self) -> float:
        """The space at both sides of a line, in inches."""
        return TEXT_MARGIN * (1.0 + self.compactness) / 2

    def rows(self, text: NodeText) -> Block:
        """The lines of a text."""
        return text.with_numbers(self.n_numbers).rows(self.symbol)


def fit_circles(circles: Iterable[Circle], font: str, style: Style) -> None:
    """Set the sizes of circles, and how far the middle of their text is above theirs."""
    for is_split, least, most in ((False, RADIUS, MAX_RADIUS), (True, SPLIT_RADIUS, MAX_SPLIT_RADIUS)):
        texts = {
            circle: [
                _Text([block_size([row], font) for row in style.rows(half)], style.margin, is_split)
                for half in circle.halves
            ]
            for circle in circles
            if circle.is_split == is_split
        }
        for circle, halves in texts.items():
            needs = [(max([0.0, *(half.least_height(lift, style.aspect) for half in halves)]), lift) for lift in _LIFTS]
            circle.half_height, circle.lift = min(needs)
        heights = [circle.half_height for circle in texts if circle.half_height <= most]
        half_height = max([least * style.compactness, *heights])
        for circle, halves in texts.items():
            if circle.half_height <= most:
                circle.half_width = half_height * (style.aspect if circle.half_height else 1.0)
                circle.half_height = half_height
            else:
                circle.half_height = max([half_height, *(half.flat_height(circle.lift) for half in halves)])
                circle.half_width = max(half.least_width(circle.lift, circle.half_height) for half in halves)


@dataclass(frozen=True)
class _Text:
    """The sizes of lines in the middle of a circle, or in the middle of a half."""

    lines: Sequence[Size]
    margin: float
    is_half: bool

    @property
    def height(self) -> float:
        return sum(height for _, height in self.lines)

    def _corners(self, lift: float) -> list[Size]:
        """Half the width of each line, and how far it reaches from the middle of the circle."""
        top = self.height / 2 + lift
        found = []
        for width, height in self.lines:
            found.append((width / 2 + self.margin, max(abs(top), abs(top - height))))
            top -= height
        return found

    def least_height(self, lift: float, aspect: float) -> float:
        """Half the height of the least ellipse that contains the lines."""
        radius = 0.0
        for x, y in self._corners(lift):
            x /= aspect
            if self.is_half:  # (r/2 + x)² + y² = r²
                radius = max(radius, (x + math.sqrt(x * x + 3 * (x * x + y * y))) / 1.5, 2 * x)
            else:
                radius = max(radius, math.hypot(x, y))
        return radius

    def flat_height(self, lift: float) -> float:
        """Half the height of an ellipse that is wider than high, and contains the lines without being very wide."""
        return max((y for _, y in self._corners(lift)), default=0.0) / (0.65 if self.is_half else 0.75)

    def least_width(self, lift: float, half_height: float) -> float:
        """Half the width of the least ellipse of a height that contains the lines."""
        found = half_height
        for x, y in self._corners(lift):
            reach = math.sqrt(max(0.1, 1.0 - (y / half_height) ** 2))
            found = max(found, x / max(0.05, reach - 0.5) if self.is_half else x / reach)
        return found
