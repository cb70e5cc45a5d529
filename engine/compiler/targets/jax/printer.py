"""JAX as a language: modules of Python with functions of arrays that JAX can trace, in matrices as those of NumPy."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from engine import ops
from engine.compiler.arrays.printed.module import ArrayPrinter
from engine.compiler.arrays.printed.spelling import FLOATS, Loops, Spelling, array_language, in_dtype
from engine.compiler.ir import IR
from engine.compiler.targets import unsupported_operation
from engine.op import Op
from engine.symbolic.codegen import indent

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


# Shapes and dtypes are known when JAX traces, so these are errors there, too; the numbers may be in lists.
ARE_REAL = "    if not all(map(is_real, jax.tree.leaves(numbers, is_leaf=lambda x: x is None))):"
IS_REAL = """\
def is_real(x):
    x = x if isinstance(x, jax.Array) else np.ma.asanyarray(x)
    if x.dtype == object:
        found = all(isinstance(number, Real) for number in x.flat)
    else:
        found = any(jnp.issubdtype(x.dtype, kind) for kind in (jnp.bool_, jnp.integer, jnp.floating))
    return found and not np.ma.is_masked(x)"""


class _Loops(Loops):
    """Loops of JAX, whose arrays are new ones in each iteration; XLA changes them in place.

    It does so only if no other element of the array is read in the iteration.
    """

    keeps_results = True

    def set(self, array: str, index: str, value: str) -> str:
        return f"{array} = {array}.at[{index}].set({value})"

    def add(self, array: str, index: str, value: str) -> str:
        return f"{array} = {array}.at[{index}].add({value})"

    def loop(self, name: str, n: int, backward: bool, state: Mapping[str, str], lines: Sequence[str]) -> list[str]:
        several = ", ".join(state)
        given, start = (several, several) if len(state) == 1 else ("state", f"({several})")
        begin = [f"{several} = state"] if len(state) > 1 else []
        begin += [f"t = {n - 1} - i"] if backward else []
        head = f"def {name}({'i' if backward else 't'}, {given}):"
        call = f"{several} = jax.lax.fori_loop(0, {n}, {name}, {start})"
        return [head, *indent([*begin, *lines, f"return {', '.join(state.values())}"]), call]


SPELLING = Spelling(
    "jnp",
    JAX,
    header=("from numbers import Real", "", "import jax", "import jax.numpy as jnp", "import numpy as np"),
    helpers=(IS_REAL, FLOATS.format(ARE_REAL, "jnp.asarray(numbers, float)")),
    imports=imports,
    note='JAX computes in float32, unless jax.config.update("jax_enable_x64", True) was called before.',
    reserved="jax|jnp|np|floats|is_real|Real|all|any|map|isinstance|float|TypeError",
    loops=_Loops(),
)


def source(ir: IR, wrt_order: Sequence[int], dtype: str = "float64") -> str:
    """The program as a module of Python that imports JAX; other dtypes have another largest float."""
    return ArrayPrinter(ir, wrt_order, in_dtype(SPELLING, dtype)).module()
