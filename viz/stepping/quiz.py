"""The quiz: the question about the next step of a recording."""

from __future__ import annotations

from viz.questions.edges import ContributionQuestion, EdgeQuestion, LocalQuestion, RunningSumQuestion
from viz.questions.numbers import NumberQuestion, ValueQuestion
from viz.questions.subject import Subject
from viz.stepping.recording import Recording

EDGE_KINDS: tuple[type[EdgeQuestion], ...] = (LocalQuestion, ContributionQuestion, RunningSumQuestion)


def next_question(steps: Recording, position: int) -> NumberQuestion:
    """The question about the next step: a value, or in turn a local derivative, a contribution, a running sum.

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
        raise ValueError("all steps are done; go back first")
    step = steps[ahead]
    number, _ = steps.edge_number(step)
    return EDGE_KINDS[step.number % 3](subject, names[step.node], names[step.target], number)
