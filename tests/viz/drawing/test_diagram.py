"""Diagrams, and the steps above those of networks, read back from their DOT text."""

from __future__ import annotations

import re
from itertools import product
from typing import Any

import pytest

from engine import Value
from nn import MLP
from tests import thorough_unless
from tests.layout_program import needs_dot
from tests.paper_graphs import figure_2, figure_4, network_outputs
from tests.viz.drawing.diagrams import circle, dots, sample_diagram
from tests.viz.drawing.dot_reading import DotGraph, DotNode, read_dot, run_dot
from tests.viz.drawing.network_reading import circles, columns, read_network, texts
from viz import draw_network
from viz.drawing.diagram import Diagram
from viz.drawing.drawing import DIRECTIONS
from viz.drawing.layout.parts import Arrow, Circle
from viz.drawing.themes import Theme


def named(picture: DotGraph, text: str) -> DotNode:
    """The node with this text."""
    (node,) = (node for node in picture.nodes.values() if node.text == text)
    return node


def test_dots_push_down_the_circles_below_them() -> None:
    x, a, y = circle("x", 0), [circle(f"a_{i}", 1) for i in "12N"], circle("y", 2)
    Diagram([x, a[0], a[1], dots(1), a[2], y], []).draw()
    above, level, gap = a[0].y - a[1].y, a[1].y, a[1].y - a[2].y
    assert (x.y, level, y.y) == (0.0, 0.0, 0.0)
    assert gap == pytest.approx(2 * above)


def test_dots_are_not_a_circle_and_an_empty_circle_has_no_text() -> None:
    picture = read_dot(Diagram([circle("x", 0), dots(0), Circle((), 0)], []).draw())
    assert [(node.text, node.radius) for node in picture.nodes.values()] == [("x", 0.475), ("⋮", 0.0), ("", 0.475)]


def test_headings_are_above_a_column_or_between_two() -> None:
    picture = read_dot(sample_diagram().draw())
    x, unit = named(picture, "x").x, named(picture, "a | z").x
    headings = [named(picture, text) for text in ("X", "W", "z = ŷ")]
    assert [node.x for node in headings] == pytest.approx([x, (x + unit) / 2, unit])
    (y,) = {node.y for node in headings}
    assert y > named(picture, "y_1").y + 0.475


def test_bold_letters_are_drawn_in_bold() -> None:
    assert '<FONT POINT-SIZE="20"><B>X</B></FONT>' in sample_diagram().draw().source


def test_steps_are_above_the_halves_of_their_columns() -> None:
    picture = read_dot(sample_diagram().draw())
    unit = named(picture, "a | z")
    at = {text: named(picture, text).x - unit.x for text in "32"}
    assert at == pytest.approx({"3": -unit.radius / 2, "2": unit.radius / 2}, abs=1e-3)
    assert [named(picture, text).x for text in "41"] == [named(picture, text).x for text in ("x", "y_2")]
    assert "0" not in {node.text for node in picture.nodes.values()}, "a step 0 is not shown"


def test_pass_arrows_lead_backward_or_forward() -> None:
    picture = read_dot(sample_diagram().draw())
    ends = [
        (picture.nodes[tail].x, picture.nodes[head].x)
        for tail, head, _ in picture.edges
        if picture.nodes[tail].y == picture.nodes[head].y > named(picture, "1").y
    ]
    assert [head > tail for tail, head in ends] == [False, True]
    for title, (tail, head) in zip(("back", "on"), ends, strict=True):
        assert named(picture, title).x == pytest.approx((tail + head) / 2)


def test_texts_are_before_a_circle_and_below_its_first_half() -> None:
    picture = read_dot(sample_diagram().draw())
    x, before = named(picture, "x"), named(picture, "v =")
    assert (before.y, before.x < x.x - x.radius) == (x.y, True)
    unit, note = named(picture, "a | z"), named(picture, "δ = ∂ E")
    assert (note.x < unit.x, note.y < unit.y - unit.radius) == (True, True)
    (tied,) = [tail for tail, head, _ in picture.edges if picture.nodes[head] is note]
    assert (picture.nodes[tied].x, picture.nodes[tied].y) == (note.x, unit.y)


def test_a_cut_arrow_ends_before_the_dots_and_begins_after_them() -> None:
    picture = read_dot(sample_diagram().draw())
    tail, mark = named(picture, "y_2"), named(picture, "…")
    (end,) = [picture.nodes[head].x for start, head, _ in picture.edges if picture.nodes[start] is tail]
    (start,) = [picture.nodes[start].x for start, head, _ in picture.edges if picture.nodes[head].x == 6.9]
    assert tail.x + tail.radius < end < mark.x - 0.2
    assert mark.x + 0.2 < start


def test_a_label_can_be_below_its_arrow() -> None:
    picture = read_dot(sample_diagram().draw())
    under, on = named(picture, "w_1"), named(picture, "w_N")
    unit, y_1, y_n = (named(picture, text) for text in ("a | z", "y_1", "y_N"))
    assert on.y == pytest.approx((unit.y + y_n.y) / 2)
    assert under.y < (unit.y + y_1.y) / 2 - 0.15


def test_only_faint_parts_are_grey() -> None:
    source = sample_diagram().draw().source
    assert len(re.findall(rf'label="" color={Theme().faint} ', source)) == 1
    assert len(re.findall(rf"-> \w+ \[[^\]]*color={Theme().faint} ", source)) == 2, "both ends of the cut arrow"
    strong = sample_diagram()
    for node in strong.circles:
        node.is_faint = False
    for arrow in strong.arrows:
        arrow.is_faint = False
    assert Theme().faint not in strong.draw().source


