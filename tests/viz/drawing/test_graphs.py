"""Drawings of every operation, and properties that they share with drawings of networks."""

import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from engine import Op, Value, dot, sqrt, toposort
from nn import MLP, half_squared_error
from tests.viz.drawing.dot_reading import HOSTILE_LABELS, dot_layouts, drawn_texts, needs_dot, read_dot, run_dot
from viz import Drawing, draw, draw_network

ROOT = Path(__file__).parents[3]
Draw = Callable[..., Drawing]
BOTH = pytest.mark.parametrize("draw_it", [draw, draw_network])


def boxes(drawing: Drawing) -> dict[str, str]:
    """The text of each box, by its label, or its data if it does not have one."""
    texts = [node.text for node in read_dot(drawing).nodes.values() if "data" in node.text]
    return {text.split(" data ")[0]: text for text in texts}


def arrows(drawing: Drawing) -> Counter[tuple[str, str, str]]:
    """The number of arrows from one text to another, by their labels."""
    nodes, edges = read_dot(drawing)
    return Counter((nodes[tail].text, nodes[head].text, text) for tail, head, text in edges)


def example() -> Value:
    x, a = Value(1.5, "x"), Value(-2.0, "a_1")
    y = 2 * x * a + a
    y.label = "y"
    return y


def test_every_node_and_every_operation_is_drawn_once() -> None:
    drawing = draw(example())
    assert Counter(node.text for node in read_dot(drawing).nodes.values()) == Counter(
        ["2", "x data 1.5", "a_1 data −2", "data 3", "data −6", "y data −8", "·", "·", "+"]
    )
    assert arrows(drawing) == Counter(
        [
            ("2", "·", ""),
            ("x data 1.5", "·", ""),
            ("·", "data 3", ""),
            ("data 3", "·", ""),
            ("a_1 data −2", "·", ""),
            ("·", "data −6", ""),
            ("data −6", "+", ""),
            ("a_1 data −2", "+", ""),
            ("+", "y data −8", ""),
        ]
    )


def test_a_node_that_is_used_twice_has_two_arrows() -> None:
    a = Value(1.5, "a")
    assert arrows(draw(a + a)) == Counter({("a data 1.5", "+", ""): 2, ("+", "data 3", ""): 1})


def test_a_constant_is_drawn_without_a_box() -> None:
    assert set(boxes(draw(3 * Value(1.5, "x")))) == {"x", "data 4.5"}


def test_several_outputs_share_their_nodes() -> None:
    x = Value(1.5, "x")
    assert Counter(node.text for node in read_dot(draw([-x, x.exp()])).nodes.values())["x data 1.5"] == 1


def test_gradients_are_shown_once_there_are_any() -> None:
    y = example()
    assert set(boxes(draw(y)).values()) == {"x data 1.5", "a_1 data −2", "data 3", "data −6", "y data −8"}
    assert boxes(draw(y, gradients=True))["x"] == "x data 1.5 grad 0"
    y.backward()
    assert boxes(draw(y))["x"] == "x data 1.5 grad −4"
    assert boxes(draw(y))["y"] == "y data −8 grad 1"
    assert boxes(draw(y, gradients=False))["x"] == "x data 1.5"


def test_data_can_be_left_out() -> None:
    y = example()
    assert draw(y, data=True).source == draw(y).source
    texts = Counter(node.text for node in read_dot(draw(y, data=False)).nodes.values())
    assert texts == Counter(["2", "x", "a_1", "", "", "y", "·", "·", "+"])
    y.backward()
    assert "x grad −4" in {node.text for node in read_dot(draw(y, data=False)).nodes.values()}


@needs_dot
def test_empty_boxes_are_drawn() -> None:
    assert "<polygon" in run_dot(draw(2 * Value(1.5) + 1, data=False), format="svg")


def test_short_labels_as_in_draw_network() -> None:
    y = MLP(1, [1], activation="tanh", output_activation="tanh")([1.0])
    assert {"a_1^(1)", "z_1^(1)"} <= set(boxes(draw(y)))
    assert {"a^(1)", "z^(1)"} <= set(boxes(draw(y, short=True)))


def test_names_stand_in_for_missing_labels() -> None:
    x, y, other = Value(1.5), Value(2.0, "b"), "no node"
    z = x * y
    assert set(boxes(draw(z, names=locals()))) == {"x", "b", "z"}
    assert other not in draw(z, names=locals()).source


