"""Regular sequences of addresses: those that a loop over a few indices counts through."""

from __future__ import annotations

from collections.abc import Sequence

Shape = tuple[int, ...]


def find_strides(sequences: Sequence[Sequence[int]], length: int) -> tuple[Shape, tuple[Shape, ...]] | None:
    """A shape whose index i_1, ..., i_d counts through sequences of this length, and the strides of each.

    Element number n of a sequence is its first one plus Σ stride · i, where n is the number of the index in row-major
    order. The shape is the one of the fewest dimensions. None if there is not such a shape for all of them.

    >>> find_strides([[5, 5, 6, 6], [0, 1, 0, 1]], 4)
    ((2, 2), ((1, 0), (0, 1)))
    >>> find_strides([[0, 1, 2, 4]], 4) is None
    True
    """
    shape: list[int] = []
    strides: list[list[int]] = [[] for _ in sequences]
    while length > 1:
        steps = [sequence[1] - sequence[0] for sequence in sequences]
        size = length
        for sequence, step in zip(sequences, steps, strict=True):
            size = _constant_step(sequence, step, size)
        if length % size or not all(
            _counts(sequence[i : i + size], step)
            for sequence, step in zip(sequences, steps, strict=True)
            for i in range(size, length, size)
        ):
            return None
        shape.insert(0, size)
        for found, step in zip(strides, steps, strict=True):
            found.insert(0, step)
        sequences = [sequence[::size] for sequence in sequences]
        length //= size
    return tuple(shape), tuple([tuple(found) for found in strides])


def _constant_step(sequence: Sequence[int], step: int, size: int) -> int:
    """The length, at most `size`, of the longest beginning that counts by this step."""
    if _counts(sequence[:size], step):
        return size
    return next(i for i in range(1, size) if sequence[i] - sequence[i - 1] != step)


def _counts(sequence: Sequence[int], step: int) -> bool:
    first, n = sequence[0], len(sequence)
    return list(sequence) == (list(range(first, first + n * step, step)) if step else [first] * n)


def strides_of(shape: Shape) -> Shape:
    """The strides of an array in row-major order.

    >>> strides_of((2, 3, 4))
    (12, 4, 1)
    """
    strides: list[int] = []
    stride = 1
    for size in reversed(shape):
        strides.insert(0, stride)
        stride *= size
    return tuple(strides)


def positions(shape: Shape, strides: Shape, first: int = 0) -> list[int]:
    """The addresses that the index of a shape counts through, in row-major order.

    >>> positions((2, 3), (10, 1), 5)
    [5, 6, 7, 15, 16, 17]
    """
    found = [first]
    for size, stride in zip(shape, strides, strict=True):
        found = [start + i * stride for start in found for i in range(size)]
    return found
