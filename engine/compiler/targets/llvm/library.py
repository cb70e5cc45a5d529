"""The library of functions that kernels call: elementary functions of vectors, and loops.

Each is compiled once for a width, when it is first needed, with LLVM's full optimization. Kernels only call them, so
that the layers of a network add little to the time of compilation.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

from engine.compiler.targets.llvm.assembly import Body, Width
from engine.compiler.targets.llvm.elementary import FUNCTIONS
from engine.compiler.targets.llvm.loops import LOOPS

# Functions of the C library, which are called for each lane, and the number of their inputs.
_OF_ONE = "log2 log10 cbrt erf erfc tan asin acos atan sinh cosh asinh acosh atanh"
OF_LARGE_ANGLES = ("sin", "cos")  # of which our own functions call that of the C library
C_FUNCTIONS = dict.fromkeys(_OF_ONE.split(), 1) | dict.fromkeys(("pow", "hypot", "atan2"), 2)
RESERVED_NAMES = {*LOOPS, *FUNCTIONS, *C_FUNCTIONS}


def mangled_name(function: str, width: Width) -> str:
    """The name of a function for a width."""
    return f"pathgrad_{function}_{width.rows}_{width.vector_lanes}"


def generate_library(functions: Iterable[str], width: Width) -> str:
    """The text of these functions for a width."""
    return "\n".join(_definition(function, width) for function in functions)


def declare_library_function(function: str, width: Width) -> str:
    """The declaration of a function of the library."""
    name = f"@{mangled_name(function, width)}("
    [head] = [line for line in _definition(function, width).split("\n") if line.startswith("define") and name in line]
    return head.replace("define", "declare").removesuffix(" {")


@cache
def _definition(name: str, width: Width) -> str:
    if name in LOOPS:
        return LOOPS[name](mangled_name(name, width), width)
    if name in C_FUNCTIONS:
        n = C_FUNCTIONS[name]
        return f"{declare_scalar_function(f'@{name}', n)}\n{vectorize(mangled_name(name, width), f'@{name}', n, width)}"
    f = Body(width.rows)
    f.write(f"ret {f.t} {FUNCTIONS[name](f, '%x')}")
    text = f.text(f"{f.t} @{mangled_name(name, width)}({f.t} %x)")
    if name not in OF_LARGE_ANGLES:
        return text
    return "\n".join([declare_scalar_function(f"@{name}", 1), vectorize(f"{name}_of_c", f"@{name}", 1, width), text])


def declare_scalar_function(function: str, n_inputs: int) -> str:
    """The declaration of a function of doubles."""
    return f"declare double {function}({', '.join(['double'] * n_inputs)})"


def vectorize(name: str, function: str, n_inputs: int, width: Width) -> str:
    """A function of vectors, of this name, that calls `function` of doubles for each lane."""
    f = Body(width.rows)
    inputs = [f"%x{i}" for i in range(n_inputs)]
    result = "poison"
    for lane in range(f.lanes):
        operands = inputs if f.lanes == 1 else [f(f"extractelement {f.t} {x}, i64 {lane}") for x in inputs]
        value = f(f"call double {function}({', '.join(f'double {x}' for x in operands)})")
        result = value if f.lanes == 1 else f(f"insertelement {f.t} {result}, double {value}, i64 {lane}")
    f.write(f"ret {f.t} {result}")
    return f.text(f"{f.t} @{name}({', '.join(f'{f.t} {x}' for x in inputs)})")
