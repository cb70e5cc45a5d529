"""Formulas written in any of the `viz.math.formats`: where brackets go, and how each operation is laid out.

A formula is a graph of expressions (`engine.symbolic.expression`). An operation without an entry in `LAYOUTS` is
written as a function of its inputs, so one that is added to the table of operations needs nothing here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from engine import Op, ops
from engine._support import checks
from engine.graph import toposort
from engine.labels import parse_label
from engine.symbolic.expression import Expression
from engine.symbolic.rewrites import equals
from viz.math.formats import FormulaFormat, get_format

# Precedences, from the loosest. A formula gets brackets where its precedence is less than its place asks for.
(_RELATION, _CASES, _SUM, _SIGMA, _HADAMARD, _QUOTIENT, _PRODUCT, _PREFIX, _DERIVATIVE, _POWER, _ATOM) = range(11)
_BRACKETS = _ATOM + 1  # more than any formula has

# The precedence of a formula with this infix sign, and those that it asks of its left and its right operand:
# (x − y) − u, but x − (y − u). A product beside ∘ gets brackets. Any other sign is as loose as +.
_INFIX = {"−": (_SUM, _SUM, _SIGMA), "·": (_PRODUCT, _QUOTIENT, _PRODUCT), "×": (_PRODUCT, _PRODUCT, _PRODUCT)}
_INFIX |= {"/": (_QUOTIENT, _QUOTIENT, _POWER), "∘": (_HADAMARD, _PREFIX, _PREFIX)}
_INFIX |= dict.fromkeys(("=", "≜", "←", "→", "∈"), (_RELATION, _RELATION, _RELATION))

# The kinds of signs at the beginning and at the end of a formula.
_LETTER, _NUMBER, _BRACKET, _DERIVED, _SUMMATION = "letter", "number", "bracket", "derivative", "sum"
# A product does not need a sign where its right factor begins with one of these, by the end of its left factor.
_AFTER: dict[str, tuple[str, ...]] = dict.fromkeys((_LETTER, _BRACKET), (_LETTER, _DERIVED, _SUMMATION))
_AFTER |= {_DERIVED: (_DERIVED, _SUMMATION), _NUMBER: (_LETTER,)}
_AFTER[_BRACKET] += (_BRACKET,)  # σ'(a)(x + y), but x · (y + z), since x(y + z) is a function's value

_NUMERAL = re.compile(r"-?[0-9]+(\.[0-9]+)?(e[-+][0-9]+)?", re.ASCII)
_MAX_TERMS = 6
DEFAULT_DIGITS = 6

# The layouts of operations that are not written as functions of their inputs.
LAYOUTS: dict[Op, str] = dict.fromkeys((ops.add, ops.subtract, ops.multiply, ops.multiply_no_nan), "infix")
LAYOUTS |= {ops.divide: "fraction", ops.negate: "prefix", ops.power: "power", ops.sqrt: "root", ops.absolute: "bars"}
LAYOUTS |= {ops.cbrt: "cube root", ops.floor: "floor"}
LAYOUTS |= {ops.where: "cases", ops.greater: "bracket", equals: "bracket", ops.weighted_sum: "weighted sum"}


class _Written(NamedTuple):
    """A formula in a format, and what decides whether it needs brackets."""

    text: str
    precedence: int
    is_signed: bool = False  # it begins with a minus
    starts: str = ""  # its kind of sign at the beginning and at the end, which decide whether a product needs a sign
    ends: str = ""
    after_sign: str = ""  # what stands after a sign, if other than all of it in brackets: (−2) · 3 for −2 · 3


def format_formula(
    formula: Expression,
    format: str | FormulaFormat = "text",
    short: Mapping[str, str] | None = None,
    digits: int = DEFAULT_DIGITS,
) -> str:
    """The formula in a format: one line of "text", "latex" for math mode, "html" to stand inside `<math>`.

    `short` replaces labels by others, see `engine.labels.short_labels`; `digits` is the number of significant digits.

    >>> from engine import Value, NamedGraph, dot
    >>> a = dot([Value(0.5, "w_11^(1)"), Value(2.0, "w_12^(1)")], [Value(1.5, "x_1"), Value(-0.5, "x_2")])
    >>> print(format_formula(NamedGraph(a).relation(a)))
    w₁₁⁽¹⁾x₁ + w₁₂⁽¹⁾x₂
    >>> print(format_formula(NamedGraph(a).relation(a), "latex"))
    w_{11}^{(1)} x_1 + w_{12}^{(1)} x_2
    """
    writer = _FormulaWriter(format if isinstance(format, FormulaFormat) else get_format(format), short or {}, digits)
    written: dict[Expression, _Written] = {}
    for node in toposort(formula):
        found = writer.write(node, [written[x] for x in node.inputs])
        is_readable = len(found.text) <= writer.format.max_length
        written[node] = found if is_readable else _Written(writer.format.label("…"), _ATOM)
    return written[formula].text


def _is_scaled(formula: Expression) -> bool:
    """Whether the formula is the product of a letter that is not bold, a scalar, and something else."""
    label = parse_label(formula.inputs[0].name) if formula.op is ops.multiply else None
    return label is not None and not label.bold


def _has_one_factor_twice(x: Expression, y: Expression) -> bool:
    """Whether x ends with the name that y begins with: x · x, since xx could be one name."""
    while x.op is ops.multiply:
        x = x.inputs[1]
    while y.op is ops.multiply:
        y = y.inputs[0]
    return x is y and not x.inputs


def _is_half_of_squares(formula: Expression) -> bool:
    """Whether the formula is the half of a square, or of a sum of squares, as errors are: ½(z − y)²."""
    squares, two = formula.inputs
    while squares.op is ops.add or LAYOUTS.get(squares.op) == "sigma":
        squares = squares.inputs[-1]
    return two.known == 2.0 and squares.op is ops.power


def format_number(x: float, digits: int = DEFAULT_DIGITS, format: str = "text") -> str:
    r"""The number with at most this many significant digits, as it is printed: a true minus sign, and powers of ten.

    Minus zero is printed as 0. Raises ValueError unless `digits` is a whole number of at least 1.

    >>> format_number(-0.123456789), format_number(3.0), format_number(123456.789, 4), format_number(-1.2e-05)
    ('−0.123457', '3', '1.235·10⁵', '−1.2·10⁻⁵')
    >>> format_number(1.2e-05, format="latex")
    '1.2 \\times 10^{-5}'
    """
    is_valid = isinstance(digits, int) and digits >= 1
    checks.value_error_unless(is_valid, "digits must be a whole number of at least 1", digits)
    return get_format(format).number(_to_digits(x, digits))


def _to_digits(x: float, digits: int) -> str:
    return f"{x + 0.0:.{digits}g}"  # −0 + 0 is 0


@dataclass(frozen=True)
class _FormulaWriter:
    """Writes one operation around its inputs, which are written already; the format says what each sign looks like."""

    format: FormulaFormat
    short: Mapping[str, str]
    digits: int

    def write(self, node: Expression, inputs: list[_Written]) -> _Written:
        format = self.format
        if node.is_constant:
            return self.number(_to_digits(node.value, self.digits))
        if not inputs:
            return self.label(node.name)
        name = node.op.symbol
        match LAYOUTS.get(node.op, "call"), inputs:
            case "infix", [x, y]:
                if name == "∘" and _is_scaled(node.inputs[0]):
                    x = x._replace(precedence=_ATOM)  # δ𝐰 ∘ 𝐳, as in the paper's Table 2, but (𝐖𝐱) ∘ 𝐳
                return self.infix(x, name, y, has_sign=_has_one_factor_twice(*node.inputs))
            case "juxtaposed", [x, y]:
                return self.juxtaposed(x, y)
            case "grouped", [x]:
                return self.in_brackets(x)
            case "transposed", [x]:
                return _Written(format.transposed(self.at_least(_ATOM, x).text), _ATOM, False, _BRACKET, _BRACKET)
            case "row", _:
                return _Written(format.row(*(x.text for x in inputs)), _RELATION)
            case "listed", _:
                return _Written(format.comma.join(x.text for x in inputs), _RELATION)
            case "matrix", _:
                return _Written(format.matrix(*(row.text for row in inputs)), _ATOM, False, _BRACKET, _BRACKET)
            case "prefix", [x]:
                precedence = _SIGMA if x.precedence == _SIGMA else _PREFIX  # all that follows belongs to a Σ
                text = format.prefix(format.sign(name), self.after_sign(_SIGMA, x).text)
                return _Written(text, precedence, is_signed=True, ends=x.ends)
            case "fraction", [x, _] if _is_half_of_squares(node):
                half = _Written(format.half, _PRODUCT, False, _NUMBER, _NUMBER)
                has_sign = x.precedence >= _PRODUCT and x.starts in ("", _NUMBER)  # ½ · 0.5², put in for z
                return self.infix(half, "·", x) if has_sign else self.juxtaposed(half, x)
            case "fraction", [x, y] if format.is_stacked:
                return _Written(format.fraction(x.text, y.text), _POWER)
            case "fraction", [x, y]:
                return self.infix(x, "/", y)
            case "power", [x, y]:
                return self.power(x, y, *node.inputs)
            case "root", [x]:
                return _Written(format.root(x.text if format.is_stacked else self.at_least(_ATOM, x).text), _POWER)
            case "cube root", [x]:
                return _Written(format.cube_root(x.text if format.is_stacked else self.at_least(_ATOM, x).text), _POWER)
            case "floor", [x]:
                return _Written(format.brackets(x.text, "⌊⌋"), _ATOM)
            case "bars", [x]:
                return _Written(format.brackets(x.text, "||"), _ATOM)
            case "bracket", [x, y]:
                return _Written(format.brackets(format.infix(x.text, format.sign(name), y.text), "[]"), _ATOM)
            case "cases", _:
                return _Written(format.cases(*(self.at_least(_SUM, x).text for x in inputs)), _CASES)
            case "weighted sum", _:
                return self.weighted_sum(inputs, [x.value if x.is_constant else None for x in node.inputs])
            case "derivative", [y, x]:
                above = y.text if y.precedence == _ATOM else ""
                text = format.derivative(above, self.at_least(_ATOM, x).text)
                text = text if above else format.beside(text, format.brackets(y.text))
                return _Written(text, _DERIVATIVE, False, _DERIVED, _DERIVED)
            case "sigma", [index, upper, term]:
                text = format.total(index.text, upper.text, self.at_least(_SIGMA, term).text)
                return _Written(text, _SIGMA, starts=_SUMMATION)
        arguments = format.comma.join(x.text for x in inputs)
        starts = _LETTER if parse_label(name.removesuffix("'")) else _BRACKET if not name else ""  # σ', but not sin
        ends = _BRACKET if starts or name.endswith("'") else ""  # tanh'(a)(x + y)
        return _Written(format.function(name) + format.brackets(arguments), _ATOM, False, starts, ends)

    def number(self, digits: str) -> _Written:
        is_signed = digits.startswith("-")
        precedence = _PRODUCT if "e" in digits else _PREFIX if is_signed else _ATOM
        return _Written(self.format.number(digits), precedence, is_signed, _NUMBER, _NUMBER)

    def label(self, name: str) -> _Written:
        name = self.short.get(name, name)
        if _NUMERAL.fullmatch(name):  # as leaves without a label are called
            return self.number(name)
        is_letter = parse_label(name) is not None
        is_atom = is_letter or not any(sign in name for sign in "+-−*·/=")
        kind = _LETTER if is_letter else ""
        is_signed = name.startswith(("-", "−"))
        return _Written(self.format.label(name), _ATOM if is_atom else _SUM, is_signed, kind, kind)

    def at_least(self, precedence: int, x: _Written) -> _Written:
        """x, in brackets unless it has at least this precedence."""
        return x if x.precedence >= precedence else self.in_brackets(x)

    def in_brackets(self, x: _Written) -> _Written:
        return _Written(self.format.brackets(x.text), _ATOM, False, _BRACKET, _BRACKET)

    def after_sign(self, precedence: int, x: _Written) -> _Written:
        """x, in brackets also if it begins with a sign, since no sign follows another."""
        if x.after_sign and x.precedence >= precedence:
            return _Written(x.after_sign, x.precedence, False, _BRACKET, x.ends)
        return self.at_least(_BRACKETS if x.is_signed else precedence, x)

    def infix(self, x: _Written, sign: str, y: _Written, has_sign: bool = False) -> _Written:
        """x and y with a sign between them; a product does not have one where it is not needed, or with `has_sign`."""
        precedence, left, right = _INFIX.get(sign, (_SUM, _SUM, _SUM))
        if sign == "·" and y.starts == _SUMMATION:
            precedence = right = _SIGMA  # all that follows belongs to a Σ
        x = self.at_least(left, x)
        y = y if precedence == _RELATION else self.after_sign(right, y)
        is_power_of_ten = x.ends == _NUMBER and x.precedence == _PRODUCT
        if sign == "·" and y.starts in _AFTER.get(x.ends, ()) and not is_power_of_ten and not has_sign:
            return self.juxtaposed(x, y)
        is_factor = x.is_signed and x.starts == x.ends == _NUMBER and precedence in (_QUOTIENT, _PRODUCT)
        first = self.in_brackets(x).text if is_factor else x.after_sign
        text, after_sign = (self.joined(factor, sign, y.text) for factor in (x.text, first))
        starts = x.starts if has_sign else ""  # 2x · x
        return _Written(text, precedence, x.is_signed, starts, after_sign=after_sign if first else "")

    def joined(self, x: str, sign: str, y: str) -> str:
        return self.format.fraction(x, y) if sign == "/" else self.format.infix(x, self.format.sign(sign), y)

    def juxtaposed(self, x: _Written, y: _Written) -> _Written:
        """The product without a sign: 2a, (2)(−3), w₁₁x₁, ∂y/∂a ∂a/∂x, σ'(a) Σ(j = 1…N) wⱼ."""
        precedence = _SIGMA if y.starts == _SUMMATION else _PRODUCT
        x = self.at_least(_PRODUCT, x)
        if y.starts == _NUMBER:
            x = self.in_brackets(x) if x.starts == x.ends == _NUMBER else x
            y = self.in_brackets(y)
        y = self.after_sign(precedence, y)
        is_close = {x.ends, y.starts} <= {_LETTER, _NUMBER, _BRACKET}
        text = (self.format.beside if is_close else self.format.spaced)(x.text, y.text)
        return _Written(text, precedence, x.is_signed, x.starts, y.ends)

    def power(self, x: _Written, y: _Written, base: Expression, exponent: Expression) -> _Written:
        letter = parse_label(base.name)
        x = self.at_least(_BRACKETS if letter and letter.superscript else _ATOM, x)
        number = exponent.value if exponent.is_constant and exponent.value.is_integer() else None
        y = y if self.format.is_stacked or number is not None else self.at_least(_ATOM, y)
        return _Written(self.format.power(x.text, y.text, number), _POWER, starts=x.starts)

    def weighted_sum(self, inputs: list[_Written], numbers: list[float | None]) -> _Written:
        """w₁z₁ + w₂z₂ − 0.5z₃ + ... and the bias: of more than `_MAX_TERMS` products the first two and the last."""
        n = len(inputs) // 2
        terms: list[tuple[str, _Written]] = []  # the sign before each, and the term
        for w, z, number in zip(inputs[:n], inputs[n:], numbers, strict=False):
            if terms and number is not None and number < 0.0 and z.starts != _NUMBER:
                terms.append(("−", self.infix(self.number(_to_digits(-number, self.digits)), "·", z)))
            else:
                terms.append(("+", self.infix(w, "·", z)))
        if n > _MAX_TERMS:
            terms[2:-1] = [("+", _Written(self.format.dots, _ATOM))]
        terms += [("+", bias) for bias in inputs[2 * n :]]
        (_, total), *others = terms
        for sign, term in others:
            total = self.infix(total, sign, term)
        return total._replace(precedence=_SUM)
