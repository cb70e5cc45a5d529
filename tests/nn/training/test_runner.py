"""Runners: sums of losses and gradients over rows, with the parameters in a flat buffer."""

import random
import re
from array import array
from itertools import chain

import pytest

from engine import DomainError, Value, grad
from nn import MLP, half_squared_error, hinge
from nn.training.data import Samples
from nn.training.objective import Objective
from nn.training.runner import GraphRunner, Runner, runner_for
from tests.nn.small_task import COMPILED_BACKENDS

ROWS = [array("d", row) for row in ([1.0, -2.0, 1.0], [0.5, 0.25, -1.0], [-1.5, 2.0, 1.0])]
SAMPLES = Samples(ROWS, [0, 1, 2], n_inputs=2, one_target=True)


def runner_of(model: MLP, backend: str = "engine") -> Runner:
    return runner_for(Objective.trace(model, half_squared_error, SAMPLES), model.parameters(), backend)


@pytest.mark.parametrize("backend", COMPILED_BACKENDS)
def test_a_program_gives_the_sums_of_the_graph(backend: str) -> None:
    model = MLP(2, [3, 1], activation="tanh", rng=random.Random(0))
    program, graph = runner_of(model, backend), runner_of(model)
    for runner in (program, graph):
        runner.parameters[0] = 0.25
    assert program.sum_over(ROWS) == pytest.approx(graph.sum_over(ROWS), rel=1e-12)
    assert list(program.gradient) == pytest.approx(list(graph.gradient), rel=1e-12)
    assert [*chain(*program.each(ROWS))] == pytest.approx([*chain(*graph.each(ROWS))], rel=1e-12)
    program.store()
    assert model.parameters()[0].data == 0.25
    model.parameters()[1].data = -2.0
    program.load()
    assert program.parameters[1] == -2.0
    assert program.each(ROWS[:1])[0] == pytest.approx(runner_of(model).each(ROWS[:1])[0], rel=1e-12)


@pytest.mark.parametrize("backend", ["engine", *COMPILED_BACKENDS])
def test_outputs_that_the_loss_ignores_are_computed(backend: str) -> None:
    model = MLP(2, [3], "tanh", rng=random.Random(0))
    objective = Objective.trace(model, lambda z, y: half_squared_error(z[0], y), SAMPLES)
    assert objective.shared
    for row, numbers in zip(ROWS, runner_for(objective, model.parameters(), backend).each(ROWS), strict=True):
        outputs = model(row[:2])
        assert isinstance(outputs, list)
        assert [*numbers][1:] == pytest.approx([z.data for z in outputs], rel=1e-12)


def undefined_loss(z: Value, y: Value) -> Value:
    return (z * 0).log()


def by_comparison(z: Value, y: Value) -> Value:
    return z * z if y > 0 else abs(z)


@pytest.mark.parametrize("backend", COMPILED_BACKENDS)
def test_without_a_defined_loss_the_reference_raises_the_error(backend: str) -> None:
    model = MLP(2, [1])
    runner = runner_for(Objective.trace(model, undefined_loss, SAMPLES), model.parameters(), backend)
    with pytest.raises(DomainError, match=r"log\(.*\) is not finite"):
        runner.sum_over(ROWS)


@pytest.mark.parametrize("backend", COMPILED_BACKENDS)
def test_graphs_that_differ_cannot_be_compiled(backend: str) -> None:
    model = MLP(2, [1])
    with pytest.raises(ValueError, match="depends on the sample"):
        runner_for(Objective.trace(model, by_comparison, SAMPLES), model.parameters(), backend)


def test_losses_and_gradients_are_summed_over_the_rows() -> None:
    model = MLP(2, [3, 1], activation="tanh", rng=random.Random(0))
    runner = runner_of(model)
    losses = [half_squared_error(model(row[:2]), row[2]) for row in ROWS]
    assert runner.sum_over(ROWS) == losses[0].data + losses[1].data + losses[2].data
    gradients = [grad(loss, model.parameters()) for loss in losses]
    assert list(runner.gradient) == [0.0 + a + b + c for a, b, c in zip(*gradients, strict=True)]
    assert runner.sum_over(ROWS[:1]) == losses[0].data  # each sum begins at 0
    assert list(runner.gradient) == gradients[0]


@pytest.mark.parametrize("backend", ["engine", *COMPILED_BACKENDS])
def test_other_leaves_may_change_between_two_sums(backend: str) -> None:
    weight, model = Value(1.0, "weight"), MLP(2, [3, 1], activation="tanh", rng=random.Random(0))
    objective = Objective.trace(model, lambda z, y: weight * (z - y) ** 2, SAMPLES)
    runner = runner_for(objective, model.parameters(), backend)
    runner.parameters[0] = 0.25
    loss, outputs = runner.sum_over(ROWS), runner.each(ROWS)
    weight.data = 2.0
    assert runner.sum_over(ROWS) == pytest.approx(2.0 * loss)
    weight.data = 4.0
    assert [row[0] for row in runner.each(ROWS)] == pytest.approx([4.0 * row[0] for row in outputs])
    assert runner.parameters[0] == 0.25


def test_the_buffer_holds_the_parameters_until_they_are_stored() -> None:
    model = MLP(2, [3, 1], rng=random.Random(0))
    runner = runner_of(model)
    assert list(runner.parameters) == [p.data for p in model.parameters()]
    for i in range(len(runner.parameters)):
        runner.parameters[i] = 0.5
    reference = MLP(2, [3, 1])
    for p in reference.parameters():
        p.data = 0.5
    assert runner.sum_over(ROWS[:1]) == half_squared_error(reference(ROWS[0][:2]), ROWS[0][2]).data
    runner.store()
    assert {p.data for p in model.parameters()} == {0.5}
    model.parameters()[0].data = 2.0
    runner.load()
    assert runner.parameters[0] == 2.0


def test_an_unused_parameter_has_the_derivative_0() -> None:
    model, other = MLP(2, [1]), MLP(2, [1])
    runner = GraphRunner(Objective.trace(model, hinge, SAMPLES), [*other.parameters(), *model.parameters()])
    runner.sum_over(ROWS)
    assert runner.gradient[:3] == array("d", [0.0, 0.0, 0.0])
    assert any(runner.gradient[3:])


class FirstInputOnly:
    """A model that ignores its second input and its last parameter, and has a number that is not trained."""

    w, unused, fixed = Value(0.5, "w"), Value(2.0, "unused"), Value(3.0, "fixed")

    def __call__(self, inputs: list[Value]) -> Value:
        return self.w * inputs[0] + self.fixed

    def parameters(self) -> list[Value]:
        return [self.w, self.unused]


@pytest.mark.parametrize("backend", COMPILED_BACKENDS)
def test_a_model_may_ignore_inputs_and_parameters(backend: str) -> None:
    model = FirstInputOnly()
    runner = runner_for(Objective.trace(model, half_squared_error, SAMPLES), model.parameters(), backend)
    assert runner.sum_over(ROWS[:1]) == (0.5 + 3.0 - 1.0) ** 2 / 2
    assert list(runner.gradient) == [2.5, 0.0]
    assert list(runner.each(ROWS[:1])[0]) == [3.125, 3.5]


def test_an_unknown_backend_is_refused() -> None:
    model = MLP(2, [1])
    possible = "unknown backend 'fast'; choose from 'auto', 'engine', 'jax', 'numpy', 'python', 'llvm'"
    with pytest.raises(ValueError, match=re.escape(possible)):
        runner_for(Objective.trace(model, hinge, SAMPLES), model.parameters(), "fast")
