"""A finished graph as formulas of its inputs and parameters: its values, and the gradient, which is a graph as well.

Formulas are made by an `ExpressionBuilder`, which folds constants and shares equal parts. Every backend prints these
formulas, each in its own language, and none differentiates.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import NamedTuple

from engine import ops
from engine.graph import depends_on, toposort
from engine.guards import GuardedChainRule
from engine.sweep import IDENTITY, Edge, edges, nodes_with_path_to, reverse
from engine.symbolic.expression import Expression, ExpressionBuilder
from engine.symbolic.rewrites import exact, fast_math
from engine.value import Value


class Derivative(NamedTuple):
    """A derivative as a sum of two parts, either of which may be missing.

    Attributes:
        per_row: The part that depends on the inputs: over many rows, it is added up.
        per_batch: The part that does not, that of weight decay for example: it is multiplied by the number of rows.
    """

    per_row: Expression | None
    per_batch: Expression | None

    @property
    def parts(self) -> list[Expression]:
        """The parts that are there."""
        return [part for part in self if part is not None]


@dataclass
class IR:
    """The values of a graph and the derivatives of the first of them, as formulas; made by `build_ir`.

    Attributes:
        inputs, parameters: The symbols of what is given for each row, and once for all rows.
        wrt: The symbols to differentiate by.
        values: A formula for each output.
        has_gradient: Whether there are derivatives.
        derivatives: One for each member of `wrt`, in its order, if there is a gradient.
        meaning: What a symbol stands for in the graph: the node, one of those with a label if there is any.
        adjoints: For each formula of a derivative ∂E/∂u that was found on the way: u, and the nodes that read it.
    """

    inputs: list[Expression]
    parameters: list[Expression]
    wrt: list[Expression]
    values: list[Expression]
    meaning: dict[Expression, Value]
    has_gradient: bool = False
    derivatives: list[Derivative] = field(default_factory=list)
    adjoints: dict[Expression, tuple[Expression, list[Expression]]] = field(default_factory=dict)

    def results(self) -> list[Expression]:
        """All formulas that a gradient needs: the values, and the parts of the derivatives."""
        return [*self.values, *(part for derivative in self.derivatives for part in derivative.parts)]


def build_ir(outputs: Sequence[Value], inputs: Sequence[Value], wrt: Sequence[Value], *, gradient: bool) -> IR:
    """The formulas of a graph: of the values of its outputs, and with a gradient, of the derivatives of the first.

    >>> x, w = Value(2.0, "x"), Value(3.0, "w")
    >>> ir = build_ir([w * x * x], [x], [w, x], gradient=True)
    >>> ir.values, ir.derivatives[0].per_row
    ([multiply(multiply(p0, x0), x0)], multiply(x0, x0))
    """
    builder = ExpressionBuilder(exact, expand=False)
    known = set(inputs)
    named: dict[Value, Expression] = {x: builder.symbol(f"x{i}") for i, x in enumerate(inputs)}
    named |= {p: builder.symbol(f"p{i}") for i, p in enumerate(p for p in wrt if p not in known)}
    symbols = _read(builder, outputs, named)
    ir = IR(
        inputs=[named[x] for x in inputs],
        parameters=list(named.values())[len(inputs) :],
        wrt=[named[x] for x in wrt],
        values=[symbols[output] for output in outputs],
        meaning=_meaning(symbols),
    )
    if gradient:
        _differentiate(ir, builder)
    return ir


def _read(
    builder: ExpressionBuilder, outputs: Sequence[Value], named: Mapping[Value, Expression]
) -> dict[Value, Expression]:
    """The symbol of each node of the graph. A leaf that is not named is frozen to its number."""
    symbols = dict(named)
    make, number = builder.make, builder.constant
    for node in toposort(*outputs):
        if node not in named:
            inputs = node.inputs
            symbols[node] = make(node.op, tuple([symbols[x] for x in inputs])) if inputs else number(node.data)
    return symbols


def _meaning(symbols: Mapping[Value, Expression]) -> dict[Expression, Value]:
    meaning: dict[Expression, Value] = {}
    for node, symbol in symbols.items():
        before = meaning.get(symbol)
        if before is None or (node.label and not before.label):
            meaning[symbol] = node
    return meaning


def _differentiate(ir: IR, builder: ExpressionBuilder) -> None:
    """The reverse sweep on formulas. What is not asked for is not differentiated by."""
    output, wrt = ir.values[0], ir.wrt
    order = toposort(output)
    asked = nodes_with_path_to(wrt, order)
    readers: dict[Expression, list[Expression]] = {}
    found: dict[Expression, list[Expression]] = {}
    wanted, guarded = set(wrt), GuardedChainRule(order, wrt, asked=asked)

    def total(u: Expression, contributions: list[Expression]) -> Expression | None:
        if u in wanted:
            found[u] = contributions
        if not u.inputs:
            return None  # nothing is made of it but the parts that follow below
        derivative = _total(contributions)
        ir.adjoints.setdefault(derivative, (u, readers.get(u, [])))
        return derivative

    def edges_of(symbol: Expression) -> Iterator[Edge]:
        for edge in guarded.passable(symbol, edges(symbol, IDENTITY, asked)):
            readers.setdefault(edge.input, []).append(symbol)
            yield edge

    if output in asked:
        reverse(order, edges_of, builder.constant(1.0), guarded, total)
    varying = depends_on(ir.inputs, toposort(*chain.from_iterable(found.values())))
    for x in wrt:
        parts = found.get(x, [])
        per_row = [part for part in parts if part in varying]
        per_batch = [part for part in parts if part not in varying]
        derivative = Derivative(*(_total(part) if part else None for part in (per_row, per_batch)))
        ir.derivatives.append(derivative)
        if len(derivative.parts) == 1:
            ir.adjoints.setdefault(derivative.parts[0], (x, readers.get(x, [])))
    ir.has_gradient = True


def _total(terms: list[Expression]) -> Expression:
    """A sum over paths. One of products alone is a `dot`, as the paper's Σ_j δ_j w_ji is."""
    terms = terms[::-1]  # they were found from the last reader to the first
    if len(terms) > 1 and all(term.op is ops.multiply for term in terms):
        factors = [term.inputs for term in terms]
        make = terms[0].builder.make
        return make(ops.weighted_sum, (*[u for u, _ in factors], *[local for _, local in factors]))
    total = terms[0]
    for term in terms[1:]:
        total = total + term
    return total


