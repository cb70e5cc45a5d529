"""From a graph of scalars to a program: the same table of operations, printed as Python or as machine code.

The rooms: `api` has `compile`, and `program` what it makes, with one face for every backend. `formulas` reads a graph
and differentiates it once, for all of them. `python` prints it (with names from `naming`) for people, for Python and
for NumPy. `kernel` writes it for LLVM, as straight code in `chunk`s and as calls of loops, which `layout` finds where
it gives out places in memory, and `layers` puts together; all in the words of `writer`. The `library` of `vectors` and
`loops` is what such code calls, `jit` is LLVM itself, and `native` runs it on `rows`. `diagnose` finds the node at
fault. The `collector` rests meanwhile.
"""

from engine.compiler.api import compile
from engine.compiler.program import Program

__all__ = ["Program", "compile"]
