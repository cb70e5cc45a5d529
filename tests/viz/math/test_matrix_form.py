"""The matrix form: the paper's Table 2 as it is printed, and that its products of matrices have the graph's numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from engine import Value, ops, toposort
from engine.analysis.named_graph import activation_derivative
from engine.labels import index_label, parse_label
from engine.symbolic.expression import Expression
from tests.paper_graphs import FIGURE_4_NUMBERS, distinct_numbers, figure_4
from viz.math.backpropagation_table import backpropagation_table
from viz.math.equations import DEFINES, HADAMARD, defines, equal, partial, sum_over, symbol, symbols
from viz.math.formulas import format_formula
from viz.math.matrix_form import to_matrix_form

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


def test_the_papers_network_has_the_papers_table_2() -> None:
    general = backpropagation_table(figure_4()).general()
    written = [
        format_formula(to_matrix_form(line), short=general.short)
        for *_, [line] in general.rows
        if isinstance(line, Expression)
    ]
    assert written == FIGURE_4_TABLE.strip().splitlines()


def sigma_prime(a: Expression) -> Expression:
    return a.apply(activation_derivative(ops.sigmoid), (a,))


E, x, a, z, y = symbols("E", "x_i", "a_i^(k)", "z_i^(K)", "y_i")
delta, above, below, w, v = symbols("delta_i^(k)", "delta_j^(k+1)", "z_j^(k-1)", "w_ij^(k)", "w_ji^(k+1)")

# The paper's equations, as it numbers them, in index form.
GENERAL = {
    "(28)": (equal(a, sum_over("j", "N_{k-1}", w * below)), "𝐚⁽ᵏ⁾ = 𝐖⁽ᵏ⁾𝐳⁽ᵏ⁻¹⁾"),
    "(28), factors exchanged": (equal(a, sum_over("j", "N_{k-1}", below * w)), "𝐚⁽ᵏ⁾ = 𝐖⁽ᵏ⁾𝐳⁽ᵏ⁻¹⁾"),
    "(30)": (equal(symbol("z_i^(k)"), a.sigmoid()), "𝐳⁽ᵏ⁾ = σ(𝐚⁽ᵏ⁾)"),
    "(39)": (
        equal(delta, sum_over("j", "N_{k+1}", above * v) * sigma_prime(a)),
        "𝛅⁽ᵏ⁾ = (𝐖⁽ᵏ⁺¹⁾ᵀ𝛅⁽ᵏ⁺¹⁾) ∘ σ'(𝐚⁽ᵏ⁾)",
    ),
    "(39), factors exchanged": (
        equal(delta, sigma_prime(a) * sum_over("j", "N_{k+1}", v * above)),
        "𝛅⁽ᵏ⁾ = (𝐖⁽ᵏ⁺¹⁾ᵀ𝛅⁽ᵏ⁺¹⁾) ∘ σ'(𝐚⁽ᵏ⁾)",
    ),
    "(41)": (equal(partial(E, w), delta * below), "∂E/∂𝐖⁽ᵏ⁾ = 𝛅⁽ᵏ⁾𝐳⁽ᵏ⁻¹⁾ᵀ"),
    "start of the sweep": (
        defines((z - y) * sigma_prime(symbol("a_i^(K)")), symbol("delta_i^(K)")),
        "(𝐳⁽ᴷ⁾ − 𝐲) ∘ σ'(𝐚⁽ᴷ⁾) ≜ 𝛅⁽ᴷ⁾",
    ),
    "chain": (
        sum_over("j", "N_{k+1}", partial(E, symbol("a_j^(k+1)")) * partial(symbol("a_j^(k+1)"), symbol("z_i^(k)"))),
        "(∂𝐚⁽ᵏ⁺¹⁾/∂𝐳⁽ᵏ⁾)ᵀ ∂E/∂𝐚⁽ᵏ⁺¹⁾",
    ),
    "a scalar": (E * x, "E𝐱"),
    "no indices": (E * 2.0 + symbol("w_1"), "E · 2 + w₁"),
}


@pytest.mark.parametrize("name", GENERAL)
def test_an_equation_in_matrices(name: str) -> None:
    formula, text = GENERAL[name]
    assert format_formula(to_matrix_form(formula)) == text


def test_the_index_of_the_sample_stays() -> None:
    error = symbol("E_n")
    assert format_formula(to_matrix_form(partial(error, a))) == "∂Eₙ/∂𝐚⁽ᵏ⁾"
    assert format_formula(to_matrix_form(error * x)) == "Eₙ𝐱"


@pytest.mark.parametrize(
    "term",
    [
        w,  # a sum of one row
        a.sigmoid(),
        symbol("w_ii^(k)") * symbol("z_i^(k)"),  # of the diagonal
        symbol("w_ij^(k)") * symbol("w_ji^(k)"),  # a trace
        symbol("z_j^(1)") * symbol("y_j") * symbol("x_j"),  # of three
    ],
)
def test_a_sum_that_is_not_a_product_of_matrices_is_refused(term: Expression) -> None:
    with pytest.raises(ValueError, match=r"the sum over j of .* is not a product of matrices"):
        to_matrix_form(sum_over("j", "N", term))


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
    table = backpropagation_table(E)
    general = table.general()
    for (_, rows), (*_, [line]) in zip(table.blocks(), general.rows, strict=True):
        assert isinstance(line, Expression)
        equation = to_matrix_form(line)
        side = (equation.inputs[0] if equation.op is DEFINES else equation).inputs[1]
        result = computed(side, known)
        numbers = np.array([row.number for row in rows])
        assert np.ravel(result) == pytest.approx(numbers, rel=1e-12)
