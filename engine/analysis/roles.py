"""The weights, biases and units of a network, found by their places in its graph, and by their labels."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import TYPE_CHECKING

from engine import ops
from engine.analysis.named_graph import NamedGraph
from engine.labels import Role, are_of_one_unit, parse_label, starts_with_weight_letter

if TYPE_CHECKING:
    from engine.value import Value


def factor_pairs(operation: Value) -> Iterable[tuple[Value, Value]]:
    """The pairs of factors in an operation, the possible weight of each first."""
    inputs = operation.inputs
    if operation.op is ops.multiply:
        return [(inputs[0], inputs[1]), (inputs[1], inputs[0])]
    n = len(inputs) // 2 if operation.op is ops.weighted_sum else 0
    return zip(inputs[:n], inputs[n : 2 * n], strict=True)


def weights_and_biases(
    graph: NamedGraph, more: Iterable[Value] = (), *, by_letter: bool = True
) -> tuple[set[Value], dict[Value, list[Value]]]:
    """The weights and biases of the graph, together with the `more` given; and the biases of each node.

    Weights are those of weighted sums, and `by_letter` also the factors of products whose names begin with w.
    """
    hidden, biases = set(more), defaultdict(list)
    leaves = {node for node in graph.labelled if node.op is ops.variable}
    for node in graph.nodes:
        for operation in graph.operations(node):
            is_dot = operation.op is ops.weighted_sum
            weights = leaves.intersection(w for w, _ in factor_pairs(operation))
            may_be_weight = _is_not_target if is_dot else starts_with_weight_letter
            hidden |= {w for w in weights if (is_dot or by_letter) and may_be_weight(graph.names[w])}
            if is_dot and len(operation.inputs) % 2 and operation.inputs[-1] in leaves:
                biases[node].append(operation.inputs[-1])
        hidden.update(biases[node])
    return hidden, biases


def _is_not_target(name: str) -> bool:
    """Whether it is not a target, which the sum of a cross entropy multiplies with: Σ_i y_i · (−log p_i)."""
    label = parse_label(name)
    return label is None or label.role is not Role.TARGET


def units_of_network(graph: NamedGraph, shown: Iterable[Value]) -> dict[Value, Value]:
    """The a of each z, for all units: z is computed from a in one operation, and no other node reads a."""
    readers: dict[Value, list[Value]] = defaultdict(list)
    for node in shown:
        for x in graph.inputs(node):
            readers[x].append(node)
    return {
        z: a
        for a, [z, *others] in readers.items()
        if a.inputs and not others and z.inputs[0] is a and are_of_one_unit(graph.names[a], graph.names[z])
    }
