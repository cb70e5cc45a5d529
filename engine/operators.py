"""The operators and methods `x * y`, `-x` and `x.exp()`, for every kind of operand.

Each applies one entry of the table. `Value` inherits them, and so does `Expression`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NoReturn, TypeVar

from engine import ops
from engine.op import Op, Operand

T = TypeVar("T", bound=Operand)
Function = TypeVar("Function", bound=Callable[..., object])


def _described(method: Function, name: str, op: Op) -> Function:
    method.__name__, method.__qualname__ = name, f"Operators.{name}"
    method.__doc__ = (op.__doc__ or "").partition("\n")[0]
    return method


def _unary(op: Op, name: str = "") -> Callable[[T], T]:
    def method(self: T) -> T:
        return self.apply(op, (self,))

    return _described(method, name or op.name, op)


def _infix(op: Op, name: str) -> Callable[[T, T | float], T]:
    """The method of the left operand of an operator; the right one is asked where it returns NotImplemented."""

    def method(self: T, other: T | float) -> T:
        return self.apply(op, (self, other))

    return _described(method, name, op)


def _binary(op: Op, name: str = "") -> Callable[[T, T | float], T]:
    def method(self: T, other: T | float) -> T:
        found: T = op(self, other)
        return found

    return _described(method, name or op.name, op)


def _reflected(op: Op, name: str) -> Callable[[T, T | float], T]:
    """The method of the right operand, where the left one does not know it."""

    def method(self: T, other: T | float) -> T:
        return self.apply(op, (other, self))

    return _described(method, name, op)


def _missing(text: str) -> Callable[..., NoReturn]:
    """A method that operands do not have: it says what to write."""

    def method(self: object, *others: NoReturn) -> NoReturn:
        raise TypeError(text)

    method.__doc__ = f"Raise TypeError: {text}."
    return method


class Operators(Operand):
    """The operators and methods of an operand, each by its `apply`; `engine.ops` says what they compute.

    NumPy's functions of an array of operands call these methods where the first argument has them: `np.arctan2(ys, 2)`,
    but not `np.arctan2(2, ys)`, for which `engine.atan2(2, ys)` takes arrays too. `np.round`, `np.degrees` and their
    like are errors that say what to write. `np.logaddexp`, `np.heaviside`, `np.copysign`, `np.linalg.solve` and the
    functions of SciPy refuse objects, in words on ufuncs; the normal distribution function is (1 + erf(x / √2)) / 2.
    """

    __slots__ = ()

    __add__, __radd__ = _infix(ops.add, "__add__"), _reflected(ops.add, "__radd__")
    __sub__, __rsub__ = _infix(ops.subtract, "__sub__"), _reflected(ops.subtract, "__rsub__")
    __mul__, __rmul__ = _infix(ops.multiply, "__mul__"), _reflected(ops.multiply, "__rmul__")
    __truediv__, __rtruediv__ = _infix(ops.divide, "__truediv__"), _reflected(ops.divide, "__rtruediv__")
    __pow__, __rpow__ = _infix(ops.power, "__pow__"), _reflected(ops.power, "__rpow__")
    __neg__, __abs__ = _unary(ops.negate, "__neg__"), _unary(ops.absolute, "__abs__")

    square, sqrt, cbrt, abs = _unary(ops.square), _unary(ops.sqrt), _unary(ops.cbrt), _unary(ops.absolute)
    sign, floor, detach = _unary(ops.sign), _unary(ops.floor), _unary(ops.stop_gradient, "detach")
    exp, exp2, expm1 = _unary(ops.exp), _unary(ops.exp2), _unary(ops.expm1)
    log, log2, log10, log1p = _unary(ops.log), _unary(ops.log2), _unary(ops.log10), _unary(ops.log1p)
    erf, erfc = _unary(ops.erf), _unary(ops.erfc)
    sin, cos, tan = _unary(ops.sin), _unary(ops.cos), _unary(ops.tan)
    asin, acos, atan = _unary(ops.asin), _unary(ops.acos), _unary(ops.atan)
    sinh, cosh, tanh = _unary(ops.sinh), _unary(ops.cosh), _unary(ops.tanh)
    asinh, acosh, atanh = _unary(ops.asinh), _unary(ops.acosh), _unary(ops.atanh)
    sigmoid, softplus, relu, silu, gelu = map(_unary, (ops.sigmoid, ops.softplus, ops.relu, ops.silu, ops.gelu))
    maximum, minimum, logaddexp = _binary(ops.maximum), _binary(ops.minimum), _binary(ops.logaddexp)
    hypot, atan2 = _binary(ops.hypot), _binary(ops.atan2)

    # NumPy asks the elements of an array for methods of these names, as well as for those above.
    arcsin, arccos, arctan = _unary(ops.asin, "arcsin"), _unary(ops.acos, "arccos"), _unary(ops.atan, "arctan")
    arcsinh, arccosh = _unary(ops.asinh, "arcsinh"), _unary(ops.acosh, "arccosh")
    arctanh, fabs = _unary(ops.atanh, "arctanh"), _unary(ops.absolute, "fabs")
    arctan2, __floor__ = _binary(ops.atan2, "arctan2"), _unary(ops.floor, "__floor__")

    __xor__ = __rxor__ = _missing("x ^ y is not a power in Python: write x ** y")
    __floordiv__ = __rfloordiv__ = __mod__ = __rmod__ = _missing(
        "x // y and x % y jump, with a derivative of 0 in between: write x / y, or compute with x.data"
    )
    rint = __round__ = __ceil__ = _missing(
        "rounding jumps, with a derivative of 0 in between: round x.data, or write x.floor(), an operation"
    )

    def __pos__(self: T) -> T:
        return self

    def conjugate(self: T) -> T:
        """x, since it is real."""
        return self

    def leaky_relu(self: T, slope: T | float = 0.01) -> T:
        """x where x > 0, else slope · x."""
        return ops.leaky_relu(self, slope)

    def elu(self: T, alpha: T | float = 1.0) -> T:
        """x where x > 0, else alpha · (e^x - 1)."""
        return ops.elu(self, alpha)

    def clamp(self: T, low: T | float, high: T | float) -> T:
        """x, but at least `low` and at most `high`."""
        return ops.clamp(self, low, high)
