"""Every entry of the table: derivatives against differences, and the same results for every kind of number."""

import math
import random
from collections.abc import Sequence
from inspect import Parameter, signature
from itertools import product
from pydoc import render_doc
from typing import Any

import pytest
from mpmath import mp, mpf

from engine import (
    TABLE,
    DomainError,
    Op,
    Value,
    absolute,
    atan2,
    cbrt,
    check_gradients,
    clamp,
    divide,
    dot,
    elu,
    exp,
    explain,
    floor,
    grad,
    greater,
    hessian,
    hypot,
    jvp,
    leaky_relu,
    logsumexp,
    maximum,
    minimum,
    numerical_gradient,
    power,
    relu,
    sign,
    softmax,
    softplus,
    stop_gradient,
    where,
)
from engine.compiler.targets.numpy import NUMPY
from engine.op import find
from engine.ops import constant, variable
from engine.sweep import present_edges
from engine.symbolic.codegen import PYTHON
from engine.symbolic.expression import Expression, ExpressionBuilder
from engine.symbolic.rewrites import exact
from tests import thorough_unless
from tests.engine.float_bits import bits
from tests.engine.operations import OPERATIONS, known, special_points
from viz.math.formulas import LAYOUTS

every_operation = pytest.mark.parametrize("op", TABLE.values(), ids=TABLE)


def test_each_operation_has_an_entry_in_the_table_of_tests() -> None:
    assert list(OPERATIONS) == list(TABLE), "tests/engine/operations.py"


@every_operation
def test_derivatives_equal_central_differences(op: Op) -> None:
    for numbers in known(op).points:
        inputs = [Value(x) for x in numbers]
        y = op(*inputs)
        assert grad(y, inputs) == pytest.approx(numerical_gradient(y, inputs), rel=1e-7, abs=1e-7), numbers


@every_operation
def test_second_derivatives_equal_central_differences(op: Op) -> None:
    for numbers in known(op).points:
        inputs = [Value(x) for x in numbers]
        for first in grad(op(*inputs), inputs, create_graph=True):
            numerical = numerical_gradient(first, inputs)
            assert grad(first, inputs) == pytest.approx(numerical, rel=1e-7, abs=1e-7), numbers


@every_operation
def test_floats_values_and_the_rule_give_the_same_bits(op: Op) -> None:
    for numbers in special_points(op):
        try:
            expected = op.forward(*numbers)
        except (ArithmeticError, ValueError):
            with pytest.raises(DomainError):
                op(*numbers)
            with pytest.raises(DomainError):
                op(*[Value(x) for x in numbers])
            continue
        assert bits(op(*numbers)) == bits(op(*[Value(x) for x in numbers]).data) == bits(expected), numbers


@every_operation
def test_symbols_give_the_same_bits(op: Op) -> None:
    for numbers in known(op).points:
        builder = ExpressionBuilder(exact)
        formula = op(*map(builder.constant, numbers))
        assert isinstance(formula, Expression)
        assert bits(formula.value) == bits(op(*numbers)), numbers


@every_operation
def test_the_generated_backward_step_gives_the_bits_of_the_rules(op: Op) -> None:
    upstream = -0.7
    for numbers in special_points(op):
        inputs = [Value(x) for x in numbers]
        try:
            z = op(*inputs)
            present = present_edges(z, {node: node.data for node in (z, *inputs)})
            slopes = {edge.i: edge.local_derivative for edge in present}
        except (ArithmeticError, ValueError):
            continue
        expected = [0.0 + upstream * slopes[i] if i in slopes else 0.0 for i in range(len(numbers))]
        pending = {z: upstream} | dict.fromkeys(inputs, 0.0)
        op.backward_step(z, pending)
        assert [bits(pending[x]) for x in inputs] == [bits(x) for x in expected], numbers


@thorough_unless(lambda op: op.name not in ("clamp", "dot"))
@every_operation
def test_a_derivative_without_value_is_an_error_in_both_sweeps(op: Op) -> None:
    for numbers in special_points(op):
        inputs = [Value(x) for x in numbers]
        try:
            z = op(*inputs)
        except DomainError:
            continue
        try:
            expected = grad(z, inputs, create_graph=True)
        except DomainError:
            with pytest.raises(DomainError):
                grad(z, inputs)
            continue
        assert grad(z, inputs) == pytest.approx([x.data for x in expected], rel=0, abs=0, nan_ok=True), numbers


def slopes(op: Op, *numbers: float) -> list[float]:
    inputs = [Value(x) for x in numbers]
    return grad(op(*inputs), inputs)


@pytest.mark.parametrize("zero", [0.0, -0.0])
def test_derivatives_at_kinks_are_as_documented(zero: float) -> None:
    assert slopes(relu, zero) == [0.0]
    assert slopes(absolute, zero) == [0.0]
    assert slopes(leaky_relu, zero, 0.1) == [0.1, zero]
    assert slopes(greater, zero, 0.0) == [0.0, 0.0]
    assert slopes(maximum, zero, 0.0) == slopes(minimum, zero, 0.0) == [0.5, 0.5]
    assert slopes(sign, zero) == slopes(floor, zero) == slopes(floor, 2.0) == [0.0]
    assert slopes(clamp, zero, 0.0, 1.0) == slopes(clamp, 1.0, zero, 1.0) == [1.0, 0.0, 0.0]
    assert slopes(elu, zero, 0.5) == [0.5, 0.0]


