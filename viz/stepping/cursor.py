"""A position in the recorded steps of a graph, with the values and gradients that are known there.

Going back is as cheap as going on. The steps are those of a copy: values and gradients of the given graph stay as they
are.
"""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from functools import cached_property
from typing import TypeVar

from engine import Value, forward, toposort
from engine._support import checks
from engine._support.suggestions import did_you_mean_or_list
from viz.stepping.node_names import name_nodes, spellings
from viz.stepping.recording import Step, forward_order, record_steps

W = TypeVar("W", bound="Cursor")


class Cursor:
    """The moves of a stepper; each returns the walk itself.

    Attributes:
        root: The output, in the walk's own copy of the graph.
        names: What each of its nodes is called.
        steps: All steps, see `viz.stepping.recording.Step`.
        position: How many of them are done.
        values, gradients: What is known after them.
        breakpoints: Where `cont` and `rcont` stop.
        watches: Nodes that are shown at each stop.

    >>> x = Value(1.5, "x")
    >>> walk = Cursor(2 * x).goto(3)
    >>> walk.gradients[walk.find("x")]
    2.0
    """

    def __init__(self, root: Value) -> None:
        originals = forward_order(root)
        copies: dict[int, Value] = {}
        self.root: Value = deepcopy(root, copies)
        self._own: dict[Value, Value] = {original: copies[id(original)] for original in originals}
        self._own |= {copy: copy for copy in self._own.values()}
        self.names = name_nodes(toposort(self.root))
        self._by_name = {name: node for node, name in self.names.items()}
        self.breakpoints: set[Value] = set()
        self.watches: list[Value] = []
        self._once: set[Value] = set()
        self._record()

    def _record(self, position: int = 0) -> None:
        """Write the steps down for the leaves as they are now, and stand at this position."""
        self.steps = record_steps(self.root)
        forward(self.root)
        self.position = 0
        self.values = {node: node.data for node in self.names if not node.inputs}
        self.gradients: dict[Value, float] = {}
        self.goto(position)

    @property
    def current(self) -> Step | None:
        """The step that was done last; None at the start."""
        return self.steps[self.position - 1] if self.position else None

    def find(self, node: Value | str) -> Value:
        """The node, in the walk's own copy. Raises ValueError, with the nearest names, if there is none."""
        if isinstance(node, Value):
            if node in self._own:
                return self._own[node]
            raise ValueError(f"{node!r} is not in this graph")
        found = self._by_name.get(node) or self._as_shown.get(node) if isinstance(node, str) else None
        if found is not None:
            return found
        raise ValueError(f"unknown node {node!r}{did_you_mean_or_list(str(node), self._by_name)}")

    @cached_property
    def _as_shown(self) -> dict[str, Value]:
        return spellings(self._by_name)

    def next(self: W, k: int = 1) -> W:
        """Finish the node that is under way, or the next one; k times."""
        return self._by_nodes(k, self._do)

    def step(self: W, k: int = 1) -> W:
        """Go along one edge (forward, compute one node); k times."""
        return self.goto(min(self.position + _count(k), len(self.steps)))

    def back(self: W, k: int = 1) -> W:
        """Undo one step; k times."""
        return self.goto(max(self.position - _count(k), 0))

    def previous(self: W, k: int = 1) -> W:
        """Undo the steps of one node; k times."""
        return self._by_nodes(k, self._undo)

    def _by_nodes(self: W, k: int, move: Callable[[], None]) -> W:
        for _ in range(min(_count(k), len(self.steps))):
            move()
            while self._is_within_a_node():
                move()
        return self

    def _is_within_a_node(self) -> bool:
        """Whether the steps before and after here pass the gradient of the same node back."""
        n = self.position
        return self.steps.forward < n < len(self.steps) and self.steps.node(n) is self.steps.node(n - 1)

    def goto(self: W, n: int) -> W:
        """Stand where n steps are done. Raises ValueError for an n that is not from 0 to the number of steps."""
        if not 0 <= n <= len(self.steps):
            raise ValueError(f"there are steps 0 to {len(self.steps)}, no step {n}")
        while self.position < n:
            self._do()
        while self.position > n:
            self._undo()
        return self

    def until(self: W, node: Value | str) -> W:
        """Go on until the node's value, or its gradient, is complete. Raises ValueError if it is behind us."""
        wanted = self.find(node)
        number = self.steps.completing(wanted, self.position)
        if number is None:
            raise ValueError(f"nothing is still to come for {self.names.get(wanted, 'a constant')}: go back first")
        return self.goto(number)

    def finish(self: W) -> W:
        """Go to the end of the pass that is under way."""
        return self.goto(self.steps.forward if self.position < self.steps.forward else len(self.steps))

    def cont(self: W) -> W:
        """Go on to the next breakpoint, or to the end."""
        return self._to_breakpoint(self._do, len(self.steps))

    def rcont(self: W) -> W:
        """Go back to the last breakpoint, or to the start."""
        return self._to_breakpoint(self._undo, 0)

    def _to_breakpoint(self: W, move: Callable[[], None], end: int) -> W:
        while self.position != end:
            move()
            if self.position and self._stops():
                break
        return self

    def _stops(self) -> bool:
        _, target, _ = self.steps.result(self.position - 1)
        if not (target in self.breakpoints or target in self._once) or not self.steps[self.position - 1].is_complete:
            return False
        self._once.discard(target)
        return True

    def restart(self: W) -> W:
        """Go back to the start: the leaves' values are known, and nothing else."""
        return self.goto(0)

    def set(self: W, node: Value | str, data: float) -> W:
        """Give a leaf another value and recompute everything, without moving.

        Raises ValueError if the node is no leaf, and DomainError, before anything has changed, if a value or a
        derivative is then not finite.
        """
        leaf = self.find(node)
        if leaf.inputs:
            leaves = ", ".join(self.names[x] for x in self.names if not x.inputs)
            raise ValueError(f"{self.names[leaf]} is computed; what can be set are the leaves {leaves}")
        before, leaf.data = leaf.data, Value(data).data
        try:
            self._record(self.position)
        except ArithmeticError:
            leaf.data = before
            raise
        return self

    def break_at(self: W, *nodes: Value | str, once: bool = False) -> W:
        """Let `cont` and `rcont` stop where a node's value or gradient is complete; `once`, only the first time."""
        found = [self.find(node) for node in nodes]
        (self._once if once else self.breakpoints).update(found)
        return self

    def clear(self: W, *nodes: Value | str) -> W:
        """Remove these breakpoints, or all."""
        gone = {self.find(node) for node in nodes} or self.breakpoints | self._once
        self.breakpoints -= gone
        self._once -= gone
        return self

    def watch(self: W, *nodes: Value | str) -> W:
        """Show these nodes at each stop."""
        self.watches += [node for node in map(self.find, nodes) if node not in self.watches]
        return self

    def _do(self) -> None:
        if self.position < len(self.steps):
            is_value, node, number = self.steps.result(self.position)
            self.position += 1
            (self.values if is_value else self.gradients)[node] = number

    def _undo(self) -> None:
        if self.position:
            self.position -= 1
            is_value, node, _ = self.steps.result(self.position)
            if is_value:
                del self.values[node]
            elif (before := self.steps.total_before(self.position)) is None:
                del self.gradients[node]
            else:
                self.gradients[node] = before


def _count(k: int) -> int:
    checks.value_error_unless(isinstance(k, int) and k >= 1, "a number of steps is 1 or more", k)
    return k
