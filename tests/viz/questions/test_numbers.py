"""Questions about numbers: each fault of a list, computed by hand, is diagnosed; answers come in any form."""

from __future__ import annotations

import math
from typing import Any

import pytest

from engine import DomainError, Value, dot, label
from tests.viz.questions.subjects import network, product_of_both, two_paths, unit
from viz.math.formulas import format_number
from viz.questions.asking import ask
from viz.questions.kinds.edges import ContributionQuestion, LocalQuestion, RunningSumQuestion
from viz.questions.kinds.numbers import NumberQuestion, ValueQuestion, is_close
from viz.questions.kinds.totals import TotalQuestion
from viz.questions.question import Attempt
from viz.questions.subject import Subject

A, Z = 0.7 * 1.6, 1 / (1 + math.exp(-0.7 * 1.6))
SLOPE, UPSTREAM = Z * (1 - Z), Z - 0.3


@pytest.mark.parametrize(
    ("question", "wrong", "says"),
    [
        (LocalQuestion(unit(), "z", "a"), Z, "you used σ in place of its derivative σ'"),
        (LocalQuestion(unit(), "z", "a"), A * (1 - A), "you used a in place of z: σ' is computed from the output of σ"),
        (LocalQuestion(unit(), "z", "a"), 1 - Z * Z, "you used the rule of tanh' in place of that of σ'"),
        (LocalQuestion(unit(), "z", "a"), -SLOPE, "the sign is wrong"),
        (LocalQuestion(unit(), "z", "a"), 1 / SLOPE, "upside down"),
        (LocalQuestion(unit(), "z", "a"), UPSTREAM * SLOPE, "the upstream gradient is multiplied in"),
        (LocalQuestion(unit(), "a", "x"), 1.6, "you used ∂a/∂w in place of ∂a/∂x"),
        (LocalQuestion(unit(), "E", "z"), UPSTREAM / 2, "the factor 2 of the square is missing"),
        (LocalQuestion(unit(), "E", "z"), 2 * UPSTREAM, "the ½ in front of the square is missing"),
        (LocalQuestion(unit(), "E", "z"), UPSTREAM**2 / 2, "you used E in place of ∂E/∂z"),
        (ContributionQuestion(unit(), "z", "a"), SLOPE, "the upstream gradient is missing"),
        (ContributionQuestion(unit(), "z", "a"), UPSTREAM, "the local derivative is missing"),
        (
            ContributionQuestion(unit(), "z", "a"),
            UPSTREAM + SLOPE,
            "you added the upstream gradient and the local derivative: along a path, multiply",
        ),
        (ContributionQuestion(two_paths(), "a_1", "x"), 5.5, "you added up all contributions"),
        (RunningSumQuestion(two_paths(), "a_1", "x"), 7.5, "has overwritten the others"),
        (RunningSumQuestion(two_paths(), "a_1", "x"), -2.0, "the path through a₁ is missing: add its contribution"),
        (RunningSumQuestion(two_paths(), "a_1", "x"), -15.0, "you multiplied the contributions"),
        (RunningSumQuestion(two_paths(), "a_1", "x"), -2.0 + 3.0, "the upstream gradient is missing"),
        (TotalQuestion(two_paths(), "x"), 7.5, "has overwritten the others"),
        (TotalQuestion(two_paths(), "x"), 3.0 - 0.5, "the upstream gradient is missing"),
        (TotalQuestion(product_of_both(), "x"), 4.83 * -1.5, "passed on too early"),
        (TotalQuestion(two_paths(), "x"), -2.0, "the path through a₁ is missing"),
        (TotalQuestion(two_paths(), "x"), 1.5, "you gave the value of x"),
        (TotalQuestion(two_paths(), "x"), 8.25, "you gave the value of y"),
        (TotalQuestion(unit(), "w"), UPSTREAM * SLOPE * 0.7, "you used ∂a/∂x in place of ∂a/∂w"),
        (TotalQuestion(network(), "z_1^(1)"), 3 * 0.5 - 7 * 2.5, "you used w₁₂⁽²⁾ in place of w₂₁⁽²⁾"),
        (
            TotalQuestion(network(), "z_1^(1)"),
            3 * 2.5 - 7 * 4.5,
            "you used ∂a₂⁽²⁾/∂z₂⁽¹⁾ and ∂a₁⁽²⁾/∂z₂⁽¹⁾ in place of ∂a₂⁽²⁾/∂z₁⁽¹⁾ and",
        ),
        (ContributionQuestion(network(), "a_2^(2)", "z_1^(1)"), -7 * 2.5, "you used w₁₂⁽²⁾ in place of w₂₁⁽²⁾"),
        (LocalQuestion(Subject.of(Value(0.5, "n").tanh()), "y", "n"), math.tanh(0.5), "you used tanh in place of its"),
        (LocalQuestion(Subject.of(Value(0.5, "n").tanh()), "y", "n"), 1 - 0.5**2, "you used n in place of y"),
        (
            LocalQuestion(Subject.of(-Value(1.5, "p").log()), "y", "p"),
            -1 / math.log(1.5),
            "you took log' at the output of log",
        ),
        (LocalQuestion(Subject.of(Value(-1.5, "x").relu()), "y", "x"), 1.0, "the other side of the kink"),
        (LocalQuestion(Subject.of((Value(1.5, "x") - 1.5).relu()), "y", "x"), 1.0, "the other side of the kink"),
        (ValueQuestion(unit(), "z"), A, "the function is missing"),
        (ValueQuestion(unit(), "z"), math.tanh(A), "you applied another function"),
        (ValueQuestion(unit(), "z"), SLOPE, "you used the derivative of the function"),
        (ValueQuestion(unit(), "a"), 0.7 + 1.6, "you added where the formula has a product"),
        (ValueQuestion(unit(), "E"), UPSTREAM, "you multiplied by the exponent"),
        (ValueQuestion(unit(), "E"), UPSTREAM**2, "a division is missing"),
        (ValueQuestion(unit(), "E"), (Z + 0.3) ** 2 / 2, "a sign within the formula"),
        (ValueQuestion(two_paths(), "y"), 2.5 * 4.5, "a term of the sum is missing"),
        (ValueQuestion(two_paths(), "y"), 2.5 * 4.5 * 4 * -0.75, "you multiplied where the formula has a sum"),
    ],
)
def test_a_fault_is_diagnosed(question: NumberQuestion, wrong: float, says: str) -> None:
    reply = question.check(f"{wrong:.4g}")
    assert not reply.is_right
    assert any(says in perhaps for perhaps in reply.perhaps)
    assert reply.text.startswith("Not quite. It looks as if ")
    assert question.format(question.answer()) not in reply.text


