"""Nested lists, tuples and arrays of `Value`s: reading them, and results that are nested as they are.

Where an array of NumPy was given, there is an array in the result: of floats, or of objects for `Value`s.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from numbers import Real
from typing import Any

from engine import ops
from engine._support.arrays import to_array
from engine._support.real_numbers import as_float, to_iterable, to_lists
from engine.value import Value

Nested = Any  # a Value, or a list or an array of objects, of these
Pairs = list[tuple[Value, Any]]  # nodes with their tangents or cotangents: numbers, or Values

_VALUES = frozenset({Value})


def make_constant(number: float) -> Value:
    """A constant: as a variable, `compile` would take it for one of the user's."""
    node = Value(number)
    node.op = ops.constant
    return node


def read_nodes(given: Any, name: str) -> Nested:
    """`Value`s in nested lists and arrays; an array without axes holds a single one. TypeError names the place."""
    return _read(given, name, None)


def read_outputs(given: Any, name: str) -> Nested:
    """Outputs, likewise; real numbers among them become constants. Raises TypeError if all of them are numbers.

    >>> x = Value(2.0, "x")
    >>> read_outputs([[x, 0]], "outputs")
    [[Value(data=2.0, grad=0.0, label='x'), Value(data=0.0, grad=0.0)]]
    """
    numbers: list[Value] = []
    nodes = _read(given, name, numbers)
    if numbers and len(numbers) == sum(1 for _ in flat(nodes)):
        kind = f"{numbers[0].data!r}, a number" if isinstance(nodes, Value) else "made of numbers alone"
        problem = f"{name} must be computed with Values, but is {kind}"
        raise TypeError(f"{problem}: x.data is a number that does not depend on x; a constant is Value(0.5)")
    return nodes


def _read(given: Any, name: str, numbers: list[Value] | None) -> Nested:
    """`Value`s in nested lists and arrays. With a list `numbers`, numbers become constants, appended to it."""
    if isinstance(given, Value):
        return given
    if type(given) is list and _VALUES.issuperset(map(type, given)):
        return given.copy()  # as most are
    if numbers is not None and isinstance(given, (float, int, Real)):
        numbers.append(make_constant(as_float(given, f"{name} is")))
        return numbers[-1]
    entries = to_lists(given, name)
    if entries is not given and not isinstance(entries, list):
        return _read(entries, name, numbers)
    hint = "; of a dict, list(d.values())" if isinstance(given, Mapping) else ""
    entries = to_iterable(entries, name, f"a Value is needed, or a list of Values{hint}")
    nodes = [_read(x, f"{name}[{i}]", numbers) for i, x in enumerate(entries)]
    return to_array(nodes, given.shape) if hasattr(given, "__array__") and hasattr(given, "shape") else nodes


def flat(nodes: Nested) -> Iterator[Value]:
    """The `Value`s, in order."""
    if isinstance(nodes, Value):
        yield nodes
    else:
        for part in nodes:
            yield from flat(part)


def has_array(nodes: Nested) -> bool:
    """Whether there is an array among the nested lists."""
    return not isinstance(nodes, Value) and (not isinstance(nodes, list) or any(map(has_array, nodes)))


def map_nodes(function: Callable[[Value], Any], nodes: Nested) -> Any:
    """The results of a function, nested as the `Value`s are."""
    if isinstance(nodes, Value):
        return function(nodes)
    results = [function(part) if isinstance(part, Value) else map_nodes(function, part) for part in nodes]
    return results if isinstance(nodes, list) else to_array(results, nodes.shape)


def pair(nodes: Nested, given: Any, name: str, nested_as: str, allow_values: bool) -> Pairs:
    """Each `Value` with its number in `given`, which is nested likewise; without those whose number is 0."""
    if isinstance(nodes, Value):
        if allow_values and isinstance(given, Value):
            return [(nodes, given)]
        number = as_float(given, f"{name} is", f"a number is needed for {nested_as}")
        return [(nodes, number)] if number else []
    numbers = list(to_iterable(given, name, f"a number is needed for each of {nested_as}"))
    if len(numbers) != len(nodes):
        entries = "1 entry" if len(numbers) == 1 else f"{len(numbers)} entries"
        raise ValueError(f"{name} has {entries}, but {nested_as} has {len(nodes)}: one number is needed for each")
    parts = enumerate(zip(nodes, numbers, strict=True))
    return [
        one
        for i, (node, number) in parts
        for one in pair(node, number, f"{name}[{i}]", f"{nested_as}[{i}]", allow_values)
    ]
