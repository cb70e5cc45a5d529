"""Formulas as text.

A formula is a graph of symbols (`engine.trace`). Each operation is laid out by the `form` that the table gives it, so
an operation that is added to the table is printed without a word about it here.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from engine.graph import toposort
from engine.trace import Symbol
from viz import notation

# How tightly a formula holds together, from the loosest: what is looser than its place asks for gets brackets.
_CASES, _SUM, _PRODUCT, _PREFIX, _POWER, _ATOM = range(6)

_SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_LONGEST = 2000  # characters; a formula that is longer is no longer read
_MOST_TERMS = 6


class _Text(NamedTuple):
    text: str
    strength: int
    is_letter: bool = False  # one letter with its indices, which may stand beside another without a sign: w₁₁x₁


def to_unicode(formula: Symbol, show: Callable[[str], str] = notation.to_unicode) -> str:
    """The formula on one line of a terminal; `show` says how labels are written.

    >>> from engine import Value, NamedGraph, dot
    >>> a = dot([Value(0.5, "w_11^(1)"), Value(2.0, "w_12^(1)")], [Value(1.5, "x_1"), Value(-0.5, "x_2")])
    >>> to_unicode(NamedGraph(a).relation(a))
    'w₁₁⁽¹⁾x₁ + w₁₂⁽¹⁾x₂'
    """
    written: dict[Symbol, _Text] = {}
    for symbol in toposort(formula):
        text = _write(symbol, [written[x] for x in symbol.inputs], show)
        written[symbol] = text if len(text.text) <= _LONGEST else _Text("…", _ATOM)
    return written[formula].text


def number(x: float, digits: int = 6) -> str:
    """A number with so many significant digits, and with the minus sign of print.

    >>> number(-0.123456789), number(3.0)
    ('−0.123457', '3')
    """
    return f"{x:.{digits}g}".replace("-", "−")


def _write(symbol: Symbol, inputs: list[_Text], show: Callable[[str], str]) -> _Text:
    if symbol.is_number:
        return _Text(number(symbol.number), _ATOM if symbol.number >= 0.0 else _PREFIX)
    if not inputs:
        return _Text(show(symbol.name), _ATOM, notation.parse(symbol.name) is not None)
    sign = symbol.op.symbol
    match symbol.op.form, inputs:
        case "infix", [x, y] if sign == "·":
            return _product(x, y)
        case "infix", [x, y]:
            return _Text(f"{_at_least(_SUM, x)} {sign} {_after_sign(_PRODUCT if sign == '−' else _SUM, y)}", _SUM)
        case "prefix", [x]:
            return _Text(f"{sign}{_after_sign(_PRODUCT, x)}", _PREFIX)
        case "fraction", [x, y]:
            return _Text(f"{_at_least(_PRODUCT, x)} / {_after_sign(_POWER, y)}", _PRODUCT)
        case "power", [x, y]:
            return _power(x, y, *symbol.inputs)
        case "root", [x]:
            return _Text(f"{sign}{_at_least(_ATOM, x)}", _POWER)
        case "bars", [x]:
            return _Text(f"|{x.text}|", _ATOM)
        case "bracket", [x, y]:
            return _Text(f"[{x.text} {sign} {y.text}]", _ATOM)
        case "cases", [condition, x, y]:
            return _Text(f"{_at_least(_SUM, x)} if {_at_least(_SUM, condition)} else {_at_least(_SUM, y)}", _CASES)
        case "sum", _:
            return _sum(inputs)
    return _Text(f"{sign}({', '.join(x.text for x in inputs)})", _ATOM)


def _at_least(strength: int, x: _Text) -> str:
    return x.text if x.strength >= strength else f"({x.text})"


def _after_sign(strength: int, x: _Text) -> str:
    """As `_at_least`, but no sign follows another."""
    return f"({x.text})" if x.text.startswith("−") else _at_least(strength, x)


def _product(x: _Text, y: _Text) -> _Text:
    sign = "" if x.is_letter and y.is_letter else " · "
    return _Text(f"{_at_least(_PRODUCT, x)}{sign}{_after_sign(_PREFIX, y)}", _PRODUCT)


def _power(x: _Text, y: _Text, base: Symbol, exponent: Symbol) -> _Text:
    letter = notation.parse(base.name)
    below = f"({x.text})" if letter and letter.superscript else _at_least(_ATOM, x)
    if exponent.is_number and exponent.number.is_integer():
        return _Text(below + f"{exponent.number:.0f}".translate(_SUPERSCRIPTS), _POWER)
    return _Text(f"{below}^{_at_least(_ATOM, y)}", _POWER)


def _sum(inputs: list[_Text]) -> _Text:
    """Σ of weights times values, and the bias: all terms if they are few, else the first and the last."""
    n = len(inputs) // 2
    terms = [_product(w, z).text for w, z in zip(inputs[:n], inputs[n:], strict=False)]
    if n > _MOST_TERMS:
        terms = [*terms[:2], "⋯", terms[-1]]
    if len(inputs) % 2:
        terms.append(_at_least(_SUM, inputs[-1]))
    return _Text(" + ".join([terms[0], *(f"({term})" if term.startswith("−") else term for term in terms[1:])]), _SUM)
