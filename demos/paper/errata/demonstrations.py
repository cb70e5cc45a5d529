"""The effect of the errata on numbers: the printed form, the corrected one, and an independent reference.

Each function belongs to the entry of `demos.paper.errata.misprints` of its name.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from demos.cli import format_count
from demos.paper.equations.instances import NetworkInstance, derivative, sigma, sigma_prime
from demos.paper.errata.readings import Reading, central_difference, difference, net4, netu
from demos.paper.examples import NET4, Network, figure_2, figure_3
from engine import Value, numerical_gradient, toposort
from engine.labels import Role, parse_label, role_of
from viz.math.backpropagation_table import backpropagation_table
from viz.math.formulas import format_number


def d1() -> Iterator[Reading]:
    """The first sum, with the printed weight and the right one."""
    instance = net4()
    [x_1, x_2], w_11, w_12 = (x.data for x in instance.z[0]), instance.w[1][0][0].data, instance.w[1][0][1].data
    yield Reading("as printed, with w_12^(2)", x_1 * w_11 + x_2 * instance.w[2][0][1].data)
    yield Reading("corrected, with w_12^(1)", x_1 * w_11 + x_2 * w_12)
    yield Reading(f"a_1^(1) in the graph of {instance.name}", instance.a[1][0].data)
    yield Reading("∂a_1^(1)/∂w_12^(2) in the graph", derivative(instance.a[1][0], instance.w[2][0][1]))


def d2() -> Iterator[Reading]:
    """The first unit's value."""
    printed, corrected, *_ = (reading.result for reading in d1())
    instance = net4()
    if isinstance(printed, float) and isinstance(corrected, float):
        yield Reading("as printed, σ of the sum with w_12^(2)", sigma(printed))
        yield Reading("corrected", sigma(corrected))
    for k in range(1, instance.K + 1):
        yield Reading(
            f"{instance.symbol(instance.z[k][0]).name} in the graph of {instance.name}", instance.z[k][0].data
        )
    yield Reading("σ(a_2^(1)), if i were 2", sigma(instance.a[1][1].data))


def d3() -> Iterator[Reading]:
    """Shapes of the weights."""
    instance = netu()
    sizes = instance.network.sizes
    for k in range(1, instance.K + 1):
        rows, columns = len(instance.w[k]), len(instance.w[k][0])
        printed = f"{sizes[k + 1]} × {sizes[k]}" if k < instance.K else f"fails: layer {k + 1} does not exist"
        yield Reading(f"W_bold^({k}) as printed, N_{{k+1}} × N_k", printed)
        yield Reading(f"W_bold^({k}) corrected, N_k × N_{{k-1}}", f"{sizes[k]} × {sizes[k - 1]}")
        yield Reading(f"weights into layer {k} of {instance.name}", f"{rows} × {columns}")
        fits = "conforms" if sizes[k] == sizes[k - 1] else f"fails: {sizes[k]} columns, {sizes[k - 1]} entries"
        yield Reading(f"W_bold^({k}) z_bold^({k - 1}) with the printed shape", fits)


def d4() -> Iterator[Reading]:
    """The derivative of a weighted sum with respect to a weight."""
    instance = net4()
    a, printed, corrected = instance.a[2][0], instance.w[1][0][1], instance.w[2][0][1]
    yield Reading(f"z_2^(1) in {instance.name}, the right side", instance.z[1][1].data)
    yield Reading("as printed, ∂a_1^(2)/∂w_12^(1)", derivative(a, printed))
    yield Reading("corrected, ∂a_1^(2)/∂w_12^(2)", derivative(a, corrected))
    yield difference("∂a_1^(2)/∂w_12^(2), ", numerical_gradient(a, [corrected])[0])


def delta_38(instance: NetworkInstance, k: int, i: int, n: int) -> float | str:
    """(38) for unit i of layer k with n terms, or the reason why it cannot be computed."""
    try:
        terms = [instance.a[k + 1][j].grad * instance.w[k + 1][j][i - 1].data for j in range(n)]
    except IndexError:
        return f"fails: δ_{n}^({k + 1}) does not exist, for N_{k + 1} = {len(instance.a[k + 1])}"
    return sigma_prime(instance.a[k][i - 1].data) * sum(terms)


def d5() -> Iterator[Reading]:
    """The sum of (38) with as many terms as are printed, and with as many as there are units."""
    for instance, k, i in ((netu(), 2, 1), (netu(), 2, 2), (netu(), 1, 1), (net4(), 1, 1), (net4(), 2, 1)):
        at = f"{instance.name}, δ_{i}^({k})"
        yield Reading(f"{at}: as printed, {len(instance.a[k])} terms", delta_38(instance, k, i, len(instance.a[k])))
        n = len(instance.a[k + 1])
        yield Reading(f"{at}: corrected, {format_count(n, 'term')}", delta_38(instance, k, i, n))
        yield difference(f"{at}: ", central_difference(instance.network, k, i))


