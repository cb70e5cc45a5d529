"""Random graphs: recipes that are followed on numbers, on Values, or on expressions."""

import math
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from hypothesis import example
from hypothesis import strategies as st

from engine import TABLE, DomainError, Op
from engine.ops import multiply

Test = TypeVar("Test", bound=Callable[..., None])
Recipe = list[tuple[Op, list[int]]]

# Each step: an operation, and how far back its inputs lie among the previous results.
RECIPES: st.SearchStrategy[Recipe] = st.lists(
    st.tuples(st.sampled_from(list(TABLE.values())), st.lists(st.integers(0, 7), min_size=5, max_size=5)),
    min_size=1,
    max_size=12,
)

# Five leaves: from the first or from the last on, they are in the domain of every operation; see `ordinary`.
ORDINARY = [0.75, 1.25, 0.5, 0.25, 1.5]


def ordinary(op: Op) -> list[float]:
    """Those of `ORDINARY` that are inputs in the domain of an operation."""
    for numbers in (ORDINARY, ORDINARY[::-1]):
        try:
            op(*numbers[: op.arity])
            return numbers[: op.arity]
        except DomainError:
            continue
    raise AssertionError(f"ORDINARY is not in the domain of {op.name}")


def each_operation_first(*arguments: Any) -> Callable[[Test], Test]:
    """Try, besides random recipes, the square of each operation of five leaves, with these other arguments."""

    def add_examples(test: Test) -> Test:
        for op in TABLE.values():
            picks = [4, 3, 2, 1, 0] if ordinary(op)[0] == ORDINARY[0] else [0, 1, 2, 3, 4]
            test = example([(op, picks), (multiply, [0] * 5)], *arguments)(test)
        return test

    return add_examples


def follow(recipe: Recipe, start: Sequence[Any], limit: float = math.inf) -> tuple[Any, Recipe]:
    """The last result of a recipe, and the steps that were possible: inside the domain, and below the limit."""
    made, possible = list(start), []
    for op, picks in recipe:
        inputs = [made[-1 - pick % len(made)] for pick in picks[: op.arity or 5]]
        try:
            result = op(*inputs)
        except DomainError:
            continue
        if limit < math.inf and not -limit < result < limit:
            continue
        made.append(result)
        possible.append((op, picks))
    return made[-1], possible
