"""The graph of a sample's loss: shared by all samples, or built for each if it depends on the sample."""

import random
from collections.abc import Callable
from typing import Any

import pytest

from engine import Value
from nn import MLP, half_squared_error, hinge
from nn.training.data import Samples
from nn.training.objective import Objective

ROWS = [[1.0, -2.0, 1.0], [0.5, 0.25, -1.0], [-1.5, 2.0, 1.0]]
SAMPLES = Samples(ROWS, [0, 1, 2], n_inputs=2, one_target=True)


def network() -> MLP:
    return MLP(2, [3, 1], activation="tanh", rng=random.Random(0))


def test_one_graph_serves_every_sample() -> None:
    model = network()
    objective = Objective.trace(model, hinge, SAMPLES)
    assert objective.shared is not None
    for row in ROWS:
        graph = objective.graph_for(row)
        assert graph is objective.shared
        assert graph.loss.data == hinge(model(row[:2]), row[2]).data


def test_a_recomputed_graph_sees_new_parameters() -> None:
    model = network()
    objective = Objective.trace(model, half_squared_error, SAMPLES)
    model.parameters()[0].data = 0.125
    assert objective.graph_for(ROWS[0]).loss.data == half_squared_error(model(ROWS[0][:2]), ROWS[0][2]).data


def test_inputs_and_targets_are_labelled_leaves() -> None:
    graph = Objective.trace(network(), half_squared_error, SAMPLES).build_graph(ROWS[0])
    assert [(leaf.label, leaf.data) for leaf in graph.leaves] == [("x_1", 1.0), ("x_2", -2.0), ("y", 1.0)]
    listed = Samples(ROWS, [0, 1, 2], n_inputs=1, one_target=False)
    graph = Objective.trace(MLP(1, [2]), half_squared_error, listed).build_graph(ROWS[0])
    assert [leaf.label for leaf in graph.leaves] == ["x_1", "y_1", "y_2"]


def by_comparison(z: Value, y: Value) -> Value:
    return (z - y) ** 2 if y > 0 else abs(z - y)


def by_max(z: Value, y: Value) -> Value:
    return max(1 - y * z, 0 * z)


def by_truth(z: Value, y: Value) -> Value:
    return (z - y) ** 2 if y + 1.0 else abs(z - y)


def by_equality(z: Value, y: Value) -> Value:
    return (z - y) ** 2 if y == 1 else abs(z - y)


def by_inequality(z: Value, y: Value) -> Value:
    return abs(z - y) if y != 1.0 else (z - y) ** 2


def by_membership(z: Value, y: Value) -> Value:
    return (z - y) ** 2 if y in [0, 1] else abs(z - y)


def by_data(z: Value, y: Value) -> Value:
    return (z - y) ** 2 * (1.0 if y.data > 0 else 3.0)


@pytest.mark.parametrize("loss", [by_comparison, by_max, by_truth, by_equality, by_inequality, by_membership])
def test_a_comparison_of_values_makes_a_graph_for_each_sample(loss: Callable[[Any, Any], Value]) -> None:
    model = network()
    objective = Objective.trace(model, loss, SAMPLES)
    assert objective.shared is None
    for row in ROWS:
        z = model(row[:2])
        assert objective.graph_for(row).loss.data == loss(z, Value(row[2])).data


def test_a_decision_by_data_is_detected() -> None:
    rows = Samples(ROWS[:2], [0, 1], n_inputs=2, one_target=True)  # with different targets
    assert Objective.trace(network(), by_data, rows).shared is None


def test_dropout_is_drawn_for_each_sample() -> None:
    rng, model = random.Random(0), network()

    def with_dropout(z: Value, y: Value) -> Value:
        return (z * rng.random() - y) ** 2

    objective = Objective.trace(model, with_dropout, Samples(ROWS[:1], [0], n_inputs=2, one_target=True))
    assert objective.shared is None
    assert objective.graph_for(ROWS[0]).loss.data != objective.graph_for(ROWS[0]).loss.data


def test_a_loss_of_plain_numbers_is_refused() -> None:
    with pytest.raises(TypeError, match=r"the loss of a sample must be one Value, not .* of type float"):
        Objective.trace(network(), lambda z, y: z.data - y.data, SAMPLES)


def test_a_loss_that_does_not_depend_on_parameters_is_refused() -> None:
    with pytest.raises(ValueError, match="does not depend on any parameter; compute it from the outputs"):
        Objective.trace(network(), lambda z, y: (z.data - y) ** 2, SAMPLES)


def by_floats(z: Value, y: Value) -> Value:
    return Value((z.data - y.data) ** 2 if y > 0 else -z.data)


def test_a_loss_of_floats_is_refused_though_its_graphs_differ() -> None:
    with pytest.raises(ValueError, match="does not depend on any parameter"):
        Objective.trace(network(), by_floats, SAMPLES)


def test_losses_that_are_all_minimal_are_accepted() -> None:
    def zero_where_right(z: Value, y: Value) -> Value:
        return abs(z) if z > 1000 else Value(0.0)

    assert Objective.trace(network(), zero_where_right, SAMPLES).shared is None


def test_one_sample_that_depends_on_a_parameter_is_enough() -> None:
    def of_the_second(z: Value, y: Value) -> Value:
        return z * z if y < 0 else Value(z.data)

    assert Objective.trace(network(), of_the_second, SAMPLES).shared is None


@pytest.mark.parametrize("bad", [0, 2])
def test_a_sample_with_an_undefined_loss_is_skipped(bad: int) -> None:
    rows = [*ROWS]
    rows[bad] = [1.0, -2.0, 0.0]
    objective = Objective.trace(
        network(), lambda z, y: z * z / y, Samples(rows, [0, 1, 2], n_inputs=2, one_target=True)
    )
    assert objective.shared is not None
    assert objective.graph_for(ROWS[1]) is objective.shared


def test_without_a_defined_loss_the_graph_stays_undecided() -> None:
    objective = Objective.trace(network(), lambda z, y: (z * 0).log(), SAMPLES)
    assert objective.shared is None
    assert not objective.varies


def test_a_model_that_returns_other_types_is_refused() -> None:
    class Constant(MLP):
        def __call__(self, inputs: Any) -> Any:
            return 1.0

    with pytest.raises(TypeError, match=r"a model must return a Value, or a list or an array of them, not 1.0"):
        Objective.trace(Constant(2, [1]), lambda z, y: y * 1.0, SAMPLES)


def test_a_loss_that_weights_a_rare_class_by_data_is_detected() -> None:
    rows = [[0.1 * i, 1.0, float(i == 57)] for i in range(100)]
    samples = Samples(rows, list(range(100)), n_inputs=2, one_target=True)
    objective = Objective.trace(network(), lambda z, y: (z - y) ** 2 * (3.0 if y.data == 1 else 1.0), samples)
    assert objective.varies


def test_randomness_in_a_model_is_detected() -> None:
    class Dropout(MLP):
        chance = random.Random(0)

        def __call__(self, inputs: Any) -> Any:
            hidden: Any = self.layers[0](inputs)
            return self.layers[1]([z * (self.chance.random() > 0.1) for z in hidden])

    rows = [[0.1 * i, 1.0, 0.5] for i in range(200)]
    samples = Samples(rows, list(range(200)), n_inputs=2, one_target=True)
    noticed = 0
    for seed in range(20):
        Dropout.chance.seed(seed)
        model = Dropout(2, [4, 1], activation="tanh", rng=random.Random(seed))
        noticed += Objective.trace(model, half_squared_error, samples).varies
    assert noticed == 20
