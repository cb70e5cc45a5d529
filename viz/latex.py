r"""What a LaTeX document needs around its tables: paper that is wide enough, and a meaning for each character.

pdflatex stops at characters that it does not know. Labels may have any, so each that is not ASCII is declared: as a
letter with its accent, in mathematics, or as its number.
"""

from __future__ import annotations

import unicodedata

from engine.labels import NAME_OF

DOCUMENT = r"""\documentclass{article}
\usepackage[%spaper,landscape,margin=15mm]{geometry}
\usepackage[utf8]{inputenc}
\usepackage{amsmath,amssymb,longtable} %% run it twice: longtable finds its widths in the first run
%s\setlength{\parindent}{0pt}\setlength{\LTleft}{0pt}
\begin{document}
%s
\end{document}
"""
_PAPERS = {"a4": 267, "a3": 390, "a2": 564, "a1": 811, "a0": 1159}  # mm between the margins, landscape
_MM = 1.55  # of one character of a formula's text: its indices are small and its fractions stacked

_ACCENTS = dict(
    zip("\u0300\u0301\u0302\u0303\u0304\u0306\u0307\u0308\u030a\u030b\u030c\u0327", "`'^~=u.\"rHvc", strict=True)
)
_SIGNS = {"\ufffd": "?", "\xa0": "~", "ß": r"\ss{}", "æ": r"\ae{}", "Æ": r"\AE{}", "ø": r"\o{}", "Ø": r"\O{}"}
_SIGNS |= {"œ": r"\oe{}", "Œ": r"\OE{}", "ł": r"\l{}", "Ł": r"\L{}", "–": "--", "—": "---", "…": r"\dots{}"}
_MATHEMATICS = {"−": "-", "·": r"\cdot", "×": r"\times", "±": r"\pm", "∂": r"\partial", "√": r"\surd", "∇": r"\nabla"}
_MATHEMATICS |= {"∞": r"\infty", "→": r"\to", "←": r"\leftarrow", "°": r"^\circ", "²": "^2", "³": "^3", "¹": "^1"}
_MATHEMATICS |= {"ℓ": r"\ell", "≤": r"\le", "≥": r"\ge", "≠": r"\ne"}
_ALPHABETS = {"SCRIPT CAPITAL": "mathcal", "DOUBLE-STRUCK CAPITAL": "mathbb", "BLACK-LETTER CAPITAL": "mathfrak"}


def document(body: str, n_characters: int) -> str:
    r"""A document whose paper, from A4 to A0, is as wide as so many characters.

    >>> print(document("$E$", 100).splitlines()[1])
    \usepackage[a4paper,landscape,margin=15mm]{geometry}
    """
    paper = next((name for name, width in _PAPERS.items() if n_characters * _MM <= width), "a0")
    declared = "".join(
        f"\\DeclareUnicodeCharacter{{{ord(char):04X}}}{{{written(char)}}}\n"
        for char in sorted(set(body))
        if not char.isascii()
    )
    return DOCUMENT % (paper, declared, body)


def written(char: str) -> str:
    r"""A character in commands that every LaTeX has; as its number, if there are none.

    >>> [written(char) for char in "öδℰж"]
    ['\\"{o}', '\\ensuremath{\\delta}', '\\ensuremath{\\mathcal{E}}', '\\texttt{U+0436}']
    """
    if char in _SIGNS:
        return _SIGNS[char]
    if char in NAME_OF:
        return rf"\ensuremath{{\{NAME_OF[char]}}}"
    if char in _MATHEMATICS:
        return rf"\ensuremath{{{_MATHEMATICS[char]}}}"
    parts = unicodedata.normalize("NFD", char)
    if len(parts) == 2 and parts[0].isascii() and parts[1] in _ACCENTS:
        return rf"\{_ACCENTS[parts[1]]}{{{parts[0]}}}"
    kind, _, letter = unicodedata.name(char, "").removeprefix("MATHEMATICAL ").rpartition(" ")
    if kind in _ALPHABETS and len(letter) == 1:
        return rf"\ensuremath{{\{_ALPHABETS[kind]}{{{letter}}}}}"
    return rf"\texttt{{U+{ord(char):04X}}}"
