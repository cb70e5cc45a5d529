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

_UNSPACED = '<mo lspace="0" rspace="0">{}</mo>'
_LOGARITHMS = {f"log{base}": f"<msub><mi>log</mi><mn>{base}</mn></msub>" for base in (2, 10)}
_TALL = "<mfrac>", "<munderover>", "<mtable>"  # what makes brackets higher than a line


def label_to_mathml(label: str) -> str:
    """The label in MathML, to stand inside `<math>`.

    >>> label_to_mathml("z_1")
    '<msub><mi>z</mi><mn>1</mn></msub>'
    >>> label_to_mathml("a < b")
    '<mtext>a &lt; b</mtext>'
    """
    parsed = parse_label(label)
    return f"<mtext>{html.escape(make_printable(label))}</mtext>" if parsed is None else _parsed_to_mathml(parsed)


def _parsed_to_mathml(label: Label) -> str:
    text = _letter(letter_with_hat(replace(label, hat=False)))
    if label.hat:
        text = f'<mover accent="true">{text}<mo stretchy="false">^</mo></mover>'
    tag = "m"
    for mark, index in label.indices:
        tag += "sub" if mark == "_" else "sup"
        is_transposed = label.bold and mark == "^" and index[-1] == Label("T")
        inner = "".join(map(_parsed_to_mathml, index[:-1] if is_transposed else index))
        inner += _UNSPACED.format("⊤") if is_transposed else ""
        text += inner if len(index) == 1 else f"<mrow>{inner}</mrow>"
    return f"<{tag}>{text}</{tag}>" if label.indices else text


def _letter(letter: str) -> str:
    if letter in "()":
        return _bracket(letter, is_tall=False)
    template = "<mi>{}</mi>" if letter.isalpha() else "<mn>{}</mn>" if letter.isdigit() else _UNSPACED
    return template.format(letter)


def _bracket(sign: str, is_tall: bool) -> str:
    # Chromium adds space to a bracket that could grow.
    return f"<mo>{sign}</mo>" if is_tall else f'<mo stretchy="false">{sign}</mo>'


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
    beside = from_template('{}<mspace width="0.15em"/>{}')
    spaced = from_template('{}<mspace width="0.3em"/>{}')
    fraction = from_template("<mfrac><mrow>{}</mrow><mrow>{}</mrow></mfrac>")
    power = from_template("<msup><mrow>{0}</mrow><mrow>{1}</mrow></msup>")
    transposed = from_template("<msup>{}" + _UNSPACED.format("⊤") + "</msup>")
    root = from_template("<msqrt>{}</msqrt>")
    cube_root = from_template("<mroot><mrow>{}</mrow><mn>3</mn></mroot>")
    cases = from_template("<mrow>{1}<mtext>&#160;if&#160;</mtext>{0}<mtext>&#160;else&#160;</mtext>{2}</mrow>")
    derivative = from_template("<mfrac><mrow><mo>∂</mo>{}</mrow><mrow><mo>∂</mo>{}</mrow></mfrac>")
    total = from_template(
        f"<munderover><mo>∑</mo><mrow>{{}}{_UNSPACED.format('=')}<mn>1</mn></mrow><mrow>{{}}</mrow></munderover>{{}}"
    )

    def number(self, digits: str) -> str:
        mantissa, _, exponent = digits.partition("e")
        if exponent:
            power = self.power("<mn>10</mn>", self.number(str(int(exponent))), None)
            return self.infix(self.number(mantissa), self.sign("·"), power)
        number = f"<mn>{digits.removeprefix('-')}</mn>"
        return self.prefix(self.sign("−"), number) if digits.startswith("-") else number

    def function(self, symbol: str) -> str:
        name = symbol.removesuffix("'")
        written = _LOGARITHMS.get(name) or (label_to_mathml(name) if name else "")
        return written if name == symbol else f"<mrow>{written}{_UNSPACED.format('′')}</mrow>"

    def sign(self, sign: str) -> str:
        return f"<mo>{html.escape(label_to_unicode(sign))}</mo>"

    def prefix(self, sign: str, x: str) -> str:
        return sign.replace("<mo>", '<mo form="prefix">') + x

    def brackets(self, x: str, pair: str = "()") -> str:
        left, right = (_bracket(sign, any(tag in x for tag in _TALL)) for sign in (pair[0], pair[1]))
        return f"<mrow>{left}{x}{right}</mrow>"

    def row(self, *entries: str) -> str:
        return "<mtr>" + "".join(f"<mtd>{entry}</mtd>" for entry in entries) + "</mtr>"

    def matrix(self, *rows: str) -> str:
        return self.brackets(f"<mtable>{''.join(rows)}</mtable>", "[]")

    def table(self, grid: Grid) -> str:
        head = "".join(f"<th>{html.escape(name)}</th>" for name in grid.columns)
        lines = [f"<caption>{html.escape(grid.title)}</caption>", f"<thead><tr>{head}</tr></thead>"]  # on every page
        for row in chain(*grid.blocks(self)):
            cells = ("".join(f"<div>{line}</div>" for line in cell) for cell in row)
            lines.append(f"<tr>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>")
        return '<div class="scroll"><table>\n' + "\n".join(lines) + "\n</table></div>"

    def document(self, grids: Sequence[Grid]) -> str:
        return html_page(grids[0].title, "\n".join(map(self.table, grids)))

    def in_encoding(self, document: str, encoding: str) -> str:
        return document.encode(encoding, "xmlcharrefreplace").decode(encoding)
