"""Whether the answers of mistakes differ, so that each can be told from the others.

Two faults that give one number for every choice of the leaves are one mistake, and both are named. A fault that always
gives the right number is not a mistake there. Others that come closer than `MIN_TOLERANCES` collide.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from itertools import pairwise

from viz.questions.kinds.numbers import NumberQuestion, is_close
from viz.questions.subject import LARGEST, SMALLEST

MIN_TOLERANCES = 4.0
MAX_DRAWS = 200
# Short decimals from 0.25 to 3, without 1 and 2, with which mistakes do not show.
SIZES = sorted(({n / 10 for n in range(3, 31)} | {n / 4 for n in range(1, 13)}) - {1.0, 2.0})
Group = tuple[int, ...]  # indices in `NumberQuestion.numbers`: 0 is the right one, then the faults


def groups_of(samples: Sequence[NumberQuestion]) -> list[Group]:
    """The right number and the faults, those together that agree in all samples of one question, at other numbers.

    Faults that do not give a number in one of them are left out, and those that say the same stand together.

    >>> from engine import Value
    >>> from viz.questions.kinds.edges import ContributionQuestion
    >>> from viz.questions.subject import Subject
    >>> samples = [ContributionQuestion(Subject.of(2.5 * Value(x, "x")), "y", "x") for x in (1.5, -0.75)]
    >>> names = ["right", *(fault.says for fault in ContributionQuestion.faults)]
    >>> for group in groups_of(samples)[1:]:
    ...     print(*(names[i] for i in group), sep="; or ")
    you added the upstream gradient and the local derivative: along a path, multiply
    you used the input in place of the local derivative; or you gave a value: a derivative is asked
    the sign is wrong
    the local derivative is upside down: its reciprocal is given
    you used the value of a node in place of its derivative
    """
    found: dict[tuple[float, ...], list[int]] = {}
    for i, numbers in enumerate(zip(*(question.numbers for question in samples), strict=True)):
        if all(map(math.isfinite, numbers)):
            key = next((key for key in found if _agree(key, numbers)), numbers)
            found.setdefault(key, []).append(i)
    return [tuple(group) for group in found.values()]


def _agree(x: Iterable[float], y: Iterable[float]) -> bool:
    return all(math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-12) for a, b in zip(x, y, strict=True))


def collisions(question: NumberQuestion, groups: Iterable[Group]) -> int:
    """The number of groups whose numbers are too close to each other, or to the right one; NaN counts too."""
    faults = (None, *question.faults)
    all_numbers = [(question.number_with(faults[group[0]]), group) for group in groups]
    numbers = sorted((number, group) for number, group in all_numbers if math.isfinite(number))
    return (
        len(all_numbers)
        - len(numbers)
        + sum(
            is_close(x, y, MIN_TOLERANCES) and not _says_the_same(question, first, second)
            for (x, first), (y, second) in pairwise(numbers)
        )
    )


def _says_the_same(question: NumberQuestion, first: Group, second: Group) -> bool:
    says = [{question.says(question.faults[i - 1]) for i in group if i} for group in (first, second)]
    return says[0] == says[1] and 0 not in first + second


def redrawn(question: NumberQuestion, seed: int) -> NumberQuestion:
    """The question with other numbers, on a copy: those of `MAX_DRAWS` with which least mistakes collide.

    Leaves have other numbers, and so have constants on arrows, such as the 3 of 3x.
    Raises DomainError if the graph is not finite with any of them.

    >>> from engine import Value
    >>> from viz.questions.kinds.edges import LocalQuestion
    >>> from viz.questions.subject import Subject
    >>> question = LocalQuestion(Subject.of(Value(2.0, "w") * Value(2.0, "x")), "y", "x")
    >>> redrawn(question, seed=0).answer() in SIZES
    True
    """
    rng = random.Random(seed)

    def draw(size: Callable[[random.Random], float]) -> NumberQuestion:
        return replace(question, subject=question.subject.redrawn(rng, size))

    samples = (draw(lambda rng: rng.uniform(SMALLEST, LARGEST)) for _ in question.elsewhere)
    groups = groups_of([sample for sample in samples if sample.can_be_asked()])
    best, least = question, math.inf
    for _ in range(MAX_DRAWS):
        drawn = draw(lambda rng: rng.choice(SIZES))
        n = collisions(drawn, groups) if drawn.can_be_asked() else math.inf
        if n < least:
            best, least = drawn, n
        if n == 0:
            break
    return best
