"""Trainings that diverge or are dead end with a warning, once and at the line of the user; healthy ones are silent."""

import random
import re
import warnings
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import pytest

from engine import Value
from nn import MLP, SGD, Adam, Module, TrainingError, TrainingWarning, fit, half_squared_error
from tests.nn.small_task import COMPILED_BACKENDS, parameter_data

X = [[i / 10] for i in range(-20, 20)]
Y = [2 * x + 1 for [x] in X]
BACKENDS = pytest.mark.parametrize("backend", ["engine", *COMPILED_BACKENDS])


def line() -> MLP:
    return MLP(1, [1], rng=random.Random(0))


def warned(train: Callable[[], object]) -> list[str]:
    """The texts of the warnings, which are at this line."""
    with warnings.catch_warnings(record=True) as found:
        warnings.simplefilter("always")
        train()
    assert {(warning.category, warning.filename) for warning in found} <= {(TrainingWarning, __file__)}
    return [str(warning.message) for warning in found]


def train_fast(model: MLP, **options: Any) -> Any:
    optimizer = SGD(model.parameters(), lr=3.0)
    return fit(model, half_squared_error, X, Y, optimizer=optimizer, rng=random.Random(0), **options)


@BACKENDS
@pytest.mark.parametrize("size", [None, 4])
def test_a_loss_that_grows_is_said_with_its_cause(backend: str, size: int | None) -> None:
    model, first = line(), 0.0
    losses: list[float] = []

    def train() -> None:
        losses.extend(train_fast(model, epochs=30, batch_size=size, backend=backend).losses)

    for x, y in zip(X, Y, strict=True):
        first += half_squared_error(model(x), y).data / len(X)
    assert warned(train) == [
        f"the loss grew from {first:.4g} to {losses[-1]:.4g}: the learning rate is probably too high"
    ]
    assert max(map(abs, parameter_data(model))) > 1e10  # those of the end


def test_a_loss_that_grows_until_it_is_infinite_says_so() -> None:
    with pytest.raises(TrainingError, match=r"is not finite.*; before, the loss grew from 1\.582 to .*: the learning"):
        train_fast(line(), batch_size=1)


def test_a_training_that_begins_at_the_optimum_is_silent() -> None:
    model = line()
    for w, number in zip(model.parameters(), (2.0, 1.0 + 1e-9), strict=True):
        w.data = number
    history = fit(model, half_squared_error, X, Y, optimizer=Adam(model.parameters(), lr=0.05), epochs=3)
    assert history.losses[-1] > 1e3 * 1e-18


class InOrder:
    def shuffle(self, x: list[int]) -> None:
        """Leave the samples in their order."""


def test_an_easy_first_batch_is_no_growth() -> None:
    model = line()
    optimizer = SGD(model.parameters(), lr=0.01)
    x, y = [[0.0], *([[1.0]] * 9)], [1e-3, *([100.0] * 9)]
    history = fit(model, half_squared_error, x, y, optimizer=optimizer, batch_size=1, epochs=1, rng=InOrder())
    assert history.losses[-1] > 1e3
    assert max(map(abs, parameter_data(model))) > 2.0


def dead(*sizes: int, layer: int, activation: Any = "relu") -> MLP:
    """A network in which all units of a layer are dead for all inputs."""
    model = MLP(1, sizes, activation=activation, rng=random.Random(0))
    for neuron in model.layers[layer - 1].neurons:
        assert neuron.b is not None
        neuron.b.data = -1e6
    return model


@BACKENDS
@pytest.mark.parametrize(
    ("model", "layer"),
    [(dead(3, 1, layer=1), 1), (dead(3, 2, 1, layer=2), 2), (dead(3, 2, 1, layer=2, activation=["tanh", "relu"]), 2)],
    ids=["first", "second", "above tanh"],
)
def test_a_layer_of_dead_relus_is_named(backend: str, model: MLP, layer: int) -> None:
    text = (
        f"all units of layer {layer} give 0 for every sample (dead relus), so that no gradient passes through them: try"
        " other initial weights, a lower learning rate or leaky_relu"
    )
    assert warned(lambda: fit(model, half_squared_error, X, Y, epochs=2, backend=backend)) == [text]


class Own(Module):
    """Units without labels: a function of the weight and the input."""

    def __init__(self, unit: Callable[[Value, Value], Value]) -> None:
        self.w, self.unit = Value(-1.0, "w"), unit

    def __call__(self, inputs: Sequence[Value]) -> Value:
        return self.unit(self.w, inputs[0])

    def parameters(self) -> list[Value]:
        return [self.w]


def test_dead_relus_without_labels_are_named_by_depth() -> None:
    model = Own(lambda w, x: ((x - w + 9.0).relu() * w - 1.0).relu() + w)
    [text] = warned(lambda: fit(model, half_squared_error, X, [-1.0] * 39 + [3.0], epochs=1))
    assert text.startswith("all units of layer 2 give 0")


