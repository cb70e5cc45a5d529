"""The sweeps between some outputs and some inputs of a graph, on floats or on `Value`s."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from engine import anomaly, ops
from engine.backprop import make_floats
from engine.derivatives.local_derivatives import graph_edges
from engine.derivatives.modes import add_vectors, cheaper_mode, entrywise, scale
from engine.derivatives.nesting import make_constant
from engine.graph import toposort
from engine.guards import GuardedChainRule, tangent_rules
from engine.op import DomainError
from engine.sweep import (
    ChainRule,
    ConditionTest,
    Edge,
    Edges,
    SumRule,
    chain_rule,
    cotangents,
    derivative_error,
    is_met_now,
    nodes_with_path_to,
    reachable_nodes,
    sum_rule,
    tangents,
)
from engine.value import Value

BRANCH = (
    "it stands in a branch of where that is not taken, but the graph of a derivative has both: guard the argument"
    " of the operation, not its result, as in where(c, x, 1.0).sqrt()"
)


Rules = tuple[Edges, ChainRule, SumRule]
PLAIN_RULES = chain_rule, sum_rule


class Sweeps(ABC):
    """Sweeps between outputs and inputs. They visit only nodes on paths between these, and change none.

    The results have entries only where there is a path, and paths do not lead to constants.
    `is_met` is as for `engine.sweep.edge_inputs`.
    """

    def __init__(self, outputs: Sequence[Value], inputs: Iterable[Value], is_met: ConditionTest | None) -> None:
        order = toposort(*outputs)
        make_floats(order)
        if watch := anomaly.current_watch():
            watch.before_sweep(order)
        self._outputs, self._is_met = dict.fromkeys(outputs), is_met
        self._inputs = dict.fromkeys(x for x in inputs if x.op is not ops.constant)
        reachable = reachable_nodes(order, outputs, is_met)
        self._needed = nodes_with_path_to(self._inputs, reachable, is_met)
        self._order = [node for node in reachable if node in self._needed]

    @abstractmethod
    def number(self, number: float) -> Any:
        """A number, in the kind of number that is computed with."""

    @abstractmethod
    def _forward_rules(self) -> Rules: ...

    @abstractmethod
    def _reverse_rules(self, order: Sequence[Value], outputs: Iterable[Value]) -> Rules: ...

    def tangents(self, seeds: Mapping[Value, Any]) -> dict[Value, Any]:
        """The forward sweep, from the tangents of inputs: those of each node."""
        edges, chain_rule, sum_rule = self._forward_rules()
        return tangents(self._order, edges, seeds, chain_rule, sum_rule)

    def cotangents(self, seeds: Mapping[Value, Any]) -> dict[Value, Any]:
        """The reverse sweep, from the cotangents of outputs: those of each node."""
        order = [node for node in toposort(*seeds) if node in self._needed]
        edges, chain_rule, sum_rule = self._reverse_rules(order, seeds)
        return cotangents(order, edges, seeds, chain_rule, sum_rule)

    def jacobian(self) -> dict[Value, Mapping[Value, Any]]:
        """The derivatives of each output with respect to each input, in the mode that costs less."""
        if cheaper_mode(self._outputs, self._inputs, self._order) == "reverse":
            return self._rows()
        edges, chain_rule, sum_rule = self._forward_rules()
        seeds = {x: {x: self.number(1.0)} for x in self._inputs}
        found = tangents(self._order, edges, seeds, *_rules_of_vectors(chain_rule, sum_rule))
        return {y: found.get(y, {}) for y in self._outputs}

    @abstractmethod
    def _rows(self) -> dict[Value, Mapping[Value, Any]]: ...


class FloatSweeps(Sweeps):
    """Sweeps on floats, along the edges that exist for the present numbers of the nodes."""

    def __init__(self, outputs: Sequence[Value], inputs: Iterable[Value]) -> None:
        super().__init__(outputs, inputs, is_met_now)

    def number(self, number: float) -> float:
        """The number itself."""
        return number

    def _edges(self, node: Value) -> Iterable[Edge]:
        try:
            return node.op.float_edges(node, self._needed)
        except (ArithmeticError, ValueError) as error:
            raise derivative_error(node, node.inputs) from error

    def _forward_rules(self) -> Rules:
        return self._edges, *_watched_rules("the tangent")

    def _reverse_rules(self, order: Sequence[Value], outputs: Iterable[Value]) -> Rules:
        return self._edges, *_watched_rules("the upstream gradient")

    def _rows(self) -> dict[Value, Mapping[Value, float]]:
        edges, chain_rule, sum_rule = self._reverse_rules(self._order, self._outputs)
        seeds = {y: {y: 1.0} for y in self._outputs}
        found = cotangents(self._order, edges, seeds, *_rules_of_vectors(chain_rule, sum_rule))
        rows: dict[Value, dict[Value, float]] = {y: {} for y in self._outputs}
        for x in self._inputs:
            for y, derivative in found.get(x, {}).items():
                rows[y][x] = derivative
        return dict(rows)


def _rules_of_vectors(chain_rule: ChainRule, sum_rule: SumRule) -> tuple[ChainRule, SumRule]:
    """The rules of sweeps that carry a vector for each node."""
    return (scale, add_vectors) if (chain_rule, sum_rule) == PLAIN_RULES else entrywise(chain_rule, sum_rule)


def _watched_rules(factor: str) -> tuple[ChainRule, SumRule]:
    """The chain rule and the sum rule for floats; while anomalies are looked for, a NaN that they make is an error."""
    watch = anomaly.current_watch()
    if watch is None:
        return PLAIN_RULES

    def watched_chain_rule(node: Value, derivative: float, edge: Edge) -> Any:
        product = chain_rule(node, derivative, edge)
        if math.isnan(product) and not math.isnan(derivative):
            raise watch.product_error(node, edge, f"{factor} {derivative!r}")
        return product

    def watched_sum_rule(node: Value, contributions: list[float]) -> Any:
        total = sum_rule(node, contributions)
        if math.isnan(total) and not any(map(math.isnan, contributions)):
            raise watch.sum_error(node, contributions)
        return total

    return watched_chain_rule, watched_sum_rule


class GraphSweeps(Sweeps):
    """Sweeps on `Value`s: each of their products and sums becomes a node.

    Contributions of the branches of a `where` are selected by `where`, so that the derivatives stay right when they are
    recomputed on the other side; if `is_met` is given, only branches whose conditions are met are entered.
    """

    def __init__(self, outputs: Sequence[Value], inputs: Iterable[Value], is_met: ConditionTest | None = None) -> None:
        super().__init__(outputs, inputs, is_met)
        self._edges: dict[Value, list[Edge]] = {}  # of the nodes that were visited: the rows of a Jacobian share them
        for op in {node.op for node in self._order if node.inputs}:
            op.check_rules()  # a rule that calls `math.exp` would cut the graph

    def number(self, number: float) -> Value:
        """A constant."""
        return make_constant(number)

    def _edges_by(self, guarded: GuardedChainRule) -> Edges:
        def edges_of(node: Value) -> Iterator[Edge]:
            if node not in self._edges:
                self._edges[node] = list(graph_edges(node, self._needed, self._is_met))
            yield from self._edges[node]

        def reachable_edges(node: Value) -> Iterator[Edge]:
            try:
                yield from guarded.reachable_edges(node, edges_of(node))
            except DomainError as error:
                raise error if guarded.reaches(node) else DomainError(f"{error}; {BRANCH}") from error

        return reachable_edges

    def _forward_rules(self) -> Rules:
        edges, _, _ = self._reverse_rules(self._order, self._outputs)
        return edges, *((chain_rule, sum_rule) if self._is_met else tangent_rules())

    def _reverse_rules(self, order: Sequence[Value], outputs: Iterable[Value]) -> Rules:
        guarded = GuardedChainRule(() if self._is_met else order, self._inputs, needed=self._needed, outputs=outputs)
        return self._edges_by(guarded), guarded, sum_rule

    def _rows(self) -> dict[Value, Mapping[Value, Value]]:
        """A sweep for each output: where branches are selected, each node is reached under conditions of its own."""
        return {y: self.cotangents({y: self.number(1.0)}) for y in self._outputs}
