"""The guards of expressions, and an order of evaluation in which each guard is known when it is needed.

The branch of a `where` that is not taken is not computed, since it may not have a value. An expression that only
branches need has a guard, the condition under which one of them is taken (see `engine.guards`), and is computed where
the guard holds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from engine import ops
from engine.graph import toposort
from engine.guards import ALWAYS_MET, NEVER_MET, ConditionalEdge, Guard, Guards
from engine.op import Op, Selected
from engine.sweep import Condition
from engine.symbolic.expression import Expression

GuardedExpression = tuple[Expression, Guard]
# Total functions: they have a value for all numbers.
_TOTAL = {ops.variable, ops.constant, ops.add, ops.subtract, ops.multiply, ops.negate, ops.greater, ops.where}


def selectors(op: Op) -> dict[int, Selected]:
    """The inputs of an operation that are selected, and the input that selects each."""
    return {i: presence for i, presence in enumerate(op.edges) if isinstance(presence, Selected)}


def has_choices(symbols: Iterable[Expression]) -> bool:
    """Whether any of the operations selects between its inputs.

    >>> from engine.symbolic.rewrites import exact
    >>> from engine.symbolic.expression import ExpressionBuilder
    >>> x = ExpressionBuilder(exact).symbol("x")
    >>> has_choices([x.exp()]), has_choices([ops.where(x, x, 0.0)])
    (False, True)
    """
    return any(map(selectors, {symbol.op for symbol in symbols}))


def negation(guard: Guard) -> Guard | None:
    """The negation of a guard that is a single condition; None for any other guard."""
    conditions = [condition for conjunction in guard for condition in conjunction]
    return frozenset(frozenset([condition.opposite]) for condition in conditions) if len(conditions) == 1 else None


class _GuardedNode:
    """An expression as a node whose inputs include the conditions of its guard."""

    def __init__(self, symbol: Expression) -> None:
        self.symbol = symbol
        self.inputs: tuple[_GuardedNode, ...] = ()


class Branches:
    """The guards of all expressions in some formulas, and the order in which they are computed.

    `is_choice` tells whether an operation computes only the selected one of its inputs.

    Attributes:
        conditions: The expressions that guards test.
        definitions: Symbols for guards that are too long to be written more than once.
        is_ordered: Whether each expression can be computed after the conditions of its guard. It cannot if a condition
            depends on expressions that are guarded by it; then expressions that only branches need are computed
            unconditionally, and their errors are caught.
    """

    def __init__(self, results: Sequence[Expression], is_choice: Callable[[Op], bool]) -> None:
        self._is_choice = is_choice
        self.definitions: dict[Expression, Guard] = {}
        formulas = toposort(*results)
        self.guards = Guards(formulas, self._edges_of, results, self._define)
        self._unguarded = self._total_conditions(formulas)
        tested = {symbol: self._tested_by(self.guard(symbol)) for symbol in formulas if symbol.inputs}
        tested |= {symbol: self._tested_by(guard) for symbol, guard in self.definitions.items()}
        self.conditions = {node for nodes in tested.values() for node in nodes}
        # Sorted as a graph in which an expression also reads the conditions of its guard; it may have cycles.
        self._nodes = {symbol: _GuardedNode(symbol) for symbol in [*formulas, *self.definitions]}
        for symbol, node in self._nodes.items():
            node.inputs = tuple([self._nodes[x] for x in (*symbol.inputs, *tested.get(symbol, ()))])
        order = toposort(*self._nodes.values())
        position = {node: i for i, node in enumerate(order)}
        self.is_ordered = all(position[x] < position[node] for node in order for x in node.inputs)
        self._order = [node.symbol for node in order] if self.is_ordered else formulas

    def _total_conditions(self, formulas: Iterable[Expression]) -> set[Expression]:
        """The conditions, and parts of them, that have a value for all numbers, so that they are computed unguarded."""
        guards = [*map(self.guards.of, formulas), *self.definitions.values()]
        found: set[Expression] = set()
        for symbol in toposort(*{node for guard in guards for node in self._tested_by(guard)}):
            if symbol.op in _TOTAL and found.issuperset(symbol.inputs):
                found.add(symbol)
        return found

    def guard(self, symbol: Expression) -> Guard:
        """The guard of an expression; a subexpression of a condition that always has a value is always computed."""
        return ALWAYS_MET if symbol in self._unguarded or symbol in self.definitions else self.guards.of(symbol)

    def _edges_of(self, symbol: Expression) -> Iterator[ConditionalEdge]:
        selected = selectors(symbol.op) if self._is_choice(symbol.op) else {}
        for i, x in enumerate(symbol.inputs):
            yield x, Condition(symbol.inputs[selected[i].by], selected[i].where) if i in selected else None

    def _define(self, guard: Guard) -> Expression:
        """A symbol for a guard that is too long to be repeated."""
        symbol = Expression(
            next(c.node for conjunction in guard for c in conjunction).builder, ops.variable, (), name="guard"
        )
        self.definitions[symbol] = guard
        return symbol

    def _tested_by(self, guard: Guard) -> list[Expression]:
        """The nodes of a guard's conditions."""
        return [node for conjunction in self.guards.sorted_conjunctions(guard) for node, _ in conjunction]

    def with_conditions(self, symbols: Iterable[Expression]) -> list[Expression]:
        """These expressions and the conditions of their guards, in topological order."""
        return [node.symbol for node in toposort(*(self._nodes[symbol] for symbol in symbols))]

    def schedule(self, *groups: Sequence[Expression]) -> Iterator[list[GuardedExpression]]:
        """The expressions of each group with their guards, in the order in which they are computed.

        Each is scheduled once, after all that it depends on, and if that is in a later group, with that group. A leaf
        is known from its group on, or from the beginning if it is in none.
        """
        order = [x for x in self._order if x.inputs or x in self.definitions]
        if self.is_ordered:
            order = [x for x in order if self.guard(x) != NEVER_MET]
        leaves = [{x for x in group if not x.inputs and x not in self.definitions} for group in groups]
        missing, waiting = set(order).union(*leaves), {*self.definitions}
        for group, known in zip(groups, leaves, strict=True):
            waiting.update(group)
            missing -= known
            found: list[GuardedExpression] = []
            for symbol in order:
                if symbol in waiting and symbol in missing:
                    inputs = self._nodes[symbol].inputs
                    needed = [x.symbol for x in inputs] if self.is_ordered else symbol.inputs
                    if missing.isdisjoint(needed):
                        missing.discard(symbol)
                        found.append((symbol, self.guard(symbol)))
            yield found
