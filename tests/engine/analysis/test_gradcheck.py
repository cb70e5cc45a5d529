"""Derivatives by differences, and backpropagation compared with them."""

import math
import random
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest

from engine import (
    TABLE,
    DomainError,
    Op,
    Value,
    check_gradients,
    dot,
    exp,
    grad,
    log,
    maximum,
    numerical_gradient,
    sin,
    sqrt,
    toposort,
)
from engine.analysis.finite_differences import Line
from engine.analysis.gradcheck import absolute_derivatives
from engine.ops import constant, floor, greater, stop_gradient, where
from tests import by_night, thorough_unless
from tests.engine.operations import OPERATIONS, Point, boundary_points, known


def test_differences_are_exact_for_a_square() -> None:
    x = Value(3.0)
    assert numerical_gradient(x * x, [x], step=0.5) == [6.0]


def test_the_step_grows_with_the_number() -> None:
    x = Value(2.0**30)
    assert numerical_gradient(x * x, [x], step=2.0**-10) == [2.0**31]


@pytest.mark.parametrize(("at", "h"), [(0.0, 0.5), (1.0, 0.5), (1.5, 0.75), (3.0, 1.5)])
def test_the_error_for_a_cube_is_the_square_of_the_step(at: float, h: float) -> None:
    x = Value(at)
    assert numerical_gradient(x * x * x, [x], step=0.5) == [3.0 * at**2 + h**2]


def test_shared_parts_and_several_leaves() -> None:
    x, y = Value(0.5), Value(-1.5)
    a = x * y
    assert numerical_gradient(a * a + a.exp() + x, [y, x]) == pytest.approx(
        [2 * -0.75 * 0.5 + math.exp(-0.75) * 0.5, 2 * -0.75 * -1.5 + math.exp(-0.75) * -1.5 + 1.0], abs=1e-9
    )


def test_a_leaf_out_of_reach_has_slope_0() -> None:
    x, stranger = Value(3.0), Value(1.0)
    assert numerical_gradient(x * x, [stranger]) == [0.0]
    assert numerical_gradient(x, [x, stranger]) == pytest.approx([1.0, 0.0])


def test_a_result_cannot_be_changed_by_itself() -> None:
    a = Value(3.0) * 2
    with pytest.raises(ValueError, match=r"Value\(data=6.0, grad=0.0\) is a result or a constant, not a variable"):
        numerical_gradient(a * a, [a])


def test_a_step_that_changes_no_float_is_refused() -> None:
    x = Value(3.0, "x")
    with pytest.raises(ValueError, match=r"a step of 1e-20 is too small for Value\(data=3.0, .*label='x'\)"):
        numerical_gradient(x * x, [x], step=1e-20)


@pytest.mark.parametrize("step", [0.0, -1e-5, math.nan, math.inf])
def test_a_step_that_is_none_is_refused(step: float) -> None:
    x = Value(3.0)
    with pytest.raises(ValueError, match="step"):
        numerical_gradient(x * x, [x], step=step)


def test_no_value_at_a_neighbour_is_a_domain_error() -> None:
    x = Value(1e-9, "x")
    with pytest.raises(DomainError, match="log needs a number above 0"):
        numerical_gradient(x.log(), [x], step=1e-5)


def test_steps_fit_the_point() -> None:
    for x in (1e-300, 1e-9, 1.0, 1e9):
        assert numerical_gradient(log(leaf := Value(x)), [leaf]) == pytest.approx([1.0 / x], rel=1e-10)
    for x in (0.0, 1e-9, 1e3, 1e10):
        assert numerical_gradient(sin(leaf := Value(x)), [leaf]) == pytest.approx([math.cos(x)], rel=1e-9)


def test_a_slope_at_an_edge_of_the_domain_is_one_sided() -> None:
    x = Value(1.7976931348623157e308)
    assert numerical_gradient(x / 2, [x]) == pytest.approx([0.5])
    [check] = check_gradients(x / 2)
    assert check.agrees is True


def test_no_value_beside_a_point_is_a_domain_error() -> None:
    x = Value(3.0, "x")
    with pytest.raises(DomainError, match=r"is not finite beside Value\(data=3.0"):
        numerical_gradient(Value(-2.0) ** x, [x])


def test_a_check_covers_every_variable_and_no_constant() -> None:
    x, y = Value(3.0, "x"), Value(2.0, "y")
    checks = check_gradients(3 * x * y.sin() + y)
    assert [check.input for check in checks] == [x, y]
    assert all(check.agrees and check.input and check.input.op is not constant for check in checks)
    assert [check.backpropagated for check in checks] == pytest.approx([check.numerical for check in checks])


