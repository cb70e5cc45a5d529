"""`fit`: the same numbers as a loop written by hand, what it leaves alone, and what it refuses."""

import random
import re
from collections.abc import Callable, Sequence
from copy import deepcopy
from typing import Any

import numpy as np
import pytest

from engine import Value
from nn import (
    MLP,
    SGD,
    Adam,
    History,
    Module,
    Optimizer,
    StopTraining,
    binary_cross_entropy,
    cross_entropy,
    fit,
    half_squared_error,
    hinge,
    mean_squared_error,
)
from nn.data import shuffled_batches

Loss = Callable[[Any, Any], Value]
INPUTS = [[0.5, -1.0], [1.5, 0.25], [-0.75, 2.0], [0.125, -0.5], [-2.0, -1.0]]
SIGNS = [1, -1, 1, 1, -1]


def network(*sizes: int, activation: str = "tanh") -> MLP:
    return MLP(2, sizes or (3, 1), activation=activation, rng=random.Random(0))


def numbers(model: Module) -> list[float]:
    return [parameter.data for parameter in model.parameters()]


def by_hand(
    model: MLP, loss: Loss, targets: Sequence[Any], optimizer: Optimizer, epochs: int, batch_size: int, rng: Any
) -> list[float]:
    """Training as anybody would write it: a new graph for every sample."""
    losses = []
    for _ in range(epochs):
        total = 0.0
        for batch in shuffled_batches(len(INPUTS), batch_size, rng):
            optimizer.zero_grad()
            of_batch = 0.0
            for i in batch:
                error = loss(model(INPUTS[i]), targets[i])
                error.backward()
                of_batch += error.data
            for parameter in model.parameters():
                parameter.grad /= len(batch)
            optimizer.step()
            total += of_batch
        losses.append(total / len(INPUTS))
    return losses


def by_comparison(z: Value, y: Value | float) -> Value:
    return (z - y) ** 2 if z > 0 else 2 * abs(z - y)


CASES: dict[str, tuple[tuple[int, ...], Loss, Sequence[Any]]] = {
    "half_squared_error": ((3, 1), half_squared_error, [0.5, -1.0, 2.0, 0.25, 1.0]),
    "mean_squared_error": ((3, 2), mean_squared_error, [[0.5, 1.0], [-1.0, 0.0], [2.0, 1.0], [0.25, -1.0], [1.0, 0.5]]),
    "hinge": ((4, 3, 1), hinge, SIGNS),
    "binary_cross_entropy": ((3, 1), binary_cross_entropy, [1, 0, 1, 1, 0]),
    "cross_entropy": ((3, 3), cross_entropy, [2, 0, 1, 1, 2]),
    "a graph for each sample": ((3, 1), by_comparison, [0.5, -1.0, 2.0, 0.25, 1.0]),
}


@pytest.mark.parametrize(("sizes", "loss", "targets"), CASES.values(), ids=CASES)
@pytest.mark.parametrize("batch_size", [1, 2, 5])
def test_fit_is_a_loop_written_by_hand_to_the_bit(
    sizes: tuple[int, ...], loss: Loss, targets: Sequence[Any], batch_size: int
) -> None:
    model = network(*sizes)
    twin = deepcopy(model)
    optimizer, other = Adam(model.parameters(), lr=0.05), Adam(twin.parameters(), lr=0.05)
    losses = by_hand(twin, loss, targets, other, 4, batch_size, random.Random(1))
    history = fit(
        model,
        loss,
        INPUTS,
        targets,
        optimizer=optimizer,
        epochs=4,
        batch_size=batch_size,
        rng=random.Random(1),
    )
    assert history.losses == losses
    assert numbers(model) == numbers(twin)
    assert optimizer.steps == other.steps


