"""A batch of rows of numbers, given as sequences or as a NumPy array, contiguous in memory."""

from __future__ import annotations

import ctypes
from array import array
from collections.abc import Iterable, Sequence
from typing import Any


class Batch:
    """`n` rows of `width` doubles, in row-major order, at `address`.

    A writable C-contiguous NumPy array of float64 of shape (n, width) is not copied; other rows are. Raises ValueError,
    which names the row, for a wrong length, and TypeError for an element that is not a number.

    >>> batch = Batch([[1.0, 2.0], (3, 4)], 2)
    >>> batch.n, batch.tolist()
    (2, [[1.0, 2.0], [3.0, 4.0]])
    """

    def __init__(self, rows: Any, width: int) -> None:
        self.width = width
        view = _view_of_doubles(rows)
        if view is None:
            self.n, numbers = _copy(rows, width)
            view = memoryview(numbers)
        else:
            if view.ndim != 2 or view.shape is None or view.shape[1] != width:
                raise ValueError(f"an array of rows must have the shape (rows, {width}), not {view.shape}")
            self.n = view.shape[0]
            if view.readonly or not view.c_contiguous:  # ctypes does not give the address of read-only memory
                view = memoryview(array("d", view.tobytes()))
        self._view: memoryview[Any] = view
        self.address = ctypes.addressof(ctypes.c_char.from_buffer(view)) if view.nbytes else 0

    def tolist(self) -> list[list[float]]:
        """The rows as lists of floats."""
        flat: list[Any] = self._view.cast("B").cast("d").tolist() if self._view.nbytes else []
        return [flat[i * self.width : (i + 1) * self.width] for i in range(self.n)]


def _view_of_doubles(rows: Any) -> memoryview | None:
    """A view of an array of doubles; None for other rows. Raises TypeError for an array of complex numbers."""
    try:
        view = memoryview(rows)
    except TypeError:
        return None
    if view.format.startswith("Z"):  # as NumPy writes their type
        raise TypeError("the rows are complex numbers; take the real part, or make a row of both parts")
    return view if view.format == "d" else None


def _copy(rows: Iterable[Sequence[float]], width: int) -> tuple[int, array[float]]:
    numbers = array("d")
    n = 0
    try:
        for n, row in enumerate(rows, 1):
            # extend copies an array of doubles at once, refuses one of another type, and takes an iterator of any.
            numbers.extend(row if isinstance(row, array) and row.typecode == "d" else iter(row))
            if len(numbers) != n * width:
                given = len(numbers) - (n - 1) * width
                raise ValueError(f"row {n - 1} has {given} numbers, but there are {width} inputs")
    except (TypeError, OverflowError) as error:
        place = f"row {n - 1}" if n else "the batch"
        raise TypeError(f"{place} cannot be read: {error}; a row is a sequence with a number for each input") from error
    return n, numbers