@pytest.mark.parametrize("given", ["5.5", "5.51", "−2 + 7.5", "∂y/∂a_1*3 - dy/da_2/2", "11/2"])
def test_a_right_answer_comes_in_any_form(given: str) -> None:
    assert TotalQuestion(two_paths(), "x").check(given).text == "Right: 5.5."


def test_three_digits_are_enough() -> None:
    question = LocalQuestion(unit(), "z", "a")
    assert question.tolerance == "3 digits are enough"
    assert question.check(f"{SLOPE:.3g}").is_right
    assert question.check(f"{SLOPE:.1g}").text == "No."
    assert question.check(f"{1.008 * SLOPE:.4g}").text == "Close, but not to 3 digits."
    assert question.check(f"{1.03 * SLOPE:.3g}").text == "No."
    assert not is_close(1.0, 1.006)


def test_a_formula_is_never_close_to_the_right_one() -> None:
    question = LocalQuestion(unit(), "z", "a")
    assert question.check(f"{1.008 * SLOPE:.4g} + 0*z").text == "No."


def test_an_answer_may_be_a_number() -> None:
    question = TotalQuestion(two_paths(), "x")
    assert question.check(5.5).text == Attempt(question).check(5.5).text == "Right: 5.5."
    assert not question.check(1).is_right
    given: Any = None
    with pytest.raises(TypeError, match="an answer must be a text or a number, not None"):
        question.check(given)


def test_a_question_gives_the_numbers_that_its_answer_needs() -> None:
    weights, xs = ([Value(0.5 * i - 1, f"{letter}_{i}") for i in range(1, 8)] for letter in "wx")
    for n, known in (
        (2, "a = w₁x₁ + w₂x₂, with w₁ = −0.5, w₂ = 0, x₁ = −0.5, x₂ = 0"),
        (7, "a = w₁x₁ + w₂x₂ + ⋯ + w₇x₇, with x₁ = −0.5"),
    ):
        a = dot(weights[:n], xs[:n])
        y = a.sigmoid()
        label(a=a, y=y)
        z, slope = map(format_number, (y.data, y.data * (1 - y.data)))
        assert ask(y, "a").text == f"y = σ(a), with a = {a.data:g}, y = {z}. What is ∂y/∂a?"
        assert ask(y, "w_1").text == f"{known}. ∂y/∂a = {slope}. What is ∂y/∂w₁?"


def test_a_wrong_formula_does_not_bring_the_right_one() -> None:
    a, b = Value(2.5, "a"), Value(3.0, "b")
    c = a * b
    y = c + a
    label(c=c, y=y)
    for given in ("b", "1", "dy/dc"):
        question = ask(y, "a")
        reply = question.check(given)
        assert not reply.is_right
        assert question.hints()[1] == "∂y/∂a = 1 + ∂y/∂c · b"
        assert "∂y/∂c · " not in reply.text


