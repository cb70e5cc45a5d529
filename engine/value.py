"""The node of a computation graph: a number, how it was made, and the derivative of an output with respect to it."""

from __future__ import annotations

import operator
from collections.abc import Callable
from copy import copy
from functools import update_wrapper
from numbers import Number, Real
from typing import Any, NoReturn, SupportsIndex, cast

from engine import anomaly, backprop, ops, pickling
from engine._support import checks
from engine._support.other_names import INSTEAD_OF_VALUES, explain_other_names
from engine._support.real_numbers import as_float
from engine.comparisons import note_comparison, recordings
from engine.graph import toposort
from engine.op import GUARD_THE_ARGUMENT, Op
from engine.operators import Operators

# The methods made here are the fast path: operators on `Value`s and plain numbers. `Value.apply` does the rest: foreign
# types, constants, results that are not floats, and all operators while anomalies are looked for.

_new = object.__new__


def _fast_binary(name: str, op: Op) -> Callable[[Value, Value | float], Value]:
    """The method of that name for a binary operator; in __radd__ and its kind, `self` is the right operand."""
    reflected = name.startswith("__r")
    compute, constant, watches = op.compute, ops.constant, anomaly.WATCHES

    def method(self: Value, other: Value | float) -> Value:
        if type(other) is not Value and (type(other) is float or type(other) is int):
            try:
                other = _node(float(other), constant, ())
            except OverflowError:  # `apply` names the number
                return self.apply(op, (other, self) if reflected else (self, other))
        if type(other) is not Value or self.op is constant or watches:
            return self.apply(op, (other, self) if reflected else (self, other))
        inputs = x, y = (other, self) if reflected else (self, other)
        try:
            data = compute(x.data, y.data)
        except (ArithmeticError, ValueError, TypeError, RuntimeWarning):  # a warning is NumPy's, of its own numbers
            return self.apply(op, inputs)
        if type(data) is not float:
            return self.apply(op, inputs)
        node = _new(Value)  # as `_node` makes it, without the time of a call
        node.data = data
        node.grad = 0.0
        node.op = op
        node.inputs = inputs
        node._label = ""
        return node

    return update_wrapper(method, getattr(Operators, name))


def _fast_unary(name: str, op: Op) -> Callable[[Value], Value]:
    """The method of that name for an operation on one operand."""
    compute, constant, watches = op.compute, ops.constant, anomaly.WATCHES

    def method(self: Value) -> Value:
        x = self.data
        if type(x) is not float or self.op is constant or watches:  # NumPy's integers, set by hand, would wrap around
            return self.apply(op, (self,))
        try:
            data = compute(x)
        except (ArithmeticError, ValueError, TypeError):
            data = None
        return _node(data, op, (self,)) if type(data) is float else self.apply(op, (self,))

    return update_wrapper(method, getattr(Operators, name))


def _comparison(compare: Callable[[float, float], bool]) -> Callable[[Value, Value | float], bool]:
    """The method that compares numbers; `record_comparisons` notices it."""

    def method(self: Value, other: Value | float) -> bool:
        if recordings.lists:
            note_comparison(self)
        return bool(compare(self.data, other.data if isinstance(other, Value) else other))

    method.__name__, method.__doc__ = f"__{compare.__name__}__", "Compare the numbers, the `data` of nodes."
    return method


_MICROGRADS_SIGNS = {ops.subtract: "-", ops.multiply: "*", ops.negate: "-", ops.power: "**"}
_equal, _unequal = _comparison(operator.eq), _comparison(operator.ne)


