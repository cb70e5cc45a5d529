"""Trainings that end early: by Ctrl-C, by a loss or gradient that is not finite, or by an infinite update."""

import math
import pickle
import random
import re
import signal
from collections.abc import Callable, MutableSequence, Sequence
from itertools import chain, islice
from typing import Any

import pytest

from engine import DomainError, Value, log
from nn import MLP, SGD, Adam, History, Module, Optimizer, TrainingError, fit, half_squared_error
from nn.training.data import shuffled_batches
from nn.training.diagnose import describe_nonfinite
from nn.training.objective import SampleGraph
from tests.nn.small_task import COMPILED_BACKENDS, parameter_data

INPUTS = [0.5, -1.0, 1.5, 0.25]
TARGETS = [1.0, -1.0, 2.0, 0.5]


class Line(Module):
    """z = w x + b."""

    def __init__(self, w: float = 0.5, b: float = 0.0) -> None:
        self.w, self.b = Value(w, "w"), Value(b, "b")

    def parameters(self) -> list[Value]:
        return [self.w, self.b]

    def __call__(self, inputs: Sequence[Value]) -> Value:
        z = self.w * inputs[0] + self.b
        z.label = "z"
        return z


def trained(updates: int) -> list[float]:
    """The parameters after a number of updates with single samples in the order of the seed, without `fit`."""
    model, rng = Line(), random.Random(0)
    optimizer = SGD(model.parameters())
    epochs = (shuffled_batches(len(INPUTS), 1, rng) for _ in range(SETTINGS["epochs"]))
    for [i] in islice(chain.from_iterable(epochs), updates):
        optimizer.zero_grad()
        half_squared_error(model([Value(INPUTS[i])]), TARGETS[i]).backward()
        optimizer.step()
    return parameter_data(model)


SETTINGS: dict[str, Any] = {"batch_size": 1, "epochs": 3, "rng": random}


@pytest.fixture(autouse=True)
def _seed() -> None:
    SETTINGS["rng"] = random.Random(0)


# Ctrl-C


def test_ctrl_c_between_epochs_keeps_the_trained_parameters() -> None:
    model, reference = Line(), Line()

    def press(epoch: int, history: History) -> None:
        if epoch == 2:
            signal.raise_signal(signal.SIGINT)

    history = fit(model, half_squared_error, INPUTS, TARGETS, epochs=5, callbacks=[press])
    fit(reference, half_squared_error, INPUTS, TARGETS, epochs=2)
    assert (history.interrupted, history.epochs) == (True, 2)
    assert parameter_data(model) == parameter_data(reference)
    assert repr(history).endswith(", interrupted>")


def test_ctrl_c_in_the_first_epoch_is_raised_to_the_caller() -> None:
    model = Line()

    class Pressed(SGD):
        def update(self, parameters: MutableSequence[float], gradient: Sequence[float]) -> None:
            if self.steps == 2:
                signal.raise_signal(signal.SIGINT)
            super().update(parameters, gradient)

    with pytest.raises(KeyboardInterrupt):
        fit(model, half_squared_error, INPUTS, TARGETS, optimizer=Pressed(model.parameters()), **SETTINGS)
    assert parameter_data(model) == trained(updates=2)


def test_ctrl_c_in_the_middle_of_a_batch_keeps_the_last_update() -> None:
    model, calls = Line(), 0

    def loss(z: Value, y: Value) -> Value:
        nonlocal calls
        calls += z < math.inf  # a comparison, so that the loss is called for each sample
        if calls == 2 + 6:  # called for two samples before the training begins
            signal.raise_signal(signal.SIGINT)
        return half_squared_error(z, y)

    history = fit(model, loss, INPUTS, TARGETS, optimizer=SGD(model.parameters()), **SETTINGS)
    assert (history.interrupted, history.epochs) == (True, 1)
    assert parameter_data(model) == trained(updates=5)


@pytest.mark.parametrize("kind", [lambda p: SGD(p, 1e300, momentum=0.9), lambda p: Adam(p, 1e308)], ids=["SGD", "Adam"])
def test_an_update_that_fails_is_undone_in_the_optimizer_too(kind: Callable[[list[Value]], Optimizer]) -> None:
    model = Line()
    optimizer = kind(model.parameters())
    with pytest.raises(TrainingError, match="a lower learning rate may help"):
        fit(model, half_squared_error, [1e8, 2e8], [1e8, 3e8], optimizer=optimizer, **SETTINGS)
    fresh, reference = Line(), kind(model.parameters())
    assert parameter_data(model) == parameter_data(fresh)
    optimizer.lr = reference.lr = 0.001
    for either in (optimizer, reference):
        either.update(moved := [1.0] * len(model.parameters()), [0.5] * len(moved))
        assert either.steps == 1
    assert optimizer.remembered() == reference.remembered()


