"""Code written for micrograd runs with the imports changed; the differences are improvements.

The lines of the tables in nn/README.md are shown here. Micrograd, of the extra `bench`, runs beside if installed.
"""

import random
import re
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import nn
from engine import DomainError, Value, check_gradients, explain, grad, ops, toposort
from nn import MLP, Layer, Neuron
from tests import by_night
from viz import draw

np = pytest.importorskip("numpy")

# The same expressions


def every_operator(Value: Any) -> list[Any]:
    """An expression of all operators of micrograd's Values, and its leaves."""
    x, y = Value(-3.0), Value(1.25)
    u = x * y + y**3 - 2 * x
    u += 1 + u + (-y)
    u -= (y - x).relu() * 0.5
    v = (3.0 - u) / y + 2.0 / (x**2 + 1) + x / 4
    v *= sum([x, y, u])
    return [(u - v) ** 2 / 100 + (y + x).relu() + x**-2, x, y]


def test_every_operator_of_micrograd_gives_its_numbers() -> None:
    micrograd = pytest.importorskip("micrograd.engine")
    ours, theirs = every_operator(Value), every_operator(micrograd.Value)
    assert ours[0].data == pytest.approx(theirs[0].data, rel=1e-14)
    ours[0].backward()
    theirs[0].backward()
    assert [x.grad for x in ours] == pytest.approx([x.grad for x in theirs], rel=1e-13)


def test_data_and_grad_are_written_and_read_as_in_micrograd() -> None:
    x = Value(-4)
    assert (x.data, x.grad) == (-4.0, 0.0)
    y = (x * 2).relu() + x
    y.backward()
    assert f"{y.data:.4f} {x.grad:.4f}" == "-4.0000 1.0000"
    x.data -= 0.5 * x.grad
    x.grad = 0
    assert (x.data, x.grad) == (-4.5, 0)
    assert repr(Value(1.5)) == "Value(data=1.5, grad=0.0)"


def test_a_network_is_called_and_updated_as_in_micrograd() -> None:
    random.seed(1337)
    neuron, layer, network = Neuron(2), Layer(2, 3), MLP(2, [4, 4, 1])
    x = [Value(1.0), Value(-2.0)]
    assert isinstance(neuron(x), Value)
    assert len(neuron.w) == 2
    assert neuron.b is not None
    assert neuron.parameters() == [*neuron.w, neuron.b]
    outputs = layer(x)
    assert isinstance(outputs, list)
    assert len(layer.neurons) == len(outputs) == 3
    assert [len(layer.neurons) for layer in network.layers] == [4, 4, 1]
    output = network(x)
    assert isinstance(output, Value)
    output.backward()
    for p in network.parameters():
        p.data -= 0.01 * p.grad
    network.zero_grad()
    assert {p.grad for p in network.parameters()} == {0.0}


def test_a_neuron_without_a_nonlinearity_is_linear() -> None:
    networks = pytest.importorskip("micrograd.nn")
    random.seed(0)
    theirs = networks.Neuron(2, nonlin=False)
    random.seed(0)
    ours = Neuron(2, activation="linear")
    assert ours([1.0, -2.0]).data == pytest.approx(theirs([1.0, -2.0]).data, rel=1e-14)


# The same training

PUBLISHED = {  # the notebook's loss and accuracy in percent, by step
    0: (0.8958441028683222, 50),
    1: (1.7235905336972022, 81),
    2: (0.7429006313851131, 77),
    10: (0.24507023853658053, 91),
    20: (0.18977522856087634, 91),
    50: (0.09875114765619622, 96),
    75: (0.011845398205364453, 100),
    99: (0.010978370135492717, 100),
}


def moons_by_hand(Value: Any, MLP: Any, steps: int) -> dict[int, tuple[float, float]]:
    """A loop such as that of micrograd's notebook, on its points: rows of NumPy numbers, `sum`, a hinge, plain SGD."""
    make_moons = pytest.importorskip("sklearn.datasets").make_moons
    np.random.seed(1337)
    random.seed(1337)
    points, classes = make_moons(n_samples=100, noise=0.1)
    classes = classes * 2 - 1
    model = MLP(2, [16, 16, 1])
    course = {}
    for step in range(steps):
        scores = [model(list(map(Value, point))) for point in points]
        losses = [(1 + -y * score).relu() for y, score in zip(classes, scores, strict=True)]
        loss = sum(losses) * (1.0 / len(losses)) + 1e-4 * sum(p * p for p in model.parameters())
        right = [(y > 0) == (score.data > 0) for y, score in zip(classes, scores, strict=True)]
        course[step] = loss.data, 100 * sum(right) / len(right)
        model.zero_grad()
        loss.backward()
        for p in model.parameters():
            p.data -= (1.0 - 0.9 * step / 100) * p.grad
    return course


def test_the_loop_of_the_notebook_gives_its_published_numbers() -> None:
    course = moons_by_hand(Value, MLP, by_night(3, 100))
    published = {step: PUBLISHED[step] for step in PUBLISHED if step in course}
    assert len(published) == by_night(3, len(PUBLISHED))
    assert {step: course[step][1] for step in published} == {step: percent for step, (_, percent) in published.items()}
    assert [course[step][0] for step in published] == pytest.approx([loss for loss, _ in published.values()], rel=1e-9)


