"""The matrix form of an equation in index form: the paper's Table 2 out of its Table 1.

A symbol with one index is a column vector, one with two a matrix; a sum over a shared index is a product of these:

    Σ_j w_ij z_j = W z        Σ_j δ_j w_ji = Wᵀ δ        w_i δ σ'(a_i) = (δ w) ∘ σ'(a)        δ_i z_j = δ zᵀ
"""

from __future__ import annotations

from dataclasses import replace

from engine import ops
from engine.labels import Label, Role, parse_label, role_of
from engine.symbolic.expression import Expression
from viz.math.equations import EQUAL, PARTIAL, SUM_OVER, hadamard, partial, transposed
from viz.math.index_form import INDEX_LETTERS


def to_matrix_form(formula: Expression) -> Expression:
    """The formula with vectors and matrices instead of symbols with indices.

    Derivatives have the shape of the variable, so the chain rule for a vector reads ∂E/∂z = (∂a/∂z)ᵀ ∂E/∂a; for a
    matrix it cannot be written so, and that side of an equation is left out. Raises ValueError for a sum or a product
    that is not a product of vectors and matrices.

    >>> from viz.math.equations import symbols, sum_over
    >>> from viz.math.formulas import format_formula
    >>> delta, w = symbols("delta_j^(2)", "w_ji^(2)")
    >>> print(format_formula(to_matrix_form(sum_over("j", "N_2", delta * w))))
    𝐖⁽²⁾ᵀ𝛅⁽²⁾
    """
    if not formula.inputs:
        return formula.builder.symbol(_bold_label(formula.name)) if formula.name else formula
    if formula.op is EQUAL and _is_chain_by_a_matrix(formula.inputs[1]):
        return to_matrix_form(formula.inputs[0])
    if formula.op is SUM_OVER:
        return _contract(formula.inputs[0].name, formula.inputs[2])
    if formula.op is ops.multiply:
        return _product(*formula.inputs)
    if formula.op in (ops.add, ops.subtract) and len({frozenset(_free_indices(x)) for x in formula.inputs}) > 1:
        raise ValueError(f"{formula} adds terms of different shapes")
    return formula.builder.make(formula.op, tuple(to_matrix_form(x) for x in formula.inputs))


def label_indices(label: str) -> str:
    """The indices of a label over which a sum can run: "ij" for w_ij^(2), "j" for w_1j^(2), none for E_n and N_k."""
    parsed = parse_label(label)
    return "".join(letter for letter in parsed.index_letters if letter in INDEX_LETTERS) if parsed else ""


def _bold_label(label: str, is_transposed: bool = False) -> str:
    """The label z_bold^(2) for z_i^(2), W_bold^(2) for w_ij^(2), and a label without an index unchanged."""
    parsed, n = parse_label(label), len(label_indices(label))
    if parsed is None or n == 0:
        return label
    letter = parsed.letter.upper() if n == 2 else parsed.letter
    above = (*parsed.superscript, Label("T")) if is_transposed else parsed.superscript
    return str(replace(parsed, letter=letter, bold=True, subscript=(), superscript=above))


def _free_indices(formula: Expression) -> set[str]:
    """The free indices of a formula: those that are not summed over."""
    if not formula.inputs:
        return set(label_indices(formula.name))
    if formula.op is SUM_OVER:
        return _free_indices(formula.inputs[2]) - {formula.inputs[0].name}
    return set().union(*(_free_indices(x) for x in formula.inputs))


def _product(x: Expression, y: Expression) -> Expression:
    """A product of scalars, of a scalar and a vector, of two vectors element by element, or their outer product."""
    if x.op is PARTIAL and y.op is PARTIAL:
        return _chain_rule(x, y)
    if y.op is SUM_OVER:  # a Σ stands last, but its product of matrices first, as in the paper's (38) and (39)
        x, y = y, x
    of_x, of_y = _free_indices(x), _free_indices(y)
    if not (of_x and of_y):
        return to_matrix_form(x) * to_matrix_form(y)
    if of_x == of_y and len(of_x) == 1:
        return hadamard(to_matrix_form(x), to_matrix_form(y))
    if len(of_x) == len(of_y) == 1:
        column, row = (x, y) if min(of_x) < min(of_y) else (y, x)
        if not row.inputs:
            return to_matrix_form(column) * row.builder.symbol(_bold_label(row.name, is_transposed=True))
    raise ValueError(f"{x} times {y} is not a product of matrices")


def _chain_rule(upstream: Expression, local: Expression) -> Expression:
    """The chain rule ∂E/∂a ∂a/∂z, which reads (∂a/∂z)ᵀ ∂E/∂a where a is a vector."""
    left, right = (partial(*map(to_matrix_form, x.inputs)) for x in (upstream, local))
    is_vector = bool(label_indices(local.inputs[0].name))
    return transposed(right) * left if is_vector else left * right


def _is_chain_by_a_matrix(formula: Expression) -> bool:
    """Whether the formula is ∂E/∂a ∂a/∂w_ij."""
    if formula.op is not ops.multiply:
        return False
    local = formula.inputs[1]
    return local.op is PARTIAL and len(label_indices(local.inputs[1].name)) == 2


def _contract(index: str, term: Expression) -> Expression:
    """The sum of the term over the index, as a product of a matrix and a vector or as the chain rule."""
    if term.op is ops.multiply:
        x, y = term.inputs
        if x.op is PARTIAL and y.op is PARTIAL:  # Σ_j ∂E/∂a_j ∂a_j/∂z_i
            return _chain_rule(x, y)
        for matrix, vector in sorted([(x, y), (y, x)], key=lambda pair: role_of(pair[0].name) is not Role.WEIGHT):
            of_matrix = label_indices(matrix.name)
            if index in of_matrix and label_indices(vector.name) == index:
                is_transposed = of_matrix.startswith(index)
                return matrix.builder.symbol(_bold_label(matrix.name, is_transposed)) * to_matrix_form(vector)
    raise ValueError(f"the sum over {index} of {term} is not a product of matrices")
