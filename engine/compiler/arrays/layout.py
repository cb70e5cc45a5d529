"""From families to arrays: operands as regular accesses, and by tables of addresses where they are not regular."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from engine.compiler.arrays.chains import Chain
from engine.compiler.arrays.families import Families, Family, Member, Operands
from engine.compiler.arrays.program import Access, Array, Computation, Constants, Gathered, Group, Kind
from engine.compiler.sequences import Shape, find_strides, strides_of
from engine.symbolic.expression import Expression

T = TypeVar("T")


@dataclass(eq=False)
class Factor:
    """A factor of the terms of one operand.

    Attributes:
        array: The array of the factors; None of constants.
        addresses: Their addresses in it, member by member, and for each, term by term.
        numbers: The numbers of constants, instead.
        n_terms: The number of terms of a member.
    """

    array: Array | None
    addresses: list[int]
    numbers: list[float]
    n_terms: int

    def is_separable(self) -> bool:
        """Whether the addresses of each member are those of the first, moved by one number."""
        addresses, n = self.addresses, self.n_terms
        if self.array is None:
            return False
        if n == 1:
            return True
        first, start = addresses[:n], addresses[0]
        for i in range(n, len(addresses), n):
            by = addresses[i] - start
            if addresses[i : i + n] != ([x + by for x in first] if by else first):
                return False
        return True

    def terms_of(self, member: int) -> Hashable:
        """The shape and the strides of the terms of a member, if they are regular."""
        n = self.n_terms
        return find_strides([self.addresses[member * n : member * n + n]], n)


class Layout:
    """The arrays of families. The last of the given arrays are the parameters, whose order need not be regular.

    An array has the members of a family in the order of their operands' addresses, which are known, since a family
    comes after those of its operands; so the members of a layer lie as the weights that they read. Then each factor is
    an access with one stride for each dimension of the members and of their terms, or a table of addresses.

    Attributes:
        arrays: All but those that are given, each after those that it is made of.
        array_of: The array of the formulas of a type.
        address_of: The address of each formula in its array.
        parts: For each member of the families to be divided, the shape and the strides of its terms.
    """

    def __init__(self, given: Sequence[Array], families: Families) -> None:
        self.arrays: list[Array] = []
        self.parts: dict[Member, Hashable] = {}
        self.array_of = dict(enumerate(given))
        self.address_of: dict[Member, int] = {x: i for array in given for i, x in enumerate(array.members)}
        self._constant = families.constant
        self._parameters = given[-1]
        self._place_of = find_places(self._parameters, families)
        for number, family in enumerate(families.families):
            if family is not None:
                self.array_of[number] = self._lay_out(family)

    def _lay_out(self, family: Family) -> Array:
        """The array of a family, whose members get their addresses."""
        is_scan = family.kind is Kind.SCAN
        for operand in () if is_scan else family.operands:
            self._sort_terms(operand)
        self._sort_members(family)
        shape, groups = self._find_groups(family, is_scan)
        if is_scan:
            shape = (*shape, sum(len(operand.terms[0]) for operand in family.operands))
        for i, member in enumerate(family.members):
            if isinstance(member, Chain):
                first = i * shape[-1]
                self.address_of.update(zip(member.results, range(first + 1, first + shape[-1]), strict=True))
                if member.reads_start:
                    self.address_of[member.start] = first
            else:
                self.address_of[member] = i
        value = Computation(family.op, groups, family.kind)
        array = Array(shape, family.varies, value, [] if is_scan else family.members)
        self.arrays.append(array)
        return array

    def _addresses(self, term: Sequence[Expression]) -> tuple[int, ...]:
        """The addresses of the factors; 0 of constants."""
        return tuple([self.address_of.get(x, 0) for x in term])

    def _sort_terms(self, operand: Operands) -> None:
        if len(operand.terms[0]) > 1:
            for terms in operand.terms:
                terms.sort(key=self._addresses)

    def _sort_members(self, family: Family) -> None:
        """Bring the members into the order of their operands, of those that vary from row to row before others.

        Totals stay in the order in which they are wanted if their operands are regular in it.
        """
        if len(family.members) == 1:
            return
        factors = [(operand, i) for operand in family.operands for i in range(len(operand.types))]
        factors.sort(key=lambda factor: self._rank(factor[0].types[factor[1]]))
        address_of = self.address_of
        first = [[address_of.get(terms[0][i], 0) for terms in operand.terms] for operand, i in factors]
        if family.kind is Kind.TOTAL and find_strides(first, len(family.members)):
            return
        for column, (operand, i) in zip(first, factors, strict=True):
            if self.array_of.get(operand.types[i]) is self._parameters:
                column[:] = [self._place_of[terms[0][i]] for terms in operand.terms]
        keys = list(zip(*first, strict=True))
        if len(set(keys)) < len(keys):
            others = zip(*[map(self._all_addresses, operand.terms) for operand in family.operands], strict=True)
            keys = [(*key, *other) for key, other in zip(keys, others, strict=True)]
        family.reorder(sorted(range(len(keys)), key=keys.__getitem__))

    def _all_addresses(self, terms: Sequence[Sequence[Expression]]) -> tuple[tuple[int, ...], ...]:
        return tuple(map(self._addresses, terms))

    def _rank(self, type_: int) -> int:
        """The rank of the operands of a type in the order of members, which is that of scans only after others."""
        if type_ == self._constant:
            return 2
        array = self.array_of[type_]
        is_scan = isinstance(array.value, Computation) and array.value.kind is Kind.SCAN
        return (0 if array.varies else 2) + is_scan

    def _find_groups(self, family: Family, is_scan: bool) -> tuple[Shape, tuple[Group, ...]]:
        """The shape of the members, and the operands or groups of terms as accesses."""
        groups = [self._factors(operand) for operand in family.operands]
        factors = [factor for group in groups for factor in group]
        regular = [factor for factor in factors if factor.is_separable()]
        members = Dimensions(len(family.members), {x: x.addresses[:: x.n_terms] for x in regular}, is_split=True)
        terms = []
        for group in groups:
            n = group[0].n_terms
            sequences = {x: x.addresses[:n] for x in group if x in members.strides}
            terms.append(Dimensions(n, sequences, is_split=not is_scan))
        is_regular = {x for x in members.strides if any(x in inner.strides for inner in terms)}
        if any(x.array and x not in is_regular for x in factors):
            self._find_parts(family, factors)
        shape = tuple(members.shape)
        return shape, tuple(
            Group(tuple(inner.shape), tuple([self._access(x, members, inner) for x in group]))
            for group, inner in zip(groups, terms, strict=True)
        )

    def _find_parts(self, family: Family, factors: Sequence[Factor]) -> None:
        """Tell members apart whose terms have other strides, which those of parameters in any order may have."""
        told = [x for x in factors if x.array and x.n_terms > 1 and x.array is not self._parameters]
        patterns = [tuple([x.terms_of(i) for x in told]) for i in range(len(family.members))]
        if len(set(patterns)) > 1:
            self.parts.update(zip(family.members, patterns, strict=True))

    def _factors(self, operand: Operands) -> list[Factor]:
        """The factors of an operand."""
        found = []
        for i, type_ in enumerate(operand.types):
            symbols = [term[i] for terms in operand.terms for term in terms]
            n_terms = len(operand.terms[0])
            if type_ == self._constant:
                found.append(Factor(None, [], [x.value for x in symbols], n_terms))
            else:
                found.append(Factor(self.array_of[type_], [self.address_of[x] for x in symbols], [], n_terms))
        return found

    def _access(self, factor: Factor, members: Dimensions, terms: Dimensions) -> Access:
        """An access with a stride for each dimension; by a table of addresses unless they are regular."""
        sizes = (*members.shape, *terms.shape)
        if factor.array is None:
            numbers, shape, strides = drop_constant_dimensions(factor.numbers, sizes)
            return Access(Array(shape, False, Constants(tuple(numbers))), 0, strides)
        if factor in members.strides and factor in terms.strides:
            return Access(factor.array, factor.addresses[0], (*members.strides[factor], *terms.strides[factor]))
        addresses, shape, strides = drop_constant_dimensions(factor.addresses, sizes)
        gathered = Array(shape, factor.array.varies, Gathered(factor.array, tuple(addresses)))
        self.arrays.append(gathered)
        return Access(gathered, 0, strides)


class Dimensions:
    """Dimensions that regular sequences of addresses count through; if they are not to be split, one.

    Attributes:
        shape: Their sizes.
        strides: The strides of each factor whose addresses are regular in this shape.
    """

    def __init__(self, length: int, sequences: Mapping[Factor, Sequence[Any]], *, is_split: bool) -> None:
        found = find_strides([*sequences.values()], length)
        kept = [*sequences]
        if found is None or (len(found[0]) > 1 and not is_split):
            kept = []
            for factor in sequences:
                found = find_strides([sequences[x] for x in (*kept, factor)], length)
                if found and (is_split or len(found[0]) <= 1):
                    kept.append(factor)
            found = find_strides([sequences[x] for x in kept], length) if kept else None
        shape, strides = found or ((length,) if length > 1 else (), [])
        self.shape, self.strides = list(shape), {x: list(y) for x, y in zip(kept, strides, strict=True)}
        while is_split and self._split():
            pass

    def _split(self) -> bool:
        """Split a dimension that goes on from one row of an array to the next. Return whether there was one."""
        for axis, size in enumerate(self.shape):
            for factor, strides in self.strides.items():
                array = factor.array
                for length, stride in zip(array.shape, array.strides, strict=True) if array else ():
                    if strides[axis] == stride and size > length and size % length == 0 and length > 1:
                        self.shape[axis : axis + 1] = [size // length, length]
                        for found in self.strides.values():
                            found[axis : axis + 1] = [found[axis] * length, found[axis]]
                        return True
        return False


def find_places(parameters: Array, families: Families) -> dict[Member, int]:
    """The places of parameters in the order in which they are used first, whatever that of their addresses is."""
    wanted = set(parameters.members)
    terms = [
        term
        for family in families.families
        if family is not None
        for operand in family.operands
        for terms in operand.terms
        for term in terms
    ]
    used = dict.fromkeys(x for term in terms for x in term if x in wanted)
    return {x: place for place, x in enumerate(used)}


def drop_constant_dimensions(table: Sequence[T], shape: Shape) -> tuple[list[T], Shape, Shape]:
    """A table without the dimensions on which its elements do not depend, its shape, and its strides in the old one.

    >>> drop_constant_dimensions([1, 1, 2, 2], (2, 2))
    ([1, 2], (2,), (1, 0))
    """
    table, kept = list(table), []
    outer = 1
    for size in shape:
        inner = len(table) // (outer * size)
        blocks = [table[i : i + inner] for i in range(0, len(table), inner)]
        rows = [blocks[i : i + size] for i in range(0, len(blocks), size)]
        if all(repr(block) == repr(row[0]) for row in rows for block in row):
            table = [x for row in rows for x in row[0]]
            kept.append(1)
        else:
            outer *= size
            kept.append(size)
    strides = [stride if size > 1 else 0 for size, stride in zip(kept, strides_of(tuple(kept)), strict=True)]
    return table, tuple(size for size in kept if size > 1), tuple(strides)
