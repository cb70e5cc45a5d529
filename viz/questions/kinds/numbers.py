"""Questions whose answer is a number, and the first of them: that of a value."""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cached_property
from typing import ClassVar

from engine import Value
from viz.math.formulas import format_number
from viz.questions import wording
from viz.questions.naming import StepNames
from viz.questions.question import Mistake, Question, Reply, answer_text, join_perhaps
from viz.questions.rules import Fault, Rules
from viz.questions.typed_derivatives import Pair, derivatives_in
from viz.questions.value_faults import IN_VALUES
from viz.stepping.answers import read_answer, right_side
from viz.stepping.recording import Step

REL_TOLERANCE = 5e-3  # three digits
ABS_TOLERANCE = 1e-15  # of 0, which rounding may miss; small numbers are asked to three digits too
CLOSE = 2.0  # tolerances from the right number: within 1 %
IS_CLOSE = "Close, but not to 3 digits."


def is_close(x: float, y: float, n_tolerances: float = 1.0) -> bool:
    """Whether two numbers agree to three digits, or to `n_tolerances` times that tolerance.

    >>> is_close(0.0223, 0.02234), is_close(0.0223, 0.0226), is_close(0.0223, 0.0226, 4)
    (True, False, True)
    """
    return math.isclose(x, y, rel_tol=n_tolerances * REL_TOLERANCE, abs_tol=ABS_TOLERANCE)


@dataclass(frozen=True)
class NumberQuestion(Question[float]):
    """A question whose answer is a number, or a formula that has this number."""

    faults: ClassVar[tuple[Fault, ...]] = ()  # the likeliest first
    rule: ClassVar[str] = ""  # the first hint, with places for names
    tolerance: ClassVar[str] = "3 digits are enough"

    @abstractmethod
    def number(self, rules: Rules) -> float:
        """The number by these rules."""

    @property
    @abstractmethod
    def step_number(self) -> int:
        """The number of the recorded step that computes it."""

    @property
    @abstractmethod
    def inputs(self) -> list[Value]:
        """The nodes whose values it is computed from."""

    def asked_steps(self) -> Sequence[Step]:
        """The backward steps that the question is about."""
        return ()

    def faulty_steps(self, fault: Fault) -> Sequence[Step]:
        """Those of them that a fault is in."""
        return self.asked_steps()

    def says(self, fault: Fault) -> str:
        """The sentence about a fault, in the names of this graph."""
        if fault not in self._said:
            with suppress(LookupError):
                self._said[fault] = fault.named.format_map(StepNames(self.subject, self.faulty_steps(fault)))
        return self._said.get(fault) or fault.says

    @cached_property
    def _said(self) -> dict[Fault, str]:
        return {}

    @cached_property
    def numbers(self) -> list[float]:
        """The right number, then that of each of the `faults`; NaN where a fault does not give a number."""
        return [self.answer(), *map(self.number_with, self.faults)]

    def number_with(self, fault: Fault | None) -> float:
        """The number with a fault; NaN if that does not give one."""
        try:
            return self.number(Rules(self.subject, fault))
        except (ArithmeticError, LookupError, ValueError):
            if fault is None:
                raise
            return math.nan

    def answer(self) -> float:
        """The right number."""
        return self._right

    @cached_property
    def _right(self) -> float:
        return self.number_with(None)

    def mistakes(self) -> list[Mistake[float]]:
        """The numbers of the faults, other than the right one."""
        pairs = zip(self.faults, self.numbers[1:], strict=True)
        return [
            Mistake(number, self.says(fault))
            for fault, number in pairs
            if math.isfinite(number) and not self.is_same(number, self.answer())
        ]

    @property
    def asked(self) -> Pair | None:
        """The nodes of the derivative that is asked; None if a value is, and answers cannot name derivatives."""
        return None

    def read(self, given: str) -> float:
        """The number of a number or of a formula, in which derivatives other than that which is asked may stand."""
        known, given = self.known(), right_side(given)
        return read_answer(
            given, known | (derivatives_in(self.subject, given, self.asked, known) if self.asked else {})
        )

    def is_same(self, given: float, answer: float) -> bool:
        """Whether they agree to three digits."""
        return is_close(given, answer)

    def look(self, found: float) -> str:
        """Whether it is close, at least."""
        return IS_CLOSE if is_close(found, self.answer(), CLOSE) else "No."

    def format(self, answer: float) -> str:
        """The number with six digits."""
        return format_number(answer)

    def check(self, given: str | float) -> Reply:
        """The reply; where a formula was typed, to the formula, which is compared at other numbers too."""
        given = answer_text(given)
        reply = super().check(given)
        if not self._has_names(given):
            return reply
        given_numbers = self.at_points(given)
        of_rules = self.numbers_at_points()
        if reply.is_right:
            if all(map(is_close, given_numbers, of_rules[0])):
                return reply
            return replace(
                reply, text=f"{reply.text} But by chance: with other numbers, this formula does not give it."
            )
        fitting = [
            says
            for fault, numbers in zip(self.faults, of_rules[1:], strict=True)
            if all(map(is_close, given_numbers, numbers)) and (says := self.says(fault)) in reply.perhaps
        ]
        if not fitting:
            return reply if reply.perhaps else replace(reply, text="No.")  # a formula is not close to another
        perhaps = tuple(dict.fromkeys(fitting))
        return Reply(False, perhaps, join_perhaps(perhaps, source="by your formula, it looks as if "))

    def tell_apart(self) -> str:
        """The advice to type a formula."""
        return "A formula with names in place of the number would show which."

    def at_points(self, given: str) -> list[float]:
        """The number of a typed formula in each of the questions `elsewhere`; NaN where it does not have one."""
        found = []
        for question in self.elsewhere:
            try:
                found.append(question.read(given))
            except (ArithmeticError, ValueError):
                found.append(math.nan)
        return found

    def numbers_at_points(self) -> list[list[float]]:
        """The `numbers` at the points: a list for each fault, that of the right rules first."""
        return [[question.numbers[i] for question in self.elsewhere] for i in range(len(self.faults) + 1)]

    @cached_property
    def elsewhere(self) -> list[NumberQuestion]:
        """The question at the subject's points, without those at which it cannot be asked, as in another branch."""
        return [
            question for subject in self.subject.points if (question := replace(self, subject=subject)).can_be_asked()
        ]

    def can_be_asked(self) -> bool:
        """Whether there is an answer: in another branch, an edge may be absent."""
        try:
            self.answer()
        except (ArithmeticError, ValueError):
            return False
        return True

    def _has_names(self, given: str) -> bool:
        try:
            read_answer(given, {})
        except (ValueError, ArithmeticError):
            return True
        return False


