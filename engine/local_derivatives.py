"""Local derivatives as graphs of `Value`s, simplified where inputs are constants: of x**2, 2 x."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from functools import lru_cache

from engine.graph import toposort
from engine.op import DomainError, Op, Selected
from engine.sweep import IDENTITY, ConditionTest, Edge, IdentityMapping, derivative_error, edge_inputs, edges
from engine.symbolic.expression import Expression, ExpressionBuilder
from engine.symbolic.rewrites import exact
from engine.value import Value


def graph_edges(node: Value, to: Collection[Value], is_met: ConditionTest | None = None) -> Iterator[Edge]:
    """The edges of a node that lead `to` some nodes, with graphs as local derivatives; see `edge_inputs` for `is_met`.

    >>> x = Value(3.0, "x")
    >>> [edge] = graph_edges(x**2.0, {x})
    >>> edge.local_derivative.op, edge.local_derivative.data
    (<operation multiply(x, y)>, 6.0)
    """
    if not _has_branches(node.op) or all(x.known is None for x in node.inputs):
        yield from edges(node, IDENTITY, to, is_met)
        return
    formulas = _derivative_formulas(node.op, tuple([None if x.known is None else x.known.hex() for x in node.inputs]))
    for i, x, when in edge_inputs(node, is_met):
        if i in formulas and x in to:
            yield Edge(x, _build_derivative(formulas[i], node), i, when)


@lru_cache(maxsize=250)
def _has_branches(op: Op) -> bool:
    """Whether the derivatives of an operation choose by its inputs, so that constants may simplify them."""
    if op.arity is None:
        return False
    builder = ExpressionBuilder(exact, expand=False)
    z = Expression(builder, op, tuple(builder.symbol(f"x{i}") for i in range(op.arity)))
    derivatives = [
        edge.local_derivative for edge in edges(z, IDENTITY) if isinstance(edge.local_derivative, Expression)
    ]
    operations = {part.op for part in toposort(*derivatives) if part is not z}
    return any(isinstance(presence, Selected) for other in operations for presence in other.edges)


@lru_cache(maxsize=250)
def _derivative_formulas(op: Op, known: tuple[str | None, ...]) -> dict[int, list[Expression]]:
    """Map the index of an input to the topologically sorted formula of the local derivative with respect to it.

    `known[i]` is input i as float.hex, or None if it is not a constant. Empty if the result is a constant, as of x**0.
    """
    builder = ExpressionBuilder(exact, expand=False)
    inputs = [builder.symbol(f"x{i}") if x is None else builder.constant(float.fromhex(x)) for i, x in enumerate(known)]
    if builder.make(op, tuple(inputs)).is_constant:
        return {}
    z = Expression(builder, op, tuple(inputs))
    derivatives = {edge.i: edge.local_derivative for edge in edges(z, IdentityMapping({z: builder.symbol("z")}))}
    return {i: toposort(y if isinstance(y, Expression) else builder.constant(y)) for i, y in derivatives.items()}


def _build_derivative(parts: Sequence[Expression], node: Value) -> Value | float:
    """A local derivative of a node, given as a sorted formula, as a graph, or as a number."""
    named = {"z": node} | {f"x{i}": x for i, x in enumerate(node.inputs)}
    found: dict[Expression, Value | float] = {}
    try:
        for part in parts:
            if part.inputs:
                found[part] = part.op(*[found[x] for x in part.inputs])
            else:
                found[part] = part.value if part.is_constant else named[part.name]
    except DomainError as error:
        raise derivative_error(node, node.inputs) from error
    return found[parts[-1]]
