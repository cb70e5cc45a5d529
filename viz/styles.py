"""The kinds of print that formulas have: one line of Unicode, LaTeX, and MathML.

A style says how the pieces look; what goes into brackets, and in which order things come, is the same in all of them
and is said once, in `viz.formula`.
"""

from __future__ import annotations

import html

from viz import notation

_SUPERSCRIPTS = str.maketrans(notation.SUPERSCRIPTS)
_LATEX_SIGNS = {sign: sign for sign in "+/=>"} | {"−": "-", "=:": "=:", "·": r"\cdot", "∘": r"\circ", "×": r"\times"}
_LATEX_SIGNS |= {"→": r"\to", "←": r"\leftarrow", "∈": r"\in", "≜": r"\triangleq"}
_LATEX_FUNCTIONS = {"exp", "ln", "log", "max", "min", "sin", "cos", "tan", "sinh", "cosh", "tanh"}  # that TeX knows
_LATEX_NUMBERS = {"inf": r"\infty", "-inf": r"-\infty", "nan": r"\text{nan}"}


class Unicode:
    """One line of a terminal. The other styles are made of the same methods.

    Attributes:
        longest: How many characters a formula may have; one that is longer is no longer read.
        is_stacked: Whether a fraction holds together by itself, so that it needs no brackets.
    """

    longest = 2000
    is_stacked = False
    dots = "⋯"

    def label(self, name: str) -> str:
        """A name: letters with indices, or any text."""
        return notation.to_unicode(name)

    def number(self, digits: str) -> str:
        """A number, typed as Python does."""
        return digits.replace("-", "−")

    def function(self, symbol: str) -> str:
        """The name of an operation: σ, σ', relu."""
        return symbol

    def sign(self, sign: str) -> str:
        """A sign between two formulas, or before one."""
        return sign

    def infix(self, x: str, sign: str, y: str) -> str:
        """A sign between formulas."""
        return f"{x} {self.sign(sign)} {y}"

    def beside(self, x: str, y: str) -> str:
        """A product without a sign."""
        return x + y

    def prefix(self, sign: str, x: str) -> str:
        """A sign before a formula."""
        return self.sign(sign) + x

    def brackets(self, x: str, pair: str = "()") -> str:
        """A formula in brackets, or between bars."""
        return f"{pair[0]}{x}{pair[1]}"

    def call(self, function: str, arguments: list[str]) -> str:
        """A function of its arguments; without a name, a row of numbers."""
        return self.function(function) + self.brackets(self.listed(arguments))

    def listed(self, items: list[str]) -> str:
        """Formulas with commas between them."""
        return ", ".join(items)

    def fraction(self, x: str, y: str) -> str:
        """x over y."""
        return f"{x} / {y}"

    def power(self, x: str, exponent: str, number: float | None) -> str:
        """x to a power; `number` is the exponent where that is a known whole number."""
        return f"{x}^{exponent}" if number is None else x + f"{number:.0f}".translate(_SUPERSCRIPTS)

    def root(self, x: str) -> str:
        """The square root."""
        return f"√{x}"

    def cases(self, condition: str, x: str, y: str) -> str:
        """x where the condition holds, else y."""
        return f"{x} if {condition} else {y}"

    def derivative(self, y: str, x: str) -> str:
        """∂y/∂x; with an empty y, the operator ∂/∂x."""
        return f"∂{y}/∂{x}"

    def total(self, index: str, upper: str, term: str) -> str:
        """The sum of terms with an index from 1 up."""
        return f"Σ_{{{index}=1}}^{{{upper}}} {term}"


