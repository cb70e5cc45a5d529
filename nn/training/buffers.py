"""Updating flat sequences of numbers in place, by one rule: a number at a time, or whole arrays at once.

A rule is plain arithmetic, so it does not care what kind of number it gets. Lists of floats are updated number by
number. Buffers of doubles (`array.array("d")`, a memoryview, a NumPy array) are updated as NumPy arrays where NumPy is
installed, without copying. IEEE arithmetic rounds + - * / and the square root in one way only, so both come to the
same bits.
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Callable, MutableSequence, Sequence
from functools import cache
from typing import Any

UpdateRule = Callable[..., tuple[Any, ...]]  # from the numbers in one place of all sequences to the new ones
SquareRoot = Callable[[Any], Any]  # of one number, or of each number of an array


def update(
    rule: Callable[[SquareRoot], UpdateRule],
    changed: Sequence[MutableSequence[float]],
    read: Sequence[float],
    copy: bool = True,
) -> None:
    """Put `rule(sqrt)(*changed, read)` into `changed`, place by place.

    Arrays are copied for the rule, unless it is known neither to change what it is given nor to give it back.
    Raises TypeError for a buffer of something else than doubles.

    >>> total, last, more = array("d", [1.0, 2.0]), array("d", [0.0, 0.0]), [0.5, 0.25]
    >>> update(lambda sqrt: lambda t, last, x: (t + x, x), [total, last], more)
    >>> total, last
    (array('d', [1.5, 2.25]), array('d', [0.5, 0.25]))
    """
    numpy = _numpy_for(*changed)
    if numpy is None:
        new = list(map(rule(math.sqrt), *changed, read))  # all of it first: an error leaves nothing half-changed
        for column, numbers in list(zip(changed, zip(*new, strict=True), strict=True)):
            for i, number in enumerate(numbers):
                column[i] = number
        return
    arrays = [numpy.asarray(numbers) for numbers in changed]  # they share the buffers' memory
    for numbers in arrays:
        if numbers.dtype.char != "d" or numbers.ndim != 1:
            raise TypeError(f"a flat sequence of doubles is needed, not {numbers.ndim} dimensions of {numbers.dtype}")
    make = numpy.array if copy else numpy.asarray
    given = [make(numbers, "d") for numbers in (*arrays, read)]
    results = _apply_without_warnings()(rule(numpy.sqrt), given)
    for numbers, result in [*zip(arrays, results, strict=True)]:
        numbers[...] = result


@cache
def _apply_without_warnings() -> Any:
    """Apply a rule to arrays. As with floats, overflow gives infinity and infinity - infinity NaN, without a word."""
    return _numpy().errstate(all="ignore")(lambda rule, arrays: rule(*arrays))  # made once, since this takes its time


def divide(numbers: Sequence[float], n: int) -> Sequence[float]:
    """Each number divided by n, as a new sequence.

    >>> list(divide([1.0, 2.0], 4))
    [0.25, 0.5]
    """
    numpy = _numpy_for(numbers)
    quotients: Sequence[float] = numpy.asarray(numbers) / n if numpy else array("d", [x / n for x in numbers])
    return quotients


def is_all_finite(numbers: Sequence[float]) -> bool:
    """Whether there is no NaN and no infinity among the numbers.

    >>> is_all_finite(array("d", [1.0, 1e308, 1e308])), is_all_finite([1.0, math.nan])
    (True, False)
    """
    numpy = _numpy_for(numbers)
    return bool(numpy.isfinite(numbers).all()) if numpy else all(map(math.isfinite, numbers))


def _numpy_for(*sequences: Any) -> Any:
    """NumPy, if it is installed and all of these are buffers; else None."""
    try:
        for numbers in sequences:
            memoryview(numbers)
    except TypeError:
        return None
    return _numpy()


@cache
def _numpy() -> Any:
    """The module, or None where it is not installed. It is imported when the first buffer is updated."""
    try:
        import numpy
    except ImportError:
        return None
    return numpy
