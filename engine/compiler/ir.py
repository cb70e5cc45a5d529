"""The intermediate representation (IR) of a program: formulas of the values of a graph, and of their derivatives.

Formulas are made by an `ExpressionBuilder`, which folds constants and eliminates common subexpressions. Every target
lowers these formulas to its own language; differentiation has been done before.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

from engine._support.cached_property import CachedProperty
from engine.compiler.formula_sweep import Contribution, reverse_sweep, sum_over_paths
from engine.compiler.garbage_collection import garbage_collection_paused
from engine.compiler.repetition.data import separate_data
from engine.compiler.repetition.formulas import read_formulas
from engine.compiler.repetition.segments import Repetition
from engine.graph import depends_on, toposort
from engine.labels import delta_label
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


class Gradient(NamedTuple):
    """The derivatives of an IR.

    Attributes:
        derivatives: One for each member of `wrt`, in its order.
        adjoints: For each formula of a derivative ∂E/∂u, those of inner nodes included: u, and the nodes that read it;
            empty for a graph without labels, which would name none of them. Of several u it is one with a δ, or else
            the last.
    """

    derivatives: list[Derivative]
    adjoints: dict[Expression, tuple[Expression, list[Expression]]]


@dataclass
class IR:
    """Formulas of the outputs of a graph, and of the derivatives of the first output; made by `build_ir`.

    Attributes:
        outputs: The nodes of the graph that are compiled.
        inputs, parameters: The symbols whose values are given for each row, and once for all rows.
        wrt: The symbols with respect to which the output is differentiated.
        values: A formula for each output.
        node_of: The node of the graph that a formula computes; of several equal nodes, one with a label.
        has_gradient: Whether there are derivatives.
        nodes: All formulas that the outputs are made from, in topological order.
        repetition: The nodes as loops; None for formulas of derivatives.
        slopes: The symbols such that `values` are a value and its derivatives with respect to them; None for others.
    """

    outputs: Sequence[Value]
    inputs: list[Expression]
    parameters: list[Expression]
    wrt: list[Expression]
    values: Sequence[Expression]
    node_of: dict[Expression, Value]
    has_gradient: bool = False
    nodes: Sequence[Expression] = ()
    repetition: Repetition | None = None
    slopes: Sequence[Expression] | None = None

    @CachedProperty
    def gradient(self) -> Gradient:
        """The derivatives; of a large graph are made when they are first asked for."""
        with garbage_collection_paused():
            return _differentiate(self) if self.has_gradient else Gradient([], {})

    @property
    def derivatives(self) -> list[Derivative]:
        """The derivatives with respect to the members of `wrt`."""
        return self.gradient.derivatives

    @property
    def adjoints(self) -> dict[Expression, tuple[Expression, list[Expression]]]:
        """The formulas that the formulas of derivatives are derivatives of, and their readers."""
        return self.gradient.adjoints

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
    order: Sequence[Value] | None = None,
) -> IR:
    """Build the IR of a graph; with a `gradient`, it has the derivatives of the first output.

    `frozen` has the numbers of the leaves that are neither inputs nor in `wrt`, by default their present `data`.
    `order` is the topological order of the graph, if it is known.

    >>> x, w = Value(2.0, "x"), Value(3.0, "w")
    >>> ir = build_ir([w * x * x], [x], [w, x], gradient=True)
    >>> ir.values, ir.derivatives[0].per_row
    ([multiply(multiply(p0, x0), x0)], multiply(x0, x0))
    """
    builder = ExpressionBuilder(exact, expand=False)
    given = set(inputs)
    leaves: dict[Value, Expression] = {x: builder.symbol(f"x{i}") for i, x in enumerate(inputs)}
    leaves |= {p: builder.symbol(f"p{i}") for i, p in enumerate(p for p in wrt if p not in given)}
    order = order or toposort(*outputs)
    frozen = frozen or {x: x.data for x in order if not x.inputs and x not in leaves}
    symbols = _convert_graph(builder, order, leaves, frozen)
    node_of = {symbol: node for node, symbol in reversed(symbols.items())}
    for node, symbol in symbols.items():
        if node._label and not node_of[symbol]._label:
            node_of[symbol] = node
    ir = IR(
        outputs=outputs,
        inputs=[leaves[x] for x in inputs],
        parameters=list(leaves.values())[len(inputs) :],
        wrt=[leaves[x] for x in wrt],
        values=[symbols[output] for output in outputs],
        node_of=node_of,
        has_gradient=gradient,
    )
    formulas = read_formulas(symbols, outputs)
    ir.nodes = formulas.order
    separate = partial(separate_data, order, outputs, leaves, ir.inputs, ir.parameters, frozen)
    ir.repetition = Repetition(formulas, ir.inputs, ir.parameters, separate)
    if not ir.repetition.is_possible:
        _ = ir.gradient  # now, since a rule may raise an error
    return ir


def _convert_graph(
    builder: ExpressionBuilder,
    order: Sequence[Value],
    leaves: Mapping[Value, Expression],
    frozen: Mapping[Value, float],
) -> dict[Value, Expression]:
    """The formula of each node, in topological order. A leaf without a symbol in `leaves` is frozen to its number."""
    symbols = dict(leaves)
    make, constant = builder.make, builder.constant
    for node in order:
        if inputs := node.inputs:
            symbols[node] = make(node.op, tuple([symbols[x] for x in inputs]))
        elif node not in leaves:
            symbols[node] = constant(frozen[node])
    return symbols


def _differentiate(ir: IR) -> Gradient:
    """Run the reverse sweep on formulas in the order of their nodes, along the paths to `wrt`."""
    wrt, wanted = ir.wrt, set(ir.wrt)
    has_labels = any(node._label for node in ir.node_of.values())
    readers: dict[Expression, list[Expression]] = {}
    found: dict[Expression, list[Contribution]] = {}
    made = Gradient([], {})

    def has_delta(u: Expression) -> bool:
        return u in ir.node_of and delta_label(ir.node_of[u].label) is not None

    def sum_rule(u: Expression, contributions: list[Contribution]) -> Expression | None:
        if u in wanted:
            found[u] = contributions
        if not u.inputs:
            return None  # the derivatives with respect to leaves are made below, of two terms
        derivative = sum_over_paths(contributions)
        if has_labels and (derivative not in made.adjoints or has_delta(u)):
            made.adjoints[derivative] = u, readers.get(u, [])
        return derivative

    reverse_sweep(ir.nodes, wrt, sum_rule, readers if has_labels else None)
    varying = depends_on(ir.inputs, ir.values[0].builder.operations()) if ir.inputs else ()
    for x in wrt:
        terms = found.get(x, ())
        split = [[term for term in terms if (term.formula in varying) is varies] for varies in (True, False)]
        if split[0] and not ir.parameters:
            split = [list(terms), []]  # those that are the same for all rows are constants
        derivative = Derivative(*(sum_over_paths(part) if part else None for part in split))
        made.derivatives.append(derivative)
        if has_labels and len(derivative.terms) == 1:
            made.adjoints.setdefault(derivative.terms[0], (x, readers.get(x, [])))
    return made


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
