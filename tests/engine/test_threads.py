"""Independent graphs in threads, shared leaves, and parameters that threads train together.

The interpreter switches threads every few instructions here, so that races show up in seconds.
"""

from __future__ import annotations

import math
import random
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from itertools import count
from threading import Barrier, Lock, Thread, current_thread, main_thread
from time import sleep
from typing import Any, TypeVar

import pytest

from engine import (
    TABLE,
    DomainError,
    NamedGraph,
    Op,
    Value,
    compile,
    count_paths,
    detect_anomaly,
    dot,
    explain,
    grad,
    operation,
    sigmoid,
    toposort,
)
from engine.analysis.named_graph import activation_derivative
from engine.comparisons import record_comparisons
from engine.compiler import derivatives
from engine.compiler.targets.llvm import execution, jit
from nn import MLP, SGD, fit, half_squared_error
from viz import Stepper, draw_network

T = TypeVar("T")
N = 6
BACKENDS = ["python", pytest.param("llvm", marks=pytest.mark.skipif(not jit.is_installed(), reason="no llvmlite"))]


@pytest.fixture(autouse=True)
def _many_switches() -> Iterator[None]:
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


def at_once(*works: Callable[[], T]) -> list[T]:
    """The results of functions that start together, each in a thread of its own. Raises their first error."""
    ready, results, errors = Barrier(len(works)), dict[int, T](), list[BaseException]()

    def run(i: int) -> None:
        ready.wait(60.0)
        try:
            results[i] = works[i]()
        except BaseException as error:
            errors.append(error)

    threads = [Thread(target=run, args=(i,)) for i in range(len(works))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60.0)
    if errors:
        raise errors[0]
    return [results[i] for i in range(len(works))]


def each_alone_and_at_once(work: Callable[[int], T], n: int = N) -> None:
    """The results of `work` are the same in threads as alone."""
    alone = [work(i) for i in range(n)]
    assert at_once(*[lambda i=i: work(i) for i in range(n)]) == alone


def random_graph(seed: int, size: int = 60) -> tuple[Value, list[Value]]:
    rng = random.Random(seed)
    leaves = [Value(rng.uniform(-1.0, 1.0), f"x_{i}") for i in range(3)]
    nodes: list[Value] = list(leaves)
    for _ in range(size):
        x, y = rng.choice(nodes), rng.choice(nodes[-4:])
        nodes.append(rng.choice([x + y, x * y.tanh(), 2.5 - x, sigmoid(y), dot([x, y], [y, 0.5], x)]).tanh())
    return nodes[-1], leaves


def numbers(i: int) -> list[float]:
    found = []
    for turn in range(5):
        y, leaves = random_graph(100 * i + turn)
        y.backward()
        y.forward()
        slopes = grad(y, leaves, create_graph=True)
        found += [y.data, *(x.grad for x in toposort(y)), *(slope.data for slope in slopes), *grad(slopes[0], leaves)]
    return found


def test_graphs_are_built_and_backpropagated() -> None:
    each_alone_and_at_once(numbers)


_names = (f"thrice_{i}" for i in count())


def test_an_operation_is_used_for_the_first_time_in_all_threads() -> None:
    for n in range(20, 40):
        name = next(_names)
        op = operation(name, name, lambda x: x * sigmoid(x) + x, lambda z, x: z * 0.0 + sigmoid(x) + 3.0)
        try:

            def work(op: Callable[..., Value] = op, n: int = n) -> tuple[float, ...]:
                x = Value(0.5)
                y = op(x) + dot([x] * n, [0.25] * n)  # dot's step is generated for each number of inputs
                y.backward()
                return y.data, x.grad

            assert len(set(at_once(*[work] * N))) == 1
        finally:
            del TABLE[name]


@pytest.mark.parametrize("backend", BACKENDS)
def test_programs_are_compiled(backend: str) -> None:
    def work(i: int) -> list[object]:
        y, leaves = random_graph(i, 15)
        program = compile(y, leaves, backend=backend)
        rows = [[0.1 * k, 0.2, -0.3 * k] for k in range(9)]
        total, slopes = program.sum_over(rows)
        return [program.value_and_grad(*rows[3]), program.each(rows), total, list(slopes), program.source]

    each_alone_and_at_once(work, 4)


def test_networks_are_trained() -> None:
    rows, targets = [[0, 0], [0, 1], [1, 0], [1, 1]], [0, 1, 1, 0]

    def work(i: int) -> list[float]:
        rng = random.Random(i)
        network = MLP(2, [3, 1], activation="tanh", rng=rng)
        optimizer = SGD(network.parameters(), lr=0.1)
        history = fit(network, half_squared_error, rows, targets, epochs=5, optimizer=optimizer, rng=rng)
        return [*history.losses, *(p.data for p in network.parameters())]

    each_alone_and_at_once(work, 4)


def test_formulas_steps_and_drawings_are_made() -> None:
    def work(i: int) -> list[object]:
        y, [x, *_] = random_graph(i, 12)
        for k, node in enumerate(toposort(y)[3::4]):
            node.label = f"a_{k}"
        stepper = Stepper(y).cont()
        formulas = [repr(list(NamedGraph(y).formulas(node).values())) for node in NamedGraph(y).nodes]
        return [repr(stepper), draw_network(y).source, count_paths(y, x), repr(explain(y, x)), formulas]

    each_alone_and_at_once(work, 4)


