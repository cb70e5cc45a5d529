"""What stands between formulas in an equation: signs that are read, and never computed.

They are operations outside the table, on the same symbols as formulas, so that the same printers write them:

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
from engine.symbolic.expression import Expression, Trace, as_written
from viz.math.formulas import LAYOUTS


def _only_read(*_: Any) -> Any:
    raise ValueError("an equation is to be read")


def _sign(name: str, symbol: str, form: str = "infix", arity: int = 2) -> Op:
    op = Op(name, symbol, _only_read, [_only_read] * arity)
    LAYOUTS[op] = form
    return op


EQUAL = _sign("equal", "=")
DEFINES = _sign("defines", "=:")  # the left side gets the name on the right
BECOMES = _sign("becomes", "←")
HADAMARD = _sign("hadamard", "∘")  # element by element
TIMES = _sign("times", "·")  # a product that is not simplified
PLUS = _sign("plus", "+")  # between numbers that are to stand as they are
MEMBER = _sign("member", "∈")
CROSS = _sign("cross", "×")
PARTIAL = _sign("partial", "∂", "derivative")
SUM_OVER = _sign("sum_over", "Σ", "total", 3)
TUPLE = Op("tuple", "", _only_read, _only_read)  # (x, y, z)

_equations = Trace(as_written, expand=False)  # nothing is simplified: an equation stands as it is typed


def symbol(label: str) -> Expression:
    """A letter of an equation, or a name."""
    return _equations.symbol(label)


def symbols(*labels: str) -> list[Expression]:
    """Several letters."""
    return [symbol(label) for label in labels]


def numeral(number: float) -> Expression:
    """A number as it stands."""
    return _equations.number(number)


def equal(*sides: Expression) -> Expression:
    """x = y = ..."""
    return _joined(EQUAL, sides)


def plus(*terms: Expression) -> Expression:
    """x + y + ..., as they stand."""
    return _joined(PLUS, terms)


def _joined(sign: Op, formulas: Iterable[Expression]) -> Expression:
    return reduce(lambda x, y: x.apply(sign, (x, y)), formulas)


def defines(formula: Expression, name: Expression) -> Expression:
    """formula =: name. (The paper writes it the other way round, with ≜.)"""
    return formula.apply(DEFINES, (formula, name))


def becomes(x: Expression, y: Expression) -> Expression:
    """x ← y."""
    return x.apply(BECOMES, (x, y))


def hadamard(x: Expression, y: Expression) -> Expression:
    """x ∘ y, the product element by element, the paper's (33)."""
    return x.apply(HADAMARD, (x, y))


def partial(y: Expression, x: Expression) -> Expression:
    """∂y/∂x."""
    return y.apply(PARTIAL, (y, x))


def sum_over(index: str, upper: str, term: Expression) -> Expression:
    """Σ_{index=1}^{upper} term."""
    return term.apply(SUM_OVER, (term.trace.symbol(index), term.trace.symbol(upper), term))


def matrix_shape(n_rows: int, n_columns: int) -> Expression:
    """n_rows × n_columns, the shape of a matrix."""
    return numeral(n_rows).apply(CROSS, (numeral(n_rows), numeral(n_columns)))


def tuple_of(*items: Expression) -> Expression:
    """(x, y, ...)."""
    return items[0].apply(TUPLE, items)
