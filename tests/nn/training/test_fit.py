"""`fit`: the same numbers as a loop written by hand; the state that it leaves unchanged; its callbacks."""

import random
from collections.abc import Sequence
from copy import deepcopy
from typing import Any

import numpy as np
import pytest

from engine import Value, sigmoid, softplus
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
from nn.training.data import shuffled_batches
from nn.training.objective import Loss
from tests.nn.small_task import COMPILED_BACKENDS, INPUTS, SIGNS, parameter_data, small_network


def train_by_hand(
    model: MLP, loss: Loss, targets: Sequence[Any], optimizer: Optimizer, epochs: int, batch_size: int, rng: Any
) -> list[float]:
    """Train with a new graph for every sample; return the mean loss of each epoch."""
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


LOSSES_THAT_BRANCH: dict[str, Loss] = {
    "if t": lambda a, t: softplus(-a) if t else softplus(a),
    "if not t": lambda a, t: softplus(a) if not t else softplus(-a),
    "if t == 1": lambda a, t: softplus(-a) if t == 1 else softplus(a),
    "if t != 0": lambda a, t: softplus(-a) if t != 0 else softplus(a),
    "if t in (1, 2)": lambda a, t: softplus(-a) if t in (1, 2) else softplus(a),
    "any": lambda a, t: softplus(-a) if any([t]) else softplus(a),
}


@pytest.mark.parametrize("loss", LOSSES_THAT_BRANCH.values(), ids=LOSSES_THAT_BRANCH)
def test_a_loss_that_branches_on_its_target_learns_and(loss: Loss) -> None:
    corners, targets = [[0, 0], [0, 1], [1, 0], [1, 1]], [0, 0, 0, 1]
    by_branch, reference = MLP(2, [1], rng=random.Random(0)), MLP(2, [1], rng=random.Random(0))
    for model, own in [(by_branch, loss), (reference, binary_cross_entropy)]:
        fit(model, own, corners, targets, optimizer=SGD(model.parameters(), lr=8.0), epochs=150, batch_size=None)
    outputs: list[list[Any]] = [[model(x) for x in corners] for model in (by_branch, reference)]
    learned, wanted = ([sigmoid(z).data for z in logits] for logits in outputs)
    assert learned == pytest.approx([0.0, 0.01, 0.01, 0.98], abs=0.01)
    assert learned == pytest.approx(wanted, rel=1e-9)


@pytest.mark.parametrize(("sizes", "loss", "targets"), CASES.values(), ids=CASES)
@pytest.mark.parametrize("batch_size", [1, 2, 5])
def test_fit_equals_a_loop_written_by_hand_to_the_bit(
    sizes: tuple[int, ...], loss: Loss, targets: Sequence[Any], batch_size: int
) -> None:
    model = small_network(*sizes)
    reference = deepcopy(model)
    optimizer, other = Adam(model.parameters(), lr=0.05), Adam(reference.parameters(), lr=0.05)
    losses = train_by_hand(reference, loss, targets, other, 4, batch_size, random.Random(1))
    history = fit(
        model,
        loss,
        INPUTS,
        targets,
        optimizer=optimizer,
        epochs=4,
        batch_size=batch_size,
        rng=random.Random(1),
        backend="engine",
    )
    assert history.losses == losses
    assert parameter_data(model) == parameter_data(reference)
    assert optimizer.steps == other.steps


@pytest.mark.parametrize("backend", COMPILED_BACKENDS)
@pytest.mark.parametrize(("sizes", "loss", "targets"), list(CASES.values())[:-1], ids=list(CASES)[:-1])
def test_a_compiled_graph_is_trained_to_the_same_numbers(
    sizes: tuple[int, ...], loss: Loss, targets: Sequence[Any], backend: str
) -> None:
    model = small_network(*sizes)
    reference = deepcopy(model)
    histories = [
        fit(
            learner,
            loss,
            INPUTS,
            targets,
            epochs=6,
            batch_size=2,
            rng=random.Random(1),
            validation=(INPUTS[:2], targets[:2]),
            backend=way,
        )
        for learner, way in ((model, backend), (reference, "engine"))
    ]
    assert histories[0].losses == pytest.approx(histories[1].losses, rel=1e-9)
    assert histories[0].validation_losses == pytest.approx(histories[1].validation_losses, rel=1e-9)
    assert parameter_data(model) == pytest.approx(parameter_data(reference), rel=1e-9)


