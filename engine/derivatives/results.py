"""Derivatives as results: numbers, or graphs that can be differentiated again.

`grad` is the reverse sweep of one output. The others take several outputs and inputs, in lists, nested lists, or arrays
of `Value`s, and return derivatives alone, in (nested) lists, or in arrays where arrays were given: floats, or with
`create_graph` `Value`s, the graph of the derivatives. A single `Value` in place of a list gives a single derivative in
place of a list; but `grad(y, x)` is a list of one, as PyTorch's is a tuple of one. A number among the outputs is a
constant. As in `grad`,

- a derivative is along all paths, also those through another of the inputs;
- an output that does not depend on an input has the derivative 0 with respect to it;
- no `grad` is changed, and derivatives belong to the numbers that the graph was computed from (see `forward`);
- a graph of derivatives selects by `where` among the branches of a `where`, so both must have derivatives; floats are
  along the branches that are taken.

They raise TypeError and ValueError for other arguments, with the place, DomainError, with the node, if a local
derivative on a path between them is not finite, and AnomalyError while `detect_anomaly` is on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import wraps
from typing import Any, Literal, ParamSpec, TypeVar, overload

from engine._support import checks
from engine._support.arrays import ArrayLike, to_array
from engine._support.real_numbers import is_sequence, to_lists
from engine.backprop import backpropagate
from engine.derivatives.nesting import Pairs, flat, has_array, map_nodes, pair, read_nodes, read_outputs
from engine.derivatives.sweeps import FloatSweeps, GraphSweeps, Sweeps
from engine.graph import toposort
from engine.sweep import is_met_now
from engine.value import Value

P = ParamSpec("P")
R = TypeVar("R")


def _refuse_functions(derivative: Callable[P, R]) -> Callable[P, R]:
    """A decorator: a function in place of the outputs is a TypeError that says how to differentiate it."""

    @wraps(derivative)
    def checked(*args: P.args, **kwargs: P.kwargs) -> R:
        if args and callable(args[0]):
            name = derivative.__name__
            problem = f"{name} takes Values that were computed, not a function"
            raise TypeError(f"{problem}: engine.compile(f, at=[x0]).{name} is a function, of one argument such as x0")
        return derivative(*args, **kwargs)

    return checked


@overload
def grad(output: Value, inputs: ArrayLike, create_graph: bool = False) -> Any: ...
@overload
def grad(output: Value, inputs: Iterable[Value] | Value, create_graph: Literal[False] = False) -> list[float]: ...
@overload
def grad(output: Value, inputs: Iterable[Value] | Value, create_graph: Literal[True]) -> list[Value]: ...
@overload
def grad(output: Value, inputs: Iterable[Value] | Value, create_graph: bool) -> list[float] | list[Value]: ...
@_refuse_functions
def grad(output: Value, inputs: Any, create_graph: bool = False) -> Any:
    """The derivatives d(output)/d(x) for each x in inputs; `grad` is not changed.

    They are floats, or with `create_graph` they are `Value`s: the graph of the derivative, which can be drawn and
    differentiated again. An array gives an array. A single input gives a list of one, and not a number as in `jvp`,
    `vjp`, `jacobian` and `hessian`: write `[slope] = grad(y, x)`. An input that the output does not depend on has the
    derivative 0. A graph of derivatives selects by `where` among the branches of a `where`, so that
    it stays right when it is recomputed on the other side; so both branches must have derivatives.
    Raises TypeError if `inputs` is not a sequence of `Value`s, and DomainError as `backward` does.

    >>> from engine import Value
    >>> x = Value(2.0, "x")
    >>> [first] = grad(x**4, [x], create_graph=True)
    >>> first.data, grad(first, [x])
    (32.0, [48.0])
    """
    _check_output("grad", output)
    if not hasattr(inputs, "__array__"):
        inputs = [inputs] if isinstance(inputs, Value) else list(inputs)
    inputs = read_nodes(inputs, "inputs")
    wanted = list(flat(inputs))
    if create_graph:
        found = dict(zip(wanted, _gradient(GraphSweeps([output], wanted), output, wanted), strict=True))
        return map_nodes(found.__getitem__, inputs)
    pending = backpropagate(toposort(output), wanted)
    return map_nodes(lambda x: pending.get(x, 0.0), inputs)


@_refuse_functions
def jvp(outputs: Any, inputs: Any, v: Any, create_graph: bool = False) -> Any:
    """The Jacobian times a vector, J v: the derivatives of the outputs along the direction v, by one forward sweep.

    `v` has a number for each input, nested as the inputs are (with `create_graph`, also a `Value`); the result is
    nested as the outputs are. Along an input whose number is 0, nothing is differentiated.
    Raises TypeError for what is not a `Value` or a number, ValueError for a `v` of another shape, and DomainError, as
    all of these functions do, if a local derivative is not finite.

    >>> from engine import Value
    >>> x, y = Value(2.0, "x"), Value(3.0, "y")
    >>> jvp([x * y, x * x], [x, y], [1.0, 10.0])
    [23.0, 4.0]
    >>> jvp(x * y, x, 1.0)
    3.0
    """
    outputs, inputs = read_outputs(outputs, "outputs"), read_nodes(inputs, "inputs")
    return _push_forward(outputs, pair(inputs, v, "v", "inputs", create_graph), create_graph)


@_refuse_functions
def vjp(outputs: Any, inputs: Any, u: Any, create_graph: bool = False) -> Any:
    """A vector times the Jacobian, uᵀ J: the gradient of the sum of u · outputs, by one reverse sweep.

    `u` has a number for each output, nested as the outputs are (with `create_graph`, also a `Value`); the result is
    nested as the inputs are. Outputs whose number is 0 are not differentiated. Raises errors as `jvp` does.

    >>> from engine import Value
    >>> x, y = Value(2.0, "x"), Value(3.0, "y")
    >>> vjp([x * y, x * x], [x, y], [1.0, 10.0])
    [43.0, 2.0]
    """
    outputs, inputs = read_outputs(outputs, "outputs"), read_nodes(inputs, "inputs")
    pairs = pair(outputs, u, "u", "outputs", create_graph)
    sweeps = _sweeps([y for y, _ in pairs], flat(inputs), create_graph)
    found = sweeps.cotangents(_seeds(sweeps, pairs))
    return map_nodes(lambda x: found.get(x, sweeps.number(0.0)), inputs)


@_refuse_functions
def jacobian(outputs: Any, inputs: Any, create_graph: bool = False) -> Any:
    """The matrix of derivatives, J[i][j] = ∂output_i/∂input_j: a list of rows, one for each output.

    Nested lists and arrays count as flat ones, in their order; with arrays, the matrix is one, too. A single `Value` in
    place of a list takes away its axis, as in PyTorch and JAX: the Jacobian of a single output is its gradient, a list;
    with respect to a single input it is the list of derivatives of the outputs; and that of one by the other a number.

    It is one sweep, forward or reverse, whichever visits fewer edges (`engine.derivatives.modes.cheaper_mode`); in
    reverse mode with `create_graph`, one for each output. Each node carries a vector of only those entries that paths
    lead to. Raises TypeError for what is not a `Value`, and DomainError if a local derivative is not finite.

    >>> from engine import Value
    >>> x, y = Value(2.0, "x"), Value(3.0, "y")
    >>> jacobian([x * y, x * x, y.exp() * 0.0], [x, y])
    [[3.0, 2.0], [4.0, 0.0], [0.0, 0.0]]
    >>> jacobian(x * y, [x, y]), jacobian([x * y, x * x], x)
    ([3.0, 2.0], [3.0, 4.0])
    """
    outputs, inputs = read_outputs(outputs, "outputs"), read_nodes(inputs, "inputs")
    is_column, is_row = isinstance(inputs, Value), isinstance(outputs, Value)
    rows = [row[0] if is_column else row for row in _rows(list(flat(outputs)), list(flat(inputs)), create_graph)]
    matrix = rows[0] if is_row else rows
    if not has_array(outputs) and not has_array(inputs):
        return matrix
    return to_array(matrix, (*[len(rows)] * (not is_row), *[sum(1 for _ in flat(inputs))] * (not is_column)))


@_refuse_functions
def hessian(y: Value, xs: Any, create_graph: bool = False) -> Any:
    """The matrix of second derivatives, H[i][j] = ∂²y/∂x_i∂x_j, exactly symmetric: the Jacobian of the gradient of y.

    Nested lists and arrays count as flat ones; an array gives an array, and a single `Value` a number. Raises errors as
    `jacobian` does.

    >>> from engine import Value
    >>> x, y = Value(2.0, "x"), Value(3.0, "y")
    >>> hessian(x**3 * y, [x, y])
    [[36.0, 12.0], [12.0, 0.0]]
    """
    xs = read_nodes(xs, "xs")
    wanted = list(flat(xs))
    matrix = _rows(_gradient_graph("hessian", y, wanted, create_graph), wanted, create_graph)
    for i, row in enumerate(matrix):
        for j in range(i):
            matrix[j][i] = row[j]
    if isinstance(xs, Value):
        return matrix[0][0]
    return to_array(matrix, (len(wanted), len(wanted))) if has_array(xs) else matrix


@_refuse_functions
def hvp(y: Value, xs: Any, v: Any, create_graph: bool = False) -> Any:
    """The Hessian times a vector, H v, nested as xs is: the gradient of y, differentiated along v.

    That is forward mode over reverse mode, at the cost of a few gradients, whatever the number of inputs. `v` and
    the errors are as for `jvp`.

    >>> from engine import Value
    >>> x, y = Value(2.0, "x"), Value(3.0, "y")
    >>> hvp(x**3 * y, [x, y], [1.0, 10.0])
    [156.0, 12.0]
    """
    xs = read_nodes(xs, "xs")
    pairs, wanted = pair(xs, v, "v", "xs", create_graph), list(flat(xs))
    gradient = _gradient_graph("hvp", y, wanted, create_graph)
    found = dict(zip(wanted, _push_forward(gradient, pairs, create_graph), strict=True))
    return map_nodes(found.__getitem__, xs)


def _sweeps(outputs: Sequence[Value], inputs: Iterable[Value], create_graph: bool) -> Sweeps:
    return GraphSweeps(outputs, inputs) if create_graph else FloatSweeps(outputs, inputs)


def _rows(outputs: Sequence[Value], inputs: Sequence[Value], create_graph: bool) -> list[list[Any]]:
    """The rows of the Jacobian."""
    sweeps = _sweeps(outputs, inputs, create_graph)
    rows, zero = sweeps.jacobian(), sweeps.number(0.0)
    return [[rows[y].get(x, zero) for x in inputs] for y in outputs]


def _push_forward(outputs: Any, pairs: Pairs, create_graph: bool) -> Any:
    """The derivatives of the outputs along a direction, nested as the outputs are."""
    sweeps = _sweeps(list(flat(outputs)), [x for x, _ in pairs], create_graph)
    found = sweeps.tangents(_seeds(sweeps, pairs))
    return map_nodes(lambda y: found.get(y, sweeps.number(0.0)), outputs)


def _seeds(sweeps: Sweeps, pairs: Pairs) -> dict[Value, Any]:
    """The seeds of a sweep; a node that is given several times has the sum of its numbers."""
    seeds: dict[Value, Any] = {}
    for x, number in pairs:
        seed = number if isinstance(number, Value) else sweeps.number(number)
        seeds[x] = seeds[x] + seed if x in seeds else seed
    return seeds


def _gradient(sweeps: Sweeps, output: Value, wanted: Iterable[Value]) -> list[Any]:
    found = sweeps.cotangents({output: sweeps.number(1.0)})
    return [found.get(x, sweeps.number(0.0)) for x in wanted]


def _gradient_graph(function: str, y: Value, wanted: Sequence[Value], create_graph: bool) -> list[Value]:
    """The gradient of y as a graph; unless that is a result, only with the branches of `where` that are taken."""
    _check_output(function, y)
    return _gradient(GraphSweeps([y], wanted, None if create_graph else is_met_now), y, wanted)


def _check_output(function: str, y: Any) -> None:
    if not isinstance(y, Value):
        outputs, hint = to_lists(y, "the output"), ""
        if is_sequence(outputs) and any(isinstance(x, Value) for x in outputs):
            hint = ": for several there are jacobian and vjp"
            if len(outputs) == 1:
                hint = ": take the Value out of the list, as in [z] = grad(y, x, create_graph=True)"
        raise TypeError(f"{function} takes one output, a Value, not {checks.format_given(y)}{hint}")
