"""The index form: the paper's Table 1 as it is printed, and that numbers in place of indices give the graph again."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Sequence
from functools import reduce
from typing import cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import Value, dot, label, ops, tanh
from engine.labels import index_label, parse_label
from engine.symbolic.expression import Expression
from nn import MLP, half_squared_error
from tests import share, thorough_unless
from tests.paper_graphs import UNEQUAL_LAYERS, distinct_numbers, figure_4
from viz.math.backpropagation_table import BackpropagationTable, backpropagation_table
from viz.math.equations import PARTIAL, SUM_OVER, defines, equal, partial, symbols
from viz.math.formulas import format_formula
from viz.math.index_form import to_index_form, to_sigma_notation
from viz.math.numbers_put_in import opened_rule
from viz.math.sheet import Cell, Sheet
from viz.math.table_rows import TableRow

# Block, variable, local relationship, local derivative, backpropagated: the paper's seven steps, to which the rule of
# σ' is added; then its (40). Sums within a unit run over m, where the paper has k, which is a layer everywhere else.
FIGURE_4_TABLE = """
1 | z⁽³⁾ | E = ½(z⁽³⁾ − y)² | ∂E/∂z⁽³⁾ = z⁽³⁾ − y | ∂E/∂z⁽³⁾ = z⁽³⁾ − y
2 | a⁽³⁾ | z⁽³⁾ = σ(a⁽³⁾) | ∂z⁽³⁾/∂a⁽³⁾ = σ'(a⁽³⁾); σ'(a⁽³⁾) = z⁽³⁾ · (1 − z⁽³⁾) \
| ∂E/∂a⁽³⁾ = ∂E/∂z⁽³⁾ ∂z⁽³⁾/∂a⁽³⁾ = (z⁽³⁾ − y)σ'(a⁽³⁾) ≜ δ⁽³⁾
3 | zᵢ⁽²⁾ | a⁽³⁾ = Σ(j = 1…N₂) wⱼ⁽³⁾zⱼ⁽²⁾ | ∂a⁽³⁾/∂zᵢ⁽²⁾ = wᵢ⁽³⁾ \
| ∂E/∂zᵢ⁽²⁾ = ∂E/∂a⁽³⁾ ∂a⁽³⁾/∂zᵢ⁽²⁾ = δ⁽³⁾wᵢ⁽³⁾
4 | aᵢ⁽²⁾ | zᵢ⁽²⁾ = σ(aᵢ⁽²⁾) | ∂zᵢ⁽²⁾/∂aᵢ⁽²⁾ = σ'(aᵢ⁽²⁾); σ'(aᵢ⁽²⁾) = zᵢ⁽²⁾ · (1 − zᵢ⁽²⁾) \
| ∂E/∂aᵢ⁽²⁾ = ∂E/∂zᵢ⁽²⁾ ∂zᵢ⁽²⁾/∂aᵢ⁽²⁾ = δ⁽³⁾wᵢ⁽³⁾σ'(aᵢ⁽²⁾) ≜ δᵢ⁽²⁾
5 | zᵢ⁽¹⁾ | aⱼ⁽²⁾ = Σ(m = 1…N₁) wⱼₘ⁽²⁾zₘ⁽¹⁾ | ∂aⱼ⁽²⁾/∂zᵢ⁽¹⁾ = wⱼᵢ⁽²⁾ \
| ∂E/∂zᵢ⁽¹⁾ = Σ(j = 1…N₂) ∂E/∂aⱼ⁽²⁾ ∂aⱼ⁽²⁾/∂zᵢ⁽¹⁾ = Σ(j = 1…N₂) δⱼ⁽²⁾wⱼᵢ⁽²⁾
6 | aᵢ⁽¹⁾ | zᵢ⁽¹⁾ = σ(aᵢ⁽¹⁾) | ∂zᵢ⁽¹⁾/∂aᵢ⁽¹⁾ = σ'(aᵢ⁽¹⁾); σ'(aᵢ⁽¹⁾) = zᵢ⁽¹⁾ · (1 − zᵢ⁽¹⁾) \
| ∂E/∂aᵢ⁽¹⁾ = ∂E/∂zᵢ⁽¹⁾ ∂zᵢ⁽¹⁾/∂aᵢ⁽¹⁾ = σ'(aᵢ⁽¹⁾) Σ(j = 1…N₂) δⱼ⁽²⁾wⱼᵢ⁽²⁾ ≜ δᵢ⁽¹⁾
7 | xᵢ | aⱼ⁽¹⁾ = Σ(m = 1…N₀) wⱼₘ⁽¹⁾xₘ | ∂aⱼ⁽¹⁾/∂xᵢ = wⱼᵢ⁽¹⁾ \
| ∂E/∂xᵢ = Σ(j = 1…N₁) ∂E/∂aⱼ⁽¹⁾ ∂aⱼ⁽¹⁾/∂xᵢ = Σ(j = 1…N₁) δⱼ⁽¹⁾wⱼᵢ⁽¹⁾
Targets | y | E = ½(z⁽³⁾ − y)² | ∂E/∂y = −(z⁽³⁾ − y) | ∂E/∂y = −(z⁽³⁾ − y)
Weights (40) | wⱼ⁽³⁾ | a⁽³⁾ = Σ(m = 1…N₂) wₘ⁽³⁾zₘ⁽²⁾ | ∂a⁽³⁾/∂wⱼ⁽³⁾ = zⱼ⁽²⁾ \
| ∂E/∂wⱼ⁽³⁾ = ∂E/∂a⁽³⁾ ∂a⁽³⁾/∂wⱼ⁽³⁾ = δ⁽³⁾zⱼ⁽²⁾
Weights (40) | wᵢⱼ⁽²⁾ | aᵢ⁽²⁾ = Σ(m = 1…N₁) wᵢₘ⁽²⁾zₘ⁽¹⁾ | ∂aᵢ⁽²⁾/∂wᵢⱼ⁽²⁾ = zⱼ⁽¹⁾ \
| ∂E/∂wᵢⱼ⁽²⁾ = ∂E/∂aᵢ⁽²⁾ ∂aᵢ⁽²⁾/∂wᵢⱼ⁽²⁾ = δᵢ⁽²⁾zⱼ⁽¹⁾
Weights (40) | wᵢⱼ⁽¹⁾ | aᵢ⁽¹⁾ = Σ(m = 1…N₀) wᵢₘ⁽¹⁾xₘ | ∂aᵢ⁽¹⁾/∂wᵢⱼ⁽¹⁾ = xⱼ \
| ∂E/∂wᵢⱼ⁽¹⁾ = ∂E/∂aᵢ⁽¹⁾ ∂aᵢ⁽¹⁾/∂wᵢⱼ⁽¹⁾ = δᵢ⁽¹⁾xⱼ
"""
# The steps that differ with several outputs; the others are those above.
UNEQUAL_LAYERS_TABLE = """
1 | zᵢ⁽³⁾ | E = ½ Σ(j = 1…N₃) (zⱼ⁽³⁾ − yⱼ)² | ∂E/∂zᵢ⁽³⁾ = zᵢ⁽³⁾ − yᵢ | ∂E/∂zᵢ⁽³⁾ = zᵢ⁽³⁾ − yᵢ
2 | aᵢ⁽³⁾ | zᵢ⁽³⁾ = σ(aᵢ⁽³⁾) | ∂zᵢ⁽³⁾/∂aᵢ⁽³⁾ = σ'(aᵢ⁽³⁾); σ'(aᵢ⁽³⁾) = zᵢ⁽³⁾ · (1 − zᵢ⁽³⁾) \
| ∂E/∂aᵢ⁽³⁾ = ∂E/∂zᵢ⁽³⁾ ∂zᵢ⁽³⁾/∂aᵢ⁽³⁾ = (zᵢ⁽³⁾ − yᵢ)σ'(aᵢ⁽³⁾) ≜ δᵢ⁽³⁾
3 | zᵢ⁽²⁾ | aⱼ⁽³⁾ = Σ(m = 1…N₂) wⱼₘ⁽³⁾zₘ⁽²⁾ | ∂aⱼ⁽³⁾/∂zᵢ⁽²⁾ = wⱼᵢ⁽³⁾ \
| ∂E/∂zᵢ⁽²⁾ = Σ(j = 1…N₃) ∂E/∂aⱼ⁽³⁾ ∂aⱼ⁽³⁾/∂zᵢ⁽²⁾ = Σ(j = 1…N₃) δⱼ⁽³⁾wⱼᵢ⁽³⁾
4 | aᵢ⁽²⁾ | zᵢ⁽²⁾ = σ(aᵢ⁽²⁾) | ∂zᵢ⁽²⁾/∂aᵢ⁽²⁾ = σ'(aᵢ⁽²⁾); σ'(aᵢ⁽²⁾) = zᵢ⁽²⁾ · (1 − zᵢ⁽²⁾) \
| ∂E/∂aᵢ⁽²⁾ = ∂E/∂zᵢ⁽²⁾ ∂zᵢ⁽²⁾/∂aᵢ⁽²⁾ = σ'(aᵢ⁽²⁾) Σ(j = 1…N₃) δⱼ⁽³⁾wⱼᵢ⁽³⁾ ≜ δᵢ⁽²⁾
5
6
7
Targets | yᵢ | E = ½ Σ(j = 1…N₃) (zⱼ⁽³⁾ − yⱼ)² | ∂E/∂yᵢ = −(zᵢ⁽³⁾ − yᵢ) | ∂E/∂yᵢ = −(zᵢ⁽³⁾ − yᵢ)
Weights (40) | wᵢⱼ⁽³⁾ | aᵢ⁽³⁾ = Σ(m = 1…N₂) wᵢₘ⁽³⁾zₘ⁽²⁾ | ∂aᵢ⁽³⁾/∂wᵢⱼ⁽³⁾ = zⱼ⁽²⁾ \
| ∂E/∂wᵢⱼ⁽³⁾ = ∂E/∂aᵢ⁽³⁾ ∂aᵢ⁽³⁾/∂wᵢⱼ⁽³⁾ = δᵢ⁽³⁾zⱼ⁽²⁾
Weights (40)
Weights (40)
"""


def cells(text: str) -> list[list[str]]:
    return [line.split(" | ") for line in text.strip().splitlines()]


def printed(sheet: Sheet) -> list[list[str]]:
    def lines(cell: Cell) -> str:
        return "; ".join(x if isinstance(x, str) else format_formula(x, short=sheet.short) for x in cell)

    return [[lines(cell) for cell in row] for row in sheet.rows]


def test_the_papers_network_has_the_papers_table_1() -> None:
    assert printed(backpropagation_table(figure_4()).general()) == cells(FIGURE_4_TABLE)


def test_several_outputs_have_indices_too() -> None:
    expected = [
        row if len(row) > 1 else same
        for row, same in zip(cells(UNEQUAL_LAYERS_TABLE), cells(FIGURE_4_TABLE), strict=True)
    ]
    assert printed(backpropagation_table(figure_4(UNEQUAL_LAYERS)).general()) == expected


# The index form with numbers in place of indices, and every Σ written out, must be the formula of the graph. Both are
# compared as nested tuples, in which a sum is flat and a name is its letter, its numbers and its layer.

IndexNumbers = dict[str, int]  # by their letters


def name_of(label: str) -> tuple[str, list[str], str]:
    """w_2j^(3) is ("w", ["2", "j"], "(3)"). Weights have two indices, with a comma where one of them is above 9."""
    symbol = parse_label(label)
    assert symbol is not None
    below = "".join(item.letter for item in symbol.subscript)
    is_pair = symbol.letter == "w" and "," not in below
    indices = list(below) if is_pair else below.split(",") if below else []
    return symbol.letter, indices, "".join(item.letter for item in symbol.superscript)


def expanded(formula: Expression, numbers: IndexNumbers, sizes: Sequence[int]) -> object:
    if formula.op is SUM_OVER:
        letter, upper, term = formula.inputs
        assert letter.name not in numbers, f"{letter.name} has two meanings"
        n = int(upper.name) if upper.name.isdigit() else sizes[int(upper.name.removeprefix("N_"))]
        return added(expanded(term, {**numbers, letter.name: i}, sizes) for i in range(1, n + 1))
    if formula.is_constant:
        return formula.value
    if not formula.inputs:
        name, indices, layer = name_of(formula.name)
        return name, tuple(numbers[i] if i in numbers else int(i) for i in indices), layer
    inputs = [expanded(x, numbers, sizes) for x in formula.inputs]
    if formula.op is ops.add:
        return added(inputs)
    if formula.op is ops.weighted_sum:
        n = len(inputs) // 2
        products: list[object] = [("multiply", w, z) for w, z in zip(inputs[:n], inputs[n : 2 * n], strict=True)]
        return added(products + inputs[2 * n :])
    return formula.op.name, *inputs


def added(terms: Iterator[object] | list[object]) -> object:
    flat: list[object] = []
    for term in terms:
        flat += term[1:] if isinstance(term, tuple) and term[0] == "sum" else [term]
    return ("sum", *flat) if len(flat) > 1 else flat[0]


def numbers_of(general: Expression, label: str) -> IndexNumbers | None:
    """The numbers of i and j with which w_ij is w_12; None if they do not exist."""
    (letter, indices, layer), (other, digits, above) = name_of(general.name), name_of(label)
    if (letter, layer, len(indices)) != (other, above, len(digits)):
        return None
    pairs = [(i, n) for i, n in zip(indices, digits, strict=True) if i != n]
    return {i: int(n) for i, n in pairs} if all(i.isalpha() for i, _ in pairs) else None


def check_row(
    table: BackpropagationTable, row: TableRow, block: Sequence[Sequence[Expression]], sizes: Sequence[int]
) -> None:
    """Assert that a block of the general table is this row, if its indices are those of the variable."""
    graph = table.graph
    E, variable = graph.symbol("E"), graph.symbol(row.variable.label)
    [[general], relations, local, [backpropagated]] = block
    own = numbers_of(general, row.variable.label)
    assert own is not None

    made = [graph.symbol(term.reader.label) for term in row.terms]
    sides = [partial(E, variable), row.derivative]
    if made != [E]:
        sides.insert(1, reduce(operator.add, [partial(E, z) * partial(z, variable) for z in made]))
    whole = equal(*sides) if row.delta is None else defines(equal(*sides), row.delta)
    assert expanded(backpropagated, own, sizes) == expanded(whole, {}, sizes)

    for z, term in zip(made, row.terms, strict=True):
        [line] = [line for line in relations if numbers_of(line.inputs[0], z.name) is not None]
        numbers = numbers_of(line.inputs[0], z.name) or {}
        assert expanded(line, numbers, sizes) == expanded(equal(z, graph.relation(term.reader)), {}, sizes)
        [line] = [line for line in local if numbers_of(line.inputs[0].inputs[0], z.name) is not None]
        numbers = {**(numbers_of(line.inputs[0].inputs[0], z.name) or {}), **own}
        known = equal(partial(z, variable), term.local_derivative)
        assert expanded(line, numbers, sizes) == expanded(known, {}, sizes)
        rules = [equal(term.local_derivative, x) for x in opened_rule(graph, term.reader, term.local_derivative)]
        opened = [line for line in local if line.inputs[0].op is not PARTIAL]
        assert [expanded(rule, own, sizes) for rule in opened] == [expanded(rule, {}, sizes) for rule in rules]


def check_table(E: Value, sizes: Sequence[int]) -> Sheet:
    table = backpropagation_table(E, short=False)
    general = table.general()
    for (name, rows), (head, *block) in zip(table.blocks(), general.rows, strict=True):
        assert head == [name]
        for row in rows:
            check_row(table, row, cast("list[list[Expression]]", block), sizes)
    return general


SHAPES = [[1, 1], [2, 1, 2], [3, 1, 1, 4], [5, 7, 1, 4, 3], [9, 9, 9]]
SHAPES += [[10, 2], [1, 10], [2, 11, 12, 1], [3, 2, 1, 12]]  # w_19^(1), w_1,10^(1): only one has a comma


@thorough_unless(lambda sizes: sizes not in ([5, 7, 1, 4, 3], [9, 9, 9], [2, 11, 12, 1]))
@pytest.mark.parametrize("sizes", SHAPES, ids=lambda sizes: "-".join(map(str, sizes)))
def test_numbers_for_indices_give_the_graph(sizes: list[int]) -> None:
    general = check_table(figure_4(distinct_numbers(sizes)), sizes)
    K = len(sizes) - 1
    names = [str(step) for step in range(1, 2 * K + 2)] + ["Targets"] + ["Weights (40)"] * K
    assert [head for [head], *_ in general.rows] == names


@settings(max_examples=share(0.3))
@given(
    st.lists(st.integers(1, 5), min_size=2, max_size=4),
    st.sampled_from(["sigmoid", "relu", "linear"]),
    st.sampled_from(["sigmoid", "tanh", "linear"]),
    st.booleans(),
)
def test_numbers_for_indices_give_any_graph(sizes: list[int], hidden: str, output: str, bias: bool) -> None:
    network = MLP(sizes[0], sizes[1:], activation=hidden, output_activation=output, bias=bias)
    check_table(half_squared_error(network([0.5] * sizes[0]), [0.25] * sizes[-1]), sizes)


def test_a_wrong_index_would_be_seen() -> None:
    w, z = symbols("w_ji^(2)", "z_j^(1)")
    right, wrong = Value(1.0, "w_12^(2)") * Value(1.0, "z_2^(1)"), Value(1.0, "w_21^(2)") * Value(1.0, "z_2^(1)")
    for node, is_right in [(right, False), (wrong, True)]:
        formula = backpropagation_table(node).graph.relation(node)
        assert (expanded(w * z, {"i": 1, "j": 2}, []) == expanded(formula, {}, [])) is is_right


def test_a_bias_stays_beside_the_sum() -> None:
    E = half_squared_error(MLP(2, [3, 2], activation="sigmoid")([0.5, 0.25]), [0.0, 1.0])
    rows = {row[1]: row for row in printed(backpropagation_table(E).general())}
    assert rows["xᵢ"][2] == "aⱼ⁽¹⁾ = Σ(m = 1…N₀) wⱼₘ⁽¹⁾xₘ + bⱼ⁽¹⁾"
    assert rows["zᵢ⁽¹⁾"][2] == "aⱼ⁽²⁾ = Σ(m = 1…N₁) wⱼₘ⁽²⁾zₘ⁽¹⁾ + bⱼ⁽²⁾"
    assert rows["bᵢ⁽²⁾"][2:] == [
        "aᵢ⁽²⁾ = Σ(j = 1…N₁) wᵢⱼ⁽²⁾zⱼ⁽¹⁾ + bᵢ⁽²⁾",
        "∂aᵢ⁽²⁾/∂bᵢ⁽²⁾ = 1",
        "∂E/∂bᵢ⁽²⁾ = ∂E/∂aᵢ⁽²⁾ ∂aᵢ⁽²⁾/∂bᵢ⁽²⁾ = δᵢ⁽²⁾",
    ]


def test_weights_and_biases_have_a_row_for_each_layer() -> None:
    E = half_squared_error(MLP(2, [3, 2], activation="sigmoid")([0.5, 0.25]), [0.0, 1.0])
    rows = printed(backpropagation_table(E).general())
    leaves = [(head, variable) for head, variable, *_ in rows if not head.isdigit()]
    assert leaves == [
        ("Targets", "yᵢ"),
        ("Weights (40)", "wᵢⱼ⁽²⁾"),
        ("Biases", "bᵢ⁽²⁾"),
        ("Weights (40)", "wᵢⱼ⁽¹⁾"),
        ("Biases", "bᵢ⁽¹⁾"),
    ]


def weighted(weights: list[Value], values: list[Value], bias: Value, way: str) -> Value:
    """The weighted sum w x + b, or without b, in one of the ways in which programs write it."""
    products: list[Value] = [w * x for w, x in zip(weights, values, strict=True)]
    ways: dict[str, Callable[[], Value]] = {
        "dot": lambda: dot(weights, values),
        "dot of all": lambda: dot(weights, values, bias),
        "dot and bias": lambda: dot(weights, values) + bias,
        "bias and dot": lambda: bias + dot(weights, values),
        "products": lambda: reduce(operator.add, products) + bias,
    }
    return ways[way]()


def layer(
    *activations: str, w: str = "w", x: str = "x", rows: Sequence[int] = (1, 2), first: int = 1, way: str = "dot"
) -> Value:
    """E of two units that read two inputs; the weights have w and the numbers of these rows in their labels."""
    inputs, z = [Value(0.5 * j, f"{x}_{j}") for j in (first, first + 1)], []
    for i, (activation, row) in enumerate(zip(activations or ("sigmoid", "sigmoid"), rows, strict=True), 1):
        weights = [Value(0.25 * row - 0.5 * j, f"{w}_{row},{j}^(1)") for j in (first, first + 1)]
        a = weighted(weights, inputs, Value(0.125, f"b_{i}^(1)"), way)
        a.label = f"a_{i}^(1)"
        z.append(a.sigmoid() if activation == "sigmoid" else tanh(a))
        z[-1].label = f"z_{i}^(1)"
    return half_squared_error(z, [0.0, 1.0])


@pytest.mark.parametrize("way", ["dot and bias", "bias and dot", "products"])
def test_a_bias_that_is_added_by_itself_is_a_bias(way: str) -> None:
    rows, known = [printed(backpropagation_table(layer(way=how)).general()) for how in (way, "dot of all")]
    if way == "bias and dot":
        assert sorted(row[:2] for row in rows) == sorted(row[:2] for row in known)
        assert rows[2][2] == "aⱼ⁽¹⁾ = bⱼ⁽¹⁾ + wⱼ₁⁽¹⁾x₁ + wⱼ₂⁽¹⁾x₂"  # in its own order
    else:
        assert rows == known


def test_a_leaf_added_to_products_without_weights_is_not_a_bias() -> None:
    b, x = Value(2.0, "b"), Value(3.0, "x")
    E = x * x + b
    E.label = "E"
    assert {row.variable: row.kind for row in backpropagation_table(E).rows} == {x: "1", b: "1"}


@pytest.mark.parametrize(("letter", "sign"), [("omega", "ω"), ("ω", "ω"), ("v", "v"), ("theta", "θ")])
def test_weights_of_dot_may_have_any_letter(letter: str, sign: str) -> None:
    rows, known = [printed(backpropagation_table(layer(w=w)).general()) for w in (letter, "w")]
    assert [[cell.replace(sign, "w") for cell in row] for row in rows] == known
    assert ["Weights (40)", f"{sign}ᵢⱼ⁽¹⁾"] in [row[:2] for row in rows]


def test_each_letter_of_a_step_has_a_row_of_its_own() -> None:
    known, found = (printed(backpropagation_table(layer(w=w, way="products")).general()) for w in "wv")
    assert [row[:2] for row in found[2:5]] == [["3", "vᵢⱼ⁽¹⁾"], ["", "xᵢ"], ["", "bᵢ⁽¹⁾"]]
    assert sorted(row[1:] for row in known) == sorted([cell.replace("v", "w") for cell in row[1:]] for row in found)


def test_words_have_indices_as_letters_have() -> None:
    row = [Value(0.5, "row_1"), Value(-0.25, "row_2")]
    inputs = [Value(0.5 * j, f"input_{j}") for j in range(1, 11)]
    weights = [[Value(0.1 * j - i, index_label("weight", (i, j))) for j in range(1, 11)] for i in (1, 2)]
    hidden = [dot(into, inputs).tanh() for into in weights]
    E = dot(row, hidden)
    label(hidden_1=hidden[0], hidden_2=hidden[1], E=E)
    rows = printed(backpropagation_table(E).general())
    assert [row[1] for row in rows] == ["hidden_i", "input_i", "row_i", "weight_ij"]
    assert rows[1][2] == "hidden_j = tanh(Σ(m = 1…10) weight_jm · input_m)"
    assert rows[3][3] == (
        "∂hidden_i/∂weight_ij = tanh'(Σ(m = 1…10) weight_im · input_m) · input_j;"
        " tanh'(Σ(m = 1…10) weight_im · input_m) · input_j = (1 − hidden_i²) · input_j"
    )


@pytest.mark.parametrize(
    ("E", "complaint"),
    [
        (
            layer("sigmoid", "tanh"),
            "step 2 cannot be written in index form: z₁⁽¹⁾ = σ(a₁⁽¹⁾) and z₂⁽¹⁾ = tanh(a₂⁽¹⁾) are not alike."
            " In index form, all units",
        ),
        (layer(rows=(1, 3)), "step 3 cannot be written in index form: a₁⁽¹⁾ = "),
        (
            layer(first=2),
            "step 3 cannot be written in index form: x₂ and x₃ are not alike. .* an index that counts 1, 2, 3, ...:",
        ),
        (layer(first=10), "step 3 cannot be written in index form: x₁₀ and x₁₁ are not alike"),
    ],
    ids=["functions", "rows", "from 2", "from 10"],
)
def test_units_that_are_not_alike_are_named(E: Value, complaint: str) -> None:
    table = backpropagation_table(E)
    assert table.sheet().rows
    with pytest.raises(ValueError, match=complaint.replace("(", r"\(").replace(")", r"\)")):
        table.general()


def test_inputs_that_are_read_by_different_nodes_are_named() -> None:
    x_1, x_2, x_3 = (Value(0.5, f"x_{j}") for j in (1, 2, 3))
    q = x_3.exp()
    p = q.exp() + x_2
    E = p + x_1
    label(p=p, q=q, E=E)
    with pytest.raises(ValueError, match=r"Leaves cannot be written in index form: E does not read x₂\. In index form"):
        backpropagation_table(E).general()


x_1, x_2, x_3, y_1, y_2, w_11, w_12, w_21, w_22, r = symbols(
    "x_1", "x_2", "x_3", "y_1", "y_2", "w_11", "w_12", "w_21", "w_22", "r"
)


@pytest.mark.parametrize(
    ("formulas", "text"),
    [
        ([r, r, r], "r"),
        ([x_1, x_2, x_3], "xᵢ"),
        ([x_1 + r, x_2 + r], "xᵢ + r"),
        ([w_11 * x_1, w_12 * x_2], "w₁ᵢxᵢ"),
        ([w_11 * x_1, w_21 * x_1], "wᵢ₁x₁"),
        ([w_11, w_22], "wᵢᵢ"),
        ([x_1.sigmoid() ** 2.0, x_2.sigmoid() ** 2.0], "σ(xᵢ)²"),
        ([x_1 + y_1, x_2 - y_2], None),  # another sign
        ([x_1.sigmoid(), tanh(x_2)], None),  # another function
        ([x_1, x_2 + r], None),
        ([2.0 * x_1, 3.0 * x_2], None),  # another number
        ([x_1 * y_1, x_2 * x_2], None),  # another letter
        ([x_1, r], None),
        ([x_2, x_3], None),  # from 2 on
        ([x_2, x_1], None),
        ([x_1, x_3], None),
        ([w_11 * x_1, w_12 * x_1 * r], None),
        ([w_12 * x_1, w_21 * x_2], None),
    ],
)
def test_what_formulas_have_in_common(formulas: list[Expression], text: str | None) -> None:
    found = to_index_form(formulas, "i")
    assert text == (None if found is None else format_formula(found))


@pytest.mark.parametrize(
    ("formula", "text"),
    [
        (w_11 * x_1 + w_12 * x_2, "Σ(j = 1…N₀) w₁ⱼxⱼ"),
        (w_11 * x_1 + w_12 * x_2 + r, "Σ(j = 1…N₀) w₁ⱼxⱼ + r"),
        (w_11 * x_1 + w_12 * r, "w₁₁x₁ + w₁₂r"),
        (w_11 * r + w_12 * r + w_12, "Σ(j = 1…2) w₁ⱼr + w₁₂"),
        (x_1 * y_1 + x_1 + x_2 * y_2 + x_2, "Σ(j = 1…N₀) (xⱼyⱼ + xⱼ)"),  # of sums
        (y_1 * (x_1 + x_2) + y_2 * (x_1 + x_2), "Σ(l = 1…2) yₗ Σ(j = 1…N₀) xⱼ"),  # of sums over another index
        ((x_1 + x_2 + x_3) ** 2.0, "(Σ(j = 1…N₀) xⱼ)²"),
        (x_1 + r, "x₁ + r"),
        (x_1, "x₁"),
    ],
)
def test_sums_of_like_terms(formula: Expression, text: str) -> None:
    assert format_formula(to_sigma_notation(formula, "j")) == text


def test_two_nodes_with_one_label_are_refused() -> None:
    x, also_x = Value(1.0, "x"), Value(2.0, "x")
    E = x * also_x
    E.label = "E"
    with pytest.raises(ValueError, match="2 nodes have the label 'x'; a table in index form needs a label for each"):
        backpropagation_table(E).general()
