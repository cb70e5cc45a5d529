"""The signs of equations: how they are written, which brackets they need, and that they are never computed."""

from __future__ import annotations

import pytest

from engine.symbolic.expression import Expression
from viz.math.equations import (
    CROSS,
    MEMBER,
    PLUS,
    becomes,
    column_of,
    defines,
    equal,
    grouped,
    hadamard,
    juxtaposed,
    matrix_of,
    matrix_shape,
    numeral,
    numerals,
    partial,
    sum_over,
    symbol,
    symbols,
    transposed,
)
from viz.math.formulas import format_formula

E, a, b, c, W = symbols("E_n", "a_i", "b", "c", "W_bold")

# A formula, in Unicode, and in LaTeX.
EQUATIONS: list[tuple[Expression, str, str]] = [
    (equal(a, b), "aᵢ = b", "a_i = b"),
    (equal(a, b + c, -c), "aᵢ = b + c = −c", "a_i = b + c = -c"),
    (defines(equal(a, b), c), "aᵢ = b ≜ c", r"a_i = b \triangleq c"),
    (becomes(a, a - b * c), "aᵢ ← aᵢ − bc", r"a_i \leftarrow a_i - b c"),
    (a.apply(MEMBER, (W, matrix_shape(3, 4))), "𝐖 ∈ 3 × 4", r"\mathbf{W} \in 3 \times 4"),
    (a.apply(CROSS, (a, b)), "aᵢ × b", r"a_i \times b"),
    (hadamard(a, b), "aᵢ ∘ b", r"a_i \circ b"),
    (hadamard(a * b, c), "aᵢb ∘ c", r"a_i b \circ c"),
    (hadamard(W * b, c), "(𝐖b) ∘ c", r"(\mathbf{W} b) \circ c"),
    (hadamard(a, b + c), "aᵢ ∘ (b + c)", r"a_i \circ (b + c)"),
    (hadamard(a, hadamard(b, c)), "aᵢ ∘ (b ∘ c)", r"a_i \circ (b \circ c)"),
    (hadamard(a, b) + c, "aᵢ ∘ b + c", r"a_i \circ b + c"),
    (partial(E, a), "∂Eₙ/∂aᵢ", r"\frac{\partial E_n}{\partial a_i}"),
    (
        partial(E, a) * partial(a, b),
        "∂Eₙ/∂aᵢ ∂aᵢ/∂b",
        r"\frac{\partial E_n}{\partial a_i} \, \frac{\partial a_i}{\partial b}",
    ),
    (partial(a + b, c), "∂/∂c(aᵢ + b)", r"\frac{\partial }{\partial c} (a_i + b)"),
    (sum_over("i", "N_1", a * b), "Σ(i = 1…N₁) aᵢb", r"\sum_{i=1}^{N_1} a_i b"),
    (sum_over("i", "N", a + b), "Σ(i = 1…N) (aᵢ + b)", r"\sum_{i=1}^{N} (a_i + b)"),
    (sum_over("i", "N", a) + b, "Σ(i = 1…N) aᵢ + b", r"\sum_{i=1}^{N} a_i + b"),
    (b + sum_over("i", "N", a), "b + Σ(i = 1…N) aᵢ", r"b + \sum_{i=1}^{N} a_i"),
    (b * sum_over("i", "N", a), "b Σ(i = 1…N) aᵢ", r"b \, \sum_{i=1}^{N} a_i"),
    (sum_over("i", "N", a) * b, "(Σ(i = 1…N) aᵢ)b", r"\left(\sum_{i=1}^{N} a_i\right) b"),
    (b * sum_over("i", "N", a) * c, "(b Σ(i = 1…N) aᵢ)c", r"\left(b \, \sum_{i=1}^{N} a_i\right) c"),
    (sum_over("i", "N", a) / numeral(2), "(Σ(i = 1…N) aᵢ) / 2", r"\frac{\sum_{i=1}^{N} a_i}{2}"),
    (sum_over("i", "N", a) ** 2, "(Σ(i = 1…N) aᵢ)²", r"\left(\sum_{i=1}^{N} a_i\right)^{2}"),
    (-sum_over("i", "N", a), "−Σ(i = 1…N) aᵢ", r"-\sum_{i=1}^{N} a_i"),
    (sum_over("i", "N", sum_over("j", "M", a)), "Σ(i = 1…N) Σ(j = 1…M) aᵢ", r"\sum_{i=1}^{N} \sum_{j=1}^{M} a_i"),
    (hadamard(sum_over("i", "N", a), b), "(Σ(i = 1…N) aᵢ) ∘ b", r"\left(\sum_{i=1}^{N} a_i\right) \circ b"),
    (a.apply(PLUS, (numeral(2), numeral(-3))), "2 + (−3)", r"2 + (-3)"),
    (equal(a, numeral(-3)), "aᵢ = −3", "a_i = -3"),
    (equal(defines(a, partial(E, b)), c), "aᵢ ≜ ∂Eₙ/∂b = c", r"a_i \triangleq \frac{\partial E_n}{\partial b} = c"),
    (juxtaposed(numeral(2), a), "2aᵢ", "2 a_i"),
    (juxtaposed(numeral(-2), a), "−2aᵢ", "-2 a_i"),
    (juxtaposed(a, numeral(-2)), "aᵢ(−2)", r"a_i (-2)"),
    (juxtaposed(*numerals(2, 3, -4)), "(2)(3)(−4)", r"(2) (3) (-4)"),
    (juxtaposed(numeral(2), b + c), "2(b + c)", r"2 (b + c)"),
    (juxtaposed(a, partial(E, b)), "aᵢ ∂Eₙ/∂b", r"a_i \, \frac{\partial E_n}{\partial b}"),
    (juxtaposed(grouped(a), grouped(b)), "(aᵢ)(b)", r"(a_i) (b)"),
    (a * sum_over("i", "N", b), "aᵢ Σ(i = 1…N) b", r"a_i \, \sum_{i=1}^{N} b"),
    ((a - b) * c.sigmoid() * E, "(aᵢ − b)σ(c)Eₙ", r"(a_i - b) \sigma(c) E_n"),
    (transposed(partial(a, b)) * E, "(∂aᵢ/∂b)ᵀEₙ", r"\left(\frac{\partial a_i}{\partial b}\right)^{\top} E_n"),
    (column_of(a, symbol("⋮"), b), "[aᵢ; ⋮; b]", r"\begin{bmatrix} a_i \\ \vdots \\ b \end{bmatrix}"),
    (matrix_of([a, b], [c, E]), "[aᵢ, b; c, Eₙ]", r"\begin{bmatrix} a_i & b \\ c & E_n \end{bmatrix}"),
]


