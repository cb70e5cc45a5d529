"""Operations that a user declares work as those of the table do, and errors name their mistakes."""

import math
import pickle
from collections.abc import Callable, Iterator
from typing import Any, cast

import pytest

from engine import (
    TABLE,
    DomainError,
    Op,
    Value,
    add,
    exp,
    forward,
    grad,
    greater,
    log,
    multiply,
    numerical_gradient,
    operation,
    primitive,
    where,
)
from engine.op import NEVER, Operand
from tests.engine.float_bits import bits


@pytest.fixture
def table() -> Iterator[dict[str, Op]]:
    """The table of operations, which gets its old content back."""
    before = dict(TABLE)
    yield TABLE
    TABLE.clear()
    TABLE.update(before)


def test_a_users_operation_works_everywhere(table: dict[str, Op]) -> None:
    mine = operation("mine", "mine", lambda x: x / (1.0 + abs(x)), lambda z, x: (1.0 - abs(z)) ** 2.0)
    assert table["mine"] is mine
    x = Value(-3.0, "x")
    y = 2 * mine(x)
    [first] = grad(y, [x], create_graph=True)
    assert (mine(-3.0), y.data, first.data) == (-0.75, -1.5, 0.125)
    assert grad(first, [x]) == pytest.approx(numerical_gradient(first, [x]))
    x.data = 1.0
    forward(y)
    assert y.data == 1.0


def test_a_users_primitive_works_inside_other_operations(table: dict[str, Op]) -> None:
    erf = primitive("error", "error", math.erf, lambda z, x: 2.0 / math.sqrt(math.pi) * exp(-x * x))
    gelu = operation(
        "smooth",
        "smooth",
        lambda x: 0.5 * x * (1.0 + erf(x / math.sqrt(2.0))),
        lambda z, x: 0.5 * (1.0 + erf(x / math.sqrt(2.0))) + x * exp(-0.5 * x * x) / math.sqrt(2.0 * math.pi),
    )
    x = Value(0.75, "x")
    y = gelu(x) * erf(x)
    assert grad(y, [x]) == pytest.approx(numerical_gradient(y, [x]))
    assert gelu(0.75) == gelu(x).data


def test_the_error_of_a_users_operation_says_what_it_needs(table: dict[str, Op]) -> None:
    needs = "a number between 0 and 1"
    mine = operation("mine", "mine", lambda x: log(x / (1.0 - x)), lambda z, x: 1.0 / (x * (1.0 - x)), needs=needs)
    with pytest.raises(DomainError, match=r"mine\(p = 1.5\) is not finite: mine needs a number between 0 and"):
        mine(Value(1.5, "p"))


@pytest.mark.parametrize("name", ["two words", "", "if", "2x", "a-b", "_hidden"])
def test_an_operations_name_is_an_identifier(name: str) -> None:
    with pytest.raises(ValueError, match="an identifier such as"):
        operation(name, "s", lambda x: x, lambda z, x: 1.0)


@pytest.mark.parametrize("name", ["add", "sigmoid", "dot", "variable", "constant"])
def test_an_operations_name_is_not_taken(table: dict[str, Op], name: str) -> None:
    with pytest.raises(ValueError, match=f"the table already has an operation '{name}'"):
        operation(name, "s", lambda x: x, lambda z, x: 1.0)


ONE, TWO = lambda z, x: 1.0, lambda z, x, y: 1.0
MISFITS: list[tuple[Any, list[Any], str]] = [
    (lambda x, y: x * y, [TWO], r"one derivative is missing, with respect to y: its forward rule takes \(x, y\)"),
    (lambda x: x, [], r"one derivative is missing, with respect to x: its forward rule takes \(x\)"),
    (lambda x, y, z: x, [ONE], r"2 derivatives are missing, with respect to y, z: its forward rule takes \(x, y, z\)"),
    (lambda x: x, [TWO, TWO], r"has 2 derivatives, .*: its forward rule must take \(x_1, x_2\), not \(x\)"),
    (lambda x: x, [lambda x: 1.0], r"its derivative with respect to x_1 must take \(z, x_1\), not \(x\)"),
    (
        lambda x, y: x,
        [TWO, ONE],
        r"2 derivatives, .*: its derivative with respect to x_2 must take \(z, x_1, x_2\), not \(z, x\)",
    ),
    (math.erf, [TWO], r"its derivative with respect to x_1 must take \(z, x_1\), not \(z, x, y\)"),
]


