"""Ctrl-C at any moment: all numbers of a graph are old, or all are new."""

from __future__ import annotations

import random
import signal
import sys
import time
from collections.abc import Callable, Iterator

import pytest

from engine import Value, detect_anomaly, forward, toposort, zero_grad
from engine.comparisons import record_comparisons, recordings
from tests import by_night

pytestmark = [
    pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="a timer that interrupts is needed"),
    pytest.mark.skipif(
        sys.gettrace() is not None, reason="an interrupt may stop a tracer, coverage's, while it holds its lock"
    ),
]

N = 2_000
TIMES = by_night(30, 100)


def interrupt(work: Callable[[], object], seconds: float) -> None:
    """Interrupt the work, once, as Ctrl-C does, if it takes that long."""
    under_way = [True]

    def press(*_: object) -> None:
        if under_way:
            under_way.clear()
            raise KeyboardInterrupt

    def drop(unraisable: sys.UnraisableHookArgs) -> None:
        if not isinstance(unraisable.exc_value, KeyboardInterrupt):
            dropped(unraisable)

    # Python drops an interrupt that comes in a callback of a weak reference, or of the garbage collector.
    dropped, sys.unraisablehook = sys.unraisablehook, drop
    before = signal.signal(signal.SIGALRM, press)
    try:
        signal.setitimer(signal.ITIMER_REAL, seconds)
        work()
        under_way.clear()
    except KeyboardInterrupt:
        pass
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
        sys.unraisablehook = dropped


def moments(work: Callable[[], object]) -> Iterator[float]:
    """When to interrupt: at any moment of the work, and after its end."""
    start = time.perf_counter()
    work()
    seconds = time.perf_counter() - start
    rng = random.Random(0)
    for _ in range(TIMES):
        yield rng.uniform(1e-6, 1.3 * seconds)


def chain() -> tuple[Value, Value]:
    x = Value(0.5)
    y = x
    for _ in range(N):
        y = y * 0.999 + x
    return x, y


def test_the_timer_interrupts() -> None:
    start = time.perf_counter()
    interrupt(lambda: time.sleep(60.0), 0.01)
    assert time.perf_counter() - start < 50.0


def test_an_interrupted_backward_pass_adds_all_gradients_or_none() -> None:
    _, y = chain()
    order = toposort(y)
    y.backward()
    once = [node.grad for node in order]
    for moment in moments(y.backward):
        zero_grad(y)
        interrupt(y.backward, moment)
        assert [node.grad for node in order] in (once, [0.0] * len(order))


def test_an_interrupted_zero_grad_clears_all_gradients_or_none() -> None:
    _, y = chain()
    order = toposort(y)
    y.backward()
    once = [node.grad for node in order]
    for moment in moments(y.zero_grad):
        for node, gradient in zip(order, once, strict=True):
            node.grad = gradient
        interrupt(y.zero_grad, moment)
        assert [node.grad for node in order] in (once, [0.0] * len(order))


def test_an_interrupted_forward_leaves_all_old_values_or_all_new() -> None:
    x, y = chain()
    made = [node for node in toposort(y) if node.inputs]
    values = []
    for x.data in (2.0, 1.0):
        forward(y)
        values.append([node.data for node in made])
    for moment in moments(y.forward):
        x.data = 2.0
        interrupt(y.forward, moment)
        assert [node.data for node in made] in values
        x.data = 1.0
        forward(y)


def test_a_graph_built_before_an_interrupt_is_whole() -> None:
    last: list[Value] = [Value(0.5)]

    def build() -> None:
        last[0] = x = Value(0.5)
        for _ in range(N):
            last[0] = last[0] * 0.999 + x

    for moment in moments(build):
        last[0] = Value(0.5)
        interrupt(build, moment)
        y = last[0]
        y.backward()
        assert y.grad == 1.0
        assert len(toposort(y)) % 3 == 1  # each turn makes a constant and two nodes


def test_detect_anomaly_works_after_an_interrupted_one() -> None:
    fast = Value.__sub__
    x = Value(float("inf"), "x")

    def work() -> None:
        for _ in range(20):
            with detect_anomaly():
                Value(1.0) + 1.0

    for moment in moments(work):
        interrupt(work, moment)
        assert (Value(3.0) - 1.0).data == 2.0
        with pytest.raises(ArithmeticError, match=r"subtract\(x = inf, x = inf\) is nan"), detect_anomaly():
            x - x
        assert Value.__sub__ is fast
        assert (x - x).data != 0.0  # no longer watched: it is NaN, and no error


def test_after_an_interrupt_comparisons_are_not_recorded() -> None:
    def work() -> None:
        for _ in range(20):
            with record_comparisons():
                assert Value(1.0) < 2.0

    for moment in moments(work):
        interrupt(work, moment)
        assert recordings.lists == {}
