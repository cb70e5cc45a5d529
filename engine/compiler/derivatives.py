"""Derivatives as programs without a gradient: the formulas of a program's derivatives, as the values of another IR.

A formula is differentiated as the graph is, by the sweeps of `engine.sweep` over expressions. Formulas of one program
are made by one builder, so that all entries of a Jacobian or a Hessian share their common subexpressions. A matrix has
entries where a path leads from an output to a member of `wrt`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import reduce
from operator import add
from typing import Any

from engine import ops
from engine._support.cached_property import CachedProperty
from engine.compiler.formula_sweep import reverse_sweep, sum_over_paths
from engine.compiler.ir import IR
from engine.derivatives.local_derivatives import formula_edges
from engine.derivatives.modes import Vector, cheaper_mode, entrywise
from engine.graph import toposort
from engine.guards import tangent_rules
from engine.sweep import ChainRule, Edge, Edges, nodes_with_path_to, tangents
from engine.symbolic.expression import Expression

Matrix = Mapping[tuple[int, int], Expression]  # by row and column; 0 elsewhere


class LazyFormulas(Sequence[Expression]):
    """A known number of formulas, which are made when one is asked for."""

    def __init__(self, n: int, make: Callable[[], Iterable[Expression]]) -> None:
        self._n, self._make = n, make

    @CachedProperty
    def _made(self) -> list[Expression]:
        return list(self._make())

    def __len__(self) -> int:
        return self._n

    def __getitem__(self, i: Any) -> Any:
        return self._made[i]


def formula_program(ir: IR, formulas: Iterable[Expression], directions: Iterable[Expression] = ()) -> IR:
    """The IR whose values are these formulas, with further inputs, the `directions`."""
    inputs = [*ir.inputs, *directions]
    return replace(ir, inputs=inputs, values=list(formulas), has_gradient=False, nodes=(), repetition=None)


def gradient_program(ir: IR, wrt: Sequence[Expression]) -> IR:
    """The IR whose values are the single output and its derivatives, which are made when they are asked for."""
    values = LazyFormulas(1 + len(wrt), lambda: [ir.values[0], *gradient(ir, wrt)])
    return replace(ir, values=values, has_gradient=False, slopes=wrt)


def gradient(ir: IR, wrt: Sequence[Expression]) -> list[Expression]:
    """The derivatives of the single output of a program that has a gradient.

    >>> from engine import Value
    >>> from engine.compiler.ir import build_ir
    >>> x, w = Value(2.0, "x"), Value(3.0, "w")
    >>> ir = build_ir([w * x * x], [x], [w, x], gradient=True)
    >>> gradient(ir, ir.inputs), hessian(ir, ir.inputs)
    ([dot(x0, p0, multiply(p0, x0))], {(0, 0): add(p0, p0)})
    """
    zero, terms = ir.values[0].builder.constant(0.0), dict(zip(ir.wrt, ir.derivatives, strict=True))
    return [reduce(add, terms[x].terms) if terms[x].terms else zero for x in wrt]


def jacobian(ir: IR, wrt: Sequence[Expression]) -> Matrix:
    """∂output i/∂wrt[j], by forward or reverse mode, whichever visits fewer edges."""
    if ir.has_gradient:
        return _without_zeros({(0, j): entry for j, entry in enumerate(gradient(ir, wrt))})
    if cheaper_mode(ir.values, wrt, toposort(*ir.values)) == "forward":
        return _tangent_vectors(ir.values, wrt)
    found: dict[tuple[int, int], Expression] = {}
    for i, output in enumerate(ir.values):
        slopes = reverse_sweep(toposort(output), wrt, lambda _, terms: sum_over_paths(terms))
        found |= {(i, j): slopes[x] for j, x in enumerate(wrt) if x in slopes}
    return _without_zeros(found)


def hessian(ir: IR, wrt: Sequence[Expression]) -> Matrix:
    """∂²output/∂wrt[i]∂wrt[j], symmetric: a forward sweep over the gradient, of which the lower triangle is made."""
    lower = _tangent_vectors(gradient(ir, wrt), wrt, triangle=True)
    return {place: entry for (i, j), entry in lower.items() for place in ((i, j), (j, i))}


def jvp(ir: IR, wrt: Sequence[Expression], v: Sequence[Expression]) -> list[Expression]:
    """The Jacobian times v: the tangent of each output, by a forward sweep."""
    return _tangents(ir.values, wrt, v)


def hvp(ir: IR, wrt: Sequence[Expression], v: Sequence[Expression]) -> list[Expression]:
    """The Hessian times v: the tangents of the gradient (forward over reverse)."""
    return _tangents(gradient(ir, wrt), wrt, v)


def vjp(ir: IR, wrt: Sequence[Expression], v: Sequence[Expression]) -> list[Expression]:
    """v times the Jacobian: the gradient of Σ v_i · output i, by a reverse sweep."""
    builder = v[0].builder
    total = v[0] * ir.values[0] if len(v) == 1 else builder.make(ops.weighted_sum, (*v, *ir.values))
    slopes = reverse_sweep(toposort(total), wrt, lambda _, terms: sum_over_paths(terms))
    return [slopes.get(x, builder.constant(0.0)) for x in wrt]


def _tangents(formulas: Sequence[Expression], wrt: Sequence[Expression], v: Sequence[Expression]) -> list[Expression]:
    order = toposort(*formulas)
    found = tangents(order, _edges_to(wrt, order), dict(zip(wrt, v, strict=True)), *tangent_rules())
    return [found.get(formula, formula.builder.constant(0.0)) for formula in formulas]


def _tangent_vectors(formulas: Sequence[Expression], wrt: Sequence[Expression], triangle: bool = False) -> Matrix:
    """∂formula i/∂wrt[j] by a forward sweep whose tangents are vectors; of a `triangle`, the entries with j ≤ i."""
    order = toposort(*formulas)
    chain_rule, sum_rule = entrywise(*tangent_rules())
    if triangle:
        chain_rule = _lower_triangle(chain_rule, _last_readers(formulas, order))
    seeds = {x: {j: x.builder.constant(1.0)} for j, x in enumerate(wrt)}
    found = tangents(order, _edges_to(wrt, order), seeds, chain_rule, sum_rule)
    entries = (((i, j), entry) for i, formula in enumerate(formulas) for j, entry in found.get(formula, {}).items())
    return _without_zeros({(i, j): entry for (i, j), entry in entries if j <= i or not triangle})


def _lower_triangle(chain_rule: ChainRule, last: Mapping[Expression, int]) -> ChainRule:
    """The chain rule for vectors without the entries that only formulas of lower indices would have."""

    def chain_rule_of_triangle(node: Any, vector: Vector, edge: Edge) -> Any:
        return chain_rule(node, {j: entry for j, entry in vector.items() if j <= last[node]}, edge)

    return chain_rule_of_triangle


def _last_readers(formulas: Sequence[Expression], order: Sequence[Expression]) -> dict[Expression, int]:
    """The index of the last formula that each node of the order is part of."""
    last = {formula: i for i, formula in enumerate(formulas)}
    for node in reversed(order):
        for x in node.inputs:
            last[x] = max(last.get(x, -1), last[node])
    return last


def _edges_to(wrt: Sequence[Expression], order: Sequence[Expression]) -> Edges:
    needed = nodes_with_path_to(wrt, order)
    return lambda symbol: formula_edges(symbol, needed)


def _without_zeros(entries: Matrix) -> Matrix:
    return {place: entry for place, entry in entries.items() if entry.known != 0.0}
