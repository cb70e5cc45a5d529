"""Printing: in ASCII if that is all that can be shown; at a terminal, lines break where they read best."""

from __future__ import annotations

import io
import shutil
import sys
from collections.abc import Callable

from viz.math.ascii import can_print_formulas, transliterate
from viz.math.formats.text import MIN_NAME_WIDTH
from viz.stepping.terminal import wrap

CELL = 2 + MIN_NAME_WIDTH  # where the cells of a table begin, as text


def say(text: str, wrap: Callable[[str, int], str] = wrap) -> None:
    """Print the text; at a terminal, `wrap` breaks lines that are longer than its width."""
    text = text if can_print_formulas(sys.stdout) else transliterate(text)
    print(wrap(text, shutil.get_terminal_size().columns) if sys.stdout.isatty() else text)


def print_utf8(text: str) -> None:
    """Print a file of text, such as a picture, whose encoding is UTF-8 wherever it goes to."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8")
    print(text, end="")


def wrap_table(text: str, width: int) -> str:
    """A table of formulas as text, in which long lines go on below their cells.

    >>> print(wrap_table("Step 1: x\\n  local derivative    ∂y/∂x = 2 · 3 · 4 + 5 · 6", 40))
    Step 1: x
      local derivative    ∂y/∂x = 2 · 3 · 4
                            + 5 · 6
    """
    lines = []
    for line in text.split("\n"):
        name, cell = (line[:CELL], line[CELL:]) if line.startswith("  ") else ("", line)
        lines.append(name + wrap(cell, width - len(name)).replace("\n", "\n" + " " * len(name)))
    return "\n".join(lines)
