"""Which parts of formulas are needed under which condition, and in what order that is known in time.

The branch of a choice that is not taken is not computed: it may have no value. A part that branches alone need has a
guard, the condition under which one of them is taken (see `engine.guards`), and is computed where it holds.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from heapq import heapify, heappop, heappush
from itertools import chain

from engine import ops
from engine.graph import toposort
from engine.guards import ALWAYS, Guard, Guards, Link, Way
from engine.op import Op, Selected
from engine.sweep import Condition
from engine.symbolic import Expression

_ANY_WAY: Way = frozenset()
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
    conditions = [*chain.from_iterable(guard)]
    if len(conditions) != 1:
        return None
    [(node, holds)] = conditions
    return frozenset([frozenset([Condition(node, not holds)])])


class Branches:
    """The guards of all parts of formulas, and the steps that compute them.

    `is_choice` says of an operation whether only the selected one of its inputs is computed. Every step that it gives
    finds computed what it needs: the inputs, and the conditions by which its guard is told.

    Attributes:
        conditions: What is tested by any guard.
        definitions: Names of guards that are too long to be written more than once.
    """

    def __init__(self, results: Sequence[Expression], is_choice: Callable[[Op], bool]) -> None:
        self._is_choice = is_choice
        self._order = toposort(*results)
        self._positions = {symbol: (i, 0) for i, symbol in enumerate(self._order)}
        self.definitions: dict[Expression, Guard] = {}
        self.guards = Guards(self._order, self._links, results, self._named)
        guards = {self.guards.of(symbol) for symbol in self._order if symbol.inputs} | {*self.definitions.values()}
        self.conditions = {node for guard in guards for node in _conditions(guard)}
        self._waiting: dict[Expression, set[Way]] = {}  # for what is not yet computed, and the ways that are missing
        self._computed: defaultdict[Expression, set[Way]] = defaultdict(set)
        self._reached: set[Expression] = set()

    def _links(self, symbol: Expression) -> Iterator[Link]:
        selected = selectors(symbol.op) if self._is_choice(symbol.op) else {}
        for i, x in enumerate(symbol.inputs):
            yield x, Condition(symbol.inputs[selected[i].by], selected[i].where) if i in selected else None

    def _named(self, guard: Guard) -> Expression:
        conditions = _conditions(guard)
        symbol = Expression(next(iter(conditions)).trace, ops.variable, (), name="guard")
        self._positions[symbol] = max(self._positions[node] for node in conditions)[0], 1 + len(self.definitions)
        self.definitions[symbol] = guard
        return symbol

    def with_conditions(self, symbols: Iterable[Expression]) -> list[Expression]:
        """These parts, and all that tells where they are needed, in the order of the formulas."""
        found: set[Expression] = set()
        new = set(symbols)
        while new:
            found |= new
            conditions = set().union(*(_conditions(self.guards.of(symbol)) for symbol in new))
            named = [_conditions(self.definitions[node]) for node in conditions & self.definitions.keys()]
            new = {*toposort(*conditions.union(*named))} - found
        return [symbol for symbol in self._order if symbol in found]

    def steps(self, symbols: Iterable[Expression]) -> Iterator[Step]:
        """The steps that compute these parts, and earlier ones as far as these say where they are needed.

        Each is one step, after all conditions of its guard. Where conditions need each other's branches, there is no
        such order: then a part has a step for each way by which it is needed, as soon as this is known.
        """
        self._reached.update(symbol for symbol in self._order if not symbol.inputs)
        for symbol in symbols:
            self._reached.add(symbol)
            if symbol.inputs and (guard := self.guards.of(symbol)):
                self._waiting[symbol] = set(guard)
        for symbol, guard in self.definitions.items():
            if symbol not in self._reached and _conditions(guard) <= self._reached:
                self._reached.add(symbol)
                self._waiting[symbol] = {_ANY_WAY}
        todo = {
            symbol: ways
            for symbol in sorted(self._waiting, key=self._positions.__getitem__)
            if (ways := {way for way in self._waiting[symbol] if {node for node, _ in way} <= self._reached})
        }
        yield from self._at_once(todo)
        yield from self._way_by_way(todo)
        yield from self._everywhere(todo)

    def _at_once(self, todo: dict[Expression, set[Way]]) -> Iterator[Step]:
        """One step each, in the order of the formulas, but after all conditions; what this leaves stays in `todo`."""
        readers: defaultdict[Expression, list[Expression]] = defaultdict(list)
        missing: dict[Expression, int] = {}
        at = {self._positions[symbol]: symbol for symbol in todo}
        for symbol, ways in todo.items():
            needed = {*symbol.inputs, *_conditions(ways), *_conditions(self.definitions.get(symbol, ()))} & todo.keys()
            missing[symbol] = len(needed)
            for x in needed:
                readers[x].append(symbol)
        ready = [self._positions[symbol] for symbol in todo if not missing[symbol]]
        heapify(ready)
        while ready:
            symbol = at[heappop(ready)]
            if all(self._is_known(symbol, way) for way in todo[symbol]):
                yield self._step(symbol, todo.pop(symbol))
                for reader in readers[symbol]:
                    missing[reader] -= 1
                    if not missing[reader]:
                        heappush(ready, self._positions[reader])

    def _way_by_way(self, todo: dict[Expression, set[Way]]) -> Iterator[Step]:
        found = True
        while found:
            found = False
            for symbol in list(todo):
                known = {way for way in todo[symbol] if self._is_known(symbol, way)}
                if known:
                    found = True
                    todo[symbol] -= known
                    yield self._step(symbol, known)
                    if not todo[symbol]:
                        del todo[symbol]

    def _everywhere(self, todo: dict[Expression, set[Way]]) -> Iterator[Step]:
        """If anything is left, all is computed, whether it is needed or not: no number is wrong, some may be missing.

        Only guards that are too long to be taken apart can leave anything.
        """
        if todo:
            for symbol in self._order:
                if symbol.inputs and symbol in self._reached and _ANY_WAY not in self._computed[symbol]:
                    yield self._step(symbol, set(ALWAYS))
                    self._waiting.pop(symbol, None)
            yield from (self._step(symbol, ways) for symbol, ways in todo.items() if symbol in self.definitions)

    def _step(self, symbol: Expression, ways: set[Way]) -> Step:
        self._computed[symbol] |= ways
        left = self._waiting.get(symbol, set()) - ways
        if left:
            self._waiting[symbol] = left
        else:
            self._waiting.pop(symbol, None)
        return symbol, frozenset(ways)

    def _is_known(self, symbol: Expression, way: Way) -> bool:
        """Whether all that a step needs is computed: for this way the inputs, and what tells that this is the way."""
        for x, when in self._links(symbol):
            if when is None:
                there = self._is_there(x, way)
            else:  # it is not taken where its opposite is known
                there = when._replace(holds=not when.holds) in way or self._is_there(x, way | {when})
            if not there:
                return False
        ways = [way, *self.definitions.get(symbol, ())]
        return all(self._is_there(c.node, way - {c}) for way in ways for c in way)

    def _is_there(self, symbol: Expression, way: Way) -> bool:
        if symbol in self._waiting or symbol not in self._reached:
            return any(computed <= way for computed in self._computed[symbol])
        return True


def _conditions(guard: Iterable[Way]) -> set[Expression]:
    return {condition.node for way in guard for condition in way}
