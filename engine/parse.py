"""Reading a formula that somebody typed: "x * y + sin(x)".

It is built from the table of operations as it is read. Nothing in it is ever run as code.
"""

from __future__ import annotations

import keyword
import math
import re
from collections.abc import Callable, Iterator, Mapping
from itertools import count
from typing import Any, NamedTuple

from engine import _check, ops
from engine._hints import close
from engine.graph import toposort
from engine.op import TABLE, DomainError, Op
from engine.value import Value

# For each sign: how closely it binds, what binds more closely than to its right is read first, and its operation.
_BINARY = {
    "+": (1, 1, ops.add),
    "-": (1, 1, ops.subtract),
    "*": (2, 2, ops.multiply),
    "/": (2, 2, ops.divide),
    "**": (4, 3, ops.power),  # x**y**z is x**(y**z)
    "^": (4, 3, ops.power),
}
_SIGNED = 3  # -x**2 is -(x**2), and -x*y is (-x)*y
ELSEWHERE = {"ln": "log", "σ": "sigmoid", "max": "maximum", "min": "minimum"}
ELSEWHERE |= {"arctan": "atan", "arctg": "atan", "tg": "tan"}
_DIGITS = "[0-9](?:_?[0-9])*"
_NUMBER = re.compile(rf"(?:{_DIGITS}\.?(?:{_DIGITS})?|\.{_DIGITS})(?:[eE][-+]?{_DIGITS})?")
_BLANK = re.compile(r"\s+")
_POWER = re.compile(r"\s*(?:\^|\*\*)")
_SIGN = re.compile(r"\*\*|[-+*/^(),]")
WORD = re.compile(r"[^\W\d]\w*")
CALL = re.compile(r"\s*\(")
EXAMPLE = "write something like x*y + sin(x)"
LONGEST, DEEPEST = 10_000, 200  # characters, and operations within operations

# A reader of names: given a text and a place, it says which node or number is named there, or which operation is
# called, and where the name ends; None where no name begins.
Names = Callable[[str, int], tuple[Value | float | Op, int] | None]


def parse(text: str, values: Mapping[str, float | Value] | None = None) -> Value:
    """The graph of a formula in + - * / ** and the operations of the table; `values` are those of its variables.

    A variable is a name that is no operation; it becomes a leaf with that label, of value 1 if none is given. `pi` is
    the number π, if it is given no other value. ^ is read as a power, and one operation is never made twice for the
    same name: `x*x` has one x.
    Raises ValueError that shows the place for what is no such formula, and DomainError if it has no finite value.

    >>> y = parse("x*y + sin(x)", {"x": 0.0, "y": 2.0})
    >>> y.backward()
    >>> y.data, [(x.label, x.grad) for x in leaves(y)]
    (0.0, [('x', 3.0), ('y', 0.0)])
    >>> parse("__import__('os')")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    ...
    ValueError: there is no operation '__import__' in "__import__('os')"; possible are abs, add, atan, cos, ...
    """
    _check.instance(text, str, "a formula is text such as 'x*y + sin(x)'")
    if len(text) > LONGEST:
        raise ValueError(f"a formula of {len(text)} characters is too long; {LONGEST} are read")
    variables = {name: x if isinstance(x, Value) else Value(x, name) for name, x in dict(values or {}).items()}

    def read(text: str, at: int) -> tuple[Value | float | Op, int] | None:
        word = WORD.match(text, at)
        if word is None or not word[0].isidentifier():
            return None
        name, end = word[0], word.end()
        if keyword.iskeyword(name):
            raise ValueError(f"{text!r:.80} is no formula: {name} is a keyword of Python")
        if CALL.match(text, end):
            return operation(name, text), end
        if name == "pi" and name not in variables:
            return math.pi, end
        if name == "e" and name not in variables and _POWER.match(text, end):
            raise ValueError(f"e has no value in {text.replace('^', '**')!r:.80}: write exp(x), or give e one")
        return variables.setdefault(name, Value(1.0, name)), end

    return parse_with(text, read)


def parse_with(text: str, names: Names) -> Value:
    """The graph of a formula whose names are read by a function. Raises as `parse` does."""
    try:
        result = _result(_Parser(text, _tokens(text, names)).formula())
    except RecursionError:  # where we are called from deep within a program
        raise ValueError(f"{text!r:.80} is nested too deep") from None
    return result if isinstance(result, Value) else Value(result)


def operation(name: str, text: str) -> Op:
    """The operation that is called so in a formula. Raises ValueError if there is none, with what may be meant."""
    op = TABLE.get(name)
    if op is None or op.arity is None:
        raise ValueError(f"there is no operation {name!r} in {text!r:.80}; {_possible(name)}")
    return op


def leaves(output: Value) -> Iterator[Value]:
    """The variables that a node is made from, by name."""
    return iter(sorted((node for node in toposort(output) if node.op is ops.variable), key=lambda node: node.label))


def bracket(text: str) -> str:
    """Which bracket has no partner; nothing if each has one.

    >>> bracket("sin(x"), bracket("x)"), bracket("(x)")
    ('the ( at character 4 is not closed', 'the ) at character 2 closes nothing', '')
    """
    opened: list[int] = []
    for place, sign in enumerate(text, 1):
        if sign == "(":
            opened.append(place)
        elif sign == ")":
            if not opened:
                return f"the ) at character {place} closes nothing"
            opened.pop()
    return f"the ( at character {opened[-1]} is not closed" if opened else ""


