"""The one reader of real numbers that users give: single ones, and rows of them in lists, arrays, frames and tensors.

NumPy is not imported: arrays are known by the buffer protocol, and by the attributes and methods that NumPy, pandas,
PyTorch and JAX share.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, cast

from engine._support.checks import abridge

_PLAIN, _LISTS = frozenset({float, int, bool}), frozenset({list, tuple})  # the types that most users give
_TEXT = (str, bytes, bytearray)
_NEEDS_NUMBER = "a number such as 3.0 is needed"
_TRACED = 'in jax.jit, jax.grad or jax.vmap, call the function of the source_for("jax") of a program'


def as_float(given: Any, problem: str, needs: str = _NEEDS_NUMBER) -> float:
    """A real number of any type as a float; `problem` and `needs` begin and end the message of an error.

    Numbers of NumPy, and others with `__float__`, are read too. Raises TypeError for anything else (complex numbers,
    text, dates, masked entries, nodes of a graph), ValueError for a finite number above the largest float.

    >>> as_float(True, "x is"), as_float(3, "x is")
    (1.0, 3.0)
    >>> as_float(2j, "x is")
    Traceback (most recent call last):
    ...
    TypeError: x is 2j, of type complex: a number such as 3.0 is needed
    """
    try:
        number = float(given) if _is_real(given) else None
    except OverflowError:
        number = math.inf
    except (TypeError, ValueError, RuntimeError):  # RuntimeError is PyTorch's for a complex number
        number = None
    if number is None:
        of_node = "; a Value's own number is its .data, and its graph ends where numbers are taken: compile the whole"
        hint = _TRACED if _is_traced(given) else needs + (of_node if hasattr(given, "inputs") else "")
        raise TypeError(f"{problem} {abridge(given)}, of type {type(given).__name__}: {hint}")
    if math.isinf(number) and given != number:
        raise ValueError(f"{problem} {abridge(given)}, too large for a float")
    return number


def parse_float(text: str) -> float:
    """The number that a text spells. Raises ValueError if it spells none, or one above the largest float.

    >>> parse_float("1e400")
    Traceback (most recent call last):
    ...
    ValueError: '1e400' is too large for a float
    """
    try:
        number = float(text)
    except ValueError:
        raise ValueError(f"{text.strip()!r} is not a number") from None
    if math.isinf(number) and "inf" not in text.lower():
        raise ValueError(f"{text.strip()!r} is too large for a float")
    return number


def check_real(number: float, name: str, minimum: float = 0.0, below: float = math.inf) -> float:
    """The number as a float. Raises ValueError or TypeError unless it is in [minimum, below).

    >>> check_real(1, "momentum", below=1.0)
    Traceback (most recent call last):
    ...
    ValueError: momentum is 1; it must be at least 0 and below 1
    """
    found = number if type(number) is float else as_float(number, f"{name} is")
    if not minimum <= found < below:
        needs = "a finite number" if below == math.inf else f"below {below:g}"
        raise ValueError(f"{name} is {number!r}; it must be {'above' if minimum else 'at least'} 0 and {needs}")
    return found


def _is_real(given: Any) -> bool:
    """Whether `float(given)` is its number: NumPy converts text, dates, complex and masked numbers too."""
    if isinstance(given, (float, int)):
        return True
    if isinstance(given, (*_TEXT, complex)) or not hasattr(given, "__float__"):
        return False
    is_single = getattr(given, "ndim", 0) == 0 and _masked_place(given) is None
    return is_single and _is_real_type(getattr(given, "dtype", None))


def _is_traced(data: Any) -> bool:
    """Whether JAX traces a function, which is called with arrays that do not have numbers yet."""
    tracer = getattr(getattr(sys.modules.get("jax"), "core", None), "Tracer", ())
    return isinstance(data, tracer)


def _is_real_type(dtype: Any) -> bool:
    """Whether a dtype of NumPy is that of real numbers: its own, or bfloat16. Those of other libraries do not say."""
    return getattr(dtype, "kind", "f") in "biuf" or getattr(dtype, "isbuiltin", 0) == 2


def _masked_place(data: Any) -> str | None:
    """The index of the first masked entry of an array of NumPy, such as "[2][0]"; None if no entry is masked."""
    mask: Any = getattr(data, "mask", None)
    if not hasattr(mask, "nonzero") or not mask.any():
        return None
    return "".join(f"[{i}]" for i in next(zip(*mask.nonzero(), strict=True))) if mask.ndim else ""


def check_not_masked(data: Any, name: str) -> None:
    """Raise TypeError, which names the place, if an entry of an array is masked."""
    if (place := _masked_place(data)) is not None:
        raise TypeError(f"{name}{place} is masked: {_NEEDS_NUMBER}")


def to_lists(data: Any, name: str) -> Any:
    """Arrays, data frames and tensors as (nested) lists, other objects as they are.

    Raises TypeError for an array of text, dates, complex numbers or structures, for masked entries, and for what JAX
    traces; the objects in an array of objects are not checked.
    """
    if type(data) in _LISTS:
        return data
    if _is_traced(data):
        raise TypeError(f"{name} is {abridge(data)}, an array without numbers: {_TRACED}")
    if hasattr(data, "to_numpy"):  # a data frame, which iterates over the names of its columns
        data = data.to_numpy()
    elif hasattr(data, "__array__") and not hasattr(data, "tolist"):
        data = data.__array__()
    if not hasattr(data, "tolist"):
        return data
    dtype = getattr(data, "dtype", None)
    if not _is_real_type(dtype) and getattr(dtype, "kind", "") != "O":
        raise TypeError(f"{name} has the dtype {dtype}: real numbers are needed")
    check_not_masked(data, name)
    try:
        return data.tolist()
    except NotImplementedError as error:  # by which a memoryview refuses a format that it cannot read
        raise TypeError(f"{name} cannot be read: {error}") from error


def is_sequence(data: Any) -> bool:
    """Whether the result of `to_lists` is a sequence, and not text."""
    return isinstance(data, Sequence) and not isinstance(data, _TEXT)


def read_numbers(given: Iterable[Any], name: str, needs: str = _NEEDS_NUMBER) -> list[float]:
    """The numbers of a flat sequence, called `name` in errors, as floats. Raises errors as `as_float` does.

    >>> read_numbers([1.5, 2, "3"], "inputs")
    Traceback (most recent call last):
    ...
    TypeError: inputs[2] is '3', of type str: a number such as 3.0 is needed
    """
    numbers = list(given)
    if _PLAIN.issuperset(map(type, numbers)):
        try:
            return list(map(float, numbers))
        except OverflowError:
            pass  # the next line names the number
    return [as_float(x, f"{name}[{i}] is", needs) for i, x in enumerate(numbers)]


def to_iterable(data: Any, name: str, needs: str) -> Iterable[Any]:
    """The entries of a list, an array or an iterator. Raises TypeError for text, and for types without an order."""
    if type(data) in _LISTS:
        return cast(Iterable[Any], data)
    entries = to_lists(data, name)
    try:
        if not isinstance(entries, (*_TEXT, set, frozenset, Mapping)):
            iter(entries)  # some types, such as ctypes' arrays, have only __getitem__
            return cast(Iterable[Any], entries)
    except TypeError:
        pass
    raise TypeError(f"{name} is {abridge(data)}, of type {type(data).__name__}: {needs}")


def is_plain(row: Any) -> bool:
    """Whether this is a list or tuple of Python's numbers (NumPy's float64 is one), which need not be read singly."""
    if type(row) not in _LISTS:
        return False
    return _PLAIN.issuperset(map(type, row)) or all(issubclass(t, (float, int)) for t in set(map(type, row)))


def read_nested(data: Any, name: str) -> Any:
    """A number as a float, or sequences, nested to any depth, as lists of floats. Raises errors as `as_float` does.

    >>> read_nested([[1, 2.5], (True,)], "W")
    [[1.0, 2.5], [1.0]]
    """
    data = to_lists(data, name)
    if not is_sequence(data):
        return as_float(data, f"{name} is", "numbers are needed, in rows of one length")
    if _PLAIN.issuperset(map(type, data)):
        return read_numbers(data, name)
    return [read_nested(x, f"{name}[{i}]") for i, x in enumerate(data)]
