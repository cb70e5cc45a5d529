"""Checks of arguments, for the public functions: each raises an error that says what is needed and what was given."""

from __future__ import annotations

import operator
from collections.abc import Iterable
from reprlib import Repr
from typing import Any, SupportsIndex


class _Repr(Repr):
    """A `repr` that reads only those parts of a long or a deep list that it shows."""

    def repr_int(self, x: int, level: int) -> str:
        return super().repr_int(x, level) if x.bit_length() < 10_000 else f"an int of {x.bit_length():,} bits"


_REPR = _Repr()
_REPR.maxother = _REPR.maxstring = 60
abridge = _REPR.repr


def format_given(given: object) -> str:
    """An abbreviated value, and its type.

    >>> format_given([0.5] * 1000)
    '[0.5, 0.5, 0.5, 0.5, 0.5, 0.5, ...] of type list'
    """
    return f"{_REPR.repr(given)} of type {type(given).__name__}"


def type_error_unless(holds: bool, needs: str, given: object) -> None:
    """Raise TypeError, "{needs}, not {given}", unless it holds."""
    if not holds:
        raise TypeError(f"{needs}, not {format_given(given)}")


def value_error_unless(holds: bool, needs: str, given: object) -> None:
    """Raise ValueError, "{needs}, not {given}", unless it holds."""
    if not holds:
        raise ValueError(f"{needs}, not {_REPR.repr(given)}")


def check_instance(given: object, kind: type[Any] | tuple[type[Any], ...], needs: str) -> None:
    """Raise TypeError unless `given` is an instance of `kind`.

    >>> check_instance(3, str, "a title is text")
    Traceback (most recent call last):
    ...
    TypeError: a title is text, not 3 of type int
    """
    type_error_unless(isinstance(given, kind), needs, given)


def check_choice(given: object, possible: Iterable[str], what: str, more: str = "") -> None:
    """Raise ValueError unless `given` is one of the possible names; `more` ends the list of these in the message.

    >>> check_choice("gif", ["svg", "png"], "format")
    Traceback (most recent call last):
    ...
    ValueError: unknown format 'gif'; choose from svg, png
    """
    names = list(possible)
    if given not in names:
        raise ValueError(f"unknown {what} {_REPR.repr(given)}; choose from {', '.join(names)}{more}")


def check_positive_int(number: int, needs: str, maximum: int | None = None) -> int:
    """The number as an int from 1 to `maximum`. Raises ValueError or TypeError.

    >>> check_positive_int(0, "a neuron needs at least one input")
    Traceback (most recent call last):
    ...
    ValueError: a neuron needs at least one input, not 0
    """
    check_instance(number, SupportsIndex, f"{needs} (a whole number)")
    found = operator.index(number)
    value_error_unless(found >= 1, needs, found)
    if maximum is not None and found > maximum:
        raise ValueError(f"{needs}, and at most {maximum:,}, not {float(min(found, 10**300)):.6g}")
    return found
