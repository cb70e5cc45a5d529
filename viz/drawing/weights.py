"""Weights and biases in drawings of networks: the arrows that they label, and the nodes that also read them otherwise.

A weight labels the arrow whose local derivative it is, and is drawn without a circle. It may be read in another way
too, as by the penalty of weight decay, which the label does not show.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence

from engine import NamedGraph, Value, ops
from engine.analysis.roles import factor_pairs
from engine.symbolic.expression import Expression
from viz.drawing.canvas import LabelRow

MAX_WEIGHT_CIRCLES = 6  # for weights and biases that are also read in another way; more are named in notes
_MAX_NOTES, _MAX_NAMES = 4, 4  # notes below a picture, and names in a note

Nodes = Collection[Value]
Derivatives = Mapping[Value, Expression]  # of a node, by its named inputs


def weights_on_arrows(graph: NamedGraph, node: Value, formulas: Derivatives, weights: Nodes) -> dict[Value, Value]:
    """The weights that label the arrows into a node, by the node at the other end of the arrow.

    >>> x, w = Value(1.5, "x"), Value(2.0, "w")
    >>> graph = NamedGraph(w * x)
    >>> weights_on_arrows(graph, graph.nodes[-1], graph.formulas(graph.nodes[-1]), {w}) == {x: w}
    True
    """
    named = {graph.names[w]: w for w in reversed(list(formulas)) if w in weights}  # the first of each name
    found = {x: named[symbol.name] for x, symbol in formulas.items() if symbol.name in named}
    for operation in graph.operations(node) if found else ():
        for w, x in factor_pairs(operation):
            if x in found and w in weights and graph.names[w] == formulas[x].name:
                found[x] = w  # of several weights with the same name, the factor of x
    return found


def hidden_dependencies(
    graph: NamedGraph, node: Value, formulas: Derivatives, hidden: Nodes, biases: Nodes
) -> list[Value]:
    """The hidden weights and biases that a node reads in another way than as labels of its arrows or as its bias.

    The arrows show all if the derivative with respect to w is the node, or the sum of the nodes, whose arrows w labels.

    >>> x, w = Value(1.5, "x"), Value(2.0, "w")
    >>> for E in (w * x, w * x + w * w):
    ...     print(hidden_dependencies(NamedGraph(E), E, NamedGraph(E).formulas(E), {w}, []))
    []
    [Value(data=2.0, grad=0.0, label='w')]
    """
    on_arrows: dict[Value, Counter[str]] = defaultdict(Counter)
    for x, w in weights_on_arrows(graph, node, formulas, hidden).items():
        if x not in hidden:
            on_arrows[w][graph.names[x]] += 1
    reads = Counter(x for operation in graph.operations(node) for x in operation.inputs if x in biases)
    return [
        x
        for x, symbol in formulas.items()
        if x in hidden and not (reads[x] == 1 or (x in on_arrows and _terms_by_name(symbol) == on_arrows[x]))
    ]


def _terms_by_name(formula: Expression) -> Counter[str]:
    """The names of the terms of a sum, with their counts; other terms have an empty name."""
    terms = [formula]
    for term in terms:
        if term.op is ops.add:
            terms += term.inputs
    return Counter(term.name for term in terms if term.op is not ops.add)


def notes_on_readers(readers: Mapping[Value, Sequence[Value]], text: Mapping[Value, str]) -> list[LabelRow]:
    """A note for each node that reads weights without arrows from them.

    >>> w, E = Value(2.0, "w"), Value(1.0, "E")
    >>> notes_on_readers({E: [w]}, {w: "w", E: "E"})
    [('E', ' also reads ', 'w', ' (1 arrow is not drawn)')]
    """
    found: list[LabelRow] = []
    for node, weights in readers.items():
        if not weights:
            continue
        names = [text[w] for w in weights]
        if len(names) > _MAX_NAMES:
            names = [*names[: _MAX_NAMES - 2], "…", names[-1]]
        listed = [part for name in names for part in (", ", name)][1:]
        n = len(weights)
        arrows = "1 arrow is not drawn" if n == 1 else f"{n} arrows are not drawn"
        found.append((text[node], " also reads ", *listed, f" ({arrows})"))
    more = len(found) - _MAX_NOTES
    return found if more < 2 else [*found[:_MAX_NOTES], (f"and so do {more} more nodes",)]