@pytest.mark.parametrize(("op", "numbers"), [(atan2, (0.0, 0.0)), (hypot, (0.0, -0.0)), (cbrt, (0.0,))])
def test_where_a_derivative_does_not_exist_it_is_an_error(op: Op, numbers: tuple[float, ...]) -> None:
    inputs = [Value(x) for x in numbers]
    y = op(*inputs)
    assert y.data == 0.0
    with pytest.raises(DomainError, match=rf"the derivative of {op.name}\(.*\(for the derivative: "):
        grad(y, inputs)


def test_atan2_has_the_signs_of_zero_of_the_c_library() -> None:
    for y, x in product((0.0, -0.0, 1.0, -1.0, math.inf, -math.inf), repeat=2):
        assert bits(atan2(y, x)) == bits(math.atan2(y, x))


def test_the_cube_root_is_exact_to_a_unit_in_the_last_place() -> None:
    rng = random.Random(0)
    for x in [*(math.ldexp(rng.uniform(-1.0, 1.0), rng.randrange(-1073, 1024)) for _ in range(2000)), 5e-324]:
        with mp.workdps(30):
            exact = mp.sign(x) * mp.cbrt(abs(mpf(x)))
            assert abs(cbrt(x) - exact) <= math.ulp(cbrt(x)), x
    assert [cbrt(float(n**3)) for n in range(-100, 100)] == list(range(-100, 100))


@every_operation
def test_the_signature_of_an_operation_names_its_inputs(op: Op) -> None:
    parameters = signature(op).parameters.values()
    if op.arity is None:
        assert [p.kind for p in parameters] == [Parameter.VAR_POSITIONAL]
        return
    assert len(parameters) == op.arity
    assert all(p.kind is Parameter.POSITIONAL_OR_KEYWORD for p in parameters)
    assert tuple(p.default for p in parameters if p.default is not Parameter.empty) == op.defaults


def test_signatures_are_those_of_the_rules() -> None:
    named = {op: str(signature(op)) for op in (sign, atan2, leaky_relu, clamp)}
    assert [*named.values()] == ["(x)", "(y, x)", "(x, slope=0.01)", "(x, low, high)"]
    for rule in (lambda *_: 1.0, min):  # the names are unknown
        several = Op("several", "several", min, [rule] * 2)
        assert str(signature(several)) == "(x_1, x_2)"
    assert "<operation leaky_relu(x, slope=0.01)>\n    x where x > 0" in render_doc(leaky_relu)
    assert "derivatives" in signature(Op).parameters


def test_maximum_of_a_number_and_itself_has_derivative_1() -> None:
    x = Value(2.0)
    assert grad(x.maximum(x), [x]) == grad(x.minimum(x), [x]) == [1.0]


def test_where_passes_no_gradient_to_its_condition() -> None:
    assert slopes(where, 1.0, 2.0, 3.0) == [0.0, 1.0, 0.0]
    assert slopes(where, -0.0, 2.0, 3.0) == [0.0, 0.0, 1.0]
    assert where(math.nan, 2.0, 3.0) == 2.0  # NaN is not 0


def test_no_gradient_flows_through_a_detached_node() -> None:
    x, w = Value(3.0, "x"), Value(2.0, "w")
    held = (x * w).detach()
    y = held * x * x + x.detach()
    assert (held.op, held.data, y.data, y.forward()) == (stop_gradient, 6.0, 57.0, 57.0)
    first, second = grad(y, [x, w], create_graph=True), hessian(y, [x, w])
    assert ([slope.data for slope in first], second) == ([36.0, 0.0], [[12.0, 0.0], [0.0, 0.0]])
    assert grad(first[0], [x, w]) == [12.0, 0.0]
    assert (jvp(y, [x, w], [1.0, 1.0]), explain(y, w).total) == (36.0, 0.0)
    x.data = -1.0
    assert y.forward() == -2.0 - 1.0  # it follows x
    assert all([*check_gradients(y), *check_gradients(y, fast_mode=True)])
    assert numerical_gradient(y, [x, w], step=0.5) == [4.0, 0.0]


def test_the_slope_of_leaky_relu_may_be_left_out() -> None:
    x = Value(-2.0)
    assert leaky_relu(x).data == x.leaky_relu().data == leaky_relu(-2.0) == -0.02


