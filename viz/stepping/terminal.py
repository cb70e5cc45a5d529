"""Text at a terminal: lines break between terms of a formula, tables keep their heads, and colours mark what is new."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from typing import IO

# Colours of the 256 that terminals know, each between those of the light and the dark theme of drawings, so that both
# can be read on black and on white.
DERIVATIVE, MARK = 68, 166
_NUMBER = r"[−-]?[0-9][^\s,]*"
_DERIVATIVE = re.compile(
    rf"(?<![\w∂])[∂d][^\s/]+/[∂d][^\s,:;)?]+(?: = {_NUMBER}(?=$|,|\n))?|(?<=gradient ){_NUMBER}(?: \+ …)?"
)
_PLACE = r"(?:step [0-9]+ of [0-9]+, \w+: )|(?:> +(?:[0-9]+  (?:\w+: )?)?)"
_MARKED = re.compile(rf"^({_PLACE})([^\s:]+(?: (?:→|->) [^\s:]+)?)", re.MULTILINE)

# Where a line may break, the best first: between the columns of a table, after a comma or a sentence, before a side of
# an equation or an arrow of a path, before a term, at a space that does not belong to an = or a factor, and before a
# factor.
_BREAKS = [
    re.compile(pattern)
    for pattern in (
        r"(?<=[^\s=])   *(?=\S)",
        r"(?<=[,:;.?]) ",
        r" (?=[=→←] |<- |-> )",
        r" (?=[+−-] )",
        r"(?<! [=·*/]) (?![=·*/→←] )",
        r" (?=[·*/] )",
    )
]
_MARK_AND_NUMBER = re.compile(r"^[> ]*(?:[0-9]+  )?")
_PADDING = re.compile(r"(?<=\S)   +")  # in a line that is too long for its columns
_IS_FORMULA = re.compile(r" (=|→|←|->|<-) ")


def wrap(text: str, width: int) -> str:
    """The text, with lines that are longer than the width broken where they read best; other lines stay.

    >>> print(wrap("  y = 2·x + 3·z = 4.5, and z = 0.5 too\\n  s, step [k]: do one step", 24))
      y = 2·x + 3·z = 4.5,
        and z = 0.5 too
      s, step [k]: do one
        step
    """
    return "\n".join(part for line in text.split("\n") for part in _wrap_line(line, width))


def _wrap_line(line: str, width: int) -> list[str]:
    start = len(line) - len(_MARK_AND_NUMBER.sub("", line))
    indent = " " * (start + 2)
    is_formula = _IS_FORMULA.search(line)
    breaks = _BREAKS if is_formula else _BREAKS[-2:-1]
    if is_formula and len(line) > width:
        line = _PADDING.sub("  ", line)
    parts = []
    while len(line) > width:
        place = _best_break(line, start, width, breaks)
        if place is None:
            break
        parts.append(line[: place.start()])
        line, start = indent + line[place.end() :], len(indent)
    return [*parts, line]


def _best_break(line: str, start: int, width: int, breaks: Sequence[re.Pattern[str]]) -> re.Match[str] | None:
    """The last place of the best kind within the width, if it does not leave most of the line empty; else any place."""
    for least in (max(start + 1, width // 3), start + 1):
        for pattern in breaks:
            places = [found for found in pattern.finditer(line, least) if found.start() <= width]
            if places:
                return places[-1]
    return re.compile(" ").search(line, max(start + 1, 1))


def fit_table(lines: Sequence[str], width: int, height: int, cut: str = "…") -> list[str]:
    """The lines of a table, cut off at the width, with the head repeated so that the last screen begins with it.

    >>> fit_table(["node  formula", "x", "y     2·x + 3", "z"], 10, 3)
    ['node  for…', 'x', 'node  for…', 'y     2·x…', 'z']
    """
    head, *rows = (line if len(line) <= width else f"{line[: width - len(cut)]}{cut}" for line in lines)
    size = max(height - 1, 1)
    starts = [0, *range(len(rows) % size or size, len(rows), size)]
    return [line for i, j in zip(starts, [*starts[1:], len(rows)], strict=True) for line in (head, *rows[i:j])]


def has_colours(stream: IO[str], environment: Mapping[str, str] = os.environ) -> bool:
    """Whether to write colours: to a terminal that knows them, unless the variable NO_COLOR is set.

    >>> import sys
    >>> has_colours(sys.__stdout__, {"NO_COLOR": "1"})
    False
    """
    return stream.isatty() and not environment.get("NO_COLOR") and environment.get("TERM", "dumb") != "dumb"


def colour(text: str) -> str:
    """The text with derivatives in blue, and the present node marked.

    >>> colour("step 3 of 3, backward: y → x")
    'step 3 of 3, backward: \\x1b[1;38;5;166my → x\\x1b[0m'
    """
    text = _MARKED.sub(lambda found: found[1] + _paint(found[2], f"1;38;5;{MARK}"), text)
    return _DERIVATIVE.sub(lambda found: _paint(found[0], f"38;5;{DERIVATIVE}"), text)


def _paint(text: str, code: str) -> str:
    return f"\x1b[{code}m{text}\x1b[0m"


def colour_column(lines: Sequence[str], name: str) -> list[str]:
    r"""The lines of a table with the column of this head in blue.

    >>> colour_column(["x  ∂  y", "1  2  3"], "∂")
    ['x  ∂  y', '1  \x1b[38;5;68m2  \x1b[0m3']
    """
    start = lines[0].find(name)
    if start < 0:
        return list(lines)
    rest = lines[0][start + len(name) :]
    end = start + len(name) + len(rest) - len(rest.lstrip())
    parts = [(line[:start], line[start:end], line[end:]) for line in lines]
    return [
        before + (cell if cell.strip() in ("", "?", name) else _paint(cell, f"38;5;{DERIVATIVE}")) + after
        for before, cell, after in parts
    ]
