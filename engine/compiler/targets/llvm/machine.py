"""Formulas that run as machine code: for one row or for many at a time, each made when it is first needed."""

from __future__ import annotations

from array import array

from engine.compiler.formulas import Formulas
from engine.compiler.rows import Rows
from engine.compiler.targets.llvm.native import Native


class Machine:
    """Formulas as machine code; `Program` says what it does. NaN and infinity travel through it."""

    def __init__(self, formulas: Formulas) -> None:
        self._formulas = formulas
        self._natives: dict[tuple[bool, bool], Native] = {}
        self._totals = array("d", bytes(8 * (1 + len(formulas.wrt))))  # of a single row

    def single(self, row: list[float], parameters: array[float]) -> tuple[float, list[float]]:
        """The value of one row, and its derivatives."""
        self.sum_over(Rows([row], len(row)), parameters, self._totals, 1)
        value, *gradient = self._totals
        return value, gradient

    def sum_over(self, rows: Rows, parameters: array[float], totals: array[float], threads: int) -> None:
        """The sums over all rows."""
        if rows.n:
            self._native(True, rows.n).sum_over(rows, parameters, totals, threads)
        else:
            totals[:] = array("d", bytes(8 * len(totals)))

    def each(self, rows: Rows, parameters: array[float]) -> list[float]:
        """The values of each row."""
        return self._native(False, rows.n).each(rows, parameters).tolist() if rows.n else []

    def _native(self, summed: bool, n: int) -> Native:
        many = n > 1 or (summed, True) in self._natives
        if (summed, many) not in self._natives:
            self._natives[summed, many] = Native(self._formulas, many=many, summed=summed)
        return self._natives[summed, many]
