"""Leaves of graphs, and kernels that are lowered from graphs but not compiled."""

from engine import Value, compile
from engine.compiler.targets.llvm.jit import python_callback
from engine.compiler.targets.llvm.lowering import Kernel, lower
from tests.engine.compiler.agreement import spread

Graph = tuple[Value, list[Value], list[Value]]  # the output, the inputs, and wrt


def leaves(n: int, letter: str, low: float = -1.0) -> list[Value]:
    """n variables whose values fill the interval from `low` to 1 evenly."""
    return [Value(number, f"{letter}_{i}") for i, (number,) in enumerate(spread(n, 1, low), 1)]


def lowered(graph: Graph) -> Kernel:
    """The kernel of a graph for sums over rows, on a machine of 4 lanes."""
    ir = compile(*graph, backend="python")._ir
    return lower(ir, 4, summed=True, python_callback=python_callback)
