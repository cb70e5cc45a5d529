"""Rewrites: the results of each set of rules, and that each rule is needed and true."""

import math
from collections.abc import Mapping
from itertools import takewhile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import TABLE, DomainError, Op, toposort
from engine.ops import constant, log, maximum, minimum
from engine.symbolic.expression import Expression, ExpressionBuilder, as_written
from engine.symbolic.rewrites import RewriteRules, display, exact, fast_math, m, n, x, y
from tests import share, thorough_unless
from tests.engine.float_bits import bits
from tests.engine.operations import SPECIAL, special_points
from tests.engine.recipes import RECIPES, Recipe, follow

FLOATS = st.sampled_from(SPECIAL) | st.floats()
SETS = {"exact": exact, "fast_math": fast_math, "display": display}
RULES = [(name, pattern) for name, rules in SETS.items() for pattern in rules.rules]
IDS = [f"{name}: {pattern}" for name, pattern in RULES]


def run(formula: str, builder: ExpressionBuilder) -> Expression:
    """A formula in x, y and z, simplified."""
    symbols = {name: builder.symbol(name) for name in "xyz"}
    result: Expression = eval(formula, {**TABLE, **symbols, "number": builder.constant, "math": math})
    return result


@pytest.mark.parametrize(
    ("formula", "text"),
    [
        ("x * 1", "x"),
        ("1 * x", "x"),
        ("x / 1", "x"),
        ("x**1", "x"),
        ("-(-x)", "x"),
        ("where(number(1), x, 2)", "x"),
        ("where(number(0), x, 2)", "2.0"),
        ("where(number(-0.0), x, 2)", "2.0"),
        ("where(number(math.nan), x, 2)", "x"),
        ("x + 0", "add(x, 0.0)"),  # -0.0 + 0.0 is 0.0
        ("0 * x", "multiply(0.0, x)"),  # 0 · ∞ is NaN
        ("x * x", "multiply(x, x)"),
        ("x**2", "power(x, 2.0)"),  # x**2 and x * x round differently
        ("1 / x", "divide(1.0, x)"),
        ("x - x", "subtract(x, x)"),
    ],
)
def test_simplifications_of_computation(formula: str, text: str) -> None:
    assert repr(run(formula, ExpressionBuilder(exact))) == text


@pytest.mark.parametrize(
    ("formula", "text"),
    [
        ("x + 0", "x"),
        ("0 + x", "x"),
        ("x - 0", "x"),
        ("0 - x", "negate(x)"),
        ("0 * x", "0.0"),
        ("x * 0", "0.0"),
        ("number(-0.0) * x", "-0.0"),
        ("0 / x", "0.0"),
        ("x * 2", "multiply(2.0, x)"),
        ("x * -1", "negate(x)"),
        ("-1 * (-x)", "x"),
        ("x + -y", "subtract(x, y)"),
        ("x * -y", "negate(multiply(x, y))"),
        ("-x * y", "negate(multiply(x, y))"),
        ("-x * -y", "multiply(x, y)"),
        ("3 * (2 * x)", "multiply(6.0, x)"),
        ("y * (2 * x)", "multiply(2.0, multiply(y, x))"),
        ("(2 * x) * (3 * y)", "multiply(6.0, multiply(x, y))"),
        ("0.5 * (2 * x)", "x"),
        ("x * y", "multiply(x, y)"),
        ("-x / y", "negate(divide(x, y))"),
        ("x * (1 / y)", "divide(x, y)"),
        ("(1 / x) * y", "divide(y, x)"),
        ("x * (2 / y)", "multiply(x, divide(2.0, y))"),
        ("(2 / x) * y", "multiply(divide(2.0, x), y)"),
        ("x + y", "add(x, y)"),
        ("x - y", "subtract(x, y)"),
        ("x - (-y)", "subtract(x, negate(y))"),
        ("1 * x", "x"),
    ],
)
def test_simplifications_for_readers(formula: str, text: str) -> None:
    assert repr(run(formula, ExpressionBuilder(display))) == text


