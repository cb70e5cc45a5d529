"""`restore_best`: the model and the optimizer as they were after the epoch with the lowest validation loss."""

import random
import signal
from typing import Any

import pytest

from nn import MLP, SGD, Adam, History, TrainingError, fit, half_squared_error
from tests.nn.small_task import COMPILED_BACKENDS, parameter_data

INPUTS = [[x / 4] for x in range(-4, 5)]
NOISY = [0.9, -0.4, 0.6, -0.1, 0.3, -0.2, 0.1, 0.8, -0.7]
HELD_OUT = ([[-0.9], [0.1], [0.8]], [0.1, 0.0, 0.2])
EVERY_BACKEND = pytest.mark.parametrize("backend", ["engine", *COMPILED_BACKENDS])


def network() -> MLP:
    return MLP(1, [6, 1], "tanh", rng=random.Random(0))


def overfit(model: MLP, optimizer: Any, epochs: int, seed: int = 1, **options: Any) -> History:
    """Train on noise, so that the validation loss falls and then rises."""
    return fit(
        model,
        half_squared_error,
        INPUTS,
        NOISY,
        optimizer=optimizer,
        epochs=epochs,
        batch_size=3,
        validation=HELD_OUT,
        rng=random.Random(seed),
        **options,
    )


@EVERY_BACKEND
def test_the_best_epoch_is_restored_with_its_optimizer(backend: str) -> None:
    model, reference = network(), network()
    optimizer, other = Adam(model.parameters(), lr=0.05), Adam(reference.parameters(), lr=0.05)
    history = overfit(model, optimizer, 40, restore_best=True, backend=backend)
    best = history.best_epoch
    assert best is not None
    assert 1 < best < history.epochs == 40
    assert history.validation_losses[-1] > history.validation_losses[best - 1]
    overfit(reference, other, best, backend=backend)
    assert parameter_data(model) == parameter_data(reference)
    assert optimizer.remembered() == other.remembered()
    for learner, own in ((model, optimizer), (reference, other)):
        overfit(learner, own, 3, seed=2, backend=backend)
    assert parameter_data(model) == parameter_data(reference), "a training goes on from there"


def test_the_restored_model_has_the_lowest_validation_loss() -> None:
    model = network()
    history = overfit(model, SGD(model.parameters(), lr=0.3, momentum=0.9), 40, restore_best=True)
    inputs, targets = HELD_OUT
    measured = sum((z - y) ** 2 / 2 for z, y in zip(model.predict(inputs), targets, strict=True)) / len(targets)
    assert measured == pytest.approx(min(history.validation_losses), rel=1e-9)


def test_without_it_the_last_epoch_stays() -> None:
    model, reference = network(), network()
    overfit(model, Adam(model.parameters(), lr=0.05), 40)
    history = overfit(reference, Adam(reference.parameters(), lr=0.05), 40, restore_best=True)
    assert history.epochs == 40
    assert parameter_data(model) != parameter_data(reference)


def test_with_a_callback_it_is_early_stopping() -> None:
    model = network()

    def patience(epoch: int, history: History) -> bool:
        return epoch - (history.best_epoch or 0) >= 5

    history = overfit(model, Adam(model.parameters(), lr=0.05), 1000, restore_best=True, callbacks=[patience])
    assert history.epochs == (history.best_epoch or 0) + 5 < 1000
    reference = network()
    overfit(reference, Adam(reference.parameters(), lr=0.05), history.best_epoch or 0)
    assert parameter_data(model) == parameter_data(reference)


def test_what_a_callback_sets_is_not_of_the_best_epoch() -> None:
    model, seen = network(), []

    def disturb(epoch: int, history: History) -> None:
        seen.append(parameter_data(model))
        for parameter in model.parameters():
            parameter.data = 100.0

    history = overfit(model, SGD(model.parameters(), lr=1e-9), 3, restore_best=True, callbacks=[disturb])
    assert history.best_epoch == 1
    assert parameter_data(model) == seen[0]


@pytest.mark.parametrize("end", ["Ctrl-C", "an error of a callback", "divergence"])
def test_the_best_epoch_is_restored_however_it_ends(end: str) -> None:
    model = network()
    optimizer, seen = SGD(model.parameters(), lr=0.1), {}

    def finish(epoch: int, history: History) -> None:
        seen[epoch] = parameter_data(model)
        if epoch == 1:
            optimizer.lr = 3.0  # after which the validation loss is larger
        if epoch == 3:
            optimizer.lr = 1e308 if end == "divergence" else 3.0
            if end == "Ctrl-C":
                signal.raise_signal(signal.SIGINT)
            if end == "an error of a callback":
                raise KeyError("mine")

    if end == "Ctrl-C":
        history = overfit(model, optimizer, 5, restore_best=True, callbacks=[finish])
        assert (history.interrupted, history.best_epoch) == (True, 1)
    else:
        with pytest.raises(TrainingError if end == "divergence" else KeyError):
            overfit(model, optimizer, 5, restore_best=True, callbacks=[finish])
    assert parameter_data(model) == seen[1] != seen[3]


def test_it_needs_validation_samples() -> None:
    with pytest.raises(ValueError, match=r"lowest validation loss, but validation is None; give validation=0\.2"):
        fit(network(), half_squared_error, INPUTS, NOISY, restore_best=True)
