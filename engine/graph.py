"""Topological order, which nodes depend on which, and their values for other numbers of the leaves."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Protocol, TypeVar


class HasInputs(Protocol):
    """A node of a directed acyclic graph."""

    @property
    def inputs(self) -> tuple[Any, ...]:
        """The nodes that it is made from, in order."""


Node = TypeVar("Node", bound=HasInputs)


def toposort(*outputs: Node) -> list[Node]:
    """The nodes that the outputs are made from, and the outputs, in topological order: each after all of its inputs.

    The order depends on the graph alone: depth first, outputs and inputs from left to right. It is found without
    recursion, so a graph may be as deep as memory allows. Raises TypeError if an output is not a node.

    >>> from engine import Value
    >>> x = Value(1.5, "x")
    >>> a = x * x
    >>> [node.data for node in toposort(a + x)]
    [1.5, 2.25, 3.75]
    """
    order: list[Node] = []
    seen: set[Node] = set()
    # The path to the present node, and how many inputs of each of its nodes were visited: integers, since the garbage
    # collector would scan iterators again and again.
    stack: list[Node] = []
    positions: list[int] = []
    see, emit, push, push_position = seen.add, order.append, stack.append, positions.append
    for output in outputs:
        if not hasattr(output, "inputs"):
            raise TypeError(f"a graph is made of Values, not {output!r:.60} of type {type(output).__name__}")
        if output in seen:
            continue
        see(output)
        node, inputs, i, n = output, output.inputs, 0, len(output.inputs)
        while True:
            while i < n:
                x = inputs[i]
                i += 1
                if x not in seen:
                    see(x)
                    if x.inputs:  # go down to x first, and come back for the rest
                        push(node)
                        push_position(i)
                        node, inputs, i, n = x, x.inputs, 0, len(x.inputs)
                    else:
                        emit(x)
            emit(node)
            if not stack:
                break
            node, i = stack.pop(), positions.pop()
            inputs, n = node.inputs, len(node.inputs)
    return order


def depends_on(leaves: Iterable[Node], order: Iterable[Node]) -> set[Node]:
    """The nodes of an order that depend on one of the leaves; these included.

    >>> from engine import Value
    >>> x, w = Value(1.5, "x"), Value(2.0, "w")
    >>> y = w * w + x
    >>> [node.data for node in toposort(y) if node in depends_on([x], toposort(y))]
    [1.5, 5.5]
    """
    found = set(leaves)
    for node in order:
        if not found.isdisjoint(node.inputs):
            found.add(node)
    return found


def compute_values(order: Iterable[Any], leaves: Mapping[Any, float]) -> dict[Any, float]:
    """The values of nodes in topological order, for these numbers of some leaves; other leaves keep their `data`.

    The nodes are not changed. Raises DomainError, which names the first node whose value is not finite.

    >>> from engine import Value
    >>> x = Value(1.5, "x")
    >>> y = x * x
    >>> compute_values(toposort(y), {x: 3.0})[y]
    9.0
    """
    found: dict[Any, float] = {}
    for node in order:
        if node.inputs:
            found[node] = node.op.evaluate([found[x] for x in node.inputs], node.inputs)
        else:
            found[node] = leaves.get(node, node.data)
    return found
