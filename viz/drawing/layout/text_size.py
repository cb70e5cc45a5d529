"""The size of text as Graphviz draws it, from the widths of the letters of its font.

In Times, Helvetica, Courier and fonts with the same widths, text is not wider or higher than its size here. Letters
that are not in the tables below count as wide, as do those of other fonts.
"""

from __future__ import annotations

import math
import unicodedata
from functools import lru_cache

from engine._support.printable_text import make_printable
from engine.labels import Label, parse_label
from viz.drawing.dot_labels import INDEX_SCALE

POINTS = 72  # per inch
_LINE_HEIGHT = 1.1  # of the size of type
_HINTING = 1.03  # letters are fitted to the pixels of a screen

Size = tuple[float, float]  # width and height in inches

# Letters by their widths in thousandths of the size of type, upright or slanted, rounded up.
_TIMES = {
    280: " \u00a0',./\\ijlt|ι",
    350: "!()-:;I`f¹²³·",
    390: "[]rs",
    450: '"Jcezγεζξτχ',
    500: "#$*0123456789?^_abdghknopquvxy{}δθλνρυ∂ℓŷ⁰⁴⁵⁶⁷⁸⁹⁻",
    560: "S~αβηκμπσ",
    610: "φΓΣ",
    670: "BCEFLPRTZψΔΞ",
    730: "+<=>ADGHKNOQUVXYwωΘΛΠΥ−∞×",
    780: "&mΦΨΩ",
    840: "%",
    890: "M",
    950: "@W",
}
_HELVETICA = {
    280: " \u00a0!',./:;I[\\]fijlt|ι",
    350: "()-`r{}¹²³ℓ·",
    390: '"*',
    450: "εξτ",
    500: "J^cksvxyzγζκλν∂ŷ⁰⁴⁵⁶⁷⁸⁹⁻",
    560: "#$0123456789?L_abdeghnopquδηθυχ",
    610: "+<=>~αβμρΓ−×",
    670: "&ABEFKPSTVXYZσφΛΞΣΥ",
    730: "CDHNRUwπψΔΠ∞",
    780: "GOQΘΩ",
    840: "MmωΦΨ",
    890: "%",
    950: "W",
}
_WIDTHS = {
    family: {letter: width / 1000 for width, letters in table.items() for letter in letters}
    for family, table in (("Times", _TIMES), ("Helvetica", _HELVETICA))
}
_FAMILIES = {"Times New Roman": "Times", "Liberation Serif": "Times", "Arial": "Helvetica"}
_OTHER_LETTER, _OTHER_SIGN, _WIDE_LETTER = 1.05, 1.55, 1.35
_FIRST_SIGN = "\u2100"  # the first of the letterlike signs; mathematical signs and letters follow
_MONOSPACE = 0.61
_WIDE_FONT = 1.4  # relative to Helvetica
_WIDE_SIGN = 0.85  # of the punctuation of a wide font, at least
BOLD = 1.3  # the width of bold letters, relative to others


def line_size(text: str, points: int, font: str = "Times") -> Size:
    """The width and height in inches of a line of plain text in type of this size."""
    width = points * sum(_letter_width(letter, font) for letter in make_printable(text))
    return math.ceil(_HINTING * width + 1) / POINTS, math.ceil(_LINE_HEIGHT * points) / POINTS


@lru_cache(maxsize=4096)
def label_size(label: str, points: int, font: str = "Times") -> Size:
    """The width and height in inches of a label, which is a symbol with indices or plain text.

    >>> label_size("0.25", 10), label_size("w_11^(1)", 16)
    ((0.2777777777777778, 0.1527777777777778), (0.3888888888888889, 0.3055555555555556))
    """
    symbol = parse_label(label)
    return line_size(label, points, font) if symbol is None else _symbols_size((symbol,), points, font)


def _symbols_size(symbols: tuple[Label, ...], points: int, font: str) -> Size:
    """The size of symbols in a row, with indices above each other, as `dot_labels.to_dot` writes them."""
    if not any(symbol.indices for symbol in symbols):
        bold = BOLD if any(symbol.bold for symbol in symbols) else 1.0
        width, height = line_size("".join(symbol.letter for symbol in symbols), points, font)
        return bold * width, height
    smaller = max(1, round(points * INDEX_SCALE))
    width, height = 0.0, 0.0
    for symbol in symbols:
        letter, letter_height = line_size(symbol.letter, points, font)
        above, below = (_symbols_size(index, smaller, font) for index in (symbol.superscript, symbol.subscript))
        width += (BOLD if symbol.bold else 1.0) * letter + (max(above[0], below[0]) if symbol.indices else 0.0)
        height = max(height, letter_height, above[1] + below[1] if symbol.indices else 0.0)
    return width, height


def _letter_width(letter: str, font: str) -> float:
    """The width of a letter relative to the size of type."""
    if unicodedata.combining(letter):
        return 0.0
    if unicodedata.east_asian_width(letter) in "WF":
        return _WIDE_LETTER
    family = _FAMILIES.get(font, font)
    widths = _WIDTHS.get(family, _WIDTHS["Helvetica"])
    if letter not in widths:
        return _OTHER_LETTER if letter < _FIRST_SIGN else _OTHER_SIGN
    if family.startswith("Courier") or "Mono" in family:
        return _MONOSPACE
    if family in _WIDTHS:
        return widths[letter]
    return max(_WIDE_FONT * widths[letter], 0.0 if letter.isalnum() or letter.isspace() else _WIDE_SIGN)
