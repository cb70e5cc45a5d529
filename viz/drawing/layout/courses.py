"""The courses of arrows: straight lines, and smooth curves around the circles in their way."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from viz.drawing.canvas import Canvas
from viz.drawing.layout.boxes import Point
from viz.drawing.layout.columns import MIN_ROW_GAP
from viz.drawing.layout.parts import Arrow, Circle

# In inches.
CLEARANCE = 0.06  # between a straight arrow and a circle that it does not belong to
LANE_WIDTH = 0.14  # between arrows through the same gap
HEAD_LENGTH = 0.1  # of the tip of an arrow
_STEPS = 12  # straight pieces in place of a curve, where its distance to other parts is computed
_NEARNESS = 0.3  # the weight of the distance to the straight arrow, relative to that of a detour
_HANDLE = 0.4  # of the length of a curve, that it keeps its direction at its ends

Curve = tuple[Point, Point, Point, Point]  # a Bézier curve of the third degree


@dataclass(frozen=True)
class Course:
    """The course of an arrow on the page, from the rim of its tail to that of its head, in inches.

    Attributes:
        points: Corners of straight pieces that follow it.
        curves: The Bézier curves of which it consists, without the tip of the arrow; none if it is straight.
    """

    points: tuple[Point, ...]
    curves: tuple[Curve, ...] = ()

    @cached_property
    def length(self) -> float:
        """Its length in inches."""
        return sum(math.dist(start, end) for start, end in pairwise(self.points))

    def at(self, fraction: float) -> tuple[Point, Point]:
        """The point at a fraction of its length, and its direction there, of length 1."""
        left = fraction * self.length
        for start, end in pairwise(self.points):
            piece = math.dist(start, end)
            if piece and (left <= piece or end is self.points[-1]):
                direction = ((end[0] - start[0]) / piece, (end[1] - start[1]) / piece)
                return (start[0] + left * direction[0], start[1] + left * direction[1]), direction
            left -= piece
        return self.points[0], (1.0, 0.0)


def arrow_courses(arrows: Iterable[Arrow], circles: Sequence[Circle], canvas: Canvas) -> dict[Arrow, Course]:
    """The courses of arrows between circles at their places."""
    on_page = canvas.on_page
    columns = _columns(circles, canvas.is_horizontal)
    numbers = sorted(columns)
    lanes: dict[Point, int] = defaultdict(int)
    courses = {}
    for arrow in arrows:
        first, end = bisect_right(numbers, arrow.tail.column), bisect_left(numbers, arrow.head.column)
        between = [columns[n] for n in numbers[first:end]]
        stops = _stops(arrow, between, canvas.is_horizontal, lanes)
        tail, head = on_page(arrow.tail.at), on_page(arrow.head.at)
        if not stops:
            courses[arrow] = Course((_rim_point(arrow.tail, tail, head), _rim_point(arrow.head, head, tail)))
            continue
        curves = [_turn(curve, on_page) for curve in _curves_through([arrow.tail.at, *stops, arrow.head.at])]
        curves[0] = _split(curves[0], _crossing(curves[0], arrow.tail, tail, 0.0))[1]
        tip = _split(curves[-1], _crossing(curves[-1], arrow.head, head, 0.0))[0][-1]
        curves[-1] = _split(curves[-1], _crossing(curves[-1], arrow.head, head, HEAD_LENGTH))[0]
        corners = [_point_on(curve, i / _STEPS) for curve in curves for i in range(1, _STEPS + 1)]
        courses[arrow] = Course((curves[0][0], *corners, tip), tuple(curves))
    return courses


def _rim_point(circle: Circle, at: Point, towards: Point) -> Point:
    """The point where a straight line from the middle of a circle leaves it."""
    x, y = towards[0] - at[0], towards[1] - at[1]
    radii = math.hypot(x / circle.half_width, y / circle.half_height) or 1.0
    return at[0] + x / radii, at[1] + y / radii


@dataclass(frozen=True)
class _Column:
    """The circles of a column, at x along the arrows, and its gaps.

    A gap is the middle between two circles, with 0, or a place beyond the last ones, with 1 or -1.
    """

    x: float
    circles: Sequence[Circle]
    gaps: Mapping[float, int]


def _columns(circles: Sequence[Circle], is_horizontal: bool) -> dict[int, _Column]:
    """The columns by their numbers."""
    found: dict[int, list[Circle]] = defaultdict(list)
    for circle in circles:
        found[circle.column].append(circle)
    return {n: _Column(column[0].x, column, _gaps(column, is_horizontal)) for n, column in found.items()}


def _gaps(column: Sequence[Circle], is_horizontal: bool) -> dict[float, int]:
    sides = sorted((circle.y, circle.half_sizes(is_horizontal)[1]) for circle in column)
    gaps = [(y + half, above - above_half) for (y, half), (above, above_half) in pairwise(sides)]
    inner = {(below + above) / 2: 0 for below, above in gaps if above - below > 2 * CLEARANCE}
    bottom, top = min(y - half for y, half in sides), max(y + half for y, half in sides)
    return {bottom - MIN_ROW_GAP / 2: -1, **inner, top + MIN_ROW_GAP / 2: 1}


def _stops(arrow: Arrow, between: Sequence[_Column], is_horizontal: bool, lanes: dict[Point, int]) -> list[Point]:
    """The middles of the gaps through which an arrow passes the columns between; empty if it can be straight.

    They are those of the least detour, and of several such, near the straight arrow.

    Arrows through the same gap, which are counted in `lanes`, are beside each other.
    """
    if not any(_is_in_the_way(circle, arrow, is_horizontal) for column in between for circle in column.circles):
        return []
    tail, head = arrow.tail, arrow.head
    found: list[dict[float, tuple[float, float]]] = [{tail.y: (0.0, 0.0)}]  # by each stop: its cost, the one before
    for column in between:
        straight = tail.y + (head.y - tail.y) * (column.x - tail.x) / (head.x - tail.x)
        reached = {}
        for gap in column.gaps:
            cost, before = min((cost + abs(gap - y), y) for y, (cost, _) in found[-1].items())
            cost += LANE_WIDTH * lanes[column.x, gap] + _NEARNESS * abs(gap - straight)
            reached[gap] = (cost, before)
        found.append(reached)
    _, gap = min((cost + abs(head.y - y), y) for y, (cost, _) in found[-1].items())
    moved = []
    for column, reached in zip(reversed(between), reversed(found), strict=False):
        outwards, n = column.gaps[gap], lanes[column.x, gap]
        lanes[column.x, gap] += 1
        lane = n * outwards if outwards else (n + 1) // 2 * (-1) ** n  # in an inner gap, on both sides of its middle
        moved.append((column.x, gap + lane * LANE_WIDTH))
        gap = reached[gap][1]
    return moved[::-1]


def _is_in_the_way(circle: Circle, arrow: Arrow, is_horizontal: bool) -> bool:
    """Whether the straight arrow would touch a circle between its columns."""
    along, across = (half + CLEARANCE for half in circle.half_sizes(is_horizontal))
    (x1, y1), (x2, y2) = (((end.x - circle.x) / along, (end.y - circle.y) / across) for end in (arrow.tail, arrow.head))
    return abs(x1 * y2 - y1 * x2) < math.hypot(x2 - x1, y2 - y1)


def _curves_through(stops: Sequence[Point]) -> list[Curve]:
    """Curves through points; they pass the inner ones in the direction in which columns are counted."""
    curves = []
    for i, ((x1, y1), (x2, y2)) in enumerate(pairwise(stops)):
        x, y = _HANDLE * (x2 - x1), 1.7 * _HANDLE * (y2 - y1)
        is_first, is_last = i == 0, i == len(stops) - 2
        curves.append(((x1, y1), (x1 + x, y1 + is_first * y), (x2 - x, y2 - is_last * y), (x2, y2)))
    return curves


def _turn(curve: Curve, on_page: Callable[[Point], Point]) -> Curve:
    a, b, c, d = curve
    return on_page(a), on_page(b), on_page(c), on_page(d)


def _split(curve: Curve, t: float) -> tuple[Curve, Curve]:
    """The two parts of a curve before and after a parameter (de Casteljau's algorithm)."""
    a, b, c, d = curve
    ab, bc, cd = _between(a, b, t), _between(b, c, t), _between(c, d, t)
    abc, bcd = _between(ab, bc, t), _between(bc, cd, t)
    middle = _between(abc, bcd, t)
    return (a, ab, abc, middle), (middle, bcd, cd, d)


def _point_on(curve: Curve, t: float) -> Point:
    """The point of a curve at a parameter."""
    a, b, c, d = curve
    s = 1.0 - t
    i, j, k, n = s * s * s, 3.0 * s * s * t, 3.0 * s * t * t, t * t * t
    return i * a[0] + j * b[0] + k * c[0] + n * d[0], i * a[1] + j * b[1] + k * c[1] + n * d[1]


def _between(start: Point, end: Point, t: float) -> Point:
    return start[0] + t * (end[0] - start[0]), start[1] + t * (end[1] - start[1])


def _crossing(curve: Curve, circle: Circle, at: Point, away: float) -> float:
    """The parameter where a curve crosses the rim of a circle, in whose middle it begins or ends, or a wider one."""
    inside, outside = (0.0, 1.0) if math.dist(curve[0], at) < math.dist(curve[-1], at) else (1.0, 0.0)
    width, height = circle.half_width + away, circle.half_height + away
    for _ in range(30):
        t = (inside + outside) / 2
        x, y = _point_on(curve, t)
        if math.hypot((x - at[0]) / width, (y - at[1]) / height) < 1.0:
            inside = t
        else:
            outside = t
    return outside
