"""The sums of the loss and of its gradient over samples, computed on the graph or by a compiled program.

The training loop uses either as a `Runner`. Parameters and gradients are flat sequences of numbers, which the optimizer
updates in place.
"""

from __future__ import annotations

from array import array
from collections.abc import MutableSequence, Sequence
from itertools import repeat
from operator import add
from typing import Any, Protocol

import engine
from engine import Value, backprop, ops
from nn.training.data import SampleRow
from nn.training.objective import Objective, SampleGraph


class Runner(Protocol):
    """The loss of one sample, summed over rows of samples, with its gradient.

    Attributes:
        parameters: The numbers of the parameters, in order. The optimizer updates them in place.
        gradient: The derivatives with respect to the parameters, summed over the rows of the last `sum_over`.
    """

    parameters: MutableSequence[float]
    gradient: Sequence[float]

    def load(self) -> None:
        """Take the numbers of the parameters' `Value`s."""

    def store(self) -> None:
        """Give the numbers back to the `Value`s."""

    def sum_over(self, rows: Sequence[SampleRow], /) -> float:
        """The sum of the loss over the rows; `gradient` then holds the sum of its derivatives."""

    def each(self, rows: Sequence[SampleRow], /) -> Sequence[Sequence[float]]:
        """For each row its loss, then the outputs of the model."""


class GraphRunner:
    """The reference: recomputes the graph of `Value`s for each row and backpropagates. Every `grad` stays as it was."""

    def __init__(self, objective: Objective, parameters: Sequence[Value]) -> None:
        self._objective, self._values = objective, list(parameters)
        self.parameters: MutableSequence[float] = array("d")
        self.gradient: Sequence[float] = array("d")
        self.load()

    def load(self) -> None:
        """Take the numbers of the parameters' `Value`s."""
        self.parameters = array("d", [p.data for p in self._values])

    def store(self) -> None:
        """Give the numbers back to the `Value`s."""
        for value, number in zip(self._values, self.parameters, strict=True):
            value.data = number

    def sum_over(self, rows: Sequence[SampleRow], /) -> float:
        """The sum of the loss over the rows; `gradient` then holds the sum of its derivatives."""
        self.store()
        total, gradient = 0.0, [0.0] * len(self._values)
        for row in rows:
            graph = self._objective.graph_for(row)
            derivative = backprop.backpropagate(graph.order)
            gradient = list(map(add, gradient, map(derivative.get, self._values, repeat(0.0))))
            total += graph.loss.data
        self.gradient = array("d", gradient)
        return total

    def each(self, rows: Sequence[SampleRow], /) -> list[list[float]]:
        """For each row its loss, then the outputs of the model."""
        self.store()
        return [self._objective.graph_for(row).results() for row in rows]


class ProgramRunner:
    """The graph of a sample as a compiled program, which gives the same sums."""

    def __init__(self, graph: SampleGraph, parameters: Sequence[Value], backend: str, **options: Any) -> None:
        self._graph, self._values, self._backend, self._options = graph, list(parameters), backend, options
        given = {*graph.leaves, *parameters}
        nodes = engine.toposort(graph.loss, *graph.outputs)
        self._constants = [x for x in nodes if x.op is ops.variable and x not in given]
        self._compile()

    def _compile(self) -> None:
        self._compiled_constants = [x.data for x in self._constants]  # the program contains these numbers
        self._program = self._program_of([self._graph.loss])
        self._output_program: engine.Program | None = None
        self.parameters: MutableSequence[float] = self._program.parameters
        self.gradient: Sequence[float] = self._program.gradient

    def _follow_constants(self) -> None:
        """Compile the graph again if leaves have changed that are neither its inputs nor its parameters."""
        if [x.data for x in self._constants] != self._compiled_constants:
            numbers = self.parameters
            self._compile()
            self.parameters[:] = numbers

    def _program_of(self, outputs: list[Value]) -> engine.Program:
        """Compile these outputs; unlike `engine.compile`, for a model that may ignore inputs and parameters."""
        output = outputs if len(outputs) > 1 else outputs[0]
        return engine.Program(output, self._graph.leaves, self._values, self._backend, **self._options)

    def load(self) -> None:
        """Take the numbers of the parameters' `Value`s."""
        self._program.load()

    def store(self) -> None:
        """Give the numbers back to the `Value`s."""
        self._program.store()

    def sum_over(self, rows: Sequence[SampleRow], /) -> float:
        """The sum of the loss over the rows; `gradient` then holds the sum of its derivatives."""
        self._follow_constants()
        return self._program.sum_over(_contiguous(rows))[0]

    def each(self, rows: Sequence[SampleRow], /) -> Sequence[Sequence[float]]:
        """For each row its loss, then the outputs of the model."""
        self._follow_constants()
        if self._output_program is None:
            self._output_program = self._program_of([self._graph.loss, *self._graph.outputs])
        self._output_program.parameters[:] = self.parameters
        found: Sequence[Sequence[float]] = self._output_program.each(_contiguous(rows))
        return found


def _contiguous(rows: Sequence[SampleRow]) -> Any:
    """The rows, arrays of doubles of one length, in contiguous memory, which a program reads without a copy;
    the empty list of no rows.

    >>> _contiguous([array("d", [1.0, 2.0]), array("d", [3.0, 4.0])]).tolist()
    [[1.0, 2.0], [3.0, 4.0]]
    """
    buffers: Any = rows
    if not rows:
        return rows
    return memoryview(bytearray().join(buffers)).cast("B").cast("d", (len(rows), len(rows[0])))


def runner_for(
    objective: Objective,
    parameters: Sequence[Value],
    backend: str = "auto",
    kind: type[ProgramRunner] | None = None,
    **options: Any,
) -> Runner:
    """The runner for a backend: "engine", a backend of `engine.compile` with its options, or "auto".

    Programs are run by a `ProgramRunner`, or another `kind` of it.

    "auto" is the fastest backend that is installed if the samples share a graph, and "engine" otherwise. If the loss of
    every sample is undefined, the runner is that of "engine" in any case, which raises the error. With "llvm" an
    intermediate result may be infinite, as long as the loss and its gradient are finite.
    Raises ValueError for an unknown backend, for an option that it does not have, and for a backend that compiles, or
    an option of those, if the samples cannot share a graph.
    """
    if backend not in ("auto", "engine") and backend not in engine.Program.backends():
        possible = map(repr, ["auto", "engine", *engine.Program.backends()])
        raise ValueError(f"unknown backend {backend!r}; choose from {', '.join(possible)}")
    given = {name: option for name, option in options.items() if option is not None}
    compiled = [f"the backend {backend!r}"] * (backend not in ("auto", "engine")) + list(given)
    if objective.varies and compiled:
        raise ValueError(
            f"{compiled[0]} is for one graph of all samples, which is compiled, but the graph of this model or loss"
            " depends on the sample (it compares Values, reads their data, or draws random numbers); use the backend"
            f" 'engine'{''.join(f', without {name}' for name in given)}"
        )
    if backend == "engine" and given:
        from engine.compiler.targets import unknown_option  # here, since the compiler is loaded when it is needed

        raise unknown_option(backend, *next(iter(given.items())))
    if objective.shared is None or backend == "engine":
        return GraphRunner(objective, parameters)
    return (kind or ProgramRunner)(objective.shared, parameters, backend, **options)
