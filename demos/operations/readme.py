"""The README's table of operations: written by the same command as `engine/OPERATIONS.md`, between two marks."""

from __future__ import annotations

from pathlib import Path

from demos.operations.document import formulas, table

README = Path(__file__).parents[2] / "README.md"
BEGIN, END = "<!-- operations: python -m demos.operations --write -->\n", "<!-- end of operations -->\n"


def block() -> str:
    """Every operation with its formula and its local derivatives, as a table of Markdown."""
    return table(row[:-1] for row in formulas())


def with_table(text: str) -> str:
    """A text with the table between the marks.

    >>> with_table(f"before\\n{BEGIN}old{END}after").startswith(f"before\\n{BEGIN}| operation | z |")
    True
    """
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}{block()}{END}{after}"
