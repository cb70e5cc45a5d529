"""Drawings of networks, read back from their DOT text: columns, arrows and labels."""

import math
import os
from collections.abc import Callable
from itertools import combinations, product
from pathlib import Path
from typing import Any

import pytest

from engine import Value, label, sqrt
from nn import MLP
from tests import thorough_unless
from tests.layout_program import needs_dot
from tests.paper_graphs import figure_1, figure_2, figure_3, figure_4, network_outputs
from tests.viz.drawing.dot_reading import dot_layouts, read_dot
from tests.viz.drawing.network_reading import arrows, circles, columns, curve, distance, read_network, skipping, texts
from viz import draw_network
from viz.drawing.networks import network_diagram

GOLDEN = Path(__file__).parent / "golden"


FIGURES: dict[int, Callable[[], Value | list[Value]]] = {1: figure_1, 2: figure_2, 3: figure_3, 4: network_outputs}

UNITS = {k: [f"a_{i}^({k}) | z_{i}^({k})" for i in (1, 2)] for k in (1, 2)} | {3: ["a^(3) | z^(3)"]}
COLUMNS = {
    1: [["x"], ["a"], ["y"]],
    2: [["x"], ["a_1", "a_2"], ["y"]],
    3: [["x"], ["a_1", "a_2", "a_3", "a_4"], ["y"]],
    4: [["x_1", "x_2"], *UNITS.values()],
}
# The first index of a weight is the head of its arrow, the second the tail.
ARROWS = {
    1: {("x", "a", "3"), ("a", "y", "2")},
    2: {("x", "a_1", "3"), ("x", "a_2", "−1"), ("a_1", "y", "2"), ("a_2", "y", "1")},
    3: {("x", f"a_{i}", f"w_{i}^(1)") for i in (1, 2, 3, 4)} | {(f"a_{i}", "y", f"w_{i}^(2)") for i in (1, 2, 3, 4)},
    4: {(f"x_{j}", UNITS[1][i - 1], f"w_{i}{j}^(1)") for i in (1, 2) for j in (1, 2)}
    | {(UNITS[1][j - 1], UNITS[2][i - 1], f"w_{i}{j}^(2)") for i in (1, 2) for j in (1, 2)}
    | {(UNITS[2][j - 1], UNITS[3][0], f"w_{j}^(3)") for j in (1, 2)},
}


@pytest.mark.parametrize("figure", FIGURES)
def test_the_figures_of_the_paper(figure: int) -> None:
    picture = read_network(FIGURES[figure](), short=True)
    assert columns(picture) == COLUMNS[figure]
    assert arrows(picture) == ARROWS[figure]
    assert len(texts(picture)) == len(picture.edges)
    for x in {node.x for node in circles(picture)}:
        column = [node.y for node in circles(picture) if node.x == x]
        assert sum(column) == pytest.approx(0.0), "every column is centred around the same line"


@pytest.mark.parametrize("figure", FIGURES)
def test_the_dot_text_of_the_figures(figure: int) -> None:
    """After an intended change, `REWRITE_GOLDEN=1 python -m pytest tests/viz` writes the files again."""
    source, path = draw_network(FIGURES[figure](), short=True, data=False).source, GOLDEN / f"figure_{figure}.dot"
    if os.environ.get("REWRITE_GOLDEN"):
        path.write_text(source, encoding="utf-8")
    assert source == path.read_text(encoding="utf-8")


def test_circles_and_labels_keep_apart() -> None:
    for root in (figure_1(), figure_2(), figure_3(), figure_4(), MLP(3, [4, 2], activation="tanh")([1, 2, 3])):
        for one, other in combinations(read_network(root, data=True).nodes.values(), 2):
            assert distance(one, other) > one.radius + other.radius + 0.1, (one, other)


def test_without_short_every_unit_has_its_index() -> None:
    assert columns(read_network(network_outputs()))[-1] == ["a_1^(3) | z_1^(3)"]


def test_the_error_has_a_column_and_its_target_is_below_z() -> None:
    picture = read_network(figure_4(), short=True)
    assert columns(picture) == [*COLUMNS[4][:3], ["a^(3) | z^(3)", "y"], ["E"]]
    assert arrows(picture) == ARROWS[4] | {("a^(3) | z^(3)", "E", ""), ("y", "E", "")}
    at = {node.text: node.y for node in circles(picture)}
    assert at["y"] < at["E"] < at["a^(3) | z^(3)"] == 0.0
    assert at["E"] == pytest.approx(at["y"] / 2), "the error is in the middle between the output and its target"


def test_weights_in_products_have_no_circles() -> None:
    a, w = Value(0.5, "a"), [Value(1.0, "w_1"), Value(2.0, "w_2")]
    y = a * w[0] + w[1] * Value(0.25, "b")
    assert arrows(read_network(y)) == {("a", "output", "w_1"), ("b", "output", "w_2")}


