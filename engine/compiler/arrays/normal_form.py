"""Formulas as sums of products: the form in which those of one layer are alike, however they were written.

    dot(w_1, w_2, z_1, z_2, b) = (w_1 · z_1 + w_2 · z_2) + b

has three terms: two products and one formula. A sum, a product or a maximum that is read once, by a sum or a maximum,
is part of that; any other is a formula of its own. So a sum that was written with + is that which a `dot` is, and the
sweep's sums over paths, Σ_j δ_j w_ji, have this form too.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from engine import ops
from engine.compiler.arrays.chains import SCANS
from engine.graph import toposort
from engine.op import Op
from engine.symbolic.expression import Expression

Term = tuple[Expression, ...]  # one formula, or the two factors of a product
SUMS = (ops.add, ops.weighted_sum)
EXTREMES = (ops.maximum, ops.minimum)


class NormalForm:
    """The terms of the sums and extremes among formulas.

    Attributes:
        order: The operations that are not part of others, in topological order.
        constants: The constants.
        terms: The terms of each sum, and of each maximum and minimum.
        totals: The terms of each formula that is only summed over rows: the factors of a product.
        scanned: The operands of operations that can be in a chain.
    """

    def __init__(self, results: Iterable[Expression], totals: Sequence[Expression]) -> None:
        results = list(results)
        order = toposort(*results, *totals)
        uses = Counter([x for symbol in order for x in symbol.inputs])
        uses.update(results)
        uses.update(totals)
        self._products_of = find_products(order)
        for made in self._products_of.values():
            uses.update(made)
        self.terms: dict[Expression, list[Term]] = {}
        absorbed: set[Expression] = set()
        for symbol in order:
            op = symbol.op
            if op in SUMS or op in EXTREMES:
                self.terms[symbol] = self._join(symbol, uses, absorbed)
        self.totals: dict[Expression, list[Term]] = {}
        for symbol in totals:
            if uses[symbol] == 1 and (symbol.op is ops.multiply or symbol.op in SUMS):
                absorbed.add(symbol)
                self.totals[symbol] = self.terms.get(symbol) or [symbol.inputs]
            else:
                self.totals[symbol] = [(symbol,)]
        self.order = [symbol for symbol in order if symbol.inputs and symbol not in absorbed]
        self.constants = [symbol for symbol in order if symbol.is_constant]
        self.scanned: dict[Expression, Sequence[Expression]] = {}
        for symbol in self.order:
            if symbol.op in SCANS and absorbed.isdisjoint(symbol.inputs):
                self.scanned[symbol] = symbol.inputs

    def operands(self, symbol: Expression) -> Iterable[Expression]:
        """The formulas that one reads, those of its terms if it is a sum or an extreme."""
        return [x for term in self.terms[symbol] for x in term] if symbol in self.terms else symbol.inputs

    def _join(self, symbol: Expression, uses: Counter[Expression], absorbed: set[Expression]) -> list[Term]:
        """The terms of a sum or an extreme, with those of the summands that nothing else reads."""
        terms: list[Term] = []
        summands: Sequence[Expression] = symbol.inputs
        if symbol.op is ops.weighted_sum:
            made = self._products_of.get(symbol)
            terms = [(x,) for x in made] if made else pairs(symbol)
            _, _, summands = ops.dot_operands(summands)
        for x in summands:
            if uses[x] > 1 or not _is_part(x.op, symbol.op):
                terms.append((x,))
                continue
            absorbed.add(x)
            parts = [x.inputs] if x.op is ops.multiply else self.terms.pop(x)
            if len(parts) > len(terms):  # the longer list is extended, so that a chain of sums takes linear time
                terms, parts = parts, terms
            terms.extend(parts)
        return terms


def find_products(order: Sequence[Expression]) -> dict[Expression, list[Expression]]:
    """The products of each dot, where all are formulas that have been computed before, as the δ_i in Σ_i δ_i."""
    products: dict[Term, Expression] = {}
    found = {}
    for symbol in order:
        if symbol.op is ops.multiply:
            products[symbol.inputs] = symbol
        elif symbol.op is ops.weighted_sum and all(pair in products for pair in pairs(symbol)):
            found[symbol] = [products[pair] for pair in pairs(symbol)]
    return found


def pairs(symbol: Expression) -> list[Term]:
    """The factors of the products of a dot."""
    weights, values, _ = ops.dot_operands(symbol.inputs)
    return list(zip(weights, values, strict=True))


def _is_part(inner: Op, outer: Op) -> bool:
    """Whether the terms of an operation, read by another alone, are terms of that."""
    return inner is outer if outer in EXTREMES else inner is ops.multiply or inner in SUMS
