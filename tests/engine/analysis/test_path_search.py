"""The chain rule along each path, the sum rule across paths: walked, counted and ordered."""

import math
import random
import tracemalloc
from itertools import islice, pairwise
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from engine import DomainError, Value, count_paths, dot, grad, paths, toposort
from engine.ops import constant
from tests import by_night, share, thorough_unless
from tests.engine.known_graphs import doubled, figure_2
from tests.engine.recipes import RECIPES, Recipe, follow
from tests.nn.worked_networks import FIGURE_4, UNEQUAL, WorkedNetwork, approx_12_digits, nodes_by_label

NAMED = pytest.mark.parametrize("named", [False, True], ids=["all nodes", "named"])
LARGEST_FIRST = pytest.mark.parametrize("largest_first", [False, True], ids=["depth first", "largest first"])


def products(output: Value, input: Value, **how: bool) -> list[float]:
    return [path.product for path in paths(output, input, **how)]


# The sum over paths is the gradient


@NAMED
@pytest.mark.parametrize("example", [FIGURE_4, UNEQUAL], ids=["Figure 4", "unequal layers"])
def test_the_sum_over_paths_is_the_gradient_at_every_node(example: WorkedNetwork, named: bool) -> None:
    E = example.build()
    E.backward()
    for node in nodes_by_label(E).values() if named else toposort(E):
        if node.op is not constant:
            assert math.fsum(products(E, node, named=named)) == pytest.approx(node.grad, rel=1e-13)


@pytest.mark.thorough
@settings(max_examples=share(2.0))
@given(RECIPES)
def test_the_sum_over_paths_is_the_gradient_in_random_graphs(recipe: Recipe) -> None:
    y, _ = follow(recipe, [2.0, Value(0.7), Value(-1.3), Value(2.1)], limit=1e3)
    assume(isinstance(y, Value) and y.op is not constant)
    nodes = [node for node in toposort(y) if node.op is not constant]
    try:
        gradients = grad(y, nodes)
    except DomainError:  # a root of 0
        assume(False)
    assume(all(count_paths(y, node) < 500 for node in nodes))
    for node, gradient in zip(nodes, gradients, strict=True):
        found = products(y, node)
        assert len(found) == count_paths(y, node)
        size = math.fsum(map(abs, found))  # the scale of rounding errors if paths cancel
        assert math.fsum(found) == pytest.approx(gradient, rel=0, abs=1e-13 * size, nan_ok=True)
        assert sorted(found, key=repr) == pytest.approx(
            sorted(products(y, node, largest_first=True), key=repr), rel=0, abs=0, nan_ok=True
        )


def test_a_path_has_nodes_and_their_local_derivatives() -> None:
    y, x = figure_2()
    first, second = paths(y, x, named=True)
    assert [node.label for node in first.nodes] == ["y", "a_1", "x"]
    assert (first.local_derivatives, first.product) == ((2.0, 3.0), 6.0)
    assert [node.label for node in second.nodes] == ["y", "a_2", "x"]
    assert (second.local_derivatives, second.product) == ((1.0, -1.0), -1.0)


@NAMED
def test_whole_paths_of_the_network_of_figure_4(named: bool) -> None:
    E = FIGURE_4.build()
    expected = {
        ("x_1", "z_1^(1)", "z_1^(2)"): 0.00545291608005,
        ("x_1", "z_1^(1)", "z_2^(2)"): 0.00570133131027,
        ("x_1", "z_2^(1)", "z_1^(2)"): -0.00268352340759,
        ("x_1", "z_2^(1)", "z_2^(2)"): -0.00389690982691,
        ("x_2", "z_1^(1)", "z_1^(2)"): -0.00272645804003,
        ("x_2", "z_1^(1)", "z_2^(2)"): -0.00285066565513,
        ("x_2", "z_2^(1)", "z_1^(2)"): -0.00357803121012,
        ("x_2", "z_2^(1)", "z_2^(2)"): -0.00519587976922,
    }
    found = {}
    for x in ("x_1", "x_2"):
        for path in paths(E, nodes_by_label(E)[x], named=named):
            units = [node.label for node in path.nodes if node.label.startswith("z")]
            assert units[0] == "z_1^(3)"
            found[x, units[2], units[1]] = path.product
    assert found == {through: approx_12_digits(product) for through, product in expected.items()}


