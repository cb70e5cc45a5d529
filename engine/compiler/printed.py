"""Formulas that run as Python: each function is printed, and defined, when it is first called."""

from __future__ import annotations

from array import array
from collections.abc import Callable
from functools import cached_property
from typing import Any

from engine.compiler.formulas import Formulas
from engine.compiler.python import Printer, define
from engine.compiler.rows import Rows


class Printed:
    """Formulas as Python functions; `Program` says what they do."""

    def __init__(self, formulas: Formulas) -> None:
        self._formulas = formulas

    def single(self, row: list[float], parameters: array[float]) -> tuple[float, list[float]]:
        """The value of one row, and its derivatives."""
        result: tuple[float, list[float]] = self._value_and_grad(*row, parameters)
        return result

    def sum_over(self, rows: Rows, parameters: array[float], totals: array[float], threads: int) -> None:
        """The sums over all rows; threads would wait for each other, so there is one."""
        totals[:] = array("d", self._sum_over(rows.tolist(), parameters))

    def each(self, rows: Rows, parameters: array[float]) -> list[float]:
        """The values of each row."""
        run = self._value
        return [value for row in rows.tolist() for value in run(*row, parameters)]

    @cached_property
    def _value_and_grad(self) -> Callable[..., Any]:
        return self._defined(Printer.value_and_grad)

    @cached_property
    def _sum_over(self) -> Callable[..., Any]:
        return self._defined(Printer.sum_over)

    @cached_property
    def _value(self) -> Callable[..., Any]:
        return self._defined(Printer.value)

    def _defined(self, lines: Callable[[Printer], list[str]]) -> Callable[..., Any]:
        printer = Printer(self._formulas, "python")
        return define(lines(printer), printer.functions)
