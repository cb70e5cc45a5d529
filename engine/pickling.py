"""Pickling graphs that are deeper than Python's stack.

A node that was saved by way of its inputs, and these by way of theirs, would need a stack as deep as the graph. So the
first node that a pickler meets brings all that it is made from along, as one flat list, and every other node is an
entry of a list that was saved before. What is shared stays shared: in `[y, a, x]`, where y is made from a and x, all
three come back as nodes of one graph.
"""

from __future__ import annotations

from operator import getitem
from threading import local
from typing import TYPE_CHECKING, Any
from weakref import WeakValueDictionary

from engine.op import Op

if TYPE_CHECKING:
    from engine.value import Value

Reduced = tuple[Any, tuple[Any, ...]]


class _Known(local):
    """Where each node, by its id, lies that a pickler of this thread has met. Its memory keeps the lists meanwhile."""

    def __init__(self) -> None:
        self.lists: WeakValueDictionary[int, _List] = WeakValueDictionary()


_known = _Known()


class _List:
    """The nodes that an output is made from, and it itself, but for leaves and those that other lists have."""

    def __init__(self, output: Value) -> None:
        self.kind = type(output)
        self.nodes = _unknown(output)
        self.position = {node: i for i, node in enumerate(self.nodes)}
        for node in self.nodes:
            _known.lists[id(node)] = self

    def __reduce__(self) -> Reduced:
        position = dict(self.position)
        others: list[Value] = []
        inputs = []
        for node in self.nodes:
            for x in node.inputs:
                if x not in position:
                    position[x] = ~len(others)  # counted from -1 down
                    others.append(x)
            inputs.append(tuple([position[x] for x in node.inputs]))
        columns = [[getattr(node, name) for node in self.nodes] for name in ("op", "data", "grad", "label")]
        return restored, (self.kind, others, inputs, *columns)


def _unknown(output: Value) -> list[Value]:
    """What has inputs and lies in no list yet, each node after its inputs."""
    known = _known.lists
    order: list[Value] = []
    seen: set[Value] = set()
    waiting = [output]  # first of all those on top; a node that was seen waits for them to be placed
    placed: set[Value] = set()
    while waiting:
        node = waiting[-1]
        before = (
            [x for x in node.inputs if x.inputs and x not in seen and id(x) not in known] if node not in seen else ()
        )
        seen.add(node)
        if before:
            waiting += before
            continue
        waiting.pop()
        if node not in placed:
            placed.add(node)
            order.append(node)
    return order


def reduced(node: Value) -> Reduced:
    """What a pickler saves of a node that has inputs."""
    found = _known.lists.get(id(node)) or _List(node)
    return getitem, (found, found.position[node])


def restored(
    kind: type[Value],
    others: list[Value],
    inputs: list[tuple[int, ...]],
    ops: list[Op],
    data: list[float],
    gradients: list[float],
    labels: list[str],
) -> list[Value]:
    """The nodes of a list that was saved. Inputs are counted from 0 among them, and from -1 down among the others."""
    nodes: list[Value] = []
    for entries, op, number, gradient, label in zip(inputs, ops, data, gradients, labels, strict=True):
        node = object.__new__(kind)
        node.inputs = tuple([nodes[i] if i >= 0 else others[~i] for i in entries])
        node.op, node.data, node.grad, node.label = op, number, gradient, label
        nodes.append(node)
    return nodes