def split_dots(results: Sequence[Expression], long: set[Expression], terms: int) -> dict[Expression, Expression]:
    """The same formulas with the long dots among them cut into dots of so many terms, each going on from the last.

    >>> builder = ExpressionBuilder(exact)
    >>> w, x = [[builder.symbol(f"{name}{i}") for i in range(3)] for name in ("w", "x")]
    >>> whole = builder.make(ops.weighted_sum, (*w, *x))
    >>> split_dots([whole], {whole}, 2)[whole]
    dot(w2, x2, dot(w0, w1, x0, x1))
    """
    new: dict[Expression, Expression] = {}
    for symbol in toposort(*results):
        inputs = tuple([new[x] for x in symbol.inputs])
        if symbol in long:
            n = len(inputs) // 2
            total = inputs[2 * n :]
            for i in range(0, n, terms):
                end = min(i + terms, n)
                total = (symbol.builder.make(symbol.op, (*inputs[i:end], *inputs[n + i : n + end], *total)),)
            [new[symbol]] = total
        else:
            new[symbol] = symbol.builder.make(symbol.op, inputs) if inputs else symbol
    return new


def expand_operations(results: Sequence[Expression]) -> dict[Expression, Expression]:
    """The primitives that formulas are made of, shared and rewritten for machines; by the symbols that they replace.

    >>> x = ExpressionBuilder(exact, expand=False).symbol("x")
    >>> expand_operations([x.relu() ** 2])[x.relu()]
    where(greater(0.0, x), 0.0, x)
    """
    builder = ExpressionBuilder(fast_math)
    new: dict[Expression, Expression] = {}
    for symbol in toposort(*results):
        if symbol.inputs:
            new[symbol] = builder.make(symbol.op, tuple([new[x] for x in symbol.inputs]))
        else:
            new[symbol] = builder.constant(symbol.value) if symbol.is_constant else builder.symbol(symbol.name)
    return new
