"""Arithmetic notation: what `x * y`, `-x` and `x.exp()` mean, for every kind of operand.

Each method applies one entry of the table. `Value`s inherit them, and so do the symbols that formulas are made of.
"""

from __future__ import annotations

from typing import TypeVar

from engine import ops
from engine.op import Operand

T = TypeVar("T", bound="Operators")


class Operators(Operand):
    """The operators and methods of an operand, each by way of its `apply`."""

    __slots__ = ()

    def __add__(self: T, other: T | float) -> T:
        return self.apply(ops.add, (self, other))

    def __radd__(self: T, other: T | float) -> T:
        return self.apply(ops.add, (other, self))

    def __sub__(self: T, other: T | float) -> T:
        return self.apply(ops.subtract, (self, other))

    def __rsub__(self: T, other: T | float) -> T:
        return self.apply(ops.subtract, (other, self))

    def __mul__(self: T, other: T | float) -> T:
        return self.apply(ops.multiply, (self, other))

    def __rmul__(self: T, other: T | float) -> T:
        return self.apply(ops.multiply, (other, self))

    def __truediv__(self: T, other: T | float) -> T:
        return self.apply(ops.divide, (self, other))

    def __rtruediv__(self: T, other: T | float) -> T:
        return self.apply(ops.divide, (other, self))

    def __pow__(self: T, other: T | float) -> T:
        return self.apply(ops.power, (self, other))

    def __rpow__(self: T, other: T | float) -> T:
        return self.apply(ops.power, (other, self))

    def __neg__(self: T) -> T:
        return self.apply(ops.negate, (self,))

    def __pos__(self: T) -> T:
        return self

    def __abs__(self: T) -> T:
        return self.apply(ops.absolute, (self,))

    def abs(self: T) -> T:
        """|x|; see `engine.ops` for this and the operations below."""
        return self.apply(ops.absolute, (self,))

    def exp(self: T) -> T:
        """e^x."""
        return self.apply(ops.exp, (self,))

    def log(self: T) -> T:
        """The natural logarithm."""
        return self.apply(ops.log, (self,))

    def log1p(self: T) -> T:
        """log(1 + x)."""
        return self.apply(ops.log1p, (self,))

    def expm1(self: T) -> T:
        """e^x - 1."""
        return self.apply(ops.expm1, (self,))

    def sqrt(self: T) -> T:
        """The square root."""
        return self.apply(ops.sqrt, (self,))

    def sin(self: T) -> T:
        """The sine."""
        return self.apply(ops.sin, (self,))

    def cos(self: T) -> T:
        """The cosine."""
        return self.apply(ops.cos, (self,))

    def tan(self: T) -> T:
        """The tangent."""
        return self.apply(ops.tan, (self,))

    def atan(self: T) -> T:
        """The inverse tangent."""
        return self.apply(ops.atan, (self,))

    def tanh(self: T) -> T:
        """The hyperbolic tangent."""
        return self.apply(ops.tanh, (self,))

    def sigmoid(self: T) -> T:
        """The paper's σ: 1 / (1 + e^-x)."""
        return self.apply(ops.sigmoid, (self,))

    def softplus(self: T) -> T:
        """log(1 + e^x)."""
        return self.apply(ops.softplus, (self,))

    def relu(self: T) -> T:
        """max(x, 0)."""
        return self.apply(ops.relu, (self,))

    def leaky_relu(self: T, slope: T | float = 0.01) -> T:
        """x where x > 0, else slope · x."""
        return self.apply(ops.leaky_relu, (self, slope))

    def maximum(self: T, other: T | float) -> T:
        """The larger of the two."""
        return self.apply(ops.maximum, (self, other))

    def minimum(self: T, other: T | float) -> T:
        """The smaller of the two."""
        return self.apply(ops.minimum, (self, other))
