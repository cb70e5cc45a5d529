"""Functions of floats, printed as Python from the rules of an operation when they are first needed.

For sigmoid, `forward_function` is made from this text, and `backward_step` from a similar one:

    def _rule(_x0):
        _t0 = exp(-abs(_x0))
        return (_t0 if (1.0 if 0.0 > _x0 else 0.0) else 1.0) / (1.0 + _t0)

Names other than those of operations begin with _.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any

from engine import ops
from engine.op import SPECIALIZED, DomainError, Op
from engine.sweep import edge_inputs, edges, is_met_now, local_derivative, reaches_variable
from engine.symbolic.codegen import PYTHON, FunctionNames, Language, assignments, indent
from engine.symbolic.expression import Expression, ExpressionBuilder
from engine.symbolic.rewrites import exact

BackwardStep = Callable[[Any, dict[Any, float]], None]
MAX_PRINTED = 600  # inputs of one node, for which printing takes 10 ms

# The pending derivative of a node that is not reached: a 0 that is known by being this object. It is not passed on,
# while a derivative that happens to be 0 is.
UNREACHED = float("0")


def forward_function(op: Op) -> Callable[..., float]:
    """The forward rule of a composed operation as one function of floats."""
    functions = FunctionNames()
    return _define(rule_lines(op, "_rule", functions, "_x", "_t"), functions)


def rule_lines(
    op: Op, name: str, functions: FunctionNames, input: str = "x", part: str = "t", language: Language = PYTHON
) -> list[str]:
    """The definition of a function, in Python's syntax, that computes a composed operation."""
    names = [f"{input}{i}" for i in range(op.arity or 0)]
    *lines, result = assignments(forward_formula(op, names), (f"{part}{i}" for i in count()), functions, language)
    return [f"def {name}({', '.join(names)}):", *indent(lines), f"    return {result}"]


def forward_formula(op: Op, names: list[str]) -> Expression:
    """The forward rule of a composed operation as a formula of primitives."""
    builder = ExpressionBuilder(exact)
    with _on_expressions(op):
        formula = op.forward(*map(builder.symbol, names))
    return formula if isinstance(formula, Expression) else builder.constant(formula)


def backward_step(op: Op) -> BackwardStep:
    """A function `step(z, pending)` that adds upstream · ∂z/∂x to the pending derivative of each input x of the node z.

    This is the specialisation of the sweep for floats, where dispatching the rules would cost four times as much as
    their arithmetic. It is printed from the same `edges`, run once on expressions, so that each rule is written once:
    that of `*` is the entry of `multiply` in `engine.ops`. All unrecorded backward passes over floats run these steps.

    For multiply, it is made from this text:

        def _rule(_z, _pending):
            _upstream = _pending[_z]
            if _upstream is _unreached:
                return
            _x0, _x1, = _z.inputs
            if _x0.op is not _constant:
                _pending[_x0] += _upstream * _x1.data
            if _x1.op is not _constant:
                _pending[_x1] += _upstream * _x0.data
    """
    return _step_for_any_number_of_inputs(op) if op.arity is None else _printed_step(op, op.arity)


def _printed_step(op: Op, arity: int) -> BackwardStep:
    functions = FunctionNames()
    return _define(_step_lines(op, arity, functions), functions)


def _step_lines(op: Op, arity: int, functions: FunctionNames) -> list[str]:
    names, builder = [f"_x{i}" for i in range(arity)], ExpressionBuilder(exact)
    lines = ["def _rule(_z, _pending):", "    _upstream = _pending[_z]"]
    lines += ["    if _upstream is _unreached:", "        return", f"    {', '.join(names)}, = _z.inputs"]
    inputs = tuple(map(builder.symbol, names))
    z = Expression(builder, op, inputs)
    numbers = {x: builder.symbol(f"{x.name}.data") for x in inputs} | {z: builder.symbol("_z.data")}
    upstream, temporaries = builder.symbol("_upstream"), (f"_t{i}" for i in count())
    with _on_expressions(op):
        for edge in edges(z, numbers):
            x, when = edge.input.name, edge.when
            condition = f" and {'' if when.holds else 'not '}{when.node.name}.data" if when else ""
            *before, contribution = assignments(upstream * edge.local_derivative, temporaries, functions)
            lines.append(f"    if {x}.op is not _constant{condition}:")
            lines += [*indent(before, 8), f"        _pending[{x}] += {contribution}"]
    return lines


def _step_for_any_number_of_inputs(op: Op) -> BackwardStep:
    """The step of an operation such as `dot`, printed once for each number of inputs that occurs."""
    printed: dict[int, BackwardStep] = {}

    def step(z: Any, pending: dict[Any, float]) -> None:
        n = len(z.inputs)
        if n not in printed:
            printed[n] = _printed_step(op, n) if n <= MAX_PRINTED else _step_input_by_input
        printed[n](z, pending)

    return step


def _step_input_by_input(z: Any, pending: dict[Any, float]) -> None:
    """The step of a node of more than MAX_PRINTED inputs, without a printed text."""
    upstream, rule, output, data = pending[z], z.op.derivatives, z.data, [x.data for x in z.inputs]
    if upstream is not UNREACHED:
        for i, x in enumerate(z.inputs):
            if x.op is not ops.constant:
                pending[x] += upstream * rule(i, output, data)


def resume_step(z: Any, pending: dict[Any, float], wanted: Collection[Any]) -> bool:
    """Resume a step that failed at a local derivative that is not finite, after the edges before that one.

    Raises DomainError if the derivative by its input is wanted, or the input reaches a variable. Returns whether there
    is such an edge.
    """
    inputs, is_done = [x.data for x in z.inputs], True
    for i, x, _ in edge_inputs(z, is_met_now):
        try:
            local = local_derivative(z, i, z.data, inputs)
        except DomainError:
            if x in wanted or reaches_variable(x, is_met_now):
                raise
            is_done = False
        else:
            if not is_done:
                pending[x] += pending[z] * local
    return not is_done


def check_rules(op: Op) -> None:
    """Run every rule of an operation on expressions. Raises TypeError if one cannot."""
    if not op.is_primitive:
        forward_formula(op, [f"_x{i}" for i in range(op.arity or 0)])
    if op.arity is not None:
        _step_lines(op, op.arity, FunctionNames())


@contextmanager
def _on_expressions(op: Op) -> Iterator[None]:
    """A context in which rules of an operation run on expressions; errors become a TypeError with a hint."""
    try:
        yield
    except (TypeError, DomainError) as error:
        hint = "a rule is written with + - * / and operations such as engine.exp, not with math.exp or comparisons"
        raise TypeError(
            f"a rule of the operation {op.name!r} cannot be run on expressions ({error}); {hint}"
        ) from error


def _define(lines: list[str], functions: FunctionNames) -> Callable[..., Any]:
    space: dict[str, Any] = {name: op.compute for op, name in functions.names.items()}
    space |= {"_constant": ops.constant, "_unreached": UNREACHED, "_nan": math.nan, "_inf": math.inf}
    exec("\n".join(lines), space)
    function: Callable[..., Any] = space["_rule"]
    return function


SPECIALIZED.update(forward_function=forward_function, backward_step=backward_step, check_rules=check_rules)
