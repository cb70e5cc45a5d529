"""A Value: its operands, operators, comparisons, constants, labels and copies."""

import copy
import math
import pickle
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from operator import add, eq, ge, gt, le, lt, mul, ne, pow, sub, truediv
from typing import Any, cast

import numpy as np
import pytest

from engine import TABLE, DomainError, Value, grad, label, toposort
from engine.ops import constant, variable
from tests.engine.float_bits import bits
from tests.engine.operations import OPERATIONS


@pytest.mark.parametrize(
    ("data", "number"),
    [
        (1.5, 1.5),
        (3, 3.0),
        (True, 1.0),
        (10**22, 1e22),
        (math.inf, math.inf),
        (math.nan, math.nan),
        (-0.0, -0.0),
        (Fraction(1, 3), 1 / 3),
        (Decimal("0.1"), 0.1),
        (np.float64(0.1), 0.1),
        (np.float32(0.5), 0.5),
        (np.int64(7), 7.0),
        (np.bool_(True), 1.0),
        (np.array(2.5), 2.5),
    ],
)
def test_every_real_number_becomes_a_float(data: Any, number: float) -> None:
    x = Value(data)
    assert bits(x.data) == bits(number)
    assert (x.grad, x.op, x.inputs, x.label) == (0.0, variable, (), "")


@pytest.mark.parametrize("data", ["3", "x", b"1", None, 1j, [1.0], {}])
def test_data_that_is_not_a_real_number_is_refused(data: Any) -> None:
    with pytest.raises(TypeError, match=rf"a Value cannot be made of .*, of type {type(data).__name__}: a number such"):
        Value(data)


def test_a_value_of_a_value_is_refused_with_a_hint() -> None:
    with pytest.raises(TypeError, match=r"of type Value: .*; a Value's own number is its \.data"):
        Value(cast(Any, Value(1.0)))


def test_an_array_of_several_numbers_is_refused() -> None:
    with pytest.raises(TypeError):
        Value(cast(Any, np.array([1.0, 2.0])))


def test_an_integer_beyond_floats_is_refused() -> None:
    for make in (Value, Value(1.0).__mul__):
        with pytest.raises(ValueError, match=r"1000.*000, too large for a float"):
            make(10**400)


NUMBERS = [2, 2.0, True, Fraction(1, 2), np.float64(2.0), np.float32(2.0), np.int64(2), np.bool_(True), np.array(2.0)]


@pytest.mark.parametrize("operate", [add, sub, mul, truediv, pow])
@pytest.mark.parametrize("number", NUMBERS, ids=lambda x: str(type(x)))
def test_operators_take_a_number_on_either_side(operate: Callable[[Any, Any], Any], number: Any) -> None:
    x = Value(3.0, "x")
    for result, expected in [
        (operate(x, number), operate(3.0, float(number))),
        (operate(number, x), operate(float(number), 3.0)),
    ]:
        assert type(result) is Value
        assert bits(result.data) == bits(expected)
        assert x in result.inputs


@pytest.mark.parametrize(("operate", "name"), [(add, "add"), (sub, "subtract"), (mul, "multiply"), (truediv, "divide")])
def test_operators_on_two_values_make_one_node(operate: Callable[[Any, Any], Any], name: str) -> None:
    x, y = Value(3.0), Value(2.0)
    z = operate(x, y)
    assert (z.data, z.op, z.inputs, z.grad, z.label) == (operate(3.0, 2.0), TABLE[name], (x, y), 0.0, "")


def test_unary_operators() -> None:
    x = Value(-3.0)
    assert ((-x).data, abs(x).data, +x) == (3.0, 3.0, x)


@pytest.mark.parametrize("name", sorted(set(TABLE) - {"add", "subtract", "multiply", "divide", "negate", "power"}))
def test_methods_are_the_operations_of_their_names(name: str) -> None:
    assert hasattr(Value, name) == OPERATIONS[name].is_method
    if not hasattr(Value, name):
        return
    number, *rest = OPERATIONS[name].points[0]
    x, op = Value(number), TABLE[name]
    node = getattr(x, name)(*rest)
    assert (node.op, node.inputs[0], node.data) == (op, x, op(number, *rest))


