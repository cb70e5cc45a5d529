"""JAX as a language: modules of Python with functions of arrays that JAX can trace, in matrices as those of NumPy."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import isfinite

from engine import ops
from engine.compiler.arrays.printing import ArrayPrinter
from engine.compiler.arrays.spelling import Spelling
from engine.compiler.ir import IR
from engine.compiler.targets import unsupported_operation
from engine.op import TABLE, Op
from engine.symbolic.codegen import ARITHMETIC, Language

_SAME_NAME = "exp log log1p expm1 log2 log10 sqrt cbrt hypot sin cos tan sinh cosh tanh abs floor maximum minimum power"
_INVERSES = "sin cos tan tan2 sinh cosh tanh"
JAX = Language(
    {**ARITHMETIC, ops.greater: "jnp.where({0} > {1}, 1.0, 0.0)"},
    {TABLE[name]: f"jnp.{name}" for name in _SAME_NAME.split()}
    | {TABLE[f"a{name}"]: f"jnp.arc{name}" for name in _INVERSES.split()}
    | {ops.where: "jnp.where", ops.erf: "jax.scipy.special.erf", ops.erfc: "jax.scipy.special.erfc"},
    lambda number: repr(number) if isfinite(number) else f"{'-' * (number < 0.0)}jnp.{abs(number)!r}",
    {ops.greater: "{0} > {1}"},
)


def imports(op: Op, _: str) -> Iterator[str]:
    """The module of a primitive's function. Raises ValueError for one that JAX does not have."""
    if op not in JAX.functions:
        raise unsupported_operation("jax", op)
    module = JAX.functions[op].rpartition(".")[0]
    if module not in ("", "jnp"):
        yield f"import {module}"


SPELLING = Spelling(
    "jnp",
    JAX,
    header=("import jax.numpy as jnp", "import numpy as np"),
    helpers=(),
    reading="jnp.asarray({}, float)",
    imports=imports,
    note='JAX computes in float32, unless jax.config.update("jax_enable_x64", True) was called before.',
    reserved="jax|jnp|np|float",
)


def source(ir: IR, wrt_order: Sequence[int]) -> str:
    """The program as a module of Python that imports JAX."""
    return ArrayPrinter(ir, wrt_order, SPELLING).module()