def test_local_derivatives_label_the_arrows_into_operations() -> None:
    x, y = Value(1.5, "x"), Value(-2.0, "y")
    assert arrows(draw(x * y, local_derivatives=True)) == Counter(
        [("x data 1.5", "·", "−2"), ("y data −2", "·", "1.5"), ("·", "data −3", "")]
    )


def test_the_arrow_of_a_constant_has_no_derivative() -> None:
    assert ("3", "·", "") in arrows(draw(3 * Value(1.5, "x"), local_derivatives=True))


def test_a_derivative_that_does_not_exist_is_left_out() -> None:
    assert ("x data 0", "√", "") in arrows(draw(sqrt(Value(0.0, "x")), local_derivatives=True))


@pytest.mark.parametrize("direction", ["LR", "RL", "TB", "BT"])
def test_the_direction_is_passed_on(direction: str) -> None:
    assert f"rankdir={direction}" in draw(example(), direction=direction).source


@needs_dot
def test_arrows_lead_in_the_direction() -> None:
    layouts = dot_layouts(*(draw(example(), direction=direction) for direction in ("LR", "RL", "TB", "BT")))
    for layout, axis, sign in zip(layouts, (0, 0, 1, 1), (1, -1, -1, 1), strict=True):
        at = [float(part["pos"].split(",")[axis]) * sign for part in layout["objects"]]
        assert all(at[edge["tail"]] < at[edge["head"]] for edge in layout["edges"])


@needs_dot
@pytest.mark.parametrize("options", [{"gradients": True}, {}, {"data": False}])
@pytest.mark.parametrize("direction", ["LR", "TB"])
def test_arrows_touch_boxes_at_both_ends_at_any_slope(options: dict[str, Any], direction: str) -> None:
    w, x = Value(0.5, "w"), Value(1.5, "x")
    (layout,) = dot_layouts(draw((w * x - 1) ** 2 + 0.1 * w * w, direction=direction, **options))
    outlines = {}
    for part in layout["objects"]:
        corners = [point for shape in part.get("_ldraw_", ()) if shape["op"] in "pP" for point in shape["points"]]
        if corners:
            outlines[part["_gvid"]] = [(min(axis), max(axis)) for axis in zip(*corners, strict=True)]
    assert len(outlines) == 8
    for edge in layout["edges"]:
        tip, *points = re.findall(r"(-?[\d.]+),(-?[\d.]+)", edge["pos"])
        for end, point in ((edge["tail"], points[0]), (edge["head"], tip)):
            for (low, high), at in zip(outlines.get(end, ()), map(float, point), strict=False):
                assert low - 1.5 < at < high + 1.5, f"an arrow ends {max(low - at, at - high):.1f} points from its box"


@needs_dot
@pytest.mark.once
def test_two_hundred_nodes_are_laid_out_in_seconds() -> None:
    """With boxes smaller than the default node of Graphviz, `dot` 2.43 took minutes for this graph."""
    y = x = Value(0.5, "x")
    for _ in range(66):
        y = (y * x).tanh() + x
    assert draw(y).render("svg")


@needs_dot
def test_the_symbol_of_an_operation_may_be_anything() -> None:
    drawings = []
    for symbol in HOSTILE_LABELS:
        op = Op("custom", symbol, lambda x: x + 0.0, [lambda z, x: 1.0])
        drawings.append(draw(op(Value(1.5, "x"))))
    assert [len(layout["objects"]) for layout in dot_layouts(*drawings)] == [3] * len(HOSTILE_LABELS)
    assert drawn_texts(*drawings) >= visible(HOSTILE_LABELS)


# Both kinds of drawing.


@BOTH
def test_an_unknown_direction_or_format_is_refused(draw_it: Draw) -> None:
    with pytest.raises(ValueError, match="unknown direction 'UP'; choose from LR, RL, TB, BT"):
        draw_it(example(), direction="UP")
    with pytest.raises(ValueError, match="unknown format 'gif'; choose from svg, png, pdf, dot"):
        draw_it(example(), format="gif")


@BOTH
def test_an_empty_list_of_outputs_is_refused(draw_it: Draw) -> None:
    with pytest.raises(ValueError, match="output"):
        draw_it([])


