"""The metrics that `fit` records besides the loss, and validation samples."""

import random
import re
from collections.abc import Sequence
from typing import Any

import pytest

from engine import Value
from nn import SGD, Module, binary_cross_entropy, cross_entropy, fit, half_squared_error, hinge, mean_squared_error
from nn.training.objective import Loss
from tests.nn.small_task import INPUTS, SIGNS, small_network


def test_validation_samples_are_measured_and_not_trained_on() -> None:
    model, reference = small_network(), small_network()
    more, signs = [[1.0, 1.0], [-1.0, 0.5]], [1, -1]
    history = fit(model, hinge, INPUTS, SIGNS, epochs=3, validation=(more, signs), metrics=["accuracy"])
    alone = fit(reference, hinge, INPUTS, SIGNS, epochs=3)
    assert history.losses == alone.losses
    assert len(history.validation_losses) == len(history.validation_metrics["accuracy"]) == 3
    last = [hinge(reference(x), y).data for x, y in zip(more, signs, strict=True)]
    assert history.validation_losses[-1] == sum(last) / 2
    right = [(z.data > 0) == (y > 0) for x, y in zip(more, signs, strict=True) if isinstance(z := reference(x), Value)]
    assert history.validation_metrics["accuracy"][-1] == sum(right) / 2


@pytest.mark.parametrize(("fraction", "held_out"), [(0.2, 1), (0.4, 2), (0.01, 1), (0.99, 4)])
def test_a_fraction_is_held_out(fraction: float, held_out: int) -> None:
    seen = []

    def spy(z: float, y: float) -> float:
        seen.append(y)
        return 0.0

    fit(
        small_network(),
        half_squared_error,
        INPUTS,
        [1, 2, 3, 4, 5],
        epochs=1,
        validation=fraction,
        metrics=[spy],
        rng=random.Random(3),
    )
    assert sorted(seen) == [1, 2, 3, 4, 5]  # first those that are trained on, then those held out
    assert seen[5 - held_out :] == sorted(seen[5 - held_out :])


def test_metrics_are_means_over_the_samples_after_the_epoch() -> None:
    def error(outputs: list[float], target: list[float]) -> float:
        return abs(outputs[0] - target[0]) + abs(outputs[1] - target[1])

    model = small_network(3, 2)
    targets = [[0.0, 1.0]] * 5
    history = fit(model, mean_squared_error, INPUTS, targets, epochs=2, metrics=[error])
    outputs = [[z.data for z in several] for x in INPUTS if isinstance(several := model(x), list)]
    total = 0.0
    for z, y in zip(outputs, targets, strict=True):
        total += error(z, y)
    assert history.metrics["error"][-1] == total / 5
    assert len(history.metrics["error"]) == 2


@pytest.mark.parametrize(
    ("loss", "targets", "threshold"),
    [
        (hinge, [1, -1, 1, -1, 1], 0.0),
        (half_squared_error, [1, -1, 1, -1, 1], 0.0),
        (binary_cross_entropy, [1, 0, 1, 0, 1], 0.0),
        (half_squared_error, [1, 0, 1, 0, 1], 0.5),
        (half_squared_error, [[1], [0], [1], [0], [1]], 0.5),
        (lambda z, y: 2.0 * binary_cross_entropy(z, y), [1, 0, 1, 0, 1], 0.0),
        (lambda z, y: 2.0 * mean_squared_error(z, y), [1, 0, 1, 0, 1], 0.5),
    ],
    ids=["hinge", "signs", "logits", "0 and 1", "lists of one", "logits by another name", "numbers by another name"],
)
def test_accuracy_of_one_output_knows_its_threshold(loss: Loss, targets: list[Any], threshold: float) -> None:
    class Identity(Module):
        w = Value(1.0)

        def parameters(self) -> list[Value]:
            return [self.w]

        def __call__(self, inputs: Sequence[Value]) -> Value:
            return self.w * inputs[0]

    inputs = [threshold + x for x in (0.25, -0.25, 0.125, -0.375, -0.125)]  # all but the last are classified correctly
    optimizer = SGD(Identity().parameters(), lr=0.0)
    history = fit(Identity(), loss, inputs, targets, optimizer=optimizer, epochs=1, metrics=["accuracy"])
    assert history.metrics["accuracy"] == [0.8]


def test_a_list_of_one_output_is_measured_too() -> None:
    class Listed(Module):
        w = Value(1.0)

        def parameters(self) -> list[Value]:
            return [self.w]

        def __call__(self, inputs: Sequence[Value]) -> list[Value]:
            return [self.w * inputs[0]]

    def loss(outputs: list[Value], target: Value) -> Value:
        return binary_cross_entropy(outputs[0], target) * 3.0

    model = Listed()
    history = fit(model, loss, [1, -1], [1, 0], optimizer=SGD(model.parameters(), 0.0), epochs=1, metrics=["accuracy"])
    assert history.metrics["accuracy"] == [1.0]


def test_accuracy_of_several_outputs_is_the_largest() -> None:
    model = small_network(3, 3)
    targets = [0, 1, 2, 0, 1]
    history = fit(model, cross_entropy, INPUTS, targets, epochs=1, metrics=["accuracy"])
    places = [max(range(3), key=lambda i: z[i].data) for x in INPUTS if isinstance(z := model(x), list)]
    right = [place == target for place, target in zip(places, targets, strict=True)]
    assert history.metrics["accuracy"] == [sum(right) / 5]


def test_a_metric_is_a_number() -> None:
    def nothing(z: float, y: float) -> Any:
        return None

    with pytest.raises(
        TypeError,
        match="the metric 'nothing' returned None, of type NoneType: a metric must be one number for each sample",
    ):
        fit(small_network(), hinge, INPUTS, SIGNS, metrics=[nothing])


def test_accuracy_of_one_output_needs_two_classes() -> None:
    with pytest.raises(
        ValueError, match=re.escape('"accuracy" with one output needs targets of -1 and 1, or of 0 and 1')
    ):
        fit(small_network(), half_squared_error, INPUTS, [0, 1, 2, 0.5, 1], metrics=["accuracy"])
