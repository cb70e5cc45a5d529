"""Print for terminals that know ASCII alone."""

from __future__ import annotations

import re
from typing import IO

from engine.labels import NAME_OF
from viz.formats.text import SUBSCRIPTS, SUPERSCRIPTS

_SIGNS = {"−": "-", "·": "*", "×": "x", "→": "->", "←": "<-", "∂": "d", "Σ": "sum ", "∘": "o", "…": "...", "⋯": "..."}
_SIGNS |= {"✓": "ok", "✗": "WRONG", "√": "sqrt ", "∞": "inf", "½": "1/2", "“": '"', "”": '"', "\u0302": "_hat"}
_SIGNS |= {letter: name for letter, name in NAME_OF.items() if letter not in "Σ"}
_SIGNS |= {chr(0x1D400 + i): chr(0x41 + i) for i in range(26)} | {chr(0x1D41A + i): chr(0x61 + i) for i in range(26)}
_SIGNS |= {"𝛅": "delta", "ℝ": "R"}  # bold letters lose their weight
_SMALL = {"_": SUBSCRIPTS, "^": SUPERSCRIPTS}  # and what a run of them begins with
_RUNS = {mark: re.compile(f"[{re.escape(''.join(table.values()))}]+") for mark, table in _SMALL.items()}
_LARGE = str.maketrans({small: char for table in _SMALL.values() for char, small in table.items()})


def in_ascii(text: str) -> str:
    """The text with typed-out indices and signs; what has no such form is written as its code.

    >>> in_ascii("∂E/∂a₁⁽²⁾ = δ₁⁽²⁾ · 2 = −0.5")
    'dE/da_1^(2) = delta_1^(2) * 2 = -0.5'
    """
    for mark, run in _RUNS.items():
        text = run.sub(rf"{mark}\g<0>", text)
    text = text.translate(_LARGE)
    for sign, word in _SIGNS.items():
        text = text.replace(sign, word)
    return text.encode("ascii", "backslashreplace").decode()


def can_show(stream: IO[str]) -> bool:
    """Whether a stream knows the signs that formulas need.

    >>> import io
    >>> can_show(io.TextIOWrapper(io.BytesIO(), encoding="latin-1")), can_show(io.StringIO())
    (False, True)
    """
    try:
        "∂a₁⁽²⁾ → 𝐖ᵀ ✓".encode(getattr(stream, "encoding", None) or "utf-8")
    except UnicodeEncodeError:
        return False
    return True


class Plain:
    """A stream that is written to in ASCII, for `contextlib.redirect_stdout`."""

    def __init__(self, stream: IO[str]) -> None:
        self.stream = stream

    def write(self, text: str) -> int:
        """Write the text, with its signs typed out."""
        return self.stream.write(in_ascii(text))

    def flush(self) -> None:
        """Flush the stream below."""
        self.stream.flush()
