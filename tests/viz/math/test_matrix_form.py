"""The matrix form: the paper's Table 2 as it is printed, and that its products of matrices have the graph's numbers."""

from __future__ import annotations

import operator
from collections.abc import Mapping, Sequence
from itertools import accumulate, pairwise
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from engine import Value, dot, logsumexp, ops, toposort
from engine.analysis.named_graph import activation_derivative
from engine.labels import index_label, parse_label
from engine.symbolic.expression import Expression
from nn import MLP, half_squared_error
from tests.paper_graphs import FIGURE_4_NUMBERS, distinct_numbers, figure_4
from tests.viz.math.example_tables import cross_entropy_table
from viz.math.backpropagation_table import backpropagation_table
from viz.math.equations import DEFINES, HADAMARD
from viz.math.formulas import format_formula

# The paper's rows; the last three are its (41).
FIGURE_4_TABLE = """
∂E/∂z⁽³⁾ = z⁽³⁾ − y
∂E/∂a⁽³⁾ = ∂E/∂z⁽³⁾ ∂z⁽³⁾/∂a⁽³⁾ = (z⁽³⁾ − y)σ'(a⁽³⁾) ≜ δ⁽³⁾
∂E/∂𝐳⁽²⁾ = ∂E/∂a⁽³⁾ ∂a⁽³⁾/∂𝐳⁽²⁾ = δ⁽³⁾𝐰⁽³⁾
∂E/∂𝐚⁽²⁾ = (∂𝐳⁽²⁾/∂𝐚⁽²⁾)ᵀ ∂E/∂𝐳⁽²⁾ = δ⁽³⁾𝐰⁽³⁾ ∘ σ'(𝐚⁽²⁾) ≜ 𝛅⁽²⁾
∂E/∂𝐳⁽¹⁾ = (∂𝐚⁽²⁾/∂𝐳⁽¹⁾)ᵀ ∂E/∂𝐚⁽²⁾ = 𝐖⁽²⁾ᵀ𝛅⁽²⁾
∂E/∂𝐚⁽¹⁾ = (∂𝐳⁽¹⁾/∂𝐚⁽¹⁾)ᵀ ∂E/∂𝐳⁽¹⁾ = (𝐖⁽²⁾ᵀ𝛅⁽²⁾) ∘ σ'(𝐚⁽¹⁾) ≜ 𝛅⁽¹⁾
∂E/∂𝐱 = (∂𝐚⁽¹⁾/∂𝐱)ᵀ ∂E/∂𝐚⁽¹⁾ = 𝐖⁽¹⁾ᵀ𝛅⁽¹⁾
∂E/∂y = −(z⁽³⁾ − y)
∂E/∂𝐰⁽³⁾ = ∂E/∂a⁽³⁾ ∂a⁽³⁾/∂𝐰⁽³⁾ = δ⁽³⁾𝐳⁽²⁾
∂E/∂𝐖⁽²⁾ = 𝛅⁽²⁾𝐳⁽¹⁾ᵀ
∂E/∂𝐖⁽¹⁾ = 𝛅⁽¹⁾𝐱ᵀ
"""


def equations(output: Value) -> list[str]:
    """The equations of the matrix form, as text."""
    table = backpropagation_table(output)
    return [format_formula(row.equation, short=table.short) for _, rows in table.matrix_rows() for row in rows]


def test_the_papers_network_has_the_papers_table_2() -> None:
    assert equations(figure_4()) == FIGURE_4_TABLE.strip().splitlines()


def layer(letter: str, n: int, number: float = 0.5) -> list[Value]:
    return [Value(number + i / 8, f"{letter}_{i}") for i in range(1, n + 1)]


def labelled(nodes: list[Value], letter: str) -> list[Value]:
    for i, node in enumerate(nodes, 1):
        node.label = f"{letter}_{i}"
    return nodes