class _Token(NamedTuple):
    """A piece of a formula: a sign, a number, a node, or an operation; the last has no text."""

    text: str
    at: int
    what: Value | float | Op | None = None  # a sign is nothing else


def _tokens(text: str, names: Names) -> Iterator[_Token]:
    """The pieces of a formula. Where one node's name ends and another's begins, as in w₁z₁, a product is meant."""
    at, follows_node = 0, False
    while at < len(text):
        what: Value | float | Op | None = None
        if blank := _BLANK.match(text, at):
            end = blank.end()
        elif number := _NUMBER.match(text, at):
            what, end = float(number[0]), number.end()
            if math.isinf(what):
                raise DomainError(f"a number in {text!r:.80} is larger than the largest float")
        elif name := names(text, at):
            what, end = name
            if follows_node and isinstance(what, Value):
                yield _Token("*", at)
        elif sign := _SIGN.match(text, at):
            end = sign.end()
        else:
            shown = next(run[0] for run in re.finditer(r"\S+", text) if run.end() > at)
            possible = "numbers, names, + - * / ** and operations"
            raise ValueError(f"{shown!r:.60} is nothing that a formula can hold: {possible}")
        if not blank:
            yield _Token(text[at:end], at, what)
        at, follows_node = end, isinstance(what, Value)
    yield _Token("", at)


# A number, a node, or an operation with its inputs. All of it is read before the first operation is applied, so that
# what is no formula is said to be none, whatever its numbers.
_Tree = Value | float | tuple[Any, ...]


class _Parser:
    """Reads tokens from left to right, by how closely their signs bind (Pratt 1973)."""

    def __init__(self, text: str, tokens: Iterator[_Token]) -> None:
        self.text, self.shown = text, f"{text!r:.80}"
        self.tokens = tokens
        self.before = self.token = _Token("", 0)  # the last and the next

    def take(self) -> _Token:
        self.before, self.token = self.token, next(self.tokens, self.token)
        return self.before

    def formula(self) -> _Tree:
        self.take()
        result = self.expression(0, 0)
        if self.token.text:
            raise self.superfluous()
        return result

    def expression(self, above: int, depth: int) -> _Tree:
        """What is joined by signs that bind more closely than `above`."""
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
        text, at, what = self.take()
        if isinstance(what, Op):
            return self.call(what, depth)
        if what is not None:
            if self.token.text == "(":
                raise self.amiss(f"write {text:.20}*(")
            return what
        if text == "-":
            return ops.negate, self.expression(_SIGNED, depth + 1)
        if text == "+":
            return self.expression(_SIGNED, depth + 1)
        if text == "(":
            return self.close(self.expression(0, depth + 1))
        raise self.amiss(f"write a number or a name before the {text} at character {at + 1}" if text else EXAMPLE)

    def call(self, op: Op, depth: int) -> _Tree:
        self.take()  # its (
        inputs = []
        while self.token.text != ")":
            inputs.append(self.expression(0, depth + 1))
            if self.token.text == ",":
                self.take()
            elif self.token.text != ")":
                raise self.superfluous()
        arity = op.arity or 0
        if not arity - len(op.defaults) <= len(inputs) <= arity:
            raise ValueError(f"{op.name} takes {arity} inputs, not {len(inputs)}, in {self.shown}")
        return self.close((op, *inputs))

    def close(self, result: _Tree) -> _Tree:
        """Go on after the ) that is next."""
        if self.token.text != ")":
            raise self.superfluous()
        self.take()
        if self.token.text == "(":
            raise self.amiss("write )*(")
        return result

    def check_depth(self, depth: int) -> None:
        if depth > DEEPEST:
            raise ValueError(f"{self.shown} is nested more than {DEEPEST} deep")

    def superfluous(self) -> ValueError:
        """The next token follows what is complete without it."""
        text, at, what = self.token
        if isinstance(self.before.what, float) and what is not None and not _NUMBER.match(text):
            return self.amiss(f"write {self.before.text}*{text}")
        return self.amiss(EXAMPLE, f" at character {at + 1}")

    def amiss(self, advice: str, place: str = "") -> ValueError:
        found = bracket(self.text)
        return ValueError(f"{self.shown} is no formula" + (f": {found}" if found else f"{place}: {advice}"))


def _result(tree: _Tree) -> Value | float:
    if not isinstance(tree, tuple):
        return tree
    op, *inputs = tree
    result: Value | float = op(*map(_result, inputs))
    return result


def _possible(name: str) -> str:
    """An operation that may have been meant by this name, and all that there are."""
    possible = sorted(name for name, op in TABLE.items() if op.arity is not None)
    near = [ELSEWHERE[name]] if name in ELSEWHERE else close(name, possible)
    hint = f"did you mean {near[0]}? Possible" if near else "possible"
    if len(name) == 1:
        hint = f"write {name}*(, if a product is meant. Possible"
    return f"{hint} are {', '.join(possible)}"
