"""`viz.ask`: a question about a graph, by the name of its kind."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Any

import pytest

import engine
import viz
from engine import Op, Value, label, stop_gradient
from viz.questions.asking import KINDS


def neuron() -> Value:
    w, x, b = Value(0.5, "w"), Value(1.5, "x"), Value(0.25, "b")
    n = w * x + b
    o = n.tanh()
    label(n=n, o=o)
    return o


ABOUT: dict[str, tuple[list[str], dict[str, Any]]] = {
    **dict.fromkeys(("derivative", "formula", "paths", "sign", "row"), (["w"], {})),
    **dict.fromkeys(("local derivative", "contribution", "running sum"), (["n", "w"], {})),
    "value": (["n"], {}),
    "order": ([], {}),
    "set": (["w", "n"], {"wanted_at": 2.0}),
    "descent": (["w"], {"rate": 0.5}),
}


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_is_asked_by_its_name(kind: str) -> None:
    nodes, details = ABOUT[kind]
    question = viz.ask(neuron(), *nodes, kind=kind, **details)
    assert question.kind == kind
    assert question.reply_to(question.answer()).is_right


def test_nodes_may_be_given_as_values() -> None:
    x = Value(1.5, "x")
    y = 3 * x
    assert viz.ask(y, x).check("3").is_right
    assert y.grad == 0.0


def test_the_view_is_the_steppers() -> None:
    x = Value(3.0, "x")
    assert viz.ask(x * x, "y", "x", kind="contribution").check("3").is_right
    assert viz.ask(x * x, "y", "x", kind="contribution", view="paper").check("6").is_right


@pytest.mark.parametrize(
    ("nodes", "options", "error", "says"),
    [
        (["w"], {"kind": "slope"}, ValueError, "unknown kind of question 'slope'; choose from value, local derivative"),
        (["q"], {}, ValueError, "unknown node 'q'; known names: w, x, b, n, o"),
        ([], {}, TypeError, "a question of kind 'derivative' needs node, not nothing"),
        (["w", "x"], {}, TypeError, "a question of kind 'derivative' needs node, not w, x"),
        (["w"], {"kind": "descent"}, TypeError, "a question of kind 'descent' needs leaf, rate, not w"),
        (["w"], {"kind": "value"}, ValueError, "a question of kind 'value' cannot be about w"),
        (["o"], {}, ValueError, "a question of kind 'derivative' cannot be about o"),
        (["o", "w"], {"kind": "contribution"}, ValueError, "no derivative is passed from o to w"),
        (["w"], {"view": "tree"}, ValueError, "unknown view 'tree'"),
    ],
)
def test_what_cannot_be_asked_is_said(
    nodes: list[str], options: dict[str, Any], error: type[Exception], says: str
) -> None:
    with pytest.raises(error, match=says):
        viz.ask(neuron(), *nodes, **options)


def test_an_output_that_is_not_a_value_is_named() -> None:
    bad: Any = 3.0
    with pytest.raises(TypeError, match="the output that a question is about must be a Value"):
        viz.ask(bad, "x")


@pytest.mark.parametrize(
    ("nodes", "kind", "details", "message"),
    [
        (["n"], "sign", {}, "n is computed from others: choose a leaf, one of w, x, b"),
        (["n"], "descent", {"rate": 0.5}, "n is computed from others"),
        (["n", "n"], "set", {"wanted_at": 2.0}, "n is computed from others"),
        (["w"], "descent", {"rate": math.nan}, "λ must be a finite number above 0, not nan"),
        (["n", "w"], "local derivative", {"edge": 0}, "have numbers from 1 to 1, not 0"),
    ],
)
def test_a_question_that_has_no_answer_is_an_error(
    nodes: list[str], kind: str, details: dict[str, Any], message: str
) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        viz.ask(neuron(), *nodes, kind=kind, **details)


def test_order_and_paths_need_something_to_ask() -> None:
    with pytest.raises(ValueError, match="visits x alone"):
        viz.ask(Value(1.5, "x"), kind="order")
    x, z = Value(1.5, "x"), Value(2.0, "z")
    with pytest.raises(ValueError, match="0 paths lead from y back to z"):
        viz.ask(x * engine.floor(z), "z", kind="paths", view="all")


def test_paths_of_a_ladder_are_not_listed() -> None:
    y = x = Value(1.0, "x")
    for i in range(30):
        y = y * 0.5 + y.sin()
        y.label = f"a_{i}"
    with pytest.raises(ValueError, match="1073741824 paths lead from"):
        viz.ask(y, x, kind="paths")


@pytest.mark.parametrize(
    "function", [lambda x: x * x, abs, lambda x: (1e7 * x).sin()], ids=["a minimum", "a kink", "steep"]
)
def test_a_sign_is_asked_only_where_the_slope_tells_it(function: Callable[[Value], Value]) -> None:
    with pytest.raises(ValueError, match="cannot be told by its derivative at x = 0"):
        viz.ask(function(Value(0.0, "x")), "x", kind="sign")


def test_a_move_stays_within_the_domain() -> None:
    question = viz.ask((1.0 - Value(0.95, "x")).sqrt(), "x", kind="sign")
    assert question.text == "x goes from 0.95 to 0.96. Does y go up, go down, or stay?"
    assert question.check("it is falling").is_right
    for denied in ("it won't go down", "it doesn’t go down", "cannot fall", "hardly down"):
        with pytest.raises(ValueError, match="answer up, down or stays"):
            question.check(denied)


@pytest.mark.parametrize(("x", "hint"), [(0.005, "if x goes up by 1·10⁻⁵"), (1e9, "if x goes up by 1·10⁷")])
def test_a_hint_moves_an_input_by_a_part_of_it(x: float, hint: str) -> None:
    y = Value(x, "x").log()
    assert any(hint in line for line in viz.ask(y, "y", "x", kind="local derivative").hints())


def test_nothing_is_moved_where_derivatives_hold_a_part() -> None:
    own = Op("own", "own", lambda x: x * stop_gradient(x), [lambda z, x: stop_gradient(x)])
    x = Value(3.0, "x")
    y = x * x.detach()
    y.label = "y"
    hints = {view: viz.ask(2.0 * y, "y", "x", kind="local derivative", view=view).hints() for view in ("all", "paper")}
    assert [any("y goes from 9 to 9.03:" in hint for hint in hints[view]) for view in hints] == [True, False]
    assert not any("goes up" in hint for hint in hints["paper"])
    # The value of all of y, which x changes by what is held, too; and one that is held in the rule of an operation.
    for output in (y, own(x)):
        assert not any("goes up" in hint for hint in viz.ask(output, "x").hints())
    with pytest.raises(ValueError, match="cannot be told by its derivative"):
        viz.ask(x - 2.0 * x.detach(), "x", kind="sign")


def test_small_numbers_are_asked_to_three_digits() -> None:
    question = viz.ask(Value(-30.0, "x").sigmoid(), "x")
    assert not question.check("0").is_right
    assert not question.check("-8e-10").is_right
    assert question.check("9.36e-14").is_right


def test_a_path_along_two_edges_is_one_path() -> None:
    x = Value(3.0, "x")
    said = viz.ask(x * x, "x", kind="paths").check("y x").text
    assert said.endswith("Their products, along each edge where several join two nodes, add up to ∂y/∂x = 6.")


@pytest.mark.parametrize("label", ["my weight", "x-1", "w_21^(k-1)", "a,b"])
def test_paths_and_orders_read_the_names_that_they_print(label: str) -> None:
    x = Value(3.0, label)
    a = 2 * x
    a.label = "a"
    for question in (viz.ask(a * x, label, kind="paths"), viz.ask(a * x, kind="order")):
        assert question.check(question.format(question.answer())).is_right


@pytest.mark.parametrize("answer", ["∂Eₙ/∂z·[a > 0]", "dE/dz*[a>0]", "2*(z − y)*[a > 0]", "dE_n/dz·[a > 0]"])
def test_what_formulas_print_is_read_as_an_answer(answer: str) -> None:
    a, y = Value(0.7, "a"), Value(0.2, "y")
    z = a.relu()
    E = (z - y) ** 2
    label(z=z, E_n=E)
    assert viz.ask(E, "a", kind="formula").check(answer).is_right
    assert viz.ask(E, "a").check(answer).is_right


def test_e_is_the_error_unless_another_node_has_that_name() -> None:
    x = Value(1.5, "x")
    E = 3 * x
    y = E * E
    label(E=E, E_n=y)
    assert viz.ask(y, "x").check("dE_n/dE*dE/dx").is_right
    assert not viz.ask(y, "x").check("dE/dx").is_right