def test_all_mistakes_that_fit_are_said() -> None:
    reply = LocalQuestion(Subject.of(Value(-2.0, "w") * Value(2.0, "x")), "y", "x").check("2")
    assert len(reply.perhaps) > 1
    assert "; or " in reply.text


def test_a_mistake_that_gives_the_right_number_is_not_one() -> None:
    question = ContributionQuestion(Subject.of(3 * Value(2.5, "x")), "y", "x")
    assert not any("upstream gradient is missing" in mistake.says for mistake in question.mistakes())
    assert question.check("3").is_right


def test_a_typed_formula_is_looked_at() -> None:
    question = LocalQuestion(Subject.of(Value(2.0, "w") * Value(2.0, "x")), "y", "x")
    assert question.check("w").text == "Right: 2."
    assert question.check("x").text == "Right: 2. But by chance: with other numbers, this formula does not give it."
    both = LocalQuestion(Subject.of(Value(-2.0, "w") * Value(2.0, "x")), "y", "x")
    assert len(both.check("2").perhaps) == 3, "another input, the sign, or a value"
    assert both.check("-w").perhaps == ("the sign is wrong",)
    assert both.check("x").perhaps == ("you used ∂y/∂w in place of ∂y/∂x", "you used x in place of ∂y/∂x")


@pytest.mark.parametrize(
    ("given", "message"), [("five", "unknown name 'five'"), ("5*foo", "'foo'"), ("log(0-1)", "log"), ("", "formula")]
)
def test_what_cannot_be_read_is_neither_right_nor_wrong(given: str, message: str) -> None:
    question = TotalQuestion(two_paths(), "x")
    with pytest.raises((ValueError, DomainError), match=message):
        question.check(given)
    assert not question.can_read(given)
    assert question.can_read("x + 17")


def test_an_answer_cannot_name_what_is_asked() -> None:
    assert not TotalQuestion(two_paths(), "x").can_read("∂y/∂x")
    assert not ValueQuestion(two_paths(), "a_1").can_read("a_1")
    assert not ValueQuestion(two_paths(), "a_1").can_read("y")


def test_hints_do_not_have_the_answer() -> None:
    for question in (
        LocalQuestion(unit(), "z", "a"),
        ContributionQuestion(unit(), "z", "a"),
        RunningSumQuestion(two_paths(), "a_1", "x"),
        TotalQuestion(unit(), "w"),
        ValueQuestion(unit(), "E"),
    ):
        hints = question.hints()
        assert "__" in hints[-1]
        assert question.format(question.answer()) not in " ".join(hints)


def test_a_kink_is_not_shown_by_a_move() -> None:
    kink = Subject.of((Value(1.5, "x") - 1.5).relu())
    hints = LocalQuestion(kink, "y", "x").hints()
    assert not any("goes up by" in hint for hint in hints)
    assert LocalQuestion(kink, "y", "x").check("0").is_right


def test_a_local_derivative_of_0_does_not_have_a_reciprocal() -> None:
    question = LocalQuestion(Subject.of(Value(-1.0, "x").relu()), "y", "x")
    assert question.answer() == 0.0
    assert not any("upside down" in mistake.says for mistake in question.mistakes())


def test_one_of_two_parallel_edges_is_named() -> None:
    x = Value(3.0, "x")
    subject = Subject.of(x * x, "all")
    local, added = LocalQuestion(subject, "y", "x", 2), ContributionQuestion(subject, "y", "x")
    assert local.text.endswith("the local derivative ∂y/∂x along edge 2 of 2 from y back to x alone?")
    assert "each is a path of its own" in local.check("6").text
    assert "What does edge 1 of 2 from y back to x add to ∂y/∂x?" in added.text
    other = LocalQuestion(Subject.of(x / x, "all"), "y", "x").check(f"{-1 / 3:.4g}").perhaps[0]
    assert other == "you used edge 2 of 2 from y back to x in place of ∂y/∂x"
    with pytest.raises(ValueError, match="have numbers from 1 to 2, not 3"):
        subject.edge("y", "x", 3)


def test_the_rule_is_opened_in_the_worked_answer() -> None:
    [line, total] = TotalQuestion(unit(), "a").worked()
    assert line == "∂z/∂a = σ'(a) = z · (1 − z) = 0.753989 · 0.246011 = 0.18549", "the digits shown give the result"
    assert total.startswith("∂E/∂a = ∂E/∂z · σ'(a) = ")


def test_an_unknown_node_is_refused_with_names() -> None:
    with pytest.raises(ValueError, match="unknown node 'a_3'; did you mean a_"):
        two_paths().find("a_3")
