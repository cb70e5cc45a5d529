"""The memory of machine code: arrays of doubles whose addresses stay the same."""

from __future__ import annotations

import ctypes
from array import array
from typing import Any, cast

from engine.compiler.calls.arrays import imported_numpy

CACHE_LINE = 64  # bytes


def zeros(n: int) -> array[float]:
    """An array of n doubles that are 0."""
    return array("d", bytes(8 * n))


def address(numbers: array[Any]) -> int:
    """The address of an array, which is valid as long as the array does not grow."""
    return numbers.buffer_info()[0]


class AlignedMemory:
    """Memory for doubles that begins at a cache line."""

    def __init__(self, n: int) -> None:
        self._bytes = bytearray(8 * n + CACHE_LINE)
        start = ctypes.addressof(ctypes.c_char.from_buffer(self._bytes))
        begin = -start % CACHE_LINE
        self.address = start + begin
        self.numbers: memoryview[float] = cast(Any, memoryview(self._bytes)[begin : begin + 8 * n].cast("d"))


class ThreadMemory:
    """The memory of one thread: its slots, and its sums over rows."""

    def __init__(self, slots: int, sums: int) -> None:
        self.slots = AlignedMemory(slots)
        self.sums = AlignedMemory(sums)


class NewMemory:
    """Memory for n results. If NumPy is imported, the threads that write them are the first to touch its pages."""

    def __init__(self, n: int) -> None:
        numpy = imported_numpy()
        self.numbers: memoryview[float] = memoryview(numpy.empty(n) if numpy else zeros(n))
        self.address = ctypes.addressof(ctypes.c_char.from_buffer(self.numbers))
