"""Dots that are long enough to be loops, in every position."""

from collections.abc import Callable, Sequence

import pytest

from engine import TABLE, Value, compile, dot, exp, grad, primitive, sigmoid, tanh
from engine.compiler.targets.llvm import jit, layout
from engine.compiler.targets.llvm.layout import MIN_LOOP_LENGTH, _common_factor
from engine.symbolic.expression import Expression
from tests import by_night, thorough_unless
from tests.engine.compiler.agreement import assert_agrees, spread
from tests.engine.compiler.backends import both_backends, needs_llvm
from tests.engine.compiler.targets.llvm.graphs import Graph, leaves, lowered

N = 11


def weights_first() -> Graph:
    x, w = leaves(N, "x"), leaves(N, "w")
    return dot(w, x).tanh(), x, w


def weights_second() -> Graph:
    x, w = leaves(N, "x"), leaves(N, "w")
    return dot(x, w).tanh(), x, w


def constants_as_weights() -> Graph:
    x, w = leaves(N, "x"), leaves(2, "w")
    return tanh(w[0] * dot([0.5 * i for i in range(N)], x) + w[1]), x, w


def frozen_weights() -> Graph:
    x, frozen, w = leaves(N, "x"), leaves(N, "f"), leaves(2, "w")
    return tanh(w[0] * dot(frozen, x, w[1])), x, [*x, *w]


def frozen_and_learned_weights_in_one_dot() -> Graph:
    x, w = leaves(N, "x"), leaves(N, "w")
    return tanh(dot(w, x)), x, w[::2]


def shared_weights() -> Graph:
    x, w = leaves(2 * N, "x"), leaves(N, "w")
    return dot(w, x[:N]).tanh() * dot(w, x[N:]).tanh(), x, w


def shared_weights_in_another_order() -> Graph:
    x, w = leaves(N, "x"), leaves(N, "w")
    return dot(w, x).tanh() * dot(w[::-1], x).tanh() + dot(w[2:], x[2:]), x, w


def factors_that_are_computed() -> Graph:
    x, w = leaves(2, "x"), leaves(3 * N, "w")
    z = [sigmoid(a * x[0] + x[1]) for a in w[:N]]
    return tanh(dot(w[N : 2 * N], z, w[-1]) * dot(w[2 * N :], z)), x, w


def one_factor_many_times() -> Graph:
    x, w = leaves(2, "x"), leaves(N, "w")
    return tanh(dot(w, [x[1]] * N) + dot([w[0]] * N, [x[0]] * N)), x, w


def a_computed_factor_many_times() -> Graph:
    x, w = leaves(2, "x"), leaves(2 * N, "w")
    return tanh(dot(w[:N], [exp(x[1])] * N) + dot(w[N:], [exp(w[0])] * N)) + exp(x[0]), x, w


def a_factor_twice() -> Graph:
    x, w = leaves(N, "x"), leaves(N, "w")
    z = [exp(y) for y in x]
    return tanh(dot(w, [*z[1:], z[3]])), x, w


def squares() -> Graph:
    x, w = leaves(N, "x"), leaves(N, "w")
    z = [y * a for y, a in zip(x, w, strict=True)]
    return dot(x, x) * dot(w, w) + dot(z, z), x, w


def biases() -> Graph:
    x, w = leaves(N, "x"), leaves(N + 1, "w")
    frozen = Value(0.3, "frozen")
    pairs = w[:N], x
    dots = [dot(*pairs, w[N]), dot(*pairs, x[0]), dot(*pairs, 0.25), dot(*pairs, frozen), dot(*pairs, w[0] * w[1])]
    total = dots[0] * dots[1] * dots[2] * dots[3] * dots[4]
    return tanh(total), x, w


def dots_of_dots() -> Graph:
    x, w = leaves(N, "x"), leaves(2 * N * N + N, "w")
    layer = [dot(w[i * N : (i + 1) * N], x) for i in range(N)]
    layer = [dot(w[(N + i) * N : (N + i + 1) * N], layer) for i in range(N)]
    return dot(w[2 * N * N :], layer), x, w


def a_network() -> Graph:
    x, w, y = leaves(N, "x"), leaves(2 * N * N + 3 * N, "w"), Value(0.5, "y")
    rest = iter(w)
    layer = x
    for _ in range(2):
        layer = [sigmoid(dot([next(rest) for _ in layer], layer, next(rest))) for _ in range(N)]
    return (dot([next(rest) for _ in layer], layer) - y) ** 2 / 2, [*x, y], w


