"""The tokens of a typed formula: numbers, names, operations and signs, as typed or as they are printed."""

from __future__ import annotations

import keyword
import math
import re
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import NamedTuple

from engine._support.suggestions import close_matches, did_you_mean_or_list
from engine.labels import parse_label
from engine.op import TABLE, DomainError, Op
from engine.symbolic.names import FRACTIONS, NAME, POWER, goes_on, read_power, to_label
from engine.value import Value

SIGNS = ("**", *"+-*/^(),|⌊⌋[>]", *"−–·×⋅÷")
ALIASES = {
    "ln": "log",
    "σ": "sigmoid",
    "sigma": "sigmoid",
    "√": "sqrt",
    "max": "maximum",
    "min": "minimum",
    "ReLU": "relu",
}
ALIASES |= {"arctg": "atan", "tg": "tan", "lg": "log10"}
ALIASES |= {f"arc{name}": f"a{name}" for name in ("sin", "cos", "tan", "tan2", "sinh", "cosh", "tanh")}
ALIASES |= {op.symbol: name for name, op in TABLE.items() if op.symbol.isidentifier()} | {"∛": "cbrt"}
ROOTS = "√∛"  # unlike other operations, they do not need brackets: √x · y is the product
PI = ("pi", "π")
NUMBERS = FRACTIONS | dict.fromkeys(PI, math.pi)  # unless they are given another value
USUAL = ("x", "y", "z", "r")  # variables that are expected after an operation or π: sinxy, 2πr
WORDS = ("cost", "sine", "sins", "sink", "sing", "tans", "tank", "logs", "logo", "expo", "signs")  # not cos(t)

_DIGITS = "[0-9](?:_?[0-9])*"
_DECIMAL = rf"(?:{_DIGITS}\.?(?:{_DIGITS})?|\.{_DIGITS})"
_NUMBER = re.compile(rf"({_DECIMAL}(?:[eE][-+]?{_DIGITS})?)(?:·10({POWER.pattern}))?")
_LEADING_DIGITS = re.compile(r"[0-9]+(?=.)")
_VISIBLE = re.compile(r"\S+")
_CALL = re.compile(r"(['′]?)\s*\(")
_POWER_OR_LAYER = re.compile(r"([^\W\d_])(\d+)\^\((\d+)\)")
_POWER_SIGN = re.compile(rf"\s*(?:\^|\*\*|{POWER.pattern})")


class Token(NamedTuple):
    """A token of a formula: a sign, a printed power, a number, a node, or an operation; at the end, an empty text."""

    text: str
    at: int
    meaning: Value | float | Op | None = None  # None for a sign
    power: float | None = None
    is_implied: bool = False  # the * between names that touch

    @property
    def end(self) -> int:
        """Where it ends in the formula."""
        return self.at if self.is_implied else self.at + len(self.text)

    @property
    def is_operand(self) -> bool:
        """Whether it is a number or a node."""
        return isinstance(self.meaning, (float, Value))


