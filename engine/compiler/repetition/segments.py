"""Segments: the order of a graph's operations, cut into loops; a straight part is a loop of one iteration.

Values lie in arrays. The operation at the same place of each iteration has one array, whose elements are numbered by
the iterations; the inputs and the parameters are arrays, too. So each operand of a loop is, in iteration t, element
number e + stride · t of an array. Where an operand is carried from the iteration before, the operation that the first
iteration reads stands before the loop; its value becomes element -1 of that array.
"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence

from engine import ops
from engine._support.cached_property import CachedProperty
from engine.compiler.repetition.ends import COPY, Starts, extend_runs, is_regular
from engine.compiler.repetition.formulas import MIN_SAVED, PARAMETERS, Formulas, Found, find_repetition, latest_first
from engine.compiler.repetition.places import Operand, Place, Repeats, Segment
from engine.compiler.repetition.reads import reads_what_is_stored
from engine.compiler.repetition.runs import MIN_ITERATIONS, SPACE, Run
from engine.graph import depends_on
from engine.op import Selected
from engine.symbolic.expression import Expression

# Repetition is looked for in graphs of as many operations. Calls of loops take as long as those of single instructions,
# or less: 0.63 µs for Rosenbrock's function of 300 numbers, either way, and 1.5 µs for 50 steps of Lorenz's system
# (1.9 without loops), which are built in a sixth of the time. Shorter graphs take little time in any case.
MIN_OPERATIONS = 1000
MIN_SHARE = 0.5  # of the operations that loops have to save
MAX_STRAIGHT = 100  # operations of a segment that is not a loop
MAX_TERMS = 8  # of a dot; a longer one is a loop of its own
MIN_POSITION = -SPACE // 2  # of operations before the first iteration of a loop; leaves have lower numbers


class Repetition:
    """The repetition in a graph, given by its formulas and leaves.

    `separate` makes the formulas in which data are symbols, if there are data: see `repetition.data`. They come first
    if more of them repeat themselves.

    Graphs with conditions, whose derivatives are selected by guards, do not have loops; nor do, in machine code, those
    with long dots, which are loops already, or with operations that are the same for all rows, if others are not.

    Attributes:
        is_possible: Whether the graph is large enough.
    """

    def __init__(
        self,
        formulas: Formulas,
        inputs: Sequence[Expression],
        parameters: Sequence[Expression],
        separate: Callable[[], Formulas | None],
    ) -> None:
        self._formulas, self._inputs, self._parameters, self._separate = formulas, inputs, parameters, separate
        self.is_possible = len(formulas.order) >= MIN_OPERATIONS

    @CachedProperty
    def found(self) -> list[Found]:
        """The runs in the formulas, and in those with data; of the more repetitive ones first."""
        order = self._formulas.order
        is_long = any(x.op is ops.weighted_sum and len(x.inputs) // 2 > MAX_TERMS for x in order)
        has_no_edges = any(op.edges for op in {x.op for x in order})
        return [] if is_long or has_no_edges else sorted(self._find(self._formulas), key=lambda x: x.remaining)

    @CachedProperty
    def found_for_arrays(self) -> list[Found]:
        """The same, with dots of any length, and `stop_gradient`, and in another order, too; of fewer loops first."""
        found = [*self._find(self._formulas), *self._find(latest_first(self._formulas))]
        return sorted(found, key=lambda x: x.remaining + MIN_SAVED * len(x.runs))

    def _find(self, formulas: Formulas) -> Iterator[Found]:
        edges = {edge for op in {x.op for x in formulas.order} for edge in op.edges}
        if self.is_possible and not any(isinstance(edge, Selected) for edge in edges):
            found = find_repetition(formulas, self._inputs, self._parameters)
            yield found
            if not found.is_one_loop and (separated := self._separate()):
                in_order = separated if formulas is self._formulas else latest_first(separated)
                yield find_repetition(in_order, self._inputs, self._parameters)

    def _uniform(self, operations: Sequence[Expression]) -> set[Expression]:
        """The operations that are the same for all rows, if others are not."""
        return set(operations).difference(depends_on(self._inputs, operations)) if self._inputs else set()

    def cut(self, found: Found, peeled: int = 0) -> Repeats | None:
        """The segments; None if loops would not save much, or cannot be differentiated.

        The last `peeled` iterations of each run are not part of its loop.
        """
        runs = [run._replace(iterations=run.iterations - peeled) for run in found.runs]
        return self._cut(found._replace(runs=runs), self._uniform(found.operations), {})

    def cut_for_arrays(self, found: Found) -> Repeats | None:
        """The segments for arrays of rows.

        Their loops may have operations that are the same for all rows, and the first iterations, too, for which
        operands are copied.
        """
        order, numbers = list(found.operations), dict(found.numbers)
        starts = extend_runs(found.runs, order, numbers)
        if all(is_regular(run, copied, order, numbers) for run, copied in starts.items()):
            longer = Found(found.outputs, order, numbers, list(starts))
            repeats = self._cut(longer, set(), starts)
            if repeats is None or reads_what_is_stored(repeats, found.outputs):
                return repeats
        repeats = self._cut(found, set(), {})
        return repeats if repeats and reads_what_is_stored(repeats, found.outputs) else None

    def _cut(self, found: Found, uniform: set[Expression], starts: Mapping[Run, Starts]) -> Repeats | None:
        outputs, operations, numbers, _ = found
        runs = [run for run in found.runs if run.iterations >= MIN_ITERATIONS]
        leaves = {x: numbers[x] for x in (*self._inputs, *self._parameters)}
        while sum(run.saved for run in runs) > MIN_SHARE * len(operations):
            try:
                return _Cutter(operations, numbers, runs, uniform, starts).cut(outputs, leaves)
            except _IrregularError as error:
                runs.remove(error.run)
        return None


_Column = tuple[int, int] | Place | Expression  # first number and stride; constants; or one constant


class _IrregularError(Exception):
    """The operands of a run are not at regular distances in memory."""

    def __init__(self, run: Run) -> None:
        super().__init__(run)
        self.run = run


class _Cutter:
    """Cuts an order into segments, and finds the places of all operands.

    `_claimed` has the operations of straight segments that are elements of the arrays of loops.
    """

    def __init__(
        self,
        operations: Sequence[Expression],
        numbers: Mapping[Expression, int],
        runs: list[Run],
        uniform: set[Expression],
        starts: Mapping[Run, Starts],
    ) -> None:
        self._initial = starts
        self._operations, self._numbers, self._uniform = operations, numbers, uniform
        self._runs = list(_with_straight_parts(runs, len(operations)))
        self._starts = [run.start for run in self._runs]
        self._claimed: dict[int, Place] = {}
        self._constants: dict[bytes, int] = {}  # the names of the arrays with these numbers

    def cut(self, outputs: Sequence[Expression], leaves: Mapping[Expression, int]) -> Repeats:
        """The segments. Raises _IrregularError for a run that cannot be a loop."""
        for run in self._runs:
            if (
                run.iterations > 1
                and self._uniform
                and not self._uniform.isdisjoint(self._operations[run.start : run.end])
            ):
                raise _IrregularError(run)
        columns = [self._columns(run) for run in self._runs]
        for run, operands in zip(self._runs, columns, strict=True):
            for column in (x for row in operands for x in row if not isinstance(x, (Place, Expression))):
                first, stride = column
                if stride and first > MIN_POSITION:
                    self._claim(run, first, stride)
        segments, operations = list[Segment](), list(self._operations)
        for run, operands in zip(self._runs, columns, strict=True):
            if starts := self._initial.get(run):
                segments.append(self._copy(run, starts, len(operations)))
                operations += [Expression(x.builder, COPY, (x,)) for x in starts.values()]
            rows = [[self._operand(run, x) for x in row] for row in operands]
            segments.append(Segment(run, rows, self._places(run)))
        found = [x if x.is_constant else self._place(self._numbers[x]) for x in outputs]
        constants = {name: array("d", numbers).tolist() for numbers, name in self._constants.items()}
        uniform = {self._place(self._numbers[x]).array for x in self._uniform}
        places = {x: self._place(i) for x, i in leaves.items()}
        return Repeats(operations, segments, found, places, constants, uniform)

    def _columns(self, run: Run) -> list[list[_Column]]:
        """The operands of each operation of an iteration."""
        found: list[list[_Column]] = []
        n = run.iterations - 1
        for b in range(run.start, run.start + run.period):
            row: list[_Column] = []
            for k, x in enumerate(self._operations[b + n * run.period].inputs):
                last = self._numbers.get(x)
                if last is None:
                    constants = [y.inputs[k] for y in self._operations[b : run.end : run.period]]
                    is_shared = constants.count(x) == len(constants)
                    row.append(x if is_shared else self._array_of_constants(constants))
                elif not n:
                    row.append((last, 0))
                else:
                    stride = last - self._numbers[self._operations[b + (n - 1) * run.period].inputs[k]]
                    row.append((last - n * stride, stride))
            found.append(row)
        return found

    def _array_of_constants(self, constants: Sequence[Expression]) -> Place:
        numbers = array("d", [x.value for x in constants]).tobytes()
        return Place(self._constants.setdefault(numbers, PARAMETERS - 1 - len(self._constants)), 0, 1)

    def _run_of(self, position: int) -> Run:
        return self._runs[bisect_right(self._starts, position) - 1]

    def _array_of(self, run: Run, first: int, stride: int) -> tuple[Run, int]:
        """The run, and the position of element 0 of the array, in which the operands of a run lie."""
        middle = first + stride * (run.iterations // 2)
        other = self._run_of(middle)
        if other.iterations == 1 or stride % other.period:
            raise _IrregularError(run)
        return other, other.start + (middle - other.start) % other.period

    def _claim(self, run: Run, first: int, stride: int) -> None:
        """Let operations of straight segments be elements of an array, where operands of a run lie outside of it."""
        other, name = self._array_of(run, first, stride)
        for position in range(first, first + stride * run.iterations, stride):
            element = (position - name) // other.period
            is_copied = (name - other.start, element) in self._initial.get(other, ())
            if not 0 <= element < other.iterations and not is_copied:
                place, owner = Place(name, element, 0), self._run_of(position)
                if owner.iterations > 1:
                    raise _IrregularError(min(run, owner, key=lambda run: run.saved))
                if self._claimed.setdefault(position, place) != place:
                    raise _IrregularError(run)

    def _copy(self, run: Run, starts: Starts, position: int) -> Segment:
        """The segment that copies to elements of the arrays of a loop what its first iterations read."""
        read = starts.values()
        operands: list[list[Operand]] = [[self._place(self._numbers[x]) if x in self._numbers else x] for x in read]
        places = [Place(run.start + b, element, 0) for b, element in starts]
        return Segment(Run(position, len(starts), 1), operands, places)

    def _operand(self, run: Run, column: _Column) -> Operand:
        if isinstance(column, (Place, Expression)):
            return column
        first, stride = column
        if run.start <= first < run.start + run.period and stride == (run.period if run.iterations > 1 else 0):
            return first - run.start
        if not stride or first < MIN_POSITION:
            return self._place(first)._replace(stride=stride)
        other, name = self._array_of(run, first, stride)
        return Place(name, (first - name) // other.period, stride // other.period)

    def _place(self, number: int) -> Place:
        """The place of one node."""
        if number < 0:
            return Place(number // SPACE, number % SPACE, 0)
        if number in self._claimed:
            return self._claimed[number]
        run = self._run_of(number)
        element, b = divmod(number - run.start, run.period)
        return Place(run.start + b, element, 0) if run.iterations > 1 else Place(number, 0, 0)

    def _places(self, run: Run) -> list[Place]:
        positions = range(run.start, run.start + run.period)
        return [Place(b, 0, 1) if run.iterations > 1 else self._place(b) for b in positions]


def _with_straight_parts(runs: Sequence[Run], n: int) -> Iterator[Run]:
    """The runs, and between them runs of one iteration."""
    begin = 0
    for run in [*runs, Run(n, 0, 0)]:
        for start in range(begin, run.start, MAX_STRAIGHT):
            yield Run(start, min(MAX_STRAIGHT, run.start - start), 1)
        if run.iterations:
            yield run
        begin = run.end