@pytest.mark.parametrize("declare", [operation, primitive])
@pytest.mark.parametrize(("forward", "derivatives", "message"), MISFITS)
def test_rules_of_different_arity_are_refused(
    declare: Callable[..., Op], forward: Any, derivatives: list[Any], message: str
) -> None:
    with pytest.raises(ValueError, match=f"operation 'mine' {message}" if message.startswith("has") else message):
        declare("mine", "mine", forward, *derivatives)
    assert "mine" not in TABLE


def test_a_rule_that_is_not_a_function_is_refused() -> None:
    nothing: Any = None
    with pytest.raises(TypeError, match=r"operation 'mine': its forward rule is a function of \(x_1\), not None"):
        operation("mine", "mine", nothing, ONE)
    with pytest.raises(TypeError, match=r"its derivative with respect to x_1 is a function of \(z, x_1\), not 1.0"):
        operation("mine", "mine", lambda x: x, cast(Any, 1.0))
    assert "mine" not in TABLE


def test_rules_without_a_fixed_signature_are_accepted(table: dict[str, Op]) -> None:
    def of_any_number(*inputs: float) -> float:
        return inputs[0]

    assert operation("any", "any", of_any_number, of_any_number, of_any_number)(1.0, 2.0) == 1.0
    assert operation("more", "more", lambda x, power=2.0: x**power, lambda z, x, *more: 2.0 * x)(3.0) == 9.0
    assert primitive("c_log", "log", math.log, lambda z, x: 1.0 / x)(1.0) == 0.0  # Python knows no parameters of it


def test_a_rule_that_runs_on_floats_alone_is_refused(table: dict[str, Op]) -> None:
    before = dict(table)
    message = (
        r"a rule of the operation '\w+' cannot be run on expressions .*; a rule is written with \+ - \* / and operati"
    )
    with pytest.raises(TypeError, match=message):
        operation("wave", "wave", lambda x: math.sin(x), lambda z, x: 1.0)
    with pytest.raises(TypeError, match=message):
        operation("mine", "mine", lambda x: x, lambda z, x: 1.0 if x > 0.0 else 0.0)
    for branch in (lambda z, x: 1.0 if x == 0.0 else 2.0, lambda z, x: 1.0 if x in (0, 1) else 2.0):
        with pytest.raises(TypeError, match=message):
            operation("mine", "mine", lambda x: x, branch)
    with pytest.raises(TypeError, match=message):
        operation("mine", "mine", lambda x: 2.0 * x if x != 1.0 else x, lambda z, x: 1.0)
    cure = (
        r"; it has where\(greater\(x, y\), a, b\) in place of an if or a comparison and maximum\(x, y\) in place of max"
    )
    for branching in (lambda x: x if x > 0.0 else -x, lambda x: max(x, 0.0)):
        with pytest.raises(TypeError, match=cure):
            operation("mine", "mine", branching, lambda z, x: 1.0)
    with pytest.raises(TypeError, match=message):
        primitive("bump", "bump", math.sin, lambda z, x: math.cos(x))
    assert table == before


def test_a_rule_that_does_not_run_on_floats_is_refused(table: dict[str, Op]) -> None:
    before = dict(table)
    hint = r"; a rule is written with .* such as engine.exp: exp\(-x \* x\), not \(-x \* x\).exp\(\) or math.exp\("
    with pytest.raises(TypeError, match=rf"of the operation 'bell' cannot be run on floats \('float' .* 'exp'\){hint}"):
        operation("bell", "bell", lambda x: exp(-x * x), lambda z, x: -2.0 * x * (-x * x).exp())
    with pytest.raises(TypeError, match=r"'error' cannot be run on floats"):
        primitive("error", "error", math.erf, lambda z, x: (-x * x).exp())
    with pytest.raises(TypeError, match=rf"'same' cannot be run on expressions \('Expression' .* 'data'\){hint}"):
        operation("same", "same", lambda x: x * x, lambda z, x: 2.0 * x.data)
    with pytest.raises(TypeError, match=rf"'same' cannot be run on expressions \('Expression' .* 'data'\){hint}"):
        operation("same", "same", lambda x: x.data, lambda z, x: 1.0)
    assert table == before


def test_rules_may_be_undefined_where_they_are_tried(table: dict[str, Op]) -> None:
    far = operation("far", "far", lambda x: log(x - 9.0), lambda z, x: 1.0 / (log(x - 9.0) * 0.0 + x - 9.0))
    assert far.local_derivative(0, 0.0, [11.0]) == 0.5


