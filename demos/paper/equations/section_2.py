"""The equations of Section 2: the chain rule along a path and the sum rule across paths, on Figures 1 to 3."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

from demos.paper.checks import DIFFERENCE_TOLERANCE, Pair
from demos.paper.equations.instances import FigureInstance, Instances, derivative, sigma, sigma_prime
from demos.paper.equations.registry import Pairs, register
from demos.paper.examples import Example, figure_1, figure_2
from engine import Path, numerical_gradient, paths
from engine.symbolic.expression import Expression
from viz.math.equations import (
    equal,
    grouped,
    juxtaposed,
    numeral,
    numerals,
    partial,
    plus,
    sum_over,
    symbol,
    symbols,
)
from viz.math.formulas import format_formula

Numbers = Iterator[tuple[Expression | str, float, float]]  # names, each with its number in two ways
Compute = Callable[[FigureInstance], Numbers]
SCALE = 10.0  # of the sums on Figures 2 and 3: up to 7 numbers of at most 6

x, y, z, a, a_1, a_2 = symbols("x", "y", "z", "a", "a_1", "a_2")
a_i, w_1, w_2 = symbols("a_i", "w_i^(1)", "w_i^(2)")
a_j, w_1j, w_2j = symbols("a_j", "w_j^(1)", "w_j^(2)")

dy_dx = partial(y, x)


def _product_of_numbers(path: Path) -> Expression:
    """The local derivatives along a path: (2)(3)."""
    return juxtaposed(*numerals(*path.local_derivatives))


def _paths(example: Example) -> list[Path]:
    return list(paths(example.output, example.leaves[0], named=True))


def _on_figure(
    number: str, formula: Expression, figure: int, *ways: str, errata: str = ""
) -> Callable[[Compute], None]:
    """Register an equation that is checked on all instances of a figure."""

    def decorate(compute: Compute) -> None:
        def pairs(instances: Instances) -> Pairs:
            for instance in instances.figures[figure]:
                for name, first, second in compute(instance):
                    text = name if isinstance(name, str) else format_formula(name)
                    yield Pair(instance.name, text, first, second, scale=SCALE)

        register(number, "2", formula, *ways, errata={number: errata})(pairs)

    return decorate


@register("1", "2", equal(partial(z, x), partial(z, y) * partial(y, x)), "backward()", "product, difference")
def _eq_1(instances: Instances) -> Pairs:
    for chain in instances.chains:
        x, slope = chain.node["x"], chain.node["x"].grad
        product = 3 * sigma(x.data) ** 2 * sigma_prime(x.data)
        yield Pair(chain.name, "∂z/∂x = 3σ(x)²σ'(x)", slope, product)
        [difference] = numerical_gradient(chain.output, [x])
        yield Pair(chain.name, "∂z/∂x, by differences", slope, difference, DIFFERENCE_TOLERANCE, 1.0)


@_on_figure("2", equal(y, juxtaposed(numeral(2), a)), 1, "graph", "formula")
def _eq_2(f: FigureInstance) -> Numbers:
    yield "y", f.node["y"].data, 2 * f.node["a"].data


@_on_figure("3", equal(a, juxtaposed(numeral(3), x)), 1, "graph", "formula")
def _eq_3(f: FigureInstance) -> Numbers:
    yield "a", f.node["a"].data, 3 * f.node["x"].data


@_on_figure("4", equal(partial(y, a), numeral(2)), 1, "backward()", "formula")
def _eq_4(f: FigureInstance) -> Numbers:
    yield partial(y, a), f.node["a"].grad, 2.0


@_on_figure("5", equal(partial(a, x), numeral(3)), 1, "grad of a", "formula")
def _eq_5(f: FigureInstance) -> Numbers:
    yield partial(a, x), derivative(f.node["a"], f.node["x"]), 3.0


[path_of_6] = _paths(figure_1())
numbers_of_6 = _product_of_numbers(path_of_6)


@_on_figure(
    "6",
    equal(dy_dx, partial(y, a) * partial(a, x), numbers_of_6, numeral(path_of_6.product)),
    1,
    "backward()",
    "product on the path",
)
def _eq_6(f: FigureInstance) -> Numbers:
    [path] = paths(f.output, f.node["x"], named=True)
    yield dy_dx, f.node["x"].grad, path.product
    yield equal(dy_dx, numbers_of_6), f.node["x"].grad, 2.0 * 3.0


@_on_figure("7", equal(y, plus(juxtaposed(numeral(2), a_1), a_2)), 2, "graph", "formula")
def _eq_7(f: FigureInstance) -> Numbers:
    yield "y", f.output.data, 2 * f.node["a_1"].data + f.node["a_2"].data


@_on_figure("8", equal(a_1, juxtaposed(numeral(3), x)), 2, "graph", "formula")
def _eq_8(f: FigureInstance) -> Numbers:
    yield a_1, f.node["a_1"].data, 3 * f.node["x"].data


@_on_figure("9", equal(a_2, -x), 2, "graph", "formula")
def _eq_9(f: FigureInstance) -> Numbers:
    yield a_2, f.node["a_2"].data, -f.node["x"].data


@_on_figure(
    "10", equal(partial(a_1 + a_2, x), partial(a_1, x) + partial(a_2, x)), 2, "grad of the sum", "sum of the grads"
)
def _eq_10(f: FigureInstance) -> Numbers:
    leaf, first, second = (f.node[label] for label in ("x", "a_1", "a_2"))
    total = derivative(first, leaf) + derivative(second, leaf)
    yield partial(a_1 + a_2, x), derivative(first + second, leaf), total


paths_of_11 = _paths(figure_2())
numbers_of_11 = plus(*map(_product_of_numbers, paths_of_11))


@_on_figure(
    "11",
    equal(
        dy_dx,
        partial(y, a_1) * partial(a_1, x) + partial(y, a_2) * partial(a_2, x),
        numbers_of_11,
        numeral(sum(path.product for path in paths_of_11)),
    ),
    2,
    "backward()",
    "sum over the paths",
)
def _eq_11(f: FigureInstance) -> Numbers:
    found = sum(path.product for path in paths(f.output, f.node["x"], named=True))
    yield dy_dx, f.node["x"].grad, found
    yield equal(dy_dx, numbers_of_11), f.node["x"].grad, 2.0 * 3.0 + 1.0 * -1.0


@_on_figure("12", equal(y, sum_over("j", "N", w_2j * a_j)), 3, "graph", "formula", errata="D25")
def _eq_12(f: FigureInstance) -> Numbers:
    products = [w.data * a.data for w, a in zip(f.all("w^(2)"), f.all("a"), strict=True)]
    yield "y", f.output.data, math.fsum(products)


@_on_figure("13", equal(a_i, w_1 * x), 3, "graph", "formula")
def _eq_13(f: FigureInstance) -> Numbers:
    for w, a in zip(f.all("w^(1)"), f.all("a"), strict=True):
        yield symbol(a.label), a.data, w.data * f.node["x"].data


@_on_figure("14", equal(partial(y, a_i), w_2), 3, "backward()", "formula")
def _eq_14(f: FigureInstance) -> Numbers:
    for w, a in zip(f.all("w^(2)"), f.all("a"), strict=True):
        yield partial(y, symbol(a.label)), a.grad, w.data


@_on_figure("15", equal(partial(a_i, x), w_1), 3, "grad of each a", "formula")
def _eq_15(f: FigureInstance) -> Numbers:
    for w, a in zip(f.all("w^(1)"), f.all("a"), strict=True):
        yield partial(symbol(a.label), x), derivative(a, f.node["x"]), w.data


@register("16", "2", None, "", "", errata={"16": "D15"})
def _eq_16(instances: Instances) -> Pairs:
    yield from ()


sum_of_17 = sum_over("j", "N", partial(y, a_j) * partial(a_j, x))


@_on_figure("17", equal(dy_dx, sum_of_17), 3, "backward()", "sum over the paths")
def _eq_17(f: FigureInstance) -> Numbers:
    leaf = f.node["x"]
    yield dy_dx, leaf.grad, math.fsum(path.product for path in paths(f.output, leaf, named=True))
    products = [derivative(f.output, a) * derivative(a, leaf) for a in f.all("a")]
    yield equal(dy_dx, sum_of_17), leaf.grad, math.fsum(products)


@_on_figure("18", equal(dy_dx, sum_over("j", "N", w_2j * w_1j)), 3, "backward()", "formula")
def _eq_18(f: FigureInstance) -> Numbers:
    products = [v.data * w.data for v, w in zip(f.all("w^(2)"), f.all("w^(1)"), strict=True)]
    yield dy_dx, f.node["x"].grad, math.fsum(products)


@_on_figure(
    "19",
    equal(partial(y, w_2), partial(sum_over("j", "N", w_2j * a_j), w_2), a_i),
    3,
    "backward()",
    "formula",
    errata="D25",
)
def _eq_19(f: FigureInstance) -> Numbers:
    for w, a in zip(f.all("w^(2)"), f.all("a"), strict=True):
        yield partial(y, symbol(w.label)), w.grad, a.data


@_on_figure("20", equal(partial(y, w_1), partial(y, a_i) * partial(a_i, w_1)), 3, "backward()", "product of the two")
def _eq_20(f: FigureInstance) -> Numbers:
    for w, a in zip(f.all("w^(1)"), f.all("a"), strict=True):
        yield partial(y, symbol(w.label)), w.grad, a.grad * derivative(a, w)


@_on_figure("21", equal(partial(y, w_1), juxtaposed(grouped(w_2), grouped(x))), 3, "backward()", "formula")
def _eq_21(f: FigureInstance) -> Numbers:
    for w, v in zip(f.all("w^(1)"), f.all("w^(2)"), strict=True):
        yield partial(y, symbol(w.label)), w.grad, v.data * f.node["x"].data
