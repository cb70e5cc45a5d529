"""What compiled graphs call: functions of vectors, and the loops over what lies side by side in memory.

They are compiled once for each number of lanes, with all that LLVM can do; a graph's own code only calls them. So a
layer of a network, the same few instructions for every unit, is compiled in no time.

A row is a sample, `lanes` rows are worked on at a time, and a *slot* holds one number of each of them. What does not
depend on the row is a plain double. The rows' results are added up in `sums`, of `sum_lanes` lanes, as the machine
has them: the lanes of a slot are folded onto these.
"""

from __future__ import annotations

from engine.compiler.vectors import FUNCTIONS
from engine.compiler.writer import Body, Types

# Functions of the C library that are called a lane at a time, by the number of their inputs.
C_FUNCTIONS = {"sin": 1, "cos": 1, "tan": 1, "atan": 1, "pow": 2}

# The loops, by the types that they take.
LOOPS = {
    "dot": ("ptr", "double", "ptr", "i64", "ptr", "i64", "i64"),
    "dot_of_slots": ("ptr", "double", "ptr", "i64", "ptr", "i64", "i64"),
    "gather": ("ptr", "ptr", "i64", "i64"),
    "scatter": ("ptr", "ptr", "i64", "i64"),
}
# Those that also depend on how many lanes a sum has.
SUMMING_LOOPS = {
    "accumulate": ("ptr", "i64", "ptr", "ptr", "i64", "i64", "i64", "i1"),
    "reduce": ("ptr", "ptr", "ptr", "i64", "i64"),
}


def name_of(function: str, lanes: int) -> str:
    """The name under which code finds a function of the library."""
    return f"pathgrad_{function}_{lanes}"


def summing(loop: str, sum_lanes: int) -> str:
    """What a loop of `SUMMING_LOOPS` is called for so many lanes of a sum, so that widths can live side by side."""
    return f"{loop}_to_{sum_lanes}"


def loops(sum_lanes: int) -> dict[str, tuple[str, ...]]:
    """All loops of a library, by the types that they take."""
    return LOOPS | {summing(name, sum_lanes): types for name, types in SUMMING_LOOPS.items()}


def declarations(lanes: int, sum_lanes: int, called: dict[str, int]) -> list[str]:
    """How a module declares what it calls: the loops, and vector functions by the number of their inputs."""
    t = Types(lanes).t
    void = [f"declare void @{name_of(name, lanes)}({', '.join(types)})" for name, types in loops(sum_lanes).items()]
    functions = [f"declare {t} @{name_of(name, lanes)}({', '.join([t] * n)})" for name, n in sorted(called.items())]
    return void + functions


def library(lanes: int, sum_lanes: int) -> str:
    """The library for so many lanes, in LLVM's assembly language."""
    parts = [_vector_function(name, lanes) for name in FUNCTIONS]
    parts += [declared(f"@{name}", n) for name, n in C_FUNCTIONS.items()]
    parts += [each_lane(name, f"@{name}", n, lanes) for name, n in C_FUNCTIONS.items()]
    parts += [
        _dot("dot", lanes, uniform=True),
        _dot("dot_of_slots", lanes, uniform=False),
        _accumulate(lanes, sum_lanes),
        _gather(lanes),
        _scatter(lanes),
        _reduce(lanes, sum_lanes),
    ]
    return "\n".join(parts)


def _vector_function(name: str, lanes: int) -> str:
    f = Body(lanes)
    f.write(f"ret {f.t} {FUNCTIONS[name](f, '%x')}")
    return f.text(f"{f.t} @{name_of(name, lanes)}({f.t} %x)")


def declared(function: str, n_inputs: int) -> str:
    """The declaration of a function of doubles."""
    return f"declare double {function}({', '.join(['double'] * n_inputs)})"


def each_lane(name: str, function: str, n_inputs: int, lanes: int) -> str:
    """A function of vectors that calls `function` of doubles for each lane."""
    f = Body(lanes)
    inputs = [f"%x{i}" for i in range(n_inputs)]
    result = "poison"
    for lane in range(lanes):
        here = inputs if lanes == 1 else [f(f"extractelement {f.t} {x}, i64 {lane}") for x in inputs]
        value = f(f"call double {function}({', '.join(f'double {x}' for x in here)})")
        result = value if lanes == 1 else f(f"insertelement {f.t} {result}, double {value}, i64 {lane}")
    f.write(f"ret {f.t} {result}")
    return f.text(f"{f.t} @{name_of(name, lanes)}({', '.join(f'{f.t} {x}' for x in inputs)})")


