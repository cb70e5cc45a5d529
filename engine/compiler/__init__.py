"""From a graph of scalars to a program: the same table of operations, printed as Python or as machine code.

`api` has `compile`, and `program` what it makes, with one face for all `targets`. `ir` reads a graph and
differentiates it once, for all of them; each target is one file, or a folder. `straight_line` prints formulas as Python
for those that are Python, with names from `naming`; `branches` says which parts of a formula are needed where. Programs
read their numbers by `rows`, and `diagnose` finds the node at fault. The `collector` rests meanwhile.
"""

from engine.compiler.api import compile
from engine.compiler.program import Program

__all__ = ["Program", "compile"]
