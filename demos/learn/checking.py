"""`learn check`: solves every exercise with the engine, makes every mistake, and demands its diagnosis."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from demos.learn.drawing import Draws, number_questions
from demos.learn.exercise import Exercise
from engine import grad
from viz.questions.kinds.descent import DescentQuestion
from viz.questions.kinds.edges import ContributionQuestion, LocalQuestion, RunningSumQuestion
from viz.questions.kinds.formulas import FormulaQuestion
from viz.questions.kinds.numbers import NumberQuestion, ValueQuestion
from viz.questions.kinds.order import OrderQuestion
from viz.questions.kinds.paths import PathsQuestion
from viz.questions.kinds.totals import TotalQuestion
from viz.questions.kinds.wanted import SetQuestion
from viz.questions.question import Question
from viz.questions.separation import Group


@dataclass
class Figures:
    """The figures of a check.

    Attributes:
        questions: The number of questions that were answered.
        mistakes: The number of mistakes that were made, each with its diagnosis.
        collisions: The number of pairs of mistakes whose answers cannot be told apart.
        problems: The sentences about what is wrong.
    """

    questions: int = 0
    mistakes: int = 0
    collisions: int = 0
    problems: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        return f"{self.questions:6,} questions {self.mistakes:8,} mistakes diagnosed {self.collisions:4} collisions"

    def add(self, other: Figures) -> None:
        """Add the figures of another check."""
        self.questions += other.questions
        self.mistakes += other.mistakes
        self.collisions += other.collisions
        self.problems += other.problems


def check(exercise: Exercise, seeds: Iterable[int], turns: Iterable[int]) -> Figures:
    """Check an exercise with the numbers of these seeds and turns.

    >>> from demos.learn.exercise import load
    >>> figures = check(load("chain"), range(2), [0])
    >>> figures.problems, figures.collisions, figures.questions, figures.mistakes > 20
    ([], 0, 10, True)
    """
    draws, figures = Draws(exercise), Figures()
    for seed in seeds:
        for turn in turns:
            numbers = draws.numbers(seed, turn)
            figures.collisions += int(draws.collisions(numbers))
            questions = exercise.ask(numbers)
            problems = [says for question in questions for says in _problems(question, figures)]
            for question, groups in zip(number_questions(questions), draws.groups, strict=True):
                problems += _number_problems(question, groups)
            figures.problems += [f"{exercise.name} with seed {seed}: {says}" for says in problems]
    return figures


def _problems(question: Question[Any], figures: Figures) -> Iterator[str]:
    """The sentences about a right answer that is not taken, and mistakes that are not found."""
    figures.questions += 1
    answer = question.answer()
    replies = [question.reply_to(answer)]
    if isinstance(answer, float):
        replies.append(question.check(f"{answer:.3g}"))
    elif isinstance(question, (PathsQuestion, OrderQuestion)):
        replies.append(question.check(question.format(answer)))
    elif isinstance(question, FormulaQuestion):
        replies += map(question.check, question.forms)
    elif isinstance(question, SetQuestion) and question.solution:
        replies.append(question.check(question.solved))
    if not all(reply.is_right for reply in replies):
        yield f"{question.text} The right answer, {question.format(answer)}, is not taken"
    for mistake in question.mistakes():
        figures.mistakes += 1
        reply = question.reply_to(mistake.answer)
        if reply.is_right or mistake.says not in reply.perhaps:
            yield f"{question.text} To {question.format(mistake.answer)} it says {reply.text!r}, not {mistake.says!r}"


def _number_problems(question: NumberQuestion, groups: Iterable[Group]) -> Iterator[str]:
    """The sentences about a number that is not the engine's, and about wrong diagnoses.

    A mistake's number, with four digits, must be explained by the faults of its group, no more and no less.
    """
    expected = _number_by_engine(question)
    if not math.isclose(expected, question.answer(), rel_tol=1e-12, abs_tol=1e-15):
        yield f"{question.text} The engine says {expected}, not {question.answer()}"
    for group in groups:
        if 0 not in group:
            reply = question.check(f"{question.numbers[group[0]]:.4g}")
            says = {question.says(question.faults[i - 1]) for i in group}
            if set(reply.perhaps) != says:
                yield f"{question.text} To {question.numbers[group[0]]:.4g} it says {reply.perhaps}, not {says}"


def _number_by_engine(question: NumberQuestion) -> float:
    """The answer as the engine computes it: by `forward`, by `grad`, or as it passes over the edge."""
    match question:
        case ValueQuestion(subject, node):
            return subject.find(node).data
        case TotalQuestion(subject, node):
            return float(grad(subject.root, [subject.find(node)])[0])
        case LocalQuestion():
            return question.step.local_derivative
        case ContributionQuestion():
            return question.step.contribution
        case RunningSumQuestion():
            return question.step.result
        case DescentQuestion(subject, leaf, rate):
            x = subject.find(leaf)
            return x.data - rate * float(grad(subject.root, [x])[0])
    raise TypeError(f"the check does not know questions of kind {question.kind!r}")
