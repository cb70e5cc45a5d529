"""A position in the recorded steps of a graph, with the values and gradients that are known there.

Going back is as cheap as going on. The steps are those of a copy: values and gradients of the given graph stay as they
are.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import deepcopy
from math import isfinite
from typing import Any, TypeVar

from engine import DomainError, Value, forward, toposort
from engine._support import checks
from engine._support.cached_property import CachedProperty
from engine._support.suggestions import did_you_mean_or_list
from engine.analysis.node_names import name_nodes, names_of_variables
from engine.analysis.stale import stale_note
from engine.symbolic.names import to_label
from viz.math.formats.text import label_to_unicode
from viz.stepping.node_names import by_spelling, in_reading_order
from viz.stepping.recording import Step, record_steps
from viz.stepping.views import VIEWS, PaperView, default_view

C = TypeVar("C", bound="Cursor")


class Cursor:
    """The position of a stepper; its moves return the cursor itself.

    Attributes:
        root: The output, in the cursor's copy of the graph.
        view: The nodes and edges that are walked, see `viz.stepping.views`.
        names: The name of each node of the view, except constants.
        steps: The recorded steps, see `viz.stepping.recording.Step`.
        position: The number of steps that are done.
        values, gradients: The numbers that are known after them.
        breakpoints: The nodes at which `cont` and `rcont` stop.
        watches: The nodes that are shown at each stop.
        note: A sentence if the given graph is stale, so that the steps have other numbers; else "".

    >>> x = Value(1.5, "x")
    >>> cursor = Cursor(2 * x).goto(3)
    >>> cursor.gradients[cursor.find("x")]
    2.0
    """

    def __init__(self, root: Value, view: str | None = None, names: Mapping[str, Any] | None = None) -> None:
        if not isinstance(root, Value):
            raise TypeError(f"stepping starts from a Value, not from {root!r:.60} of type {type(root).__name__}")
        originals = toposort(root)
        stale = stale_note(root)
        self.note = f"{stale}. The steps begin with that." if stale else ""
        copies: dict[int, Value] = {}
        self.root: Value = deepcopy(root, copies)
        self._copies: dict[Value, Value] = {original: copies[id(original)] for original in originals}
        self._copies |= {copy: copy for copy in self._copies.values()}
        given = {self._copies[x]: name for x, name in names_of_variables(names, originals).items()}
        self._all_names = name_nodes(toposort(self.root), given)
        for node, name in self._all_names.items():
            node.label = name if node.label or node in given or node is self.root else ""
        self.breakpoints: set[Value] = set()
        self.watches: list[Value] = []
        self._once: set[Value] = set()
        forward(self.root)
        if view is None:
            view = default_view(self.root, self._all_names)
        self._record(view)

    def _record(self, view: str, position: int = 0) -> None:
        """Record the steps of a view for the present values of the leaves, and go to a position."""
        checks.check_choice(view, VIEWS, "view")
        recorded = VIEWS[view](self.root, self._all_names)
        self.steps = record_steps(recorded)
        self.view, self.names = recorded, recorded.names
        forward(self.root)
        self._by_name = {name: node for node, name in self.names.items()}
        self.__dict__.pop("_by_spelling", None)
        self.position = 0
        self.values = {node: node.data for node in self.names if not node.inputs}
        self.gradients: dict[Value, float] = {}
        self.goto(position)

    @CachedProperty
    def has_two_views(self) -> bool:
        """Whether the views differ: a node does not have a name, or edges join the same nodes."""
        paper = PaperView(self.root, self._all_names)
        return len(paper.names) < len(self._all_names) or paper.merges_paths()

    def set_view(self: C, view: str) -> C:
        """Go to the same place in the view "paper", which has the named nodes, or "all", which has every operation.

        Raises ValueError for another name.
        """
        if view != self.view.name:
            steps, position = self.steps, self.position
            self._record(view)
            self.goto(self.steps.same_place(steps, position))
        return self

    @property
    def current(self) -> Step | None:
        """The last step that was done; None at the start."""
        return self.steps[self.position - 1] if self.position else None

    def find(self, node: Value | str) -> Value:
        """The node in the cursor's copy of the graph. Raises ValueError, which suggests names, if it is unknown."""
        if isinstance(node, Value):
            if node in self._copies:
                return self._copies[node]
            raise ValueError(f"{node!r} is not in this graph")
        if isinstance(node, str):
            for nodes, name in ((self._by_name, node), (self._by_spelling, node), (self._by_name, to_label(node))):
                if name in nodes:
                    return nodes[name]
        hint = did_you_mean_or_list(str(node), self._by_name)
        if node in self._all_names.values():
            hint = ", which the paper's view does not show; view all shows every operation"
        raise ValueError(f"unknown node {node!r}{hint}")

    def _shown_name(self, node: Value) -> str:
        return label_to_unicode(self.view.labels[node])

    @CachedProperty
    def _by_spelling(self) -> dict[str, Value]:
        return by_spelling(self._by_name)

    def known_values(self) -> dict[str, float]:
        """The values that are known, by each spelling of the nodes' names."""
        return {name: self.values[node] for name, node in self._by_spelling.items() if node in self.values}

    def next(self: C, k: int = 1) -> C:
        """Do the remaining steps of the current node, or all steps of the next; k times."""
        return self._by_nodes(k, self._do)

    def step(self: C, k: int = 1) -> C:
        """Do one step: forward, compute a node; backward, go along an edge; k times."""
        return self.goto(min(self.position + _check_count(k), len(self.steps)))

    def back(self: C, k: int = 1) -> C:
        """Undo one step; k times."""
        return self.goto(max(self.position - _check_count(k), 0))

    def previous(self: C, k: int = 1) -> C:
        """Undo the steps of one node; k times."""
        return self._by_nodes(k, self._undo)

    def _by_nodes(self: C, k: int, move: Callable[[], None]) -> C:
        for _ in range(min(_check_count(k), len(self.steps))):
            move()
            while self._is_within_node():
                move()
        return self

    def _is_within_node(self) -> bool:
        """Whether the steps before and after the position pass back the gradient of the same node."""
        n = self.position
        return self.steps.n_forward < n < len(self.steps) and self.steps.node(n) is self.steps.node(n - 1)

    def goto(self: C, n: int) -> C:
        """Go to where n steps are done. Raises ValueError unless n is from 0 to the number of steps."""
        is_whole = isinstance(n, int) and not isinstance(n, bool)
        checks.type_error_unless(is_whole, "the number of steps must be an integer", n)
        if not 0 <= n <= len(self.steps):
            raise ValueError(f"step {n} does not exist; choose from 0 to {len(self.steps)}")
        while self.position < n:
            self._do()
        while self.position > n:
            self._undo()
        return self

    def until(self: C, node: Value | str) -> C:
        """Go on until a node's value or gradient is complete. Raises ValueError if both are already."""
        wanted = self.find(node)
        number = self.steps.next_completing(wanted, self.position)
        if number is None:
            name = self._shown_name(wanted) if wanted in self.names else "a constant"
            raise ValueError(f"all steps of {name} are done: go back first")
        return self.goto(number)

    def finish(self: C) -> C:
        """Go to the end of the current pass."""
        return self.goto(self.steps.n_forward if self.position < self.steps.n_forward else len(self.steps))

    def cont(self: C) -> C:
        """Go on to the next breakpoint or the end."""
        return self._to_breakpoint(self._do, len(self.steps))

    def rcont(self: C) -> C:
        """Go back to the previous breakpoint or the start."""
        return self._to_breakpoint(self._undo, 0)

    def _to_breakpoint(self: C, move: Callable[[], None], end: int) -> C:
        while self.position != end:
            move()
            if self.position and self._stops():
                break
        return self

    def _stops(self) -> bool:
        _, target, _ = self.steps.update_at(self.position - 1)
        if not (target in self.breakpoints or target in self._once) or not self.steps[self.position - 1].is_complete:
            return False
        self._once.discard(target)
        return True

    def restart(self: C) -> C:
        """Go back to the start, where only the values of the leaves are known."""
        return self.goto(0)

    def set(self: C, node: Value | str, data: float) -> C:
        """Give a leaf another value and recompute everything, without moving. Raises errors as `set_all` does."""
        return self.set_all({node: data})

    def set_all(self: C, numbers: Mapping[str, float] | Mapping[Value | str, float]) -> C:
        """Give leaves other values and recompute everything, without moving.

        Raises ValueError if a node is not a leaf, and DomainError if a value or a derivative is not finite: then
        everything is as it was. Raises TypeError for anything but a mapping of nodes, or their names, to numbers.
        """
        checks.check_instance(numbers, Mapping, "the numbers to set must be a mapping, {'x': 2.0}")
        found = dict(self._checked(node, data) for node, data in numbers.items())
        before = {leaf: leaf.data for leaf in found}
        try:
            self._assign(found)
        except ArithmeticError:
            self._assign(before)
            raise
        return self

    def _checked(self, node: Value | str, data: float) -> tuple[Value, float]:
        leaf, number = self.find(node), Value(data).data
        if leaf.inputs:
            leaves = ", ".join(self._shown_name(x) for x in in_reading_order(self.names) if not x.inputs)
            raise ValueError(f"{self._shown_name(leaf)} is computed; only leaves can be set: {leaves}")
        if not isfinite(number):
            raise DomainError(f"{self._shown_name(leaf)} cannot be set to {number}, which is not finite")
        return leaf, number

    def _assign(self, numbers: Mapping[Value, float]) -> None:
        for leaf, number in numbers.items():
            leaf.data = number
        self._record(self.view.name, self.position)

    def break_at(self: C, *nodes: Value | str, once: bool = False) -> C:
        """Let `cont` and `rcont` stop where a node's value or gradient is complete; with `once`, only once."""
        found = [self.find(node) for node in nodes]
        (self._once if once else self.breakpoints).update(found)
        return self

    def clear(self: C, *nodes: Value | str) -> C:
        """Remove the breakpoints at these nodes, or all."""
        gone = {self.find(node) for node in nodes} or self.breakpoints | self._once
        self.breakpoints -= gone
        self._once -= gone
        return self

    def watch(self: C, *nodes: Value | str) -> C:
        """Show these nodes at each stop."""
        self.watches += [node for node in map(self.find, nodes) if node not in self.watches]
        return self

    def _do(self) -> None:
        if self.position < len(self.steps):
            is_value, node, number = self.steps.update_at(self.position)
            self.position += 1
            (self.values if is_value else self.gradients)[node] = number

    def _undo(self) -> None:
        if self.position:
            self.position -= 1
            is_value, node, _ = self.steps.update_at(self.position)
            if is_value:
                del self.values[node]
            elif (before := self.steps.gradient_before(self.position)) is None:
                del self.gradients[node]
            else:
                self.gradients[node] = before


def _check_count(k: int) -> int:
    checks.value_error_unless(isinstance(k, int) and k >= 1, "the number of steps must be an integer of at least 1", k)
    return k