class Names:
    """The names of a formula: `known` ones, and where `new` is given, a function that makes a variable of any other."""

    def __init__(self, known: Mapping[str, Value | float], new: Callable[[str], Value] | None = None) -> None:
        self.known: dict[str, Value | float] = {}
        self.new = new
        self._lengths: list[int] = []  # of known names, longest first
        for name, x in known.items():
            if name:
                self.define(name, x)

    def define(self, name: str, x: Value | float) -> None:
        """Make a name known."""
        self.known[name] = x
        self._lengths = sorted({*self._lengths, len(name)}, reverse=True)

    def read(self, text: str, at: int) -> Token | None:
        """The operation, the number or the node that is named here; None if a name does not begin here."""
        ends = (at + length for length in self._lengths if at + length <= len(text))
        known = next((text[at:end] for end in ends if text[at:end] in self.known and not goes_on(text, end)), "")
        found = NAME.match(text, at)
        word = found["word"] if found else text[at] if text[at] in (*ROOTS, *NUMBERS) else ""
        call = _CALL.match(text, at + len(word)) if len(word) >= len(known) else None
        if word and call and (op := self._called(word, call[1], text, bool(known))):
            return Token(text[at : call.end(1)], at, op)
        if known:
            return Token(known, at, self._node(known))
        name = found[0] if found else word
        if (label := to_label(name)) in self.known:
            return Token(name, at, self._node(label))
        if op := find_function(word) if name == word else None:
            return Token(name, at, op)
        if name in NUMBERS:
            return Token(name, at, NUMBERS[name])
        return Token(name, at, self._variable(name, label, text, at)) if found else None

    def _variable(self, name: str, label: str, text: str, at: int) -> Value:
        """A new variable, or ValueError, which says what to write, if there cannot be one of this name."""
        if self.new is None:
            if split_name(name, self.known):
                return Value(0.0, label)  # refused with the whole formula
            if name == "e" and (power := _POWER_SIGN.match(text, at + 1)):
                of = NAME.match(text, power.end())
                written = f"exp({of[0]})" if of else "exp(x)"
                raise ValueError(f"write {written} for a power of e, which is not a name here")
            numbers = "; write a finite number, such as 1.5, 1/2 or pi"
            raise ValueError(f"unknown name {name!r:.60}{did_you_mean_or_list(name, self.known) or numbers}")
        if keyword.iskeyword(name):
            raise ValueError(f"{text!r:.80} is not a formula: {name} is a keyword of Python")
        if name == "e" and _POWER_SIGN.match(text, at + 1):
            raise ValueError(f"e does not have a value in {text!r:.80}: write exp(x), or give e one")
        if found := _POWER_OR_LAYER.match(text, at):
            letter, index, number = found.groups()
            either = f"{letter}_{index}^({number}) for a name with a layer, or {letter}{index}^{number} for a power"
            raise ValueError(f"{found[0]} in {text!r:.80} can be read in two ways: write {either}")
        self.known[label] = variable = self.new(label)
        return variable

    def _node(self, name: str) -> Value:
        node = self.known[name]
        return node if isinstance(node, Value) else Value(node, name)

    def _called(self, word: str, prime: str, text: str, is_known: bool) -> Op | None:
        """The operation that is called, or its derivative; None for a letter, with which a product is meant."""
        op = find_function(word)
        if op is None and not prime and (is_known or parse_label(word) or word in NUMBERS):
            return None
        if op is None:
            possible = sorted(name for name, op in TABLE.items() if op.arity is not None)
            near = close_matches(word, possible)
            hint = f"did you mean {near[0]}? Choose" if near else "choose"
            raise ValueError(f"unknown operation {word!r} in {text!r:.80}; {hint} from {', '.join(possible)}")
        return _derivative(op) if prime else op


def find_function(name: str) -> Op | None:
    """The operation of that name in formulas."""
    op = TABLE.get(ALIASES.get(name, name))
    return None if op is None or op.arity is None else op


def takes_one_input(op: Op) -> bool:
    """Whether an operation can be called with one input."""
    return op.arity is not None and op.arity - len(op.defaults) == 1


def _derivative(op: Op) -> Op:
    """The derivative of an operation of one input, as a formula of the operations in its rule."""
    if op.arity != 1:
        raise ValueError(f"{op.name}' is ambiguous: {op.name} has {op.arity} inputs")

    def forward(x: Value | float) -> Value | float:
        try:
            found: Value | float = op.local_derivative(0, op(x), [x])
        except DomainError as error:
            number = x.data if isinstance(x, Value) else x
            raise op.domain_error("the derivative of ", [number], [x]) from error
        return found

    return Op(f"{op.name}'", f"{op.symbol}'", forward, [forward])


