"""Models of arrays of `Value`s, which return an array."""

import random
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from engine import Value
from nn import Module, binary_cross_entropy, cross_entropy, fit, half_squared_error
from nn.prediction import MAX_SEPARATE_ROWS

RNG = np.random.default_rng(0)
ROWS = RNG.normal(size=(2 * MAX_SEPARATE_ROWS, 2))


class Affine(Module):
    """W x + b, as an array or as a list."""

    def __init__(self, n_outputs: int, form: Callable[[Any], Any]) -> None:
        entries = iter(np.random.default_rng(1).normal(size=3 * n_outputs).tolist())
        self.w = np.array([[Value(next(entries)) for _ in range(2)] for _ in range(n_outputs)])
        self.b, self.form = np.array([Value(next(entries)) for _ in range(n_outputs)]), form

    def parameters(self) -> list[Value]:
        return [*self.w.ravel(), *self.b]

    def __call__(self, x: list[Value]) -> Any:
        return self.form(self.w @ x + self.b)


@pytest.mark.parametrize("rows", [ROWS, ROWS[:3], ROWS[0]], ids=lambda rows: str(rows.shape))
@pytest.mark.parametrize("n_outputs", [1, 2])
def test_predictions_are_those_of_a_list(n_outputs: int, rows: Any) -> None:
    predicted = Affine(n_outputs, np.array).predict(rows)
    assert np.shape(predicted) == rows.shape[:-1] + (n_outputs,) * (n_outputs > 1)
    assert np.array_equal(predicted, Affine(n_outputs, list).predict(rows))


@pytest.mark.parametrize(
    ("loss", "n_outputs"), [(half_squared_error, 1), (binary_cross_entropy, 1), (cross_entropy, 2)]
)
def test_a_training_is_that_of_a_list(loss: Any, n_outputs: int) -> None:
    trained, targets = [], (ROWS[:, 0] > ROWS[:, 1]).astype(int)
    for form in (np.array, list):
        model = Affine(n_outputs, form)
        history = fit(model, loss, ROWS, targets, epochs=3, rng=random.Random(0), metrics=["accuracy"])
        trained.append(([p.data for p in model.parameters()], history.losses, history.metrics))
    assert trained[0] == trained[1]


def test_a_loss_may_compute_with_the_array() -> None:
    def loss(outputs: Any, target: Any) -> Value:
        total: Value = ((outputs - target) ** 2).sum() / 2
        return total

    targets = (ROWS[:, 0] > ROWS[:, 1]).astype(int)
    first, second = (
        fit(Affine(1, form), error, ROWS, targets, epochs=3, rng=random.Random(0), metrics=["accuracy"])
        for form, error in ((np.array, loss), (list, half_squared_error))
    )
    assert first.losses == pytest.approx(second.losses, rel=1e-12)
    assert first.metrics == second.metrics
