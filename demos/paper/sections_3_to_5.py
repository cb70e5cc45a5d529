"""The equations of Sections 3 to 5: networks forward and backward, by index and by matrix."""

from __future__ import annotations

import math

from demos.paper.cases import Case, Cases, sigma, sigma_prime
from demos.paper.equation import DIFFERENCE, Pair, Pairs, enter
from engine import Value, grad, numerical_gradient, ops
from engine.analysis.named_graph import derivative_of
from viz.math.equations import CROSS, MEMBER, becomes, equal, hadamard, partial, sum_over, symbol, symbols, tuple_of

E = symbol("E_n")
a_ik, z_ik, w_ijk, delta_ik = symbols("a_i^(k)", "z_i^(k)", "w_ij^(k)", "delta_i^(k)")
z_below, delta_next, w_next = symbols("z_j^(k-1)", "delta_j^(k+1)", "w_ji^(k+1)")
a_vector, z_vector, W, delta_vector = symbols("a_bold^(k)", "z_bold^(k)", "W_bold^(k)", "delta_bold^(k)")
z_vector_below, z_row_below = symbols("z_bold^(k-1)", "z_bold^{(k-1)T}")
delta_vector_next, W_next = symbols("delta_bold^(k+1)", "W_bold^{(k+1)T}")
sigma_of, slope_of = ops.sigmoid, derivative_of(ops.sigmoid)


def _at(case: Case, name: str) -> str:
    return f"{case.name}: {name}"


def _rough(case: Case) -> float:
    """The scale of a central difference's error: digits of E that cancel, and E's third derivative."""
    largest = max(1.0, *(abs(z.data) for layer in case.z for z in layer))
    return max(1.0, abs(case.E.data)) * largest**3


@enter("22 25 29 36 S2", "3.1 3.1 3.1 4.1 5.1", equal(z_ik, sigma_of(a_ik)), "graph", "formula")
def _eq_22(cases: Cases) -> Pairs:
    for case in cases.networks:
        for k in range(1, case.K + 1):
            for z, a in zip(case.z[k], case.a[k], strict=True):
                yield Pair(_at(case, z.label), z.data, sigma(a.data))


x_1, x_2, w_11, w_12 = symbols("x_1", "x_2", "w_11^(1)", "w_12^(1)")
z_first, a_first = symbols("z_1^(1)", "a_1^(1)")


@enter(
    "23", "3.1", equal(z_first, sigma_of(a_first), sigma_of(x_1 * w_11 + x_2 * w_12)), "graph", "formula", erratum="D2"
)
def _eq_23(cases: Cases) -> Pairs:
    for case in cases.networks:
        if len(case.z[0]) == 2:
            [x_1, x_2], [w_11, w_12] = case.z[0], case.w[1][0]
            a = x_1.data * w_11.data + x_2.data * w_12.data
            yield Pair(_at(case, "z_1^(1)"), case.z[1][0].data, sigma(a), scale=case.value_scale["z_1^(1)"])


forward_sum = sum_over("j", "N_{k-1}", w_ijk * z_below)


@enter("24 27 34 S1", "3.1 3.1 4.1 5.1", equal(a_ik, forward_sum), "graph", "formula")
def _eq_24(cases: Cases) -> Pairs:
    for case in cases.networks:
        for k in range(1, case.K + 1):
            for a, row in zip(case.a[k], case.w[k], strict=True):
                products = [w.data * z.data for w, z in zip(row, case.z[k - 1], strict=True)]
                yield Pair(_at(case, a.label), a.data, math.fsum(products), scale=case.value_scale[a.label])


shape = symbol("N_k").apply(CROSS, (symbol("N_k"), symbol("N_{k-1}")))


@enter(
    "26", "3.1", W.apply(MEMBER, (W, symbol("ℝ") ** shape)), "array", "numbers of units", erratum="D3", is_matrix=True
)
def _eq_26(cases: Cases) -> Pairs:
    for case in cases.networks:
        for k, W in case.in_matrices().weights.items():
            yield Pair(_at(case, f"rows of W^({k})"), W.shape[0], len(case.a[k]))
            yield Pair(_at(case, f"columns of W^({k})"), W.shape[1], len(case.z[k - 1]))


@enter("28 35 S3", "3.1 4.1 5.1", equal(a_vector, W * z_vector_below), "NumPy", "graph", is_matrix=True)
def _eq_28(cases: Cases) -> Pairs:
    for case in cases.networks:
        for k, a in case.matrix_forward().a.items():
            for number, node in zip(a, case.a[k], strict=True):
                scale = case.value_scale.get(node.label, 0.0)  # inputs are the same numbers
                yield Pair(_at(case, node.label), float(number), node.data, scale=scale)


@enter("30 37 S4", "3.1 4.1 5.1", equal(z_vector, sigma_of(a_vector)), "NumPy", "graph", is_matrix=True)
def _eq_30(cases: Cases) -> Pairs:
    for case in cases.networks:
        for k, z in case.matrix_forward().z.items():
            for number, node in zip(z, case.z[k], strict=True):
                scale = case.value_scale.get(node.label, 0.0)  # inputs are the same numbers
                yield Pair(_at(case, node.label), float(number), node.data, scale=scale)


w_i = symbol("w_i")


