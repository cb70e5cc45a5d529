"""The equations of Section 2: the chain rule along a path and the sum rule across paths, on Figures 1 to 3."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence

from demos.paper.checks import DIFFERENCE_TOLERANCE, Pair
from demos.paper.equations.instances import FigureInstance, Instances, derivative, figure_instance, sigma, sigma_prime
from demos.paper.equations.registry import Pairs, register
from demos.paper.examples import figure_1, figure_2
from engine import numerical_gradient, paths
from engine.symbolic.expression import Expression
from viz.math.equations import equal, grouped, juxtaposed, numeral, numerals, partial, plus, sum_over, symbol, symbols
from viz.math.formulas import format_formula

Numbers = Iterator[tuple[Expression | str, float, float]]  # names, each with its number in two ways
Compute = Callable[[FigureInstance], Numbers]
MakeFormula = Callable[[FigureInstance], Expression]
FROM_CONSTANTS = "∂y/∂x, from the constants"
PRINTED = {1: figure_1(), 2: figure_2()}  # with the paper's constants
SCALE = 10.0  # of the sums on Figures 2 and 3: up to 7 numbers of at most 6

x, y, z, a, a_1, a_2 = symbols("x", "y", "z", "a", "a_1", "a_2")
a_i, w_1, w_2 = symbols("a_i", "w_i^(1)", "w_i^(2)")
a_j, w_1j, w_2j = symbols("a_j", "w_j^(1)", "w_j^(2)")

dy_dx = partial(y, x)


def _on_figure(
    number: str, formula: Expression | MakeFormula, figure: int, second_way: str, changes: str = ""
) -> Callable[[Compute], None]:
    """Register an equation that is checked on all instances of a figure; `formula` may depend on its constants."""

    def decorate(compute: Compute) -> None:
        def pairs(instances: Instances) -> Pairs:
            for instance in instances.figures[figure]:
                for name, first, second in compute(instance):
                    text = name if isinstance(name, str) else format_formula(name)
                    yield Pair(instance.name, text, first, second, scale=SCALE)

        if isinstance(formula, Expression):
            printed, make_formula = formula, None
        else:
            printed = formula(figure_instance(PRINTED[figure]))

            def make_formula(instances: Instances) -> Expression:
                return formula(instances.figures[figure][0])

        register(number, "2", printed, "graph", second_way, changes={number: changes}, make_formula=make_formula)(pairs)

    return decorate


def multiple(constant: float, a: Expression) -> Expression:
    """The product of a constant and a letter: 2a, a, −a.

    >>> print(*(format_formula(multiple(constant, a)) for constant in (2, 1, -1, -0.5)))
    2a a −a −0.5a
    """
    return {1.0: a, -1.0: -a}.get(constant, juxtaposed(numeral(constant), a))


def weighted_sum(constants: Sequence[float], letters: Sequence[Expression]) -> Expression:
    """The sum of multiples: 2a₁ + a₂, 2a₁ − 4a₂."""
    total = multiple(constants[0], letters[0])
    for constant, letter in zip(constants[1:], letters[1:], strict=True):
        total = total - multiple(-constant, letter) if constant < 0 else total + multiple(constant, letter)
    return total


def products_of_constants(f: FigureInstance) -> Expression:
    """The products of the constants along each path, added: (2)(3) + (1)(−1)."""
    return plus(*(juxtaposed(*numerals(second, first)) for first, second in zip(*f.constants, strict=True)))


def _slope_on_path(f: FigureInstance) -> float:
    """The sum over the paths from x to y of the constants' products."""
    return math.fsum(first * second for first, second in zip(*f.constants, strict=True))


@register("1", "2", equal(partial(z, x), partial(z, y) * partial(y, x)), "graph", "product, difference")
def _eq_1(instances: Instances) -> Pairs:
    for chain in instances.chains:
        x, slope = chain.node["x"], chain.node["x"].grad
        product = 3 * sigma(x.data) ** 2 * sigma_prime(x.data)
        yield Pair(chain.name, "∂z/∂x = 3σ(x)²σ'(x)", slope, product)
        [difference] = numerical_gradient(chain.output, [x])
        yield Pair(chain.name, "∂z/∂x, by differences", slope, difference, DIFFERENCE_TOLERANCE, 1.0)


# The constants of Figures 1 and 2: w_1 on the arrows from x, w_2 on the arrows to y.


@_on_figure("2", lambda f: equal(y, multiple(f.constants[1][0], a)), 1, "formula")
def _eq_2(f: FigureInstance) -> Numbers:
    yield "y", f.node["y"].data, f.constants[1][0] * f.node["a"].data


@_on_figure("3", lambda f: equal(a, multiple(f.constants[0][0], x)), 1, "formula")
def _eq_3(f: FigureInstance) -> Numbers:
    yield "a", f.node["a"].data, f.constants[0][0] * f.node["x"].data


@_on_figure("4", lambda f: equal(partial(y, a), numeral(f.constants[1][0])), 1, "formula")
def _eq_4(f: FigureInstance) -> Numbers:
    yield partial(y, a), f.node["a"].grad, f.constants[1][0]


@_on_figure("5", lambda f: equal(partial(a, x), numeral(f.constants[0][0])), 1, "formula")
def _eq_5(f: FigureInstance) -> Numbers:
    yield partial(a, x), derivative(f.node["a"], f.node["x"]), f.constants[0][0]


