"""`Program`: a compiled graph, with the same methods for every backend."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, MutableSequence, Sequence
from numbers import Integral
from typing import Any, NoReturn, cast

from engine._support.cached_property import CachedProperty
from engine._support.real_numbers import read_numbers, to_iterable
from engine.backprop import check_numbers
from engine.compiler import targets
from engine.compiler.batch import Batch
from engine.compiler.diagnose import Interpreter
from engine.compiler.garbage_collection import garbage_collection_paused
from engine.compiler.ir import build_ir
from engine.compiler.naming import format_comment
from engine.graph import toposort
from engine.op import DomainError
from engine.value import Value

_FLOAT = frozenset({float})


class Program:
    """A compiled graph, made by `compile`.

    It has memory of its own, so that only one thread at a time may run it: each thread compiles its own program. It
    cannot be copied or pickled; its graph can.

    Attributes:
        backend: The target that runs it, such as "python" or "llvm".
        parameters: The members of `wrt` that are not inputs, as a writable buffer of doubles, which NumPy can share:
            `numpy.frombuffer(program.parameters)`.
        gradient: The derivatives with respect to the parameters, summed over the rows of the last `sum_over`; also a
            writable buffer.
    """

    def __init__(
        self,
        outputs: list[Value],
        inputs: list[Value],
        wrt: list[Value],
        backend: str,
        *,
        multiple_outputs: bool,
    ) -> None:
        self.backend, runner = targets.find_runner(backend)
        self._outputs, self._inputs, self._wrt, self._multiple_outputs = outputs, inputs, wrt, multiple_outputs
        given = set(inputs)
        self._parameters = [x for x in wrt if x not in given]
        parameters_first = self._parameters + [x for x in wrt if x in given]  # the order of derivatives in memory
        position = {x: i for i, x in enumerate(parameters_first)}
        self._wrt_order = [position[x] for x in wrt]
        self._in_order = self._wrt_order == sorted(self._wrt_order)
        check_numbers([*self._parameters, *(x for x in toposort(*outputs) if not x.inputs and x not in given)])
        with garbage_collection_paused():
            self._ir = build_ir(outputs, inputs, parameters_first, gradient=not multiple_outputs)
        self._frozen = {x: x.data for x in toposort(*outputs) if not x.inputs}
        self._numbers = array("d", [x.data for x in self._parameters])
        self._totals = array("d", bytes(8 * (1 + len(wrt))))
        # A view keeps an array from growing, so that its address stays the same.
        self._parameter_memory: MutableSequence[float] = cast(Any, memoryview(self._numbers))
        self._derivatives: Sequence[float] = cast(Any, memoryview(self._totals)[1:])
        self.gradient = self._derivatives[: len(self._parameters)]
        start, n = self._totals.buffer_info()
        self._totals_start, self._totals_end = start, start + 8 * n
        self._executable = runner(self._ir)

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

    def load(self) -> None:
        """Copy the `data` of the parameters' `Value`s into `parameters`."""
        check_numbers(self._parameters)
        for i, x in enumerate(self._parameters):
            self.parameters[i] = x.data

    def store(self) -> None:
        """Copy `parameters` into the `data` of their `Value`s."""
        for x, number in zip(self._parameters, self.parameters, strict=True):
            x.data = number

    def __call__(self, *inputs: float) -> Any:
        """The value of the output for these inputs; a list of values if there are several outputs."""
        values = self._values(Batch([array("d", self._check_row(inputs))], len(inputs)))
        return values if self._multiple_outputs else values[0]

    def value_and_grad(self, *inputs: float) -> tuple[float, list[float]]:
        """The value, and its derivatives with respect to `wrt`, in that order.

        Raises ValueError if there are several outputs. On an arithmetic error, the "python" backend raises a
        DomainError that names the node; "llvm" computes with NaN and infinity, and `check` names the node.
        """
        self._check_single_output()
        row = self._check_row(inputs)
        try:
            value, gradient = self._executable.single(row, self._numbers)
        except (ArithmeticError, ValueError) as error:
            raise self._diagnose(error, [row]) from error
        return value, gradient if self._in_order else [gradient[i] for i in self._wrt_order]

    def sum_over(self, rows: Any, threads: int = 1) -> tuple[float, Sequence[float]]:
        """The sum of the value over all rows, and the sums of its derivatives with respect to `wrt`.

        `rows` are sequences with a number for each input, data frames, or arrays of shape (rows, inputs), which are not
        copied if they are C-contiguous, writable and of float64. The derivatives are doubles in the program's own
        memory (that of `gradient`), which the next call overwrites. With "llvm", the rows are split among `threads`,
        and Python's global lock is released.

        Raises ValueError, which names the row, for a wrong number of inputs, and if there are several outputs; an error
        that names the place, such as `rows[2][0]`, for anything but a real number.
        """
        self._check_single_output()
        if not isinstance(threads, Integral) or threads < 1:
            raise ValueError(f"threads must be an integer of 1 or more, not {threads!r}")
        batch = Batch(rows, len(self._inputs))
        if self._totals_start <= batch.address < self._totals_end:  # rows that view the derivatives of the last call
            batch = Batch(batch.tolist(), len(self._inputs))
        totals = self._totals
        try:
            self._executable.sum_over(batch, self._numbers, totals, threads)
        except (ArithmeticError, ValueError) as error:
            raise self._diagnose(error, batch.tolist()) from error
        derivatives = self._derivatives
        return totals[0], derivatives if self._in_order else array("d", [derivatives[i] for i in self._wrt_order])

    def each(self, rows: Any) -> list[Any]:
        """The value for each row, without derivatives: a list, of lists if there are several outputs."""
        results, n = self._values(Batch(rows, len(self._inputs))), len(self._outputs)
        return [results[i : i + n] for i in range(0, len(results), n)] if self._multiple_outputs else results

    def check(self, rows: Any = ((),)) -> None:
        """Raise a DomainError for the first row, and its first node, whose value or derivative is not finite."""
        for i, row in enumerate(Batch(rows, len(self._inputs)).tolist()):
            try:
                self._interpreter.run(self._leaves(row), strict=True)
            except DomainError as error:
                raise DomainError(f"row {i}: {error}") from error

    @property
    def source(self) -> str:
        """The program in Python, in the form of the paper's Section 5: the forward pass, then the backward pass."""
        return self.source_for("python")

    def source_for(self, target: str) -> str:
        """The program in the language of a target.

        "python" and "numpy" give Python modules, which convert what they are given to floats and refuse what is not a
        real number; for NumPy each input is an array with all rows. "llvm" gives LLVM's assembly language, for one row.
        "javascript" gives a module with the whole graph: `values`, `derivatives` and `steps` of all its nodes.
        Raises ValueError for another target, and for an operation that the target does not implement.
        """
        return targets.find_printer(target)(self._ir, self._wrt_order)

    @property
    def llvm_ir(self) -> str:
        """LLVM's assembly language for one row: of the gradient, or of the values if there are several outputs."""
        return self.source_for("llvm")

    @staticmethod
    def backends() -> list[str]:
        """The names of the targets that run programs, any of which is a `backend` of `compile`."""
        return targets.runner_names()

    def _check_row(self, inputs: Sequence[float]) -> list[float]:
        if len(inputs) != len(self._inputs):
            hint = ": a row is given as program(*row)" if inputs and isinstance(inputs[0], Iterable) else ""
            raise ValueError(f"{self!r} takes {len(self._inputs)} inputs, but {len(inputs)} were given{hint}")
        return list(inputs) if _FLOAT.issuperset(map(type, inputs)) else read_numbers(inputs, "inputs")

    def _check_single_output(self) -> None:
        if self._multiple_outputs:
            raise ValueError(f"{self!r} has several outputs, but a gradient needs a single one: compile one Value")

    def _values(self, batch: Batch) -> list[float]:
        """The values of all rows, in row-major order."""
        try:
            return self._executable.each(batch, self._numbers)
        except (ArithmeticError, ValueError) as error:
            raise self._diagnose(error, batch.tolist(), gradient=False) from error

    @CachedProperty
    def _interpreter(self) -> Interpreter:
        return Interpreter(self._outputs, [] if self._multiple_outputs else self._wrt, self._frozen)

    def _leaves(self, row: Sequence[float]) -> dict[Value, float]:
        return dict(zip((*self._parameters, *self._inputs), (*self.parameters, *row), strict=True))

    def _diagnose(self, error: Exception, rows: Sequence[Sequence[float]], gradient: bool = True) -> DomainError:
        """A DomainError that names the node at which an error arises, and the row if there are several."""
        for i, row in enumerate(rows):
            try:
                self._interpreter.run(self._leaves(row), gradient=gradient)
            except DomainError as located:
                return DomainError(f"row {i}: {located}") if len(rows) > 1 else located
        return DomainError(f"a derivative of {self!r} is not finite: {error}")

    def __reduce__(self) -> NoReturn:
        raise TypeError(f"{self!r} cannot be copied or pickled: copy or pickle the graph, and compile that")

    def __repr__(self) -> str:
        names = [format_comment(x.label) or "?" for x in self._inputs[:4]] + (["…"] if len(self._inputs) > 4 else [])
        return f"<program of ({', '.join(names)}), {len(self._parameters)} parameters, compiled to {self.backend}>"
