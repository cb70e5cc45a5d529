"""The mission in a sentence: the chain rule along a path, the sum rule across paths.

The derivative of an output with respect to a node is the sum, over all paths from the output back to the node, of the
product of the local derivatives along the path. Backpropagation finds that sum without walking the paths, of which
there may be more than atoms in the universe; here they can be walked, counted, and laid beside it.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from heapq import heappop, heappush
from itertools import islice
from typing import NamedTuple, TypeVar

from engine import ops
from engine.backprop import grad
from engine.graph import toposort
from engine.named import Edge, NamedGraph
from engine.value import Value

Edges = Callable[[Value], Sequence[Edge]]
T = TypeVar("T")
MOST_SHOWN = 60  # nodes of one path
MOST_BITS = 1000  # of a number that is written in full


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
    Raises TypeError for what is no `Value`, and DomainError if a local derivative has no finite value.

    >>> x = Value(1.5, "x")
    >>> y = 2 * (3 * x) - x
    >>> [path.product for path in paths(y, x)]
    [6.0, -1.0]
    """
    order, edges = _graph(output, input, named)
    leading = _leading(order, edges, input)
    if output not in leading:
        return iter(())
    return (_largest_first if largest_first else _depth_first)(output, input, leading)


def count_paths(output: Value, input: Value, *, named: bool = False) -> int:
    """The number of paths from the output back to the input, exactly, without walking them.

    >>> x = y = Value(0.5)
    >>> for _ in range(200):
    ...     y = y + y
    >>> count_paths(y, x) == 2**200
    True
    """
    order, edges = _graph(output, input, named)
    leading = _leading(order, edges, input)
    waiting = Counter(edge.input for ways in leading.values() for edge in ways)
    counts: dict[Value, int] = {}
    for node, ways in leading.items():
        counts[node] = 1 if node is input else sum(counts[edge.input] for edge in ways)
        for edge in ways:
            waiting[edge.input] -= 1
            if not waiting[edge.input]:
                del counts[edge.input]  # such a number can have as many digits as the graph has nodes
    return counts.get(output, 0)


class Explanation(NamedTuple):
    """A derivative as a sum over paths, beside what backpropagation found. Printed, it is a small table.

    Attributes:
        title: What is explained.
        rows: The largest paths: the names along it, the product written out, and its value.
        n_paths: How many paths there are in all.
        total: The sum over all of them; None where not all were walked.
        gradient: The derivative that backpropagation found.
        note: What is amiss where the two were given in the wrong order, else nothing.
    """

    title: str
    rows: tuple[tuple[str, str, float], ...]
    n_paths: int
    total: float | None
    gradient: float
    note: str = ""

    def __repr__(self) -> str:
        if self.note:
            return f"{self.title}: {self.note}"
        rows = list(self.rows)
        if self.n_paths > len(rows):
            rows.append((f"… {_counted(self.n_paths - len(rows))} more", "", math.nan))
        if self.total is not None:
            rows.append(("sum over paths", "", self.total))
        rows.append(("backpropagation", "", self.gradient))
        widths = [max(len(names) for names, _, _ in rows), max(len(factors) for _, factors, _ in rows)]
        lines = [f"{self.title}, {_counted(self.n_paths)} path{'s' * (self.n_paths != 1)}"]
        for names, factors, value in rows:
            number = "" if math.isnan(value) and "more" in names else f"= {value: .12g}"
            lines.append(f"  {names:<{widths[0]}}  {factors:<{widths[1]}}  {number}".rstrip())
        return "\n".join(lines)


def explain(output: Value, input: Value, *, named: bool | None = None, most: int = 20) -> Explanation:
    """The derivative of the output with respect to the input as the sum over paths, next to backpropagation's.

    Paths lead over labelled nodes alone if there are any between the two; `named=False` shows every operation. At most
    `most` paths are listed, largest first; only if these are all, they are summed up. Of a path of very many nodes, the
    first and the last are shown. Where the input was given first, the explanation says so.

    >>> from engine import label
    >>> x = Value(1.5, "x")
    >>> a_1, a_2 = 3 * x, -x
    >>> y = 2 * a_1 + a_2
    >>> label(a_1=a_1, a_2=a_2, y=y)
    >>> explain(y, x)
    ∂y/∂x, 2 paths
      y ← a_1 ← x      2 · 3   =  6
      y ← a_2 ← x      1 · -1  = -1
      sum over paths           =  5
      backpropagation          =  5
    """
    return explain_by_names(output, input, _name, named, most)


def explain_by_names(
    output: Value, input: Value, name: Callable[[Value], str], named: bool | None = None, most: int = 20
) -> Explanation:
    """`explain`, with the names that a function gives to nodes."""
    if named is None:
        between = _leading(*_graph(output, input, named=False), input)
        named = any(node.label for node in between if node is not output and node is not input)
    count = count_paths(output, input, named=named)
    walked = list(islice(paths(output, input, named=named, largest_first=True), most))
    total = math.fsum(path.product for path in walked) if len(walked) == count else None
    rows = tuple((_joined(" ← ", path.nodes, name), _factors(path), path.product) for path in walked)
    note = "" if count else _reversed(output, input, name)
    return Explanation(f"∂{name(output)}/∂{name(input)}", rows, count, total, grad(output, [input])[0], note)


