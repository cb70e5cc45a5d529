"""Running a rule on symbols: what comes out is the formula that the rule stands for.

A `Trace` makes the symbols. Equal parts are made once, so that forward rule and derivatives share their work, and a
part is simplified as it is made, so that every reader of the formula profits.
"""

from __future__ import annotations

from collections.abc import Callable

from engine import ops
from engine.graph import toposort
from engine.op import Op
from engine.operators import Operators

MAX_SHOWN = 1000  # characters of an operation's inputs


class Symbol(Operators):
    """A name, a number, or an operation on symbols. Made by a `Trace`; never changed."""

    __slots__ = ("inputs", "name", "number", "op", "trace")

    def __init__(self, trace: Trace, op: Op, inputs: tuple[Symbol, ...], name: str = "", number: float = 0.0) -> None:
        self.trace = trace
        self.op = op
        self.inputs = inputs
        self.name = name
        self.number = number

    def apply(self, op: Op, inputs: tuple[Symbol | float, ...]) -> Symbol:
        """The formula of `op` on these inputs, made by the trace."""
        return self.trace.make(op, tuple(x if isinstance(x, Symbol) else self.trace.number(x) for x in inputs))

    def __bool__(self) -> bool:
        raise TypeError("a rule cannot ask whether a symbol is true: write where(condition, x, y)")

    @property
    def is_number(self) -> bool:
        """Whether it is a known number."""
        return self.op is ops.constant

    def __repr__(self) -> str:
        text: dict[Symbol, str] = {}
        for symbol in toposort(self):
            inputs = ", ".join([text[x] for x in symbol.inputs])
            if len(inputs) > MAX_SHOWN:  # what a part is used often in grows beyond all bounds
                inputs = "…"
            written = symbol.name or f"{symbol.op.name}({inputs})"
            text[symbol] = repr(symbol.number) if symbol.is_number else written
        return text[self]


# The replacement of an operation on inputs; None if there is none.
Simplify = Callable[[Op, tuple[Symbol, ...]], Symbol | None]


def as_written(op: Op, inputs: tuple[Symbol, ...]) -> None:
    """No simplification: operations stand as they are written, unless all of their inputs are numbers."""


class Trace:
    """The maker of the symbols of one formula.

    `simplify` is one of the sets of `engine.rewrites`, or `as_written`. With `expand`, composed operations are written
    out as the primitives of their rules.

    >>> trace = Trace()
    >>> z, x = trace.symbol("z"), trace.symbol("x")
    >>> ops.sigmoid.local_derivative(0, z, [x])
    multiply(z, subtract(1.0, z))
    >>> ops.power.local_derivative(0, z, [x, trace.number(2.0)])
    multiply(2.0, x)
    """

    def __init__(self, simplify: Simplify | None = None, *, expand: bool = True) -> None:
        self.simplify = simplify or same_bits
        self.expand = expand
        self.made: dict[object, Symbol] = {}

    def symbol(self, name: str) -> Symbol:
        """The symbol of that name."""
        return self.made.setdefault(name, Symbol(self, ops.variable, (), name=name))

    def number(self, number: float) -> Symbol:
        """A known number. Zeros of either sign are two numbers, and NaN is one."""
        number = float(number)
        key = ("number", number.hex())
        if key not in self.made:
            self.made[key] = Symbol(self, ops.constant, (), number=number)
        return self.made[key]

    def make(self, op: Op, inputs: tuple[Symbol, ...]) -> Symbol:
        """`op` applied to symbols."""
        key = (op, inputs)
        if key not in self.made:
            simpler = self.fold(op, inputs)
            if simpler is None:
                simpler = self.simplify(op, inputs)
            self.made[key] = self.write(op, inputs) if simpler is None else simpler
        return self.made[key]

    def write(self, op: Op, inputs: tuple[Symbol, ...]) -> Symbol:
        """The operation itself, or the rule that it is composed of."""
        if self.expand and not op.python:
            composed: Symbol = op.forward(*inputs)
            return composed
        return Symbol(self, op, inputs)

    def fold(self, op: Op, inputs: tuple[Symbol, ...]) -> Symbol | None:
        """The number that an operation on numbers is; what has no value stays as it is written."""
        for x in inputs:
            if x.op is not ops.constant:
                return None
        try:
            return self.number(op.compute(*[x.number for x in inputs]))
        except (ArithmeticError, ValueError):
            return None


