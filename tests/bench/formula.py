"""Random formulas, for any engine: the same for all."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import Any

Plan = tuple[list[float], list[tuple[int, int, int]], int]

Kinds = tuple[tuple[int, Callable[[Any, Any], Any]], ...]

KINDS: Kinds = (
    (30, lambda x, y: x + y),
    (30, lambda x, y: x * y),
    (10, lambda x, y: x - y),
    (10, lambda x, _: x * 0.5),
    (10, lambda x, _: x + 1.0),
    (10, lambda x, _: x.relu()),
)

PRODUCT = 1


def plan(size: int, operators: Kinds = KINDS) -> Plan:
    """A random formula in layers, with these operators, each between nodes of the layer before."""
    rng = random.Random(0)
    width = max(10, round(size**0.5 * 2))
    leaves = [rng.uniform(-1.0, 1.0) for _ in range(width)]
    shares = [share for share, _ in operators]
    kinds = rng.choices(range(len(operators)), weights=shares, k=size - width)
    steps = []
    for i, kind in enumerate(kinds):
        below = i // width * width
        other = 0 if kind == PRODUCT else below  # one factor is a leaf, so that no number grows beyond bounds
        steps.append((kind, below + rng.randrange(width), other + rng.randrange(width)))
    return leaves, steps, width


def build(value: Callable[[float], Any], formula: Plan) -> Any:
    """The sum of the last nodes of the formula, of leaves that `value` makes of numbers."""
    return grow([value(x) for x in formula[0]], formula)


def grow(leaves: Sequence[Any], formula: Plan) -> Any:
    """The sum of the last nodes of the formula."""
    _, steps, width = formula
    nodes = list(leaves)
    apply = [rule for _, rule in KINDS]
    for kind, i, j in steps:
        nodes.append(apply[kind](nodes[i], nodes[j]))
    output = nodes[-1]
    for node in nodes[-width:-1]:
        output = output + node
    return output
