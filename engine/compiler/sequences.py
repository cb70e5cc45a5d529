"""Regular sequences of addresses: those that a loop over a few indices counts through.

Both finders of layers stand on them. `arrays` asks for one shape of a whole family, by `find_strides`; the target
"llvm", whose dots keep the order of their terms, takes neighbours in this order while they are regular, by
`regular_parts`.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Sequence
from itertools import groupby

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
        size = regular_end(sequences, 0, length)
        steps = [sequence[1] - sequence[0] for sequence in sequences]
        if length % size or not all(
            _counts(sequence, i, size, step)
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


def regular_parts(keys: Iterable[Hashable], sequences: Sequence[Sequence[int]]) -> Iterator[tuple[int, int]]:
    """The begin and end of each part in which keys are equal and all sequences have constant steps.

    From the first on, each part is as long as can be.

    >>> list(regular_parts("aaaaaab", [[0, 1, 2, 9, 7, 5, 3], [0, 0, 0, 0, 0, 0, 0]]))
    [(0, 3), (3, 6), (6, 7)]
    """
    begin = stop = 0
    for _, neighbours in groupby(keys):
        stop += len(list(neighbours))
        while begin < stop:
            end = regular_end(sequences, begin, stop)
            yield begin, end
            begin = end


def regular_end(sequences: Sequence[Sequence[int]], begin: int, end: int) -> int:
    """The end, or an earlier one up to which all sequences have constant steps from `begin` on.

    >>> regular_end([[7, 0, 2, 4, 5], [0, 0, 0, 0, 0]], 1, 5)
    4
    """
    for sequence in sequences:
        known, length = begin + 2, 64  # of what is compared at once, which doubles: short parts take little time
        while known < end:
            step = sequence[begin + 1] - sequence[begin]
            more = min(known + length, end)
            if not _counts(sequence, known - 1, more - known + 1, step):
                end = next(i for i in range(known, more) if sequence[i] - sequence[i - 1] != step)
            known, length = more, 2 * length
    return end


def _counts(sequence: Sequence[int], begin: int, n: int, step: int) -> bool:
    """Whether n elements from `begin` on have this step."""
    first = sequence[begin]
    return list(sequence[begin : begin + n]) == (list(range(first, first + n * step, step)) if step else [first] * n)


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