def test_inputs_may_be_given_by_their_names() -> None:
    x = Value(-2.0)
    assert clamp(x, low=-1.0, high=1.0).inputs[0] is x
    assert clamp(5.0, high=1.0, low=-1.0) == 1.0
    assert leaky_relu(x, slope=0.5).data == elu(-math.inf, alpha=1.0) == -1.0
    with pytest.raises(TypeError, match=r"elu\(x, alpha=1.0\): got an unexpected keyword argument 'slope'"):
        elu(x, slope=0.5)
    with pytest.raises(TypeError, match=r"clamp\(x, low, high\): missing a required argument: 'high'"):
        clamp(x, low=-1.0)
    with pytest.raises(TypeError, match=r"dot\(\*inputs\): got an unexpected keyword argument 'weights'"):
        TABLE["dot"](weights=x)


@pytest.mark.parametrize("numbers", [(), (1.0, 2.0)])
def test_a_wrong_number_of_inputs_is_an_error(numbers: tuple[float, ...]) -> None:
    with pytest.raises(TypeError, match=rf"exp takes 1 inputs, not {len(numbers)}"):
        exp(*numbers)


@pytest.mark.parametrize("stranger", ["3", "three", None, [1.0], 1j])
def test_inputs_of_other_types_are_refused(stranger: Any) -> None:
    with pytest.raises(TypeError):
        exp(stranger)
    with pytest.raises(TypeError, match="power takes numbers and Values, not "):
        power(Value(2.0), stranger)


def test_dot_is_one_node_added_from_the_bias_on() -> None:
    w, v, b = [Value(1e16), Value(1.0)], [Value(1.0), Value(1.0)], Value(-1e16)
    a = dot(w, v, b)
    assert a.data == (-1e16 + 1e16) + 1.0
    assert dot(w, v).data == 1e16 + 1.0
    assert a.inputs == (*w, *v, b)
    assert grad(a, [*w, *v, b]) == [1.0, 1.0, 1e16, 1.0, 1.0]
    assert dot([0.5, 2.0], [4.0, 1.0], bias=1.0) == 5.0


@pytest.mark.parametrize(("weights", "values"), [([], []), ([1.0], []), ([1.0], [2.0, 3.0])])
def test_dot_needs_one_weight_for_each_value(weights: list[float], values: list[float]) -> None:
    with pytest.raises(ValueError, match=rf"{len(weights)} weights and {len(values)} values given"):
        dot(weights, values, Value(1.0))


def loss(w: Sequence[Value], x: Sequence[Value], y: Value) -> Value:
    """A function of Values is typed as one: mypy would refuse Any in place of Value here."""
    a = w[0] + dot(w[1:], x) + logsumexp(x) + softmax(x)[0]
    return softplus(a) - y * where(greater(a, 0.0), a, clamp(a, -1.0, 1.0))


def test_functions_of_values_are_typed_as_values() -> None:
    number: float = dot([1.0], [2.0]) + logsumexp([1.0]) + where(1.0, 2.0, 3.0) + softmax([1.0])[0]
    assert number == 6.0
    w, x, y = [Value(0.5), Value(1.0)], [Value(2.0)], Value(1.0)
    assert loss(w, x, y).data == pytest.approx(math.log1p(math.exp(-5.5)), rel=1e-14)


def test_dividing_a_sum_of_many_terms_gives_each_its_share() -> None:
    rng = random.Random(0)
    xs = [Value(rng.uniform(-1.0, 1.0)) for _ in range(100)]
    assert grad(divide(sum(xs, Value(0.0)), 100.0), xs) == [0.01] * 100


def test_of_two_equal_numbers_the_first_is_taken() -> None:
    for op in (maximum, minimum):
        assert bits(op(0.0, -0.0)) == bits(0.0)
        assert bits(op(-0.0, 0.0)) == bits(-0.0)


def test_an_operation_is_found_by_its_name() -> None:
    assert all(find(name) is op for name, op in TABLE.items())
    assert (find("variable"), find("constant")) == (variable, constant)
    assert (variable.name, constant.name) == ("variable", "constant")
    with pytest.raises(LookupError, match="does not have an operation 'nothing'"):
        find("nothing")


def test_each_operation_has_the_listed_notation() -> None:
    assert {name: op.symbol for name, op in TABLE.items()} == {x: OPERATIONS[x].symbol or x for x in TABLE}
    forms = {name: LAYOUTS[op] for name, op in TABLE.items() if op in LAYOUTS}
    assert forms == {name: entry.form for name, entry in OPERATIONS.items() if entry.form}
    assert {name: op.activation for name, op in TABLE.items()} == {x: OPERATIONS[x].is_activation for x in TABLE}


def test_numpy_computes_with_its_own_functions() -> None:
    for name in ("exp", "log", "log1p", "expm1", "sqrt", "sin", "cos", "tan", "tanh", "abs"):
        op = TABLE[name]
        assert (PYTHON.apply(op, ["x"]), NUMPY.apply(op, ["x"])) == (f"{name}(x)", f"np.{name}(x)")
    assert NUMPY.apply(TABLE["atan"], ["x"]) == "np.arctan(x)"
    assert NUMPY.apply(TABLE["power"], ["x", "y"]) == "np.float_power(x, y)"
    assert PYTHON.apply(TABLE["where"], ["c", "x", "y"]) == "x if c else y"
    assert NUMPY.apply(TABLE["where"], ["c", "x", "y"]) == "np.where(c, x, y)"
