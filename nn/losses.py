"""Errors: how far outputs are from their targets."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from engine import Value
from nn.module import as_list, as_values


def half_squared_error(outputs: Value | Sequence[Value], targets: Value | float | Sequence[Value | float]) -> Value:
    """The paper's error of one sample, E_n = ½ Σ_i (z_i - y_i)² (Section 3.2; for several outputs, Section 5.2).

    The paper calls it a mean square error, but there is no mean in it. Targets that are numbers become leaves labelled
    y, or y_1, y_2, ..., and the error is labelled E.
    Raises ValueError if there are not as many targets as outputs.

    >>> z = Value(0.75, "z")
    >>> E = half_squared_error(z, 0.25)
    >>> E.backward()
    >>> E.data, z.grad
    (0.125, 0.5)
    """
    predictions, wanted = as_values(as_list(outputs), "z"), as_values(as_list(targets), "y")
    if len(predictions) != len(wanted) or not wanted:
        raise ValueError(f"{len(predictions)} outputs need as many targets, {len(wanted)} were given")
    if not isinstance(targets, (Value, Iterable)):
        wanted[0].label = "y"
    squares = [(z - y) ** 2 for z, y in zip(predictions, wanted, strict=True)]
    total = squares[0]
    for square in squares[1:]:
        total = total + square
    error = total / 2
    error.label = "E"
    return error
