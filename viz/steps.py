"""The forward and the backward pass of a graph, written down step by step.

Forward, a step computes one node. Backward, a step goes along one edge, from a node z back to one of its inputs x, and
adds to the derivative of the output with respect to x:

    upstream gradient ∂E/∂z  ·  local derivative ∂z/∂x  =  contribution

The order and the rules are those of `engine.backward`, so that the totals are its gradients.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from engine import Value, ops, toposort


@dataclass(frozen=True)
class Step:
    """One step; it does not change when the graph does.

    Attributes:
        number: 1 for the first.
        phase: "forward" or "backward".
        node: Forward, the node that is computed. Backward, the node whose gradient is passed back.
        input: Backward, the node that the contribution goes to; None for the first step of that pass, which sets the
            derivative of the output with respect to itself to 1.
        index: Backward, which of the node's inputs it is.
        upstream: Backward, the derivative of the output with respect to `node`.
        local_derivative: Backward, ∂node/∂input.
        contribution: Backward, upstream · local_derivative.
        total: Forward, the value of the node. Backward, the derivative with respect to `input` so far.
        term, terms: Backward, this contribution is the term-th of so many.
    """

    number: int
    phase: str
    node: Value
    total: float
    input: Value | None = None
    index: int = 0
    upstream: float = 1.0
    local_derivative: float = 1.0
    contribution: float = 1.0
    term: int = 1
    terms: int = 1

    @property
    def target(self) -> Value:
        """The node whose value or gradient the step changes."""
        return self.node if self.input is None else self.input

    @property
    def is_complete(self) -> bool:
        """Whether the value or the gradient of the target is known when the step is done."""
        return self.term == self.terms


def trace(root: Value) -> list[Step]:
    """All steps of both passes, from the leaves' `data`. Nothing of the graph is changed.

    Raises TypeError if `root` is no `Value`, and DomainError where a value or a derivative is not finite.

    >>> x = Value(1.5, "x")
    >>> [(step.phase, step.total) for step in trace(2 * x)]
    [('forward', 3.0), ('backward', 1.0), ('backward', 2.0)]
    """
    if not isinstance(root, Value):
        raise TypeError(f"stepping starts from a Value, not from {root!r:.60} of type {type(root).__name__}")
    order = toposort(root)
    steps: list[Step] = []
    data: dict[Value, float] = {}
    for node in order:
        numbers = [data[x] for x in node.inputs]
        data[node] = node.op.evaluate(numbers, node.inputs) if node.inputs else node.data
        if node.inputs:
            steps.append(Step(len(steps) + 1, "forward", node, data[node]))
    _backward(root, order, data, steps)
    return steps


def _backward(root: Value, order: list[Value], data: dict[Value, float], steps: list[Step]) -> None:
    readers = Counter(x for node in order for x in node.inputs)
    totals = dict.fromkeys(order, 0.0)
    done: Counter[Value] = Counter()
    if root.op is ops.constant:
        return
    totals[root] = 1.0
    steps.append(Step(len(steps) + 1, "backward", root, 1.0))
    for node in reversed(order):
        numbers = [data[x] for x in node.inputs]
        for i, x in enumerate(node.inputs):
            if x.op is ops.constant:
                continue
            try:
                local = node.op.local_derivative(i, data[node], numbers)
            except (ArithmeticError, ValueError) as error:
                raise node.op.domain_error("the derivative of ", numbers, node.inputs) from error
            contribution = totals[node] * local
            totals[x] += contribution
            done[x] += 1
            steps.append(
                Step(
                    number=len(steps) + 1,
                    phase="backward",
                    node=node,
                    total=totals[x],
                    input=x,
                    index=i,
                    upstream=totals[node],
                    local_derivative=local,
                    contribution=contribution,
                    term=done[x],
                    terms=readers[x],
                )
            )
