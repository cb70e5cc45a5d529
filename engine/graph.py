"""The order in which a graph is walked."""

from __future__ import annotations

from typing import Any, Protocol, TypeVar


class HasInputs(Protocol):
    """A node of a directed acyclic graph, as far as an order needs to know it."""

    @property
    def inputs(self) -> tuple[Any, ...]:
        """The nodes that it is made from, in order."""


Node = TypeVar("Node", bound=HasInputs)


def toposort(*outputs: Node) -> list[Node]:
    """Every node that the outputs are made from, and they themselves, each once and after all of its inputs.

    The order depends on the graph alone: depth first, outputs and inputs from left to right. It is found without
    recursion, so a graph may be as deep as memory allows.

    >>> from engine import Value
    >>> x = Value(1.5, "x")
    >>> a = x * x
    >>> [node.data for node in toposort(a + x)]
    [1.5, 2.25, 3.75]
    """
    order: list[Node] = []
    seen = set()
    stack: list[Any] = list(reversed(outputs))
    push, pop, emit = stack.append, stack.pop, order.append
    while stack:
        node = pop()
        if node is None:  # the mark above a node all of whose inputs are in the order by now
            emit(pop())
        elif node not in seen:
            seen.add(node)
            inputs = node.inputs
            if inputs:
                push(node)
                push(None)
                stack.extend(inputs[::-1])  # the first input is popped first
            else:
                emit(node)
    return order