def _reversed(output: Value, input: Value, name: Callable[[Value], str]) -> str:
    """That the input was given first, if it was: a derivative of 0 would tell nobody so."""
    n = count_paths(input, output)
    x, y = name(output), name(input)
    said = f"{x} is not made from {y}, but {y} from {x}. The output comes first: ∂{y}/∂{x} has "
    return f"{said}{_counted(n)} path{'s' * (n != 1)}" if n else ""


def _name(node: Value) -> str:
    return node.label or (f"({node.op.symbol})" if node.inputs else f"{node.data:.6g}")


def _factors(path: Path) -> str:
    return _joined(" · ", path.local_derivatives, "{:.6g}".format)


def _joined(sign: str, parts: Sequence[T], written: Callable[[T], str]) -> str:
    """All parts, or of very many the first and the last."""
    if len(parts) <= MOST_SHOWN:
        return sign.join(map(written, parts))
    end = MOST_SHOWN // 2
    between = f"… {len(parts) - 2 * end} more …"
    return sign.join([*map(written, parts[:end]), between, *map(written, parts[-end:])])


def _counted(n: int) -> str:
    """A number of paths, exactly; one of very many digits, of which Python writes no more than 4300, about."""
    excess = n.bit_length() - MOST_BITS
    if excess <= 0:
        return str(n)
    exponent, fraction = divmod(math.log10(n >> excess) + excess * math.log10(2.0), 1.0)
    return f"about {10.0**fraction:.2f}e+{exponent:.0f}"


def _graph(output: Value, input: Value, named: bool) -> tuple[list[Value], Edges]:
    for node in (output, input):
        if not isinstance(node, Value):
            raise TypeError(f"paths lead from a Value to a Value; {node!r:.60}, of type {type(node).__name__}, is none")
    if named:
        graph = NamedGraph(output, names={_name(input): input})
        return graph.nodes, graph.edges
    return toposort(output), _edges


def _edges(node: Value) -> list[Edge]:
    inputs = [x.data for x in node.inputs]
    try:
        return [
            Edge(x, node.op.local_derivative(i, node.data, inputs))
            for i, x in enumerate(node.inputs)
            if x.op is not ops.constant
        ]
    except (ArithmeticError, ValueError) as error:
        raise node.op.domain_error("the derivative of ", inputs, node.inputs) from error


def _leading(order: list[Value], edges: Edges, input: Value) -> dict[Value, list[Edge]]:
    """The nodes from which a path leads to the input, inputs first, each with its edges that such paths take."""
    leading: dict[Value, list[Edge]] = {}
    for node in order:
        if node.op is ops.constant:
            continue
        if node is input:
            leading[node] = []
        elif node.inputs:
            ways = [edge for edge in edges(node) if edge.input in leading]
            if ways:
                leading[node] = ways
    return leading


def _depth_first(output: Value, input: Value, leading: dict[Value, list[Edge]]) -> Iterator[Path]:
    nodes, branches = [output], [iter(leading[output])]
    derivatives: list[float] = []
    if output is input:
        yield _path(nodes, [])
    while branches:
        edge = next(branches[-1], None)
        if edge is None:
            branches.pop()
            nodes.pop()
            if derivatives:
                derivatives.pop()
            continue
        nodes.append(edge.input)
        derivatives.append(edge.local_derivative)
        branches.append(iter(leading[edge.input]))
        if edge.input is input:
            yield _path(nodes, derivatives)


def _path(nodes: Sequence[Value], derivatives: Sequence[float]) -> Path:
    return Path(tuple(nodes), tuple(derivatives), math.prod(derivatives, start=1.0))


class _Link(NamedTuple):
    """A partial path as a linked list, so that paths share their beginnings."""

    edge: Edge
    before: _Link | None


def _largest_first(output: Value, input: Value, leading: dict[Value, list[Edge]]) -> Iterator[Path]:
    """Best first, by what a path has lost so far against the best one, in logarithms of the products.

    `best[node]` is the largest product from the node to the input. An edge loses what it falls short of that, so the
    edges of a best path lose exactly 0, and it is followed to its end before anything else is looked at.
    """
    best = {input: _Size(0, 0.0)}
    for node, ways in leading.items():
        if node is not input:
            best[node] = max(_size(edge).times(best[edge.input]) for edge in ways)
    heap: list[tuple[_Size, int, Value, _Link | None]] = [(_Size(0, 0.0), 0, output, None)]
    made = 0
    while heap:
        loss, _, node, taken = heappop(heap)
        if node is input:
            yield _unlink(output, taken)
            continue
        for edge in reversed(leading[node]):
            made -= 1  # among equals, the newest goes first, and of these the first input
            short_by = best[node].over(_size(edge).times(best[edge.input]))
            heappush(heap, (loss.times(short_by), made, edge.input, _Link(edge, taken)))


class _Size(NamedTuple):
    """The absolute value of a product: how many factors are infinite, less those that are 0; then log of the others."""

    order: int
    log: float

    def times(self, other: _Size) -> _Size:
        return _Size(self.order + other.order, self.log + other.log)

    def over(self, other: _Size) -> _Size:
        return _Size(self.order - other.order, self.log - other.log)


def _size(edge: Edge) -> _Size:
    size = abs(edge.local_derivative)
    if 0.0 < size < math.inf:
        return _Size(0, math.log(size))
    return _Size(-1 if size == 0.0 else 1, 0.0)  # NaN counts as infinite


def _unlink(output: Value, taken: _Link | None) -> Path:
    edges: list[Edge] = []
    while taken:
        edges.append(taken.edge)
        taken = taken.before
    edges.reverse()
    return _path([output, *(edge.input for edge in edges)], [edge.local_derivative for edge in edges])
