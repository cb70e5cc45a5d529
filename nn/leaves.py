"""Numbers as leaves of a graph, and lists of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from engine import Value
from engine._support.real_numbers import as_float, to_iterable, to_lists


def as_values(numbers: Iterable[Value | float], letter: str) -> list[Value]:
    """Numbers as leaves, of which the j-th (from 1) is labelled letter_j; a `Value` is returned as it is.

    Raises TypeError, which gives the label, for other types, and ValueError for a number above the largest float.

    >>> as_values([1.5, Value(2.0)], "x")
    [Value(data=1.5, grad=0.0, label='x_1'), Value(data=2.0, grad=0.0)]
    >>> as_values([1.5, None], "x")
    Traceback (most recent call last):
    ...
    TypeError: x_2 is None, of type NoneType: a number or a Value is needed
    """
    entries = to_iterable(numbers, letter, f"a list of numbers or Values {letter}_1, {letter}_2, ... is needed")
    return [x if isinstance(x, Value) else _make_leaf(x, f"{letter}_{j}") for j, x in enumerate(entries, 1)]


def _make_leaf(number: float, label: str) -> Value:
    hint = "; several samples are given one at a time" if isinstance(number, Iterable) else ""
    return Value(as_float(number, f"{label} is", f"a number or a Value is needed{hint}"), label)


def as_list(numbers: Value | float | Sequence[Value | float]) -> list[Value | float]:
    """One number or several, as a list. Raises TypeError for text, and for types without an order."""
    if isinstance(numbers, (Value, int, float)):
        return [numbers]
    entries = to_lists(numbers, "the list of numbers")
    needs = "a number or a list of numbers is needed"
    return list(to_iterable(entries, "the list", needs)) if isinstance(entries, Iterable) else [entries]
