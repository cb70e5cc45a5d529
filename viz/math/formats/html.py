"""HTML, with formulas in MathML Core, which browsers show without a script."""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import replace
from itertools import chain

from engine._support.printable_text import make_printable
from engine.labels import Label, parse_label
from viz.math.formats.base import Format, Grid, from_template
from viz.math.formats.html_page import html_page
from viz.math.formats.text import label_to_unicode, letter_with_hat


def label_to_mathml(label: str) -> str:
    """The label in MathML, to stand inside `<math>`.

    >>> label_to_mathml("z_1^(k)")
    '<msubsup><mi>z</mi><mn>1</mn><mrow><mo>(</mo><mi>k</mi><mo>)</mo></mrow></msubsup>'
    >>> label_to_mathml("a < b")
    '<mtext>a &lt; b</mtext>'
    """
    parsed = parse_label(label)
    return f"<mtext>{html.escape(make_printable(label))}</mtext>" if parsed is None else _parsed_to_mathml(parsed)


def _parsed_to_mathml(label: Label) -> str:
    tag = "mi" if label.letter.isalpha() else "mn" if label.letter.isdigit() else "mo"
    text = f"<{tag}>{letter_with_hat(replace(label, hat=False))}</{tag}>"
    if label.hat:
        text = f'<mover accent="true">{text}<mo stretchy="false">^</mo></mover>'
    tag = "m"
    for mark, index in label.indices:
        tag += "sub" if mark == "_" else "sup"
        is_transposed = label.bold and mark == "^" and index[-1] == Label("T")
        inner = "".join(map(_parsed_to_mathml, index[:-1] if is_transposed else index))
        inner += "<mo>⊤</mo>" if is_transposed else ""
        text += inner if len(index) == 1 else f"<mrow>{inner}</mrow>"
    return f"<{tag}>{text}</{tag}>" if label.indices else text


class HTML(Format):
    """Formulas in MathML, to stand inside `<math>`, and tables that scroll by themselves."""

    name = "html"
    max_length = 40_000
    is_stacked = True
    dots = "<mo>⋯</mo>"
    half = "<mfrac><mn>1</mn><mn>2</mn></mfrac>"
    comma = "<mo>,</mo>"

    label = staticmethod(label_to_mathml)
    text = staticmethod(html.escape)
    formula = from_template('<math displaystyle="true">{}</math>')
    infix = from_template("{}{}{}")
    beside = spaced = from_template("{}<mspace width='0.15em'/>{}")
    fraction = from_template("<mfrac><mrow>{}</mrow><mrow>{}</mrow></mfrac>")
    power = from_template("<msup><mrow>{0}</mrow><mrow>{1}</mrow></msup>")
    transposed = from_template("<msup>{}<mo>⊤</mo></msup>")
    root = from_template("<msqrt>{}</msqrt>")
    cases = from_template("<mrow>{1}<mtext>&#160;if&#160;</mtext>{0}<mtext>&#160;else&#160;</mtext>{2}</mrow>")
    derivative = from_template("<mfrac><mrow><mo>∂</mo>{}</mrow><mrow><mo>∂</mo>{}</mrow></mfrac>")
    total = from_template("<munderover><mo>∑</mo><mrow>{}<mo>=</mo><mn>1</mn></mrow><mrow>{}</mrow></munderover>{}")

    def number(self, digits: str) -> str:
        mantissa, _, exponent = digits.partition("e")
        if exponent:
            power = self.power("<mn>10</mn>", self.number(str(int(exponent))), None)
            return self.infix(self.number(mantissa), self.sign("·"), power)
        number = f"<mn>{digits.removeprefix('-')}</mn>"
        return self.prefix(self.sign("−"), number) if digits.startswith("-") else number

    def function(self, symbol: str) -> str:
        name = symbol.removesuffix("'")
        written = label_to_mathml(name) if name else ""
        return written if name == symbol else f'<mrow>{written}<mo lspace="0" rspace="0">′</mo></mrow>'

    def sign(self, sign: str) -> str:
        return f"<mo>{html.escape(label_to_unicode(sign))}</mo>"

    def brackets(self, x: str, pair: str = "()") -> str:
        return f"<mrow><mo>{pair[0]}</mo>{x}<mo>{pair[1]}</mo></mrow>"

    def row(self, *entries: str) -> str:
        return "<mtr>" + "".join(f"<mtd>{entry}</mtd>" for entry in entries) + "</mtr>"

    def matrix(self, *rows: str) -> str:
        return f"<mrow><mo>[</mo><mtable>{''.join(rows)}</mtable><mo>]</mo></mrow>"

    def table(self, grid: Grid) -> str:
        rows = ["".join(f"<th>{html.escape(name)}</th>" for name in grid.columns)]
        for row in chain(*grid.blocks(self)):
            cells = ("".join(f"<div>{line}</div>" for line in cell) for cell in row)
            rows.append("".join(f"<td>{cell}</td>" for cell in cells))
        lines = [f"<caption>{html.escape(grid.title)}</caption>", *(f"<tr>{row}</tr>" for row in rows)]
        return '<div class="scroll"><table>\n' + "\n".join(lines) + "\n</table></div>"

    def document(self, grids: Sequence[Grid]) -> str:
        return html_page(grids[0].title, "\n".join(map(self.table, grids)))

    def in_encoding(self, document: str, encoding: str) -> str:
        return document.encode(encoding, "xmlcharrefreplace").decode(encoding)
