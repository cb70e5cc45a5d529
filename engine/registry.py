"""Declaring operations: the checks of a name and of rules before an operation enters the table."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence
from keyword import iskeyword
from typing import TYPE_CHECKING, Any, overload
from weakref import WeakKeyDictionary

from engine._support.arrays import ArrayLike
from engine._support.caller import is_interactive, users_frame
from engine._support.real_numbers import as_float
from engine.op import LEAVES, TABLE, Op, Rule, T

# The file and the line of the declaration of each operation of a user's own.
_DECLARED_AT: WeakKeyDictionary[Op, tuple[str, int]] = WeakKeyDictionary()


if TYPE_CHECKING:  # what type checkers and editors know of an operation besides

    class UnaryOp(Op):
        """An operation of one input."""

        @overload
        def __call__(self, x: T, /) -> T: ...
        @overload
        def __call__(self, x: float, /) -> float: ...
        @overload
        def __call__(self, x: ArrayLike, /) -> Any: ...
        def __call__(self, x: Any, /) -> Any:
            """Apply the operation."""

    class BinaryOp(Op):
        """An operation of two inputs."""

        @overload
        def __call__(self, x: T, y: T | float, /) -> T: ...
        @overload
        def __call__(self, x: float, y: T, /) -> T: ...
        @overload
        def __call__(self, x: float, y: float, /) -> float: ...
        def __call__(self, x: Any, y: Any, /) -> Any:
            """Apply the operation."""

    class TernaryOp(Op):
        """An operation of three inputs."""

        @overload
        def __call__(self, x: T, y: T | float, z: T | float, /) -> T: ...
        @overload
        def __call__(self, x: float, y: T, z: T | float, /) -> T: ...
        @overload
        def __call__(self, x: float, y: float, z: T, /) -> T: ...
        @overload
        def __call__(self, x: float, y: float, z: float, /) -> float: ...
        @overload
        def __call__(self, x: T, /, **named: T | float) -> T: ...
        @overload
        def __call__(self, x: float, /, **named: float) -> float: ...
        def __call__(self, /, *inputs: Any, **named: Any) -> Any:
            """Apply the operation."""

    class DefaultedOp(Op):
        """An operation of two inputs, of which the second has a default."""

        @overload
        def __call__(self, x: T, y: T | float = ..., /) -> T: ...
        @overload
        def __call__(self, x: float, y: T, /) -> T: ...
        @overload
        def __call__(self, x: float, y: float = ..., /) -> float: ...
        @overload
        def __call__(self, x: T, /, **named: T | float) -> T: ...
        @overload
        def __call__(self, x: float, /, **named: float) -> float: ...
        def __call__(self, /, *inputs: Any, **named: Any) -> Any:
            """Apply the operation."""

else:
    UnaryOp = BinaryOp = TernaryOp = DefaultedOp = Op


def operation(name: str, symbol: str, forward: Rule, *derivatives: Rule, **columns: Any) -> Op:
    """Declare an operation: put it into the table, and return it, ready to be called.

    `forward(*inputs)`, and one `derivative(z, *inputs)` for each input, are written with + - * / and the operations
    of the table, so that they run on `Value`s too; a rule may call one that is declared after it. `columns` are the
    further attributes of `Op`.
    Raises ValueError if the name is not an identifier or is taken, and unless there is one derivative for each input,
    and TypeError if a rule does not run on expressions, or a derivative on floats; then the table is as it was.

    >>> from engine import Value, operation
    >>> cube = operation("cube", "cube", lambda x: x * x * x, lambda z, x: 3.0 * x * x)
    >>> x = Value(2.0, "x")
    >>> cube(x).backward()
    >>> x.grad
    12.0
    >>> del TABLE["cube"]
    """
    check_parameters(name, forward, derivatives)
    return _declare_checked(Op(name, symbol, forward, derivatives, **columns))


def _declare_checked(op: Op) -> Op:
    """Declare an operation of a user's own. It may replace one that was declared by the same line, or by a cell."""
    frame = users_frame()
    before, here = TABLE.get(check_name(op.name)), (frame.f_code.co_filename, frame.f_lineno)
    if before is not None:
        there = _DECLARED_AT.get(before)
        if there is None or (there != here and not (is_interactive(there[0]) and is_interactive(here[0]))):
            raise ValueError(f"the table already has an operation {op.name!r}")
    TABLE[op.name] = op  # before the check, since a rule may call the operation itself
    try:
        op.check_rules()
    except NameError:
        pass  # a rule may call an operation that is declared after it
    except BaseException:
        if before is None:
            del TABLE[op.name]
        else:
            TABLE[op.name] = before
        raise
    _DECLARED_AT[op] = here
    if before is not None:
        import logging  # here, since it takes a fifth of the time of `import engine`

        del _DECLARED_AT[before]
        text = "the operation %r was declared again: graphs made before keep the old one"
        logging.getLogger("engine.operations").warning(text, op.name)
    return op


