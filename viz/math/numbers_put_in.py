"""Formulas with their numbers put in, and the rule of a local derivative opened: σ'(a) = z(1 − z) = 0.668 · 0.332.

A sum or difference that is a factor is put in as one number, and so is a function of a sum. Where numbers change, as in
a page, `slots` gives the places of the numbers instead.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from itertools import count

from engine import DomainError, NamedGraph, Value, ops
from engine.analysis.named_graph import is_activation_derivative
from engine.graph import toposort
from engine.symbolic.expression import Expression, ExpressionBuilder, as_written
from viz.math.equations import JUXTAPOSED, PLUS, TIMES
from viz.math.formulas import DEFAULT_DIGITS, LAYOUTS, format_formula, format_number

_FACTORS = (ops.multiply, ops.divide, ops.power)  # whose operands are put in as one number if they are sums
_SUMS = (ops.add, ops.subtract)
_BEGINNING = re.compile(r"(^|[(\[,|=]\s*)$")  # after which a negative number does not need brackets
_RAISED = list("^⁰¹²³⁴⁵⁶⁷⁸⁹⁻")  # before which it does
_TIGHT = re.compile(r"[/^]\s*$")  # after which a power of ten needs brackets, as before _RAISED: 2 / (1.2·10⁻⁵)
_COMPUTED = {TIMES: ops.multiply, JUXTAPOSED: ops.multiply, PLUS: ops.add}
MAX_DIGITS = 17  # with which a float is written
_FIRST_SLOT = 0xE000  # private characters of Unicode, which no label of a formula has


def opened_rule(graph: NamedGraph, node: Value, local_derivative: Expression) -> list[Expression]:
    """A local derivative of a named node with each σ' replaced by its rule; nothing if it does not have any.

    >>> from viz.math.formulas import format_formula
    >>> w, x = Value(0.5, "w"), Value(1.5, "x")
    >>> o = (w * x).tanh()
    >>> o.label = "o"
    >>> graph = NamedGraph(o)
    >>> formula = graph.formulas(o)[w]
    >>> [format_formula(side) for side in (formula, *opened_rule(graph, o, formula))]
    ["tanh'(wx)x", '(1 − o²)x']
    """

    def make(old: Expression, inputs: tuple[Expression, ...]) -> Expression:
        if not is_activation_derivative(old.op):
            return old.builder.make(old.op, inputs)
        rule = old.op.forward(*inputs)
        return rule if isinstance(rule, Expression) else graph.constant(rule)

    opened = rebuild(local_derivative, lambda leaf: leaf, make)
    if opened is local_derivative:
        return []
    value, name = graph.relation(node), graph.symbol_of(node)
    named = rebuild(opened, lambda leaf: leaf, lambda old, inputs: name if old is value else old.apply(old.op, inputs))
    return [with_squares(named)]


def local_sides(
    graph: NamedGraph, node: Value, local_derivative: Expression, numbers: Mapping[str, float]
) -> list[Expression]:
    """A local derivative of a named node in several forms: as it is, its rule opened, and its numbers put in.

    Without the last where it is not finite, as in a branch that is not taken, or where a number is unknown.

    >>> from viz.math.formulas import format_formula
    >>> a = Value(0.0, "a")
    >>> z = a.sigmoid()
    >>> z.label = "z"
    >>> graph = NamedGraph(z)
    >>> [format_formula(side) for side in local_sides(graph, z, graph.formulas(z)[a], {"a": 0.0, "z": 0.5})]
    ["σ'(a)", 'z · (1 − z)', '0.5 · 0.5']
    """
    sides = [local_derivative, *opened_rule(graph, node, local_derivative)]
    with suppress(DomainError, KeyError):
        sides.append(with_numbers(sides[-1], numbers))
    return sides


def with_numbers(formula: Expression, numbers: Mapping[str, float]) -> Expression:
    """The formula with the numbers of its symbols, by their names. Raises DomainError if one is not finite."""
    return _with_slots(formula, lambda x: x.builder.constant(evaluate(x, numbers)))


def with_squares(formula: Expression) -> Expression:
    """The formula with z · z written as z²."""

    def make(symbol: Expression, inputs: tuple[Expression, ...]) -> Expression:
        if symbol.op is ops.multiply and inputs[0] is inputs[1]:
            return inputs[0] ** 2.0
        return symbol.builder.make(symbol.op, inputs)

    return rebuild(formula, lambda leaf: leaf, make)


def put_in_numbers(
    formula: Expression,
    numbers: Mapping[str, float],
    digits: int = 4,
    result: float | None = None,
    error: float = 0.0,
) -> str:
    """The formula with the numbers of its symbols, by their names, as text.

    With a `result`, which is written beside it, numbers have as many more digits as are needed for whoever computes
    with them to come to the digits of the result, or to a number with at most this relative `error`.

    >>> builder = ExpressionBuilder(as_written)
    >>> z = builder.symbol("z")
    >>> put_in_numbers(z * (1.0 - z), {"z": 0.668})
    '0.668 · 0.332'
    >>> put_in_numbers(z * z + 1.0, {"z": -2.0})
    '−2 · (−2) + 1'
    >>> put_in_numbers(z * (1.0 - z), {"z": 2 / 3}, result=2 / 9)
    '0.666667 · 0.333333'
    >>> put_in_numbers(1.0 - z * z, {"z": 0.9999999}, result=2e-7, error=0.01)
    '1 − 0.9999999 · 0.9999999'
    """
    if result is not None:
        digits = _digits_needed(formula, numbers, digits, result, error)
    return format_formula(_as_shown(formula, numbers, digits), digits=max(digits, DEFAULT_DIGITS))


def signs_in_brackets(before: str, after: str) -> str:
    """The signs with one of which a number needs brackets between these texts: −, and · of a power of ten.

    >>> signs_in_brackets("2 · ", ""), signs_in_brackets("σ(", ")"), signs_in_brackets("", "²")
    ('−', '', '−·')
    """
    if _TIGHT.search(before) or after[:1] in _RAISED:
        return "−·"
    return "" if _BEGINNING.search(before) else "−"


def computed_line(formula: Expression, result: float, digits: int = DEFAULT_DIGITS) -> str:
    """A formula of numbers alone, with as many digits as its result needs, and the result: 2 · 3 = 6.

    >>> from viz.math.equations import numerals, times
    >>> computed_line(times(*numerals(2 / 3, 2 / 3)), 4 / 9)
    '0.6666667 · 0.6666667 = 0.444444'
    """
    return " = ".join(dict.fromkeys([put_in_numbers(formula, {}, digits, result), format_number(result)]))


def _digits_needed(formula: Expression, numbers: Mapping[str, float], digits: int, result: float, error: float) -> int:
    """The least number of digits, at least `digits`, with which the written numbers give the written result."""
    for n_digits in range(digits, MAX_DIGITS):
        with suppress(DomainError):
            shown = _as_shown(formula, numbers, n_digits)
            found, rounding = evaluate(shown, {}), 0.0 if result else _rounding(shown)
            if format_number(found) == format_number(result) or math.isclose(
                found, result, rel_tol=error, abs_tol=rounding
            ):
                return n_digits
    return MAX_DIGITS


def _rounding(formula: Expression) -> float:
    """The size of what a sum that comes to 0 may differ from it, since 2.6 · 2.25 is not 5.85 to the last bit."""
    return 1e-14 * max((abs(x.value) for x in toposort(formula) if x.is_constant), default=0.0)


def _as_shown(formula: Expression, numbers: Mapping[str, float], digits: int) -> Expression:
    """The formula with its numbers put in, rounded to `digits`; its constants have at least `DEFAULT_DIGITS`."""

    def rounded(x: Expression, n_digits: int = digits) -> Expression:
        return x.builder.constant(float(f"{evaluate(x, numbers):.{n_digits}g}"))

    def leaf(x: Expression) -> Expression:
        return rounded(x, max(digits, DEFAULT_DIGITS)) if x.is_constant else x

    return rebuild(_with_slots(formula, rounded), leaf, lambda x, inputs: Expression(x.builder, x.op, inputs))


def slots(formula: Expression) -> list[str | Expression]:
    """The text of a formula with numbers put in, cut at the numbers: texts, and the formulas of the numbers.

    >>> builder = ExpressionBuilder(as_written)
    >>> z = builder.symbol("z")
    >>> slots(z * (1.0 - z))
    ['', z, ' · ', subtract(1.0, z), '']
    """
    builder, found = ExpressionBuilder(as_written), dict[str, Expression]()
    numbers = count(_FIRST_SLOT)

    def leaf(symbol: Expression) -> Expression:
        character = chr(next(numbers))
        found[character] = symbol
        return builder.symbol(character)

    text = format_formula(_with_slots(formula, leaf))
    parts: list[str | Expression] = [""]
    for character in text:
        if character in found:
            parts += [found[character], ""]
        else:
            parts[-1] = f"{parts[-1]}{character}"
    return parts


def evaluate(formula: Expression, numbers: Mapping[str, float]) -> float:
    """The number of a formula. Raises DomainError if it is not finite, KeyError for an unknown symbol."""
    found: dict[Expression, float] = {}
    for symbol in toposort(formula):
        if symbol.inputs:
            found[symbol] = _COMPUTED.get(symbol.op, symbol.op).evaluate([found[x] for x in symbol.inputs])
        else:
            found[symbol] = symbol.value if symbol.is_constant else numbers[symbol.name]
    return found[formula]


def _with_slots(formula: Expression, leaf: Callable[[Expression], Expression]) -> Expression:
    """The formula with its symbols, and sums that are factors, and functions of sums, replaced by leaves."""

    def make(symbol: Expression, inputs: tuple[Expression, ...]) -> Expression:
        if symbol.op in _FACTORS:
            pairs = zip(symbol.inputs, inputs, strict=True)
            inputs = tuple([leaf(x) if x.op in _SUMS or _is_function_of_sum(x) else made for x, made in pairs])
        return Expression(symbol.builder, symbol.op, inputs)  # not folded, though all are numbers

    return rebuild(formula, lambda x: x if x.is_constant else leaf(x), make)


def _is_function_of_sum(x: Expression) -> bool:
    """Whether x is a function of a sum, such as σ(wx + b)."""
    return LAYOUTS.get(x.op, "call") == "call" and any(u.op in _SUMS for u in x.inputs)


def rebuild(
    formula: Expression,
    leaf: Callable[[Expression], Expression],
    make: Callable[[Expression, tuple[Expression, ...]], Expression],
) -> Expression:
    """The formula with its leaves replaced, and its operations made anew from the operation and the new inputs."""
    made: dict[Expression, Expression] = {}
    for symbol in toposort(formula):
        made[symbol] = make(symbol, tuple([made[x] for x in symbol.inputs])) if symbol.inputs else leaf(symbol)
    return made[formula]
