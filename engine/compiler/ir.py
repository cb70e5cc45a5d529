"""The intermediate representation (IR) of a program: formulas of the values of a graph, and of their derivatives.

Formulas are made by an `ExpressionBuilder`, which folds constants and eliminates common subexpressions. Every target
lowers these formulas to its own language; differentiation has been done before.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from engine import ops
from engine.derivatives.local_derivatives import formula_edges
from engine.graph import depends_on, toposort
from engine.guards import GuardedChainRule
from engine.sweep import Edge, nodes_with_path_to, reverse
from engine.symbolic.expression import Expression, ExpressionBuilder
from engine.symbolic.rewrites import exact, fast_math
from engine.value import Value


class Derivative(NamedTuple):
    """A derivative as a sum of two terms, either of which may be missing.

    Attributes:
        per_row: The term that depends on the inputs: it is added up over the rows of a batch.
        per_batch: The term that does not, such as that of weight decay: it is multiplied by the number of rows.
    """

    per_row: Expression | None
    per_batch: Expression | None

    @property
    def terms(self) -> list[Expression]:
        """The terms that are not None."""
        return [term for term in self if term is not None]


@dataclass
class IR:
    """Formulas of the outputs of a graph, and of the derivatives of the first output; made by `build_ir`.

    Attributes:
        outputs: The nodes of the graph that are compiled.
        inputs, parameters: The symbols whose values are given for each row, and once for all rows.
        wrt: The symbols with respect to which the output is differentiated.
        values: A formula for each output.
        has_gradient: Whether there are derivatives.
        derivatives: One for each member of `wrt`, in its order, if there is a gradient.
        node_of: The node of the graph that a formula computes; of several equal nodes, one with a label.
        adjoints: For each formula of a derivative ∂E/∂u, those of inner nodes included: u, and the nodes that read it;
            empty for a graph without labels, which would name none of them.
    """

    outputs: Sequence[Value]
    inputs: list[Expression]
    parameters: list[Expression]
    wrt: list[Expression]
    values: list[Expression]
    node_of: dict[Expression, Value]
    has_gradient: bool = False
    derivatives: list[Derivative] = field(default_factory=list)
    adjoints: dict[Expression, tuple[Expression, list[Expression]]] = field(default_factory=dict)

    def results(self) -> list[Expression]:
        """The values, and the terms of the derivatives."""
        return [*self.values, *(term for derivative in self.derivatives for term in derivative.terms)]


def build_ir(
    outputs: Sequence[Value],
    inputs: Sequence[Value],
    wrt: Sequence[Value],
    *,
    gradient: bool,
    frozen: Mapping[Value, float] | None = None,
) -> IR:
    """Build the IR of a graph; with a `gradient`, it has the derivatives of the first output.

    `frozen` has the numbers of the leaves that are neither inputs nor in `wrt`, by default their present `data`.

    >>> x, w = Value(2.0, "x"), Value(3.0, "w")
    >>> ir = build_ir([w * x * x], [x], [w, x], gradient=True)
    >>> ir.values, ir.derivatives[0].per_row
    ([multiply(multiply(p0, x0), x0)], multiply(x0, x0))
    """
    builder = ExpressionBuilder(exact, expand=False)
    given = set(inputs)
    leaves: dict[Value, Expression] = {x: builder.symbol(f"x{i}") for i, x in enumerate(inputs)}
    leaves |= {p: builder.symbol(f"p{i}") for i, p in enumerate(p for p in wrt if p not in given)}
    symbols = _convert_graph(builder, outputs, leaves, frozen)
    node_of: dict[Expression, Value] = {}
    for node, symbol in symbols.items():
        if symbol not in node_of or (node.label and not node_of[symbol].label):
            node_of[symbol] = node
    ir = IR(
        outputs=outputs,
        inputs=[leaves[x] for x in inputs],
        parameters=list(leaves.values())[len(inputs) :],
        wrt=[leaves[x] for x in wrt],
        values=[symbols[output] for output in outputs],
        node_of=node_of,
    )
    if gradient:
        order = list(dict.fromkeys(symbols.values()))
        while order[-1] is not ir.values[0]:  # others may follow if it was simplified
            order.pop()
        _differentiate(ir, order)
    return ir


def _convert_graph(
    builder: ExpressionBuilder,
    outputs: Sequence[Value],
    leaves: Mapping[Value, Expression],
    frozen: Mapping[Value, float] | None,
) -> dict[Value, Expression]:
    """The formula of each node, in topological order. A leaf without a symbol in `leaves` is frozen to its number."""
    symbols = dict(leaves)
    make, constant = builder.make, builder.constant
    for node in toposort(*outputs):
        if inputs := node.inputs:
            symbols[node] = make(node.op, tuple([symbols[x] for x in inputs]))
        elif node not in leaves:
            symbols[node] = constant(node.data if frozen is None else frozen[node])
    return symbols


def _differentiate(ir: IR, order: Sequence[Expression]) -> None:
    """Run the reverse sweep on formulas in the order of their nodes, along the paths to `wrt`."""
    wrt, wanted = ir.wrt, set(ir.wrt)
    has_labels = any(node._label for node in ir.node_of.values())
    readers: dict[Expression, list[Expression]] = {}
    found: dict[Expression, list[Expression]] = {}

    def sum_rule(u: Expression, contributions: list[Expression]) -> Expression | None:
        if u in wanted:
            found[u] = contributions
        if not u.inputs:
            return None  # the derivatives with respect to leaves are made below, of two terms
        derivative = sum_over_paths(contributions)
        if has_labels:
            ir.adjoints.setdefault(derivative, (u, readers.get(u, [])))
        return derivative

    reverse_sweep(order, wrt, sum_rule, readers if has_labels else None)
    varying = depends_on(ir.inputs, ir.values[0].builder.operations()) if ir.inputs else ()
    for x in wrt:
        per_row = [term for term in found.get(x, ()) if term in varying]
        per_batch = [term for term in found.get(x, ()) if term not in varying]
        derivative = Derivative(*(sum_over_paths(terms) if terms else None for terms in (per_row, per_batch)))
        ir.derivatives.append(derivative)
        if has_labels and len(derivative.terms) == 1:
            ir.adjoints.setdefault(derivative.terms[0], (x, readers.get(x, [])))
    ir.has_gradient = True


def reverse_sweep(
    order: Sequence[Expression],
    wrt: Sequence[Expression],
    sum_rule: Callable[[Expression, list[Expression]], Any],
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

    return reverse(order, edges_of, order[-1].builder.constant(1.0), guarded, sum_rule)


def sum_over_paths(terms: list[Expression]) -> Expression:
    """The sum over paths, in the order of their arrival. A sum of products is a `dot`: the paper's Σ_j δ_j w_ji."""
    if len(terms) > 1 and all(term.op is ops.multiply for term in terms):
        factors = [term.inputs for term in terms]
        make = terms[0].builder.make
        return make(ops.weighted_sum, (*[u for u, _ in factors], *[local for _, local in factors]))
    total = terms[0]
    for term in terms[1:]:
        total = total + term
    return total