class LaTeX(Unicode):
    r"""Math mode, with the commands of amsmath: \text, \operatorname."""

    longest = 8000
    is_stacked = True
    dots = r"\cdots"

    def label(self, name: str) -> str:
        return notation.to_latex(name)

    def number(self, digits: str) -> str:
        mantissa, is_small_or_large, exponent = digits.partition("e")
        if is_small_or_large:
            return rf"{mantissa} \times 10^{{{int(exponent)}}}"
        return _LATEX_NUMBERS.get(digits, digits)

    def function(self, symbol: str) -> str:
        name = symbol.removesuffix("'")
        written = notation.to_latex(name) if name else ""
        if name in _LATEX_FUNCTIONS:
            written = "\\" + name
        elif written.startswith(r"\text{") and name.isascii() and name.replace("_", "").isalnum():
            written = written.replace(r"\text", r"\operatorname", 1)
        return written + symbol[len(name) :]

    def sign(self, sign: str) -> str:
        return _LATEX_SIGNS.get(sign) or notation.to_latex(sign)

    def beside(self, x: str, y: str) -> str:
        return f"{x} {y}"

    def prefix(self, sign: str, x: str) -> str:
        return f"{self.sign(sign)} {x}" if len(self.sign(sign)) > 1 else self.sign(sign) + x

    def brackets(self, x: str, pair: str = "()") -> str:
        return rf"\left{pair[0]}{x}\right{pair[1]}"

    def fraction(self, x: str, y: str) -> str:
        return rf"\frac{{{x}}}{{{y}}}"

    def power(self, x: str, exponent: str, number: float | None) -> str:
        return f"{x}^{{{exponent}}}"

    def root(self, x: str) -> str:
        return rf"\sqrt{{{x}}}"

    def cases(self, condition: str, x: str, y: str) -> str:
        return rf"\begin{{cases}} {x} & {condition} \\ {y} & \text{{otherwise}} \end{{cases}}"

    def derivative(self, y: str, x: str) -> str:
        return rf"\frac{{\partial {y}}}{{\partial {x}}}"

    def total(self, index: str, upper: str, term: str) -> str:
        return rf"\sum_{{{index}=1}}^{{{upper}}} {term}"


class MathML(Unicode):
    """What stands inside `<math>`, in MathML Core: it needs no script in the page."""

    longest = 40_000
    is_stacked = True
    dots = "<mo>⋯</mo>"

    def label(self, name: str) -> str:
        return notation.to_mathml(name)

    def number(self, digits: str) -> str:
        sign = "<mo>−</mo>" * digits.startswith("-")
        return f"{sign}<mn>{digits.lstrip('-').replace('-', '−')}</mn>"

    def function(self, symbol: str) -> str:
        name = symbol.removesuffix("'")
        written = notation.to_mathml(name) if name else ""
        return written if name == symbol else f'<mrow>{written}<mo lspace="0" rspace="0">′</mo></mrow>'

    def sign(self, sign: str) -> str:
        return f"<mo>{html.escape(notation.to_unicode(sign))}</mo>"

    def infix(self, x: str, sign: str, y: str) -> str:
        return x + self.sign(sign) + y

    def beside(self, x: str, y: str) -> str:
        return f"{x}<mspace width='0.15em'/>{y}"

    def brackets(self, x: str, pair: str = "()") -> str:
        return f"<mrow><mo>{pair[0]}</mo>{x}<mo>{pair[1]}</mo></mrow>"

    def listed(self, items: list[str]) -> str:
        return "<mo>,</mo>".join(items)

    def fraction(self, x: str, y: str) -> str:
        return f"<mfrac><mrow>{x}</mrow><mrow>{y}</mrow></mfrac>"

    def power(self, x: str, exponent: str, number: float | None) -> str:
        return f"<msup><mrow>{x}</mrow><mrow>{exponent}</mrow></msup>"

    def root(self, x: str) -> str:
        return f"<msqrt>{x}</msqrt>"

    def cases(self, condition: str, x: str, y: str) -> str:
        return f"<mrow>{x}<mtext>&#160;if&#160;</mtext>{condition}<mtext>&#160;else&#160;</mtext>{y}</mrow>"

    def derivative(self, y: str, x: str) -> str:
        return self.fraction(f"<mo>∂</mo>{y}", f"<mo>∂</mo>{x}")

    def total(self, index: str, upper: str, term: str) -> str:
        below = f"<mrow>{index}<mo>=</mo><mn>1</mn></mrow>"
        return f"<munderover><mo>∑</mo>{below}<mrow>{upper}</mrow></munderover>{term}"


STYLES: dict[str, Unicode] = {"unicode": Unicode(), "latex": LaTeX(), "mathml": MathML()}
