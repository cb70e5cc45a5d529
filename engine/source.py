"""Printing formulas as Python, and the two functions of floats that are made so from each entry of the table.

For sigmoid, `forward_function` is made from this text, and `backward_step` from a similar one:

    def _rule(_x0):
        _t0 = exp(-abs(_x0))
        return (_t0 if (1.0 if 0.0 > _x0 else 0.0) else 1.0) / (1.0 + _t0)

What is not an operation begins with _, as no name of an operation does.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from itertools import count
from typing import Any

from engine import ops
from engine.graph import toposort
from engine.op import Op
from engine.table import TABLE
from engine.trace import Symbol, Trace

Step = Callable[[Any, dict[Any, float]], None]
MOST_PRINTED = 600  # inputs of one node; the text of so many takes 10 ms to make, once


def forward_function(op: Op) -> Callable[..., float]:
    """The forward rule of a composed operation as one function of floats."""
    return _define(rule_lines(op, "_rule", "_x", "_t"))


def rule_lines(op: Op, name: str, input: str = "x", part: str = "t", target: str = "python") -> list[str]:
    """The definition of a function that computes a composed operation: of floats, or, for "numpy", of arrays."""
    names = [f"{input}{i}" for i in range(op.arity or 0)]
    *lines, result = python_lines(forward_formula(op, names), (f"{part}{i}" for i in count()), target)
    return [f"def {name}({', '.join(names)}):", *_indented(lines), f"    return {result}"]


def forward_formula(op: Op, names: list[str]) -> Symbol:
    """The forward rule of a composed operation as a formula of primitives."""
    trace = Trace()
    return _run(op, trace, lambda: op.forward(*map(trace.symbol, names)))


def backward_step(op: Op) -> Step:
    """A function `step(z, pending)` that adds upstream · ∂z/∂x to the pending derivative of each input x of the node z.

    Constants get nothing. For multiply, it is made from this text:

        def _rule(_z, _pending):
            _x0, _x1, = _z.inputs
            _upstream = _pending[_z]
            if _x0.op is not _constant:
                _pending[_x0] += _upstream * _x1.data
            if _x1.op is not _constant:
                _pending[_x1] += _upstream * _x0.data
    """
    return _step_for_any_number_of_inputs(op) if op.arity is None else _printed_step(op, op.arity)


def _printed_step(op: Op, arity: int) -> Step:
    inputs = [f"_x{i}" for i in range(arity)]
    lines = ["def _rule(_z, _pending):", f"    {', '.join(inputs)}, = _z.inputs", "    _upstream = _pending[_z]"]
    names, trace = _names(), Trace()
    upstream, z, data = trace.symbol("_upstream"), trace.symbol("_z.data"), [trace.symbol(f"{x}.data") for x in inputs]
    for i, x in enumerate(inputs):
        formula = _run(op, trace, partial(_contribution, op, i, upstream, z, data))
        *temporaries, contribution = python_lines(formula, names)
        lines += [f"    if {x}.op is not _constant:", *_indented(temporaries, 8)]
        lines += [f"        _pending[{x}] += {contribution}"]
    return _define(lines)


def _contribution(op: Op, i: int, upstream: Symbol, z: Symbol, inputs: list[Symbol]) -> Any:
    return upstream * op.local_derivative(i, z, inputs)


def _step_for_any_number_of_inputs(op: Op) -> Step:
    """The step of an operation such as `dot`: printed once for each number of inputs that is met."""
    printed: dict[int, Step] = {}

    def step(z: Any, pending: dict[Any, float]) -> None:
        n = len(z.inputs)
        if n not in printed:
            printed[n] = _printed_step(op, n) if n <= MOST_PRINTED else partial(_step_input_by_input, op)
        printed[n](z, pending)

    return step


def _step_input_by_input(op: Op, z: Any, pending: dict[Any, float]) -> None:
    """The same without a text: for nodes of so many inputs that making one would take long."""
    upstream, output, data = pending[z], z.data, [x.data for x in z.inputs]
    for i, x in enumerate(z.inputs):
        if x.op is not ops.constant:
            pending[x] += upstream * op.local_derivative(i, output, data)


def _run(op: Op, trace: Trace, rule: Callable[[], Any]) -> Symbol:
    """The formula of a rule. Raises TypeError if the rule cannot run on symbols."""
    try:
        formula = rule()
        return formula if isinstance(formula, Symbol) else trace.number(formula)
    except TypeError as error:
        hint = "a rule is written with + - * / and operations such as engine.exp, not with math.exp or comparisons"
        raise TypeError(f"a rule of the operation {op.name!r} cannot be run on symbols ({error}); {hint}") from error


def python_lines(formula: Symbol, names: Iterator[str], target: str = "python") -> list[str]:
    """The formula as Python: an assignment for each part that is used more than once, and last the expression."""
    order = toposort(formula)
    uses = Counter(x for symbol in order for x in symbol.inputs)
    text: dict[Symbol, str] = {}
    lines = []
    for symbol in order:
        written, is_atom = expression(symbol, [text[x] for x in symbol.inputs], target)
        if uses[symbol] > 1 and symbol.inputs:
            name = next(names)
            lines.append(f"{name} = {written}")
            text[symbol] = name
        else:
            text[symbol] = written if is_atom or symbol is formula else f"({written})"
    return [*lines, text[formula]]


def expression(symbol: Symbol, inputs: list[str], target: str = "python") -> tuple[str, bool]:
    """The text of one operation, and whether it can stand inside any other without brackets."""
    if symbol.is_number:
        return repr(symbol.number).replace("nan", "_nan").replace("inf", "_inf"), True
    if not symbol.inputs:
        return symbol.name, True
    return applied(symbol.op, inputs, target), "{" not in spelled(symbol.op, target)


def applied(op: Op, inputs: list[str], target: str) -> str:
    """The text of an operation on inputs that are texts.

    >>> applied(ops.greater, ["x", "y"], "numpy"), applied(ops.atan, ["x"], "numpy")
    ('np.where(x > y, 1.0, 0.0)', 'np.arctan(x)')
    """
    spelling = spelled(op, target)
    return spelling.format(*inputs) if "{" in spelling else f"{spelling}({', '.join(inputs)})"


def spelled(op: Op, target: str) -> str:
    """How a target writes an operation: with {0}, {1}, ..., or the name of a function."""
    spelling = op.numpy if target == "numpy" else op.python
    return spelling if "{" in spelling or spelling.startswith("np.") else op.name


def _names() -> Iterator[str]:
    return (f"_t{i}" for i in count())


def _indented(lines: list[str], width: int = 4) -> list[str]:
    return [" " * width + line for line in lines]


def _define(lines: list[str]) -> Callable[..., Any]:
    space: dict[str, Any] = {op.name: op.compute for op in TABLE.values() if op.python}
    space |= {"_constant": ops.constant, "_nan": math.nan, "_inf": math.inf}
    exec("\n".join(lines), space)
    function: Callable[..., Any] = space["_rule"]
    return function
