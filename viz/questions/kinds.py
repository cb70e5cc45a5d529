"""The kinds of questions by name."""

from __future__ import annotations

from typing import Any

from viz.questions.descent import DescentQuestion
from viz.questions.edges import ContributionQuestion, LocalQuestion, RunningSumQuestion
from viz.questions.numbers import ValueQuestion
from viz.questions.order import OrderQuestion
from viz.questions.paths import PathsQuestion
from viz.questions.question import Question
from viz.questions.rows import RowQuestion
from viz.questions.signs import SignQuestion
from viz.questions.totals import TotalQuestion
from viz.questions.typed_formulas import FormulaQuestion
from viz.questions.wanted import SetQuestion

KINDS: dict[str, type[Question[Any]]] = {
    kind.kind: kind
    for kind in (
        ValueQuestion, LocalQuestion, ContributionQuestion, RunningSumQuestion, TotalQuestion, FormulaQuestion,
        PathsQuestion, OrderQuestion, SetQuestion, SignQuestion, RowQuestion, DescentQuestion,
    )
}  # fmt: skip