def test_the_fraction_held_out_may_be_any_real_number() -> None:
    history = fit(small_network(), hinge, INPUTS, SIGNS, validation=np.float32(0.2), epochs=1, rng=random.Random(0))
    assert len(history.validation_losses) == 1


@pytest.mark.parametrize(
    ("options", "refused", "advice"),
    [
        ({"backend": "python"}, "the backend 'python'", ""),
        ({"backend": "jax", "dtype": "float32"}, "the backend 'jax'", ", without dtype"),
        ({"dtype": "float32"}, "dtype", ", without dtype"),
        ({"backend": "engine", "dtype": "float32"}, "dtype", ", without dtype"),
    ],
)
def test_a_graph_for_each_sample_cannot_be_compiled(options: Any, refused: str, advice: str) -> None:
    one = "is for one graph of all samples, which is compiled, but the graph of this model or loss depends on the"
    with pytest.raises(ValueError, match=rf"^{refused} {one} .*; use the backend 'engine'{advice}$"):
        fit(small_network(3, 1), by_comparison, INPUTS, [0.5, -1.0, 2.0, 0.25, 1.0], **options)


def test_the_engine_names_the_backends_that_have_an_option() -> None:
    with pytest.raises(ValueError, match=r"^backend='engine' does not take dtype=.*; choose backend='jax' or 'numpy'$"):
        fit(small_network(), hinge, INPUTS, SIGNS, backend="engine", dtype="float32")


@pytest.mark.parametrize("backend", ["engine", *COMPILED_BACKENDS])
def test_a_leaf_that_a_callback_sets_counts_from_the_next_epoch(backend: str) -> None:
    weight = Value(1.0, "weight")

    def weighted(z: Value, y: Value) -> Value:
        return weight * half_squared_error(z, y)

    def ignore(epoch: int, history: History) -> None:
        weight.data = 0.0

    model = small_network(3, 1)
    more = (INPUTS, SIGNS)
    history = fit(model, weighted, INPUTS, SIGNS, epochs=2, callbacks=[ignore], validation=more, backend=backend)
    assert history.losses[0] > 0.0
    assert history.validation_losses[0] > 0.0
    assert (history.losses[1], history.validation_losses[1]) == (0.0, 0.0)


def test_a_parameter_that_is_used_twice_gets_both_derivatives() -> None:
    class Shared(Module):
        def __init__(self) -> None:
            self.w = Value(0.5, "w")

        def __call__(self, inputs: Sequence[Value]) -> Value:
            return self.w * (self.w * inputs[0]).tanh()

        def parameters(self) -> list[Value]:
            return [self.w]

    model, reference = Shared(), Shared()
    history = fit(
        model, half_squared_error, [1.0, 2.0], [0.0, 1.0], optimizer=SGD(model.parameters(), lr=0.5), epochs=2
    )
    optimizer = SGD(reference.parameters(), lr=0.5)
    for loss in history.losses:
        optimizer.zero_grad()
        errors = [half_squared_error(reference([Value(x)]), y) for x, y in ((1.0, 0.0), (2.0, 1.0))]
        ((errors[0] + errors[1]) / 2).backward()
        optimizer.step()
        assert loss == pytest.approx((errors[0].data + errors[1].data) / 2)
    assert model.w.data == pytest.approx(reference.w.data)


def test_lists_tuples_and_arrays_give_the_same_training() -> None:
    results = []
    for kind in (list, tuple, np.array):
        model = small_network(3, 3)
        history = fit(model, cross_entropy, kind(INPUTS), kind([0, 1, 2, 0, 1]), epochs=3, rng=random.Random(0))
        results.append((history.losses, parameter_data(model)))
    assert results[0] == results[1] == results[2]


def test_the_seed_decides() -> None:
    first, second, other = (
        fit(small_network(), hinge, INPUTS, SIGNS, epochs=3, batch_size=2, rng=random.Random(seed))
        for seed in (1, 1, 2)
    )
    assert first == second != other


