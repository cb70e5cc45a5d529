"""A parser of typed formulas such as "x * y + sin(x)", which never runs them as code."""

from __future__ import annotations

import keyword
import math
import re
from collections.abc import Callable, Iterator, Mapping
from itertools import count
from typing import Any, NamedTuple

from engine import ops
from engine._support import checks
from engine._support.suggestions import close_matches
from engine.graph import toposort
from engine.op import TABLE, DomainError, Op
from engine.value import Value

# For each sign: its precedence, the precedence above which its right operand binds, and its operation.
_BINARY = {
    "+": (1, 1, ops.add),
    "-": (1, 1, ops.subtract),
    "*": (2, 2, ops.multiply),
    "/": (2, 2, ops.divide),
    "**": (4, 3, ops.power),  # x**y**z is x**(y**z)
    "^": (4, 3, ops.power),
}
_PREFIX_PRECEDENCE = 3  # -x**2 is -(x**2), and -x*y is (-x)*y
ALIASES = {"ln": "log", "σ": "sigmoid", "max": "maximum", "min": "minimum"}
ALIASES |= {"arctan": "atan", "arctg": "atan", "tg": "tan"}
_DIGITS = "[0-9](?:_?[0-9])*"
_NUMBER = re.compile(rf"(?:{_DIGITS}\.?(?:{_DIGITS})?|\.{_DIGITS})(?:[eE][-+]?{_DIGITS})?")
_VISIBLE = re.compile(r"\S+")
_POWER = re.compile(r"\s*(?:\^|\*\*)")
_SIGN = re.compile(r"\*\*|[-+*/^(),]")
WORD = re.compile(r"[^\W\d]\w*")
OPENING_BRACKET = re.compile(r"\s*\(")
EXAMPLE = "write something like x*y + sin(x)"
MAX_LENGTH, MAX_DEPTH = 10_000, 200  # characters, and nested operations

# A reader of names: given a text and a place, it returns the node, the number or the operation that is named there, and
# where the name ends; None if a name does not begin there.
Names = Callable[[str, int], tuple[Value | float | Op, int] | None]


def parse_formula(text: str, values: Mapping[str, float | Value] | None = None) -> Value:
    """The graph of a formula in + - * / ** and the operations of the table; `values` are those of its variables.

    Other names are variables; each becomes one leaf with that label, of value 1 by default. `pi` is π, unless it is
    given a value. ^ is read as a power.
    Raises ValueError, which shows the place, if the text is not a formula, and DomainError if a number or the result of
    an operation in it is not finite.

    >>> y = parse_formula("x*y + sin(x)", {"x": 0.0, "y": 2.0})
    >>> y.backward()
    >>> y.data, [(x.label, x.grad) for x in variables_of(y)]
    (0.0, [('x', 3.0), ('y', 0.0)])
    >>> parse_formula("__import__('os')")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    ...
    ValueError: unknown operation '__import__' in "__import__('os')"; choose from abs, add, atan, cos, ...
    """
    checks.check_instance(text, str, "a formula is text such as 'x*y + sin(x)'")
    if len(text) > MAX_LENGTH:
        raise ValueError(f"a formula has at most {MAX_LENGTH} characters, not {len(text)}")
    variables = {name: x if isinstance(x, Value) else Value(x, name) for name, x in dict(values or {}).items()}

    def read(text: str, at: int) -> tuple[Value | float | Op, int] | None:
        word = WORD.match(text, at)
        if word is None or not word[0].isidentifier():
            return None
        name, end = word[0], word.end()
        if keyword.iskeyword(name):
            raise ValueError(f"{text!r:.80} is not a formula: {name} is a keyword of Python")
        if OPENING_BRACKET.match(text, end):
            return find_operation(name, text), end
        if name == "pi" and name not in variables:
            return math.pi, end
        if name == "e" and name not in variables and _POWER.match(text, end):
            raise ValueError(f"e does not have a value in {text.replace('^', '**')!r:.80}: write exp(x), or give e one")
        return variables.setdefault(name, Value(1.0, name)), end

    return parse_with_names(text, read)


def parse_with_names(text: str, names: Names) -> Value:
    """The graph of a formula whose names are read by a function. Raises errors as `parse_formula` does."""
    if found := _bracket_error(text):
        raise ValueError(f"{text!r:.80} is not a formula: {found}")
    try:
        result = _evaluate(_Parser(text, names).formula())
    except RecursionError:  # the caller is near the recursion limit
        raise ValueError(f"{text!r:.80} is nested too deep") from None
    return result if isinstance(result, Value) else Value(result)


def find_operation(name: str, text: str) -> Op:
    """The operation of that name in a formula. Raises ValueError for an unknown one, with suggestions."""
    op = TABLE.get(name)
    if op is not None and op.arity is not None:
        return op
    possible = sorted(name for name, op in TABLE.items() if op.arity is not None)
    hint = "choose"
    if len(name) == 1:
        hint = f"write {name}*(, if a product is meant. Choose"
    elif near := [ALIASES[name]] if name in ALIASES else close_matches(name, possible):
        hint = f"did you mean {near[0]}? Choose"
    raise ValueError(f"unknown operation {name!r} in {text!r:.80}; {hint} from {', '.join(possible)}")


