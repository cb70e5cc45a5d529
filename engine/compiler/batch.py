"""Rows of numbers, as sequences or as an array, side by side in memory."""

from __future__ import annotations

import ctypes
from array import array
from collections.abc import Iterable, Sequence
from typing import Any


class Batch:
    """`n` rows of `width` doubles, one after the other, at `address`.

    A C-contiguous array of float64 of the shape (n, width) is read where it is; anything else is copied.
    Raises ValueError, which names the row, for a wrong length, and TypeError for what is no number.

    >>> rows = Batch([[1.0, 2.0], (3, 4)], 2)
    >>> rows.n, rows.tolist()
    (2, [[1.0, 2.0], [3.0, 4.0]])
    """

    def __init__(self, rows: Any, width: int) -> None:
        self.width = width
        view = _doubles(rows)
        if view is None:
            self.n, numbers = _copied(rows, width)
            view = memoryview(numbers)
        else:
            if view.ndim != 2 or view.shape is None or view.shape[1] != width:
                raise ValueError(f"an array of rows must have the shape (rows, {width}), not {view.shape}")
            self.n = view.shape[0]
            if view.readonly or not view.c_contiguous:  # Python does not tell the address of what is read-only
                view = memoryview(array("d", view.tobytes()))
        self._view: memoryview[Any] = view
        self.address = _address(view)

    def tolist(self) -> list[list[float]]:
        """The rows as lists of floats."""
        flat: list[Any] = self._view.cast("B").cast("d").tolist() if self._view.nbytes else []
        return [flat[i * self.width : (i + 1) * self.width] for i in range(self.n)]


def _doubles(rows: Any) -> memoryview | None:
    """The memory of an array of doubles. Raises TypeError for complex numbers, whose imaginary part would be lost."""
    try:
        view = memoryview(rows)
    except TypeError:
        return None
    if view.format.startswith("Z"):  # as NumPy writes their type
        raise TypeError("the rows are complex numbers; take the real part, or make a row of both parts")
    return view if view.format == "d" else None


def _address(view: memoryview) -> int:
    return ctypes.addressof(ctypes.c_char.from_buffer(view)) if view.nbytes else 0


def _copied(rows: Iterable[Sequence[float]], width: int) -> tuple[int, array[float]]:
    numbers = array("d")
    n = 0
    try:
        for n, row in enumerate(rows, 1):
            # An array takes in one of doubles at once, refuses one of another kind, and takes any numbers one by one.
            numbers.extend(row if isinstance(row, array) and row.typecode == "d" else iter(row))
            if len(numbers) != n * width:
                given = len(numbers) - (n - 1) * width
                raise ValueError(f"row {n - 1} has {given} numbers, but there are {width} inputs")
    except (TypeError, OverflowError) as error:
        what = f"row {n - 1}" if n else "what was given"
        raise TypeError(f"{what} cannot be read: {error}; rows are sequences of numbers, one for each input") from error
    return n, numbers