@pytest.mark.parametrize(
    ("formula", "text"),
    [
        ("x**4", "multiply(multiply(multiply(x, x), x), x)"),
        ("x**3", "multiply(multiply(x, x), x)"),
        ("x**2", "multiply(x, x)"),
        ("x**1", "x"),
        ("x**0", "1.0"),
        ("x**-1", "divide(1.0, x)"),
        ("x**-2", "divide(1.0, multiply(x, x))"),
        ("x**-3", "divide(1.0, multiply(multiply(x, x), x))"),
        ("x**-4", "divide(1.0, multiply(multiply(multiply(x, x), x), x))"),
        ("x**5", "power(x, 5.0)"),
        ("x**-5", "power(x, -5.0)"),
        ("x**2.5", "power(x, 2.5)"),
        ("x**y", "power(x, y)"),
        ("2**x", "power(2.0, x)"),
        ("x + 2", "add(x, 2.0)"),
    ],
)
def test_fast_math_writes_small_integer_powers_as_products(formula: str, text: str) -> None:
    assert repr(run(formula, ExpressionBuilder(fast_math))) == text


@pytest.mark.parametrize(
    ("derivative", "text"),
    [
        ("power.local_derivative(0, z, [x, number(2.0)])", "multiply(2.0, x)"),
        ("power.local_derivative(0, z, [x, number(1.0)])", "1.0"),
        ("sigmoid.local_derivative(0, z, [x])", "multiply(z, subtract(1.0, z))"),
        ("tanh.local_derivative(0, z, [x])", "subtract(1.0, multiply(z, z))"),
        ("sqrt.local_derivative(0, z, [x])", "divide(0.5, z)"),
        ("softplus.local_derivative(0, z, [x])", "sigmoid(x)"),
        ("power.local_derivative(1, z, [x, y])", "multiply(z, log(x))"),
        ("maximum.local_derivative(0, z, [x, y])", "add(greater(x, y), multiply(0.5, equals(x, y)))"),
        ("minimum.local_derivative(0, z, [x, y])", "add(greater(y, x), multiply(0.5, equals(y, x)))"),
    ],
)
def test_local_derivatives_as_a_reader_would_write_them(derivative: str, text: str) -> None:
    assert repr(run(derivative, ExpressionBuilder(display, expand=False))) == text


@pytest.mark.parametrize("op", [maximum, minimum])
@pytest.mark.parametrize("numbers", [(2.0, 3.0), (3.0, 2.0), (2.0, 2.0)])
@pytest.mark.parametrize("i", [0, 1])
def test_derivatives_at_ties_are_those_that_are_shown(op: Op, numbers: tuple[float, float], i: int) -> None:
    builder = ExpressionBuilder(display, expand=False)
    names = dict(zip("xy", numbers, strict=True))
    shown = op.local_derivative(i, builder.symbol("z"), [builder.symbol(name) for name in names])
    assert evaluate(shown, names) == op.local_derivative(i, op(*numbers), numbers)


def evaluate(formula: Expression, names: dict[str, float]) -> float:
    numbers: dict[Expression, float] = {}
    for part in toposort(formula):
        if part.op is constant:
            numbers[part] = part.value
        elif part.inputs:
            numbers[part] = part.op.evaluate([numbers[x] for x in part.inputs])
        else:
            numbers[part] = names[part.name]
    return numbers[formula]


@thorough_unless(lambda op: op.name not in ("clamp", "dot"))
@pytest.mark.parametrize("op", TABLE.values(), ids=TABLE)
def test_no_simplification_of_one_operation_changes_a_bit(op: Op) -> None:
    for numbers in special_points(op):
        try:
            expected = bits(op(*numbers))
        except DomainError:
            continue
        for i, number in enumerate(numbers):  # one input is unknown, the others are numbers
            builder = ExpressionBuilder(exact)
            formula = op(*numbers[:i], builder.symbol("x"), *numbers[i + 1 :])
            assert bits(evaluate(formula, {"x": number})) == expected, (numbers, i)


