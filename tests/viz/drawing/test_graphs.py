"""Drawings of every node of a graph: texts, arrows, fused chains and tooltips."""

import os
import re
from collections import Counter
from typing import Any
from xml.etree import ElementTree

import pytest

from engine import TABLE, Op, Value, label, sqrt
from nn import MLP
from tests import by_night
from tests.layout_program import needs_dot
from tests.viz.drawing.dot_reading import HOSTILE_LABELS, dot_layouts, drawn_texts, read_dot, run_dot, visible
from tests.viz.drawing.graphs_to_draw import example
from viz import Drawing, draw
from viz.drawing import dot_program
from viz.math.formulas import format_number


def texts(drawing: Drawing) -> Counter[str]:
    """The text of each node: its operation, its label, its value and its derivative."""
    return Counter(node.text for id, node in read_dot(drawing).nodes.items() if id.startswith("n"))


def arrows(drawing: Drawing) -> Counter[tuple[str, str, str]]:
    """The number of arrows from one text to another, by their labels, each of which stands between two lines."""
    nodes, edges = read_dot(drawing)
    to_label = {head: tail for tail, head, _ in edges if head.startswith("e")}
    return Counter(
        (nodes[to_label.get(tail, tail)].text, nodes[head].text, nodes[tail].text if tail in to_label else "")
        for tail, head, _ in edges
        if head.startswith("n")
    )


def test_every_node_is_drawn_once_with_its_operation() -> None:
    drawing = draw(example())
    assert texts(drawing) == Counter(["2", "x 1.5", "a_1 −2", "· 3", "· −6", "+ y −8"])
    assert arrows(drawing) == Counter(
        [
            ("2", "· 3", ""),
            ("x 1.5", "· 3", ""),
            ("· 3", "· −6", ""),
            ("a_1 −2", "· −6", ""),
            ("· −6", "+ y −8", ""),
            ("a_1 −2", "+ y −8", ""),
        ]
    )


def test_the_parts_of_a_box_stand_below_each_other() -> None:
    y = example()
    y.backward()
    [table] = re.findall(r"n6 \[label=<(.*?)> tooltip", draw(y).source)
    rows = ElementTree.fromstring(table).findall("TR")
    assert [len(row.findall("TD")) for row in rows] == [1, 1, 1, 1]
    assert ["".join(row.itertext()) for row in rows] == ["+", "y", "−8", "∂ 1"]


def test_a_node_that_is_used_twice_has_two_arrows() -> None:
    a = Value(1.5, "a")
    assert arrows(draw(a + a)) == Counter({("a 1.5", "+ 3", ""): 2})


def test_a_constant_is_drawn_without_a_box() -> None:
    lines = draw(3 * Value(1.5, "x")).source.splitlines()
    assert ["shape=plaintext" in line for line in lines if "[label" in line] == [True, False, False]


def test_several_outputs_share_their_nodes() -> None:
    x = Value(1.5, "x")
    assert texts(draw([-x, x.exp()]))["x 1.5"] == 1


def test_derivatives_are_shown_once_there_are_any() -> None:
    y = example()
    assert not any("∂" in text for text in texts(draw(y)))
    assert "x 1.5 ∂ 0" in texts(draw(y, gradients=True))
    y.backward()
    assert {"x 1.5 ∂ −4", "+ y −8 ∂ 1"} <= set(texts(draw(y)))
    assert "x 1.5" in texts(draw(y, gradients=False))


def test_data_can_be_left_out_and_derivatives_with_it() -> None:
    y = example()
    assert draw(y, data=True).source == draw(y).source
    y.backward()
    assert texts(draw(y, data=False)) == Counter(["2", "x", "a_1", "·", "·", "+ y"])
    assert "x ∂ −4" in texts(draw(y, data=False, gradients=True))


def test_numbers_have_four_digits_unless_told_otherwise() -> None:
    x = Value(123456.789, "x")
    y = x / 3
    y.backward()
    assert draw(y).source == draw(y, digits=4).source
    for digits, third in ((2, 0.33), (4, 0.3333), (9, 0.333333333)):
        found = draw(y, local_derivatives=True, digits=digits)
        tail = f"x {format_number(x.data, digits)} ∂ {third}"
        assert arrows(found)[tail, f"/ {format_number(y.data, digits)} ∂ 1", str(third)] == 1


@pytest.mark.parametrize("digits", [0, 18, -1, 2.0, True, "4", None])
def test_an_invalid_number_of_digits_is_refused(digits: Any) -> None:
    with pytest.raises(ValueError, match="digits must be a whole number from 1 to 17, not"):
        draw(example(), digits=digits)


@needs_dot
def test_empty_boxes_are_drawn() -> None:
    assert run_dot(draw(2 * Value(1.5) + 1, data=False), format="svg").count("<polygon") == 8  # 3 boxes, 4 arrows


def test_short_labels_as_in_draw_network() -> None:
    y = MLP(1, [1], activation="tanh", output_activation="tanh")([1.0])
    for short, a in ((False, "a_1^(1)"), (True, "a^(1)")):
        assert any(f"Σ {a} " in text for text in texts(draw(y, short=short)))


