"""The equations of Section 2: the chain rule along a path and the sum rule across paths, on Figures 1 to 3."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

from demos.paper.checks import DIFFERENCE_TOLERANCE, Pair
from demos.paper.equations.instances import FigureInstance, Instances, derivative, sigma, sigma_prime
from demos.paper.equations.registry import Pairs, register
from engine import Value, label, numerical_gradient, paths
from engine.symbolic.expression import Expression
from viz.math.equations import equal, partial, sum_over, symbol, symbols

Numbers = Iterator[tuple[str, float, float]]  # names, each with its number in two ways
Compute = Callable[[FigureInstance], Numbers]
SCALE = 10.0  # of the sums on Figures 2 and 3: up to 7 numbers of at most 6

x, y, z, a, a_1, a_2 = symbols("x", "y", "z", "a", "a_1", "a_2")
a_i, w_1, w_2 = symbols("a_i", "w_i^(1)", "w_i^(2)")
a_j, w_1j, w_2j = symbols("a_j", "w_j^(1)", "w_j^(2)")


def _on_figure(number: str, formula: Expression, figure: int, *ways: str) -> Callable[[Compute], None]:
    """Register an equation that is checked on all instances of a figure."""

    def decorate(compute: Compute) -> None:
        def pairs(instances: Instances) -> Pairs:
            for instance in instances.figures[figure]:
                for where, first, second in compute(instance):
                    yield Pair(f"{instance.name}: {where}", first, second, scale=SCALE)

        register(number, "2", formula, *ways, graph=lambda instances: instances.figures[figure][0].output)(pairs)

    return decorate


def _chain(number: float) -> tuple[Value, Value]:
    """z = y³, y = σ(x): the leaf x, and z."""
    x = Value(number, "x")
    y = x.sigmoid()
    z = y**3
    label(y=y, z=z)
    return x, z


@register(
    "1",
    "2",
    equal(partial(z, x), partial(z, y) * partial(y, x)),
    "backward()",
    "product, difference",
    graph=lambda instances: _chain(0.7)[1],
)
def _eq_1(instances: Instances) -> Pairs:
    for number in (0.7, instances.figures[1][1].node["x"].data):
        x, z = _chain(number)
        slope = derivative(z, x)
        where = f"z = σ(x)³ at x = {number:.3g}: ∂z/∂x"
        yield Pair(where, slope, 3 * sigma(number) ** 2 * sigma_prime(number))
        yield Pair(f"{where}, difference", slope, numerical_gradient(z, [x])[0], DIFFERENCE_TOLERANCE, 1.0)


@_on_figure("2", equal(y, 2.0 * a), 1, "graph", "formula")
def _eq_2(f: FigureInstance) -> Numbers:
    yield "y", f.node["y"].data, 2 * f.node["a"].data


@_on_figure("3", equal(a, 3.0 * x), 1, "graph", "formula")
def _eq_3(f: FigureInstance) -> Numbers:
    yield "a", f.node["a"].data, 3 * f.node["x"].data


@_on_figure("4", equal(partial(y, a), symbol("2")), 1, "backward()", "formula")
def _eq_4(f: FigureInstance) -> Numbers:
    yield "∂y/∂a", f.node["a"].grad, 2.0


@_on_figure("5", equal(partial(a, x), symbol("3")), 1, "grad of a", "formula")
def _eq_5(f: FigureInstance) -> Numbers:
    yield "∂a/∂x", derivative(f.node["a"], f.node["x"]), 3.0


@_on_figure("6", equal(partial(y, x), partial(y, a) * partial(a, x)), 1, "backward()", "product on the path")
def _eq_6(f: FigureInstance) -> Numbers:
    [path] = paths(f.output, f.node["x"], named=True)
    yield "∂y/∂x", f.node["x"].grad, path.product
    yield "∂y/∂x, and (2)(3)", f.node["x"].grad, 2.0 * 3.0


@_on_figure("7", equal(y, 2.0 * a_1 + a_2), 2, "graph", "formula")
def _eq_7(f: FigureInstance) -> Numbers:
    yield "y", f.output.data, 2 * f.node["a_1"].data + f.node["a_2"].data


@_on_figure("8", equal(a_1, 3.0 * x), 2, "graph", "formula")
def _eq_8(f: FigureInstance) -> Numbers:
    yield "a₁", f.node["a_1"].data, 3 * f.node["x"].data


@_on_figure("9", equal(a_2, -x), 2, "graph", "formula")
def _eq_9(f: FigureInstance) -> Numbers:
    yield "a₂", f.node["a_2"].data, -f.node["x"].data


@_on_figure(
    "10", equal(partial(a_1 + a_2, x), partial(a_1, x) + partial(a_2, x)), 2, "grad of the sum", "sum of the grads"
)
def _eq_10(f: FigureInstance) -> Numbers:
    x, a_1, a_2 = (f.node[label] for label in ("x", "a_1", "a_2"))
    yield "∂(a₁ + a₂)/∂x", derivative(a_1 + a_2, x), derivative(a_1, x) + derivative(a_2, x)


@_on_figure(
    "11",
    equal(partial(y, x), partial(y, a_1) * partial(a_1, x) + partial(y, a_2) * partial(a_2, x)),
    2,
    "backward()",
    "sum over the paths",
)
def _eq_11(f: FigureInstance) -> Numbers:
    found = sum(path.product for path in paths(f.output, f.node["x"], named=True))
    yield "∂y/∂x", f.node["x"].grad, found
    yield "∂y/∂x, and (2)(3) + (1)(−1)", f.node["x"].grad, 2.0 * 3.0 + 1.0 * -1.0


@_on_figure("12", equal(y, sum_over("j", "N", w_2j * a_j)), 3, "graph", "formula")
def _eq_12(f: FigureInstance) -> Numbers:
    products = [w.data * a.data for w, a in zip(f.all("w^(2)"), f.all("a"), strict=True)]
    yield "y", f.output.data, math.fsum(products)


@_on_figure("13", equal(a_i, w_1 * x), 3, "graph", "formula")
def _eq_13(f: FigureInstance) -> Numbers:
    for w, a in zip(f.all("w^(1)"), f.all("a"), strict=True):
        yield a.label, a.data, w.data * f.node["x"].data


@_on_figure("14", equal(partial(y, a_i), w_2), 3, "backward()", "formula")
def _eq_14(f: FigureInstance) -> Numbers:
    for w, a in zip(f.all("w^(2)"), f.all("a"), strict=True):
        yield f"∂y/∂{a.label}", a.grad, w.data


@_on_figure("15", equal(partial(a_i, x), w_1), 3, "grad of a_i", "formula")
def _eq_15(f: FigureInstance) -> Numbers:
    for w, a in zip(f.all("w^(1)"), f.all("a"), strict=True):
        yield f"∂{a.label}/∂x", derivative(a, f.node["x"]), w.data


@register("16", "2", None, "", "", erratum="D15", graph=None)
def _eq_16(instances: Instances) -> Pairs:
    yield from ()


@_on_figure(
    "17",
    equal(partial(y, x), sum_over("j", "N", partial(y, a_j) * partial(a_j, x))),
    3,
    "backward()",
    "sum over the paths",
)
def _eq_17(f: FigureInstance) -> Numbers:
    x = f.node["x"]
    yield "∂y/∂x", x.grad, math.fsum(path.product for path in paths(f.output, x, named=True))
    yield "∂y/∂x", x.grad, math.fsum(derivative(f.output, a) * derivative(a, x) for a in f.all("a"))


@_on_figure("18", equal(partial(y, x), sum_over("j", "N", w_2j * w_1j)), 3, "backward()", "formula")
def _eq_18(f: FigureInstance) -> Numbers:
    products = [v.data * w.data for v, w in zip(f.all("w^(2)"), f.all("w^(1)"), strict=True)]
    yield "∂y/∂x", f.node["x"].grad, math.fsum(products)


@_on_figure("19", equal(partial(y, w_2), partial(sum_over("j", "N", w_2j * a_j), w_2), a_i), 3, "backward()", "formula")
def _eq_19(f: FigureInstance) -> Numbers:
    for w, a in zip(f.all("w^(2)"), f.all("a"), strict=True):
        yield f"∂y/∂{w.label}", w.grad, a.data


@_on_figure("20", equal(partial(y, w_1), partial(y, a_i) * partial(a_i, w_1)), 3, "backward()", "product of the two")
def _eq_20(f: FigureInstance) -> Numbers:
    for w, a in zip(f.all("w^(1)"), f.all("a"), strict=True):
        yield f"∂y/∂{w.label}", w.grad, a.grad * derivative(a, w)


@_on_figure("21", equal(partial(y, w_1), w_2 * x), 3, "backward()", "formula")
def _eq_21(f: FigureInstance) -> Numbers:
    for w, v in zip(f.all("w^(1)"), f.all("w^(2)"), strict=True):
        yield f"∂y/∂{w.label}", w.grad, v.data * f.node["x"].data
