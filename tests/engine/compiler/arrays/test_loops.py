"""Long series of steps, which are written as loops: programs for arrays have the engine's values and derivatives."""

import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from unittest.mock import patch

import pytest

from engine import DomainError, Value, compile
from engine.compiler.arrays.loops import carried
from engine.compiler.repetition import formulas, segments
from engine.compiler.targets import numpy
from tests import by_night, thorough_unless
from tests.engine.compiler.agreement import Expected, assert_agrees, spread
from tests.engine.compiler.arrays.layered_graphs import Graph
from tests.engine.compiler.arrays.long_graphs import (
    decaying_rosenbrock,
    equal_starts,
    lorenz,
    oscillator,
    recurrent_network,
    rosenbrock,
    rounded_measurements,
    sequence_model,
    simulation,
)
from tests.engine.compiler.generated_modules import load_function
from tests.engine.compiler.repetition.repeated_graphs import recurrences, repeated

np = pytest.importorskip("numpy")


LOOPS: list[tuple[Callable[[int], Graph], int]] = [
    (lorenz, by_night(30, 1000)),
    (oscillator, 200),
    (recurrent_network, 40),
    (sequence_model, 40),
    (decaying_rosenbrock, by_night(200, 1000)),
]


def function_of(graph: Graph, target: str = "numpy") -> str:
    """The text of the function alone."""
    return "def " + compile(*graph, backend="python").source_for(target).rpartition("\ndef ")[2]


@contextmanager
def short_loops() -> Iterator[None]:
    """All repetition is written as loops, however short."""
    with (
        patch.object(segments, "MIN_OPERATIONS", 8),
        patch.object(segments, "MAX_STRAIGHT", 5),
        patch.object(formulas, "MIN_SAVED", 5),
        patch.object(carried, "is_carried", lambda repeats, segment: segment.run.iterations > 1),
    ):
        yield


@thorough_unless(lambda make: make in (recurrent_network, decaying_rosenbrock))
@pytest.mark.parametrize(("make", "steps"), LOOPS, ids=lambda x: getattr(x, "__name__", ""))
def test_loops_have_the_engines_derivatives(make: Callable[[int], Graph], steps: int) -> None:
    """With respect to parameters and inputs; and the function of the module by itself."""
    graph = make(steps)
    wrt = [*graph.parameters, *graph.inputs]
    program, rows = compile(graph.output, graph.inputs, wrt, backend="numpy"), spread(3, len(graph.inputs))
    assert_agrees(program, graph.output, graph.inputs, wrt, rows, threads=[1])
    text = program.source_for("numpy")
    assert "    for t in reversed(range(" in text
    run = load_function(text)
    assert run(np.zeros((0, len(graph.inputs))), list(program.parameters))[0] == 0.0
    value, gradient = run(rows, list(program.parameters))
    Expected(graph.output, graph.inputs, wrt, rows).assert_sums(value, gradient)
    for row, found in zip(rows, program.grad(np.array(rows)), strict=True):
        one = Expected(graph.output, graph.inputs, wrt, [row])
        one.assert_sums(one.total, found)


@pytest.mark.parametrize(("make", "steps"), [(equal_starts, 20), (simulation, 20), (rounded_measurements, 40)])
def test_first_iterations_and_reverse_loops_may_be_special(make: Callable[[int], Graph], steps: int) -> None:
    """Iterations that share operations, loops that nothing is to be added in, and data in straight code after them."""
    output, x, w = make(steps)
    with short_loops():
        program = compile(output, x, w, backend="numpy")
        assert "for t in" in program.source_for("numpy")
        assert_agrees(program, output, x, w, spread(2, 1), threads=[1])


def test_the_text_does_not_depend_on_the_number_of_steps() -> None:
    texts = [function_of(lorenz(n)) for n in (20, by_night(40, 1000))]
    assert len({len(text.splitlines()) for text in texts}) == 1
    assert len(texts[0].splitlines()) <= 95


@pytest.mark.parametrize(
    ("target", "lines"),
    [
        ("numpy", ["s2[t + 1] = np.tanh(s1[t] @ W.T + s2[t] @ u.T + b)", "ds2[t] += t3 @ u"]),
        ("jax", ["r1_new = jnp.tanh(s1[t] @ W.T + r1 @ u.T + b)", "r2_new = ds2[t] + t3 @ u"]),
    ],
)
def test_units_of_a_step_are_matrices_in_the_loop(target: str, lines: list[str]) -> None:
    text = function_of(recurrent_network(40), target)
    assert all(f"        {line}\n" in text for line in lines)
    assert len(text.splitlines()) <= 40


