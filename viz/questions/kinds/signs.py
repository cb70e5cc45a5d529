"""The question about the sign of a change, whose answer moves a leaf."""

from __future__ import annotations

import math
import re
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

from engine import DomainError
from viz.math.equations import numeral, times
from viz.math.formulas import format_number
from viz.math.numbers_put_in import computed_line
from viz.questions import wording
from viz.questions.kinds.totals import TotalQuestion
from viz.questions.question import Mistake, NodeQuestion

MOVES = (0.1, 0.01, 0.001, 0.0001)  # of a leaf, to see its effect: the first in which the slope hardly changes
STRAIGHT = 0.3  # of the predicted change, from which the true one may differ
UP, DOWN, STAYS = "up", "down", "stays"
_WORDS = {
    UP: "up u + ↑ > positive increase increases increasing grow grows growing rise rises rising larger bigger greater"
    " higher more",
    DOWN: "down d - − – ↓ < negative decrease decreases decreasing fall falls falling sink sinks shrink shrinks smaller"
    " lower less",
    STAYS: "stays stay s 0 = same zero constant equal unchanged remains nothing neither",
}
_DIRECTIONS = {word: direction for direction, words in _WORDS.items() for word in words.split()}
_DENIAL = re.compile(r"\b(not?|never|cannot|hardly|nor|without)\b|n['’]t\b")


@dataclass(frozen=True)
class SignQuestion(NodeQuestion[str]):
    """The sign of a derivative, predicted; the worked answer moves the leaf.

    >>> from engine import Value
    >>> from viz.questions.subject import Subject
    >>> question = SignQuestion(Subject.of(-2 * Value(1.5, "x")), "x")
    >>> question.text
    'x goes from 1.5 to 1.6. Does y go up, go down, or stay?'
    >>> question.check("down").text
    'Right: down.'
    >>> for line in question.worked():
    ...     print(line)
    ∂y/∂x = −2
    predicted: ∂y/∂x · 0.1 = −2 · 0.1 = −0.2
    x goes from 1.5 to 1.6: y goes down from −3 to −3.2, by 0.2
    >>> question.check("up").perhaps[-1]
    'the sign is wrong'
    """

    kind: ClassVar[str] = "sign"
    tolerance: ClassVar[str] = "The first answer counts"
    max_tries: ClassVar[float] = 1
    asks: ClassVar[str] = "Does {y} go up, go down, or stay?"
    first_hint: ClassVar[str] = "the change is about {x} times the move: it has the sign of {x}"
    advice: ClassVar[str] = "Compute {x}: its sign is the answer."

    @cached_property
    def total(self) -> TotalQuestion:
        """The question about the number."""
        return TotalQuestion(self.subject, self.node)

    @property
    def text(self) -> str:
        """The move, and what is asked."""
        return f"{self._move}. {self.asks.format(y=self.subject.name(self.subject.root))}"

    @property
    def step_number(self) -> int:
        """That of the step that completes the derivative."""
        return self.total.step_number

    @property
    def _move(self) -> str:
        x = self.target.data
        return f"{self.name} goes from {format_number(x)} to {format_number(x + self._size)}"

    @cached_property
    def _size(self) -> float:
        slope, x = self.subject.gradient(self.target), self.subject.leaf(self.node)
        for size in MOVES:
            with suppress(DomainError):
                if abs(self._change(size) - slope * size) <= STRAIGHT * abs(slope * size):
                    return size
        y = self.subject.name(self.subject.root)
        raise ValueError(
            f"whether {y} goes up cannot be told by its derivative at {self.name} = {format_number(x.data)}"
        )

    def _change(self, size: float) -> float:
        """The change of the output when the leaf goes up by this; NaN where it goes up by less than rounding."""
        moved = self.target.data + size
        if moved == self.target.data:
            return math.nan
        return self.subject.with_leaf(self.node, moved).root.data - self.subject.root.data

    def answer(self) -> str:
        """The sign of the derivative, which is that of the change. Raises ValueError where it is not."""
        return _direction(self.total.answer() * self._size)

    def mistakes(self) -> list[Mistake[str]]:
        """The signs of the faults."""
        found = ((self.total.number_with(fault), fault) for fault in self.total.faults_of_computation)
        signs = [
            Mistake(_direction(number), self.total.says(fault)) for number, fault in found if math.isfinite(number)
        ]
        return [mistake for mistake in signs if mistake.answer not in (self.answer(), STAYS)]

    def read(self, given: str) -> str:
        """One of up, down, stays, by the words that say so. Raises ValueError unless they say one of them."""
        text = given.lower()
        words = text.replace(",", " ").strip(" .!").split()
        directions = {_DIRECTIONS[word] for word in words if word in _DIRECTIONS}
        is_formula = len(words) > 1 and not all(word.replace("'", "").isalpha() for word in words)
        if len(directions) != 1 or is_formula or _DENIAL.search(text):
            raise ValueError(f"answer up, down or stays, not {given.strip()!r:.40}")
        return directions.pop()

    def format(self, answer: str) -> str:
        """The word."""
        return answer

    def look(self, found: str) -> str:
        """The advice to compute the derivative."""
        return f"No. {self.tell_apart()}"

    def tell_apart(self) -> str:
        """The advice to compute the derivative."""
        return self.advice.format(x=self.subject.derivative(self.node))

    def hints(self) -> list[str]:
        """That the sign is that of the derivative, what is known, and the hints to that."""
        known = wording.given(self.subject, self.total.steps)
        hints = [self.first_hint.format(x=self.subject.derivative(self.node)), known, *self.total.hints()[1:]]
        return [hint for hint in hints if hint]

    def worked(self) -> list[str]:
        """The derivative, the predicted change, and the true one."""
        root, gradient, change = self.subject.root, self.total.answer(), self._change(self._size)
        size = format_number(self._size)
        product = computed_line(times(numeral(gradient), numeral(self._size)), gradient * self._size)
        return [
            *self.total.worked(),
            f"predicted: {self.subject.derivative(self.node)} · {size} = {product}",
            f"{self._move}: {self.subject.name(root)} {wording.change(root.data, root.data + change)}",
        ]


def _direction(number: float) -> str:
    return UP if number > 0.0 else DOWN if number < 0.0 else STAYS
