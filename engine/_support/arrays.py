"""Arrays of numbers and of objects as results. NumPy is imported only where there is an array already."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol

from engine._support.real_numbers import to_lists


class ArrayLike(Protocol):
    """An array of NumPy."""

    def __array__(self) -> Any: ...


def to_array(nested: Sequence[Any], shape: tuple[int, ...]) -> Any:
    """Floats, or `Value`s, as an array of this shape."""
    import numpy as np

    return np.array(nested).reshape(shape)


def apply_to_elements(function: Callable[..., Any], arguments: Sequence[Any]) -> Any:
    """A function of numbers and `Value`s at each element of arrays, which are broadcast.

    >>> import numpy as np
    >>> apply_to_elements(max, [np.array([0.5, 1.5]), 1.0])
    array([1. , 1.5])
    """
    import numpy as np

    lists = [to_lists(x, "an array") if hasattr(x, "__array__") else x for x in arguments]
    found = np.asarray(np.frompyfunc(function, len(lists), 1)(*lists), dtype=object)
    return to_array(found.tolist(), found.shape)[()]
