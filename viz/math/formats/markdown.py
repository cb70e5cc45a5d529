"""Markdown: tables between bars, and formulas in LaTeX, between dollars."""

from __future__ import annotations

import re
from collections.abc import Sequence

from viz.math.formats.base import Grid
from viz.math.formats.latex import LaTeX


class Markdown(LaTeX):
    """Tables with one line for each row, and formulas as in LaTeX."""

    name = "markdown"

    def text(self, words: str) -> str:
        return re.sub(
            r"([|<\[\]])", r"\\\1", " ".join(words.split())
        )  # a bar would end the cell, the others begin links

    def formula(self, written: str) -> str:
        # A backslash before a sign may be taken as Markdown's own.
        written = written.replace("|", r"\vert ").replace(r"\\", r"\cr").replace(r"\,", r"\thinspace")
        # Braces, which LaTeX does not print, keep [x](address) from being a link where formulas are not set.
        return "$" + re.sub(r"\](?=[(\[])", "]{}", written) + "$"

    def lines(self, formula: str) -> list[str]:
        return [self.formula(formula)]  # which is broken where it is shown

    def table(self, grid: Grid) -> str:
        rows = [map(self.text, grid.columns), *(map("<br>".join, row) for block in grid.blocks(self) for row in block)]
        head, *lines = (f"| {' | '.join(cells)} |" for cells in rows)
        return "\n".join([head, "|" + "---|" * len(grid.columns), *lines])

    def document(self, grids: Sequence[Grid]) -> str:
        return "\n\n".join(f"### {self.text(grid.title)}\n\n{self.table(grid)}" for grid in grids)
