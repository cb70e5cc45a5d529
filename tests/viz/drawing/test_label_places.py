"""Nothing lies on anything else, according to Graphviz' own output, and type has the size that was asked for."""

from __future__ import annotations

import math
import random
import re
from collections.abc import Callable, Sequence
from itertools import combinations, cycle, islice, pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import Value, exp, label, log
from nn import MLP, half_squared_error
from tests import by_night, share, thorough_unless
from tests.layout_program import needs_dot, needs_graphviz
from tests.paper_graphs import figure_4
from tests.viz.drawing.dot_reading import HOSTILE_LABELS, dot_layouts, read_dot
from tests.viz.drawing.random_networks import random_network, random_options
from tests.viz.drawing.rendered_texts import arrows_through_circles, overlaps, rendered_texts
from viz import Drawing, Theme, draw_network
from viz.drawing.canvas import FontSize
from viz.drawing.drawing import DIRECTIONS
from viz.drawing.layout.boxes import Box, Point
from viz.drawing.layout.columns import Spacing, place_circles
from viz.drawing.layout.courses import Course
from viz.drawing.layout.parts import Arrow
from viz.drawing.layout.text_size import label_size
from viz.drawing.networks import network_diagram
from viz.drawing.themes import choose_theme

pytestmark = pytest.mark.once


def penalized() -> Value:
    x, w, y, rate = Value(1.5, "x"), [Value(0.5, "w_1"), Value(-0.75, "w_2")], Value(0.25, "y"), Value(0.01, "lambda")
    a = w[0] * x
    z = a.tanh()
    p = w[1] * z
    E = 0.5 * (p - y) ** 2 + rate * (w[0] ** 2 + w[1] ** 2)
    label(a=a, z=z, p=p, E=E)
    E.backward()
    return E


def unrolled(n_steps: int = 3) -> Value:
    """A recurrent network."""
    u, w, b, h = Value(0.5, "w_x"), Value(-0.8, "w_h"), Value(0.1, "b"), Value(0.0, "h_0")
    for t, number in enumerate(islice(cycle((0.7, -1.2, 0.4)), n_steps), 1):
        h = (u * Value(number, f"x_{t}") + w * h + b).tanh()
        h.label = f"h_{t}"
    E: Value = 0.5 * (h - Value(0.25, "y")) ** 2
    E.label = "E"
    E.backward()
    return E


def cross_entropy() -> Value:
    """Softmax and the cross entropy of three classes."""
    e = [exp(Value(number, f"a_{i}")) for i, number in enumerate((2.0, 1.0, -0.5), 1)]
    s = e[0] + e[1] + e[2]
    p = [x / s for x in e]
    label(s=s, **{f"e_{i}": x for i, x in enumerate(e, 1)}, **{f"p_{i}": x for i, x in enumerate(p, 1)})
    y = [Value(float(i == 2), f"y_{i}") for i in (1, 2, 3)]
    E: Value = -(y[0] * log(p[0]) + y[1] * log(p[1]) + y[2] * log(p[2]))
    E.label = "E"
    E.backward()
    return E


@needs_dot
def test_texts_keep_a_distance_from_arrows_they_interrupt() -> None:
    for layout in dot_layouts(*[draw_network(root) for root in (figure_4(), penalized(), unrolled())]):
        texts = rendered_texts(layout)
        for part in layout["objects"]:
            if part.get("shape") == "plaintext":
                [xs] = [[x for x, _ in drawn["points"]] for drawn in part["_draw_"] if drawn["op"] in "pP"]
                inside = [text for text in texts if text.part == part["name"]]
                assert min(text.left for text in inside) - min(xs) > 1.0
                assert max(xs) - max(text.right for text in inside) > 1.0


def layer() -> list[Value]:
    random.seed(3)
    outputs = MLP(4, [5], activation="sigmoid", output_activation="sigmoid")([0.5, -1.0, 1.5, -2.0])
    outputs = outputs if isinstance(outputs, list) else [outputs]
    sum(outputs[1:], outputs[0]).backward()
    return outputs


def words() -> Value:
    rate, gradient, old = Value(1e-17, "learning_rate"), Value(123456.789, "gradient"), Value(-0.04681, "w_old")
    step = rate * gradient
    velocity = Value(-0.000217, "momentum_term") * step
    new = old - step + velocity
    label(step_size=step, velocity=velocity, new_weight=new)
    new.backward()
    return new


def output() -> Value:
    error = figure_4()
    error.backward()
    return error


GRAPHS: dict[str, Callable[[], Value | list[Value]]] = {
    graph.__name__: graph for graph in (penalized, unrolled, cross_entropy, layer, words, output)
}
every_graph = pytest.mark.parametrize("graph", GRAPHS.values(), ids=list(GRAPHS))


def check(drawing: Drawing) -> None:
    (layout,) = dot_layouts(drawing)
    assert not overlaps(layout) + arrows_through_circles(layout)


@needs_graphviz
@pytest.mark.thorough
@settings(max_examples=share(0.3))
@given(st.integers(0, 10**9))
def test_nothing_overlaps_in_random_networks(seed: int) -> None:
    chance = random.Random(seed)
    check(draw_network(random_network(chance), **random_options(chance)))


