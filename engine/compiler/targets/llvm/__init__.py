"""Machine code, compiled by LLVM if llvmlite is installed; the generated text is LLVM's assembly language.

`plan` decides what a kernel computes, with the memory `layout` and the loops that it makes possible, which read regular
addresses, found by `engine.compiler.sequences`. `lowering` writes the kernel in `assembly` language: functions of one
`basic_block`, and calls of `loop_groups`. A graph that repeats itself has a `segment_kernel` instead, with a
`segment_function` for each of its loops. Kernels call the `library`, which consists of the `elementary` functions and
the `loops`. `jit` compiles text to machine code; the `kernel_code` of large graphs is kept on disk by the `code_cache`.
`execution` runs it in its `memory`: rows by ctypes, on several `threads`, and a single point, where Python allows it,
by `c_functions`.

The machine code calls the Python function of a user's primitive. It can call a function of the C library instead:

>>> import math
>>> from engine import TABLE, Value, compile, primitive
>>> from engine.compiler.targets import llvm
>>> fmod = primitive("fmod", "mod", math.fmod, lambda z, x, y: 1.0, lambda z, x, y: (z - x) / y)
>>> llvm.use_c_function(fmod, "fmod")
>>> x = Value(0.5, "x")
>>> "call double @pathgrad_fmod_1_1(double" in compile(fmod(x, 0.2), [x], backend="python").source_for("llvm")
True
>>> del TABLE["fmod"]
"""

from __future__ import annotations

from collections.abc import Sequence

from engine.compiler.ir import IR
from engine.compiler.targets import Target, register
from engine.compiler.targets.llvm import code_cache, jit
from engine.compiler.targets.llvm.basic_block import use_c_function
from engine.compiler.targets.llvm.execution import LLVMExecutable
from engine.compiler.targets.llvm.kernel_code import lower_for_host

__all__ = ["source", "use_c_function"]


def source(ir: IR, wrt_order: Sequence[int]) -> str:
    """The kernel for one row: of the gradient, or of the values if there are several outputs."""
    return lower_for_host(ir, many=False, summed=ir.has_gradient).text


def missing() -> str:
    """Which dependency is missing, and how to install it; "" if none is."""
    return "" if jit.is_installed() else jit.missing_package()


register(
    Target(
        "llvm", printer=source, runner=LLVMExecutable, missing=missing, keeps_code=code_cache.is_enabled, preference=2
    )
)
