"""JAX: programs that XLA compiles, on a CPU, or on the GPUs or TPUs that JAX finds, of one machine or of many.

`printer` writes the module of Python that XLA compiles, `execution` runs it, and `devices` has what it runs on.

A compiled program takes numbers: inside `jax.jit` or `jax.grad`, call the function of its `source_for("jax")` instead.

JAX has all primitives of the table. One of a user's is a function that JAX can trace, and is named here:

>>> import math
>>> from engine import TABLE, Value, compile, primitive
>>> fmod = primitive("fmod", "mod", math.fmod, lambda z, x, y: 1.0, lambda z, x, y: (z - x) / y)
>>> JAX.functions[fmod] = "jnp.fmod"
>>> x = Value(0.5, "x")
>>> text = compile([fmod(x, 0.2)], [x], backend="python").source_for("jax")
>>> print(text[text.index("def value"):])
def value(rows, parameters):
    rows, parameters = floats(rows, 2, 1), floats(parameters, 1, 0)
    x = rows[:, 0]
    return jnp.fmod(x, 0.2)
<BLANKLINE>
>>> del TABLE["fmod"], JAX.functions[fmod]
"""

from __future__ import annotations

from importlib.util import find_spec

from engine._support.typed_commands import install_command
from engine.compiler.targets import Target, register
from engine.compiler.targets.jax.execution import JAXExecutable
from engine.compiler.targets.jax.printer import JAX, source

__all__ = ["JAX", "source"]


def missing() -> str:
    """How to install JAX; "" if it is installed."""
    return "" if find_spec("jax") else f"jax: {install_command('jax')}"


register(Target("jax", printer=source, runner=JAXExecutable, missing=missing, options=("dtype", "devices")))
