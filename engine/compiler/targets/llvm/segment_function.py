"""Functions that run one segment of a graph: the iterations of a loop, forward or backward."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from engine.compiler.repetition.bodies import needed_operations
from engine.compiler.targets.llvm.basic_block import BasicBlockFunction, Context
from engine.symbolic.expression import Expression


class Address(NamedTuple):
    """The memory of a place: in iteration t, number `offset + stride * t` of `slots`, or of `uniform`."""

    offset: int
    stride: int
    in_slots: bool


class SegmentFunction(BasicBlockFunction):
    """A function that computes results in each iteration, from numbers in memory.

    A number that the iteration before has stored, or that is added to in each iteration, stays in a register.
    """

    def __init__(self, context: Context, varies: bool, given: Mapping[Expression, Address]) -> None:
        super().__init__(context, varies)
        self._given = given
        self._pointers: dict[tuple[int, bool], str] = {}  # at stride * t
        self._t = "0"

    def operand(self, symbol: Expression) -> str:
        """The register or the constant of an expression, which is loaded first if it lies in memory."""
        if symbol not in self.values and symbol in self._given:
            self.values[symbol] = self._load(self._given[symbol])
        return super().operand(symbol)

    def _load(self, address: Address) -> str:
        pointer = self._address_of(address)
        if address.in_slots == self.varies:
            return self(f"load {self.t}, ptr {pointer}, align 8")
        return self.broadcast(self(f"load double, ptr {pointer}, align 8"))

    def _store(self, register: str, address: Address) -> None:
        self.write(f"store {self.t} {register}, ptr {self._address_of(address)}, align 8")

    def _address_of(self, address: Address) -> str:
        type = self.t if address.in_slots else "double"
        pointer = "%slots" if address.in_slots else "%uniform"
        if address.stride:
            key = address.stride, address.in_slots
            if key not in self._pointers:
                distance = self._t if address.stride == 1 else self.product(self._t, str(address.stride))
                self._pointers[key] = self.address_of(pointer, distance, type)
            pointer = self._pointers[key]
        return self.address_of(pointer, str(address.offset), type)

    def run(self, count: int, results: Sequence[tuple[Address, Expression]], *, backward: bool = False) -> int:
        """Emit all iterations, in reverse if `backward`; the number of operations of one."""
        operations = needed_operations([x for _, x in results], self._given)
        if count == 1:
            self._iterate(operations, results)
            return len(operations)
        used = dict.fromkeys(x for symbol in operations for x in symbol.inputs if x in self._given)
        used |= dict.fromkeys(x for _, x in results if x in self._given)
        step = -1 if backward else 1
        kept = self._kept(used, results, step)
        stored = {address for address, _ in results}
        delayed = {address for x, address in kept.items() if not address.stride or self._given[x] in stored}
        first = count - 1 if backward else 0
        self._t, start = str(first), {}
        for x in used:
            if x in kept or not self._given[x].stride:
                start[x] = self._load(self._given[x])
        self.values |= {x: register for x, register in start.items() if x not in kept}
        self._pointers.clear()
        with self.loop("0", str(count), 1, *[start[x] for x in kept]) as iteration:
            self._t = self(f"sub i64 {first}, {iteration.i}") if backward else iteration.i
            self.values |= dict(zip(kept, iteration.state, strict=True))
            self._iterate(operations, [(address, x) for address, x in results if address not in delayed])
            by_address = dict(results)
            iteration.next += [self.operand(by_address[kept[x]]) for x in kept]
        self._pointers.clear()
        self._t = str(0 if backward else count - 1)
        for x, state in zip(kept, iteration.state, strict=True):
            if kept[x] in delayed:
                self._store(state, kept[x])
        return len(operations)

    def _iterate(self, operations: Sequence[Expression], results: Sequence[tuple[Address, Expression]]) -> None:
        for symbol in operations:
            self.compute(symbol)
        for address, x in results:
            self._store(self.operand(x), address)

    def _kept(
        self, used: Collection[Expression], results: Sequence[tuple[Address, Expression]], step: int
    ) -> dict[Expression, Address]:
        """The numbers that stay in a register, each with the address of the result that the next iteration reads."""
        stored = {address for address, _ in results}
        found = {}
        for x in used:
            address = self._given[x]
            next_read = address._replace(offset=address.offset + step * address.stride)
            if next_read in stored:
                found[x] = next_read
        return found
