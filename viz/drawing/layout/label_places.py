"""Places for the labels of arrows and circles, on which nothing else lies: found in one pass over all of them.

Each label has candidates: along its arrow, on it and beside it, or around its circle. The label that has the fewest
candidates left is placed first, at the one that costs least.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

from viz.drawing.layout.blocks import Block, block_size
from viz.drawing.layout.boxes import GAP, Box, Point, box_around
from viz.drawing.layout.courses import HEAD_LENGTH, Course
from viz.drawing.layout.parts import Arrow, Circle
from viz.drawing.layout.pieces import Piece, Pieces

# In inches.
NEAR = 0.06  # to an arrow that is another label's
TAIL_LENGTH = 0.1  # of an arrow that its label leaves visible, before the label
_NEARER = 0.01  # a label is to its own arrow than to any other, at least
_POSITIONS = 16  # along an arrow
_MOVE = 0.6  # the cost of an inch along an arrow
_AWAY = GAP + 0.005  # where a label is next to something
_BESIDE, _OTHER_FORM, _CROSSING, _NEARNESS, _HIDDEN_TIP, _MISLEADING = 1.0, 0.1, 0.5, 0.1, 1.5, 3.0
_AROUND = ((0.0, 1.0), (0.0, -1.0), (-0.7, 0.7), (0.7, 0.7), (-0.7, -0.7), (0.7, -0.7), (-1.0, 0.0), (1.0, 0.0))


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
    """The page before labels are placed.

    Attributes:
        circles: The boxes around circles, which labels must not overlap.
        boxes: Other boxes that they must not overlap.
        courses: The courses of arrows.
        pieces: Their straight pieces.
        font: The name of the font.
    """

    circles: Mapping[Circle, Box]
    boxes: Sequence[Box]
    courses: Mapping[Arrow, Course]
    pieces: Pieces
    font: str


class _Candidate(NamedTuple):
    """A place that a label may have, its cost without that of hiding arrows, and whether it is beside its own arrow."""

    box: Box
    block: Block
    cost: float
    is_beside: bool = False


def place_labels(labels: Sequence[Label], page: Page, needs_all: bool = False) -> dict[Label, Place]:
    """The places of labels; those without a place are missing. With `needs_all`, none are placed unless all can be.

    The label that has the fewest candidates left is placed first, at the one that costs least, and so on.
    """
    left: dict[Label, list[_Candidate]] = {}
    for label in labels:
        left[label] = sorted(_candidates(label, page), key=lambda candidate: candidate.cost)
        if needs_all and not left[label]:
            return {}
    regions = {label: box_around([candidate.box for candidate in found]) for label, found in left.items()}
    placed: dict[Label, Place] = {}
    while left:
        label = min(left, key=lambda label: len(left[label]))
        candidates = left.pop(label)
        if candidates:
            placed[label] = place = _cheapest(candidates, label.owner, page.pieces)
            for other, found in left.items():
                if regions[other].overlaps(place.box):
                    left[other] = [candidate for candidate in found if not candidate.box.overlaps(place.box)]
        elif needs_all:
            return {}
    return placed


def _cheapest(candidates: Iterable[_Candidate], owner: Arrow | Circle, pieces: Pieces) -> Place:
    """The candidate that costs least; they are in order of their costs without that of hiding arrows."""
    best: Place | None = None
    for box, block, cost, is_beside in candidates:
        if best and cost >= best.cost:
            break
        cost += _cost_of_hiding(box, owner, is_beside, pieces)
        best = best if best and best.cost <= cost else Place(box, block, cost)
    assert best
    return best


def _candidates(label: Label, page: Page) -> list[_Candidate]:
    """The places where a label overlaps neither a circle nor a box, and is not taken for that of another arrow."""
    found = [
        candidate._replace(cost=candidate.cost + i * _OTHER_FORM)
        for i, form in enumerate(label.forms)
        for candidate in _places(label, form, page)
    ]
    region = box_around([candidate.box for candidate in found]).grown(NEAR)
    circles = [circle for circle in page.circles.values() if circle.overlaps(region)]
    boxes = [box for box in page.boxes if box.overlaps(region)]
    others = [
        piece for piece in page.pieces.near(region) if piece.arrow is not label.owner and not piece.arrow.is_faint
    ]
    return [
        candidate
        for candidate in found
        if not any(candidate.box.overlaps_ellipse(circle) for circle in circles)
        and not any(candidate.box.overlaps(other) for other in boxes)
        and not _is_of_another(candidate, others)
    ]


def _is_of_another(candidate: _Candidate, others: Iterable[Piece]) -> bool:
    """Whether a label would be as near to another arrow as to its own, or on it."""
    around = candidate.box.grown(_NEARER + (_AWAY if candidate.is_beside else 0.0))
    return any(
        around.may_meet(start, end) and around.span_inside(start, end) is not None for _, start, end, _ in others
    )


def _places(label: Label, form: Block, page: Page) -> Iterator[_Candidate]:
    """Places for a label in one of its forms."""
    owner, (width, height) = label.owner, block_size(form, page.font)
    half = (width / 2, height / 2)
    if isinstance(owner, Circle):
        return _places_around(page.circles[owner], form, half, int(label.preferred))
    course, tail, head = page.courses[owner], page.circles[owner.tail][:2], page.circles[owner.head][:2]
    along = label.preferred * math.dist(tail, head) - math.dist(tail, course.points[0])
    return _places_along(owner, course, form, half, min(max(0.0, along / (course.length or 1.0)), 1.0))


def _places_along(arrow: Arrow, course: Course, form: Block, half: Point, preferred: float) -> Iterator[_Candidate]:
    """Places on an arrow and at both sides of it."""
    for fraction in (preferred, *((i + 0.5) / _POSITIONS for i in range(_POSITIONS))):
        (x, y), (along_x, along_y) = course.at(fraction)
        cost = _MOVE * abs(fraction - preferred) * course.length
        reach = abs(along_y) * half[0] + abs(along_x) * half[1] + _AWAY
        if arrow.is_under:
            yield _Candidate(Box(x, y - reach / max(0.1, abs(along_x)), *half), form, cost, True)
            continue
        for side in (0, 1, -1):
            box = Box(x - side * reach * along_y, y + side * reach * along_x, *half)
            if side:
                yield _Candidate(box, form, cost + _BESIDE, True)
            elif _leaves_ends(box, course):
                yield _Candidate(box, form, cost)


def _leaves_ends(box: Box, course: Course) -> bool:
    """Whether both ends of an arrow are visible outside a box that lies on it."""
    before, after, is_met = 0.0, 0.0, False
    for start, end in pairwise(course.points):
        length = math.dist(start, end)
        span = box.span_inside(start, end) if box.may_meet(start, end) else None
        if span:
            before += 0.0 if is_met else span[0] * length
            is_met, after = True, (1.0 - span[1]) * length
        elif is_met:
            after += length
        else:
            before += length
    return before > TAIL_LENGTH and after > HEAD_LENGTH + TAIL_LENGTH


def _places_around(circle: Box, form: Block, half: Point, preferred: int) -> Iterator[_Candidate]:
    """Places around a circle."""
    for i, (x, y) in enumerate(_AROUND):
        right, up = x * (circle.half_width + _AWAY), y * (circle.half_height + _AWAY)
        box = Box(
            circle.x + right + half[0] * ((x > 0) - (x < 0)), circle.y + up + half[1] * ((y > 0) - (y < 0)), *half
        )
        yield _Candidate(box, form, 0.0 if i == preferred else 0.3 + 0.1 * i)


def _cost_of_hiding(box: Box, owner: Arrow | Circle, is_beside: bool, pieces: Pieces) -> float:
    """The cost of hiding other arrows and their tips, and of being near to them, above all if beside one's own."""
    around, cost, is_near = box.grown(NEAR), 0.0, False
    for arrow, start, end, has_tip in pieces.near(around):
        if arrow is owner or arrow.is_faint or not around.span_inside(start, end):
            continue
        span, is_near = box.span_inside(start, end), True
        cost += _CROSSING + (span[1] - span[0]) * math.dist(start, end) if span else _NEARNESS
        if has_tip and abs(end[0] - around.x) < around.half_width and abs(end[1] - around.y) < around.half_height:
            cost += _HIDDEN_TIP
    return cost + _MISLEADING * (is_near and is_beside)
