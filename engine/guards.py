"""Guards: the condition under which a node is reached.

A branch of `where` that is not taken is not there: a backward pass does not enter it. Where one formula must serve all
numbers, as a compiled one does, that becomes a condition. The guard of a node is the disjunction, over the ways by
which it is reached, of what holds along each: a set of sets of conditions. Always is {∅}, never is the empty set.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

from engine.ops import where
from engine.sweep import IDENTITY, Condition, Edge, chain_rule, differentiable_inputs, is_met_now

Conjunction = frozenset[Condition]
Guard = frozenset[Conjunction]
ConditionalEdge = tuple[Any, Condition | None]  # the node that it leads to, and when it is there, if not always

ALWAYS_MET: Guard = frozenset([frozenset()])
NEVER_MET: Guard = frozenset()
MAX_WAYS, MAX_CONDITIONS = 12, 12  # of a guard, and of a way: one that is more complex gets a name,
MAX_SIMPLIFIED = 100  # and so does one of more ways, without a try to find fewer


class Guards:
    """The guards of the nodes of an order that a pass back from its last nodes reaches.

    `edges_of` gives the edges of a node, `numbers` what stands for nodes in formulas, if not they themselves.
    A guard that grows too complex becomes a condition by itself, on the node that `named` makes of it: a formula that
    is 1 where it holds, if nothing else is said.
    """

    def __init__(
        self,
        order: Sequence[Any],
        edges_of: Callable[[Any], Iterable[ConditionalEdge]],
        outputs: Iterable[Any] = (),
        named: Callable[[Guard], Any] | None = None,
        numbers: Mapping[Any, Any] = IDENTITY,
    ) -> None:
        self._named, self._numbers = named or self.as_number, numbers
        self._number: dict[Any, int] = {}  # of the nodes of conditions, in the order in which they were met
        self._equal: dict[Guard, Guard] = {}  # equal guards are one object
        self._along: dict[tuple[Guard, Condition], Guard] = {}
        self._merged: dict[frozenset[Guard], Guard] = {}
        self._short: dict[Guard, Guard] = {}  # by names
        self._guards: dict[Any, Guard] = {}
        ways: dict[Any, set[Guard]] = {output: {ALWAYS_MET} for output in outputs or order[-1:]}
        for node in reversed(order):
            if node in ways:
                self._guards[node] = guard = self._either(ways.pop(node))
                for x, when in edges_of(node):
                    if (passed := self.along(guard, when)) != NEVER_MET:
                        ways.setdefault(x, set()).add(passed)

    def of(self, node: Any) -> Guard:
        """When a node is reached."""
        return self._guards.get(node, NEVER_MET)

    def along(self, guard: Guard, when: Condition | None) -> Guard:
        """When an edge is taken that is there under a condition, from a node with this guard."""
        if when is None:
            return guard
        key = guard, when
        if key not in self._along:
            self._number.setdefault(when.node, len(self._number))
            self._along[key] = self._simple({way | {when} for way in guard if when.opposite not in way})
        return self._along[key]

    def _either(self, guards: set[Guard]) -> Guard:
        """When one of several holds."""
        if len(guards) == 1:
            return next(iter(guards))
        key = frozenset(guards)
        if key not in self._merged:
            self._merged[key] = self._simple({way for guard in guards for way in guard})
        return self._merged[key]

    def _simple(self, ways: set[Conjunction]) -> Guard:
        """The guard of these ways, without those that others contain; two that differ in one condition are merged."""
        if frozenset() in ways:
            return ALWAYS_MET
        merged = len(ways) <= MAX_SIMPLIFIED
        while merged:
            ways = {way for way in ways if not any(other < way for other in ways)}
            merged = False
            for way in ways:
                for condition in way:
                    rest = way - {condition}
                    if rest | {condition.opposite} in ways:
                        ways, merged = ways | {rest}, True
        guard = frozenset(ways)
        guard = self._equal.setdefault(guard, guard)
        if len(guard) <= MAX_WAYS and all(len(way) <= MAX_CONDITIONS for way in guard):
            return guard
        if guard not in self._short:
            node = self._named(guard)
            self._number.setdefault(node, len(self._number))
            self._short[guard] = frozenset([frozenset([Condition(node, True)])])
        return self._short[guard]

    def sorted_conjunctions(self, guard: Guard) -> Iterator[list[Condition]]:
        """The ways of a guard, and their conditions, in an order that depends on the graph alone."""
        number = self._number
        ways = [sorted(way, key=lambda condition: (number[condition.node], condition.holds)) for way in guard]
        return iter(sorted(ways, key=lambda way: [(number[c.node], c.holds) for c in way]))

    def select(self, guard: Guard, number: Any, otherwise: Any) -> Any:
        """`number` where the guard holds, as a formula with `where`."""
        for way in reversed(list(self.sorted_conjunctions(guard))):
            chosen = number
            for node, holds in reversed(way):
                condition = self._numbers.get(node, node)  # a name that was made of a guard stands for itself
                chosen = where(condition, chosen, otherwise) if holds else where(condition, otherwise, chosen)
            otherwise = chosen
        return otherwise

    def as_number(self, guard: Guard) -> Any:
        """1 where the guard holds, else 0, as a formula."""
        return self.select(guard, 1.0, 0.0)


def _conditional_edges(node: Any, asked: Collection[Any] | None) -> Iterator[ConditionalEdge]:
    return ((x, when) for _, x, when in differentiable_inputs(node) if asked is None or x in asked)


def guarded_tangent(node: Any, tangent: Any, edge: Edge) -> Any:
    """The chain rule for a forward sweep over formulas: tangent · local derivative, where the edge is there."""
    product = chain_rule(node, tangent, edge)
    if edge.when is None:
        return product
    return where(edge.when.node, *((product, 0.0) if edge.when.holds else (0.0, product)))


class GuardedChainRule:
    """The chain rule for a reverse sweep over formulas, `Value`s or expressions, back to the nodes that are `wanted`.

    What goes along an edge is selected by the guard of the edge, wherever that is not the guard of the node that it
    goes to; a node that is wanted has its derivative always. Only nodes that are `asked` for are gone through, if these
    are given. `numbers` are what stands for the nodes in the formulas, if not they themselves.
    """

    def __init__(
        self,
        order: Sequence[Any],
        wanted: Iterable[Any],
        numbers: Mapping[Any, Any] = IDENTITY,
        asked: Collection[Any] | None = None,
    ) -> None:
        self._wanted = set(wanted)
        self._guards: Guards | None = None
        if any(when for node in order if node.op.edges for _, _, when in differentiable_inputs(node)):
            self._guards = Guards(order, lambda node: _conditional_edges(node, asked), numbers=numbers)

    def __call__(self, node: Any, derivative: Any, edge: Edge) -> Any:
        """Upstream derivative · local derivative, where the edge is there."""
        product, guards = chain_rule(node, derivative, edge), self._guards
        if guards is None:
            return product
        guard = guards.along(guards.of(node), edge.when)
        there = ALWAYS_MET if edge.input in self._wanted else guards.of(edge.input)
        return product if guard == there else guards.select(guard, product, 0.0)

    def passable(self, node: Any, edges: Iterable[Edge]) -> Iterable[Edge]:
        """Those of a node's edges that are taken for some numbers: no branch is reached by way of its opposite."""
        guards = self._guards
        if guards is None:
            return edges
        return (edge for edge in edges if guards.along(guards.of(node), edge.when) != NEVER_MET)

    def reaches(self, node: Any) -> bool:
        """Whether the sweep reaches a node of a graph for the numbers that it has now."""
        if self._guards is None:
            return True
        return any(all(map(is_met_now, way)) for way in self._guards.of(node))
