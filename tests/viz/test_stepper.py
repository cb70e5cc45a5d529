"""Stepping: the totals are backward()'s gradients, any walk leads to the same state, nothing of the user's changes."""

from __future__ import annotations

import io
import random
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from demos.paper.examples import Example, figure_1, figure_2, figure_3, figure_4
from engine import DomainError, Value, dot, ops, toposort
from engine.parse import parse
from viz import Stepper
from viz import step as step_through
from viz.steps import Step, trace

FIGURES = [figure_1, figure_2, figure_3, figure_4]


RULES: list[Callable[[Value, Value], Value]] = [
    lambda x, y: x + y,
    lambda x, y: x * y.tanh(),
    lambda x, y: x - 2.5 * y.sigmoid(),
    lambda x, y: x.tanh() * x.tanh(),
    lambda x, y: dot([x, 0.5], [y.tanh(), x], y),
    lambda x, y: x / (y * y + 1.0),
]


def random_graph(rng: random.Random, n: int = 25) -> Value:
    """A formula in which nodes are used again and again; constants and repeated inputs among them."""
    nodes = [Value(rng.uniform(-2.0, 2.0), f"x_{i}") for i in range(1, 4)]
    for _ in range(n):
        x, y = rng.choice(nodes), rng.choice(nodes[-5:])
        nodes.append(rng.choice(RULES)(x.tanh(), y))
    return nodes[-1]


def state(stepper: Stepper) -> tuple[object, ...]:
    known = [{stepper.names[node]: x for node, x in which.items()} for which in (stepper.values, stepper.gradients)]
    return (stepper.position, *known, repr(stepper), str(stepper.table()))


@pytest.mark.parametrize("figure", FIGURES)
def test_the_totals_are_the_gradients_of_backward(figure: Callable[[], Example]) -> None:
    output = figure().output
    stepper = Stepper(output).goto(len(Stepper(output).steps))
    output.backward()
    for node in toposort(output):
        if node.op is not ops.constant:
            own = stepper.find(node)
            assert (stepper.values[own], stepper.gradients[own]) == (node.data, node.grad)


@pytest.mark.parametrize("seed", range(30))
def test_the_totals_of_random_graphs_too(seed: int) -> None:
    output = random_graph(random.Random(seed))
    last: dict[Value, Step] = {step.target: step for step in trace(output) if step.phase == "backward"}
    output.backward()
    for node in toposort(output):
        if node.op is not ops.constant:
            assert last[node].total == node.grad
            assert last[node].is_complete


@given(st.lists(st.integers(0, 12), max_size=30), st.integers(0, 5))
def test_any_walk_leads_to_the_state_of_a_fresh_walk(moves: list[int], seed: int) -> None:
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


def test_nothing_of_the_users_changes() -> None:
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


def test_steps_are_frozen_and_nodes_may_be_named_in_many_ways() -> None:
    E = figure_4().output
    stepper = Stepper(E)
    with pytest.raises(AttributeError):
        stepper.steps[0].total = 1.0  # type: ignore[misc]
    node = next(node for node in toposort(E) if node.label == "z_1^(2)")
    assert stepper.find(node) is stepper.find("z_1^(2)") is stepper.find("z₁⁽²⁾")
    assert stepper.find(stepper.find(node)) is stepper.find(node)
    assert stepper.names[stepper.find("#1")] == "#1"


def test_a_label_that_several_nodes_have_gets_numbers() -> None:
    a, b = Value(1.0, "x"), Value(2.0, "x")
    stepper = Stepper(a * b)
    assert sorted(stepper.names.values()) == ["#3", "x#1", "x#2"]
    assert stepper.find("x#2").data == 2.0


@pytest.mark.parametrize("wrong", ["z_1^(9)", "", "x_3", "E_"])
def test_an_unknown_name_gets_the_nearest(wrong: str) -> None:
    with pytest.raises(ValueError, match="there is no node"):
        Stepper(figure_4().output).find(wrong)


def test_a_stranger_is_not_in_the_graph() -> None:
    with pytest.raises(ValueError, match="is not in this graph"):
        Stepper(figure_2().output).find(Value(1.0))


def test_what_cannot_be_stepped_through_is_refused() -> None:
    with pytest.raises(TypeError, match="stepping starts from a Value, not from 3"):
        Stepper(3)  # type: ignore[arg-type]
    with pytest.raises(DomainError, match=r"derivative of sqrt\(x = 0.0\)"):
        Stepper(Value(0.0, "x").sqrt())


