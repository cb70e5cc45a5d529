"""Questions whose answer is a formula, paths, an order, a sign, a leaf's number, or a row; attempts."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from engine import Value, label
from tests.viz.questions.subjects import network, product_of_both, two_paths, unit
from viz.questions.asking import KINDS
from viz.questions.kinds.descent import DescentQuestion
from viz.questions.kinds.edges import ContributionQuestion, LocalQuestion, RunningSumQuestion
from viz.questions.kinds.formulas import FormulaQuestion
from viz.questions.kinds.numbers import ValueQuestion
from viz.questions.kinds.order import OrderQuestion
from viz.questions.kinds.paths import PathsQuestion
from viz.questions.kinds.rows import RowQuestion
from viz.questions.kinds.signs import SignQuestion
from viz.questions.kinds.totals import TotalQuestion
from viz.questions.kinds.wanted import SetQuestion
from viz.questions.question import Attempt, Question
from viz.questions.subject import Subject


def test_a_formula_is_compared_at_other_numbers() -> None:
    question = FormulaQuestion(unit(), "a")
    for given in ("(z - y)*z*(1 - z)", "∂E/∂z * σ'(a)", "dE/dz * z - dE/dz * z**2"):
        assert question.check(given).is_right, given
    assert question.check("z*(1 - z)").perhaps == ("the upstream gradient is missing: multiply by it",)
    assert question.check("dE/dz + z*(1 - z)").perhaps == (
        "you added the upstream gradient and the local derivative: along a path, multiply",
    )
    number = f"{question.answer()[0]!r}"
    assert question.check(number).text.startswith("The number is right by chance")
    assert question.check("w").text == "No."
    assert question.text == "Write ∂E/∂a as a formula, with names: ∂E/∂z may stand in it."


def test_named_derivatives_have_their_true_values() -> None:
    question = FormulaQuestion(unit(), "w")
    for given in ("dE/dz*dz/da*da/dw", "∂E/∂z ·∂z/∂a · x", "dE/dz * dz/dw", "z'*x*dE/dz", "dE / dz*z'(a)*da/dw"):
        assert question.check(given).is_right, given
    local = LocalQuestion(unit(), "z", "a")
    assert local.check("dz/dw / x").is_right
    for given, message in (
        ("dz/da", "∂z/∂a is what is asked"),
        ("z'(a)", "∂z/∂a is what is asked"),
        ("da/dz", "a is not made from z: ∂a/∂z is 0"),
        ("E'*x", "E' does not say with respect to which node: write ∂E/∂z or ∂E/∂y"),
        ("x'", "x' does not say with respect to which node: x is not made from other nodes"),
        ("dE/dq", "unknown name 'dE'"),
    ):
        with pytest.raises(ValueError, match=re.escape(message)):
            local.check(given)
    assert RunningSumQuestion(two_paths(), "a_1", "x").check("dy/dx + dy/da_1*da_1/dx").is_right, "dy/dx so far"
    with pytest.raises(ValueError, match="∂y/∂x is what is asked"):
        TotalQuestion(two_paths(), "x").check("dy/dx")
    with pytest.raises(ValueError, match="unknown name 'dy'"):
        ValueQuestion(two_paths(), "y").check("dy/dx")


def test_a_prime_is_with_respect_to_a_node_met_twice() -> None:
    a = Value(3.0, "a")
    b = a * a
    y = 2.0 * b
    label(b=b, y=y)
    assert TotalQuestion(Subject.of(y), "a").check("dy/db * b'").text == "Right: 12."


def test_a_node_may_be_called_as_a_derivative_is_written() -> None:
    z = Value(0.5, "z")
    dz = 3 * z
    y = dz / Value(2.0, "dx")
    label(dz=dz, y=y)
    question = LocalQuestion(Subject.of(y), "y", "dz")
    assert question.check("dz/dx/3/z").is_right
    assert question.check("z/dx/z").is_right


def test_a_weight_of_0_is_a_weight() -> None:
    subject = network()
    subject.find("w_21^(2)").data = 0.0
    question = ContributionQuestion(Subject.of(subject.root), "a_2^(2)", "z_1^(1)")
    assert "you used w₁₂⁽²⁾ in place of w₂₁⁽²⁾" in question.check("-17.5").text


def test_the_forms_of_a_formula_are_shown_with_numbers() -> None:
    question = FormulaQuestion(unit(), "a", forms=["(z - y)*z*(1 - z)", "(z - y)*(z - z**2)"])
    value = f"{question.answer()[0]:.6g}".replace("-", "−")
    lines = question.worked()[-2:]
    assert [line.split(" = ")[0] for line in lines] == ["∂E/∂a"] * 2
    assert all(line.endswith(f" = {value}") for line in lines)
    assert "(z − y)(z − z²) = " in lines[1]


def test_a_step_of_descent_is_computed_and_diagnosed() -> None:
    question = DescentQuestion(Subject.of(Value(1.5, "x") ** 2), "x", 0.1)
    for given in ("1.2", "x - λ*dy/dx", "x - 0.1*dy/dx", "1.5 - 0.1*3"):
        assert question.check(given).is_right, given
    for given, says in {
        "1.8": "you went uphill",
        "-1.5": "λ is missing",
        "1.4": "the derivative is missing",
        "-0.3": "you gave the change alone",
        "0.3": "you gave λ times the derivative: subtract it",
        "1.5": "you gave the number before the step",
        "3": "you gave the derivative",
    }.items():
        assert question.check(given).text.startswith(f"Not quite. It looks as if {says}"), given


def test_paths_may_be_typed_in_either_direction_and_order() -> None:
    question = PathsQuestion(product_of_both(), "x")
    for given in ("y a x; y b a x", "x->a->y;x-a-b-y", "y ← b ← a ← x ; y, a, x"):
        assert question.check(given).is_right, given
    named = PathsQuestion(two_paths(), "x")
    for given in ("y-a1-x; y-a2-x", "y>a1>x; y > a_2 > x", "y → a_1 → x; y, a2, x", "x=>a₁=>y; y a2 x"):
        assert named.check(given).is_right, given
    assert question.check("y a x").perhaps
    assert question.check("y a x").text.endswith(". From y, go to b too.")
    assert question.check("y b a x").text == "That is right, and 1 path of 2 is missing: from y, go to a too."
    assert question.check("y a x; y b x").text == "No: no arrow leads straight from x to b."
    assert question.check("y a b x").text == "No: a is not made from b."
    for given, message in (("y a", "a path leads from y to x"), ("", "write each path"), ("y c x", "unknown node 'c'")):
        with pytest.raises(ValueError, match=message):
            question.check(given)


def test_paths_over_a_shared_node_are_all_asked() -> None:
    x = Value(0.5, "x")
    a, b = 2 * x, 3 * x
    c = a * b
    d, e = c.tanh(), c.exp()
    y = d + e
    for name, node in {"a": a, "b": b, "c": c, "d": d, "e": e, "y": y}.items():
        node.label = name
    question = PathsQuestion(Subject.of(y), "x")
    assert len(question.answer()) == 4
    assert question.check("y d c a x; y d c b x").perhaps == (
        "you passed each node once: another path may pass it again",
    )


def test_any_order_with_complete_sums_is_right() -> None:
    question = OrderQuestion(two_paths())
    assert question.check("y a_1 a_2 x").is_right
    assert question.check("y a₂ a₁ x").is_right
    assert question.check("x a_1 a_2 y").perhaps == ("you took the order of the forward pass: begin at the output",)
    assert "x is visited too early: a₂ is made from it, and comes first" in question.check("y a_1 x a_2").text
    for given in ("y a_1 x", "y a_1 a_2 x x"):
        with pytest.raises(ValueError, match="write each of the 4 nodes once"):
            question.check(given)


def test_a_sign_is_predicted_and_the_leaf_moved() -> None:
    question = SignQuestion(two_paths(), "x")
    assert [question.check(word).is_right for word in ("up", "+", "Increases", "down", "−", "stays")] == [
        True, True, True, False, False, False
    ]  # fmt: skip
    for given in ("goes up", "it grows", "larger", "Bigger.", "it increases", "rises", "↑"):
        assert question.check(given).is_right, given
    for given in ("stay", "stays the same", "0", "unchanged", "falls", "sinks a little", "smaller", "-"):
        assert not question.check(given).is_right, given
    assert question.check("down").perhaps
    assert question.check("stay").text == "No. Compute ∂y/∂x: its sign is the answer."
    assert question.worked()[-1] == "x goes from 1.5 to 1.6: y goes up from 8.25 to 8.8, by 0.55"
    for unclear in ("maybe", "up or down", "it does not grow", ""):
        with pytest.raises(ValueError, match=f"answer up, down or stays, not '{unclear}'"):
            question.check(unclear)
    flat = SignQuestion(Subject.of(Value(-1.0, "x").relu()), "x")
    assert flat.check("stays").is_right
    assert flat.worked()[-1].endswith("y stays at 0")


def test_any_number_that_gives_the_wanted_derivative_is_right() -> None:
    question = SetQuestion(Subject.of(Value(1.5, "x") ** 3), "x", "x", 2.5)
    assert question.check("2.5").is_right
    assert question.check("−2.5").is_right
    assert question.check("2").text == "No: with x = 2, ∂y/∂x = 12."
    square = SetQuestion(Subject.of(Value(1.5, "x") ** 2), "x", "x", 1.75)
    factor = next(mistake for mistake in square.mistakes() if mistake.says.startswith("the factor 2"))
    assert factor.says in square.check(f"{factor.answer:.4g}").perhaps
    assert square.check("3.5").perhaps == ("you used x in place of ∂y/∂x", factor.says)
    log = SetQuestion(Subject.of(Value(1.5, "x").log()), "x", "x", 2.5)
    assert log.check("-1").text.startswith("No: log(x = -1.0) is not finite")
    assert SetQuestion(Subject.of(Value(1.5, "x") ** 2), "x", "x", 1.51).is_trivial


def test_a_row_says_which_of_its_numbers_are_right() -> None:
    question = RowQuestion(unit(), "w")
    assert question.text.startswith("What are ∂a/∂w; ∂E/∂w? (a = wx; ∂E/∂a = ")
    assert question.check("1.6; ∂E/∂a*x").is_right
    reply = question.check("0.7; dE/da*1.6")
    assert reply.text.startswith("∂a/∂w: it looks as if ")
    assert reply.text.endswith("∂E/∂w is right.")
    assert question.check("17; 17").text == "∂a/∂w is not right. ∂E/∂w is not right."
    with pytest.raises(ValueError, match="write 2 numbers with ; between, for ∂a/∂w; ∂E/∂w, not 1"):
        question.check("1.6")


def test_hints_cost_a_quarter_and_shown_answers_all() -> None:
    attempt = Attempt(TotalQuestion(two_paths(), "x"))
    assert not attempt.check("1").is_right
    assert attempt.score == 0.0
    assert [attempt.hint()[:11] for _ in range(2)] == ["hint 1 of 3", "hint 2 of 3"]
    assert attempt.check("5.5").is_right
    assert (attempt.score, attempt.n_tries) == (0.5, 2)
    attempt.show()
    assert attempt.score == 0.5, "what was answered may be looked at"
    shown = Attempt(TotalQuestion(two_paths(), "x"))
    shown.show()
    shown.check("5.5")
    assert shown.score == 0.0
    for _ in range(5):
        last = shown.hint()
    assert last.startswith("that was the last hint")


ONE_OF_EACH: list[Question[Any]] = [
    ValueQuestion(unit(), "E"),
    LocalQuestion(unit(), "z", "a"),
    ContributionQuestion(unit(), "z", "a"),
    RunningSumQuestion(two_paths(), "a_1", "x"),
    TotalQuestion(two_paths(), "x"),
    FormulaQuestion(unit(), "w"),
    PathsQuestion(two_paths(), "x"),
    OrderQuestion(two_paths()),
    SetQuestion(unit(), "w", "w", 0.25),
    SignQuestion(unit(), "w"),
    RowQuestion(unit(), "w"),
    DescentQuestion(unit(), "w", 0.1),
]


@pytest.mark.parametrize("question", ONE_OF_EACH, ids=lambda question: question.kind)
def test_a_question_is_data_too(question: Question[Any]) -> None:
    data = json.loads(json.dumps(question.to_data()))
    assert data["kind"] == question.kind
    assert data["text"] == question.text
    assert data["answer"] == question.format(question.answer())
    assert all(mistake["perhaps"] for mistake in data["mistakes"])
    assert data["answer"] not in [mistake["answer"] for mistake in data["mistakes"]]
    assert len(data["hints"]) >= 2
    assert data["worked"]
    assert question.reply_to(question.answer()).is_right


def test_every_kind_is_among_them() -> None:
    assert {type(question) for question in ONE_OF_EACH} == set(KINDS.values())


def test_paths_need_no_sign_between_them() -> None:
    question = PathsQuestion(two_paths(), "x")
    for given in ("y a1 x, y a2 x", "y a1 x y a2 x", "x a1 y; y,a2,x"):
        assert question.check(given).is_right, given


def test_a_sign_is_a_word_and_its_first_answer_counts() -> None:
    question = SignQuestion(two_paths(), "x")
    with pytest.raises(ValueError, match="answer up, down or stays"):
        question.check("dy/da_1*x + 1")
    attempt = Attempt(question)
    attempt.check("down")
    assert attempt.check("up").is_right
    assert attempt.score == 0.0


def test_a_fault_in_one_term_is_named() -> None:
    w, x = Value(0.6, "w"), Value(1.7, "x")
    a = w * x
    z = a.tanh()
    y = w * z
    label(a=a, z=z, y=y)
    question = FormulaQuestion(Subject.of(y), "w")
    for given, says in {
        "z + dy/da*w": "one term is wrong: on the path through a, you used w in place of ∂a/∂w",
        "dy/da": "you used ∂y/∂a alone: multiply it by ∂a/∂w, and add the other paths",
        "z + x*(1 - z^2)": "you used ∂z/∂a in place of ∂y/∂a",
        "z": "the path through a is missing: add its contribution",
    }.items():
        assert says in question.check(given).perhaps, given
    assert question.check("z + dy/da*x").is_right


def test_the_rule_is_asked_and_not_its_name() -> None:
    question = FormulaQuestion(unit(), "z", "a")
    with pytest.raises(ValueError, match="write the rule by which it is computed"):
        question.check("σ'(a)")
    assert question.check("z*(1 - z)").is_right


def test_a_wanted_number_may_be_computed_from_those_of_now() -> None:
    question = SetQuestion(Subject.of(Value(1.5, "x") ** 2), "x", "x", 2.5, form="2*x", solution="x*{wanted}/(2*x)")
    assert question.check("x + (5 - dy/dx)/2").is_right
    lines = question.worked()
    assert lines[0] == "solve 2x = 5 for x:"
    assert lines[1].endswith(" = 2.5")
