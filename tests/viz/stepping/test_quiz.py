"""The quiz: right answers in any form, and explanations of known mistakes."""

from __future__ import annotations

import pytest

from engine import DomainError, Value
from tests.paper_graphs import figure_2, figure_4
from viz import Stepper
from viz.stepping.quiz import KINDS, Question, question_about

NAMES = ("y", "a", "x")


def questions(stepper: Stepper) -> dict[str, Question]:
    step = stepper.steps[stepper.position]
    return {what: question_about(step, stepper.steps, NAMES, turn) for turn, what in enumerate(KINDS)}


@pytest.fixture
def stepper() -> Stepper:
    """Before the second of two paths adds its contribution 2 · 3 = 6 to that of the first, 1 · (-1) = -1."""
    stepper = Stepper(figure_2(), "all")
    return stepper.goto(len(stepper.steps) - 1)


@pytest.mark.parametrize(
    ("what", "answer", "said"),
    [
        ("local derivative", "3", "Right: 3."),
        ("local derivative", "6/2", "Right: 3."),
        ("local derivative", "-3", "Not quite: the sign is wrong. It is 3."),
        ("local derivative", "6", "Not quite: that is multiplied by the upstream gradient"),
        ("local derivative", "1/3", "Not quite: that is the reciprocal of the derivative"),
        ("contribution", "2*3", "Right: 6."),
        ("contribution", "3", "Not quite: the upstream gradient is missing: multiply by it. It is 6."),
        ("contribution", "2", "Not quite: that is the upstream gradient"),
        ("contribution", "-6", "Not quite: the sign is wrong"),
        ("contribution", "5", "Not quite: the chain rule multiplies along a path"),
        ("contribution", "17", "No, it is 6."),
        ("gradient so far", "5", "Right: 5."),
        ("gradient so far", "6", "Not quite: another path is forgotten: add the gradient so far. It is 5."),
        ("gradient so far", "-1", "Not quite: that is the gradient so far"),
        ("gradient so far", "-6", "Not quite: the sum rule adds across paths"),
        ("gradient so far", "3", "Not quite: the upstream gradient is missing"),
    ],
)
def test_answers(stepper: Stepper, what: str, answer: str, said: str) -> None:
    question = questions(stepper)[what]
    assert question.check(answer).startswith(said)


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        ("five", "unknown name 'five'"),
        ("5*foo", "unknown name 'foo'"),
        ("import os", "unknown name 'import'"),
        ("log(0-1)", "log"),
    ],
)
def test_an_unreadable_answer_is_neither_right_nor_wrong(stepper: Stepper, answer: str, message: str) -> None:
    question = stepper.back().quiz()
    with pytest.raises((ValueError, DomainError), match=message):
        question.check(answer)
    assert not question.is_answer(answer)
    assert question.is_answer("x + 17")
    assert question.reveal() == f"Not known; it is {question.answer:g}."


def test_every_name_that_is_shown_may_be_used_in_an_answer() -> None:
    stepper = Stepper(figure_4(), "all").goto(28)
    question = stepper.quiz()
    assert question.kind == "gradient so far"
    right = "Right: 0.0420157."
    assert question.check("0.185752*z_1^(2)*(1-z_1^(2))") == right
    assert question.check("∂E/∂z₁⁽²⁾ · σ'(a₁⁽²⁾)") == right
    assert question.check("dE/dz_1^(2) * sigma(a_1^(2)) * (1 − σ(a₁⁽²⁾))") == right
    assert question.check("(z^(3) - y) * z^(3) * (1 - z^(3)) * w_1^(3) * z_1^(2) * (1 - z_1^(2))") == right
    assert question.check("z_1^(2)").startswith("No, ")
    so_far = stepper.goto(31).quiz()
    assert so_far.check("∂E/∂z₁⁽¹⁾ + ∂E/∂a₁⁽²⁾ * w_11^(2)").startswith("Right: 0.10743")


def test_a_question_has_a_hint() -> None:
    stepper = Stepper(figure_4(), "all")
    assert stepper.goto(28).quiz().hint == (
        "the rule: ∂E/∂z₁⁽²⁾ · ∂z₁⁽²⁾/∂a₁⁽²⁾",
        "z₁⁽²⁾ = σ(a₁⁽²⁾) = σ(0.637973) = 0.654295",
    )
    first = stepper.goto(13).quiz()
    assert first.hint[1:] == (
        "E = #2 / 2 = 0.176548 / 2 = 0.088274",
        "#2 = #1² = 0.420176² = 0.176548",
        "#1 = z⁽³⁾ − y = 0.670176 − 0.25 = 0.420176",
    )


def test_the_derivative_by_another_input_is_explained() -> None:
    x, w = Value(3.0, "x"), Value(5.0, "w")
    y = x * w
    stepper = Stepper(y).finish().step()
    question = question_about(stepper.steps[stepper.position], stepper.steps, NAMES, 0)
    assert question.answer == 5.0
    assert "with respect to another input" in question.check("3")


def test_a_mistake_that_gives_the_right_number_is_right() -> None:
    x = Value(3.0, "x")
    stepper = Stepper(2 * x).finish().step()
    question = question_about(stepper.steps[stepper.position], stepper.steps, NAMES, 1)
    assert question.check("2") == "Right: 2."  # the upstream gradient is 1, so that forgetting it does no harm


def test_every_step_of_a_network_can_be_asked_and_answered() -> None:
    stepper = Stepper(figure_4(), "all").finish().step()
    for _ in range(stepper.position, len(stepper.steps)):
        question = stepper.quiz()
        assert question.kind in KINDS
        assert question.check(repr(question.answer)).startswith("Right")
        assert not question.check(repr(question.answer + 1.0)).startswith("Right")
        stepper.step()
    with pytest.raises(ValueError, match="all steps are done"):
        stepper.quiz()


def test_answers_may_name_nodes() -> None:
    x, y = Value(2.0, "x"), Value(7.0, "y")
    z = x * y
    z.label = "z"
    stepper = Stepper(z).finish().step()
    question = stepper.quiz()
    assert question.check("y" if question.kind else "").startswith("Right")


def test_a_local_derivative_of_0_has_no_reciprocal() -> None:
    stepper = Stepper(Value(-1.0, "x").relu()).goto(2)
    question = question_about(stepper.steps[-1], stepper.steps, NAMES, KINDS.index("local derivative"))
    assert question.answer == 0.0
    assert not any("wrong way round" in why for _, why in question.mistakes)


def test_a_question_names_one_of_two_parallel_edges() -> None:
    x = Value(3.0, "x")
    stepper = Stepper(x * x)
    step = stepper.goto(2).steps[2]
    local, added = (question_about(step, stepper.steps, ("f", "f", "x"), turn) for turn in range(2))
    assert local.text == "What is the local derivative ∂f/∂x along edge 1 of 2 from f to x alone?"
    assert local.check("3") == "Right: 3."
    assert local.check("2*3") == (
        "Not quite: that is the sum over all edges between the two nodes; each is a path of its own. It is 3."
    )
    assert "What does edge 1 of 2 from f to x add to ∂f/∂x?" in added.text