def distance(box: Box, course: Course) -> float:
    """The distance of a box from the course of an arrow, at 41 points of each of its pieces."""
    points = [
        (x1 + k / 40 * (x2 - x1), y1 + k / 40 * (y2 - y1))
        for (x1, y1), (x2, y2) in pairwise(course.points)
        for k in range(41)
    ]
    return min(
        math.hypot(max(0.0, abs(x - box.x) - box.half_width), max(0.0, abs(y - box.y) - box.half_height))
        for x, y in points
    )


def check_labels_are_nearest_to_their_arrows(root: Value | Sequence[Value], direction: str = "LR", **look: Any) -> None:
    arrangement = network_diagram(root, data=True, gradients=True)[0].arrange(direction, choose_theme(**look))
    for placed, place in arrangement.places.items():
        if isinstance(placed.owner, Arrow):
            away = {arrow: distance(place.box, course) for arrow, course in arrangement.courses.items()}
            own = away.pop(placed.owner)
            assert min(away.values(), default=math.inf) > own, placed


LOOKS: list[dict[str, Any]] = [{"theme": name} for name in ("light", "slide", "print")]
LOOKS.append({"theme": "print", "size": 3.3})


@thorough_unless(lambda sizes, look: sizes == (3, 2, 1) and look in ({"theme": "light"}, LOOKS[-1]))
@pytest.mark.parametrize("look", LOOKS, ids=str)
@pytest.mark.parametrize("sizes", [(2, 3, 1), (3, 2, 1), (3, 3, 2)], ids=str)
def test_labels_are_nearest_to_their_arrows(sizes: tuple[int, ...], look: dict[str, Any]) -> None:
    random.seed(1)
    n_inputs, *layers = sizes
    network = MLP(n_inputs, layers, activation="sigmoid")
    error = half_squared_error(network([0.5, -1.25, 2.0][:n_inputs]), [0.25] * layers[-1])
    error.backward()
    check_labels_are_nearest_to_their_arrows(error, **look)


@pytest.mark.thorough
@settings(max_examples=share(0.1))
@given(st.integers(0, 10**9), st.sampled_from(LOOKS), st.sampled_from(DIRECTIONS))
def test_labels_are_nearest_in_random_networks(seed: int, look: dict[str, Any], direction: str) -> None:
    check_labels_are_nearest_to_their_arrows(random_network(random.Random(seed)), direction, **look)


@pytest.mark.parametrize("columns", [1.0, 0.3, 0.03])
def test_circles_do_not_touch_however_compact(columns: float) -> None:
    diagram, _ = network_diagram(output(), data=True)
    place_circles(diagram.circles, diagram.arrows, True, Spacing(columns=columns), {})
    for above, below in combinations(diagram.circles, 2):
        touch = above.half_height + below.half_height
        assert above.column != below.column or abs(above.y - below.y) > touch + 0.1


def test_arrangements_take_time_in_proportion_to_their_arrows(monkeypatch: pytest.MonkeyPatch) -> None:
    """Few pieces of arrows are looked at: per label and circle, not more in a network that is four times as long."""
    looked_at = 0
    may_meet = Box.may_meet

    def counted(box: Box, start: Point, end: Point) -> bool:
        nonlocal looked_at
        looked_at += 1
        return may_meet(box, start, end)

    monkeypatch.setattr(Box, "may_meet", counted)
    counts = []
    for n_steps in (5, 20):
        looked_at = 0
        draw_network(unrolled(n_steps))
        counts.append(looked_at / n_steps)
    assert counts[1] < 8 * counts[0]


@needs_graphviz
@thorough_unless(
    lambda graph, direction: graph is not layer and (direction == "LR" or (graph is penalized and direction == "TB"))
)
@every_graph
@pytest.mark.parametrize("direction", DIRECTIONS)
@pytest.mark.parametrize("local_derivatives", by_night([True], [False, True]))
def test_nothing_overlaps(graph: Callable[[], Value], direction: str, local_derivatives: bool) -> None:
    check(draw_network(graph(), direction=direction, local_derivatives=local_derivatives))


PAGES: list[dict[str, Any]] = [{"theme": "slide"}, {"theme": "print", "size": 3.3}, {"text": 24}]


@needs_graphviz
@thorough_unless(lambda graph, options: graph is (words if "size" in options else output))
@every_graph
@pytest.mark.parametrize("options", PAGES)
def test_nothing_overlaps_on_pages(graph: Callable[[], Value], options: dict[str, Any]) -> None:
    check(draw_network(graph(), **options))


@needs_graphviz
@thorough_unless(lambda graph: graph in (penalized, output))
@pytest.mark.parametrize("graph", [penalized, unrolled, words, output])
def test_up_to_twenty_arrows_type_on_a_slide_is_18_points(graph: Callable[[], Value]) -> None:
    width, height, smallest = draw_network(graph(), short=True, theme="slide").measures()
    assert (width, height) == (960, 540)
    assert smallest is not None
    assert smallest >= 18


