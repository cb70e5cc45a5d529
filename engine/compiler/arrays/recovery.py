"""The recovery of arrays: from formulas of scalars to an array program."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import count

from engine.compiler.arrays.chains import Chain
from engine.compiler.arrays.families import Families, Member, Total
from engine.compiler.arrays.layout import Layout
from engine.compiler.arrays.program import Array, ArrayProgram, Constants, Given
from engine.compiler.arrays.results import Place, find_blocks
from engine.compiler.arrays.views import Views
from engine.compiler.garbage_collection import garbage_collection_paused
from engine.compiler.ir import IR
from engine.symbolic.expression import Expression

MAX_ROUNDS = 6  # in which families are divided into parts that are regular


class Recovery:
    """The arrays of formulas, whose leaves are the members of `given` arrays.

    Formulas for which there are different `parts` are not of one array.

    Attributes:
        layout: The arrays of the formulas.
        views: All arrays, with parts of those that are given.
    """

    def __init__(
        self,
        given: Sequence[Array],
        results: Sequence[Expression],
        totals: Iterable[Total] = (),
        parts: Mapping[Member, Hashable] | None = None,
    ) -> None:
        found: dict[Member, Hashable] = dict(parts or {})
        summed = list(dict.fromkeys(filter(None, totals)))
        with garbage_collection_paused():
            chains: list[Chain] = []
            for _ in range(MAX_ROUNDS):
                self._families, chains = find_families(given, results, summed, found, chains)
                self.layout = Layout(given, self._families)
                if not self.layout.parts:
                    break
                for member, part in self.layout.parts.items():
                    found[member] = (found.get(member), part)
            self.views = Views(given, self.layout.arrays)

    def place(self, result: Member) -> tuple[Array, int]:
        """The array of a formula that is not a constant, and its address in it."""
        return self.layout.array_of[self._families.type_of[result]], self.layout.address_of[result]


def find_families(
    given: Sequence[Array],
    results: Sequence[Expression],
    totals: Sequence[Total],
    parts: Mapping[Member, Hashable],
    chains: Sequence[Chain],
) -> tuple[Families, list[Chain]]:
    """The families of formulas, with as many chains as can be, and these.

    Chains are found one after another, since the steps of one may be alike only if another is one array. One that
    depends on itself is not an array.
    """
    accepted, refused = list(chains), set[Expression]()
    families = Families(given, results, totals, parts, accepted)
    while new := [chain for chain in families.chains if chain.results[0] not in refused]:
        for reads_start in (True, False):
            chain = replace(new[0], reads_start=reads_start)
            if reads_start and not families.is_single(chain.start):
                continue
            attempt = Families(given, results, totals, parts, [*accepted, chain])
            if attempt.is_complete:
                accepted.append(chain)
                families = attempt
                break
        else:
            refused.add(new[0].results[0])
    return families, accepted


def recover_arrays(ir: IR, wrt_order: Sequence[int] = ()) -> ArrayProgram:
    """The array program of an IR, with the derivatives, if it has any, in this order.

    >>> from engine import Value, dot
    >>> from engine.compiler.ir import build_ir
    >>> x, w = [Value(1.0), Value(2.0)], [Value(3.0), Value(4.0), Value(5.0), Value(6.0)]
    >>> ir = build_ir([dot(w[:2], x), dot(w[2:], x)], x, w, gradient=False)
    >>> program = recover_arrays(ir)
    >>> [array.shape for array in program.arrays]  # x, W, and W x
    [(2,), (2, 2), (2,)]
    """
    rows = Array((len(ir.inputs),), True, Given("rows"), ir.inputs)
    parameters = Array((len(ir.parameters),), False, Given("parameters"), ir.parameters)
    derivatives = [ir.derivatives[i] for i in wrt_order] if ir.has_gradient else []
    totals: list[Total] = [tuple(derivative.terms) for derivative in derivatives]
    recovery = Recovery([rows, parameters], ir.values, totals)
    of_total = {total: ir.wrt[i] for total, i in zip(reversed(totals), reversed(wrt_order), strict=False)}
    for array in recovery.layout.arrays:
        array.members = [of_total[x] if isinstance(x, tuple) else x for x in array.members]
    numbers = [value.value for value in ir.values if value.is_constant]
    constants = Array((len(numbers),) if len(numbers) > 1 else (), False, Constants(tuple(numbers)))
    addresses = count()

    def place(result: Expression | Total) -> Place:
        if result == ():
            return None
        if isinstance(result, Expression) and result.is_constant:
            return constants, next(addresses)
        return recovery.place(result)

    values = find_blocks([place(value) for value in ir.values], recovery.views)
    gradient = find_blocks([place(total) for total in totals], recovery.views) if ir.has_gradient else None
    return ArrayProgram(rows, parameters, recovery.views.arrays, values, gradient)