def test_given_weights_have_no_circles() -> None:
    k, x = Value(3.0, "k"), Value(1.5, "x")
    y = k * x
    y.label = "y"
    assert arrows(read_network(y, weights=[k])) == arrows(read_network(y, weights=k)) == {("x", "y", "k")}
    assert columns(read_network(y)) == [["k", "x"], ["y"]]


def test_a_weight_that_is_not_in_the_graph_is_refused() -> None:
    x, k = Value(1.5, "x"), Value(2.0, "k")
    with pytest.raises(ValueError, match=r"^weights contains Value\(.*'k'\), which is not a named node of this graph$"):
        draw_network(x * 2.0, weights=[k])


def test_weights_are_given_as_values_not_by_name() -> None:
    k = Value(3.0, "k")
    names: Any = "k"
    with pytest.raises(TypeError, match="weights must be a Value or a list of them, not 'k'"):
        draw_network(k * 2.0, weights=names)


def test_names_stand_in_for_labels() -> None:
    x = Value(1.5)
    a = 3 * x
    y = 2 * a
    assert draw_network(y, names=locals()).source == draw_network(figure_1()).source


def test_a_weight_may_have_its_name_from_names() -> None:
    x, w = Value(1.5), Value(2.0)
    y = w * x
    assert arrows(read_network(y, names={"x": x, "w": w, "y": y})) == {("x", "y", "w")}


@pytest.mark.parametrize(("direction", "x", "y"), [("LR", 1, 0), ("RL", -1, 0), ("TB", 0, -1), ("BT", 0, 1)])
def test_arrows_lead_in_the_direction(direction: str, x: int, y: int) -> None:
    picture = read_network(figure_2(), direction=direction)
    assert arrows(picture) == ARROWS[2]
    for tail, head, _ in picture.edges:
        start, end = picture.nodes[tail], picture.nodes[head]
        assert (end.x - start.x) * x + (end.y - start.y) * y > start.radius + end.radius
    at = {node.text: node for node in circles(picture)}
    assert at["a_1"].y > at["a_2"].y if x else at["a_1"].x < at["a_2"].x, "the first unit is at the top or at the left"


def test_an_unknown_direction_is_refused() -> None:
    with pytest.raises(ValueError, match="unknown direction 'UP'; choose from LR, RL, TB, BT"):
        draw_network(figure_1(), direction="UP")


def test_gradients_are_shown_once_there_are_any() -> None:
    y = figure_2()
    assert draw_network(y, gradients=True).source == draw_network(y).source
    y.backward()
    assert columns(read_network(y, gradients=True)) == [["x ∂ 5"], ["a_1 ∂ 2", "a_2 ∂ 1"], ["y ∂ 1"]]


def test_data_is_shown() -> None:
    assert columns(read_network(figure_2(), data=True)) == [["x 1.5"], ["a_1 4.5", "a_2 −1.5"], ["y 7.5"]]
    assert columns(read_network(network_outputs(), data=True, short=True))[-1] == ["a^(3) 0.709 | z^(3) 0.6702"]


def test_local_derivatives_are_numbers() -> None:
    picture = read_network(network_outputs(), local_derivatives=True)
    weights = [0.5, -0.25, 0.75, 1, 1.25, -0.375, -1.5, 0.625, 2, -1.75]
    shown = [text.split(" ") for _, _, text in arrows(picture)]
    assert {float(words[-1].replace("−", "-")) for words in shown} == set(weights)
    assert all(words[0].startswith("w_") for words in shown)
    below = {(node.x, node.y): node for node in circles(picture)}
    slopes = [text.text for text in texts(picture) if any(x == text.x and 0 < y - text.y < 1 for x, y in below)]
    assert slopes == ["0.2077", "0.2271", "0.2262", "0.2252", "0.221"]  # σ'(a), below each unit


def test_a_derivative_that_does_not_exist_is_left_out() -> None:
    y = sqrt(Value(0.0, "x"))
    y.label = "y"
    assert columns(read_network(y)) == [["x"], ["y"]]
    assert columns(read_network(y, local_derivatives=True)) == [["x"], ["y"]]


def test_biases_stand_above_their_units() -> None:
    picture = read_network(MLP(1, [2, 2], activation="tanh")([1.0]))
    for k, i in ((1, 1), (1, 2), (2, 1), (2, 2)):
        bias = next(text for text in texts(picture) if text.text == f"b_{i}^({k})")
        unit = next(node for node in circles(picture) if f"a_{i}^({k})" in node.text)
        assert bias.x == unit.x
        assert unit.radius < bias.y - unit.y < unit.radius + 0.3


def test_a_function_of_one_node_is_named_on_its_arrow() -> None:
    u = Value(0.5, "u")
    v = u.tanh()
    y = sqrt(v + 1)
    label(v=v, y=y)
    assert arrows(read_network(y)) == {("u", "v", "tanh"), ("v", "y", "")}, "v + 1 comes before the root"
    assert arrows(read_network(-u)) == {("u", "output", "−1")}
    assert arrows(read_network(v, local_derivatives=True)) == {("u", "v", "0.7864")}


