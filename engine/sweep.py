"""Backpropagation, written once, for every kind of number: floats, `Value`s, expressions.

The *edges* of a node lead back to its inputs, each with the local derivative ∂node/∂input. The reverse sweep carries
the derivative of the output back along them: the chain rule multiplies along an edge, the sum rule adds up where edges
meet. The forward sweep carries a tangent the other way. Both take the two rules as functions, so that who records
steps, names intermediate results, or looks for a fault puts in a rule of its own.

An edge is absent where there is no path: into a constant, into an input that passes no derivative (what `greater`
compares), into the branch of `where` that is not taken. Absent is not zero: 0 · ∞ never arises there. A derivative that
happens to be 0 cuts no path.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import reduce
from operator import add
from typing import Any, NamedTuple

from engine import anomaly, ops
from engine.op import NEVER, DomainError, Selected


class Condition(NamedTuple):
    """That a node is true, or with `holds=False`, that it is not: whatever number it has, 0 is false."""

    node: Any
    holds: bool

    def is_met(self, numbers: Mapping[Any, float]) -> bool:
        """Whether it is so for these numbers of the nodes."""
        return bool(numbers[self.node]) is self.holds

    @property
    def opposite(self) -> Condition:
        """That it is not so."""
        return Condition(self.node, not self.holds)


class Edge(NamedTuple):
    """From a node back to one of its inputs.

    Attributes:
        input: The node that it leads to.
        local_derivative: ∂node/∂input.
        i: Which of the node's inputs it is.
        when: Where the edge is there, if it is not there always.
    """

    input: Any
    local_derivative: Any
    i: int
    when: Condition | None = None


Edges = Callable[[Any], Iterable[Edge]]  # those of a node
ChainRule = Callable[[Any, Any, Edge], Any]  # of a node and the derivative by it, and an edge: what goes along the edge
SumRule = Callable[[Any, list[Any]], Any]  # of a node and what came to it, in the order in which it came


class IdentityMapping(dict[Any, Any]):
    """The numbers of nodes that are numbers themselves: `Value`s and expressions."""

    def __missing__(self, node: Any) -> Any:
        return node


class CurrentData(dict[Any, float]):
    """The numbers that the nodes of a graph have now."""

    def __missing__(self, node: Any) -> float:
        number: float = node.data
        return number


IDENTITY, CURRENT_DATA = IdentityMapping(), CurrentData()


def compute_values(order: Iterable[Any], leaves: Mapping[Any, float]) -> dict[Any, float]:
    """The values of nodes in the order of `toposort`, as floats, from those of some leaves; others keep their `data`.

    No node is changed. Raises DomainError, which names the first node that has no value.

    >>> from engine import Value, toposort
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


ConditionTest = Callable[[Condition], bool]  # whether a condition is met, where that is known


def differentiable_inputs(
    node: Any, is_met: ConditionTest | None = None
) -> Iterator[tuple[int, Any, Condition | None]]:
    """Where the edges of a node lead: the index of an input, the input, and when the edge is there, if not always.

    Of the edges that are there under a condition, all are given, or those whose condition `is_met`.
    """
    presences = node.op.edges
    for i, x in enumerate(node.inputs):
        if x.op is ops.constant:
            continue
        when = None
        if presences:
            presence = presences[i]
            if presence is NEVER:
                continue
            if isinstance(presence, Selected):
                when = Condition(node.inputs[presence.by], presence.where)
                known = when.node.known
                if not (is_met(when) if known is None and is_met else known is None or bool(known) is when.holds):
                    continue
                when = when if known is None else None
        yield i, x, when


def local_derivative(node: Any, i: int, z: Any, inputs: Sequence[Any]) -> Any:
    """∂node/∂inputs[i], where there is an edge, at the numbers z of the node and of its inputs.

    Raises DomainError, which names the node, if it is not finite.
    """
    try:
        return node.op.local_derivative(i, z, inputs)
    except (ArithmeticError, ValueError) as error:
        raise derivative_error(node, inputs) from error


def is_met_now(when: Condition) -> bool:
    """Whether a condition is met by the number that its node has now."""
    return when.is_met(CURRENT_DATA)


def reaches_variable(node: Any, is_met: ConditionTest | None = None) -> bool:
    """Whether a path of edges leads from a node to a variable: from a result of `greater`, none does."""
    seen, waiting = {node}, [node]
    while waiting:
        u = waiting.pop()
        if not u.inputs:
            return True
        new = [x for _, x, _ in differentiable_inputs(u, is_met) if x not in seen]
        seen.update(new)
        waiting += new
    return False