@enter("31", "3.2", becomes(w_i, w_i - symbol("lambda") * partial(E, w_i)), "backward()", "central differences")
def _eq_31(cases: Cases) -> Pairs:
    rate = 0.5
    for case in cases.networks:
        for w, slope in zip(case.weights, numerical_gradient(case.E, case.weights), strict=True):
            first, second = w.data - rate * w.grad, w.data - rate * slope
            yield Pair(_at(case, f"{w.label} after the step"), first, second, DIFFERENCE, _rough(case))


@enter("32", "3.2", equal(partial(a_ik, w_ijk), z_below), "grad of each a", "formula", erratum="D4")
def _eq_32(cases: Cases) -> Pairs:
    for case in cases.networks:
        for k in range(1, case.K + 1):
            for a, row in zip(case.a[k], case.w[k], strict=True):
                for w, z, slope in zip(row, case.z[k - 1], grad(a, row), strict=True):
                    yield Pair(_at(case, f"∂{a.label}/∂{w.label}"), slope, z.data)


xs, ys = symbols("x_1", "x_2", "x_3"), symbols("y_1", "y_2", "y_3")
products = [x * y for x, y in zip(xs, ys, strict=True)]


@enter(
    "33", "3.2", equal(hadamard(tuple_of(*xs), tuple_of(*ys)), tuple_of(*products)), "NumPy", "graph", is_matrix=True
)
def _eq_33(cases: Cases) -> Pairs:
    from nn.matrix import check_array

    for name, x, y in (("(1, 2, 3) ∘ (4, 5, 6)", [1.0, 2.0, 3.0], [4.0, 5.0, 6.0]), ("random", *cases.vectors)):
        whole = check_array(x, "x") * check_array(y, "y")
        for i, (number, u, v) in enumerate(zip(whole, x, y, strict=True), 1):
            yield Pair(f"{name}: x_{i} y_{i}", float(number), (Value(u) * Value(v)).data)


backward_sum = sum_over("j", "N_{k+1}", delta_next * w_next)


def _hidden_deltas(cases: Cases) -> Pairs:
    for case in cases.networks:
        for k in range(1, case.K):
            for i, a in enumerate(case.a[k]):
                passed_back = [
                    next_a.grad * row[i].data for next_a, row in zip(case.a[k + 1], case.w[k + 1], strict=True)
                ]
                yield Pair(
                    _at(case, f"∂E/∂{a.label}"),
                    a.grad,
                    sigma_prime(a.data) * math.fsum(passed_back),
                    scale=case.scale[a.label],
                )


_delta_rule = equal(delta_ik, partial(E, a_ik), slope_of(a_ik) * backward_sum)
enter("38", "4.2", _delta_rule, "backward()", "formula", erratum="D5")(_hidden_deltas)
enter("S6", "5.2", _delta_rule, "backward()", "formula")(_hidden_deltas)


@enter(
    "39 S8",
    "4.2 5.2",
    equal(delta_vector, partial(E, a_vector), hadamard(W_next * delta_vector_next, slope_of(a_vector))),
    "NumPy",
    "backward()",
    erratum="D24",
    is_matrix=True,
)
def _eq_39(cases: Cases) -> Pairs:
    for case in cases.networks:
        for k, delta in case.matrix_gradients().delta.items():
            for number, a in zip(delta, case.a[k], strict=True):
                yield Pair(_at(case, f"∂E/∂{a.label}"), float(number), a.grad, scale=case.scale[a.label])


@enter(
    "40 S7",
    "4.2 5.2",
    equal(partial(E, w_ijk), partial(E, a_ik) * partial(a_ik, w_ijk), delta_ik * z_below),
    "backward()",
    "formula, difference",
)
def _eq_40(cases: Cases) -> Pairs:
    for case in cases.networks:
        for k in range(1, case.K + 1):
            for a, row in zip(case.a[k], case.w[k], strict=True):
                for w, z in zip(row, case.z[k - 1], strict=True):
                    yield Pair(_at(case, f"∂E/∂{w.label}"), w.grad, a.grad * z.data)
        for w, slope in zip(case.weights, numerical_gradient(case.E, case.weights), strict=True):
            yield Pair(_at(case, f"∂E/∂{w.label}, difference"), w.grad, slope, DIFFERENCE, _rough(case))


@enter(
    "41 S9",
    "4.2 5.2",
    equal(partial(E, W), delta_vector * z_row_below),
    "NumPy",
    "backward()",
    erratum="D21",
    is_matrix=True,
)
def _eq_41(cases: Cases) -> Pairs:
    for case in cases.networks:
        for k, gradient in case.matrix_gradients().weights.items():
            for numbers, row in zip(gradient, case.w[k], strict=True):
                for number, w in zip(numbers, row, strict=True):
                    yield Pair(_at(case, f"∂E/∂{w.label}"), float(number), w.grad, scale=case.scale[w.label])


delta_last, a_last, z_last, y_i = symbols("delta_i^(K)", "a_i^(K)", "z_i^(K)", "y_i")


@enter(
    "S5",
    "5.2",
    equal(delta_last, partial(E, a_last), (z_last - y_i) * slope_of(a_last)),
    "backward()",
    "formula",
    erratum="D6",
)
def _eq_s5(cases: Cases) -> Pairs:
    for case in cases.networks:
        for a, z, y in zip(case.a[-1], case.z[-1], case.y, strict=True):
            yield Pair(
                _at(case, f"∂E/∂{a.label}"), a.grad, (z.data - y.data) * sigma_prime(a.data), scale=case.scale[a.label]
            )
