"""Drawings of networks whose weights are read in more than one way show or note every dependence."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import combinations
from typing import Any

import pytest

from engine import NamedGraph, Value, dot, label
from nn import MLP, half_squared_error
from tests import by_night, thorough_unless
from tests.layout_program import needs_dot
from tests.paper_graphs import figure_4
from tests.viz.drawing.dot_reading import dot_layouts, run_dot
from tests.viz.drawing.network_reading import arrows, circles, columns, curve, read_network, texts
from viz import Film, draw_network
from viz.drawing.drawing import DIRECTIONS
from viz.drawing.weights import MAX_WEIGHT_CIRCLES

pytestmark = pytest.mark.once


def penalized() -> Value:
    """A unit whose weight is also in a penalty."""
    w, t, b = Value(0.5, "w"), Value(1.0, "t"), Value(0.1, "b")
    u = w * t + b
    v = u.tanh()
    L = (v - 0.3) ** 2 + 0.1 * w * w
    label(u=u, v=v, L=L)
    return L


def decayed(*sizes: int) -> Value:
    network = MLP(sizes[0], list(sizes[1:]), activation="sigmoid", output_activation="sigmoid")
    E = half_squared_error(network([0.5] * sizes[0]), 0.25)
    E.label = "error"
    E = E + 1e-4 * sum(p * p for p in network.parameters())
    E.label = "E"
    return E


def edges(root: Value | list[Value], weights: Sequence[Value] = ()) -> set[tuple[str, str]]:
    """The tail and head of each arrow, whether or not it has corners."""
    picture = read_network(root, weights=weights)
    text = {name: node.text for name, node in picture.nodes.items()}
    after = {tail: head for tail, head, _ in picture.edges if not text[tail]}
    found = set()
    for tail, head, _ in picture.edges:
        while not text[head]:
            head = after[head]
        found.add((text[tail], text[head]))
    return {(tail, head) for tail, head in found if tail}


def lines(root: Value) -> list[str]:
    return [text.text for text in texts(read_network(root)) if " " in text.text]


def test_a_weight_with_a_penalty_has_a_circle_and_all_its_paths() -> None:
    assert edges(penalized()) == {("w", "u"), ("t", "u"), ("b", "u"), ("u", "v"), ("v", "L"), ("w", "L")}
    assert "w" in {text.text for text in texts(read_network(penalized()))}, "and its label stays"


def test_a_weight_that_does_not_label_an_arrow_has_a_circle() -> None:
    w, x, v = Value(0.5, "w"), Value(1.5, "x"), Value(2.0, "w_2")
    for root in ((w * x - 1) ** 2 + 0.1 * w * w, (w * x).tanh(), 2 * w * x, w * x + 3 * w):
        assert edges(root) == {("x", "output"), ("w", "output")}
    assert edges(dot([w, v], [x, x])) == {("x", "output"), ("w", "output"), ("w_2", "output")}
    assert arrows(read_network(w * v)) == {("w", "output", "w_2"), ("w_2", "output", "w")}


def test_a_weight_in_both_factors_of_a_product_has_a_circle() -> None:
    w = Value(0.5, "w")
    assert arrows(read_network(dot([w], [3.0]))) == {("w", "output", "3")}


def test_a_bias_with_a_penalty_has_a_circle() -> None:
    w, x, b = Value(0.5, "w"), Value(1.5, "x"), Value(0.1, "b")
    a = dot([w], [x], b)
    E = a**2 + b**2
    label(a=a, E=E)
    assert edges(E) == {("x", "a"), ("b", "a"), ("a", "E"), ("b", "E")}
    assert [text.text for text in texts(read_network(E))].count("b") == 0


def test_a_weight_that_arrows_show_fully_has_no_circle() -> None:
    w, x, z = Value(0.5, "w"), Value(1.5, "x"), Value(2.0, "z")
    for root in (w * x, w * x + w * z, w * (x + z), dot([w, w], [x, z]), dot([w], [x], Value(1.0, "b"))):
        assert "w" not in {node.text for node in circles(read_network(root))}
    a, b = w * x, w * z
    y = a * b
    label(a=a, b=b, y=y)
    assert columns(read_network(y)) == [["x", "z"], ["a", "b"], ["y"]]


def test_weights_of_the_same_name_are_distinguished() -> None:
    w, x = [Value(1.0, "w"), Value(2.0, "w")], [Value(3.0, "x_1"), Value(4.0, "x_2")]
    assert arrows(read_network(dot(w, x))) == {("x_1", "output", "w"), ("x_2", "output", "w")}


def test_a_given_weight_that_is_not_a_leaf_keeps_its_circle() -> None:
    k, x = Value(3.0, "k"), Value(1.5, "x")
    u = 2 * k
    y = u * x
    label(u=u, y=y)
    assert edges(y) == edges(y, weights=[u]) == {("k", "u"), ("u", "y"), ("x", "y")}


def test_a_weight_that_is_an_output_keeps_its_circle() -> None:
    w, x = Value(0.5, "w"), Value(1.5, "x")
    y = w * x
    y.label = "y"
    assert edges([w, y]) == {("w", "y"), ("x", "y")}


@pytest.mark.parametrize("sizes", [(1, 1), (2, 2, 1), (3, 4, 2, 1)])
def test_every_dependence_is_drawn_or_noted(sizes: tuple[int, ...]) -> None:
    """A few arrows of a penalty are drawn; more are counted in a note, which names the weights."""
    E = decayed(*sizes)
    read = NamedGraph(E).inputs(E)
    parameters = [x for x in read if not x.inputs]
    drawn = {tail for tail, head in edges(E) if head == "E"}
    if len(parameters) <= MAX_WEIGHT_CIRCLES:
        assert (drawn, lines(E)) == ({x.label for x in read}, [])
    else:
        first, second, *_, last = (str(x.label) for x in parameters)
        assert drawn == {"error"}
        assert lines(E) == [f"E also reads {first} , {second} , … , {last} ({len(parameters)} arrows are not drawn)"]


def test_many_readers_of_weights_are_counted_in_one_note() -> None:
    x = [Value(1.0, f"x_{i}") for i in range(3)]
    h = [dot([Value(0.5, f"w_{i}{j}") for j in range(3)], x).tanh() for i in range(7)]
    label(**{f"h_{i}": node for i, node in enumerate(h)})
    y = dot([1.0] * 7, h)
    y.label = "y"
    found = lines(y)
    assert found[0] == "h_0 also reads w_00 , w_01 , w_02 (3 arrows are not drawn)"
    assert (len(found), found[-1]) == (5, "and so do 3 more nodes")


@needs_dot
@thorough_unless(lambda direction: direction in ("RL", "TB"))
@pytest.mark.parametrize("direction", DIRECTIONS)
def test_the_notes_are_below_the_picture(direction: str) -> None:
    picture = read_network(decayed(2, 2, 1), direction=direction)
    (note,) = (text for text in texts(picture) if " also reads " in text.text)
    assert note.y < min(node.y - node.radius for node in circles(picture))
    run_dot(draw_network(decayed(2, 2, 1), direction=direction))


@needs_dot
@pytest.mark.parametrize("direction", DIRECTIONS)
def test_an_arrow_past_a_column_is_one_smooth_curve(direction: str) -> None:
    (layout,) = dot_layouts(draw_network(penalized(), direction=direction))
    (bent,) = (edge for edge in layout["edges"] if edge["pos"].count(" ") > 4)
    points = curve(bent)
    turns = []
    for (x0, y0), (x1, y1), (x2, y2) in zip(points, points[1:], points[2:], strict=False):
        ways = (x1 - x0, y1 - y0), (x2 - x1, y2 - y1)
        if all(math.hypot(*way) > 0.01 for way in ways):
            turns.append(abs(math.remainder(math.atan2(*ways[1]) - math.atan2(*ways[0]), math.tau)))
    assert max(turns) < math.radians(12)
    assert sum(turns) > math.radians(30)


@needs_dot
def test_a_film_shows_the_circle_of_a_weight() -> None:
    film = Film(penalized())
    assert next(beat.caption for beat in film.beats if beat.node.label == "w").startswith("∂L/∂w = ")
    assert film.svg()


def numbered(*sizes: int, activation: str = "linear") -> Value:
    """A network whose parameters are 0.5, 1.5, 2.5, ..."""
    network = MLP(sizes[0], list(sizes[1:]), activation=activation)
    for i, parameter in enumerate(network.parameters()):
        parameter.data = i + 0.5
    y = network([1.0] * sizes[0])
    return y[0] if isinstance(y, list) else y


def test_a_units_value_can_be_computed_from_the_picture() -> None:
    """As the paper computes a₁⁽¹⁾ in Figure 4: 0.5 · 1.5 + (−0.25) · (−0.5) = 0.875."""
    picture = read_network(figure_4(), data=True)
    into = {tail: label for tail, head, label in arrows(picture) if head.startswith("a_1^(1)")}
    assert into == {"x_1 1.5": "w_11^(1) 0.5", "x_2 −0.5": "w_12^(1) −0.25"}
    assert "a_1^(1) 0.875" in columns(picture)[1][0]


@thorough_unless(lambda sizes: sizes != (3, 4, 5, 1))
@pytest.mark.parametrize("sizes", [(1, 1), (2, 2, 1), (3, 4, 5, 1)])
def test_every_weight_and_bias_has_its_value(sizes: tuple[int, ...]) -> None:
    y = numbered(*sizes)
    shown = {text.text.replace("= ", "") for text in texts(read_network(y, data=True))}
    parameters = [x for x in NamedGraph(y).nodes if not x.inputs and str(x.label)[0] in "wb"]
    assert shown == {f"{x.label} {x.data:g}" for x in parameters}
    assert {text.text for text in texts(read_network(y))} == {x.label for x in parameters}


def test_every_weight_and_bias_has_its_derivative() -> None:
    y = numbered(2, 1)
    y.backward()
    shown = [text.text for text in texts(read_network(y, gradients=True))]
    assert sorted(shown) == ["b_1^(1) ∂ 1", "w_11^(1) ∂ 1", "w_12^(1) ∂ 1"]
    shown = [text.text for text in texts(read_network(y, data=True, gradients=True))]
    assert sorted(shown) == ["b_1^(1) = 2.5 ∂ 1", "w_11^(1) 0.5 ∂ 1", "w_12^(1) 1.5 ∂ 1"]


def test_local_derivatives_stand_beside_the_names_of_weights() -> None:
    shown = [text.text for text in texts(read_network(numbered(2, 1), data=True, local_derivatives=True))]
    assert sorted(shown) == ["b_1^(1) = 2.5", "w_11^(1) 0.5", "w_12^(1) 1.5"]


def test_a_label_that_is_not_a_weight_has_no_value() -> None:
    a = 3 * Value(1.5, "x")
    assert arrows(read_network(a, data=True)) == {("x 1.5", "output 4.5", "3")}


def test_of_weights_with_the_same_name_each_has_its_own_value() -> None:
    w, x = [Value(1.0, "w"), Value(2.0, "w")], [Value(3.0, "x_1"), Value(4.0, "x_2")]
    for root in (dot(w, x), w[0] * x[0] + w[1] * x[1]):
        assert {label for *_, label in arrows(read_network(root, data=True))} == {"w 1", "w 2"}


SIZES = [(2, 2, 1), (3, 3, 1), (4, 5, 3), (5, 6, 1), (12, 12, 1), (2, 10, 2, 1)]
SHOWN: list[dict[str, Any]] = [{}, {"data": True}, {"data": True, "local_derivatives": True}]


@needs_dot
@thorough_unless(
    lambda sizes, direction, shown: (
        (sizes == SIZES[0] or direction == "LR") and bool(shown) == (direction in ("LR", "BT"))
    )
)
@pytest.mark.parametrize("sizes", by_night([SIZES[0], SIZES[4]], SIZES))
@pytest.mark.parametrize("direction", DIRECTIONS)
@pytest.mark.parametrize("shown", by_night([SHOWN[0], SHOWN[2]], SHOWN), ids=str)
def test_labels_and_values_do_not_overlap(sizes: tuple[int, ...], direction: str, shown: dict[str, Any]) -> None:
    """For networks of any size and direction, with labels such as w_{12,10}, and biases."""
    root = numbered(*sizes, activation="sigmoid")
    (layout,) = dot_layouts(draw_network(root, direction=direction, **shown))
    boxes = []
    for part in layout["objects"]:
        x, y = map(float, part["pos"].split(","))
        boxes.append((part["name"], x, y, 36 * float(part["width"]), 36 * float(part["height"])))
    for (one, x1, y1, w1, h1), (other, x2, y2, w2, h2) in combinations(boxes, 2):
        assert abs(x1 - x2) > w1 + w2 - 1 or abs(y1 - y2) > h1 + h2 - 1, f"{one} lies upon {other}"


@thorough_unless(lambda sizes: sizes in ((5, 6, 3), (2, 10, 2)))
@pytest.mark.parametrize("sizes", [(5, 6, 3), (2, 10, 2), (12, 12, 1), (1, 12, 1)])
def test_arrows_of_a_tall_network_do_not_cross_circles(sizes: tuple[int, ...]) -> None:
    picture = read_network(numbered(*sizes, activation="sigmoid"), data=True)
    for tail, head, _ in picture.edges:
        start, end = picture.nodes[tail], picture.nodes[head]
        length = math.dist((start.x, start.y), (end.x, end.y))
        for node in circles(picture):
            if node not in (start, end) and node.x in (start.x, end.x):
                across = (end.x - start.x) * (node.y - start.y) - (end.y - start.y) * (node.x - start.x)
                assert abs(across) / length > node.radius, f"{start.text} -> {end.text} passes through {node.text}"
