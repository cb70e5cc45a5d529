"""Machine code, made by LLVM where llvmlite is installed; the text is LLVM's assembly language.

The code is written by `kernel`, as straight code in `block`s and as calls of loops, which `layout` finds where it gives
out places in memory, and `layers` puts together; all in the words of `writer`. The `library` of `vectors` and `loops`
is what such code calls. `jit` is LLVM itself, `native` runs the code on rows, and `machine` makes it when it is needed.

Machine code calls the Python function of a primitive of your own. If the C library has the function, say so:

>>> import math
>>> from engine import TABLE, Value, compile, exp, primitive
>>> from engine.compiler.targets import llvm
>>> erf = primitive("erf", "erf", math.erf, lambda z, x: 2.0 / math.sqrt(math.pi) * exp(-x * x))
>>> llvm.use_c_function(erf, "erf")
>>> x = Value(0.5, "x")
>>> "call double @pathgrad_erf_1_1(double" in compile(erf(x), [x], backend="python").source_for("llvm")
True
>>> del TABLE["erf"]
"""

from __future__ import annotations

from collections.abc import Sequence

from engine.compiler.ir import IR
from engine.compiler.targets import Target, register
from engine.compiler.targets.llvm import jit
from engine.compiler.targets.llvm.basic_block import use_c_function
from engine.compiler.targets.llvm.execution import LLVMExecutable, lower_for_host

__all__ = ["source", "use_c_function"]


def source(ir: IR, order: Sequence[int]) -> str:
    """What LLVM is given for one row: of the gradient, or of the values if there are several outputs."""
    return lower_for_host(ir, many=False, summed=ir.has_gradient).text


def missing() -> str:
    """What is to be installed before code can run."""
    return "" if jit.is_installed() else jit.MISSING


register(Target("llvm", printer=source, runner=LLVMExecutable, missing=missing, preference=2))
