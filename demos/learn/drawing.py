"""Numbers chosen for diagnosis: short decimals with which the answers of all mistakes differ."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator
from typing import Any

from demos.learn.exercise import Exercise
from viz.questions.kinds.formulas import FormulaQuestion
from viz.questions.kinds.numbers import NumberQuestion
from viz.questions.kinds.rows import RowQuestion
from viz.questions.kinds.wanted import SetQuestion
from viz.questions.question import Question
from viz.questions.separation import SIZES, Group, collisions, groups_of

N_SAMPLES = 4
SMALLEST = 2e-3  # number that is asked for, unless it is always 0
MAX_CHANGES = 3000  # of one number, until all mistakes can be told apart


class Draws:
    """Draws the numbers of an exercise.

    >>> from demos.learn.exercise import load
    >>> numbers = Draws(load("chain")).numbers(seed=0)
    >>> sorted(numbers), numbers == Draws(load("chain")).numbers(seed=0)
    (['c', 'd', 'x'], True)
    """

    def __init__(self, exercise: Exercise) -> None:
        self.exercise = exercise
        rng = random.Random(exercise.name)
        samples = [list(number_questions(self._sample(rng))) for _ in range(N_SAMPLES)]
        self.groups: list[list[Group]] = [groups_of(questions) for questions in zip(*samples, strict=True)]

    def _sample(self, rng: random.Random) -> list[Question[Any]]:
        """The questions at numbers that are not short. Raises ValueError if the graph cannot be computed at any."""
        error = ArithmeticError()
        for _ in range(MAX_CHANGES):
            numbers = {name: self._sign(name, rng) * rng.uniform(0.25, 3.0) for name in self.exercise.drawn}
            try:
                return self.exercise.try_out(numbers)
            except ArithmeticError as found:
                error = found
        raise ValueError(f"{self.exercise.name}: {error}, whatever numbers are drawn: give leaves a sign in [numbers]")

    def _sign(self, name: str, rng: random.Random) -> float:
        sign = self.exercise.signs.get(name, "any")
        return {"positive": 1.0, "negative": -1.0}.get(sign) or rng.choice((1.0, -1.0))

    def numbers(self, seed: int, turn: int = 0) -> dict[str, float]:
        """The numbers for a seed, and for a turn of the exercise with it.

        All have different sizes, so that x_1 in place of x_2 shows. One number after the other is changed, as long as
        that does not lead to more collisions, until all are gone.

        Raises ValueError if there are some after `MAX_CHANGES`.
        """
        rng = random.Random(f"{self.exercise.name} {seed} {turn}")
        sizes = rng.sample(SIZES, len(self.exercise.drawn))
        numbers = {name: self._sign(name, rng) * size for name, size in zip(self.exercise.drawn, sizes, strict=True)}
        n = self.collisions(numbers)
        for _ in range(MAX_CHANGES):
            if not n:
                return numbers
            name = rng.choice(self.exercise.drawn)
            others = [size for size in SIZES if size not in map(abs, numbers.values())]
            changed = numbers | {name: self._sign(name, rng) * rng.choice(others)}
            n_changed = self.collisions(changed, at_most=n)
            if n_changed <= n:
                numbers, n = changed, n_changed
        raise ValueError(f"{self.exercise.name}: some mistakes cannot be told apart with seed {seed}")

    def collisions(self, numbers: dict[str, float], at_most: float = math.inf) -> float:
        """The number of pairs of mistakes that cannot be told apart, and of answers that are too small to be of use.

        It is infinite where the graph is not finite. Above `at_most`, they are not counted to the end.
        """
        try:
            questions = self.exercise.ask(numbers)
            numbers_asked = list(number_questions(questions))
            n = sum(0.0 < abs(question.answer()) < SMALLEST for question in numbers_asked)
            n += sum(question.is_trivial for question in questions if isinstance(question, SetQuestion))
            for question, groups in reversed(list(zip(numbers_asked, self.groups, strict=True))):  # the hardest first
                if n > at_most:
                    break
                n += collisions(question, groups)
            return n
        except ArithmeticError:
            return math.inf


def number_questions(questions: list[Question[Any]]) -> Iterator[NumberQuestion]:
    """The questions about one number, those within others included."""
    for question in questions:
        match question:
            case NumberQuestion():
                yield question
            case FormulaQuestion():
                yield question.inner
            case RowQuestion():
                yield from (part for _, part in question.parts)
