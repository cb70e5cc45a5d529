"""The loss of one sample as a graph, for any sample: what training lowers.

Inputs and targets are leaves, so the graph is built once and recomputed for every sample. That is right as long as the
numbers do not decide how the graph is built. Where they do, it is built for each sample.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from engine import Value, backprop, toposort
from engine.value import comparisons
from nn.data import Row

Loss = Callable[[Any, Any], Value]


class Model(Protocol):
    """What can be trained: called with a list of `Value`s, it returns a `Value` or a list of them."""

    def __call__(self, inputs: Any, /) -> Any:
        """The outputs for the inputs of one sample."""

    def parameters(self) -> Sequence[Value]:
        """The `Value`s that training changes."""


@dataclass(frozen=True)
class SampleGraph:
    """The graph of the loss of one sample.

    Attributes:
        leaves: The inputs x_1, x_2, ..., then the targets y or y_1, y_2, ...: the numbers of a row, in order.
        outputs: What the model returned, as a list.
        loss: The error of this sample.
        order: Every node of the graph after all of its inputs; the loss is the last.
        made: Those of them that are made from others.
    """

    leaves: list[Value]
    outputs: list[Value]
    loss: Value
    order: list[Value]
    made: list[Value]


class Objective:
    """The loss of one sample, as a graph.

    `one_target` says whether the loss gets one target as a `Value`, or a list of them. `shared` is the graph that
    serves every sample; None if each needs its own, because a comparison of `Value`s (or `float` of one) decided while
    it was built, or because building it again gave another number than recomputing it did: `.data` was read, or
    random numbers were drawn.
    """

    def __init__(self, model: Model, loss: Loss, rows: Sequence[Row], n_inputs: int, one_target: bool) -> None:
        self.model, self.loss, self.n_inputs, self.one_target = model, loss, n_inputs, one_target
        with comparisons() as compared:
            first, again = self.build(rows[0]), self.build(rows[-1])
        self.shared = None if compared else first
        if self.shared and repr(self.at(rows[-1]).loss.data) != repr(again.loss.data):
            self.shared = None

    def at(self, row: Row) -> SampleGraph:
        """The graph with the numbers of that row: the shared one, recomputed, or one of its own."""
        graph = self.shared
        if graph is None:
            return self.build(row)
        for leaf, number in zip(graph.leaves, row, strict=True):
            leaf.data = number
        backprop.recompute(graph.made)
        return graph

    def build(self, row: Row) -> SampleGraph:
        """A new graph for that row."""
        inputs = [Value(x, f"x_{j}") for j, x in enumerate(row[: self.n_inputs], 1)]
        targets = [Value(y, f"y_{j}") for j, y in enumerate(row[self.n_inputs :], 1)]
        if self.one_target:
            targets[0].label = "y"
        outputs = self.model(inputs)
        loss = self.loss(outputs, targets[0] if self.one_target else targets)
        order = toposort(loss)
        made = [node for node in order if node.inputs]
        return SampleGraph([*inputs, *targets], as_outputs(outputs), loss, order, made)


def as_outputs(outputs: Any) -> list[Value]:
    """What a model returned, as a list of `Value`s."""
    values = [outputs] if isinstance(outputs, Value) else list(outputs)
    return values
