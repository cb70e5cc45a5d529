"""The plan of a kernel: its results for each row and its uniform ones, its loops, and its memory layout."""

from __future__ import annotations

import operator
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce

from engine import ops
from engine.compiler.ir import IR, expand_operations
from engine.compiler.targets.llvm.basic_block import StoredResult
from engine.compiler.targets.llvm.layout import DotLoop, Layout, SumLoop
from engine.graph import depends_on, toposort
from engine.symbolic.expression import Expression

MAX_UNROLLED_TERMS = 16  # of a dot that is not a loop


@dataclass(frozen=True)
class Plan:
    """The work of a kernel, before it is lowered; made by `make_plan`.

    Attributes:
        layout: The memory layout.
        results_offset: The offset of the first result.
        n_results: The number of sums, or of values of a row.
        symbols: All expressions that are computed, in topological order.
        row_results, uniform_results: The results of each row, and those that are the same for all rows.
        dot_loops, sum_loops: The dots, and the sums over rows, that are loops.
    """

    layout: Layout
    results_offset: int
    n_results: int
    symbols: list[Expression]
    row_results: list[StoredResult]
    uniform_results: list[StoredResult]
    dot_loops: dict[Expression, DotLoop]
    sum_loops: list[SumLoop]

    @property
    def products_in_loops(self) -> int:
        """The number of products that the loops add."""
        return sum(loop.n for loop in self.dot_loops.values()) + sum(loop.n for loop in self.sum_loops)

    @property
    def is_mostly_loops(self) -> bool:
        """Whether the loops have more products than there are other operations."""
        if not self.products_in_loops:
            return False
        others = sum(bool(x.inputs) for x in self.symbols) - len(self.dot_loops) + len(self.row_results)
        return self.products_in_loops > others


def make_plan(ir: IR, *, summed: bool) -> Plan:
    """Plan a kernel for the sums over rows of values and derivatives, or for the values of each row."""
    new, order, layout, dot_loops = _lay_out(ir, ir.results() if summed else ir.values)
    n_results = 1 + len(ir.derivatives) if summed else len(ir.values)
    results_offset = (layout.uniform if summed else layout.slots).reserve(n_results)
    row_results, uniform_results = _partition_results(ir, new, layout.varying, summed)
    sum_loops = layout.sum_loops(row_results) if summed else []
    in_loops = {loop.first + i for loop in sum_loops for i in range(loop.n)}
    row_results = [result for result in row_results if result.position not in in_loops]
    if uniform_results or sum_loops:
        order = toposort(
            *(result.symbol for result in uniform_results + row_results),
            *(x for loop in sum_loops for x in (loop.u, *loop.factors)),
        )
        dot_loops = {x: dot_loops[x] for x in order if x in dot_loops}
    return Plan(layout, results_offset, n_results, order, row_results, uniform_results, dot_loops, sum_loops)


def _lay_out(
    ir: IR, results: Sequence[Expression]
) -> tuple[Mapping[Expression, Expression], list[Expression], Layout, dict[Expression, DotLoop]]:
    """The formulas of primitives for those of the IR, all of them in topological order, their layout, and its loops.

    Long dots that are not loops are split.
    """
    new = expand_operations(results)
    inputs, parameters = ([new.get(x) for x in leaves] for leaves in (ir.inputs, ir.parameters))

    def laid_out() -> tuple[list[Expression], Layout, dict[Expression, DotLoop]]:
        order = toposort(*[new[x] for x in results])
        layout = Layout(inputs, parameters, depends_on([x for x in inputs if x is not None], order))
        return order, layout, layout.dot_loops(order)

    order, layout, loops = laid_out()
    long = {x for x in order if x.op is ops.weighted_sum and len(x.inputs) > 2 * MAX_UNROLLED_TERMS and x not in loops}
    if long:
        shorter = split_dots([new[x] for x in results], long, MAX_UNROLLED_TERMS)
        new = {x: shorter[y] for x, y in new.items() if y in shorter}
        order, layout, loops = laid_out()
    return new, order, layout, loops


def split_dots(results: Sequence[Expression], long: set[Expression], terms: int) -> dict[Expression, Expression]:
    """Replace each dot of `long` by a chain of dots of at most `terms` terms, each of which starts from the last one.

    >>> from engine.symbolic.expression import ExpressionBuilder
    >>> from engine.symbolic.rewrites import exact
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
            weights, values, total = ops.dot_operands(inputs)
            for i in range(0, len(weights), terms):
                part = slice(i, i + terms)
                total = (symbol.builder.make(symbol.op, (*weights[part], *values[part], *total)),)
            [new[symbol]] = total
        elif changed.isdisjoint(symbol.inputs):
            new[symbol] = symbol
            continue
        else:
            new[symbol] = symbol.builder.make(symbol.op, tuple([new[x] for x in symbol.inputs]))
        changed.add(symbol)
    return new


def _partition_results(
    ir: IR, new: Mapping[Expression, Expression], varying: Collection[Expression], summed: bool
) -> tuple[list[StoredResult], list[StoredResult]]:
    """The results of each row, and those that are the same for all rows."""
    values = [new[value] for value in ir.values]
    if not summed:
        return [StoredResult(i, value) for i, value in enumerate(values)], []
    row_results: list[StoredResult] = []
    uniform_results: list[StoredResult] = []
    (row_results if values[0] in varying else uniform_results).append(StoredResult(0, values[0]))
    for k, derivative in enumerate(ir.derivatives, 1):
        terms = [new[term] for term in derivative.terms]
        uniform = [term for term in terms if term not in varying]  # both, if rewrites removed the inputs from per_row
        row_results.extend(StoredResult(k, term) for term in terms if term in varying)
        if uniform:
            uniform_results.append(StoredResult(k, reduce(operator.add, uniform)))
    return row_results, uniform_results