def split_name(name: str, names: Collection[str]) -> str:
    """The likely meaning of a name: an operation, or a product of π or of other names; "" if neither.

    >>> split_name("sinx", []), split_name("xy", ["x", "y"]), split_name("xz", ["x", "y"]), split_name("cost", [])
    ('sin(x)', 'x*y', '', '')
    >>> split_name("xy₁", ["x", "y_1"]), split_name("sin2x", []), split_name("πr", [])
    ('x*y₁', 'sin(2*x)', 'π*r')
    """
    names = {*names, *PI}
    for end in range(len(name) - 1, 0, -1):
        op, rest = find_function(name[:end]), name[end:]
        if op and takes_one_input(op):
            is_letter = parse_label(to_label(rest)) and name not in WORDS
            if inside := _product(rest, {*names, *USUAL} if len(rest) > 1 else names) or (rest if is_letter else ""):
                return f"{name[:end]}({inside})"
    product = _product(name, {*names, *USUAL} if name.startswith(PI) else names)
    return product if product != name else ""


def _product(text: str, names: Collection[str]) -> str:
    """The product of a number and names, or of either, that touch in a text; "" if it is not one."""
    number = _LEADING_DIGITS.match(text)
    products = {number.end(): number[0]} if number else {0: ""}  # by their length
    for end in range(1, len(text) + 1):
        for start in sorted(products):
            part = text[start:end]
            if start < end and (part in names or to_label(part) in names):
                products[end] = f"{products[start]}*{part}" if start else part
    return products.get(len(text), "")


def tokenize(text: str, start: int, names: Names) -> list[Token]:
    """The tokens of a formula from `start` on, with * between names that touch, as in w₁z₁.

    Raises ValueError for what cannot stand in a formula and for an unknown name, and DomainError for a number above the
    largest float.
    """
    tokens: list[Token] = []
    end = start
    while visible := _VISIBLE.search(text, end):
        token = _token(text, visible.start(), names)
        if tokens and token.at == end and all(isinstance(x.meaning, Value) for x in (tokens[-1], token)):
            tokens.append(Token("*", token.at, is_implied=True))
        tokens.append(token)
        end = token.end
    return [*tokens, Token("", len(text))]


def _token(text: str, at: int, names: Names) -> Token:
    if found := _NUMBER.match(text, at):
        exponent = f"e{read_power(found[2]):.0f}" if found[2] else ""
        is_power_of_ten = exponent and "e" not in found[1].lower()
        digits = found[1] + exponent if is_power_of_ten else found[1]
        if math.isinf(number := float(digits)):
            raise DomainError(f"a number in {text!r:.80} is larger than the largest float")
        return Token(found[0] if is_power_of_ten else found[1], at, number)
    if token := names.read(text, at):
        return token
    if found := POWER.match(text, at):
        return Token(found[0], at, power=read_power(found[0]))
    for sign in SIGNS:
        if text.startswith(sign, at):
            return Token(sign, at)
    shown = next(run[0] for run in _VISIBLE.finditer(text) if run.end() > at)
    raise ValueError(f"{shown!r:.60} cannot stand in a formula: write numbers, names, + - * / ** and operations")


def misread_names(tokens: Iterable[Token], given: Collection[str]) -> dict[str, str]:
    """The names without a given value that look like an operation or a product without its sign, and what is meant."""
    typed = dict.fromkeys(token.text for token in tokens if isinstance(token.meaning, Value))
    new = [name for name in typed if name not in given and to_label(name) not in given]
    meant = {name: split_name(name, {*typed, *given} - {name}) for name in new}
    return {name: part for name, part in meant.items() if part}


def with_signs(text: str, tokens: Iterable[Token], replaced: Mapping[str, str] | None = None) -> str:
    """The formula with a * wherever a product is meant, and with names replaced."""
    written, end, ends_operand, is_in_bars = "", 0, False, False
    for token in tokens:
        opens_bars = token.text == "|" and not is_in_bars
        starts_operand = token.meaning is not None or token.text in ("(", "⌊", "[") or opens_bars
        written += "*" if ends_operand and starts_operand else text[end : token.at]
        written += (replaced or {}).get(token.text, text[token.at : token.end])
        end = token.end
        is_in_bars ^= token.text == "|"
        is_closed = token.text in (")", "⌋", "]") or (token.text == "|" and not is_in_bars)
        ends_operand = token.is_operand or is_closed or token.power is not None
    return written
