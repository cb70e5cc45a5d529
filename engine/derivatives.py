"""Derivatives as results: numbers, or graphs that can be differentiated again."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Any

from engine import anomaly, ops
from engine.backprop import backpropagate, make_floats
from engine.graph import toposort
from engine.guards import GuardedChainRule
from engine.op import DomainError, Op, Selected
from engine.sweep import (
    IDENTITY,
    Edge,
    IdentityMapping,
    derivative_error,
    edge_inputs,
    edges,
    nodes_with_path_to,
    reverse,
)
from engine.symbolic.expression import Expression, ExpressionBuilder
from engine.symbolic.rewrites import exact
from engine.value import Value

BRANCH = (
    "it stands in a branch of where that is not taken, but the graph of a derivative has both: guard the argument"
    " of the operation, not its result, as in where(c, x, 1.0).sqrt()"
)


def grad(output: Value, inputs: Iterable[Value] | Value, create_graph: bool = False) -> list[Any]:
    """The derivatives d(output)/d(x) for each x in inputs; `grad` is not changed.

    They are floats, or with `create_graph` they are `Value`s: the graph of the derivative, which can be drawn and
    differentiated again. A single input gives a list of one. An input that the output does not depend on has the
    derivative 0. A graph of derivatives selects by `where` among the branches of a `where`, so that it stays right when
    it is recomputed on the other side; so both branches must have derivatives.
    Raises TypeError if `inputs` is not a sequence of `Value`s, and DomainError as `backward` does.

    >>> from engine import Value
    >>> x = Value(2.0, "x")
    >>> [first] = grad(x**4, [x], create_graph=True)
    >>> first.data, grad(first, [x])
    (32.0, [48.0])
    """
    wanted = [inputs] if isinstance(inputs, Value) else list(inputs)
    for x in (output, *wanted):
        if not isinstance(x, Value):
            raise TypeError(f"grad takes an output and the Values to differentiate with respect to, not {x!r}")
    order = toposort(output)
    if not create_graph:
        pending = backpropagate(order, wanted)
        return [pending.get(x, 0.0) for x in wanted]
    graph = _as_graph(order, wanted)
    return [graph[x] if x in graph else _constant(0.0) for x in wanted]


def _as_graph(order: Sequence[Value], wanted: Sequence[Value]) -> dict[Value, Value]:
    """The reverse sweep on `Value`s: each of its products and sums becomes a node."""
    watch = anomaly.current_watch()
    make_floats(node for node in order if not node.inputs)
    if watch:
        watch.before_sweep(order)
    needed = nodes_with_path_to(wanted, order)
    if order[-1].op is ops.constant or order[-1] not in needed:
        return {}
    for op in {node.op for node in order if node.inputs}:
        op.check_rules()  # a rule that calls `math.exp` would cut the graph
    chain = GuardedChainRule(order, wanted, needed=needed)

    def edges_of(node: Value) -> Iterator[Edge]:
        try:
            yield from chain.reachable_edges(node, _simplified_edges(node, needed))
        except DomainError as error:
            raise error if chain.reaches(node) else DomainError(f"{error}; {BRANCH}") from error

    return reverse(order, edges_of, _constant(1.0), chain)


def _simplified_edges(node: Value, needed: Collection[Value]) -> Iterator[Edge]:
    """The edges of a node, with graphs as local derivatives, simplified for constant inputs: for x**2, 2 x."""
    if not _has_branches(node.op) or all(x.known is None for x in node.inputs):
        yield from edges(node, IDENTITY, needed)
        return
    formulas = _derivative_formulas(node.op, tuple([None if x.known is None else x.known.hex() for x in node.inputs]))
    for i, x, when in edge_inputs(node):
        if i in formulas and x in needed:
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


def _constant(number: float) -> Value:
    """A number as a node; as a variable, `compile` would take it for one of the user's."""
    node = Value(number)
    node.op = ops.constant
    return node
