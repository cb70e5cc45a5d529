"""Formulas as print, in any of the `viz.math.formats`.

A formula is a graph of expressions (`engine.symbolic.expression`). Each operation is laid out by its form in `LAYOUTS`;
one that has none is written as a function of its inputs, so an operation that is added to the table is printed without
a word about it here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import reduce
from typing import NamedTuple

from engine import Op, ops
from engine.graph import toposort
from engine.labels import parse
from engine.symbolic.expression import Expression
from viz.math.formats import Format, get_format

# How tightly a formula holds together, from the loosest: what is looser than its place asks for gets brackets. Nothing
# is as tight as `_ALWAYS`.
(_RELATION, _CASES, _SUM, _TOTAL, _HADAMARD, _QUOTIENT, _PRODUCT, _PREFIX, _DERIVATIVE, _POWER, _ATOM) = range(11)
_ALWAYS = _ATOM + 1

# How tightly a formula with this sign holds together, and what the sign asks of its left side and of its right one:
# (x − y) − u, but x − (y − u). What ∘ joins are no bare products. Any other sign is as loose as +.
_SIGNS = {"−": (_SUM, _SUM, _TOTAL), "·": (_PRODUCT, _QUOTIENT, _PRODUCT), "×": (_PRODUCT, _PRODUCT, _PRODUCT)}
_SIGNS |= {"/": (_QUOTIENT, _QUOTIENT, _POWER), "∘": (_HADAMARD, _PREFIX, _PREFIX)}
_SIGNS |= dict.fromkeys(("=", "=:", "≜", "←", "→", "∈"), (_RELATION, _RELATION, _RELATION))

_MOST_TERMS = 6

# How a formula lays out an operation, where not as a function of its inputs.
LAYOUTS: dict[Op, str] = dict.fromkeys((ops.add, ops.subtract, ops.multiply), "infix")
LAYOUTS |= {ops.divide: "fraction", ops.negate: "prefix", ops.power: "power", ops.sqrt: "root", ops.absolute: "bars"}
LAYOUTS |= {ops.where: "cases", ops.greater: "bracket", ops.weighted_sum: "sum"}


class _Text(NamedTuple):
    text: str
    strength: int
    is_letter: bool = False  # one letter with its indices, which may stand beside another without a sign: w₁₁x₁
    is_signed: bool = False  # it begins with a minus


def format_formula(
    formula: Expression, format: str = "text", short: Mapping[str, str] | None = None, digits: int = 6
) -> str:
    """The formula in a format: one line of "text", "latex" for math mode, "html" to stand inside `<math>`.

    `short` says which labels are written otherwise, see `engine.labels.short_labels`; `digits`, how many significant
    digits numbers have at most.

    >>> from engine import Value, NamedGraph, dot
    >>> a = dot([Value(0.5, "w_11^(1)"), Value(2.0, "w_12^(1)")], [Value(1.5, "x_1"), Value(-0.5, "x_2")])
    >>> print(format_formula(NamedGraph(a).relation(a)))
    w₁₁⁽¹⁾x₁ + w₁₂⁽¹⁾x₂
    >>> print(format_formula(NamedGraph(a).relation(a), "latex"))
    w_{11}^{(1)} x_1 + w_{12}^{(1)} x_2
    """
    writer = _Writer(get_format(format), short or {}, digits)
    written: dict[Expression, _Text] = {}
    for symbol in toposort(formula):
        text = writer.write(symbol, [written[x] for x in symbol.inputs])
        is_readable = len(text.text) <= writer.format.max_length
        written[symbol] = text if is_readable else _Text(writer.format.label("…"), _ATOM)
    return written[formula].text


def format_number(x: float, digits: int = 6, format: str = "text") -> str:
    r"""A number with so many significant digits, and with the minus sign of print.

    >>> format_number(-0.123456789), format_number(3.0), format_number(1e-20, format="latex")
    ('−0.123457', '3', '1 \\times 10^{-20}')
    """
    return get_format(format).number(f"{x:.{digits}g}")


@dataclass(frozen=True)
class _Writer:
    """Says where brackets go; what they look like is the format's."""

    format: Format
    short: Mapping[str, str]
    digits: int

    def write(self, symbol: Expression, inputs: list[_Text]) -> _Text:
        format = self.format
        if symbol.is_number:
            digits = f"{symbol.number:.{self.digits}g}"
            is_signed = digits.startswith("-")
            strength = _PRODUCT if "e" in digits else _PREFIX if is_signed else _ATOM
            return _Text(format.number(digits), strength, is_signed=is_signed)
        if not inputs:
            return self.label(symbol.name)
        name = symbol.op.symbol
        match LAYOUTS.get(symbol.op, "call"), inputs:
            case "infix", [x, y]:
                return self.infix(x, name, y)
            case "prefix", [x]:
                strength = _TOTAL if x.strength == _TOTAL else _PREFIX  # all that follows belongs to a Σ
                text = format.prefix(format.sign(name), self.after_sign(_TOTAL, x).text)
                return _Text(text, strength, is_signed=True)
            case "fraction", [x, y] if format.is_stacked:
                return _Text(format.fraction(x.text, y.text), _POWER)
            case "fraction", [x, y]:
                return self.infix(x, "/", y)
            case "power", [x, y]:
                return self.power(x, y, *symbol.inputs)
            case "root", [x]:
                return _Text(format.root(x.text if format.is_stacked else self.at_least(_ATOM, x).text), _POWER)
            case "bars", [x]:
                return _Text(format.brackets(x.text, "||"), _ATOM)
            case "bracket", [x, y]:
                return _Text(format.brackets(format.infix(x.text, format.sign(name), y.text), "[]"), _ATOM)
            case "cases", _:
                return _Text(format.cases(*(self.at_least(_SUM, x).text for x in inputs)), _CASES)
            case "sum", _:
                return self.weighted_sum(inputs)
            case "derivative", [y, x]:
                above = y.text if y.strength == _ATOM else ""
                text = format.derivative(above, self.at_least(_ATOM, x).text)
                text = text if above else format.beside(text, format.brackets(y.text))
                return _Text(text, _DERIVATIVE, is_letter=format.is_stacked)
            case "total", [index, upper, term]:
                return _Text(format.total(index.text, upper.text, self.at_least(_TOTAL, term).text), _TOTAL)
        arguments = format.comma.join(x.text for x in inputs)
        return _Text(format.function(name) + format.brackets(arguments), _ATOM)

    def label(self, name: str) -> _Text:
        name = self.short.get(name, name)
        is_letter = parse(name) is not None
        is_whole = is_letter or not any(sign in name for sign in "+-−*·/=")
        return _Text(self.format.label(name), _ATOM if is_whole else _SUM, is_letter)

    def at_least(self, strength: int, x: _Text) -> _Text:
        return x if x.strength >= strength else _Text(self.format.brackets(x.text), _ATOM)

    def after_sign(self, strength: int, x: _Text) -> _Text:
        """As `at_least`, but no sign follows another."""
        return self.at_least(_ALWAYS if x.is_signed else strength, x)

    def infix(self, x: _Text, sign: str, y: _Text) -> _Text:
        strength, left, right = _SIGNS.get(sign, (_SUM, _SUM, _SUM))
        if sign == "·" and y.strength == _TOTAL:
            strength = _TOTAL  # all that follows belongs to a Σ
        x = self.at_least(left, x)
        y = y if strength in (_RELATION, _TOTAL) else self.after_sign(right, y)
        if sign == "/":
            text = self.format.fraction(x.text, y.text)
        elif sign == "·" and x.is_letter and y.is_letter:
            text = self.format.beside(x.text, y.text)
        else:
            text = self.format.infix(x.text, self.format.sign(sign), y.text)
        return _Text(text, strength, is_signed=x.is_signed)

    def power(self, x: _Text, y: _Text, base: Expression, exponent: Expression) -> _Text:
        letter = parse(base.name)
        x = self.at_least(_ALWAYS if letter and letter.superscript else _ATOM, x)
        number = exponent.number if exponent.is_number and exponent.number.is_integer() else None
        y = y if self.format.is_stacked or number is not None else self.at_least(_ATOM, y)
        return _Text(self.format.power(x.text, y.text, number), _POWER)

    def weighted_sum(self, inputs: list[_Text]) -> _Text:
        """Σ of weights times values, and the bias: all terms if they are few, else the first and the last."""
        n = len(inputs) // 2
        terms = [self.infix(w, "·", z) for w, z in zip(inputs[:n], inputs[n:], strict=False)]
        if n > _MOST_TERMS:
            terms[2:-1] = [_Text(self.format.dots, _ATOM)]
        terms += inputs[2 * n :]
        return reduce(lambda x, y: self.infix(x, "+", y), terms)._replace(strength=_SUM)
