"""Local derivatives as formulas, simplified where inputs are constants: of x**2, 2 x."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from functools import lru_cache
from typing import Any, NamedTuple

from engine.graph import toposort
from engine.op import NEVER, DomainError, Op, Selected
from engine.sweep import IDENTITY, ConditionTest, Edge, derivative_error, edge_inputs, edges, local_derivative
from engine.symbolic.expression import Expression, ExpressionBuilder
from engine.symbolic.rewrites import exact
from engine.value import Value

Known = tuple[str | None, ...]  # each input as float.hex, or None if it is not a constant


class DerivativeFormula(NamedTuple):
    """The local derivative of an operation with respect to one input, found by running its rule once.

    Places are those in the list of the output of the operation, its inputs, the constants, and the results of the
    steps.

    Attributes:
        constants: The constants.
        steps: Operations, each with the places of its operands.
        place: The place of the derivative.
        has_branches: Whether it chooses by the inputs, so that constants among these may simplify it.
    """

    constants: list[float]
    steps: list[tuple[Op, list[int]]]
    place: int
    has_branches: bool

    def of(self, z: Any, make: Callable[[Op, tuple[Any, ...]], Any], constant: Callable[[float], Any]) -> Any:
        """The local derivative of a node; `make` applies an operation to parts of it, `constant` makes a number one."""
        parts = [z, *z.inputs]
        if self.constants:
            parts += map(constant, self.constants)
        for op, places in self.steps:
            parts.append(make(op, tuple([parts[i] for i in places])))
        return parts[self.place]


def graph_edges(node: Value, to: Collection[Value], is_met: ConditionTest | None = None) -> Iterator[Edge]:
    """The edges of a node that lead `to` some nodes, with graphs as local derivatives; see `edge_inputs` for `is_met`.

    >>> x = Value(3.0, "x")
    >>> [edge] = graph_edges(x**2.0, {x})
    >>> edge.local_derivative.op, edge.local_derivative.data
    (<operation multiply(x, y)>, 6.0)
    """
    op = node.op
    if all(x.known is None for x in node.inputs) or not _has_branches(op):
        yield from edges(node, IDENTITY, to, is_met)
        return
    known = _known_inputs(node)
    if _is_constant(op, known):
        return
    for i, x, when in edge_inputs(node, is_met):
        if x in to:
            try:
                derivative = _formula(op, i, known).of(node, lambda op, inputs: op(*inputs), float)
            except DomainError as error:
                raise derivative_error(node, node.inputs) from error
            yield Edge(x, derivative, i, when)


def formula_edges(symbol: Expression, to: Collection[Expression]) -> Iterator[Edge]:
    """The edges of an expression that lead `to` some others, with expressions as local derivatives.

    >>> x = ExpressionBuilder(exact).symbol("x")
    >>> [edge] = formula_edges(x**2.0, {x})
    >>> edge.local_derivative
    multiply(2.0, x)
    """
    op, builder = symbol.op, symbol.builder
    for i, x, when in edge_inputs(symbol):
        if x in to:
            if op.arity is None:
                derivative = local_derivative(symbol, i, symbol, symbol.inputs)
            else:
                formula = _formula(op, i)
                if formula.has_branches:
                    formula = _formula(op, i, _known_inputs(symbol))
                derivative = formula.of(symbol, builder.make, builder.constant)
            yield Edge(x, derivative, i, when)


def _known_inputs(node: Any) -> Known:
    return tuple([None if x.known is None else x.known.hex() for x in node.inputs])


@lru_cache(maxsize=250)
def _has_branches(op: Op) -> bool:
    """Whether a derivative of an operation chooses by its inputs."""
    return any(_formula(op, i).has_branches for i in range(op.arity or 0) if op.presence(i) is not NEVER)


@lru_cache(maxsize=250)
def _is_constant(op: Op, known: Known) -> bool:
    """Whether the result of an operation on these inputs is a constant, as of x**0."""
    builder = ExpressionBuilder(exact, expand=False)
    return builder.make(op, _operands(builder, known)).is_constant


@lru_cache(maxsize=250)
def _formula(op: Op, i: int, known: Known = ()) -> DerivativeFormula:
    """The local derivative with respect to input i; by default, no input is known to be a constant."""
    builder = ExpressionBuilder(exact, expand=False)
    inputs, z = _operands(builder, known or (None,) * (op.arity or 0)), builder.symbol("z")
    derivative = local_derivative(Expression(builder, op, inputs), i, z, inputs)
    if not isinstance(derivative, Expression):
        derivative = builder.constant(derivative)
    order = toposort(derivative)
    places = {part: place for place, part in reversed([*enumerate([z, *inputs])])}
    constants = [part for part in order if part.is_constant and part not in places]
    steps = [part for part in order if part.inputs]
    places |= {part: place for place, part in enumerate([*constants, *steps], 1 + len(inputs))}
    return DerivativeFormula(
        [part.value for part in constants],
        [(part.op, [places[x] for x in part.inputs]) for part in steps],
        places[derivative],
        any(isinstance(presence, Selected) for part in steps for presence in part.op.edges),
    )


def _operands(builder: ExpressionBuilder, known: Known) -> tuple[Expression, ...]:
    """Symbols, and numbers for the inputs that are known."""
    numbers = enumerate(known)
    return tuple([builder.symbol(f"x{i}") if x is None else builder.constant(float.fromhex(x)) for i, x in numbers])
