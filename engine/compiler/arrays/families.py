"""Families: formulas that are computed alike, from operands that are; each is one array.

Formulas have the same type if they have the same operation on operands of the same types; that of a sum is the numbers
of its terms, by the types of their factors. All inputs have one type, and so have all parameters, and all constants.
The formulas of a type are its family. They are in the order of their operands, so that wherever a graph has regular
connections, the addresses of the operands are regular sequences.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field

from engine import ops
from engine.compiler.arrays.normal_form import EXTREMES, NormalForm, Term
from engine.compiler.arrays.program import Array
from engine.op import Op
from engine.symbolic.expression import Expression

Total = tuple[Expression, ...]  # formulas that are summed over the rows, and added up
Member = Expression | Total


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
        is_reduction: Whether they are sums or extremes, with operands of any number of terms.
        is_total: Whether they are sums over all rows.
        varies: Whether they differ from row to row.
        operands: The operands, or the kinds of terms.
        members: The formulas. That number i is at the address i.
    """

    op: Op
    is_reduction: bool
    is_total: bool
    varies: bool
    operands: list[Operands]
    members: list[Member] = field(default_factory=list)

    def reorder(self, order: Sequence[int]) -> None:
        """Bring the members into this order."""
        self.members = [self.members[i] for i in order]
        for operand in self.operands:
            operand.terms = [operand.terms[i] for i in order]


class Families:
    """The families of formulas; those in different `parts` are not of one family.

    Attributes:
        families: By type, each after those of its operands; None for the types of leaves: one for each given array,
            and that of constants.
        constant: The type of constants.
        type_of: The type of each formula.
        varies: Whether the formulas of a type differ from row to row.
    """

    def __init__(
        self,
        given: Sequence[Array],
        results: Sequence[Expression],
        totals: Sequence[Total],
        parts: Mapping[Member, Hashable],
    ) -> None:
        self.constant = len(given)
        self.families: list[Family | None] = [None] * (len(given) + 1)
        self.varies = [*[array.varies for array in given], False]
        self.type_of: dict[Member, int] = {x: i for i, array in enumerate(given) for x in array.members}
        self._types: dict[Hashable, int] = {}
        self._parts = parts
        self._is_turned: dict[tuple[int, ...], bool] = {}
        form = NormalForm(results, [x for total in totals for x in total])
        for symbol in form.order:
            if symbol in form.terms:
                op = symbol.op if symbol.op in EXTREMES else ops.add
                self._add_reduction(symbol, op, form.terms[symbol], is_total=False)
            elif symbol.inputs:
                self._add_operation(symbol)
            elif symbol.is_constant:
                self.type_of[symbol] = self.constant
        for total in totals:
            self._add_reduction(total, ops.add, [term for x in total for term in form.totals[x]], is_total=True)

    def _add_operation(self, symbol: Expression) -> None:
        type_of = self.type_of
        types = tuple([type_of[x] for x in symbol.inputs])
        family = self._join((symbol.op, types), symbol, is_reduction=False, op=symbol.op, kinds=[(t,) for t in types])
        for operand, x in zip(family.operands, symbol.inputs, strict=True):
            operand.terms.append([(x,)])

    def _add_reduction(self, member: Member, op: Op, terms: list[Term], is_total: bool) -> None:
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
        ordered = sorted(kinds, key=lambda types: (-len(types), types))  # products first
        key = (op, is_total, *[(types, len(kinds[types])) for types in ordered])
        family = self._join(key, member, is_reduction=True, op=op, kinds=ordered, is_total=is_total)
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

    def _join(
        self,
        key: Hashable,
        member: Member,
        *,
        op: Op,
        is_reduction: bool,
        kinds: Sequence[tuple[int, ...]],
        is_total: bool = False,
    ) -> Family:
        """The family of a type, which the member joins."""
        if member in self._parts:
            key = (key, self._parts[member])
        number = self._types.get(key)
        if number is None:
            number = self._types[key] = len(self.families)
            varies = not is_total and any(self.varies[t] for types in kinds for t in types)
            self.families.append(Family(op, is_reduction, is_total, varies, [Operands(types) for types in kinds]))
            self.varies.append(varies)
        family = self.families[number]
        assert family is not None
        family.members.append(member)
        self.type_of[member] = number
        return family
