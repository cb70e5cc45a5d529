"""Places for the labels of arrows and circles, on which nothing else lies: found in one pass over all of them.

Each label has candidates: along its arrow, on it and beside it, or around its circle. The label that has the fewest
candidates left is placed first, at the one that costs least.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import NamedTuple

from viz.drawing.blocks import Block, block_size
from viz.drawing.canvas import Point
from viz.drawing.courses import HEAD_LENGTH, Course
from viz.drawing.layout import Arrow, Circle

# In inches.
GAP = 0.03  # between a label and anything else
NEAR = 0.06  # to an arrow that is another label's
TAIL_LENGTH = 0.1  # of an arrow that its label leaves visible, before the label
_POSITIONS = 16  # along an arrow
_MOVE = 0.6  # the cost of an inch along an arrow
_AWAY = GAP + 0.005  # where a label is next to something
_BESIDE, _OTHER_FORM, _CROSSING, _NEARNESS, _HIDDEN_TIP = 1.0, 0.1, 0.5, 0.1, 1.5
_AROUND = ((0.0, 1.0), (0.0, -1.0), (-0.7, 0.7), (0.7, 0.7), (-0.7, -0.7), (0.7, -0.7), (-1.0, 0.0), (1.0, 0.0))


class Box(NamedTuple):
    """A rectangle on the page: its middle, and half its width and height."""

    x: float
    y: float
    half_width: float
    half_height: float

    def overlaps(self, other: Box) -> bool:
        """Whether it is closer to another than the gap."""
        return (
            abs(self.x - other.x) < self.half_width + other.half_width + GAP
            and abs(self.y - other.y) < self.half_height + other.half_height + GAP
        )

    def overlaps_ellipse(self, around: Box) -> bool:
        """Whether it is closer than the gap to the ellipse in a box."""
        x, y = abs(self.x - around.x) - self.half_width, abs(self.y - around.y) - self.half_height
        width, height = around.half_width + GAP, around.half_height + GAP
        return x < width and y < height and math.hypot(max(0.0, x) / width, max(0.0, y) / height) < 1.0

    def may_meet(self, start: Point, end: Point) -> bool:
        """Whether it overlaps the rectangle around a straight line."""
        x, y, half_width, half_height = self
        return (
            min(start[0], end[0]) < x + half_width
            and max(start[0], end[0]) > x - half_width
            and min(start[1], end[1]) < y + half_height
            and max(start[1], end[1]) > y - half_height
        )

    def span_inside(self, start: Point, end: Point) -> tuple[float, float] | None:
        """The fractions between which a straight line is inside, if it is anywhere."""
        first, last = 0.0, 1.0
        sides = (start[0], end[0], self.x, self.half_width), (start[1], end[1], self.y, self.half_height)
        for at, to, middle, half in sides:
            if abs(to - at) < 1e-9:
                if abs(at - middle) > half:
                    return None
                continue
            one, other = (middle - half - at) / (to - at), (middle + half - at) / (to - at)
            first, last = max(first, min(one, other)), min(last, max(one, other))
        return (first, last) if first < last else None


def box_around(boxes: Sequence[Box]) -> Box:
    """The least box that contains boxes."""
    left = min((box.x - box.half_width for box in boxes), default=0.0)
    right = max((box.x + box.half_width for box in boxes), default=0.0)
    bottom = min((box.y - box.half_height for box in boxes), default=0.0)
    top = max((box.y + box.half_height for box in boxes), default=0.0)
    return Box((left + right) / 2, (bottom + top) / 2, (right - left) / 2, (top - bottom) / 2)


@dataclass(frozen=True, eq=False)
class Label:
    """A text to be placed: in one of its forms, on the course of an arrow or around a circle.

    Attributes:
        owner: The arrow or the circle.
        forms: Blocks with the same text, the preferred one first.
        preferred: The preferred position: a fraction of the distance between the middles of an arrow's circles, so that
            labels of several arrows are in line, or an index of the places around a circle.
    """

    owner: Arrow | Circle
    forms: tuple[Block, ...]
    preferred: float = 0.5


@dataclass(frozen=True)
class Place:
    """A place for a label: its box on the page, and the form that fits in it."""

    box: Box
    block: Block
    cost: float


@dataclass(frozen=True)
class Page:
    """What is on the page before labels are.

    Attributes:
        circles: The boxes around circles, which labels must not overlap.
        boxes: Other boxes that they must not overlap.
        courses: The courses of arrows.
        courses_to_spare: Those that labels of other arrows should not hide.
        font: The name of the font.
    """

    circles: Mapping[Circle, Box]
    boxes: Sequence[Box]
    courses: Mapping[Arrow, Course]
    courses_to_spare: Mapping[Arrow, Course]
    font: str


def place_labels(labels: Sequence[Label], page: Page, needs_all: bool = False) -> dict[Label, Place]:
    """The places of labels; those without a place are missing. With `needs_all`, none are placed unless all can be."""
    if needs_all and len(_place_in_turn(labels, replace(page, courses_to_spare={}))) < len(labels):
        return {}  # which is soon found out without the courses that labels should not hide
    placed = _place_in_turn(labels, page)
    return placed if len(placed) == len(labels) or not needs_all else {}


def _place_in_turn(labels: Sequence[Label], page: Page) -> dict[Label, Place]:
    """Place the label that has the fewest candidates left, at the one that costs least, and so on."""
    left = {label: sorted(_candidates(label, page), key=lambda place: place.cost) for label in labels}
    regions = {label: box_around([place.box for place in places]) for label, places in left.items()}
    placed: dict[Label, Place] = {}
    while left:
        label = min(left, key=lambda label: len(left[label]))
        places = left.pop(label)
        if places:
            placed[label] = place = places[0]
            for other, candidates in left.items():
                if regions[other].overlaps(place.box):
                    left[other] = [found for found in candidates if not found.box.overlaps(place.box)]
    return placed


def _candidates(label: Label, page: Page) -> Iterator[Place]:
    """The places where a label overlaps neither a circle nor a box."""
    found = [
        (box, form, cost + i * _OTHER_FORM)
        for i, form in enumerate(label.forms)
        for box, cost in _boxes(label, form, page)
    ]
    region = box_around([box for box, _, _ in found])
    circles = [circle for circle in page.circles.values() if circle.overlaps(region)]
    boxes = [box for box in page.boxes if box.overlaps(region)]
    others = [course for arrow, course in page.courses_to_spare.items() if arrow is not label.owner]
    pieces = [piece for course in others for piece in pairwise(course.points) if region.may_meet(*piece)]
    tips = [course.points[-1] for course in others]
    for box, form, cost in found:
        if any(box.overlaps_ellipse(circle) for circle in circles) or any(box.overlaps(other) for other in boxes):
            continue
        yield Place(box, form, cost + _crossing_cost(box, pieces, tips))


def _boxes(label: Label, form: Block, page: Page) -> Iterator[tuple[Box, float]]:
    """Boxes for a label in one of its forms, with their costs."""
    owner, (width, height) = label.owner, block_size(form, page.font)
    half = (width / 2, height / 2)
    if isinstance(owner, Circle):
        return _boxes_around(page.circles[owner], half, int(label.preferred))
    course, tail, head = page.courses[owner], page.circles[owner.tail][:2], page.circles[owner.head][:2]
    along = label.preferred * math.dist(tail, head) - math.dist(tail, course.points[0])
    return _boxes_along(owner, course, half, min(max(0.0, along / (course.length or 1.0)), 1.0))


def _boxes_along(arrow: Arrow, course: Course, half: Point, preferred: float) -> Iterator[tuple[Box, float]]:
    """Boxes on an arrow and at both sides of it, with their costs."""
    for fraction in (preferred, *((i + 0.5) / _POSITIONS for i in range(_POSITIONS))):
        (x, y), (along_x, along_y) = course.at(fraction)
        cost = _MOVE * abs(fraction - preferred) * course.length
        reach = abs(along_y) * half[0] + abs(along_x) * half[1] + _AWAY
        if arrow.is_under:
            yield Box(x, y - reach / max(0.1, abs(along_x)), *half), cost
            continue
        for side in (0, 1, -1):
            box = Box(x - side * reach * along_y, y + side * reach * along_x, *half)
            if side or _leaves_ends(box, course):
                yield box, cost + abs(side) * _BESIDE


def _leaves_ends(box: Box, course: Course) -> bool:
    """Whether both ends of an arrow are visible outside a box that lies on it."""
    before, after, is_met = 0.0, 0.0, False
    for start, end in pairwise(course.points):
        length, span = math.dist(start, end), box.span_inside(start, end)
        if span:
            before += 0.0 if is_met else span[0] * length
            is_met, after = True, (1.0 - span[1]) * length
        elif is_met:
            after += length
        else:
            before += length
    return before > TAIL_LENGTH and after > HEAD_LENGTH + TAIL_LENGTH


def _boxes_around(circle: Box, half: Point, preferred: int) -> Iterator[tuple[Box, float]]:
    """Boxes around a circle, with their costs."""
    for i, (x, y) in enumerate(_AROUND):
        right, up = x * (circle.half_width + _AWAY), y * (circle.half_height + _AWAY)
        box = Box(
            circle.x + right + half[0] * ((x > 0) - (x < 0)), circle.y + up + half[1] * ((y > 0) - (y < 0)), *half
        )
        yield box, 0.0 if i == preferred else 0.3 + 0.1 * i


def _crossing_cost(box: Box, pieces: Iterable[tuple[Point, Point]], tips: Iterable[Point]) -> float:
    """The cost of hiding straight pieces of other arrows or being near to them, and above all of hiding their tips."""
    around = Box(box.x, box.y, box.half_width + NEAR, box.half_height + NEAR)
    cost = 0.0
    for start, end in pieces:
        if around.may_meet(start, end) and around.span_inside(start, end):
            span = box.span_inside(start, end)
            cost += _CROSSING + (span[1] - span[0]) * math.dist(start, end) if span else _NEARNESS
    for x, y in tips:
        if abs(x - around.x) < around.half_width and abs(y - around.y) < around.half_height:
            cost += _HIDDEN_TIP
    return cost
