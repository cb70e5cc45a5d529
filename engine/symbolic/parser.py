"""A parser of typed formulas such as "x * y + sin(x)", which never runs them as code."""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Iterator, Mapping
from itertools import count
from typing import Any

from engine import ops
from engine._support import checks
from engine.graph import toposort
from engine.op import GUARD_THE_ARGUMENT, TABLE, DomainError, Op
from engine.symbolic.names import NAME, to_label
from engine.symbolic.tokens import ROOTS, Names, Token, misread_names, takes_one_input, tokenize, with_signs
from engine.value import Value

# For each sign: its precedence, the precedence above which its right operand binds, and its operation.
_BINARY = {
    sign: meaning
    for signs, meaning in (
        (["+"], (1, 1, ops.add)),
        ([*"-−–"], (1, 1, ops.subtract)),
        ([*"*·×⋅"], (2, 2, ops.multiply)),
        ([*"/÷"], (2, 2, ops.divide)),
        (["**", "^"], (4, 3, ops.power)),  # x**y**z is x**(y**z)
    )
    for sign in signs
}
# For each opening bracket: the closing one, and the operation that the pair stands for.
_BRACKETS: dict[str, tuple[str, Op | None]] = {
    "(": (")", None),
    "|": ("|", ops.absolute),
    "⌊": ("⌋", ops.floor),
    "[": ("]", ops.greater),  # [x > y]
}
_PRODUCT, _PREFIX, _POWER = 2, 3, 4  # precedences: -x**2 is -(x**2), and -x*y is (-x)*y
_NAME_AND_EQUALS = re.compile(rf"\s*({NAME.pattern})\s*=(?!=)")
_BETWEEN_FORMULAS = re.compile(r"[;\n]|,(?=[^,;=()]+=)")
EXAMPLE = "write something like x*y + sin(x)"
MAX_LENGTH, MAX_DEPTH = 10_000, 200  # characters, and nested operations
DEFAULT_VALUES = (0.5, 1.5, 0.75, 2.0, 1.25, 3.0, 1.75, 2.5, 0.25, 2.25, 2.75, 1.0)


def parse_formula(text: str, values: Mapping[str, float | Value] | None = None) -> Value:
    """The graph of a formula in + - * / ** and the operations of the table; `values` are those of its variables.

    Signs and names may also be as they are printed: 2·x − √x, σ(x)², |a₁|, [a > 0], w₁₁⁽¹⁾x₁. `y = x*2` names the
    output. Several formulas, on lines of their own or with ; between them, name nodes for those that follow, the last
    of which is the output: `a = w*x; z = tanh(a); E = z^2/2`.
    Variables without a value get 0.5, 1.5, 0.75, 2, ... in the order of the formula; each is one leaf with its label.
    `pi` is π, unless it is given a value. ^ is read as a power.
    Raises ValueError, which shows the place or what to write, if the text is not a formula, or if a name looks like an
    operation or a product without its sign, and DomainError if a number in it or the result of an operation is not
    finite.

    >>> y = parse_formula("x*y + sin(x)", {"x": 0.0, "y": 2.0})
    >>> y.backward()
    >>> y.data, [(x.label, x.grad) for x in variables_of(y)]
    (0.0, [('x', 3.0), ('y', 0.0)])
    >>> [node.label for node in toposort(parse_formula("a = w*x; z = tanh(a)"))]
    ['w', 'x', 'a', 'z']
    >>> parse_formula("x*y + sinx")
    Traceback (most recent call last):
    ...
    ValueError: 'x*y + sinx' is not a formula: write x*y + sin(x), or give sinx a value
    >>> parse_formula("__import__('os')")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    ...
    ValueError: unknown operation '__import__' in "__import__('os')"; choose from abs, acos, ...
    """
    _check_text(text)
    given = {name: x if isinstance(x, Value) else Value(x, name) for name, x in dict(values or {}).items()}
    numbers = default_values()
    names = Names({to_label(name): x for name, x in given.items()} | given, lambda name: Value(next(numbers), name))
    *definitions, last = _split_formulas(text)
    defined = [_parse_definition(part, names, given) for part in definitions]
    output = _parse_definition(last, names, given)
    used = set(toposort(output))
    for x in defined:
        if x not in used:
            raise ValueError(f"{x.label} is defined in {text!r:.80}, but the last formula does not depend on it")
    return output


def defined_labels(text: str) -> list[str]:
    """The labels that the formulas of a text give.

    >>> defined_labels("w = 2; a = w*x; E = a^2")
    ['w', 'a', 'E']
    """
    return [to_label(named[1]) for part in _split_formulas(text) if (named := _NAME_AND_EQUALS.match(part))]


