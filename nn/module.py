"""What every part of a network can do, and how numbers come in."""

from __future__ import annotations

import math
import operator
from collections.abc import Iterable, Sequence
from numbers import Real
from reprlib import repr as abridged

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

    Raises TypeError, which gives the label, for what is no number.

    >>> as_values([1.5, Value(2.0)], "x")
    [Value(data=1.5, grad=0.0, label='x_1'), Value(data=2.0, grad=0.0)]
    >>> as_values([1.5, None], "x")
    Traceback (most recent call last):
    ...
    TypeError: x_2 is None, of type NoneType: a number or a Value is needed
    """
    if not isinstance(numbers, Iterable):
        raise TypeError(f"a list of numbers or Values {letter}_1, {letter}_2, ... is needed, not {numbers!r}")
    return [x if isinstance(x, Value) else _leaf(x, f"{letter}_{j}") for j, x in enumerate(numbers, 1)]


def _leaf(number: float, label: str) -> Value:
    try:
        return Value(number, label)
    except (TypeError, ValueError):
        given = f"{abridged(number)}, of type {type(number).__name__}"
        hint = "; several samples are given one at a time" if isinstance(number, Iterable) else ""
        raise TypeError(f"{label} is {given}: a number or a Value is needed{hint}") from None


def real(number: float, name: str, least: float = 0.0, limit: float = math.inf) -> float:
    """The number as a float. Raises ValueError, or TypeError, unless it is in [least, limit).

    >>> real(1, "momentum", limit=1.0)
    Traceback (most recent call last):
    ...
    ValueError: momentum is 1; it must be at least 0 and below 1
    """
    if not isinstance(number, (float, Real)):  # of floats, the most, it is found out sooner
        raise TypeError(f"{name} is a number, not {number!r} of type {type(number).__name__}")
    if not least <= number < limit:
        needs = "a finite number" if limit == math.inf else f"below {limit:g}"
        raise ValueError(f"{name} is {number!r}; it must be {'above' if least else 'at least'} 0 and {needs}")
    return float(number)


def as_list(numbers: Value | float | Sequence[Value | float]) -> list[Value | float]:
    """One number or several, as a list."""
    return list(numbers) if isinstance(numbers, Iterable) else [numbers]


def size(number: int, needs: str, most: int | None = None) -> int:
    """The number as an int from 1 to `most`, for what needs "at least one ...". Raises ValueError, or TypeError.

    >>> size(0, "a neuron needs at least one input")
    Traceback (most recent call last):
    ...
    ValueError: a neuron needs at least one input, not 0
    """
    try:
        whole = operator.index(number)
    except TypeError:
        raise TypeError(f"{needs} (a whole number), not {abridged(number)} of type {type(number).__name__}") from None
    if whole < 1:
        raise ValueError(f"{needs}, not {whole}")
    if most is not None and whole > most:
        raise ValueError(f"{needs}, and at most {most:,} fit into memory, not {float(min(whole, 10**300)):.6g}")
    return whole
