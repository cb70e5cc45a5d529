"""A program at one point, which is called without arguments: its numbers are in memory that stays in place."""

from __future__ import annotations

from array import array
from collections.abc import Callable
from functools import partial
from typing import Any

from engine.compiler.calls.arguments import Call
from engine.compiler.calls.arrays import view_memory
from engine.compiler.calls.batch import Batch


class Bound:
    """A program with memory for its inputs and results; made by `Program.bind`.

    To call it computes `value` and `gradient` at `x`, in place, and returns the value, or of several outputs the array
    of them. The three are arrays of NumPy if it is installed, else memoryviews.

    Attributes:
        x: The inputs, of the shape (n,), which can be changed.
        value: The outputs, of the shape (outputs,).
        gradient: The derivatives, of the shape (wrt,).
    """

    def __init__(self, run: Callable[[Call], array[float]], x: array[float], n_derivatives: int | None) -> None:
        n = len(x)
        self._has_gradient = n_derivatives is not None
        self._compute = partial(run, Call(Batch.of(x, 1, n), None, False))
        results = memoryview(self._compute())
        self._results = results
        n_values = len(results) - (n_derivatives or 0)
        self.x, self.value, self._gradient = map(view_memory, (memoryview(x), results[:n_values], results[n_values:]))

    @property
    def gradient(self) -> Any:
        """The derivatives. Raises ValueError if there are several outputs."""
        if not self._has_gradient:
            raise ValueError("there are several outputs, so that there is not a gradient: take program.jacobian(x)")
        return self._gradient

    def __call__(self) -> Any:
        """Compute in place, and return the value."""
        self._results[:] = memoryview(self._compute())
        return self._results[0] if self._has_gradient else self.value