def _parse_definition(text: str, names: Names, given: Collection[str]) -> Value:
    """The node of one formula, which becomes known by the name before its =, if there is one."""
    named = _NAME_AND_EQUALS.match(text)
    start = named.end() if named else 0
    if "=" in text[start:]:
        raise ValueError(f"{text!r:.80} is not a formula: {_equals_error(text)}")
    if named is None:
        return _parse(text, start, names)
    name, label = named[1], to_label(named[1])
    if name in given or label in given:
        raise ValueError(f"{name} is the result of {text!r:.80}: it is computed, and cannot be given a value")
    if label in names.known:
        raise ValueError(f"{name} stands in a formula before {text!r:.80}: define each name once, before it is used")
    output = _parse(text, start, names)
    if output.label:
        raise ValueError(f"{text!r:.80} only gives {output.label} another name: write a formula after the =")
    if label in names.known:
        raise ValueError(f"{name} stands on both sides of = in {text!r:.80}: give the output a name of its own")
    output.label = label
    names.define(label, output)
    return output


def evaluate_formula(text: str, values: Mapping[str, float]) -> float:
    """The number of a formula in which only these names stand. Raises errors as `parse_formula` does.

    >>> evaluate_formula("1/2 + x²", {"x": 3.0})
    9.5
    >>> evaluate_formula("2*foo", {"x": 1.0})
    Traceback (most recent call last):
    ...
    ValueError: unknown name 'foo'; known names: x
    """
    _check_text(text)
    return _parse(text, 0, Names(values)).data


def default_values() -> Iterator[float]:
    """The values that variables get, one after the other, where none is given.

    >>> next(default_values())
    0.5
    """
    return (x + 3.0 * turn for turn in count() for x in DEFAULT_VALUES)


def variables_of(output: Value) -> Iterator[Value]:
    """The variables that a node is made from, sorted by name."""
    return iter(sorted((node for node in toposort(output) if node.op is ops.variable), key=lambda node: node.label))


def _check_text(text: str) -> None:
    checks.check_instance(text, str, "a formula is text such as 'x*y + sin(x)'")
    if len(text) > MAX_LENGTH:
        raise ValueError(f"a formula has at most {MAX_LENGTH} characters, not {len(text)}")


def _parse(text: str, start: int, names: Names) -> Value:
    if found := _bracket_error(text):
        raise ValueError(f"{text!r:.80} is not a formula: {found}")
    try:
        given = set(names.known)
        tokens = tokenize(text, start, names)
        advice = _advice(text, tokens, given, names)
        if advice and (misread := misread_names(tokens, given)):
            else_ = "" if names.new is None else f", or give {next(iter(misread))} a value"
            raise ValueError(f"{text!r:.80} is not a formula: write {advice:.200}{else_}")
        result = _evaluate(_Parser(text, tokens, advice).formula())
    except RecursionError:  # the caller is near the recursion limit
        raise ValueError(f"{text!r:.80} is nested too deep") from None
    except DomainError as error:
        raise DomainError(str(error).removesuffix(GUARD_THE_ARGUMENT)) from None
    return result if isinstance(result, Value) else Value(result)


def _advice(text: str, tokens: list[Token], given: Collection[str], names: Names) -> str:
    """The formula with the signs and brackets that are meant, if it is one then; "" if it is not, or is the text."""
    written = with_signs(text, tokens, misread_names(tokens, given))
    if written == text:
        return ""
    try:
        _Parser(written, tokenize(written, tokens[0].at, names)).formula()
    except ValueError:
        return ""
    return written


def _split_formulas(text: str) -> list[str]:
    """The formulas of a text, all of which but the last have names; the text alone if it is one formula."""
    parts = [part.strip() for part in _BETWEEN_FORMULAS.split(text) if part.strip()]
    return parts if len(parts) > 1 and all(map(_NAME_AND_EQUALS.match, parts[:-1])) else [text]


def _equals_error(text: str) -> str:
    """A message about a = that does not only follow the name of the output, as in f(x) = x^2 or a = 3*x = 6."""
    left, right, *more = (side.strip() for side in text.split("="))
    name = NAME.match(left)
    example = f"{name[0] if name else 'y'} = {right}"
    try:
        parse_formula(example)
    except (ValueError, DomainError):
        example = "y = x*2"
    return f"write only one =, as in {example:.60}" if more else f"write only a name before the =, as in {example:.60}"


def _bracket_error(text: str) -> str:
    """A message about an unmatched bracket; empty if all match."""
    opened: list[int] = []
    for place, sign in enumerate(text, 1):
        if sign == "(":
            opened.append(place)
        elif sign == ")" and not opened:
            return f"the ) at character {place} closes nothing"
        elif sign == ")":
            opened.pop()
    if opened:
        return f"the ( at character {opened[-1]} is not closed"
    return "a | is not closed" if text.count("|") % 2 else ""


# A number, a node, or an operation with its inputs. Operations are applied after parsing, so that a syntax error comes
# before a DomainError.
_Tree = Value | float | tuple[Any, ...]


