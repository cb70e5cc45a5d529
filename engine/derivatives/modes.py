"""Forward and reverse mode: which of them visits fewer edges, and sweeps that carry a vector for each node.

A Jacobian is one sweep. In forward mode, a node carries its derivatives with respect to all inputs, a vector of
tangents; in reverse mode, those of all outputs with respect to it, a vector of cotangents. A vector is a dictionary
that has only the entries between which there is a path: {3: 0.5} is 0.5 along input 3 alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Literal

from engine.sweep import ChainRule, Edge, SumRule, chain_rule, linked_inputs, sum_rule

Mode = Literal["forward", "reverse"]
Vector = dict[Any, Any]


def entrywise(chain_rule: ChainRule = chain_rule, sum_rule: SumRule = sum_rule) -> tuple[ChainRule, SumRule]:
    """The chain rule and the sum rule of a sweep whose tangents or cotangents are vectors, entry by entry.

    The Jacobian of two outputs in one forward sweep:

    >>> from engine import Value, toposort
    >>> from engine.sweep import present_edges, tangents
    >>> x, y = Value(2.0, "x"), Value(3.0, "y")
    >>> outputs = x * y, x * x
    >>> found = tangents(toposort(*outputs), present_edges, {x: {0: 1.0}, y: {1: 1.0}}, *entrywise())
    >>> [found[output] for output in outputs]
    [{0: 3.0, 1: 2.0}, {0: 4.0}]
    """

    def chain_rule_of_vectors(node: Any, vector: Vector, edge: Edge) -> Vector:
        return {i: chain_rule(node, entry, edge) for i, entry in vector.items()}

    def sum_rule_of_vectors(node: Any, vectors: list[Vector]) -> Vector:
        contributions: dict[Any, list[Any]] = {}
        for vector in vectors:
            for i, entry in vector.items():
                contributions.setdefault(i, []).append(entry)
        return {i: sum_rule(node, entries) for i, entries in contributions.items()}

    return chain_rule_of_vectors, sum_rule_of_vectors


def scale(node: Any, vector: Vector, edge: Edge) -> Vector:
    """The chain rule for vectors of floats: that of `entrywise()`, without a call for each entry."""
    factor = edge.local_derivative
    if factor == 1.0:
        return vector
    return {i: entry * factor for i, entry in vector.items()}


def add_vectors(node: Any, vectors: list[Vector]) -> Vector:
    """The sum rule for vectors of floats, likewise."""
    first, *others = vectors
    if others:
        first = first.copy()
        for vector in others:
            for i, entry in vector.items():
                first[i] = first[i] + entry if i in first else entry
    return first


def cheaper_mode(outputs: Iterable[Any], inputs: Iterable[Any], order: Sequence[Any]) -> Mode:
    """The mode in which a Jacobian costs less: "forward" or "reverse", which is also the answer if they are equal.

    The cost is the number of edges between inputs and outputs that are visited: in forward mode, an edge once for each
    input that it leads back to, in reverse mode, once for each output that it leads back from. `order` has the nodes
    that the outputs are made from, in topological order; no input is a constant.

    >>> from engine import Value, toposort
    >>> x = Value(2.0, "x")
    >>> t = x.exp()
    >>> outputs = [t.sin(), t.cos()]
    >>> cheaper_mode(outputs, [x], toposort(*outputs)), cheaper_mode(outputs[:1], [x], toposort(outputs[0]))
    ('forward', 'reverse')
    """
    columns: dict[Any, int] = {}  # of a node: bit j is 1 if a path leads from it to input j
    rows: dict[Any, int] = {}  # bit i is 1 if a path leads to it from output i
    for bits, nodes in ((columns, inputs), (rows, outputs)):
        for i, node in enumerate(nodes):
            bits[node] = bits.get(node, 0) | 1 << i
    for node in order:
        reached = columns.get(node, 0)
        for x in linked_inputs(node) if node.op.edges else node.inputs:  # constants are not in `columns`
            if x in columns:
                reached |= columns[x]
        if reached:
            columns[node] = reached
    forward = reverse = 0
    for node in reversed(order):
        if node in rows:
            for x in linked_inputs(node) if node.op.edges else node.inputs:
                if x in columns:
                    rows[x] = rows.get(x, 0) | rows[node]
                    forward += columns[x].bit_count()
                    reverse += rows[node].bit_count()
    return "forward" if forward < reverse else "reverse"
