"""Properties that drawings of every operation share with drawings of networks."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from engine import Value, dot, ops, toposort
from nn import MLP, half_squared_error
from tests import thorough_unless
from tests.layout_program import needs_dot
from tests.viz.drawing.dot_reading import HOSTILE_LABELS, dot_layouts, drawn_texts, read_dot, visible
from tests.viz.drawing.graphs_to_draw import example
from viz import Drawing, draw, draw_network

ROOT = Path(__file__).parents[3]
Draw = Callable[..., Drawing]
BOTH = pytest.mark.parametrize("draw_it", [draw, draw_network])


@BOTH
def test_an_unknown_direction_or_format_is_refused(draw_it: Draw) -> None:
    with pytest.raises(ValueError, match=r"unknown direction 'UP'; choose from (auto, )?LR, RL, TB, BT"):
        draw_it(example(), direction="UP")
    with pytest.raises(ValueError, match="unknown format 'gif'; choose from svg, png, pdf, dot"):
        draw_it(example(), format="gif")


@BOTH
def test_arrows_through_which_no_derivative_passes_are_dashed(draw_it: Draw) -> None:
    x, w = Value(1.5, "x"), Value(2.5, "w")
    for y, n_dashed in ((ops.stop_gradient(w) * x, 1), (ops.floor(x) * w, 1), (x * w, 0)):
        assert draw_it(y).source.count("style=dashed") == n_dashed


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
    assert len(read_dot(draw_it(y, limit=401)).nodes) >= 401


@BOTH
@pytest.mark.parametrize("limit", [None, "a", 0, 1.5])
def test_a_limit_that_is_not_a_number_of_nodes_is_refused(draw_it: Draw, limit: Any) -> None:
    with pytest.raises((TypeError, ValueError), match=r"limit must be the largest number of nodes, .* not "):
        draw_it(example(), limit=limit)


@pytest.mark.parametrize("steps", ["a", 1.5, True, -3])
def test_steps_must_begin_with_a_whole_number(steps: Any) -> None:
    with pytest.raises((TypeError, ValueError), match=r"steps must be the first number over the columns, .* not "):
        draw_network(example(), steps=steps)


@needs_dot
@BOTH
def test_a_label_may_be_anything(draw_it: Draw) -> None:
    drawings = []
    for text in HOSTILE_LABELS:
        x = Value(1.5)
        a = dot([Value(2.0, text)], [x], Value(0.5, text))
        a.label = text
        drawings.append(draw_it(a, names={text: x}))
    # x, w, b and a; or x and a as circles, with w on the arrow and b above a.
    assert {len(layout["objects"]) for layout in dot_layouts(*drawings)} == {4}
    assert drawn_texts(*drawings) >= visible(HOSTILE_LABELS)


@needs_dot
@BOTH
def test_names_that_are_spaces_or_long_are_drawn(draw_it: Draw) -> None:
    drawings = [draw_it(2 * Value(1.5, text)) for text in ("", " ", "learning rate", "hidden_size", "x" * 1000)]
    assert [len(layout["objects"]) for layout in dot_layouts(*drawings)] == [3] * 5


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


@pytest.mark.thorough
def test_the_same_graph_gives_the_same_text() -> None:
    assert sources() == sources()


@pytest.mark.once
@thorough_unless(lambda seed: seed == "1")
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
