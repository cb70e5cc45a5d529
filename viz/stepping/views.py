"""The two views of a graph to step through: every operation, or as in the paper, the named nodes alone.

A view provides the nodes in topological order, and the edges of each, with local derivatives as numbers and as
formulas. In the paper's view, y = 2a₁ + a₂ is one node, as in (7).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from typing import ClassVar

from engine import NamedGraph, Value, toposort
from engine.labels import short_labels
from engine.sweep import Edge, present_edges
from engine.symbolic.expression import Expression


class View(ABC):
    """The nodes and edges of a graph, as the stepper shows them.

    Attributes:
        root: The output.
        names: The name of each node, except constants, in topological order.
        labels: The names as they are shown: in layers of one unit without the unit's index, as in the paper.
        order: The nodes, constants included, in topological order.
        graph: The graph of the named nodes, whose formulas are shown.
    """

    name: ClassVar[str]  # by which users choose it

    def __init__(self, root: Value, names: Mapping[Value, str]) -> None:
        self.root = root
        self.names = names
        short = short_labels(names.values())
        self.labels = {node: short[name] for node, name in names.items()}
        self.graph = NamedGraph(root, {name: node for node, name in names.items()})
        self.order: Sequence[Value] = self.graph.nodes

    @abstractmethod
    def inputs(self, node: Value) -> Sequence[Value]:
        """The nodes that a node is made from; an edge is given by the index of its input in this list."""

    @abstractmethod
    def edges(self, node: Value, numbers: Mapping[Value, float]) -> Iterable[Edge]:
        """The edges that exist for these numbers of all nodes of the graph, with their local derivatives."""

    @abstractmethod
    def local_derivative(self, node: Value, index: int) -> Expression:
        """The local derivative along an edge, as a formula."""

    @abstractmethod
    def n_paths(self, node: Value, index: int) -> int:
        """The number of paths, over operations, that an edge stands for."""


class OperationView(View):
    """Every node and every operation.

    >>> x = Value(1.5, "x")
    >>> y = x * x
    >>> view = OperationView(y, {x: "x", y: "y"})
    >>> [edge.local_derivative for edge in view.edges(y, {x: x.data, y: y.data})]
    [1.5, 1.5]
    """

    name = "all"

    def __init__(self, root: Value, names: Mapping[Value, str]) -> None:
        super().__init__(root, names)
        self.order = toposort(root)

    def inputs(self, node: Value) -> Sequence[Value]:
        """The operands."""
        return node.inputs

    def edges(self, node: Value, numbers: Mapping[Value, float]) -> Iterable[Edge]:
        """An edge for each operand that passes a derivative."""
        return present_edges(node, numbers)

    def local_derivative(self, node: Value, index: int) -> Expression:
        """The local derivative of one operation."""
        return self.graph.edge_formula(node, index)

    def n_paths(self, node: Value, index: int) -> int:
        """1: an edge is one step of a path."""
        return 1


class PaperView(View):
    """The nodes with labels, the leaves and the output; other nodes are merged into those that are made from them.

    >>> x = Value(1.5, "x")
    >>> y = x * x
    >>> view = PaperView(y, {x: "x", y: "y"})
    >>> [edge.local_derivative for edge in view.edges(y, {x: x.data, y: y.data})], view.n_paths(y, 0)
    ([3.0], 2)
    """

    name = "paper"

    def __init__(self, root: Value, names: Mapping[Value, str]) -> None:
        shown = (node for node in names if node.label or not node.inputs or node is root)
        super().__init__(root, {node: names[node] for node in shown})
        self._formulas: dict[Value, Mapping[Value, Expression]] = {}
        self._n_paths: dict[Value, Mapping[Value, int]] = {}
        self._inputs: dict[Value, Sequence[Value]] = {}

    def inputs(self, node: Value) -> Sequence[Value]:
        """The named nodes that a named node is made from, in topological order."""
        if node not in self._inputs:
            self._inputs[node] = self.graph.inputs(node)
        return self._inputs[node]

    def edges(self, node: Value, numbers: Mapping[Value, float]) -> Iterable[Edge]:
        """An edge for each of them, with the sum over the paths between the two."""
        index = {x: i for i, x in enumerate(self.inputs(node))}
        return [Edge(x, derivative, index[x]) for x, derivative in self.graph.edges(node, numbers)]

    def local_derivative(self, node: Value, index: int) -> Expression:
        """The derivative of the merged operations."""
        if node not in self._formulas:
            self._formulas[node] = self.graph.formulas(node)
        return self._formulas[node][self.inputs(node)[index]]

    def n_paths(self, node: Value, index: int) -> int:
        """The number of paths over the merged operations."""
        if node not in self._n_paths:
            self._n_paths[node] = self.graph.path_counts(node)
        return self._n_paths[node].get(self.inputs(node)[index], 0)

    def has_inner_nodes(self) -> bool:
        """Whether a node is neither the output nor a leaf."""
        return any(node.inputs and node is not self.root for node in self.names)

    def merges_paths(self) -> bool:
        """Whether an arrow stands for several paths."""
        return any(n > 1 for node in self.names for n in self.graph.path_counts(node).values())


VIEWS: dict[str, type[View]] = {view.name: view for view in (PaperView, OperationView)}


def default_view(root: Value, names: Mapping[Value, str]) -> str:
    """The name of the view in which a graph is shown first.

    That is the paper's where it has inner nodes, and each of its arrows stands for one path. An arrow that merges
    several paths would hide the sum rule.
    """
    paper = PaperView(root, names)
    return "paper" if paper.has_inner_nodes() and not paper.merges_paths() else "all"
