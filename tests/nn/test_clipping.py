"""Clipped gradients: PyTorch's formulas, in loops written by hand and in `fit`, with the same numbers everywhere."""

import math
import random
import re
import sys
from array import array
from collections.abc import Callable
from copy import deepcopy
from typing import Any, cast

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import Value
from nn import SGD, AdamW, clip_grad_norm, clip_grad_value, fit, half_squared_error
from nn.clipping import clip_for
from nn.training import buffers
from nn.training.data import shuffled_batches
from tests.nn.small_task import COMPILED_BACKENDS, INPUTS, parameter_data, small_network

TARGETS = [5.0, -3.0, 8.0, 0.5, -9.0]
DERIVATIVES = st.floats(-sys.float_info.max, sys.float_info.max)


def with_grads(derivatives: list[Any]) -> list[Value]:
    values = [Value(1.0, f"w_{i}") for i, _ in enumerate(derivatives)]
    for value, derivative in zip(values, derivatives, strict=True):
        value.grad = derivative
    return values


# The functions


@given(derivatives=st.lists(DERIVATIVES, min_size=1, max_size=8), max_norm=st.floats(1e-3, 1e3))
def test_the_norm_is_at_most_the_limit_and_the_direction_stays(derivatives: list[float], max_norm: float) -> None:
    parameters = with_grads(derivatives)
    norm = clip_grad_norm(parameters, max_norm)
    clipped = [p.grad for p in parameters]
    assert norm == math.hypot(*derivatives)
    assert math.hypot(*clipped) <= max_norm * (1 + 1e-12)
    if norm <= max_norm - 1e-6:
        assert clipped == derivatives
    else:
        largest = max(map(abs, derivatives))  # by which all are divided, because a square may overflow
        direction = np.array([g / largest for g in derivatives])
        direction /= np.linalg.norm(direction)
        scale = max_norm / (1 + 1e-6 / norm)
        assert clipped == pytest.approx([*(scale * direction)], rel=1e-9, abs=1e-12 * max_norm)


@pytest.mark.parametrize("max_norm", [0.5, 1.0, 1e3])
def test_clipped_gradients_equal_pytorchs(max_norm: float) -> None:
    torch = pytest.importorskip("torch")
    rng = random.Random(0)
    derivatives = [rng.gauss(0, 10) for _ in range(9)]
    for ours, theirs in (
        (clip_grad_norm, torch.nn.utils.clip_grad_norm_),
        (clip_grad_value, torch.nn.utils.clip_grad_value_),
    ):
        parameters = with_grads(derivatives)
        tensor = torch.zeros(9, dtype=torch.float64, requires_grad=True)
        tensor.grad = torch.tensor(derivatives, dtype=torch.float64)
        ours(parameters, max_norm)
        theirs([tensor], max_norm)
        assert [p.grad for p in parameters] == pytest.approx(tensor.grad.tolist(), rel=1e-12)


@given(derivatives=st.lists(DERIVATIVES, max_size=8), max_value=st.floats(1e-3, 1e3))
def test_each_derivative_is_limited(derivatives: list[float], max_value: float) -> None:
    parameters = with_grads(derivatives)
    clip_grad_value(parameters, max_value)
    assert [p.grad for p in parameters] == [max(-max_value, min(g, max_value)) for g in derivatives]


