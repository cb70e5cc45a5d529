"""The equations of Sections 3 to 5: networks forward and backward, by index and by matrix."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

from demos.paper.checks import DIFFERENCE_TOLERANCE, Pair
from demos.paper.equations.instances import Instances, NetworkInstance, sigma, sigma_prime
from demos.paper.equations.registry import Pairs, register
from engine import Value, grad, numerical_gradient, ops
from engine.analysis.named_graph import activation_derivative
from viz.math.equations import CROSS, MEMBER, becomes, equal, hadamard, partial, sum_over, symbol, symbols, tuple_of

E = symbol("E_n")
a_ik, z_ik, w_ijk, delta_ik = symbols("a_i^(k)", "z_i^(k)", "w_ij^(k)", "delta_i^(k)")
z_below, delta_next, w_next = symbols("z_j^(k-1)", "delta_j^(k+1)", "w_ji^(k+1)")
a_vector, z_vector, W, delta_vector = symbols("a_bold^(k)", "z_bold^(k)", "W_bold^(k)", "delta_bold^(k)")
z_vector_below, z_row_below = symbols("z_bold^(k-1)", "z_bold^{(k-1)T}")
delta_vector_next, W_next = symbols("delta_bold^(k+1)", "W_bold^{(k+1)T}")
sigma_of, slope_of = ops.sigmoid, activation_derivative(ops.sigmoid)


def _at(instance: NetworkInstance, name: str) -> str:
    return f"{instance.name}: {name}"


def _difference_scale(instance: NetworkInstance) -> float:
    """The scale of a central difference's error: cancelled digits of E, and its third derivative."""
    largest = max(1.0, *(abs(z.data) for layer in instance.z for z in layer))
    return max(1.0, abs(instance.E.data)) * largest**3


@register("22 25 29 36 S2", "3.1 3.1 3.1 4.1 5.1", equal(z_ik, sigma_of(a_ik)), "graph", "formula")
def _eq_22(instances: Instances) -> Pairs:
    for instance in instances.networks:
        for a, z, _, _ in instance.units():
            yield Pair(_at(instance, z.label), z.data, sigma(a.data, instance.activation[a]))


x_1, x_2, w_11, w_12 = symbols("x_1", "x_2", "w_11^(1)", "w_12^(1)")
z_first, a_first = symbols("z_1^(1)", "a_1^(1)")


@register(
    "23", "3.1", equal(z_first, sigma_of(a_first), sigma_of(x_1 * w_11 + x_2 * w_12)), "graph", "formula", erratum="D2"
)
def _eq_23(instances: Instances) -> Pairs:
    for instance in instances.networks:
        if len(instance.z[0]) == 2:
            [x_1, x_2], [w_11, w_12] = instance.z[0], instance.w[1][0]
            a = x_1.data * w_11.data + x_2.data * w_12.data
            z = instance.z[1][0]
            found = sigma(a, instance.activation[instance.a[1][0]])
            yield Pair(_at(instance, "z_1^(1)"), z.data, found, scale=instance.value_scale[z.label])


forward_sum = sum_over("j", "N_{k-1}", w_ijk * z_below)


@register("24 27 34 S1", "3.1 3.1 4.1 5.1", equal(a_ik, forward_sum), "graph", "formula")
def _eq_24(instances: Instances) -> Pairs:
    for instance in instances.networks:
        for a, _, row, inputs in instance.units():
            products = [w.data * z.data for w, z in zip(row, inputs, strict=True)]
            yield Pair(_at(instance, a.label), a.data, math.fsum(products), scale=instance.value_scale[a.label])


shape = symbol("N_k").apply(CROSS, (symbol("N_k"), symbol("N_{k-1}")))


@register(
    "26", "3.1", W.apply(MEMBER, (W, symbol("ℝ") ** shape)), "array", "numbers of units", erratum="D3", is_matrix=True
)
def _eq_26(instances: Instances) -> Pairs:
    for instance in instances.networks:
        for k, W in instance.in_matrices().weights.items():
            yield Pair(_at(instance, f"rows of W^({k})"), W.shape[0], len(instance.a[k]))
            yield Pair(_at(instance, f"columns of W^({k})"), W.shape[1], len(instance.z[k - 1]))


def _vector_pairs(instance: NetworkInstance, vectors: Mapping[int, Iterable[float]], nodes: list[list[Value]]) -> Pairs:
    for k, vector in vectors.items():
        for entry, node in zip(vector, nodes[k], strict=True):
            scale = instance.value_scale.get(node.label, 0.0)  # inputs are the same numbers
            yield Pair(_at(instance, node.label), float(entry), node.data, scale=scale)


@register("28 35 S3", "3.1 4.1 5.1", equal(a_vector, W * z_vector_below), "NumPy", "graph", is_matrix=True)
def _eq_28(instances: Instances) -> Pairs:
    for instance in instances.networks:
        yield from _vector_pairs(instance, instance.matrix_forward().a, instance.a)


@register("30 37 S4", "3.1 4.1 5.1", equal(z_vector, sigma_of(a_vector)), "NumPy", "graph", is_matrix=True)
def _eq_30(instances: Instances) -> Pairs:
    for instance in instances.networks:
        yield from _vector_pairs(instance, instance.matrix_forward().z, instance.z)


w_i = symbol("w_i")


