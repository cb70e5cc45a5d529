"""Backpropagation for every kind of number: floats, `Value`s, expressions.

The *edges* of a node lead back to its inputs, each with the local derivative ∂node/∂input. The reverse sweep carries
the derivative of the output back along them: the chain rule multiplies along an edge, the sum rule adds up where edges
meet. The forward sweep carries a tangent the other way. Both take the two rules as functions, so that callers can
record steps, name intermediate results, or look for a fault. `backward` runs faster code for floats, which
`engine.symbolic.specialize` generates by running `edges` and `chain_rule` once on expressions.

An edge is absent where a path cannot lead: into a constant, into the operands of `greater`, into the branch of `where`
that is not taken. Absent is not zero: 0 · ∞ never arises there, while a derivative that happens to be 0 is passed on.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import reduce
from operator import add
from typing import Any, NamedTuple

from engine import anomaly, ops
from engine.op import NEVER, DomainError, Selected


class Condition(NamedTuple):
    """The condition that a node is true (not 0), or with `holds=False`, that it is false."""

    node: Any
    holds: bool

    def is_met(self, numbers: Mapping[Any, float]) -> bool:
        """Whether it is met for these numbers of the nodes."""
        return bool(numbers[self.node]) is self.holds

    @property
    def opposite(self) -> Condition:
        """The negation."""
        return Condition(self.node, not self.holds)


class Edge(NamedTuple):
    """The edge from a node back to one of its inputs.

    Attributes:
        input: The node that it leads to.
        local_derivative: ∂node/∂input.
        i: Which of the node's inputs it is.
        when: The condition under which the edge exists; None if it always does.
    """

    input: Any
    local_derivative: Any
    i: int
    when: Condition | None = None


Edges = Callable[[Any], Iterable[Edge]]  # those of a node
ChainRule = Callable[[Any, Any, Edge], Any]  # (node, upstream gradient or tangent, edge): the contribution
SumRule = Callable[[Any, list[Any]], Any]  # (node, contributions in the order of their arrival): their sum


class IdentityMapping(dict[Any, Any]):
    """Maps a node to itself, for sweeps over `Value`s and expressions; stored entries override this."""

    def __missing__(self, node: Any) -> Any:
        return node


class CurrentData(dict[Any, float]):
    """Maps a node to its present `data`."""

    def __missing__(self, node: Any) -> float:
        number: float = node.data
        return number


IDENTITY, CURRENT_DATA = IdentityMapping(), CurrentData()


ConditionTest = Callable[[Condition], bool]  # whether a condition is met


def edge_inputs(node: Any, is_met: ConditionTest | None = None) -> Iterator[tuple[int, Any, Condition | None]]:
    """The inputs that edges lead back to: index, input, and the condition of the edge, None if it always exists.

    Of the conditional edges, all are yielded, or those whose condition `is_met`.
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
                if (known := when.node.known) is not None:  # a constant selects once and for all
                    if bool(known) is not when.holds:
                        continue
                    when = None
                elif is_met and not is_met(when):
                    continue
        yield i, x, when


def local_derivative(node: Any, i: int, z: Any, inputs: Sequence[Any]) -> Any:
    """∂node/∂inputs[i], where there is an edge, at the numbers z of the node and of its inputs.

    Raises DomainError, which names the node, if it cannot be computed.
    """
    try:
        return node.op.local_derivative(i, z, inputs)
    except (ArithmeticError, ValueError) as error:
        raise derivative_error(node, inputs) from error


def linked_inputs(node: Any, is_met: ConditionTest | None = None) -> list[Any]:
    """The inputs that edges lead back to; see `edge_inputs` for `is_met`."""
    if node.op.edges:
        return [x for _, x, _ in edge_inputs(node, is_met)]
    return [x for x in node.inputs if x.op is not ops.constant]


def is_met_now(when: Condition) -> bool:
    """Whether a condition is met by the present number of its node."""
    return when.is_met(CURRENT_DATA)


def reaches_variable(node: Any, is_met: ConditionTest | None = None) -> bool:
    """Whether a path of edges leads from a node to a variable: not from a result of `greater`, for example."""
    seen, waiting = {node}, [node]
    while waiting:
        u = waiting.pop()
        if not u.inputs:
            return True
        new = [x for x in linked_inputs(u, is_met) if x not in seen]
        seen.update(new)
        waiting += new
    return False


def nodes_with_path_to(wanted: Iterable[Any], order: Iterable[Any], is_met: ConditionTest | None = None) -> set[Any]:
    """The nodes of an order from which a path of edges leads to a wanted one, these included; `is_met` as above."""
    found = set(wanted)
    for node in order:
        if found.isdisjoint(node.inputs):
            continue
        if not node.op.edges or not found.isdisjoint(linked_inputs(node, is_met)):
            found.add(node)
    return found