class _Loop(Body):
    """A function with one loop: `i` runs from 0 to `n`. What is written before `begin` comes before the loop."""

    def begin(self, n: str, state: str = "", start: str = "") -> None:
        """Open the loop; `state` is a number that each turn hands to the next, `%state`."""
        self.write("br label %head")
        self.write("head:")
        self.n = n
        self.state = state
        self.write("%i = phi i64 [ 0, %0 ], [ %next, %body ]")
        if state:
            self.write(f"%state = phi {self.t} [ {start}, %0 ], [ {state}, %body ]")
        self.write(f"%done = icmp sge i64 %i, {n}")
        self.write("br i1 %done, label %exit, label %body")
        self.write("body:")

    def end(self) -> None:
        """Close it; what is written then comes after the loop."""
        self.write("%next = add i64 %i, 1")
        self.write("br label %head")
        self.write("exit:")

    def load(self, pointer: str, index: str, type: str = "") -> str:
        """A number at an index of an array."""
        return self(f"load {type or self.t}, ptr {self.at(pointer, index, type)}, align 8")

    def at(self, pointer: str, index: str, type: str = "") -> str:
        """The place of an index in an array."""
        return self(f"getelementptr {type or self.t}, ptr {pointer}, i64 {index}")

    def everywhere(self, x: str) -> str:
        """A double, in every lane."""
        return splat(self, x)


def splat(f: Body, x: str) -> str:
    """A double, in every lane."""
    if f.lanes == 1:
        return x
    first = f(f"insertelement {f.t} poison, double {x}, i64 0")
    return f(f"shufflevector {f.t} {first}, {f.t} poison, <{f.lanes} x i32> zeroinitializer")


def folded(f: Body, x: str, sum_lanes: int) -> list[str]:
    """The parts of a slot that are added up in the same lanes of a sum."""
    if f.lanes == sum_lanes:
        return [x]
    parts = []
    for first in range(0, f.lanes, sum_lanes):
        indices = ", ".join(f"i32 {lane}" for lane in range(first, first + sum_lanes))
        parts.append(f(f"shufflevector {f.t} {x}, {f.t} poison, <{sum_lanes} x i32> <{indices}>"))
    return parts


def _dot(name: str, lanes: int, uniform: bool) -> str:
    """start + Σ w_i z_i, added from left to right, into the slot `out`. Either stride counts numbers or slots."""
    f = _Loop(lanes)
    start = f.everywhere("%start")
    f.begin("%n", "%sum", start)
    j, k = f("mul i64 %i, %w_stride"), f("mul i64 %i, %z_stride")
    w = f.everywhere(f.load("%w", j, "double")) if uniform else f.load("%w", j)
    z = f.load("%z", k)
    f.write(f"%sum = call {f.t} @llvm.fmuladd.{f.v}({f.t} {w}, {f.t} {z}, {f.t} %state)")
    f.end()
    f.write(f"store {f.t} %state, ptr %out, align 8")
    f.write("ret void")
    arguments = "ptr noalias %out, double %start, ptr %w, i64 %w_stride, ptr %z, i64 %z_stride, i64 %n"
    return f.text(f"void @{name_of(name, lanes)}({arguments})")


def _accumulate(lanes: int, sum_lanes: int) -> str:
    """sums_i += Σ over the live rows of u z_i; what the sums were before the `first` rows does not count."""
    f = _Loop(lanes)
    sums = Types(sum_lanes)
    live = alive(f, "%live")
    zero = f.number(0.0)
    u = f(f"load {f.t}, ptr %u, align 8")
    u_parts = folded(f, f(f"select {f.m} {live}, {f.t} {u}, {f.t} {zero}"), sum_lanes)
    f.begin("%n")
    j, k = f("mul i64 %i, %stride"), f("mul i64 %i, %z_stride")
    place = f.at("%sums", j, sums.t)
    before = f(f"load {sums.t}, ptr {place}, align 8")
    z = f.load("%z", k)
    z_parts = folded(f, f(f"select {f.m} {live}, {f.t} {z}, {f.t} {zero}"), sum_lanes)
    total = f(f"select i1 %first, {sums.t} {sums.number(0.0)}, {sums.t} {before}")
    for x, y in zip(u_parts, z_parts, strict=True):
        total = f(f"call {sums.t} @llvm.fmuladd.{sums.v}({sums.t} {x}, {sums.t} {y}, {sums.t} {total})")
    f.write(f"store {sums.t} {total}, ptr {place}, align 8")
    f.end()
    f.write("ret void")
    arguments = "ptr noalias %sums, i64 %stride, ptr %u, ptr %z, i64 %z_stride, i64 %n, i64 %live, i1 %first"
    return f.text(f"void @{name_of(summing('accumulate', sum_lanes), lanes)}({arguments})")