class _Parser:
    """A precedence climbing parser (Pratt 1973)."""

    def __init__(self, text: str, tokens: list[Token], advice: str = "") -> None:
        self.quoted = f"{text!r:.80}"
        self.advice = advice  # the formula that may be meant
        self.rest = iter(tokens)
        self.before = self.token = next(self.rest)  # the previous token and the next

    def formula(self) -> _Tree:
        result = self.expression(0, 0)
        self.expect("")
        return result

    def take(self) -> Token:
        self.before, self.token = self.token, next(self.rest, self.token)
        return self.before

    def expect(self, sign: str) -> None:
        """Take this sign, the only one that may follow a complete expression."""
        token = self.token
        if token.text == sign:
            self.take()
            return
        if token.text == "," and isinstance(self.before.meaning, float):
            raise self.error(": write a decimal point, as in 0.5")
        is_split_number = isinstance(self.before.meaning, float) and token.text[:1] in [*".0123456789"]
        if self.advice and ((token.meaning is not None and not is_split_number) or token.text in _BRACKETS):
            raise self.error(f": write {self.advice:.80}")
        if sign in ("|", "⌋"):
            raise self.error(f": a {'|' if sign == '|' else '⌊'} is not closed")
        raise self.error(f" at character {token.at + 1}: {EXAMPLE}")

    def expression(self, above: int, depth: int) -> _Tree:
        """Operands joined by signs of a precedence above `above`."""
        left = self.operand(depth)
        for links in count(1):
            if self.token.power is not None and above < _POWER:
                self.check_depth(depth + links)
                left = (ops.power, left, self.token.power)
                self.take()
                continue
            binds, right_above, op = _BINARY.get(self.token.text, (0, 0, ops.add))
            if binds <= above:
                break
            self.check_depth(depth + links)
            self.take()
            left = (op, left, self.expression(right_above, depth + 1))
        return left

    def operand(self, depth: int) -> _Tree:
        self.check_depth(depth)
        token = self.take()
        if isinstance(token.meaning, Op):
            return token.meaning, *self.inputs(token, token.meaning, depth)
        if token.meaning is not None:
            return token.meaning
        sign = _BINARY.get(token.text, (0, 0, ops.multiply))[2]
        if sign in (ops.add, ops.subtract):
            x = self.expression(_PREFIX, depth + 1)
            return x if sign is ops.add else (ops.negate, x)
        if token.text in _BRACKETS:
            closing, meant = _BRACKETS[token.text]
            inside = [self.expression(0, depth + 1)]
            if meant is ops.greater:
                self.expect(">")
                inside.append(self.expression(0, depth + 1))
            self.expect(closing)
            return (meant, *inside) if meant else inside[0]
        before = f"write a number or a name before the {token.text} at character {token.at + 1}"
        raise self.error(f": {before if token.text else EXAMPLE}")

    def inputs(self, name: Token, op: Op, depth: int) -> list[_Tree]:
        """The inputs of an operation: in brackets, or a single number or name after it, as in √x and sin x."""
        if self.token.text != "(" and takes_one_input(op):
            return [self.bare_input(name.text)]
        if self.token.text != "(":
            raise self.error(f": the inputs of {name.text} stand in brackets: {name.text}(x, y)")
        found: list[_Tree] = []
        self.expect("(")
        while self.token.text != ")":
            found.append(self.expression(0, depth + 1))
            if self.token.text != ")":
                self.expect(",")
        arity = op.arity or 0
        if not arity - len(op.defaults) <= len(found) <= arity:
            raise ValueError(f"{op.name} takes {arity} input{'s' * (arity > 1)}, not {len(found)}, in {self.quoted}")
        self.expect(")")
        return found

    def bare_input(self, name: str) -> _Tree:
        """The number or name after an operation, if it is clear that nothing else belongs to it."""
        x = self.take().meaning if self.token.is_operand else None
        is_followed = name not in ROOTS and (self.token.meaning is not None or self.token.text == "(")
        binds = _POWER if self.token.power is not None else _BINARY.get(self.token.text, (0,))[0]
        if isinstance(x, (Value, float)) and not is_followed and binds < (_POWER if name in ROOTS else _PRODUCT):
            return x
        example = f"{name}(x), and a power after them: {name}(x)^2" if binds == _POWER else f"{name}(x)"
        raise self.error(f": the input of {name} stands in brackets: {example}")

    def check_depth(self, depth: int) -> None:
        if depth > MAX_DEPTH:
            raise ValueError(f"{self.quoted} is nested more than {MAX_DEPTH} deep")

    def error(self, why: str) -> ValueError:
        return ValueError(f"{self.quoted} is not a formula{why}")


def _evaluate(tree: _Tree) -> Value | float:
    if not isinstance(tree, tuple):
        return tree
    op, *inputs = tree
    operands = [_evaluate(x) for x in inputs]
    result: Value | float = (op if op.name in TABLE else op.forward)(*operands)
    if not math.isfinite(_number(result)):  # as the overflow of a product, which is infinity in the engine
        call = op.format_call([_number(x) for x in operands], operands)
        raise DomainError(f"{call} is {_number(result)!r}: a formula is computed with finite numbers")
    return result


def _number(x: Value | float) -> float:
    return x.data if isinstance(x, Value) else x