@pytest.mark.parametrize("limits", [(0.5, None), (None, 0.5), (0.5, 0.25), (None, None)], ids=str)
def test_arrays_of_numpy_and_of_doubles_give_the_same_bits(
    limits: tuple[float | None, float | None], monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = random.Random(0)
    gradient = array("d", [rng.gauss(0, 1) * 10 ** rng.uniform(-9, 9) for _ in range(50)])
    clip = clip_for(*limits)
    expected = [*clip(gradient)]
    of_numpy: Any = np.array(gradient)
    assert [*clip(of_numpy)] == expected
    monkeypatch.setattr(buffers, "_numpy", lambda: None)
    assert [*clip(gradient)] == expected


REFUSED: list[tuple[Callable[[], object], type[Exception], str]] = [
    (lambda: clip_grad_norm(with_grads([1.0]), 0.0), ValueError, "the largest norm of a gradient is 0.0; it must be a"),
    (lambda: clip_grad_norm(with_grads([1.0]), -math.inf), ValueError, "the largest norm of a gradient is -inf"),
    (lambda: clip_grad_value(with_grads([1.0]), -1.0), ValueError, "the largest value of a derivative is -1.0; it mus"),
    (lambda: clip_grad_norm(with_grads([1.0, math.nan]), 1.0), ValueError, "cannot be clipped: the grad of w_1 is nan"),
    (lambda: clip_grad_value(with_grads([-math.inf]), 1.0), ValueError, "cannot be clipped: the grad of w_0 is -inf"),
    (lambda: clip_grad_norm(with_grads([1.0, None]), 1.0), TypeError, "w_1.grad is None, of type NoneType: it must be"),
    (lambda: cast(Any, clip_grad_norm)([1.0], 1.0), TypeError, "parameter 1 must be a Value, not 1.0 of type float"),
    (
        lambda: cast(Any, clip_grad_norm)(small_network(), 1.0),
        TypeError,
        "such as network.parameters(), not MLP(2, [3, 1]",
    ),
]


@pytest.mark.parametrize(("attempt", "error", "message"), REFUSED, ids=[message for _, _, message in REFUSED])
def test_an_error_names_the_argument(attempt: Callable[[], object], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=re.escape(message)):
        attempt()


def test_a_refused_gradient_is_left_as_it_was() -> None:
    parameters = with_grads([3.0, math.nan])
    with pytest.raises(ValueError, match="w_1 is nan"):
        clip_grad_norm(parameters, 1.0)
    assert parameters[0].grad == 3.0


# In `fit`

LIMITS: dict[str, dict[str, float]] = {
    "norm": {"clip_norm": 0.5},
    "value": {"clip_value": 0.25},
    "both": {"clip_norm": 0.3, "clip_value": 0.25},
}


def train_by_hand(model: Any, optimizer: Any, limits: dict[str, float], epochs: int, rng: random.Random) -> None:
    for _ in range(epochs):
        for batch in shuffled_batches(len(INPUTS), 2, rng):
            optimizer.zero_grad()
            for i in batch:
                half_squared_error(model(INPUTS[i]), TARGETS[i]).backward()
            for p in model.parameters():
                p.grad /= len(batch)
            if "clip_value" in limits:
                clip_grad_value(model.parameters(), limits["clip_value"])
            if "clip_norm" in limits:
                clip_grad_norm(model.parameters(), limits["clip_norm"])
            optimizer.step()


@pytest.mark.parametrize("limits", LIMITS.values(), ids=LIMITS)
@pytest.mark.parametrize("backend", ["engine", *COMPILED_BACKENDS])
def test_fit_clips_as_a_loop_written_by_hand(limits: dict[str, Any], backend: str) -> None:
    model, reference, unclipped = small_network(), small_network(), small_network()
    train_by_hand(reference, AdamW(reference.parameters(), lr=0.05), limits, 4, random.Random(1))
    for learner, more in ((model, limits), (unclipped, {})):
        fit(
            learner,
            half_squared_error,
            INPUTS,
            TARGETS,
            optimizer=AdamW(learner.parameters(), lr=0.05),
            epochs=4,
            batch_size=2,
            rng=random.Random(1),
            backend=backend,
            **more,
        )
    assert parameter_data(model) == pytest.approx(parameter_data(reference), rel=1e-9)
    assert backend != "engine" or parameter_data(model) == parameter_data(reference), "to the bit"
    assert parameter_data(unclipped) != pytest.approx(parameter_data(reference), rel=1e-3)


@pytest.mark.parametrize("backend", ["engine", *COMPILED_BACKENDS])
def test_a_training_in_two_parts_is_that_in_one(backend: str) -> None:
    results = []
    for parts in ([6], [2, 4]):
        model = small_network()
        optimizer, rng = AdamW(model.parameters(), lr=0.05), random.Random(1)
        for epochs in parts:
            fit(
                model,
                half_squared_error,
                INPUTS,
                TARGETS,
                optimizer=optimizer,
                clip_norm=0.5,
                epochs=epochs,
                batch_size=2,
                rng=rng,
                backend=backend,
            )
        results.append((parameter_data(model), optimizer.remembered()))
    assert results[0] == results[1]


def test_a_step_is_at_most_as_long_as_the_norm_allows() -> None:
    model = small_network()
    before = deepcopy(parameter_data(model))
    far = [1e6 * target for target in TARGETS]
    optimizer = SGD(model.parameters(), lr=0.5)
    fit(model, half_squared_error, INPUTS, far, optimizer=optimizer, epochs=1, batch_size=None, clip_norm=0.1)
    assert math.dist(before, parameter_data(model)) == pytest.approx(0.05, rel=1e-6)


def test_an_infinite_limit_reads_the_norm_alone() -> None:
    parameters = with_grads([3.0, -4.0])
    assert clip_grad_norm(parameters, math.inf) == 5.0
    clip_grad_value(parameters, math.inf)
    assert [p.grad for p in parameters] == [3.0, -4.0]


def test_a_gradient_whose_norm_overflows_is_clipped_too() -> None:
    v, w = with_grads([1.5e308, -1.5e308])
    assert clip_grad_norm([v, w], 1.0) == math.inf
    assert (v.grad, w.grad) == pytest.approx((math.sqrt(0.5), -math.sqrt(0.5)))
