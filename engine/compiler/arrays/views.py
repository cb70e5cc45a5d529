"""Parts of arrays: matrices in the vector of the parameters, and whatever is accessed in another shape than it has.

The parameters of a layer are its matrix and its biases, row by row or one after another. Each part that an operand
reads is a view of its own, unless it is in turn a part of a larger one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from math import prod
from typing import NamedTuple

from engine.compiler.arrays.program import Access, Array, Computation, Gathered, Group, View
from engine.compiler.sequences import Shape, positions, strides_of


class AxisRange(NamedTuple):
    """Indices along an axis: `first`, and one for each index of a dimension, if it has one, at a step."""

    first: int
    dimension: int | None = None
    step: int = 0


class Region(NamedTuple):
    """The addresses that are accessed, without the order, and the repetitions, in which they are."""

    first: int
    shape: Shape
    strides: Shape


def find_axes(access: Access, sizes: Shape, shape: Shape, strides: Shape) -> list[AxisRange] | None:
    """The range of an access along each axis of an array, or of a view of it; None if there is not one for each.

    `sizes` are those of the dimensions, and the address of an element of the array or view is Σ stride · index.

    >>> from engine.compiler.arrays.program import Given
    >>> W = Array((3, 4), False, Given("parameters"))
    >>> find_axes(Access(W, 5, (1, 4)), (3, 2), W.shape, W.strides)
    [AxisRange(first=1, dimension=1, step=1), AxisRange(first=1, dimension=0, step=1)]
    """
    ranges, rest = [], access.first
    for size, stride in zip(shape, strides, strict=True):
        first, rest = divmod(rest, stride)
        if not 0 <= first < size:
            return None
        ranges.append(AxisRange(first))
    if rest:
        return None
    for dimension, (size, by) in enumerate(zip(sizes, access.strides, strict=True)):
        if not by:
            continue
        for axis, stride in enumerate(strides):
            first, other, _ = ranges[axis]
            step = by // stride
            if by % stride == 0 and other is None and 0 <= first + step * (size - 1) < shape[axis]:
                ranges[axis] = AxisRange(first, dimension, step)
                break
        else:
            return None
    return ranges


def format_slice(range_: AxisRange, size: int, length: int) -> str:
    """A range of `size` indices along an axis of this length.

    >>> [format_slice(AxisRange(*x), 2, 4) for x in [(0, 0, 1), (2, 0, 1), (1, 0, 2), (1, 0, -1), (3, None)]]
    [':2', '2:', '1::2', '1::-1', '3']
    """
    first, dimension, step = range_
    if dimension is None:
        return str(first)
    end = first + step * (size - 1) + (1 if step > 0 else -1)
    start, stop = str(first or ""), str(end)
    if step > 0 and end + step > length:
        stop = ""
    elif step < 0:
        start, stop = "" if first == length - 1 else str(first), "" if end < 0 else stop
    return f"{start}:{stop}" + (f":{step}" if step != 1 else "")


class Views:
    """Replaces accesses that are not along the axes of an array, and those of the given arrays, by views.

    Attributes:
        arrays: All arrays, each after those that it is made of, with the views.
    """

    def __init__(self, given: Sequence[Array], arrays: Sequence[Array]) -> None:
        self.arrays: list[Array] = []
        self._given = set(given)
        self._views: dict[Array, list[Array]] = {array: [] for array in given}
        self._gathered: dict[Array, list[tuple[Array, dict[int, int]]]] = {}  # with the place of each address
        accesses = [
            (access, (*array.outer, *group.shape))
            for array in arrays
            if isinstance(array.value, Computation)
            for group in array.value.groups
            for access in group.factors
        ]
        for array in given:
            regions = {find_region(access, sizes) for access, sizes in accesses if access.array is array}
            for region in sorted(regions, key=lambda x: (-len(x.shape), -prod(x.shape), x.first)):
                self._view(array, region)
        for views in self._views.values():
            views.sort(key=lambda view: view.value.first if isinstance(view.value, View) else 0)
            self.arrays += views
        for array in arrays:
            if isinstance(array.value, Gathered) and array.value.source in self._given:
                continue  # its elements are gathered when they are accessed, once for all accesses
            if isinstance(array.value, Computation):
                groups = tuple([self._resolve_group(group, array.outer) for group in array.value.groups])
                array.value = replace(array.value, groups=groups)
            self.arrays.append(array)

    def _resolve_group(self, group: Group, shape: Shape) -> Group:
        sizes = (*shape, *group.shape)
        return Group(group.shape, tuple([self.resolve(access, sizes) for access in group.factors]))

    def resolve(self, access: Access, sizes: Shape) -> Access:
        """The access along the axes of its array, of a view, or of gathered elements."""
        array = access.array
        if isinstance(array.value, Gathered) and array.value.source in self._given:
            return self._gather(array.value.source, access, sizes, array.value.addresses)
        if array not in self._given and find_axes(access, sizes, array.shape, array.strides) is not None:
            return access
        region = find_region(access, sizes)
        n_views = len(self._views.setdefault(array, []))
        if view := self._view(array, region):
            if len(self._views[array]) > n_views:
                self.arrays.append(view)
            found = within(view, access, sizes)
            assert found
            return found
        return self._gather(array, access, sizes)

    def _view(self, array: Array, region: Region) -> Array | None:
        """A view that has the region, made unless there is one; None if it is not like the columns of a matrix."""
        first, shape, strides = region
        for view in self._views[array]:
            if within(view, Access(array, first, strides), shape):
                return view
        if strides[1:] != strides_of(shape[1:]):
            return None
        inner = prod(shape[1:])
        if not shape or strides[0] == inner:
            start = first
        elif (found := self._start_of_matrix(array, region, inner)) is None:
            return None
        else:
            start = found
        members = [array.members[i] for i in positions(shape, strides, first)] if array in self._given else []
        view = Array(shape, array.varies, View(array, first, strides, start), members)
        self._views[array].append(view)
        return view

    def _start_of_matrix(self, array: Array, region: Region, inner: int) -> int | None:
        """Where the matrix begins of which the region is columns: that of another view, if it fits."""
        n, row = region.shape[0], region.strides[0]
        starts = [view.value.start for view in self._views[array] if isinstance(view.value, View)]
        size = prod(array.shape)
        for start in (*starts, region.first, size - n * row):
            if start >= 0 and 0 <= region.first - start <= row - inner and start + n * row <= size:
                return start
        return None

    def _gather(self, source: Array, access: Access, sizes: Shape, table: Sequence[int] | None = None) -> Access:
        """An access to gathered elements, those of a former access if they have them; by a table of addresses, or not.

        They have the order in which they are accessed first: weights have a row for each unit, as in W z.
        """
        is_kept = [stride != 0 for stride in access.strides]
        shape = tuple([size for size, kept in zip(sizes, is_kept, strict=True) if kept])
        addresses = positions(shape, tuple(filter(None, access.strides)), access.first)
        if table is not None:
            addresses = [table[i] for i in addresses]
        for gathered, place_of in self._gathered.setdefault(source, []):
            assert isinstance(gathered.value, Gathered)
            is_same = gathered.value.addresses == tuple(addresses)
            places = [*range(len(addresses))] if is_same else [place_of.get(address, -1) for address in addresses]
            strides = strides_in(places, shape)
            if strides is not None and find_axes(
                Access(gathered, places[0], strides), shape, gathered.shape, gathered.strides
            ):
                break
        else:
            members = [source.members[i] for i in addresses] if source in self._given else []
            gathered = Array(shape, source.varies, Gathered(source, tuple(addresses)), members)
            self._gathered[source].append((gathered, {address: i for i, address in enumerate(addresses)}))
            self.arrays.append(gathered)
            places, strides = [0], strides_of(shape)
        inner = iter(strides)
        return Access(gathered, places[0], tuple([next(inner) if kept else 0 for kept in is_kept]))


def strides_in(places: Sequence[int], shape: Shape) -> Shape | None:
    """The strides by which the index of a shape counts through these places; None if it does not, or one is missing.

    >>> strides_in([0, 2, 1, 3], (2, 2)), strides_in([0, 2, 1, -1], (2, 2))
    ((1, 2), None)
    """
    if min(places) < 0:
        return None
    strides = tuple([places[stride] - places[0] for stride in strides_of(shape)])
    return strides if positions(shape, strides, places[0]) == list(places) else None


def find_region(access: Access, sizes: Shape) -> Region:
    """The region that an access has."""
    first = access.first
    dimensions = []
    for size, stride in zip(sizes, access.strides, strict=True):
        if stride:
            first += min(0, stride * (size - 1))
            dimensions.append((abs(stride), size))
    dimensions.sort(reverse=True)
    return Region(first, tuple([size for _, size in dimensions]), tuple([stride for stride, _ in dimensions]))


def within(view: Array, access: Access, sizes: Shape) -> Access | None:
    """The access to the array of a view as an access to the view; None if it goes beyond that."""
    value = view.value
    assert isinstance(value, View)
    if access.first < value.first:
        return None
    moved = replace(access, first=access.first - value.first)
    ranges = find_axes(moved, sizes, view.shape, value.strides)
    if ranges is None:
        return None
    first, strides = 0, [0] * len(sizes)
    for (start, dimension, step), stride in zip(ranges, view.strides, strict=True):
        first += start * stride
        if dimension is not None:
            strides[dimension] = step * stride
    return Access(view, first, tuple(strides))