def test_names_stand_in_for_missing_labels() -> None:
    x, y, other = Value(1.5), Value(2.0, "b"), "no node"
    z = x * y
    assert set(texts(draw(z, names=locals()))) == {"x 1.5", "b 2", "· z 3"}
    assert other not in draw(z, names=locals()).source


def test_local_derivatives_label_the_arrows() -> None:
    x, y = Value(1.5, "x"), Value(-2.0, "y")
    assert arrows(draw(x * y, local_derivatives=True)) == Counter([("x 1.5", "· −3", "−2"), ("y −2", "· −3", "1.5")])


def test_the_arrow_of_a_constant_has_no_derivative() -> None:
    assert ("3", "· 4.5", "") in arrows(draw(3 * Value(1.5, "x"), local_derivatives=True))


def test_a_derivative_that_does_not_exist_is_left_out() -> None:
    assert ("x 0", "√ 0", "") in arrows(draw(sqrt(Value(0.0, "x")), local_derivatives=True))


def test_chains_of_sums_and_products_are_fused_on_request() -> None:
    a, b, c, d = (Value(float(i), name) for i, name in enumerate("abcd", 2))
    inner = b * c
    y = a * inner * d + (a + b) + (c - d)
    y.label = "y"
    y.backward()
    assert len(texts(draw(y))) == 11
    found = arrows(draw(y, fuse=True, local_derivatives=True, gradients=False))
    assert found == Counter(
        [
            ("a 2", "· 120", "60"),
            ("b 3", "· 120", "40"),
            ("c 4", "· 120", "30"),
            ("d 5", "· 120", "24"),
            ("c 4", "− −1", "1"),
            ("d 5", "− −1", "−1"),
            *((tail, "+ y 124", "1") for tail in ("· 120", "a 2", "b 3", "− −1")),
        ]
    )
    inner.label = "p"  # what has a name, or is read twice, stays
    assert "· p 12" in texts(draw(y, fuse=True, gradients=False))
    s = a + b
    assert texts(draw(s + c + s, fuse=True))["+ 5 ∂ 0"] == 1


def test_the_tooltip_has_the_formula_and_more_digits() -> None:
    x = Value(0.1, "x")
    a = 3 * x
    y = a.exp() / 3
    label(a_1=a, y=y)
    y.backward()
    tips = re.findall(r'tooltip="([^"]*)"', draw(y).source)
    assert tips[:2] == ["x = 0.1, ∂y/∂x = 1.34985880758", "a₁ = 3x = 0.3, ∂y/∂a₁ = 0.449952935859"]
    assert tips[2].startswith("exp(a₁) = 1.34985880758, ∂ 0.333333333333")
    assert tips[3].startswith("y = exp(a₁) / 3 = 0.449952935859, ∂y/∂y = 1")
    y.backward()  # the gradients are now twice the derivatives
    assert "x = 0.1, ∂ 2.69971761515" in draw(y).source


@needs_dot
def test_a_browser_shows_the_tooltip_over_the_node() -> None:
    x = Value(1.5, "x < 2 & \\N")
    svg = ElementTree.fromstring(draw(2 * x).render("svg"))
    titles = [title.text for title in svg.iterfind(".//{*}g[@class='node']/{*}g/{*}title")]
    assert titles == ["x < 2 & \\N = 1.5, ∂ 0", "2 · x < 2 & \\N = 3, ∂ 0"]


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
        corners = [point for shape in part.get("_draw_", ()) if shape["op"] in "pP" for point in shape["points"]]
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
def test_hundreds_of_nodes_are_laid_out_in_seconds() -> None:
    """Without a limit for its network simplex, `dot` 2.43 takes 25 times as long for 100 nodes, as by day."""
    y = x = Value(0.5, "x")
    for _ in range(by_night(34, 66)):
        y = (y * x).tanh() + x
    before = os.times().children_user  # not the time on the clock: others may use the machine
    assert draw(y).render("svg")
    assert os.times().children_user - before < by_night(1.5, dot_program.MAX_SECONDS)


@needs_dot
def test_the_symbol_of_an_operation_may_be_anything() -> None:
    drawings = []
    for symbol in HOSTILE_LABELS:
        op = Op("custom", symbol, lambda x: x + 0.0, [lambda z, x: 1.0])
        drawings.append(draw(op(Value(1.5, "x"))))
    assert [len(layout["objects"]) for layout in dot_layouts(*drawings)] == [2] * len(HOSTILE_LABELS)
    assert drawn_texts(*drawings) >= visible(HOSTILE_LABELS)


def test_operations_with_names_have_the_type_of_names() -> None:
    def size(symbol: str) -> str:
        op = Op("tried", symbol, lambda x: x, [lambda z, x: 1.0])
        return str(re.findall(r'POINT-SIZE="(\d+)"', draw(op(Value(1.0)), data=False).source)[0])

    names = [*(op.symbol for op in TABLE.values() if re.search(r"\w\w", op.symbol)), "hypot_d1", "n-norm", "log₂"]
    assert {"leaky_relu", "tanh", "hypot_d1"} < set(names)
    assert {size(name) for name in names} == {size("f")}
    assert {size(sign) for sign in ("+", "·", "√", "·²", "|·|")} == {"18"}
