"""Operations that a user declares: they work wherever the table's own do, and mistakes in them are named."""

import math
from collections.abc import Iterator

import pytest

from engine import TABLE, DomainError, Op, Value, exp, forward, grad, log, numerical_gradient, operation, primitive
from tests.engine import bits


@pytest.fixture
def table() -> Iterator[dict[str, Op]]:
    """The table of operations, which gets its old content back."""
    before = dict(TABLE)
    yield TABLE
    TABLE.clear()
    TABLE.update(before)


def test_a_users_operation_works_everywhere(table: dict[str, Op]) -> None:
    softsign = operation("softsign", "softsign", lambda x: x / (1.0 + abs(x)), lambda z, x: (1.0 - abs(z)) ** 2.0)
    assert table["softsign"] is softsign
    x = Value(-3.0, "x")
    y = 2 * softsign(x)
    [first] = grad(y, [x], create_graph=True)
    assert (softsign(-3.0), y.data, first.data) == (-0.75, -1.5, 0.125)
    assert grad(first, [x]) == pytest.approx(numerical_gradient(first, [x]))
    x.data = 1.0
    forward(y)
    assert y.data == 1.0


def test_a_users_primitive_works_inside_other_operations(table: dict[str, Op]) -> None:
    erf = primitive("erf", "erf", math.erf, lambda z, x: 2.0 / math.sqrt(math.pi) * exp(-x * x))
    gelu = operation(
        "gelu",
        "gelu",
        lambda x: 0.5 * x * (1.0 + erf(x / math.sqrt(2.0))),
        lambda z, x: 0.5 * (1.0 + erf(x / math.sqrt(2.0))) + x * exp(-0.5 * x * x) / math.sqrt(2.0 * math.pi),
    )
    x = Value(0.75, "x")
    y = gelu(x) * erf(x)
    assert grad(y, [x]) == pytest.approx(numerical_gradient(y, [x]))
    assert gelu(0.75) == gelu(x).data


def test_the_error_of_a_users_operation_says_what_it_needs(table: dict[str, Op]) -> None:
    needs = "a number between 0 and 1"
    logit = operation("logit", "logit", lambda x: log(x / (1.0 - x)), lambda z, x: 1.0 / (x * (1.0 - x)), needs=needs)
    with pytest.raises(DomainError, match=r"logit\(p = 1.5\) has no finite value: logit needs a number between 0 and"):
        logit(Value(1.5, "p"))


@pytest.mark.parametrize("name", ["two words", "", "if", "2x", "a-b"])
def test_an_operations_name_is_an_identifier(name: str) -> None:
    with pytest.raises(ValueError, match="is no name such as"):
        operation(name, "s", lambda x: x, lambda z, x: 1.0)


@pytest.mark.parametrize("name", ["add", "sigmoid", "dot", "variable", "constant"])
def test_an_operations_name_is_not_taken(table: dict[str, Op], name: str) -> None:
    with pytest.raises(ValueError, match=f"there is an operation '{name}' in the table already"):
        operation(name, "s", lambda x: x, lambda z, x: 1.0)


def test_an_unknown_form_names_the_possible_ones() -> None:
    with pytest.raises(ValueError, match="operation 'mine' has form 'round'; possible are call, infix"):
        operation("mine", "s", lambda x: x, lambda z, x: 1.0, form="round")
    assert "mine" not in TABLE


def test_a_rule_that_runs_on_floats_alone_is_an_error_that_says_so(table: dict[str, Op]) -> None:
    wave = operation("wave", "wave", lambda x: math.sin(x), lambda z, x: 1.0)
    step = operation("step", "step", lambda x: x, lambda z, x: 1.0 if x > 0.0 else 0.0)
    message = r"a rule of the operation '\w+' cannot be run on symbols .*; a rule is written with \+ - \* / and operati"
    with pytest.raises(TypeError, match=message):
        wave(Value(1.0))
    with pytest.raises(TypeError, match=message):
        wave(1.0)
    with pytest.raises(TypeError, match=message):
        step(Value(1.0)).backward()


def test_a_derivative_rule_that_runs_on_floats_alone_is_an_error_for_graphs_too(table: dict[str, Op]) -> None:
    bump = primitive("bump", "bump", math.sin, lambda z, x: math.cos(x))
    x = Value(1.0)
    with pytest.raises(TypeError):  # and no graph of the derivative from which math.cos has cut x off
        grad(bump(x), [x], create_graph=True)


@pytest.mark.parametrize("name", ["z", "pending", "upstream", "rule", "t0", "x0", "nan", "print"])
def test_an_operations_name_cannot_clash_with_printed_code(table: dict[str, Op], name: str) -> None:
    twice = primitive(name, name, lambda x: 2.0 * x, lambda z, x: 2.0)
    cubed = operation("cubed", "cubed", lambda x: twice(x) * twice(x) * twice(x), lambda z, x: 6.0 * twice(x) ** 2.0)
    x = Value(1.5)
    y = cubed(x)
    y.backward()
    assert (y.data, x.grad) == (27.0, 54.0)


def test_a_primitive_spelled_with_a_dot_is_found_by_printed_code(table: dict[str, Op]) -> None:
    erf = primitive("erf", "erf", math.erf, lambda z, x: 1.0, python="math.erf")
    half = operation("half_erf", "½ erf", lambda x: 0.5 * erf(x), lambda z, x: 0.5)
    assert half(1.0) == 0.5 * math.erf(1.0)


def test_a_primitive_that_returns_an_integer_gives_a_float(table: dict[str, Op]) -> None:
    floor = primitive("floor", "floor", math.floor, lambda z, x: 0.0)
    assert bits(floor(Value(2.5)).data) == bits(floor(2.5)) == bits(2.0)