def test_sums_and_short_series_are_not_loops() -> None:
    """Rosenbrock's function is a sum of terms, and few steps of a large network are written one after another."""
    sums = rosenbrock(by_night(200, 1000))
    for graph in (sums, recurrent_network(8, 24)):
        assert "for t in" not in function_of(graph)
    program = compile(sums.output, sums.inputs, backend="numpy")
    assert_agrees(program, sums.output, sums.inputs, sums.inputs, spread(2, len(sums.inputs)), threads=[1])


def test_states_of_all_steps_as_outputs() -> None:
    """With a readout, and in float32."""
    x, w = [Value(0.1 * (i % 5), f"x_{i}") for i in range(300)], Value(0.9, "w")
    states, h = [], Value(0.0, "h")
    for u in x:
        h = (w * h + u).sin()
        states.append(h * u)
    rows = spread(3, 301)
    ours, theirs = (compile(states, [*x, w], backend=backend) for backend in ("numpy", "python"))
    assert "for t in" in ours.source_for("numpy")
    assert np.allclose(ours.each(rows), theirs.each(rows), rtol=1e-13, atol=1e-13)
    single = compile(states, [*x, w], backend="numpy", dtype="float32").each(rows)
    assert np.allclose(single, theirs.each(rows), rtol=1e-5, atol=1e-6)
    assert ours.each(rows) != single


def test_rows_are_computed_in_blocks_that_take_little_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """The series of all rows together would take more."""
    graph, numbers = lorenz(100), 2**16
    monkeypatch.setattr(numpy, "MAX_NUMBERS", numbers)
    ours, theirs = (compile(*graph, backend=backend) for backend in ("numpy", "llvm"))
    rows = np.array(spread(600, 3))
    for method in ("each", "sum_over"):
        getattr(ours, method)(rows[:2])
        tracemalloc.start()
        found = np.hstack(getattr(ours, method)(rows))
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak < 1.5 * 8 * numbers
        assert np.allclose(found, np.hstack(getattr(theirs, method)(rows)), rtol=1e-9)


@pytest.mark.thorough
def test_random_graphs_that_repeat_themselves() -> None:
    n_loops = 0
    for seed in range(by_night(3, 300)):
        for kind in ("inputs", "both", "parameters"):
            try:
                output, x, others = repeated(seed)
            except DomainError:  # numbers have grown too large
                continue
            inputs, wrt = {"inputs": [*x, *others], "both": x, "parameters": []}[kind], [*others, *x]
            with short_loops():
                program = compile(output, inputs, wrt, backend="numpy")
                n_loops += "for t in" in program.source_for("numpy")
                assert_agrees(program, output, inputs, wrt, spread(2, len(inputs)), threads=[1])
                if inputs:
                    [row] = spread(1, len(inputs))
                    one = Expected(output, inputs, wrt, [row])
                    one.assert_sums(one.total, program.grad(np.array([row]))[0])
    assert n_loops >= 3


@pytest.mark.thorough
def test_random_series_of_states() -> None:
    """With respect to all variables, and to one that is read only after the loops."""
    for seed in (8, 154, *range(by_night(0, 300))):
        output, x, w = recurrences(seed)
        for wrt in ([*w, *x], w[-1:]):
            with short_loops():
                program = compile(output, x, wrt, backend="numpy")
                assert_agrees(program, output, x, wrt, spread(2, 1), threads=[1])


@thorough_unless(lambda make: make is oscillator)
@pytest.mark.parametrize("make", [oscillator, sequence_model])
def test_loops_of_jax(make: Callable[[int], Graph]) -> None:
    jax = pytest.importorskip("jax")
    from engine.compiler.targets.jax.devices import in_precision

    graph = make(100)
    rows, text = np.array(spread(2, len(graph.inputs))), compile(*graph, backend="python").source_for("jax")
    with in_precision("float64"):
        value, gradient = jax.jit(load_function(text))(rows, np.array([x.data for x in graph.parameters]))
    assert "jax.lax.fori_loop(0, 100, backward1, " in text
    Expected(*graph, rows).assert_sums(float(value), gradient.tolist())