def test_a_check_finds_a_kink() -> None:
    x = Value(0.0)
    [check] = check_gradients(x.relu())
    assert (check.backpropagated, check.numerical, check.undecided) == (0.0, 0.5, True)
    assert check.error == pytest.approx(1.0)


def test_checks_are_true_where_the_derivatives_agree() -> None:
    x, y = Value(3.0), Value(0.0)
    [right] = check_gradients(x * x)
    assert bool(right) is all(check_gradients(x * x)) is True
    wrong = right._replace(agrees=False)
    assert bool(wrong) is all([right, wrong]) is False
    for fast_mode in (False, True):
        with pytest.raises(ValueError, match="cannot be told"):
            all(check_gradients(y.relu(), fast_mode=fast_mode))


def test_a_wrong_rule_is_found_by_all_of_the_checks() -> None:
    wrong = Op("wrong", "wrong", lambda x: x * x, (lambda z, x: 3.0 * x,))
    assert not all(check_gradients(wrong(Value(3.0))))


def test_results_are_held_in_nodes_and_in_rules() -> None:
    rounded = Op("rounded", "r", lambda x: x + stop_gradient(floor(x + 0.5) - x), [lambda z, x: 1.0])
    # A rule over an operation that holds a part itself, and a branch that is not taken and does not have a value.
    nested = Op(
        "nested", "n", lambda x: where(greater(x, 0.0), rounded(x), log(x)) * stop_gradient(x), [lambda z, x: x]
    )
    wrong = Op("wrong", "w", lambda x: x * stop_gradient(x), [lambda z, x: 2.0 * x])
    for f, agrees in ((rounded, True), (nested, True), (wrong, False)):
        [check] = check_gradients(3.0 * f(Value(2.3)))
        assert check.agrees is agrees


def test_only_the_given_leaves_are_checked() -> None:
    x, y = Value(3.0), Value(2.0)
    assert [check.input for check in check_gradients(x * y, [y])] == [y]
    assert check_gradients(x * y, iter([y, x]))[1].input is x


def test_a_check_changes_nothing() -> None:
    x = Value(3.0)
    y = x.exp() * x
    y.backward()
    before = [(x.data, x.grad), (y.data, y.grad)]
    check_gradients(y)
    numerical_gradient(y, [x])
    assert [(x.data, x.grad), (y.data, y.grad)] == before


# The right gradients of the whole table


@pytest.mark.parametrize(("f", "x"), [(sin, 1000.0), (sqrt, 1e-3), (log, 1e-3), (exp, 300.0), (log, 1e-6)])
def test_points_of_other_scales_agree(f: Op, x: float) -> None:
    [check] = check_gradients(f(Value(x)))
    assert check.agrees is True
    assert check.numerical == pytest.approx(check.backpropagated, rel=1e-6)
    assert check.error <= 1e-6 * abs(check.backpropagated)


def test_derivatives_that_vanish_agree() -> None:
    for y in (sin(Value(math.pi / 2)), Value(0.0).cos(), Value(0.0) * 0.0, Value(-3.0).relu(), Value(1000.0).tanh()):
        assert check_gradients(y)[0].agrees is True, y.op


def test_fine_steps_overrule_those_above_a_period() -> None:
    for x in (8572977.52087759, *(10.0**k / 7.0 for k in range(12))):
        [check] = check_gradients(Value(x).tan().atan())
        assert check.agrees is not False


def test_a_fine_structure_is_seen_before_a_gradient_is_accused() -> None:
    x = Value(0.0)
    assert check_gradients(1e-9 * sin(x * 1e9) + x)[0].agrees is True  # a wave of slope 1 on a line of slope 1
    tiny = Value(1e-119)
    assert check_gradients(maximum(tiny, 0.0))[0].agrees is True


def draw_number(rng: random.Random) -> float:
    """A number of ordinary size, of any size, or a whole one."""
    least, most = rng.choice([(-3, 3), (-16, 16), (-323, 308)])
    of_any_size = math.copysign(math.pow(10.0, rng.uniform(least, most)), rng.uniform(-1.0, 1.0))
    return rng.choice([rng.uniform(-5.0, 5.0), rng.uniform(-5.0, 5.0), of_any_size, float(rng.randint(-20, 20))])


def draw_points(op: Op, rng: random.Random) -> Iterator[Point]:
    """The points of the table, those at the boundary of the domain, and random ones."""
    yield from known(op).points
    yield from known(op).wide[:: by_night(6, 1)]
    yield from boundary_points(op)
    for _ in range(by_night(15, 3000)):
        yield tuple(draw_number(rng) for _ in range(op.arity or 5))


def is_at_kink(y: Value) -> bool:
    """Whether an operation of the graph is at a kink."""
    for node in toposort(y):
        kink = OPERATIONS[node.op.name].kink if node.inputs else None
        if kink and kink(*[x.data for x in node.inputs]) == 0.0:
            return True
    return False


