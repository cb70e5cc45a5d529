"""The kinds of questions by name, and questions about a graph by the name of their kind."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from engine import Value
from engine._support.checks import check_instance
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
from viz.questions.question import Question
from viz.questions.subject import Subject
from viz.stepping.stepper import Stepper

KINDS: dict[str, type[Question[Any]]] = {
    kind.kind: kind
    for kind in (
        ValueQuestion, LocalQuestion, ContributionQuestion, RunningSumQuestion, TotalQuestion, FormulaQuestion,
        PathsQuestion, OrderQuestion, SetQuestion, SignQuestion, RowQuestion, DescentQuestion,
    )
}  # fmt: skip


def ask(
    output: Value, *nodes: Value | str, kind: str = "derivative", view: str | None = None, **details: Any
) -> Question[Any]:
    """A question about a graph: by default, what the derivative of the output with respect to a node is.

    Its `text` is the question; `check(answer)` replies, and says what a wrong answer looks like; `hints()` help, and
    `worked()` is the way to the answer. The question is about a copy of the graph, with its present leaves.

    Args:
        output: The output of the graph.
        nodes: The nodes that the question is about, as `Value`s or by name: of an edge, its end and its beginning.
        kind: One of `viz.questions.asking.KINDS`.
        view: "paper" or "all", as of `viz.Stepper`.
        details: What else the kind needs, such as `rate` of "descent".

    Raises TypeError if `output` is not a Value, or the nodes and details are not those of the kind; ValueError for an
    unknown kind, or nodes that such a question cannot be about.

    >>> from engine import label
    >>> x = Value(3.0, "x")
    >>> a = x * x
    >>> y = 2 * a
    >>> label(a=a, y=y)
    >>> ask(y, "x").text
    'a = x · x, with x = 3. ∂y/∂a = 2. What is ∂y/∂x?'
    >>> ask(y, x).check("-12").text
    'Not quite. It looks as if the sign is wrong.'
    >>> ask(y, "y", "a", kind="local derivative").check("2").is_right
    True
    """
    check_instance(output, Value, "the output that a question is about must be a Value")
    if kind not in KINDS:
        raise ValueError(f"unknown kind of question {kind!r}; choose from {', '.join(KINDS)}")
    stepper, made = Stepper(output, view), KINDS[kind]
    names = [stepper.names[stepper.find(node)] for node in nodes]
    given = ", ".join([*names, *details]) or "nothing"
    try:
        question = made(Subject(stepper.steps), *names, **details)
    except TypeError:
        needed = ", ".join(field.name for field in fields(made)[1:]) or "nothing but the output"
        raise TypeError(f"a question of kind {kind!r} needs {needed}, not {given}") from None
    try:
        question.answer()
    except (LookupError, TypeError):
        raise ValueError(f"a question of kind {kind!r} cannot be about {given}") from None
    return question
