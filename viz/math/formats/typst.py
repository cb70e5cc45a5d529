"""Typst: labels and formulas in its math mode, and tables in a page of its own size."""

from __future__ import annotations

import re
from collections.abc import Sequence

from engine._support.printable_text import make_printable
from engine.labels import Label, parse_label
from viz.math.formats.base import Format, Grid, from_template

_FUNCTIONS = {
    *["exp", "ln", "log", "max", "min", "sin", "cos", "tan", "arcsin", "arccos", "arctan", "sinh", "cosh", "tanh"]
}
_INDEXED_FUNCTIONS = {"log2": "log_2", "log10": "log_10"}
_SIGNS = {"−": "-", "·": "dot", "×": "times", "/": "slash"}
_NUMBERS = {"inf": "infinity", "-inf": "-infinity", "nan": '"nan"'}
_BRACKETS = {"||": "abs({})", "⌊⌋": "floor({})"}

DOCUMENT_TEMPLATE = """#set page(width: auto, height: auto, margin: 15mm)
#show math.equation: set align(left)
{}
"""


def label_to_typst(label: str) -> str:
    r"""The label in Typst, for math mode.

    >>> label_to_typst("w_11^(1)"), label_to_typst("y_hat"), label_to_typst("W_bold^T"), label_to_typst('3" pipe')
    ('w_(11)^(\\( 1 \\))', 'hat(y)', 'bold(W)^(top)', '"3\\" pipe"')
    """
    parsed = parse_label(label)
    return _quoted(label) if parsed is None else _parsed_to_typst(parsed)


def _quoted(text: str) -> str:
    return '"' + re.sub(r'(["\\])', r"\\\1", make_printable(text)) + '"'


def _parsed_to_typst(label: Label) -> str:
    text = re.sub("([()])", r"\\\1", label.name)
    text = f"bold({text})" if label.bold else text
    text = f"hat({text})" if label.hat else text
    for mark, index in label.indices:
        inner = [*map(_parsed_to_typst, index)]
        if label.bold and mark == "^" and index[-1] == Label("T"):  # transposition
            inner[-1] = "top"
        text += f"{mark}({' '.join(inner)})"
    return text


class Typst(Format):
    """Formulas in math mode, and tables without frames."""

    name = "typst"
    max_length = 8000
    is_stacked = True

    label = staticmethod(label_to_typst)
    formula = from_template("$ {} $")
    half = "frac(1, 2)"
    spaced = from_template("{} thin {}")
    fraction = from_template("frac({}, {})")
    power = from_template("{}^({})")
    transposed = from_template("{}^top")
    root = from_template("sqrt({})")
    cube_root = from_template("root(3, {})")
    cases = from_template('cases({1} & quad {0}, {2} & quad "otherwise")')
    derivative = from_template("frac(partial {}, partial {})")
    total = from_template("sum_({} = 1)^({}) {}")

    def text(self, words: str) -> str:
        return re.sub(r"([^A-Za-z0-9\s])", r"\\\1", make_printable(words))

    def number(self, digits: str) -> str:
        mantissa, _, exponent = digits.partition("e")
        return f"{mantissa} times 10^({int(exponent)})" if exponent else _NUMBERS.get(digits, digits)

    def function(self, symbol: str) -> str:
        name = symbol.removesuffix("'")
        if name in _FUNCTIONS or not name:
            written = name
        elif name in _INDEXED_FUNCTIONS:
            written = _INDEXED_FUNCTIONS[name]
        else:
            written = f"op({_quoted(name)})" if parse_label(name) is None else label_to_typst(name)
        return written + symbol[len(name) :]

    def sign(self, sign: str) -> str:
        return sign if sign in ("+", "=", ">") else _SIGNS.get(sign) or label_to_typst(sign)

    def prefix(self, sign: str, x: str) -> str:
        return f"{sign} {x}" if len(sign) > 1 else sign + x

    def brackets(self, x: str, pair: str = "()") -> str:
        return _BRACKETS[pair].format(x) if pair in _BRACKETS else super().brackets(x, pair)

    def matrix(self, *rows: str) -> str:
        return f'mat(delim: "[", {"; ".join(rows)})'

    def table(self, grid: Grid) -> str:
        head = ", ".join(f"[*{self.text(name)}*]" for name in grid.columns)
        lines = [f"== {self.text(grid.title)}", f"#table(columns: {len(grid.columns)}, stroke: none, align: left,"]
        lines.append(f"  table.header({head}),")
        for rows in grid.blocks(self):
            lines.append("  table.hline(),")
            lines += ["  " + " ".join(f"[{' '.join(cell)}]," for cell in row) for row in rows]
        return "\n".join([*lines, ")"])

    def document(self, grids: Sequence[Grid]) -> str:
        return DOCUMENT_TEMPLATE.format("\n".join(map(self.table, grids)))
