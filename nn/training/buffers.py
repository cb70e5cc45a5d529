"""Updates of flat sequences of numbers in place, by the rule of an optimizer.

A rule is plain arithmetic, on floats or on NumPy arrays. Lists of floats are updated number by number. Buffers of
doubles (`array.array("d")`, a memoryview, a NumPy array) are updated as NumPy arrays if NumPy is installed, without
copying. IEEE arithmetic rounds + - * / and the square root correctly, so that both give the same bits.
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Callable, MutableSequence, Sequence
from functools import cache
from typing import Any

UpdateRule = Callable[..., tuple[Any, ...]]  # (parameter, states..., derivative) -> (new parameter, new states...)
SquareRoot = Callable[[Any], Any]  # of a number, or of each number of an array


def update(
    rule: Callable[[SquareRoot], UpdateRule],
    updated: Sequence[MutableSequence[float]],
    gradient: Sequence[float],
    copy: bool = True,
) -> None:
    """Apply `rule(sqrt)` to the i-th numbers of the `updated` sequences and of the gradient, and replace the former.

    With `copy` the rule is given copies of arrays, which it may modify or return.
    Raises TypeError for a buffer that does not hold doubles.

    >>> parameters, last = array("d", [1.0, 2.0]), array("d", [0.0, 0.0])
    >>> update(lambda sqrt: lambda p, last, g: (p - g, g), [parameters, last], [0.5, 0.25])
    >>> parameters, last
    (array('d', [0.5, 1.75]), array('d', [0.5, 0.25]))
    """
    numpy = _numpy_for(*updated)
    if numpy is None:
        new = list(map(rule(math.sqrt), *updated, gradient))  # complete before the first is stored: all or none
        for column, numbers in list(zip(updated, zip(*new, strict=True), strict=True)):
            for i, number in enumerate(numbers):
                column[i] = number
        return
    arrays = [numpy.asarray(numbers) for numbers in updated]  # they share the buffers' memory
    for numbers in arrays:
        if numbers.dtype.char != "d" or numbers.ndim != 1:
            raise TypeError(f"a flat sequence of doubles is needed, not {numbers.ndim} dimensions of {numbers.dtype}")
    make = numpy.array if copy else numpy.asarray
    given = [make(numbers, "d") for numbers in (*arrays, gradient)]
    apply = _make_silent_apply()
    results = apply(rule(numpy.sqrt), given)
    for numbers, result in [*zip(arrays, results, strict=True)]:
        numbers[...] = result


@cache
def _make_silent_apply() -> Any:
    """Return a function that applies a rule to arrays, where as with floats, overflow and ∞ - ∞ do not warn."""
    return _numpy().errstate(all="ignore")(lambda rule, arrays: rule(*arrays))  # made once, because it takes long


def elementwise(function: Callable[[Any], Any], numbers: Sequence[float]) -> Sequence[float]:
    """A function of plain arithmetic, applied to each number, as a new sequence.

    >>> list(elementwise(lambda x: x / 4, [1.0, 2.0]))
    [0.25, 0.5]
    """
    numpy = _numpy_for(numbers)
    results: Sequence[float] = function(numpy.asarray(numbers)) if numpy else array("d", map(function, numbers))
    return results


def clamp(numbers: Sequence[float], bound: float) -> Sequence[float]:
    """Each number, or the nearer of -bound and bound if it is outside of them, as a new sequence.

    >>> list(clamp([1.0, -3.0], 2.0))
    [1.0, -2.0]
    """
    numpy = _numpy_for(numbers)
    return numpy.clip(numbers, -bound, bound) if numpy else array("d", [max(-bound, min(x, bound)) for x in numbers])


def is_all_finite(numbers: Sequence[float]) -> bool:
    """Whether all numbers are finite: neither NaN nor infinite.

    >>> is_all_finite(array("d", [1.0, 1e308, 1e308])), is_all_finite([1.0, math.nan])
    (True, False)
    """
    numpy = _numpy_for(numbers)
    return bool(numpy.isfinite(numbers).all()) if numpy else all(map(math.isfinite, numbers))


def to_array(numbers: list[Any]) -> Any:
    """A list of numbers, or of rows of them, as an array of NumPy; the list itself if NumPy is not installed."""
    numpy = _numpy()
    return numpy.array(numbers) if numpy else numbers


def _numpy_for(*sequences: Any) -> Any:
    """NumPy, if it is installed and all sequences are buffers; otherwise None."""
    try:
        for numbers in sequences:
            memoryview(numbers)
    except TypeError:
        return None
    return _numpy()


@cache
def _numpy() -> Any:
    """NumPy, or None if it is not installed. It is imported when the first buffer is updated."""
    try:
        import numpy
    except ImportError:
        return None
    return numpy