# Counting


def test_a_node_used_twice_by_one_operation_makes_two_paths() -> None:
    a = Value(3.0)
    assert products(a * a, a) == [3.0, 3.0]
    assert products(a - a, a) == [1.0, -1.0]
    assert (count_paths(a * a, a), count_paths(a**2, a)) == (2, 1)


def test_a_square_as_a_product_has_twice_the_paths_of_half_size() -> None:
    E = FIGURE_4.build()
    nodes = nodes_by_label(E)
    x, d = nodes["x_1"], nodes["z_1^(3)"] - nodes["y_1"]
    assert (count_paths(E, x), count_paths(d**2 / 2, x), count_paths(d * d / 2, x)) == (4, 4, 8)
    assert sorted(products(d * d / 2, x)) == pytest.approx(sorted(product / 2 for product in products(E, x) * 2))


def test_layers_multiply_the_number_of_paths() -> None:
    E = UNEQUAL.build()
    nodes = nodes_by_label(E)
    assert count_paths(E, nodes["x_1"], named=True) == 4 * 2 * 3
    assert count_paths(E, nodes["a_1^(2)"], named=True) == 3
    assert count_paths(E, nodes["a_1^(3)"], named=True) == 1


@LARGEST_FIRST
def test_more_paths_than_atoms_are_counted_and_some_listed(largest_first: bool) -> None:
    x = y = Value(1.0)
    for _ in range(200):
        y = 0.5 * y + 0.25 * y
    assert count_paths(y, x) == 2**200
    found = [path.product for path in islice(paths(y, x, largest_first=largest_first), 3)]
    if largest_first:
        assert found == [0.5**200, 0.5**201, 0.5**201]
    else:
        assert found == [*[0.5**200, 0.5**201, 0.5**201][:2], 0.5**201]


@thorough_unless(lambda named, largest_first: named != largest_first)
@LARGEST_FIRST
@NAMED
def test_a_long_chain_is_one_path(named: bool, largest_first: bool) -> None:
    n = by_night(5_000, 20_000)
    x = y = Value(1.0)
    for i in range(n):
        y = -y
        y.label = f"a_{i}"
    [path] = paths(y, x, named=named, largest_first=largest_first)
    assert len(path.nodes) == n + 1
    assert (path.product, count_paths(y, x, named=named)) == (1.0, 1)


# Without a path


def test_no_path_ends_at_a_constant() -> None:
    x = Value(1.5)
    y = 3 * x
    three = y.inputs[0]
    assert three.op is constant
    for output in (y, three):
        assert grad(output, [three]) == [0.0]
        assert (list(paths(output, three)), count_paths(output, three)) == ([], 0)


@NAMED
@LARGEST_FIRST
def test_there_is_no_path_to_an_input_out_of_reach(named: bool, largest_first: bool) -> None:
    y, x = figure_2()
    for stranger in (Value(1.5), Value(1.5, "x"), y + 1):
        assert list(paths(y, stranger, named=named, largest_first=largest_first)) == []
        assert count_paths(y, stranger, named=named) == 0
    assert count_paths(x, y, named=named) == 0


@NAMED
@LARGEST_FIRST
def test_from_a_node_to_itself_there_is_one_path_without_edges(named: bool, largest_first: bool) -> None:
    for node in figure_2():
        [path] = paths(node, node, named=named, largest_first=largest_first)
        assert (path.nodes, path.local_derivatives, path.product) == ((node,), (), 1.0)
        assert count_paths(node, node, named=named) == 1


def test_an_input_without_a_label_is_found_by_named_paths() -> None:
    x = Value(1.5, "x")
    a = 3 * x
    assert products(a * a, a, named=True) == [2 * 4.5]


# Largest first


# The product of five stays a normal float.
WEIGHTS = st.floats(-4, 4).filter(lambda w: w == 0.0 or abs(w) > 1e-60)


@settings(max_examples=share(1.0))
@given(st.lists(st.lists(WEIGHTS, min_size=2, max_size=3), min_size=1, max_size=5))
def test_largest_first_goes_down_and_misses_none(layers: list[list[float]]) -> None:
    x = y = Value(1.0)
    for weights in layers:
        terms = [w * y for w in weights]
        y = terms[0]
        for term in terms[1:]:
            y = y + term
    found = products(y, x, largest_first=True)
    sizes = list(map(abs, found))
    assert all(later <= earlier * (1 + 1e-12) for earlier, later in pairwise(sizes))
    assert sorted(found) == sorted(products(y, x))


