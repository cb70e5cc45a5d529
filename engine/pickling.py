"""Pickling graphs that are deeper than Python's stack.

Pickling a node by its inputs, and these by theirs, would recurse as deep as the graph. So the first node that a pickler
meets is saved with all that it is made from, as one flat list, and every other node as an entry of such a list. Shared
nodes stay shared: in `[y, a, x]`, where y is made from a and x, all three come back as nodes of one graph.
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
    """The lists of the nodes that picklers of this thread have met, by id; a pickler's memo keeps them alive."""

    def __init__(self) -> None:
        self.lists: WeakValueDictionary[int, _NodeList] = WeakValueDictionary()


_known = _Known()


class _NodeList:
    """The nodes that an output is made from, and itself, without leaves and the nodes of other lists."""

    def __init__(self, output: Value) -> None:
        self.kind = type(output)
        self.nodes = _unlisted(output)
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


def _unlisted(output: Value) -> list[Value]:
    """The nodes that have inputs and are not in a list yet, each after its inputs."""
    known = _known.lists
    order: list[Value] = []
    seen: set[Value] = set()
    waiting = [output]  # a stack, on which a node that was seen waits below its inputs
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
    """The `__reduce__` of a node that has inputs: an entry of a list."""
    found = _known.lists.get(id(node)) or _NodeList(node)
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
    """The nodes of a saved list. Inputs are numbered from 0 among them, and from -1 down among the others."""
    nodes: list[Value] = []
    for entries, op, number, gradient, label in zip(inputs, ops, data, gradients, labels, strict=True):
        node = object.__new__(kind)
        node.inputs = tuple([nodes[i] if i >= 0 else others[~i] for i in entries])
        node.op, node.data, node.grad, node.label = op, number, gradient, label
        nodes.append(node)
    return nodes
