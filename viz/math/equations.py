"""The signs of equations, =, ≜, ∂, Σ, ∘ and their kin: operations outside the table that are written, never computed.

They work on the expressions of formulas, so that `viz.math.formulas` writes both:

>>> from viz.math.formulas import format_formula
>>> delta, w, z = symbols("delta_j^(k+1)", "w_ji^(k+1)", "z_i^(k)")
>>> print(format_formula(equal(partial(symbol("E_n"), z), sum_over("j", "N_{k+1}", delta * w))))
∂Eₙ/∂zᵢ⁽ᵏ⁾ = Σ(j = 1…Nₖ₊₁) δⱼ⁽ᵏ⁺¹⁾wⱼᵢ⁽ᵏ⁺¹⁾
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import reduce
from typing import Any

from engine.op import Op
from engine.symbolic.expression import Expression, ExpressionBuilder, as_written
from viz.math.formulas import LAYOUTS


def _not_computed(*_: Any) -> Any:
    raise ValueError("the sign of an equation is written, and cannot be computed")


def _sign(name: str, symbol: str, layout: str = "infix", arity: int = 2) -> Op:
    op = Op(name, symbol, _not_computed, [_not_computed] * arity)
    LAYOUTS[op] = layout
    return op


EQUAL = _sign("equal", "=")
DEFINES = _sign("defines", "≜")
BECOMES = _sign("becomes", "←")
HADAMARD = _sign("hadamard", "∘")  # element by element
TIMES = _sign("times", "·")  # never simplified, unlike `ops.multiply`
JUXTAPOSED = _sign("juxtaposed", "", "juxtaposed")  # nor this
GROUPED = _sign("grouped", "", "grouped", 1)
PLUS = _sign("plus", "+")  # never simplified, unlike `ops.add`
MEMBER = _sign("member", "∈")
CROSS = _sign("cross", "×")  # between the sides of a matrix
PARTIAL = _sign("partial", "∂", "derivative")
SUM_OVER = _sign("sum_over", "Σ", "sigma", 3)
ROW = Op("row", "", _not_computed, _not_computed)
MATRIX = Op("matrix", "", _not_computed, _not_computed)
LISTED = Op("listed", "", _not_computed, _not_computed)
TRANSPOSED = _sign("transposed", "ᵀ", "transposed", 1)
LAYOUTS |= {ROW: "row", MATRIX: "matrix", LISTED: "listed"}

_equations = ExpressionBuilder(as_written, expand=False)  # without simplification: an equation stands as it is typed


def symbol(label: str) -> Expression:
    """The symbol with this label."""
    return _equations.symbol(label)


def symbols(*labels: str) -> list[Expression]:
    """A symbol for each label."""
    return [symbol(label) for label in labels]


def numeral(number: float) -> Expression:
    """The number as an expression."""
    return _equations.constant(number)


def numerals(*numbers: float) -> list[Expression]:
    """An expression for each number."""
    return [numeral(number) for number in numbers]


def equal(*sides: Expression) -> Expression:
    """The equation x = y = ..."""
    return _join(EQUAL, sides)


def plus(*terms: Expression) -> Expression:
    """The sum x + y + ..., not simplified."""
    return _join(PLUS, terms)


def times(*factors: Expression) -> Expression:
    """The product x · y · ..., not simplified; of letters alone, xy.

    >>> from viz.math.formulas import format_formula
    >>> print(format_formula(times(*numerals(2, -3, 1e-5))))
    2 · (−3) · 1·10⁻⁵
    """
    return _join(TIMES, factors)


def juxtaposed(*factors: Expression) -> Expression:
    """The product without signs, as in the paper, not simplified.

    >>> from viz.math.formulas import format_formula
    >>> y, a, x = symbols("y", "a", "x")
    >>> print(format_formula(equal(juxtaposed(partial(y, a), partial(a, x)), juxtaposed(*numerals(2, -3)))))
    ∂y/∂a ∂a/∂x = (2)(−3)
    >>> print(format_formula(equal(y, juxtaposed(numeral(2), a))))
    y = 2a
    """
    return _join(JUXTAPOSED, factors)


def grouped(x: Expression) -> Expression:
    """The formula in brackets: (x)."""
    return x.apply(GROUPED, (x,))


def _join(sign: Op, formulas: Iterable[Expression]) -> Expression:
    return reduce(lambda x, y: x.apply(sign, (x, y)), formulas)


def defines(x: Expression, y: Expression) -> Expression:
    """The definition x ≜ y. The name that is defined is x in the paper's (39), but y in its Table 1.

    >>> from viz.math.formulas import format_formula
    >>> delta, E, a, z = symbols("delta^(3)", "E_n", "a^(3)", "z")
    >>> print(format_formula(equal(defines(delta, partial(E, a)), z)))
    δ⁽³⁾ ≜ ∂Eₙ/∂a⁽³⁾ = z
    """
    return x.apply(DEFINES, (x, y))


def becomes(x: Expression, y: Expression) -> Expression:
    """The assignment x ← y."""
    return x.apply(BECOMES, (x, y))


def hadamard(x: Expression, y: Expression) -> Expression:
    """The Hadamard product x ∘ y, element by element; the paper's (33)."""
    return x.apply(HADAMARD, (x, y))


def transposed(x: Expression) -> Expression:
    """The transpose xᵀ; that of a letter is a label, such as W_bold^T."""
    return x.apply(TRANSPOSED, (x,))


def partial(y: Expression, x: Expression) -> Expression:
    """The partial derivative ∂y/∂x."""
    return y.apply(PARTIAL, (y, x))


def sum_over(index: str, upper: str, term: Expression) -> Expression:
    """The sum of the terms with an index from 1 to an upper limit: Σ(index = 1…upper) term."""
    return term.apply(SUM_OVER, (term.builder.symbol(index), term.builder.symbol(upper), term))


def matrix_shape(n_rows: int, n_columns: int) -> Expression:
    """The shape n_rows × n_columns."""
    return numeral(n_rows).apply(CROSS, (numeral(n_rows), numeral(n_columns)))


def matrix_of(*rows: Sequence[Expression]) -> Expression:
    r"""The matrix with these rows, written out; in one line of text with a semicolon between rows.

    >>> from viz.math.formulas import format_formula
    >>> formula = matrix_of(symbols("w_11", "w_12"), symbols("w_21", "w_22"))
    >>> print(format_formula(formula))
    [w₁₁, w₁₂; w₂₁, w₂₂]
    >>> print(format_formula(formula, "latex"))
    \begin{bmatrix} w_{11} & w_{12} \\ w_{21} & w_{22} \end{bmatrix}
    """
    first = rows[0][0]
    return first.apply(MATRIX, tuple(first.apply(ROW, tuple(row)) for row in rows))


def column_of(*entries: Expression) -> Expression:
    """The column vector with these entries, written out: [x; y; ...]."""
    return matrix_of(*([entry] for entry in entries))


def listed(*formulas: Expression) -> Expression:
    """The formulas one after another: x = y, u = v."""
    return formulas[0].apply(LISTED, formulas)
