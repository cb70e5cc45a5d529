"""The first and the last iterations of a run, which are written in another way than those between them.

The first ones read leaves, or other operations, where the others read what is carried to them: they become iterations
of the loop once these operands are copied to where iterations before them would have left them. The operations of the
last ones may be in another order, among those that read their results. And an operation that a topological order has at
the end of an iteration, since only the next one reads it, is missing in the last one: it is moved to the next.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from operator import add

from engine.compiler.repetition.formulas import ARITHMETIC
from engine.compiler.repetition.runs import Run, operand_numbers
from engine.op import Op
from engine.symbolic.expression import Expression

COPY = Op("copy", "copy", lambda x: x, (lambda z, x: 1.0,), is_primitive=True)
MAX_ITERATIONS = 8  # that are looked for before a run, and after it

Element = tuple[int, int]  # the number of an operation of an iteration, and an iteration
Starts = Mapping[Element, Expression]  # what stands for elements of iterations below 0


class IrregularError(Exception):
    """The iterations do not read each other in one way."""


def extend_runs(runs: Sequence[Run], operations: list[Expression], numbers: dict[Expression, int]) -> dict[Run, Starts]:
    """The runs with all of their iterations, and for each, what is to be copied for the first ones.

    `operations`, and with them their `numbers`, are brought into an order in which those of each run are consecutive.
    """
    found: dict[Run, Starts] = {}
    begin = 0
    for run, following in pairwise([*runs, Run(len(operations), 0, 0)]):
        ends = _Ends(run, operations, numbers, range(begin, following.start))
        try:
            longer, starts = ends.extend()
        except IrregularError:
            longer, starts = run, {}
        found[longer] = starts
        begin = longer.end
    return found


def is_regular(run: Run, starts: Starts, operations: Sequence[Expression], numbers: Mapping[Expression, int]) -> bool:
    """Whether all operands of a run are at constant distances, but for those for which something else is copied."""
    copied = {run.start + element * run.period + b for b, element in starts}
    for _, _, column in operand_numbers(run, operations, numbers):
        last, before = column[-1], column[-2]
        if isinstance(last, int) and isinstance(before, int):
            stride = last - before
            first = last - stride * (run.iterations - 1)
            expected = (first + stride * t for t in range(run.iterations))
            if not all(y in copied or (isinstance(x, int) and x == y) for x, y in zip(column, expected, strict=True)):
                return False
    return True


class _Ends:
    """The operations of a run, and those like them among others at positions `around` it.

    `_own` has, for each operand of each operation of an iteration, the operation of the run that it is, and how many
    iterations before; None of others.
    """

    def __init__(self, run: Run, operations: list[Expression], numbers: dict[Expression, int], around: range) -> None:
        self._run, self._operations, self._numbers, self._around = run, operations, numbers, around
        self._elements: dict[Element, Expression] = {}
        for i in range(run.start, run.end):
            t, b = divmod(i - run.start, run.period)
            self._elements[b, t] = operations[i]
        self._starts: dict[Element, Expression] = {}
        self._last, self._before = (
            operations[run.end - k * run.period : run.end - (k - 1) * run.period] for k in (1, 2)
        )
        self._own = [[*self._own_operands(b)] for b in range(run.period)]
        self._free = {*operations[around.start : run.start], *operations[run.end : around.stop]}
        self._leaves = {number: x for x, number in numbers.items() if not x.inputs}
        self._by_inputs = {(x.op, x.inputs): x for x in self._free}

    def extend(self) -> tuple[Run, Starts]:
        """The longer run, and what is copied for it. Raises IrregularError if it cannot be longer."""
        self._find_before()
        n, operations = self._run.iterations, range(self._run.period)
        for t in range(-1, -MAX_ITERATIONS, -1):
            for b in operations:
                self._find(b, t)
        for t in range(n, n + MAX_ITERATIONS):
            found = [self._find(b, t) for b in operations]
            if not any(found):
                break
        first, last = self._bounds()
        shifts = self._find_shifts(first, last)
        for b, shift in enumerate(shifts):  # that of iteration t becomes that of iteration t + shift
            self._own[b] = [x and (x[0], x[1] + shift - shifts[x[0]]) for x in self._own[b]]
        self._elements = {(b, t + shifts[b]): x for (b, t), x in self._elements.items()}
        iterations = range(max(map(add, first, shifts)), min(map(add, last, shifts)) + 1)
        if len(iterations) <= n:
            raise IrregularError
        return self._reorder(iterations, self._body_order())

    def _own_operands(self, b: int) -> Iterator[Element | None]:
        numbers, run = self._numbers, self._run
        for y, z in zip(self._last[b].inputs, self._before[b].inputs, strict=True):
            number = numbers.get(y, -1)
            t, other = divmod(number - run.start, run.period)
            is_own = 0 <= t < run.iterations and number - numbers[z] == run.period
            yield (other, run.iterations - 1 - t) if is_own else None

    def _number(self, y: Expression, z: Expression, t: int) -> int:
        """The number, in iteration t, of an operand that is y in the last one and z in the one before."""
        return self._numbers[y] - (self._numbers[y] - self._numbers[z]) * (self._run.iterations - 1 - t)

    def _is_like(self, x: Expression, b: int, t: int) -> bool:
        """Whether an operation can be number b of iteration t, as far as it reads others than those of the run."""
        last, before, numbers = self._last[b], self._before[b], self._numbers
        if x not in self._free or x.op is not last.op or len(x.inputs) != len(last.inputs):
            return False
        return all(
            own or (numbers.get(operand) == self._number(y, z, t))
            if own or y in numbers
            else operand not in numbers and (operand is y or x.op in ARITHMETIC)
            for operand, y, z, own in zip(x.inputs, last.inputs, before.inputs, self._own[b], strict=True)
        )

    def _known(self, element: Element) -> Expression | None:
        return self._elements.get(element, self._starts.get(element))

    def _take(self, b: int, t: int, x: Expression) -> None:
        self._elements[b, t] = x
        self._free.discard(x)

    def _find_before(self) -> None:
        """Find the operations before the run that those of its first iterations read, and what they start with."""
        farthest = max((own[1] for row in self._own for own in row if own), default=0)
        waiting = [(b, t) for t in range(min(farthest, self._run.iterations)) for b in range(self._run.period)]
        while waiting:
            b, t = waiting.pop()
            for operand, own in zip(self._elements[b, t].inputs, self._own[b], strict=True):
                if own and t < own[1]:
                    element = own[0], t - own[1]
                    known = self._known(element)
                    if known is None and element[1] >= -MAX_ITERATIONS and self._is_like(operand, *element):
                        self._take(*element, operand)
                        waiting.append(element)
                    elif known is None:
                        self._starts[element] = operand
                    elif known is not operand:
                        raise IrregularError

    def _find(self, b: int, t: int) -> bool:
        """Look for number b of iteration t by its operands."""
        inputs: list[Expression | None] = []
        for y, z, own in zip(self._last[b].inputs, self._before[b].inputs, self._own[b], strict=True):
            if own:
                element = own[0], t - own[1]
                inputs.append(self._known(element))
            elif y not in self._numbers or self._numbers[y] == self._numbers[z]:
                inputs.append(y)
            else:
                number = self._number(y, z, t)
                is_operation = 0 <= number < len(self._operations)
                inputs.append(self._operations[number] if is_operation else self._leaves.get(number))
        known = tuple([x for x in inputs if x is not None])
        found = self._by_inputs.get((self._last[b].op, known)) if len(known) == len(inputs) else None
        if found is None or found not in self._free or (b, t) in self._elements:
            return False
        self._take(b, t, found)
        return True

    def _bounds(self) -> tuple[list[int], list[int]]:
        """The first and the last iteration of each operation, between which there are all."""
        bounds: tuple[list[int], list[int]] = [], []
        for b in range(self._run.period):
            for found, step in zip(bounds, (-1, 1), strict=True):
                t = self._run.iterations // 2
                while (b, t + step) in self._elements:
                    t += step
                found.append(t)
        return bounds

    def _find_shifts(self, first: Sequence[int], last: Sequence[int]) -> list[int]:
        """By how many iterations to move operations that are missing at the end."""
        shifts = [min(max(first) - x, max(last) - y) for x, y in zip(first, last, strict=True)]
        is_possible = all(
            own is None or own[1] + shifts[b] >= shifts[own[0]] for b, row in enumerate(self._own) for own in row
        )
        return shifts if is_possible else [0] * len(shifts)

    def _body_order(self) -> list[int]:
        """The operations of an iteration, each after those of the same one that it reads."""
        order: dict[int, None] = {}
        for start in range(self._run.period):
            waiting = [start]
            while waiting:
                needed = [x[0] for x in self._own[waiting[-1]] if x and not x[1] and x[0] not in order]
                if not needed:
                    order[waiting.pop()] = None
                elif len(waiting) > self._run.period:
                    raise IrregularError  # there is not an order
                else:
                    waiting += needed[:1]
        return list(order)

    def _reorder(self, iterations: range, order: Sequence[int]) -> tuple[Run, Starts]:
        """Bring the operations into this order, those before them that they depend on, and then all others."""
        loop = [self._elements[b, t] for t in iterations for b in order]
        around = self._operations[self._around.start : self._around.stop]
        is_other = set(around).difference(loop)
        needed, waiting = set[Expression](), [x for y in loop for x in y.inputs if x in is_other]
        while waiting:
            x = waiting.pop()
            if x not in needed:
                needed.add(x)
                waiting += [y for y in x.inputs if y in is_other]
        if not set(loop).isdisjoint([y for x in needed for y in x.inputs]):
            raise IrregularError
        before = [x for x in around if x in needed]
        around = [*before, *loop, *[x for x in around if x in is_other and x not in needed]]
        run = Run(self._around.start + len(before), self._run.period, len(iterations))
        place = {b: i for i, b in enumerate(order)}
        starts: dict[Element, Expression] = {}
        for i, x in enumerate(loop):
            t, j = divmod(i, run.period)
            for operand, own in zip(x.inputs, self._own[order[j]], strict=True):
                if own and t < own[1] and starts.setdefault((place[own[0]], t - own[1]), operand) is not operand:
                    raise IrregularError
        if not set(loop).isdisjoint(starts.values()):  # where first iterations share an operation
            raise IrregularError
        self._operations[self._around.start : self._around.stop] = around
        self._numbers.update(zip(around, self._around, strict=True))
        return run, starts
