"""Mistakes that can be told apart, those that are one, and numbers with which they collide."""

from __future__ import annotations

from dataclasses import replace

from engine import Value, greater, label, ops, toposort, where
from tests.viz.questions.subjects import two_paths, unit
from viz.questions.kinds.edges import LocalQuestion
from viz.questions.kinds.totals import TotalQuestion
from viz.questions.separation import SIZES, collisions, groups_of, redrawn
from viz.questions.subject import MAX_NODES, Subject


def product(w: float, x: float) -> LocalQuestion:
    return LocalQuestion(Subject.of(Value(w, "w") * Value(x, "x")), "y", "x")


def test_faults_that_always_agree_are_one_group() -> None:
    samples = [product(1.37, 2.21), product(-0.61, 1.73)]
    groups = groups_of(samples)
    assert sum(0 in group for group in groups) == 1
    says = [{samples[0].says(samples[0].faults[i - 1]) for i in group if i} for group in groups]
    assert {"you used ∂y/∂w in place of ∂y/∂x", "you used x in place of ∂y/∂x"} in says
    assert len(groups) > 4


def test_numbers_that_agree_by_chance_collide() -> None:
    groups = groups_of([product(1.37, 2.21), product(-0.61, 1.73)])
    assert collisions(product(1.3, 2.1), groups) == 0
    assert collisions(product(-2.1, 2.1), groups) > 0, "the sign, and another input"
    assert collisions(product(2.1, 2.1), groups) > 0, "another input, and the right one"
    assert collisions(product(2.1, 2.13), groups) > 0, "nearly"


def test_a_fault_without_a_number_is_left_out() -> None:
    kink = LocalQuestion(Subject.of(Value(-1.5, "x").relu()), "y", "x")
    groups = groups_of([kink, kink])
    reciprocal = next(i for i, fault in enumerate(kink.faults, 1) if "upside down" in fault.says)
    assert not any(reciprocal in group for group in groups)


def test_a_question_is_asked_again_with_other_numbers() -> None:
    for question in (TotalQuestion(unit(), "w"), TotalQuestion(two_paths(), "x")):
        before = [leaf.data for leaf in question.subject.leaves]
        other = redrawn(question, seed=3)
        assert type(other) is type(question)
        assert all(abs(leaf.data) in SIZES for leaf in other.subject.leaves)
        assert [leaf.data for leaf in question.subject.leaves] == before, "on a copy"
    assert redrawn(product(2.0, 2.0), 1).answer() == redrawn(product(2.0, 2.0), 1).answer()


def test_formulas_are_not_compared_in_large_graphs() -> None:
    x = Value(1.5, "x")
    y = x
    for _ in range(MAX_NODES):
        y = y + 1.0
    question = TotalQuestion(Subject.of(y, "all"), "x")
    assert question.subject.points == ()
    assert question.check("x - 0.5").text == "Right: 1."
    assert replace(question, node="x") == question


def test_a_question_is_not_compared_where_it_cannot_be_asked() -> None:
    x, w = Value(2.5, "x"), Value(0.5, "w")
    a = x * w
    a.label = "a"
    question = LocalQuestion(Subject.of(where(greater(x, w), a, x), "all"), "y", "a")
    assert 0 < len(question.elsewhere) < len(question.subject.points), "in the other branch, a does not count"
    assert (
        question.check("x - 1.5").text == "Right: 1. But by chance: with other numbers, this formula does not give it."
    )
    assert redrawn(question, 0).can_be_asked()


def test_formulas_are_not_compared_where_numbers_are_not_finite() -> None:
    x = Value(0.005, "x")
    question = TotalQuestion(Subject.of((x * 70_000.0).exp()), "x")
    assert question.subject.points == ()
    assert question.check("70000*y").text.startswith("Right: ")


def test_constants_on_arrows_are_redrawn_and_others_stay() -> None:
    x = Value(1.5, "x")
    a = 3 * x
    y = (a - 0.5) ** 2 / 2
    label(a=a, y=y)
    other = redrawn(TotalQuestion(Subject.of(y), "x"), seed=1).subject
    constants = [node.data for node in toposort(other.root) if node.op is ops.constant]
    assert constants[0] in SIZES
    assert constants[0] != 3.0
    assert constants[1:] == [0.5, 2.0, 2.0], "a term, an exponent and a divisor do not stand on arrows"
    assert a.inputs[0].data == 3.0, "it is a copy"