@_on_figure(
    "6",
    lambda f: equal(dy_dx, partial(y, a) * partial(a, x), products_of_constants(f), numeral(_slope_on_path(f))),
    1,
    "product on the path",
)
def _eq_6(f: FigureInstance) -> Numbers:
    [path] = paths(f.output, f.node["x"], named=True)
    yield dy_dx, f.node["x"].grad, path.product
    yield FROM_CONSTANTS, f.node["x"].grad, _slope_on_path(f)


@_on_figure("7", lambda f: equal(y, weighted_sum(f.constants[1], [a_1, a_2])), 2, "formula")
def _eq_7(f: FigureInstance) -> Numbers:
    first, second = f.constants[1]
    yield "y", f.output.data, first * f.node["a_1"].data + second * f.node["a_2"].data


@_on_figure("8", lambda f: equal(a_1, multiple(f.constants[0][0], x)), 2, "formula")
def _eq_8(f: FigureInstance) -> Numbers:
    yield a_1, f.node["a_1"].data, f.constants[0][0] * f.node["x"].data


@_on_figure("9", lambda f: equal(a_2, multiple(f.constants[0][1], x)), 2, "formula")
def _eq_9(f: FigureInstance) -> Numbers:
    yield a_2, f.node["a_2"].data, f.constants[0][1] * f.node["x"].data


@_on_figure("10", equal(partial(a_1 + a_2, x), partial(a_1, x) + partial(a_2, x)), 2, "sum of the two")
def _eq_10(f: FigureInstance) -> Numbers:
    leaf, first, second = (f.node[label] for label in ("x", "a_1", "a_2"))
    total = derivative(first, leaf) + derivative(second, leaf)
    yield partial(a_1 + a_2, x), derivative(first + second, leaf), total


@_on_figure(
    "11",
    lambda f: equal(
        dy_dx,
        partial(y, a_1) * partial(a_1, x) + partial(y, a_2) * partial(a_2, x),
        products_of_constants(f),
        numeral(_slope_on_path(f)),
    ),
    2,
    "sum over the paths",
)
def _eq_11(f: FigureInstance) -> Numbers:
    found = sum(path.product for path in paths(f.output, f.node["x"], named=True))
    yield dy_dx, f.node["x"].grad, found
    yield FROM_CONSTANTS, f.node["x"].grad, _slope_on_path(f)


@_on_figure("12", equal(y, sum_over("j", "N", w_2j * a_j)), 3, "formula", changes="D25")
def _eq_12(f: FigureInstance) -> Numbers:
    products = [w.data * a.data for w, a in zip(f.all("w^(2)"), f.all("a"), strict=True)]
    yield "y", f.output.data, math.fsum(products)


@_on_figure("13", equal(a_i, w_1 * x), 3, "formula")
def _eq_13(f: FigureInstance) -> Numbers:
    for w, a in zip(f.all("w^(1)"), f.all("a"), strict=True):
        yield symbol(a.label), a.data, w.data * f.node["x"].data


@_on_figure("14", equal(partial(y, a_i), w_2), 3, "formula")
def _eq_14(f: FigureInstance) -> Numbers:
    for w, a in zip(f.all("w^(2)"), f.all("a"), strict=True):
        yield partial(y, symbol(a.label)), a.grad, w.data


@_on_figure("15", equal(partial(a_i, x), w_1), 3, "formula")
def _eq_15(f: FigureInstance) -> Numbers:
    for w, a in zip(f.all("w^(1)"), f.all("a"), strict=True):
        yield partial(symbol(a.label), x), derivative(a, f.node["x"]), w.data


@register("16", "2", None, "", "")
def _eq_16(instances: Instances) -> Pairs:
    yield from ()


sum_of_17 = sum_over("j", "N", partial(y, a_j) * partial(a_j, x))


@_on_figure("17", equal(dy_dx, sum_of_17), 3, "sum over the paths")
def _eq_17(f: FigureInstance) -> Numbers:
    leaf = f.node["x"]
    yield dy_dx, leaf.grad, math.fsum(path.product for path in paths(f.output, leaf, named=True))
    products = [derivative(f.output, a) * derivative(a, leaf) for a in f.all("a")]
    yield equal(dy_dx, sum_of_17), leaf.grad, math.fsum(products)


@_on_figure("18", equal(dy_dx, sum_over("j", "N", w_2j * w_1j)), 3, "formula")
def _eq_18(f: FigureInstance) -> Numbers:
    products = [v.data * w.data for v, w in zip(f.all("w^(2)"), f.all("w^(1)"), strict=True)]
    yield dy_dx, f.node["x"].grad, math.fsum(products)


@_on_figure(
    "19", equal(partial(y, w_2), partial(sum_over("j", "N", w_2j * a_j), w_2), a_i), 3, "formula", changes="D25"
)
def _eq_19(f: FigureInstance) -> Numbers:
    for w, a in zip(f.all("w^(2)"), f.all("a"), strict=True):
        yield partial(y, symbol(w.label)), w.grad, a.data


@_on_figure("20", equal(partial(y, w_1), partial(y, a_i) * partial(a_i, w_1)), 3, "product of the two")
def _eq_20(f: FigureInstance) -> Numbers:
    for w, a in zip(f.all("w^(1)"), f.all("a"), strict=True):
        yield partial(y, symbol(w.label)), w.grad, a.grad * derivative(a, w)


@_on_figure("21", equal(partial(y, w_1), juxtaposed(grouped(w_2), grouped(x))), 3, "formula")
def _eq_21(f: FigureInstance) -> Numbers:
    for w, v in zip(f.all("w^(1)"), f.all("w^(2)"), strict=True):
        yield partial(y, symbol(w.label)), w.grad, v.data * f.node["x"].data
