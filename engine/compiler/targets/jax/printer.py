"""JAX as a language: a module of Python whose functions JAX can trace, for all rows at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from engine import ops
from engine.compiler.ir import IR
from engine.compiler.straight_line import StraightLinePrinter
from engine.compiler.targets import unsupported_operation
from engine.op import TABLE, Op
from engine.symbolic.codegen import ARITHMETIC, Language, format_targets
from engine.symbolic.expression import Expression

_SAME_NAME = "exp log log1p expm1 log2 log10 sqrt cbrt hypot sin cos tan sinh cosh tanh abs floor maximum minimum power"
_INVERSES = "sin cos tan tan2 sinh cosh tanh"
JAX = Language(
    {**ARITHMETIC, ops.greater: "jnp.where({0} > {1}, 1.0, 0.0)", ops.where: "jnp.where({0}, {1}, {2})"},
    {TABLE[name]: f"jnp.{name}" for name in _SAME_NAME.split()}
    | {TABLE[f"a{name}"]: f"jnp.arc{name}" for name in _INVERSES.split()}
    | {ops.erf: "jax.scipy.special.erf", ops.erfc: "jax.scipy.special.erfc"},
)


class JAXPrinter(StraightLinePrinter):
    """Generates a program for all rows at once: `value_and_grad(rows, parameters)` or `value(rows, parameters)`."""

    language = JAX
    header = ("import jax", "import jax.numpy as jnp")

    def _signature(self, name: str) -> str:
        return f"def {name}(rows, parameters):"

    def _reading(self) -> Iterator[str]:
        names = [self.text[x] for x in self.ir.inputs]
        if names:
            yield f"{format_targets(names)} = jnp.transpose(rows)"

    def format_result(self, symbol: Expression, *, alone: bool) -> str:
        """The sum over all rows; a result that does not depend on the row is multiplied by their number."""
        return f"jnp.sum({self.bare_text(symbol)})" if symbol in self.varying else f"len(rows) * {self.text[symbol]}"

    def imports(self, op: Op) -> Iterator[str]:
        """The module of a primitive's function. Raises ValueError for one that JAX does not have."""
        if op not in JAX.functions:
            raise unsupported_operation("jax", op)
        module = JAX.functions[op].rpartition(".")[0]
        if module not in ("", "jnp") and not module.startswith("jax."):
            yield f"import {module}"


def source(ir: IR, wrt_order: Sequence[int]) -> str:
    """The program as a module of Python that imports JAX."""
    return JAXPrinter(ir).module(wrt_order)