class Value(Operators):
    """A number, its `data`, that remembers how it was made: the `op`, and its `inputs`. It may have a `label`.

    `backward` adds derivatives to its `grad`. Each of these attributes has a docstring, which editors show.

    `<`, `==` with a number, and `bool` go by `data`; `==` between nodes is identity, and so is their hash: `x in [2.0]`
    compares numbers, `x in {2.0}` is False, and `x == pytest.approx(2.0)` holds for exactly 2.0. A node is not
    converted to a float, where the graph would end unnoticed: `float(x)` and `math.sin(x)` raise TypeError.
    Raises TypeError if `data` is not a real number, or `label` not a string. NaN and infinities are numbers.

    >>> x = Value(1.5, "x")
    >>> y = 2 * (3 * x) - x
    >>> y.backward()
    >>> y.data, x.grad
    (7.5, 5.0)
    """

    __slots__ = ("__weakref__", "_label", "data", "grad", "inputs", "op")

    data: float
    """The number, a float."""
    grad: float
    """The sum of the derivatives with respect to this node of the outputs whose `backward` was called."""
    op: Op
    """The operation that made it: `engine.ops.variable` if it is the user's, `constant` if an operator met a number."""
    inputs: tuple[Value, ...]
    """The nodes that it was made from, in order; `a * a` has two."""
    _label: str

    def __init_subclass__(cls, **arguments: Any) -> None:
        """Raise TypeError for a subclass that compares nodes in another way: equal nodes would share a gradient."""
        super().__init_subclass__(**arguments)
        if cls.__eq__ is not Value.__eq__ or cls.__hash__ is not Value.__hash__:
            raise TypeError(f"{cls.__name__} must not define __eq__ or __hash__: sweeps tell nodes apart by identity")

    def __init__(self, data: float, label: str = "", *more: NoReturn) -> None:
        self.data = data if type(data) is float else as_float(data, "a Value cannot be made of")
        self.grad = 0.0
        self.op = ops.variable
        self.inputs = ()
        if not isinstance(label, str) or more:
            given = f"a label is text such as 'x' or 'w_11', not {checks.format_given(label)}"
            raise TypeError(
                f"{given}; an operation makes a node of others: a + b, or one by engine.custom_operation(f, df)"
            )
        self._label = label

    __add__, __radd__ = _fast_binary("__add__", ops.add), _fast_binary("__radd__", ops.add)
    __sub__, __rsub__ = _fast_binary("__sub__", ops.subtract), _fast_binary("__rsub__", ops.subtract)
    __mul__, __rmul__ = _fast_binary("__mul__", ops.multiply), _fast_binary("__rmul__", ops.multiply)
    __truediv__, __rtruediv__ = _fast_binary("__truediv__", ops.divide), _fast_binary("__rtruediv__", ops.divide)
    __pow__, __rpow__ = _fast_binary("__pow__", ops.power), _fast_binary("__rpow__", ops.power)
    __neg__ = _fast_unary("__neg__", ops.negate)
    exp, log, tanh = _fast_unary("exp", ops.exp), _fast_unary("log", ops.log), _fast_unary("tanh", ops.tanh)
    sigmoid, relu = _fast_unary("sigmoid", ops.sigmoid), _fast_unary("relu", ops.relu)

    @property
    def label(self) -> str:
        """A name for drawings and tables, in the habit of TeX: "x", "a_1", "w_11^(1)". TypeError unless it is text."""
        return self._label

    @label.setter
    def label(self, label: str) -> None:
        if not isinstance(label, str):
            given = checks.format_given(label)
            raise TypeError(f"the label of {self!r} is text such as 'x' or 'w_11', not {given}")
        self._label = label

    @property
    def known(self) -> float | None:
        """The number of a constant; None for a variable and for a result, whose number may change."""
        return self.data if self.op is ops.constant else None

    @property
    def _prev(self) -> tuple[Value, ...]:
        """The inputs, without repeats, for functions that draw micrograd's graphs."""
        return tuple(dict.fromkeys(self.inputs))

    @property
    def _op(self) -> str:
        """The sign of the operation, as micrograd writes it: "+", "*", "**2", "ReLU"; empty for a leaf."""
        exponent = self.inputs[1].known if self.op is ops.power else None
        return _MICROGRADS_SIGNS.get(self.op, self.op.symbol) + ("" if exponent is None else f"{exponent:g}")

    def apply(self, op: Op, inputs: tuple[Value | float, ...]) -> Value:
        """The node of `op` applied to `inputs`; numbers among them become constants."""
        if not isinstance(op, Op):
            raise TypeError(f"apply takes an operation of the table, not {op!r:.60} of type {type(op).__name__}")
        nodes = []
        for x in inputs:
            if isinstance(x, Value):
                nodes.append(x)
            elif isinstance(x, (float, int, Real)):
                nodes.append(_node(as_float(x, f"{op.name} cannot take"), ops.constant, ()))
            elif isinstance(x, (str, bytes, list, tuple)):  # whose own operators would give up in other words
                of_text = "float('3') makes a number of text, and f'{x.data}' text of a number"
                hint = of_text if isinstance(x, (str, bytes)) else "a Value is one number: go through the list"
                raise TypeError(f"{op.name} takes numbers and Values, not {checks.format_given(x)}; {hint}")
            else:
                return NotImplemented
        backprop.make_floats(nodes)
        numbers, watch = [x.data for x in nodes], anomaly.current_watch()
        try:
            data = op.compute(*numbers)
        except (ArithmeticError, ValueError) as error:
            problem = op.domain_error("", numbers, nodes, GUARD_THE_ARGUMENT)
            raise watch.error(str(problem)) if watch else problem from error
        for x in nodes:
            if x.op is not ops.constant:
                node = _node(data, op, tuple(nodes))
                if watch:
                    watch.made(node)
                return node
        return _node(data, ops.constant, ())  # constants alone make a constant

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

    __lt__, __le__, __gt__, __ge__ = map(_comparison, (operator.lt, operator.le, operator.gt, operator.ge))

    def __eq__(self, other: object) -> bool:
        return _equal(self, cast(Any, other)) if isinstance(other, Number) else NotImplemented

    __hash__ = object.__hash__  # by identity, as == between nodes; a function in Python would slow every sweep down

    def __bool__(self) -> bool:
        return _unequal(self, 0.0)

    def __float__(self) -> NoReturn:
        raise TypeError(
            "a Value is not converted to a float, where its graph would end: write a function of engine or a method,"
            " such as engine.sin(x) or x.sin(), in place of math.sin(x), and x.data for the number alone"
        )

    def __format__(self, specification: str) -> str:
        return format(self.data, specification) if specification else str(self)

    def __repr__(self) -> str:
        label = f", label={self.label!r}" if self.label else ""
        return f"Value(data={self.data!r}, grad={self.grad!r}{label})"

    def __dir__(self) -> list[str]:
        return [name for name in super().__dir__() if hasattr(self, name)]

    def __reduce_ex__(self, protocol: SupportsIndex) -> Any:
        if self.inputs and type(self) is Value:
            return pickling.reduced(self)
        return object.__reduce_ex__(self, 4)

    def __copy__(self) -> Value:
        make, arguments, (attributes, slots), *_ = cast(Any, object.__reduce_ex__(self, 4))
        copied: Value = make(*arguments)
        for name, attribute in {**(attributes or {}), **slots}.items():
            setattr(copied, name, attribute)
        return copied

    def __deepcopy__(self, memo: dict[int, Any]) -> Value:
        for node in toposort(self):  # inputs come first, so that copies do not recurse
            if id(node) not in memo:
                memo[id(node)] = copied = copy(node)
                copied.inputs = tuple([memo[id(x)] for x in node.inputs])
        result: Value = memo[id(self)]
        return result


explain_other_names(Value, INSTEAD_OF_VALUES)


def _node(data: float, op: Op, inputs: tuple[Value, ...]) -> Value:
    node = _new(Value)
    node.data = data
    node.grad = 0.0
    node.op = op
    node.inputs = inputs
    node._label = ""
    return node


def label(*unnamed: NoReturn, **nodes: Value) -> None:
    """Give many nodes their labels at once; a label may be given to several nodes.

    Raises TypeError, before any label is changed, if one of them is not a `Value`, or is given without a name.

    >>> x = Value(1.5)
    >>> a = 3 * x
    >>> label(x=x, a_1=a, **{"w_11^(1)": Value(2.0)})
    >>> a
    Value(data=4.5, grad=0.0, label='a_1')
    """
    if unnamed:
        raise TypeError("label takes each node with its name: label(z=z), or label(**{'w_11^(1)': w})")
    for name, node in nodes.items():
        checks.check_instance(node, Value, f"label({name}=...) names a Value")
    for name, node in nodes.items():
        node.label = name
