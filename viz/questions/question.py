"""Questions, replies to answers, and attempts with hints and a score.

A kind of question is a subclass of `Question`.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from numbers import Real
from typing import Any, ClassVar, Generic, TypeVar

from engine import Value
from engine._support.checks import check_instance
from viz.questions.subject import Subject

A = TypeVar("A")  # an answer: a number, a set of paths, an order
HINT_COST = 0.25
MAX_PERHAPS = 2  # mistakes that are named in a reply


@dataclass(frozen=True)
class Mistake(Generic[A]):
    """A wrong answer, and the sentence about what leads to it."""

    answer: A
    says: str


@dataclass(frozen=True)
class Reply:
    """The reply to an answer.

    Attributes:
        is_right: Whether it is right.
        perhaps: The sentences about the mistakes that give this answer, all of them, the likeliest first.
        text: What is said, without the right answer if it is not.
    """

    is_right: bool
    perhaps: tuple[str, ...]
    text: str


@dataclass(frozen=True)
class Question(ABC, Generic[A]):
    """A question about a subject. A subclass is one kind; its fields are the names of nodes.

    Attributes:
        subject: The graph with both passes recorded.
    """

    subject: Subject
    kind: ClassVar[str]  # its name in exercises
    tolerance: ClassVar[str] = ""  # how exact an answer must be
    max_tries: ClassVar[float] = math.inf  # that count: few where an answer can be guessed

    @property
    @abstractmethod
    def text(self) -> str:
        """The question."""

    @abstractmethod
    def answer(self) -> A:
        """The right answer."""

    @abstractmethod
    def mistakes(self) -> list[Mistake[A]]:
        """The wrong answers that are known, each by one fault in the computation of the right one."""

    @abstractmethod
    def read(self, given: str) -> A:
        """The answer that a text stands for. Raises ValueError, TypeError or DomainError if it cannot be read."""

    @abstractmethod
    def format(self, answer: A) -> str:
        """An answer as text that `read` takes."""

    @abstractmethod
    def worked(self) -> list[str]:
        """The lines that lead to the right answer."""

    @abstractmethod
    def hints(self) -> list[str]:
        """Hints, one after the other: the rule, the edges, the names, the numbers with one blank."""

    def known(self) -> dict[str, float]:
        """The numbers that an answer may name; none where it is not a formula."""
        return {}

    def is_same(self, given: A, answer: A) -> bool:
        """Whether two answers count as the same."""
        return given == answer

    def check(self, given: str | float) -> Reply:
        """The reply to an answer, a text or a number. Raises errors as `read` does."""
        return self.reply_to(self.read(answer_text(given)))

    def reply_to(self, found: A) -> Reply:
        """The reply to an answer that was read."""
        if self.is_same(found, self.answer()):
            return Reply(True, (), self.praise(found))
        perhaps = tuple(dict.fromkeys(self.fitting(found)))
        return Reply(False, perhaps, self.explain(found, perhaps))

    def fitting(self, found: A) -> list[str]:
        """The sentences about the mistakes that give this answer."""
        return [mistake.says for mistake in self.mistakes() if self.is_same(found, mistake.answer)]

    def praise(self, found: A) -> str:
        """The reply to a right answer."""
        return f"Right: {self.format(self.answer())}."

    def explain(self, found: A, perhaps: tuple[str, ...]) -> str:
        """The reply to a wrong answer, by the mistakes that give it."""
        return join_perhaps(perhaps, self.tell_apart()) or self.look(found)

    def tell_apart(self) -> str:
        """The sentence about how to find out which of several mistakes was made."""
        return ""

    def look(self, found: A) -> str:
        """The reply to a wrong answer that is not one of the known mistakes."""
        return "No."

    def can_read(self, given: str) -> bool:
        """Whether this can be read as an answer."""
        try:
            self.read(given)
        except (ValueError, TypeError, ArithmeticError):
            return False
        return True

    def to_data(self) -> dict[str, Any]:
        """The question as data for JSON: texts, numbers where it asks for one, and mistakes, by their answers.

        >>> from engine import Value
        >>> from viz.questions.kinds.numbers import ValueQuestion
        >>> data = ValueQuestion(Subject.of(3 * Value(1.5, "x")), "y").to_data()
        >>> data["text"], data["number"], data["mistakes"][0]
        ('y = 3x, with x = 1.5. What is y?', 4.5, {'answer': '−4.5', 'number': -4.5, 'perhaps': ['the sign is wrong']})

        Of `perhaps`, a reply names at most `MAX_PERHAPS`, and of several it ends with `tell_apart`.
        """
        together: dict[str, dict[str, Any]] = {}
        for mistake in self.mistakes():
            answer = self._answer_data(mistake.answer)
            says = together.setdefault(answer["answer"], answer | {"perhaps": []})["perhaps"]
            says += [] if mistake.says in says else [mistake.says]
        return {
            "kind": self.kind,
            "text": self.text,
            **self._answer_data(self.answer()),
            "tolerance": self.tolerance,
            "hints": self.hints(),
            "worked": self.worked(),
            "mistakes": list(together.values()),
            "tell_apart": self.tell_apart(),
        }

    def _answer_data(self, answer: A) -> dict[str, Any]:
        return {"answer": self.format(answer)} | ({"number": answer} if isinstance(answer, float) else {})


@dataclass(frozen=True)
class NodeQuestion(Question[A]):
    """A question about one node; a kind of its own derives from this."""

    node: str

    @cached_property
    def target(self) -> Value:
        """The node."""
        return self.subject.find(self.node)

    @property
    def name(self) -> str:
        """Its name as it is shown."""
        return self.subject.name(self.target)


def answer_text(given: str | float) -> str:
    """An answer as it is typed. Raises TypeError if it is neither a text nor a number.

    >>> answer_text(1.5), answer_text("2*w")
    ('1.5', '2*w')
    """
    check_instance(given, (str, Real), "an answer must be a text or a number")
    return str(given)


def join_perhaps(sentences: Sequence[str], tell_apart: str = "", source: str = "it looks as if ") -> str:
    """The text about a wrong answer, by the sentences about its mistakes; of several, with how to tell them apart.

    >>> join_perhaps(["the sign is wrong"], "Try."), join_perhaps(["it is x", "it is y"], "Try."), join_perhaps([])
    ('Not quite. It looks as if the sign is wrong.', 'Not quite. It looks as if it is x; or as if it is y. Try.', '')
    """
    if not sentences:
        return ""
    says = f"{source}{list_perhaps(sentences)}."
    more = f" {tell_apart}" if tell_apart and len(sentences) > 1 else ""
    return f"Not quite. {says[0].upper()}{says[1:]}{more}"


def list_perhaps(sentences: Sequence[str]) -> str:
    """The first sentences about a wrong answer, as a clause that follows "it looks as if".

    >>> list_perhaps(["it is x", "it is y", "it is z"])
    'it is x; or as if it is y; and other mistakes give this answer too'
    """
    others = "; and other mistakes give this answer too" if len(sentences) > MAX_PERHAPS else ""
    return "; or as if ".join(sentences[:MAX_PERHAPS]) + others


@dataclass
class Attempt:
    """A question as it is being answered: tries, hints, and the score.

    Attributes:
        question: The question.
        n_hints: The number of hints that were given.
        n_tries: The number of answers.
        is_shown: Whether the answer was shown.
        is_right: Whether a right answer was given.
    """

    question: Question[Any]
    n_hints: int = 0
    n_tries: int = field(default=0, init=False)
    is_shown: bool = field(default=False, init=False)
    is_right: bool = field(default=False, init=False)

    def check(self, given: str | float) -> Reply:
        """The reply to an answer. Raises errors as `Question.read` does; such an answer is not a try."""
        reply = self.question.check(given)
        self.n_tries += 1
        self.is_right |= reply.is_right
        return reply

    def hint(self) -> str:
        """The next hint; after the last, where the answer is shown. A hint that is not new does not cost."""
        hints = self.question.hints()
        if self.n_hints == len(hints):
            return "that was the last hint: ? shows the answer, worked"
        self.n_hints += 1
        return f"hint {self.n_hints} of {len(hints)}: {hints[self.n_hints - 1]}"

    def show(self) -> list[str]:
        """The worked answer."""
        self.is_shown |= not self.is_right
        return self.question.worked()

    @property
    def score(self) -> float:
        """1 for a right answer, less 1/4 for a hint; 0 if the answer was shown, or given after `max_tries`.

        Other wrong answers are free: a number is hardly guessed, and what is said about them is what one learns from.
        """
        counts = self.is_right and not self.is_shown and self.n_tries <= self.question.max_tries
        return max(0.0, 1.0 - HINT_COST * self.n_hints) if counts else 0.0
