"""The signs of equations, =, ∂, Σ, ∘ and their kin: operations outside the table that are written, and never computed.

They work on the expressions of formulas, so that `viz.math.formulas` writes both:

>>> from viz.math.formulas import format_formula
>>> delta, w, z = symbols("delta_j^(k+1)", "w_ji^(k+1)", "z_i^(k)")
>>> print(format_formula(equal(partial(symbol("E_n"), z), sum_over("j", "N_{k+1}", delta * w))))
∂Eₙ/∂zᵢ⁽ᵏ⁾ = Σ_{j=1}^{Nₖ₊₁} δⱼ⁽ᵏ⁺¹⁾wⱼᵢ⁽ᵏ⁺¹⁾
"""

from __future__ import annotations

from collections.abc import Iterable
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
DEFINES = _sign("defines", "=:")
BECOMES = _sign("becomes", "←")
HADAMARD = _sign("hadamard", "∘")  # element by element
TIMES = _sign("times", "·")  # never simplified, unlike `ops.multiply`
PLUS = _sign("plus", "+")  # never simplified, unlike `ops.add`
MEMBER = _sign("member", "∈")
CROSS = _sign("cross", "×")  # between numbers, and between the sides of a matrix
PARTIAL = _sign("partial", "∂", "derivative")
SUM_OVER = _sign("sum_over", "Σ", "sigma", 3)
TUPLE = Op("tuple", "", _not_computed, _not_computed)

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


def equal(*sides: Expression) -> Expression:
    """The equation x = y = ..."""
    return _join(EQUAL, sides)


def plus(*terms: Expression) -> Expression:
    """The sum x + y + ..., not simplified."""
    return _join(PLUS, terms)


def _join(sign: Op, formulas: Iterable[Expression]) -> Expression:
    return reduce(lambda x, y: x.apply(sign, (x, y)), formulas)


def defines(formula: Expression, name: Expression) -> Expression:
    """The definition formula =: name, which the paper writes the other way round, with ≜."""
    return formula.apply(DEFINES, (formula, name))


def becomes(x: Expression, y: Expression) -> Expression:
    """The assignment x ← y."""
    return x.apply(BECOMES, (x, y))


def hadamard(x: Expression, y: Expression) -> Expression:
    """The Hadamard product x ∘ y, element by element; the paper's (33)."""
    return x.apply(HADAMARD, (x, y))


def partial(y: Expression, x: Expression) -> Expression:
    """The partial derivative ∂y/∂x."""
    return y.apply(PARTIAL, (y, x))


def sum_over(index: str, upper: str, term: Expression) -> Expression:
    """The sum Σ_{index=1}^{upper} term."""
    return term.apply(SUM_OVER, (term.builder.symbol(index), term.builder.symbol(upper), term))


def matrix_shape(n_rows: int, n_columns: int) -> Expression:
    """The shape n_rows × n_columns."""
    return numeral(n_rows).apply(CROSS, (numeral(n_rows), numeral(n_columns)))


def tuple_of(*items: Expression) -> Expression:
    """The tuple (x, y, ...)."""
    return items[0].apply(TUPLE, items)
