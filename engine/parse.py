"""Reading a formula that somebody typed: "x * y + sin(x)".

It is parsed by Python's own grammar and built from the table of operations. Nothing in it is ever run as code.
"""

from __future__ import annotations

import ast
import keyword
import math
import re
from collections.abc import Iterator, Mapping

from engine import _check, ops
from engine._hints import close
from engine.graph import toposort
from engine.op import TABLE, DomainError, Op
from engine.value import Value

_BINARY: dict[type[ast.operator], Op] = {
    ast.Add: ops.add,
    ast.Sub: ops.subtract,
    ast.Mult: ops.multiply,
    ast.Div: ops.divide,
    ast.Pow: ops.power,
}
ELSEWHERE = {
    "ln": "log",
    "σ": "sigmoid",
    "max": "maximum",
    "min": "minimum",
    "arctan": "atan",
    "arctg": "atan",
    "tg": "tan",
}
_NUMBERS = re.compile(r"(?<![\w.])((?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?) *([^\W\d]\w*)?")
LONGEST, DEEPEST = 10_000, 200  # characters, and operations within operations


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
    variables = dict(values or {})
    python = text.replace("^", "**").strip()
    try:
        tree = ast.parse(python, mode="eval")
    except (SyntaxError, ValueError, MemoryError, RecursionError) as error:
        raise ValueError(f"{text!r:.80} is no formula{_amiss(text, getattr(error, 'offset', None))}") from None
    try:
        result = _Reader(python, variables).read(tree.body, 0)
    except RecursionError:  # where we are called from deep within a program
        raise ValueError(f"{text!r:.80} is nested too deep") from None
    return result if isinstance(result, Value) else Value(result)


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


def _amiss(text: str, place: int | None) -> str:
    """What is wrong with a text that Python's grammar refuses at that place of what it was given."""
    if found := bracket(text):
        return f": {found}"
    for number, name in _NUMBERS.findall(text):
        if name and not keyword.iskeyword(name):
            return f": write {number}*{name}"
    return f"{_where(text, place)}: write something like x*y + sin(x)"


def _where(text: str, place: int | None) -> str:
    """The place in the text, whose ^ were two characters then, and whose blanks at the beginning were none."""
    blanks = len(text) - len(text.lstrip())
    for i, sign in enumerate(text[blanks:]):
        place = place - 1 if place and sign == "^" and place > i + 1 else place
    return f" at character {place + blanks}" if place else ""


class _Reader:
    def __init__(self, text: str, values: Mapping[str, float | Value]) -> None:
        self.text = text
        self.variables: dict[str, Value] = {
            name: x if isinstance(x, Value) else Value(x, name) for name, x in values.items()
        }

    def read(self, node: ast.expr, depth: int) -> Value | float:
        if depth > DEEPEST:
            raise ValueError(f"{self.text!r:.80} is nested more than {DEEPEST} deep")
        match node:
            case ast.Constant(value=bool() | complex()):
                pass
            case ast.Constant(value=int() | float() as number):
                return self.number(number)
            case ast.Name(id="pi") if "pi" not in self.variables:
                return math.pi
            case ast.BinOp(left=ast.Name(id="e"), op=ast.Pow()) if "e" not in self.variables:
                raise ValueError(f"e has no value in {self.text!r:.80}: write exp(x), or give e one")
            case ast.Name(id=name):
                return self.variables.setdefault(name, Value(1.0, name))
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return self.apply(ops.negate, [operand], depth)
            case ast.UnaryOp(op=ast.UAdd(), operand=operand):
                return self.read(operand, depth + 1)
            case ast.BinOp(left=left, op=sign, right=right) if type(sign) in _BINARY:
                return self.apply(_BINARY[type(sign)], [left, right], depth)
            case ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]):
                return self.apply(self.operation(name, arguments), arguments, depth)
            case ast.Call(func=ast.Constant(value=int() | float()) as number):
                typed = ast.get_source_segment(self.text, number) or "2"
                raise ValueError(f"{self.text!r:.80} is no formula: write {typed:.20}*(")
            case ast.Call(func=ast.BinOp() | ast.UnaryOp() | ast.Call()):
                raise ValueError(f"{self.text!r:.80} is no formula: write )*(")
        shown = ast.get_source_segment(self.text, node) or self.text
        raise ValueError(f"{shown!r:.60} is nothing that a formula can hold: numbers, names, + - * / ** and operations")

    def apply(self, op: Op, arguments: list[ast.expr], depth: int) -> Value | float:
        result: Value | float = op(*(self.read(argument, depth + 1) for argument in arguments))
        return result

    def operation(self, name: str, arguments: list[ast.expr]) -> Op:
        op = TABLE.get(name)
        if op is None or op.arity is None:
            raise ValueError(f"there is no operation {name!r} in {self.text!r:.80}; {_possible(name)}")
        few = (op.arity or 0) - len(op.defaults)
        if not few <= len(arguments) <= (op.arity or 0):
            raise ValueError(f"{name} takes {op.arity} inputs, not {len(arguments)}, in {self.text!r:.80}")
        return op

    def number(self, number: float) -> float:
        try:
            return float(number)
        except OverflowError:
            raise DomainError(f"a number in {self.text!r:.80} is larger than the largest float") from None


def _possible(name: str) -> str:
    """What may have been meant by an operation that there is not, and all that there are."""
    possible = sorted(name for name, op in TABLE.items() if op.arity is not None)
    near = [ELSEWHERE[name]] if name in ELSEWHERE else close(name, possible)
    hint = f"did you mean {near[0]}? Possible" if near else "possible"
    if len(name) == 1:
        hint = f"write {name}*(, if a product is meant. Possible"
    return f"{hint} are {', '.join(possible)}"