@pytest.mark.parametrize("stranger", ["2", None, 1j, Decimal(2), [2.0], object()], ids=lambda x: type(x).__name__)
@pytest.mark.parametrize("operate", [add, sub, mul, truediv, pow])
def test_operands_of_other_types_are_refused(operate: Callable[[Any, Any], Any], stranger: Any) -> None:
    for pair in [(Value(2.0), stranger), (stranger, Value(2.0))]:
        with pytest.raises(TypeError):
            operate(*pair)


def test_equality_between_nodes_is_identity() -> None:
    x, y = Value(1.0), Value(1.0)
    assert x == x
    assert x != y
    assert not ne(x, x)
    assert {x: "x", y: "y"}[x] == "x"
    assert [x, y].index(y) == 1
    nan = Value(math.nan)
    assert nan == nan


EQUAL = [*NUMBERS, Decimal(2), 2 + 0j]


@pytest.mark.parametrize("number", EQUAL, ids=lambda x: str(type(x)))
def test_equality_with_a_number_goes_by_value(number: Any) -> None:
    equal, other = Value(float(number.real)), Value(-1.0)
    for a, b, expected in [(equal, number, True), (other, number, False)]:
        assert bool(a == b) is bool(b == a) is expected
        assert bool(a != b) is bool(b != a) is not expected


def test_equality_with_other_types_is_false() -> None:
    x: Any = Value(2.0)
    for other in ("2.0", None, [2.0], object()):
        assert not eq(x, other)
        assert ne(x, other)
    assert (x == np.array([2.0, 3.0])).tolist() == [True, False]


def test_nan_is_not_equal_to_a_number() -> None:
    x: Any = Value(math.nan)
    assert x != math.nan
    assert x != 0.0


def test_the_truth_of_a_node_is_that_of_its_number() -> None:
    for number in (0.0, -0.0, 1.0, -0.5, math.inf, math.nan):
        assert bool(Value(number)) is bool(number)
    assert not Value(0.0)
    assert not any([Value(0.0), Value(-0.0)])
    assert [x.data for x in filter(None, [Value(0.0), Value(2.0)])] == [2.0]


def test_a_loop_until_a_node_is_0_ends() -> None:
    e, rounds = Value(3.0), 0
    while e:
        e, rounds = e - 1.0, rounds + 1
    assert (e.data, rounds) == (0.0, 3)


def test_membership_compares_numbers_in_lists_and_nodes_in_sets() -> None:
    x: Any = Value(2.0)
    assert x in [1.0, 2.0]
    assert 2.0 in [x]
    assert x not in {2.0}
    assert x in {x, 2.0}


def test_comparisons_go_by_value() -> None:
    for compare in (lt, le, gt, ge):
        for a, b in [(1.0, 2.0), (2.0, 2.0), (3.0, 2.0), (math.nan, 2.0)]:
            assert compare(Value(a), Value(b)) is compare(Value(a), b) is compare(a, Value(b)) is compare(a, b)
        with pytest.raises(TypeError):
            compare(Value(1.0), "2")


def test_builtins_work_on_values() -> None:
    xs = [Value(2.0), Value(5.0), Value(3.0)]
    assert max(xs) is xs[1]
    assert min(xs) is xs[0]
    assert sorted(xs) == [xs[0], xs[2], xs[1]]
    total = sum(xs)  # from the int 0 on
    assert isinstance(total, Value)
    assert total.data == 10.0
    assert grad(total, xs) == [1.0, 1.0, 1.0]


def test_the_repr_shows_data_grad_and_label() -> None:
    assert repr(Value(1.5)) == "Value(data=1.5, grad=0.0)"
    assert repr(Value(1.5, "w_11^(1)")) == "Value(data=1.5, grad=0.0, label='w_11^(1)')"


def test_a_value_has_no_other_attributes() -> None:
    with pytest.raises(AttributeError):
        cast(Any, Value(1.0)).gard = 2.0


def test_a_number_met_by_an_operator_is_a_constant() -> None:
    x = Value(1.5)
    three, same = (3 * x).inputs
    assert (three.op, three.data, same) == (constant, 3.0, x)


def test_constants_keep_grad_0() -> None:
    x = Value(1.5)
    y = (3 * x) ** 2 / 4
    y.backward()
    assert x.grad == 6.75
    assert [node.grad for node in toposort(y) if node.op is constant] == [0.0, 0.0, 0.0]


def test_an_operation_on_constants_is_a_constant() -> None:
    three = (3 * Value(1.0)).inputs[0]
    for made in (three * 2, three + three, -three, three.exp(), 2**three):
        assert (made.op, made.inputs) == (constant, ())