def delta_of_output(instance: NetworkInstance, layer: int) -> float | str:
    """Section 5.2's δ_1^(K), with z and a taken from the layer that its superscripts name."""
    if layer > instance.K:
        return f"fails: layer {layer} does not exist, the network has {instance.K}"
    return (instance.z[layer][0].data - instance.y[0].data) * sigma_prime(instance.a[layer][0].data)


def d6() -> Iterator[Reading]:
    """The start of the sweep where K is not 3."""
    for sizes in ([2, 2, 3, 2, 2], [2, 3, 2]):
        instance = NetworkInstance("-".join(map(str, sizes)), Network.lattice(sizes))
        yield Reading(f"{instance.name}: as printed, layer 3", delta_of_output(instance, 3))
        yield Reading(f"{instance.name}: corrected, layer K = {instance.K}", delta_of_output(instance, instance.K))
        yield difference(f"{instance.name}: ", central_difference(instance.network, instance.K, 1))


def gradients_40(instance: NetworkInstance, layers: Iterable[int]) -> dict[str, float]:
    """The gradients that (40) gives for these layers."""
    return {
        instance.symbol(w).name: a.grad * z.data
        for k in layers
        for a, row in zip(instance.a[k], instance.w[k], strict=True)
        for w, z in zip(row, instance.z[k - 1], strict=True)
    }


def d7() -> Iterator[Reading]:
    """The weights that the printed range reaches."""
    instance = net4()
    printed, corrected = (
        gradients_40(instance, range(instance.K - 1, 0, -1)),
        gradients_40(instance, range(instance.K, 0, -1)),
    )
    yield Reading("as printed, k = K − 1…1", f"{len(printed)} of {len(instance.weights)} weights of {instance.name}")
    yield Reading("corrected, k = K…1", f"{len(corrected)} of {len(instance.weights)} weights")
    for label, slope in corrected.items():
        if label not in printed:
            yield Reading(f"left out: ∂E_n/∂{label}", slope)
    largest = max(corrected, key=lambda label: abs(corrected[label]))
    yield Reading("the largest derivative of all", f"∂E_n/∂{largest}")


def d8() -> Iterator[Reading]:
    """A mean square error is another function."""
    for instance in (net4(), netu()):
        n = len(instance.y)
        mean = [(2 / n) * (z.data - y.data) for z, y in zip(instance.z[-1], instance.y, strict=True)]
        z_1 = instance.symbol(instance.z[-1][0]).name
        yield Reading(f"{instance.name}: ∂/∂{z_1} of the mean square error", mean[0])
        yield Reading(f"{instance.name}: ∂E_n/∂{z_1} in the graph", instance.z[-1][0].grad)


def _figure_3_gradients(role: Role, layer: str = "") -> str:
    output = figure_3().output
    output.backward()
    labels = {node: parse_label(node.label) for node in toposort(output)}
    found = [node for node, label in labels.items() if label and (label.role, label.layer) == (role, layer)]
    return ", ".join(format_number(node.grad) for node in sorted(found, key=lambda node: node.label))


def d9() -> Iterator[Reading]:
    """The derivatives that are still to be calculated before (20)."""
    yield Reading("∂y/∂w_i^(1), which (21) is about", _figure_3_gradients(Role.WEIGHT, "1"))
    yield Reading("∂y/∂w_i^(2), known since (19)", _figure_3_gradients(Role.WEIGHT, "2"))


def d10() -> Iterator[Reading]:
    """The equation that gives ∂y/∂a_i."""
    example = figure_3()
    yield Reading("(17), ∂y/∂x", derivative(example.output, example.leaves[0]))
    yield Reading("(14), ∂y/∂a_i", _figure_3_gradients(Role.WEIGHTED_SUM))


def d12() -> Iterator[Reading]:
    """The variable of step 1."""
    instance = net4()
    labels = {instance.symbol(node).name for node in toposort(instance.E)}
    is_there = "is" if "x^(3)" in labels else "is not"
    yield Reading("a node x^(3)", f"{is_there} in the graph of {instance.name}")
    first = backpropagation_table(instance.E).rows[0].variable
    yield Reading("the variable of step 1", instance.symbol(first).name)


def d13() -> Iterator[Reading]:
    """The only weighted sum of layer 3."""
    instance = net4()
    yield Reading(f"a^(3) in {instance.name}", instance.a[3][0].data)
    yield Reading("units of layer 3", f"{len(instance.a[3])}, so that a_3 does not exist")


def d14() -> Iterator[Reading]:
    """The derivative that (38) needs, and the one that (32) gives."""
    instance = net4()
    yield Reading("∂a_1^(2)/∂z_2^(1), as (38) needs", derivative(instance.a[2][0], instance.z[1][1]))
    yield Reading(f"w_12^(2) in {instance.name}", instance.w[2][0][1].data)
    yield Reading("∂a_1^(2)/∂w_12^(2), as (32) gives", derivative(instance.a[2][0], instance.w[2][0][1]))


