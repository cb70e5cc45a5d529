"""The views of the stepper: the paper's, over named nodes, and that of every operation."""

from __future__ import annotations

import io
import random
import re
from collections.abc import Callable, Sequence

import pytest

from engine import Value, dot, label, ops, toposort, where
from engine.symbolic.parser import parse_formula
from tests import thorough_unless
from tests.paper_graphs import figure_1, figure_2, figure_4
from tests.viz.stepping.random_graphs import random_graph
from viz import THEMES, Stepper
from viz.stepping.shell import Shell


def square_of_a() -> Value:
    x = Value(1.5, "x")
    a = 3 * x
    y = a * a
    label(a=a, y=y)
    return y


def run(stepper: Stepper, *lines: str) -> list[str]:
    """The output of the shell for these lines, without its greeting."""
    out = io.StringIO()
    Shell(stepper, stdin=io.StringIO("".join(f"{line}\n" for line in lines)), stdout=out).cmdloop()
    return out.getvalue().replace("(step) ", "").splitlines()[3:]


def titles(stepper: Stepper) -> list[str]:
    return [stepper.narration.title(step) for step in stepper.steps]


def test_figure_2_is_walked_as_7_to_9_and_11() -> None:
    stepper = Stepper(figure_2())
    assert titles(stepper) == [
        *("forward: a₁", "forward: a₂", "forward: y", "backward: y"),
        *("backward: y → a₁", "backward: y → a₂", "backward: a₂ → x", "backward: a₁ → x"),
    ]
    lines = [line for n in range(1, 9) for line in repr(stepper.goto(n)).splitlines()[1:]]
    assert lines == [
        "  a₁ = 3x = 3 · 1.5 = 4.5",
        "  a₂ = −x = −1.5",
        "  y = 2a₁ + a₂ = 2 · 4.5 + (−1.5) = 7.5",
        "  ∂y/∂y = 1",
        "  ∂y/∂a₁ = ∂y/∂y · 2 = 1 · 2 = 2",
        "  ∂y/∂a₂ = ∂y/∂y · 1 = 1 · 1 = 1",
        "  term 1 of 2: ∂y/∂a₂ · (−1) = 1 · (−1) = −1",
        "  ∂y/∂x = −1 + …, 1 of 2 terms",
        "  term 2 of 2: ∂y/∂a₁ · 3 = 2 · 3 = 6",
        "  ∂y/∂x = 6 + (−1) = 5",
        "the end: ∂y/∂x = 5",
    ]
    assert str(stepper.local("y", "a_1")) == "∂y/∂a₁ = 2"
    assert "#" not in "".join([str(stepper.table()), *run(stepper, "h", "ll", "w", "paths x")])


def test_figure_4_has_the_rows_of_table_1() -> None:
    stepper = Stepper(figure_4())
    nodes = [stepper.names[step.node] for step in stepper.steps if step.phase == "forward"]
    units = [f"{letter}_{i}^({k})" for k, n in ((1, 2), (2, 2), (3, 1)) for i in range(1, n + 1) for letter in "az"]
    assert nodes == [*units, "E"]
    own = repr(stepper.goto(13)).splitlines()
    assert own == [
        "step 13 of 39, backward: E → z⁽³⁾ (step 1 of the table)",
        "  ∂E/∂z⁽³⁾ = ∂E/∂E · (z⁽³⁾ − y) = 1 · 0.420176 = 0.420176",
        "  z⁽³⁾ − y = 0.670176 − 0.25 = 0.420176",
    ]
    assert repr(stepper.until("a_1^(3)")).splitlines()[0].endswith("backward: z⁽³⁾ → a⁽³⁾ (step 2 of the table)")


@pytest.mark.parametrize(
    ("root", "view", "has_two"),
    [
        (figure_1(), "paper", False),
        (figure_2(), "paper", True),
        (figure_4(), "paper", True),
        (square_of_a(), "all", True),  # the two edges to a are one arrow of two paths
        (parse_formula("x*y + sin(x)"), "all", True),
        (parse_formula("x*y"), "all", False),
        (parse_formula("a*a"), "all", True),
        (Value(2.0, "x"), "all", False),
    ],
)
def test_the_view_shown_first(root: Value, view: str, has_two: bool) -> None:
    stepper = Stepper(root)
    assert (stepper.view.name, stepper.has_two_views) == (view, has_two)


