"""The instructions of the primitives, and functions that consist of one basic block."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from typing import NamedTuple

from engine import ops
from engine.compiler.targets.llvm.assembly import ONE_ROW, Types, Width
from engine.compiler.targets.llvm.elementary import FUNCTIONS
from engine.compiler.targets.llvm.layout import Layout
from engine.compiler.targets.llvm.library import C_FUNCTIONS, RESERVED_NAMES, mangled_name
from engine.compiler.targets.llvm.loops import LoopFunction, active_lanes, sum_of_lanes
from engine.op import TABLE, Op
from engine.symbolic.expression import Expression

INSTRUCTIONS = {
    ops.add: "fadd {t} {0}, {1}",
    ops.subtract: "fsub {t} {0}, {1}",
    ops.multiply: "fmul {t} {0}, {1}",
    ops.divide: "fdiv {t} {0}, {1}",
    ops.negate: "fneg {t} {0}",
    ops.sqrt: "call {t} @llvm.sqrt.{v}({t} {0})",
    ops.absolute: "call {t} @llvm.fabs.{v}({t} {0})",
    ops.floor: "call {t} @llvm.floor.{v}({t} {0})",
    ops.greater: "fcmp ogt {t} {0}, {1}\nselect {m} {a}, {t} {one}, {t} {zero}",
    ops.where: "fcmp une {t} {0}, {zero}\nselect {m} {a}, {t} {1}, {t} {2}",
    ops.maximum: "fcmp oge {t} {0}, {1}\nfcmp uno {t} {0}, {0}\nor {m} {a}, {b}\nselect {m} {c}, {t} {0}, {t} {1}",
    ops.minimum: "fcmp ole {t} {0}, {1}\nfcmp uno {t} {0}, {0}\nor {m} {a}, {b}\nselect {m} {c}, {t} {0}, {t} {1}",
}
REGISTERS = "abcdefgh"  # of the lines of a primitive, in their order
LIBRARY_FUNCTIONS = {TABLE["power" if name == "pow" else name]: name for name in (*FUNCTIONS, *C_FUNCTIONS)}


def use_c_function(op: Op, name: str) -> None:
    """Let machine code call a function of doubles of the C library for a primitive.

    Raises ValueError if the target implements the primitive, if its arity is variable, or if our library uses the name.
    """
    if op in INSTRUCTIONS or op in LIBRARY_FUNCTIONS:
        raise ValueError(f"the target 'llvm' already implements the operation {op.name!r}")
    if op.arity is None:
        raise ValueError(f"a C function has a fixed number of inputs, unlike the operation {op.name!r}")
    if name in RESERVED_NAMES:
        raise ValueError(f"the library already has a function {name!r}; choose a C function of another name")
    LIBRARY_FUNCTIONS[op] = name
    C_FUNCTIONS[name] = op.arity


@cache
def _instructions(lanes: int) -> dict[Op, list[str]]:
    """The lines of each primitive with types and constants put in."""
    types = Types(lanes)
    fields = {"t": types.t, "m": types.m, "v": types.v, "one": types.number(1.0), "zero": types.number(0.0)}
    fields |= {name: f"{{{name}}}" for name in REGISTERS}
    operands = "{0}", "{1}", "{2}"
    return {op: lines.format(*operands, **fields).split("\n") for op, lines in INSTRUCTIONS.items()}


class StoredResult(NamedTuple):
    """A result, which is stored in its slot or in `uniform`, or added to its sum over rows."""

    position: int  # among the results
    symbol: Expression


@dataclass(frozen=True)
class Context:
    """The layout, the width and the callees of the functions of a kernel.

    Attributes:
        layout: The memory layout.
        width: The number of rows that are processed at a time, and of lanes.
        summed: Whether results are summed over the rows.
        results_offset: The offset of the first result.
        python_callback: A function that returns the name under which code calls the Python function of a primitive.
        library_calls: The names of the functions of the library that are called, by width.
        python_calls: The number of inputs of each Python function that is called, by name and width.
    """

    layout: Layout
    width: Width
    summed: bool
    results_offset: int
    python_callback: Callable[[Op], str]
    library_calls: dict[Width, set[str]] = field(default_factory=dict)
    python_calls: dict[tuple[str, Width], int] = field(default_factory=dict)

    def record_call(self, name: str, width: Width) -> str:
        """Record that a function of the library is called, and return its mangled name."""
        self.library_calls.setdefault(width, set()).add(name)
        return mangled_name(name, width)

    def function(self, op: Op, width: Width) -> str:
        """The name of the vector function of a primitive: one of the library, or one that calls Python."""
        if op in LIBRARY_FUNCTIONS:
            return self.record_call(LIBRARY_FUNCTIONS[op], width)
        name = self.python_callback(op)
        self.python_calls.setdefault((name, width), op.arity or 0)
        return mangled_name(name, width)


class BasicBlockFunction(LoopFunction):
    """A function of one basic block, which loads operands, computes, and stores results."""

    def __init__(self, context: Context, varies: bool) -> None:
        self.width = context.width if varies else ONE_ROW
        super().__init__(self.width.rows)
        self.instructions = _instructions(self.width.rows)
        self.context, self.layout = context, context.layout
        self.varies = varies  # from row to row
        self.values: dict[Expression, str] = {}  # the registers that hold them
        self.active = ""  # the mask of active lanes; a single lane is active

    def operand(self, symbol: Expression) -> str:
        """The register or the constant of an expression, which is loaded first if it lies in memory."""
        found = self.values.get(symbol)
        if found is None:
            if symbol.is_constant:
                found = self.number(symbol.value)
            elif symbol in self.layout.varying:
                address = self._address("%in", self.layout.slots.offset_of(symbol))
                found = self(f"load {self.t}, ptr {address}, align 8")
            else:
                address = self(f"getelementptr double, ptr %uniform, i64 {self.layout.uniform.offset_of(symbol)}")
                found = self.broadcast(self(f"load double, ptr {address}, align 8"))
            self.values[symbol] = found
        return found

    def _address(self, region: str, offset: int) -> str:
        return self(f"getelementptr {self.t}, ptr {region}, i64 {offset}")

    def compute(self, symbol: Expression) -> None:
        """Emit the instructions of one operation."""
        inputs = [self.operand(x) for x in symbol.inputs]
        result = self._weighted_sum(inputs) if symbol.op is ops.weighted_sum else self._operation(symbol.op, inputs)
        self.values[symbol] = result
        region = self.layout.slots if self.varies else self.layout.uniform
        offset = region.offsets.get(symbol)
        if offset is not None:
            self.write(f"store {self.t} {result}, ptr {self._address('%out', offset)}, align 8")

    def _weighted_sum(self, inputs: list[str]) -> str:
        weights, values, bias = ops.dot_operands(inputs)
        factors = list(zip(weights, values, strict=True))
        total = bias[0] if bias else self.multiply(*factors.pop(0))
        for w, z in factors:
            total = self.fma(w, z, total)
        return total

    def _operation(self, op: Op, inputs: list[str]) -> str:
        lines = self.instructions.get(op)
        if lines is None:
            name = self.context.function(op, self.width)
            return self(f"call {self.t} @{name}({', '.join(f'{self.t} {x}' for x in inputs)})")
        registers: dict[str, str] = {}
        for letter, line in zip(REGISTERS, lines, strict=False):
            registers[letter] = result = self(line.format(*inputs, **registers))
        return result

    def store_result(self, stored: StoredResult) -> None:
        """Store a result, or add it to its sum over rows."""
        result = self.operand(stored.symbol)
        context = self.context
        if not self.varies or not context.summed:
            address = self._address("%out", context.results_offset + stored.position)
            self.write(f"store {self.t} {result}, ptr {address}, align 8")
            return
        if self.lanes > 1:
            if not self.active:
                self.active = active_lanes(self, "%n_active")
            result = self(f"select {self.m} {self.active}, {self.t} {result}, {self.t} {self.number(0.0)}")
        address = self(f"getelementptr double, ptr %sums, i64 {stored.position}")
        before = self(f"load double, ptr {address}, align 8")
        total = self(f"fadd double {before}, {sum_of_lanes(self, result)}")
        self.write(f"store double {total}, ptr {address}, align 8")