def test_ctrl_c_in_the_middle_of_an_update_undoes_it() -> None:
    model = Line()

    class HalfDone(SGD):
        def update(self, parameters: MutableSequence[float], gradient: Sequence[float]) -> None:
            if self.steps == 5:
                parameters[0] = 1000.0
                signal.raise_signal(signal.SIGINT)
            super().update(parameters, gradient)

    history = fit(model, half_squared_error, INPUTS, TARGETS, optimizer=HalfDone(model.parameters()), **SETTINGS)
    assert (history.interrupted, history.epochs) == (True, 1)
    assert parameter_data(model) == trained(updates=5)


def test_ctrl_c_during_validation_drops_the_unfinished_epoch() -> None:
    measured: list[float] = []

    def metric(z: float, y: float) -> float:
        measured.append(z)
        if len(measured) == 12:  # the fourth sample, which is held out, in the third epoch
            signal.raise_signal(signal.SIGINT)
        return 0.0

    history = fit(Line(), half_squared_error, INPUTS, TARGETS, validation=0.25, metrics=[metric], epochs=5)
    assert history.interrupted
    assert history.epochs == 2
    recorded = [
        history.losses,
        history.validation_losses,
        history.metrics["metric"],
        history.validation_metrics["metric"],
    ]
    assert [len(series) for series in recorded] == [2, 2, 2, 2]


# Numbers that are not finite


def explosive(z: Value, y: Value) -> Value:
    return (y * z).exp()


def test_an_undefined_loss_names_epoch_sample_and_node() -> None:
    with pytest.raises(TrainingError) as caught:
        fit(Line(), explosive, [1.0, 2.0, 3.0], [1.0, 1.0, 1000.0], epochs=1, batch_size=None)
    error = caught.value
    assert str(error).startswith("epoch 1, sample 2: exp(1500.0) is not finite: exp needs a number below 709.79")
    assert (error.epoch, error.sample, error.history) == (1, 2, History())
    assert isinstance(error.__cause__, DomainError)


def test_a_model_that_is_undefined_at_the_first_sample_is_named() -> None:
    class Logarithm(Line):
        def __call__(self, inputs: Sequence[Value]) -> Value:
            return super().__call__(inputs).log()

    with pytest.raises(TrainingError, match=re.escape("epoch 1, sample 0: log(z = -0.5) is not finite")) as caught:
        fit(Logarithm(), half_squared_error, [-1.0], [1.0])
    assert (caught.value.epoch, caught.value.sample) == (1, 0)


def squared(z: Value, y: Value) -> Value:
    return (z - y) * (z - y)


def by_comparison(z: Value, y: Value) -> Value:
    return squared(z, y) if z > -math.inf else z


@pytest.mark.parametrize("loss", [squared, by_comparison], ids=["shared graph", "graph for each sample"])
def test_an_infinite_loss_names_epoch_sample_and_node(loss: Callable[[Any, Any], Value]) -> None:
    model = Line()

    def leap(epoch: int, history: History) -> None:
        if epoch == 3:
            model.b.data = 1e200

    optimizer = SGD(model.parameters(), lr=0.0)
    with pytest.raises(TrainingError) as caught:
        fit(model, loss, INPUTS, TARGETS, optimizer=optimizer, epochs=5, batch_size=None, callbacks=[leap])
    where = "epoch 4, sample 0: the loss is inf; the first node that is not finite is "
    assert str(caught.value) == where + "multiply(1e+200, 1e+200) = inf"
    assert (caught.value.epoch, caught.value.sample) == (4, 0)
    assert caught.value.history.epochs == 3
    assert parameter_data(model) == [0.5, 1e200]


def test_a_parameter_that_is_nan_is_the_first_node_named() -> None:
    with pytest.raises(TrainingError, match=re.escape("the loss is nan; the first node that is not finite is w = nan")):
        fit(Line(w=math.nan), half_squared_error, INPUTS, TARGETS)


def test_an_infinite_gradient_names_epoch_sample_and_node() -> None:
    def steep(z: Value, y: Value) -> Value:
        return ((z * 1e-300) * 1e300) * 1e300 * 1e-300 + (z * 0.0) * 1e300 * 1e300

    with pytest.raises(TrainingError) as caught:
        fit(Line(), steep, [1.0], [0.0])
    assert str(caught.value) == (
        "epoch 1, sample 0: a derivative becomes inf at multiply(0.0, 1e+300) = 0.0: "
        "the local derivative 1e+300 with respect to its input 1 times the upstream gradient 1e+300"
    )


def test_an_undefined_derivative_names_epoch_sample_and_node() -> None:
    with pytest.raises(TrainingError, match=re.escape("epoch 1, sample 0: the derivative of sqrt(z = 0.0) is not")):
        fit(Line(w=1.0), lambda z, y: z.sqrt() * y, [0.0, 1.0], [1.0, 1.0], batch_size=None)


