"""Operations in whose rules results are held, as by `stop_gradient`: derivatives take them for constants."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cache

from engine.graph import toposort
from engine.op import DomainError, Op
from engine.symbolic.expression import Expression, ExpressionBuilder, as_written


def has_held_result(op: Op, n_inputs: int) -> bool:
    """Whether its result, or one in its rule, changes with the inputs, and derivatives take it for a constant."""
    return op.is_held or _rule_with_held_result(op, n_inputs) is not None


@cache
def _rule_with_held_result(op: Op, n_inputs: int) -> tuple[Sequence[Expression], Expression] | None:
    """Symbols, and the forward rule on them; None if no result in it is held."""
    if op.is_primitive:
        return None
    builder = ExpressionBuilder(as_written, expand=False)
    symbols = [builder.symbol(f"x_{i + 1}") for i in range(n_inputs)]
    result = op.forward(*symbols)
    parts = toposort(result) if isinstance(result, Expression) else []
    is_held = any(part.inputs and has_held_result(part.op, len(part.inputs)) for part in parts)
    return (symbols, result) if is_held else None


def evaluate_moved(op: Op, moved: Sequence[float], numbers: Sequence[float]) -> float:
    """The result for moved inputs, with the held results in its rule as they are for the numbers. Raises DomainError.

    >>> from engine.ops import stop_gradient
    >>> product = Op("product", "product", lambda x: stop_gradient(x) * x, [lambda z, x: x])
    >>> evaluate_moved(product, [4.0], [3.0])
    12.0
    """
    result, _ = _evaluate_both(op, moved, numbers)
    if math.isnan(result):
        raise op.domain_error("", moved)
    return result


def _evaluate_both(op: Op, moved: Sequence[float], numbers: Sequence[float]) -> tuple[float, float]:
    """The results for moved inputs and for the numbers; NaN for one outside its domain, which `where` may not take."""
    rule = _rule_with_held_result(op, len(moved))
    if rule is None or op.is_held:
        result = _evaluate(op, numbers)
        return result if op.is_held else _evaluate(op, moved), result
    symbols, formula = rule
    both = dict(zip(symbols, zip(moved, numbers, strict=True), strict=True))
    for part in toposort(formula):
        if part.is_constant:
            both[part] = part.value, part.value
        elif part.inputs:
            both[part] = _evaluate_both(part.op, [both[x][0] for x in part.inputs], [both[x][1] for x in part.inputs])
    return both[formula]


def _evaluate(op: Op, numbers: Sequence[float]) -> float:
    try:
        return op.evaluate(numbers)
    except DomainError:
        return math.nan
