"""Tracing: a function is called once with new `Value`s, which are named by its parameters."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Sequence
from inspect import Parameter, Signature, signature
from itertools import product
from numbers import Integral, Real
from typing import Any, NamedTuple

from engine._support.arrays import to_array
from engine._support.checks import abridge
from engine._support.printable_text import make_printable
from engine._support.real_numbers import to_iterable
from engine.comparisons import record_comparisons
from engine.compiler.calls.arguments import NestedNumbers, read_argument
from engine.compiler.calls.arrays import Shape, nest
from engine.compiler.garbage_collection import garbage_collection_paused
from engine.graph import toposort
from engine.labels import distinct_names, index_label
from engine.op import DomainError
from engine.value import Value

MAX_NAMED = 6  # variables in an error message
_POSITIONAL = Parameter.POSITIONAL_ONLY, Parameter.POSITIONAL_OR_KEYWORD


class Trace(NamedTuple):
    """A function that was called: what it returned, and its arguments, of new `Value`s, with the parameters' names."""

    output: Any
    arguments: list[Any]
    names: list[str]


def trace(function: Callable[..., Any], n_inputs: int | None, at: Sequence[Any] | None) -> Trace:
    """Call a function with new `Value`s, shaped as the members of `at`; without `at`, with `n_inputs` of 0.5."""
    read = [read_argument(x, f"at[{i}]") for i, x in enumerate(_read_members(n_inputs, at))]
    names = _argument_names(function, len(read), at is not None)
    labels = [label for name, member in zip(names, read, strict=True) for label in _labels(name, member.shape)]
    variables = iter(distinct_names(labels))
    values = [[Value(number, next(variables)) for number in member.numbers.tolist()] for member in read]
    arguments = [nest(new, member.shape) for new, member in zip(values, read, strict=True)]
    # The same once more, which the function may change.
    given = [_argument(new, member) for new, member in zip(values, read, strict=True)]
    with garbage_collection_paused(), record_comparisons() as compared:
        try:
            output = function(*given)
        except DomainError as error:
            raise _explain(error, [x for new in values for x in new], read) from error
    if compared:
        text = "the function compares Values (by <, ==, or as `if x` does)"
        hint = "engine.where(engine.greater(x, y), ...) chooses in each call"
        warnings.warn(f"{text}: the result at these numbers is frozen into the program; {hint}", stacklevel=4)
    return Trace(output, arguments, ["_".join(map(str, name)) for name in names])


def _argument(values: Sequence[Value], read: NestedNumbers) -> Any:
    return to_array(values, read.shape) if read.is_array else nest(values, read.shape)


def _read_members(n_inputs: int | None, at: Sequence[Any] | None) -> list[Any]:
    """The members of `at`: numbers, lists, or arrays."""
    if n_inputs is None and at is None:
        raise TypeError("the number of inputs of the function is missing: give n_inputs=3, or at=[0.5, [1.0, 2.0]]")
    if n_inputs is not None and not isinstance(n_inputs, Integral):
        raise TypeError(f"n_inputs must be an integer, not {n_inputs!r}")
    if n_inputs is not None and n_inputs < 0:
        raise ValueError(f"n_inputs must be 0 or more, not {n_inputs}")
    if at is None:
        return [0.5] * int(n_inputs or 0)
    needs = "a list with a number, or a list of numbers, for each argument is needed"
    example = f", such as at=[{at!r}]" if isinstance(at, Real) else ""
    members = list(to_iterable(at, "at", needs + example))
    if n_inputs not in (None, len(members)):
        raise ValueError(f"at has {len(members)} members, but n_inputs is {n_inputs}")
    return members


def _argument_names(function: Callable[..., Any], n: int, is_at: bool) -> list[tuple[Any, ...]]:
    """The parameter that takes each of n arguments, with a number if it is *x, or the signature is unknown.

    Raises TypeError if the function does not take n arguments.
    """
    try:
        parameters = signature(function)
    except (TypeError, ValueError):  # of some functions that are written in C
        parameters = signature(lambda *x: x)
    if not _can_call(parameters, n):
        problem = f"at has {n} members, each of which is one argument" if is_at else f"n_inputs is {n}"
        hint = ": at=[x0] is one array or list" if is_at and _can_call(parameters, 1) else ""
        raise TypeError(f"{problem}, but the function takes {parameters}{hint}")
    names = [(x.name,) for x in parameters.parameters.values() if x.kind in _POSITIONAL][:n]
    more = (x.name for x in parameters.parameters.values() if x.kind is Parameter.VAR_POSITIONAL)
    return [*names, *((name, k) for name in more for k in range(1, n - len(names) + 1))]


def _can_call(parameters: Signature, n: int) -> bool:
    """Whether a function with these parameters can be called with n arguments."""
    try:
        parameters.bind(*range(n))
    except TypeError:
        return False
    return True


def _labels(name: tuple[Any, ...], shape: Shape) -> Iterable[str]:
    """The labels of the numbers of one argument: x, or x_1, x_2, …, or x_11, x_12, …"""
    letter, *place = name
    for indices in product(*[range(1, n + 1) for n in shape]):
        yield index_label(letter, (*place, *indices))


def _explain(error: DomainError, values: Sequence[Value], read: Sequence[NestedNumbers]) -> DomainError:
    """The error of a function that is not defined at the numbers, with other ones if these may be at fault."""
    point = ", ".join(f"{make_printable(x.label)} = {x.data!r}" for x in values[:MAX_NAMED])
    more = ", …" if len(values) > MAX_NAMED else ""
    hint = ""
    if not set(values).isdisjoint(toposort(*error.operands)):
        threes = abridge([nest([3.0] * len(x.numbers), x.shape) for x in read])
        hint = f"; give numbers where it has a value, such as at={threes}"
    return DomainError(f"the function was traced at {point}{more}{hint}: {error}")