@needs_dot
@thorough_unless(lambda graph: graph is output)
@every_graph
def test_every_number_is_shown_or_in_the_table(graph: Callable[[], Value]) -> None:
    """On a slide or in a column, numbers may leave their circles and arrows, but none is lost."""

    def numbers(**options: Any) -> set[str]:
        (layout,) = dot_layouts(draw_network(graph(), **options))
        texts = " ".join(text.text for text in rendered_texts(layout))
        return set(re.findall(r"−?\d+\.\d+", texts))

    assert numbers() == numbers(theme="slide") == numbers(theme="print", size=3.3)


@needs_dot
@thorough_unless(lambda graph: graph is output)
@pytest.mark.parametrize("graph", [unrolled, output])
def test_type_in_a_column_of_a_paper_is_7_points(graph: Callable[[], Value]) -> None:
    width, _, smallest = draw_network(graph(), short=True, theme="print", size=3.3).measures()
    assert width == pytest.approx(3.3 * 72, abs=1.0)
    assert smallest is not None
    assert smallest >= 6.95


@needs_dot
@thorough_unless(lambda size: size == 4.0)
@pytest.mark.parametrize("size", [3.25, 3.3, 3.5, 4.0, 5.0])
def test_type_in_any_column_is_7_points(size: float) -> None:
    random.seed(1)
    error = half_squared_error(MLP(2, [2, 1])([0.5, 0.5]), [0.25])
    error.backward()
    smallest = draw_network(error, size=size).measures().smallest_type
    assert smallest is not None
    assert smallest >= 6.95


@needs_graphviz
@thorough_unless(lambda options: options == {"direction": "TB", "steps": 0})
@pytest.mark.parametrize("options", [{}, {"data": False}, {"direction": "TB", "steps": 0}, {"font": "Helvetica"}])
def test_without_a_size_type_is_exactly_as_large_as_asked(options: dict[str, Any]) -> None:
    for text in (9, 10.3, 40):
        smallest = draw_network(output(), text=text, **options).measures().smallest_type
        assert smallest == pytest.approx(text, rel=0.01)


@needs_dot
def test_the_repr_tells_that_numbers_are_in_a_table() -> None:
    assert "some numbers in a table below" in repr(draw_network(output(), short=True, theme="print", size=3.3))
    assert "table" not in repr(draw_network(output(), short=True))


@needs_graphviz
@pytest.mark.parametrize("font", ["Times", "Helvetica", "Courier", "DejaVu Sans"])
def test_text_is_not_larger_than_it_is_measured(font: str) -> None:
    texts = ["w_11^(1)", "a^(3)", "w_{12,10}^(2)", "−0.04681", "123456.789", "1.235·10⁵", "∂ −0.0132", "learning_rate"]
    texts += ["z_bold^(k-1)", "alpha", "W", "ﬃ", *(text for text in HOSTILE_LABELS if text.strip())]
    drawn = []
    for layout in dot_layouts(*(draw_network(Value(1.0, text), data=False, theme=Theme(font=font)) for text in texts)):
        found = [each for each in rendered_texts(layout) if each.part == "n1"]
        drawn.append(max(each.right for each in found) - min(each.left for each in found))
    for text, width in zip(texts, drawn, strict=True):
        assert width / 72 <= label_size(text, FontSize.SYMBOL, font)[0] + 0.01, text


def test_targets_stand_below_their_outputs() -> None:
    nodes = [node for node in read_dot(draw_network(cross_entropy(), data=False)).nodes.values() if node.radius]
    at = {node.text: node for node in nodes}
    column = sorted((node for node in nodes if node.x == at["p_1"].x), key=lambda node: -node.y)
    assert [node.text for node in column] == ["p_1", "y_1", "p_2", "y_2", "p_3", "y_3"]
    assert at["E"].y == pytest.approx((at["p_1"].y + at["y_3"].y) / 2)


def test_arrows_are_as_wide_as_their_weights() -> None:
    x = [Value(1.0, f"x_{i}") for i in (1, 2, 3)]
    y = Value(2.0, "w_1") * x[0] + Value(-1.0, "w_2") * x[1] + Value(0.0, "w_3") * x[2]
    lines = [line for line in draw_network(y, width_by_weight=True).source.splitlines() if "->" in line]
    widths = [float(re.findall(r"penwidth=([\d.]+)", line)[0]) for line in lines]
    assert widths[0] == 2 * widths[1] > 4 * widths[2] > 0
    assert ["dashed" in line for line in lines] == [False, True, False]
    assert "penwidth" not in draw_network(y).source


def test_a_line_tells_that_numbers_between_columns_are_left_out() -> None:
    outputs = MLP(5, [5])([0.5] * 5)

    def last_line(**options: Any) -> str:
        return list(read_dot(draw_network(outputs, **options)).nodes.values())[-1].text

    assert last_line() == "the numbers on 25 arrows are left out; width_by_weight=True shows weights as widths"
    assert last_line(width_by_weight=True) == "the numbers on 25 arrows are left out"
    assert "left out" not in last_line(data=False)
