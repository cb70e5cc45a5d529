"""The courses of arrows: straight lines, and smooth curves around the circles in their way."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from viz.drawing.canvas import Canvas, Point
from viz.drawing.columns import MIN_ROW_GAP
from viz.drawing.layout import Arrow, Circle

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

    @property
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
    lanes: dict[Point, int] = defaultdict(int)
    courses = {}
    for arrow in arrows:
        stops = _stops(arrow, circles, canvas.is_horizontal, lanes)
        tail, head = on_page(arrow.tail.at), on_page(arrow.head.at)
        if not stops:
            courses[arrow] = Course((_rim_point(arrow.tail, tail, head), _rim_point(arrow.head, head, tail)))
            continue
        curves = [_turn(curve, on_page) for curve in _curves_through([arrow.tail.at, *stops, arrow.head.at])]
        curves[0] = _split(curves[0], _crossing(curves[0], arrow.tail, tail, 0.0))[1]
        tip = _split(curves[-1], _crossing(curves[-1], arrow.head, head, 0.0))[0][-1]
        curves[-1] = _split(curves[-1], _crossing(curves[-1], arrow.head, head, HEAD_LENGTH))[0]
        between = [_split(curve, i / _STEPS)[0][-1] for curve in curves for i in range(1, _STEPS + 1)]
        courses[arrow] = Course((curves[0][0], *between, tip), tuple(curves))
    return courses


def runs_through_circles(arrow: Arrow, course: Course, boxes: Mapping[Circle, tuple[float, ...]]) -> bool:
    """Whether an arrow touches a circle that is not its own; `boxes` has the middle and half the size of each."""
    for circle, (x, y, half_width, half_height) in boxes.items():
        if circle is arrow.tail or circle is arrow.head:
            continue
        points = [((px - x) / half_width, (py - y) / half_height) for px, py in course.points]
        if any(_distance_to_origin(start, end) < 1.0 for start, end in pairwise(points)):
            return True
    return False


def _distance_to_origin(start: Point, end: Point) -> float:
    """The least distance of a straight piece from the origin."""
    x, y = end[0] - start[0], end[1] - start[1]
    length = x * x + y * y
    t = -(start[0] * x + start[1] * y) / length if length else 0.0
    t = min(max(0.0, t), 1.0)
    return math.hypot(start[0] + t * x, start[1] + t * y)


def _rim_point(circle: Circle, at: Point, towards: Point) -> Point:
    """The point where a straight line from the middle of a circle leaves it."""
    x, y = towards[0] - at[0], towards[1] - at[1]
    radii = math.hypot(x / circle.half_width, y / circle.half_height) or 1.0
    return at[0] + x / radii, at[1] + y / radii


def _stops(arrow: Arrow, circles: Sequence[Circle], is_horizontal: bool, lanes: dict[Point, int]) -> list[Point]:
    """The middles of the gaps through which an arrow passes the columns between; empty if it can be straight.

    They are those of the least detour, and of several such, near the straight arrow.

    Arrows through the same gap, which are counted in `lanes`, are beside each other.
    """
    columns: dict[float, list[Circle]] = defaultdict(list)
    for circle in circles:
        if arrow.tail.column < circle.column < arrow.head.column:
            columns[circle.x].append(circle)
    if not any(_is_in_the_way(circle, arrow, is_horizontal) for column in columns.values() for circle in column):
        return []
    found: dict[float, tuple[float, list[Point]]] = {arrow.tail.y: (0.0, [])}  # by the last stop: its cost, all stops
    for x in sorted(columns):
        reached = {}
        straight = arrow.tail.y + (arrow.head.y - arrow.tail.y) * (x - arrow.tail.x) / (arrow.head.x - arrow.tail.x)
        for gap, _ in _gaps(columns[x], is_horizontal):
            cost, before = min((cost + abs(gap - y), stops) for y, (cost, stops) in found.items())
            cost += LANE_WIDTH * lanes[x, gap] + _NEARNESS * abs(gap - straight)
            reached[gap] = (cost, [*before, (x, gap)])
        found = reached
    _, stops = min((cost + abs(arrow.head.y - y), stops) for y, (cost, stops) in found.items())
    moved = []
    for x, gap in stops:
        outwards = dict(_gaps(columns[x], is_horizontal))[gap]
        n = lanes[x, gap]
        lanes[x, gap] += 1
        lane = n * outwards if outwards else (n + 1) // 2 * (-1) ** n  # in an inner gap, on both sides of its middle
        moved.append((x, gap + lane * LANE_WIDTH))
    return moved


def _gaps(column: Sequence[Circle], is_horizontal: bool) -> list[tuple[float, int]]:
    """The middles of the gaps between circles, and beyond the last ones, with 1 or -1 for these two."""
    sides = sorted((circle.y, circle.half_sizes(is_horizontal)[1]) for circle in column)
    gaps = [(y + half, above - above_half) for (y, half), (above, above_half) in pairwise(sides)]
    inner = [((below + above) / 2, 0) for below, above in gaps if above - below > 2 * CLEARANCE]
    bottom, top = min(y - half for y, half in sides), max(y + half for y, half in sides)
    return [(bottom - MIN_ROW_GAP / 2, -1), *inner, (top + MIN_ROW_GAP / 2, 1)]


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


def _between(start: Point, end: Point, t: float) -> Point:
    return start[0] + t * (end[0] - start[0]), start[1] + t * (end[1] - start[1])


def _crossing(curve: Curve, circle: Circle, at: Point, away: float) -> float:
    """The parameter where a curve crosses the rim of a circle, in whose middle it begins or ends, or a wider one."""
    inside, outside = (0.0, 1.0) if math.dist(curve[0], at) < math.dist(curve[-1], at) else (1.0, 0.0)
    width, height = circle.half_width + away, circle.half_height + away
    for _ in range(30):
        t = (inside + outside) / 2
        x, y = _split(curve, t)[0][-1]
        if math.hypot((x - at[0]) / width, (y - at[1]) / height) < 1.0:
            inside = t
        else:
            outside = t
    return outside