def is_number(x: Symbol, number: float) -> bool:
    """Whether x is known to be that number."""
    return x.is_number and x.number == number


def same_bits(op: Op, inputs: tuple[Symbol, ...]) -> Symbol | None:
    """The simplifications that change no bit of any result: x · 1, x / 1, x^1, x^0, -(-x), a known condition."""
    first, last = inputs[0], inputs[-1]
    if op is ops.multiply and is_number(first, 1.0):
        return last
    if op in (ops.multiply, ops.divide, ops.power) and is_number(last, 1.0):
        return first
    if op is ops.power and is_number(last, 0.0):
        return first.trace.number(1.0)
    if op is ops.negate and first.op is ops.negate:
        return first.inputs[0]
    if op is ops.where and first.is_number:
        return inputs[1] if first.number else inputs[2]
    return None


def rounded(op: Op, inputs: tuple[Symbol, ...]) -> Symbol | None:
    """The simplifications for machines, which may round the last bit otherwise: small whole powers are products.

    >>> trace = Trace(rounded)
    >>> trace.symbol("x") ** 3, trace.symbol("x") ** -1
    (multiply(multiply(x, x), x), divide(1.0, x))
    """
    simpler = same_bits(op, inputs)
    if simpler is not None or op is not ops.power or not inputs[1].is_number:
        return simpler
    base, exponent = inputs[0], inputs[1].number
    if exponent not in (-4.0, -3.0, -2.0, -1.0, 2.0, 3.0, 4.0):
        return None
    product = base
    for _ in range(int(abs(exponent)) - 1):
        product = product * base
    return product if exponent > 0 else 1.0 / product


def readable(op: Op, inputs: tuple[Symbol, ...]) -> Symbol | None:
    """What a reader would write: also x + 0, 0 · x, -1 · x, and numbers gathered at the front of a product.

    Rounding may differ from the formula as it was, so this is for printing alone.
    """
    simpler = same_bits(op, inputs)
    if simpler is not None:
        return simpler
    first, last = inputs[0], inputs[-1]
    if op is ops.add and is_number(first, 0.0):
        return last
    if op in (ops.add, ops.subtract) and is_number(last, 0.0):
        return first
    if op is ops.subtract and is_number(first, 0.0):
        return -last
    if op is ops.add and last.op is ops.negate:
        return first - last.inputs[0]
    if op is ops.multiply:
        return _readable_product(first, last)
    if op is ops.divide and is_number(first, 0.0):
        return first
    if op is ops.divide and first.op is ops.negate:
        return -(first.inputs[0] / last)
    return None


def _readable_product(x: Symbol, y: Symbol) -> Symbol | None:
    if y.is_number and not x.is_number:
        return y * x
    if is_number(x, 0.0):
        return x
    if is_number(x, -1.0):
        return -y
    if y.op is ops.negate:
        return -(x * y.inputs[0])
    if x.op is ops.negate:
        return -(x.inputs[0] * y)
    if y.op is ops.divide and is_number(y.inputs[0], 1.0):  # x · (1 / y) = x / y
        return x / y.inputs[1]
    if x.op is ops.divide and is_number(x.inputs[0], 1.0):
        return y / x.inputs[1]
    if y.op is ops.multiply and y.inputs[0].is_number:  # x · (2 · y) = 2 · x · y, and 3 · (2 · y) = 6 · y
        number, rest = y.inputs
        return (x * number) * rest if x.is_number else number * (x * rest)
    if x.op is ops.multiply and x.inputs[0].is_number:  # (2 · x) · y = 2 · (x · y)
        number, rest = x.inputs
        return number * (rest * y)
    return None