def is_well_conditioned(y: Value, x: Value, limit: float = 1e4) -> bool:
    """Whether the condition numbers of f(x), of its inverse, of f'(x), and of the computation are below the limit.

    Kinks are not, nor are numbers at the edges of the floats.
    """
    f, sizes = y.data, absolute_derivatives(toposort(y))
    if any(0.0 < abs(node.data) < 1e-307 or abs(node.data) > 1.7e308 for node in toposort(y)) or is_at_kink(y):
        return False
    try:
        [slope] = grad(y, [x], create_graph=True)
        numbers = (x.data * slope.data / f, f / (x.data * slope.data), x.data * grad(slope, [x])[0] / slope.data)
        computation = sum(abs(node.data) * size for node, size in sizes.items()) / abs(f)
    except (DomainError, ZeroDivisionError):
        return False
    return all(abs(number) < limit for number in (*numbers, computation))


FAULTS: dict[str, Callable[[Any], Any]] = {
    "a larger factor": lambda d: d * (1.0 + 1e-4),
    "a smaller factor": lambda d: d * (1.0 - 1e-4),
    "a wrong sign": lambda d: -d,
    "a missing term": lambda d: 0.0 * d,
}


def make_faulty(op: Op, i: int, fault: Callable[[Any], Any]) -> Op:
    """The operation with a fault in the local derivative of one input."""

    def rule(k: int, z: Any, inputs: Sequence[Any]) -> Any:
        right = op.local_derivative(k, z, inputs)
        return fault(right) if k == i else right

    rules = [lambda z, *inputs, k=k: rule(k, z, inputs) for k in range(op.arity or 0)]
    return Op(op.name, op.symbol, op.compute, rules or rule, is_primitive=True, edges=op.edges, needs=op.needs)


@thorough_unless(lambda op: op.name in ("sin", "exp", "log", "sqrt", "abs", "where", "divide", "floor"))
@pytest.mark.parametrize("op", TABLE.values(), ids=TABLE)
def test_on_whole_domains_faults_alone_are_called_wrong(op: Op) -> None:
    count: Counter[str] = Counter()
    faulty: dict[tuple[int, str], Op] = {}
    for point in draw_points(op, random.Random(op.name)):
        leaves = [Value(x) for x in point]
        try:
            checks = check_gradients(y := op(*leaves), leaves)
        except DomainError:
            continue
        for i, check in enumerate(checks):
            assert check.agrees is not False, (point, check)
            if not is_well_conditioned(y, leaves[i]):
                continue
            count["points"] += 1
            count["undecided"] += check.undecided
            for name, fault in FAULTS.items():
                key = i, name
                if key not in faulty:
                    faulty[key] = make_faulty(op, i, fault)
                [check] = check_gradients(leaves[0].apply(faulty[key], tuple(leaves)), [leaves[i]])
                count["faults"] += 1
                count["found"] += check.agrees is False
    assert count["undecided"] <= 0.01 * count["points"], count
    assert count["found"] >= 0.99 * count["faults"], count
    has_edges = any(map(op.presence, range(op.arity or 1)))
    assert count["faults"] >= 20 or not has_edges, count


Expression3 = list[tuple[Op, list[int]]]


def draw_expression(rng: random.Random) -> Expression3:
    """Three operations, and the positions of their inputs; each takes the result of the one before."""
    expression = []
    for _ in range(3):
        op = rng.choice([*TABLE.values()])
        expression.append((op, [-1] + [rng.randrange(99) for _ in range((op.arity or rng.choice((2, 3, 4, 5))) - 1)]))
    return expression


def build(expression: Expression3, leaves: Sequence[Value]) -> Value:
    """The graph of an expression. Raises DomainError."""
    made = [*leaves]
    for op, picks in expression:
        inputs = [made[pick if pick < 0 else pick % len(made)] for pick in picks]
        made.append(inputs[0].apply(op, tuple(inputs[:: -1 if picks[-1] % 2 else 1])))
    return made[-1]