def test_next_finishes_a_node_and_previous_undoes_it() -> None:
    stepper = Stepper(figure_4().output).finish()
    assert stepper.position == 13
    stepper.next()  # the start of the sweep, and E's only edge
    assert stepper.position == 15
    stepper.goto(19).step()
    assert stepper.next().position == 23  # the rest of a^(3)'s edges, one of which was done
    assert stepper.previous().position == 19
    assert stepper.back(2).position == 17


def test_moves_stop_at_the_ends() -> None:
    stepper = Stepper(figure_1().output)
    assert stepper.back(5).position == stepper.previous().position == stepper.rcont().position == 0
    n = len(stepper.steps)
    assert stepper.step(100).position == stepper.next().position == stepper.cont().position == n
    assert stepper.finish().position == n
    for wrong in (0, -1, 1.5, "2"):
        with pytest.raises(ValueError, match="1 or more"):
            stepper.next(wrong)  # type: ignore[arg-type]
    for outside in (-1, n + 1):
        with pytest.raises(ValueError, match=f"steps 0 to {n}"):
            stepper.goto(outside)


def test_breakpoints_stop_where_a_value_or_a_gradient_is_complete() -> None:
    stepper = Stepper(figure_4().output).break_at("z_1^(1)")
    assert [stepper.cont().position for _ in range(3)] == [2, 32, 43]
    assert [stepper.rcont().position for _ in range(3)] == [32, 2, 0]
    stepper.clear("z_1^(1)").break_at("x_1", once=True)
    assert [stepper.cont().position for _ in range(2)] == [42, 43]
    assert stepper.restart().cont().position == 43
    stepper.break_at("x_1", "x_2").clear()
    assert stepper.breakpoints == set()


def test_until_goes_on_to_a_node_and_refuses_what_is_behind() -> None:
    stepper = Stepper(figure_2().output)
    assert stepper.until("a_2").current is not None
    assert stepper.until("x").position == len(stepper.steps)
    with pytest.raises(ValueError, match="nothing is still to come for x"):
        stepper.until("x")


def test_set_recomputes_without_moving_and_is_undone_by_an_error() -> None:
    x = Value(1.0, "x")
    y = x.log()
    y.label = "y"
    stepper = Stepper(y).finish()
    assert stepper.set("x", 2.0).position == 1
    assert stepper.current is not None
    assert stepper.current.total == Value(2.0).log().data
    before = state(stepper)
    with pytest.raises(DomainError):
        stepper.set("x", -1.0)
    assert state(stepper) == before
    with pytest.raises(ValueError, match="y is computed; what can be set are the leaves x"):
        stepper.set("y", 1.0)
    with pytest.raises(TypeError):
        stepper.set("x", "2")  # type: ignore[arg-type]


def test_each_step_reads_like_the_paper() -> None:
    stepper = Stepper(figure_4().output)
    lines = [repr(stepper.goto(n)).splitlines() for n in range(len(stepper.steps) + 1)]
    assert lines[29] == [
        "step 29 of 43, backward: z₁⁽²⁾ → a₁⁽²⁾ (step 4 of the paper)",
        "  ∂E/∂a₁⁽²⁾ = ∂E/∂z₁⁽²⁾ · σ'(a₁⁽²⁾) = 0.18575 × 0.22619 = 0.042016",
    ]
    assert lines[27][1:] == [
        "  term 1 of 2: ∂E/∂a₂⁽²⁾ · w₂₁⁽²⁾ = −0.036608 × (−1.5) = 0.054912",
        "  ∂E/∂z₁⁽¹⁾ = 0.054912 + …, so far 0.054912",
    ]
    assert lines[32][1:] == [
        "  term 2 of 2: ∂E/∂a₁⁽²⁾ · w₁₁⁽²⁾ = 0.042016 × 1.25 = 0.05252",
        "  ∂E/∂z₁⁽¹⁾ = 0.054912 + 0.05252 = 0.10743",
    ]
    assert lines[5][1] == ("  a₁⁽²⁾ = w₁₁⁽²⁾z₁⁽¹⁾ + w₁₂⁽²⁾z₂⁽¹⁾ = 1.25 · 0.70579 + (−0.375) · 0.65135 = 0.63797")
    assert lines[0][0] == "start, before step 1 of 43"


