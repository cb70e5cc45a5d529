"""A scalar automatic-differentiation engine.

A `Value` is a number that remembers how it was made. Backpropagation walks that record from an output back to the
leaves: the chain rule along each path, the sum rule across paths.

The rooms: `ops` is the one table of operations; `op` says what an entry is, `table` how one is declared. `value` and
`operators` build the graph, `graph` orders it; `backprop` computes derivatives, `paths` spells them out path by path,
`explanation` lays both side by side; `check` holds derivatives against differences, `anomaly` finds where a NaN came
from, `comparisons` which numbers decided how a graph was built; `named` is the graph as people think of it; `parse`
reads a formula that is typed; `trace` and `source` turn the table's rules into formulas and into Python; `pickling`
saves graphs that are deeper than Python's stack; `compiler` makes programs of whole graphs.

Threads: graphs that share no node do not disturb each other, whatever is done with them in several threads; what
`detect_anomaly` looks for, it looks for in its own thread. Graphs that share leaves, such as the parameters of a
network, may be built and read in all threads at once, and differentiated by `grad`, which touches nothing. What writes
to nodes is one thread's at a time: setting `.data`, `forward`, an optimizer's step, `zero_grad`, and `backward`, for
what is found in `.grad` afterwards is what all threads have left there. So threads that train together take `grad`, and
one lock for the adding up; or a compiled program does it, `program.sum_over(rows, threads=...)`, while Python's own
lock is released. A program, too, is called by one thread at a time, since it keeps its numbers. On Pythons without that
lock nothing is promised.

>>> from threading import Lock, Thread
>>> w, lock = Value(0.5, "w"), Lock()
>>> def learn(x):
...     [slope] = grad((w * x).tanh(), [w])
...     with lock:
...         w.grad += slope
>>> threads = [Thread(target=learn, args=(x,)) for x in (1.0, 1.0)]
>>> for thread in threads:
...     thread.start()
>>> for thread in threads:
...     thread.join()
>>> w.grad == 2.0 * grad((w * 1.0).tanh(), [w])[0]
True
"""

from engine.anomaly import AnomalyError, detect_anomaly
from engine.backprop import backward, forward, grad, zero_grad
from engine.check import GradientCheck, check_gradients, numerical_gradient
from engine.compiler import Program, compile
from engine.explanation import explain
from engine.graph import toposort
from engine.named import NamedGraph
from engine.op import DomainError, Op
from engine.ops import (
    absolute,
    add,
    atan,
    cos,
    divide,
    dot,
    exp,
    expm1,
    greater,
    leaky_relu,
    log,
    log1p,
    maximum,
    minimum,
    multiply,
    negate,
    power,
    relu,
    sigmoid,
    sin,
    softplus,
    sqrt,
    subtract,
    tan,
    tanh,
    where,
)
from engine.paths import Path, count_paths, paths
from engine.table import TABLE, operation, primitive
from engine.value import Value, label

__all__ = [
    "TABLE",
    "AnomalyError",
    "DomainError",
    "GradientCheck",
    "NamedGraph",
    "Op",
    "Path",
    "Program",
    "Value",
    "absolute",
    "add",
    "atan",
    "backward",
    "check_gradients",
    "compile",
    "cos",
    "count_paths",
    "detect_anomaly",
    "divide",
    "dot",
    "exp",
    "explain",
    "expm1",
    "forward",
    "grad",
    "greater",
    "label",
    "leaky_relu",
    "log",
    "log1p",
    "maximum",
    "minimum",
    "multiply",
    "negate",
    "numerical_gradient",
    "operation",
    "paths",
    "power",
    "primitive",
    "relu",
    "sigmoid",
    "sin",
    "softplus",
    "sqrt",
    "subtract",
    "tan",
    "tanh",
    "toposort",
    "where",
    "zero_grad",
]
