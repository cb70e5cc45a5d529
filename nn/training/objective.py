"""The loss of one sample as a graph, for any sample: what training lowers.

Inputs and targets are leaves, so the graph is built once and recomputed for every sample. That is right as long as no
number decides how the graph is built. Where one does, the graph is built for each sample.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from typing import Any, Protocol

from engine import Value, backprop, toposort
from engine._support import checks
from engine.comparisons import record_comparisons
from nn import losses
from nn.module import as_values
from nn.training.data import SampleRow, Samples

MAX_COMPARED_ROWS = 8  # rows whose graphs are compared with the first,
MAX_COMPARED_NODES = 20_000  # as long as these are not more in all

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


@dataclass
class Objective:
    """The loss of one sample, as a graph.

    Attributes:
        varies: Whether a number decides how the graph is built: because a comparison of `Value`s (or `float` of one)
            did, or because building it anew for other samples gave another number than recomputing it did, as it does
            when `.data` is read or random numbers are drawn. A few samples of all kinds of targets are tried.
        shared: The graph that serves every sample; None if it varies, or if no sample has a loss.
    """

    model: Model
    loss: Loss
    samples: Samples
    varies: bool = False
    shared: SampleGraph | None = None

    @classmethod
    def trace(cls, model: Model, loss: Loss, samples: Samples) -> Objective:
        """The objective, tried on a few samples.

        Raises TypeError if the loss is no `Value`, and ValueError if it does not depend on any of the parameters, or if
        the model or the loss refuses the samples.
        """
        objective = cls(model, loss, samples)
        with record_comparisons() as compared:
            first = next(objective._graphs(samples.rows), None)
            last = next(objective._graphs(reversed(samples.rows)), None)
        objective.varies = bool(compared)
        if first is None or last is None:  # training will come to a sample, and say why it has no loss
            return objective
        if not objective._can_be_trained(first, last):
            raise ValueError("the loss does not depend on any parameter: was it made of the outputs' data?")
        if not objective.varies:
            objective.shared = first
            others = islice(objective._graphs(objective._spread()), max(1, MAX_COMPARED_NODES // len(first.order)))
            if not all(map(objective._recomputes, [last, *others])):
                objective.varies, objective.shared = True, None
        return objective

    def _spread(self) -> list[SampleRow]:
        """Rows of all kinds of targets, the rare ones of a loss that weighs them among them; each twice, for chance."""
        n = self.samples.n_inputs
        ordered = sorted(self.samples.rows, key=lambda row: list(row[n:]))
        places = sorted({round(i * (len(ordered) - 1) / (MAX_COMPARED_ROWS - 1)) for i in range(MAX_COMPARED_ROWS)})
        return [ordered[i] for i in (*places, *places)]

    def _graphs(self, rows: Iterable[SampleRow]) -> Iterator[SampleGraph]:
        """The graphs of those rows that have a loss."""
        for row in rows:
            try:
                graph = self.build(row)
            except ArithmeticError:
                continue
            yield graph

    def _can_be_trained(self, *graphs: SampleGraph) -> bool:
        """Whether a parameter is in any graph. Losses that are equal everywhere can be the least there is."""
        parameters, losses = set(self.model.parameters()), set()
        for graph in chain(graphs, self._graphs(self.samples.rows if self.varies else ())):
            if not parameters.isdisjoint(graph.order):
                return True
            losses.add(graph.loss.data)
        return self.varies and len(losses) == 1

    def _recomputes(self, own: SampleGraph) -> bool:
        """Whether the shared graph gives the loss of that one. All digits tell -0.0 from 0.0, and NaN is "nan"."""
        try:
            return repr(self.at([leaf.data for leaf in own.leaves]).loss.data) == repr(own.loss.data)
        except ArithmeticError:
            return False

    def at(self, row: SampleRow) -> SampleGraph:
        """The graph with the numbers of that row: the shared one, recomputed, or one of its own."""
        graph = self.shared
        if graph is None:
            return self.build(row)
        for leaf, number in zip(graph.leaves, row, strict=True):
            leaf.data = number
        backprop.recompute(graph.made)
        return graph

    def build(self, row: SampleRow) -> SampleGraph:
        """A new graph for that row."""
        n, one_target = self.samples.n_inputs, self.samples.one_target
        inputs, targets = as_values(row[:n], "x"), as_values(row[n:], "y")
        if one_target:
            targets[0].label = "y"
        outputs = self.model(list(inputs))
        loss = self.loss(outputs, targets[0] if one_target else list(targets))
        checks.check_instance(loss, Value, "the loss of a sample is one Value")
        order = toposort(loss)
        made = [node for node in order if node.inputs]
        return SampleGraph([*inputs, *targets], check_outputs(outputs), loss, order, made)


def check_outputs(outputs: Any) -> list[Value]:
    """What a model returned, as a list of `Value`s. Raises TypeError for anything else."""
    values = [outputs] if isinstance(outputs, Value) else outputs
    fits = isinstance(values, (list, tuple)) and values and all(isinstance(z, Value) for z in values)
    checks.type_error_unless(bool(fits), "a model returns a Value or a list of them", outputs)
    return list(values)


def check_targets(loss: Loss, samples: Samples, n_outputs: int) -> None:
    """Raise ValueError for a target that a loss of `nn.losses` refuses; as a leaf of a graph it could be any number.

    Whether one does is a matter of its numbers, not of their order, so that all one-hot targets are one; and squared
    errors refuse no number, so that one target tells.
    """
    if loss not in vars(losses).values():
        return
    any_number = loss in (losses.half_squared_error, losses.mean_squared_error)
    seen, outputs = set(), [Value(0.0)] * n_outputs
    for i, row in zip(samples.indices, samples.rows, strict=True):
        target = list(row[samples.n_inputs :])
        kind = () if any_number else tuple(sorted(target))
        if kind in seen:
            continue
        seen.add(kind)
        try:
            loss(outputs, target)
        except ValueError as error:
            raise ValueError(f"{samples.name}targets[{i}]: {error}") from error
