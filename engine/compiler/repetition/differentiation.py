"""The adjoints of the operands of each segment, for one iteration.

The backward pass runs the segments, and the iterations of a loop, in reverse. A value that another iteration or segment
reads has an adjoint in memory, the sum of the contributions of its readers so far, which starts as -0.0: x + -0.0 is x.
When its own iteration is reached, all readers but those of the same iteration have added to it, the last one first, as
in every reverse sweep. Within an iteration, it is that of `engine.sweep`.

Of a running sum, s_t = s_(t-1) + x_t, every adjoint is that of the last element: only that one is stored, or put into
the formulas if it is a constant.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from engine.compiler.formula_sweep import Contribution, contribution, sum_over_paths
from engine.compiler.repetition.bodies import Bodies
from engine.compiler.repetition.formulas import PARAMETERS
from engine.compiler.repetition.places import Place, Segment
from engine.derivatives.local_derivatives import formula_edges
from engine.op import NEVER
from engine.sweep import Edge, chain_rule, cotangents
from engine.symbolic.expression import Expression


class UnsupportedError(Exception):
    """Loops would not compute the same bits as the formulas of the whole graph."""


class Differentiation:
    """The reverse sweep over bodies.

    `_known` has adjoints that are constants, with the number of the segment that adds them; they are not stored;
    `_known_of` has their places in each array. `_passed` has the adjoint that all elements of an array have. `_added`
    has all contributions, with the numbers of the segments that add them; `_fused` has the products in the sums within
    an iteration of each segment.
    """

    def __init__(self, of: Bodies, leaves: Sequence[Place]) -> None:
        self._of, self._leaves = of, leaves
        self._bodies, self._readers, self._builder = of.bodies, of.readers, of.builder
        self._loops = {place.array: body.segment for body in of.bodies for place in body.segment.places if place.stride}
        self._wanted: dict[int, set[int]] = {}
        for leaf in leaves:
            self._wanted.setdefault(leaf.array, set()).add(leaf.element)
        self._needed = self._find_needed()
        self._known: dict[Place, tuple[int, Expression]] = {}
        self._known_of: dict[int, dict[Place, None]] = {}
        self._passed: dict[int, Place] = {}
        self._stored: set[int] = set()
        self._variables_of: dict[Expression, frozenset[Place]] = {}
        self._added: list[tuple[int, Place, Contribution]] = []
        self._fused: dict[int, list[Contribution]] = {}

    def run(self) -> None:
        """Make the adjoints and slopes."""
        [output] = self._of.outputs
        if isinstance(output, Place):
            self._add(len(self._bodies), output, [Contribution(self._builder.constant(1.0), False)])
        for i in reversed(range(len(self._bodies))):
            self._differentiate_body(i)
        zero = self._builder.constant(0.0)
        for leaf in self._leaves:
            readers = self._readers.get(leaf.array, ())
            is_read = any(leaf.element in place.range(self._of.iterations(i)) for i, place in readers)
            self._of.slopes.append(leaf._replace(adjoint=True) if is_read else zero)

    def _find_needed(self) -> set[int]:
        """The arrays on the paths from the output to the leaves."""
        needed: set[int] = set()
        reached = {x.array for x in self._of.outputs if isinstance(x, Place)}
        before = -1
        while len(needed) + len(reached) > before:  # carried operands may add some
            before = len(needed) + len(reached)
            for body in self._bodies:
                for place, operands in self._edges(body.segment):
                    if place.array in reached:
                        reached.update(x.array for x in operands)
                    if any(self._leads_to_leaves(x, body.segment, needed) for x in operands):
                        needed.add(place.array)
        return needed & reached

    def _edges(self, segment: Segment) -> Iterator[tuple[Place, list[Place]]]:
        """The place of each operation of an iteration, and those of the operands to which it has edges."""
        places, operations = segment.places, self._of.repeats.operations
        for b, row in enumerate(segment.operands, segment.run.start):
            operands = [places[x] if isinstance(x, int) else x for x in row]
            edges = [x for k, x in enumerate(operands) if operations[b].op.presence(k) is not NEVER]
            yield places[b - segment.run.start], [x for x in edges if isinstance(x, Place)]

    def _leads_to_leaves(self, place: Place, segment: Segment, needed: Collection[int]) -> bool:
        wanted = self._wanted.get(place.array)
        return place.array in needed or bool(wanted and not wanted.isdisjoint(place.range(segment.run.iterations)))

    def _differentiate_body(self, i: int) -> None:
        segment = self._bodies[i].segment
        passing = {place.array for place in segment.places if place.array in self._needed and self._may_pass(i, place)}
        while True:
            sums = self._sweep(i, passing)
            passed = {array for array in passing if sums.get(Place(array, -1, 1)) == self._only_last(array)}
            if passed == passing:
                break
            passing = passed
        for array in passing:
            self._passed[array] = self._last(array)
            del sums[Place(array, -1, 1)]
        _check_strides(segment, [*sums, *(x for x in segment.places if x.array in self._needed)])
        for place, contributions in sums.items():
            self._add(i, place, contributions)

    def _may_pass(self, i: int, place: Place) -> bool:
        """Whether an array is read by the next iteration, and only its last element by others."""
        readers, own = self._readers.get(place.array, []), (i, Place(place.array, -1, 1))
        return own in readers and all(x == own or x[1] == self._last(place.array) for x in readers)

    def _only_last(self, array: int) -> list[Contribution]:
        return [Contribution(self._adjoint(self._last(array)), False)]

    def _last(self, array: int) -> Place:
        """The last element of the array of a loop."""
        return Place(array, self._loops[array].run.iterations - 1, 0)

    def _adjoint(self, place: Place) -> Expression:
        """The adjoint at a place: a constant, or a symbol."""
        place = self._passed.get(place.array, place)
        return self._known[place][1] if place in self._known else self._of.symbol(place._replace(adjoint=True))

    def _sweep(self, i: int, passing: Collection[int]) -> dict[Place, list[Contribution]]:
        """The contributions of an iteration to each place."""
        body, places = self._bodies[i], self._of.places
        operands = dict.fromkeys(x for value in body.values for x in value.inputs if x in places)
        to = {x for x in operands if self._leads_to_leaves(places[x], body.segment, self._needed)}
        seeds: dict[Expression, Contribution] = {}
        for value, place in zip(body.values, body.segment.places, strict=True):
            if place.array in self._needed:
                to.add(value)
                if place.array in passing:
                    [seeds[value]] = self._only_last(place.array)
                elif place.array in self._readers:
                    if place.stride:
                        self._store_known(place)
                    seeds[value] = Contribution(self._adjoint(place), False)
        sums: dict[Place, list[Contribution]] = {}
        self._fused[i] = []

        def sum_rule(u: Expression, contributions: list[Contribution]) -> Expression | None:
            if u.inputs:
                self._fused[i] += [x for x in contributions if x.is_product and len(contributions) > 1]
                return sum_over_paths(contributions)
            sums[places[u]] = contributions
            return None

        def product(node: Expression, upstream: Expression, edge: Edge) -> Contribution:
            found = contribution(chain_rule(node, upstream, edge), upstream, edge)
            is_folded = found.is_product and not any(map(self._variables, found.formula.inputs))
            return Contribution(found.formula, False) if is_folded else found

        order = [*operands, *dict.fromkeys(body.values)]
        cotangents(order, lambda symbol: formula_edges(symbol, to), seeds, product, sum_rule)
        return sums

    def _store_known(self, place: Place) -> None:
        """Store the constants of an array to which others are added, or that are read by a loop."""
        for known in self._known_of.pop(place.array, ()):
            i, constant = self._known.pop(known)
            self._store(i, known, [Contribution(constant, False)])

    def _add(self, i: int, place: Place, contributions: list[Contribution]) -> None:
        """Let segment i add contributions to the adjoint at a place."""
        place = self._passed.get(place.array, place)
        constant, is_single = sum_over_paths(contributions), place.array >= 0 and self._of.iterations(i) == 1
        if place in self._known:
            constant = self._known[place][1] + constant
        is_first = place in self._known or place.array not in self._stored
        if constant.is_constant and is_single and is_first:
            self._known[place] = i, constant
            self._known_of.setdefault(place.array, {})[place] = None
        else:
            self._store_known(place)
            self._store(i, place, contributions)

    def _store(self, i: int, place: Place, contributions: list[Contribution]) -> None:
        self._stored.add(place.array)
        self._added += [(i, place, x) for x in contributions]
        adjoint, loop, n = place._replace(adjoint=True), self._loops.get(place.array), self._of.iterations(i)
        if i == len(self._bodies):
            self._of.seeds[adjoint] = sum_over_paths(contributions)
        else:
            covers = loop is None or not set(range(loop.run.iterations)).difference(place.range(n))
            is_whole = len(self._readers[place.array]) == 1 and covers and (place.stride or n == 1)
            start = None if is_whole else self._of.symbol(adjoint)
            self._bodies[i].adjoints[adjoint] = sum_over_paths(contributions, start)
            self._bodies[i].contributions[adjoint] = contributions
            if is_whole:
                return
        self._of.accumulated.add(place.array)

    def _variables(self, formula: Expression) -> frozenset[Place]:
        """The places of a formula, without those of constants."""
        known, waiting = self._variables_of, [formula]
        while waiting:
            x = waiting[-1]
            if unknown := [y for y in x.inputs if y not in known]:
                waiting += unknown
                continue
            place = self._of.places.get(waiting.pop())
            own = [place] if place and not place.is_constant else []
            known[x] = frozenset(own).union(*[known[y] for y in x.inputs])
        return known[formula]

    def check_constants(self) -> None:
        """Raise UnsupportedError if the formulas of the whole graph would fold a product of constants.

        Here it is added by fused multiply-add, which rounds once.
        """
        varying: dict[int, set[int]] = {}  # the elements of each array to which more than constants are added
        unknown: dict[int, list[tuple[Place, frozenset[Place]]]] = {}
        for i, place, x in self._added:
            variables, elements = self._variables(x.formula), varying.setdefault(place.array, set())
            if all(variable.adjoint for variable in variables):
                unknown.setdefault(i, []).append((place, variables))
            else:
                elements.update(place.range(self._of.iterations(i)))
        products: dict[int, list[frozenset[Place]]] = {i: [] for i in (*self._fused, len(self._bodies))}
        for i, x in [
            *((i, x) for i, found in self._fused.items() for x in found),
            *((i, x) for i, _, x in self._added),
        ]:
            variables = self._variables(x.formula)
            if x.is_product and all(variable.adjoint for variable in variables):
                products[i].append(variables)

        def is_not_constant(variables: frozenset[Place], t: int) -> bool:
            return any(x.element + x.stride * t in varying.get(x.array, ()) for x in variables)

        for i in sorted(products, reverse=True):
            for t in reversed(range(self._of.iterations(i))):
                for place, variables in unknown.get(i, ()):
                    if is_not_constant(variables, t):
                        varying[place.array].add(place.element + place.stride * t)
                if not all(is_not_constant(variables, t) for variables in products[i]):
                    raise UnsupportedError("a product of constants")

    def check_varying(self) -> None:
        """Raise UnsupportedError if a derivative has terms that are the same for all rows."""
        added: dict[int, list[frozenset[Place]]] = {}
        for _, place, x in self._added:
            added.setdefault(place.array, []).append(self._variables(x.formula))
        varying, uniform = {array for array in added if array >= 0}, {PARAMETERS, *self._of.repeats.uniform}

        def differs_between_rows(array: int) -> bool:
            return all(
                any(x.array in varying if x.adjoint else x.array not in uniform for x in places)
                for places in added.get(array, ())
            )

        while wrong := {array for array in varying if not differs_between_rows(array)}:
            varying -= wrong
        if not all(map(differs_between_rows, self._wanted)):
            raise UnsupportedError("a derivative has a term that is the same for all rows")


def _check_strides(segment: Segment, places: Sequence[Place]) -> None:
    """Raise UnsupportedError if two places may be one element, in other iterations than those at a fixed distance."""
    elements: dict[int, dict[int, set[int]]] = {}  # of each array, by stride
    for place in places:
        by_stride = elements.setdefault(place.array, {})
        by_stride.setdefault(place.stride, set()).update(place.range(segment.run.iterations))
    for by_stride in elements.values():
        if sum(map(len, by_stride.values())) > len(set().union(*by_stride.values())):
            raise UnsupportedError("operands are at other strides in one array")