def test_largest_first_is_sorted_below_an_infinite_product_too() -> None:
    x = Value(1.0)
    y = math.inf * x + 1.00001 * x + 1.00002 * x + 0 * x
    assert products(y, x, largest_first=True) == [math.inf, 1.00002, 1.00001, 0.0]


def test_infinite_and_nan_products_come_first_and_zeros_last() -> None:
    x = Value(1.0)
    y = 0 * x + 2 * x + math.inf * x + (-3) * x
    assert products(y, x, largest_first=True) == [math.inf, -3.0, 2.0, 0.0]
    z = 0 * x + 2 * x + math.nan * x
    assert products(z, x, largest_first=True) == pytest.approx([math.nan, 2.0, 0.0], nan_ok=True)
    assert math.isnan(grad(z, [x])[0])


def test_zero_derivatives_make_paths_whose_product_is_0() -> None:
    x = Value(-2.0)
    y = x.relu() + 0 * x
    assert products(y, x) == products(y, x, largest_first=True) == [0.0, 0.0]
    assert count_paths(y, x) == 2


@NAMED
def test_a_derivative_that_is_not_finite_is_an_error(named: bool) -> None:
    x = Value(0.0, "x")
    with pytest.raises(DomainError, match=r"the derivative of sqrt\(x = 0.0\) is not finite"):
        list(paths(x.sqrt(), x, named=named))


# Huge graphs


def test_counts_of_paths_are_dropped_when_they_are_used_up() -> None:
    n = by_night(8_000, 16_000)
    y, x = doubled(n)
    tracemalloc.start()
    try:
        count_paths(y, x)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    all_at_once = sum(3 * i // 8 for i in range(n))  # bytes: three nodes a turn, and one bit more than before it
    assert peak < 1_200 * n < 0.85 * all_at_once


def test_the_largest_of_2_to_the_200_paths_are_found_at_once() -> None:
    x = y = Value(1.0, "x")
    for i in range(200):
        y = (0.9 if i == 7 else 0.5) * y + 0.25 * y
    largest = 0.9 * 0.5**199
    products = [path.product for path in islice(paths(y, x, largest_first=True), 201)]
    assert products == pytest.approx([largest] + [largest / 2] * 199 + [largest / 3.6])
    assert count_paths(y, x) == 2**200


@pytest.mark.thorough
def test_paths_through_layers_of_1000_nodes_are_found_in_time() -> None:
    rng = random.Random(0)
    x = Value(1.0, "x")
    layer = [rng.uniform(0.5, 1.0) * x for _ in range(1000)]
    weights = [rng.uniform(0.5, 1.0) for _ in range(1000)]
    n = by_night(40, 200)
    layer = [dot(weights, layer) for _ in range(n)]
    y = dot([1.0] * n, layer)
    assert count_paths(y, x) == 1000 * n
    largest = next(paths(y, x, largest_first=True)).product
    assert largest == max(w * node.data for w, node in zip(weights, layer[0].inputs[1000:], strict=True))


def test_by_default_paths_show_every_operation_first_input_first() -> None:
    y, x = figure_2()
    twice = y.inputs[0]
    a_1, a_2 = twice.inputs[1], y.inputs[1]
    assert [path.nodes for path in paths(y, x)] == [(y, twice, a_1, x), (y, a_2, x)]
    assert [path.nodes for path in paths(y, x, named=True)] == [(y, a_1, x), (y, a_2, x)]
    z = x + 3 * x
    assert products(z, x) == [1.0, 3.0]
    assert products(z, x, largest_first=True) == [3.0, 1.0]
    merged = (x + x) * 1.0
    merged.label = "m"
    assert (count_paths(-merged, x), count_paths(-merged, x, named=True)) == (2, 1)


def test_paths_lead_from_a_value_to_a_value() -> None:
    x = Value(1.5, "x")
    stranger: Any = 1.5
    for ends in [(x, stranger), (stranger, x)]:
        with pytest.raises(TypeError, match=r"paths lead from a Value to a Value, not 1.5 of type float"):
            paths(*ends)