@pytest.mark.parametrize(("formula", "unicode", "latex"), EQUATIONS, ids=[unicode for _, unicode, _ in EQUATIONS])
def test_an_equation_is_written(formula: Expression, unicode: str, latex: str) -> None:
    assert (format_formula(formula), format_formula(formula, "latex")) == (unicode, latex)


def test_in_mathml_the_limits_of_a_sum_stand_below_and_above_it() -> None:
    assert format_formula(sum_over("j", "N_1", b), "html") == (
        '<munderover><mo>∑</mo><mrow><mi>j</mi><mo lspace="0" rspace="0">=</mo><mn>1</mn></mrow>'
        "<mrow><msub><mi>N</mi><mn>1</mn></msub></mrow></munderover><mi>b</mi>"
    )


def test_in_mathml_a_derivative_is_a_fraction() -> None:
    assert format_formula(partial(b, c), "html") == (
        "<mfrac><mrow><mo>∂</mo><mi>b</mi></mrow><mrow><mo>∂</mo><mi>c</mi></mrow></mfrac>"
    )


@pytest.mark.parametrize(
    ("formula", "text"),
    [(W * hadamard(b, c), "𝐖 · (b ∘ c)"), (hadamard(b, c) * W, "(b ∘ c)𝐖"), (partial(b, c) ** 2, "(∂b/∂c)²")],
)
def test_what_would_mean_something_else_keeps_its_brackets(formula: Expression, text: str) -> None:
    assert format_formula(formula) == text  # not (𝐖b) ∘ c, nor the second derivative


def test_in_mathml_a_matrix_is_a_table() -> None:
    assert format_formula(matrix_of([b, c], [c, b]), "html") == (
        "<mrow><mo>[</mo><mtable><mtr><mtd><mi>b</mi></mtd><mtd><mi>c</mi></mtd></mtr>"
        "<mtr><mtd><mi>c</mi></mtd><mtd><mi>b</mi></mtd></mtr></mtable><mo>]</mo></mrow>"
    )


def test_an_equation_stands_as_it_is_typed() -> None:
    x = symbol("x")
    minus = -x
    assert [format_formula(y) for y in (x * 1.0, x + 0.0, -minus, 2.0 * x * 3.0)] == [
        "x · 1",
        "x + 0",
        "−(−x)",
        "2x · 3",
    ]


def test_the_same_letter_is_the_same_symbol() -> None:
    assert symbols("x", "y") == [symbol("x"), symbol("y")]
    assert symbol("x") is not symbol("y")


def test_an_equation_is_not_computed() -> None:
    with pytest.raises(ValueError, match="cannot be computed"):
        PLUS.forward(2.0, 3.0)
    assert format_formula(a.apply(PLUS, (numeral(2), numeral(3)))) == "2 + 3"
    assert format_formula(equal(numeral(2), numeral(2))) == "2 = 2"
    assert format_formula(matrix_shape(2, 3)) == "2 × 3"