def test_the_steps_of_the_paper_are_those_of_figure_8() -> None:
    stepper = Stepper(figure_4().output)
    found: dict[str, set[str]] = {}
    for step in stepper.steps:
        title = stepper.narration.title(step)
        if "of the paper" in title:
            found.setdefault(title.split("(step ")[1].split(" ")[0], set()).add(stepper.names[step.target])
    assert found == {
        "1": {"z_1^(3)"},
        "2": {"a_1^(3)"},
        "3": {"z_1^(2)", "z_2^(2)"},
        "4": {"a_1^(2)", "a_2^(2)"},
        "5": {"z_1^(1)", "z_2^(1)"},
        "6": {"a_1^(1)", "a_2^(1)"},
        "7": {"x_1", "x_2"},
    }


def test_a_square_has_two_edges_to_the_same_node() -> None:
    x = Value(3.0, "x")
    y = x * x
    y.label = "y"
    assert repr(Stepper(y).cont()).splitlines()[1:] == [
        "  term 2 of 2: ∂y/∂y · x = 1 × 3 = 3",
        "  ∂y/∂x = 3 + 3 = 6",
        "the end: ∂y/∂x = 6",
    ]


def test_the_end_says_so_with_the_derivatives_by_the_leaves() -> None:
    stepper = Stepper(parse("x*y + sin(x)", {"x": 0.5})).cont()
    assert repr(stepper).splitlines()[-1] == "the end: ∂#3/∂x = 1.8776, ∂#3/∂y = 0.5"
    assert "the end" not in repr(stepper.back())
    leaves = [Value(float(i), f"x_{i}") for i in range(30)]
    last = repr(Stepper(dot(leaves[:15], leaves[15:])).cont()).splitlines()[-1]
    assert last.startswith("the end: ∂#1/∂x₀ = 15, ∂#1/∂x₁ = 16, ")
    assert last.endswith("∂#1/∂x₉ = 24, and 20 more: table shows them")


def test_short_names_of_drawings_are_understood_in_a_layer_of_one_unit() -> None:
    stepper = Stepper(figure_4().output)
    assert stepper.find("z^(3)") is stepper.find("z⁽³⁾") is stepper.find("z_1^(3)")
    assert stepper.find("w_2^(3)") is stepper.find("w_12^(3)")
    with pytest.raises(ValueError, match="there is no node 'z\\^\\(1\\)'"):
        stepper.find("z^(1)")  # of two units
    x, own = Value(1.0, "z_1^(1)"), Value(2.0, "z^(1)")
    assert Stepper(x * own).find("z^(1)").data == 2.0


def test_paths_call_what_has_no_label_by_the_name_that_all_else_has_for_it() -> None:
    stepper = Stepper(parse("x*y + sin(x)", {"x": 0.5}))
    paths = stepper.paths("x").splitlines()
    assert paths[0] == "∂#3/∂x, 2 paths"
    assert sorted(line.split("  ")[1] for line in paths[1:3]) == ["#3 ← #1 ← x", "#3 ← #2 ← x"]


def test_paths_from_a_constant_are_called_by_its_number() -> None:
    double = Value(3.0, "x") * 2.5
    assert Stepper(double).paths("x", double.inputs[1]).splitlines()[0] == "∂2.5/∂x, 0 paths"


def test_views() -> None:
    stepper = Stepper(figure_4().output)
    assert repr(stepper.local("a_1^(2)", "z_1^(1)")) == "∂a₁⁽²⁾/∂z₁⁽¹⁾ = w₁₁⁽²⁾ = 1.25"
    with pytest.raises(ValueError, match=r"not made from x₁ in one step; its inputs are w₁₁⁽²⁾, w₁₂⁽²⁾, z₁⁽¹⁾, z₂⁽¹⁾"):
        stepper.local("a_1^(2)", "x_1")
    assert "4 paths" in stepper.paths("x_1")
    assert "2 paths" in stepper.paths("x_1", "a_1^(2)")
    assert stepper.sum("z_1^(1)").count("?") == 3
    assert stepper.cont().sum("z_1^(1)").splitlines()[-1] == "  total: 0.10743"
    assert stepper.sum("x_1", "a_1^(1)").splitlines()[-1] == "  total: 0.5"
    assert str(stepper.state("y")) == "y: value 0.25, gradient −0.420176"
    rows = stepper.goto(32).table().splitlines()
    assert [row.split()[1] for row in rows if row.startswith(">")] == ["z₁⁽¹⁾"]
    assert rows[-1].split() == ["E", "#2", "/", "2", "0.088274", "1"]
    path = [stepper.names[node] for node in stepper.path_to("x_1")]
    assert path[0] == "E"
    assert path[-1] == "x_1"


