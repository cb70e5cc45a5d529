"""Formulas as print, in any of the `viz.formats`.

A formula is a graph of expressions (`engine.symbolic`). Each operation is laid out by its form in `FORMS`; one that has
none is written as a function of its inputs, so an operation that is added to the table is printed without a word about
it here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from engine import Op, ops
from engine.graph import toposort
from engine.labels import parse
from engine.symbolic import Expression
from viz.formats import Format, format_named

# How tightly a formula holds together, from the loosest: what is looser than its place asks for gets brackets.
(_RELATION, _CASES, _SUM, _TOTAL, _HADAMARD, _QUOTIENT, _PRODUCT, _PREFIX, _DERIVATIVE, _POWER, _ATOM) = range(11)
_STRENGTHS = {"·": _PRODUCT, "∘": _HADAMARD, "×": _PRODUCT, "=": _RELATION, "=:": _RELATION, "≜": _RELATION}
_STRENGTHS |= {"←": _RELATION, "→": _RELATION, "∈": _RELATION}

_MOST_TERMS = 6

# How a formula lays out an operation, where not as a function of its inputs.
FORMS: dict[Op, str] = {
    ops.add: "infix",
    ops.subtract: "infix",
    ops.multiply: "infix",
    ops.divide: "fraction",
    ops.negate: "prefix",
    ops.power: "power",
    ops.sqrt: "root",
    ops.absolute: "bars",
    ops.where: "cases",
    ops.greater: "bracket",
    ops.weighted_sum: "sum",
}


class _Text(NamedTuple):
    text: str
    strength: int
    is_letter: bool = False  # one letter with its indices, which may stand beside another without a sign: w₁₁x₁
    is_signed: bool = False  # it begins with a minus


def to_text(formula: Expression, format: str = "text", short: Mapping[str, str] | None = None, digits: int = 6) -> str:
    """The formula in a format: one line of "text", "latex" for math mode, "html" to stand inside `<math>`.

    `short` says which labels are written otherwise, see `engine.labels.short_labels`; `digits`, how many significant
    digits numbers have at most.

    >>> from engine import Value, NamedGraph, dot
    >>> a = dot([Value(0.5, "w_11^(1)"), Value(2.0, "w_12^(1)")], [Value(1.5, "x_1"), Value(-0.5, "x_2")])
    >>> print(to_text(NamedGraph(a).relation(a)))
    w₁₁⁽¹⁾x₁ + w₁₂⁽¹⁾x₂
    >>> print(to_text(NamedGraph(a).relation(a), "latex"))
    w_{11}^{(1)} x_1 + w_{12}^{(1)} x_2
    """
    writer = _Writer(format_named(format), short or {}, digits)
    written: dict[Expression, _Text] = {}
    for symbol in toposort(formula):
        text = writer.write(symbol, [written[x] for x in symbol.inputs])
        is_readable = len(text.text) <= writer.format.longest
        written[symbol] = text if is_readable else _Text(writer.format.label("…"), _ATOM)
    return written[formula].text


def number(x: float, digits: int = 6, format: str = "text") -> str:
    r"""A number with so many significant digits, and with the minus sign of print.

    >>> number(-0.123456789), number(3.0), number(1e-20, format="latex")
    ('−0.123457', '3', '1 \\times 10^{-20}')
    """
    return format_named(format).number(f"{x:.{digits}g}")


class _Writer:
    """Says where brackets go; what they look like is the format's."""

    def __init__(self, format: Format, short: Mapping[str, str], digits: int) -> None:
        self.format = format
        self.short = short
        self.digits = digits

    def write(self, symbol: Expression, inputs: list[_Text]) -> _Text:
        format = self.format
        if symbol.is_number:
            digits = f"{symbol.number:.{self.digits}g}"
            is_signed = digits.startswith("-")
            strength = _PRODUCT if "e" in digits else _PREFIX if is_signed else _ATOM
            return _Text(format.number(digits), strength, is_signed=is_signed)
        if not inputs:
            return self.label(symbol.name)
        sign = symbol.op.symbol
        match FORMS.get(symbol.op, "call"), inputs:
            case "infix", [x, y]:
                return self.infix(x, sign, y)
            case "prefix", [x]:
                strength = _TOTAL if x.strength == _TOTAL else _PREFIX  # all that follows belongs to a Σ
                return _Text(format.prefix(sign, self.after_sign(_TOTAL, x)), strength, is_signed=True)
            case "fraction", [x, y]:
                if format.is_stacked:
                    return _Text(format.fraction(x.text, y.text), _POWER)
                x_text = self.at_least(_QUOTIENT, x)
                is_signed = x.is_signed and x.strength >= _QUOTIENT
                return _Text(format.fraction(x_text, self.after_sign(_POWER, y)), _QUOTIENT, is_signed=is_signed)
            case "power", [x, y]:
                return self.power(x, y, *symbol.inputs)
            case "root", [x]:
                return _Text(format.root(x.text if format.is_stacked else self.at_least(_ATOM, x)), _POWER)
            case "bars", [x]:
                return _Text(format.brackets(x.text, "||"), _ATOM)
            case "bracket", [x, y]:
                return _Text(format.brackets(format.infix(x.text, sign, y.text), "[]"), _ATOM)
            case "cases", [condition, x, y]:
                return _Text(format.cases(*(self.at_least(_SUM, part) for part in (condition, x, y))), _CASES)
            case "sum", _:
                return self.weighted_sum(inputs)
            case "derivative", [y, x]:
                above = y.text if y.strength == _ATOM else ""
                text = format.derivative(above, self.at_least(_ATOM, x))
                text = text if above else format.beside(text, format.brackets(y.text))
                return _Text(text, _DERIVATIVE, is_letter=format.is_stacked)
            case "total", [index, upper, term]:
                return _Text(format.total(index.text, upper.text, self.at_least(_TOTAL, term)), _TOTAL)
        return _Text(format.call(sign, [x.text for x in inputs]), _ATOM)

    def label(self, name: str) -> _Text:
        name = self.short.get(name, name)
        is_letter = parse(name) is not None
        is_whole = is_letter or not any(sign in name for sign in "+-−*·/=")
        return _Text(self.format.label(name), _ATOM if is_whole else _SUM, is_letter)

    def at_least(self, strength: int, x: _Text) -> str:
        return x.text if x.strength >= strength else self.format.brackets(x.text)

    def after_sign(self, strength: int, x: _Text) -> str:
        """As `at_least`, but no sign follows another."""
        return self.format.brackets(x.text) if x.is_signed else self.at_least(strength, x)

    def infix(self, x: _Text, sign: str, y: _Text) -> _Text:
        if sign == "·":
            return self.product(x, y)
        strength = _STRENGTHS.get(sign, _SUM)
        # (x − y) − u, but x − (y − u); and what ∘ joins are no bare products
        left, right = strength, strength + (sign == "−")
        if sign == "∘":
            left = right = _PREFIX
        is_relation = strength == _RELATION
        text_y = y.text if is_relation else self.after_sign(right, y)
        is_signed = x.is_signed and x.strength >= left
        return _Text(self.format.infix(self.at_least(left, x), sign, text_y), strength, is_signed=is_signed)

    def product(self, x: _Text, y: _Text) -> _Text:
        left = self.at_least(_QUOTIENT, x)
        right = y.text if y.strength == _TOTAL else self.after_sign(_PRODUCT, y)
        is_beside = x.is_letter and y.is_letter
        text = self.format.beside(left, right) if is_beside else self.format.infix(left, "·", right)
        is_signed = x.is_signed and x.strength >= _QUOTIENT
        return _Text(text, _TOTAL if y.strength == _TOTAL else _PRODUCT, is_signed=is_signed)

    def power(self, x: _Text, y: _Text, base: Expression, exponent: Expression) -> _Text:
        letter = parse(base.name)
        below = self.format.brackets(x.text) if letter and letter.superscript else self.at_least(_ATOM, x)
        if exponent.is_number and exponent.number.is_integer():
            return _Text(self.format.power(below, y.text, exponent.number), _POWER)
        above = y.text if self.format.is_stacked else self.at_least(_ATOM, y)
        return _Text(self.format.power(below, above, None), _POWER)

    def weighted_sum(self, inputs: list[_Text]) -> _Text:
        """Σ of weights times values, and the bias: all terms if they are few, else the first and the last."""
        n = len(inputs) // 2
        terms = [self.product(w, z) for w, z in zip(inputs[:n], inputs[n:], strict=False)]
        if n > _MOST_TERMS:
            terms = [*terms[:2], _Text(self.format.dots, _ATOM), terms[-1]]
        if len(inputs) % 2:
            terms.append(inputs[-1])
        text = self.at_least(_SUM, terms[0])
        for term in terms[1:]:
            text = self.format.infix(text, "+", self.after_sign(_SUM, term))
        return _Text(text, _SUM, is_signed=terms[0].is_signed)
