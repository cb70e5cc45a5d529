"""What every part of a network can do."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from engine import Value


class Module:
    """A part of a network: it has parameters.

    >>> from nn import Neuron
    >>> neuron = Neuron(2)
    >>> len(neuron.parameters())
    3
    """

    def parameters(self) -> list[Value]:
        """The `Value`s that training changes, in a fixed order."""
        return []

    def zero_grad(self) -> None:
        """Set the `grad` of every parameter to 0."""
        for parameter in self.parameters():
            parameter.grad = 0.0


def as_values(numbers: Iterable[Value | float], letter: str) -> list[Value]:
    """Numbers as leaves with labels: the j-th (from 1) is called letter_j. What is a `Value` already stays as it is.

    >>> as_values([1.5, Value(2.0)], "x")
    [Value(data=1.5, grad=0.0, label='x_1'), Value(data=2.0, grad=0.0)]
    """
    return [x if isinstance(x, Value) else Value(x, f"{letter}_{j}") for j, x in enumerate(numbers, 1)]


def as_list(numbers: Value | float | Sequence[Value | float]) -> list[Value | float]:
    """One number or several, as a list."""
    return list(numbers) if isinstance(numbers, Iterable) else [numbers]