def check_parameters(name: str, forward: Rule, derivatives: Sequence[Rule]) -> None:
    """Raise ValueError for a rule that cannot be called with its inputs, if Python knows its parameters."""
    from inspect import signature  # here, since it takes a tenth of the time of `import engine`

    n = len(derivatives)
    inputs = [f"x_{i}" for i in range(1, n + 1)]
    rules = [("forward rule", forward, inputs)]
    rules += [
        (f"derivative with respect to {x}", rule, ["z", *inputs]) for x, rule in zip(inputs, derivatives, strict=True)
    ]
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
            taken = [x.name for x in parameters.parameters.values() if x.kind <= x.POSITIONAL_OR_KEYWORD]
            if rule is forward and (missing := taken[n:]):
                count = "one derivative is" if len(missing) == 1 else f"{len(missing)} derivatives are"
                problem = f"{count} missing, with respect to {', '.join(missing)}: its forward rule takes {parameters}"
                raise ValueError(f"operation {name!r}: {problem}") from None
            inputs_of = f"operation {name!r} has {n} {'derivative' if n == 1 else 'derivatives'}, one for each input"
            raise ValueError(f"{inputs_of}: its {what} must take ({', '.join(given)}), not {parameters}") from None


def primitive(name: str, symbol: str, function: Callable[..., float], *derivatives: Rule, **columns: Any) -> Op:
    """Declare an operation whose forward rule is a Python function of floats; otherwise as `operation`.

    A target of compilation that cannot spell it calls the function, or refuses the graph.

    >>> import math
    >>> fmod = primitive("fmod", "mod", math.fmod, lambda z, x, y: 1.0, lambda z, x, y: (z - x) / y)
    >>> fmod(7.5, 2.0)
    1.5
    >>> del TABLE["fmod"]
    """
    check_parameters(name, function, derivatives)

    def forward(*numbers: float) -> float:
        result = function(*numbers)
        return result if type(result) is float else as_float(result, f"the function of {name} returned")

    return _declare_checked(Op(name, symbol, forward, derivatives, is_primitive=True, **columns))


@overload
def declare_composite(name: str, symbol: str, forward: Rule, d_x: Rule, /, **columns: Any) -> UnaryOp: ...
@overload
def declare_composite(
    name: str, symbol: str, forward: Rule, d_x: Rule, d_y: Rule, /, *, defaults: tuple[float], **columns: Any
) -> DefaultedOp: ...
@overload
def declare_composite(name: str, symbol: str, forward: Rule, d_x: Rule, d_y: Rule, /, **columns: Any) -> BinaryOp: ...
@overload
def declare_composite(
    name: str, symbol: str, forward: Rule, d_x: Rule, d_y: Rule, d_z: Rule, /, **columns: Any
) -> TernaryOp: ...
@overload
def declare_composite(name: str, symbol: str, forward: Rule, /, *derivatives: Rule, **columns: Any) -> Op: ...
def declare_composite(name: str, symbol: str, forward: Rule, /, *derivatives: Rule, **columns: Any) -> Op:
    """Declare an operation of `engine.ops` whose forward rule is composed of others. Tests check the rules."""
    return declare(Op(name, symbol, forward, derivatives, **columns))


@overload
def declare_primitive(name: str, symbol: str, function: Rule, d_x: Rule, /, **columns: Any) -> UnaryOp: ...
@overload
def declare_primitive(name: str, symbol: str, function: Rule, d_x: Rule, d_y: Rule, /, **columns: Any) -> BinaryOp: ...
@overload
def declare_primitive(
    name: str, symbol: str, function: Rule, d_x: Rule, d_y: Rule, d_z: Rule, /, **columns: Any
) -> TernaryOp: ...
@overload
def declare_primitive(name: str, symbol: str, function: Rule, /, *derivatives: Rule, **columns: Any) -> Op: ...
def declare_primitive(name: str, symbol: str, function: Rule, /, *derivatives: Rule, **columns: Any) -> Op:
    """Declare a primitive of `engine.ops`, whose function is known to return floats."""
    return declare(Op(name, symbol, function, derivatives, is_primitive=True, **columns))


def declare_leaf(name: str) -> Op:
    """Declare the operation of a kind of leaf."""
    LEAVES[name] = op = Op(name, "", float, ())
    return op


def declare(op: Op) -> Op:
    """Put an operation into the table. Raises ValueError if its name is not an identifier or is taken."""
    if check_name(op.name) in TABLE:
        raise ValueError(f"the table already has an operation {op.name!r}")
    TABLE[op.name] = op
    return op


def check_name(name: str) -> str:
    """The name. Raises ValueError unless it is an identifier in NFKC, the form in which Python reads these."""
    if not isinstance(name, str) or not name.isidentifier() or iskeyword(name) or name.startswith("_"):
        needs = "an operation is called by an identifier such as 'my_operation', without a leading _"
        raise ValueError(f"{needs}, not by {name!r}")
    normal = unicodedata.normalize("NFKC", name)
    if normal != name:
        raise ValueError(f"an operation is called by its name in NFKC, as Python reads it, {normal!r}, not by {name!r}")
    if name in LEAVES:
        raise ValueError(f"the table already has an operation {name!r}")
    return name
