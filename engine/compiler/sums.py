"""Sums of a program over rows of its last arguments, such as samples, as functions of the other ones."""

from __future__ import annotations

from array import array
from math import prod
from typing import TYPE_CHECKING, Any

from engine.compiler.calls.arguments import Signature
from engine.compiler.calls.arrays import to_shape

if TYPE_CHECKING:
    from engine.compiler.ir import IR
    from engine.compiler.program import Program


class Sums:
    """The sum of a program's value over rows, and that of its derivatives; made by `Program.summed`.

    Its methods take the arguments before the last ones, at one point. Sums are of what the program gives for each row.
    """

    def __init__(self, program: Program, signature: Signature, rows: tuple[Any, ...], ir: IR) -> None:
        self._program, self._rows, shapes = program, rows, signature.shapes
        if not 0 < len(rows) < len(shapes):
            problem = f"{program!r} has {len(shapes)} arguments: summed takes rows of its last ones, and not of all"
            raise ValueError(f"{problem}, but {len(rows)} were given")
        self._point = Signature(shapes[: -len(rows)], repr(self), is_part=True)
        last = Signature(shapes[-len(rows) :], repr(self), is_part=True)
        if last.read(rows).rows is None:
            raise ValueError(f"{self!r} needs batches of rows; of a single row x, this is [x]")
        if not set(ir.inputs[-last.size :]).isdisjoint(ir.wrt):
            raise ValueError(
                f"{self!r} would have derivatives by the rows, too: compile with wrt=0, the first argument"
            )

    def __call__(self, *arguments: Any, threads: int = 1) -> float:
        """The sum of the values."""
        return float(_add(self._program(*self._all(arguments), threads=threads)))

    def value_and_grad(self, *arguments: Any, threads: int = 1) -> tuple[float, Any]:
        """The sum of the values, and that of the derivatives, of the shape (wrt,)."""
        values, derivatives = self._program.value_and_grad(*self._all(arguments), threads=threads)
        return float(_add(values)), _add(derivatives)

    def grad(self, *arguments: Any, threads: int = 1) -> Any:
        """The sum of the derivatives, of the shape (wrt,)."""
        return _add(self._program.grad(*self._all(arguments), threads=threads))

    def hessian(self, *arguments: Any, threads: int = 1) -> Any:
        """The sum of the second derivatives, of the shape (wrt, wrt)."""
        return _add(self._program.hessian(*self._all(arguments), threads=threads))

    def hvp(self, *arguments: Any, threads: int = 1) -> Any:
        """The Hessian times a vector v of the shape (wrt,), the last argument: `hvp(w, v)`."""
        return _add(self._program.hvp(*self._all(arguments[:-1]), *arguments[-1:], threads=threads))

    def _all(self, arguments: tuple[Any, ...]) -> tuple[Any, ...]:
        """All arguments of the program: those of one point, each of its own shape, and the rows."""
        call, start, point = self._point.read(arguments), 0, []
        if call.rows is not None and not call.rows == self._point.size == 1:  # SciPy gives a number as an array of one
            raise ValueError(f"{self!r} is called at one point, not with a batch")
        [numbers] = call.batch.tolist()
        for shape in self._point.shapes:
            point.append(to_shape(array("d", numbers[start : start + prod(shape)]), shape, call.as_arrays))
            start += prod(shape)
        return *point, *self._rows

    def __repr__(self) -> str:
        return f"<sums of {self._program!r}>"


def _add(rows: Any) -> Any:
    """The sum of the rows of an array, or of nested lists."""
    if not isinstance(rows, list):
        return rows.sum(axis=0)
    if rows and isinstance(rows[0], list):
        return [_add(list(column)) for column in zip(*rows, strict=True)]
    return sum(rows)
