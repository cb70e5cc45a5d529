"""The quiz: a question about each of the next steps of a recording."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from engine._support.checks import value_error_unless
from viz.questions.kinds.edges import ContributionQuestion, EdgeQuestion, LocalQuestion, RunningSumQuestion
from viz.questions.kinds.numbers import NumberQuestion, ValueQuestion
from viz.questions.kinds.signs import SignQuestion
from viz.questions.kinds.totals import TotalQuestion
from viz.questions.subject import Subject
from viz.stepping.recording import Recording

if TYPE_CHECKING:
    from viz.stepping.stepper import Stepper

DEFAULT_QUESTIONS = 5
StepQuestion = NumberQuestion | SignQuestion
EDGE_KINDS: tuple[type[EdgeQuestion], ...] = (LocalQuestion, ContributionQuestion, RunningSumQuestion)


@dataclass
class Quiz:
    """A quiz that goes on, a question about each step.

    Attributes:
        n_questions: The number of its questions.
        number: The number of the present question, from 1; 0 before the first.
        points: The sum of the scores.
        question: The present question, about the numbers of the graph.

    >>> from engine import Value
    >>> from viz import Stepper
    >>> stepper = Stepper(Value(2.5, "w") * Value(1.5, "x"))
    >>> quiz = Quiz.of(stepper)
    >>> quiz.next(stepper).text, quiz.place
    ('y = wx, with w = 2.5, x = 1.5. What is y?', 'question 1 of 3')
    """

    n_questions: int
    number: int = field(default=0, init=False)
    points: float = field(default=0.0, init=False)
    question: StepQuestion = field(init=False)

    @classmethod
    def of(cls, stepper: Stepper, n_questions: int | None = None) -> Quiz:
        """A quiz about the next steps: as many as wanted, if there are; by default `DEFAULT_QUESTIONS`.

        Raises ValueError if all steps are done, or for less than 1 question.
        """
        value_error_unless(n_questions is None or n_questions >= 1, "a quiz has 1 question or more", n_questions)
        steps, position = stepper.steps, stepper.position
        n_ahead = len(steps) - position - (position <= steps.n_forward)
        return cls(max(1, min(n_questions or DEFAULT_QUESTIONS, n_ahead)))

    def next(self, stepper: Stepper) -> StepQuestion:
        """Go on to the question about the next step. Raises ValueError if all steps are done."""
        self.question = stepper.quiz()
        self.number += 1
        return self.question

    @property
    def place(self) -> str:
        """The number of the question, and of all."""
        return f"question {self.number} of {self.n_questions}"

    @property
    def is_over(self) -> bool:
        """Whether the present question is the last."""
        return self.number == self.n_questions


def next_question(steps: Recording, position: int) -> StepQuestion:
    """The question about the next step: a value, or in turn a local derivative, a contribution, a running sum.

    Where the sum is whole, it is about the whole derivative, with all edges, or of a leaf, about its sign.
    Raises ValueError if all steps are done.

    >>> from engine import Value
    >>> from viz import Stepper
    >>> steps = Stepper(Value(2.5, "w") * Value(1.5, "x")).steps
    >>> next_question(steps, 0).text
    'y = wx, with w = 2.5, x = 1.5. What is y?'
    >>> next_question(steps, 1).text  # ∂y/∂y = 1 is not asked
    'y = wx, with w = 2.5, x = 1.5. What is the local derivative ∂y/∂w?'
    """
    subject = Subject(steps)
    names = subject.view.names
    if position < steps.n_forward:
        return ValueQuestion(subject, names[steps[position].node])
    ahead = max(position, steps.n_forward + 1)
    if ahead >= len(steps):
        raise ValueError("all steps are done: rs goes back, first goes to the start")
    step = steps[ahead]
    number, _ = steps.edge_number(step)
    kind = EDGE_KINDS[step.number % len(EDGE_KINDS)]
    if kind is RunningSumQuestion and step.is_complete:
        return whole_question(subject, names[step.target])
    return kind(subject, names[step.node], names[step.target], number)


def whole_question(subject: Subject, x: str) -> StepQuestion:
    """The question about the sign of the change with a leaf, or where the derivative does not tell it, about that."""
    if not subject.find(x).inputs:
        with suppress(ValueError):
            question = SignQuestion(subject, x)
            question.answer()
            return question
    return TotalQuestion(subject, x)
