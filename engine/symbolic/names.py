"""The names in formulas, typed as in TeX or pasted as they are printed, and the powers that are printed as x²."""

from __future__ import annotations

import re
import unicodedata

from engine.labels import parse_label

# The small characters of Unicode, each with the character that it stands for; the minus of an index is a hyphen.
_BLOCKS = (range(0xB2, 0xBA), range(0x2B0, 0x2E5), range(0x1D2C, 0x1DC0), range(0x2070, 0x209D), range(0x2C7C, 0x2C7E))
_SMALL: dict[str, dict[str, str]] = {"<sub>": {}, "<super>": {}}
for _char in (chr(code) for block in _BLOCKS for code in block):
    _kind, *_codes = unicodedata.decomposition(_char).split()[:2] or [""]
    if _kind in _SMALL:
        _SMALL[_kind][_char] = chr(int(_codes[0], 16)).replace("−", "-")
_SUB, _SUPER = ("".join(found) for found in _SMALL.values())
_PLAIN = str.maketrans(_SMALL["<sub>"] | _SMALL["<super>"])

# Fractions and numbers that are one character: Python counts them as letters of words, but they are not part of a name.
_NUMERALS = "".join(chr(code) for block in (range(0xBC, 0xBF), range(0x2150, 0x218A)) for code in block)
FRACTIONS = {char: unicodedata.numeric(char) for char in _NUMERALS if "⁄" in unicodedata.normalize("NFKD", char)}

_BRACES = r"\{[^{}]*(?:\{[^{}]*\}[^{}]*)*\}"  # around an index, in which an index may have braces too
_WORD = rf"[^\W\d{_SUB}{_SUPER}{_NUMERALS}](?:[^\W{_SUB}{_SUPER}{_NUMERALS}]|\u0302)*"
_LAYER = rf"⁽[{_SUPER.replace('⁽', '').replace('⁾', '')}]+⁾[ᵀ]?|\^\{{\([^{{}}]*\)\w?\}}"
NAME = re.compile(
    rf"(?P<word>{_WORD})(?:(?<=_)(?P<braces>{_BRACES})|(?P<sub>[{_SUB}]+))?"
    rf"(?P<layer>{_LAYER}|(?:(?<=[{_SUB}}}])|(?<=_\d)|(?<=_\d\d))\^\(\d+\))?"
)
POWER = re.compile("[⁺⁻]?[⁰¹²³⁴⁵⁶⁷⁸⁹]+")
_CONTINUES_WORD = re.compile(rf"[^\W{_SUPER}{_NUMERALS}]|[\u0302⁽]")
_CONTINUES_INDEX = re.compile(rf"[{_SUB}⁽]")


def to_label(name: str) -> str:
    r"""The label that a name stands for, however it is typed or printed; words and other text stay.

    >>> to_label("w₂₁⁽¹⁾"), to_label("w_{21}^{(1)}"), to_label("σ"), to_label("ŷ"), to_label("learning_rate")
    ('w_21^(1)', 'w_21^(1)', 'sigma', 'y_hat', 'learning_rate')
    """
    found = NAME.fullmatch(name)
    if found is None:
        return name
    word, braces, sub, layer = (part or "" for part in found.groups())
    word = unicodedata.normalize("NFD", word).replace("\u0302", "_hat")
    sub = f"_{{{sub.translate(_PLAIN)}}}" if sub else braces
    small = layer.translate(_PLAIN)
    layer = layer if layer.startswith("^") else f"^{{{small}}}" if layer else ""
    label = parse_label(word + sub + layer)
    return name if label is None else str(label)


def goes_on(text: str, end: int) -> bool:
    """Whether the name that ends here would be longer if all that follows were read as part of it.

    A letter goes on a word, but not an index: in w₁z₁ a second name begins. A power is not part of a name.
    """
    last = text[end - 1]
    if last in _SUB or last in "⁾)}":
        return bool(_CONTINUES_INDEX.match(text, end))
    return bool(_CONTINUES_WORD.match(text, end))


def read_power(small: str) -> float:
    """The number of a printed exponent.

    >>> read_power("⁻¹²")
    -12.0
    """
    return float(small.translate(_PLAIN))
