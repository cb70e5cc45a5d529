"""The names of the nodes of a graph: labels, the names of variables in Python, or numbers such as #3."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from engine import ops
from engine._support import checks
from engine.labels import distinct_names, index_label
from engine.value import Value

OUTPUT_NAMES = ("y", "f", "out")  # the first that is free
MAX_INDICES = 2  # of lists: vectors and matrices


def names_of_variables(names: Mapping[str, Any] | None) -> dict[Value, str]:
    """The names of nodes that are variables in Python, such as `locals()`, or stand in lists that are.

    Those in lists are called as parameters of networks are: w_1, w_2 and w_11, w_12. Of several names, the first holds:
    after `for x in w`, the last entry of w is called w_2, not x. Names that begin with _ are left out. Raises TypeError
    if `names` is not a mapping.

    >>> x, w = Value(1.5), [Value(0.5), Value(2.0)]
    >>> parameters = [x, *w]
    >>> list(names_of_variables({"w": w, "x": x, "parameters": parameters, "left_over": w[1]}).values())
    ['w_1', 'w_2', 'x']
    """
    names = {} if names is None else names
    checks.check_instance(names, Mapping, "names must be a mapping from names to nodes, such as locals()")
    found: dict[Value, str] = {}
    for name, x in names.items():
        if not name.startswith("_"):
            for indices, node in _indexed_nodes(x):
                found.setdefault(node, index_label(name, indices) if indices else name)
    return found


def _indexed_nodes(x: Any, indices: tuple[int, ...] = ()) -> Iterator[tuple[tuple[int, ...], Value]]:
    """A node, or those of a list, or of a list of lists, with their indices from 1."""
    if isinstance(x, Value):
        yield indices, x
    elif isinstance(x, (list, tuple)) and len(indices) < MAX_INDICES:
        for i, part in enumerate(x, 1):
            yield from _indexed_nodes(part, (*indices, i))


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
