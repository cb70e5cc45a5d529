"""Simplifications as data: three sets of rewrite rules.

A rule is a pattern and its replacement. In a pattern, x and y match any expression, m and n any constant, and a number
matches all that are equal to it: 0.0 a zero of either sign. A name on both sides keeps the expression that it matched.

An `ExpressionBuilder` tries its set on each operation that it makes. By then the inputs are simplified, and constants
are folded. The first rule that matches is applied, and its replacement is simplified in turn.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from sys import float_info

from engine._support.cached_property import CachedProperty
from engine.graph import toposort
from engine.op import NEVER, Op
from engine.ops import (
    absolute,
    clamp,
    constant,
    exp2,
    greater,
    hypot,
    log,
    multiply_no_nan,
    negate,
    sqrt,
    square,
    where,
)
from engine.ops.exponential import SMALL_EXPONENT
from engine.symbolic.expression import Expression, ExpressionBuilder, as_written

_patterns = ExpressionBuilder(as_written, expand=False)
x, y, m, n = [_patterns.symbol(letter) for letter in "xymn"]

# [x = y], which is 1 where x = y, else 0: in formulas that are read alone.
equals = Op(
    "equals", "=", lambda x, y: 1.0 - greater(x, y) - greater(y, x), [lambda z, x, y: 0.0] * 2, edges=(NEVER,) * 2
)


class RewriteRules:
    """Rewrite rules, of which the first that matches is applied.

    Attributes:
        rules: The replacement of each pattern.

    >>> a = ExpressionBuilder(RewriteRules({x + x: 2.0 * x})).symbol("a")
    >>> a + a, a + 1.0
    (multiply(2.0, a), add(a, 1.0))
    """

    def __init__(self, rules: Mapping[Expression, Expression | float]) -> None:
        constant = _patterns.constant
        self.rules = {x: y if isinstance(y, Expression) else constant(y) for x, y in rules.items()}

    @CachedProperty
    def _functions(self) -> dict[Op, Callable[..., Expression | None]]:
        by_op: dict[Op, dict[Expression, Expression]] = {}
        for pattern, made in self.rules.items():
            by_op.setdefault(pattern.op, {})[pattern] = made
        return {op: _compile_rules(rules_of_op) for op, rules_of_op in by_op.items()}

    def __call__(self, op: Op, inputs: tuple[Expression, ...]) -> Expression | None:
        """The replacement of `op` applied to `inputs`; None if no rule matches."""
        function = self._functions.get(op)
        return function(*inputs) if function else None


def _compile_rules(rules: Mapping[Expression, Expression]) -> Callable[..., Expression | None]:
    """The rules of one operation as a function of its inputs: generated Python code, for speed.

    The function of the rules for multiply in `exact` is made from this text:

        lambda _0, _1: (
            _1 if _0.op is constant and _0.value == 1.0 else
            _0 if _1.op is constant and _1.value == 1.0 else
            None)
    """
    operations = {"constant": constant} | {part.op.name: part.op for rule in rules.items() for part in toposort(*rule)}
    lines = []
    for pattern, replacement in rules.items():
        parts = [pair for i, part in enumerate(pattern.inputs) for pair in _places(part, f"_{i}")]
        places = dict(reversed(parts))  # the first place of each part
        tests = [test for part, place in parts if (test := _test_code(part, place, places[part]))]
        lines.append(f"{_replacement_code(replacement, places)} if {' and '.join(tests) or True} else")
    inputs = ", ".join([f"_{i}" for i in range(len(pattern.inputs))])
    function: Callable[..., Expression | None] = eval("\n".join([f"lambda {inputs}: (", *lines, "None)"]), operations)
    return function


def _places(part: Expression, place: str) -> Iterator[tuple[Expression, str]]:
    """The parts of a pattern, itself first, each with the Python expression for its place."""
    yield part, place
    for i, x in enumerate(part.inputs):
        yield from _places(x, f"{place}.inputs[{i}]")


def _test_code(part: Expression, place: str, first: str) -> str:
    """The Python test of a part of a pattern on the expression in its place; empty if all expressions match."""
    if part.is_constant:
        return f"{place}.op is constant and {place}.value == {part.value!r}"
    if place != first:
        return f"{place} is {first}"
    if part in (m, n):
        return f"{place}.op is constant"
    return f"{place}.op is {part.op.name}" if part.inputs else ""


def _replacement_code(part: Expression, places: Mapping[Expression, str]) -> str:
    """The Python expression that makes a part of a replacement, given the places of the parts of the pattern."""
    if part in places:
        return places[part]
    if part.is_constant:
        return f"_0.builder.constant({part.value!r})"
    return f"_0.builder.make({part.op.name}, ({''.join([f'{_replacement_code(x, places)}, ' for x in part.inputs])}))"


# Results keep all their bits.
exact = RewriteRules(
    {
        1.0 * x: x,
        x * 1.0: x,
        x / 1.0: x,
        x**1.0: x,
        x**0.0: 1.0,
        negate(negate(x)): x,
        where(0.0, x, y): y,
        where(n, x, y): x,
        where(x, y, y): y,
        multiply_no_nan(x, 0.0): 0.0,
        multiply_no_nan(x, n): x * n,
    }
)

# For compiled code: small integer powers become products, which may round the last bit differently.
fast_math = RewriteRules(
    {
        **exact.rules,
        x**2.0: x * x,
        x**3.0: x * x * x,
        x**4.0: x * x * x * x,
        x**-1.0: 1.0 / x,
        x**-2.0: 1.0 / (x * x),
        x**-3.0: 1.0 / (x * x * x),
        x**-4.0: 1.0 / (x * x * x * x),
    }
)

# For formulas to be read: rounding, and the treatment of -0.0, infinities and NaN, may differ.
display = RewriteRules(
    {
        **exact.rules,
        0.0 + x: x,
        x + 0.0: x,
        x - 0.0: x,
        0.0 - x: -x,
        x + -y: x - y,
        x / y / y: x / y**2.0,
        x * n: n * x,
        0.0 * x: 0.0,
        -1.0 * x: -x,
        x * -y: -(x * y),
        -x * y: -(x * y),
        x * (1.0 / y): x / y,
        (1.0 / x) * y: y / x,
        m * (n * x): (m * n) * x,
        x * (n * y): n * (x * y),
        (n * x) * y: n * (x * y),
        0.0 / x: 0.0,
        -x / y: -(x / y),
        square(x): x**2.0,
        exp2(x): 2.0**x,
        hypot(x, y): sqrt(x**2.0 + y**2.0),
        sqrt(x**2.0 + y**2.0) ** 2.0: x**2.0 + y**2.0,
        # The guard of a rule against overflow is not part of the mathematics.
        where(greater(SMALL_EXPONENT, absolute(x)), y, 0.0): 0.0,
        clamp(x, -float_info.max, float_info.max): x,
        # Nor are the numbers that stand for log x, in the derivative of x^y with respect to y, where x <= 0.
        log(where(x, where(greater(0.0, x), n, x), 1.0)): log(x),
        0.5 + 0.5 * (greater(x, y) - greater(y, x)): greater(x, y) + 0.5 * _patterns.make(equals, (x, y)),
    }
)
