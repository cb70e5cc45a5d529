"""Fusing chains of sums and of products: a + b + c as one operation with three arrows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from typing import NamedTuple

from engine import Value, ops


class DrawnArrow(NamedTuple):
    """An arrow into a node: from its tail, through edges, each a node and the index of an input; one if not fused."""

    tail: Value
    edges: tuple[tuple[Value, int], ...]


def fused_nodes(order: Sequence[Value], named: Collection[Value]) -> set[Value]:
    """The sums that only a sum reads, and the products that only a product reads, without the named ones."""
    readers = Counter(x for node in order for x in node.inputs)
    return {
        x
        for node in order
        for x in node.inputs
        if x.op is node.op and x.op in (ops.add, ops.multiply) and readers[x] == 1 and x not in named
    }


def arrows_into(node: Value, fused: Collection[Value]) -> list[DrawnArrow]:
    """The arrows into a node, in the order in which its formula is written.

    >>> a, b, c = Value(2.0, "a"), Value(3.0, "b"), Value(4.0, "c")
    >>> y = a * b * c
    >>> [(arrow.tail.label, len(arrow.edges)) for arrow in arrows_into(y, {y.inputs[0]})]
    [('a', 2), ('b', 2), ('c', 1)]
    """
    found, stack = [], [DrawnArrow(x, ((node, i),)) for i, x in enumerate(node.inputs)][::-1]
    while stack:
        arrow = stack.pop()
        if arrow.tail in fused:
            inner = (DrawnArrow(x, (*arrow.edges, (arrow.tail, i))) for i, x in enumerate(arrow.tail.inputs))
            stack += reversed(list(inner))
        else:
            found.append(arrow)
    return found