def test_a_rule_may_name_an_operation_that_is_declared_after_it(table: dict[str, Op]) -> None:
    def fall(x: Any) -> Any:
        return falling(x)

    rise = operation("rise", "rise", lambda x: x * x, lambda z, x: 2.0 * fall(x))
    falling = operation("fall", "fall", lambda x: 1.0 * x, lambda z, x: 1.0)
    x = Value(3.0)
    rise(x).backward()
    assert x.grad == 6.0


@pytest.mark.parametrize("name", ["z", "pending", "upstream", "rule", "t0", "x0", "nan", "print"])
def test_an_operations_name_cannot_clash_with_generated_code(table: dict[str, Op], name: str) -> None:
    twice = primitive(name, name, lambda x: 2.0 * x, lambda z, x: 2.0)
    cubed = operation("cubed", "cubed", lambda x: twice(x) * twice(x) * twice(x), lambda z, x: 6.0 * twice(x) ** 2.0)
    x = Value(1.5)
    y = cubed(x)
    y.backward()
    assert (y.data, x.grad) == (27.0, 54.0)


def test_a_primitive_is_found_by_generated_code(table: dict[str, Op]) -> None:
    erf = primitive("error", "error", math.erf, lambda z, x: 1.0)
    half = operation("half_erf", "½ erf", lambda x: 0.5 * erf(x), lambda z, x: 0.5)
    assert half(1.0) == 0.5 * math.erf(1.0)


def test_a_primitive_that_returns_an_integer_gives_a_float(table: dict[str, Op]) -> None:
    whole = primitive("whole", "whole", math.floor, lambda z, x: 0.0)
    assert bits(whole(Value(2.5)).data) == bits(whole(2.5)) == bits(2.0)


def test_an_operation_keeps_what_it_was_declared_with() -> None:
    op = Op("half", "½", lambda x: x / 2.0, [lambda z, x: 0.5], doc="x/2")
    assert (op.symbol, op.is_primitive, op.edges, op.__doc__) == ("½", False, (), "x/2")
    assert (op.arity, op.defaults, op.needs, op.activation) == (1, (), "finite numbers", False)
    special = Op(
        *("half", "½", op.forward, op.derivatives),
        is_primitive=True,
        edges=[NEVER],
        needs="a half",
        defaults=(2.0,),
        activation=True,
    )
    assert (special.is_primitive, special.edges, special.presence(0)) == (True, (NEVER,), NEVER)
    assert (special.needs, special.defaults, special.activation) == ("a half", (2.0,), True)
    assert repr(op) == "<operation half(x)>"


def test_an_operation_needs_one_edge_for_each_input() -> None:
    with pytest.raises(ValueError, match="operation 'half' has 1 inputs, but 2 edges"):
        Op("half", "½", lambda x: x / 2.0, [lambda z, x: 0.5], edges=[NEVER, NEVER])


def test_of_two_default_inputs_the_first_can_be_given(table: dict[str, Op]) -> None:
    def rule(z: float, x: float, low: float, high: float) -> float:
        return 1.0

    between = operation(
        "between", "b", lambda x, low, high: x + 10.0 * low + 100.0 * high, *[rule] * 3, defaults=(2, 3)
    )
    assert (between(1.0), between(1.0, 4.0), between(1.0, 4.0, 5.0)) == (321.0, 341.0, 541.0)
    for numbers in [(), (1.0,) * 4]:
        with pytest.raises(TypeError, match="between takes 3 inputs, not"):
            between(*numbers)


def test_an_operand_without_its_own_apply_is_an_error() -> None:
    with pytest.raises(TypeError, match="Operand does not define the operation add"):
        add(Operand(), 1.0)


def test_an_input_that_an_operation_does_not_have_is_an_error() -> None:
    with pytest.raises(ValueError, match="multiply has 2 inputs: input 2 does not exist"):
        multiply.local_derivative(2, 6.0, [2.0, 3.0])


def test_a_formatted_call_needs_a_number_for_each_operand() -> None:
    with pytest.raises(ValueError, match="longer"):
        add.format_call([1.0, 2.0], [Value(1.0)])


def test_a_pickled_operation_is_the_one_of_the_table() -> None:
    assert pickle.loads(pickle.dumps(exp)) is exp


def test_a_rule_may_contain_infinity(table: dict[str, Op]) -> None:
    barrier = operation(
        "barrier",
        "barrier",
        lambda x: where(greater(x, 0.0), x, math.inf),
        lambda z, x: where(greater(x, 0.0), 1.0, -math.inf),
    )
    outside = Value(-1.0, "x")
    y = barrier(outside)
    y.backward()
    assert (barrier(2.0), barrier(-2.0), y.data, outside.grad) == (2.0, math.inf, math.inf, -math.inf)