@register("31", "3.2", becomes(w_i, w_i - symbol("lambda") * partial(E, w_i)), "backward()", "central differences")
def _eq_31(instances: Instances) -> Pairs:
    rate = 0.5
    for instance in instances.networks:
        for w, slope in zip(instance.weights, numerical_gradient(instance.E, instance.weights), strict=True):
            first, second = w.data - rate * w.grad, w.data - rate * slope
            yield Pair(
                _at(instance, f"{w.label} after the step"),
                first,
                second,
                DIFFERENCE_TOLERANCE,
                _difference_scale(instance),
            )


@register("32", "3.2", equal(partial(a_ik, w_ijk), z_below), "grad of each a", "formula", erratum="D4")
def _eq_32(instances: Instances) -> Pairs:
    for instance in instances.networks:
        for a, _, row, inputs in instance.units():
            for w, z, slope in zip(row, inputs, grad(a, row), strict=True):
                yield Pair(_at(instance, f"∂{a.label}/∂{w.label}"), slope, z.data)


xs, ys = symbols("x_1", "x_2", "x_3"), symbols("y_1", "y_2", "y_3")
products = [x * y for x, y in zip(xs, ys, strict=True)]


@register(
    "33", "3.2", equal(hadamard(tuple_of(*xs), tuple_of(*ys)), tuple_of(*products)), "NumPy", "graph", is_matrix=True
)
def _eq_33(instances: Instances) -> Pairs:
    from nn.matrix import check_array

    for name, x, y in (("(1, 2, 3) ∘ (4, 5, 6)", [1.0, 2.0, 3.0], [4.0, 5.0, 6.0]), ("random", *instances.vectors)):
        product = check_array(x, "x") * check_array(y, "y")
        for i, (number, u, v) in enumerate(zip(product, x, y, strict=True), 1):
            yield Pair(f"{name}: x_{i} y_{i}", float(number), (Value(u) * Value(v)).data)


backward_sum = sum_over("j", "N_{k+1}", delta_next * w_next)


def _hidden_deltas(instances: Instances) -> Pairs:
    for instance in instances.networks:
        for k in range(1, instance.K):
            above = list(zip(instance.a[k + 1], instance.w[k + 1], strict=True))
            for i, a in enumerate(instance.a[k]):
                slope = sigma_prime(a.data, instance.activation[a])
                delta = slope * math.fsum(next_a.grad * row[i].data for next_a, row in above)
                yield Pair(_at(instance, f"∂E/∂{a.label}"), a.grad, delta, scale=instance.scale[a.label])


_delta_rule = equal(delta_ik, partial(E, a_ik), slope_of(a_ik) * backward_sum)
register("38", "4.2", _delta_rule, "backward()", "formula", erratum="D5")(_hidden_deltas)
register("S6", "5.2", _delta_rule, "backward()", "formula")(_hidden_deltas)


@register(
    "39 S8",
    "4.2 5.2",
    equal(delta_vector, partial(E, a_vector), hadamard(W_next * delta_vector_next, slope_of(a_vector))),
    "NumPy",
    "backward()",
    erratum="D24",
    is_matrix=True,
)
def _eq_39(instances: Instances) -> Pairs:
    for instance in instances.networks:
        for k, delta in instance.matrix_gradients().delta.items():
            for number, a in zip(delta, instance.a[k], strict=True):
                yield Pair(_at(instance, f"∂E/∂{a.label}"), float(number), a.grad, scale=instance.scale[a.label])


@register(
    "40 S7",
    "4.2 5.2",
    equal(partial(E, w_ijk), partial(E, a_ik) * partial(a_ik, w_ijk), delta_ik * z_below),
    "backward()",
    "formula, difference",
)
def _eq_40(instances: Instances) -> Pairs:
    for instance in instances.networks:
        for a, _, row, inputs in instance.units():
            for w, z in zip(row, inputs, strict=True):
                yield Pair(_at(instance, f"∂E/∂{w.label}"), w.grad, a.grad * z.data)
        for w, slope in zip(instance.weights, numerical_gradient(instance.E, instance.weights), strict=True):
            yield Pair(
                _at(instance, f"∂E/∂{w.label}, difference"),
                w.grad,
                slope,
                DIFFERENCE_TOLERANCE,
                _difference_scale(instance),
            )


@register(
    "41 S9",
    "4.2 5.2",
    equal(partial(E, W), delta_vector * z_row_below),
    "NumPy",
    "backward()",
    erratum="D21",
    is_matrix=True,
)
def _eq_41(instances: Instances) -> Pairs:
    for instance in instances.networks:
        for k, gradient in instance.matrix_gradients().weights.items():
            for numbers, row in zip(gradient, instance.w[k], strict=True):
                for number, w in zip(numbers, row, strict=True):
                    yield Pair(_at(instance, f"∂E/∂{w.label}"), float(number), w.grad, scale=instance.scale[w.label])


delta_last, a_last, z_last, y_i = symbols("delta_i^(K)", "a_i^(K)", "z_i^(K)", "y_i")


@register(
    "S5",
    "5.2",
    equal(delta_last, partial(E, a_last), (z_last - y_i) * slope_of(a_last)),
    "backward()",
    "formula",
    erratum="D6",
)
def _eq_s5(instances: Instances) -> Pairs:
    for instance in instances.networks:
        for a, z, y in zip(instance.a[-1], instance.z[-1], instance.y, strict=True):
            yield Pair(
                _at(instance, f"∂E/∂{a.label}"),
                a.grad,
                (z.data - y.data) * sigma_prime(a.data, instance.activation[a]),
                scale=instance.scale[a.label],
            )
