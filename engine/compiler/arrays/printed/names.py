"""Names of arrays, and the paper's numbers of their equations, by the labels of what they hold."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from typing import NamedTuple

from engine.compiler.arrays.program import Array, Computation, View
from engine.compiler.naming import identifier
from engine.labels import Role, delta_label, parse_indexed, short_labels
from engine.symbolic.expression import Expression
from engine.value import Value

MAX_LABELS_READ = 16  # of one array
MAX_JOINED = 4  # matrices in one


class ArrayLabel(NamedTuple):
    """The label of an array: that of its elements, without their index.

    Attributes:
        name: The name of a variable: a1, delta1, W1, and dW1 for derivatives.
        family: What the elements have in common: the label a^(1) of a_1^(1), a_2^(1), and of a_1^(1) alone.
        role: The role of the elements.
        is_of_inner_derivative: Whether they are derivatives that do not have a name of their own, as δ has.
    """

    name: str
    family: str
    role: Role
    is_of_inner_derivative: bool = False


class Labels:
    """The labels of the arrays of a program, by the nodes of formulas, and those that `adjoints` are derivatives of.

    >>> from engine import Value, dot
    >>> from engine.compiler.arrays.recovery import recover_arrays
    >>> from engine.compiler.ir import build_ir
    >>> w, x = [Value(0.5, "w_1"), Value(0.25, "w_2")], [Value(1.0, "x_1"), Value(2.0, "x_2")]
    >>> ir = build_ir([dot(w, x)], x, w, gradient=True)
    >>> arrays = recover_arrays(ir, [0, 1]).arrays
    >>> labels = Labels(ir.node_of, ir.adjoints, arrays)
    >>> [(label := labels.of(array)) and label.name for array in arrays]
    ['x', 'w', None, 'dw']
    """

    def __init__(
        self,
        node_of: Mapping[Expression, Value],
        adjoints: Mapping[Expression, tuple[Expression, Sequence[Expression]]],
        arrays: Sequence[Array],
    ) -> None:
        self._node_of, self._adjoints = node_of, adjoints
        # Two elements show whether there is a single unit in a layer.
        self._short: Mapping[str, str] = {}
        self._short = short_labels([self._label(member) for array in arrays for member in array.members[:2]])
        found = {array: label for array in arrays if (label := self._find(array))}
        parts: dict[str, list[Array]] = defaultdict(list)
        for array, label in found.items():
            parts[label.family].append(array)
        for several in parts.values():
            if len(several) > 1:
                found.update(_number_parts({array: found[array] for array in several}))
        self._found = found

    def of(self, array: Array) -> ArrayLabel | None:
        """The label of the nodes whose values, or whose derivatives, it holds; None if there is not one for all."""
        return self._found.get(array)

    def _find(self, array: Array) -> ArrayLabel | None:
        members, n = array.members, len(array.shape)
        if len(members) > MAX_LABELS_READ:
            members = [*members[:: len(members) // MAX_LABELS_READ], members[-1]]
        is_total = isinstance(array.value, Computation) and array.value.is_total
        if found := _common_label([self._label(member) for member in members], n):
            return ArrayLabel(f"d{found.name}", f"d{found.family}", Role.OTHER) if is_total else found
        if isinstance(array.value, View) and (found := _joined_label([self._label(member) for member in members], n)):
            return found
        adjoints, forward = self._adjoints, self._node_of
        labels = [self._label(adjoints[x][0]) for x in members if x in adjoints and x not in forward]
        if len(labels) < len(members):
            return None
        deltas = [str(delta) for delta in map(delta_label, labels) if delta]
        if len(deltas) == len(labels):
            return _common_label(deltas, n)
        found = _common_label(labels, n)
        if found is None:
            return None
        return ArrayLabel(f"d_{found.name}", f"d_{found.family}", Role.OTHER, is_of_inner_derivative=True)

    def _label(self, member: Expression) -> str:
        """The label of a node, without the index of the unit in a layer of one unit."""
        node = self._node_of.get(member)
        label = node.label if node is not None else ""
        return self._short.get(label, label)


def _common_label(labels: Sequence[str], n_dimensions: int) -> ArrayLabel | None:
    """The label of a layer: a^(1) of a_1^(1), a_2^(1), and W^(1) of a matrix of weights."""
    if len(labels) == 1:
        parsed = parse_indexed(labels[0])
        name = identifier(labels[0])
        common = str(replace(parsed, subscript=())) if parsed else name
        return ArrayLabel(name, common, parsed.role if parsed else Role.OTHER) if name else None
    layers = [parse_indexed(label) for label in labels]
    first = layers[0] if layers else None
    if first is None or any(label is None or label.family != first.family for label in layers):
        return None
    letter = first.letter.upper() if first.role is Role.WEIGHT and n_dimensions > 1 else first.letter
    family = replace(first, subscript=())
    return ArrayLabel(identifier(str(replace(family, letter=letter))), str(family), first.role)


def _joined_label(labels: Sequence[str], n_dimensions: int) -> ArrayLabel | None:
    """The label QKV of several matrices Q, K, V that are one above another, and multiplied as one."""
    parsed = [(label, parse_indexed(label)) for label in labels]
    groups = groupby(parsed, key=lambda x: x[1] and x[1].family)
    parts = [[label for label, _ in group] for _, group in groups]
    found = [_common_label(part, n_dimensions) for part in parts if len(part) > 1]
    names = [label.name for label in found if label]
    if not 1 < len(parts) == len(set(names)) <= MAX_JOINED:
        return None
    return ArrayLabel("".join(names), " ".join(names), Role.OTHER)


def _number_parts(labels: Mapping[Array, ArrayLabel]) -> Iterator[tuple[Array, ArrayLabel]]:
    """The labels of arrays whose elements are of one family: x_1, x_2 of parts of the rows, z_part1 of others.

    An array of one element has its label for a name, z_1, so that a part beside it is not called z_2.
    """
    several = {array: label for array, label in labels.items() if len(array.members) > 1}
    is_of_rows = several == labels and all(isinstance(array.value, View) for array in several)
    for i, (array, label) in enumerate(several.items(), 1):
        yield array, label._replace(name=f"{label.name}_{'' if is_of_rows else 'part'}{i}")


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
