"""A scalar automatic-differentiation engine.

A `Value` is a number that remembers how it was made. Backpropagation walks that record from an output back to the
leaves: the chain rule along each path, the sum rule across paths.

The names:

    Value               a number that remembers how it was made: the node of a graph
    label               gives many nodes their labels at once
    backward            adds the derivatives of an output to the `grad` of all nodes that it is made from
    grad                returns derivatives, as numbers or as graphs, and touches no `grad`
    forward             recomputes a graph in place from its leaves
    zero_grad           sets the `grad` of a graph's nodes to 0
    toposort            the nodes of a graph, each after its inputs
    paths               every path from an output back to a node, with the product of its local derivatives
    Path                one of them
    count_paths         how many there are, without walking them
    explain             a derivative as the sum over paths, beside what backpropagation found
    NamedGraph          a graph reduced to the nodes that have names
    check_gradients     holds the derivatives of a graph against differences
    GradientCheck       what it found for one leaf
    numerical_gradient  derivatives by central differences
    detect_anomaly      while it is on, errors name the node, its operands, and your line that made it
    AnomalyError        what it raises
    DomainError         an operation, or its derivative, is not finite for what it was given
    compile             makes a program of a graph: Python to be read, or machine code
    Program             what it makes
    TABLE               all operations by name
    Op                  one entry of the table
    operation           declares an operation by its rules
    primitive           declares an operation whose forward rule is a function of floats
    add                 x + y
    subtract            x - y
    multiply            x · y
    divide              x / y
    negate              -x
    power               x to the power of y
    absolute            |x|
    exp                 e^x
    expm1               e^x - 1, exact for small x
    log                 the natural logarithm
    log1p               log(1 + x), exact for small x
    sqrt                the square root
    sin                 the sine
    cos                 the cosine
    tan                 the tangent
    atan                the inverse tangent
    tanh                the hyperbolic tangent
    sigmoid             the logistic function 1 / (1 + e^-x), the paper's σ
    softplus            log(1 + e^x), a smooth relu
    relu                x where x > 0, else 0
    leaky_relu          x where x > 0, else slope · x
    maximum             the larger of x and y
    minimum             the smaller of x and y
    greater             1 where x > y, else 0
    where               x where c ≠ 0, else y
    dot                 the weighted sum of a unit, Σ w x + b, as one node

The rooms: `ops` is the one table of operations; `op` says what an entry is, `registry` how one is declared. `value` and
`operators` build the graph, `graph` orders it; `backprop` computes derivatives, `paths` spells them out path by path,
`explanation` lays both side by side; `check` holds derivatives against differences, `anomaly` finds where a NaN came
from, `comparisons` which numbers decided how a graph was built; `named` is the graph as people think of it; `labels`
reads and writes labels; `parse` reads a formula that is typed; `symbolic` turns the table's rules into formulas,
`rewrites` simplifies these, `codegen` and `specialize` print them as Python; `pickling` saves graphs that are deeper
than Python's stack; `compiler` makes programs of whole graphs.

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

import importlib
import typing

from engine.analysis.explanation import explain
from engine.analysis.gradcheck import GradientCheck, check_gradients, numerical_gradient
from engine.analysis.named_graph import NamedGraph
from engine.analysis.path_search import Path, count_paths, paths
from engine.anomaly import AnomalyError, detect_anomaly
from engine.backprop import backward, forward, zero_grad
from engine.derivatives import grad
from engine.graph import toposort
from engine.op import TABLE, DomainError, Op
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
from engine.registry import operation, primitive
from engine.value import Value, label

if typing.TYPE_CHECKING:
    from engine.compiler import Program, compile
else:

    def __getattr__(name: str) -> typing.Any:
        """The compiler, loaded when it is first asked for: it would be half of what `import engine` takes."""
        if name not in ("Program", "compile"):
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        compiler = importlib.import_module("engine.compiler")
        globals().update(Program=compiler.Program, compile=compiler.compile)
        return globals()[name]

    def __dir__() -> list[str]:
        return sorted({*globals(), *__all__})


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
