"""A graph reduced to its named nodes.

A formula is a graph of many small operations. `E = (z - y)**2 / 2` is three of them, and one step for a reader.
`NamedGraph` is the quotient of a graph by its named nodes: other nodes are merged into the node that is made from them,
and the local derivative between two named nodes is the sum, over the unnamed paths between them, of the products along
these paths, as a number and as a formula.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from engine import ops
from engine._support.documented_fields import document_fields
from engine.analysis.node_names import names_of_variables
from engine.backprop import check_numbers
from engine.graph import toposort
from engine.guards import GuardedChainRule
from engine.op import Op
from engine.sweep import (
    CURRENT_DATA,
    ChainRule,
    Edge,
    Edges,
    chain_rule,
    edge_inputs,
    is_met_now,
    local_derivative,
    present_edges,
    reverse,
)
from engine.symbolic.expression import Expression, ExpressionBuilder
from engine.symbolic.rewrites import display
from engine.value import Value


@document_fields
class NamedEdge(NamedTuple):
    """An edge from a named node back to a named input.

    Attributes:
        input: The named node that it leads to.
        local_derivative: The derivative of the node with respect to this input.
    """

    input: Value
    local_derivative: float


class NamedGraph:
    """A graph reduced to its named nodes: those with labels, the output, and the variables.

    `names` gives further names, from variable names to nodes or lists of them: `names=locals()`; labels take
    precedence. A variable without a name is called by its number, an output without a name "output". Call `forward` on
    the outputs first if a `data` was changed: the derivatives that `edges` returns would belong to no point.

    Attributes:
        outputs: The outputs of the graph.
        nodes: The named nodes, in topological order.
        names: Their names.
        labelled: Those that were given their names, by a label or by `names`.

    >>> from engine import label
    >>> x = Value(1.5, "x")
    >>> a_1, a_2 = 3 * x, -x
    >>> y = 2 * a_1 + a_2
    >>> label(a_1=a_1, a_2=a_2, y=y)
    >>> graph = NamedGraph(y)
    >>> [graph.names[node] for node in graph.nodes]
    ['x', 'a_1', 'a_2', 'y']
    >>> [(graph.names[x], derivative) for x, derivative in graph.edges(y)]
    [('a_1', 2.0), ('a_2', 1.0)]
    """

    def __init__(self, output: Value | Sequence[Value], names: Mapping[str, Any] | None = None) -> None:
        self.outputs = (output,) if isinstance(output, Value) or not isinstance(output, Iterable) else tuple(output)
        self._position = {node: i for i, node in enumerate(toposort(*self.outputs))}
        check_numbers(self._position)
        given = names_of_variables(names, self._position)
        self.names: dict[Value, str] = {}
        self.labelled: set[Value] = set()
        for node in self._position:
            name = node.label or given.get(node, "")
            if name:
                self.labelled.add(node)
            if name or node in self.outputs or node.op is ops.variable:
                self.names[node] = name or ("output" if node.inputs else f"{node.data:.6g}")
        self.nodes = list(self.names)
        self._builder = ExpressionBuilder(display, expand=False)
        self._edges: dict[Value, tuple[NamedEdge, ...]] = {}

    def inputs(self, node: Value) -> list[Value]:
        """The named nodes that a named node is made from, in topological order."""
        found = {x for u in self.operations(node) for x in u.inputs if x in self.names}
        return sorted(found, key=self._position.__getitem__)

    def edges(self, node: Value, numbers: Mapping[Value, float] | None = None) -> tuple[NamedEdge, ...]:
        """The named nodes that a named node is made from, each with the local derivative as a number.

        `numbers` are those of all nodes, if other than their `data`. Raises DomainError if a local derivative is not
        finite.
        """
        if numbers is not None:
            return self._edges_at(node, numbers)
        if node not in self._edges:
            self._edges[node] = self._edges_at(node, CURRENT_DATA)
        return self._edges[node]

    def _edges_at(self, node: Value, numbers: Mapping[Value, float]) -> tuple[NamedEdge, ...]:
        derivatives = self._local_derivatives(node, lambda u: present_edges(u, numbers), 1.0)
        return tuple(NamedEdge(x, derivative) for x, derivative in derivatives.items())

    def path_counts(self, node: Value) -> dict[Value, int]:
        """The number of paths, over merged nodes, from a named node back to each named node that it is made from.

        >>> x = Value(3.0, "x")
        >>> y = x * x
        >>> NamedGraph(y).path_counts(y)[x]
        2
        """

        def edges(u: Value) -> Iterable[Edge]:
            return (Edge(x, 1, i, when) for i, x, when in edge_inputs(u, is_met_now))

        return self._local_derivatives(node, edges, 1)

    def formulas(self, node: Value) -> dict[Value, Expression]:
        """The local derivatives of a named node as formulas, by the named nodes that it is made from.

        The derivative of an activation function is written as such: σ'(a).

        >>> z = Value(0.75, "z")
        >>> E = (z - 0.25) ** 2 / 2
        >>> NamedGraph(E).formulas(E)
        {Value(data=0.75, grad=0.0, label='z'): subtract(z, 0.25)}
        """
        symbols = self._symbols(node)
        chain = GuardedChainRule(self._order(node), self.inputs(node), symbols)

        def edges(u: Value) -> Iterable[Edge]:
            found = (Edge(x, self._derivative(u, i, symbols), i, when) for i, x, when in edge_inputs(u))
            return chain.reachable_edges(u, found)

        derivatives = self._local_derivatives(node, edges, self.constant(1.0), chain)
        return {x: y if isinstance(y, Expression) else self.constant(y) for x, y in derivatives.items()}

    def edge_formula(self, node: Value, i: int) -> Expression:
        """The local derivative of a node with respect to its i-th input alone, in one operation, as a formula."""
        derivative = self._derivative(node, i, self._symbols(node))
        return derivative if isinstance(derivative, Expression) else self.constant(derivative)

    def _derivative(self, node: Value, i: int, symbols: Mapping[Value, Expression]) -> Any:
        """The local derivative with respect to the i-th input; that of an activation function is written σ'(a)."""
        inputs = tuple([symbols[x] for x in node.inputs])
        if node.op.activation and i == 0:
            return self._builder.make(activation_derivative(node.op), inputs)
        return local_derivative(node, i, symbols[node], inputs)

    def relation(self, node: Value) -> Expression:
        """The formula of a named node in other named nodes; for a leaf, its own name."""
        return self._symbols(node)[node]

    def symbol(self, name: str) -> Expression:
        """A name, to build further formulas with."""
        return self._builder.symbol(name)

    def symbol_of(self, node: Value) -> Expression:
        """The name of a named node, to build further formulas with. Raises ValueError for other nodes."""
        if node not in self.names:
            raise ValueError(f"{node!r:.60} is not a named node of this graph")
        return self._builder.symbol(self.names[node])

    def constant(self, number: float) -> Expression:
        """A number, to build further formulas with."""
        return self._builder.constant(number)

    def _symbols(self, node: Value) -> dict[Value, Expression]:
        """The formulas of a named node and of the nodes merged into it, in the named nodes that it is made from."""
        symbols: dict[Value, Expression] = {}
        for u in self.operations(node):
            for x in u.inputs:
                if x in self.names:
                    symbols[x] = self.symbol_of(x)
                elif x.op is ops.constant:
                    symbols[x] = self.constant(x.data)
            symbols[u] = self._builder.make(u.op, tuple(symbols[x] for x in u.inputs))
        return symbols or {node: self.symbol_of(node)}

    def operations(self, node: Value) -> list[Value]:
        """A named node and the nodes merged into it, in topological order; empty for a leaf.

        Raises ValueError, as other methods do, for a node of another graph.
        """
        if node not in self._position:
            raise ValueError(f"{node!r:.60} is not a node of this graph")
        found = {node} if node.inputs else set()
        stack = list(found)
        while stack:
            for x in stack.pop().inputs:
                if x.inputs and x not in self.names and x not in found:
                    found.add(x)
                    stack.append(x)
        return sorted(found, key=self._position.__getitem__)

    def _order(self, node: Value) -> list[Value]:
        """A named node, the nodes merged into it, and the named nodes that it is made from, in topological order."""
        return [*self.inputs(node), *self.operations(node)]

    def _local_derivatives(
        self, node: Value, edges: Edges, seed: Any, chain_rule: ChainRule = chain_rule
    ) -> dict[Value, Any]:
        """The derivatives of a named node with respect to its named inputs, as numbers or as formulas."""
        ends = dict.fromkeys(self.inputs(node))
        if not node.inputs:
            return {}
        found = reverse(self._order(node), lambda u: () if u in ends else edges(u), seed, chain_rule)
        return {x: found[x] for x in ends if x in found}


_DERIVATIVES: dict[Op, Op] = {}


def activation_derivative(op: Op) -> Op:
    """σ' of an activation function σ, as an operation for formulas; the same one in all threads."""
    if op in _DERIVATIVES:
        return _DERIVATIVES[op]

    def rule(*inputs: Any) -> Any:
        return op.local_derivative(0, op(*inputs), inputs)  # shown as σ', and not differentiated further

    made = Op(f"{op.name}'", f"{op.symbol}'", rule, [_no_further_derivative] * (op.arity or 1))
    return _DERIVATIVES.setdefault(op, made)


def is_activation_derivative(op: Op) -> bool:
    """Whether an operation of a formula is σ' of an activation function σ."""
    return op in list(_DERIVATIVES.values())


def _no_further_derivative(*_: Any) -> Any:
    raise TypeError("σ' stands in a formula to be read; grad(..., create_graph=True) gives derivatives of derivatives")
