"""The names of the nodes of a graph: labels, or numbers such as #3."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from engine import ops
from engine.labels import distinct_names
from engine.value import Value

OUTPUT_NAMES = ("y", "f", "out")  # the first that is free


def name_nodes(order: Sequence[Value], names: Mapping[Value, str] | None = None) -> dict[Value, str]:
    """A name for each node but constants, given in topological order.

    That is its label, or else its name in `names`, if no other node has the same; else #1, #2, ... The last node, the
    output, is called y, f or out, if it does not have a name.

    >>> x = Value(1.5)
    >>> y = 2 * x
    >>> list(name_nodes([x, y]).values()), list(name_nodes([x, y], {x: "y"}).values())
    (['#1', 'y'], ['y', 'f'])
    """
    names = names or {}
    found = {node: node.label or names.get(node, "") for node in order if node.op is not ops.constant}
    if order and found.get(order[-1]) == "":
        found[order[-1]] = next((name for name in OUTPUT_NAMES if name not in found.values()), "")
    return dict(zip(found, distinct_names(list(found.values())), strict=True))
