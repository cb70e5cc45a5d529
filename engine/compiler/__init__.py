"""The compiler: from a graph of scalars to a program, in Python, NumPy, or machine code.

api, tracing        `compile`, and the tracing of functions
program, methods    the class `Program`, with the same methods for every target, and its parts
calls               what a program is called with, and what it returns
ir, formula_sweep   formulas of a graph and of its gradient, differentiated once for all targets
lazy_ir, building   formulas that are made when they are needed, in one thread at a time
derivatives         formulas of all other derivatives, which are programs of their own
repetition          the loops in a large graph, of which only one iteration is differentiated
evaluation          runs formulas by a target
diagnose            finds the node at which an error arises
branches            the guards of expressions, and an order of evaluation
straight_line       Python from formulas, with identifiers from `naming`
sequences           regular addresses, by which `arrays` and the target "llvm" find layers
arrays              arrays from formulas, for NumPy and JAX
targets             a file, or a folder, for each language
garbage_collection  pauses Python's collector during compilation
"""

from engine.compiler.api import compile
from engine.compiler.program import Program

__all__ = ["Program", "compile"]
