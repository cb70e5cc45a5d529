"""The names of the nodes of a graph: labels, the names of variables in Python, or numbers such as #3."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from engine import ops
from engine._support import checks
from engine.labels import distinct_names, index_label
from engine.value import Value

OUTPUT_NAMES = ("y", "f", "out")  # the first that is free
MAX_INDICES = 2  # of lists: vectors and matrices
_RESULT = re.compile(r"_+[0-9]*")


def names_of_variables(names: Mapping[str, Any] | None, nodes: Iterable[Value]) -> dict[Value, str]:
    """The names of nodes of a graph that are variables in Python, such as `locals()`, or stand in lists that are.

    Those in lists are called as parameters of networks are: w_1, w_2 and w_11, w_12. Of several names, the first holds:
    after `for x in w`, the last entry of w is called w_2, not x. A name that is the label of another node is left out,
    and so are that of an entry of a list if a variable has it, and those of a notebook's results, such as _ and _12.
    Raises TypeError if `names` is not a mapping from text.

    >>> x, w, w_2 = Value(1.5), [Value(0.5), Value(2.0), Value(1.0)], Value(3.0)
    >>> names = {"w": w, "x": x, "parameters": [x, *w], "left_over": w[2], "w_2": w_2}
    >>> list(names_of_variables(names, [x, *w, w_2]).values())
    ['w_1', 'w_3', 'x', 'parameters_3', 'w_2']
    """
    names = {} if names is None else names
    checks.check_instance(names, Mapping, "names must be a mapping from names to nodes, such as locals()")
    for name in names:
        checks.check_instance(name, str, "the names in names must be text")
    variables = {name: x for name, x in names.items() if not _RESULT.fullmatch(name)}
    graph = {node: node.label for node in nodes}
    owners = {name: x for name, x in variables.items() if isinstance(x, Value)}
    owners |= {label: node for node, label in graph.items() if label}
    found: dict[Value, str] = {}
    for name, x in variables.items():
        for indices, node in _indexed_nodes(x):
            if node in graph:
                indexed = index_label(name, indices) if indices else name
                if owners.setdefault(indexed, node) is node:
                    found.setdefault(node, indexed)
    return found


def _indexed_nodes(x: Any, indices: tuple[int, ...] = ()) -> Iterator[tuple[tuple[int, ...], Value]]:
    """A node, or those of a list, or of a list of lists, with their indices from 1."""
    if isinstance(x, Value):
        yield indices, x
    elif isinstance(x, (list, tuple)) and len(indices) < MAX_INDICES and _may_hold_nodes(x):
        for i, part in enumerate(x, 1):
            yield from _indexed_nodes(part, (*indices, i))


def _may_hold_nodes(x: Sequence[Any]) -> bool:
    """Whether a list has more than data in it, such as millions of numbers, found without a look at each in turn."""
    return any(issubclass(kind, (Value, list, tuple)) for kind in set(map(type, x)))


def name_nodes(order: Sequence[Value], names: Mapping[Value, str] | None = None) -> dict[Value, str]:
    """A name for each node but constants, given in topological order.

    That is its label, or else its name in `names`, with a number behind if several nodes have the same: w#1, w#2; else
    #1, #2, ... The last node, the output, is called y, f or out, if it does not have a name.

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