def split_dots(results: Sequence[Expression], long: set[Expression], terms: int) -> dict[Expression, Expression]:
    """Replace each dot of `long` by a chain of dots of at most `terms` terms, each of which starts from the last one.

    >>> builder = ExpressionBuilder(exact)
    >>> w, x = [[builder.symbol(f"{name}{i}") for i in range(3)] for name in ("w", "x")]
    >>> whole = builder.make(ops.weighted_sum, (*w, *x))
    >>> split_dots([whole], {whole}, 2)[whole]
    dot(w2, x2, dot(w0, w1, x0, x1))
    """
    new: dict[Expression, Expression] = {}
    changed: set[Expression] = set()
    for symbol in toposort(*results):
        if symbol in long:
            inputs = tuple([new[x] for x in symbol.inputs])
            n = len(inputs) // 2
            total = inputs[2 * n :]
            for i in range(0, n, terms):
                end = min(i + terms, n)
                total = (symbol.builder.make(symbol.op, (*inputs[i:end], *inputs[n + i : n + end], *total)),)
            [new[symbol]] = total
        elif changed.isdisjoint(symbol.inputs):
            new[symbol] = symbol
            continue
        else:
            new[symbol] = symbol.builder.make(symbol.op, tuple([new[x] for x in symbol.inputs]))
        changed.add(symbol)
    return new


def expand_operations(results: Sequence[Expression]) -> dict[Expression, Expression]:
    """Expand operations to primitives, and apply the fast rewrites. Map each formula to its replacement.

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