def alive(f: Body, live: str) -> str:
    """Which lanes hold a row: those before `live`."""
    if f.lanes == 1:
        return f(f"icmp sgt i64 {live}, 0")
    first = f(f"insertelement {f.i} poison, i64 {live}, i64 0")
    everywhere = f(f"shufflevector {f.i} {first}, {f.i} poison, <{f.lanes} x i32> zeroinitializer")
    lanes = ", ".join(f"i64 {lane}" for lane in range(f.lanes))
    return f(f"icmp sgt {f.i} {everywhere}, <{lanes}>")


def _gather(lanes: int) -> str:
    """Rows of `width` numbers into slots, a number of each row side by side. Lanes without a row repeat the last."""
    f = _Loop(lanes)
    last = f("sub i64 %live, 1")
    rows = []
    for lane in range(lanes):
        row = f(f"call i64 @llvm.smin.i64(i64 {lane}, i64 {last})")
        rows.append(f.at("%rows", f(f"mul i64 {row}, %width"), "double"))
    f.begin("%width")
    numbers = [f.load(row, "%i", "double") for row in rows]
    slot = numbers[0]
    if lanes > 1:
        slot = "poison"
        for lane, number in enumerate(numbers):
            slot = f(f"insertelement {f.t} {slot}, double {number}, i64 {lane}")
    f.write(f"store {f.t} {slot}, ptr {f.at('%slots', '%i')}, align 8")
    f.end()
    f.write("ret void")
    return f.text(f"void @{name_of('gather', lanes)}(ptr noalias %slots, ptr %rows, i64 %width, i64 %live)")


def _scatter(lanes: int) -> str:
    """Slots into rows of `width` numbers: the way back from `gather`, for the rows that there are."""
    f = _Loop(lanes)
    f.begin("%width")
    slot = f.load("%slots", "%i")
    for lane in range(lanes):
        number = slot if lanes == 1 else f(f"extractelement {f.t} {slot}, i64 {lane}")
        # A lane without a row writes the first row's place first; lane 0, which has one, comes last.
        there = f(f"icmp slt i64 {lane}, %live")
        row = f(f"select i1 {there}, i64 {lane}, i64 0")
        number = f(f"select i1 {there}, double {number}, double {slot if lanes == 1 else _first(f, slot)}")
        index = f(f"add i64 {f(f'mul i64 {row}, %width')}, %i")
        f.write(f"store double {number}, ptr {f.at('%rows', index, 'double')}, align 8")
    f.end()
    f.write("ret void")
    return f.text(f"void @{name_of('scatter', lanes)}(ptr noalias %rows, ptr %slots, i64 %width, i64 %live)")


def _first(f: Body, slot: str) -> str:
    return f(f"extractelement {f.t} {slot}, i64 0")


def _reduce(lanes: int, sum_lanes: int) -> str:
    """total_i += the sum of the lanes of sums_i, and `rows` times once_i."""
    f = _Loop(lanes)
    rows = f("sitofp i64 %rows to double")
    sums = Types(sum_lanes)
    f.begin("%n")
    vector = f.load("%sums", "%i", sums.t)
    total = f.load("%totals", "%i", "double")
    once = f(f"fmul double {f.load('%once', '%i', 'double')}, {rows}")
    total = f(f"fadd double {total}, {once}")
    if sum_lanes > 1:
        reduce = f"@llvm.vector.reduce.fadd.{sums.v}"
        vector = f(f"call reassoc double {reduce}(double {Types(1).number(-0.0)}, {sums.t} {vector})")
    total = f(f"fadd double {total}, {vector}")
    f.write(f"store double {total}, ptr {f.at('%totals', '%i', 'double')}, align 8")
    f.end()
    f.write("ret void")
    arguments = "ptr noalias %totals, ptr %sums, ptr %once, i64 %n, i64 %rows"
    return f.text(f"void @{name_of(summing('reduce', sum_lanes), lanes)}({arguments})")
