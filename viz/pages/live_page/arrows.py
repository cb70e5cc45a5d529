"""The arrows of a view, as a live page needs them: the rule of each local derivative, and the operations merged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from engine import Value, ops
from engine.symbolic.expression import Expression
from viz.math.numbers_put_in import opened_rule
from viz.stepping.views import PaperView, View


@dataclass(frozen=True)
class Arrow:
    """An arrow from a node back to one that it reads.

    Attributes:
        node, x: The node, and the one that it reads.
        index: The index of x among the inputs of the node.
        rule: The formulas of its local derivative, all equal.
        n_paths: The number of paths, over operations, that it stands for.
    """

    node: Value
    x: Value
    index: int
    rule: Sequence[Expression]
    n_paths: int


def arrows_of(view: View) -> list[Arrow]:
    """The arrows along which derivatives are passed back."""
    found = []
    for node in view.names:
        for index, x in enumerate(view.inputs(node)):
            if x in view.names and (rule := _rule(view, node, index)) is not None:
                rules = [rule, *opened_rule(view.graph, node, rule)]
                found.append(Arrow(node, x, index, rules, view.n_paths(node, index)))
    return found


def _rule(view: View, node: Value, index: int) -> Expression | None:
    """The local derivative; None along an edge that never exists, as from `greater` or to a constant."""
    if view.inputs(node)[index].op is ops.constant:
        return None
    try:
        return view.local_derivative(node, index)
    except KeyError:
        return None


def merged_operations(view: View) -> dict[Value, list[Value]] | None:
    """For each computed node, itself and the operations merged into it, the last first; None in a view of all."""
    if not isinstance(view, PaperView):
        return None
    return {node: view.graph.operations(node)[::-1] for node in view.names if node.inputs}
