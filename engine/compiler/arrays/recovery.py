"""The recovery of arrays: from formulas of scalars to an array program."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import count

from engine.compiler.arrays.chains import Chain
from engine.compiler.arrays.families import Families, Member, Total
from engine.compiler.arrays.layout import Layout
from engine.compiler.arrays.normal_form import NormalForm
from engine.compiler.arrays.program import Array, ArrayProgram, Constants, Given
from engine.compiler.arrays.results import Place, find_blocks, find_ordered_blocks
from engine.compiler.arrays.views import Views
from engine.compiler.garbage_collection import garbage_collection_paused
from engine.compiler.ir import IR
from engine.symbolic.expression import Expression

MAX_ROUNDS = 6  # in which families are divided; random sums need up to 3
MAX_CHAINS_TRIED = 20  # one by one


class Recovery:
    """The arrays of `results` and of the formulas that they read, down to the members of `given` arrays.

    `totals` are wanted as sums over the rows. Formulas for which there are different `parts` are not of one array.

    Each family is laid out as one array. Those whose members have terms at different strides are then divided by these,
    and all are laid out again. Factors at addresses that are irregular after that are read by tables: so the program is
    also right, but longer, where families would have to be divided after `MAX_ROUNDS`.

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
        form = NormalForm(results, [x for total in summed for x in total])
        chains: list[Chain] = []
        for _ in range(MAX_ROUNDS):
            self._families, chains = find_families(given, form, found, chains)
            self._families.add_totals(summed)
            self.layout = Layout(given, self._families)
            if not self.layout.parts:
                break
            found.update({member: (found.get(member), part) for member, part in self.layout.parts.items()})
        self.views = Views(given, self.layout.arrays)

    def place(self, result: Member) -> tuple[Array, int]:
        """The array of a formula that is not a constant, and its address in it."""
        return self.layout.array_of[self._families.type_of[result]], self.layout.address_of[result]


def find_families(
    given: Sequence[Array],
    form: NormalForm,
    parts: Mapping[Member, Hashable],
    chains: Sequence[Chain],
) -> tuple[Families, list[Chain]]:
    """The families of formulas, totals apart, with as many chains as can be, and these.

    They are found in rounds, since the steps of one may be alike only if another is one array. One that depends on
    itself is not an array; of several together, each is tried by itself. Those of `chains` whose steps are of different
    `parts` are no longer.
    """
    accepted, refused = list(chains), set[Expression]()
    families = Families(given, form, parts, accepted)
    while families.unlike:
        accepted = [chain for chain in accepted if chain not in families.unlike]
        families = Families(given, form, parts, accepted)
    while new := [chain for chain in families.chains if chain.results[0] not in refused]:
        refused.update([chain.results[0] for chain in new])
        with_start = [replace(chain, reads_start=True) for chain in new if families.is_single(chain.start)]
        singly = [[chain] for chain in [*with_start, *new][:MAX_CHAINS_TRIED]]
        for more in ([*with_start, *(x for x in new if not families.is_single(x.start))], *singly):
            if not {x.results for x in more} & {x.results for x in accepted}:
                attempt = Families(given, form, parts, [*accepted, *more])
                if attempt.is_complete and not attempt.unlike:
                    accepted += more
                    families = attempt
    return families, accepted


@garbage_collection_paused()
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
    gradient, order = find_ordered_blocks([place(total) for total in totals], recovery.views)
    return ArrayProgram(rows, parameters, recovery.views.arrays, values, gradient if ir.has_gradient else None, order)
