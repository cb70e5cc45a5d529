"""A batch of rows of numbers, given as sequences or as an array, contiguous in memory."""

from __future__ import annotations

import ctypes
import sys
from array import array
from collections.abc import Iterable
from typing import Any

from engine._support.real_numbers import check_not_masked, is_plain, read_numbers, to_iterable
from engine.compiler.calls.arrays import imported_numpy

_DOUBLES = ("d", "@d", "=d", "<d" if sys.byteorder == "little" else ">d")  # the formats of native doubles
_OTHERS = tuple("?bhilqBHILQef")  # of other numbers, the closest doubles to which are those of Python


class Batch:
    """`n` rows of `width` doubles, in row-major order, at `address`; `view` is their memory.

    A writable C-contiguous array of float64 of the shape (n, width) is not copied; other rows are.
    Raises ValueError, which names the row, for a wrong length, and TypeError for an element that is not a number.

    >>> batch = Batch([[1.0, 2.0], (3, 4)], 2)
    >>> batch.n, batch.tolist()
    (2, [[1.0, 2.0], [3.0, 4.0]])
    """

    def __init__(self, rows: Any, width: int) -> None:
        view = None if type(rows) is list else view_of_doubles(rows, "rows")
        if view is None:
            n, numbers = _copy(rows, width)
            self._hold(memoryview(numbers), n, width)
        elif view.ndim != 2 or view.shape is None or view.shape[1] != width:
            raise ValueError(f"an array of rows must have the shape (rows, {width}), not {view.shape}")
        else:
            self._hold(view, view.shape[0], width)

    @classmethod
    def of(cls, numbers: array[float] | memoryview[Any], n: int, width: int) -> Batch:
        """The batch of n rows whose numbers, n · width doubles, are in this memory, which is not copied if possible.

        >>> Batch.of(array("d", [1.0, 2.0, 3.0, 4.0]), 2, 2).tolist()
        [[1.0, 2.0], [3.0, 4.0]]
        """
        batch = cls.__new__(cls)
        batch._hold(memoryview(numbers), n, width)
        return batch

    def _hold(self, view: memoryview[Any], n: int, width: int) -> None:
        if view.readonly or not view.c_contiguous:  # ctypes does not give the address of read-only memory
            view = memoryview(array("d", view.tobytes()))
        self.n, self.width, self.view = n, width, view
        self.address = ctypes.addressof(ctypes.c_char.from_buffer(view)) if view.nbytes else 0

    def tolist(self) -> list[list[float]]:
        """The rows as lists of floats."""
        flat: list[Any] = array("d", self.view.tobytes()).tolist()
        return [flat[i * self.width : (i + 1) * self.width] for i in range(self.n)]


def view_of_doubles(data: Any, name: str) -> memoryview | None:
    """A view of an array of doubles, or of the doubles of NumPy's numbers of another type; None of other data.

    Raises TypeError for masked entries.
    """
    try:
        view = memoryview(data)
    except (TypeError, ValueError, BufferError):
        return None
    if view.format not in _DOUBLES:
        numpy = imported_numpy()
        if view.format not in _OTHERS or not numpy or not isinstance(data, numpy.ndarray):
            return None
        view = memoryview(data.astype(numpy.float64))
    if hasattr(data, "mask"):
        check_not_masked(data, name)
    return view


def _copy(rows: Any, width: int) -> tuple[int, array[float]]:
    numbers, n = array("d"), 0
    for n, row in enumerate(to_iterable(rows, "rows", "a list, an array or a data frame of rows is needed"), 1):
        try:
            # extend copies an array of doubles at once.
            is_array = type(row) is array and row.typecode == "d"
            numbers.extend(row if is_array or is_plain(row) else _read_row(row, n - 1))
        except OverflowError:
            _read_row(row, n - 1)  # names the number
        if len(numbers) != n * width:
            given = len(numbers) - (n - 1) * width
            raise ValueError(f"row {n - 1} has {given} numbers, but there are {width} inputs")
    return n, numbers


def _read_row(row: Any, i: int) -> Iterable[float]:
    name = f"rows[{i}]"
    view = view_of_doubles(row, name)
    if view is not None and view.ndim == 1:
        return array("d", view.tobytes())
    return read_numbers(to_iterable(row, name, "a number for each input is needed"), name)
