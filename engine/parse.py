"""Reading a formula that somebody typed: "x * y + sin(x)".

It is parsed by Python's own grammar and built from the table of operations. Nothing in it is ever run as code.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping

from engine import ops
from engine.op import DomainError, Op
from engine.value import Value

_BINARY: dict[type[ast.operator], Op] = {
    ast.Add: ops.add,
    ast.Sub: ops.subtract,
    ast.Mult: ops.multiply,
    ast.Div: ops.divide,
    ast.Pow: ops.power,
}
LONGEST, DEEPEST = 10_000, 200  # characters, and operations within operations


def parse(text: str, values: Mapping[str, float | Value] | None = None) -> Value:
    """The graph of a formula in + - * / ** and the operations of the table; `values` are those of its variables.

    A variable is a name that is no operation; it becomes a leaf with that label, of value 1 if none is given. ^ is read
    as a power, and one operation is never made twice for the same name: `x*x` has one x.
    Raises ValueError that shows the place for what is no such formula, and DomainError if it has no finite value.

    >>> y = parse("x*y + sin(x)", {"x": 0.0, "y": 2.0})
    >>> y.backward()
    >>> y.data, [(x.label, x.grad) for x in leaves(y)]
    (0.0, [('x', 3.0), ('y', 0.0)])
    >>> parse("__import__('os')")
    Traceback (most recent call last):
    ...
    ValueError: there is no operation '__import__' in "__import__('os')"; possible are abs, add, atan, cos, divide, ...
    """
    if not isinstance(text, str):
        raise TypeError(f"a formula is text such as 'x*y + sin(x)', not {text!r:.80} of type {type(text).__name__}")
    if len(text) > LONGEST:
        raise ValueError(f"a formula of {len(text)} characters is too long; {LONGEST} are read")
    variables = dict(values or {})
    python = text.replace("^", "**").strip()
    try:
        tree = ast.parse(python, mode="eval")
    except (SyntaxError, ValueError, MemoryError, RecursionError) as error:
        place = getattr(error, "offset", None)
        where = f" at character {place}" if place else ""
        raise ValueError(f"{text!r:.80} is no formula{where}: write something like x*y + sin(x)") from None
    try:
        result = _Reader(python, variables).read(tree.body, 0)
    except RecursionError:  # where we are called from deep within a program
        raise ValueError(f"{text!r:.80} is nested too deep") from None
    return result if isinstance(result, Value) else Value(result)


def leaves(output: Value) -> Iterator[Value]:
    """The variables that a node is made from, by name."""
    from engine.graph import toposort

    return iter(sorted((node for node in toposort(output) if node.op is ops.variable), key=lambda node: node.label))


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
        shown = ast.get_source_segment(self.text, node) or self.text
        raise ValueError(f"{shown!r:.60} is nothing that a formula can hold: numbers, names, + - * / ** and operations")

    def apply(self, op: Op, arguments: list[ast.expr], depth: int) -> Value | float:
        result: Value | float = op(*(self.read(argument, depth + 1) for argument in arguments))
        return result

    def operation(self, name: str, arguments: list[ast.expr]) -> Op:
        op = ops.TABLE.get(name)
        if op is None or op.arity is None:
            possible = ", ".join(sorted(name for name, op in ops.TABLE.items() if op.arity is not None)[:5])
            raise ValueError(f"there is no operation {name!r} in {self.text!r:.80}; possible are {possible}, ...")
        few = (op.arity or 0) - len(op.defaults)
        if not few <= len(arguments) <= (op.arity or 0):
            raise ValueError(f"{name} takes {op.arity} inputs, not {len(arguments)}, in {self.text!r:.80}")
        return op

    def number(self, number: float) -> float:
        try:
            return float(number)
        except OverflowError:
            raise DomainError(f"a number in {self.text!r:.80} is larger than the largest float") from None