def nodes_with_path_to(wanted: Iterable[Any], order: Iterable[Any]) -> set[Any]:
    """The nodes of an order from which paths of edges lead to those that are wanted; these included."""
    found = set(wanted)
    for node in order:
        if not found.isdisjoint(node.inputs) and (
            not node.op.edges or any(x in found for _, x, _ in differentiable_inputs(node))
        ):
            found.add(node)
    return found


def edges(
    node: Any, numbers: Mapping[Any, Any], to: Collection[Any] | None = None, is_met: ConditionTest | None = None
) -> Iterator[Edge]:
    """The edges of a node, or those of them that lead `to` some nodes; see `differentiable_inputs` for `is_met`.

    An edge without a local derivative is left out where no path leads on from its input to a variable, unless it is one
    of those that are asked for.
    """
    z, inputs = numbers[node], [numbers[x] for x in node.inputs]
    for i, x, when in differentiable_inputs(node, is_met):
        if to is None or x in to:
            try:
                derivative = local_derivative(node, i, z, inputs)
            except DomainError:
                if to is not None or reaches_variable(x, is_met):
                    raise
            else:
                yield Edge(x, derivative, i, when)


def present_edges(
    node: Any, numbers: Mapping[Any, float] = CURRENT_DATA, to: Collection[Any] | None = None
) -> Iterator[Edge]:
    """The edges of a node that are there for these floats, or for those that the graph has now.

    >>> from engine import Value, where
    >>> c, x, y = Value(1.0), Value(2.0, "x"), Value(3.0, "y")
    >>> z = where(c, x, y)
    >>> [edge.input.label for edge in present_edges(z)]
    ['x']
    """
    return edges(node, numbers, to, lambda when: when.is_met(numbers))


def chain_rule(node: Any, derivative: Any, edge: Edge) -> Any:
    """The chain rule: upstream derivative · local derivative."""
    return derivative * edge.local_derivative


def sum_rule(node: Any, contributions: list[Any]) -> Any:
    """The sum rule: what came along all edges, added up in the order in which it came."""
    return reduce(add, contributions)


def reverse(
    order: Sequence[Any], edges: Edges, one: Any = 1.0, chain: ChainRule = chain_rule, total: SumRule = sum_rule
) -> dict[Any, Any]:
    """The derivative of the last node of `order` by each node that it reaches: the reverse sweep.

    When it comes to a node, all nodes that are made from it have been visited, so that all contributions are there.

    >>> from engine import Value, toposort
    >>> x = Value(3.0, "x")
    >>> y = x * x
    >>> numbers = {x: x.data, y: y.data}
    >>> reverse(toposort(y), lambda node: edges(node, numbers))[x]
    6.0
    """
    contributions: dict[Any, list[Any]] = {order[-1]: [one]}
    derivatives: dict[Any, Any] = {}
    for node in reversed(order):
        if node in contributions:  # else no path leads to it
            derivatives[node] = derivative = total(node, contributions.pop(node))
            for edge in edges(node):
                contributions.setdefault(edge.input, []).append(chain(node, derivative, edge))
    return derivatives


def reachable_nodes(order: Sequence[Any], numbers: Mapping[Any, float]) -> list[Any]:
    """The nodes of an order to which edges lead back from its last one, for these floats: others need no tangent."""
    found = {order[-1]}
    for node in reversed(order):
        if node in found:
            found.update(x for _, x, _ in differentiable_inputs(node, lambda when: when.is_met(numbers)))
    return [node for node in order if node in found]


def tangents(
    order: Iterable[Any],
    edges: Edges,
    seeds: Mapping[Any, Any],
    chain: ChainRule = chain_rule,
    total: SumRule = sum_rule,
) -> dict[Any, Any]:
    """The derivative of each node along a direction, given by those of the `seeds`: the forward sweep.

    A node to which no path leads from a seed is left out. Along an edge, `chain` is given the tangent of the input. On
    floats, the order is that of `reachable_nodes`: nothing is asked of a branch that is not taken.

    >>> from engine import Value, toposort
    >>> x = Value(3.0, "x")
    >>> y = x * x
    >>> numbers = {x: x.data, y: y.data}
    >>> tangents(toposort(y), lambda node: edges(node, numbers), {x: 1.0})[y]
    6.0
    """
    derivatives = dict(seeds)
    for node in order:
        if node not in derivatives and not derivatives.keys().isdisjoint(node.inputs):
            found = [chain(node, derivatives[edge.input], edge) for edge in edges(node) if edge.input in derivatives]
            if found:
                derivatives[node] = total(node, found)
    return derivatives


def derivative_error(node: Any, inputs: Sequence[Any]) -> DomainError:
    """The error of a node whose derivative is not finite at these numbers of its inputs."""
    numbers = [getattr(x, "data", x) for x in inputs]
    error: DomainError = node.op.domain_error("the derivative of ", numbers, node.inputs)
    watch = anomaly.current_watch()
    return watch.error(str(error), node) if watch else error
