"""A program at one point, which is called without arguments: its numbers are in memory that stays in place."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NoReturn, cast

from engine._support.real_numbers import read_numbers, to_iterable
from engine.compiler.calls.arguments import Call
from engine.compiler.calls.arrays import view_memory
from engine.compiler.calls.batch import Batch
from engine.compiler.ir import IR
from engine.compiler.targets import Point


class EvaluatedPoint:
    """Memory for one point, where Python code evaluates the formulas of an IR: the `Point` of every target."""

    def __init__(self, evaluate: Callable[[Call], memoryview[float]], ir: IR) -> None:
        x, results = (array("d", bytes(8 * len(it))) for it in (ir.inputs, ir.values))
        self._evaluate, self._call = evaluate, Call(Batch.of(x, 1, len(x)), None, False)
        self.x: memoryview[float] = cast(Any, memoryview(x))
        self.results: memoryview[float] = cast(Any, memoryview(results))

    def run(self, answer: object = None) -> Callable[[], Any]:
        """A function that computes `results` at `x`, and returns `answer`, or if that is None the first result."""

        def run() -> Any:
            self.results[:] = self._evaluate(self._call)
            return self.results[0] if answer is None else answer

        return run


class Bound:
    """A program with memory for its inputs and results; made by `Program.bind`.

    To call it computes `value` and `gradient` at `x`, in place, and returns the value, or of several outputs the array
    of them. The three are arrays of NumPy if it is installed, else memoryviews.

    Attributes:
        x: The inputs, of the shape (n,), which can be changed. `bound.x = [...]` copies numbers into it.
        value: The outputs, of the shape (outputs,).
        gradient: The derivatives, of the shape (wrt,).
        run: The function that a call calls. For machine code it is a C function, which saves half of the time of a
            short call; it may be kept, even alone.
    """

    def __init__(self, point: Point, x: Sequence[float], n_derivatives: int | None, program: str, why: str) -> None:
        self._has_gradient, self._program, self._why_no_gradient = n_derivatives is not None, program, why
        point.x[:] = array("d", x)
        results = point.results
        n_values = len(results) - (n_derivatives or 0)
        self._x, self._value, self._gradient = map(view_memory, (point.x, results[:n_values], results[n_values:]))
        self.run = point.run(None if self._has_gradient else self._value)
        self.run()

    @property
    def x(self) -> Any:
        """The inputs."""
        return self._x

    @x.setter
    def x(self, numbers: Iterable[float]) -> None:
        given = read_numbers(to_iterable(numbers, "x", "a list of numbers is needed"), "x")
        if len(given) != len(self._x):
            raise ValueError(f"{self!r} has {len(self._x)} inputs, but {len(given)} were given")
        self._x[:] = array("d", given)

    @property
    def value(self) -> Any:
        """The outputs."""
        return self._value

    @property
    def gradient(self) -> Any:
        """The derivatives. Raises ValueError if there are several outputs."""
        if not self._has_gradient:
            raise ValueError(f"{self._program} {self._why_no_gradient}")
        return self._gradient

    def __call__(self, *arguments: object) -> Any:
        """Compute in place, and return the value. Raises TypeError for arguments: the numbers are `x`."""
        if arguments:
            raise TypeError(f"{self!r} takes no arguments: write the numbers into bound.x, and call it")
        return self.run()

    def __repr__(self) -> str:
        return f"<bound {self._program}>"

    def __reduce__(self) -> NoReturn:
        raise TypeError(f"{self!r} cannot be copied or pickled: copy or pickle the program, and bind that")
