"""Paths through a graph: the chain rule along a path, the sum rule across paths.

The derivative of an output with respect to a node is the sum, over all paths from the output back to the node, of the
product of the local derivatives along the path. Backpropagation finds that sum without walking the paths, which may be
exponentially many; here they can be walked and counted.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from heapq import heappop, heappush
from typing import NamedTuple

from engine import ops
from engine._support import checks
from engine._support.documented_fields import document_fields
from engine.analysis.named_graph import NamedEdge, NamedGraph
from engine.backprop import check_numbers
from engine.graph import toposort
from engine.sweep import present_edges
from engine.value import Value


@document_fields
class Path(NamedTuple):
    """One path from an output back to a node.

    Attributes:
        nodes: The nodes from the output to the node, both included.
        local_derivatives: The derivative of each node with respect to the next one.
        product: Their product: the contribution of this path to the derivative.

    >>> x = Value(1.5, "x")
    >>> [path] = paths(2 * -x, x)
    >>> [node.data for node in path.nodes], path.local_derivatives, path.product
    ([-3.0, -1.5, 1.5], (2.0, -1.0), -2.0)
    """

    nodes: tuple[Value, ...]
    local_derivatives: tuple[float, ...]
    product: float


def paths(output: Value, input: Value, *, named: bool = False, largest_first: bool = False) -> Iterator[Path]:
    """Every path from the output back to the input, one by one (the paper's (6), (11), (17)).

    With `named`, paths lead over labelled nodes alone, see `NamedGraph`, and paths over the same ones are one. With
    `largest_first`, paths with the largest absolute products come first, and are walked lazily. Paths do not end at
    constants.
    Raises TypeError if one of the two is not a `Value`, and DomainError if a local derivative is not finite.

    >>> x = Value(1.5, "x")
    >>> y = 2 * (3 * x) - x
    >>> [path.product for path in paths(y, x)]
    [6.0, -1.0]
    """
    edges_of = edges_between(output, input, named)
    if output not in edges_of:
        return iter(())
    return (_largest_first if largest_first else _depth_first)(NamedEdge(output, 1.0), input, edges_of)


def count_paths(output: Value, input: Value, *, named: bool = False) -> int:
    """The number of `paths` from the output back to the input, exactly, without walking them.

    Raises TypeError if one of the two is not a `Value`.

    >>> x = y = Value(0.5)
    >>> for _ in range(200):
    ...     y = y + y
    >>> count_paths(y, x) == 2**200
    True
    """
    edges_of = edges_between(output, input, named)
    unread = Counter(edge.input for edges in edges_of.values() for edge in edges)
    counts: dict[Value, int] = {}
    for node, edges in edges_of.items():
        counts[node] = 1 if node is input else sum(counts[edge.input] for edge in edges)
        for edge in edges:
            unread[edge.input] -= 1
            if not unread[edge.input]:
                del counts[edge.input]  # a count can have as many digits as the graph has nodes
    return counts.get(output, 0)


def edges_between(output: Value, input: Value, named: bool) -> dict[Value, list[NamedEdge]]:
    """The nodes on paths from the output to the input, in topological order, each with the edges of these paths."""
    for node in (output, input):
        checks.check_instance(node, Value, "paths lead from a Value to a Value")
    order, edges = toposort(output), _edges
    if named:
        graph = NamedGraph(output, names={"input": input})
        order, edges = graph.nodes, graph.edges
    else:
        check_numbers(order)
    reached: dict[Value, Sequence[NamedEdge]] = {output: ()}  # the nodes that paths from the output reach
    for node in reversed(order):
        if node in reached and node is not input:
            reached[node] = edges(node)
            reached.update(dict.fromkeys((edge.input for edge in reached[node]), ()))
    edges_of: dict[Value, list[NamedEdge]] = {input: []} if input in reached and input.op is not ops.constant else {}
    for node in order:
        if node is not input and (found := [edge for edge in reached.get(node, ()) if edge.input in edges_of]):
            edges_of[node] = found
    return edges_of


def _edges(node: Value) -> tuple[NamedEdge, ...]:
    return tuple(NamedEdge(edge.input, edge.local_derivative) for edge in present_edges(node))


def _depth_first(start: NamedEdge, input: Value, edges_of: dict[Value, list[NamedEdge]]) -> Iterator[Path]:
    taken: list[NamedEdge] = []
    waiting = [(0, start)]  # the length of the path before each edge, and the edge
    while waiting:
        n, edge = waiting.pop()
        taken[n:] = [edge]
        if edge.input is input:
            yield _path(taken)
        waiting += [(n + 1, edge) for edge in reversed(edges_of[edge.input])]


def _path(edges: Sequence[NamedEdge]) -> Path:
    """A path whose first edge leads to the output."""
    nodes, derivatives = zip(*edges, strict=True)
    return Path(nodes, derivatives[1:], math.prod(derivatives))


class _PartialPath(NamedTuple):
    """A partial path as a linked list, so that paths share their beginnings."""

    edge: NamedEdge
    before: _PartialPath | None


def _largest_first(start: NamedEdge, input: Value, edges_of: dict[Value, list[NamedEdge]]) -> Iterator[Path]:
    """Best-first search by the cost of a partial path: its shortfall from the best path, in logarithms of the products.

    `best[node]` is the largest product from the node to the input. The cost of an edge is its shortfall from that. The
    edges of a best path cost exactly 0, so it is followed to its end first.
    """
    best = {input: _Magnitude(0, 0.0)}
    for node, edges in edges_of.items():
        if node is not input:
            best[node] = max(_magnitude(edge).times(best[edge.input]) for edge in edges)
    heap = [(_Magnitude(0, 0.0), 0, _PartialPath(start, None))]
    made = 0
    while heap:
        cost, _, path = heappop(heap)
        node = path.edge.input
        if node is input:
            yield _path(_to_list(path))
        for edge in reversed(edges_of[node]):
            made -= 1  # of equal costs, the newest goes first, and of these the first input
            shortfall = best[node].over(_magnitude(edge).times(best[edge.input]))
            heappush(heap, (cost.times(shortfall), made, _PartialPath(edge, path)))


def _to_list(path: _PartialPath | None) -> list[NamedEdge]:
    edges: list[NamedEdge] = []
    while path:
        edges.append(path.edge)
        path = path.before
    return edges[::-1]


class _Magnitude(NamedTuple):
    """The size of a product: the number of infinite factors less that of zeros, then the log of the other factors."""

    order: int
    log: float

    def times(self, other: _Magnitude) -> _Magnitude:
        return _Magnitude(self.order + other.order, self.log + other.log)

    def over(self, other: _Magnitude) -> _Magnitude:
        return _Magnitude(self.order - other.order, self.log - other.log)


def _magnitude(edge: NamedEdge) -> _Magnitude:
    size = abs(edge.local_derivative)
    if 0.0 < size < math.inf:
        return _Magnitude(0, math.log(size))
    return _Magnitude(-1 if size == 0.0 else 1, 0.0)  # NaN counts as infinite