def test_a_label_on_the_output_alone_keeps_every_operation() -> None:
    root = parse_formula("x*y + sin(x)")
    root.label = "f"
    assert Stepper(root).view.name == "all"
    assert titles(Stepper(root, "paper"))[2:] == ["backward: f → x (2 paths)", "backward: f → y"]


def test_an_arrow_says_how_many_paths_it_merges() -> None:
    stepper = Stepper(square_of_a(), "paper")
    assert titles(stepper) == [
        *("forward: a", "forward: y", "backward: y"),
        *("backward: y → a (2 paths)", "backward: a → x"),
    ]
    assert str(stepper.cont().paths("x")).splitlines()[:2] == ["∂y/∂x, 2 paths", "  y ← a ← x (2 paths)  9 · 3  =  27"]
    assert str(stepper.local("y", "a")) == "∂y/∂a = a + a = 4.5 + 4.5 = 9 (2 paths)"
    assert str(stepper.restart().sum("a")).splitlines()[1] == "  y → a (2 paths): ?"
    both = Stepper(square_of_a())
    assert titles(both)[3:5] == ["backward: y → a (edge 1 of 2)", "backward: y → a (edge 2 of 2)"]
    assert str(both.paths("a")).count("y ← a ") == 2


def test_names_stand_in_for_labels() -> None:
    x = Value(1.5, "x")
    inner = 3 * x
    result = 2 * inner - x
    stepper = Stepper(result, names=locals())
    assert stepper.view.name == "paper"
    assert list(stepper.names.values()) == ["x", "inner", "result"]
    assert stepper.find("inner") is stepper.find(inner)
    assert (inner.label, result.label) == ("", "")


@pytest.mark.parametrize(("taken", "name"), [("x", "y"), ("xy", "f"), ("yf", "out"), (("y", "f", "out"), "#1")])
def test_an_output_without_a_name_has_the_first_free(taken: Sequence[str], name: str) -> None:
    stepper = Stepper(dot([1.0] * len(taken), [Value(1.0, letter) for letter in taken]))
    assert stepper.names[stepper.root] == name


def labelled(root: Value, rng: random.Random) -> Value:
    """The graph, with labels for some of its inner nodes."""
    for i, node in enumerate(toposort(root)):
        if node.inputs and rng.random() < 0.4:
            node.label = f"u_{i}"
    return root


def branches(rng: random.Random) -> Value:
    x, y = Value(rng.uniform(-1.0, 1.0), "x"), Value(-2.0, "y")
    a = where(x > 0.0, x * y, x.tanh() * x)
    a.label = "a"
    total: Value = a * a + where(y > 0.0, x, x * x * 3.0)
    return total


@pytest.mark.parametrize("build", [random_graph, branches])
@pytest.mark.parametrize("seed", range(15))
def test_both_views_end_at_the_gradients_of_backward(build: Callable[[random.Random], Value], seed: int) -> None:
    rng = random.Random(seed)
    root = labelled(build(rng), rng)
    for view in ("paper", "all"):
        stepper = Stepper(root, view)
        leaf = next(node for node in toposort(root) if node.op is ops.variable)
        stepper.goto(3).set(leaf, leaf.data + 0.125).cont().set(leaf, leaf.data)
        root.zero_grad()
        root.backward()
        named = [node for node in toposort(root) if node.op is not ops.constant and (node.label or node is root)]
        for node in named:
            own = stepper.find(node)
            assert stepper.values[own] == node.data
            assert stepper.gradients.get(own, 0.0) == pytest.approx(node.grad, rel=1e-12, abs=1e-15)
        assert len(stepper.names) == len(named) if view == "paper" else len(stepper.names) > len(named)
        assert stepper.goto(0).gradients == {}


@thorough_unless(lambda build: build is not figure_4)
@pytest.mark.parametrize("build", [figure_1, figure_2, figure_4, square_of_a])
def test_a_change_of_the_view_keeps_the_place(build: Callable[[], Value]) -> None:
    stepper = Stepper(build(), "paper")
    for n in range(len(stepper.steps) + 1):
        before = stepper.goto(n).current
        values = dict(stepper.values)
        after = stepper.set_view("all").current
        assert (before is None) is (after is None)
        if before and after:
            assert (after.phase, after.target, after.is_complete) == (before.phase, before.target, before.is_complete)
            assert values.items() <= stepper.values.items()
        assert stepper.set_view("paper").position == n


