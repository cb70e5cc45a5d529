"""Recording the forward and the backward pass of a graph step by step.

A forward step computes one node. A backward step goes along one edge, from a node z back to one of its inputs x, and
adds to the derivative of the output with respect to x:

    upstream gradient ∂E/∂z  ·  local derivative ∂z/∂x  =  contribution

The nodes and edges are those of a view, see `viz.stepping.views`. The order and the rules are those of
`engine.backward`, so that the results are its gradients.

There are about three steps per node; a recording keeps a few numbers of each, and creates a `Step` when it is indexed.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate, groupby
from operator import neg
from typing import overload

from engine import Value, ops, toposort
from engine.graph import compute_values
from engine.sweep import Edge, chain_rule, reverse
from viz.stepping.views import View


@dataclass(frozen=True, slots=True)
class Step:
    """A recorded step, which does not change with the graph.

    Attributes:
        number: The number of the step, from 1.
        phase: "forward" or "backward".
        node: Forward, the node that is computed. Backward, the node whose gradient is passed back.
        input: Backward, the input that receives the contribution; None for the first backward step, which sets the
            derivative of the output with respect to itself to 1.
        index: Backward, the index of the input among the node's inputs in the view.
        upstream: Backward, the derivative of the output with respect to `node`.
        local_derivative: Backward, ∂node/∂input.
        contribution: Backward, upstream · local_derivative.
        result: Forward, the value of the node. Backward, the derivative with respect to `input` so far.
        term_number: Backward, the number of the contribution among those to `input`, from 1.
        n_terms: Backward, the number of contributions to `input`.
    """

    number: int
    phase: str
    node: Value
    result: float
    input: Value | None = None
    index: int = 0
    upstream: float = 1.0
    local_derivative: float = 1.0
    contribution: float = 1.0
    term_number: int = 1
    n_terms: int = 1

    @property
    def target(self) -> Value:
        """The node whose value or gradient is changed."""
        return self.node if self.input is None else self.input

    @property
    def is_complete(self) -> bool:
        """Whether the value or the gradient of the target is complete after the step."""
        return self.term_number == self.n_terms


class Recording(Sequence[Step]):
    """The steps of both passes, in order, as returned by `record_steps`.

    Attributes:
        view: The nodes and edges that are walked.
    """

    def __init__(self, view: View, numbers: Mapping[Value, float]) -> None:
        self.view = view
        self._order = order = view.order  # below, a node is given by its index in this list
        self._data = array("d", [numbers[node] for node in order])
        self._computed = array("q", [i for i, node in enumerate(order) if node.inputs])
        self._gradients = array("d", bytes(8 * len(order)))
        # With an entry for each backward step:
        self._node, self._index, self._target = array("q"), array("q"), array("q")
        self._local, self._gradient_so_far = array("d"), array("d")

    def __len__(self) -> int:
        return len(self._computed) + len(self._node)

    @overload
    def __getitem__(self, n: int) -> Step: ...

    @overload
    def __getitem__(self, n: slice) -> list[Step]: ...

    def __getitem__(self, n: int | slice) -> Step | list[Step]:
        if isinstance(n, slice):
            return [self[i] for i in range(*n.indices(len(self)))]
        if not -len(self) <= n < len(self):
            raise IndexError(f"step {n} does not exist: there are {len(self)} steps")
        n %= len(self)
        k = n - self.n_forward
        if k <= 0:
            _, node, result = self.update_at(n)
            return Step(n + 1, "forward" if k < 0 else "backward", node, result)
        target, local = self._target[k], self._local[k]
        first, end = self._first_by_target[target : target + 2]
        upstream = self._gradients[self._node[k]]  # complete before a node passes it back
        return Step(
            number=n + 1,
            phase="backward",
            node=self._order[self._node[k]],
            result=self._gradient_so_far[k],
            input=self._order[target],
            index=self._index[k],
            upstream=upstream,
            local_derivative=local,
            contribution=upstream * local,
            term_number=bisect_right(self._by_target, k, first, end) - first,
            n_terms=end - first,
        )

    @property
    def n_forward(self) -> int:
        """The number of steps of the forward pass."""
        return len(self._computed)

    def update_at(self, n: int) -> tuple[bool, Value, float]:
        """The update by the n-th step, from 0: whether of a value or a gradient, the node, and the new number."""
        k = n - self.n_forward
        if k < 0:
            return True, self._order[self._computed[n]], self._data[self._computed[n]]
        return False, self._order[self._target[k]], self._gradient_so_far[k]

    def node(self, n: int) -> Value:
        """The node that the n-th step, from 0, computes, or whose gradient it passes back."""
        return self._order[self._computed[n] if n < self.n_forward else self._node[n - self.n_forward]]

    def gradient_before(self, n: int) -> float | None:
        """The derivative with respect to the target of the n-th step, from 0, before it; None before the first term."""
        k = n - self.n_forward
        first, end = self._first_by_target[self._target[k] : self._target[k] + 2]
        at = bisect_left(self._by_target, k, first, end)
        return self._gradient_so_far[self._by_target[at - 1]] if at > first else None

    def terms(self, step: Step, max_terms: int | None = None) -> list[Step]:
        """The backward steps to the target of a step, up to that step; only the last `max_terms`, if given.

        >>> from viz.stepping.views import OperationView
        >>> x = Value(3.0, "x")
        >>> y = x * x
        >>> steps = record_steps(OperationView(y, {x: "x", y: "y"}))
        >>> [(term.term_number, term.result) for term in steps.terms(steps[-1])]
        [(1, 3.0), (2, 6.0)]
        """
        if step.phase == "forward":
            return []
        first = self._first_by_target[self._target[step.number - 1 - self.n_forward]]
        end = first + step.term_number
        return self._backward_steps(self._by_target[first if max_terms is None else max(first, end - max_terms) : end])

    def steps_from(self, step: Step) -> list[Step]:
        """The backward steps from the node of a backward step, including that step."""
        i = self._node[step.number - 1 - self.n_forward]
        # Nodes pass their gradients back in reverse order; the first backward step does not come from a node.
        first = bisect_left(self._node, -i, lo=1, key=neg)
        return self._backward_steps(range(first, bisect_right(self._node, -i, lo=first, key=neg)))

    def edge_number(self, step: Step) -> tuple[int, int]:
        """The number of a backward step's edge among those that join the same two nodes, from 1, and how many they are.

        There are two from x · x to x.
        """
        return self._parallel.get(step.number - 1 - self.n_forward, (1, 1))

    def steps_to(self, node: Value) -> list[Step]:
        """All backward steps to a node."""
        return self._backward_steps(self._indices_to(self._number[node]))

    def terms_done(self, node: Value, position: int) -> tuple[int, int]:
        """The number of terms of the derivative with respect to a node that are known at a position, and of all.

        >>> from viz.stepping.views import OperationView
        >>> x = Value(3.0, "x")
        >>> y = x * x
        >>> steps = record_steps(OperationView(y, {x: "x", y: "y"}))
        >>> [steps.terms_done(x, position) for position in range(len(steps) + 1)]
        [(0, 2), (0, 2), (0, 2), (1, 2), (2, 2)]
        """
        found = self._indices_to(self._number[node])
        return bisect_left(found, position - self.n_forward), len(found)

    def _indices_to(self, node: int) -> array[int]:
        return self._by_target[self._first_by_target[node] : self._first_by_target[node + 1]]

    def _backward_steps(self, which: Iterable[int]) -> list[Step]:
        return [self[self.n_forward + k] for k in which]

    def next_completing(self, node: Value, after: int) -> int | None:
        """The number of the first step after step `after` that completes a node's value or gradient."""
        i = self._number[node]
        numbers = [bisect_left(self._computed, i) + 1] if node.inputs else []
        numbers += [k + 1 + self.n_forward for k in self._indices_to(i)[-1:]]
        return next((number for number in numbers if number > after), None)

    def same_place(self, other: Recording, position: int) -> int:
        """The number of steps that are done where `position` steps of another view's recording are done.

        That is where the last value or gradient that both views have is as complete as there.
        """
        if position == len(other):
            return len(self)
        for step in (other[n] for n in reversed(range(position))):
            if step.target in self._number:
                i = self._number[step.target]
                if step.phase == "forward":
                    return bisect_left(self._computed, i) + 1
                terms = self._indices_to(i)
                return terms[-1 if step.is_complete else min(step.term_number, len(terms)) - 1] + 1 + self.n_forward
        return 0

    def add_backward_step(self, node: int, index: int, target: int, local: float) -> None:
        """Add a backward step, which adds to the gradient of `target`; the first goes from the output to itself."""
        self._gradients[target] += local if node == target else self._gradients[node] * local
        self._node.append(node)
        self._index.append(index)
        self._target.append(target)
        self._local.append(local)
        self._gradient_so_far.append(self._gradients[target])

    @cached_property
    def _parallel(self) -> dict[int, tuple[int, int]]:
        """Of the backward steps along edges that join the same two nodes: the number of the edge, and of all these."""
        found: dict[int, tuple[int, int]] = {}
        for _, steps in groupby(range(len(self._node)), key=self._node.__getitem__):
            by_target: dict[int, list[int]] = defaultdict(list)
            for k in steps:
                by_target[self._target[k]].append(k)
            for edges in by_target.values():
                if len(edges) > 1:
                    found |= {k: (number, len(edges)) for number, k in enumerate(edges, 1)}
        return found

    @cached_property
    def _number(self) -> dict[Value, int]:
        return {node: i for i, node in enumerate(self._order)}

    @cached_property
    def _by_target(self) -> array[int]:
        """The backward steps, sorted by their targets."""
        return array("q", sorted(range(len(self._target)), key=self._target.__getitem__))

    @cached_property
    def _first_by_target(self) -> array[int]:
        """The index in `_by_target` of the first step to each node."""
        times = Counter(self._target)
        return array("q", accumulate((times[node] for node in range(len(self._order))), initial=0))


def record_steps(view: View) -> Recording:
    """Record both passes, from the `data` of the leaves, without changing the graph.

    Raises DomainError if a value or a derivative is not finite.

    >>> from viz.stepping.views import PaperView
    >>> x = Value(1.5, "x")
    >>> y = 2 * x
    >>> [(step.phase, step.result) for step in record_steps(PaperView(y, {x: "x", y: "y"}))]
    [('forward', 3.0), ('backward', 1.0), ('backward', 2.0)]
    """
    position = {node: i for i, node in enumerate(view.order)}
    numbers = compute_values(toposort(view.root), {})
    steps = Recording(view, numbers)

    def record(node: Value, derivative: float, edge: Edge) -> float:
        steps.add_backward_step(position[node], edge.i, position[edge.input], edge.local_derivative)
        contribution: float = chain_rule(node, derivative, edge)
        return contribution

    if view.root.op is not ops.constant:
        steps.add_backward_step(position[view.root], 0, position[view.root], 1.0)
        reverse(view.order, lambda node: view.edges(node, numbers), 1.0, record)
    return steps