@settings(max_examples=share(2.0))
@given(RECIPES, FLOATS, FLOATS, st.booleans())
def test_no_simplification_of_a_formula_changes_a_bit(recipe: Recipe, a: float, b: float, expand: bool) -> None:
    numbers = [1.0, 0.0, -0.0, 2.0]
    expected, possible = follow(recipe, [*numbers, a, b])
    builder = ExpressionBuilder(exact, expand=expand)
    formula, _ = follow(possible, [*numbers, builder.symbol("x"), builder.symbol("y")])
    if isinstance(formula, Expression):
        assert bits(evaluate(formula, {"x": a, "y": b})) == bits(expected)


def instance(pattern: Expression, builder: ExpressionBuilder, numbers: Mapping[Expression, float]) -> Expression:
    """An expression that a pattern matches: its letters are symbols, or the given numbers."""
    made: dict[Expression, Expression] = {}
    for part in toposort(pattern):
        if part.inputs:
            made[part] = builder.make(part.op, tuple(made[x] for x in part.inputs))
        elif part.is_constant or part in numbers:
            made[part] = builder.constant(numbers.get(part, part.value))
        else:
            made[part] = builder.symbol(part.name)
    return made[pattern]


@pytest.mark.parametrize(("name", "pattern"), RULES, ids=IDS)
def test_each_rule_is_the_first_that_matches_some_expression(name: str, pattern: Expression) -> None:
    rules = SETS[name].rules
    earlier = RewriteRules(dict(takewhile(lambda rule: rule[0] is not pattern, rules.items())))
    builder = ExpressionBuilder(SETS[name], expand=False)
    inputs = tuple(instance(x, builder, {m: 3.0, n: 5.0}) for x in pattern.inputs)
    replacement = instance(rules[pattern], builder, {m: 3.0, n: 5.0})
    assert earlier(pattern.op, inputs) is None
    assert RewriteRules({pattern: rules[pattern]})(pattern.op, inputs) is replacement
    assert builder.make(pattern.op, inputs) is replacement


@pytest.mark.parametrize("pattern", exact.rules, ids=repr)
@given(FLOATS, FLOATS, FLOATS, st.sampled_from([0.0, -0.0]))
def test_no_rule_of_exact_changes_a_bit(pattern: Expression, a: float, b: float, number: float, zero: float) -> None:
    known = {n: number} | {part: zero for part in toposort(pattern) if part.is_constant and not part.value}
    written, rewritten = (
        instance(pattern, ExpressionBuilder(as_written), known),
        instance(pattern, ExpressionBuilder(exact), known),
    )
    assert rewritten is not written
    assert bits(evaluate(rewritten, {"x": a, "y": b})) == bits(evaluate(written, {"x": a, "y": b}))


ORDINARY = st.floats(0.125, 8.0) | st.floats(-8.0, -0.125)


@pytest.mark.parametrize(("name", "pattern"), RULES, ids=IDS)
@settings(max_examples=share(0.25))
@given(ORDINARY, ORDINARY, ORDINARY, ORDINARY)
def test_each_rule_is_true_of_ordinary_numbers(
    name: str, pattern: Expression, a: float, b: float, c: float, d: float
) -> None:
    numbers = {"x": abs(a) if pattern.op is log else a, "y": b, "m": c, "n": d}  # log x needs a number above 0
    assert evaluate(SETS[name].rules[pattern], numbers) == pytest.approx(evaluate(pattern, numbers), rel=1e-12, abs=0.0)


def test_a_repeated_letter_is_the_same_expression() -> None:
    builder = ExpressionBuilder(RewriteRules({x - x: 0.0, (x * y) + (x * y): 2.0 * (x * y), n / x + n: n}))
    assert repr(run("x - x", builder)) == "0.0"
    assert repr(run("x - y", builder)) == "subtract(x, y)"
    assert repr(run("y * x + y * x", builder)) == "multiply(2.0, multiply(y, x))"
    assert repr(run("y * x + x * y", builder)) == "add(multiply(y, x), multiply(x, y))"
    assert repr(run("3 / x + 3", builder)) == "3.0"
    assert repr(run("3 / x + 2", builder)) == "add(divide(3.0, x), 2.0)"


def test_numbers_alone_are_folded_before_any_rule_is_tried() -> None:
    builder = ExpressionBuilder(RewriteRules({n + m: 7.0}))
    assert (builder.constant(1.0) + 2.0).value == 3.0