def variables_of(output: Value) -> Iterator[Value]:
    """The variables that a node is made from, sorted by name."""
    return iter(sorted((node for node in toposort(output) if node.op is ops.variable), key=lambda node: node.label))


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
    return f"the ( at character {opened[-1]} is not closed" if opened else ""


class _Token(NamedTuple):
    """A token of a formula: a sign, a number, a node, or an operation; at the end, an empty text."""

    text: str
    at: int
    meaning: Value | float | Op | None = None  # None for a sign


def _tokens(text: str, names: Names) -> Iterator[_Token]:
    """The tokens of a formula, with * between adjacent names of nodes, as in w₁z₁."""
    end, end_of_node = 0, -1
    while visible := _VISIBLE.search(text, end):
        at = visible.start()
        meaning: Value | float | Op | None = None
        if number := _NUMBER.match(text, at):
            meaning, end = float(number[0]), number.end()
            if meaning == math.inf:
                raise DomainError(f"a number in {text!r:.80} is larger than the largest float")
        elif name := names(text, at):
            meaning, end = name
            if isinstance(meaning, Value):
                if at == end_of_node:
                    yield _Token("*", at)
                end_of_node = end
        elif sign := _SIGN.match(text, at):
            end = sign.end()
        else:
            shown = next(run[0] for run in _VISIBLE.finditer(text) if run.end() > at)
            possible = "numbers, names, + - * / ** and operations"
            raise ValueError(f"{shown!r:.60} cannot stand in a formula: write {possible}")
        yield _Token(text[at:end], at, meaning)
    yield _Token("", len(text))


# A number, a node, or an operation with its inputs. Operations are applied after parsing, so that a syntax error comes
# before a DomainError.
_Tree = Value | float | tuple[Any, ...]


class _Parser:
    """A precedence climbing parser (Pratt 1973)."""

    def __init__(self, text: str, names: Names) -> None:
        self.quoted = f"{text!r:.80}"
        self.tokens = _tokens(text, names)
        self.before = self.token = next(self.tokens)  # the previous token and the next

    def formula(self) -> _Tree:
        result = self.expression(0, 0)
        self.expect("")
        return result

    def take(self) -> _Token:
        self.before, self.token = self.token, next(self.tokens, self.token)
        return self.before

    def expect(self, sign: str) -> None:
        """Take this sign, the only one that may follow a complete expression."""
        text, at, meaning = self.token
        if text == sign:
            self.take()
        elif text == "(":
            raise self.error(f": write {self.before.text:.20}*(")
        elif isinstance(self.before.meaning, float) and meaning is not None and not _NUMBER.match(text):
            raise self.error(f": write {self.before.text}*{text}")
        else:
            raise self.error(f" at character {at + 1}: {EXAMPLE}")

    def expression(self, above: int, depth: int) -> _Tree:
        """Operands joined by signs of a precedence above `above`."""
        left = self.operand(depth)
        for links in count(1):
            binds, right_above, op = _BINARY.get(self.token.text, (0, 0, ops.add))
            if binds <= above:
                break
            self.check_depth(depth + links)
            self.take()
            left = (op, left, self.expression(right_above, depth + 1))
        return left

    def operand(self, depth: int) -> _Tree:
        self.check_depth(depth)
        text, at, meaning = self.take()
        if isinstance(meaning, Op):
            return meaning, *self.inputs(meaning, depth)
        if meaning is not None:
            return meaning
        if text in ("-", "+"):
            x = self.expression(_PREFIX_PRECEDENCE, depth + 1)
            return (ops.negate, x) if text == "-" else x
        if text == "(":
            x = self.expression(0, depth + 1)
            self.expect(")")
            return x
        before = f"write a number or a name before the {text} at character {at + 1}"
        raise self.error(f": {before if text else EXAMPLE}")

    def inputs(self, op: Op, depth: int) -> list[_Tree]:
        found: list[_Tree] = []
        self.expect("(")
        while self.token.text != ")":
            found.append(self.expression(0, depth + 1))
            if self.token.text != ")":
                self.expect(",")
        arity = op.arity or 0
        if not arity - len(op.defaults) <= len(found) <= arity:
            raise ValueError(f"{op.name} takes {arity} inputs, not {len(found)}, in {self.quoted}")
        self.expect(")")
        return found

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
    result: Value | float = op(*operands)
    if not math.isfinite(_number(result)):  # as the overflow of a product, which is infinity in the engine
        call = op.format_call([_number(x) for x in operands], operands)
        raise DomainError(f"{call} is {_number(result)!r}: a formula is computed with finite numbers")
    return result


def _number(x: Value | float) -> float:
    return x.data if isinstance(x, Value) else x
