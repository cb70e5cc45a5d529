"""The index form of formulas that differ only in an index, in which the paper writes its tables.

δ₁w₁₁ + δ₂w₂₁ and δ₁w₁₂ + δ₂w₂₂ are both Σ_j δ_j w_ji, with i = 1 and i = 2. The form is found by comparing the formulas
of a graph, so it holds for each of them.
"""

from __future__ import annotations

import operator
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import reduce

from engine import ops
from engine.graph import toposort
from engine.labels import Label, parse_indexed, parse_label
from engine.symbolic.expression import Expression
from viz.math.equations import SUM_OVER, sum_over

INDEX_LETTERS = "ijmlpqrstuv"  # k is a layer and n a sample


def to_index_form(formulas: Sequence[Expression], letter: str) -> Expression | None:
    """The formula with the index `letter` that is each of these for 1, 2, ...; None if they differ in another way.

    >>> from viz.math.equations import symbols
    >>> to_index_form([w * z for w, z in [symbols("w_11^(1)", "x_1"), symbols("w_12^(1)", "x_2")]], "j")
    multiply(w_1j^(1), x_j)
    """
    first = formulas[0]
    if all(formula is first for formula in formulas):
        return first
    if any(formula.op is not first.op for formula in formulas):
        return None
    if not first.inputs:
        label = None if first.is_constant else _label_with_index([formula.name for formula in formulas], letter)
        return first.builder.symbol(label) if label else None
    is_sum = first.op is ops.add
    parts = [_terms(formula) if is_sum else formula.inputs for formula in formulas]
    if len(set(map(len, parts))) > 1:
        return None
    found = [to_index_form(column, letter) for column in zip(*parts, strict=True)]
    terms = [term for term in found if term is not None]
    if len(terms) < len(found):
        return None
    return _add(terms) if is_sum else first.builder.make(first.op, tuple(terms))


def _terms(formula: Expression) -> list[Expression]:
    """The terms of a sum, from left to right."""
    terms, left = [], [formula]
    while left:
        node = left.pop()
        if node.op is ops.add:
            left += reversed(node.inputs)
        else:
            terms.append(node)
    return terms


def _label_with_index(labels: Sequence[str], letter: str) -> str | None:
    """The label w_1j^(2) for w_11^(2), w_12^(2), ...: an index that counts 1, 2, ... becomes the letter."""
    parsed = [label for label in map(parse_indexed, labels) if label is not None]
    if len(parsed) < len(labels) or len({replace(label, subscript=()) for label in parsed}) > 1:
        return None
    counting = [str(n) for n in range(1, len(labels) + 1)]
    for is_split in (False, True):  # x_11 is unit 11, but w_11 leads to unit 1 from unit 1
        rows = [label.index_list(is_split) for label in parsed]
        if len({len(row) for row in rows}) > 1:
            continue
        columns = [list(column) for column in zip(*rows, strict=True)]
        if all(column == counting or len(set(column)) == 1 for column in columns):
            indices = [letter if column == counting else column[0] for column in columns]
            return str(parsed[0].with_indices(indices))
    return None


def to_sigma_notation(formula: Expression, letter: str, sizes: Mapping[str, int] | None = None) -> Expression:
    """The formula with each sum of like terms as a Σ over the index `letter`, or over another if that is in use.

    The upper limit is N_k if the terms are the units of layer k, which has `sizes["k"]` of them, else a number. Without
    `sizes`, the terms are taken to be the whole layer.

    >>> from viz.math.equations import symbols
    >>> from viz.math.formulas import format_formula
    >>> w, x, v, y = symbols("w_11^(2)", "z_1^(1)", "w_12^(2)", "z_2^(1)")
    >>> print(format_formula(to_sigma_notation(w * x + v * y, "j")))
    Σ(j = 1…N₁) w₁ⱼ⁽²⁾zⱼ⁽¹⁾
    """
    terms: dict[Expression, list[Expression]] = {}
    for node in toposort(formula):
        inputs = node.inputs
        if node.op is ops.add:
            terms[node] = terms[inputs[0]] + terms[inputs[1]]
        elif node.op is ops.weighted_sum:
            n = len(inputs) // 2
            bias = list(inputs[2 * n :])
            terms[node] = [w * z for w, z in zip(inputs[:n], inputs[n : 2 * n], strict=True)] + bias
        elif inputs:
            terms[node] = [node.builder.make(node.op, tuple(_sigma_or_sum(terms[x], letter, sizes) for x in inputs))]
        else:
            terms[node] = [node]
    return _sigma_or_sum(terms[formula], letter, sizes)


def _sigma_or_sum(terms: list[Expression], letter: str, sizes: Mapping[str, int] | None) -> Expression:
    """The sum of the terms, with a Σ of all or of all but the last, which may be a bias, if they are alike."""
    for n in (len(terms), len(terms) - 1):
        for size in range(1, n // 2 + 1):  # like terms may themselves be sums, of `size` terms
            if n % size:
                continue
            index = _unused_letter(letter, terms)
            groups = [_add(terms[i : i + size]) for i in range(0, n, size)]
            term = to_index_form(groups, index)
            if term is not None and term is not groups[0]:  # x + x does not have an index
                result = sum_over(index, _upper_limit(term, index, len(groups), sizes), term)
                return result + terms[-1] if n < len(terms) else result
    return _add(terms)


def _unused_letter(letter: str, terms: list[Expression]) -> str:
    """The letter, or another if that is an index of a sum or a label in these terms."""
    used = {term.inputs[0].name for term in toposort(*terms) if term.op is SUM_OVER} | index_letters(terms)
    return next(other for other in letter + INDEX_LETTERS[3:] if other not in used)


def index_letters(formulas: Iterable[Expression]) -> set[str]:
    """The letters among the indices of the labels in these formulas."""
    names = {leaf.name for leaf in toposort(*formulas)}
    return {letter for label in map(parse_indexed, names) if label for letter in label.index_letters}


def _add(terms: list[Expression]) -> Expression:
    return reduce(operator.add, terms)


def _upper_limit(term: Expression, letter: str, n: int, sizes: Mapping[str, int] | None) -> str:
    """The limit N_k if the n terms are the units of layer k, as with z_j^(k) and δ_j^(k), or of layer 0 with x_j."""
    for leaf in toposort(term):
        label = parse_label(leaf.name)
        if label and label.subscript == (Label(letter),):
            layer = label.layer_of_unit
            if layer and (sizes is None or sizes.get(layer) == n):
                return f"N_{layer}"
    return str(n)