def test_a_parameter_that_is_used_twice_gets_both_derivatives() -> None:
    class Shared(Module):
        def __init__(self) -> None:
            self.w = Value(0.5, "w")

        def __call__(self, inputs: Sequence[Value]) -> Value:
            return self.w * (self.w * inputs[0]).tanh()

        def parameters(self) -> list[Value]:
            return [self.w]

    model, twin = Shared(), Shared()
    history = fit(
        model, half_squared_error, [1.0, 2.0], [0.0, 1.0], optimizer=SGD(model.parameters(), lr=0.5), epochs=2
    )
    optimizer = SGD(twin.parameters(), lr=0.5)
    for loss in history.losses:
        optimizer.zero_grad()
        errors = [half_squared_error(twin([Value(x)]), y) for x, y in ((1.0, 0.0), (2.0, 1.0))]
        ((errors[0] + errors[1]) / 2).backward()
        optimizer.step()
        assert loss == pytest.approx((errors[0].data + errors[1].data) / 2)
    assert model.w.data == pytest.approx(twin.w.data)


def test_lists_tuples_and_arrays_train_alike() -> None:
    results = []
    for kind in (list, tuple, np.array):
        model = network(3, 3)
        history = fit(model, cross_entropy, kind(INPUTS), kind([0, 1, 2, 0, 1]), epochs=3, rng=random.Random(0))
        results.append((history.losses, numbers(model)))
    assert results[0] == results[1] == results[2]


def test_the_seed_decides() -> None:
    first, second, other = (
        fit(network(), hinge, INPUTS, SIGNS, epochs=3, batch_size=2, rng=random.Random(seed)) for seed in (1, 1, 2)
    )
    assert first == second != other


def test_grads_are_left_alone() -> None:
    model = network()
    for parameter in model.parameters():
        parameter.grad = 0.25
    fit(model, hinge, INPUTS, SIGNS, epochs=2)
    assert [parameter.grad for parameter in model.parameters()] == [0.25] * len(model.parameters())


def test_without_an_optimizer_it_is_adam() -> None:
    model, twin = network(), network()
    fit(model, hinge, INPUTS, SIGNS, epochs=3)
    fit(twin, hinge, INPUTS, SIGNS, epochs=3, optimizer=Adam(twin.parameters(), lr=0.01))
    assert numbers(model) == numbers(twin)


def test_an_optimizer_of_some_parameters_trains_these_alone() -> None:
    model = network()
    before = numbers(model)
    last = model.layers[-1].parameters()
    fit(model, hinge, INPUTS, SIGNS, epochs=3, optimizer=SGD(last, lr=0.1))
    n = len(last)
    assert numbers(model)[:-n] == before[:-n]
    assert numbers(model)[-n:] != before[-n:]


def test_any_function_with_parameters_can_be_trained() -> None:
    class Line:
        slope, offset = Value(0.0, "slope"), Value(0.0, "offset")

        def parameters(self) -> list[Value]:
            return [self.slope, self.offset]

        def __call__(self, inputs: list[Value]) -> Value:
            return self.slope * inputs[0] + self.offset

    line = Line()
    fit(line, half_squared_error, [0, 1, 2], [1, 3, 5], optimizer=SGD(line.parameters(), lr=0.5), epochs=200)
    assert [line.slope.data, line.offset.data] == pytest.approx([2.0, 1.0])


def test_the_last_batch_may_be_smaller_and_a_batch_larger_than_the_data() -> None:
    for batch_size, steps in ((2, 3), (5, 1), (1000, 1), (None, 1)):
        model = network()
        optimizer = SGD(model.parameters())
        fit(model, hinge, INPUTS, SIGNS, optimizer=optimizer, epochs=1, batch_size=batch_size)
        assert optimizer.steps == steps


# Validation and metrics


def test_validation_samples_are_measured_and_not_trained_on() -> None:
    model, twin = network(), network()
    more, signs = [[1.0, 1.0], [-1.0, 0.5]], [1, -1]
    history = fit(model, hinge, INPUTS, SIGNS, epochs=3, validation=(more, signs), metrics=["accuracy"])
    alone = fit(twin, hinge, INPUTS, SIGNS, epochs=3)
    assert history.losses == alone.losses
    assert len(history.validation_losses) == len(history.validation_metrics["accuracy"]) == 3
    last = [hinge(twin(x), y).data for x, y in zip(more, signs, strict=True)]
    assert history.validation_losses[-1] == sum(last) / 2
    right = [(z.data > 0) == (y > 0) for x, y in zip(more, signs, strict=True) if isinstance(z := twin(x), Value)]
    assert history.validation_metrics["accuracy"][-1] == sum(right) / 2


