"""The pictures of the equations of Sections 3 to 5, on the network of Figure 4, or the reader's own.

The marks: all quantities of the equation, for the indices that are shown; for derivatives, E_n is one of them. The
indices are chosen so that sums have two terms or more, if the network has such.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from demos.paper.equation_pictures.picture import (
    Arrow,
    Picture,
    indices,
    matrix,
    number,
    pictures,
    term,
    times,
    total,
    vector,
)
from demos.paper.equations.instances import Instances, NetworkInstance, sigma_prime
from engine import Value, ops
from engine.analysis.named_graph import activation_derivative
from engine.labels import delta_label
from engine.symbolic.expression import Expression
from viz.math.equations import (
    becomes,
    column_of,
    defines,
    equal,
    hadamard,
    juxtaposed,
    listed,
    numeral,
    partial,
    symbol,
)

E = symbol("E_n")
sigma_of, slope_of = ops.sigmoid, activation_derivative(ops.sigmoid)


def _on_network(numbers: str) -> Callable[[Callable[[NetworkInstance], Picture | None]], None]:
    """Register the picture of equations on the first network."""

    def decorate(make: Callable[[NetworkInstance], Picture | None]) -> None:
        pictures(numbers)(lambda instances: make(instances.networks[0]))

    return decorate


def _first(layers: Iterable[int], *conditions: Callable[[int], bool]) -> int:
    """The layer that meets most conditions, the first of several."""
    return max(layers, key=lambda k: sum(condition(k) for condition in conditions))


def _hidden_first(net: NetworkInstance) -> list[int]:
    """The layers in the order in which they are chosen: from the second, whose inputs are units, and then the first."""
    return [*range(2, net.K + 1), 1]


def _with_sum(net: NetworkInstance) -> int:
    """A layer whose units have several inputs."""
    return _first(_hidden_first(net), lambda k: len(net.z[k - 1]) > 1)


def _squashed(net: NetworkInstance) -> list[int]:
    """The layers with an activation; without one, z is a."""
    return [k for k in _hidden_first(net) if net.z[k][0] is not net.a[k][0]]


def _arrows(net: NetworkInstance, k: int, heads: Sequence[Value] | None = None) -> list[Arrow]:
    """The arrows into the units of layer k, or into some of them."""
    return [(z, a) for a in (net.a[k] if heads is None else heads) for z in net.z[k - 1]]


def _data(nodes: Iterable[Value]) -> list[float]:
    return [node.data for node in nodes]


def _deltas(nodes: Iterable[Value]) -> list[float]:
    return [node.grad for node in nodes]


def _bold(letter: str, k: int, transposed: str = "") -> Expression:
    return symbol(f"{letter}_bold^{{({k}){transposed}}}" if transposed else f"{letter}_bold^({k})")


def _delta(net: NetworkInstance, a: Value) -> Expression:
    """The δ of a unit, by the label of its a."""
    return symbol(str(delta_label(net.symbol(a).name)))


def _slope(net: NetworkInstance, a: Value) -> float:
    return sigma_prime(a.data, net.activation[a])


def _activate(z: Value, x: Expression) -> Expression:
    """The activation that z is made by, of x: σ(x), or tanh(x)."""
    return x.apply(z.op, (x,)) if len(z.inputs) == 1 else sigma_of(x)


@_on_network("22 25 29 36 S2")
def _eq_22(net: NetworkInstance) -> Picture | None:
    if not _squashed(net):
        return None
    k = _squashed(net)[0]
    a, z = net.a[k][0], net.z[k][0]
    caption = equal(net.symbol(z), sigma_of(net.symbol(a)), _activate(z, number(a.data)), numeral(z.data))
    return Picture(net.z[-1], [caption], [a, z], [], indices(k=k, i=1))


@_on_network("23")
def _eq_23(net: NetworkInstance) -> Picture:
    a, z, row, inputs = next(net.units())
    formula = total([juxtaposed(net.symbol(x), net.symbol(w)) for x, w in zip(inputs, row, strict=True)])
    numbers = total([times(x.data, w.data) for x, w in zip(inputs, row, strict=True)])
    lines = [
        equal(net.symbol(z), sigma_of(net.symbol(a)), sigma_of(formula)),
        equal(net.symbol(z), _activate(z, numbers), _activate(z, number(a.data)), numeral(z.data)),
    ]
    return Picture(net.z[-1], lines, [a, z, *inputs], _arrows(net, 1, [a]))


@_on_network("24 27 34 S1")
def _eq_24(net: NetworkInstance) -> Picture:
    k = _with_sum(net)
    a, row, inputs = net.a[k][0], net.w[k][0], net.z[k - 1]
    formula = total([juxtaposed(net.symbol(w), net.symbol(z)) for w, z in zip(row, inputs, strict=True)])
    numbers = total([times(w.data, z.data) for w, z in zip(row, inputs, strict=True)])
    lines = [equal(net.symbol(a), formula), equal(net.symbol(a), numbers, numeral(a.data))]
    return Picture(net.z[-1], lines, [a, *inputs], _arrows(net, k, [a]), indices(k=k, i=1))


@_on_network("26")
def _eq_26(net: NetworkInstance) -> Picture:
    k = _with_sum(net)
    x, a, z, W = symbol("x_bold"), _bold("a", k), _bold("z", k), _bold("W", k)
    vectors = [(x, net.z[0]), (a, net.a[k]), (z, net.z[k])]
    lines = [
        listed(*(equal(name, vector(_data(nodes))) for name, nodes in vectors)),
        equal(W, matrix([_data(row) for row in net.w[k]])),
    ]
    return Picture(net.z[-1], lines, [*net.z[0], *net.a[k], *net.z[k]], _arrows(net, k), indices(k=k))


@_on_network("28 35 S3")
def _eq_28(net: NetworkInstance) -> Picture:
    k = _first(_hidden_first(net), lambda k: len(net.a[k]) > 1, lambda k: len(net.z[k - 1]) > 1)
    a, W, z = _bold("a", k), _bold("W", k), _bold("z", k - 1)
    numbers = juxtaposed(matrix([_data(row) for row in net.w[k]]), vector(_data(net.z[k - 1])))
    caption = equal(a, juxtaposed(W, z), numbers, vector(_data(net.a[k])))
    return Picture(net.z[-1], [caption], [*net.z[k - 1], *net.a[k]], _arrows(net, k), indices(k=k))


@_on_network("30 37 S4")
def _eq_30(net: NetworkInstance) -> Picture | None:
    if not _squashed(net):
        return None
    k = _first(_squashed(net), lambda k: len(net.a[k]) > 1)
    numbers = _activate(net.z[k][0], vector(_data(net.a[k])))
    caption = equal(_bold("z", k), sigma_of(_bold("a", k)), numbers, vector(_data(net.z[k])))
    return Picture(net.z[-1], [caption], [*net.a[k], *net.z[k]], [], indices(k=k))


@pictures("31")
def _eq_31(instances: Instances) -> Picture:
    net, rate = instances.networks[0], instances.rate
    arrows = [arrow for k in range(1, net.K + 1) for arrow in _arrows(net, k)]
    w = net.w[_with_sum(net)][0][0]
    name, step = net.symbol(w), number(w.data) - times(rate, w.grad)
    update = becomes(name, name - juxtaposed(symbol("lambda"), partial(E, name)))
    caption = equal(update, step, numeral(w.data - rate * w.grad))
    return Picture(net.E, [caption], [net.E], arrows, equal(symbol("lambda"), numeral(rate)), arrows)


def _one_weight(net: NetworkInstance) -> tuple[Expression, Value, Value, Value]:
    """The indices of a weight from a second unit, the weight, and the a and the z at its ends."""
    k = _with_sum(net)
    j = min(2, len(net.z[k - 1]))
    return indices(k=k, i=1, j=j), net.w[k][0][j - 1], net.a[k][0], net.z[k - 1][j - 1]


@_on_network("32")
def _eq_32(net: NetworkInstance) -> Picture:
    instance, w, a, z = _one_weight(net)
    caption = equal(partial(net.symbol(a), net.symbol(w)), net.symbol(z), numeral(z.data))
    return Picture(net.z[-1], [caption], [z], [(z, a)], instance)


@pictures("33")
def _eq_33(instances: Instances) -> Picture:
    pair = instances.vectors[0]
    xs = [Value(x, f"x_{i}") for i, x in enumerate(pair.x, 1)]
    ys = [Value(y, f"y_{i}") for i, y in enumerate(pair.y, 1)]
    products = [x * y for x, y in zip(xs, ys, strict=True)]
    for i, product in enumerate(products, 1):
        product.label = f"p_{i}"
    written = column_of(*(times(x, y) for x, y in zip(pair.x, pair.y, strict=True)))
    caption = equal(hadamard(vector(pair.x), vector(pair.y)), written, vector(_data(products)))
    return Picture(products, [caption], products, list(zip(ys, products, strict=True)), weights=xs)


@_on_network("38 S6")
def _eq_38(net: NetworkInstance) -> Picture | None:
    if net.K == 1:
        return None
    k = _first(range(1, net.K), lambda k: len(net.a[k + 1]) > 1)
    a, above = net.a[k][0], net.a[k + 1]
    weights = [row[0] for row in net.w[k + 1]]
    terms = [juxtaposed(_delta(net, head), net.symbol(w)) for head, w in zip(above, weights, strict=True)]
    numbers = total([times(head.grad, w.data) for head, w in zip(above, weights, strict=True)])
    delta = _delta(net, a)
    lines = [
        equal(defines(delta, partial(E, net.symbol(a))), juxtaposed(slope_of(net.symbol(a)), total(terms))),
        equal(delta, term(_slope(net, a)) * numbers, numeral(a.grad)),
    ]
    arrows = [(net.z[k][0], head) for head in above]
    return Picture(net.E, lines, [net.E, a, *above], arrows, indices(k=k, i=1), [a, *above])


@_on_network("39 S8")
def _eq_39(net: NetworkInstance) -> Picture | None:
    if net.K == 1:
        return None
    k = _first(range(1, net.K), lambda k: len(net.a[k + 1]) > 1, lambda k: len(net.a[k]) > 1)
    delta, units, above = _bold("delta", k), net.a[k], net.a[k + 1]
    passed = juxtaposed(_bold("W", k + 1, "T"), _bold("delta", k + 1))
    transposed = [_data(column) for column in zip(*net.w[k + 1], strict=True)]
    slopes = vector([_slope(net, a) for a in units])
    lines = [
        equal(defines(delta, partial(E, _bold("a", k))), hadamard(passed, slope_of(_bold("a", k)))),
        equal(delta, hadamard(juxtaposed(matrix(transposed), vector(_deltas(above))), slopes)),
        equal(delta, hadamard(vector(_deltas(net.z[k])), slopes), vector(_deltas(units))),
    ]
    return Picture(net.E, lines, [net.E, *units, *above], _arrows(net, k + 1), indices(k=k), [*units, *above])


@_on_network("40 S7")
def _eq_40(net: NetworkInstance) -> Picture:
    instance, w, a, z = _one_weight(net)
    numbers = times(a.grad, z.data)
    formula = juxtaposed(_delta(net, a), net.symbol(z))
    caption = equal(partial(E, net.symbol(w)), formula, numbers, numeral(w.grad))
    return Picture(net.E, [caption], [net.E, a, z], [(z, a)], instance, [a, (z, a)])


@_on_network("41 S9")
def _eq_41(net: NetworkInstance) -> Picture:
    k = 1
    units, inputs = net.a[k], net.z[k - 1]
    formula = juxtaposed(_bold("delta", k), _bold("z", k - 1, "T"))
    numbers = juxtaposed(vector(_deltas(units)), matrix([_data(inputs)]))
    result = matrix([_deltas(row) for row in net.w[k]])
    lines = [equal(partial(E, _bold("W", k)), formula, numbers), equal(partial(E, _bold("W", k)), result)]
    arrows = _arrows(net, k)
    return Picture(net.E, lines, [net.E, *units, *inputs], arrows, indices(k=k), [*units, *arrows])


@_on_network("S5")
def _eq_s5(net: NetworkInstance) -> Picture:
    a, z, y = net.a[-1][0], net.z[-1][0], net.y[0]
    difference = number(z.data) - term(y.data)
    lines = [
        equal(
            defines(_delta(net, a), partial(E, net.symbol(a))),
            juxtaposed(net.symbol(z) - net.symbol(y), slope_of(net.symbol(a))),
        ),
        equal(_delta(net, a), difference * term(_slope(net, a)), numeral(a.grad)),
    ]
    return Picture(net.E, lines, [net.E, a, z, y], [], indices(K=net.K, i=1), [a])
