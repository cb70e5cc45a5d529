"""The pictures of Section 2's equations, on Figures 1 to 3.

The marks: for a value, its node and all that it is computed from; for a derivative, the node or the arrow by which it
is taken, and the arrows and nodes whose numbers are multiplied.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from demos.paper.equation_pictures.picture import Arrow, Picture, indices, pictures, product, term, total
from demos.paper.equations.instances import FigureInstance, Instances, derivative, figure_instance
from demos.paper.examples import figure_2
from engine import Value
from engine.symbolic.expression import Expression
from viz.math.equations import equal, grouped, juxtaposed, numeral, partial, plus, symbol, symbols

x, y, z, a, a_1, a_2 = symbols("x", "y", "z", "a", "a_1", "a_2")


def _on_figure(number: str, figure: int) -> Callable[[Callable[[FigureInstance], Picture]], None]:
    """Register the picture of an equation on the first instance of a figure."""

    def decorate(make: Callable[[FigureInstance], Picture]) -> None:
        pictures(number)(lambda instances: make(instances.figures[figure][0]))

    return decorate


def _symbol(node: Value) -> Expression:
    return symbol(node.label)


@pictures("1")
def _eq_1(instances: Instances) -> Picture:
    chain = instances.chains[0]
    node = chain.node
    upstream, local = node["y"].grad, derivative(node["y"], node["x"])
    caption = equal(
        partial(z, x), juxtaposed(partial(z, y), partial(y, x)), product(upstream, local), numeral(node["x"].grad)
    )
    return Picture(
        chain.output,
        [caption],
        [node["x"]],
        [(node["x"], node["y"]), (node["y"], node["z"])],
        derivatives=[node["x"], node["y"]],
        has_local_derivatives=True,
    )


def _value(f: FigureInstance, name: str, formula: Expression, numbers: Expression, *inputs: str) -> Picture:
    """A node of Figure 1 or 2, its inputs, and the arrows between them."""
    node, sources = f.node[name], [f.node[source] for source in inputs]
    caption = equal(symbol(name), formula, numbers, numeral(node.data))
    return Picture(f.output, [caption], [node, *sources], [(source, node) for source in sources])


@_on_figure("2", 1)
def _eq_2(f: FigureInstance) -> Picture:
    return _value(f, "y", juxtaposed(symbol("2"), a), product(2, f.node["a"].data), "a")


@_on_figure("3", 1)
def _eq_3(f: FigureInstance) -> Picture:
    return _value(f, "a", juxtaposed(symbol("3"), x), product(3, f.node["x"].data), "x")


@_on_figure("4", 1)
def _eq_4(f: FigureInstance) -> Picture:
    node, output = f.node["a"], f.output
    return Picture(output, [equal(partial(y, a), numeral(node.grad))], [node], [(node, output)], derivatives=[node])


@_on_figure("5", 1)
def _eq_5(f: FigureInstance) -> Picture:
    node, leaf = f.node["a"], f.node["x"]
    return Picture(f.output, [equal(partial(a, x), numeral(derivative(node, leaf)))], [], [(leaf, node)])


@_on_figure("6", 1)
def _eq_6(f: FigureInstance) -> Picture:
    leaf, node = f.node["x"], f.node["a"]
    numbers = product(node.grad, derivative(node, leaf))
    caption = equal(partial(y, x), juxtaposed(partial(y, a), partial(a, x)), numbers, numeral(leaf.grad))
    return Picture(f.output, [caption], [leaf], [(leaf, node), (node, f.output)], derivatives=[leaf, node])


@_on_figure("7", 2)
def _eq_7(f: FigureInstance) -> Picture:
    first, second = f.node["a_1"].data, f.node["a_2"].data
    numbers = plus(product(2, first), term(second))
    return _value(f, "y", plus(juxtaposed(symbol("2"), a_1), a_2), numbers, "a_1", "a_2")


@_on_figure("8", 2)
def _eq_8(f: FigureInstance) -> Picture:
    return _value(f, "a_1", juxtaposed(symbol("3"), x), product(3, f.node["x"].data), "x")


@_on_figure("9", 2)
def _eq_9(f: FigureInstance) -> Picture:
    node, leaf = f.node["a_2"], f.node["x"]
    return Picture(f.output, [equal(a_2, -x, numeral(node.data))], [node, leaf], [(leaf, node)])


@_on_figure("10", 2)
def _eq_10(f: FigureInstance) -> Picture:
    example = figure_2(f.node["x"].data, w_2=(1, 1))
    example.output.label = "s"
    node = figure_instance(example).node
    leaf, s, first, second = (node[label] for label in ("x", "s", "a_1", "a_2"))
    slopes = plus(*(term(derivative(a, leaf)) for a in (first, second)))
    caption = equal(partial(symbol("s"), x), partial(a_1 + a_2, x), partial(a_1, x) + partial(a_2, x), slopes)
    arrows = [(leaf, first), (leaf, second)]
    return Picture(s, [equal(caption, numeral(leaf.grad))], [leaf, first, second], arrows, derivatives=[leaf])


@_on_figure("11", 2)
def _eq_11(f: FigureInstance) -> Picture:
    leaf, *nodes = (f.node[label] for label in ("x", "a_1", "a_2"))
    formula = total([juxtaposed(partial(y, _symbol(a)), partial(_symbol(a), x)) for a in nodes])
    numbers = total([product(a.grad, derivative(a, leaf)) for a in nodes])
    caption = equal(partial(y, x), formula, numbers, numeral(leaf.grad))
    return Picture(f.output, [caption], [leaf], _through(leaf, nodes, f.output), derivatives=[leaf, *nodes])


def _through(x: Value, nodes: Sequence[Value], y: Value) -> list[Arrow]:
    """The arrows of the paths from x to y, each through one of the nodes."""
    return [(x, a) for a in nodes] + [(a, y) for a in nodes]


# Figure 3. The unit i of these pictures is the second.


def _unit(f: FigureInstance) -> tuple[Expression, Value, Value, Value]:
    """The index of the unit that is shown, its node, and the weights into and out of it."""
    i = min(2, len(f.all("a")))
    return indices(i=i), f.node[f"a_{i}"], f.node[f"w_{i}^(1)"], f.node[f"w_{i}^(2)"]


def _sum_over_units(first: Sequence[Value], second: Sequence[Value]) -> tuple[Expression, Expression]:
    """The sum of the products of two nodes for each unit, in symbols and in numbers."""
    pairs = list(zip(first, second, strict=True))
    numbers = total([product(u.data, v.data) for u, v in pairs])
    return total([juxtaposed(_symbol(u), _symbol(v)) for u, v in pairs]), numbers


@_on_figure("12", 3)
def _eq_12(f: FigureInstance) -> Picture:
    nodes = f.all("a")
    formula, numbers = _sum_over_units(f.all("w^(2)"), nodes)
    lines = [equal(y, formula), equal(y, numbers, numeral(f.output.data))]
    return Picture(f.output, lines, [*nodes, f.output], [(a, f.output) for a in nodes])


@_on_figure("13", 3)
def _eq_13(f: FigureInstance) -> Picture:
    (i, a, w, _), leaf = _unit(f), f.node["x"]
    caption = equal(_symbol(a), juxtaposed(_symbol(w), x), product(w.data, leaf.data), numeral(a.data))
    return Picture(f.output, [caption], [a, leaf], [(leaf, a)], i)


@_on_figure("14", 3)
def _eq_14(f: FigureInstance) -> Picture:
    i, a, _, w = _unit(f)
    caption = equal(partial(y, _symbol(a)), _symbol(w), numeral(a.grad))
    return Picture(f.output, [caption], [a], [(a, f.output)], i, derivatives=[a])


@_on_figure("15", 3)
def _eq_15(f: FigureInstance) -> Picture:
    (i, a, w, _), leaf = _unit(f), f.node["x"]
    caption = equal(partial(_symbol(a), x), _symbol(w), numeral(derivative(a, leaf)))
    return Picture(f.output, [caption], [], [(leaf, a)], i)


@pictures("16")
def _eq_16(instances: Instances) -> None:
    """A number without an equation."""


@_on_figure("17", 3)
def _eq_17(f: FigureInstance) -> Picture:
    leaf, nodes = f.node["x"], f.all("a")
    formula = total([juxtaposed(partial(y, _symbol(a)), partial(_symbol(a), x)) for a in nodes])
    numbers = total([product(a.grad, derivative(a, leaf)) for a in nodes])
    lines = [equal(partial(y, x), formula), equal(partial(y, x), numbers, numeral(leaf.grad))]
    return Picture(f.output, lines, [leaf, *nodes], _through(leaf, nodes, f.output), derivatives=[leaf, *nodes])


@_on_figure("18", 3)
def _eq_18(f: FigureInstance) -> Picture:
    leaf, nodes = f.node["x"], f.all("a")
    formula, numbers = _sum_over_units(f.all("w^(2)"), f.all("w^(1)"))
    lines = [equal(partial(y, x), formula), equal(partial(y, x), numbers, numeral(leaf.grad))]
    return Picture(f.output, lines, [], _through(leaf, nodes, f.output))


@_on_figure("19", 3)
def _eq_19(f: FigureInstance) -> Picture:
    i, a, _, w = _unit(f)
    caption = equal(partial(y, _symbol(w)), _symbol(a), numeral(w.grad))
    return Picture(f.output, [caption], [a, f.output], [(a, f.output)], i, derivatives=[(a, f.output)])


@_on_figure("20", 3)
def _eq_20(f: FigureInstance) -> Picture:
    (i, a, w, _), leaf = _unit(f), f.node["x"]
    numbers = product(a.grad, derivative(a, w))
    formula = juxtaposed(partial(y, _symbol(a)), partial(_symbol(a), _symbol(w)))
    caption = equal(partial(y, _symbol(w)), formula, numbers, numeral(w.grad))
    return Picture(f.output, [caption], [a], [(leaf, a), (a, f.output)], i, derivatives=[a, (leaf, a)])


@_on_figure("21", 3)
def _eq_21(f: FigureInstance) -> Picture:
    (i, a, w, v), leaf = _unit(f), f.node["x"]
    formula, numbers = juxtaposed(grouped(_symbol(v)), grouped(x)), product(v.data, leaf.data)
    caption = equal(partial(y, _symbol(w)), formula, numbers, numeral(w.grad))
    return Picture(f.output, [caption], [leaf], [(leaf, a), (a, f.output)], i, derivatives=[(leaf, a)])