def d18() -> Iterator[Reading]:
    """The same derivative under both names."""
    instance = net4()
    yield Reading("∂a_2^(1)/∂x_1", derivative(instance.a[1][1], instance.z[0][0]))
    yield Reading(f"w_21^(1) in {instance.name}", instance.w[1][1][0].data)


def d22() -> Iterator[Reading]:
    """The output's weights, row 1 of W^(3), as a column."""
    instance = net4()
    delta = instance.a[3][0].grad
    for w, z in zip(instance.w[3][0], instance.z[2], strict=True):
        yield Reading(f"δ^(3) {instance.symbol(w).name}", delta * w.data)
        yield Reading(f"∂E_n/∂{z.label} in the graph of {instance.name}", z.grad)


def d23() -> Iterator[Reading]:
    """The products of derivatives that conform."""
    _, n_1, n_2, _ = netu().network.sizes
    columns, rows = f"({n_2} × 1)({n_2} × {n_1})", f"(1 × {n_2})({n_2} × {n_1}) = (1 × {n_1})"
    yield Reading("row 5 of 3-4-2-3 as columns, as printed", f"{columns} does not conform")
    yield Reading("as rows", f"{rows}, the transpose of W_bold^{{(2)T}} δ_bold^(2)")


def d24() -> Iterator[Reading]:
    """The order of the two products."""
    instance = net4()
    slopes = [sigma_prime(a.data) for a in instance.a[1]]
    for i in (1, 2):
        pairs = list(zip(instance.a[2], instance.w[2], strict=True))
        first = sum(a.grad * slope * row[i - 1].data for (a, row), slope in zip(pairs, slopes, strict=True))
        last = sum(a.grad * row[i - 1].data for a, row in pairs) * slopes[i - 1]
        yield Reading(f"{instance.name}, i = {i}: W_bold^T (δ_bold ∘ σ')", first)
        yield Reading(f"{instance.name}, i = {i}: (W_bold^T δ_bold) ∘ σ'", last)
        yield difference(f"{instance.name}, i = {i}: ", central_difference(NET4, 1, i))


def d27() -> Iterator[Reading]:
    """The sum rule, and with a constant factor."""
    example = figure_2()
    nodes = {node.label: node for node in toposort(example.output)}
    yield Reading("(10), ∂(a_1 + a_2)/∂x", derivative(nodes["a_1"] + nodes["a_2"], nodes["x"]))
    yield Reading("(11), ∂y/∂x with y = 2a_1 + a_2", derivative(example.output, nodes["x"]))


def d28() -> Iterator[Reading]:
    """The derivatives in the rows of Table 1."""
    rows = backpropagation_table(net4().E).rows
    yield Reading("derivatives in steps 1 to 7", f"{sum(row.step is not None for row in rows)} in 2-2-2-1")
    weights = [row for row in rows if role_of(row.variable.label) is Role.WEIGHT]
    yield Reading("with respect to weights, for (31)", f"{len(weights)} in 2-2-2-1")


def d31() -> Iterator[Reading]:
    """The start of the sweep in matrix form, entry by entry."""
    instance = netu()
    for i, a in enumerate(instance.a[-1], 1):
        delta = (instance.z[-1][i - 1].data - instance.y[i - 1].data) * sigma_prime(a.data)
        yield Reading(f"δ_{i}^(3) by the missing formula", delta)
        yield Reading(f"∂E_n/∂{a.label} in the graph of {instance.name}", a.grad)


def d32() -> Iterator[Reading]:
    """σ' in terms of σ."""
    a = Value(net4().a[1][0].data, "a")
    yield Reading("σ(a)(1 − σ(a)) at a_1^(1) of 2-2-2-1", sigma_prime(a.data))
    yield difference("σ'(a), ", numerical_gradient(a.sigmoid(), [a])[0])


def d33() -> Iterator[Reading]:
    """(38) in the last layer, which does not have a next one."""
    instance = netu()
    last = instance.a[-1][0]
    yield Reading(f"(38) at k = K = {instance.K}", f"fails: layer {instance.K + 1} does not exist")
    yield Reading("(z_1^(K) − y_1)σ'(a_1^(K)), from Section 5.2", delta_of_output(instance, instance.K))
    yield Reading(f"∂E_n/∂{last.label} in the graph of {instance.name}", last.grad)


def d35() -> Iterator[Reading]:
    """The two terms of step 5, one for each weighted sum that reads z_1^(1)."""
    instance = net4()
    z = instance.z[1][0]
    terms = [a.grad * derivative(a, z) for a in instance.a[2]]
    for a, term in zip(instance.a[2], terms, strict=True):
        yield Reading(f"through {a.label}", term)
    yield Reading("their sum", sum(terms))
    yield Reading(f"∂E_n/∂{z.label} in the graph of {instance.name}", z.grad)