def linear_regression() -> Graph:
    x, w, y = leaves(N, "x"), leaves(N, "w"), Value(0.5, "y")
    return (dot(w, x, Value(0.25, "frozen")) - y) ** 2, [*x, y], w


def the_delta_times_constants() -> Graph:
    x, w = leaves(1, "x"), leaves(N, "w")
    return (dot(w, [float(i) for i in range(N)]) - x[0]) ** 2, x, w


def the_delta_is_an_input() -> Graph:
    x, w = leaves(N + 1, "x"), leaves(N, "w")
    return x[N] * dot(w, x[:N]), x, w


def columns() -> Graph:
    x, w = leaves(N, "x"), leaves(N * N, "w")
    units = [tanh(dot(w[i::N], x)) for i in range(N)]
    backwards = [dot(w[i * N : (i + 1) * N], units) for i in range(N)]
    return dot(backwards, backwards), x, w


def weights_alone() -> Graph:
    x, w = leaves(1, "x"), leaves(2 * N, "w")
    return x[0] * tanh(dot(w[:N], w[N:])) + dot([exp(a) for a in w[:N]], w[N:], w[0] * w[1]), x, w


def inputs_as_weights_of_inputs() -> Graph:
    x, w = leaves(2 * N, "x"), leaves(1, "w")
    return tanh(w[0] * dot(x[:N], x[N:])), x, [*x, *w]


def a_gradient_as_output() -> Graph:
    x, w = leaves(N, "x"), leaves(N, "w")
    slopes = grad(tanh(dot(w, x)) + dot(w, w), w, create_graph=True)
    return dot(slopes, slopes), x, w


def mixed_factors() -> Graph:
    x, w = leaves(N, "x"), leaves(N, "w")
    return tanh(dot([*x[:5], *w[5:]], [*w[:5], *x[5:]])) + dot([*w[:4], *[2.0] * 7], x), x, w


def numbers_among_computed_factors() -> Graph:
    x, w = leaves(N, "x"), leaves(4, "w")
    return tanh(dot([*map(exp, w), *[0.5 * i for i in range(N - 4)]], x)), x, w


def computed_factors_of_which_some_are_the_same_for_all_rows() -> Graph:
    x, w = leaves(N, "x"), leaves(N, "w")
    return tanh(dot([*map(exp, x[:5]), *map(exp, w[5:])], w) + dot([*map(sigmoid, w[:5]), *map(exp, x[5:])], w)), x, w


def a_delta_that_is_the_same_for_all_rows() -> Graph:
    x, w = leaves(N, "x"), leaves(N, "w")
    return exp(w[N - 1]) * dot(w, x), x, w


def a_parameter_that_nothing_reads() -> Graph:
    x, w = leaves(2 * N, "x"), leaves(2 * N, "w")
    return tanh(dot(w, x)), x, [*w[:6], Value(1.0), *w[6:]]


def each_dot_begins_with_the_last() -> Graph:
    x, w = leaves(1, "x"), leaves(8 * N, "w")
    total = w[0]
    for i in range(1, 8):
        total = dot(w[i * N : (i + 1) * N], w[:N], total)
    return x[0] * total, x, w


GRAPHS: list[Callable[[], Graph]] = [
    weights_first,
    weights_second,
    constants_as_weights,
    frozen_weights,
    frozen_and_learned_weights_in_one_dot,
    shared_weights,
    shared_weights_in_another_order,
    factors_that_are_computed,
    one_factor_many_times,
    a_computed_factor_many_times,
    a_factor_twice,
    squares,
    biases,
    dots_of_dots,
    a_network,
    linear_regression,
    the_delta_times_constants,
    the_delta_is_an_input,
    columns,
    weights_alone,
    inputs_as_weights_of_inputs,
    a_gradient_as_output,
    mixed_factors,
    numbers_among_computed_factors,
    computed_factors_of_which_some_are_the_same_for_all_rows,
    a_delta_that_is_the_same_for_all_rows,
    a_parameter_that_nothing_reads,
    each_dot_begins_with_the_last,
]
EACH_GRAPH = pytest.mark.parametrize("graph", GRAPHS, ids=[graph.__name__ for graph in GRAPHS])
SOME_GRAPHS = by_night(GRAPHS[::3], GRAPHS)
SOME_GRAPHS_BY_DAY = pytest.mark.parametrize("graph", SOME_GRAPHS, ids=[graph.__name__ for graph in SOME_GRAPHS])


@thorough_unless(lambda graph, backend: backend == "llvm")
@EACH_GRAPH
@both_backends
def test_long_dots(graph: Callable[[], Graph], backend: str) -> None:
    output, inputs, wrt = graph()
    program = compile(output, inputs, wrt, backend=backend)
    assert_agrees(program, output, inputs, wrt, spread(19, len(inputs)))


