"""Tables of results, in columns."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

GAP = 3  # spaces between columns


def print_table(head: Sequence[str], rows: Iterable[Sequence[str | float]], digits: int = 4) -> None:
    """Print names at the left and numbers at the right, these with `digits` digits after the point; -0 is 0.

    >>> print_table(["", "truth", "estimate"], [["w_0", 0.5, 0.512345], ["w_1", -1.0, -0.00001]])
            truth   estimate
    w_0    0.5000     0.5123
    w_1   -1.0000     0.0000
    """
    texts = [
        [cell if isinstance(cell, str) else f"{round(cell, digits) + 0.0:.{digits}f}" for cell in row] for row in rows
    ]
    widths = [max(map(len, column)) for column in zip(head, *texts, strict=True)]
    for first, *others in [list(head), *texts]:
        cells = (f"{text:>{width}}" for text, width in zip(others, widths[1:], strict=True))
        print((" " * GAP).join([f"{first:{widths[0]}}", *cells]).rstrip())
