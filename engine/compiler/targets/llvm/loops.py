"""The loops that kernels call: over the units of a layer, over arrays of slots, and over rows.

`width.rows` rows are processed at a time, and a slot has a lane for each of them. If fewer rows are left, only the
first `n_active` lanes are active. Values that do not depend on the row are doubles, and so are the sums over rows.

Loops over units or sums are unrolled into blocks of as many as the registers hold. A block loads shared operands once,
and its units have independent chains of additions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial

from engine.compiler.targets.llvm.assembly import Body, Types, Width


@dataclass
class Iteration:
    """An iteration of a loop: the induction variable, the loop-carried values, and those for the next iteration."""

    i: str
    state: list[str]
    next: list[str] = field(default_factory=list)


class LoopFunction(Body):
    """A function with loops."""

    def __init__(self, lanes: int) -> None:
        super().__init__(lanes)
        self._block = "0"
        self._loops = 0

    def _begin(self, block: str) -> None:
        self.write(f"{block}:")
        self._block = block

    @contextmanager
    def loop(self, begin: str, end: str, step: int = 1, *start: str) -> Iterator[Iteration]:
        """A loop over `begin`, `begin + step`, ... for whole steps up to `end`; after it, `i` and `state` are final."""
        self._loops = k = self._loops + 1
        iteration = Iteration(f"%i{k}", [f"%state{k}_{j}" for j in range(len(start))])
        preheader = self._block
        self.write(f"br label %head{k}")
        self._begin(f"head{k}")
        phis_at = len(self.lines)
        following = self(f"add i64 {iteration.i}, {step}")
        self.write(f"br i1 {self(f'icmp sgt i64 {following}, {end}')}, label %exit{k}, label %body{k}")
        self._begin(f"body{k}")
        yield iteration
        phis = [f"  {iteration.i} = phi i64 [ {begin}, %{preheader} ], [ {following}, %{self._block} ]"]
        for state, x, y in zip(iteration.state, start, iteration.next, strict=True):
            phis.append(f"  {state} = phi {self.t} [ {x}, %{preheader} ], [ {y}, %{self._block} ]")
        self.lines[phis_at:phis_at] = phis
        self.write(f"br label %head{k}")
        self._begin(f"exit{k}")

    def in_blocks(self, n: str, size: int, block: Callable[[str, int], None]) -> None:
        """A loop of `block(i, size)` over whole blocks from 0 to `n`, and a loop of `block(i, 1)` over the rest."""
        with self.loop("0", n, size) as iteration:
            block(iteration.i, size)
        if size > 1:
            with self.loop(iteration.i, n) as rest:
                block(rest.i, 1)

    def address_of(self, pointer: str, index: str, type: str = "") -> str:
        """The address of an element of an array."""
        return self(f"getelementptr {type or self.t}, ptr {pointer}, i64 {index}")

    def load(self, pointer: str, index: str, type: str = "") -> str:
        """An element of an array."""
        return self(f"load {type or self.t}, ptr {self.address_of(pointer, index, type)}, align 8")

    def consecutive(self, i: str, n: int) -> list[str]:
        """The indices i, i + 1, ..., i + n - 1."""
        return [self(f"add i64 {i}, {k}") for k in range(n)]

    def product(self, i: str, step: str) -> str:
        """The product of two integers."""
        return self(f"mul i64 {i}, {step}")

    def define(self, name: str, arguments: str) -> str:
        """The definition of the function, whose type is void."""
        self.write("ret void")
        return self.text(f"void @{name}({arguments})")


def dots(name: str, width: Width, *, uniform: bool) -> str:
    """out_i = start_i + Σ_j w_ij z_j for each unit i, added from left to right; w consists of doubles, or of slots.

    A step is the distance between units, a stride that between terms, both in doubles or in slots.
    """
    f = LoopFunction(width.rows)
    w_type = "double" if uniform else f.t

    def block(i: str, size: int) -> None:
        units = f.consecutive(i, size)
        w = [f.address_of("%w", f.product(k, "%w_step"), w_type) for k in units]
        starts = [f.broadcast(f.load("%start", f.product(k, "%start_step"), "double")) for k in units]
        with f.loop("0", "%n", 1, *starts) as iteration:
            z = f.load("%z", f.product(iteration.i, "%z_stride"))
            j = f.product(iteration.i, "%w_stride")
            for address, total in zip(w, iteration.state, strict=True):
                factor = f.load(address, j, w_type)
                iteration.next.append(f.fma(f.broadcast(factor) if uniform else factor, z, total))
        for k, total in zip(units, iteration.state, strict=True):
            f.write(f"store {f.t} {total}, ptr {f.address_of('%out', f.product(k, '%out_step'))}, align 8")

    # The sums of a block stay in registers: machines with vectors of 8 doubles have 32 of them, others 16.
    f.in_blocks("%units", 2 if width.vector_lanes in (2, 4) else 4, block)
    results = "ptr noalias %out, i64 %out_step, ptr %start, i64 %start_step"
    factors = "ptr %w, i64 %w_step, i64 %w_stride, ptr %z, i64 %z_stride"
    return f.define(name, f"{results}, {factors}, i64 %n, i64 %units")


def outer_products(name: str, width: Width) -> str:
    """sum_ij += Σ over the active lanes of u_i z_j, for each unit i and each j; the sums of a unit are consecutive."""
    f = LoopFunction(width.vector_lanes)
    parts = range(width.rows // width.vector_lanes)
    active = [active_lanes(f, "%n_active", part * width.vector_lanes) for part in parts]
    zero = f.number(0.0)

    def vectors(slot: str) -> list[str]:
        return [f.load(slot, str(part)) for part in parts]

    with f.loop("0", "%units") as unit:
        sums = f.address_of("%sums", f.product(unit.i, "%sums_step"), "double")
        u = vectors(f.address_of("%u", f.product(unit.i, "%u_step"), width.slot))

        def block(j: str, size: int) -> None:
            totals = []
            for k in f.consecutive(j, size):
                z = vectors(f.address_of("%z", f.product(k, "%z_stride"), width.slot))
                total = zero
                for part in parts:
                    more = f.fma(u[part], z[part], total) if part else f.multiply(u[part], z[part])
                    total = f(f"select {f.m} {active[part]}, {f.t} {more}, {f.t} {total}")
                totals.append(total)
            address = f.address_of(sums, j, "double")
            result = sum_of_each(f, totals) if size == f.lanes else sum_of_lanes(f, totals[0])
            type = f.t if size == f.lanes else "double"
            before = f(f"load {type}, ptr {address}, align 8")
            f.write(f"store {type} {f(f'fadd {type} {before}, {result}')}, ptr {address}, align 8")

        f.in_blocks("%n", f.lanes, block)
    factors = "ptr %u, i64 %u_step, ptr %z, i64 %z_stride"
    return f.define(name, f"ptr noalias %sums, i64 %sums_step, {factors}, i64 %n, i64 %units, i64 %n_active")


def sum_of_each(f: Body, vectors: list[str]) -> str:
    """A vector whose lane i is the sum of the lanes of the i-th vector; there are as many vectors as lanes.

    Each step halves the number of vectors. It takes the lanes in which a bit of the index is 0 from the first of two
    vectors, and the others from the second, and adds the lanes in which that bit is flipped.
    """
    while len(vectors) > 1:
        bit = len(vectors) // 2
        pairs = zip(vectors[:bit], vectors[bit:], strict=True)
        vectors = [f.add(_shuffle(f, x, y, bit, 0), _shuffle(f, x, y, bit, bit)) for x, y in pairs]
    return vectors[0]


def _shuffle(f: Body, x: str, y: str, bit: int, flipped: int) -> str:
    lanes = [(lane ^ flipped) + (f.lanes if lane & bit else 0) for lane in range(f.lanes)]
    return f(f"shufflevector {f.t} {x}, {f.t} {y}, <{f.lanes} x i32> <{', '.join(f'i32 {lane}' for lane in lanes)}>")


def sum_of_lanes(f: Body, x: str) -> str:
    """The sum of all lanes, a double."""
    if f.lanes == 1:
        return x
    return f(f"call reassoc double @llvm.vector.reduce.fadd.{f.v}(double {Types(1).number(-0.0)}, {f.t} {x})")


def active_lanes(f: Body, n_active: str, first: int = 0) -> str:
    """The mask of the active lanes of a vector whose first lane is lane `first` of a slot."""
    lanes = ", ".join(f"i64 {first + lane}" for lane in range(f.lanes))
    return f(f"icmp sgt {f.i} {f.broadcast(n_active, 'i64')}, {lanes[4:] if f.lanes == 1 else f'<{lanes}>'}")


def rows_to_slots(name: str, width: Width) -> str:
    """Transpose rows of `width` doubles into slots. Lanes that are not active repeat the last row."""
    f = LoopFunction(width.rows)
    last = f("sub i64 %n_active, 1")
    rows = []
    for lane in range(f.lanes):
        row = f(f"call i64 @llvm.smin.i64(i64 {lane}, i64 {last})")
        rows.append(f.address_of("%rows", f.product(row, "%width"), "double"))
    with f.loop("0", "%width") as iteration:
        numbers = [f.load(row, iteration.i, "double") for row in rows]
        slot = numbers[0]
        if f.lanes > 1:
            slot = "poison"
            for lane, number in enumerate(numbers):
                slot = f(f"insertelement {f.t} {slot}, double {number}, i64 {lane}")
        f.write(f"store {f.t} {slot}, ptr {f.address_of('%slots', iteration.i)}, align 8")
    return f.define(name, "ptr noalias %slots, ptr %rows, i64 %width, i64 %n_active")


def slots_to_rows(name: str, width: Width) -> str:
    """Transpose the active lanes of slots into rows of `width` doubles: the inverse of `rows_to_slots`."""
    f = LoopFunction(1)
    with f.loop("0", "%n_active") as row, f.loop("0", "%width") as iteration:
        number = f.load("%slots", f(f"add i64 {f.product(iteration.i, str(width.rows))}, {row.i}"))
        index = f(f"add i64 {f.product(row.i, '%width')}, {iteration.i}")
        f.write(f"store double {number}, ptr {f.address_of('%rows', index)}, align 8")
    return f.define(name, "ptr noalias %rows, ptr %slots, i64 %width, i64 %n_active")


def initialize_sums(name: str, _: Width) -> str:
    """sum_i = n_rows · uniform_i, the sum of a term that is the same for all rows."""
    f = LoopFunction(1)
    n_rows = f("sitofp i64 %n_rows to double")
    with f.loop("0", "%n") as iteration:
        total = f.multiply(n_rows, f.load("%uniform", iteration.i))
        f.write(f"store double {total}, ptr {f.address_of('%sums', iteration.i)}, align 8")
    return f.define(name, "ptr noalias %sums, ptr %uniform, i64 %n, i64 %n_rows")


def add_sums(name: str, _: Width) -> str:
    """sum_i += other_i."""
    f = LoopFunction(1)
    with f.loop("0", "%n") as iteration:
        total = f.add(f.load("%sums", iteration.i), f.load("%others", iteration.i))
        f.write(f"store double {total}, ptr {f.address_of('%sums', iteration.i)}, align 8")
    return f.define(name, "ptr noalias %sums, ptr %others, i64 %n")


LOOPS: dict[str, Callable[[str, Width], str]] = {
    "dots": partial(dots, uniform=True),
    "dots_of_slots": partial(dots, uniform=False),
    **{loop.__name__: loop for loop in (outer_products, rows_to_slots, slots_to_rows, initialize_sums, add_sums)},
}
