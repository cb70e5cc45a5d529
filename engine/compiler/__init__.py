"""The compiler: from a graph of scalars to a program, in Python, NumPy, or machine code.

`api` has `compile`, and `program` the `Program` that it returns, with the same methods for every target; those for
`matrices` are in its base class. `ir` reads a graph and differentiates it, once for all targets, and `lazy_ir` does so
when it is needed, in one thread at a time (`building`); `derivatives` makes further formulas, which are other programs.
`repetition` finds loops in a graph, of which only one iteration is differentiated. Each of the `targets` is one file,
or a folder. `straight_line` generates Python from the IR, with identifiers from `naming`; `branches` finds the guards
of expressions. `calls` reads what a program is called with, and shapes what it returns; its `evaluation` is left to a
target. A program that is `bound` stays at one point. `diagnose` finds the node at which an error arises.
`garbage_collection` pauses Python's collector during compilation.
"""

from engine.compiler.api import compile
from engine.compiler.program import Program

__all__ = ["Program", "compile"]
