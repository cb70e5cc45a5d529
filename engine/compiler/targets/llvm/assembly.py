"""LLVM's assembly language: types, constants, and bodies of functions, for one row or several at a time.

Each row is a lane of LLVM's vectors: with 4 lanes a value is a `<4 x double>`, and with one lane a `double`. A vector
may have more lanes than those of the machine, and is then stored in several of them.
"""

from __future__ import annotations

import struct
from typing import NamedTuple


class Width(NamedTuple):
    """The number of rows that are processed at a time, and the number of doubles in a vector of the machine."""

    rows: int
    vector_lanes: int

    @property
    def slot(self) -> str:
        """The type of a slot, which has a value for each row."""
        return Types(self.rows).t


ONE_ROW = Width(1, 1)


class Types:
    """The types of vectors with `lanes` lanes: t for floats, i for integers, m for masks, v in names of intrinsics."""

    def __init__(self, lanes: int) -> None:
        self.lanes = lanes
        self.t, self.i, self.m = (
            scalar if lanes == 1 else f"<{lanes} x {scalar}>" for scalar in ("double", "i64", "i1")
        )
        self.v = "f64" if lanes == 1 else f"v{lanes}f64"

    def number(self, number: float) -> str:
        """A float constant in every lane.

        >>> Types(1).number(1.0), Types(4).number(1.0)
        ('0x3FF0000000000000', 'splat (double 0x3FF0000000000000)')
        """
        return self._splat("double", f"0x{float_bits(number):016X}")

    def integer(self, integer: int) -> str:
        """An integer constant in every lane."""
        return self._splat("i64", str(integer))

    def _splat(self, scalar: str, text: str) -> str:
        return text if self.lanes == 1 else f"splat ({scalar} {text})"


def float_bits(number: float) -> int:
    """The 64 bits of a float as an unsigned integer."""
    bits: int = struct.unpack("<Q", struct.pack("<d", number))[0]
    return bits


class Body(Types):
    """The body of a function, to which instructions are appended."""

    def __init__(self, lanes: int, prefix: str = "%r") -> None:
        super().__init__(lanes)
        self.prefix = prefix
        self.lines: list[str] = []
        self.registers = 0

    def __call__(self, instruction: str) -> str:
        """Append an instruction, and return the register of its result."""
        self.registers += 1
        register = f"{self.prefix}{self.registers}"
        self.lines.append(f"  {register} = {instruction}")
        return register

    def write(self, line: str) -> None:
        """Append an instruction without a result, or the label of a block."""
        self.lines.append(line if line.endswith(":") else f"  {line}")

    def add(self, x: str, y: str) -> str:
        """x + y."""
        return self(f"fadd {self.t} {x}, {y}")

    def subtract(self, x: str, y: str) -> str:
        """x - y."""
        return self(f"fsub {self.t} {x}, {y}")

    def multiply(self, x: str, y: str) -> str:
        """x · y."""
        return self(f"fmul {self.t} {x}, {y}")

    def divide(self, x: str, y: str) -> str:
        """x / y."""
        return self(f"fdiv {self.t} {x}, {y}")

    def fma(self, x: str, y: str, z: str) -> str:
        """x · y + z, rounded once on machines with fused multiply-add."""
        t = self.t
        return self(f"call {t} @llvm.fmuladd.{self.v}({t} {x}, {t} {y}, {t} {z})")

    def broadcast(self, x: str, type: str = "double") -> str:
        """A double, or another scalar, in every lane."""
        if self.lanes == 1:
            return x
        vector = f"<{self.lanes} x {type}>"
        first = self(f"insertelement {vector} poison, {type} {x}, i64 0")
        return self(f"shufflevector {vector} {first}, {vector} poison, <{self.lanes} x i32> zeroinitializer")

    def absolute(self, x: str) -> str:
        """|x|."""
        return self(f"call {self.t} @llvm.fabs.{self.v}({self.t} {x})")

    def select(self, comparison: str, x: str, y: str, chosen: str, other: str) -> str:
        """`chosen` where the comparison of x and y holds, else `other`."""
        condition = self(f"fcmp {comparison} {self.t} {x}, {y}")
        return self(f"select {self.m} {condition}, {self.t} {chosen}, {self.t} {other}")

    def bits(self, x: str) -> str:
        """The bits of floats, as integers."""
        return self(f"bitcast {self.t} {x} to {self.i}")

    def floats(self, i: str) -> str:
        """The floats with these bits."""
        return self(f"bitcast {self.i} {i} to {self.t}")

    def integers(self, operation: str, x: str, y: str) -> str:
        """An operation on integers."""
        return self(f"{operation} {self.i} {x}, {y}")

    def polynomial(self, x: str, coefficients: list[float]) -> str:
        """c_0 + c_1 x + c_2 x² + ... by Estrin's scheme, in short chains: (c_0 + c_1 x) + x² (c_2 + c_3 x) + ..."""
        terms = [self.number(c) for c in coefficients]
        while len(terms) > 1:
            pairs = [self.fma(x, high, low) for low, high in zip(terms[::2], terms[1::2], strict=False)]
            terms = pairs + terms[len(pairs) * 2 :]
            if len(terms) > 1:
                x = self.multiply(x, x)
        return terms[0]

    def text(self, signature: str) -> str:
        """The definition of the function."""
        return "\n".join([f"define {signature} {{", *self.lines, "}"])
