"""Symbolic expressions: a rule that is run on them gives the formula that it stands for.

An `ExpressionBuilder` makes the expressions of one formula. Equal parts are made once (common subexpressions), so that
forward rule and derivatives share their work, and a part is simplified as it is made.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from numbers import Number

from engine import ops
from engine.graph import toposort
from engine.op import Op
from engine.operators import Operators

MAX_REPR_LENGTH = 1000  # characters of an operation's inputs


class Expression(Operators):
    """A name, a number, or an operation on expressions. Made by an `ExpressionBuilder`; never changed."""

    __slots__ = ("builder", "inputs", "name", "op", "value")

    def __init__(
        self, builder: ExpressionBuilder, op: Op, inputs: tuple[Expression, ...], name: str = "", value: float = 0.0
    ) -> None:
        self.builder = builder
        self.op = op
        self.inputs = inputs
        self.name = name
        self.value = value

    def apply(self, op: Op, inputs: tuple[Expression | float, ...]) -> Expression:
        """The formula of `op` on these inputs, made by the builder."""
        builder = self.builder
        return builder.make(op, tuple([x if isinstance(x, Expression) else builder.constant(x) for x in inputs]))

    def __bool__(self) -> bool:
        raise TypeError("a rule cannot branch on an expression: write where(condition, x, y)")

    def __eq__(self, other: object) -> bool:
        return bool(self) if isinstance(other, Number) else NotImplemented

    __hash__ = object.__hash__

    @property
    def known(self) -> float | None:
        """The number of a constant; None for other expressions."""
        return self.value if self.op is ops.constant else None

    @property
    def is_constant(self) -> bool:
        """Whether it is a constant."""
        return self.op is ops.constant

    def __repr__(self) -> str:
        text: dict[Expression, str] = {}
        for part in toposort(self):
            inputs = ", ".join([text[x] for x in part.inputs])
            if len(inputs) > MAX_REPR_LENGTH:  # the text of shared parts grows exponentially
                inputs = "…"
            written = part.name or f"{part.op.name}({inputs})"
            text[part] = repr(part.value) if part.is_constant else written
        return text[self]


# Returns the replacement of an operation on inputs, or None.
Simplify = Callable[[Op, tuple[Expression, ...]], Expression | None]


def as_written(op: Op, inputs: tuple[Expression, ...]) -> None:
    """Simplify nothing; operations on constants alone are folded in any case."""


class ExpressionBuilder:
    """Makes the expressions of one formula, simplified, and equal ones once.

    `simplify` is one of the sets of `engine.symbolic.rewrites`, or `as_written`. With `expand`, composed operations are
    expanded to the primitives of their rules.

    >>> from engine.symbolic.rewrites import exact
    >>> builder = ExpressionBuilder(exact)
    >>> z, x = builder.symbol("z"), builder.symbol("x")
    >>> ops.sigmoid.local_derivative(0, z, [x])
    multiply(z, subtract(1.0, z))
    >>> ops.power.local_derivative(0, z, [x, builder.constant(2.0)])
    multiply(2.0, x)
    """

    def __init__(self, simplify: Simplify, *, expand: bool = True) -> None:
        self.simplify = simplify
        self.expand = expand
        self._symbols: dict[str, Expression] = {}
        self._constants: dict[float | str, Expression] = {}
        self._made: dict[tuple[Op, tuple[Expression, ...]], Expression] = {}

    def symbol(self, name: str) -> Expression:
        """The expression of a name."""
        return self._symbols.setdefault(name, Expression(self, ops.variable, (), name=name))

    def constant(self, number: float) -> Expression:
        """The expression of a number. 0.0 and -0.0 are two constants, and NaN is one."""
        number = float(number)
        key = number if number and number == number else number.hex()
        made = self._constants.get(key)
        if made is None:
            made = self._constants[key] = Expression(self, ops.constant, (), value=number)
        return made

    def make(self, op: Op, inputs: tuple[Expression, ...]) -> Expression:
        """`op` applied to expressions: folded, simplified, or written."""
        key = (op, inputs)
        made = self._made.get(key)
        if made is None:
            for x in inputs:
                if x.op is not ops.constant:
                    break
            else:
                made = self._fold(op, inputs)
            if made is None:
                made = self.simplify(op, inputs)
            self._made[key] = made = self._write(op, inputs) if made is None else made
        return made

    def operations(self) -> Iterable[Expression]:
        """All expressions made by operations so far, each after its inputs; one may come several times."""
        return self._made.values()

    def _write(self, op: Op, inputs: tuple[Expression, ...]) -> Expression:
        """The operation itself, or the formula that it is composed of."""
        if self.expand and not op.is_primitive:
            composed: Expression = op.forward(*inputs)
            return composed
        return Expression(self, op, inputs)

    def _fold(self, op: Op, inputs: tuple[Expression, ...]) -> Expression | None:
        """The result of an operation on constants, if it has one."""
        try:
            return self.constant(op.compute(*[x.value for x in inputs]))
        except (ArithmeticError, ValueError):
            return None
