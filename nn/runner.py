"""Running the loss over many samples: the sum of it, and the sum of its gradients.

`fit` drives a `Runner` and does not know what is behind it. Numbers pass in flat sequences, so that the rule of an
optimizer serves them all.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, MutableSequence, Sequence
from itertools import repeat
from operator import add
from typing import Protocol

from engine import Value, backprop
from nn.data import Row
from nn.objective import Objective

BACKENDS = ("auto", "engine")


class Runner(Protocol):
    """The loss of one sample, summed over rows of samples, with its gradient.

    Attributes:
        parameters: The parameters' numbers, flat, in their order. An optimizer changes them in place.
        gradient: The derivatives by them, summed over the samples of the last `sum_over`.
    """

    parameters: MutableSequence[float]
    gradient: MutableSequence[float]

    def load(self) -> None:
        """Take the numbers of the parameters' `Value`s."""

    def store(self) -> None:
        """Give the numbers back to the `Value`s."""

    def sum_over(self, rows: Iterable[Row], /) -> float:
        """The sum of the loss over the rows; `gradient` then holds the sum of its derivatives."""


class GraphRunner:
    """The reference: recomputes the graph of `Value`s for each row, and sweeps back over it. No `grad` is touched."""

    def __init__(self, objective: Objective, parameters: Sequence[Value]) -> None:
        self._objective, self._values = objective, list(parameters)
        self.parameters: MutableSequence[float] = array("d")
        self.gradient: MutableSequence[float] = array("d")
        self.load()

    def load(self) -> None:
        """Take the numbers of the parameters' `Value`s."""
        self.parameters = array("d", [p.data for p in self._values])

    def store(self) -> None:
        """Give the numbers back to the `Value`s."""
        for value, number in zip(self._values, self.parameters, strict=True):
            value.data = number

    def sum_over(self, rows: Iterable[Row], /) -> float:
        """The sum of the loss over the rows; `gradient` then holds the sum of its derivatives."""
        self.store()
        total, gradient = 0.0, [0.0] * len(self._values)
        for row in rows:
            graph = self._objective.at(row)
            derivative = backprop.sweep(graph.order)
            gradient = list(map(add, gradient, map(derivative.get, self._values, repeat(0.0))))
            total += graph.loss.data
        self.gradient = array("d", gradient)
        return total


def runner_for(objective: Objective, parameters: Sequence[Value], backend: str = "auto") -> Runner:
    """The runner that `backend` names; "auto" takes the fastest that there is.

    Raises ValueError for a backend that is not there.
    """
    if backend not in BACKENDS:
        raise ValueError(f"there is no backend {backend!r}; possible are {', '.join(map(repr, BACKENDS))}")
    return GraphRunner(objective, parameters)
