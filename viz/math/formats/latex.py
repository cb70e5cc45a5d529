r"""LaTeX: labels and formulas in math mode, with the commands of amsmath; tables as longtables, in a whole document.

pdflatex stops at characters that it does not know. Labels may have any, so each that is not ASCII is declared: as a
letter with its accent, in mathematics, or as its number. And the paper is as wide as the tables need.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from itertools import chain, zip_longest

from engine.labels import NAME_OF, Label, parse
from viz.math.formats.base import Format, Grid, from_template
from viz.math.formats.text import PlainText, make_printable

_TEXT = str.maketrans(
    {char: "\\" + char for char in "&%$#_{}"}
    | {"\\": r"\textbackslash{}", "^": r"\textasciicircum{}", "~": r"\textasciitilde{}"}
    | {"<": r"\textless{}", ">": r"\textgreater{}", "|": r"\textbar{}"}
)
_FUNCTIONS = {"exp", "ln", "log", "max", "min", "sin", "cos", "tan", "sinh", "cosh", "tanh"}  # that TeX knows
_NUMBERS = {"inf": r"\infty", "-inf": r"-\infty", "nan": r"\text{nan}"}

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
_MATHEMATICS |= {"ℓ": r"\ell", "≤": r"\le", "≥": r"\ge", "≠": r"\ne", "∘": r"\circ", "∈": r"\in", "≜": r"\triangleq"}
_MATHEMATICS |= {letter: "\\" + name for letter, name in NAME_OF.items()}
_ALPHABETS = {"SCRIPT CAPITAL": "mathcal", "DOUBLE-STRUCK CAPITAL": "mathbb", "BLACK-LETTER CAPITAL": "mathfrak"}


def label_to_latex(label: str) -> str:
    r"""Return the label in LaTeX, for math mode.

    >>> label_to_latex("w_11^(1)"), label_to_latex("y_hat"), label_to_latex("W_bold^T"), label_to_latex("90 %")
    ('w_{11}^{(1)}', '\\hat{y}', '\\mathbf{W}^{\\top}', '\\text{90 \\%}')
    """
    symbol = parse(label)
    return rf"\text{{{_escaped(label)}}}" if symbol is None else _latex(symbol)


def _escaped(text: str) -> str:
    return make_printable(text).translate(_TEXT)


def _latex(symbol: Label) -> str:
    text = "\\" + NAME_OF[symbol.letter] if symbol.letter in NAME_OF else symbol.letter
    if symbol.bold:  # \mathbf knows no Greek
        text = (r"\boldsymbol" if symbol.letter in NAME_OF else r"\mathbf") + f"{{{text}}}"
    text = rf"\hat{{{text}}}" if symbol.hat else text
    for mark, index in symbol.indices:
        # TeX would read \deltai as one name.
        inner = (" " if any(item.letter in NAME_OF for item in index) else "").join(map(_latex, index))
        if symbol.bold and mark == "^" and index[-1] == Label("T"):  # transposition
            inner = inner[:-1] + r"\top"
        text += mark + (inner if len(inner) == 1 else f"{{{inner}}}")
    return text


class LaTeX(Format):
    r"""Math mode, with the commands of amsmath: \text, \operatorname; and longtables, which may run over pages."""

    name = "latex"
    max_length = 8000
    is_stacked = True
    dots = r"\cdots"

    label = staticmethod(label_to_latex)
    text = staticmethod(_escaped)
    formula = from_template(r"$\displaystyle {}$")
    fraction = from_template(r"\frac{{{}}}{{{}}}")
    power = from_template("{}^{{{}}}")
    root = from_template(r"\sqrt{{{}}}")
    cases = from_template(r"\begin{{cases}} {1} & {0} \\ {2} & \text{{otherwise}} \end{{cases}}")
    derivative = from_template(r"\frac{{\partial {}}}{{\partial {}}}")
    total = from_template(r"\sum_{{{}=1}}^{{{}}} {}")

    def number(self, digits: str) -> str:
        mantissa, _, exponent = digits.partition("e")
        return rf"{mantissa} \times 10^{{{int(exponent)}}}" if exponent else _NUMBERS.get(digits, digits)

    def function(self, symbol: str) -> str:
        name = symbol.removesuffix("'")
        if name in _FUNCTIONS:
            written = "\\" + name
        elif parse(name) is None and name.isascii() and name.replace("_", "").isalnum():
            written = rf"\operatorname{{{_escaped(name)}}}"
        else:
            written = label_to_latex(name) if name else ""
        return written + symbol[len(name) :]

    def sign(self, sign: str) -> str:
        return sign if sign in ("+", "/", "=", ">", "=:") else _MATHEMATICS.get(sign) or label_to_latex(sign)

    def prefix(self, sign: str, x: str) -> str:
        return f"{sign} {x}" if len(sign) > 1 else sign + x

    def brackets(self, x: str, pair: str = "()") -> str:
        return rf"\left{pair[0]}{x}\right{pair[1]}"

    def table(self, grid: Grid) -> str:
        head = " & ".join(rf"\textbf{{{_escaped(name)}}}" for name in grid.columns)
        lines = [
            rf"\section*{{{_escaped(grid.title)}}}",
            rf"\begin{{longtable}}{{{'l' * len(grid.columns)}}}",
            rf"\hline {head} \\ \hline \noalign{{\vskip 5pt}} \endhead",
        ]
        for rows in grid.blocks(self):
            for line in chain(*(zip_longest(*cells, fillvalue="") for cells in rows)):  # a page may end between them
                lines.append(" & ".join(line) + r" \\ \noalign{\vskip 5pt}")
            lines.append(r"\hline \noalign{\vskip 5pt}")
        return "\n".join([*lines, r"\end{longtable}"])

    def document(self, grids: Sequence[Grid]) -> str:
        body = "\n".join(map(self.table, grids))
        wide = max(map(_n_characters, grids), default=0) * _MM
        paper = next((name for name, width in _PAPERS.items() if wide <= width), "a0")
        others = [char for char in sorted(set(body)) if not char.isascii()]
        declared = "".join(f"\\DeclareUnicodeCharacter{{{ord(char):04X}}}{{{written(char)}}}\n" for char in others)
        return DOCUMENT % (paper, declared, body)


def _n_characters(grid: Grid) -> int:
    """How wide the table is: the longest line of each column, as text."""
    columns = zip(grid.columns, *chain(*grid.blocks(PlainText())), strict=False)
    return sum(max(len(line) for line in [name, *chain(*cells)]) for name, *cells in columns)


def written(char: str) -> str:
    r"""A character in commands that every LaTeX has; as its number, if there are none.

    >>> [written(char) for char in "ö∘ℰж"]
    ['\\"{o}', '\\ensuremath{\\circ}', '\\ensuremath{\\mathcal{E}}', '\\texttt{U+0436}']
    """
    parts = unicodedata.normalize("NFD", char)
    kind, _, letter = unicodedata.name(char, "").removeprefix("MATHEMATICAL ").rpartition(" ")
    if char in _SIGNS:
        return _SIGNS[char]
    if char in _MATHEMATICS:
        return rf"\ensuremath{{{_MATHEMATICS[char]}}}"
    if len(parts) == 2 and parts[0].isascii() and parts[1] in _ACCENTS:
        return rf"\{_ACCENTS[parts[1]]}{{{parts[0]}}}"
    if kind in _ALPHABETS and len(letter) == 1:
        return rf"\ensuremath{{\{_ALPHABETS[kind]}{{{letter}}}}}"
    return rf"\texttt{{U+{ord(char):04X}}}"