def test_copies_are_equal_graphs_of_their_own() -> None:
    x = Value(2.0, "x")
    a = x * x
    y = 3 * a + a
    y.backward()
    copied, other_a = copy.deepcopy([y, a])
    assert [(n.data, n.grad, n.op, n.label) for n in toposort(copied)] == [
        (n.data, n.grad, n.op, n.label) for n in toposort(y)
    ]
    assert not set(toposort(copied)) & set(toposort(y))
    assert copied.inputs[1] is other_a is copied.inputs[0].inputs[1]
    assert len(set(other_a.inputs)) == 1


def test_a_shallow_copy_shares_its_inputs() -> None:
    y = 3 * Value(2.0)
    assert copy.copy(y) is not y
    assert copy.copy(y).inputs == y.inputs


def test_a_pickled_graph_refers_to_the_table() -> None:
    x = Value(2.0, "x")
    y = pickle.loads(pickle.dumps(3 * x + x.sigmoid()))
    nodes = toposort(y)
    assert all(node.op in (variable, constant) or node.op is TABLE[node.op.name] for node in nodes)
    [copied] = [node for node in nodes if node.op is variable]
    assert copied.label == "x"
    y.backward()
    assert copied.grad == grad(3 * x + x.sigmoid(), [x])[0]


def test_label_names_many_nodes() -> None:
    x, y = Value(1.0), Value(2.0)
    label(x=x, w=y, **{"w_11^(1)": y})
    assert (x.label, y.label) == ("x", "w_11^(1)")


def test_label_changes_nothing_if_one_is_not_a_value() -> None:
    x = Value(1.0)
    with pytest.raises(TypeError, match=r"label\(y=...\) names a Value, not 2.0 of type float"):
        label(x=x, y=cast(Any, 2.0))
    assert x.label == ""


class Parameter(Value):
    """A Value with an attribute of its own."""

    frozen = False


def test_a_subclass_is_an_operand_like_any_other() -> None:
    p, x = Parameter(2.0, "p"), Value(3.0)
    p.frozen = True
    for y in (p * x, x * p, 3 * p, p * 3):
        assert y.data == 6.0
        assert grad(y, [p]) == [3.0]
    assert grad(p, [p, x]) == [1.0, 0.0]


def test_a_deep_copy_of_a_subclass_is_one_too() -> None:
    p = Parameter(2.0, "p")
    p.frozen = True
    copied = copy.deepcopy(p * p).inputs[0]
    assert isinstance(copied, Parameter)
    assert (copied.data, copied.label, copied.frozen) == (2.0, "p", True)


@pytest.mark.parametrize("operator", [add, sub, mul, truediv, pow])
def test_an_operator_keeps_the_order_of_its_operands(operator: Callable[[Any, Any], Value]) -> None:
    x, y = Value(2.0, "x"), Value(3.0, "y")
    assert operator(x, y).inputs == (x, y)
    on_the_left, on_the_right = operator(x, 5), operator(5, x)
    assert (on_the_left.inputs[0], on_the_right.inputs[1]) == (x, x)
    assert on_the_left.inputs[1].op is on_the_right.inputs[0].op is constant
    assert (on_the_left.inputs[1].data, on_the_right.inputs[0].data) == (5.0, 5.0)


def test_apply_takes_an_operation() -> None:
    op: Any = "add"
    with pytest.raises(TypeError, match="apply takes an operation of the table, not 'add' of type str"):
        Value(1.0).apply(op, (Value(1.0),))


@pytest.mark.parametrize(("operator", "x"), [("log", -1.0), ("exp", 1e3)])
def test_operators_fail_on_variables_and_constants_alike(operator: str, x: float) -> None:
    constant_x = (Value(1.0) * x).inputs[1]
    for operand in (Value(x), constant_x):
        with pytest.raises(DomainError, match=f"{operator}.* is not finite"):
            getattr(operand, operator)()
    assert constant_x.op is constant
    assert constant_x.sigmoid().op is constant
    assert constant_x.sigmoid().data == Value(x).sigmoid().data


def test_a_label_is_text() -> None:
    wrong: Any = 3
    with pytest.raises(TypeError, match="a label is text such as 'x' or 'w_11', not 3 of type int"):
        Value(1.0, wrong)