def test_the_loop_goes_as_with_micrograd() -> None:
    engine, networks = pytest.importorskip("micrograd.engine"), pytest.importorskip("micrograd.nn")
    steps = by_night(1, 3)
    ours, theirs = moons_by_hand(Value, MLP, steps), moons_by_hand(engine.Value, networks.MLP, steps)
    for (our_loss, our_accuracy), (loss, accuracy) in zip(ours.values(), theirs.values(), strict=True):
        assert our_loss == pytest.approx(loss, rel=1e-12)
        assert our_accuracy == accuracy


@pytest.mark.parametrize("number", ["np.int64(-1)", "np.float64(-1.0)", "np.float32(-1.0)", "np.int8(-1)"])
def test_numbers_of_numpy_stand_on_either_side(number: str) -> None:
    y, x = eval(number, {"np": np}), Value(2.0)
    for product in (y * x, x * y):
        assert isinstance(product, Value)
        assert (product.data, grad(product, [x])) == (-2.0, [-1.0])
    assert ((1 + y * x).data, (y - x).data, (y / x).data) == (-1.0, -3.0, -0.5)


# The same drawings


def test_draw_shows_the_same_as_draw_dot(tmp_path: Path) -> None:
    x = Value(1.0)
    y = (x * 2 + 1).relu()
    y.backward()
    source = draw(y).source
    boxes = re.findall(r">([^<]+)</FONT></TD></TR>(?:(?!</TR>).)*>∂ ([^<]+)<", source)
    assert boxes == [("1", "2"), ("2", "1"), ("3", "1"), ("3", "1")]
    operations = [node for node in toposort(y) if node.inputs]
    assert [node.op for node in operations] == [ops.multiply, ops.add, ops.relu]
    assert source.count("->") == sum(len(node.inputs) for node in operations)  # an operation stands in its box
    assert draw(y, direction="TB", format="png").format == "png"  # in draw_dot, rankdir and format
    assert draw(y).save(tmp_path / "gout.dot").read_text(encoding="utf-8") == source  # its .render("gout")


def test_the_neuron_of_the_drawing_notebook_is_drawn() -> None:
    random.seed(1337)
    y = nn.Neuron(2)([Value(1.0), Value(-2.0)])
    y.backward()
    assert set(re.findall(r">∂ ([^<]+)<", draw(y).source)) > {"1"}


# Differences


def test_backward_may_be_called_again() -> None:
    def twice(Value: Any) -> list[float]:
        x = Value(3.0)
        y = (x * x) * x
        y.backward()
        y.backward()
        return [x.grad, 2 * 27.0]

    ours, twice_the_derivative = twice(Value)
    assert ours == twice_the_derivative
    micrograd = pytest.importorskip("micrograd.engine")
    theirs, twice_the_derivative = twice(micrograd.Value)
    assert theirs != twice_the_derivative


def test_a_graph_may_be_deep() -> None:
    def deep(Value: Any) -> float:
        x = y = Value(1.0)
        for _ in range(5_000):
            y = y + x
        y.backward()
        return float(x.grad)

    assert deep(Value) == 5_001
    micrograd = pytest.importorskip("micrograd.engine")
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(len([*traceback.walk_stack(None)]) + 1_000)  # Python's own; another test may have raised it
    try:
        with pytest.raises(RecursionError):
            deep(micrograd.Value)
    finally:
        sys.setrecursionlimit(limit)


def test_a_graph_is_the_formula_that_was_written() -> None:
    x, y = Value(3.0), Value(2.0)
    assert (x - y).op is ops.subtract
    assert (x / y).op is ops.divide
    assert (x * x).inputs == (x, x)
    micrograd = pytest.importorskip("micrograd.engine")
    their_x, their_y = micrograd.Value(3.0), micrograd.Value(2.0)
    assert (their_x - their_y)._op == "+"
    assert (their_x / their_y)._op == "*"
    assert len((their_x * their_x)._prev) == 1


def test_there_are_more_operations_and_more_exponents() -> None:
    x = Value(0.5)
    more: list[Callable[[], Value]] = [x.exp, x.log, x.tanh, x.sigmoid, x.softplus, x.sqrt, x.sin, x.cos]
    assert all(isinstance(operation(), Value) for operation in more)
    assert ((x**x).data, (2**x).data) == (0.5**0.5, 2**0.5)
    micrograd = pytest.importorskip("micrograd.engine")
    theirs = micrograd.Value(0.5)
    assert not any(hasattr(theirs, name) for name in ("exp", "log", "tanh", "sigmoid"))
    with pytest.raises(AssertionError):
        theirs**theirs
    with pytest.raises(TypeError):
        2**theirs


def test_an_error_names_the_operand() -> None:
    with pytest.raises(DomainError, match=r"divide\(1\.0, x = 0\.0\) is not finite"):
        1 / Value(0.0, "x")
    with pytest.raises(ValueError, match="takes 2 inputs, 3 were given"):
        MLP(2, [1])([1.0, 2.0, 3.0])
    engine, networks = pytest.importorskip("micrograd.engine"), pytest.importorskip("micrograd.nn")
    with pytest.raises(ZeroDivisionError):
        1 / engine.Value(0.0)
    networks.MLP(2, [1])([1.0, 2.0, 3.0])  # the third is ignored without an error


def test_a_graph_is_built_once_and_recomputed() -> None:
    x = Value(2.0)
    y = x * x
    x.data = 3.0
    assert y.forward() == 9.0


def test_derivatives_are_checked_explained_and_differentiated() -> None:
    x = Value(2.0, "x")
    y = x**3
    assert all(check.agrees for check in check_gradients(y))
    [slope] = grad(y, [x], create_graph=True)
    assert (slope.data, grad(slope, [x])) == (12.0, [12.0])
    assert "sum over paths" in repr(explain(x * x, x))
