"""The gradients of a wrong sweep beside the right ones, in a table around the first node that goes wrong."""

from __future__ import annotations

import math
from collections.abc import Iterator
from copy import deepcopy

from demos.mistakes.sweeps import RATE, Gradients, Sweep, correct_gradients, edges, parameters
from engine import NamedGraph, Value, toposort
from engine.labels import short_labels
from viz.math.equations import numerals, plus, times
from viz.math.formats.text import label_to_unicode
from viz.math.formulas import format_formula, format_number

ROWS_BEFORE, ROWS_AFTER = 2, 5  # around the first node that goes wrong


class Comparison:
    """A mistake on one graph: the right and the wrong gradients of all nodes, in the order of the wrong sweep.

    Attributes:
        first: The first node that goes wrong; None if none does.

    >>> from demos.mistakes import overwriting, sums
    >>> comparison = Comparison(overwriting, "sums", sums())
    >>> print(*comparison.lines(), sep="\\n")
      sums
           node              ∂c/∂node, right     ∂c/∂node, wrong
           c                 1                   1
        ✗  b                 2                   1                   ← the first that goes wrong
        ✗  a                 4                   1
           c after a step    4                   10                  λ = 0.5
        ∂c/∂b = 1 · 1 + 1 · 1 = 2, not 1
    """

    def __init__(self, sweep: Sweep, name: str, output: Value) -> None:
        self.name = name
        self.output = output
        self.names = node_names(output)
        self.right = correct_gradients(output)
        self.wrong = sweep(output)
        self.first = next((node for node in self.wrong if self._is_wrong(node)), None)

    def lines(self) -> Iterator[str]:
        """The table around the first node that goes wrong, and its derivative in full; nothing if none does."""
        if self.first is None:
            return
        nodes = list(self.wrong)
        first = nodes.index(self.first)
        start, end = max(0, first - ROWS_BEFORE), first + 1 + ROWS_AFTER
        yield f"  {self.name}"
        heading = f"∂{self.names[self.output]}/∂node"
        yield format_row("", "node", f"{heading}, right", f"{heading}, wrong")
        if start:
            yield format_row("", f"… {start} before, all right")
        for node in nodes[start:end]:
            note = "← the first that goes wrong" if node is self.first else ""
            mark = "✗" if self._is_wrong(node) else ""
            yield self._numbers(mark, self.names[node], self.right[node], self.wrong[node], note)
        if rest := nodes[end:]:
            yield format_row("", f"… {len(rest)} more, {sum(map(self._is_wrong, rest))} of them wrong")
        right, wrong = (after_step(self.output, gradients) for gradients in (self.right, self.wrong))
        after = f"{self.names[self.output]} after a step"
        yield self._numbers("", after, right, wrong, f"λ = {format_number(RATE)}")
        yield f"    {self._derivative(self.first)}, not {format_number(self.wrong[self.first])}"

    def _is_wrong(self, node: Value) -> bool:
        return not math.isclose(self.right[node], self.wrong[node], rel_tol=1e-9, abs_tol=1e-15)

    def _numbers(self, mark: str, name: str, right: float, wrong: float, note: str = "") -> str:
        return format_row(mark, name, format_number(right), format_number(wrong), note)

    def _derivative(self, x: Value) -> str:
        """The right derivative: the chain rule in every product, the sum rule in their sum."""
        found = [(self.right[node], local) for node in self.right for u, local in edges(node) if u is x]
        sums = [format_formula(plus(*(times(*numerals(*factors)) for factors in found)))] if found else []
        name = self.names[x] if x.label else f"({self.names[x]})"
        return " = ".join([f"∂{self.names[self.output]}/∂{name}", *sums, format_number(self.right[x])])


def after_step(output: Value, gradients: Gradients) -> float:
    """The output after one step of gradient descent by these gradients, on a copy of the graph; λ is `RATE`."""
    copies: dict[int, Value] = {}
    copied = deepcopy(output, copies)
    for w in parameters(output):
        copies[id(w)].data = w.data - RATE * gradients[w]
    return copied.forward()


def node_names(output: Value) -> dict[Value, str]:
    """The label of each node in Unicode, short as in the paper; without one, its formula in terms of labelled nodes."""
    nodes = toposort(output)
    short = short_labels(node.label for node in nodes)
    return {
        node: label_to_unicode(short[node.label])
        if node.label
        else format_formula(NamedGraph(node).relation(node), short=short)
        for node in nodes
    }


def format_row(mark: str, name: str, right: str = "", wrong: str = "", note: str = "") -> str:
    """A row of a table: a mark, a node, the right and the wrong number, and a note."""
    return f"    {mark:<3}{name:<18}{right:<20}{wrong:<20}{note}".rstrip()
