"""Which parts of formulas are needed under which condition, and in what order that is known in time.

The branch of a choice that is not taken is not computed: it may have no value. A part that branches alone need has a
guard, the condition under which one of them is taken (see `engine.guards`), and is computed where it holds.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import starmap

from engine import ops
from engine.graph import toposort
from engine.guards import ALWAYS, Guard, Guards, Link, Way
from engine.op import Op, Selected
from engine.sweep import Condition
from engine.symbolic import Expression

Step = tuple[Expression, Guard]  # what to compute, and where


def selectors(op: Op) -> dict[int, Selected]:
    """Which inputs of an operation are selected, and by which other."""
    return {i: presence for i, presence in enumerate(op.edges) if isinstance(presence, Selected)}


def has_choices(symbols: Iterable[Expression]) -> bool:
    """Whether there is an operation among these that selects between its inputs.

    >>> from engine.rewrites import exact
    >>> from engine.symbolic import Trace
    >>> x = Trace(exact).symbol("x")
    >>> has_choices([x.exp()]), has_choices([ops.where(x, x, 0.0)])
    (False, True)
    """
    return any(map(selectors, {symbol.op for symbol in symbols}))


def opposite(guard: Guard) -> Guard | None:
    """The guard that holds where another, a single condition, does not; None of one that is more than that."""
    conditions = [condition for way in guard for condition in way]
    return frozenset(frozenset([c._replace(holds=not c.holds)]) for c in conditions) if len(conditions) == 1 else None


class _Part:
    """A part of formulas as a node whose inputs are all that must be known before it is computed."""

    def __init__(self, symbol: Expression) -> None:
        self.symbol = symbol
        self.inputs: tuple[_Part, ...] = ()


class Branches:
    """The guards of all parts of formulas, and the steps that compute them.

    `is_choice` says of an operation whether only the selected one of its inputs is computed.

    Attributes:
        conditions: What is tested by any guard.
        definitions: Names of guards that are too long to be written more than once.
    """

    def __init__(self, results: Sequence[Expression], is_choice: Callable[[Op], bool]) -> None:
        self._is_choice = is_choice
        self.definitions: dict[Expression, Guard] = {}
        self._formulas = toposort(*results)
        self.guards = Guards(self._formulas, self._links, results, self._named)
        self._ways = {x: guard for x in self._formulas if x.inputs and (guard := self.guards.of(x))}
        self._ways.update(dict.fromkeys(self.definitions, ALWAYS))
        told = self._ways | self.definitions
        tested = {guard: [c.node for way in self.guards.in_order(guard) for c in way] for guard in set(told.values())}
        self.conditions = {node for nodes in tested.values() for node in nodes}
        self._parts = {symbol: _Part(symbol) for symbol in [*self._formulas, *self.definitions]}
        for symbol, guard in told.items():
            needed = dict.fromkeys([*symbol.inputs, *tested[guard]])
            self._parts[symbol].inputs = tuple([self._parts[x] for x in needed])
        self._order = self.with_conditions(self._parts)

    def with_conditions(self, symbols: Iterable[Expression]) -> list[Expression]:
        """These parts, and all that tells where they are needed; each after what it needs, unless that needs it too."""
        return [part.symbol for part in toposort(*(self._parts[symbol] for symbol in symbols))]

    def _links(self, symbol: Expression) -> Iterator[Link]:
        selected = selectors(symbol.op) if self._is_choice(symbol.op) else {}
        for i, x in enumerate(symbol.inputs):
            yield x, Condition(symbol.inputs[selected[i].by], selected[i].where) if i in selected else None

    def _named(self, guard: Guard) -> Expression:
        symbol = Expression(next(c.node for way in guard for c in way).trace, ops.variable, (), name="guard")
        self.definitions[symbol] = guard
        return symbol

    def _needed(self, symbol: Expression, way: Way) -> Iterator[tuple[Expression, Way]]:
        """All that must be there before a part is computed where this is the way, and where it must be there."""
        for x, when in self._links(symbol):
            if when is None:
                yield x, way
            elif when._replace(holds=not when.holds) not in way:
                yield x, way | {when}
        for tested in (way, *self.definitions.get(symbol, ())):
            for condition in tested:
                yield condition.node, tested - {condition}

    def steps(self, *groups: Sequence[Expression]) -> Iterator[list[Step]]:
        """The steps that compute each group of parts, after the groups before it.

        Each part is one step, after all that it needs: its inputs, and what its guard tests. Where parts wait for each
        other, one has several steps, each for those of its ways that are known then. If that does not help, as with
        guards that have names, all is computed, needed or not: no number is wrong, but all must have values.
        """
        missing = dict(self._ways)  # the ways by which parts are not computed yet
        computed: defaultdict[Expression, set[Way]] = defaultdict(set)

        def is_there(symbol: Expression, way: Way) -> bool:
            return symbol not in missing or any(known <= way for known in computed[symbol])

        given = {*self.definitions}
        for group in groups:
            given.update(group)
            waiting = [symbol for symbol in self._order if symbol in given]
            found: list[Step] = []
            n = -1
            while n < len(found):
                n = len(found)
                waiting = [symbol for symbol in waiting if symbol in missing]
                for symbol in waiting:
                    ways = missing[symbol]
                    if any(part.symbol in missing for part in self._parts[symbol].inputs):
                        ways = frozenset(way for way in ways if all(starmap(is_there, self._needed(symbol, way))))
                    if ways:
                        found.append((symbol, ways))
                        computed[symbol] |= ways
                        if left := missing.pop(symbol) - ways:
                            missing[symbol] = left
                if n == len(found) and any(self.guards.of(symbol) == ALWAYS for symbol in waiting):
                    everything = [symbol for symbol in self._formulas if symbol.inputs and symbol in given]
                    found += [(symbol, ALWAYS) for symbol in everything]
                    for symbol in everything:
                        missing.pop(symbol, None)
            yield found
