"""From a graph of scalars to a program: the same table of operations, printed as Python or as machine code.

The rooms: `program` is the door; `formulas` reads a graph and differentiates it once, for all backends. `python` prints
it (with names from `naming`) for people, for Python and for NumPy. `kernel` writes it for LLVM, with places in memory
from `layout` and in the words of `writer`; `library` and `vectors` are what such code calls, `jit` is LLVM itself, and
`native` runs it on `rows`. `replay` finds the node at fault.
"""

from engine.compiler.door import compile
from engine.compiler.program import Program

__all__ = ["Program", "compile"]
