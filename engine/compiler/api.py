"""`compile`: from a finished graph to a program that computes its value, and its gradient, for one sample or many."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Sequence
from numbers import Integral
from typing import Any

from engine import ops
from engine.comparisons import record_comparisons
from engine.compiler import targets
from engine.compiler.program import Program
from engine.graph import toposort
from engine.value import Value


def compile(
    output: Value | Sequence[Value] | Callable[..., Any],
    inputs: Iterable[Value] | Value | None = None,
    wrt: Iterable[Value] | Value | None = None,
    backend: str = "auto",
    *,
    n_inputs: int | None = None,
    at: Sequence[float] | None = None,
) -> Program:
    """A program that computes what the graph of `output` computes, and the derivatives by the leaves `wrt`.

    `inputs` are the leaves that every call, or every row, gives anew. Members of `wrt` that are no inputs are the
    parameters of the program: they live in `program.parameters`, begin with their present values, and follow their
    `Value`s only by `load` and `store`. All other leaves are frozen to their present values. By default `wrt` is the
    inputs, and where no inputs are named either, every variable of the graph, as parameters.

    `output` may be several `Value`s: then the program has their values, but no gradient. It may also be a function of
    `n_inputs` `Value`s: it is called once, at the numbers `at` (0.5 each), and what it built is compiled. Whatever
    Python code decided by looking at numbers is frozen into the graph, in this and every other case; where a function
    compares `Value`s a warning says so.

    `backend` is a target that runs programs (see `engine.compiler.targets`): "python" (needs nothing; its source can be
    read), "llvm" (machine code; needs llvmlite, the extra `native`), or "auto": llvm where it is installed.
    Raises TypeError for what is not a `Value`, and ValueError for a backend that is not there, and for inputs or `wrt`
    that are not variables, or stand twice.

    >>> x, w = Value(2.0, "x"), Value(3.0, "w")
    >>> program = compile(w * x * x, inputs=[x], wrt=[x, w], backend="python")
    >>> program(2.0), program.value_and_grad(2.0)
    (12.0, (12.0, [12.0, 4.0]))
    >>> compile(lambda x, y: x * y + x.sin(), n_inputs=2).value_and_grad(0.0, 2.0)
    (0.0, [3.0, 0.0])
    """
    backend, runner = targets.runner(backend)
    if not isinstance(output, (Value, Sequence)):  # a function
        if inputs is not None and callable(output):
            raise TypeError("a function makes its own inputs: give n_inputs, or at, instead of inputs")
        output, inputs = _trace(output, n_inputs, at)
    elif n_inputs is not None or at is not None:
        raise TypeError(f"n_inputs and at belong to a function; {type(output).__name__} was given")
    outputs: list[Any] = list(output) if isinstance(output, Sequence) else [output]
    if not outputs:
        raise ValueError("there is nothing to compile: no output was given")
    for node in outputs:
        if not isinstance(node, Value):
            raise TypeError(f"an output is a Value, not {node!r} of type {type(node).__name__}")
    given = _variables("inputs", () if inputs is None else inputs)
    if wrt is None:
        asked = given if inputs is not None else [x for x in toposort(*outputs) if x.op is ops.variable]
    else:
        asked = _variables("wrt", wrt)
    return Program(outputs, given, asked, backend, runner, several=not isinstance(output, Value))


def _variables(name: str, leaves: Iterable[Value] | Value) -> list[Value]:
    """The leaves as a list, if each is a variable and stands there once."""
    has_order = not isinstance(leaves, (set, frozenset)) or len(leaves) < 2
    if not isinstance(leaves, (Value, Iterable)) or not has_order:
        raise TypeError(f"{name} is a list of Values, not {leaves!r} of type {type(leaves).__name__}")
    found: list[Any] = [leaves] if isinstance(leaves, Value) else list(leaves)
    seen: set[Value] = set()
    for i, x in enumerate(found):
        if not isinstance(x, Value):
            raise TypeError(f"{name}[{i}] is no Value, but {x!r} of type {type(x).__name__}")
        if x.op is not ops.variable:
            what = "a constant" if x.op is ops.constant else f"the result of {x.op.name}"
            raise ValueError(f"{name}[{i}] is no variable, but {what}: {x!r}; only Values of your own can be given")
        if x in seen:
            raise ValueError(f"{name}[{i}] stands there twice: {x!r}")
        seen.add(x)
    return found


def _trace(function: Callable[..., Any], n_inputs: int | None, at: Sequence[float] | None) -> tuple[Any, list[Value]]:
    """What a function builds, and the `Value`s that it was called with."""
    if not callable(function):
        raise TypeError(f"compile takes a Value, several, or a function, not {function!r}")
    if n_inputs is None and at is None:
        raise TypeError("how many inputs does the function have? compile(f, n_inputs=3), or at=[0.5, 1.0, 2.0]")
    if n_inputs is not None and not isinstance(n_inputs, Integral):
        raise TypeError(f"n_inputs is a whole number, not {n_inputs!r}")
    if n_inputs is not None and n_inputs < 0:
        raise ValueError(f"n_inputs is 0 or more, not {n_inputs}")
    if at is not None and not isinstance(at, Iterable):
        raise TypeError(f"at is a list with a number for each input, not {at!r}")
    numbers = [0.5] * int(n_inputs or 0) if at is None else list(at)
    if n_inputs not in (None, len(numbers)):
        raise ValueError(f"at has {len(numbers)} numbers for {n_inputs} inputs")
    values = [Value(number, f"x_{i}") for i, number in enumerate(numbers, 1)]
    with record_comparisons() as compared:
        output = function(*values)
    if compared:
        text = "the function compared Values, or made floats of them, as math.sin does and engine.sin does not"
        hint = "engine.where(engine.greater(x, y), ...) chooses anew each time"
        warnings.warn(f"{text}: what came of it at these numbers is frozen into the program; {hint}", stacklevel=3)
    if isinstance(output, (int, float)):
        output = Value(output)
    return output, values
