"""Print for terminals that know ASCII alone."""

from __future__ import annotations

import re

from viz.notation import _SUB, _SUP, NAME_OF

_SIGNS = {"−": "-", "·": "*", "×": "x", "→": "->", "←": "<-", "∂": "d", "Σ": "sum ", "∘": "o", "…": "...", "⋯": "..."}
_SIGNS |= {"✓": "ok", "✗": "WRONG", "√": "sqrt ", "∞": "inf", "½": "1/2", "“": '"', "”": '"', "\u0302": "_hat"}
_SIGNS |= {letter: name for letter, name in NAME_OF.items() if letter not in "Σ"}
_LINES = [({small: char for char, small in table.items()}, mark) for table, mark in ((_SUB, "_"), (_SUP, "^"))]


def in_ascii(text: str) -> str:
    """The text with typed-out indices and signs; what has no such form is written as its code.

    >>> in_ascii("∂E/∂a₁⁽²⁾ = δ₁⁽²⁾ · 2 = −0.5")
    'dE/da_1^(2) = delta_1^(2) * 2 = -0.5'
    """
    for plain, mark in _LINES:
        run = f"[{''.join(map(re.escape, plain))}]+"
        text = re.sub(run, lambda match, plain=plain, mark=mark: mark + "".join(map(plain.get, match[0])), text)  # type: ignore[misc]
    for sign, word in _SIGNS.items():
        text = text.replace(sign, word)
    return text.encode("ascii", "backslashreplace").decode()
