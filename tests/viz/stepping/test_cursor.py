"""Moves of the stepper: results are gradients, states do not depend on the way, and the user's graph stays as it is."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import DomainError, Value, ops, toposort
from tests.paper_graphs import FIGURES, figure_1, figure_2, figure_4
from tests.viz.stepping.random_graphs import random_graph
from tests.viz.stepping.recorded import recorded
from viz import Stepper
from viz.stepping.recording import Step


def state(stepper: Stepper) -> tuple[object, ...]:
    known = [{stepper.names[node]: x for node, x in which.items()} for which in (stepper.values, stepper.gradients)]
    return (stepper.position, *known, repr(stepper), str(stepper.table()))


@pytest.mark.parametrize("figure", FIGURES.values())
def test_the_totals_are_the_gradients_of_backward(figure: Callable[[], Value]) -> None:
    output = figure()
    stepper = Stepper(output, "all").cont()
    output.backward()
    for node in toposort(output):
        if node.op is not ops.constant:
            own = stepper.find(node)
            assert (stepper.values[own], stepper.gradients[own]) == (node.data, node.grad)


@pytest.mark.parametrize("seed", range(30))
def test_the_totals_of_random_graphs_too(seed: int) -> None:
    output = random_graph(random.Random(seed))
    last: dict[Value, Step] = {step.target: step for step in recorded(output) if step.phase == "backward"}
    output.backward()
    for node in toposort(output):
        if node.op is not ops.constant:
            assert last[node].result == node.grad
            assert last[node].is_complete


@given(st.lists(st.integers(0, 12), max_size=30), st.integers(0, 5))
def test_random_moves_lead_to_the_state_of_a_fresh_stepper(moves: list[int], seed: int) -> None:
    output = random_graph(random.Random(seed), 8)
    stepper = Stepper(output)
    names = list(stepper.names.values())
    stepper.break_at(names[0], names[-1])
    for move in moves:
        walks: list[Callable[[], Stepper]] = [
            stepper.next, stepper.step, stepper.back, stepper.previous, stepper.cont, stepper.rcont, stepper.finish,
            lambda: stepper.step(3), lambda: stepper.back(4), lambda: stepper.next(2), stepper.restart,
            lambda: stepper.goto(len(stepper.steps)), lambda: stepper.goto(len(stepper.steps) // 2),
        ]  # fmt: skip
        walks[move]()
    assert state(stepper) == state(Stepper(output).goto(stepper.position))


def test_the_users_graph_does_not_change() -> None:
    x = Value(1.5, "x")
    a = 3 * x
    y = a * x
    y.backward()
    before = [(node.data, node.grad, node.label) for node in toposort(y)]
    stepper = Stepper(y).cont().rcont()
    stepper.set("x", 7.0).cont()
    for view in (stepper.table, stepper.draw, stepper.quiz, lambda: stepper.sum("x"), lambda: stepper.paths("x")):
        stepper.restart()
        view()
    stepper.cont()
    assert [(node.data, node.grad, node.label) for node in toposort(y)] == before
    assert stepper.gradients[stepper.find(x)] == 42.0


def test_steps_are_frozen_and_nodes_have_several_spellings() -> None:
    E = figure_4()
    stepper = Stepper(E, "all")
    with pytest.raises(AttributeError):
        cast(Any, stepper.steps[0]).result = 1.0
    node = next(node for node in toposort(E) if node.label == "z_1^(2)")
    assert stepper.find(node) is stepper.find("z_1^(2)") is stepper.find("z₁⁽²⁾")
    assert stepper.find(stepper.find(node)) is stepper.find(node)
    assert stepper.names[stepper.find("#1")] == "#1"


def test_a_label_that_several_nodes_have_gets_numbers() -> None:
    a, b = Value(1.0, "x"), Value(2.0, "x")
    stepper = Stepper(a * b)
    assert sorted(stepper.names.values()) == ["x#1", "x#2", "y"]
    assert stepper.find("x#2").data == 2.0


@pytest.mark.parametrize("wrong", ["z_1^(9)", "", "x_3", "E_"])
def test_an_unknown_name_suggests_the_nearest(wrong: str) -> None:
    with pytest.raises(ValueError, match="unknown node"):
        Stepper(figure_4(), "all").find(wrong)


def test_a_node_of_another_graph_is_refused() -> None:
    with pytest.raises(ValueError, match="is not in this graph"):
        Stepper(figure_2(), "all").find(Value(1.0))


def test_invalid_arguments_are_refused() -> None:
    with pytest.raises(TypeError, match="stepping starts from a Value, not from 3"):
        Stepper(cast(Any, 3))
    with pytest.raises(DomainError, match=r"derivative of sqrt\(x = 0.0\)"):
        Stepper(Value(0.0, "x").sqrt())


def test_next_finishes_a_node_and_previous_undoes_it() -> None:
    stepper = Stepper(figure_4(), "all").finish()
    assert stepper.position == 13
    stepper.next()  # the start of the backward pass, and the only edge of E
    assert stepper.position == 15
    stepper.goto(19).step()
    assert stepper.next().position == 23  # the rest of a^(3)'s edges, one of which was done
    assert stepper.previous().position == 19
    assert stepper.back(2).position == 17


def test_moves_stop_at_the_ends() -> None:
    stepper = Stepper(figure_1())
    assert stepper.back(5).position == stepper.previous().position == stepper.rcont().position == 0
    n = len(stepper.steps)
    assert stepper.step(100).position == stepper.next().position == stepper.cont().position == n
    assert stepper.finish().position == n
    wrongs: list[Any] = [0, -1, 1.5, "2"]
    for wrong in wrongs:
        with pytest.raises(ValueError, match="integer of at least 1"):
            stepper.next(wrong)
    for wrong in ("a", None, 1.5, True):
        with pytest.raises(TypeError, match="the number of steps must be an integer, not "):
            stepper.goto(cast(Any, wrong))
    for outside in (-1, n + 1):
        with pytest.raises(ValueError, match=f"does not exist; choose from 0 to {n}"):
            stepper.goto(outside)


def test_breakpoints_stop_at_complete_values_and_gradients() -> None:
    stepper = Stepper(figure_4(), "all").break_at("z_1^(1)")
    assert [stepper.cont().position for _ in range(3)] == [2, 32, 43]
    assert [stepper.rcont().position for _ in range(3)] == [32, 2, 0]
    stepper.clear("z_1^(1)").break_at("x_1", once=True)
    assert [stepper.cont().position for _ in range(2)] == [42, 43]
    assert stepper.restart().cont().position == 43
    stepper.break_at("x_1", "x_2").clear()
    assert stepper.breakpoints == set()


def test_until_goes_on_to_a_node_and_refuses_a_finished_one() -> None:
    stepper = Stepper(figure_2(), "all")
    assert stepper.until("a_2").current is not None
    assert stepper.until("x").position == len(stepper.steps)
    with pytest.raises(ValueError, match="all steps of x are done: go back first"):
        stepper.until("x")


def test_set_records_anew_in_place_and_an_error_undoes_it() -> None:
    x = Value(1.0, "x")
    y = x.log()
    y.label = "y"
    stepper = Stepper(y).finish()
    assert stepper.set("x", 2.0).position == 1
    assert stepper.current is not None
    assert stepper.current.result == Value(2.0).log().data
    before = state(stepper)
    with pytest.raises(DomainError):
        stepper.set("x", -1.0)
    for number in (math.nan, math.inf, -math.inf):
        with pytest.raises(DomainError, match=f"x cannot be set to {number}, which is not finite"):
            stepper.set("x", number)
    assert state(stepper) == before
    with pytest.raises(ValueError, match="y is computed; only leaves can be set: x"):
        stepper.set("y", 1.0)
    with pytest.raises(TypeError):
        stepper.set("x", cast(Any, "2"))


def test_the_short_names_of_drawings_are_understood() -> None:
    stepper = Stepper(figure_4(), "all")
    assert stepper.find("z^(3)") is stepper.find("z⁽³⁾") is stepper.find("z_1^(3)")
    assert stepper.find("w_2^(3)") is stepper.find("w_12^(3)")
    with pytest.raises(ValueError, match="unknown node 'z\\^\\(1\\)'"):
        stepper.find("z^(1)")  # of two units
    x, own = Value(1.0, "z_1^(1)"), Value(2.0, "z^(1)")
    assert Stepper(x * own).find("z^(1)").data == 2.0


def test_a_long_chain_is_walked_without_recursion() -> None:
    y = x = Value(0.5, "x")
    for _ in range(3000):
        y = y + x
    stepper = Stepper(y)
    stepper.goto(len(stepper.steps)).goto(0).goto(4000)
    assert stepper.steps[-1].result == 3001.0


def test_a_leaf_alone_has_one_step() -> None:
    x = Value(2.0, "x")
    stepper = Stepper(x).cont()
    assert len(stepper.steps) == 1
    assert stepper.gradients == {stepper.find(x): 1.0}


def test_next_is_fast_past_a_node_with_10_000_readers() -> None:
    x = y = Value(1.0, "x")
    for _ in range(10_000):
        y = y + x
    stepper = Stepper(y).cont()
    assert stepper.current is not None
    assert stepper.current.n_terms == 10_001
    assert repr(stepper).splitlines()[-2].count(" + ") == 20  # an ellipsis, and the last terms
    for position in (len(stepper.steps) - 10, len(stepper.steps) - 8_000):
        last = max(stepper.steps[position - 2 : position], key=lambda step: step.target is stepper.find("x"))
        stepper.goto(position)
        assert stepper.gradients[stepper.find("x")] == last.result == last.term_number
    assert stepper.restart().gradients == {}


def test_a_recording_is_a_sequence_that_stores_few_numbers() -> None:
    steps = Stepper(figure_4(), "all").steps
    assert [step.number for step in steps] == list(range(1, len(steps) + 1))
    assert steps[-1] == steps[len(steps) - 1] == list(steps)[-1] == steps[-2:][-1]
    with pytest.raises(IndexError, match="step 43 does not exist: there are 43 steps"):
        steps[43]
    for step in steps:
        if step.input is not None:
            same = [s for s in steps if s.phase == "backward" and s.target is step.target]
            assert steps.steps_to(step.target) == same
            assert steps.terms(step) == same[: step.term_number]
            assert steps.steps_from(step) == [s for s in steps if s.input is not None and s.node is step.node]
            assert steps.gradient_before(step.number - 1) == (
                same[step.term_number - 2].result if step.term_number > 1 else None
            )


def test_a_constant_has_no_steps_back() -> None:
    assert len(recorded((Value(2.0) * 3.0).inputs[1])) == 0
