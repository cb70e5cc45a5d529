"""Guards: the condition under which a node is reached.

A backward pass does not enter the branch of `where` that is not taken. In a formula that is to serve all numbers, such
as a compiled one, that becomes a condition. The guard of a node is the disjunction, over the paths that lead to it, of
the conjunction of the conditions along each path: a set of sets of conditions. The guard that always
holds is {∅}, one empty conjunction; the guard that never holds is ∅.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from engine.ops import where
from engine.sweep import IDENTITY, ChainRule, Condition, Edge, SumRule, chain_rule, edge_inputs, is_met_now, sum_rule

Conjunction = frozenset[Condition]
Guard = frozenset[Conjunction]
ConditionalEdge = tuple[Any, Condition | None]  # the node that it leads to, and when it is there, if not always

ALWAYS_MET: Guard = frozenset([frozenset()])
NEVER_MET: Guard = frozenset()
MAX_TERMS, MAX_CONDITIONS = 12, 12  # conjunctions of a guard, and conditions of one: a larger guard gets a name
MAX_SIMPLIFIED_TERMS = 100  # terms; a guard of more gets a name without being simplified


class Guards:
    """The guards of the nodes of an order, in a sweep back from its outputs (by default the last node).

    `edges_of` gives the edges of a node, `numbers` the formulas that stand for nodes, by default the nodes themselves.
    A guard that grows too large becomes a single condition, on the node that `name_guard` makes of it: by default the
    formula that is 1 where it holds, else 0.
    """

    def __init__(
        self,
        order: Sequence[Any],
        edges_of: Callable[[Any], Iterable[ConditionalEdge]],
        outputs: Iterable[Any] = (),
        name_guard: Callable[[Guard], Any] | None = None,
        numbers: Mapping[Any, Any] = IDENTITY,
    ) -> None:
        self._name_guard, self._numbers = name_guard or self.indicator, numbers
        self._position: dict[Any, int] = {}  # of the nodes of conditions, in the order in which they were found
        self._interned: dict[Guard, Guard] = {}  # equal guards are one object
        self._along: dict[tuple[Guard, Condition], Guard] = {}
        self._merged: dict[frozenset[Guard], Guard] = {}
        self._named: dict[Guard, Guard] = {}  # the guard that is a single condition, for one that is too large
        self._guards: dict[Any, Guard] = {}
        incoming: dict[Any, set[Guard]] = {output: {ALWAYS_MET} for output in outputs or order[-1:]}
        for node in reversed(order):
            if node in incoming:
                self._guards[node] = guard = self._any_of(incoming.pop(node))
                for x, when in edges_of(node):
                    if (passed := self.along(guard, when)) != NEVER_MET:
                        incoming.setdefault(x, set()).add(passed)

    def of(self, node: Any) -> Guard:
        """The guard of a node."""
        return self._guards.get(node, NEVER_MET)

    def along(self, guard: Guard, when: Condition | None) -> Guard:
        """The guard of an edge that exists under a condition, from a node with this guard."""
        if when is None:
            return guard
        key = guard, when
        if key not in self._along:
            self._position.setdefault(when.node, len(self._position))
            self._along[key] = self._simplified({term | {when} for term in guard if when.opposite not in term})
        return self._along[key]

    def _any_of(self, guards: set[Guard]) -> Guard:
        """The disjunction of guards."""
        if len(guards) == 1:
            return next(iter(guards))
        key = frozenset(guards)
        if key not in self._merged:
            self._merged[key] = self._simplified({term for guard in guards for term in guard})
        return self._merged[key]

    def _simplified(self, terms: set[Conjunction]) -> Guard:
        """The guard of these terms: absorbed ones are removed, two that differ in one condition are merged."""
        if frozenset() in terms:
            return ALWAYS_MET
        merged = len(terms) <= MAX_SIMPLIFIED_TERMS
        while merged:
            terms = {term for term in terms if not any(other < term for other in terms)}
            merged = False
            for term in terms:
                for condition in term:
                    rest = term - {condition}
                    if rest | {condition.opposite} in terms:
                        terms, merged = terms | {rest}, True
        guard = frozenset(terms)
        guard = self._interned.setdefault(guard, guard)
        if len(guard) <= MAX_TERMS and all(len(term) <= MAX_CONDITIONS for term in guard):
            return guard
        if guard not in self._named:
            node = self._name_guard(guard)
            self._position.setdefault(node, len(self._position))
            self._named[guard] = frozenset([frozenset([Condition(node, True)])])
        return self._named[guard]

    def sorted_conjunctions(self, guard: Guard) -> Iterator[list[Condition]]:
        """The terms of a guard, and their conditions, in an order that depends on the graph alone."""
        position = self._position
        terms = [sorted(term, key=lambda c: (position[c.node], c.holds)) for term in guard]
        return iter(sorted(terms, key=lambda term: [(position[c.node], c.holds) for c in term]))

    def select(self, guard: Guard, number: Any, otherwise: Any) -> Any:
        """`number` where the guard holds, as a formula with `where`."""
        for term in reversed(list(self.sorted_conjunctions(guard))):
            chosen = number
            for node, holds in reversed(term):
                condition = self._numbers.get(node, node)  # the name of a guard stands for itself
                chosen = where(condition, chosen, otherwise) if holds else where(condition, otherwise, chosen)
            otherwise = chosen
        return otherwise

    def indicator(self, guard: Guard) -> Any:
        """1 where the guard holds, else 0, as a formula."""
        return self.select(guard, 1.0, 0.0)


class GuardedChainRule:
    """The chain rule for a reverse sweep over formulas, `Value`s or expressions, from outputs (by default the last
    node) back to the nodes that are `wanted`.

    A contribution is selected by the guard of its edge, unless that is also the guard of the edge's input; a wanted
    node always has its derivative. If `needed` is given, only its nodes are visited. `numbers` are the formulas that
    stand for nodes, by default the nodes themselves.
    """

    def __init__(
        self,
        order: Sequence[Any],
        wanted: Iterable[Any],
        numbers: Mapping[Any, Any] = IDENTITY,
        needed: Collection[Any] | None = None,
        outputs: Iterable[Any] = (),
    ) -> None:
        self._wanted = set(wanted)
        self._guards: Guards | None = None
        if any(when for node in order if node.op.edges for _, _, when in edge_inputs(node)):

            def edges_of(node: Any) -> Iterator[ConditionalEdge]:
                return ((x, when) for _, x, when in edge_inputs(node) if needed is None or x in needed)

            self._guards = Guards(order, edges_of, outputs, numbers=numbers)

    def __call__(self, node: Any, derivative: Any, edge: Edge) -> Any:
        """Upstream gradient · local derivative, where the edge exists, else 0."""
        product, guards = chain_rule(node, derivative, edge), self._guards
        if guards is None:
            return product
        guard = guards.along(guards.of(node), edge.when)
        of_input = ALWAYS_MET if edge.input in self._wanted else guards.of(edge.input)
        return product if guard == of_input else guards.select(guard, product, 0.0)

    def reachable_edges(self, node: Any, edges: Iterable[Edge]) -> Iterable[Edge]:
        """The edges of a node without those whose conditions contradict its guard."""
        guards = self._guards
        if guards is None:
            return edges
        if guards.of(node) == NEVER_MET:  # then they are not even made
            return ()
        return (edge for edge in edges if guards.along(guards.of(node), edge.when) != NEVER_MET)

    def reaches(self, node: Any) -> bool:
        """Whether the sweep reaches a node, for the present numbers of the graph."""
        if self._guards is None:
            return True
        return any(all(map(is_met_now, term)) for term in self._guards.of(node))


class ConditionalTangent(NamedTuple):
    """The contribution of an edge to a tangent, where the condition is met; elsewhere it is absent."""

    when: Condition
    tangent: Any


def tangent_rules(numbers: Mapping[Any, Any] = IDENTITY) -> tuple[ChainRule, SumRule]:
    """The chain rule and the sum rule for a forward sweep over formulas, `Value`s or expressions.

    Contributions along edges with a condition are selected by `where`: z = where(c, x, y) has the tangent
    where(c, ẋ, ẏ). So the tangent of a branch that is not taken may be infinite or NaN. `numbers` are the formulas that
    stand for nodes, by default the nodes themselves.

    >>> from engine import Value, toposort
    >>> from engine.sweep import edges, tangents
    >>> c, x, y = Value(1.0, "c"), Value(2.0, "x"), Value(3.0, "y")
    >>> z = where(c, x * x, y * y)
    >>> slope = tangents(toposort(z), lambda node: edges(node, IDENTITY), {x: 1.0, y: 1.0}, *tangent_rules())[z]
    >>> slope.data
    4.0
    >>> c.data = 0.0
    >>> slope.forward()
    6.0
    """

    def conditional_product(node: Any, tangent: Any, edge: Edge) -> Any:
        product = chain_rule(node, tangent, edge)
        return product if edge.when is None else ConditionalTangent(edge.when, product)

    def selected_sum(node: Any, contributions: list[Any]) -> Any:
        terms: list[Any] = []
        selected: dict[Any, dict[bool, list[Any]]] = {}
        for term in contributions:
            if isinstance(term, ConditionalTangent):
                branches = selected.setdefault(term.when.node, {True: [], False: []})
                branches[term.when.holds].append(term.tangent)
            else:
                terms.append(term)
        for condition, branches in selected.items():
            taken, otherwise = (sum_rule(node, branches[holds]) if branches[holds] else 0.0 for holds in (True, False))
            terms.append(where(numbers[condition], taken, otherwise))
        return sum_rule(node, terms)

    return conditional_product, selected_sum
