"""The texts that appear over a node in an SVG file: its formula, and its numbers with more digits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from engine import NamedGraph, Value
from viz.math.formats.text import label_to_unicode
from viz.math.formulas import format_formula, format_number

_DIGITS = 12
_MAX_OPERATIONS = 24  # in a formula


def tooltips(outputs: Sequence[Value], names: Mapping[str, Value], order: Sequence[Value]) -> dict[Value, str]:
    """The text of each node: its name, its formula in the named nodes, its value and its derivative.

    >>> from engine import label
    >>> x = Value(1.5, "x")
    >>> a_1 = 3 * x
    >>> y = a_1**2 / 3
    >>> label(a_1=a_1, y=y)
    >>> y.backward()
    >>> for text in tooltips([y], {}, [x, a_1, y]).values():
    ...     print(text)
    x = 1.5, ∂y/∂x = 9
    a₁ = 3x = 4.5, ∂y/∂a₁ = 3
    y = a₁² / 3 = 6.75, ∂y/∂y = 1
    """
    graph = NamedGraph(outputs, names)
    n_operations: dict[Value, int] = {}  # in a formula
    found = {}
    # The gradients are derivatives of the output if they were passed back from it, once.
    output = label_to_unicode(graph.names[outputs[0]]) if len(outputs) == 1 and outputs[0].grad == 1.0 else ""
    for node in order:
        n_operations[node] = 1 + sum(n_operations.get(x, 0) for x in node.inputs if x not in graph.labelled)
        name = label_to_unicode(graph.names[node]) if node in graph.labelled else ""
        sides = [name] if name else []
        if node.inputs and n_operations[node] <= _MAX_OPERATIONS:
            sides.append(format_formula(graph.relation(node), digits=_DIGITS))
        sides.append(format_number(node.data, _DIGITS))
        derivative = f"∂{output}/∂{name} = " if output and name else "∂ "
        found[node] = f"{' = '.join(sides)}, {derivative}{format_number(node.grad, _DIGITS)}"
    return found
