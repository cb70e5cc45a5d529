"""Derivatives as results: numbers, or graphs that can be differentiated again.

`grad` is the reverse sweep of one output. The others take several outputs and inputs, in lists, nested lists, or arrays
of `Value`s, and return derivatives alone, in (nested) lists: floats, or with `create_graph` `Value`s, the graph of the
derivatives. A single `Value` in place of a list gives a single derivative in place of a list. As in `grad`,

- a derivative is along all paths, also those through another of the inputs;
- an output that does not depend on an input has the derivative 0 with respect to it;
- no `grad` is changed, and derivatives belong to the numbers that the graph was computed from (see `forward`);
- a graph of derivatives selects by `where` among the branches of a `where`, so both must have derivatives; floats are
  along the branches that are taken.

They raise TypeError and ValueError for other arguments, with the place, DomainError, with the node, if a local
derivative on a path between them is not finite, and AnomalyError while `detect_anomaly` is on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Literal, overload

from engine._support import checks
from engine._support.real_numbers import as_float, to_iterable, to_lists
from engine.backprop import backpropagate
from engine.derivative_sweeps import FloatSweeps, GraphSweeps, Sweeps
from engine.graph import toposort
from engine.sweep import is_met_now
from engine.value import Value

Nested = Any  # a Value, or a list of these, nested to any depth
Pairs = list[tuple[Value, Any]]  # nodes with their tangents or cotangents: numbers, or Values


@overload
def grad(output: Value, inputs: Iterable[Value] | Value, create_graph: Literal[False] = False) -> list[float]: ...
@overload
def grad(output: Value, inputs: Iterable[Value] | Value, create_graph: Literal[True]) -> list[Value]: ...
@overload
def grad(output: Value, inputs: Iterable[Value] | Value, create_graph: bool) -> list[float] | list[Value]: ...
def grad(output: Value, inputs: Iterable[Value] | Value, create_graph: bool = False) -> list[float] | list[Value]:
    """The derivatives d(output)/d(x) for each x in inputs; `grad` is not changed.

    They are floats, or with `create_graph` they are `Value`s: the graph of the derivative, which can be drawn and
    differentiated again. A single input gives a list of one. An input that the output does not depend on has the
    derivative 0. A graph of derivatives selects by `where` among the branches of a `where`, so that it stays right when
    it is recomputed on the other side; so both branches must have derivatives.
    Raises TypeError if `inputs` is not a sequence of `Value`s, and DomainError as `backward` does.

    >>> from engine import Value
    >>> x = Value(2.0, "x")
    >>> [first] = grad(x**4, [x], create_graph=True)
    >>> first.data, grad(first, [x])
    (32.0, [48.0])
    """
    wanted = [inputs] if isinstance(inputs, Value) else list(inputs)
    for x in (output, *wanted):
        if not isinstance(x, Value):
            raise TypeError(f"grad takes an output and the Values to differentiate with respect to, not {x!r}")
    if create_graph:
        return _gradient(GraphSweeps([output], wanted), output, wanted)
    pending = backpropagate(toposort(output), wanted)
    return [pending.get(x, 0.0) for x in wanted]


def jvp(outputs: Any, inputs: Any, v: Any, create_graph: bool = False) -> Any:
    """The Jacobian times a vector, J v: the derivatives of the outputs along the direction v, by one forward sweep.

    `v` has a number for each input, nested as the inputs are (with `create_graph`, also a `Value`); the result is
    nested as the outputs are. Along an input whose number is 0, nothing is differentiated.

    >>> from engine import Value
    >>> x, y = Value(2.0, "x"), Value(3.0, "y")
    >>> jvp([x * y, x * x], [x, y], [1.0, 10.0])
    [23.0, 4.0]
    >>> jvp(x * y, x, 1.0)
    3.0
    """
    outputs, inputs = _read_nodes(outputs, "outputs"), _read_nodes(inputs, "inputs")
    return _push_forward(outputs, _pairs(inputs, v, "v", "inputs", create_graph), create_graph)


def vjp(outputs: Any, inputs: Any, u: Any, create_graph: bool = False) -> Any:
    """A vector times the Jacobian, uᵀ J: the gradient of the sum of u · outputs, by one reverse sweep.

    `u` has a number for each output, nested as the outputs are (with `create_graph`, also a `Value`); the result is
    nested as the inputs are. Outputs whose number is 0 are not differentiated.

    >>> from engine import Value
    >>> x, y = Value(2.0, "x"), Value(3.0, "y")
    >>> vjp([x * y, x * x], [x, y], [1.0, 10.0])
    [43.0, 2.0]
    """
    outputs, inputs = _read_nodes(outputs, "outputs"), _read_nodes(inputs, "inputs")
    pairs = _pairs(outputs, u, "u", "outputs", create_graph)
    sweeps = _sweeps([y for y, _ in pairs], _flat(inputs), create_graph)
    found = sweeps.cotangents(_seeds(sweeps, pairs))
    return _map(lambda x: found.get(x, sweeps.number(0.0)), inputs)


def jacobian(outputs: Any, inputs: Any, create_graph: bool = False) -> Any:
    """The matrix of derivatives, J[i][j] = ∂output_i/∂input_j: a list of rows, one for each output.

    Nested lists and arrays count as flat ones, in their order. A single `Value` in place of a list takes away its
    axis, as in PyTorch and JAX: the Jacobian of a single output is its gradient, a list; with respect to a single input
    it is the list of derivatives of the outputs; and that of one by the other a number.

    It is one sweep, forward or reverse, whichever visits fewer edges (see `engine.modes.cheaper_mode`). Each node
    carries a vector of only those entries that paths lead to.

    >>> from engine import Value
    >>> x, y = Value(2.0, "x"), Value(3.0, "y")
    >>> jacobian([x * y, x * x, y.exp() * 0.0], [x, y])
    [[3.0, 2.0], [4.0, 0.0], [0.0, 0.0]]
    >>> jacobian(x * y, [x, y]), jacobian([x * y, x * x], x)
    ([3.0, 2.0], [3.0, 4.0])
    """
    outputs, inputs = _read_nodes(outputs, "outputs"), _read_nodes(inputs, "inputs")
    sweeps = _sweeps(list(_flat(outputs)), list(_flat(inputs)), create_graph)
    rows, zero = sweeps.jacobian(), sweeps.number(0.0)

    def row(y: Value) -> Any:
        found = rows[y]
        return [found.get(x, zero) for x in _flat(inputs)] if isinstance(inputs, list) else found.get(inputs, zero)

    return [row(y) for y in _flat(outputs)] if isinstance(outputs, list) else row(outputs)


def hessian(y: Value, xs: Any, create_graph: bool = False) -> Any:
    """The matrix of second derivatives, H[i][j] = ∂²y/∂x_i∂x_j, exactly symmetric: the Jacobian of the gradient of y.

    Nested lists and arrays count as flat ones. With respect to a single `Value`, it is a number.

    >>> from engine import Value
    >>> x, y = Value(2.0, "x"), Value(3.0, "y")
    >>> hessian(x**3 * y, [x, y])
    [[36.0, 12.0], [12.0, 0.0]]
    """
    xs = _read_nodes(xs, "xs")
    wanted = list(_flat(xs))
    matrix = jacobian(_gradient_graph("hessian", y, wanted, create_graph), wanted, create_graph)
    for i, row in enumerate(matrix):
        for j in range(i):
            matrix[j][i] = row[j]
    return matrix if isinstance(xs, list) else matrix[0][0]


def hvp(y: Value, xs: Any, v: Any, create_graph: bool = False) -> Any:
    """The Hessian times a vector, H v, nested as xs is: the gradient of y, differentiated along v.

    That is forward mode over reverse mode, at the cost of a few gradients, whatever the number of inputs. `v` is as for
    `jvp`.

    >>> from engine import Value
    >>> x, y = Value(2.0, "x"), Value(3.0, "y")
    >>> hvp(x**3 * y, [x, y], [1.0, 10.0])
    [156.0, 12.0]
    """
    xs = _read_nodes(xs, "xs")
    pairs, wanted = _pairs(xs, v, "v", "xs", create_graph), list(_flat(xs))
    gradient = _gradient_graph("hvp", y, wanted, create_graph)
    found = dict(zip(wanted, _push_forward(gradient, pairs, create_graph), strict=True))
    return _map(found.__getitem__, xs)


def _sweeps(outputs: Sequence[Value], inputs: Iterable[Value], create_graph: bool) -> Sweeps:
    return GraphSweeps(outputs, inputs) if create_graph else FloatSweeps(outputs, inputs)


def _push_forward(outputs: Any, pairs: Pairs, create_graph: bool) -> Any:
    """The derivatives of the outputs along a direction, nested as the outputs are."""
    sweeps = _sweeps(list(_flat(outputs)), [x for x, _ in pairs], create_graph)
    found = sweeps.tangents(_seeds(sweeps, pairs))
    return _map(lambda y: found.get(y, sweeps.number(0.0)), outputs)


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
    checks.check_instance(y, Value, f"{function} takes one output, a Value")
    return _gradient(GraphSweeps([y], wanted, None if create_graph else is_met_now), y, wanted)


def _read_nodes(given: Any, name: str) -> Nested:
    """`Value`s in nested lists, tuples and arrays, as nested lists."""
    if not isinstance(given, Value):
        given = to_lists(given, name)  # an array without axes holds a single one
    if isinstance(given, Value):
        return given
    entries = to_iterable(given, name, "a Value is needed, or a list of Values")
    return [_read_nodes(x, f"{name}[{i}]") for i, x in enumerate(entries)]


def _flat(nodes: Nested) -> Iterator[Value]:
    """The `Value`s of nested lists, in order."""
    if isinstance(nodes, list):
        for part in nodes:
            yield from _flat(part)
    else:
        yield nodes


def _map(function: Callable[[Value], Any], nodes: Nested) -> Any:
    """The results of a function, nested as the `Value`s are."""
    return [_map(function, part) for part in nodes] if isinstance(nodes, list) else function(nodes)


def _pairs(nodes: Nested, given: Any, name: str, nested_as: str, create_graph: bool) -> Pairs:
    """Each `Value` with its number in `given`, which is nested likewise; without those whose number is 0."""
    if not isinstance(nodes, list):
        if create_graph and isinstance(given, Value):
            return [(nodes, given)]
        number = as_float(given, f"{name} is", f"a number is needed for {nested_as}")
        return [(nodes, number)] if number else []
    numbers = list(to_iterable(given, name, f"a number is needed for each of {nested_as}"))
    if len(numbers) != len(nodes):
        entries = "1 entry" if len(numbers) == 1 else f"{len(numbers)} entries"
        raise ValueError(f"{name} has {entries}, but {nested_as} has {len(nodes)}: one number is needed for each")
    parts = enumerate(zip(nodes, numbers, strict=True))
    return [
        pair
        for i, (node, number) in parts
        for pair in _pairs(node, number, f"{name}[{i}]", f"{nested_as}[{i}]", create_graph)
    ]
