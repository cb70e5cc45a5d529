"""The grammar of one formula: its tokens as a tree of operations, which is then applied to numbers and nodes."""

from __future__ import annotations

import math
from itertools import count
from typing import Any

from engine import ops
from engine.op import TABLE, DomainError, Op
from engine.symbolic.tokens import ROOTS, Token, takes_one_input
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
EXAMPLE = "write something like x*y + sin(x)"
MAX_DEPTH = 200  # nested operations

# A number, a node, or an operation with its inputs. Operations are applied after parsing, so that a syntax error comes
# before a DomainError.
Tree = Value | float | tuple[Any, ...]


def parse_tokens(text: str, tokens: list[Token], advice: str = "") -> Tree:
    """The tree of a formula. Raises ValueError, which quotes the text; `advice` is the formula that may be meant."""
    parser = _Parser(text, tokens, advice)
    result = parser.expression(0, 0)
    parser.expect("")
    return result


def evaluate_tree(tree: Tree) -> Value | float:
    """Apply the operations of a tree. Raises DomainError if the result of one is not finite."""
    if not isinstance(tree, tuple):
        return tree
    op, *inputs = tree
    operands = [evaluate_tree(x) for x in inputs]
    result: Value | float = (op if op.name in TABLE else op.forward)(*operands)
    if not math.isfinite(_number(result)):  # as the overflow of a product, which is infinity in the engine
        call = op.format_call([_number(x) for x in operands], operands)
        raise DomainError(f"{call} is {_number(result)!r}: a formula is computed with finite numbers")
    return result


def _number(x: Value | float) -> float:
    return x.data if isinstance(x, Value) else x


class _Parser:
    """A precedence climbing parser (Pratt 1973)."""

    def __init__(self, text: str, tokens: list[Token], advice: str) -> None:
        self.quoted = f"{text!r:.80}"
        self.advice = advice
        self.rest = iter(tokens)
        self.before = self.token = next(self.rest)  # the previous token and the next

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

    def expression(self, above: int, depth: int) -> Tree:
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

    def operand(self, depth: int) -> Tree:
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

    def inputs(self, name: Token, op: Op, depth: int) -> list[Tree]:
        """The inputs of an operation: in brackets, or a single number or name after it, as in √x and sin x."""
        if self.token.text != "(" and takes_one_input(op):
            return [self.bare_input(name.text)]
        if self.token.text != "(":
            raise self.error(f": the inputs of {name.text} stand in brackets: {name.text}(x, y)")
        found: list[Tree] = []
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

    def bare_input(self, name: str) -> Tree:
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
