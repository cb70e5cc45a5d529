"""The question about a row of the paper's Table 1: the local derivatives of a variable, and the backpropagated one."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

from viz.questions import wording
from viz.questions.kinds.edges import LocalQuestion
from viz.questions.kinds.numbers import NumberQuestion
from viz.questions.kinds.totals import TotalQuestion
from viz.questions.question import Mistake, NodeQuestion, list_perhaps

Numbers = tuple[float, ...]


@dataclass(frozen=True)
class RowQuestion(NodeQuestion[Numbers]):
    """The local derivative of each node that is made from a variable, then the derivative of the output.

    >>> from engine import Value, label
    >>> from viz.questions.subject import Subject
    >>> x = Value(1.5, "x")
    >>> a = 3 * x
    >>> y = 2.5 * a
    >>> label(a=a, y=y)
    >>> question = RowQuestion(Subject.of(y), "x")
    >>> question.text
    'What are ∂a/∂x; ∂y/∂x? (a = 3x; ∂y/∂a = 2.5.)'
    >>> question.check("3; 7.5").text
    'Right: 3; 7.5.'
    >>> question.check("3; -7.5").text
    '∂a/∂x is right. ∂y/∂x: it looks as if the sign is wrong.'
    """

    kind: ClassVar[str] = "row"
    tolerance: ClassVar[str] = "Put ; between the numbers; 3 digits are enough"

    @cached_property
    def _total(self) -> TotalQuestion:
        return TotalQuestion(self.subject, self.node)

    @cached_property
    def parts(self) -> list[tuple[str, NumberQuestion]]:
        """The questions about each number, by what it is."""
        subject, names = self.subject, self.subject.view.names
        locals_: list[tuple[str, NumberQuestion]] = []
        for step in self._total.steps:
            number, _ = subject.steps.edge_number(step)
            question = LocalQuestion(subject, names[step.node], names[step.target], number)
            locals_.append((wording.local_name(subject, step), question))
        return [*locals_, (subject.derivative(self.node), self._total)]

    @property
    def text(self) -> str:
        """The question, with the formulas and the derivatives that are known."""
        asked = "; ".join(left for left, _ in self.parts)
        relations = ", ".join(dict.fromkeys(wording.relation(self.subject, step.node) for step in self._total.steps))
        known = ", ".join(dict.fromkeys(wording.upstream(self.subject, step) for step in self._total.steps))
        return f"What are {asked}? ({relations}; {known}.)"

    def answer(self) -> Numbers:
        """The numbers of the row."""
        return tuple(question.answer() for _, question in self.parts)

    def mistakes(self) -> list[Mistake[Numbers]]:
        """The rows with one number that is wrong."""
        right = self.answer()
        return [
            Mistake((*right[:i], mistake.answer, *right[i + 1 :]), f"{left}: it looks as if {mistake.says}")
            for i, (left, question) in enumerate(self.parts)
            for mistake in question.mistakes()
        ]

    def read(self, given: str) -> Numbers:
        """The numbers, or formulas. Raises ValueError unless there is one for each."""
        texts = [text for text in given.split(";") if text.strip()]
        if len(texts) != len(self.parts):
            asked = "; ".join(left for left, _ in self.parts)
            raise ValueError(f"write {len(self.parts)} numbers with ; between, for {asked}, not {len(texts)}")
        return tuple(question.read(text) for (_, question), text in zip(self.parts, texts, strict=True))

    def known(self) -> dict[str, float]:
        """Those of the derivative."""
        return self._total.known()

    def is_same(self, given: Numbers, answer: Numbers) -> bool:
        """Whether all agree."""
        return all(question.is_same(x, y) for (_, question), x, y in zip(self.parts, given, answer, strict=True))

    def format(self, answer: Numbers) -> str:
        """The numbers in a line."""
        return "; ".join(question.format(x) for (_, question), x in zip(self.parts, answer, strict=True))

    def fitting(self, found: Numbers) -> list[str]:
        """The sentences about each number that is wrong, with what it is."""
        return [
            f"{left}: it looks as if {says}"
            for (left, question), x in zip(self.parts, found, strict=True)
            if not question.is_same(x, question.answer())
            for says in dict.fromkeys(question.fitting(x))
        ]

    def explain(self, found: Numbers, perhaps: tuple[str, ...]) -> str:
        """Which numbers are right, and what is known about the others."""
        texts = []
        for (left, question), x in zip(self.parts, found, strict=True):
            if question.is_same(x, question.answer()):
                texts.append(f"{left} is right.")
            else:
                says = list(dict.fromkeys(question.fitting(x)))
                texts.append(f"{left}: it looks as if {list_perhaps(says)}." if says else f"{left} is not right.")
        return " ".join(texts)

    def hints(self) -> list[str]:
        """Those of the derivative, which has the local ones in it."""
        return self._total.hints()

    def worked(self) -> list[str]:
        """The local derivatives and the sum."""
        return [*dict.fromkeys(line for _, question in self.parts for line in question.worked())]
