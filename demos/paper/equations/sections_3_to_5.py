"""The equations of Sections 3 to 5: networks forward and backward, by index and by matrix."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping

from demos.paper.checks import DIFFERENCE_TOLERANCE, Pair
from demos.paper.equations.instances import Instances, NetworkInstance, sigma, sigma_prime
from demos.paper.equations.registry import Pairs, register
from engine import Value, grad, numerical_gradient, ops, toposort
from engine.analysis.named_graph import activation_derivative
from engine.labels import Role, parse_label
from engine.symbolic.expression import Expression
from viz.math.equations import (
    becomes,
    column_of,
    defines,
    equal,
    hadamard,
    listed,
    matrix_of,
    numeral,
    partial,
    sum_over,
    symbol,
    symbols,
)
from viz.math.formulas import format_formula

E, rate = symbols("E_n", "lambda")
a_ik, z_ik, w_ijk, delta_ik = symbols("a_i^(k)", "z_i^(k)", "w_ij^(k)", "delta_i^(k)")
z_below, delta_next, w_next = symbols("z_j^(k-1)", "delta_j^(k+1)", "w_ji^(k+1)")
x_vector, a_vector, z_vector, W = symbols("x_bold", "a_bold^(k)", "z_bold^(k)", "W_bold^(k)")
delta_vector, z_vector_below, z_row_below = symbols("delta_bold^(k)", "z_bold^(k-1)", "z_bold^{(k-1)T}")
delta_vector_next, W_next = symbols("delta_bold^(k+1)", "W_bold^{(k+1)T}")
sigma_of, slope_of = ops.sigmoid, activation_derivative(ops.sigmoid)


def _pair(instance: NetworkInstance, name: Expression, first: float, second: float, scale: float = 0.0) -> Pair:
    return Pair(instance.name, format_formula(name), first, second, scale=scale)


def _differences(instance: NetworkInstance) -> list[float]:
    return numerical_gradient(instance.E, instance.weights)


def _difference_pair(instance: NetworkInstance, name: str, first: float, second: float) -> Pair:
    """A pair whose second number comes from a central difference, with the scale of its error.

    This is made of cancelled digits of E_n, and of its third derivative.
    """
    largest = max(1.0, *(abs(z.data) for layer in instance.z for z in layer))
    scale = max(1.0, abs(instance.E.data)) * largest**3
    return Pair(instance.name, name, first, second, DIFFERENCE_TOLERANCE, scale)


def _by(instance: NetworkInstance, node: Value) -> Expression:
    """∂E_n by this node."""
    return partial(E, instance.symbol(node))


@register("22 25 29 36 S2", "3.1 3.1 3.1 4.1 5.1", equal(z_ik, sigma_of(a_ik)), "graph", "formula", needs="activation")
def _eq_22(instances: Instances) -> Pairs:
    for instance in instances.networks:
        for a, z, _, _ in instance.units():
            if z is not a:  # as it is without an activation
                yield _pair(instance, instance.symbol(z), z.data, sigma(a.data, instance.activation[a]))


x_1, x_2, w_11, w_12 = symbols("x_1", "x_2", "w_11^(1)", "w_12^(1)")
z_first, a_first = symbols("z_1^(1)", "a_1^(1)")


@register(
    "23",
    "3.1",
    equal(z_first, sigma_of(a_first), sigma_of(x_1 * w_11 + x_2 * w_12)),
    "graph",
    "formula",
    changes={"23": "D2"},
)
def _eq_23(instances: Instances) -> Pairs:
    for instance in instances.networks:
        a, z, row, inputs = next(instance.units())
        total = math.fsum(x.data * w.data for x, w in zip(inputs, row, strict=True))
        value = sigma(total, instance.activation[a])
        name, summed = (format_formula(instance.symbol(node)) for node in (z, inputs[-1]))
        yield Pair(instance.name, f"{name}, sum up to {summed}", z.data, value, scale=instance.value_scale[z.label])


forward_sum = sum_over("j", "N_{k-1}", w_ijk * z_below)


@register("24 27 34 S1", "3.1 3.1 4.1 5.1", equal(a_ik, forward_sum), "graph", "formula")
def _eq_24(instances: Instances) -> Pairs:
    for instance in instances.networks:
        for a, _, row, inputs in instance.units():
            total = math.fsum(w.data * z.data for w, z in zip(row, inputs, strict=True))
            yield _pair(instance, instance.symbol(a), a.data, total, instance.value_scale[a.label])


def _column(letter: str, size: str, layer: str = "") -> Expression:
    """A vector written out: its first two entries, and its last."""
    return column_of(*symbols(f"{letter}_1{layer}", f"{letter}_2{layer}", "⋮", f"{letter}_{{{size}}}{layer}"))


def _weights_row(i: str) -> list[Expression]:
    return symbols(f"w_{{{i}1}}^(k)", f"w_{{{i}2}}^(k)", "⋯", f"w_{{{i}N_{{k-1}}}}^(k)")


written_out = listed(
    equal(x_vector, _column("x", "N_0")),
    equal(a_vector, _column("a", "N_k", "^(k)")),
    equal(z_vector, _column("z", "N_k", "^(k)")),
    equal(W, matrix_of(_weights_row("1"), _weights_row("2"), symbols("⋮", "⋮", "⋱", "⋮"), _weights_row("N_k"))),
)


@register("26", "3.1", written_out, "NumPy", "units in the graph", changes={"26": "D3"}, is_matrix=True)
def _eq_26(instances: Instances) -> Pairs:
    for instance in instances.networks:
        labels = [parse_label(node.label) for node in toposort(instance.E)]
        n_units = Counter(
            label.layer_of_unit for label in labels if label and label.role in (Role.INPUT, Role.WEIGHTED_SUM)
        )
        for k, W in instance.in_matrices().weights.items():
            name = format_formula(symbol(f"W_bold^({k})"))
            yield Pair(instance.name, f"rows of {name}", W.shape[0], n_units[str(k)])
            yield Pair(instance.name, f"columns of {name}", W.shape[1], n_units[str(k - 1)])


def _vector_pairs(instance: NetworkInstance, vectors: Mapping[int, Iterable[float]], nodes: list[list[Value]]) -> Pairs:
    for k, vector in vectors.items():
        for entry, node in zip(vector, nodes[k], strict=True):
            yield _pair(instance, instance.symbol(node), float(entry), node.data, instance.value_scale[node.label])


@register("28 35 S3", "3.1 4.1 5.1", equal(a_vector, W * z_vector_below), "NumPy", "graph", is_matrix=True)
def _eq_28(instances: Instances) -> Pairs:
    for instance in instances.networks:
        yield from _vector_pairs(instance, instance.matrix_forward().a, instance.a)


@register(
    "30 37 S4", "3.1 4.1 5.1", equal(z_vector, sigma_of(a_vector)), "NumPy", "graph", is_matrix=True, needs="activation"
)
def _eq_30(instances: Instances) -> Pairs:
    for instance in instances.networks:
        vectors = instance.matrix_forward().z
        computed = {k: vectors[k] for k in range(1, instance.K + 1) if instance.z[k][0] is not instance.a[k][0]}
        yield from _vector_pairs(instance, computed, instance.z)


w_i = symbol("w_i")


@register("31", "3.2", becomes(w_i, w_i - rate * partial(E, w_i)), "graph", "central difference")
def _eq_31(instances: Instances) -> Pairs:
    step = instances.rate
    for instance in instances.networks if step else ():  # else each weight would be compared with itself
        for w, slope in zip(instance.weights, _differences(instance), strict=True):
            name = format_formula(instance.symbol(w) - numeral(step) * _by(instance, w))
            yield _difference_pair(instance, name, w.data - step * w.grad, w.data - step * slope)


@register("32", "3.2", equal(partial(a_ik, w_ijk), z_below), "graph", "formula", changes={"32": "D4"})
def _eq_32(instances: Instances) -> Pairs:
    for instance in instances.networks:
        for a, _, row, inputs in instance.units():
            for w, z, slope in zip(row, inputs, grad(a, row), strict=True):
                yield _pair(instance, partial(instance.symbol(a), instance.symbol(w)), slope, z.data)


xs, ys = symbols("x_1", "x_2", "x_3"), symbols("y_1", "y_2", "y_3")
products = [x * y for x, y in zip(xs, ys, strict=True)]
hadamard_of_columns = equal(hadamard(column_of(*xs), column_of(*ys)), column_of(*products))


@register("33", "3.2", hadamard_of_columns, "NumPy", "graph", is_matrix=True)
def _eq_33(instances: Instances) -> Pairs:
    from nn.matrix import check_array

    for pair in instances.vectors:
        product = check_array(pair.x, "x") * check_array(pair.y, "y")
        for name, number, u, v in zip(products, product, pair.x, pair.y, strict=True):
            yield Pair(pair.name, format_formula(name), float(number), (Value(u) * Value(v)).data)


backward_sum = sum_over("j", "N_{k+1}", delta_next * w_next)


@register(
    "38 S6",
    "4.2 5.2",
    equal(defines(delta_ik, partial(E, a_ik)), slope_of(a_ik) * backward_sum),
    "graph",
    "formula",
    changes={"38": "D5 D20 D36"},
    needs="hidden layer",
)
def _eq_38(instances: Instances) -> Pairs:
    for instance in instances.networks:
        for k in range(1, instance.K):
            above = list(zip(instance.a[k + 1], instance.w[k + 1], strict=True))
            for i, a in enumerate(instance.a[k]):
                slope = sigma_prime(a.data, instance.activation[a])
                delta = slope * math.fsum(next_a.grad * row[i].data for next_a, row in above)
                yield _pair(instance, _by(instance, a), a.grad, delta, instance.scale[a.label])


@register(
    "39 S8",
    "4.2 5.2",
    equal(defines(delta_vector, partial(E, a_vector)), hadamard(W_next * delta_vector_next, slope_of(a_vector))),
    "NumPy",
    "graph",
    changes={"39": "D20 D24", "S8": "D24"},
    is_matrix=True,
    needs="hidden layer",
)
def _eq_39(instances: Instances) -> Pairs:
    for instance in instances.networks:
        deltas = instance.matrix_gradients().delta
        for k in range(1, instance.K):
            for number, a in zip(deltas[k], instance.a[k], strict=True):
                yield _pair(instance, _by(instance, a), float(number), a.grad, instance.scale[a.label])


@register(
    "40 S7",
    "4.2 5.2",
    equal(partial(E, w_ijk), partial(E, a_ik) * partial(a_ik, w_ijk), delta_ik * z_below),
    "graph",
    "formula, difference",
)
def _eq_40(instances: Instances) -> Pairs:
    for instance in instances.networks:
        for a, _, row, inputs in instance.units():
            for w, z in zip(row, inputs, strict=True):
                yield _pair(instance, _by(instance, w), w.grad, a.grad * z.data)
        for w, slope in zip(instance.weights, _differences(instance), strict=True):
            yield _difference_pair(instance, f"{format_formula(_by(instance, w))}, by differences", w.grad, slope)


@register(
    "41 S9",
    "4.2 5.2",
    equal(partial(E, W), delta_vector * z_row_below),
    "NumPy",
    "graph",
    changes={"41": "D21", "S9": "D21"},
    is_matrix=True,
)
def _eq_41(instances: Instances) -> Pairs:
    for instance in instances.networks:
        for k, gradient in instance.matrix_gradients().weights.items():
            for numbers, row in zip(gradient, instance.w[k], strict=True):
                for number, w in zip(numbers, row, strict=True):
                    yield _pair(instance, _by(instance, w), float(number), w.grad, instance.scale[w.label])


delta_last, a_last, z_last, y_i = symbols("delta_i^(K)", "a_i^(K)", "z_i^(K)", "y_i")


@register(
    "S5",
    "5.2",
    equal(defines(delta_last, partial(E, a_last)), (z_last - y_i) * slope_of(a_last)),
    "graph",
    "formula",
    changes={"S5": "D6"},
)
def _eq_s5(instances: Instances) -> Pairs:
    for instance in instances.networks:
        for a, z, y in zip(instance.a[-1], instance.z[-1], instance.y, strict=True):
            delta = (z.data - y.data) * sigma_prime(a.data, instance.activation[a])
            yield _pair(instance, _by(instance, a), a.grad, delta, instance.scale[a.label])