@thorough_unless(lambda graph, backend: graph in GRAPHS[::9] and backend == "llvm")
@SOME_GRAPHS_BY_DAY
@both_backends
def test_long_dots_wrt_inputs_and_parameters_in_mixed_order(graph: Callable[[], Graph], backend: str) -> None:
    output, inputs, wrt = graph()
    mixed = [leaf for leaf in (*inputs, *wrt) if leaf in set(inputs) or leaf in set(wrt)]
    mixed = sorted(dict.fromkeys(mixed), key=lambda leaf: leaf.data)
    program = compile(output, inputs, mixed, backend=backend)
    assert_agrees(program, output, inputs, mixed, spread(18, len(inputs)))


@pytest.mark.thorough
@needs_llvm
@SOME_GRAPHS_BY_DAY
def test_long_dots_on_narrow_vectors(graph: Callable[[], Graph], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jit, "machine_lanes", lambda: 2)
    output, inputs, wrt = graph()
    program = compile(output, inputs, wrt, backend="llvm")
    assert_agrees(program, output, inputs, wrt, spread(17, len(inputs)))


@both_backends
@pytest.mark.parametrize("zero", [0.0, -0.0])
def test_a_long_dot_of_zeros_keeps_their_sign(zero: float, backend: str) -> None:
    x = leaves(N, "x")
    program = compile(dot([1.0 + i for i in range(N)], x), x, backend=backend)
    assert [value.hex() for value in program.each([[zero] * N] * 2)] == [zero.hex()] * 2


@needs_llvm
def test_an_operation_of_many_inputs_is_not_a_dot() -> None:
    letters = [f"x{i}" for i in range(16)]
    given = ", ".join(letters)
    rules = [eval(f"lambda z, {given}: {letters[i ^ 1]}") for i in range(16)]
    products = " + ".join(f"x{i} * x{i + 1}" for i in range(0, 16, 2))
    pairs = primitive("pairs", "pairs", eval(f"lambda {given}: {products}"), *rules)
    try:
        x, w = leaves(8, "x"), leaves(8, "w")
        output = tanh(pairs(*w, *x))
        assert_agrees(compile(output, x, w, backend="llvm"), output, x, w, spread(9, 8))
    finally:
        del TABLE["pairs"]


def test_a_layer_is_loops_forward_and_backward() -> None:
    kernel = lowered(a_network())
    assert (
        len(kernel.plan.dot_loops) == 2 * N + 1 + N
    )  # the units, and those with respect to outputs of the first layer
    assert len(kernel.plan.sum_loops) == 2 * N + 1  # for the weights of each unit


def test_a_linear_regression_is_two_loops() -> None:
    kernel = lowered(linear_regression())
    assert (len(kernel.plan.dot_loops), len(kernel.plan.sum_loops)) == (1, 1)


@pytest.mark.parametrize("n", [MIN_LOOP_LENGTH - 1, MIN_LOOP_LENGTH])
def test_short_dots_are_unrolled(n: int) -> None:
    x, w = leaves(n, "x"), leaves(n, "w")
    kernel = lowered((tanh(dot(w, x)), x, w))
    assert len(kernel.plan.dot_loops) == len(kernel.plan.sum_loops) == (n >= MIN_LOOP_LENGTH)


def test_a_loop_keeps_code_short() -> None:
    kernels = []
    for n in (10, 1000):
        x = leaves(n, "x")
        kernels.append(lowered((tanh(dot(leaves(n, "w"), x)), x, [])))
    short, long = kernels
    assert short.instructions == long.instructions


@needs_llvm
def test_sums_are_searched_for_loops_in_linear_time(monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[int] = []

    def counted(sums: Sequence[tuple[int, Expression]], begin: int) -> tuple[Expression | None, list[Expression]]:
        begun.append(begin)
        return _common_factor(sums, begin)

    monkeypatch.setattr(layout, "_common_factor", counted)
    x, w = leaves(100, "x"), leaves(100, "w")
    mixed = [w[i * 37 % 50] for i in range(50)]  # of the first half, no two neighbours are neighbours in memory
    output = tanh(dot(w, x))
    kernel = lowered((output, x, [*mixed, *w[50:]]))
    assert len(begun) <= 3  # the sum of the values, and the derivatives of the unit
    assert [loop.n for loop in kernel.plan.sum_loops] == [50]
    for order in (mixed + w[50:], w[50:] + mixed, w[:20] + w[99:50:-1] + w[20:50]):
        assert_agrees(compile(output, x, order, backend="llvm"), output, x, order, spread(9, 100))