@thorough_unless(lambda is_wide: not is_wide)
@pytest.mark.parametrize("is_wide", [False, True], ids=["ordinary numbers", "all numbers"])
def test_in_expressions_faults_alone_are_called_wrong(is_wide: bool) -> None:
    rng, count = random.Random(16), Counter[str]()
    for _ in range(by_night(250, 20_000)):
        expression = draw_expression(rng)
        numbers = [draw_number(rng) if is_wide else rng.uniform(-3.0, 3.0) for _ in range(rng.randint(1, 3))]
        leaves = [Value(x) for x in numbers]
        try:
            checks = check_gradients(y := build(expression, leaves))
        except DomainError:
            continue
        assert not any(check.agrees is False for check in checks), (expression, numbers, checks)
        well = [check for check in checks if check.input and is_well_conditioned(y, check.input)]
        count["points"] += len(well)
        count["undecided"] += sum(check.undecided for check in well)
        k = rng.randrange(3)
        op, picks = expression[k]
        faulty = make_faulty(op, rng.randrange(len(picks)), FAULTS[rng.choice([*FAULTS])])
        try:
            wrong = check_gradients(build([*expression[:k], (faulty, picks), *expression[k + 1 :]], leaves))
        except DomainError:
            continue
        found = {check.input: check for check in wrong}
        for check in well:
            now = found[check.input]
            if not math.isclose(now.backpropagated, check.backpropagated, rel_tol=9e-5):
                count["faults"] += 1
                count["found"] += now.agrees is False
    assert count["undecided"] <= 0.01 * count["points"], count
    assert count["found"] >= 0.99 * count["faults"], count
    assert count["points"] > 100, count
    assert count["faults"] > 50, count


# The third answer, and what is refused


def test_at_kinks_and_edges_the_answer_is_neither_yes_nor_no() -> None:
    x = Value(2.0)
    undecided = [Value(0.0).relu(), abs(Value(0.0)), maximum(x, 2.0), sin(Value(1e22)), (-x) ** Value(3.0), x + 1e20]
    for y in undecided:
        check = check_gradients(y)[-1]
        assert check.undecided, y.op
        assert check.agrees not in (True, False)
        with pytest.raises(ValueError, match="cannot be told"):
            bool(check.agrees)
        with pytest.raises(ValueError, match="cannot be told"):
            all(check.agrees for check in check_gradients(y))


def test_an_input_that_is_not_in_the_graph_is_refused() -> None:
    x, sigma = Value(2.0, "x"), Value(0.3, "sigma")
    with pytest.raises(ValueError, match=r"label='sigma'\) is not in the graph of the output"):
        check_gradients(x * sigma.data, [x, sigma])


def test_a_stale_graph_is_refused() -> None:
    x = Value(2.0, "x")
    y = x * x
    x.data = 3.0
    with pytest.raises(ValueError, match=r"is stale: .* call forward"):
        check_gradients(y)
    y.forward()
    assert check_gradients(y)[0].agrees is True


@pytest.mark.parametrize("tolerance", [0.0, -1.0, math.nan, math.inf])
def test_a_tolerance_that_is_not_above_0_is_refused(tolerance: float) -> None:
    with pytest.raises(ValueError, match="tolerance"):
        check_gradients(Value(2.0) * 3, tolerance=tolerance)


def test_the_tolerance_is_relative() -> None:
    x = Value(1e-9)
    wrong = make_faulty(TABLE["exp"], 0, lambda d: d * (1.0 + 1e-5))
    y = 1e-9 * x.apply(wrong, (x,))
    assert check_gradients(y)[0].agrees is False
    assert check_gradients(y, tolerance=1e-4)[0].agrees is True


# One direction for all inputs


def weighted(n: int, op: Op) -> Value:
    """A sum of n products and its square root by `op`."""
    rng = random.Random(n)
    terms = [dot([Value(rng.uniform(0.5, 1.5))], [Value(rng.uniform(0.5, 1.5))]) for _ in range(n)]
    total: Value = dot([1.0] * n, terms)
    return total.apply(op, (total,))


def test_fast_mode_is_one_check_for_any_number_of_inputs(monkeypatch: pytest.MonkeyPatch) -> None:
    steps: list[float] = []
    output = Line.output

    def counted(line: Line, t: float) -> float:
        steps.append(t)
        return output(line, t)

    monkeypatch.setattr(Line, "output", counted)
    for n in (2, 200):
        [check] = check_gradients(weighted(n, sqrt), fast_mode=True, rng=random.Random(0))
        assert check.input is None
        assert check.agrees is True
        assert len(steps) < 30
        steps.clear()


@thorough_unless(lambda fault: fault == "a missing term")
@pytest.mark.parametrize("fault", FAULTS)
def test_fast_mode_finds_faults(fault: str) -> None:
    y = weighted(50, make_faulty(sqrt, 0, FAULTS[fault]))
    for seed in range(5):
        [check] = check_gradients(y, fast_mode=True, rng=random.Random(seed))
        assert check.agrees is False


def test_the_direction_is_drawn_from_the_generator() -> None:
    y = weighted(3, sqrt)
    first, again, other = (check_gradients(y, fast_mode=True, rng=random.Random(seed)) for seed in (1, 1, 2))
    assert first == again != other
    assert check_gradients(Value(2.0) * 0.0 + 1.0, [], fast_mode=True) == []
