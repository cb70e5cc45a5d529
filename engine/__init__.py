"""A scalar automatic-differentiation engine.

A `Value` is a number that remembers how it was made. Backpropagation walks that record from an output back to the
leaves: the chain rule along each path, the sum rule across paths. The paper, as docstrings call it, is Kyle Bradbury,
"Tutorial on neural network math for forward and backward propagation" (2019).

The names:

    Value               a number that remembers how it was made: the node of a graph
    label               gives many nodes their labels at once
    backward            adds the derivatives of an output to the `grad` of all nodes that it is made from
    grad                returns derivatives, as numbers or as graphs, and does not change `grad`
    jvp                 the Jacobian times a vector: derivatives along a direction, in forward mode
    vjp                 a vector times the Jacobian, in reverse mode
    jacobian            the derivatives of several outputs, in the mode that costs less
    hessian             the second derivatives of an output
    hvp                 the Hessian times a vector, in forward mode over reverse mode
    forward             recomputes a graph in place from its leaves
    zero_grad           sets the `grad` of a graph's nodes to 0
    toposort            the nodes of a graph in topological order
    paths               every path from an output back to a node, with the product of its local derivatives
    Path                such a path
    count_paths         the number of these paths, without walking them
    explain             a derivative as the sum over paths, beside that of backpropagation
    NamedGraph          a graph reduced to its named nodes
    check_gradients     compares the derivatives of a graph with differences
    GradientCheck       its result for one leaf: agrees, does not, or cannot be told
    numerical_gradient  derivatives by differences
    detect_anomaly      a mode in which errors name the node, its operands, and your line that made it
    AnomalyError        the error that it raises
    DomainError         the error of an operation whose value or derivative is not finite
    compile             compiles a graph to a program: readable Python, or machine code
    Program             a compiled graph
    TABLE               all operations by name
    Op                  one entry of the table
    operation           declares an operation by its rules
    primitive           declares an operation whose forward rule is a function of floats
    custom_operation    makes an operation for single nodes, of a function of floats and one of its derivatives
    add                 x + y
    subtract            x - y
    multiply            x · y
    divide              x / y
    negate              -x
    square              x²
    sqrt                the square root
    cbrt                the cube root
    hypot               √(x² + y²)
    absolute            |x|
    sign                1, -1 or 0
    floor               the largest integer ≤ x
    maximum             the larger of x and y
    minimum             the smaller of x and y
    clamp               x, but at least `low` and at most `high`
    greater             1 where x > y, else 0
    where               x where c ≠ 0, else y
    multiply_no_nan     x · y, and 0 where y = 0
    stop_gradient       x, through which no gradient flows
    exp                 e^x
    exp2                2^x
    expm1               e^x - 1, exact for small x
    log                 the natural logarithm
    log2                the logarithm to base 2
    log10               the logarithm to base 10
    log1p               log(1 + x), exact for small x
    power               x to the power of y
    erf                 the error function
    erfc                1 - erf(x)
    logaddexp           log(e^x + e^y)
    logsumexp           log Σ e^x, of several x
    softmax             e^x / Σ e^x for each of several x
    sin                 the sine
    cos                 the cosine
    tan                 the tangent
    asin                the inverse sine
    acos                the inverse cosine
    atan                the inverse tangent
    atan2               the angle of the point (x, y), from y and x
    sinh                the hyperbolic sine
    cosh                the hyperbolic cosine
    tanh                the hyperbolic tangent
    asinh               the inverse hyperbolic sine
    acosh               the inverse hyperbolic cosine
    atanh               the inverse hyperbolic tangent
    sigmoid             the logistic function 1 / (1 + e^-x), the paper's σ
    softplus            log(1 + e^x), a smooth relu
    relu                x where x > 0, else 0
    leaky_relu          x where x > 0, else slope · x
    elu                 x where x > 0, else alpha · (e^x - 1)
    silu                x · σ(x)
    gelu                x times the normal distribution function of x
    dot                 the weighted sum of a unit, Σ w x + b, as one node

The modules:

    op           `Op`, an operation with its rules and edges, and DomainError; op_signature, for `help`
    ops          the table of operations, in modules by kind
    registry     declares operations
    custom_operations  operations outside the table, of functions of floats
    operators    + - * / and methods, for every kind of operand
    value        `Value`, the node
    graph        topological order
    labels       reads and writes labels
    sweep        the chain rule and the sum rule: the reverse and the forward sweep, for every kind of number
    guards       the conditions under which a node is reached, where `where` chooses
    backprop     backward, forward, zero_grad
    derivatives  grad, jvp, vjp, jacobian, hessian, hvp
    anomaly      finds where a NaN came from
    comparisons  records which nodes Python code branched on
    pickling     pickles graphs that are deeper than Python's stack
    analysis     path_search, explanation, named_graph, node_names, roles, finite_differences, gradcheck, stale
    symbolic     expressions, rewrites and codegen, specialize (the functions of floats), parser (typed formulas)
    compiler     programs of whole graphs
    _support     checks and keywords of arguments, real_numbers (of any kind, from NumPy too), other_names (what to
                 write instead), safe_files (files are written atomically), termination, ...

Threads: graphs without a common node are independent, and `detect_anomaly` is on in its own thread alone. Graphs that
share leaves, such as the parameters of a network, may be built, read, and differentiated by `grad`, in all threads at
once. Writing to nodes is for one thread at a time: setting `.data`, `forward`, an optimizer's step, `zero_grad`, and
`backward`, since `.grad` holds what all threads have added to it. So threads that train together call `grad`, and add
up under a lock; or a compiled program does it, `program.sum_over(rows, threads=...)`, with the global interpreter lock
released. A program keeps its numbers, so it is called by one thread at a time, too. Free-threaded Python is not
supported. `os.fork` waits for the machine code that other threads are making, so that the child can make its own.

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
import time
import typing

from engine import ops
from engine.anomaly import AnomalyError, detect_anomaly
from engine.backprop import backward, forward, zero_grad
from engine.graph import toposort
from engine.op import TABLE, DomainError, Op
from engine.ops import *
from engine.registry import operation, primitive
from engine.value import Value, label

_imported_at = time.time()

if typing.TYPE_CHECKING:
    from engine.analysis.explanation import explain
    from engine.analysis.finite_differences import numerical_gradient
    from engine.analysis.gradcheck import GradientCheck, check_gradients
    from engine.analysis.named_graph import NamedGraph
    from engine.analysis.path_search import Path, count_paths, paths
    from engine.compiler import Program, compile
    from engine.custom_operations import custom_operation
    from engine.derivatives.results import grad, hessian, hvp, jacobian, jvp, vjp

    __version__: str
else:
    # The modules that are imported when one of these is first used: they would double the time of `import engine`.
    _LATE = dict.fromkeys(("grad", "hessian", "hvp", "jacobian", "jvp", "vjp"), "derivatives.results") | {
        "custom_operation": "custom_operations",
        "explain": "analysis.explanation",
        "numerical_gradient": "analysis.finite_differences",
        "GradientCheck": "analysis.gradcheck",
        "check_gradients": "analysis.gradcheck",
        "NamedGraph": "analysis.named_graph",
        "Path": "analysis.path_search",
        "count_paths": "analysis.path_search",
        "paths": "analysis.path_search",
        "Program": "compiler",
        "compile": "compiler",
    }

    def __getattr__(name: str) -> typing.Any:
        if name == "__version__":
            return importlib.import_module("engine._support.version").read_version()
        if name not in _LATE:
            others = importlib.import_module("engine._support.other_names").INSTEAD_OF_FUNCTIONS
            instead = [hint for names, hint in others.items() if name in names.split()]
            raise AttributeError(": ".join([f"module {__name__!r} has no attribute {name!r}", *instead]))
        globals()[name] = found = getattr(importlib.import_module(f"engine.{_LATE[name]}"), name)
        return found

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
    "backward",
    "check_gradients",
    "compile",
    "count_paths",
    "custom_operation",
    "detect_anomaly",
    "explain",
    "forward",
    "grad",
    "hessian",
    "hvp",
    "jacobian",
    "jvp",
    "label",
    "numerical_gradient",
    "operation",
    "paths",
    "primitive",
    "toposort",
    "vjp",
    "zero_grad",
]
__all__ += ops.__all__
