"""The array programs of one iteration of each segment, forward and backward."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count

from engine.compiler.arrays.loops.memory import Memories, Slice
from engine.compiler.arrays.program import Array, Block, Constants
from engine.compiler.arrays.recovery import Recovery
from engine.compiler.arrays.results import Place as Result
from engine.compiler.arrays.results import find_blocks
from engine.compiler.repetition.bodies import Body, needed_operations
from engine.compiler.repetition.ends import COPY
from engine.compiler.repetition.places import Place
from engine.symbolic.expression import Expression

MAX_SINGLE = 2  # columns of several to which something is added one by one, and not zeros to the others


@dataclass(frozen=True)
class Store:
    """Results that are put into a memory, or added to its adjoints, or to those of single leaves.

    Attributes:
        to: The slice; or the number of the array of leaves.
        columns: Those of the slice, or the indices of the leaves.
        blocks: The results.
        varies: Whether they have an axis for the rows.
    """

    to: Slice | int
    columns: tuple[int, ...]
    blocks: list[Block]
    varies: bool


@dataclass
class Step:
    """An iteration of a segment.

    Attributes:
        iterations: Their number.
        backward: Whether they are run in reverse, and results are added.
        given: The arrays that are parts of memory.
        arrays: The others, each after those that it is made of.
        stores: Where the results are put.
    """

    iterations: int
    backward: bool
    given: Mapping[Array, Slice | None]
    arrays: Sequence[Array]
    stores: list[Store]


def forward_step(memories: Memories, i: int) -> Step:
    """The values of a segment that are stored."""
    body = memories.bodies.bodies[i]
    values = {b: x.inputs[0] if x.op is COPY else x for b, x in enumerate(body.values) if b in set(memories.stored[i])}
    groups: dict[Slice | int, dict[int, Expression]] = defaultdict(dict)
    for b, x in values.items():
        found = memories.find(i, body.segment.places[b])
        assert found
        groups[found[0]][found[1]] = x
    return _make_step(memories, i, groups, backward=False, summed=False)


def backward_step(memories: Memories, i: int, *, summed: bool) -> Step:
    """The terms that a segment adds to adjoints; to those of leaves, `summed` over the rows."""
    body = memories.bodies.bodies[i]
    groups: dict[Slice | int, dict[int, Expression]] = defaultdict(dict)
    for place, x in _read_stored(memories, i, body).items():
        found = memories.find(i, place)
        if found is None:
            groups[place.array][place.element] = x
        else:
            groups[found[0]][found[1]] = x
    return _make_step(memories, i, groups, backward=True, summed=summed)


def _read_stored(memories: Memories, i: int, body: Body) -> dict[Place, Expression]:
    """The increments of adjoints, with symbols for values that are stored."""
    bodies, increments = memories.bodies, body.increments
    new = {body.values[b]: bodies.symbol(body.segment.places[b]) for b in memories.stored[i] if body.values[b].inputs}
    for x in needed_operations([*increments.values()], set(new)):
        new[x] = bodies.builder.make(x.op, tuple([new.get(y, y) for y in x.inputs]))
    return {place: new.get(x, x) for place, x in increments.items()}


def _make_step(
    memories: Memories,
    i: int,
    groups: Mapping[Slice | int, Mapping[int, Expression]],
    *,
    backward: bool,
    summed: bool,
) -> Step:
    """The step that computes formulas, in groups of one slice; those of leaves may be `summed` over the rows."""
    groups = {to: dict(sorted(group.items())) for to, group in groups.items()}  # in the order of memory
    of_leaves = [x for to, group in groups.items() if _is_of_leaves(to) for x in group.values()]
    of_values = [x for to, group in groups.items() if not _is_of_leaves(to) for x in group.values()]
    given = memories.given(i, [*of_values, *of_leaves])
    totals = of_leaves if summed else []
    results = of_values if summed else [*of_values, *of_leaves]
    recovery = Recovery([*given], [x for x in results if not x.is_constant], [(x,) for x in totals])

    def find_places(formulas: Sequence[Expression | None], is_total: bool) -> Iterator[Result]:
        numbers = [] if is_total else [x.value for x in formulas if x is not None and x.is_constant]
        constants = Array((len(numbers),) if len(numbers) > 1 else (), False, Constants(tuple(numbers)))
        addresses = count()
        for x in formulas:
            if x is None:
                yield None
            elif is_total:
                yield recovery.place((x,))
            else:
                yield (constants, next(addresses)) if x.is_constant else recovery.place(x)

    stores = []
    for to, group in groups.items():
        is_total = summed and _is_of_leaves(to)
        whole = range(to.memory.width) if isinstance(to, Slice) else sorted(group)
        is_whole = len(group) == len(whole) or (backward and len(group) > MAX_SINGLE)
        for columns in [whole] if is_whole else [[k] for k in group]:
            places = [*find_places([group.get(k) for k in columns], is_total)]
            varies = memories.has_rows and not is_total if backward else isinstance(to, Slice) and to.memory.varies
            stores.append(Store(to, tuple(columns), find_blocks(places, recovery.views), varies))
    n = memories.bodies.bodies[i].segment.run.iterations
    return Step(n, backward, given, recovery.views.arrays, stores)


def _is_of_leaves(to: Slice | int) -> bool:
    return isinstance(to, int) or bool(to.memory.table)
