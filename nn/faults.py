"""What went wrong in training: the first node at fault, in words."""

from __future__ import annotations

from math import isfinite

from engine import DomainError, Value, backprop
from nn.data import Row
from nn.objective import Objective, SampleGraph


class TrainingError(ArithmeticError):
    """The loss, or its gradient, became NaN or infinite, or has no value. What was learned before is kept.

    Attributes:
        epoch: The epoch in which it happened, from 1.
        sample: The index of the sample in the user's data; None if it was no single sample.
    """

    def __init__(self, message: str, epoch: int = 0, sample: int | None = None) -> None:
        super().__init__(message)
        self.epoch = epoch
        self.sample = sample


def fault(objective: Objective, row: Row) -> str:
    """What is not finite at that row, and the first node at fault; "" if nothing is.

    Of the graph, in the order in which it is computed, it is the first node whose value is not finite; of the backward
    pass, the first whose derivative is not.
    """
    try:
        graph = objective.build(row)
    except DomainError as error:
        return str(error)
    for node in graph.order:
        if not isfinite(node.data):
            return f"the loss is {graph.loss.data!r}; the first node that is not finite is {described(node)}"
    return _gradient_fault(graph)


def _gradient_fault(graph: SampleGraph) -> str:
    try:
        derivatives = backprop.sweep(graph.order)
    except DomainError as error:
        return str(error)
    for node in reversed(graph.order):
        for i, x in enumerate(node.inputs):
            if not isfinite(derivatives[x]):
                local = node.op.local_derivative(i, node.data, [x.data for x in node.inputs])
                upstream = f"the upstream derivative is {derivatives[node]!r}, the local one {local!r}"
                return f"the gradient becomes {derivatives[x]!r} at an input of {described(node)}: {upstream}"
    return ""


def described(node: Value) -> str:
    """The node with its operation and its operands, as in exp(a_1 = 800.0) = inf.

    >>> described(Value(800.0, "a_1") * 2.0)
    'multiply(a_1 = 800.0, 2.0) = 1600.0'
    """
    if not node.inputs:
        return f"{node.label or 'a leaf'} = {node.data!r}"
    operands = ", ".join(f"{x.label} = {x.data!r}" if x.label else repr(x.data) for x in node.inputs)
    name = f"{node.label} = " if node.label else ""
    return f"{name}{node.op.name}({operands}) = {node.data!r}"
