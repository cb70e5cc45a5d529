"""The matrix form of an equation in index form: the paper's Table 2 out of its Table 1.

What has one index is a column vector, what has two a matrix; a sum over a shared index is a product of these:

    Σ_j w_ij z_j = W z        Σ_j δ_j w_ji = Wᵀ δ        w_i δ σ'(a_i) = (δ w) ∘ σ'(a)        δ_i z_j = δ zᵀ
"""

from __future__ import annotations

from dataclasses import replace

from engine import ops
from engine.trace import Symbol
from viz import notation
from viz.equation import PARTIAL, TOTAL, hadamard, partial


def in_matrices(formula: Symbol) -> Symbol:
    """The formula with vectors and matrices instead of what has indices.

    Raises ValueError for a sum that is no product of matrices.

    >>> from viz.equation import symbols, total
    >>> from viz.formula import to_text
    >>> delta, w = symbols("delta_j^(2)", "w_ji^(2)")
    >>> print(to_text(in_matrices(total("j", "N_2", delta * w))))
    𝐖⁽²⁾ᵀ𝛅⁽²⁾
    """
    if not formula.inputs:
        return formula.trace.symbol(_bold(formula.name)) if formula.name else formula
    if formula.op is TOTAL:
        return _summed(formula.inputs[0].name, formula.inputs[2])
    if formula.op is ops.multiply:
        return _product(*formula.inputs)
    return formula.trace.make(formula.op, tuple(in_matrices(x) for x in formula.inputs))


def _indices(label: str) -> str:
    """The letters among a label's indices; numbers are no indices to sum over."""
    symbol = notation.parse(label)
    return "".join(item.letter for item in symbol.subscript if item.letter.isalpha()) if symbol else ""


def _bold(label: str, is_transposed: bool = False) -> str:
    """z_i^(2) → z_bold^(2), w_ij^(2) → W_bold^(2); what has no index stays."""
    symbol, n = notation.parse(label), len(_indices(label))
    if symbol is None or n == 0:
        return label
    letter = symbol.letter.upper() if n == 2 else symbol.letter
    above = symbol.superscript + (notation.Symbol("T"),) * is_transposed
    return notation.label_of(replace(symbol, letter=letter, bold=True, subscript=(), superscript=above))


def _free(formula: Symbol) -> set[str]:
    """The indices of a formula that are not summed over."""
    if not formula.inputs:
        return set(_indices(formula.name))
    if formula.op is TOTAL:
        return _free(formula.inputs[2]) - {formula.inputs[0].name}
    return set().union(*(_free(x) for x in formula.inputs))


def _product(x: Symbol, y: Symbol) -> Symbol:
    """Of scalars, of a scalar and a vector, of two vectors with the same index, or of two that make a matrix."""
    left, right = in_matrices(x), in_matrices(y)
    of_x, of_y = _free(x), _free(y)
    if x.op is PARTIAL or not (of_x and of_y):
        return left * right
    if of_x == of_y:
        return hadamard(left, right)
    return left * y.trace.symbol(_bold(y.name, is_transposed=True))


def _summed(index: str, term: Symbol) -> Symbol:
    if term.op is ops.multiply:
        x, y = term.inputs
        if x.op is PARTIAL:  # Σ_j ∂E/∂a_j ∂a_j/∂z_i
            return partial(*map(in_matrices, x.inputs)) * partial(*map(in_matrices, y.inputs))
        for matrix, vector in sorted([(x, y), (y, x)], key=lambda pair: not pair[0].name.startswith("w")):
            indices = _indices(matrix.name)
            if index in indices and _indices(vector.name) == index:
                is_transposed = indices.startswith(index)
                return matrix.trace.symbol(_bold(matrix.name, is_transposed)) * in_matrices(vector)
    raise ValueError(f"the sum over {index} of {term} is no product of matrices")