def test_the_drawing_shows_where_the_walk_stands() -> None:
    stepper = Stepper(figure_2().output).finish()
    before = stepper.draw().source
    assert before.count("grad </FONT>") == 5  # all are blank
    assert "lightgoldenrod1" in before
    assert "firebrick" not in before
    after = stepper.next().draw().source
    assert after.count("firebrick") == 2
    assert after.count("grad </FONT>") == 2
    start = stepper.restart().draw().source
    assert start.count("data </FONT>") == 4
    assert "gray92" not in start


def test_drawings_and_tables_show_the_short_ids() -> None:
    x = Value(1.0, "x")
    stepper = Stepper(x.exp() * x)
    assert "#1" in stepper.draw().source
    assert "#1" in stepper.table()


def test_watches_are_shown_at_each_stop() -> None:
    stepper = Stepper(figure_1().output).watch("a", "x")
    assert repr(stepper).splitlines()[-2:] == ["  x: value 1.5, gradient ?", "  a: value ?, gradient ?"][::-1]
    assert repr(stepper.cont()).splitlines()[-1] == "  x: value 1.5, gradient 6"


def test_a_long_chain_is_walked_without_recursion() -> None:
    y = x = Value(0.5, "x")
    for _ in range(3000):
        y = y + x
    stepper = Stepper(y)
    stepper.goto(len(stepper.steps)).goto(0).goto(4000)
    assert stepper.steps[-1].total == 3001.0


def test_a_leaf_alone_has_one_step() -> None:
    x = Value(2.0, "x")
    stepper = Stepper(x).cont()
    assert len(stepper.steps) == 1
    assert stepper.gradients == {stepper.find(x): 1.0}


def test_a_node_that_10_000_others_read_is_walked_back_from_in_no_more_steps_than_there_are() -> None:
    x = y = Value(1.0, "x")
    for _ in range(10_000):
        y = y + x
    stepper = Stepper(y).cont()
    assert stepper.current is not None
    assert stepper.current.terms == 10_001
    assert repr(stepper).splitlines()[-2].count(" + ") == 20  # an ellipsis, and the last terms
    for position in (len(stepper.steps) - 10, len(stepper.steps) - 8_000):
        last = max(stepper.steps[position - 2 : position], key=lambda step: step.target is stepper.find("x"))
        stepper.goto(position)
        assert stepper.gradients[stepper.find("x")] == last.total == last.term
    assert stepper.restart().gradients == {}


def test_steps_are_a_sequence_that_keeps_a_few_numbers_of_each() -> None:
    steps = Stepper(figure_4().output).steps
    assert [step.number for step in steps] == list(range(1, len(steps) + 1))
    assert steps[-1] == steps[len(steps) - 1] == list(steps)[-1] == steps[-2:][-1]
    with pytest.raises(IndexError, match="there are 43 steps, no step at 43"):
        steps[43]
    for step in steps:
        if step.input is not None:
            same = [s for s in steps if s.phase == "backward" and s.target is step.target]
            assert steps.to(step.target) == same
            assert steps.terms(step) == same[: step.term]
            assert steps.edges(step) == [s for s in steps if s.input is not None and s.node is step.node]
            assert steps.total_before(step.number - 1) == (same[step.term - 2].total if step.term > 1 else None)


def test_a_large_table_shows_the_nodes_around_the_current_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("viz.stepper.MOST_ROWS", 10)
    y = Value(1.0, "x")
    for _ in range(50):
        y = -y
    stepper = Stepper(y)
    for position in (0, 1, 25, 50, 80, 101):
        rows = stepper.goto(position).table().splitlines()
        assert len(rows) == 12
        assert rows[-1] == "and 41 more nodes, before or after these"
        if stepper.current:
            [marked] = [row for row in rows if row.startswith(">")]
            assert marked.split()[1] == stepper.names[stepper.current.target]


def test_many_leaves_are_not_all_named_at_the_start() -> None:
    leaves = [Value(1.0, f"x_{i}") for i in range(1000)]
    line = repr(Stepper(dot(leaves, leaves))).splitlines()[1]
    assert line.endswith("x₉₉ = 1, and 900 more")


def test_a_constant_has_no_steps_back() -> None:
    assert len(trace((Value(2.0) * 3.0).inputs[1])) == 0


def test_step_opens_the_shell_on_a_graph(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("quit\n"))
    step_through(figure_2().output)
    assert "known are the leaves: x = 1.5" in capsys.readouterr().out
