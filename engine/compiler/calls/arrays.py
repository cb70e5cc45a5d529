"""Arrays of NumPy and SciPy, which are imported when they are first needed, and may be missing."""

from __future__ import annotations

import sys
from array import array
from collections.abc import Sequence
from math import prod
from typing import Any, TypeVar, cast

from engine._support.typed_commands import python_command

Shape = tuple[int, ...]
Entry = TypeVar("Entry")


def nest(entries: Sequence[Entry], shape: Shape) -> Any:
    """The entries, in row-major order, as lists nested to a shape; a single entry if the shape is ().

    >>> nest("abcdef", (3, 2))
    [['a', 'b'], ['c', 'd'], ['e', 'f']]
    """
    if not shape:
        return entries[0]
    nested: list[Any] = list(entries)
    for k in range(len(shape) - 1, 0, -1):
        nested = [nested[i * shape[k] : (i + 1) * shape[k]] for i in range(prod(shape[:k]))]
    return nested


def to_shape(numbers: array[float] | memoryview[float], shape: Shape, as_array: bool) -> Any:
    """The numbers as an array of NumPy in the same memory, or as nested lists; as a float if the shape is ().

    >>> to_shape(array("d", [1.0, 2.0, 3.0, 4.0]), (2, 2), False)
    [[1.0, 2.0], [3.0, 4.0]]
    """
    if not as_array or not shape:
        # An array makes floats in half the time of a view.
        return nest(array("d", numbers.tobytes()).tolist(), shape)
    import numpy as np

    return np.asarray(numbers).reshape(shape)


def join(blocks: Sequence[tuple[memoryview[float], int, bool]], n: int, as_array: bool) -> memoryview[float]:
    """The memory of n rows, each of which has a row of every block: its numbers, width, and whether it has n rows or 1.

    >>> one, rows = (memoryview(array("d", numbers)) for numbers in ([1.0], [2.0, 3.0]))
    >>> join([(one, 1, False), (rows, 1, True)], 2, False).tolist()
    [1.0, 2.0, 1.0, 3.0]
    """
    size, offset = sum(width for _, width, _ in blocks), 0
    if as_array:
        import numpy as np

        joined = np.empty((n, size))
        for numbers, width, _ in blocks:
            joined[:, offset : offset + width] = np.asarray(numbers).reshape(-1, width)
            offset += width
        return memoryview(cast(Any, joined))
    target: memoryview[float] = cast(Any, memoryview(array("d", bytes(8 * n * size))))
    for numbers, width, has_rows in blocks:
        for j in range(width):
            column = numbers[j::width]
            target[offset::size] = column if has_rows else cast(Any, memoryview(array("d", column) * n))
            offset += 1
    return target


def scatter(numbers: memoryview[float], places: Sequence[tuple[int, int]], size: int, n: int, as_array: bool) -> Any:
    """Place the numbers of n rows in rows of `size` numbers: number k of each at j for each pair (j, k), and else 0.

    >>> scatter(memoryview(array("d", [1.0, 2.0, 3.0, 4.0])), [(1, 0)], 3, 2, False).tolist()
    [0.0, 1.0, 0.0, 0.0, 3.0, 0.0]
    """
    target, given, width = cast(Any, memoryview(array("d", bytes(8 * n * size)))), numbers, len(numbers) // (n or 1)
    if as_array:
        import numpy as np

        target, given = np.zeros(n * size), cast(Any, np.asarray(numbers))
    for j, k in places:
        target[j::size] = given[k::width]
    return target


def imported_numpy() -> Any:
    """NumPy; None as long as it is not imported."""
    numpy = sys.modules.get("numpy")
    return numpy if hasattr(numpy, "zeros") else None


def view_memory(memory: memoryview[Any]) -> Any:
    """Memory as an array of NumPy if it is installed, else as it is."""
    try:
        import numpy as np
    except ImportError:
        return memory
    return np.asarray(memory)


def sparse_rows(entries: Sequence[float], columns: Sequence[int], starts: Sequence[int], shape: Shape) -> Any:
    """A matrix as an array of SciPy in compressed sparse rows: row i has the entries from starts[i] to starts[i + 1].

    Raises ImportError if SciPy is missing.
    """
    try:
        from scipy.sparse import csr_array
    except ImportError as error:
        install = python_command("pip install scipy")
        raise ImportError(f"sparse=True gives arrays of SciPy, which is missing: {install}") from error
    return csr_array((entries, columns, starts), shape=shape, dtype=float)
