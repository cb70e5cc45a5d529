"""The question about a step of gradient descent, whose worked answer does the step."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

from engine import Value
from viz.math.equations import numeral, times
from viz.math.formulas import format_number
from viz.math.numbers_put_in import computed_line
from viz.questions import wording
from viz.questions.kinds.numbers import NumberQuestion
from viz.questions.kinds.totals import TotalQuestion
from viz.questions.rules import Fault, Rules

_RATE_NAMES = ("λ", "lambda")
_IN_DESCENT = (
    Fault("you went uphill: subtract λ times the derivative", "descend", lambda _, x, slope, rate: x + rate * slope),
    Fault("λ is missing: the step is λ times the derivative", "descend", lambda _, x, slope, rate: x - slope),
    Fault(
        "the derivative is missing: the step is λ times the derivative", "descend", lambda _, x, slope, rate: x - rate
    ),
    Fault("you gave the change alone: add it to the number before", "descend", lambda _, x, slope, rate: -rate * slope),
    Fault(
        "you gave λ times the derivative: subtract it from the number before",
        "descend",
        lambda _, x, slope, rate: rate * slope,
    ),
    Fault("you gave the number before the step", "descend", lambda _, x, slope, rate: x),
    Fault("you gave the derivative: the number after the step is asked", "descend", lambda _, x, slope, rate: slope),
)


@dataclass(frozen=True)
class DescentQuestion(NumberQuestion):
    """The number of a leaf after a step of gradient descent, x − λ · ∂y/∂x (31), with λ, the `rate`.

    >>> from viz.questions.subject import Subject
    >>> question = DescentQuestion(Subject.of(Value(1.5, "x") ** 2), "x", rate=0.1)
    >>> question.text
    '∂y/∂x = 3 at x = 1.5. What is x after a step of gradient descent with λ = 0.1?'
    >>> question.check("1.8").perhaps
    ('you went uphill: subtract λ times the derivative',)
    >>> question.check("x - lambda*dy/dx").text
    'Right: 1.2.'
    >>> for line in question.worked():
    ...     print(line)
    x − λ · ∂y/∂x = 1.5 − 0.1 · 3 = 1.2
    predicted: ∂y/∂x · (change of x) = 3 · (−0.3) = −0.9
    y goes down from 2.25 to 1.44, by 0.81
    """

    leaf: str
    rate: float
    kind: ClassVar[str] = "descent"
    faults: ClassVar[tuple[Fault, ...]] = _IN_DESCENT

    def __post_init__(self) -> None:
        if not (math.isfinite(self.rate) and self.rate > 0.0):
            raise ValueError(f"λ must be a finite number above 0, not {self.rate!r}")

    @cached_property
    def _total(self) -> TotalQuestion:
        return TotalQuestion(self.subject, self.leaf)

    @property
    def _leaf(self) -> Value:
        return self.subject.leaf(self.leaf)

    @property
    def text(self) -> str:
        """The derivative, where one stands, and what is asked."""
        slope = f"{self._derivative} = {format_number(self._total.answer())}"
        stands = wording.numbers_of(self.subject, [self._leaf])
        return f"{slope} at {stands}. What is {self._name} after a step of gradient descent with λ = {self.rate:g}?"

    @property
    def _name(self) -> str:
        return self.subject.name(self._leaf)

    @property
    def _derivative(self) -> str:
        return self.subject.derivative(self.leaf)

    def number(self, rules: Rules) -> float:
        """The number after the step by these rules."""
        return rules.descend(self._leaf.data, self._total.answer(), self.rate)

    @property
    def step_number(self) -> int:
        """The number of the last step to the leaf."""
        return self._total.step_number

    @property
    def inputs(self) -> list[Value]:
        """All nodes."""
        return self._total.inputs

    def known(self) -> dict[str, float]:
        """All values, the derivative, and λ."""
        known = self.subject.values(self.subject.view.names, [(self._leaf, self._total.answer())])
        return dict.fromkeys(_RATE_NAMES, self.rate) | known

    def hints(self) -> list[str]:
        """The rule, and the numbers with one blank."""
        return [
            f"against the derivative, and λ times as far: from {self._name} to {self._rule}",
            f"{self._rule} = {format_number(self._leaf.data)} − {self.rate:g} · {wording.BLANK}",
        ]

    @property
    def _rule(self) -> str:
        return f"{self._name} − λ · {self._derivative}"

    def worked(self) -> list[str]:
        """The step, the change of the output that the derivative predicts, and the true one."""
        x, slope, root = self._leaf.data, self._total.answer(), self.subject.root
        move = self.answer() - x
        after = self.subject.with_leaf(self.leaf, self.answer()).root.data
        step = numeral(x) - times(numeral(self.rate), numeral(slope))
        return [
            f"{self._rule} = {computed_line(step, self.answer())}",
            f"predicted: {self._derivative} · (change of {self._name}) ="
            f" {computed_line(times(numeral(slope), numeral(move)), slope * move)}",
            f"{self.subject.name(root)} {wording.change(root.data, after)}",
        ]