@pytest.mark.parametrize("x", [[0.5], [0.5, 0.5, 0.5]], ids=["one sample", "equal inputs"])
def test_relus_that_are_0_for_equal_inputs_are_silent(x: list[float]) -> None:
    model = Own(lambda w, x: (w - 9.0).relu() + w * x)
    y = [1.0 + i for i in range(len(x))]
    assert warned(lambda: fit(model, half_squared_error, x, y, epochs=2)) == []


def test_a_model_that_draws_random_numbers_is_not_called_again() -> None:
    rng = random.Random(0)
    states: list[Any] = []

    def record(epoch: int, history: object) -> None:
        states.append(rng.getstate())

    model = Own(lambda w, x: (w - 9.0).relu() + w * rng.random())
    assert warned(lambda: fit(model, half_squared_error, X, Y, epochs=2, callbacks=[record])) == []
    assert rng.getstate() == states[-1]


ALIVE: dict[str, Callable[[Value, Value], Value]] = {
    "one of two": lambda w, x: (w + x).relu() - (w - 9.0).relu(),
    "for some samples": lambda w, x: (w + x - 0.85).relu() + w,
    "a path leads past it": lambda w, x: (w - 9.0).relu() + w * x,
    "leaky_relu": lambda w, x: (w - 9.0).leaky_relu() + w,
    "tanh": lambda w, x: (w * 1e3).tanh() + w,
}


@pytest.mark.parametrize("unit", ALIVE.values(), ids=ALIVE)
def test_relus_that_are_not_all_dead_are_silent(unit: Callable[[Value, Value], Value]) -> None:
    assert warned(lambda: fit(Own(unit), half_squared_error, X, Y, epochs=2)) == []


def test_dead_relus_that_are_right_are_silent() -> None:
    model = Own(lambda w, x: (w - x * x).relu())
    assert warned(lambda: fit(model, half_squared_error, X, [0.0] * 40, epochs=2)) == []


Loss = Callable[[Any, Any], Value]
Case = tuple[Loss, Callable[[int], None] | None]


def frozen_numbers(model: MLP) -> dict[str, Case]:
    """Losses that read a number which changes in the training, each with the callback that changes it."""
    weight, schedule = [1.0], Own(lambda w, x: w * x)

    def anneal(epoch: int) -> None:
        weight[0] *= 0.5

    def anneal_late(epoch: int) -> None:
        weight[0] = 0.5 if epoch >= 4 else 1.0

    def rebind(epoch: int) -> None:
        schedule.w = Value(0.1 * epoch)

    def decayed(o: Value, t: Value) -> Value:
        return (o - t) ** 2 + 0.1 * sum(p.data**2 for p in model.parameters())

    return {
        "an entry of a list": (lambda o, t: weight[0] * (o - t) ** 2, anneal),
        "an entry that changes late": (lambda o, t: weight[0] * (o - t) ** 2, anneal_late),
        "a Value that is rebound": (lambda o, t: (o - t) ** 2 * schedule.w, rebind),
        "the .data of the parameters": (decayed, None),
        "a branch by .data": (lambda o, t: (o - t) ** 2 if model.parameters()[1].data < 0.1 else (o - t) * 0.5, None),
    }


@BACKENDS
@pytest.mark.parametrize("name", frozen_numbers(line()))
def test_a_number_that_is_frozen_in_the_graph_is_said(backend: str, name: str) -> None:
    model = line()
    loss, change = frozen_numbers(model)[name]
    callbacks = [lambda epoch, history: change(epoch)] if change else []
    options: dict[str, Any] = {"callbacks": callbacks, "backend": backend, "rng": random.Random(0)}
    text, *more = warned(lambda: fit(model, loss, X, Y, epochs=6, **options))
    assert re.match(r"the loss of sample \d+ is [-\de.]+, which its graph, .* does not give: .*Value .*\.data", text)
    assert not more


def test_a_frozen_number_is_said_where_a_callback_ends_fit() -> None:
    weight = [1.0]

    def stop(epoch: int, history: object) -> bool:
        weight[0] = 1.0 if epoch < 3 else 0.5
        return epoch == 4

    [text] = warned(lambda: fit(line(), lambda o, t: weight[0] * (o - t) ** 2, X, Y, epochs=9, callbacks=[stop]))
    assert text.startswith("the loss of sample ")


@BACKENDS
def test_numbers_that_are_not_frozen_are_silent(backend: str) -> None:
    weight, number = Value(1.0), [1.0]

    def change(epoch: int, history: object) -> None:
        weight.data *= 0.5
        if epoch == 5:  # after the last epoch, for the next training
            number[0] = 0.0

    def loss(o: Value, t: Value) -> Value:
        return number[0] * weight * (o - t) ** 2

    model = line()
    for callbacks in ([change], []):
        train = partial(fit, model, loss, X, Y, epochs=5, callbacks=callbacks, backend=backend)
        assert warned(train) == []
        number[0] = 1.0
    if backend == "engine":
        noise = random.Random(0)
        assert warned(lambda: fit(model, lambda o, t: noise.random() * (o - t) ** 2, X, Y, epochs=5)) == []
