"""Text in aligned columns."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence


def align_columns(rows: Iterable[Sequence[str]], align: Callable[[str, int], str] = str.ljust) -> list[str]:
    """A line for each row, with two spaces between columns, each as wide as its widest cell.

    >>> print(*align_columns([["node", "value"], ["z_1", "0.5"]], str.rjust), sep="\\n")
    node  value
     z_1    0.5
    """
    rows = list(rows)
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return ["  ".join(map(align, row, widths)).rstrip() for row in rows]
