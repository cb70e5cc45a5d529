"""The array program: a formula for each array, over a few dimensions.

A dimension is an index that counts from 0. The dimensions of a `Computation` are those of its result, in order, and
then, for each group of terms, those that it is summed over. The rows of the batch are one more dimension, the first, of
every array that varies from row to row; it is not counted among the others.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from engine.compiler.sequences import Shape, strides_of
from engine.op import Op


@dataclass(frozen=True)
class Given:
    """The rows, or the parameters, that the program is called with."""

    name: str


@dataclass(frozen=True)
class Constants:
    """Numbers in row-major order."""

    numbers: tuple[float, ...]


@dataclass(frozen=True)
class Gathered:
    """Elements of an array, by their addresses, in row-major order."""

    source: Array
    addresses: tuple[int, ...]


@dataclass(frozen=True)
class View:
    """Elements of an array, at the addresses `first` + Σ stride · index.

    All but the first dimension are contiguous. If that is not, they are columns of a matrix with as many rows, which
    begins at the address `start`, and whose rows have `strides[0]` elements.
    """

    source: Array
    first: int
    strides: Shape
    start: int


@dataclass(frozen=True)
class Group:
    """Operands that are multiplied, and summed over the dimensions `shape`, beyond those of the result."""

    shape: Shape
    factors: tuple[Access, ...]


class Kind(Enum):
    """How the results of an operation depend on its operands."""

    ELEMENTWISE = "one from another"
    REDUCTION = "a sum, or an extreme, of terms"
    TOTAL = "a sum of terms, and over all rows"
    SCAN = "the sums, products or extremes of the first terms, of the first two, and so on"


@dataclass(frozen=True)
class Computation:
    """An operation on operands, one in each group; or on the terms of all groups.

    The result of a SCAN has one dimension more, for the number of terms, which begins with the first term alone.
    """

    op: Op
    groups: tuple[Group, ...]
    kind: Kind

    @property
    def is_reduction(self) -> bool:
        """Whether it is the sum, or an extreme, of terms."""
        return self.kind in (Kind.REDUCTION, Kind.TOTAL)

    @property
    def is_total(self) -> bool:
        """Whether it is also summed over all rows."""
        return self.kind is Kind.TOTAL


@dataclass(eq=False)
class Array:
    """An array, which has one more dimension, for the rows, if it `varies`.

    Attributes:
        members: The formulas of its elements, in row-major order; of sums over rows, the symbols by which they are the
            derivatives.
    """

    shape: Shape
    varies: bool
    value: Given | Constants | Gathered | View | Computation
    members: Sequence[Any] = field(default=(), repr=False)

    @property
    def outer(self) -> Shape:
        """The sizes of the dimensions that its operands have besides those of their terms."""
        is_scan = isinstance(self.value, Computation) and self.value.kind is Kind.SCAN
        return self.shape[:-1] if is_scan else self.shape

    @property
    def sources(self) -> list[Array]:
        """The arrays that it is made of, each as often as it is read."""
        if isinstance(self.value, Computation):
            return [access.array for group in self.value.groups for access in group.factors]
        return [self.value.source] if isinstance(self.value, View | Gathered) else []

    @property
    def root(self) -> Array:
        """The array of which it is a part, or gathered elements; itself if it is neither."""
        array = self
        while isinstance(array.value, View | Gathered):
            array = array.value.source
        return array

    @property
    def strides(self) -> Shape:
        """The addresses between neighbours, along each dimension."""
        return strides_of(self.shape)


@dataclass(frozen=True)
class Access:
    """An operand: the element of `array` at the address `first` + Σ stride · index, one stride for each dimension."""

    array: Array
    first: int
    strides: Shape


@dataclass(frozen=True)
class Block:
    """Results one after another: for each of `n` rows, the elements of each access in turn, of `widths`.

    The dimensions of an access are the rows and the elements. An access of None stands for zeros.
    """

    n: int
    accesses: tuple[Access | None, ...]
    widths: tuple[int, ...]


@dataclass
class ArrayProgram:
    """The arrays of a program, and its results.

    Attributes:
        rows, parameters: The arrays that it is given.
        arrays: The others, each after those that it is made of.
        values: The outputs, of each row.
        gradient: The derivatives, summed over the rows, in the order of `wrt`; None if there are not any.
        order: Where each derivative is in `gradient`, if that is in another order, of whole arrays.
    """

    rows: Array
    parameters: Array
    arrays: list[Array]
    values: list[Block]
    gradient: list[Block] | None
    order: list[int] | None = None

    def computations(self) -> Iterator[Computation]:
        """All computations, in order."""
        for array in self.arrays:
            if isinstance(array.value, Computation):
                yield array.value

    def accesses(self) -> Iterator[Access]:
        """All accesses, those of the results included."""
        for value in self.computations():
            for group in value.groups:
                yield from group.factors
        for block in (*self.values, *(self.gradient or ())):
            yield from filter(None, block.accesses)
