"""Names of arrays, and the paper's numbers of their equations, by the labels of what they hold."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from engine.compiler.arrays.program import Array, Computation
from engine.compiler.ir import IR
from engine.compiler.naming import identifier
from engine.labels import Role, delta_label, parse_label, short_labels
from engine.symbolic.expression import Expression

MAX_LABELS_READ = 16  # of one array


class ArrayLabel(NamedTuple):
    """The label of an array: that of its elements, without their index.

    Attributes:
        name: The name of a variable: a1, delta1, W1, and dW1 for derivatives.
        role: The role of the elements.
        is_of_inner_derivative: Whether they are derivatives that do not have a name of their own, as δ has.
    """

    name: str
    role: Role
    is_of_inner_derivative: bool = False


class Labels:
    """The labels of the arrays of a program.

    >>> from engine import Value, dot
    >>> from engine.compiler.arrays.recovery import recover_arrays
    >>> from engine.compiler.ir import build_ir
    >>> w, x = [Value(0.5, "w_1"), Value(0.25, "w_2")], [Value(1.0, "x_1"), Value(2.0, "x_2")]
    >>> ir = build_ir([dot(w, x)], x, w, gradient=True)
    >>> arrays = recover_arrays(ir, [0, 1]).arrays
    >>> labels = Labels(ir, arrays)
    >>> [(label := labels.of(array)) and label.name for array in arrays]
    ['x', 'w', None, 'dw']
    """

    def __init__(self, ir: IR, arrays: Iterable[Array]) -> None:
        self._ir = ir
        # Two elements show whether there is a single unit in a layer.
        self._short: Mapping[str, str] = {}
        self._short = short_labels([self._label(member) for array in arrays for member in array.members[:2]])

    def of(self, array: Array) -> ArrayLabel | None:
        """The label of the nodes whose values, or whose derivatives, it holds; None if there is not one for all."""
        members, n = array.members, len(array.shape)
        if len(members) > MAX_LABELS_READ:
            members = [*members[:: len(members) // MAX_LABELS_READ], members[-1]]
        is_total = isinstance(array.value, Computation) and array.value.is_total
        if found := _common_label([self._label(member) for member in members], n):
            return ArrayLabel(f"d{found.name}", Role.OTHER) if is_total else found
        adjoints, forward = self._ir.adjoints, self._ir.node_of
        labels = [self._label(adjoints[x][0]) for x in members if x in adjoints and x not in forward]
        if len(labels) < len(members):
            return None
        deltas = [str(delta) for delta in map(delta_label, labels) if delta]
        if len(deltas) == len(labels):
            return _common_label(deltas, n)
        found = _common_label(labels, n)
        return ArrayLabel(f"d_{found.name}", Role.OTHER, is_of_inner_derivative=True) if found else None

    def _label(self, member: Expression) -> str:
        """The label of a node, without the index of the unit in a layer of one unit."""
        node = self._ir.node_of.get(member)
        label = node.label if node is not None else ""
        return self._short.get(label, label)


def _common_label(labels: Sequence[str], n_dimensions: int) -> ArrayLabel | None:
    """The label of a layer: a^(1) of a_1^(1), a_2^(1), and W^(1) of a matrix of weights."""
    if len(labels) == 1:
        parsed = parse_label(labels[0])
        name = identifier(labels[0])
        return ArrayLabel(name, parsed.role if parsed else Role.OTHER) if name else None
    layers = [parse_label(label) for label in labels]
    first = layers[0] if layers else None
    if first is None or any(label is None or label.family != first.family for label in layers):
        return None
    letter = first.letter.upper() if first.role is Role.WEIGHT and n_dimensions > 1 else first.letter
    return ArrayLabel(identifier(str(replace(first, letter=letter, subscript=()))), first.role)


def find_equation(array: Array, role_of: dict[Array, Role]) -> str:
    """The paper's number of the equation that an array is computed by; "" of others.

    a = W z is (28), z = σ(a) is (30), δ = (Wᵀ δ) ∘ σ'(a) is (39), and the derivatives δ zᵀ by W are (41).
    """
    value, role = array.value, role_of.get(array, Role.OTHER)
    if not isinstance(value, Computation):
        return ""
    factors = [{role_of.get(x.array, Role.OTHER) for x in group.factors} for group in value.groups]
    if role is Role.WEIGHTED_SUM and ({Role.WEIGHT, Role.UNIT} in factors or {Role.WEIGHT, Role.INPUT} in factors):
        return "(28)"
    if role is Role.UNIT and value.op.activation and {Role.WEIGHTED_SUM} in factors:
        return "(30)"
    if role is Role.DELTA and not value.is_reduction:
        inner = [group.factors[0].array.value for group in value.groups]
        if any(isinstance(x, Computation) and _is_backpropagated(x, role_of) for x in inner):
            return "(39)"
    if value.is_total and ({Role.DELTA, Role.UNIT} in factors or {Role.DELTA, Role.INPUT} in factors):
        return "(41)"
    return ""


def _is_backpropagated(value: Computation, role_of: dict[Array, Role]) -> bool:
    """Whether it is a product Wᵀ δ, or w δ for a layer of one unit."""
    groups = [group.factors for group in value.groups]
    products = groups if value.is_reduction else [[x for factors in groups for x in factors]]
    return {Role.DELTA, Role.WEIGHT} in [{role_of.get(x.array, Role.OTHER) for x in factors} for factors in products]
