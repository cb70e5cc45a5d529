"""The door of the table of operations: how an entry is declared, and found again by its name."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from inspect import signature
from keyword import iskeyword
from typing import Any

from engine.op import Op, Rule

TABLE: dict[str, Op] = {}
LEAVES: dict[str, Op] = {}


def operation(name: str, symbol: str, forward: Rule, *derivatives: Rule, **columns: Any) -> Op:
    """Declare an operation: put it into the table, and return it, ready to be called.

    `forward(*inputs)`, and one `derivative(z, *inputs)` for each input, are written with + - * / and the operations
    of the table, so that they run on `Value`s too. `columns` are the further attributes of `Op`.
    Raises ValueError if the name is no identifier or is taken, and if there is not one derivative for each input, and
    TypeError if a rule does not run on symbols; then the table is as it was.

    >>> from engine import Value, operation
    >>> cube = operation("cube", "cube", lambda x: x * x * x, lambda z, x: 3.0 * x * x)
    >>> x = Value(2.0, "x")
    >>> cube(x).backward()
    >>> x.grad
    12.0
    >>> del TABLE["cube"]
    """
    _check_rules(name, forward, derivatives)
    return _tried(composite(name, symbol, forward, *derivatives, **columns))


def _tried(op: Op) -> Op:
    """An operation of the table, if its rules run on symbols. Raises TypeError if not, and takes it out again."""
    try:
        _ = op.compute, op.backward_step
    except NameError:
        pass  # a rule may name an operation that is declared after it
    except BaseException:
        del TABLE[op.name]
        raise
    return op


def _check_rules(name: str, forward: Rule, derivatives: Sequence[Rule]) -> None:
    """Raise ValueError for a rule that cannot be called with its inputs, as far as Python knows its parameters."""
    n = len(derivatives)
    inputs = [f"x_{i}" for i in range(1, n + 1)]
    rules = [("forward rule", forward, inputs)]
    rules += [(f"derivative by {x}", rule, ["z", *inputs]) for x, rule in zip(inputs, derivatives, strict=True)]
    for what, rule, given in rules:
        if not callable(rule):
            raise TypeError(f"operation {name!r}: its {what} is a function of ({', '.join(given)}), not {rule!r:.60}")
        try:
            parameters = signature(rule)
        except ValueError:  # of a function written in C
            continue
        try:
            parameters.bind(*given)
        except TypeError:
            inputs_of = f"operation {name!r} has {n} derivative{'s' * (n != 1)}, one for each input"
            raise ValueError(f"{inputs_of}: its {what} must take ({', '.join(given)}), not {parameters}") from None


def primitive(name: str, symbol: str, function: Callable[..., float], *derivatives: Rule, **columns: Any) -> Op:
    """Declare an operation whose forward rule is a Python function of floats; otherwise as `operation`.

    `python="..."` is its spelling in Python, where it is not called by its name.

    >>> import math
    >>> from engine import exp
    >>> erf = primitive("erf", "erf", math.erf, lambda z, x: 2.0 / math.sqrt(math.pi) * exp(-x * x))
    >>> erf(0.0)
    0.0
    >>> del TABLE["erf"]
    """
    _check_rules(name, function, derivatives)
    columns = {"python": name} | columns
    return _tried(declare(Op(name, symbol, lambda *numbers: float(function(*numbers)), derivatives, **columns)))


def composite(name: str, symbol: str, forward: Rule, *derivatives: Rule, **columns: Any) -> Op:
    """Declare an operation that is made of others of the table; the table's own rules are tried by tests."""
    return declare(Op(name, symbol, forward, derivatives, **columns))


def elementary(name: str, symbol: str, function: Callable[..., float], *derivatives: Rule, **columns: Any) -> Op:
    """Declare a primitive of the table's own: its function is known to return floats, and NumPy has it too."""
    spelling = {} if "python" in columns else {"python": name, "numpy": f"np.{name}"}
    return declare(Op(name, symbol, function, derivatives, **(spelling | columns)))


def leaf(name: str) -> Op:
    """Declare what stands for the operation of a node that is made by none."""
    LEAVES[name] = op = Op(name, "", float, ())
    return op


def declare(op: Op) -> Op:
    """Put an operation into the table. Raises ValueError if its name is no identifier or is taken."""
    if not isinstance(op.name, str) or not op.name.isidentifier() or iskeyword(op.name) or op.name.startswith("_"):
        raise ValueError(f"an operation is called by its name: {op.name!r} is no name such as 'softsign'")
    if op.name in TABLE or op.name in LEAVES:
        raise ValueError(f"there is an operation {op.name!r} in the table already")
    TABLE[op.name] = op
    return op


def find(name: str) -> Op:
    """The operation of that name. Raises KeyError if there is none."""
    return LEAVES.get(name) or TABLE[name]
