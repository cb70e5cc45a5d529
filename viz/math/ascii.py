"""Formulas for terminals that can show ASCII alone."""

from __future__ import annotations

import re
from typing import IO

from engine.labels import NAME_OF
from viz.math.formats.text import BOLD, SUBSCRIPTS, SUPERSCRIPTS

_SIGNS = {
    chr(bold): NAME_OF.get(chr(letter), chr(letter)) for letter, bold in BOLD.items()
}  # bold letters become plain
_SIGNS |= NAME_OF | {"Σ": "sum ", "∂": "d", "√": "sqrt ", "∞": "inf", "½": "1/2", "ℝ": "R", "\u0302": "_hat"}
_SIGNS |= {"−": "-", "·": "*", "×": "x", "∘": "o", "≜": ":=", "→": "->", "←": "<-", "…": "...", "⋯": "..."}
_SIGNS |= {"⋮": ":", "⋱": "...", "⊤": "T", **dict.fromkeys("⎡⎢⎣", "["), **dict.fromkeys("⎤⎥⎦", "]"), "“": '"', "”": '"'}
_SIGNS |= dict.fromkeys("⎡⎢⎣", "[") | dict.fromkeys("⎤⎥⎦", "]")  # of a matrix
_SIGNS |= {"✓": "ok", "✗": "WRONG"}
_INDICES = {"_": SUBSCRIPTS, "^": SUPERSCRIPTS}  # by the sign before an index that is typed out
_RUNS = {mark: re.compile(f"[{re.escape(''.join(table.values()))}]+") for mark, table in _INDICES.items()}
_ASCII = str.maketrans(_SIGNS | {small: char for table in _INDICES.values() for char, small in table.items()})


def transliterate(text: str) -> str:
    """The text in ASCII: indices and signs are typed out, other characters written as their codes.

    >>> transliterate("∂E/∂a₁⁽²⁾ = δ₁⁽²⁾ · 2 = −0.5"), transliterate("𝚺 𝐱")
    ('dE/da_1^(2) = delta_1^(2) * 2 = -0.5', 'Sigma x')
    """
    for mark, run in _RUNS.items():
        text = run.sub(rf"{mark}\g<0>", text)
    return text.translate(_ASCII).encode("ascii", "backslashreplace").decode()


def can_print_formulas(stream: IO[str]) -> bool:
    """Whether the encoding of the stream has the signs that formulas need.

    >>> import io
    >>> can_print_formulas(io.TextIOWrapper(io.BytesIO(), encoding="latin-1")), can_print_formulas(io.StringIO())
    (False, True)
    """
    try:
        "∂a₁⁽²⁾ → 𝐖ᵀ ✓".encode(getattr(stream, "encoding", None) or "utf-8")
    except UnicodeEncodeError:
        return False
    return True


class AsciiStream:
    """A stream that transliterates what is written to it, for `contextlib.redirect_stdout`."""

    encoding = "ascii"

    def __init__(self, stream: IO[str]) -> None:
        self.stream = stream

    def write(self, text: str) -> int:
        """Write the text in ASCII."""
        return self.stream.write(transliterate(text))

    def flush(self) -> None:
        """Flush the stream below."""
        self.stream.flush()

    def isatty(self) -> bool:
        """Whether the stream below is a terminal."""
        return self.stream.isatty()
