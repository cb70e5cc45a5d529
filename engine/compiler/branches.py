"""Which parts of formulas are needed under which condition, and in what order that is known in time.

The branch of a choice that is not taken is not computed: it may have no value. A part that branches alone need has a
guard, the condition under which one of them is taken (see `engine.guards`), and is computed where it holds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from engine import ops
from engine.graph import toposort
from engine.guards import ALWAYS_MET, NEVER_MET, ConditionalEdge, Guard, Guards
from engine.op import Op, Selected
from engine.sweep import Condition
from engine.symbolic.expression import Expression

GuardedExpression = tuple[Expression, Guard]  # what to compute, and where
_FAULTLESS = {ops.variable, ops.constant, ops.add, ops.subtract, ops.multiply, ops.negate, ops.greater, ops.where}


def selectors(op: Op) -> dict[int, Selected]:
    """Which inputs of an operation are selected, and by which other."""
    return {i: presence for i, presence in enumerate(op.edges) if isinstance(presence, Selected)}


def has_choices(symbols: Iterable[Expression]) -> bool:
    """Whether there is an operation among these that selects between its inputs.

    >>> from engine.symbolic.rewrites import exact
    >>> from engine.symbolic.expression import ExpressionBuilder
    >>> x = ExpressionBuilder(exact).symbol("x")
    >>> has_choices([x.exp()]), has_choices([ops.where(x, x, 0.0)])
    (False, True)
    """
    return any(map(selectors, {symbol.op for symbol in symbols}))


def opposite(guard: Guard) -> Guard | None:
    """The guard that holds where another, a single condition, does not; None of one that is more than that."""
    conditions = [condition for way in guard for condition in way]
    return frozenset(frozenset([condition.opposite]) for condition in conditions) if len(conditions) == 1 else None


def _without_faults(order: Iterable[Expression]) -> set[Expression]:
    """The parts that have a value for all numbers: those made by sums, products and choices alone."""
    found: set[Expression] = set()
    for symbol in order:
        if symbol.op in _FAULTLESS and found.issuperset(symbol.inputs):
            found.add(symbol)
    return found


class _Part:
    """A part of formulas as a node whose inputs are all that must be known before it is computed."""

    def __init__(self, symbol: Expression) -> None:
        self.symbol = symbol
        self.inputs: tuple[_Part, ...] = ()


class Branches:
    """The guards of all parts of formulas, and the order in which they are computed.

    `is_choice` says of an operation whether only the selected one of its inputs is computed.

    Attributes:
        conditions: What is tested by any guard.
        definitions: Names of guards that are too long to be written more than once.
        is_ordered: Whether each part can be computed after all that tells where it is needed. It cannot where a
            condition is made from parts that are needed where it holds; then guards are of no use, and a part that
            branches alone need is computed, if it can be.
    """

    def __init__(self, results: Sequence[Expression], is_choice: Callable[[Op], bool]) -> None:
        self._is_choice = is_choice
        self.definitions: dict[Expression, Guard] = {}
        formulas = toposort(*results)
        self.guards = Guards(formulas, self._links, results, self._named)
        conditions = {node for symbol in formulas for node in self._tested(self.guards.of(symbol))}
        conditions.update(node for guard in self.definitions.values() for node in self._tested(guard))
        self._free = _without_faults(toposort(*conditions))
        tested = {symbol: self._tested(self.guard(symbol)) for symbol in formulas if symbol.inputs}
        tested |= {symbol: self._tested(guard) for symbol, guard in self.definitions.items()}
        self.conditions = {node for nodes in tested.values() for node in nodes}
        self._parts = {symbol: _Part(symbol) for symbol in [*formulas, *self.definitions]}
        for symbol, part in self._parts.items():
            part.inputs = tuple([self._parts[x] for x in (*symbol.inputs, *tested.get(symbol, ()))])
        order = toposort(*self._parts.values())
        place = {part: i for i, part in enumerate(order)}
        self.is_ordered = all(place[x] < place[part] for part in order for x in part.inputs)
        self._order = [part.symbol for part in order] if self.is_ordered else formulas

    def guard(self, symbol: Expression) -> Guard:
        """When a part is computed: where it is needed, but a part of a condition that always has a value, always."""
        return ALWAYS_MET if symbol in self._free or symbol in self.definitions else self.guards.of(symbol)

    def _links(self, symbol: Expression) -> Iterator[ConditionalEdge]:
        selected = selectors(symbol.op) if self._is_choice(symbol.op) else {}
        for i, x in enumerate(symbol.inputs):
            yield x, Condition(symbol.inputs[selected[i].by], selected[i].where) if i in selected else None

    def _named(self, guard: Guard) -> Expression:
        symbol = Expression(next(c.node for way in guard for c in way).builder, ops.variable, (), name="guard")
        self.definitions[symbol] = guard
        return symbol

    def _tested(self, guard: Guard) -> list[Expression]:
        return [condition.node for way in self.guards.sorted_conjunctions(guard) for condition in way]

    def with_conditions(self, symbols: Iterable[Expression]) -> list[Expression]:
        """These parts, and all that tells where they are needed."""
        return [part.symbol for part in toposort(*(self._parts[symbol] for symbol in symbols))]

    def steps(self, *groups: Sequence[Expression]) -> Iterator[list[GuardedExpression]]:
        """The steps that compute each group of parts, after the groups before it, with the guard of each.

        Each part has one step, after all that it needs; where that is in a later group, the part comes there.
        """
        order = [x for x in self._order if x.inputs or x in self.definitions]
        if self.is_ordered:
            order = [x for x in order if self.guard(x) != NEVER_MET]
        missing, waiting = set(order), {*self.definitions}
        for group in groups:
            waiting.update(group)
            found: list[GuardedExpression] = []
            for symbol in order:
                if symbol in waiting and symbol in missing:
                    needed = [part.symbol for part in self._parts[symbol].inputs] if self.is_ordered else symbol.inputs
                    if missing.isdisjoint(needed):
                        missing.discard(symbol)
                        found.append((symbol, self.guard(symbol)))
            yield found
