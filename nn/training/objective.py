"""The objective of a training: the loss of one sample as a graph, for any sample.

Inputs and targets are leaves, so that one graph is shared by all samples and recomputed for each. If the structure of
the graph depends on the numbers of the sample (data-dependent control flow: `<`, `max`, `if y == 1`), a graph is built
for each sample, which is slower. A loss should not depend on `.data` or random numbers: that is detected only if it
makes a difference for the few samples that are tried.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice
from typing import Any, Protocol

from engine import Value, backprop, toposort
from engine._support import checks
from engine._support.real_numbers import to_lists
from engine.comparisons import record_comparisons
from nn import losses
from nn.leaves import as_values
from nn.training.data import SampleRow, Samples

MAX_COMPARED_ROWS = 8  # rows whose own graphs are compared with the shared one
MAX_COMPARED_NODES = 20_000  # of all the graphs that are compared

Loss = Callable[[Any, Any], Value]


class Model(Protocol):
    """A model that can be trained: called with a list of `Value`s, it returns one, or a list or an array of them."""

    def __call__(self, inputs: Any, /) -> Any:
        """Return the outputs for the inputs of one sample."""

    def parameters(self) -> Sequence[Value]:
        """The `Value`s that training changes."""


@dataclass(frozen=True)
class SampleGraph:
    """The graph of the loss of one sample.

    Attributes:
        leaves: The inputs x_1, x_2, ..., then the targets y or y_1, y_2, ...: the numbers of a row, in order.
        outputs: The outputs of the model, as a list.
        loss: The error of this sample.
        order: All nodes that the loss depends on in topological order; the loss is the last.
        computed: These, and those that an output alone depends on, in topological order, without leaves.
    """

    leaves: list[Value]
    outputs: list[Value]
    loss: Value
    order: list[Value]
    computed: list[Value]

    def results(self) -> list[float]:
        """The loss, then the outputs of the model."""
        return [self.loss.data, *(z.data for z in self.outputs)]


@dataclass
class Objective:
    """The loss of one sample, as a graph.

    Attributes:
        varies: Whether the graph depends on the sample: `Value`s were compared while it was built, or the graph of
            another sample gave a loss or outputs that recomputing the shared graph did not give, as happens when
            `.data` is read or random numbers are drawn.
        shared: The graph for all samples; None if it varies, or if the loss of every sample is undefined.
        compared: The positions of the few samples whose own graphs are compared with the shared one.
    """

    model: Model
    loss: Loss
    samples: Samples
    varies: bool = False
    shared: SampleGraph | None = None
    compared: list[int] = field(default_factory=list)

    @classmethod
    def trace(cls, model: Model, loss: Loss, samples: Samples, train: bool = True) -> Objective:
        """Build the graphs of a few samples, with all kinds of targets, and decide whether one graph can be shared.

        Raises TypeError if the loss is not a `Value`, and ValueError if the model or the loss refuses a sample, or if
        the loss is to be trained and does not depend on any parameter.
        """
        objective = cls(model, loss, samples)
        with record_comparisons() as compared:
            first = next(objective._build_graphs(samples.rows), None)
            last = next(objective._build_graphs(reversed(samples.rows)), None)
        objective.varies = bool(compared)
        if first is None or last is None:  # the training reports the first sample whose loss is undefined
            return objective
        if train and not objective._can_be_trained(first, last):
            raise ValueError(
                "the loss does not depend on any parameter; compute it from the outputs, not from their .data"
            )
        if not objective.varies:
            objective.shared = first
            limit = max(1, MAX_COMPARED_NODES // len(first.order))
            objective.compared = objective._positions_of_all_targets()[:limit]
            rows = [samples.rows[i] for i in objective.compared]
            graphs = [last, *islice(objective._build_graphs(rows * 2), limit)]  # each twice, to detect chance
            if not all(map(objective._shared_graph_agrees, graphs)):
                objective.varies, objective.shared = True, None
        return objective

    def _positions_of_all_targets(self) -> list[int]:
        """Positions of rows spread evenly over the sorted targets, so that rare ones are included."""
        rows, n = self.samples.rows, self.samples.n_inputs
        ordered = sorted(range(len(rows)), key=lambda i: list(rows[i][n:]))
        places = sorted({round(i * (len(ordered) - 1) / (MAX_COMPARED_ROWS - 1)) for i in range(MAX_COMPARED_ROWS)})
        return [ordered[i] for i in places]

    def _build_graphs(self, rows: Iterable[SampleRow]) -> Iterator[SampleGraph]:
        """The graphs of the rows whose loss is defined."""
        for row in rows:
            try:
                graph = self.build_graph(row)
            except ArithmeticError:
                continue
            yield graph

    def _can_be_trained(self, *graphs: SampleGraph) -> bool:
        """Whether a graph contains a parameter, or all losses are equal, which may be because they are minimal."""
        parameters, losses = set(self.model.parameters()), set()
        for graph in chain(graphs, self._build_graphs(self.samples.rows if self.varies else ())):
            if not parameters.isdisjoint(graph.order):
                return True
            losses.add(graph.loss.data)
        return self.varies and len(losses) == 1

    def _shared_graph_agrees(self, own: SampleGraph, rel_tol: float = 0.0) -> bool:
        """Whether the shared graph gives the same results. `repr` distinguishes -0.0 from 0.0, and NaN equals NaN."""
        try:
            shared = self.graph_for([leaf.data for leaf in own.leaves]).results()
        except ArithmeticError:
            return False
        return len(shared) == len(results := own.results()) and all(
            repr(p) == repr(q) or bool(rel_tol and math.isclose(p, q, rel_tol=rel_tol))
            for p, q in zip(shared, results, strict=True)
        )

    def describe_frozen_number(self) -> str:
        """Describe a sample whose loss, built anew, is not that of the shared graph; "" if all that are tried agree."""
        for i in self.compared if self.shared else ():
            for own in self._build_graphs([self.samples.rows[i]]):
                if self._shared_graph_agrees(own, rel_tol=1e-9):
                    continue
                return (
                    f"the loss of sample {self.samples.indices[i]} is {own.loss.data:.6g}, which its graph, built at"
                    " the start of the training, does not give: the loss or the model reads a number that has changed"
                    " since, and the graph keeps the first; read a Value whose .data is changed, or the parameters"
                    " themselves instead of their .data"
                )
        return ""

    def graph_for(self, row: SampleRow) -> SampleGraph:
        """The graph of a row: the shared one, recomputed for its numbers, or one of its own."""
        graph = self.shared
        if graph is None:
            return self.build_graph(row)
        for leaf, number in zip(graph.leaves, row, strict=True):
            leaf.data = number
        backprop.recompute(graph.computed)
        return graph

    def build_graph(self, row: SampleRow) -> SampleGraph:
        """Build a new graph for a row."""
        n, one_target = self.samples.n_inputs, self.samples.one_target
        inputs, targets = as_values(row[:n], "x"), as_values(row[n:], "y")
        if one_target:
            targets[0].label = "y"
        outputs = self.model(list(inputs))
        loss = self.loss(outputs, targets[0] if one_target else list(targets))
        checks.check_instance(loss, Value, "the loss of a sample must be one Value")
        listed = check_outputs(outputs)
        computed = [node for node in toposort(*listed, loss) if node.inputs]
        return SampleGraph([*inputs, *targets], listed, loss, toposort(loss), computed)


def check_outputs(outputs: Any) -> list[Value]:
    """Return the outputs of a model as a list of `Value`s. Raises TypeError for other types."""
    values = [outputs] if isinstance(outputs, Value) else to_lists(outputs, "the outputs")
    fits = isinstance(values, (list, tuple)) and values and all(isinstance(z, Value) for z in values)
    checks.type_error_unless(bool(fits), "a model must return a Value, or a list or an array of them", outputs)
    return list(values)


def check_targets(loss: Loss, samples: Samples, n_outputs: int) -> None:
    """Raise ValueError for a target that a loss of `nn.losses` refuses, which it cannot once the target is a leaf.

    Only the numbers of a target matter, not their order, so that one of all one-hot targets is checked; squared errors
    accept all numbers, so that one target is enough.
    """
    if loss not in vars(losses).values():
        return
    accepts_all = loss in (losses.half_squared_error, losses.mean_squared_error)
    seen, outputs = set(), [Value(0.0)] * n_outputs
    for i, row in zip(samples.indices, samples.rows, strict=True):
        target = list(row[samples.n_inputs :])
        numbers = () if accepts_all else tuple(sorted(target))
        if numbers in seen:
            continue
        seen.add(numbers)
        try:
            loss(outputs, target)
        except ValueError as error:
            raise ValueError(f"{samples.error_prefix}targets[{i}]: {error}") from error
