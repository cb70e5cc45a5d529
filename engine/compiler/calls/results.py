"""The results of a program: nested as its outputs are, in arrays where an argument was one, else in lists."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from itertools import accumulate
from math import prod
from typing import Any, NamedTuple

from engine._support.real_numbers import is_sequence
from engine.compiler.calls.arguments import Call, VectorShape, flat_shape
from engine.compiler.calls.arrays import Shape, scatter, sparse_rows, to_shape


class Nesting:
    """The nesting of the outputs of a program: one, or lists, tuples and arrays of them, to any depth.

    Attributes:
        leaves: The outputs, in order.
        shape: Their shape, () for a single one; None if the lists are of different lengths.

    >>> Nesting(["a", ["b", "c"]]).leaves, Nesting([["a", "b"], ("c", "d")]).shape
    (['a', 'b', 'c'], (2, 2))
    """

    def __init__(self, output: Any) -> None:
        if hasattr(output, "__array__") and hasattr(output, "tolist"):
            output = output.tolist()
        if not is_sequence(output):
            self.leaves, self._parts = [output], list[Nesting]()
            self.shape: Shape | None = ()
            return
        self._parts = [Nesting(part) for part in output]
        self.leaves = [leaf for part in self._parts for leaf in part.leaves]
        shapes = {part.shape for part in self._parts}
        inner = shapes.pop() if len(shapes) == 1 else None
        self.shape = None if inner is None and self._parts else (len(self._parts), *(inner or ()))

    def nested(self) -> Any:
        """The outputs, in nested lists.

        >>> Nesting(["a", ("b", "c")]).nested()
        ['a', ['b', 'c']]
        """
        return self.leaves[0] if self.shape == () else [part.nested() for part in self._parts]

    @property
    def vector(self) -> VectorShape:
        """The shape; of lists of different lengths, those of their parts.

        >>> Nesting(["a", ["b", "c"]]).vector
        [(), (2,)]
        """
        return [part.vector for part in self._parts] if self.shape is None else self.shape

    @property
    def form(self) -> PointResults | None:
        """The outputs at one point; None without outputs, and for lists of different lengths."""
        return PointResults(not self.shape, self.shape or None) if self.shape is not None and self.leaves else None

    def check_single(self, matrix: str, program: str) -> None:
        """Raise ValueError unless there is a single output, which has a gradient and a Hessian."""
        if self.shape != ():
            several = matrix == "Hessian" and len(self.leaves) > 1
            hint = ", or compile a single Value, such as dot(weights, outputs)" if several else ""
            raise ValueError(f"{program} {self.explain_several(matrix)}{hint}")

    def explain_several(self, matrix: str) -> str:
        """Why outputs that are not a single `Value` do not have a gradient or a Hessian, after a name; what to do."""
        if len(self.leaves) == 1:
            problem, hint = "returns a list of one", "return the Value itself, or "
        else:
            problem, hint = "has several outputs", ""
        return f"{problem}, so that it does not have a {matrix}: {hint}call jacobian, jvp or vjp"

    def arrange(self, numbers: memoryview[float], call: Call) -> Any:
        """The values of all rows, given in row-major order, of the shape of the outputs, with the rows first.

        Outputs of different lengths are a list, of which each part has its rows first.
        """
        if self.shape is not None:
            return to_shape(numbers, (*call.lead, *self.shape), call.as_arrays)
        width, ends = len(self.leaves), list(accumulate((len(part.leaves) for part in self._parts), initial=0))
        rows = [numbers[i : i + width] for i in range(0, len(numbers), width)]
        found = []
        for part, begin, end in zip(self._parts, ends, ends[1:], strict=False):
            found.append(part.arrange(memoryview(array("d", [x for row in rows for x in row[begin:end]])), call))
        return found


def vector_of(wrt: Sequence[Any], arguments: Iterable[Nesting]) -> VectorShape:
    """The shape of the single argument whose leaves `wrt` is, or of each of several; (n,) for n single leaves.

    >>> vector_of(["a", "b", "w"], [Nesting(["a", "b"])]), vector_of(["a", "w"], [Nesting("a")])
    ([(2,), ()], (2,))
    """
    arrays, parts, i = {x.leaves[0]: x for x in arguments if x.shape}, list[VectorShape](), 0
    while i < len(wrt):
        x = arrays.get(wrt[i])
        is_whole = x is not None and x.leaves == list(wrt[i : i + len(x.leaves)])
        parts.append(x.shape or () if x is not None and is_whole else ())
        i += prod(flat_shape(parts[-1]))
    if len(parts) == 1 and parts[0]:
        return parts[0]
    return parts if any(parts) else (len(wrt),)


class Structure(NamedTuple):
    """The places of the entries of a matrix that can differ from 0: entry k is in `rows[k]` and `columns[k]`.

    They are sorted by row, then by column.
    """

    rows: list[int]
    columns: list[int]


class PointResults(NamedTuple):
    """The form of the results at one point: a float, an array (or a list), or both.

    Attributes:
        has_value: Whether the first result is a float of its own.
        shape: The shape of the array of the others; None without others.
        places, sources: Entry `places[k]` of the array is the result `sources[k]`, and the others are 0; all results in
            order if they are empty.
        at_floats: Whether they are made at n floats, too, and not only at an array or a list of floats.
    """

    has_value: bool
    shape: Shape | None = None
    places: Sequence[int] = ()
    sources: Sequence[int] = ()
    at_floats: bool = True


class SparseMatrix:
    """A matrix whose entries are among the `width` results of a row: `entries` has the result at each place.

    It is full if the results are the matrix, in row-major order, with its zeros.
    """

    def __init__(self, shape: Shape, entries: dict[tuple[int, int], int], width: int) -> None:
        places = sorted(entries)
        self.shape = shape
        self.structure = Structure([i for i, _ in places], [j for _, j in places])
        self._sources = [entries[place] for place in places]
        self._places = [i * shape[1] + j for i, j in places]
        self._width, self._is_full = width, width == prod(shape)

    @property
    def form(self) -> PointResults:
        """The dense matrix at one point."""
        return PointResults(False, self.shape, *(() if self._is_full else (self._places, self._sources)))

    def dense(self, numbers: memoryview[float], call: Call) -> Any:
        """The matrix, or one for each row, with zeros."""
        if not self._is_full:
            places = list(zip(self._places, self._sources, strict=True))
            numbers = scatter(numbers, places, prod(self.shape), call.batch.n, call.as_arrays)
        return to_shape(numbers, (*call.lead, *self.shape), call.as_arrays)

    def sparse(self, numbers: memoryview[float], call: Call) -> Any:
        """The matrix as an array of SciPy, of compressed sparse rows, or a list of them, one for each row."""
        rows, columns = self.structure
        starts = [bisect_left(rows, i) for i in range(self.shape[0] + 1)]
        found = []
        for k in range(0, call.batch.n * self._width, self._width or 1):
            entries = [numbers[k + source] for source in self._sources]
            found.append(sparse_rows(entries, columns, starts, self.shape))
        return found[0] if call.rows is None else found
