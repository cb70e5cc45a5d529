"""`compile`: from a graph to a program that computes its value and its gradient, for one sample or many."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from numbers import Integral
from typing import Any

from engine import ops
from engine._support.checks import check_choice
from engine._support.keywords import suggest_keywords
from engine._support.printable_text import make_printable
from engine.compiler.calls.results import Nesting
from engine.compiler.garbage_collection import garbage_collection_paused
from engine.compiler.program import Program
from engine.compiler.tracing import MAX_NAMED, trace
from engine.derivatives.nesting import flat, read_outputs
from engine.graph import toposort
from engine.value import Value


@suggest_keywords(
    example_inputs="at=[0.5] gives the numbers at which a function is traced",
    argnums="wrt=0 differentiates by the first argument",
)
def compile(
    output: Value | Sequence[Any] | Callable[..., Any],
    inputs: Iterable[Any] | Value | None = None,
    wrt: Iterable[Any] | Value | int | str | None = None,
    backend: str = "auto",
    *,
    n_inputs: int | None = None,
    at: Sequence[Any] | None = None,
    dtype: Any = None,
    devices: Any = None,
) -> Program:
    """Compile a graph, or a function, to a program that computes `output` and its derivatives by the leaves `wrt`.

    `output` is a `Value`, several in nested lists, tuples or arrays, in which numbers are constants, or a function that
    returns them. `inputs` are the leaves whose values are given with each call, or for each row: each is an argument of
    the program, a `Value`, or an array or nested lists of `Value`s. The other members of `wrt` are the parameters of
    the program: they are kept in `program.parameters`, start with the present values of their `Value`s, and are copied
    from and to them by `load` and `store`. All other leaves are frozen to their present values. By default, `wrt` is
    the inputs; without inputs, it is every variable of the graph. A number in `wrt` stands for the argument at that
    place, and a name for the argument of that name, of a function.

    A function is traced: called once, and the graph that it builds is compiled. Each member of `at` is one argument, at
    which it is called: a number for a `Value`, nested lists, or an array, for as many `Value`s in lists or in an array
    of objects. `n_inputs` is that number of arguments of 0.5 each. Branches that Python code took while the graph was
    built are frozen into it; a traced function that compares `Value`s gives a warning.

    `backend` is a target that runs programs (see `engine.compiler.targets`): "python" (needs nothing; its source can be
    read), "llvm" (machine code; needs llvmlite, the extra `native`), "numpy" (in matrix form), "jax" (the same by XLA,
    on a CPU or on GPUs; the extra `jax`), or "auto": llvm if it is installed. With "numpy" and "jax", `dtype` is
    "float64", the default, or "float32", also as a type of NumPy; with "jax", `devices` is a number of devices, a
    platform such as "gpu", or JAX's devices themselves; by default it is all of this process.

    The derivative with respect to a member of `wrt` that the output does not depend on is 0.

    Raises TypeError for an output, input or member of `wrt` that is not a `Value`, and ValueError for an unknown
    backend, or one without this `dtype` or these `devices`, for inputs or `wrt` that are not variables, or are given
    twice, and for an input that is not in the graph (or a `wrt` of which no member is) while other variables would be
    frozen; DomainError for a function that is not defined at the numbers at which it is traced.

    >>> x, w = Value(2.0, "x"), Value(3.0, "w")
    >>> program = compile(w * x * x, inputs=[x], wrt=[x, w], backend="python")
    >>> program(2.0), program.value_and_grad(2.0)
    (12.0, (12.0, [12.0, 4.0]))
    >>> compile(lambda x, y: x * y + x.sin(), n_inputs=2).value_and_grad(0.0, 2.0)
    (0.0, [3.0, 0.0])
    >>> pendulum = compile(lambda t, y: [y[1], -y[0].sin()], at=[0.0, [0.5, 0.0]], wrt=1)
    >>> pendulum(0.0, [0.0, 2.0]), pendulum.jacobian(0.0, [0.0, 2.0])
    ([2.0, -0.0], [[0.0, 1.0], [-1.0, 0.0]])
    """
    names: list[str] | None = None
    if callable(output):
        if inputs is not None:
            raise TypeError("a function is traced with inputs of its own: give at=[x0], or n_inputs, instead of inputs")
        output, inputs, names = trace(output, n_inputs, at)
    elif n_inputs is not None or at is not None:
        raise TypeError(f"n_inputs and at are for a function to trace, but output is a {type(output).__name__}")
    output = read_outputs(output, "output" if names is None else "the function's result")
    outputs = list(flat(output))
    if not outputs:
        raise ValueError("output must contain at least one Value, but it is empty")
    arguments = _read_arguments("inputs", () if inputs is None else inputs)
    leaves = _check_variables("inputs", arguments)
    with garbage_collection_paused():
        order = toposort(*outputs)
        if wrt is not None:
            wanted = _check_variables("wrt", _read_wrt(wrt, arguments, names))
        else:
            wanted = leaves if inputs is not None else [x for x in order if x.op is ops.variable]
        if names is None:
            _check_read(order, leaves, wanted)
        return Program(output, arguments, wanted, backend, order=order, dtype=_read_dtype(dtype), devices=devices)


def _read_dtype(dtype: Any) -> Any:
    """The name of a type of NumPy or JAX, as numpy.float32; anything else as it is."""
    return dtype if isinstance(dtype, str) else getattr(dtype, "name", getattr(dtype, "__name__", dtype))


def _read_arguments(name: str, given: Any) -> list[Any]:
    """The members of a list; an array is a list of its entries, and a single Value a list of one."""
    has_order = not isinstance(given, (set, frozenset)) or len(given) < 2
    if isinstance(given, (str, bytes)) or not isinstance(given, (Value, Iterable)) or not has_order:
        raise TypeError(f"{name} must be a list of Values, not {given!r} of type {type(given).__name__}")
    return [given] if isinstance(given, Value) else list(given)


def _read_wrt(wrt: Any, arguments: Sequence[Any], names: Sequence[str] | None) -> list[Any]:
    """The members of `wrt`, in which the name or the number of an argument stands for its Values."""
    members = [wrt] if isinstance(wrt, (Integral, str)) else _read_arguments("wrt", wrt)
    for i, member in enumerate(members):
        if isinstance(member, Integral):
            if int(member) not in range(len(arguments)):
                raise ValueError(f"wrt is by argument {member}, but there are {len(arguments)}, counted from 0")
            members[i] = arguments[int(member)]
        elif isinstance(member, str):
            check_choice(member, names or (), "argument", "" if names else "those of a function, by its parameters")
            members[i] = arguments[(names or ()).index(member)]
    return members


def _check_variables(name: str, members: Sequence[Any]) -> list[Value]:
    """The variables in nested lists, in order. Raises an error unless they are distinct, and each list is regular."""
    found: list[Value] = []
    seen: set[Value] = set()
    for i, member in enumerate(members):
        nesting, place = Nesting(member), f"{name}[{i}]"
        if not nesting.leaves:
            raise ValueError(f"{place} is an argument without numbers: {member!r}")
        if nesting.shape is None:
            raise ValueError(f"{place} is an argument whose lists are of different lengths: {member!r}")
        for x in nesting.leaves:
            if not isinstance(x, Value):
                raise TypeError(f"{place} must be a Value, not {x!r} of type {type(x).__name__}")
            if x.op is not ops.variable:
                kind = "a constant" if x.op is ops.constant else f"the result of {x.op.name}"
                raise ValueError(f"{place} must be a variable, a Value that you made, not {kind}: {x!r}")
            if x in seen:
                raise ValueError(f"{place} is given twice: {x!r}")
            seen.add(x)
        found += nesting.leaves
    return found


def _check_read(order: Sequence[Value], inputs: Sequence[Value], wrt: Sequence[Value]) -> None:
    """Raise ValueError if variables would be frozen while an input, or every member of `wrt`, is not in the graph."""
    unread = set(inputs).difference(order) or set(wrt if set(wrt).isdisjoint(order) else ())
    frozen = {x for x in order if x.op is ops.variable}.difference(inputs, wrt)
    if unread and frozen:
        name, leaves = ("inputs", inputs) if unread.intersection(inputs) else ("wrt", wrt)
        i, x = next((i, x) for i, x in enumerate(leaves) if x in unread)
        others = ", ".join([make_printable(x.label) or repr(x) for x in order if x in frozen][:MAX_NAMED])
        more = f" and {len(frozen) - MAX_NAMED} more" if len(frozen) > MAX_NAMED else ""
        raise ValueError(
            f"{name}[{i}], {x!r}, is not in the graph, whose variables {others}{more} are in neither inputs nor wrt, so"
            " that they would be frozen"
        )
