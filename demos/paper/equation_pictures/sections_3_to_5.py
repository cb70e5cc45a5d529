"""The pictures of the equations of Sections 3 to 5, on the network of Figure 4, or the reader's own.

The indices are chosen so that sums have two terms or more, if the network has such.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from demos.paper.equation_pictures.picture import Arrow, Picture, indices, matrix, pictures, sum_lines, total, vector
from demos.paper.equations.instances import Instances, NetworkInstance
from engine import Value, ops
from engine.analysis.named_graph import activation_derivative
from engine.labels import delta_label
from engine.symbolic.expression import Expression
from viz.math.equations import (
    becomes,
    column_of,
    defines,
    equal,
    grouped,
    hadamard,
    juxtaposed,
    listed,
    numeral,
    partial,
    symbol,
    symbols,
)
from viz.math.formulas import format_formula
from viz.pages.live_page import number, put_in

E = symbol("E_n")


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


def _symbol(node: Value) -> Expression:
    return symbol(node.label)


def _symbols(nodes: Iterable[Value]) -> list[Expression]:
    return [_symbol(node) for node in nodes]


def _by(node: Value) -> Expression:
    """∂E_n by this node."""
    return partial(E, _symbol(node))


def _bold(letter: str, k: int, transposed: str = "") -> Expression:
    return symbol(f"{letter}_bold^{{({k}){transposed}}}" if transposed else f"{letter}_bold^({k})")


def _delta(a: Value) -> Expression:
    """The δ of a unit, by the label of its a."""
    return symbol(str(delta_label(a.label)))


def _slope(net: NetworkInstance, k: int, i: int = 0) -> Expression:
    """∂z/∂a of a unit, which is σ'(a)."""
    return partial(_symbol(net.z[k][i]), _symbol(net.a[k][i]))


def _slopes(net: NetworkInstance, k: int) -> Expression:
    return vector([_slope(net, k, i) for i in range(len(net.a[k]))])


def _with_slopes(nodes: Iterable[Value]) -> list[Value]:
    """Those with an activation, which have a derivative of it."""
    return [z for z in nodes if len(z.inputs) == 1]


def _activate(z: Value, x: Expression) -> Expression:
    """The activation that z is made by, of x: σ(x), or tanh(x); σ(x) without an activation."""
    return x.apply(z.op if len(z.inputs) == 1 else ops.sigmoid, (x,))


def _slope_of(z: Value, x: Expression) -> Expression:
    """Its derivative, σ'(x)."""
    return x.apply(activation_derivative(z.op if len(z.inputs) == 1 else ops.sigmoid), (x,))


@_on_network("22 25 29 36 S2")
def _eq_22(net: NetworkInstance) -> Picture | None:
    if not _squashed(net):
        return None
    k = _squashed(net)[0]
    a, z = net.a[k][0], net.z[k][0]
    caption = equal(_symbol(z), _activate(z, _symbol(a)), _activate(z, number(_symbol(a))), number(_symbol(z)))
    return Picture(net.z[-1], [caption], [a, z], [], indices(k=k, i=1))


@_on_network("23")
def _eq_23(net: NetworkInstance) -> Picture:
    a, z, row, inputs = next(net.units())
    terms = [juxtaposed(_symbol(x), _symbol(w)) for x, w in zip(inputs, row, strict=True)]
    numbers = total([put_in(term) for term in terms])
    lines = [
        equal(_symbol(z), _activate(z, _symbol(a)), _activate(z, total(terms))),
        equal(_symbol(z), _activate(z, numbers), _activate(z, number(_symbol(a))), number(_symbol(z))),
    ]
    return Picture(net.z[-1], lines, [a, z, *inputs], _arrows(net, 1, [a]))


@_on_network("24 27 34 S1")
def _eq_24(net: NetworkInstance) -> Picture:
    k = _with_sum(net)
    a, row, inputs = net.a[k][0], net.w[k][0], net.z[k - 1]
    lines = sum_lines(_symbol(a), [juxtaposed(_symbol(w), _symbol(z)) for w, z in zip(row, inputs, strict=True)])
    return Picture(net.z[-1], lines, [a, *inputs], _arrows(net, k, [a]), indices(k=k, i=1))