def test_weights_that_are_used_twice() -> None:
    """A tied autoencoder."""
    W, x = [[Value(0.5, f"w_{i}{j}") for j in (1, 2, 3)] for i in (1, 2)], layer("x", 3)
    z = labelled([dot(w, x).tanh() for w in W], "z")
    r = labelled([dot(column, z) for column in map(list, zip(*W, strict=True))], "r")
    E = dot(r, r)
    E.label = "E"
    assert equations(E) == [
        "∂E/∂𝐫 = 2𝐫",
        "∂E/∂𝐳 = (∂𝐫/∂𝐳)ᵀ ∂E/∂𝐫 = 𝐖 · 2𝐫",
        "∂E/∂𝐱 = (∂𝐳/∂𝐱)ᵀ ∂E/∂𝐳 = 𝐖ᵀ · ((𝐖 · 2𝐫) ∘ tanh'(𝐖𝐱))",
        "∂E/∂𝐖 = 𝐳 · (2𝐫)ᵀ + ((𝐖 · 2𝐫) ∘ tanh'(𝐖𝐱))𝐱ᵀ",
    ]


def test_biases_have_the_delta_of_their_layer() -> None:
    E = half_squared_error(MLP(3, [4, 2], activation="tanh")(layer("x", 3)), [0.0, 1.0])
    assert "∂E/∂𝐛⁽¹⁾ = (∂𝐚⁽¹⁾/∂𝐛⁽¹⁾)ᵀ ∂E/∂𝐚⁽¹⁾ = 𝛅⁽¹⁾" in equations(E)


def test_vectors_are_in_the_order_of_their_indices() -> None:
    v, u = layer("v", 3), layer("u", 3, 0.25)
    for factors in (u, u[::-1]):
        q = labelled([x * y for x, y in zip(v, factors, strict=True)], "q")
        f = dot(q, q)
        f.label = "f"
        found = equations(f)
        assert found[0] == "∂f/∂𝐪 = 2𝐪"
        if factors is u:
            assert found[1:] == ["∂f/∂𝐯 = (∂𝐪/∂𝐯)ᵀ ∂f/∂𝐪 = (2𝐪) ∘ 𝐮", "∂f/∂𝐮 = (∂𝐪/∂𝐮)ᵀ ∂f/∂𝐪 = (2𝐪) ∘ 𝐯"]
        else:  # of which the first is multiplied by the last
            assert found[1] == "∂f/∂v₁ = u₃ · (q₁ + q₁)"


def test_what_is_not_alike_stays_scalar() -> None:
    x = layer("x", 3)
    f = x[0].sin() * x[1] + x[2]
    f.label = "f"
    assert equations(f) == ["∂f/∂x₁ = x₂ · cos(x₁)", "∂f/∂x₂ = sin(x₁)", "∂f/∂x₃ = 1"]


@pytest.mark.parametrize(
    "kind", ["extreme", "products", "sums", "gathered inputs", "gathered weights", "equal", "one formula"]
)
def test_any_graph_has_a_matrix_form(kind: str) -> None:
    x, w = (labelled([Value(0.1 * i + 0.1) for i in range(5)], letter) for letter in "xw")
    graphs = {
        "extreme": lambda: [v.tanh() for v in x],
        "products": lambda: list(accumulate(x[1:], operator.mul, initial=x[0].tanh())),
        "sums": lambda: list(accumulate(x[1:], operator.add, initial=x[0].tanh())),
        "gathered inputs": lambda: [(x[i] * u).tanh() for i, u in zip((0, 0, 1, 3), w, strict=False)],
        "gathered weights": lambda: [dot([w[i] for i in row], x[:3]) for row in ((0, 1, 3), (1, 4, 2))],
        "equal": lambda: [x[0] + x[1], x[1] + x[0]],
        "one formula": lambda: [x[0].tanh(), x[0].tanh(), x[1].tanh()],
    }
    z = labelled(graphs[kind](), "z")
    E = logsumexp(z) if kind == "extreme" else dot(z, z)
    E.label = "E"
    table = backpropagation_table(E)
    found = [row.variable for _, rows in table.matrix_rows() for matrix in rows for row in matrix.rows]
    assert sorted(map(id, found)) == sorted(id(row.variable) for row in table.rows)


def test_nodes_of_one_label_are_refused() -> None:
    x, w = Value(0.5, "w"), Value(0.25, "w")
    with pytest.raises(ValueError, match="2 nodes have the label 'w'; a table in matrix form needs a label for each"):
        backpropagation_table(x * w).matrix()


