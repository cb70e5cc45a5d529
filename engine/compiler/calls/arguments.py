"""The arguments that a program is called with: one point, or a batch of points, read into rows of memory.

A program has arguments as the function that it is compiled from: each is a number, or an array of numbers of some
shape, such as (3,). It is called with them, or with all numbers at once: `program(t, y)` or `program([t, *y])`.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from contextlib import suppress
from math import prod
from typing import Any, NamedTuple

from engine._support.real_numbers import as_float, is_sequence, read_nested, to_lists
from engine.compiler.calls.arrays import Shape, join
from engine.compiler.calls.batch import Batch, view_of_doubles

_FLOAT = frozenset({float})


class Call(NamedTuple):
    """The arguments of a call of a program.

    Attributes:
        batch: The rows.
        rows: The number of rows of a batch; None for a single point.
        as_arrays: Whether an argument was an array of NumPy (or of a library that NumPy reads), as results are then.
    """

    batch: Batch
    rows: int | None
    as_arrays: bool

    @property
    def lead(self) -> Shape:
        """The first part of the shape of a result: (rows,), or () for a single point."""
        return () if self.rows is None else (self.rows,)


class NestedNumbers(NamedTuple):
    """The numbers of one argument, in row-major order, their shape, and whether they were given as an array."""

    numbers: memoryview[Any]
    shape: Shape
    is_array: bool


class Columns(NamedTuple):
    """The numbers of one argument: of each row, or, without `rows`, the same for all."""

    numbers: memoryview[Any]
    width: int
    rows: int | None
    is_array: bool


class RaggedError(ValueError):
    """Lists have different lengths."""


def read_argument(given: Any, name: str) -> NestedNumbers:
    """Read a number, an array, or nested lists.

    Raises TypeError for anything but real numbers, ValueError for lists of different lengths; both name the place.

    >>> read_argument([[1, 2], [3, 4]], "x").shape
    (2, 2)
    """
    if type(given) is float:
        return NestedNumbers(memoryview(array("d", [given])), (), False)
    is_array = hasattr(given, "__array__") and bool(getattr(given, "ndim", 1))
    view = view_of_doubles(given, name)
    if view is not None and view.shape is not None:
        can_cast = view.c_contiguous and view.nbytes and view.format in ("d", "@d")
        memory = view.cast("B").cast("d") if can_cast else memoryview(array("d", view.tobytes()))
        return NestedNumbers(memory, tuple(view.shape), is_array)
    nested = to_lists(given, name)
    nested = read_nested(nested, name) if is_sequence(nested) else as_float(nested, f"{name} is")
    numbers, shape = flatten(nested, name)
    return NestedNumbers(memoryview(array("d", numbers)), shape, is_array)


def flatten(nested: Any, name: str) -> tuple[list[float], Shape]:
    """The floats in nested lists, and their shape.

    Raises RaggedError, which names the place, for lists of different lengths.

    >>> flatten([[1.0, 2.0], [3.0]], "x")
    Traceback (most recent call last):
    ...
    engine.compiler.calls.arguments.RaggedError: x[1] has the shape (1,), but x[0] has the shape (2,)
    """
    if not isinstance(nested, list):
        return [nested], ()
    if _FLOAT.issuperset(map(type, nested)):
        return nested, (len(nested),)
    parts = [flatten(entry, f"{name}[{i}]") for i, entry in enumerate(nested)]
    _, first = parts[0]
    for i, (_, shape) in enumerate(parts):
        if shape != first:
            raise RaggedError(f"{name}[{i}] has the shape {shape}, but {name}[0] has the shape {first}")
    return [number for numbers, _ in parts for number in numbers], (len(parts), *first)


# A vector is an array, which has a shape, or a list of vectors.
VectorShape = Shape | list["VectorShape"]


def flat_shape(vector: VectorShape) -> Shape:
    """The shape of an array, or that of the numbers of all parts in one list.

    >>> flat_shape((2, 3)), flat_shape([(), [(2, 3), (4,)]])
    ((2, 3), (11,))
    """
    return (sum(prod(flat_shape(part)) for part in vector),) if isinstance(vector, list) else vector


def numbers_in(vector: VectorShape) -> str:
    """The words for an argument of a shape in a message."""
    if isinstance(vector, list):
        return f"{numbers_in(flat_shape(vector))} or [{', '.join(map(numbers_in, vector))}]"
    return f"an array of the shape {vector}" if vector else "a number"


class Signature:
    """The shapes of the arguments of a program, `size` numbers in all. Messages begin with the name of the `program`.

    A single argument is all numbers at once, so that a batch of one number has the shape (rows, 1). Where the arguments
    are a part of the program's, it is an argument as the others are, (rows,). `names` are those of the arguments.

    >>> signature = Signature([(), (2,)], "f")
    >>> signature.read([0.5, [1.0, 2.0]]).batch.tolist(), signature.read([[0.5, 1.0, 2.0]]).batch.tolist()
    ([[0.5, 1.0, 2.0]], [[0.5, 1.0, 2.0]])
    >>> signature.read([0.5, [[1.0, 2.0], [3.0, 4.0]]]).batch.tolist()  # a batch of two rows with the same number
    [[0.5, 1.0, 2.0], [0.5, 3.0, 4.0]]
    """

    def __init__(self, shapes: Sequence[Shape], program: str, is_part: bool = False, names: Sequence[str] = ()) -> None:
        self.shapes, self._program, self._is_part = list(shapes), program, is_part
        self.names = list(names) or [f"arguments[{i}]" for i in range(len(self.shapes))]
        self.size = sum(map(prod, self.shapes))

    def is_flat_floats(self, arguments: Sequence[Any]) -> bool:
        """Whether the arguments are a float for each number."""
        return len(arguments) == self.size and _FLOAT.issuperset(map(type, arguments))

    def read(self, arguments: Sequence[Any]) -> Call:
        """Read arguments: a point, or a batch. Raises ValueError for other shapes, TypeError as `read_argument`."""
        if self.is_flat_floats(arguments):
            return Call(Batch.of(array("d", arguments), 1, self.size), None, False)
        return _join(list(self._columns(arguments)))

    def read_along(self, arguments: Sequence[Any], name: str, vector: VectorShape) -> Call:
        """Read arguments of which the last one, of this name, is a vector, or one for each row.

        >>> signature = Signature([(2,), (1,)], "f")
        >>> signature.read_along([[1.0, 2.0], [3.0], [[4.0, 5.0], [6.0]]], "v", [(2,), (1,)]).batch.tolist()
        [[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]]
        """
        if not arguments or (len(arguments) == 1 and self.size):
            raise ValueError(f"the last argument, {name}, is missing: it is {numbers_in(vector)}")
        *point, given = arguments
        columns = list(self._columns(point, f"; the last argument is {name}, {numbers_in(vector)}"))
        is_point = all(x.rows is None for x in columns)
        return _join([*columns, *self._vector_columns(given, name, vector, is_point)])

    def _vector_columns(self, given: Any, name: str, vector: VectorShape, is_point: bool) -> list[Columns]:
        """The columns of a vector: flat, or with a member for each of its parts."""
        shape = flat_shape(vector)
        if not isinstance(vector, list) or not is_sequence(given):
            whole = read_argument(given, name)
            if whole.shape == (prod(shape), 1) and prod(shape) > 1 and is_point:  # as SciPy's LinearOperator has it
                whole = whole._replace(shape=shape)
            return [self._fit(whole, shape, name)]
        with suppress(RaggedError):
            whole = read_argument(given, name)
            if whole.shape in (shape, (0,)) or whole.shape[1:] == shape:
                return [self._fit(whole, shape, name)]
        if len(given) != len(vector):
            raise ValueError(f"{self._program}: {name} must be {numbers_in(vector)}, but is a list of {len(given)}")
        parts = [(x, f"{name}[{i}]", part, False) for i, (x, part) in enumerate(zip(given, vector, strict=True))]
        return [columns for part in parts for columns in self._vector_columns(*part)]

    def layouts(self, *vectors: Shape) -> list[list[Shape]]:
        """The shapes of the arguments of one point, and of vectors after them, for each number of these there is.

        >>> Signature([(), (2,)], "f").layouts()
        [[(), (), ()], [(3,)], [(), (2,)]]
        """
        shapes = self.shapes if len(self.shapes) > 1 else [shape or (1,) for shape in self.shapes]
        ways: list[list[Shape]] = [[()] * self.size, [(self.size,)], shapes]
        return [[*way, *vectors] for way in {len(way): way for way in ways}.values()]

    def _columns(self, arguments: Sequence[Any], hint: str = "") -> Iterator[Columns]:
        """The columns of each argument, or of one that has all numbers at once."""
        n = len(arguments)
        may_be_whole = n == 1 and not self._is_part
        if may_be_whole and len(self.shapes) > 1 and any(self.shapes):
            return iter([self._read_all(arguments[0], hint)])
        names = ["x"] if may_be_whole else [f"arguments[{i}]" for i in range(n)]
        names = self.names if n == len(self.shapes) else names
        given = [read_argument(x, name) for x, name in zip(arguments, names, strict=True)]
        if n == self.size and not any(x.shape for x in given):  # all numbers, one by one
            return (Columns(x.numbers, 1, None, False) for x in given)
        is_one_of_several = n == 1 and not given[0].shape
        if is_one_of_several or n not in (1, len(self.shapes)):
            raise ValueError(f"{self._explain_count(n)}{hint}")
        if n != len(self.shapes):  # all numbers in one
            return iter([self._fit(given[0], (self.size,), names[0])])
        shapes = [shape or (1,) for shape in self.shapes] if may_be_whole else self.shapes
        return (self._fit(*each) for each in zip(given, shapes, names, strict=True))

    def _fit(self, given: NestedNumbers, shape: Shape, name: str) -> Columns:
        """The columns of an argument of this shape: given so or flat, or with another dimension, of rows, before."""
        size, possible = prod(shape), {shape, (prod(shape),)} if shape else {()}
        rows = None
        if given.shape not in possible and (given.shape or size != 1):
            if given.shape == (0,) and not given.is_array:
                rows = 0  # an empty list of rows
            elif given.shape and given.shape[1:] in possible:
                rows = given.shape[0]
            else:
                raise ValueError(self._explain(given, shape, name))
        return Columns(given.numbers, size, rows, given.is_array)

    def _read_all(self, given: Any, hint: str) -> Columns:
        """The columns of one argument that stands for several, with all numbers at once."""
        n = len(self.shapes)
        with suppress(RaggedError):
            whole = read_argument(given, "x")
            if whole.shape in ((self.size,), (0,)) or whole.shape[1:] == (self.size,):
                return self._fit(whole, (self.size,), "x")
            hint = f": {numbers_in(whole.shape)}{hint}"
        if is_sequence(given) and len(given) == n:
            hint = f": a list of {n}, whose members are passed as *x{hint}"
        raise ValueError(f"{self._explain_count(1)}{hint}")

    def _explain_count(self, n: int) -> str:
        """The message for n arguments, where another number of them is needed."""
        shapes = self.shapes if any(self.shapes) else []
        kind, needed = ("argument", len(shapes)) if shapes else ("input", self.size)
        needs = f"{needed} {kind}{'s' * (needed != 1)}"
        if shapes:
            needs += f" ({', '.join(map(numbers_in, shapes))}) or {self.size} numbers"
        return f"{self._program} takes {needs}, but {n} {'was' if n == 1 else 'were'} given"

    def _explain(self, given: NestedNumbers, shape: Shape, name: str) -> str:
        """The message for an argument of another shape."""
        rows = f"(rows{''.join(f', {n}' for n in shape)})" if shape else "(rows,)"
        needs = f"{name} must be {numbers_in(shape)}, or {rows} for a batch, not {numbers_in(given.shape)}"
        hint = ""
        if shape == (1,) and len(given.shape) == 1:
            column = f"{name}.reshape(-1, 1)" if given.is_array else f"[[number] for number in {name}]"
            hint = f": a batch of {given.shape[0]} rows is {column}"
        if not shape and given.shape[1:] == (1,) and given.is_array:
            hint = f": a batch of {given.shape[0]} rows is {name}.ravel()"
        return f"{self._program}: {needs}{hint}"


def _join(parts: list[Columns]) -> Call:
    """The rows of all arguments, side by side. Raises ValueError if they have different numbers of rows."""
    counts = {part.rows for part in parts if part.rows is not None}
    if len(counts) > 1:
        raise ValueError(f"the arguments have different numbers of rows: {', '.join(map(str, sorted(counts)))}")
    rows, width, as_arrays = next(iter(counts), None), sum(part.width for part in parts), any(p.is_array for p in parts)
    n = 1 if rows is None else rows
    if len(parts) == 1:
        return Call(Batch.of(parts[0].numbers, n, width), rows, as_arrays)
    blocks = [(part.numbers, part.width, part.rows is not None) for part in parts]
    return Call(Batch.of(join(blocks, n, as_arrays), n, width), rows, as_arrays)