@_on_network("26")
def _eq_26(net: NetworkInstance) -> Picture:
    k = _with_sum(net)
    x, a, z, W = symbol("x_bold"), _bold("a", k), _bold("z", k), _bold("W", k)
    vectors = [(x, net.z[0]), (a, net.a[k]), (z, net.z[k])]
    lines = [
        listed(*(equal(name, vector(_symbols(nodes))) for name, nodes in vectors)),
        equal(W, matrix([_symbols(row) for row in net.w[k]])),
    ]
    return Picture(net.z[-1], lines, [*net.z[0], *net.a[k], *net.z[k]], _arrows(net, k), indices(k=k))


@_on_network("28 35 S3")
def _eq_28(net: NetworkInstance) -> Picture:
    k = _first(_hidden_first(net), lambda k: len(net.a[k]) > 1, lambda k: len(net.z[k - 1]) > 1)
    a, W, z = _bold("a", k), _bold("W", k), _bold("z", k - 1)
    numbers = juxtaposed(matrix([_symbols(row) for row in net.w[k]]), vector(_symbols(net.z[k - 1])))
    caption = equal(a, juxtaposed(W, z), numbers, vector(_symbols(net.a[k])))
    return Picture(net.z[-1], [caption], [*net.z[k - 1], *net.a[k]], _arrows(net, k), indices(k=k))


@_on_network("30 37 S4")
def _eq_30(net: NetworkInstance) -> Picture | None:
    if not _squashed(net):
        return None
    k = _first(_squashed(net), lambda k: len(net.a[k]) > 1)
    activated = [_activate(net.z[k][0], x) for x in (_bold("a", k), vector(_symbols(net.a[k])))]
    caption = equal(_bold("z", k), *activated, vector(_symbols(net.z[k])))
    return Picture(net.z[-1], [caption], [*net.a[k], *net.z[k]], [], indices(k=k))


@pictures("31")
def _eq_31(instances: Instances) -> Picture:
    net, rate = instances.networks[0], instances.rate
    k = _with_sum(net)
    w, arrow = net.w[k][0][0], (net.z[k - 1][0], net.a[k][0])
    update = becomes(_symbol(w), _symbol(w) - juxtaposed(symbol("lambda"), _by(w)))
    step = put_in(_symbol(w) - juxtaposed(grouped(numeral(rate)), _by(w)))
    caption = equal(update, step, number(_symbol(w) - rate * _by(w)))
    instance = listed(indices(k=k, i=1, j=1), equal(symbol("lambda"), numeral(rate)))
    return Picture(net.E, [caption], [], [arrow], instance, [arrow])


def _one_weight(net: NetworkInstance) -> tuple[Expression, Value, Value, Value]:
    """The indices of a weight from a second unit, the weight, and the a and the z at its ends."""
    k = _with_sum(net)
    j = min(2, len(net.z[k - 1]))
    return indices(k=k, i=1, j=j), net.w[k][0][j - 1], net.a[k][0], net.z[k - 1][j - 1]


@_on_network("32")
def _eq_32(net: NetworkInstance) -> Picture:
    instance, w, a, z = _one_weight(net)
    caption = equal(partial(_symbol(a), _symbol(w)), _symbol(z), number(_symbol(z)))
    return Picture(net.z[-1], [caption], [z], [(z, a)], instance)


@pictures("33")
def _eq_33(instances: Instances) -> Picture:
    pair = instances.vectors[0]
    xs = [Value(x, f"x_{i}") for i, x in enumerate(pair.x, 1)]
    ys = [Value(y, f"y_{i}") for i, y in enumerate(pair.y, 1)]
    products = [x * y for x, y in zip(xs, ys, strict=True)]
    for i, product in enumerate(products, 1):
        product.label = format_formula(juxtaposed(*symbols(f"x_{i}", f"y_{i}")))
    written = column_of(*(put_in(juxtaposed(_symbol(x), _symbol(y))) for x, y in zip(xs, ys, strict=True)))
    caption = equal(hadamard(vector(_symbols(xs)), vector(_symbols(ys))), written, vector(_symbols(products)))
    arrows = [*zip(xs, products, strict=True), *zip(ys, products, strict=True)]
    return Picture(products, [caption], [*xs, *ys, *products], arrows, weights=xs)


