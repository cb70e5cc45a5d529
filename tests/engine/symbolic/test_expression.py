"""Rules run on expressions: common subexpressions, constant folding, composed operations, and reprs."""

import math

import pytest

from engine import TABLE, exp, log, multiply, negate, relu, sigmoid, toposort
from engine.operators import Operators
from engine.symbolic.codegen import FunctionNames, assignments
from engine.symbolic.expression import ExpressionBuilder
from engine.symbolic.rewrites import exact


def test_equal_parts_are_made_once() -> None:
    builder = ExpressionBuilder(exact)
    x, y = builder.symbol("x"), builder.symbol("y")
    assert builder.symbol("x") is x
    assert x * y is x * y
    assert x * y is not y * x
    assert exp(-x) + 1 is exp(-x) + 1.0


def test_numbers_are_made_once_and_keep_the_sign_of_0() -> None:
    builder = ExpressionBuilder(exact)
    assert builder.constant(2) is builder.constant(2.0)
    assert builder.constant(0.0) is not builder.constant(-0.0)
    assert builder.constant(math.nan) is builder.constant(-math.nan)


def test_two_traces_share_nothing() -> None:
    assert ExpressionBuilder(exact).symbol("x") is not ExpressionBuilder(exact).symbol("x")


def test_an_operation_on_numbers_is_a_number() -> None:
    builder = ExpressionBuilder(exact)
    assert (builder.constant(2.0) + 3).value == 5.0
    assert sigmoid(builder.constant(0.0)).value == 0.5


def test_an_operation_without_value_stays_as_it_is_written() -> None:
    builder = ExpressionBuilder(exact)
    for formula in (log(builder.constant(-1.0)), 1 / builder.constant(0.0)):
        assert not formula.is_constant
    assert repr(log(builder.constant(-1.0))) == "log(-1.0)"


def test_a_composed_operation_is_written_out_unless_it_is_kept() -> None:
    assert repr(relu(ExpressionBuilder(exact).symbol("x"))) == "where(greater(0.0, x), 0.0, x)"
    assert repr(relu(ExpressionBuilder(exact, expand=False).symbol("x"))) == "relu(x)"


def test_forward_rule_and_derivative_share_their_work() -> None:
    builder = ExpressionBuilder(exact)
    a = builder.symbol("a")
    z = sigmoid(a)
    assert z in toposort(sigmoid.local_derivative(0, z, [a]))


def test_a_part_used_twice_gets_a_name_in_generated_code() -> None:
    x = ExpressionBuilder(exact).symbol("x")
    part = exp(x)
    assert assignments(part * part + x, iter(["t"]), FunctionNames()) == ["t = exp(x)", "(t * t) + x"]
    assert assignments(multiply(negate(x), 2), iter([]), FunctionNames()) == ["(-x) * 2.0"]


def test_a_deep_formula_is_shown_in_part() -> None:
    symbol = x = ExpressionBuilder(exact).symbol("x")
    for _ in range(10_000):
        symbol = symbol + x
    assert repr(symbol).count("add(…), x), x)") == 1
    assert len(repr(symbol)) < 2000
    for _ in range(200):  # written out, 2^200 letters
        symbol = symbol * symbol
    assert len(repr(symbol)) < 5000


def test_a_rule_that_branches_on_an_expression_is_an_error() -> None:
    with pytest.raises(TypeError, match=r"cannot branch on an expression: write where\(condition, x, y\)"):
        bool(ExpressionBuilder(exact).symbol("x"))


METHODS = {name for name, method in vars(Operators).items() if not name.startswith("_") and callable(method)}
# Those that NumPy asks elements of an array for.
OTHER_NAMES = {f"arc{name}": f"a{name}" for name in ("sin", "cos", "tan", "tan2", "sinh", "cosh", "tanh")}
OTHER_NAMES |= {"fabs": "abs", "detach": "stop_gradient"}


@pytest.mark.parametrize("name", sorted(METHODS - {"conjugate", "rint"}))
def test_a_method_of_a_symbol_is_the_operation_of_that_name(name: str) -> None:
    builder = ExpressionBuilder(exact, expand=False)
    op = TABLE[OTHER_NAMES.get(name, name)]
    x, *rest = map(builder.symbol, "xyz"[: op.arity])
    assert getattr(x, name)(*rest) is op(x, *rest)


def test_leaky_relu_of_an_expression_has_a_default_slope() -> None:
    x = ExpressionBuilder(exact, expand=False).symbol("x")
    assert repr(x.leaky_relu()) == "leaky_relu(x, 0.01)"