def test_faint_arrows_do_not_move_labels() -> None:
    x, y = circle("x", 0), [circle(f"y_{i}", 1) for i in "123"]
    strong = [Arrow(x, node, "w") for node in y]
    others = [circle(f"x_{i}", 0) for i in "12"]
    faint = [Arrow(node, head, is_faint=True) for node in others for head in y]
    picture = read_dot(Diagram([x, *others, *y], faint + strong).draw())
    middle = (named(picture, "x").x + named(picture, "y_1").x) / 2
    assert [node.x for node in picture.nodes.values() if node.text == "w"] == pytest.approx([middle] * 3)


def test_the_same_diagram_gives_the_same_text() -> None:
    picture = sample_diagram()
    assert picture.draw().source == picture.draw().source == sample_diagram().draw().source


def test_an_empty_diagram_can_be_drawn() -> None:
    assert read_dot(Diagram([], []).draw()) == ({}, [])


def test_an_unknown_direction_is_refused() -> None:
    with pytest.raises(ValueError, match="unknown direction 'UP'"):
        sample_diagram().draw("UP")


@needs_dot
def test_every_direction_draws_without_a_warning() -> None:
    run_dot(*(sample_diagram().draw(direction) for direction in DIRECTIONS), format="svg")


def mlp(*sizes: int, output: str = "sigmoid") -> list[Value]:
    x = [0.5] * sizes[0]
    outputs = MLP(sizes[0], list(sizes[1:]), activation="sigmoid", output_activation=output)(x)
    return outputs if isinstance(outputs, list) else [outputs]


def steps_over(root: Value | list[Value], first: int, direction: str = "LR") -> list[tuple[int, str]]:
    """The numbers, in the direction of the arrows, each with what is computed in its step for the column's first unit.

    It is what stands below the number: a whole circle, or the nearer half of one.
    """
    picture = read_network(root, steps=first, direction=direction)
    signs = {"LR": 1, "RL": -1}[direction]
    numbers = [node for node in circles(picture) if node.text.isdigit()]
    units = [node for node in circles(picture) if node.text and not node.text.isdigit()]
    found = []
    for number in sorted(numbers, key=lambda node: node.x):
        above = max((node for node in units if abs(node.x - number.x) < node.radius), key=lambda node: node.y)
        assert number.y > above.y + above.radius + number.radius
        halves = above.text.split(" | ")
        found.append((signs * above.x, int(number.text), halves[len(halves) == 2 and number.x > above.x]))
    return [(number, text) for _, number, text in sorted(found, key=lambda step: step[0])]


def test_steps_are_numbered_as_in_figure_8() -> None:
    expected = [
        (7, "x_1"),
        (6, "a_1^(1)"),
        (5, "z_1^(1)"),
        (4, "a_1^(2)"),
        (3, "z_1^(2)"),
        (2, "a_1^(3)"),
        (1, "z_1^(3)"),
    ]
    assert steps_over(network_outputs(), 1) == expected
    assert steps_over(network_outputs(), 1, direction="RL") == expected


def test_a_linear_output_has_one_step() -> None:
    assert steps_over(mlp(3, 4, 3, output="linear"), 1) == [(4, "x_1"), (3, "a_1^(1)"), (2, "z_1^(1)"), (1, "a_1^(2)")]


def test_the_error_itself_has_no_step() -> None:
    assert steps_over(figure_4(), 0) == steps_over(network_outputs(), 1)


def test_steps_of_a_deep_network() -> None:
    numbers = [number for number, _ in steps_over(mlp(5, 7, 1, 4, 3), 1)]
    assert numbers == [9, 8, 7, 6, 5, 4, 3, 2, 1]


@pytest.mark.parametrize(("direction", "x", "y"), [("LR", -1, 0), ("RL", 1, 0), ("TB", 0, 1), ("BT", 0, -1)])
def test_the_long_arrow_leads_against_the_graph(direction: str, x: int, y: int) -> None:
    picture = read_network(network_outputs(), steps=1, direction=direction)
    assert [node.text for node in texts(picture)][-1] == "backward propagation"
    tail, head, _ = picture.edges[-1]
    start, end = picture.nodes[tail], picture.nodes[head]
    assert (start.text, end.text) == ("", "")
    across = (end.x - start.x, end.y - start.y)
    assert across[0] * x + across[1] * y > 4
    assert across[0] * y == across[1] * x == 0


def test_without_steps_nothing_is_added() -> None:
    assert draw_network(network_outputs()).source == draw_network(network_outputs(), steps=None).source
    assert "backward" not in draw_network(network_outputs()).source


def test_one_node_has_a_step_but_no_arrow() -> None:
    picture = read_network(Value(1.5, "x"), steps=1)
    assert (columns(picture), picture.edges) == ([["1", "x"]], [])
    assert columns(read_network(Value(1.5, "x"), steps=0)) == [["x"]]


@needs_dot
@thorough_unless(lambda pairs: pairs is zip)
@pytest.mark.parametrize("pairs", [zip, product])
def test_steps_draw_without_a_warning(pairs: type[Any]) -> None:
    roots: list[Value | list[Value]] = [figure_2(), figure_4(), mlp(3, 4, 2, 3), mlp(5, 7, 1, 4, 3, output="linear")]
    run_dot(*(draw_network(root, steps=1, direction=way) for root, way in pairs(roots, DIRECTIONS)))
