"""Errors of one sample, and that following their gradient downhill makes them smaller."""

import random
from typing import Any

import numpy as np
import pytest

from engine import Value, grad, ops, toposort
from nn import MLP, half_squared_error
from tests.nn import FIGURE_4, by_label, to_12_digits


def test_half_squared_error_of_one_output() -> None:
    z = Value(0.75)
    E = half_squared_error(z, 0.25)
    assert E.data == (0.75 - 0.25) ** 2 / 2
    assert grad(E, [z]) == [0.75 - 0.25]


def test_half_squared_error_of_several_outputs_is_their_sum_and_no_mean() -> None:
    z = [Value(1.0), Value(-2.0), Value(0.5)]
    E = half_squared_error(z, [0.0, 1.0, 0.5])
    assert E.data == (1.0 + 9.0 + 0.0) / 2
    assert grad(E, z) == [1.0, -3.0, 0.0]


def test_the_error_and_its_targets_have_labels() -> None:
    z = Value(0.75, "z")
    assert set(by_label(half_squared_error(z, 0.25))) == {"E", "z", "y"}
    assert set(by_label(half_squared_error([z], [0.25]))) == {"E", "z", "y_1"}
    assert set(by_label(half_squared_error([z, Value(1.0, "u")], (0.25, 2)))) == {"E", "z", "u", "y_1", "y_2"}


def test_targets_may_be_a_numpy_row() -> None:
    z = [Value(1.0, "z_1"), Value(-2.0, "z_2")]
    E = half_squared_error(z, np.array([0.0, 1.0]))  # type: ignore[arg-type]  # a row, if no Sequence to type checkers
    assert E.data == 5.0
    assert set(by_label(E)) == {"E", "z_1", "z_2", "y_1", "y_2"}


def test_a_target_that_is_a_value_keeps_its_label_and_has_a_gradient() -> None:
    z, y = Value(0.75, "z"), Value(0.25, "target")
    E = half_squared_error(z, y)
    assert set(by_label(E)) == {"E", "z", "target"}
    assert grad(E, [y]) == [-0.5]


def test_a_square_is_one_node_so_that_no_path_counts_twice() -> None:
    E = half_squared_error(Value(0.75), 0.25)
    assert [node.op for node in toposort(E) if node.inputs] == [ops.subtract, ops.power, ops.divide]


@pytest.mark.parametrize(
    ("outputs", "targets", "message"),
    [
        ([Value(1.0), Value(2.0)], [1.0], "2 outputs need as many targets, 1 were given"),
        (Value(1.0), [1.0, 2.0], "1 outputs need as many targets, 2 were given"),
        ([], [], "0 outputs need as many targets, 0 were given"),
    ],
    ids=["too few", "too many", "none"],
)
def test_each_output_needs_a_target(outputs: Any, targets: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        half_squared_error(outputs, targets)


def test_eq_31_two_steps_downhill_on_the_network_of_figure_4() -> None:
    E = FIGURE_4.build()
    nodes = by_label(E)
    weights = [node for label, node in nodes.items() if label.startswith("w")]
    errors = []
    for _ in range(2):
        E.zero_grad()
        E.backward()
        for w in weights:
            w.data -= 0.5 * w.grad
        errors.append(E.forward())
    assert errors == [to_12_digits(0.0837925319797), to_12_digits(0.0794044382280)]
    assert nodes["w_11^(1)"].data == to_12_digits(0.466594433027)
    assert nodes["w_22^(2)"].data == to_12_digits(0.648978722687)
    assert nodes["w_12^(3)"].data == to_12_digits(-1.78194499077)


def test_a_small_training_loop_learns_xor() -> None:
    samples = [((-1, -1), -1), ((-1, 1), 1), ((1, -1), 1), ((1, 1), -1)]
    network = MLP(2, [4, 1], "tanh", rng=random.Random(0))

    def epoch(rate: float) -> float:
        total = 0.0
        for x, y in samples:
            E = half_squared_error(network(x), y)
            network.zero_grad()
            E.backward()
            for p in network.parameters():
                p.data -= rate * p.grad
            total += E.data
        return total

    before = epoch(0.0)
    for _ in range(150):
        after = epoch(0.1)
    assert before > 1.0
    assert after < 0.01