def test_an_activation_derivative_is_the_same_in_all_threads() -> None:
    meet = Barrier(2)

    class Met(Op):
        def __getattribute__(self, name: str) -> Any:
            if name == "arity" and current_thread() is not main_thread():
                meet.wait(60.0)  # both threads are on the way to making it
            return super().__getattribute__(name)

    op = Met("met", "met", lambda x: 3.0 * x, [lambda z, x: 3.0])
    first, second = at_once(lambda: activation_derivative(op), lambda: activation_derivative(op))
    assert first is second is activation_derivative(op)


def test_an_error_names_the_operands_of_its_own_thread() -> None:
    def work(i: int) -> str:
        x = Value(-1.0 - i, f"x_{i}")
        for _ in range(50):
            with pytest.raises(DomainError) as caught:
                x.log()
        return str(caught.value)

    each_alone_and_at_once(work)


def test_comparisons_are_recorded_by_the_thread_that_makes_them() -> None:
    def work(i: int) -> list[str]:
        found = []
        for k in range(50):
            x, y = Value(1.0, f"x_{i}"), Value(2.0, f"y_{i}")
            with record_comparisons() as compared:
                if k % 2:
                    assert x < y
                    assert max(x, y) is y
            found += [node.label for node in compared]
        return found

    each_alone_and_at_once(work)
    with record_comparisons() as compared:
        at_once(lambda: Value(1.0) < 2.0)
    assert compared == []


def test_anomalies_are_looked_for_in_one_thread_alone() -> None:
    expected = [numbers(i) for i in range(3)]

    def watching() -> list[float]:
        for _ in range(30):
            x = Value(float("inf"), "x")
            with pytest.raises(DomainError, match=r"subtract\(x = inf, x = inf\) is nan"), detect_anomaly():
                x - x
        return []

    fast = Value.__mul__
    works = [watching, watching, *(lambda i=i: numbers(i) for i in range(3))]
    assert at_once(*works)[2:] == expected
    assert Value.__mul__ is fast


# Shared nodes


def samples() -> list[tuple[list[float], float]]:
    rng = random.Random(1)
    return [([rng.uniform(-1.0, 1.0), rng.uniform(-1.0, 1.0)], rng.choice([0.0, 1.0])) for _ in range(12)]


def test_shared_parameters_are_differentiated_in_all_threads() -> None:
    network = MLP(2, [4, 1], activation="tanh", rng=random.Random(0))

    def work(i: int) -> list[float]:
        x, target = samples()[i]
        return grad(half_squared_error(network(x), target), network.parameters())

    each_alone_and_at_once(work)
    assert all(p.grad == 0.0 for p in network.parameters())


def test_threads_train_one_network_with_grad_and_one_lock() -> None:
    network = MLP(2, [4, 1], activation="tanh", rng=random.Random(0))
    parameters, lock = network.parameters(), Lock()

    def add(part: list[tuple[list[float], float]]) -> None:
        for x, target in part:
            slopes = grad(half_squared_error(network(x), target), parameters)
            with lock:
                for p, slope in zip(parameters, slopes, strict=True):
                    p.grad += slope

    add(samples())
    alone = [p.grad for p in parameters]
    network.zero_grad()
    at_once(*[lambda i=i: add(samples()[i::4]) for i in range(4)])
    assert [p.grad for p in parameters] == pytest.approx(alone, rel=1e-12)  # only the order of the terms is another


@pytest.mark.skipif(not getattr(sys, "_is_gil_enabled", lambda: True)(), reason="promised with Python's lock alone")
def test_no_addition_of_a_backward_pass_is_lost() -> None:
    w = Value(1.0)

    def work() -> None:
        for _ in range(300):
            (w * 2.0 + w).backward()

    at_once(*[work] * N)
    assert w.grad == 3.0 * 300 * N


def test_grad_of_a_shared_graph_has_the_writes_of_all_threads() -> None:
    x = Value(1.0)
    y = x * x
    y.backward()
    assert (y.data, x.grad) == (1.0, 2.0)

    def elsewhere() -> None:
        x.data = 5.0
        y.forward()
        y.zero_grad()
        y.backward()

    at_once(elsewhere)
    assert (y.data, x.grad) == (25.0, 10.0)


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_program_shares_rows_among_threads(backend: str) -> None:
    w, x = Value(0.5), Value(0.0)
    rows = [[0.01 * i] for i in range(500)]
    program = compile((w * x).sigmoid(), [x], [w], backend=backend)
    value, [slope] = program.sum_over(rows)
    shared, [shared_slope] = program.sum_over(rows, threads=3)
    assert (shared, shared_slope) == pytest.approx((value, slope), rel=1e-12)


@pytest.mark.skipif(not jit.is_installed(), reason="no llvmlite")
def test_one_thread_at_a_time_builds_a_program(monkeypatch: pytest.MonkeyPatch) -> None:
    works, running = list[str](), set[str]()

    def record(module: Any, name: str) -> None:
        work = getattr(module, name)

        def run(*arguments: Any, **options: Any) -> Any:
            assert not running
            running.add(name)
            works.append(name)
            sleep(0.02)  # in which other threads come
            running.remove(name)
            return work(*arguments, **options)

        monkeypatch.setattr(module, name, run)

    record(derivatives, "gradient_program")
    record(derivatives, "formula_program")
    record(execution, "make_code")
    x, y = Value(0.5), Value(2.0)
    program = compile((x * y).sin(), [x, y], backend="llvm")
    rows = [[0.5, 2.0], [1.0, 2.0]]

    def call(method: Callable[..., Any]) -> None:
        with suppress(RuntimeError):  # since another thread runs it
            method(rows)

    at_once(*[partial(call, method) for method in [program.each] * 2 + [program.value_and_grad, program.hessian] * 2])
    assert set(works) == {"gradient_program", "formula_program", "make_code"}
    assert program.each(rows) == [math.sin(1.0), math.sin(2.0)]
