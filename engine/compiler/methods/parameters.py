"""The methods of a program for training: its parameters in memory, and sums of its derivatives over rows."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping, MutableSequence, Sequence
from typing import Any, cast

from engine._support.cached_property import CachedProperty
from engine._support.real_numbers import read_numbers, to_iterable
from engine.backprop import check_numbers
from engine.compiler.calls.arguments import Signature
from engine.compiler.calls.arrays import view_memory
from engine.compiler.calls.batch import Batch
from engine.compiler.calls.results import Nesting
from engine.compiler.diagnose import Diagnosis
from engine.compiler.evaluation import check_threads
from engine.compiler.targets import Executable, SharedExecutable
from engine.value import Value


class Trainable:
    """The base class of `Program`, which explains `parameters` and `gradient`."""

    _signature: Signature
    _inputs: list[Value]
    _outputs: Nesting
    _has_gradient: bool
    _text: str
    _executable: Executable
    _diagnosis: Diagnosis

    def __init__(self, parameters: Sequence[Value], numbers: Mapping[Value, float], wrt_order: Sequence[int]) -> None:
        """Memory for the parameters, which have these numbers, and for the sums of the value and its derivatives.

        In memory, the derivatives by the parameters come first; `wrt_order` has the place of each member of `wrt`.
        """
        self._parameters, self._wrt_order = parameters, wrt_order
        self._in_order = wrt_order == sorted(wrt_order)
        self._numbers = array("d", [numbers[x] for x in parameters])
        self._totals = array("d", bytes(8 * (1 + len(wrt_order))))
        # A view keeps an array from growing, so that its address stays the same.
        self._parameter_memory: MutableSequence[float] = cast(Any, memoryview(self._numbers))
        self._derivatives: Sequence[float] = cast(Any, memoryview(self._totals)[1:])
        self._gradient: Sequence[float] = self._derivatives[: len(parameters)]
        start, n = self._totals.buffer_info()
        self._totals_start, self._totals_end = start, start + 8 * n

    @property
    def parameters(self) -> MutableSequence[float]:
        """The parameters; one can be assigned, or all of them: `program.parameters = [0.5, ...]`."""
        return self._parameter_memory

    @parameters.setter
    def parameters(self, numbers: Iterable[float]) -> None:
        given = read_numbers(to_iterable(numbers, "parameters", "a list of numbers is needed"), "parameters")
        if len(given) != len(self._numbers):
            raise ValueError(f"{self!r} has {len(self._numbers)} parameters, but {len(given)} were given")
        for i, number in enumerate(given):
            self._parameter_memory[i] = number

    @property
    def gradient(self) -> Sequence[float]:
        """The derivatives with respect to the parameters, summed over the rows of the last `sum_over`."""
        return self._gradient

    def load(self) -> None:
        """Copy the `data` of the parameters' `Value`s into `parameters`."""
        check_numbers(self._parameters)
        for i, x in enumerate(self._parameters):
            self.parameters[i] = x.data

    def store(self) -> None:
        """Copy `parameters` into the `data` of their `Value`s."""
        for x, number in zip(self._parameters, self.parameters, strict=True):
            x.data = number

    def _add_rows(self, batch: Batch, threads: int) -> tuple[float, array[float]]:
        """The sum of the value, and those of its derivatives, in new memory."""
        totals = array("d", bytes(8 * (1 + len(self._wrt_order))))
        try:
            self._executable.sum_over(batch, self._numbers, totals, check_threads(threads))
        except (ArithmeticError, ValueError) as error:
            raise self._diagnosis.locate(error, batch, 1) from error
        return totals[0], array("d", [totals[1 + i] for i in self._wrt_order])

    def _add_processes(self, sums: Any) -> Any:
        """Sums over rows, added up over all processes that share these."""
        executable = self._executable
        return executable.add_processes(sums) if isinstance(executable, SharedExecutable) else sums

    def sum_over(self, rows: Any, threads: int = 1) -> tuple[float, Sequence[float]]:
        """The sum of the value over all rows, and the sums of its derivatives with respect to `wrt`.

        `rows` are sequences with a number for each input, data frames, or arrays of shape (rows, inputs), which are not
        copied if they are C-contiguous, writable and of float64. The derivatives are doubles in the program's own
        memory (that of `gradient`), which the next call overwrites: an array where `rows` is one. With "llvm", the rows
        are split among `threads`, if that is worth it, and Python's global lock is released.

        Raises ValueError, which names the row, for a wrong number of inputs, and if there are several outputs; an error
        that names the place, such as `rows[2][0]`, for anything but a real number.
        """
        if not self._has_gradient or threads != 1:  # what is called often is fast without further calls
            self._outputs.check_single("gradient", self._text)
            threads = check_threads(threads)
        try:
            batch = Batch(rows, len(self._inputs))
        except (TypeError, ValueError) as error:
            hint = "; sums over batches of arguments are summed(x, y)" if any(self._signature.shapes) else ""
            raise type(error)(f"{error}{hint}") from error
        if self._totals_start <= batch.address < self._totals_end:  # rows that view the derivatives of the last call
            batch = Batch(batch.tolist(), len(self._inputs))
        totals = self._totals
        try:
            self._executable.sum_over(batch, self._numbers, totals, threads)
        except (ArithmeticError, ValueError) as error:
            raise self._diagnosis.locate(error, batch, 1) from error
        if self._in_order:
            return totals[0], self._derivatives_in_array if hasattr(rows, "__array__") else self._derivatives
        found = array("d", [self._derivatives[i] for i in self._wrt_order])
        return totals[0], view_memory(memoryview(found)) if hasattr(rows, "__array__") else found

    @CachedProperty
    def _derivatives_in_array(self) -> Any:
        return view_memory(cast(Any, self._derivatives))
