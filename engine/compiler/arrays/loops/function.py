"""The function of a program with loops: its segments forward, and those with adjoints in reverse."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence

from engine.compiler.arrays.loops.memory import Memories, Memory, Slice
from engine.compiler.arrays.loops.steps import Step, Store, backward_step, forward_step
from engine.compiler.arrays.loops.storage import Storage
from engine.compiler.arrays.printed.names import Labels
from engine.compiler.arrays.printed.spelling import Spelling
from engine.compiler.arrays.printed.statements import Statements
from engine.compiler.arrays.printed.text import Text
from engine.compiler.arrays.program import Array, Block, Computation, Constants, Gathered, Given, View
from engine.compiler.arrays.results import Place as Result
from engine.compiler.arrays.results import find_blocks, find_ordered_blocks
from engine.compiler.arrays.views import Views
from engine.compiler.ir import IR
from engine.compiler.repetition.bodies import Bodies
from engine.compiler.repetition.places import Place
from engine.symbolic.codegen import indent
from engine.symbolic.expression import Expression

RESERVED = r"|t|i|state|total|d?s\d+|d_rows|d_parameters|forward\d+|backward\d+"
MAX_SLICES = 2  # of one memory that results are taken from; from more, they are taken of the whole


class LoopFunction:
    """The loops of an IR, and the statements that compute their iterations.

    The derivatives are those by the leaves `wrt`: sums over rows if the IR has a gradient, else those of each row.

    Attributes:
        operations: Those that it computes.
        statements: They have the names in its text.
    """

    def __init__(self, ir: IR, bodies: Bodies, wrt: Sequence[Expression] | None, spelling: Spelling) -> None:
        self._ir, self._bodies, self._spelling = ir, bodies, spelling
        self._memories = memories = Memories(bodies)
        self._wrt = [bodies.repeats.leaves[x] for x in wrt or ()]
        n = range(len(bodies.bodies))
        self._forward = [forward_step(memories, i) for i in n]
        self._backward = [backward_step(memories, i, summed=ir.has_gradient) for i in reversed(n) if self._wrt]
        arrays = [array for step in (*self._forward, *self._backward) for array in step.arrays]
        self.operations = list(dict.fromkeys(x.value.op for x in arrays if isinstance(x.value, Computation)))
        leaves = memories.rows, memories.parameters
        self._views = [x for x in arrays if isinstance(x.value, View | Gathered) and x.value.source in leaves]
        self._different_views = {(x.shape, x.value): x for x in self._views}  # equal ones have one name
        nodes = {bodies.symbol(place): ir.node_of[x] for x, place in bodies.repeats.leaves.items() if x in ir.node_of}
        labels = Labels(nodes, {}, [*self._different_views.values()])
        self.statements = Statements(spelling, self.operations, labels, RESERVED)
        self.statements.texts.update({memories.rows: Text("rows"), memories.parameters: Text("parameters")})
        self._storage = Storage(memories, self.statements, spelling, summed=ir.has_gradient)
        self._loops = Counter[str]()

    @property
    def numbers_per_row(self) -> int:
        """How many numbers of each row are in memory, with their adjoints."""
        numbers = sum(x.width * len(x.elements or [0]) for x in self._memories.all if x.varies)
        return numbers * 2 if self._wrt else numbers

    def lines(self) -> list[str]:
        """The lines of the function."""
        lines = self.statements.reading(len(self._ir.inputs), len(self._ir.parameters))
        lines += [*self._take_apart(), *self._storage.allocate(), "# forward"]
        for step in self._forward:
            lines += self._lines_of(step)
        if self._wrt:
            lines += ["# backward", *self._begin_backward()]
            for step in self._backward:
                lines += self._lines_of(step)
            lines += self._storage.scatter()
        name = "value_and_grad" if self._ir.has_gradient else "value"
        return [f"def {name}(rows, parameters):", *indent([*lines, *self._return()])]

    def _take_apart(self) -> Iterator[str]:
        """The lines that take the rows and the parameters apart."""
        memories, texts = self._memories, self.statements.texts
        views = sorted(self._different_views.values(), key=lambda x: x.value.first if isinstance(x.value, View) else 0)
        yield from self.statements.take_apart((memories.rows, memories.parameters), views)
        for view in self._views:
            texts[view] = texts[self._different_views[view.shape, view.value]]

    def _begin_backward(self) -> Iterator[str]:
        """The lines that make room for adjoints, and put those there that are known."""
        seeds = [(self._memories.find(len(self._bodies.bodies), x), y) for x, y in self._bodies.seeds.items()]
        slices = [slice_ for step in self._backward for slice_ in step.given.values() if slice_]
        slices += [store.to for step in self._backward for store in step.stores if isinstance(store.to, Slice)]
        slices += [found[0] for found, _ in seeds if found]
        yield from self._storage.allocate_adjoints(dict.fromkeys(x.array for x in self._wrt), slices)
        for found, x in seeds:
            assert found
            number = self._spelling.language.format_float(x.value)
            yield self._storage.put(found[0], [found[1]], number, adds=True)

    def _lines_of(self, step: Step) -> list[str]:
        """The lines of a segment: a loop, or straight code."""
        statements, storage = self.statements, self._storage
        self._name_slices(step.given)
        kept = dict(self._keep(step)) if self._spelling.loops.keeps_results else {}
        self._name_numbers(step.given, step.arrays)
        blocks = [block for store in step.stores for block in store.blocks]
        statements.count_uses(step.arrays, [x for block in blocks for x in block.accesses if x])
        stores = () if step.backward else step.stores
        names = {array: storage.name(store.to) for store in stores if (array := _whole_array(store))}
        begin = [f"{name} = {text}" for name, _, text in kept.values()]
        lines: list[str] = []
        for array in step.arrays:
            if array not in statements.texts:
                lines += statements.statement(array, names.get(array, ""))
        for store in step.stores:
            text = self._uniform(store) or self._join(store.blocks, len(store.columns), store.varies)
            if store.to in kept and isinstance(store.to, Slice):
                new = kept[store.to][1]
                lines.append(f"{new} = {f'{storage.text(store.to)} + ' * step.backward}{text}")
                lines.append(storage.put(store.to, store.columns, new, adds=False))
            elif text != storage.name(store.to):
                lines.append(storage.put(store.to, store.columns, text, adds=step.backward))
        if step.iterations == 1 or not lines:  # as in reverse, where no derivative is taken
            return lines
        direction = "backward" if step.backward else "forward"
        self._loops[direction] += 1
        arrays = dict.fromkeys(storage.name(store.to) for store in step.stores)
        state = {name: name for name in arrays} | {name: new for name, new, _ in kept.values()}
        name = f"{direction}{self._loops[direction]}"
        return [*begin, *self._spelling.loops.loop(name, step.iterations, step.backward, state, lines)]

    def _keep(self, step: Step) -> Iterator[tuple[Slice, tuple[str, str, str]]]:
        """Numbers that an iteration stores for the next one: the names that it reads and stores, and the first text."""
        targets = [(store.to, store.columns) for store in step.stores]
        whole = {to for to, columns in targets if isinstance(to, Slice) and len(columns) == to.memory.width}
        direction, first = (-1, step.iterations - 1) if step.backward else (1, 0)
        for array, slice_ in step.given.items():
            if slice_ and slice_.stride:
                element, stride = slice_.element, slice_.stride
                to = slice_._replace(element=element + direction * stride)
                if to in whole:
                    self._loops["kept"] += 1
                    name = self.statements.names.new(f"r{self._loops['kept']}")
                    self.statements.texts[array] = Text(name)
                    start = self._storage.text(slice_._replace(element=element + stride * first, stride=0))
                    yield to, (name, self.statements.names.new(f"{name}_new"), start)

    def _name_slices(self, given: Mapping[Array, Slice | None]) -> None:
        for array, slice_ in given.items():
            if slice_:
                self.statements.texts[array] = Text(self._storage.text(slice_))

    def _name_numbers(self, given: Mapping[Array, Slice | None], arrays: Sequence[Array]) -> None:
        """The texts of numbers that are slices by themselves, which do not have an axis for columns."""
        texts = self.statements.texts
        for array in arrays:
            slice_ = given.get(array.value.source) if isinstance(array.value, View) else None
            if slice_ and slice_.memory.width == 1 and not array.shape:
                texts[array] = texts[array.root]

    def _uniform(self, store: Store) -> str:
        """Results that are the same for all rows, which an assignment to a slice broadcasts; "" of others."""
        n, access = len(store.columns), store.blocks[0].accesses[0]
        is_part = isinstance(store.to, Slice) and store.to.memory.elements is not None
        is_single = len(store.blocks) == len(store.blocks[0].accesses) == store.blocks[0].n == 1
        if not (is_part and is_single and access and store.varies) or access.array.varies:
            return ""
        self.statements.name_constants(access.array)
        operand = self.statements.expressions.operand(access, (1, n))
        return operand.arranged([1]).text if operand.axes or n == 1 else ""

    def _join(self, blocks: Sequence[Block], n: int, varies: bool) -> str:
        """So many results side by side."""
        results = self.statements.results
        for array in (x.array for block in blocks for x in block.accesses if x):
            self.statements.name_constants(array)
        if varies:
            return results.each(blocks, n)
        if n == 1:
            [access] = blocks[0].accesses
            assert access
            return self.statements.expressions.operand(access, (1, 1)).text.text
        parts = results.flat(blocks)
        return parts[0] if len(parts) == 1 else f"{self._spelling.module}.concatenate([{', '.join(parts)}])"

    def _return(self) -> list[str]:
        """The lines that return the results."""
        given, outputs = self._find_outputs()
        storage, leaves, statements = self._storage, self._memories.leaves, self.statements
        has_gradient = self._ir.has_gradient
        adjoints: dict[int, Array] = {}
        for leaf in dict.fromkeys(x.array for x in self._wrt):
            adjoints[leaf] = _given(len(leaves(leaf).members), self._memories.has_rows and not has_gradient)
            statements.texts[adjoints[leaf]] = Text(storage.name(leaf))
        views = Views([*given, *adjoints.values(), self._memories.rows, self._memories.parameters], [])
        slopes: list[Result] = [(adjoints[x.array], x.element) for x in self._wrt]
        values = find_blocks(outputs if has_gradient else [*outputs, *slopes], views)
        gradient, order = find_ordered_blocks(slopes, views) if has_gradient else ([], None)
        self._name_slices(given)
        self._name_numbers(given, views.arrays)
        for array in views.arrays:
            if array not in statements.texts:
                statements.statement(array)
        if not has_gradient:
            result = self._join(values, len(outputs) + len(slopes), True)
            return [f"return {result}"]
        [value] = values[0].accesses
        assert value
        return statements.returned(value, gradient, order)

    def _find_outputs(self) -> tuple[dict[Array, Slice | None], list[Result]]:
        """The arrays in which the outputs are, with their slices, and the place of each."""
        memories, n = self._memories, len(self._bodies.bodies)
        found = [memories.find(n, x) if isinstance(x, Place) and x.array >= 0 else None for x in self._bodies.outputs]
        slices: dict[Memory, set[Slice]] = defaultdict(set)
        for slice_, _ in filter(None, found):
            slices[slice_.memory].add(slice_)
        given: dict[Slice | Memory, Array] = {}
        results: list[Result] = []
        for output, where in zip(self._bodies.outputs, found, strict=True):
            if where:
                slice_, column = where
                memory = slice_.memory
                if len(slices[memory]) > MAX_SLICES and memory.elements:
                    size = len(memory.elements) * memory.width
                    array = given.setdefault(memory, _given(size, memory.varies))
                    self.statements.texts[array] = Text(self._storage.whole(slice_))
                    results.append((array, (slice_.element - memory.elements.start) * memory.width + column))
                else:
                    array = given.setdefault(slice_, _given(memory.width, memory.varies))
                    results.append((array, column))
            elif isinstance(output, Place):
                results.append((memories.leaves(output.array), output.element))
            else:
                results.append((Array((), False, Constants((output.value,))), 0))
        return {array: key if isinstance(key, Slice) else None for key, array in given.items()}, results


def _given(size: int, varies: bool) -> Array:
    """An array that a statement before has made."""
    return Array((size,), varies, Given("memory"), range(size))


def _whole_array(store: Store) -> Array | None:
    """The array that a memory of straight code is, with all of its elements."""
    if not isinstance(store.to, Slice) or store.to.memory.elements is not None or len(store.blocks) > 1:
        return None
    [block] = store.blocks
    access = block.accesses[0]
    is_whole = block.n == 1 and len(block.accesses) == 1 and access and isinstance(access.array.value, Computation)
    return access.array if access and is_whole and len(access.array.members) == len(store.columns) else None
