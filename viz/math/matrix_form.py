"""The matrix form of an equation in index form: the paper's Table 2 out of its Table 1.

What has one index is a column vector, what has two a matrix; a sum over a shared index is a product of these:

    Σ_j w_ij z_j = W z        Σ_j δ_j w_ji = Wᵀ δ        w_i δ σ'(a_i) = (δ w) ∘ σ'(a)        δ_i z_j = δ zᵀ
"""

from __future__ import annotations

from dataclasses import replace

from engine import ops
from engine.labels import Label, Role, parse_label, role_of
from engine.symbolic.expression import Expression
from viz.math.equations import EQUAL, PARTIAL, SUM_OVER, hadamard, partial

INDICES = frozenset("ijlmpqrstuv")  # k is a layer and n a sample: E_n and N_k are no vectors


def to_matrix_form(formula: Expression) -> Expression:
    """The formula with vectors and matrices instead of what has indices.

    Derivatives are written as columns and matrices in the shape of what they are by, so the chain rule by a vector
    reads ∂E/∂z = (∂a/∂z)ᵀ ∂E/∂a; by a matrix it has no such form, and that side of an equation is left out.
    Raises ValueError for a sum or a product that is none of matrices.

    >>> from viz.math.equations import symbols, sum_over
    >>> from viz.math.formulas import format_formula
    >>> delta, w = symbols("delta_j^(2)", "w_ji^(2)")
    >>> print(format_formula(to_matrix_form(sum_over("j", "N_2", delta * w))))
    𝐖⁽²⁾ᵀ𝛅⁽²⁾
    """
    if not formula.inputs:
        return formula.builder.symbol(_bold(formula.name)) if formula.name else formula
    if formula.op is EQUAL and _is_chain_by_a_matrix(formula.inputs[1]):
        return to_matrix_form(formula.inputs[0])
    if formula.op is SUM_OVER:
        return _summed(formula.inputs[0].name, formula.inputs[2])
    if formula.op is ops.multiply:
        return _product(*formula.inputs)
    if formula.op in (ops.add, ops.subtract) and len({frozenset(_free(x)) for x in formula.inputs}) > 1:
        raise ValueError(f"{formula} adds what has different shapes")
    return formula.builder.make(formula.op, tuple(to_matrix_form(x) for x in formula.inputs))


def label_indices(label: str) -> str:
    """The letters among a label's indices that may be summed over: "ij" for w_ij^(2), "j" for w_1j^(2)."""
    parsed = parse_label(label)
    return "".join(letter for letter in parsed.index_letters if letter in INDICES) if parsed else ""


def _bold(label: str, is_transposed: bool = False) -> str:
    """z_i^(2) → z_bold^(2), w_ij^(2) → W_bold^(2); what has no index stays."""
    parsed, n = parse_label(label), len(label_indices(label))
    if parsed is None or n == 0:
        return label
    letter = parsed.letter.upper() if n == 2 else parsed.letter
    above = (*parsed.superscript, Label("T")) if is_transposed else parsed.superscript
    return str(replace(parsed, letter=letter, bold=True, subscript=(), superscript=above))


def _free(formula: Expression) -> set[str]:
    """The indices of a formula that are not summed over."""
    if not formula.inputs:
        return set(label_indices(formula.name))
    if formula.op is SUM_OVER:
        return _free(formula.inputs[2]) - {formula.inputs[0].name}
    return set().union(*(_free(x) for x in formula.inputs))


def _product(x: Expression, y: Expression) -> Expression:
    """Of scalars, of a scalar and a vector, of two vectors with the same index, or of two that make a matrix."""
    if x.op is PARTIAL and y.op is PARTIAL:
        return _chain(x, y)
    of_x, of_y = _free(x), _free(y)
    if not (of_x and of_y):
        return to_matrix_form(x) * to_matrix_form(y)
    if of_x == of_y and len(of_x) == 1:
        return hadamard(to_matrix_form(x), to_matrix_form(y))
    if len(of_x) == len(of_y) == 1:
        column, row = (x, y) if min(of_x) < min(of_y) else (y, x)
        if not row.inputs:
            return to_matrix_form(column) * row.builder.symbol(_bold(row.name, is_transposed=True))
    raise ValueError(f"{x} times {y} is no product of matrices")


def _chain(upstream: Expression, local: Expression) -> Expression:
    """∂E/∂a ∂a/∂z: where a is a vector, the columns conform as (∂a/∂z)ᵀ ∂E/∂a."""
    left, right = (partial(*map(to_matrix_form, x.inputs)) for x in (upstream, local))
    is_vector = bool(label_indices(local.inputs[0].name))
    return right ** local.builder.symbol("T") * left if is_vector else left * right


def _is_chain_by_a_matrix(formula: Expression) -> bool:
    """Whether it is ∂E/∂a ∂a/∂w_ij."""
    if formula.op is not ops.multiply:
        return False
    local = formula.inputs[1]
    return local.op is PARTIAL and len(label_indices(local.inputs[1].name)) == 2


def _summed(index: str, term: Expression) -> Expression:
    if term.op is ops.multiply:
        x, y = term.inputs
        if x.op is PARTIAL and y.op is PARTIAL:  # Σ_j ∂E/∂a_j ∂a_j/∂z_i
            return _chain(x, y)
        for matrix, vector in sorted([(x, y), (y, x)], key=lambda pair: role_of(pair[0].name) is not Role.WEIGHT):
            of_matrix = label_indices(matrix.name)
            if index in of_matrix and label_indices(vector.name) == index:
                is_transposed = of_matrix.startswith(index)
                return matrix.builder.symbol(_bold(matrix.name, is_transposed)) * to_matrix_form(vector)
    raise ValueError(f"the sum over {index} of {term} is no product of matrices")