def test_from_a_node_without_a_name_back_to_one_that_has() -> None:
    stepper = Stepper(figure_2(), "all").watch("#1", "x").break_at("#1")
    positions = [stepper.set_view("all").goto(n).set_view("paper").position for n in range(11)]
    assert positions == [0, 1, 1, 2, 3, 4, 4, 6, 7, 5, 8]
    assert "#1" not in repr(stepper)
    assert "#1: value 9" in repr(stepper.set_view("all"))
    with pytest.raises(ValueError, match="unknown view 'none'; choose from paper, all"):
        stepper.set_view("none")


def test_the_command_view() -> None:
    stepper = Stepper(figure_2())
    out = run(stepper, "unt y", "view", "view all", "p #1", "view", "view paper", "p #1", "view x")
    assert out[2] == "view paper: the named nodes, in 8 steps; view all shows every operation"
    assert out[3] == "step 4 of 10, forward: y"
    assert out[5] == "#1 = 2a₁: value 9, gradient ?"
    assert out[6] == "view all: every operation, in 10 steps; view paper shows the named nodes, as the paper does"
    assert out[7] == "step 3 of 8, forward: y"
    assert out[9] == "*** unknown node '#1', which the paper's view does not show; view all shows every operation"
    assert out[10] == "*** unknown view 'x'; choose from paper, all"
    assert any(" view, " in line for line in run(stepper, "h"))


def test_the_command_is_hidden_where_the_views_are_the_same() -> None:
    stepper = Stepper(figure_1())
    assert run(stepper, "view all") == ["*** both views are the same: every node has a name", ""]
    assert not any("view" in line for line in run(stepper, "h"))


def test_a_quiz_in_the_view_of_the_paper() -> None:
    stepper = Stepper(square_of_a(), "paper").finish().step()
    questions = [stepper.goto(n).quiz() for n in (3, 4)]
    assert [question.answer() for question in questions] == [9.0, "up"]
    assert questions[0].text == "y = a · a, with a = 4.5. ∂y/∂y = 1. What is ∂y/∂a?"
    assert questions[0].hints()[1:] == ["a + a", "__"]
    assert questions[0].check("2*a").text == "Right: 9."


def test_the_drawing_is_the_network_with_the_numbers_known() -> None:
    stepper = Stepper(figure_4()).goto(13)
    source = stepper.draw().source
    assert source.count("0.4202") == 1
    assert source.count("∂ ") == 2, "of E and z"
    assert source.count(THEMES["light"].mark) == 2, "a circle and an arrow"
    assert len(re.findall(r"^\tn\d+ \[", source, re.MULTILINE)) == 9, "two inputs, five units, the target and E"
    assert THEMES["dark"].mark in stepper.draw(theme="dark", direction="TB").source
    start = stepper.restart().draw().source
    assert "∂ " not in start
    assert "0.7058" not in start
    assert "1.5" in start


@pytest.mark.parametrize("view", ["paper", "all"])
def test_a_leaf_that_receives_no_derivative_is_left_out(view: str) -> None:
    x, unused = Value(1.5, "x"), Value(0.5, "u")
    stepper = Stepper(where(x > unused, 2 * x, unused), view).cont()
    assert repr(stepper).splitlines()[-1] == "the end: ∂y/∂x = 2"
    assert str(stepper.state("u")) == "u: value 0.5, gradient ?"
    assert str(stepper.sum("u")) == "u does not receive a derivative"


def test_the_sum_of_another_output_in_the_view_of_the_paper() -> None:
    stepper = Stepper(figure_4()).cont()
    assert str(stepper.sum("z_1^(1)", "E")).splitlines() == [
        "∂E/∂z₁⁽¹⁾ is the sum over 2 edges",
        "  a₂⁽²⁾ → z₁⁽¹⁾: ∂E/∂a₂⁽²⁾ · w₂₁⁽²⁾ = −0.0366082 · (−1.5) = 0.0549122",
        "  a₁⁽²⁾ → z₁⁽¹⁾: ∂E/∂a₁⁽²⁾ · w₁₁⁽²⁾ = 0.0420157 · 1.25 = 0.0525196",
        "  total: 0.107432",
    ]
    assert str(stepper.sum("x_1", "a_1^(1)")).splitlines()[-1] == "  total: 0.5"