def edges(
    node: Any, numbers: Mapping[Any, Any], to: Collection[Any] | None = None, is_met: ConditionTest | None = None
) -> Iterator[Edge]:
    """The edges of a node, or those of them that lead `to` some nodes; see `edge_inputs` for `is_met`.

    If a local derivative cannot be computed, and its input does not reach a variable, the edge is left out, unless it
    is one of those that lead `to` given nodes.
    """
    z, inputs = numbers[node], [numbers[x] for x in node.inputs]
    for i, x, when in edge_inputs(node, is_met):
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
    """The edges of a node that exist for these numbers of the nodes, by default their present ones.

    >>> from engine import Value, where
    >>> c, x, y = Value(1.0), Value(2.0, "x"), Value(3.0, "y")
    >>> z = where(c, x, y)
    >>> [edge.input.label for edge in present_edges(z)]
    ['x']
    """
    return edges(node, numbers, to, lambda when: when.is_met(numbers))


def chain_rule(node: Any, derivative: Any, edge: Edge) -> Any:
    """The chain rule: upstream gradient · local derivative. Generated code for floats has this product too."""
    return derivative * edge.local_derivative


def sum_rule(node: Any, contributions: list[Any]) -> Any:
    """The sum rule: the contributions of all edges, added up in the order of their arrival."""
    return reduce(add, contributions)


def reverse(
    order: Sequence[Any],
    edges: Edges,
    seed: Any = 1.0,
    chain_rule: ChainRule = chain_rule,
    sum_rule: SumRule = sum_rule,
) -> dict[Any, Any]:
    """The derivatives of the last node of `order` with respect to each node that it reaches: the reverse sweep.

    `seed` is the derivative of the last node with respect to itself: 1, in the kind of number that is computed with. A
    node is visited after all nodes that are made from it, so that its contributions are complete.

    >>> from engine import Value, toposort
    >>> x = Value(3.0, "x")
    >>> y = x * x
    >>> numbers = {x: x.data, y: y.data}
    >>> reverse(toposort(y), lambda node: edges(node, numbers))[x]
    6.0
    """
    return cotangents(order, edges, {order[-1]: seed}, chain_rule, sum_rule)


def cotangents(
    order: Sequence[Any],
    edges: Edges,
    seeds: Mapping[Any, Any],
    chain_rule: ChainRule = chain_rule,
    sum_rule: SumRule = sum_rule,
) -> dict[Any, Any]:
    """The reverse sweep from several outputs, the nodes of `seeds`: the derivatives of Σ seed · output.

    Nodes that no output depends on are left out.
    """
    contributions = {node: [seed] for node, seed in seeds.items()}
    derivatives: dict[Any, Any] = {}
    for node in reversed(order):
        if node in contributions:  # otherwise the outputs do not depend on it
            derivatives[node] = derivative = sum_rule(node, contributions.pop(node))
            for edge in edges(node):
                contribution = chain_rule(node, derivative, edge)
                if edge.input in contributions:
                    contributions[edge.input].append(contribution)
                else:
                    contributions[edge.input] = [contribution]
    return derivatives


def reachable_nodes(order: Sequence[Any], outputs: Iterable[Any], is_met: ConditionTest | None = None) -> list[Any]:
    """The nodes of an order that paths of edges from the outputs reach; see `edge_inputs` for `is_met`."""
    found = set(outputs)
    for node in reversed(order):
        if node in found:
            found.update(linked_inputs(node, is_met))
    return [node for node in order if node in found]


def tangents(
    order: Iterable[Any],
    edges: Edges,
    seeds: Mapping[Any, Any],
    chain_rule: ChainRule = chain_rule,
    sum_rule: SumRule = sum_rule,
) -> dict[Any, Any]:
    """The derivative of each node along a direction, given by those of the `seeds`: the forward sweep.

    Nodes that do not depend on a seed are left out. `chain_rule` is called with the tangent of the edge's input. A
    seed that depends on others has the sum of its own tangent and theirs. `order` is that of `reachable_nodes`, so
    that nothing is differentiated in vain; over formulas, the rules are those of `engine.guards.tangent_rules`.

    >>> from engine import Value, toposort
    >>> x = Value(3.0, "x")
    >>> y = x * x
    >>> numbers = {x: x.data, y: y.data}
    >>> tangents(toposort(y), lambda node: edges(node, numbers), {x: 1.0})[y]
    6.0
    """
    derivatives: dict[Any, Any] = {}
    for node in order:
        contributions = [seeds[node]] if node in seeds else []
        if not derivatives.keys().isdisjoint(node.inputs):
            usable = [edge for edge in edges(node) if edge.input in derivatives]
            contributions += [chain_rule(node, derivatives[edge.input], edge) for edge in usable]
        if contributions:
            derivatives[node] = sum_rule(node, contributions)
    return derivatives


def derivative_error(node: Any, inputs: Sequence[Any]) -> DomainError:
    """The error of a node whose derivative is not finite for these numbers of its inputs."""
    numbers = [getattr(x, "data", x) for x in inputs]
    error: DomainError = node.op.domain_error("the derivative of ", numbers, node.inputs)
    watch = anomaly.current_watch()
    return watch.error(str(error), node) if watch else error
