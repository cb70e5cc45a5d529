"""The shape of drawings of every operation: their direction, their size of type, and places for all numbers."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import combinations

import pytest

from engine import Value
from tests import thorough_unless
from tests.layout_program import needs_dot
from tests.viz.drawing.dot_reading import dot_layouts
from tests.viz.drawing.graphs_to_draw import example, long_graphs
from viz import draw
from viz.drawing.dot_labels import MAX_SIZE
from viz.drawing.themes import choose_theme


@needs_dot
@thorough_unless(lambda kind: kind in ("penalty", "recurrent"))
@pytest.mark.parametrize("kind", ["recurrent", "softmax", "penalty", "network"])
def test_the_better_direction_is_at_most_3_to_1(kind: str) -> None:
    y = long_graphs()[kind]
    y.backward()
    width, height, smallest = draw(y).measures()
    assert max(width, height) <= 3.0 * min(width, height)
    assert smallest == 12
    others = [draw(y, direction=direction).measures() for direction in ("LR", "TB")]
    assert max(width / 1.6, height) == min(max(other.width / 1.6, other.height) for other in others)


@needs_dot
@thorough_unless(lambda direction: direction in ("LR", "TB"))
@pytest.mark.parametrize("direction", ["LR", "RL", "TB", "BT"])
def test_no_number_or_box_is_on_another_and_lines_are_below(direction: str) -> None:
    drawings = []
    for y in long_graphs().values():
        y.backward()
        drawings.append(draw(y, local_derivatives=True, direction=direction))
    for drawing, layout in zip(drawings, dot_layouts(*drawings), strict=True):
        boxes = []
        for part in layout["objects"]:
            (x0, y0), w, h = map(float, part["pos"].split(",")), 72 * float(part["width"]), 72 * float(part["height"])
            boxes.append((x0 - w / 2, x0 + w / 2, y0 - h / 2, y0 + h / 2))
        assert len(boxes) > 20
        for (left, right, low, high), (left_2, right_2, low_2, high_2) in combinations(boxes, 2):
            assert right <= left_2 + 0.5 or right_2 <= left + 0.5 or high <= low_2 + 0.5 or high_2 <= low + 0.5
        assert "outputorder=edgesfirst" in drawing.source
        assert "style=filled" in drawing.source


@needs_dot
def test_a_drawing_that_is_long_advises_draw_network() -> None:
    y = Value(0.5, "x")
    assert "draw_network" not in repr(draw(y.tanh()))
    for _ in range(20):
        y = y.tanh()
    assert "draw_network shows such a graph better" in repr(draw(y))
    assert re.search(r"smallest type [\d.]+ pt \(18 pt wanted\), draw_network", repr(draw(y, theme="slide")))


@needs_dot
@thorough_unless(lambda theme: theme == "slide")
@pytest.mark.parametrize("theme", ["light", "slide", "print"])
def test_the_smallest_type_is_as_large_as_asked(theme: str) -> None:
    y = example()
    y.backward()
    for text, points in {7.0: 7, 18.0: 18, 7.4: 8, 8.5: 9, 10.3: 11, 0.5: 1, 200: 200}.items():
        drawing = draw(y, theme=replace(choose_theme(theme), size=None), text=text, local_derivatives=True)
        assert drawing.measures().smallest_type == points, "whole points, rounded up"
        assert "wanted" not in repr(drawing)
        assert all(int(size) <= MAX_SIZE for size in re.findall(r'POINT-SIZE="(\d+)"', drawing.source))
    assert (draw(y, theme="slide").measures().smallest_type or 0.0) > 18
    assert (draw(y, theme="print", size=3.3).measures().smallest_type or 0.0) > 7
