"""The reverse sweep on formulas: sums over paths, in the form in which code computes them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple

from engine import ops
from engine.derivatives.local_derivatives import formula_edges
from engine.guards import GuardedChainRule
from engine.sweep import Edge, nodes_with_path_to, reverse
from engine.symbolic.expression import Expression


class Contribution(NamedTuple):
    """A term of a sum over paths.

    Attributes:
        formula: The term.
        is_product: Whether it is the product of an upstream gradient and a local derivative. It is not if one of them
            is 1, if both are constants, or if it is selected by a condition.
    """

    formula: Expression
    is_product: bool


def contribution(formula: Expression, upstream: Expression, edge: Edge) -> Contribution:
    """The contribution that the chain rule made of an upstream gradient along an edge."""
    is_product = formula.op is ops.multiply and formula.inputs == (upstream, edge.local_derivative)
    return Contribution(formula, is_product)


def reverse_sweep(
    order: Sequence[Expression],
    wrt: Sequence[Expression],
    sum_rule: Callable[[Expression, list[Contribution]], Any],
    readers: dict[Expression, list[Expression]] | None = None,
) -> dict[Expression, Any]:
    """The reverse sweep from the last formula of an order, along the paths to `wrt`: a derivative for each on them.

    The nodes that read each node are appended to `readers`, in the order of their visits.
    """
    needed = nodes_with_path_to(wrt, order)
    if order[-1] not in needed:
        return {}
    guarded = GuardedChainRule(order, wrt, needed=needed)

    def edges_of(symbol: Expression) -> Iterable[Edge]:
        found = guarded.reachable_edges(symbol, formula_edges(symbol, needed))
        if readers is None:
            return found
        found = list(found)
        for edge in found:
            readers.setdefault(edge.input, []).append(symbol)
        return found

    def chain_rule(node: Expression, upstream: Expression, edge: Edge) -> Contribution:
        return contribution(guarded(node, upstream, edge), upstream, edge)

    seed = Contribution(order[-1].builder.constant(1.0), False)
    return reverse(order, edges_of, seed, chain_rule, sum_rule)


def sum_over_paths(contributions: Sequence[Contribution], start: Expression | None = None) -> Expression:
    """The sum over paths, in the order of their arrival. A sum of products is a `dot`: the paper's Σ_j δ_j w_ji.

    A `start` comes before them. Each product is added by fused multiply-add on machines that have it, so that the sum
    does not depend on which of the factors are known to be 1: 1 · x + y is x + y.
    """
    total = start
    for is_product, group in groupby(contributions, itemgetter(1)):
        terms = [term for term, _ in group]
        if is_product and (total is not None or len(terms) > 1):
            factors = [*[u.inputs[0] for u in terms], *[u.inputs[1] for u in terms]]
            total = terms[0].builder.make(ops.weighted_sum, (*factors, *([] if total is None else [total])))
        else:
            for term in terms:
                total = term if total is None else total + term
    assert total is not None
    return total
