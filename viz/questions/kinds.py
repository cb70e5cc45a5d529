"""The kinds of questions by name."""

from __future__ import annotations

from typing import Any

from viz.questions.edges import ContributionQuestion, LocalQuestion, RunningSumQuestion
from viz.questions.experiments import SetQuestion, SignQuestion
from viz.questions.numbers import ValueQuestion
from viz.questions.question import Question
from viz.questions.routes import OrderQuestion, PathsQuestion
from viz.questions.rows import RowQuestion
from viz.questions.totals import TotalQuestion
from viz.questions.typed_formulas import FormulaQuestion

KINDS: dict[str, type[Question[Any]]] = {
    kind.kind: kind
    for kind in (
        ValueQuestion, LocalQuestion, ContributionQuestion, RunningSumQuestion, TotalQuestion, FormulaQuestion,
        PathsQuestion, OrderQuestion, SetQuestion, SignQuestion, RowQuestion,
    )
}  # fmt: skip
