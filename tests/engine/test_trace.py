"""Rules run on symbols: shared parts, simplifications that change no bit, and those that a reader would make."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import (
    TABLE,
    DomainError,
    Op,
    exp,
    leaky_relu,
    log,
    maximum,
    minimum,
    multiply,
    negate,
    relu,
    sigmoid,
    toposort,
)
from engine.codegen import FunctionNames, assignments
from engine.operators import Operators
from engine.ops import constant
from engine.trace import Symbol, Trace, readable, rounded
from tests import share
from tests.engine import RECIPES, SPECIAL, Recipe, bits, follow, special_points


def test_equal_parts_are_made_once() -> None:
    trace = Trace()
    x, y = trace.symbol("x"), trace.symbol("y")
    assert trace.symbol("x") is x
    assert x * y is x * y
    assert x * y is not y * x
    assert exp(-x) + 1 is exp(-x) + 1.0


def test_numbers_are_made_once_and_keep_the_sign_of_0() -> None:
    trace = Trace()
    assert trace.number(2) is trace.number(2.0)
    assert trace.number(0.0) is not trace.number(-0.0)
    assert trace.number(math.nan) is trace.number(-math.nan)


def test_two_traces_share_nothing() -> None:
    assert Trace().symbol("x") is not Trace().symbol("x")


def test_an_operation_on_numbers_is_a_number() -> None:
    trace = Trace()
    assert (trace.number(2.0) + 3).number == 5.0
    assert sigmoid(trace.number(0.0)).number == 0.5


def test_an_operation_without_value_stays_as_it_is_written() -> None:
    trace = Trace()
    for formula in (log(trace.number(-1.0)), 1 / trace.number(0.0)):
        assert not formula.is_number
    assert repr(log(trace.number(-1.0))) == "log(-1.0)"


def test_a_composed_operation_is_written_out_unless_it_is_kept() -> None:
    assert repr(relu(Trace().symbol("x"))) == "where(greater(0.0, x), 0.0, x)"
    assert repr(relu(Trace(expand=False).symbol("x"))) == "relu(x)"


def test_forward_rule_and_derivative_share_their_work() -> None:
    trace = Trace()
    a = trace.symbol("a")
    z = sigmoid(a)
    assert z in toposort(sigmoid.local_derivative(0, z, [a]))


def run(formula: str, trace: Trace) -> Symbol:
    """What a formula in x, y and z becomes."""
    symbols = {name: trace.symbol(name) for name in "xyz"}
    result: Symbol = eval(formula, {**TABLE, **symbols, "number": trace.number})
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
        ("x + 0", "add(x, 0.0)"),  # -0.0 + 0.0 is 0.0
        ("0 * x", "multiply(0.0, x)"),  # 0 · ∞ is NaN
        ("x * x", "multiply(x, x)"),
        ("x**2", "power(x, 2.0)"),  # x**2 and x * x round differently
        ("1 / x", "divide(1.0, x)"),
        ("x - x", "subtract(x, x)"),
    ],
)
def test_simplifications_of_computation(formula: str, text: str) -> None:
    assert repr(run(formula, Trace())) == text


@pytest.mark.parametrize(
    ("formula", "text"),
    [
        ("x + 0", "x"),
        ("0 + x", "x"),
        ("x - 0", "x"),
        ("0 - x", "negate(x)"),
        ("0 * x", "0.0"),
        ("x * 0", "0.0"),
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
    assert repr(run(formula, Trace(readable))) == text


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
def test_simplifications_for_machines_write_small_whole_powers_as_products(formula: str, text: str) -> None:
    assert repr(run(formula, Trace(rounded))) == text


@pytest.mark.parametrize(
    ("derivative", "text"),
    [
        ("power.local_derivative(0, z, [x, number(2.0)])", "multiply(2.0, x)"),
        ("power.local_derivative(0, z, [x, number(1.0)])", "1.0"),
        ("sigmoid.local_derivative(0, z, [x])", "multiply(z, subtract(1.0, z))"),
        ("tanh.local_derivative(0, z, [x])", "subtract(1.0, multiply(z, z))"),
        ("sqrt.local_derivative(0, z, [x])", "divide(0.5, z)"),
        ("softplus.local_derivative(0, z, [x])", "sigmoid(x)"),
    ],
)
def test_local_derivatives_as_a_reader_would_write_them(derivative: str, text: str) -> None:
    assert repr(run(derivative, Trace(readable, expand=False))) == text


def evaluate(formula: Symbol, names: dict[str, float]) -> float:
    numbers: dict[Symbol, float] = {}
    for part in toposort(formula):
        if part.op is constant:
            numbers[part] = part.number
        elif part.inputs:
            numbers[part] = part.op.evaluate([numbers[x] for x in part.inputs])
        else:
            numbers[part] = names[part.name]
    return numbers[formula]


@pytest.mark.parametrize("op", TABLE.values(), ids=TABLE)
def test_no_simplification_of_one_operation_changes_a_bit(op: Op) -> None:
    for numbers in special_points(op):
        try:
            expected = bits(op(*numbers))
        except DomainError:
            continue
        for i, x in enumerate(numbers):  # one input is unknown, the others are numbers
            trace = Trace()
            formula = op(*numbers[:i], trace.symbol("x"), *numbers[i + 1 :])
            assert bits(evaluate(formula, {"x": x})) == expected, (numbers, i)


@settings(max_examples=share(4.0))
@given(RECIPES, st.sampled_from(SPECIAL), st.sampled_from(SPECIAL), st.booleans())
def test_no_simplification_of_a_formula_changes_a_bit(recipe: Recipe, x: float, y: float, expand: bool) -> None:
    numbers = [1.0, 0.0, -0.0, 2.0]
    expected, possible = follow(recipe, [*numbers, x, y])
    trace = Trace(expand=expand)
    formula, _ = follow(possible, [*numbers, trace.symbol("x"), trace.symbol("y")])
    if isinstance(formula, Symbol):
        assert bits(evaluate(formula, {"x": x, "y": y})) == bits(expected)


def test_a_part_used_twice_gets_a_name_in_printed_code() -> None:
    x = Trace().symbol("x")
    part = exp(x)
    assert assignments(part * part + x, iter(["t"]), FunctionNames()) == ["t = exp(x)", "(t * t) + x"]
    assert assignments(multiply(negate(x), 2), iter([]), FunctionNames()) == ["(-x) * 2.0"]


def test_a_deep_formula_is_shown_in_part() -> None:
    symbol = x = Trace().symbol("x")
    for _ in range(10_000):
        symbol = symbol + x
    assert repr(symbol).count("add(…), x), x)") == 1
    assert len(repr(symbol)) < 2000
    for _ in range(200):  # written out, 2^200 letters
        symbol = symbol * symbol
    assert len(repr(symbol)) < 5000


def test_a_rule_that_asks_whether_a_symbol_is_true_is_told_what_to_write() -> None:
    with pytest.raises(TypeError, match=r"cannot ask whether a symbol is true: write where\(condition, x, y\)"):
        bool(Trace().symbol("x"))


METHODS = [name for name, method in vars(Operators).items() if not name.startswith("_") and callable(method)]


@pytest.mark.parametrize("name", METHODS)
def test_a_method_of_a_symbol_is_the_operation_of_that_name(name: str) -> None:
    trace = Trace(expand=False)
    x, y = trace.symbol("x"), trace.symbol("y")
    op = TABLE[name]
    assert getattr(x, name)(*[y][: (op.arity or 1) - 1]) is op(*[x, y][: op.arity])
    assert op in (maximum, minimum, leaky_relu) or op.arity == 1


def test_the_slope_of_leaky_relu_may_be_left_out_of_a_formula_too() -> None:
    x = Trace(expand=False).symbol("x")
    assert repr(x.leaky_relu()) == "leaky_relu(x, 0.01)"
