"""The question whose answer is a formula, which is compared with the right one at several sets of numbers."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

from viz.questions import wording
from viz.questions.kinds.edges import LocalQuestion
from viz.questions.kinds.numbers import NumberQuestion, is_close
from viz.questions.kinds.totals import TotalQuestion
from viz.questions.question import Mistake, Question

_PRIME_OF_FUNCTION = re.compile(r"\w['′]\s*\(")
Profile = tuple[float, ...]  # the numbers of a formula: here, and at other points


@dataclass(frozen=True)
class FormulaQuestion(Question[Profile]):
    """The formula of a local derivative, or without `input`, of the derivative of the output with respect to `node`.

    `forms` are other formulas that it comes to, which the worked answer shows with their numbers.

    >>> from engine import Value, label
    >>> from viz.questions.subject import Subject
    >>> a = Value(0.5, "a")
    >>> z = a.sigmoid()
    >>> label(z=z)
    >>> question = FormulaQuestion(Subject.of(z), "z", "a")
    >>> question.check("z*(1 - z)").text
    "Right: ∂z/∂a = σ'(a) = z · (1 − z)."
    >>> question.check("1 - z**2").perhaps
    ("you used the rule of tanh' in place of that of σ'",)
    >>> question.check("0.235").text
    'The number is right by chance: where the leaves have other numbers, the formula does not give it.'
    >>> FormulaQuestion(Subject.of(z), "z", "a", forms=["z - z**2"]).worked()[-1]
    '∂z/∂a = z − z² = 0.622459 − 0.622459² = 0.235004'
    """

    node: str
    input: str = ""
    forms: Sequence[str] = ()
    kind: ClassVar[str] = "formula"
    tolerance: ClassVar[str] = "It is compared at 5 other sets of numbers"

    @cached_property
    def inner(self) -> NumberQuestion:
        """The question about its number."""
        if self.input:
            return LocalQuestion(self.subject, self.node, self.input)
        return TotalQuestion(self.subject, self.node)

    @property
    def text(self) -> str:
        """The question."""
        if isinstance(self.inner, LocalQuestion):
            relation = wording.relation(self.subject, self.inner.step.node)
            return f"{relation}. Write {self._left} as a formula, with names."
        given = f": {', '.join(self._usable)} may stand in it" if self._usable else ""
        return f"Write {self._left} as a formula, with names{given}."

    @property
    def _left(self) -> str:
        if isinstance(self.inner, LocalQuestion):
            return wording.local_name(self.subject, self.inner.step)
        return self.subject.derivative(self.node)

    @property
    def _usable(self) -> list[str]:
        """The derivatives that may stand in the formula."""
        if not isinstance(self.inner, TotalQuestion):
            return []
        nodes = dict.fromkeys(step.node for step in self.inner.steps if step.node is not self.subject.root)
        return [self.subject.derivative(node) for node in nodes]

    def answer(self) -> Profile:
        """The numbers of the right formula."""
        return self._profiles[0]

    @cached_property
    def _profiles(self) -> list[Profile]:
        here = zip(self.inner.numbers, self.inner.numbers_at_points(), strict=True)
        return [(number, *elsewhere) for number, elsewhere in here]

    def mistakes(self) -> list[Mistake[Profile]]:
        """The numbers of the faults, other than the right ones."""
        found = zip(self.inner.faults, self._profiles[1:], strict=True)
        right = self.answer()
        return [
            Mistake(x, self.inner.says(fault))
            for fault, x in found
            if not self.is_same(x, right) and self.is_same(x, x)
        ]

    def read(self, given: str) -> Profile:
        """The numbers of a typed formula. Raises ValueError where it only names the derivative that is asked: σ'(a)."""
        if isinstance(self.inner, LocalQuestion) and _PRIME_OF_FUNCTION.search(given):
            raise ValueError(f"{given.strip()} names the derivative: write the rule by which it is computed")
        return (self.inner.read(given), *self.inner.at_points(given))

    def known(self) -> dict[str, float]:
        """Those of the derivative."""
        return self.inner.known()

    def is_same(self, given: Profile, answer: Profile) -> bool:
        """Whether the numbers agree everywhere."""
        return all(map(is_close, given, answer))

    def format(self, answer: Profile) -> str:
        """The right formula; of another, its number."""
        if answer != self.answer():
            return self.inner.format(answer[0])
        if isinstance(self.inner, LocalQuestion):
            return wording.local_rule(self.subject, self.inner.step)
        assert isinstance(self.inner, TotalQuestion)
        return wording.written(self.subject, wording.total_in_names(self.subject, self.inner.steps))

    def praise(self, found: Profile) -> str:
        """The reply with the formula in the paper's notation."""
        inner = self.inner
        sides = wording.local_in_names(self.subject, inner.step)[1:] if isinstance(inner, LocalQuestion) else []
        return f"Right: {' = '.join(dict.fromkeys([self._left, *sides, self.format(self.answer())]))}."

    def look(self, found: Profile) -> str:
        """Whether the number is right, at least."""
        if is_close(found[0], self.answer()[0]):
            return "The number is right by chance: where the leaves have other numbers, the formula does not give it."
        return "No."

    def hints(self) -> list[str]:
        """The rule, and where the formula comes from."""
        inner = self.inner
        return [inner.rule, inner.edges] if isinstance(inner, TotalQuestion) else inner.hints()[:2]

    def worked(self) -> list[str]:
        """Those of the number, and the forms."""
        return [*self.inner.worked(), *map(self._form, self.forms)]

    def _form(self, form: str) -> str:
        return f"{self._left} = {wording.typed_form(self.subject, form)}"
