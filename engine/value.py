"""The node of a computation graph: a number, how it was made, and the derivative of an output with respect to it."""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from numbers import Real
from typing import Any

from engine import backprop, ops
from engine.graph import toposort
from engine.op import Op
from engine.operators import Operators


def _infix(op: Op) -> Callable[[Value, Value | float], Value]:
    """`apply` for two Values, the commonest case, in one go: building a graph is mostly this."""
    compute, constant, new = op.compute, ops.constant, object.__new__

    def method(self: Value, other: Value | float) -> Value:
        if type(other) is not Value or self.op is constant:
            return self.apply(op, (self, other))
        try:
            data = compute(self.data, other.data)
        except ArithmeticError:
            return self.apply(op, (self, other))  # raises the error that names both
        node = new(Value)
        node.data = data
        node.grad = 0.0
        node.op = op
        node.inputs = (self, other)
        node.label = ""
        return node

    return method


class Value(Operators):
    """A number that remembers how it was made.

    Attributes:
        data: The number, a float.
        grad: The derivative of the outputs whose `backward` was called with respect to this node, added up.
        op: The operation that made it; `engine.ops.variable` for a `Value` that the user makes, `constant` for a
            number that an operator met.
        inputs: The nodes it was made from, in order; `a * a` has two.
        label: A name for drawings and tables, in the habit of TeX: "x", "a_1", "w_11^(1)".

    Raises TypeError if `data` is no real number. NaN and infinities are numbers.

    >>> x = Value(1.5, "x")
    >>> y = 2 * (3 * x) - x
    >>> y.backward()
    >>> y.data, x.grad
    (7.5, 5.0)
    """

    __slots__ = ("__weakref__", "data", "grad", "inputs", "label", "op")

    data: float
    grad: float
    op: Op
    inputs: tuple[Value, ...]
    label: str

    def __init__(self, data: float, label: str = "") -> None:
        self.data = data if type(data) is float else as_float(data)
        self.grad = 0.0
        self.op = ops.variable
        self.inputs = ()
        self.label = label

    __add__ = _infix(ops.add)
    __sub__ = _infix(ops.subtract)
    __mul__ = _infix(ops.multiply)
    __truediv__ = _infix(ops.divide)

    def apply(self, op: Op, inputs: tuple[Value | float, ...]) -> Value:
        """The node that `op` makes of `inputs`; numbers among them become constants."""
        nodes = []
        for x in inputs:
            if isinstance(x, Value):
                nodes.append(x)
            elif isinstance(x, (float, int, Real)):
                nodes.append(_constant(float(x)))
            else:
                return NotImplemented
        try:
            data = op.compute(*[x.data for x in nodes])
        except (ArithmeticError, ValueError) as error:
            raise op.domain_error("", [x.data for x in nodes], nodes) from error
        for x in nodes:
            if x.op is not ops.constant:
                return _node(data, op, tuple(nodes))
        return _constant(data)  # what is made of constants alone is one: no derivative by it is ever evaluated

    def backward(self) -> None:
        """Add d(self)/d(node) to the `grad` of every node that this one is made from; see `engine.backward`."""
        backprop.backward(self)

    def forward(self) -> float:
        """Recompute this node from its leaves, in place, and return its value; see `engine.forward`."""
        backprop.forward(self)
        return self.data

    def zero_grad(self) -> None:
        """Set the `grad` of every node that this one is made from to 0."""
        backprop.zero_grad(self)

    def __float__(self) -> float:
        return self.data

    def __lt__(self, other: Value | float) -> bool:
        return bool(self.data < _number(other))

    def __le__(self, other: Value | float) -> bool:
        return bool(self.data <= _number(other))

    def __gt__(self, other: Value | float) -> bool:
        return bool(self.data > _number(other))

    def __ge__(self, other: Value | float) -> bool:
        return bool(self.data >= _number(other))

    def __repr__(self) -> str:
        label = f", label={self.label!r}" if self.label else ""
        return f"Value(data={self.data!r}, grad={self.grad!r}{label})"

    def __deepcopy__(self, memo: dict[int, Any]) -> Value:
        for node in toposort(self):  # inputs come first, so that no copy recurses
            if id(node) not in memo:
                memo[id(node)] = copied = copy(node)
                copied.inputs = tuple([memo[id(x)] for x in node.inputs])
        result: Value = memo[id(self)]
        return result


def _node(data: float, op: Op, inputs: tuple[Value, ...]) -> Value:
    node = object.__new__(Value)
    node.data = data
    node.grad = 0.0
    node.op = op
    node.inputs = inputs
    node.label = ""
    return node


def _constant(data: float) -> Value:
    return _node(data, ops.constant, ())


def _number(other: Value | float) -> float:
    """What `<` and its kin compare with; NotImplemented for a stranger, which makes float's own comparison refuse."""
    return other.data if isinstance(other, Value) else other


def as_float(data: Any) -> float:
    """The float that `data` is. Raises TypeError if it is no real number.

    >>> as_float(True), as_float(3)
    (1.0, 3.0)
    """
    if isinstance(data, Real) or (hasattr(data, "__float__") and not isinstance(data, Value)):
        return float(data)
    hint = "it is one already; x.data is its number" if isinstance(data, Value) else "a number such as 3.0 is needed"
    raise TypeError(f"a Value cannot be made of {data!r}, of type {type(data).__name__}: {hint}")


def label(**nodes: Value) -> None:
    """Give many nodes their labels at once; a label may be given to several nodes.

    Raises TypeError, before any label is changed, if one of them is no `Value`.

    >>> x = Value(1.5)
    >>> a = 3 * x
    >>> label(x=x, a_1=a, **{"w_11^(1)": Value(2.0)})
    >>> a
    Value(data=4.5, grad=0.0, label='a_1')
    """
    for name, node in nodes.items():
        if not isinstance(node, Value):
            raise TypeError(f"label({name}=...) names a Value, not {node!r} of type {type(node).__name__}")
    for name, node in nodes.items():
        node.label = name