@dataclass(frozen=True)
class ValueQuestion(NumberQuestion):
    """The value of a node, from the values before it.

    >>> from viz.questions.subject import Subject
    >>> question = ValueQuestion(Subject.of(3 * Value(1.5, "x")), "y")
    >>> question.text, question.check("3*x").text
    ('y = 3x, with x = 1.5. What is y?', 'Right: 4.5.')
    >>> question.check("−4.5").text
    'Not quite. It looks as if the sign is wrong.'
    """

    node: str
    kind: ClassVar[str] = "value"
    faults: ClassVar[tuple[Fault, ...]] = IN_VALUES
    rule: ClassVar[str] = "put its number in the place of each name, and compute"

    @property
    def _node(self) -> Value:
        return self.subject.find(self.node)

    @property
    def inputs(self) -> list[Value]:
        """The nodes that the node is made from."""
        return [x for x in self.subject.view.inputs(self._node) if x in self.subject.view.names]

    @property
    def text(self) -> str:
        """The formula and the numbers in it, and what is asked."""
        known = wording.equation_with_values(self.subject, [self._node], self.inputs)
        return f"{known}. What is {self.subject.name(self._node)}?"

    def number(self, rules: Rules) -> float:
        """The value by these rules."""
        return rules.value(self._node)

    @cached_property
    def step_number(self) -> int:
        """The number of the forward step of the node."""
        number = self.subject.steps.next_completing(self._node, 0)
        assert number is not None
        return number

    def known(self) -> dict[str, float]:
        """The values of the nodes before it."""
        order = list(self.subject.view.names)
        return self.subject.values(order[: order.index(self._node)])

    def hints(self) -> list[str]:
        """The rule, and the numbers with one blank; the rest stands in the question."""
        return [self.rule, wording.relation_with_blank(self.subject, self._node)]

    def worked(self) -> list[str]:
        """The computation, in names and in numbers."""
        return [wording.value_equation(self.subject, self._node)]
