"""Families: formulas that are computed alike, from operands that are; each is one array.

Formulas have the same type if they have the same operation on operands of the same types; that of a sum is the numbers
of its terms, by the types of their factors. All inputs have one type, and so have all parameters, and all constants.
The formulas of a type are its family. They are in the order of their operands, so that wherever a graph has regular
connections, the addresses of the operands are regular sequences.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from engine import ops
from engine.compiler.arrays.chains import Chain, find_chains, order_with
from engine.compiler.arrays.normal_form import EXTREMES, NormalForm, Term
from engine.compiler.arrays.program import Array, Kind
from engine.op import Op
from engine.symbolic.expression import Expression

Total = tuple[Expression, ...]  # formulas that are summed over the rows, and added up
Member = Expression | Total | Chain


@dataclass
class Operands:
    """An operand of each member of a family, or its terms of one kind.

    Attributes:
        types: The type of the operand, or of the factors of the terms.
        terms: For each member, its terms.
    """

    types: tuple[int, ...]
    terms: list[list[Term]] = field(default_factory=list)


@dataclass
class Family:
    """Formulas of one type.

    Attributes:
        op: Their operation; that of a sum, of products or not, is `add`.
        kind: Whether the operands are those of an operation, or kinds of terms.
        varies: Whether they differ from row to row.
        operands: The operands, or the kinds of terms.
        members: The formulas, or chains. That number i is at the address i, a chain in the row number i.
    """

    op: Op
    kind: Kind
    varies: bool
    operands: list[Operands]
    members: list[Member] = field(default_factory=list)

    def reorder(self, order: Sequence[int]) -> None:
        """Bring the members into this order."""
        self.members = [self.members[i] for i in order]
        for operand in self.operands:
            operand.terms = [operand.terms[i] for i in order]


class Families:
    """The families of formulas; those in different `parts` are not of one family, and chains of `chains` are members.

    Attributes:
        chains: Those that can be further members.
        is_complete: Whether there is an order for all formulas; if not, a chain depends on itself.
        unlike: The chains whose steps are of several types.
        families: By type, each after those of its operands; None for the types of leaves: one for each given array,
            and that of constants.
        constant: The type of constants.
        type_of: The type of each formula.
        varies: Whether the formulas of a type differ from row to row.
    """

    def __init__(
        self,
        given: Sequence[Array],
        form: NormalForm,
        parts: Mapping[Member, Hashable],
        chains: Sequence[Chain] = (),
    ) -> None:
        self.constant = len(given)
        self.families: list[Family | None] = [None] * (len(given) + 1)
        self.varies = [*[array.varies for array in given], False]
        self.type_of: dict[Member, int] = {x: i for i, array in enumerate(given) for x in array.members}
        self._types: dict[Hashable, int] = {}
        self._form, self._parts = form, parts
        self._is_turned: dict[tuple[int, ...], bool] = {}
        self.type_of.update(dict.fromkeys(form.constants, self.constant))
        chain_of = {result: chain for chain in chains for result in chain.results}
        for symbol in order_with(chains, form.order, form.operands):
            if symbol in chain_of:
                self._add_chain(chain_of[symbol], symbol.op)
            elif symbol in form.terms:
                op = symbol.op if symbol.op in EXTREMES else ops.add
                self._add_reduction(symbol, op, form.terms[symbol], Kind.REDUCTION)
            else:
                self._add_operation(symbol)
        self.is_complete = not chains or all(x in self.type_of for x in form.order)
        self.unlike = [x for x in chains if x in self.type_of and not self._is_alike(x)]
        candidates = find_chains(form.scanned) if self.is_complete else []
        self.chains = [x for x in candidates if x.results[0] not in chain_of and self._is_alike(x)]

    def add_totals(self, totals: Iterable[Total]) -> None:
        """Add sums over rows."""
        for total in totals:
            terms = [term for x in total for term in self._form.totals[x]]
            self._add_reduction(total, ops.add, terms, Kind.TOTAL)

    def is_single(self, symbol: Expression) -> bool:
        """Whether a formula, not a leaf, is the only one of its family."""
        family = self.families[self.type_of[symbol]]
        return family is not None and len(family.members) == 1

    def _is_alike(self, chain: Chain) -> bool:
        return len({self.type_of[x] for x in chain.steps}) == 1

    def _add_chain(self, chain: Chain, op: Op) -> None:
        """Add the results of a chain, all at once."""
        if chain in self.type_of:
            return
        kinds = [(self.type_of[chain.start],), (self.type_of[chain.steps[0]],)]
        terms: list[list[Term]] = [[(chain.start,)], [(x,) for x in chain.steps]]
        if kinds[0] == kinds[1]:
            kinds, terms = kinds[:1], [terms[0] + terms[1]]
        key = (op, Kind.SCAN, len(chain.steps), *kinds)
        family = self._join(key, chain, op, kinds, Kind.SCAN)
        for operand, found in zip(family.operands, terms, strict=True):
            operand.terms.append(found)
        self.type_of.update(dict.fromkeys(chain.results, self.type_of[chain]))
        if chain.reads_start:
            self.type_of[chain.start] = self.type_of[chain]

    def _add_operation(self, symbol: Expression) -> None:
        type_of = self.type_of
        types = tuple([type_of[x] for x in symbol.inputs])
        family = self._join((symbol.op, types), symbol, symbol.op, [(t,) for t in types], Kind.ELEMENTWISE)
        for operand, x in zip(family.operands, symbol.inputs, strict=True):
            operand.terms.append([(x,)])

    def _add_reduction(self, member: Member, op: Op, terms: list[Term], kind: Kind) -> None:
        kinds: dict[tuple[int, ...], list[Term]] = {}
        type_of, is_turned = self.type_of, self._is_turned
        for term in terms:
            types = tuple([type_of[x] for x in term])
            turned = is_turned[types] if types in is_turned else self._turn(types)
            if turned:
                types, term = types[::-1], term[::-1]
            if types in kinds:
                kinds[types].append(term)
            else:
                kinds[types] = [term]
        ordered = [*kinds]
        if len(ordered) > 1:
            ordered.sort(key=lambda types: (-len(types), types))  # products first
        key = (op, kind, *[(types, len(kinds[types])) for types in ordered])
        family = self._join(key, member, op, ordered, kind)
        for operand in family.operands:
            operand.terms.append(kinds[operand.types])

    def _turn(self, types: tuple[int, ...]) -> bool:
        """Whether the factors of such a term change places: what varies is first, as in z Wᵀ, else the first seen."""
        other = types[::-1]
        if other != types and other in self._is_turned:
            turned = not self._is_turned[other]
        else:
            turned = self.varies[types[-1]] and not self.varies[types[0]]
        self._is_turned[types] = turned
        return turned

    def _join(self, key: Hashable, member: Member, op: Op, kinds: Sequence[tuple[int, ...]], kind: Kind) -> Family:
        """The family of a type, which the member joins."""
        if member in self._parts:
            key = (key, self._parts[member])
        number = self._types.get(key)
        if number is None:
            number = self._types[key] = len(self.families)
            varies = kind is not Kind.TOTAL and any(self.varies[t] for types in kinds for t in types)
            self.families.append(Family(op, kind, varies, [Operands(types) for types in kinds]))
            self.varies.append(varies)
        family = self.families[number]
        assert family is not None
        family.members.append(member)
        self.type_of[member] = number
        return family
