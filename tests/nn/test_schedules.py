"""Schedules: their first and last rates, PyTorch's rates, and the arguments that are refused."""

import math
import re
from collections.abc import Callable
from typing import Any

import pytest

import nn
from engine import Value
from nn import SGD, Adam
from nn.schedules import Schedule, constant, cosine, exponential, linear, staircase, warmup


def test_schedules_are_there_once_nn_is_imported() -> None:
    assert nn.schedules.linear is linear


@pytest.mark.parametrize("shape", [linear, cosine])
def test_a_schedule_reaches_its_end_exactly_and_stays_there(shape: Callable[[float, float, int], Schedule]) -> None:
    rate = shape(0.3, 0.1, 7)
    rates = [rate(step) for step in range(10)]
    assert rates[0] == pytest.approx(0.3, rel=1e-15)
    assert rates[7:] == [0.1, 0.1, 0.1]
    assert rates == sorted(rates, reverse=True)


def test_linear_is_micrograds() -> None:
    rate = linear(1.0, 0.1, 100)
    assert [rate(step) for step in range(100)] == pytest.approx([1.0 - 0.9 * step / 100 for step in range(100)])


def test_cosine_is_flat_at_both_ends_and_halfway_in_the_middle() -> None:
    rate = cosine(1.0, 0.0, 1000)
    assert rate(500) == pytest.approx(0.5)
    assert rate(0) - rate(1) < 1e-5 > rate(999)
    assert rate(499) - rate(500) == pytest.approx(math.pi / 2000, rel=1e-4)


@pytest.mark.parametrize("name", ["linear", "cosine", "exponential", "staircase"])
def test_rates_are_pytorchs(name: str) -> None:
    torch = pytest.importorskip("torch")
    optimizer = torch.optim.SGD([torch.tensor([1.0], requires_grad=True)], lr=0.5)
    schedulers = torch.optim.lr_scheduler
    ways: dict[str, tuple[Callable[[], Any], Schedule]] = {
        "linear": (lambda: schedulers.LinearLR(optimizer, 1.0, 0.2, total_iters=8), linear(0.5, 0.1, 8)),
        "cosine": (lambda: schedulers.CosineAnnealingLR(optimizer, 8, 0.1), cosine(0.5, 0.1, 8)),
        "exponential": (lambda: schedulers.ExponentialLR(optimizer, 0.9), exponential(0.5, 0.9)),
        "staircase": (lambda: schedulers.StepLR(optimizer, 3, 0.1), staircase(0.5, 0.1, every=3)),
    }
    make, ours = ways[name]
    reference = make()
    for step in range(8):
        assert ours(step) == pytest.approx(optimizer.param_groups[0]["lr"])
        optimizer.step()
        reference.step()


def test_warmup_rises_to_where_the_next_schedule_begins() -> None:
    rate = warmup(4, then=linear(1.0, 0.0, 2))
    assert [rate(step) for step in range(8)] == pytest.approx([0.2, 0.4, 0.6, 0.8, 1.0, 0.5, 0.0, 0.0])


def test_a_schedule_drives_an_optimizer() -> None:
    p = Value(0.0)
    optimizer = SGD([p], lr=linear(1.0, 0.0, 4))
    for _ in range(6):
        p.grad = -1.0
        optimizer.step()
    assert p.data == 1.0 + 0.75 + 0.5 + 0.25
    assert Adam([p], lr=constant(0.25)).rate() == 0.25


HALF: Any = 2.5
WORD: Any = "slow"


@pytest.mark.parametrize(
    ("attempt", "error", "message"),
    [
        (lambda: linear(1.0, 0.1, 0), ValueError, "a schedule needs at least one step, not 0"),
        (lambda: cosine(1.0, 0.1, -1), ValueError, "a schedule needs at least one step, not -1"),
        (lambda: staircase(1.0, 0.1, every=0), ValueError, "a schedule needs at least one step, not 0"),
        (lambda: warmup(0, then=constant(1.0)), ValueError, "a schedule needs at least one step, not 0"),
        (
            lambda: linear(1.0, 0.1, HALF),
            TypeError,
            "a schedule needs at least one step (a whole number), not 2.5 of type float",
        ),
        (lambda: exponential(1.0, 1.5), ValueError, "factor must be above 0 and at most 1, not 1.5"),
        (lambda: staircase(1.0, 0.0, every=2), ValueError, "factor must be above 0 and at most 1, not 0.0"),
        (lambda: linear(-1.0, 0.1, 5), ValueError, "the first rate is -1.0; it must be at least 0 and a finite number"),
        (lambda: cosine(1.0, WORD, 5), TypeError, "the last rate is 'slow', of type str"),
        (lambda: exponential(WORD, 0.5), TypeError, "the first rate is 'slow', of type str"),
        (lambda: constant(WORD), TypeError, "the rate is 'slow', of type str"),
        (lambda: warmup(3, then=HALF), TypeError, "then must be a schedule, such as constant(0.1), not 2.5"),
    ],
    ids=[
        "linear",
        "cosine",
        "staircase",
        "warmup",
        "half a step",
        "growing",
        "factor 0",
        "negative",
        "a word at the end",
        "a word",
        "a constant word",
        "a number for a schedule",
    ],
)
def test_an_error_names_the_argument(attempt: Callable[[], object], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=re.escape(message)):
        attempt()
