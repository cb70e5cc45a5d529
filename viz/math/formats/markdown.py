"""Markdown: tables between bars, and formulas in LaTeX, between dollars."""

from __future__ import annotations

from collections.abc import Sequence

from viz.math.formats.base import Grid
from viz.math.formats.latex import LaTeX


class Markdown(LaTeX):
    """Tables with one line for each row, and formulas as in LaTeX."""

    name = "markdown"

    def text(self, words: str) -> str:
        return " ".join(words.split()).replace("|", "\\|")  # a bar would end the cell

    def formula(self, written: str) -> str:
        return "$" + written.replace("|", r"\vert ") + "$"

    def table(self, grid: Grid) -> str:
        rows = [map(self.text, grid.columns), *(map("<br>".join, row) for block in grid.blocks(self) for row in block)]
        head, *lines = (f"| {' | '.join(cells)} |" for cells in rows)
        return "\n".join([head, "|" + "---|" * len(grid.columns), *lines])

    def document(self, grids: Sequence[Grid]) -> str:
        return "\n\n".join(f"### {grid.title}\n\n{self.table(grid)}" for grid in grids)