@_on_network("38 S6")
def _eq_38(net: NetworkInstance) -> Picture | None:
    if net.K == 1:
        return None
    k = _first(range(1, net.K), lambda k: len(net.a[k + 1]) > 1)
    a, z, above = net.a[k][0], net.z[k][0], net.a[k + 1]
    weights = [row[0] for row in net.w[k + 1]]
    terms = [juxtaposed(_delta(head), _symbol(w)) for head, w in zip(above, weights, strict=True)]
    numbers = total([put_in(juxtaposed(_by(head), _symbol(w))) for head, w in zip(above, weights, strict=True)])
    lines = [
        equal(defines(_delta(a), _by(a)), juxtaposed(_slope_of(z, _symbol(a)), total(terms))),
        equal(_delta(a), juxtaposed(grouped(number(_slope(net, k))), grouped(numbers)), number(_by(a))),
    ]
    arrows = [(z, head) for head in above]
    marked = [a, *above]
    return Picture(net.E, lines, marked, arrows, indices(k=k, i=1), marked, slopes=_with_slopes([z]))


@_on_network("39 S8")
def _eq_39(net: NetworkInstance) -> Picture | None:
    if net.K == 1:
        return None
    k = _first(range(1, net.K), lambda k: len(net.a[k + 1]) > 1, lambda k: len(net.a[k]) > 1)
    delta, units, above = _bold("delta", k), net.a[k], net.a[k + 1]
    passed = juxtaposed(_bold("W", k + 1, "T"), _bold("delta", k + 1))
    transposed = [_symbols(column) for column in zip(*net.w[k + 1], strict=True)]
    by_above, by_z, by_units = (vector([_by(node) for node in nodes]) for nodes in (above, net.z[k], units))
    slopes = _slopes(net, k)
    lines = [
        equal(defines(delta, partial(E, _bold("a", k))), hadamard(passed, _slope_of(net.z[k][0], _bold("a", k)))),
        equal(delta, hadamard(juxtaposed(matrix(transposed), by_above), slopes)),
        equal(delta, hadamard(by_z, slopes), by_units),
    ]
    marked, below = [*units, *above], _with_slopes(net.z[k])
    return Picture(net.E, lines, marked, _arrows(net, k + 1), indices(k=k), marked, slopes=below)


@_on_network("40 S7")
def _eq_40(net: NetworkInstance) -> Picture:
    instance, w, a, z = _one_weight(net)
    chain_rule = juxtaposed(_by(a), partial(_symbol(a), _symbol(w)))
    lines = [
        equal(_by(w), chain_rule, juxtaposed(_delta(a), _symbol(z))),
        equal(_by(w), put_in(chain_rule), number(_by(w))),
    ]
    return Picture(net.E, lines, [a, z], [(z, a)], instance, [a, (z, a)])


@_on_network("41 S9")
def _eq_41(net: NetworkInstance) -> Picture:
    k = 1
    units, inputs = net.a[k], net.z[k - 1]
    formula = juxtaposed(_bold("delta", k), _bold("z", k - 1, "T"))
    numbers = juxtaposed(vector([_by(a) for a in units]), matrix([_symbols(inputs)]))
    result = matrix([[_by(w) for w in row] for row in net.w[k]])
    by_weights = partial(E, _bold("W", k))
    lines = [equal(by_weights, formula, numbers), equal(by_weights, result)]
    instance, arrows = listed(indices(k=k), equal(_bold("z", 0), symbol("x_bold"))), _arrows(net, k)
    return Picture(net.E, lines, [*units, *inputs], arrows, instance, [*units, *arrows])


@_on_network("S5")
def _eq_s5(net: NetworkInstance) -> Picture:
    a, z, y = net.a[-1][0], net.z[-1][0], net.y[0]
    difference = _symbol(z) - _symbol(y)
    lines = [
        equal(defines(_delta(a), _by(a)), juxtaposed(difference, _slope_of(z, _symbol(a)))),
        equal(_delta(a), juxtaposed(grouped(put_in(difference)), grouped(number(_slope(net, net.K)))), number(_by(a))),
    ]
    return Picture(net.E, lines, [a, z, y], [], indices(K=net.K, i=1), [a], slopes=_with_slopes([z]))