@BOTH
@pytest.mark.parametrize("root", [3.0, "x", [1.5]])
def test_an_output_that_is_not_a_value_is_refused(draw_it: Draw, root: Any) -> None:
    with pytest.raises(TypeError, match="Value"):
        draw_it(root)


@BOTH
def test_several_hundred_nodes_are_refused_with_advice(draw_it: Draw) -> None:
    y = Value(1.0, "x_0")
    for i in range(400):
        y = -y
        y.label = f"x_{i}"
    with pytest.raises(ValueError, match=r"401 nodes, more than the 300 .* part of .* limit="):
        draw_it(y)
    assert len(read_dot(draw_it(y, limit=401)).nodes) > 401


def visible(labels: list[str]) -> set[str]:
    """The drawn text of labels that are not symbols: spaces for line breaks, � for characters without a shape."""
    shapeless = str.maketrans(dict.fromkeys("\0\ud800\udfff", "\ufffd"))
    return {" ".join(label.translate(shapeless).split()) for label in labels}


@needs_dot
@BOTH
def test_a_label_may_be_anything(draw_it: Draw) -> None:
    drawings = []
    for text in HOSTILE_LABELS:
        x = Value(1.5)
        a = dot([Value(2.0, text)], [x], Value(0.5, text))
        a.label = text
        drawings.append(draw_it(a, names={text: x}))
    # x, w, b, the operation and a; or x and a as circles, with w on the arrow and b above a.
    assert {len(layout["objects"]) for layout in dot_layouts(*drawings)} == {5 if draw_it is draw else 4}
    assert drawn_texts(*drawings) >= visible(HOSTILE_LABELS)


@needs_dot
@BOTH
def test_names_that_are_spaces_or_long_are_drawn(draw_it: Draw) -> None:
    drawings = [draw_it(2 * Value(1.5, text)) for text in ("", " ", "learning rate", "hidden_size", "x" * 1000)]
    assert [len(layout["objects"]) for layout in dot_layouts(*drawings)] == [4 if draw_it is draw else 3] * 5


def sources() -> str:
    """Both drawings of a network and its error, after a backward pass."""
    network = MLP(2, [3, 2], activation="tanh")
    for i, parameter in enumerate(network.parameters()):
        parameter.data = i / 8
    E = half_squared_error(network([1.5, -0.5]), [0.25, 0.75])
    E.backward()
    drawings = [draw(E), draw(E, local_derivatives=True), draw_network(E), draw_network(E, local_derivatives=True)]
    drawings.append(draw_network(E, data=True, gradients=True, short=True))
    return "".join(drawing.source for drawing in drawings)


def test_the_same_graph_gives_the_same_text() -> None:
    assert sources() == sources()


@pytest.mark.parametrize("seed", ["1", "2"])
def test_another_interpreter_gives_the_same_text(seed: str) -> None:
    code = f"import sys; from {__name__} import sources; sys.stdout.buffer.write(sources().encode())"
    environment = os.environ | {"PYTHONHASHSEED": seed}
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, check=True)
    assert run.stdout.decode() == sources()


def test_marks_of_another_type_are_refused() -> None:
    marks: Any = ["x"]
    with pytest.raises(TypeError, match=r"marks must be of type Marks, not \['x'\] of type list"):
        draw(Value(1.0, "x"), marks=marks)


STALE = "y is stale: multiply(2.0, x = 5.0) is not 3.0 any more; call y.forward()"


@needs_dot
@pytest.mark.parametrize("shown", ["data", "gradients", "local_derivatives"])
@BOTH
def test_old_results_beside_new_numbers_are_noted(draw_it: Draw, shown: str) -> None:
    y = example()
    options = {"data": False, "gradients": False, shown: True}
    current = draw_it(y, **options).source
    [x] = [node for node in toposort(y) if node.label == "x"]
    x.data = 5.0
    assert "stale" not in current
    assert STALE in drawn_texts(draw_it(y, **options))
    assert "stale" not in draw_it(y, data=False, gradients=False).source
    y.forward()
    assert "stale" not in draw_it(y, **options).source


@pytest.mark.parametrize("data", [None, "5", [1.0]])
@BOTH
def test_data_that_is_not_a_number_is_not_drawn(draw_it: Draw, data: Any) -> None:
    y = example()
    [x] = [node for node in toposort(y) if node.label == "x"]
    x.data = data
    with pytest.raises(TypeError, match=r"^x\.data is "):
        draw_it(y)
