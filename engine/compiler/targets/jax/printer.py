"""JAX as a language: modules of Python with functions of arrays that JAX can trace, in matrices as those of NumPy."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from engine import ops
from engine.compiler.arrays.printing import ArrayPrinter
from engine.compiler.arrays.spelling import Spelling, array_language, in_dtype
from engine.compiler.ir import IR
from engine.compiler.targets import unsupported_operation
from engine.op import Op

JAX = array_language("jnp")
JAX.functions.update({ops.erf: "jax.scipy.special.erf", ops.erfc: "jax.scipy.special.erfc"})
JAX.functions[ops.stop_gradient] = "jax.lax.stop_gradient"


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


def source(ir: IR, wrt_order: Sequence[int], dtype: str = "float64") -> str:
    """The program as a module of Python that imports JAX; other dtypes have another largest float."""
    return ArrayPrinter(ir, wrt_order, in_dtype(SPELLING, dtype)).module()
