r"""LaTeX: labels and formulas in math mode, with the commands of amsmath; tables as longtables, in a whole document.

Since pdflatex stops at characters that it does not know, a document declares each that is not ASCII: as a letter with
its accent, as a command of math mode, or as its code. The size of the paper is chosen by the width of the tables.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from itertools import chain, zip_longest

from engine._support.printable_text import make_printable
from engine.labels import NAME_OF, Label, parse_label
from viz.math.formats.base import Format, Grid, from_template
from viz.math.formats.latex_lines import FUNCTIONS, broken_lines, line_width

_ESCAPES = str.maketrans(
    {char: "\\" + char for char in "&%$#_{}"}
    | {"\\": r"\textbackslash{}", "^": r"\textasciicircum{}", "~": r"\textasciitilde{}"}
    | {"<": r"\textless{}", ">": r"\textgreater{}", "|": r"\textbar{}"}
)
_TEX_FUNCTIONS = {name: f"\\{name}" for name in FUNCTIONS} | {"log2": r"\log_2", "log10": r"\log_{10}"}
_BRACKETS = {"||": (r"\lvert ", r"\rvert"), "⌊⌋": (r"\lfloor ", r"\rfloor")}
_TALL = r"\frac", r"\sum", r"\begin"  # what makes brackets higher than a line
_SYMBOLS = {"⋯": r"\cdots", "⋮": r"\vdots", "⋱": r"\ddots", "ℝ": r"\mathbb{R}"}  # labels of one sign
_NUMBERS = {"inf": r"\infty", "-inf": r"-\infty", "nan": r"\text{nan}"}

DOCUMENT_TEMPLATE = r"""\documentclass{article}
\usepackage[%spaper,landscape,margin=15mm]{geometry}
\usepackage[utf8]{inputenc}
\usepackage{amsmath,amssymb,longtable,booktabs} %% run it twice: longtable finds its widths in the first run
%s\setlength{\parindent}{0pt}\setlength{\LTleft}{0pt}\setlength{\aboverulesep}{1ex}\setlength{\belowrulesep}{1ex}
\setcounter{MaxMatrixCols}{99}
\begin{document}
%s
\end{document}
"""
_TEXT_WIDTHS_MM = {"a4": 267, "a3": 390, "a2": 564, "a1": 811, "a0": 1159}  # of paper in landscape
_MAX_WHOLE = 12  # lines of a block that stays on one page; of a longer one, each row does
_MAX_LINE = 36.0  # the width of a formula before it is broken, in digits: three of them fit on the narrowest paper
_DIGIT_MM, _GAP_MM = 1.85, 4.3  # the width of a digit, and the gap between two columns

_ACCENTS = dict(
    zip("\u0300\u0301\u0302\u0303\u0304\u0306\u0307\u0308\u030a\u030b\u030c\u0327", "`'^~=u.\"rHvc", strict=True)
)
_TEXT_COMMANDS = {"\ufffd": "?", "\xa0": "~", "ß": r"\ss{}", "æ": r"\ae{}", "Æ": r"\AE{}", "ø": r"\o{}", "Ø": r"\O{}"}
_TEXT_COMMANDS |= {"œ": r"\oe{}", "Œ": r"\OE{}", "ł": r"\l{}", "Ł": r"\L{}", "–": "--", "—": "---", "…": r"\dots{}"}
_MATH_COMMANDS = {"−": "-", "·": r"\cdot", "×": r"\times", "±": r"\pm", "∂": r"\partial", "√": r"\surd", "∇": r"\nabla"}
_MATH_COMMANDS |= {"∞": r"\infty", "→": r"\to", "←": r"\leftarrow", "°": r"^\circ", "²": "^2", "³": "^3", "¹": "^1"}
_MATH_COMMANDS |= {"ℓ": r"\ell", "≤": r"\le", "≥": r"\ge", "≠": r"\ne", "∘": r"\circ", "∈": r"\in", "≜": r"\triangleq"}
_MATH_COMMANDS |= {letter: "\\" + name for letter, name in NAME_OF.items()}
_ALPHABETS = {"SCRIPT CAPITAL": "mathcal", "DOUBLE-STRUCK CAPITAL": "mathbb", "BLACK-LETTER CAPITAL": "mathfrak"}


def label_to_latex(label: str) -> str:
    r"""The label in LaTeX, for math mode.

    >>> label_to_latex("w_11^(1)"), label_to_latex("y_hat"), label_to_latex("W_bold^T"), label_to_latex("90 %")
    ('w_{11}^{(1)}', '\\hat{y}', '\\mathbf{W}^{\\top}', '\\text{90 \\%}')
    """
    parsed = parse_label(label)
    if parsed is None:
        return _SYMBOLS.get(label) or rf"\text{{{_escape(label)}}}"
    return _parsed_to_latex(parsed)


def _escape(text: str) -> str:
    return make_printable(text).translate(_ESCAPES)


def _parsed_to_latex(label: Label) -> str:
    text = "\\" + NAME_OF[label.letter] if label.letter in NAME_OF else label.letter
    if label.bold:  # \mathbf lacks Greek letters
        text = (r"\boldsymbol" if label.letter in NAME_OF else r"\mathbf") + f"{{{text}}}"
    text = rf"\hat{{{text}}}" if label.hat else text
    for mark, index in label.indices:
        # TeX would read \deltai as one name.
        inner = (" " if any(item.letter in NAME_OF for item in index) else "").join(map(_parsed_to_latex, index))
        if label.bold and mark == "^" and index[-1] == Label("T"):  # transposition
            inner = inner[:-1] + r"\top"
        text += mark + (inner if len(inner) == 1 else f"{{{inner}}}")
    return text


class LaTeX(Format):
    r"""Formulas in math mode, with the commands of amsmath, and longtables with the rules of booktabs.

    Long formulas are broken into lines, each a row of its own, so that a table may run over several pages.
    """

    name = "latex"
    max_length = 8000
    is_stacked = True
    dots = r"\cdots"

    label = staticmethod(label_to_latex)
    text = staticmethod(_escape)
    formula = from_template(r"$\displaystyle {}$")
    spaced = from_template(r"{} \, {}")
    half = r"\frac{1}{2}"
    fraction = from_template(r"\frac{{{}}}{{{}}}")
    power = from_template("{}^{{{}}}")
    transposed = from_template(r"{}^{{\top}}")
    root = from_template(r"\sqrt{{{}}}")
    cube_root = from_template(r"\sqrt[3]{{{}}}")
    cases = from_template(r"\begin{{cases}} {1} & {0} \\ {2} & \text{{otherwise}} \end{{cases}}")
    derivative = from_template(r"\frac{{\partial {}}}{{\partial {}}}")
    total = from_template(r"\sum_{{{}=1}}^{{{}}} {}")

    def number(self, digits: str) -> str:
        mantissa, _, exponent = digits.partition("e")
        return rf"{mantissa} \times 10^{{{int(exponent)}}}" if exponent else _NUMBERS.get(digits, digits)

    def function(self, symbol: str) -> str:
        name = symbol.removesuffix("'")
        if name in _TEX_FUNCTIONS:
            written = _TEX_FUNCTIONS[name]
        elif parse_label(name) is None and name.isascii() and name.replace("_", "").isalnum():
            written = rf"\operatorname{{{_escape(name)}}}"
        else:
            written = label_to_latex(name) if name else ""
        return written + symbol[len(name) :]

    def sign(self, sign: str) -> str:
        return sign if sign in ("+", "/", "=", ">") else _MATH_COMMANDS.get(sign) or label_to_latex(sign)

    def prefix(self, sign: str, x: str) -> str:
        return f"{sign} {x}" if len(sign) > 1 else sign + x

    def brackets(self, x: str, pair: str = "()") -> str:
        left, right = _BRACKETS.get(pair, (pair[0], pair[1]))
        if any(command in x for command in _TALL):
            left, right = rf"\left{left}", rf"\right{right}"
        return left + x + right

    def row(self, *entries: str) -> str:
        return " & ".join(entries)

    def matrix(self, *rows: str) -> str:
        return r"\begin{bmatrix} " + r" \\ ".join(rows) + r" \end{bmatrix}"

    def lines(self, formula: str) -> list[str]:
        return [self.formula(line) for line in broken_lines(formula, _MAX_LINE)]

    def table(self, grid: Grid) -> str:
        head = " & ".join(rf"\textbf{{{_escape(name)}}}" for name in grid.columns)
        n = len(grid.columns)
        lines = [
            rf"\begin{{longtable}}{{{'l' * n}}}",
            rf"\multicolumn{{{n}}}{{l}}{{\large\textbf{{{_escape(grid.title)}}}}} \\ \noalign{{\vskip 5pt}}",
            rf"\toprule {head} \\ \midrule \endfirsthead",
            rf"\toprule {head} \\ \midrule \endhead",
        ]
        for i, rows in enumerate(grid.blocks(self)):
            if i:
                lines.append(r"\midrule")
            lines_of_rows = [[" & ".join(line) for line in zip_longest(*cells, fillvalue="")] for cells in rows]
            is_whole = sum(map(len, lines_of_rows)) <= _MAX_WHOLE
            for *above, last in lines_of_rows:  # a page does not end after \\*
                lines += [rf"{line} \\* \noalign{{\vskip 5pt}}" for line in above]
                lines.append(rf"{last} \\{'*' * is_whole} \noalign{{\vskip 5pt}}")
            lines[-1] = rf"{last} \\"
        return "\n".join([*lines, r"\bottomrule", r"\end{longtable}"])

    def document(self, grids: Sequence[Grid]) -> str:
        body = "\n".join(map(self.table, grids))
        width = max(map(self._width_mm, grids), default=0.0)
        paper = next((name for name, text_width in _TEXT_WIDTHS_MM.items() if width <= text_width), "a0")
        others = [char for char in sorted(set(body)) if not char.isascii()]
        declarations = (f"\\DeclareUnicodeCharacter{{{ord(char):04X}}}{{{char_to_latex(char)}}}\n" for char in others)
        return DOCUMENT_TEMPLATE % (paper, "".join(declarations), body)

    def _width_mm(self, grid: Grid) -> float:
        """The estimated width of a table, by the widest line of each column."""
        columns = zip(grid.columns, *chain(*grid.blocks(self)), strict=False)
        widths = [max(line_width(line) for line in [name, *chain(*cells)]) for name, *cells in columns]
        return sum(_DIGIT_MM * width + _GAP_MM for width in widths)


def char_to_latex(char: str) -> str:
    r"""The character in commands that every LaTeX has, or else as its code.

    >>> [char_to_latex(char) for char in "ö∘ℰж"]
    ['\\"{o}', '\\ensuremath{\\circ}', '\\ensuremath{\\mathcal{E}}', '\\texttt{U+0436}']
    """
    parts = unicodedata.normalize("NFD", char)
    kind, _, letter = unicodedata.name(char, "").removeprefix("MATHEMATICAL ").rpartition(" ")
    if char in _TEXT_COMMANDS:
        return _TEXT_COMMANDS[char]
    if char in _MATH_COMMANDS:
        return rf"\ensuremath{{{_MATH_COMMANDS[char]}}}"
    if len(parts) == 2 and parts[0].isascii() and parts[1] in _ACCENTS:
        return rf"\{_ACCENTS[parts[1]]}{{{parts[0]}}}"
    if kind in _ALPHABETS and len(letter) == 1:
        return rf"\ensuremath{{\{_ALPHABETS[kind]}{{{letter}}}}}"
    return rf"\texttt{{U+{ord(char):04X}}}"
