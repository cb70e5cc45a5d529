"""The index form: what like formulas have in common.

δ₁w₁₁ + δ₂w₂₁ and δ₁w₁₂ + δ₂w₂₂ are both Σ_j δ_j w_ji, with i = 1 and i = 2. The paper writes its tables so; here it is
found by comparing the formulas of a real graph, so nothing is said in general that does not hold for each unit.
"""

from __future__ import annotations

import operator
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import reduce

from engine import ops
from engine.graph import toposort
from engine.trace import Symbol
from viz import notation
from viz.equation import TOTAL, total

LETTERS = "jlnpqrstuv"  # for sums within sums


def in_general(formulas: Sequence[Symbol], letter: str) -> Symbol | None:
    """The formula with the index `letter` that is the n-th of these where the index is n; None if there is none.

    >>> from viz.equation import symbols
    >>> in_general([w * z for w, z in [symbols("w_11^(1)", "x_1"), symbols("w_12^(1)", "x_2")]], "j")
    multiply(w_1j^(1), x_j)
    """
    first = formulas[0]
    if all(formula is first for formula in formulas):
        return first
    if any(formula.op is not first.op or len(formula.inputs) != len(first.inputs) for formula in formulas):
        return None
    if not first.inputs:
        label = None if first.is_number else _general_label([formula.name for formula in formulas], letter)
        return first.trace.symbol(label) if label else None
    inputs = [in_general(column, letter) for column in zip(*(formula.inputs for formula in formulas), strict=True)]
    if None in inputs:
        return None
    return first.trace.make(first.op, tuple(x for x in inputs if x is not None))


def _general_label(labels: Sequence[str], letter: str) -> str | None:
    """w_1j^(2) for w_11^(2), w_12^(2), ...: the index that counts from 1 up becomes the letter."""
    symbols = [symbol for symbol in map(notation.parse, labels) if symbol is not None]
    if len(symbols) < len(labels) or len({replace(symbol, subscript=()) for symbol in symbols}) > 1:
        return None
    counting = [str(n) for n in range(1, len(labels) + 1)]
    for is_split in (False, True):  # x_11 is unit 11, but w_11 is from unit 1 to unit 1
        rows = [_index_list(symbol, is_split) for symbol in symbols]
        if len({len(row) for row in rows}) > 1:
            continue
        columns = [list(column) for column in zip(*rows, strict=True)]
        if all(column == counting or len(set(column)) == 1 for column in columns):
            indices = [letter if column == counting else column[0] for column in columns]
            return notation.label_of(replace(symbols[0], subscript=_subscript(indices)))
    return None


def _index_list(symbol: notation.Symbol, is_split: bool) -> list[str]:
    """11,j → 11 and j; 1j → 1 and j; and if numbers are to be split, 12 → 1 and 2, where no comma says otherwise."""
    letters = [item.letter for item in symbol.subscript]
    if "," in letters:
        return "".join(letters).split(",")
    return [index for letter in letters for index in (letter if is_split else [letter])]


def _subscript(indices: list[str]) -> tuple[notation.Symbol, ...]:
    """The indices in a row, with commas between them if one is above 9."""
    comma = "," if len(indices) > 1 and any(len(index) > 1 for index in indices) else ""
    found = notation.parse(f"w_{{{comma.join(indices)}}}")
    return found.subscript if found else ()


def folded(formula: Symbol, letter: str) -> Symbol:
    """The formula with each sum of like terms as a Σ over the index `letter`.

    >>> from viz.equation import symbols
    >>> from viz.formula import to_text
    >>> w, x, v, y = symbols("w_11^(2)", "z_1^(1)", "w_12^(2)", "z_2^(1)")
    >>> print(to_text(folded(w * x + v * y, "j")))
    Σ_{j=1}^{N₁} w₁ⱼ⁽²⁾zⱼ⁽¹⁾
    """
    terms: dict[Symbol, list[Symbol]] = {}
    for symbol in toposort(formula):
        inputs = symbol.inputs
        if symbol.op is ops.add:
            terms[symbol] = terms[inputs[0]] + terms[inputs[1]]
        elif symbol.op is ops.weighted_sum:
            n = len(inputs) // 2
            bias = list(inputs[2 * n :])
            terms[symbol] = [w * z for w, z in zip(inputs[:n], inputs[n : 2 * n], strict=True)] + bias
        elif inputs:
            terms[symbol] = [symbol.trace.make(symbol.op, tuple(_sum(terms[x], letter) for x in inputs))]
        else:
            terms[symbol] = [symbol]
    return _sum(terms[formula], letter)


def _sum(terms: list[Symbol], letter: str) -> Symbol:
    """All terms as one Σ, or all but the last, which may be a bias; else as they are."""
    for n in (len(terms), len(terms) - 1):
        for size in range(1, n // 2 + 1):  # what is alike may itself be a sum, of so many terms
            if n % size == 0:
                letter = _unused(letter, terms)
                term = in_general([_added(terms[i : i + size]) for i in range(0, n, size)], letter)
                if term is not None:
                    whole = total(letter, _upper(term, letter) or str(n // size), term)
                    return whole + terms[-1] if n < len(terms) else whole
    return _added(terms)


def _unused(letter: str, terms: list[Symbol]) -> str:
    """The letter, or another one if a sum inside these terms has it."""
    used = {term.inputs[0].name for term in toposort(*terms) if term.op is TOTAL}
    return next(other for other in letter + LETTERS if other not in used)


def _added(terms: list[Symbol]) -> Symbol:
    return reduce(operator.add, terms)


def _upper(term: Symbol, letter: str) -> str | None:
    """N_k, the number of units in the layer of what is summed up: that of z_j^(k), of δ_j^(k); of x_j, N_0."""
    for symbol in indices_of(term, letter):
        if symbol.letter == "x" and not symbol.superscript:
            return "N_0"
        layer = "".join(index.letter for index in symbol.superscript).strip("()")
        if layer and symbol.letter in "azδ":
            return f"N_{layer}"
    return None


def indices_of(formula: Symbol, letter: str) -> Iterator[notation.Symbol]:
    """The names in a formula that have this index alone."""
    for leaf in toposort(formula):
        symbol = notation.parse(leaf.name)
        if symbol and symbol.subscript == (notation.Symbol(letter),):
            yield symbol
