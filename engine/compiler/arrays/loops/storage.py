"""The statements that make room for the values and the adjoints of loops, and that put results there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from engine.compiler.arrays.loops.memory import Memories, Memory, Slice
from engine.compiler.arrays.printed.spelling import Spelling
from engine.compiler.arrays.printed.statements import Statements, format_reshape
from engine.compiler.arrays.views import AxisRange, format_slice
from engine.compiler.repetition.formulas import INPUTS, PARAMETERS

LEAVES = {INPUTS: "rows", PARAMETERS: "parameters"}
Sizes = tuple[int | str, ...]
Target = Slice | int  # a slice of memory, or the adjoints of single leaves of an array


class Storage:
    """Writes memory. The adjoints of leaves are sums over rows if they are `summed`, else those of each row."""

    def __init__(self, memories: Memories, statements: Statements, spelling: Spelling, *, summed: bool) -> None:
        self._memories, self._statements, self._spelling = memories, statements, spelling
        self._has_rows_of_leaves = memories.has_rows and not summed
        self._names: dict[Memory, str] = {}
        self._adjoints: dict[Memory | int, str] = {}
        self._indices: dict[Memory, str] = {}  # of windows of leaves

    def name(self, to: Target) -> str:
        """The name of the array of a target."""
        if isinstance(to, int):
            return self._adjoints[to]
        if to.memory not in self._names:  # of straight code
            self._names[to.memory] = self._statements.names.new(f"s{len(self._names) + 1}")
        return self._adjoints[to.memory] if to.adjoint else self._names[to.memory]

    def text(self, slice_: Slice) -> str:
        """A slice in iteration t."""
        index = self._index(slice_)
        return f"{self.name(slice_)}[{index}]" if index else self.name(slice_)

    def whole(self, slice_: Slice) -> str:
        """A memory with the axis of the rows first, and one more axis."""
        name, memory = self.name(slice_), slice_.memory
        if not memory.varies:
            return f"{name}.ravel()"
        return f"{name}.swapaxes(0, 1).reshape(len(rows), {len(memory.elements or ()) * memory.width})"

    def put(self, to: Target, columns: Sequence[int], text: str, *, adds: bool) -> str:
        """The statement that puts a result there, or adds it."""
        if isinstance(to, int):
            n = len(self._memories.leaves(to).members)
            index = "" if len(columns) == n > 1 else self._format_index(columns, (len(columns),), n)
            index = f":, {index}" if index and self._has_rows_of_leaves else index
        else:
            column = [] if len(columns) == to.memory.width else ["...", str(columns[0])]
            index = ", ".join(filter(None, [self._index(to), *column]))
        loops = self._spelling.loops
        if index:
            return (loops.add if adds else loops.set)(self.name(to), index, text)
        return f"{self.name(to)} {'+=' if adds else '='} {text}"

    def allocate(self) -> Iterator[str]:
        """The lines that make room for the values of loops, and collect what they read at a regular distance."""
        loops = [memory for memory in self._memories.all if memory.elements is not None]
        for memory in loops:
            self._names[memory] = self._statements.names.new(f"s{len(self._names) + 1}")
            if memory.table:
                yield f"{self._names[memory]} = {self._window(memory)}"
        made = [(self._names[memory], self._sizes(memory, memory.varies)) for memory in loops if not memory.table]
        yield from self._zeros(made)

    def allocate_adjoints(self, of_leaves: Iterable[int], slices: Iterable[Slice]) -> Iterator[str]:
        """The lines that make room for adjoints, which are sums."""
        made: list[tuple[str, Sizes]] = []
        for array in of_leaves:
            self._adjoints[array] = f"d_{LEAVES[array]}"
            rows = ["len(rows)"] if self._has_rows_of_leaves else []
            made.append((self._adjoints[array], (*rows, len(self._memories.leaves(array).members))))
        for memory in dict.fromkeys(slice_.memory for slice_ in slices if slice_.adjoint):
            self._adjoints[memory] = self._statements.names.new(f"d{self._names[memory]}")
            varies = self._has_rows_of_leaves if memory.table else self._memories.has_rows
            made.append((self._adjoints[memory], self._sizes(memory, varies)))
        yield from self._zeros(made)

    def scatter(self) -> Iterator[str]:
        """The lines that add the adjoints of what was collected to those of the leaves."""
        for memory, index in self._indices.items():
            if memory in self._adjoints:
                name, to = self._adjoints[memory], self._adjoints[memory.places[0].array]
                if self._has_rows_of_leaves:
                    yield self._spelling.loops.add(to, f":, {index}", f"{name}.swapaxes(0, 1)")
                else:
                    yield self._spelling.loops.add(to, index, name)

    def _index(self, slice_: Slice) -> str:
        elements = slice_.memory.elements
        return "" if elements is None else format_affine(slice_.element - elements.start, slice_.stride)

    def _sizes(self, memory: Memory, varies: bool) -> Sizes:
        iterations = [] if memory.elements is None else [len(memory.elements)]
        return (*iterations, *(["len(rows)"] * varies), *([memory.width] * (memory.width > 1)))

    def _zeros(self, arrays: Sequence[tuple[str, Sizes]]) -> Iterator[str]:
        """The lines that make arrays, those of the same sizes together."""
        for shape in dict.fromkeys(sizes for _, sizes in arrays):
            names = [name for name, sizes in arrays if sizes == shape]
            sizes = ", ".join(map(str, (*([len(names)] if len(names) > 1 else []), *shape)))
            yield f"{', '.join(names)} = {self._spelling.module}.zeros([{sizes}], rows.dtype)"

    def _window(self, memory: Memory) -> str:
        """The numbers of the rows, the parameters, or constants, that an iteration reads at a regular distance."""
        numbers, array = [x for row in memory.table for x in row], memory.places[0].array
        shape = (len(memory.table), *([memory.width] if memory.width > 1 else []))
        if array not in LEAVES:
            text = ", ".join(map(self._spelling.language.format_float, numbers))
            constant = self._statements.constant("c", f"np.array([{text}]){format_reshape(shape)}")
            return f"{self._spelling.module}.asarray({constant}, rows.dtype)"
        n = len(self._memories.leaves(array).members)
        self._indices[memory] = index = self._format_index([int(x) for x in numbers], shape, n)
        return f"rows[:, {index}].swapaxes(0, 1)" if array == INPUTS else f"parameters[{index}]"

    def _format_index(self, addresses: Sequence[int], shape: tuple[int, ...], length: int) -> str:
        """Indices along an axis: one, a slice, or a table."""
        if len(addresses) == 1:
            return str(addresses[0])
        step = addresses[1] - addresses[0]
        if len(shape) == 1 and step and list(addresses) == [addresses[0] + step * i for i in range(shape[0])]:
            return format_slice(AxisRange(addresses[0], 0, step), shape[0], length)
        return self._statements.constant("i", self._statements.table(addresses, shape))


def format_affine(offset: int, stride: int) -> str:
    """An index in iteration t.

    >>> [format_affine(*x) for x in [(3, 0), (0, 1), (2, 1), (7, -1), (1, 2)]]
    ['3', 't', 't + 2', '7 - t', '2 * t + 1']
    """
    if not stride:
        return str(offset)
    if stride < 0:
        return f"{offset} - " + ("t" if stride == -1 else f"{-stride} * t")
    return ("t" if stride == 1 else f"{stride} * t") + (f" + {offset}" if offset else "")
