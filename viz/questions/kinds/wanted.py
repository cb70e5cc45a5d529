"""The question about the number of a leaf with which a derivative is a wanted one."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, partial
from itertools import pairwise
from typing import ClassVar

from viz.math.formulas import format_number
from viz.questions import wording
from viz.questions.kinds.numbers import is_close
from viz.questions.kinds.totals import TotalQuestion
from viz.questions.question import Mistake, Question
from viz.questions.rules import Fault, Rules
from viz.questions.separation import MIN_TOLERANCES
from viz.stepping.answers import read_answer

SMALLEST = 1e-3  # wanted derivative
LOW, HIGH, N_TRIED, N_HALVED = -4.03, 4.03, 40, 14  # where a leaf's number is looked for


@dataclass(frozen=True)
class SetQuestion(Question[float]):
    """The number of a leaf with which the derivative of the output with respect to a node is a wanted one.

    `wanted_at` is a number of the leaf with which it is. Any number with which it is, is right. For the worked answer,
    `form` is a formula of the derivative, and `solution` that of the leaf, in which {wanted} is the wanted number.

    >>> from engine import Value
    >>> from viz.questions.subject import Subject
    >>> question = SetQuestion(Subject.of(Value(1.5, "x") ** 2), "x", "x", 2.5)
    >>> question.text
    'Set x so that ∂y/∂x = 5. (y = x²; now x = 1.5, and ∂y/∂x = 3.)'
    >>> question.check("2.5").text
    'Right: with x = 2.5, ∂y/∂x = 5.'
    >>> question.check("5").perhaps
    ('you used x in place of ∂y/∂x', 'the factor 2 of the square is missing: the derivative of x² is 2x')
    """

    leaf: str
    node: str
    wanted_at: float
    form: str = ""
    solution: str = ""
    kind: ClassVar[str] = "set"
    tolerance: ClassVar[str] = "3 digits of the derivative are enough"

    @property
    def text(self) -> str:
        """The wanted derivative, and how things stand."""
        subject, x = self.subject, self.subject.find(self.leaf)
        derivative, now = subject.derivative(self.node), subject.gradient(subject.find(self.node))
        relations = ", ".join(dict.fromkeys(wording.relation(subject, step.node) for step in self._total.steps))
        name = subject.name(x)
        stands = f"{relations}; now {name} = {format_number(x.data)}, and {derivative} = {format_number(now)}"
        return f"Set {name} so that {derivative} = {format_number(self.wanted)}. ({stands}.)"

    @cached_property
    def wanted(self) -> float:
        """The wanted derivative, with four digits."""
        return float(f"{self._derivative(self.wanted_at):.4g}")

    def _derivative(self, data: float, fault: Fault | None = None) -> float:
        """The derivative where the leaf has this number, by the rules with a fault."""
        if data not in self._moved:
            self._moved[data] = TotalQuestion(self.subject.with_leaf(self.leaf, data), self.node)
        total = self._moved[data]
        return total.number(Rules(total.subject, fault))

    @cached_property
    def _moved(self) -> dict[float, TotalQuestion]:
        """The question about the derivative, by the number that the leaf is moved to."""
        return {}

    @property
    def is_trivial(self) -> bool:
        """Whether the derivative is nearly the wanted one already, or the wanted one is nearly 0."""
        return abs(self.wanted) < SMALLEST or is_close(self._total.answer(), self.wanted, MIN_TOLERANCES)

    def answer(self) -> float:
        """The number with which it was found."""
        self.subject.leaf(self.leaf)
        return self.wanted_at

    def mistakes(self) -> list[Mistake[float]]:
        """The numbers with which the faults give what is wanted, as far as one is found."""
        found = []
        for fault in TotalQuestion.faults_of_computation:
            number = _solve(partial(self._excess, fault))
            if number is not None and not self.is_same(number, self.answer()):
                found.append(Mistake(number, self._total.says(fault)))
        return found

    def _excess(self, fault: Fault, data: float) -> float:
        """By how much the derivative by a fault is above the wanted one; NaN where it is not a number."""
        try:
            return self._derivative(data, fault) - self.wanted
        except (ArithmeticError, ValueError):
            return math.nan

    def fitting(self, found: float) -> list[str]:
        """The sentences about the faults that give what is wanted with this number."""
        return [
            self._total.says(fault) for fault in TotalQuestion.faults_of_computation if self._is_wanted(found, fault)
        ]

    def _is_wanted(self, data: float, fault: Fault | None = None) -> bool:
        try:
            return is_close(self._derivative(data, fault), self.wanted)
        except (ArithmeticError, ValueError):
            return False

    def known(self) -> dict[str, float]:
        """All values as they are now, and the derivative."""
        target = self.subject.find(self.node)
        return self.subject.values(self.subject.view.names, [(target, self.subject.gradient(target))])

    def read(self, given: str) -> float:
        """The number of a number or a formula, in which names have the numbers of now."""
        return read_answer(given, self.known())

    def is_same(self, given: float, answer: float) -> bool:
        """Whether they agree; of the right answer, whether its derivative is the wanted one."""
        return self._is_wanted(given) if answer == self.answer() else is_close(given, answer)

    def format(self, answer: float) -> str:
        """The number with six digits."""
        return format_number(answer)

    @property
    def _left(self) -> str:
        return self.subject.derivative(self.node)

    def praise(self, found: float) -> str:
        """The reply with the derivative that was reached."""
        return f"Right: with {self._name} = {format_number(found)}, {self._left} = {format_number(self.wanted)}."

    def look(self, found: float) -> str:
        """The derivative there, as a sentence."""
        try:
            reached = format_number(self._derivative(found))
        except ArithmeticError as error:
            return f"No: {error}."
        return f"No: with {self._name} = {format_number(found)}, {self._left} = {reached}."

    @property
    def _name(self) -> str:
        return self.subject.name(self.subject.find(self.leaf))

    @cached_property
    def _total(self) -> TotalQuestion:
        return TotalQuestion(self.subject, self.node)

    def hints(self) -> list[str]:
        """The equation to solve, the edges, and the formula."""
        return [
            f"write {self._left} as a formula of {self._name}, set it equal to {format_number(self.wanted)}, and solve",
            self._total.edges,
            self._total.hints()[1],
            f"which way does {self._left} go if {self._name} goes up a little? Try, and come closer",
        ]

    def worked(self) -> list[str]:
        """The equation and its solution, if they are given; the derivative with the number that was looked for."""
        there = self.subject.with_leaf(self.leaf, self.wanted_at)
        lines = []
        if self.form and self.solution:
            formula = wording.typed_form(self.subject, self.form).partition(" = ")[0]
            lines = [f"solve {formula} = {format_number(self.wanted)} for {self._name}:"]
            lines += [f"{self._name} = {wording.typed_form(self.subject, self.solved)}"]
        lines += [f"with {self._name} = {format_number(self.wanted_at)}:"]
        return [*lines, *TotalQuestion(there, self.node).worked()]

    @property
    def solved(self) -> str:
        """The formula of the leaf with the wanted number put in."""
        return self.solution.format(wanted=self.wanted)


def _solve(excess: Callable[[float], float]) -> float | None:
    """A zero of a function between LOW and HIGH: a change of sign, narrowed down by bisection; None without one."""
    grid = [LOW + (HIGH - LOW) * i / N_TRIED for i in range(N_TRIED + 1)]
    for low, high in pairwise(grid):
        y_low, y_high = excess(low), excess(high)
        if y_low * y_high <= 0.0:
            for _ in range(N_HALVED):
                middle = (low + high) / 2
                if y_low * excess(middle) <= 0.0:
                    high = middle
                else:
                    low = middle
            return low
    return None
