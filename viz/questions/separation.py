"""Whether the answers of mistakes differ, so that each can be told from the others.

Two faults that give one number for every choice of the leaves are one mistake, and both are named. A fault that always
gives the right number is not a mistake there. Others that come closer than `MIN_TOLERANCES` collide.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from itertools import pairwise

from viz.questions.numbers import NumberQuestion, is_close

MIN_TOLERANCES = 4.0
Group = tuple[int, ...]  # indices in `NumberQuestion.numbers`: 0 is the right one, then the faults


def groups_of(samples: Sequence[NumberQuestion]) -> list[Group]:
    """The right number and the faults, those together that agree in all samples of one question, at other numbers.

    Faults that do not give a number in one of them are left out, and those that say the same stand together.

    >>> from engine import Value
    >>> from viz.questions.edges import ContributionQuestion
    >>> from viz.questions.subject import Subject
    >>> samples = [ContributionQuestion(Subject.of(w * Value(1.5, "x")), "y", "x") for w in (2.5, -0.75)]
    >>> [ContributionQuestion.faults[i - 1].says for i in groups_of(samples)[0] if i]
    ['the upstream gradient is missing: multiply by it', 'that is the sum of all contributions: the question is about \
one of them', 'that is the sum over all edges between the two nodes: each is a path of its own']
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
    numbers = sorted((question.numbers[group[0]], group) for group in groups)
    bad = sum(not math.isfinite(number) for number, _ in numbers)
    return bad + sum(
        is_close(x, y, MIN_TOLERANCES) and not _says_the_same(question, first, second)
        for (x, first), (y, second) in pairwise(numbers)
    )


def _says_the_same(question: NumberQuestion, first: Group, second: Group) -> bool:
    says = [{question.faults[i - 1].says for i in group if i} for group in (first, second)]
    return says[0] == says[1] and 0 not in first + second