@pytest.mark.parametrize(("fraction", "held_out"), [(0.2, 1), (0.4, 2), (0.01, 1), (0.99, 4)])
def test_a_fraction_is_held_out(fraction: float, held_out: int) -> None:
    seen = []

    def spy(z: float, y: float) -> float:
        seen.append(y)
        return 0.0

    fit(
        network(),
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

    model = network(3, 2)
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
    ],
    ids=["hinge", "signs", "logits", "0 and 1", "lists of one"],
)
def test_accuracy_of_one_output_knows_its_threshold(loss: Loss, targets: list[Any], threshold: float) -> None:
    class Identity(Module):
        w = Value(1.0)

        def parameters(self) -> list[Value]:
            return [self.w]

        def __call__(self, inputs: Sequence[Value]) -> Value:
            return self.w * inputs[0]

    inputs = [threshold + 0.25, threshold - 0.25, threshold - 0.125, threshold + 0.125, threshold + 1.0]  # 3 are right
    optimizer = SGD(Identity().parameters(), lr=0.0)
    history = fit(Identity(), loss, inputs, targets, optimizer=optimizer, epochs=1, metrics=["accuracy"])
    assert history.metrics["accuracy"] == [0.6]


def test_accuracy_of_several_outputs_is_the_largest() -> None:
    model = network(3, 3)
    targets = [0, 1, 2, 0, 1]
    history = fit(model, cross_entropy, INPUTS, targets, epochs=1, metrics=["accuracy"])
    places = [max(range(3), key=lambda i: z[i].data) for x in INPUTS if isinstance(z := model(x), list)]
    right = [place == target for place, target in zip(places, targets, strict=True)]
    assert history.metrics["accuracy"] == [sum(right) / 5]


# Callbacks


def test_callbacks_are_told_the_epoch_and_see_the_model_as_it_is() -> None:
    model, seen = network(), []

    def look(epoch: int, history: History) -> None:
        seen.append((epoch, history.epochs, numbers(model)))

    fit(model, hinge, INPUTS, SIGNS, epochs=3, callbacks=[look])
    assert [(epoch, epochs) for epoch, epochs, _ in seen] == [(1, 1), (2, 2), (3, 3)]
    assert seen[0][2] != seen[1][2] != seen[2][2] == numbers(model)


def test_a_true_result_stops_and_all_callbacks_are_called() -> None:
    called: list[int] = []

    def note(epoch: int, history: History) -> None:
        called.append(epoch)

    history = fit(
        network(), hinge, INPUTS, SIGNS, callbacks=[lambda epoch, history: epoch == 2, note], epochs=5, progress=False
    )
    assert (history.epochs, called, history.interrupted) == (2, [1, 2], False)


def test_a_callback_may_set_the_parameters_and_stop() -> None:
    model = network()
    best = numbers(model)

    def back_to_the_best(epoch: int, history: History) -> None:
        for parameter, number in zip(model.parameters(), best, strict=True):
            parameter.data = number
        if epoch == 2:
            raise StopTraining

    history = fit(model, hinge, INPUTS, SIGNS, epochs=5, callbacks=[back_to_the_best])
    assert history.losses[0] == history.losses[1]
    assert len(history.losses) == 2
    assert numbers(model) == best


def test_an_error_of_a_callback_comes_through_with_what_was_learned_kept() -> None:
    model, twin = network(), network()

    def fail(epoch: int, history: History) -> None:
        if epoch == 2:
            raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        fit(model, hinge, INPUTS, SIGNS, epochs=5, callbacks=[fail])
    fit(twin, hinge, INPUTS, SIGNS, epochs=2)
    assert numbers(model) == numbers(twin)


# What is refused

