"""The pictures of Section 2's equations, on Figures 1 to 3."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from demos.paper.equation_pictures.picture import Arrow, Picture, indices, line, pictures, sum_lines, total
from demos.paper.equations.instances import FigureInstance, Instances
from engine import Value
from engine.symbolic.expression import Expression
from viz.math.equations import equal, grouped, juxtaposed, partial, plus, symbol, symbols
from viz.pages.live_page import number, put_in

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
    caption = line(partial(z, x), juxtaposed(partial(z, y), partial(y, x)))
    return Picture(
        chain.output,
        [caption],
        [node["x"], node["y"]],
        [(node["x"], node["y"]), (node["y"], node["z"])],
        derivatives=[node["x"], node["y"]],
        has_local_derivatives=True,
    )


def _value(f: FigureInstance, name: str, constants: Mapping[str, float]) -> Picture:
    """A node of Figure 1 or 2, its inputs, and the arrows between them, with the constant on each."""
    node, sources, left = f.node[name], [f.node[source] for source in constants], symbol(name)
    slopes = {source: partial(left, symbol(source)) for source in constants}
    is_sum = len(constants) > 1
    products = [
        symbol(source) if is_sum and constant == 1 else juxtaposed(slopes[source], symbol(source))
        for source, constant in constants.items()
    ]
    caption = equal(left, _weighted_sum(constants, slopes), plus(*map(put_in, products)), number(left))
    return Picture(f.output, [caption], [node, *sources], [(source, node) for source in sources])


def _weighted_sum(constants: Mapping[str, float], slopes: Mapping[str, Expression]) -> Expression:
    """The sum 2a₁ − 4a₂, with places for its constants: these are derivatives, and can be changed."""
    found: Expression | None = None
    for source, constant in constants.items():
        letter, is_subtracted = symbol(source), found is not None and constant < 0
        size = number(-slopes[source] if is_subtracted else slopes[source])
        term = letter if abs(constant) == 1 else juxtaposed(size, letter)
        if found is None:
            found = -term if constant == -1 else term
        else:
            found = found - term if is_subtracted else found + term
    assert found is not None
    return found


@_on_figure("2", 1)
def _eq_2(f: FigureInstance) -> Picture:
    return _value(f, "y", {"a": f.constants[1][0]})


@_on_figure("3", 1)
def _eq_3(f: FigureInstance) -> Picture:
    return _value(f, "a", {"x": f.constants[0][0]})


@_on_figure("4", 1)
def _eq_4(f: FigureInstance) -> Picture:
    node, output = f.node["a"], f.output
    left = partial(y, a)
    return Picture(output, [equal(left, number(left))], [node], [(node, output)], derivatives=[node])


@_on_figure("5", 1)
def _eq_5(f: FigureInstance) -> Picture:
    left, leaf = partial(a, x), f.node["x"]
    return Picture(f.output, [equal(left, number(left))], [leaf], [(leaf, f.node["a"])])


@_on_figure("6", 1)
def _eq_6(f: FigureInstance) -> Picture:
    leaf, node = f.node["x"], f.node["a"]
    caption = line(partial(y, x), juxtaposed(partial(y, a), partial(a, x)))
    return Picture(f.output, [caption], [leaf, node], [(leaf, node), (node, f.output)], derivatives=[leaf, node])


@_on_figure("7", 2)
def _eq_7(f: FigureInstance) -> Picture:
    return _value(f, "y", dict(zip(("a_1", "a_2"), f.constants[1], strict=True)))


@_on_figure("8", 2)
def _eq_8(f: FigureInstance) -> Picture:
    return _value(f, "a_1", {"x": f.constants[0][0]})


@_on_figure("9", 2)
def _eq_9(f: FigureInstance) -> Picture:
    return _value(f, "a_2", {"x": f.constants[0][1]})


@_on_figure("10", 2)
def _eq_10(f: FigureInstance) -> Picture:
    leaf, first, second = (f.node[label] for label in ("x", "a_1", "a_2"))
    slopes = partial(a_1, x) + partial(a_2, x)
    caption = equal(partial(a_1 + a_2, x), slopes, put_in(slopes), number(slopes))
    return Picture(f.output, [caption], [leaf], [(leaf, first), (leaf, second)])


@_on_figure("11", 2)
def _eq_11(f: FigureInstance) -> Picture:
    leaf, *nodes = (f.node[label] for label in ("x", "a_1", "a_2"))
    caption = line(partial(y, x), total(_over_paths(nodes)))
    return Picture(f.output, [caption], [leaf, *nodes], _through(leaf, nodes, f.output), derivatives=[leaf, *nodes])


def _over_paths(nodes: Sequence[Value]) -> list[Expression]:
    """The products along the paths from x to y, each through one of the nodes."""
    return [juxtaposed(partial(y, _symbol(a)), partial(_symbol(a), x)) for a in nodes]


def _through(x: Value, nodes: Sequence[Value], y: Value) -> list[Arrow]:
    """The arrows of these paths."""
    return [(x, a) for a in nodes] + [(a, y) for a in nodes]


# Figure 3. The unit i of these pictures is the second.


def _unit(f: FigureInstance) -> tuple[Expression, Value, Value, Value]:
    """The index of the unit that is shown, its node, and the weights into and out of it."""
    i = min(2, len(f.all("a")))
    return indices(i=i), f.node[f"a_{i}"], f.node[f"w_{i}^(1)"], f.node[f"w_{i}^(2)"]


def _products(first: Sequence[Value], second: Sequence[Value]) -> list[Expression]:
    """The product of two nodes for each unit."""
    return [juxtaposed(_symbol(u), _symbol(v)) for u, v in zip(first, second, strict=True)]


@_on_figure("12", 3)
def _eq_12(f: FigureInstance) -> Picture:
    nodes = f.all("a")
    lines = sum_lines(y, _products(f.all("w^(2)"), nodes))
    return Picture(f.output, lines, [*nodes, f.output], [(a, f.output) for a in nodes])


@_on_figure("13", 3)
def _eq_13(f: FigureInstance) -> Picture:
    (i, a, w, _), leaf = _unit(f), f.node["x"]
    return Picture(f.output, [line(_symbol(a), juxtaposed(_symbol(w), x))], [a, leaf], [(leaf, a)], i)


@_on_figure("14", 3)
def _eq_14(f: FigureInstance) -> Picture:
    i, a, _, w = _unit(f)
    caption = equal(partial(y, _symbol(a)), _symbol(w), number(_symbol(w)))
    return Picture(f.output, [caption], [a], [(a, f.output)], i, derivatives=[a])


@_on_figure("15", 3)
def _eq_15(f: FigureInstance) -> Picture:
    (i, a, w, _), leaf = _unit(f), f.node["x"]
    caption = equal(partial(_symbol(a), x), _symbol(w), number(_symbol(w)))
    return Picture(f.output, [caption], [leaf], [(leaf, a)], i)


@pictures("16")
def _eq_16(instances: Instances) -> None:
    """A number without an equation."""


@_on_figure("17", 3)
def _eq_17(f: FigureInstance) -> Picture:
    leaf, nodes = f.node["x"], f.all("a")
    lines = sum_lines(partial(y, x), _over_paths(nodes))
    return Picture(f.output, lines, [leaf, *nodes], _through(leaf, nodes, f.output), derivatives=[leaf, *nodes])


@_on_figure("18", 3)
def _eq_18(f: FigureInstance) -> Picture:
    lines = sum_lines(partial(y, x), _products(f.all("w^(2)"), f.all("w^(1)")))
    leaf = f.node["x"]
    return Picture(f.output, lines, [leaf], _through(leaf, f.all("a"), f.output), derivatives=[leaf])


@_on_figure("19", 3)
def _eq_19(f: FigureInstance) -> Picture:
    i, a, _, w = _unit(f)
    caption = equal(partial(y, _symbol(w)), _symbol(a), number(_symbol(a)))
    return Picture(f.output, [caption], [a], [(a, f.output)], i, derivatives=[(a, f.output)])


@_on_figure("20", 3)
def _eq_20(f: FigureInstance) -> Picture:
    (i, a, w, _), leaf = _unit(f), f.node["x"]
    caption = line(partial(y, _symbol(w)), juxtaposed(partial(y, _symbol(a)), partial(_symbol(a), _symbol(w))))
    return Picture(f.output, [caption], [a], [(leaf, a), (a, f.output)], i, derivatives=[a, (leaf, a)])


@_on_figure("21", 3)
def _eq_21(f: FigureInstance) -> Picture:
    (i, a, w, v), leaf = _unit(f), f.node["x"]
    caption = line(partial(y, _symbol(w)), juxtaposed(grouped(_symbol(v)), grouped(x)))
    return Picture(f.output, [caption], [leaf], [(leaf, a), (a, f.output)], i, derivatives=[(leaf, a)])
