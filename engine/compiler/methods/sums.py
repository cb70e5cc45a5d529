"""Sums of a program over rows of its last arguments, such as samples, as functions of the other ones."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from engine.compiler.calls.arguments import Signature
from engine.compiler.calls.arrays import join, to_shape
from engine.compiler.calls.batch import Batch
from engine.compiler.evaluation import check_threads

if TYPE_CHECKING:
    from engine.compiler.ir import IR
    from engine.compiler.program import Program

AddRows = Callable[[Batch, int], tuple[float, "array[float]"]]
AddProcesses = Callable[[Any], Any]


class Sums:
    """The sum of a program's value over rows, and that of its derivatives; made by `Program.summed`.

    Its methods take the arguments before the last ones, at one point, and `threads`, by default those of `summed`. The
    rows are copied once: later changes of the arrays that were given do not change the sums.
    """

    def __init__(
        self,
        program: Program,
        signature: Signature,
        rows: Sequence[Any],
        ir: IR,
        add_rows: AddRows,
        add_processes: AddProcesses,
        threads: int,
    ) -> None:
        self._program, self._add_rows, self._add_processes = program, add_rows, add_processes
        self._threads, shapes = check_threads(threads), signature.shapes
        if not 0 < len(rows) < len(shapes):
            problem = f"{program!r} has {len(shapes)} arguments: summed takes rows of its last ones, and not of all"
            raise ValueError(f"{problem}, but {len(rows)} were given")
        self._point = Signature(shapes[: -len(rows)], repr(self), True, signature.names[: -len(rows)])
        last = Signature(shapes[-len(rows) :], repr(self), True, signature.names[-len(rows) :])
        given = last.read(rows)
        if given.rows is None:
            raise ValueError(f"{self!r} needs batches of rows; of a single row x, this is [x]")
        if not given.rows:
            raise ValueError(f"{self!r} needs one row or more, but there are not any")
        if not set(ir.inputs[-last.size :]).isdisjoint(ir.wrt):
            raise ValueError(
                f"{self!r} would have derivatives by the rows, too: compile with wrt=0, the first argument"
            )
        point: Any = memoryview(array("d", bytes(8 * self._point.size)))
        table = join([(point, len(point), False), (given.batch.view, last.size, True)], given.rows, given.as_arrays)
        self._table, self._n, self._as_arrays = array("d", table.tobytes()), given.rows, given.as_arrays

    def __call__(self, *arguments: Any, threads: int | None = None) -> float:
        """The sum of the values."""
        return float(self._add(self._program(self._rows_at(arguments), threads=self._count(threads))))

    def value_and_grad(self, *arguments: Any, threads: int | None = None) -> tuple[float, Any]:
        """The sum of the values, and that of the derivatives, of the shape (wrt,)."""
        rows = self._rows_at(arguments)
        value, derivatives = self._add_rows(Batch(rows, rows.shape[1]), self._count(threads))
        return value, to_shape(derivatives, (len(derivatives),), not isinstance(rows, memoryview))

    def grad(self, *arguments: Any, threads: int | None = None) -> Any:
        """The sum of the derivatives, of the shape (wrt,)."""
        return self.value_and_grad(*arguments, threads=threads)[1]

    def hessian(self, *arguments: Any, threads: int | None = None) -> Any:
        """The sum of the second derivatives, of the shape (wrt, wrt)."""
        return self._add(self._program.hessian(self._rows_at(arguments), threads=self._count(threads)))

    def hvp(self, *arguments: Any, threads: int | None = None) -> Any:
        """The Hessian times a vector v, the last argument, as in `Program.hvp`: `hvp(w, v)`."""
        rows, v = self._rows_at(arguments[:-1]), arguments[-1:]
        return self._add(self._program.hvp(rows, *v, threads=self._count(threads)))

    def _add(self, results: Any) -> Any:
        """The sum of the results of all rows, and of all processes that share them."""
        return self._add_processes(_add(results))

    def _count(self, threads: int | None) -> int:
        return self._threads if threads is None else check_threads(threads)

    def _rows_at(self, arguments: tuple[Any, ...]) -> Any:
        """The rows, which begin with the arguments of one point: an array, or without arrays a memoryview."""
        call = self._point.read(arguments)
        if call.rows is not None and not call.rows == self._point.size == 1:  # SciPy gives a number as an array of one
            raise ValueError(f"{self!r} is called at one point, not with a batch")
        shape, point = (self._n, len(self._table) // self._n), array("d", call.batch.view.tobytes())
        table: Any = self._table[:]  # new in each call, which others may run beside
        if call.as_arrays or self._as_arrays:
            rows = to_shape(table, shape, True)
            rows[:, : len(point)] = point
            return rows
        for j, number in enumerate(point):
            table[j :: shape[1]] = array("d", [number]) * self._n
        return memoryview(table).cast("B").cast("d", shape)

    def __repr__(self) -> str:
        return f"<sums of {self._program!r}>"


def _add(rows: Any) -> Any:
    """The sum of the rows of an array, or of nested lists."""
    if not isinstance(rows, list):
        return rows.sum(axis=0)
    if isinstance(rows[0], list):
        return [_add(list(column)) for column in zip(*rows, strict=True)]
    return sum(rows)
