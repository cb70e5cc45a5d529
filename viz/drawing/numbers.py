"""The texts of the numbers in a picture, from one place: of values, derivatives and local derivatives."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from math import prod

from engine import DomainError, NamedGraph, Value
from engine._support import checks
from engine.sweep import edge_inputs, is_met_now, local_derivative
from viz.math.formulas import format_number

DEFAULT_DIGITS = 4
UNFINISHED = " + …"  # after a sum of which terms are missing
MAX_DIGITS = 17  # significant digits of a float


class Numbers:
    """The numbers of a graph as they stand in a picture. A text is empty if there is not such a number.

    Raises ValueError if `digits`, the number of significant digits, is not a whole number from 1 to 17.

    >>> x = Value(1.5, "x")
    >>> y = x / 3
    >>> Numbers().value(y), Numbers(digits=6).local(y, 0)
    ('0.5', '0.333333')
    """

    def __init__(self, digits: int = DEFAULT_DIGITS) -> None:
        is_valid = isinstance(digits, int) and not isinstance(digits, bool) and 1 <= digits <= MAX_DIGITS
        checks.value_error_unless(is_valid, f"digits must be a whole number from 1 to {MAX_DIGITS}", digits)
        self.digits = digits

    def value(self, node: Value) -> str:
        """The value of a node."""
        return format_number(node.data, self.digits)

    def derivative(self, node: Value) -> str:
        """The derivative of the output with respect to a node."""
        return format_number(node.grad, self.digits)

    def local(self, node: Value, i: int) -> str:
        """The derivative of a node with respect to its i-th input."""
        return self.along([(node, i)])

    def along(self, edges: Iterable[tuple[Value, int]]) -> str:
        """The product of local derivatives along edges, each a node and the index of an input."""
        factors: list[float] = []
        for node, i in edges:
            if all(i != j for j, _, _ in edge_inputs(node, is_met_now)):
                return ""
            try:
                factors.append(local_derivative(node, i, node.data, [x.data for x in node.inputs]))
            except DomainError:
                return ""
        return format_number(prod(factors), self.digits)

    def local_named(self, graph: NamedGraph, node: Value, x: Value) -> str:
        """The derivative of a named node with respect to a named input; empty if one of the node's is not finite."""
        try:
            derivatives = dict(graph.edges(node))
        except DomainError:
            return ""
        return format_number(derivatives[x], self.digits) if x in derivatives else ""


class KnownNumbers(Numbers):
    """The values and derivatives that a stepper knows so far; those of other nodes are empty."""

    def __init__(
        self,
        values: Mapping[Value, float],
        gradients: Mapping[Value, float],
        unfinished: AbstractSet[Value] = frozenset(),
        digits: int = DEFAULT_DIGITS,
    ) -> None:
        super().__init__(digits)
        self._values = values
        self._gradients = gradients
        self._unfinished = unfinished

    def value(self, node: Value) -> str:
        """The value of a node, if it is known; constants are."""
        x = self._values.get(node, node.known)
        return "" if x is None else format_number(x, self.digits)

    def derivative(self, node: Value) -> str:
        """The derivative of the output with respect to a node, if it is known: −1 + … where terms are missing."""
        if node not in self._gradients:
            return ""
        rest = UNFINISHED if node in self._unfinished else ""
        return format_number(self._gradients[node], self.digits) + rest