def test_every_row_of_a_table_is_in_its_matrix_form() -> None:
    """Of any graph, here one with sums that are not products of matrices."""
    for outputs in ("sigmoid", "softmax"):
        table = cross_entropy_table(outputs)
        found = [row.variable for _, rows in table.matrix_rows() for matrix in rows for row in matrix.rows]
        assert sorted(map(id, found)) == sorted(id(row.variable) for row in table.rows)
        assert all(f"Step {name}: " in table.matrix().text() for name, _ in table.blocks() if name.isdigit())


# The matrix form, computed.

Matrix = NDArray[np.float64]
Known = Mapping[tuple[str, bool, int], Any]  # by letter, whether it is bold, and layer


def known_numbers(E: Value, sizes: Sequence[int]) -> Known:
    """The numbers of the letters of a network: vectors as columns, and matrices with a row for each unit."""
    nodes = {node.label: node for node in toposort(E)}
    x = [nodes[f"x_{j}"].data for j in range(1, sizes[0] + 1)]
    y = [nodes[f"y_{i}"].data for i in range(1, sizes[-1] + 1)] if sizes[-1] > 1 else [nodes["y"].data]
    found: dict[tuple[str, bool, int], Any] = {}
    for letter, entries in (("x", x), ("y", y)):
        found[letter, True, 0], found[letter, False, 0] = column(entries), entries[0]
    for k, (n_inputs, n_units) in enumerate(pairwise(sizes), 1):
        units, inputs = range(1, n_units + 1), range(1, n_inputs + 1)
        matrix = np.array([[nodes[index_label("w", [i, j], k)].data for j in inputs] for i in units])
        found["W", True, k] = matrix
        found["w", True, k] = column(matrix.ravel().tolist())  # of a layer of one unit, or after one
        found["w", False, k] = matrix[0, 0]
        a, z = ([nodes[index_label(letter, [i], k)] for i in units] for letter in "az")
        numbers = {"a": [node.data for node in a], "z": [node.data for node in z], "δ": [node.grad for node in a]}
        for letter, entries in numbers.items():
            found[letter, True, k], found[letter, False, k] = column(entries), entries[0]
    return found


def column(entries: list[float]) -> Matrix:
    return np.array(entries).reshape(-1, 1)


def computed(formula: Expression, known: Known) -> Any:
    """The value of a formula: a number, a column or a matrix, with products as in algebra."""
    if not formula.inputs:
        if formula.is_constant:
            return formula.value
        symbol = parse_label(formula.name)
        assert symbol is not None
        superscript = "".join(item.letter for item in symbol.superscript)
        value = known[symbol.letter, symbol.bold, int(superscript.removesuffix("T").strip("()") or 0)]
        return value.T if superscript.endswith("T") else value
    inputs = [computed(x, known) for x in formula.inputs]
    if formula.op is HADAMARD:
        assert inputs[0].shape == inputs[1].shape
        return inputs[0] * inputs[1]
    if formula.op is ops.multiply:
        return inputs[0] @ inputs[1] if all(isinstance(x, np.ndarray) for x in inputs) else inputs[0] * inputs[1]
    if formula.op is activation_derivative(ops.sigmoid):
        s = 1 / (1 + np.exp(-inputs[0]))
        return s * (1 - s)
    return {ops.subtract: np.subtract, ops.negate: np.negative}[formula.op](*inputs)


@pytest.mark.parametrize("sizes", [[2, 2, 2, 1], [3, 4, 2, 3], [5, 7, 1, 4, 3], [1, 1], [2, 3, 1, 1]], ids=str)
def test_the_matrix_form_computes_every_derivative(sizes: list[int]) -> None:
    E = figure_4(FIGURE_4_NUMBERS if sizes == FIGURE_4_NUMBERS.sizes else distinct_numbers(sizes))
    E.backward()
    known = known_numbers(E, sizes)
    for _, [(_, _, equation, rows)] in backpropagation_table(E).matrix_rows():
        side = (equation.inputs[0] if equation.op is DEFINES else equation).inputs[1]
        result = computed(side, known)
        numbers = np.array([row.number for row in rows])
        assert np.ravel(result) == pytest.approx(numbers, rel=1e-12)
