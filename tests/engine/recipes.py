"""Random graphs: recipes, and what they make of numbers, of Values, or of expressions."""

import math
from collections.abc import Sequence
from typing import Any

from hypothesis import strategies as st

from engine import TABLE, DomainError, Op

Recipe = list[tuple[Op, list[int]]]

# Each step: an operation, and how far back its inputs lie in what has been made by then.
RECIPES: st.SearchStrategy[Recipe] = st.lists(
    st.tuples(st.sampled_from(list(TABLE.values())), st.lists(st.integers(0, 7), min_size=5, max_size=5)),
    min_size=1,
    max_size=12,
)


def follow(recipe: Recipe, start: Sequence[Any], limit: float = math.inf) -> tuple[Any, Recipe]:
    """The last thing that a recipe makes, and the steps that were possible: inside the domain, and below the limit."""
    made, possible = list(start), []
    for op, picks in recipe:
        inputs = [made[-1 - pick % len(made)] for pick in picks[: op.arity or 5]]
        try:
            result = op(*inputs)
        except DomainError:
            continue
        if limit < math.inf and not abs(float(result)) < limit:
            continue
        made.append(result)
        possible.append((op, picks))
    return made[-1], possible