REFUSED: dict[str, tuple[dict[str, Any], type[Exception], str]] = {
    "model": ({"model": lambda x: x[0]}, TypeError, "the model must be callable and have parameters()"),
    "loss": ({"loss": "hinge"}, TypeError, "loss is a function loss(outputs, targets)"),
    "inputs": (
        {"inputs": [[1.0, 2.0, 3.0]] * 5},
        ValueError,
        "the model cannot take inputs[0], which is [1.0, 2.0, 3.0]",
    ),
    "targets": ({"targets": [1, -1, 1, 0, 1]}, ValueError, "targets[3]: hinge needs a target of -1 or 1"),
    "optimizer's class": ({"optimizer": SGD}, TypeError, "such as SGD(model.parameters(), lr=0.1)"),
    "another's optimizer": (
        {"optimizer": SGD(network().parameters())},
        ValueError,
        "the optimizer is of another model: its parameter 0, w_11^(1), is none of this model's",
    ),
    "no epochs": ({"epochs": 0}, ValueError, "epochs must be at least 1, not 0"),
    "half an epoch": ({"epochs": 0.5}, TypeError, "epochs must be at least 1, not 0.5 of type float"),
    "no batch": ({"batch_size": 0}, ValueError, "a batch needs at least one sample, not 0"),
    "negative batch": ({"batch_size": -3}, ValueError, "a batch needs at least one sample, not -3"),
    "fraction of a batch": ({"batch_size": 2.0}, TypeError, "a batch needs at least one sample, not 2.0 of type float"),
    "a seed": ({"rng": 0}, TypeError, "rng is a random.Random, such as random.Random(0), not 0"),
    "all held out": ({"validation": 1.0}, ValueError, "above 0 and below 1, not 1.0"),
    "validation": ({"validation": 3}, TypeError, "validation is (inputs, targets), or the fraction"),
    "validation row": ({"validation": ([[1, 2], [3]], [1, 1])}, ValueError, "validation inputs[1] has length 1"),
    "validation size": (
        {"validation": ([[1, 2, 3]], [1])},
        ValueError,
        "validation inputs[0] has length 3, but inputs[0] has length 2",
    ),
    "validation target": ({"validation": ([[1, 2]], [0])}, ValueError, "validation targets[0]: hinge needs a target"),
    "unknown metric": ({"metrics": ["f1"]}, ValueError, "there is no metric 'f1'; possible are 'accuracy'"),
    "one metric": ({"metrics": "accuracy"}, TypeError, "metrics is a list, such as ['accuracy'], not 'accuracy'"),
    "same metric": ({"metrics": ["accuracy", "accuracy"]}, ValueError, "metrics has two of the name 'accuracy'"),
    "one callback": ({"callbacks": print}, TypeError, "callbacks is a list of functions (epoch, history)"),
    "no callback": ({"callbacks": [3]}, TypeError, "a callback is a function (epoch, history), not 3"),
    "backend": ({"backend": "cuda"}, ValueError, "there is no backend 'cuda'; possible are 'auto'"),
}


@pytest.mark.parametrize(("change", "error", "message"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_is_refused_before_anything_changes(
    change: dict[str, Any], error: type[Exception], message: str
) -> None:
    model = network()
    before = numbers(model)
    arguments: dict[str, Any] = {
        "model": model,
        "loss": hinge,
        "inputs": INPUTS,
        "targets": SIGNS,
        "epochs": 1,
    } | change
    with pytest.raises(error, match=re.escape(message)):
        fit(**arguments)
    assert numbers(model) == before


def test_a_metric_is_a_number() -> None:
    def nothing(z: float, y: float) -> Any:
        return None

    with pytest.raises(TypeError, match="the metric 'nothing' returned None: a metric is one number for each sample"):
        fit(network(), hinge, INPUTS, SIGNS, metrics=[nothing])


def test_accuracy_of_one_output_needs_two_classes() -> None:
    with pytest.raises(
        ValueError, match=re.escape('"accuracy" with one output needs targets of -1 and 1, or of 0 and 1')
    ):
        fit(network(), half_squared_error, INPUTS, [0, 1, 2, 0.5, 1], metrics=["accuracy"])


def test_classes_that_are_no_outputs_are_refused() -> None:
    with pytest.raises(ValueError, match=r"targets\[4\]: there is no class 3: with 3 outputs"):
        fit(network(3, 3), cross_entropy, INPUTS, [0, 1, 2, 0, 3])