def test_a_function_that_splits_a_unit_is_not_named() -> None:
    assert "tanh" not in {text.text for text in texts(read_network(MLP(1, [1], output_activation="tanh")([1.0])))}


def test_a_note_says_that_unlabelled_operations_are_merged() -> None:
    x, t = Value(1.5, "x"), Value(2.0, "t")
    y = (x * t - 1) ** 2
    assert [text.text for text in texts(read_network(y))] == ["3 operations without labels are merged into output"]
    assert [text.text for text in texts(read_network([y, x * t]))] == ["4 operations without labels are merged"]
    for root, names in ((x * t, None), (y, {"y": y}), (MLP(1, [2, 1])([1.0]), None)):
        assert not [text for text in texts(read_network(root, names=names)) if "merged" in text.text]


def test_several_outputs_stand_in_one_column() -> None:
    picture = read_network(MLP(2, [3], activation="tanh", output_activation="tanh")([1, 2]))
    assert columns(picture) == [["x_1", "x_2"], [f"a_{i}^(1) | z_{i}^(1)" for i in (1, 2, 3)]]
    assert len(arrows(picture)) == 6


def test_a_graph_without_labels() -> None:
    assert arrows(read_network(2 * Value(1.5) + 1)) == {("1.5", "output", "2")}
    assert columns(read_network(Value(1.5))) == [["1.5"]]


def test_parallel_arrows_are_one() -> None:
    a = Value(1.5, "a")
    assert arrows(read_network(a + a)) == {("a", "output", "2")}


@needs_dot
@thorough_unless(lambda units: units < 3)
@pytest.mark.parametrize("units", [1, 2, 3])
def test_an_arrow_past_a_layer_does_not_run_through_its_circles(units: int) -> None:
    drawing = draw_network(skipping(units))
    (layout,) = dot_layouts(drawing)
    radius = {name: 72 * node.radius for name, node in read_dot(drawing).nodes.items()}
    names = [part["name"] for part in layout["objects"]]
    places = [tuple(map(float, part["pos"].split(","))) for part in layout["objects"]]
    curves = [curve(edge) for edge in layout["edges"]]
    for i, (name, place) in enumerate(zip(names, places, strict=True)):
        others = [
            points
            for edge, points in zip(layout["edges"], curves, strict=True)
            if i not in (edge["tail"], edge["head"])
        ]
        gap = min(math.dist(point, place) for points in others for point in points)
        if radius[name]:
            assert gap > radius[name], f"an arrow runs through {name}"
        else:
            half = math.hypot(*(36 * float(layout["objects"][i][side]) for side in ("width", "height")))
            assert gap < half + 6, f"the label {name} lies neither on nor beside an arrow"
    for one, other in combinations(range(len(names)), 2):
        assert math.dist(places[one], places[other]) > 8, f"{names[one]} lies upon {names[other]}"


@needs_dot
def test_a_long_number_does_not_hide_the_ends_of_its_arrow() -> None:
    drawing = draw_network(MLP(3, [1], output_activation="tanh")([1, 2, 3]), data=True, local_derivatives=True)
    (layout,) = dot_layouts(drawing)
    at = {part["name"]: part for part in layout["objects"]}
    tail, label_, head = at["n2"], at["e2"], at["n4"]
    left, middle, right = (float(part["pos"].split(",")[0]) / 72 for part in (tail, label_, head))
    half = float(label_["width"]) / 2
    assert middle - left > float(tail["width"]) / 2 + half + 0.05
    assert right - middle > float(head["width"]) / 2 + half + 0.1


def test_dense_columns_have_no_labels_between_them() -> None:
    outputs = MLP(16, [16, 1], activation="tanh", output_activation="tanh")([0.5] * 16)
    picture = read_network(outputs)
    weights = [text.text for text in texts(picture) if text.text.startswith("w")]
    assert len(picture.edges) == 16 * 16 + 16
    assert set(weights) == {f"w_1{j}^(2)" if j < 10 else f"w_1,{j}^(2)" for j in range(1, 17)}
    assert len(weights) == 16


def test_arrows_do_not_run_along_the_ellipses_of_long_names() -> None:
    inputs, weights = (
        [Value(1.0, f"input_{i}") for i in range(2)],
        [Value(1.0, f"hidden_weights_{i}") for i in range(4)],
    )
    hidden = [(weights[k] * inputs[0] + weights[k + 1] * inputs[1]).tanh() for k in (0, 2)]
    for i, unit in enumerate(hidden):
        unit.label = f"hidden_{i}"
    diagram, _ = network_diagram(hidden[0] + hidden[1])
    courses = diagram.arrange().courses
    assert any(circle.half_width > 1.2 * circle.half_height for circle in diagram.circles)
    for circle, (arrow, course) in product(diagram.circles, courses.items()):
        if circle in (arrow.tail, arrow.head):
            continue
        for i in range(101):
            (x, y), _ = course.at(i / 100)
            across, up = (x - circle.x) / (circle.half_width + 0.05), (y - circle.y) / (circle.half_height + 0.05)
            assert math.hypot(across, up) > 1.0