def test_the_sample_is_an_index_into_the_users_data() -> None:
    inputs = [1.0] * 20
    inputs[13] = -1.0
    for seed in range(5):
        with pytest.raises(TrainingError, match="sample 13: log") as caught:
            fit(Line(), lambda z, y: log(z) * y, inputs, inputs, validation=0.5, batch_size=3, rng=random.Random(seed))
        assert caught.value.sample == 13
        assert re.match(r"epoch 1, (validation )?sample 13", str(caught.value))


@pytest.mark.parametrize("backend", ["engine", *COMPILED_BACKENDS])
@pytest.mark.parametrize("bad", [0, 1, 2])
def test_every_backend_names_the_sample_with_an_undefined_loss(backend: str, bad: int) -> None:
    inputs = [1.0, 1.0, 1.0]
    inputs[bad] = -1.0
    with pytest.raises(TrainingError, match=rf"epoch 1, sample {bad}: log\(z = -0\.\d+\) is not finite") as caught:
        fit(Line(), lambda z, y: log(z) * y, inputs, [1.0] * 3, batch_size=None, backend=backend)
    assert (caught.value.epoch, caught.value.sample) == (1, bad)


@pytest.mark.parametrize("backend", ["engine", *COMPILED_BACKENDS])
def test_every_backend_names_the_numbers_after_the_update(backend: str) -> None:
    model = Line(w=1.0)
    optimizer = SGD(model.parameters(), lr=1.0)  # the first update makes w = -1, b = -2
    with pytest.raises(TrainingError, match=r"epoch 1, sample \d: log\(z = -3.0\) is not finite"):
        fit(model, lambda z, y: log(z) * y, [1.0] * 2, [2.0] * 2, optimizer=optimizer, batch_size=1, backend=backend)
    assert parameter_data(model) == [-1.0, -2.0]


def test_an_error_in_a_validation_sample_is_named_as_such() -> None:
    with pytest.raises(TrainingError, match=re.escape("epoch 1, validation sample 1: log(z = -0.")):
        fit(Line(), lambda z, y: log(z) * y, [1.0], [1.0], validation=([1.0, -1.0], [1.0, 1.0]))


def test_a_sum_that_overflows_names_the_batch() -> None:
    with pytest.raises(
        TrainingError, match=re.escape("epoch 1, the sum of the losses or derivatives of the samples [0, 1]")
    ):
        fit(Line(w=1.0), lambda z, y: z * 1e308 + y, [1.0, 1.0], [0.0, 0.0], batch_size=None)


def test_an_infinite_update_is_undone_and_names_the_parameter() -> None:
    model = Line()
    optimizer = SGD(model.parameters(), lr=lambda step: 0.001 if step < 3 else 1e308)
    with pytest.raises(TrainingError) as caught:
        fit(model, half_squared_error, [10.0], [-1e3], optimizer=optimizer, epochs=10)
    assert re.match(r"epoch 4, the update makes w = -inf, at a derivative of \d.*: a lower", str(caught.value))
    assert caught.value.sample is None
    assert caught.value.history.epochs == 3
    reference = Line()
    fit(reference, half_squared_error, [10.0], [-1e3], optimizer=SGD(reference.parameters(), lr=0.001), epochs=3)
    assert parameter_data(model) == parameter_data(reference)


def test_an_error_in_a_metric_is_raised_as_it_is() -> None:
    with pytest.raises(ZeroDivisionError):
        fit(Line(), half_squared_error, INPUTS, TARGETS, metrics=[lambda z, y: 1 / 0])


def test_an_error_in_the_loss_is_raised_as_it_is() -> None:
    def picky(z: Value, y: Value) -> Value:
        if z > 0.3:
            raise LookupError("not this one")
        return half_squared_error(z, y)

    with pytest.raises(LookupError, match="not this one"):
        fit(Line(), picky, [-1.0, 2.0, -1.0], [0.0, 0.0, 0.0])


def test_a_training_error_survives_pickling() -> None:
    error = TrainingError("epoch 3, sample 7: bad", 3, 7, History([1.0]))
    reference = pickle.loads(pickle.dumps(error))
    assert (str(reference), reference.epoch, reference.sample, reference.history) == (str(error), 3, 7, History([1.0]))


def test_a_finite_graph_is_described_by_an_empty_text() -> None:
    z = Value(1.5, "z")
    loss = z * z
    assert describe_nonfinite(SampleGraph([], [z], loss, [z, loss], [loss])) == ""


def test_an_mlp_that_diverges_names_the_node() -> None:
    model = MLP(1, [4, 1], rng=random.Random(0))
    with pytest.raises(TrainingError, match=r"epoch \d+, (sample \d: .*(power|dot)|the update makes)"):
        fit(model, half_squared_error, INPUTS, TARGETS, optimizer=SGD(model.parameters(), lr=1e4), epochs=1000)
    assert all(map(math.isfinite, parameter_data(model)))