def test_grads_are_left_alone() -> None:
    model = small_network()
    for parameter in model.parameters():
        parameter.grad = 0.25
    fit(model, hinge, INPUTS, SIGNS, epochs=2)
    assert [parameter.grad for parameter in model.parameters()] == [0.25] * len(model.parameters())


def test_without_an_optimizer_it_is_adam() -> None:
    model, reference = small_network(), small_network()
    fit(model, hinge, INPUTS, SIGNS, epochs=3)
    fit(reference, hinge, INPUTS, SIGNS, epochs=3, optimizer=Adam(reference.parameters(), lr=0.01))
    assert parameter_data(model) == parameter_data(reference)


def test_an_optimizer_of_some_parameters_trains_these_alone() -> None:
    model = small_network()
    before = parameter_data(model)
    last = model.layers[-1].parameters()
    fit(model, hinge, INPUTS, SIGNS, epochs=3, optimizer=SGD(last, lr=0.1))
    n = len(last)
    assert parameter_data(model)[:-n] == before[:-n]
    assert parameter_data(model)[-n:] != before[-n:]


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


def test_batches_may_be_smaller_or_larger_than_the_data() -> None:
    for batch_size, steps in ((2, 3), (5, 1), (1000, 1), (None, 1)):
        model = small_network()
        optimizer = SGD(model.parameters())
        fit(model, hinge, INPUTS, SIGNS, optimizer=optimizer, epochs=1, batch_size=batch_size)
        assert optimizer.steps == steps


# Callbacks


def test_callbacks_get_the_epoch_and_see_the_current_model() -> None:
    model, seen = small_network(), []

    def look(epoch: int, history: History) -> None:
        seen.append((epoch, history.epochs, parameter_data(model)))

    fit(model, hinge, INPUTS, SIGNS, epochs=3, callbacks=[look])
    assert [(epoch, epochs) for epoch, epochs, _ in seen] == [(1, 1), (2, 2), (3, 3)]
    assert seen[0][2] != seen[1][2] != seen[2][2] == parameter_data(model)


@pytest.mark.parametrize("backend", ["engine", *COMPILED_BACKENDS])
def test_a_metric_sees_the_current_model(backend: str) -> None:
    model = MLP(2, [1], rng=random.Random(0))
    seen: list[float] = []

    def first_weight(outputs: float, target: float) -> float:
        seen.append(model.parameters()[0].data)
        return seen[-1]

    fit(model, hinge, INPUTS, SIGNS, epochs=3, metrics=[first_weight], backend=backend)
    assert len(set(seen)) == 3
    assert seen[-1] == model.parameters()[0].data


def test_a_true_result_stops_and_all_callbacks_are_called() -> None:
    called: list[int] = []

    def note(epoch: int, history: History) -> None:
        called.append(epoch)

    history = fit(
        small_network(),
        hinge,
        INPUTS,
        SIGNS,
        callbacks=[lambda epoch, history: epoch == 2, note],
        epochs=5,
        progress=False,
    )
    assert (history.epochs, called, history.interrupted) == (2, [1, 2], False)


def test_a_callback_may_set_the_parameters_and_stop() -> None:
    model = small_network()
    best = parameter_data(model)

    def back_to_the_best(epoch: int, history: History) -> None:
        for parameter, number in zip(model.parameters(), best, strict=True):
            parameter.data = number
        if epoch == 2:
            raise StopTraining

    history = fit(model, hinge, INPUTS, SIGNS, epochs=5, callbacks=[back_to_the_best])
    assert history.losses[0] == history.losses[1]
    assert len(history.losses) == 2
    assert parameter_data(model) == best


def test_an_error_in_a_callback_keeps_the_trained_parameters() -> None:
    model, reference = small_network(), small_network()

    def fail(epoch: int, history: History) -> None:
        if epoch == 2:
            raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        fit(model, hinge, INPUTS, SIGNS, epochs=5, callbacks=[fail])
    fit(reference, hinge, INPUTS, SIGNS, epochs=2)
    assert parameter_data(model) == parameter_data(reference)
