"""`viz.ask`: a question about a graph, by the name of its kind."""

from __future__ import annotations

from typing import Any

import pytest

import viz
from engine import Value, label
from viz.questions.kinds import KINDS


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
