"""Loop groups: one call for the units of a layer, of any number, forward and backward, for all widths."""

from collections.abc import Iterator

import pytest

from engine import Value, compile, dot, exp, tanh
from engine.compiler.targets.llvm import jit
from engine.compiler.targets.llvm.lowering import VECTORS_IN_LOOPS
from tests import by_night, thorough_unless
from tests.engine.compiler.agreement import PRECISION, assert_agrees, assert_near, spread
from tests.engine.compiler.backends import needs_llvm
from tests.engine.compiler.targets.llvm.graphs import Graph, leaves, lowered

N = 11
M = 9


def layer(z: list[Value], n: int, weights: Iterator[Value], biases: bool) -> list[Value]:
    """Units with consecutive weights, each unit's bias after its weights."""
    return [tanh(dot([next(weights) for _ in z], z, *[next(weights) for _ in range(biases)])) for _ in range(n)]


def network(units: int, biases: bool) -> Graph:
    """N inputs, a layer of `units`, a layer of M, and a weighted sum. All dots are long enough for loops, except those
    of the second layer if the first has few units."""
    x = leaves(N, "x")
    weights = leaves((N + biases) * units + (units + biases) * M, "w")
    rest = iter(weights)
    outputs = layer(layer(x, units, rest, biases), M, rest, biases)
    assert next(rest, None) is None
    return dot(outputs, leaves(M, "c")), x, weights


def calls(graph: Graph) -> list[str]:
    """The loops that a kernel for many rows calls, in order."""
    kernel = lowered(graph)
    body = kernel.text.split("define void @process_slots(")[1].split("\n}")[0]
    names = [part.split("(")[0] for part in body.split("call void @pathgrad_")[1:]]
    return [name.removesuffix("_16_4") for name in names if not name.startswith("rows_to_slots")]


@thorough_unless(lambda lanes, biases: biases == (lanes == 4))
@needs_llvm
@pytest.mark.parametrize("biases", [False, True])
@pytest.mark.parametrize("lanes", by_night([1, 4], [1, 2, 4, 8]))
def test_layers_of_any_number_of_units(lanes: int, biases: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jit, "machine_lanes", lambda: lanes)
    rows = spread(VECTORS_IN_LOOPS * lanes + 1, N)
    for units in range(1, 10, by_night(3, 1)):
        output, inputs, wrt = network(units, biases)
        asked = [*wrt, *inputs]
        program = compile(output, inputs, asked, backend="llvm")
        truth = compile(output, inputs, asked, backend="python")
        total, sums = 0.0, [0.0] * len(asked)
        for n, row in enumerate(rows, 1):
            value, gradient = truth.value_and_grad(*row)
            total, sums = total + value, [x + y for x, y in zip(sums, gradient, strict=True)]
            found, derivatives = program.sum_over(rows[:n])
            assert_near([found, *derivatives], [total, *sums], 100 * n * PRECISION)
        assert_near(program.each(rows), truth.each(rows), 100 * PRECISION)


@needs_llvm
def test_lanes_without_a_row_do_not_make_nan() -> None:
    """The lanes after the last row repeat it: infinity counts once, and 0 · ∞ is not added."""
    x, w = leaves(N, "x"), leaves(N, "w")
    program = compile(dot(w, x), x, w, backend="llvm")
    rows = [[0.5] * N, [float("inf")] * N]
    assert list(program.sum_over(rows)[1]) == [float("inf")] * N
    assert list(program.sum_over(rows[:1])[1]) == [0.5] * N


@pytest.mark.parametrize("biases", [False, True])
def test_a_layer_is_one_call_in_each_direction(biases: bool) -> None:
    forward = ["dots", "dots"]
    backward = ["dots"]  # the adjoints of the first layer's units
    weights = ["outer_products", "outer_products"]
    assert calls(network(8, biases)) == [*forward, "dots", *backward, *weights]  # the third is the output


def test_units_without_a_common_stride_are_separate_calls() -> None:
    x, w = leaves(N, "x"), leaves(4 * N, "w")
    units = [tanh(dot(w[i * N : (i + 1) * N], x)) for i in (0, 1, 3)]
    graph = units[0] * units[1] * units[2], x, w
    assert calls(graph)[:2] == ["dots", "dots"]  # the first two units, and the last
    assert calls(graph).count("dots") == 2


@needs_llvm
def test_units_without_a_common_stride() -> None:
    x, w = leaves(N, "x"), leaves(7 * N, "w")
    units = [tanh(dot(w[i * N : (i + 1) * N], x, w[i])) for i in (0, 1, 3, 2, 6, 5, 4)]
    output = dot(units, w[: len(units)])
    assert_agrees(compile(output, x, w, backend="llvm"), output, x, w, spread(9, N))


@needs_llvm
def test_units_that_share_weights_and_inputs() -> None:
    x, w = leaves(N, "x"), leaves(N + 4, "w")
    units = [tanh(dot(w[i : i + N], x)) for i in (0, 1, 2, 3, 4, 2, 2)]
    units += [tanh(dot(w[:N], x, b)) for b in w[:5]]
    output = units[0]
    for unit in units[1:]:
        output = output + unit * unit
    assert_agrees(compile(output, x, w, backend="llvm"), output, x, w, spread(9, N))


@needs_llvm
def test_a_dot_that_is_a_factor_of_the_next_comes_before_it() -> None:
    x, w = leaves(N, "x"), leaves(2 * N, "w")
    z = [exp(y) for y in x]
    first = dot(w[:N], z)
    second = dot([*w[N : 2 * N - 1], first], z)
    third = dot([*z[: N - 1], second], z)
    fourth = dot([*z[: N - 1], third], z)
    output = tanh(first * second + third * fourth / 100.0)
    assert_agrees(compile(output, x, w, backend="llvm"), output, x, w, spread(9, N, 0.0))


@needs_llvm
def test_layers_of_parameters_alone() -> None:
    x, w = leaves(1, "x"), leaves(N + 5 * N + 5, "w")
    rest = iter(w[N:])
    units = layer(w[:N], 5, rest, True)
    output = x[0] * dot(units, w[:5])
    assert_agrees(compile(output, x, w, backend="llvm"), output, x, w, spread(9, 1))
