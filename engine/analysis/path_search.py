"""The mission in a sentence: the chain rule along a path, the sum rule across paths.

The derivative of an output with respect to a node is the sum, over all paths from the output back to the node, of the
product of the local derivatives along the path. Backpropagation finds that sum without walking the paths, of which
there may be more than atoms in the universe; here they can be walked and counted.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from heapq import heappop, heappush
from typing import NamedTuple

from engine import ops
from engine.analysis.named_graph import NamedEdge, NamedGraph
from engine.graph import toposort
from engine.sweep import present_edges
from engine.value import Value


class Path(NamedTuple):
    """One path from an output back to a node.

    Attributes:
        nodes: From the output to the node, both included.
        local_derivatives: The derivative of each node with respect to the next one.
        product: Their product: what this path contributes to the derivative.
    """

    nodes: tuple[Value, ...]
    local_derivatives: tuple[float, ...]
    product: float


def paths(output: Value, input: Value, *, named: bool = False, largest_first: bool = False) -> Iterator[Path]:
    """Every path from the output back to the input, one by one (the paper's (6), (11), (17)).

    With `named`, paths lead over labelled nodes alone, see `NamedGraph`. With `largest_first`, those with the largest
    absolute products come first, and the rest is not walked until it is asked for. No path ends at a constant.
    Raises TypeError for what is no `Value`, and DomainError if a local derivative is not finite.

    >>> x = Value(1.5, "x")
    >>> y = 2 * (3 * x) - x
    >>> [path.product for path in paths(y, x)]
    [6.0, -1.0]
    """
    leading = edges_between(output, input, named)
    if output not in leading:
        return iter(())
    return (_largest_first if largest_first else _depth_first)(NamedEdge(output, 1.0), input, leading)


def count_paths(output: Value, input: Value, *, named: bool = False) -> int:
    """The number of paths from the output back to the input, exactly, without walking them.

    >>> x = y = Value(0.5)
    >>> for _ in range(200):
    ...     y = y + y
    >>> count_paths(y, x) == 2**200
    True
    """
    leading = edges_between(output, input, named)
    waiting = Counter(edge.input for ways in leading.values() for edge in ways)
    counts: dict[Value, int] = {}
    for node, ways in leading.items():
        counts[node] = 1 if node is input else sum(counts[edge.input] for edge in ways)
        for edge in ways:
            waiting[edge.input] -= 1
            if not waiting[edge.input]:
                del counts[edge.input]  # such a number can have as many digits as the graph has nodes
    return counts.get(output, 0)


def edges_between(output: Value, input: Value, named: bool) -> dict[Value, list[NamedEdge]]:
    """The nodes from which a path leads to the input, inputs first, each with its edges that such paths take."""
    order, edges = _graph(output, input, named)
    ways: dict[Value, Sequence[NamedEdge]] = {output: ()}  # of all that paths lead to from the output
    for node in reversed(order):
        if node in ways and node is not input:
            ways[node] = edges(node)
            ways.update(dict.fromkeys((edge.input for edge in ways[node]), ()))
    leading: dict[Value, list[NamedEdge]] = {input: []} if input in ways and input.op is not ops.constant else {}
    for node in order:
        if node is not input and (on := [edge for edge in ways.get(node, ()) if edge.input in leading]):
            leading[node] = on
    return leading


def _graph(output: Value, input: Value, named: bool) -> tuple[list[Value], Callable[[Value], Sequence[NamedEdge]]]:
    for node in (output, input):
        if not isinstance(node, Value):
            raise TypeError(f"paths lead from a Value to a Value, not {node!r:.60} of type {type(node).__name__}")
    if named:
        graph = NamedGraph(output, names={"input": input})
        return graph.nodes, graph.edges
    return toposort(output), _edges


def _edges(node: Value) -> list[NamedEdge]:
    return [NamedEdge(edge.input, edge.local_derivative) for edge in present_edges(node)]


def _depth_first(start: NamedEdge, input: Value, leading: dict[Value, list[NamedEdge]]) -> Iterator[Path]:
    taken: list[NamedEdge] = []
    waiting = [(0, start)]  # how many edges were taken before each
    while waiting:
        n, edge = waiting.pop()
        taken[n:] = [edge]
        if edge.input is input:
            yield _path(taken)
        waiting += [(n + 1, edge) for edge in reversed(leading[edge.input])]


def _path(edges: Sequence[NamedEdge]) -> Path:
    """A path whose first edge leads to the output."""
    nodes, derivatives = zip(*edges, strict=True)
    return Path(nodes, derivatives[1:], math.prod(derivatives))


class _Link(NamedTuple):
    """A partial path as a linked list, so that paths share their beginnings."""

    edge: NamedEdge
    before: _Link | None


def _largest_first(start: NamedEdge, input: Value, leading: dict[Value, list[NamedEdge]]) -> Iterator[Path]:
    """Best first, by what a path has lost so far against the best one, in logarithms of the products.

    `best[node]` is the largest product from the node to the input. An edge loses what it falls short of that, so the
    edges of a best path lose exactly 0, and it is followed to its end before anything else is looked at.
    """
    best = {input: _Size(0, 0.0)}
    for node, ways in leading.items():
        if node is not input:
            best[node] = max(_size(edge).times(best[edge.input]) for edge in ways)
    heap = [(_Size(0, 0.0), 0, _Link(start, None))]
    made = 0
    while heap:
        loss, _, link = heappop(heap)
        node = link.edge.input
        if node is input:
            yield _path(_unlinked(link))
        for edge in reversed(leading[node]):
            made -= 1  # among equals, the newest goes first, and of these the first input
            short_by = best[node].over(_size(edge).times(best[edge.input]))
            heappush(heap, (loss.times(short_by), made, _Link(edge, link)))


def _unlinked(link: _Link | None) -> list[NamedEdge]:
    edges: list[NamedEdge] = []
    while link:
        edges.append(link.edge)
        link = link.before
    return edges[::-1]


class _Size(NamedTuple):
    """The absolute value of a product: how many factors are infinite, less those that are 0; then log of the others."""

    order: int
    log: float

    def times(self, other: _Size) -> _Size:
        return _Size(self.order + other.order, self.log + other.log)

    def over(self, other: _Size) -> _Size:
        return _Size(self.order - other.order, self.log - other.log)


def _size(edge: NamedEdge) -> _Size:
    size = abs(edge.local_derivative)
    if 0.0 < size < math.inf:
        return _Size(0, math.log(size))
    return _Size(-1 if size == 0.0 else 1, 0.0)  # NaN counts as infinite
