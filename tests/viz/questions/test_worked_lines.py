"""Worked lines: whoever computes with the numbers that are shown comes to the digits that are shown."""

from __future__ import annotations

import re
from typing import Any

import pytest

from engine import Value
from tests.viz.questions.subjects import network, two_paths, unit
from tests.viz.questions.worked_lines import check_line
from viz.questions.kinds.edges import ContributionQuestion, LocalQuestion, RunningSumQuestion
from viz.questions.kinds.numbers import ValueQuestion
from viz.questions.kinds.signs import SignQuestion
from viz.questions.kinds.totals import TotalQuestion
from viz.questions.question import Question
from viz.questions.subject import Subject


def graphs() -> list[Subject]:
    x = Value(1.1, "x")
    kink = (x * 0.7 - 0.33).relu() * (x / 3).sigmoid()
    return [unit(1 / 3, 1.7, 0.3), two_paths(2 / 7), network(), Subject.of(kink, "all"), unit(0.123456, 2.34567, -1)]


@pytest.mark.parametrize("subject", graphs())
def test_shown_numbers_give_the_shown_result(subject: Subject) -> None:
    questions: list[Question[Any]] = []
    names = subject.view.names
    for step in list(subject.steps)[subject.steps.n_forward + 1 :]:
        ends = subject, names[step.node], names[step.target]
        number, _ = subject.steps.edge_number(step)
        questions += [kind(*ends, number) for kind in (LocalQuestion, ContributionQuestion, RunningSumQuestion)]
        questions.append(TotalQuestion(subject, names[step.target]))
    questions += [ValueQuestion(subject, names[node]) for node in names if node.inputs]
    questions += [SignQuestion(subject, names[leaf]) for leaf in subject.leaves]
    lines = [line for question in questions for line in question.worked() if ", by " not in line]
    assert sum(check_line(line) > 1 for line in lines) > len(names), "there are many to check"


def test_a_check_of_lines_can_fail() -> None:
    assert check_line("∂y/∂a = 0.622459 · 0.377541 = 0.235004") == 2
    with pytest.raises(AssertionError, match=re.escape("0.6225 · 0.3775")):
        check_line("∂y/∂a = 0.6225 · 0.3775 = 0.235004")
