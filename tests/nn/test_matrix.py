"""The matrix form: the paper's numbers, the scalar graph's gradients, all activations, batches, errors."""

import importlib
import math
import random
import re
import subprocess
import sys
from collections.abc import Callable
from fractions import Fraction
from itertools import chain, pairwise, product
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine import TABLE, Op, Value, exp
from engine._support.typed_commands import install_command
from engine.labels import index_label
from nn import MLP, half_squared_error
from nn.activations import activations
from nn.matrix import (
    Elementwise,
    FloatArray,
    Gradients,
    MatrixMLP,
    activation_derivative,
    apply_activation,
    array_function,
    check_array,
)
from tests import thorough_unless
from tests.engine.operations import known
from tests.nn.worked_networks import FIGURE_4, UNEQUAL, WorkedNetwork, approx_12_digits, nodes_by_label

EVERY_ACTIVATION = pytest.mark.parametrize("name", activations())


def assert_close(actual: FloatArray, expected: Any, digits: float = 1e-12) -> None:
    """Assert equal shapes, and entries that differ by at most the rounding of the largest."""
    expected = np.asarray(expected)
    assert actual.shape == expected.shape
    np.testing.assert_allclose(actual, expected, rtol=digits, atol=digits * np.max(np.abs(expected), initial=0.0))


def assert_equal_to_12_digits(actual: FloatArray, expected: Any) -> None:
    assert actual.shape == np.shape(expected)
    assert actual.ravel().tolist() == [approx_12_digits(number) for number in np.ravel(expected).tolist()]


def random_array(rng: random.Random, *shape: int) -> FloatArray:
    return np.array([rng.uniform(-2.0, 2.0) for _ in range(math.prod(shape))]).reshape(shape)


def random_mlp(rng: random.Random, activation: str, output_activation: str, bias: bool = True) -> MLP:
    """A network of one to four layers of one to six units, with random weights and biases."""
    sizes = [rng.randint(1, 6) for _ in range(rng.randint(1, 4))]
    mlp = MLP(rng.randint(1, 6), sizes, activation, output_activation, bias, rng)
    for parameter in mlp.parameters():
        parameter.data = rng.uniform(-1.5, 1.5)
    return mlp


def gradients_of(network: MatrixMLP, x: Any, y: Any) -> Gradients:
    return network.backward(network.forward(x), y)


def test_importing_nn_does_not_import_numpy() -> None:
    code = "import sys, nn; print(*(name in sys.modules for name in ('nn.layers', 'nn.matrix', 'numpy')))"
    root = Path(__file__).parents[2]
    run = subprocess.run([sys.executable, "-c", code], cwd=root, check=True, capture_output=True, text=True)
    assert run.stdout.split() == ["True", "False", "False"]


# The paper's numbers


@pytest.mark.parametrize("example", [FIGURE_4, UNEQUAL], ids=["figure 4", "unequal"])
def test_eq_28_30_39_and_41_give_the_papers_numbers(example: WorkedNetwork) -> None:
    network = MatrixMLP(example.weights)
    forward = network.forward(example.x)
    gradients = network.backward(forward, example.y)
    assert network.error(forward, example.y) == approx_12_digits(example.error)
    assert forward.z[0].tolist() == example.x
    assert_equal_to_12_digits(gradients.z[0], example.input_gradient)
    assert [list(forward.a), list(gradients.delta), list(gradients.weights)] == [[1, 2, 3]] * 3
    assert [list(forward.z), list(gradients.z), list(gradients.biases)] == [[0, 1, 2, 3], [0, 1, 2, 3], []]
    for k in (1, 2, 3):
        assert_equal_to_12_digits(forward.a[k], example.a[k - 1])
        assert_equal_to_12_digits(forward.z[k], example.z[k - 1])
        assert_equal_to_12_digits(gradients.delta[k], example.deltas[k - 1])
        assert_equal_to_12_digits(gradients.weights[k], example.weight_gradients[k - 1])
        assert_close(gradients.weights[k], np.outer(gradients.delta[k], forward.z[k - 1]), 0.0)


def test_eq_26_a_weight_matrix_has_a_row_for_each_unit() -> None:
    network, shapes = MatrixMLP(UNEQUAL.weights), [(4, 3), (2, 4), (3, 2)]
    assert [W.shape for W in network.weights.values()] == shapes
    assert [W.shape for W in gradients_of(network, UNEQUAL.x, UNEQUAL.y).weights.values()] == shapes


def test_eq_39_multiplies_by_the_matrix_before_entry_by_entry() -> None:
    network = MatrixMLP(FIGURE_4.weights)
    forward = network.forward(FIGURE_4.x)
    delta = network.backward(forward, FIGURE_4.y).delta
    slopes = activation_derivative(TABLE["sigmoid"], forward.a[1], forward.z[1])
    assert_close(delta[1], (network.weights[2].T @ delta[2]) * slopes)
    other_order = network.weights[2].T @ (delta[2] * slopes)
    assert_equal_to_12_digits(other_order, [0.0233759436062, -0.00846762941725])
    assert not np.isclose(delta[1], other_order, rtol=0.03).any()


# The scalar graph


def assert_agrees_with_the_graph(mlp: MLP, x: list[float], y: list[float]) -> None:
    """Assert that every number of the matrix form is that of the node with its label."""
    error = half_squared_error(mlp(x), y)
    error.backward()
    nodes, network = nodes_by_label(error), MatrixMLP.from_mlp(mlp)
    forward = network.forward(x)
    gradients = network.backward(forward, y)
    assert network.error(forward, y) == pytest.approx(error.data, rel=1e-12)
    assert_close(gradients.z[0], [nodes[f"x_{j}"].grad for j in range(1, len(x) + 1)])
    assert list(gradients.biases) == (list(gradients.weights) if mlp.bias else [])
    for k, layer in enumerate(mlp.layers, 1):
        linear = layer.neurons[0].activation == "linear"  # such a unit is its a alone
        units = range(1, mlp.sizes[k] + 1)
        a, z = ([nodes[index_label(letter, (i,), k)] for i in units] for letter in ("a", "a" if linear else "z"))
        assert_close(forward.a[k], [unit.data for unit in a])
        assert_close(forward.z[k], [unit.data for unit in z])
        assert_close(gradients.delta[k], [unit.grad for unit in a])
        assert_close(gradients.z[k], [unit.grad for unit in z])
        assert_close(gradients.weights[k], [[w.grad for w in neuron.w] for neuron in layer.neurons])
        if mlp.bias:
            assert_close(gradients.biases[k], [neuron.b.grad for neuron in layer.neurons if neuron.b is not None])


@thorough_unless(lambda activation, output_activation: activation == output_activation)
@pytest.mark.parametrize(("activation", "output_activation"), list(product(activations(), repeat=2)))
def test_every_number_is_the_scalar_graphs(activation: str, output_activation: str) -> None:
    for seed, bias in product(range(6), (True, False)):
        rng = random.Random(seed)
        mlp = random_mlp(rng, activation, output_activation, bias)
        x, y = (random_array(rng, size).tolist() for size in (mlp.sizes[0], mlp.sizes[-1]))
        assert_agrees_with_the_graph(mlp, x, y)


def test_from_mlp_copies_the_parameters() -> None:
    mlp = MLP(3, [4, 2])
    before = [p.data for p in mlp.parameters()]
    network = MatrixMLP.from_mlp(mlp)
    assert [b.tolist() for b in network.biases.values()] == [[0.0] * 4, [0.0] * 2]
    for array in (*network.weights.values(), *network.biases.values()):
        array += 1.0
    assert [p.data for p in mlp.parameters()] == before
    mlp.layers[0].neurons[1].w[2].data = 7.0
    assert network.weights[1][1, 2] == before[6] + 1.0


def test_repr_is_that_of_the_mlp() -> None:
    for bias in (True, False):
        mlp = MLP(3, [4, 2], "tanh", "linear", bias)
        assert repr(MatrixMLP.from_mlp(mlp)) == f"Matrix{mlp!r}"


# Differences and batches


def test_gradients_are_central_differences() -> None:
    rng, sizes = random.Random(5), [5, 7, 1, 4, 3]
    weights = [random_array(rng, rows, columns) for columns, rows in pairwise(sizes)]
    network = MatrixMLP(weights, [random_array(rng, rows) for rows in sizes[1:]], "tanh", "softplus")
    x, y = random_array(rng, 5, 2), random_array(rng, 3, 2)

    def differences(array: FloatArray, step: float = 1e-5) -> FloatArray:
        result = np.empty_like(array)
        for place in np.ndindex(array.shape):
            kept, errors = array[place], []
            for sign in (1.0, -1.0):
                array[place] = kept + sign * step
                errors.append(network.error(network.forward(x), y))
            array[place] = kept
            result[place] = (errors[0] - errors[1]) / (2 * step)
        return result

    gradients = gradients_of(network, x, y)
    assert_close(gradients.z[0], differences(x), 1e-8)
    for k in network.weights:
        assert_close(gradients.weights[k], differences(network.weights[k]), 1e-8)
        assert_close(gradients.biases[k], differences(network.biases[k]), 1e-8)


@EVERY_ACTIVATION
@pytest.mark.parametrize("samples", [1, 5])
def test_a_batch_is_the_sum_over_its_samples(name: str, samples: int) -> None:
    rng = random.Random(11)
    mlp = random_mlp(rng, name, name)
    network = MatrixMLP.from_mlp(mlp)
    x, y = random_array(rng, mlp.sizes[0], samples), random_array(rng, mlp.sizes[-1], samples)
    batch, alone = network.forward(x), [network.forward(x[:, s]) for s in range(samples)]
    total, each = network.backward(batch, y), [network.backward(f, y[:, s]) for s, f in enumerate(alone)]
    errors = [network.error(f, y[:, s]) for s, f in enumerate(alone)]
    assert network.error(batch, y) == pytest.approx(sum(errors), rel=1e-12)
    assert_close(total.z[0], np.column_stack([g.z[0] for g in each]))
    for k in network.weights:
        assert_close(batch.a[k], np.column_stack([f.a[k] for f in alone]))
        assert_close(batch.z[k], np.column_stack([f.z[k] for f in alone]))
        assert_close(total.delta[k], np.column_stack([g.delta[k] for g in each]))
        assert_close(total.z[k], np.column_stack([g.z[k] for g in each]))
        assert_close(total.weights[k], sum(g.weights[k] for g in each))
        assert_close(total.biases[k], sum(g.biases[k] for g in each))


# The table's rules on arrays

EVERYWHERE = [-math.inf, -1000.0, -1.5, -1e-300, -0.0, 0.0, 1e-300, 0.5, 1000.0, math.inf, math.nan]


@EVERY_ACTIVATION
def test_activations_and_derivatives_equal_the_scalar_ones(name: str) -> None:
    op, a = activations()[name], np.array(EVERYWHERE)
    with np.errstate(invalid="ignore"):  # 0 times an infinity
        z = apply_activation(op, a)
        derivative = activation_derivative(op, a, z)
    np.testing.assert_allclose(z, [op(x) if op else x for x in EVERYWHERE], rtol=1e-15, atol=0)
    pairs = zip(EVERYWHERE, z.tolist(), strict=True)
    slopes = [op.local_derivative(0, out, [x, *op.defaults]) if op else 1.0 for x, out in pairs]
    np.testing.assert_allclose(derivative, slopes, rtol=1e-15, atol=0)
    gradients = gradients_of(MatrixMLP([[[1.0], [-1.0]], [[1.0, -1.0]]], None, name, name), [[1e3, -1e3]], [[0.0, 0.0]])
    assert all(np.isfinite(array).all() for array in (*gradients.delta.values(), *gradients.weights.values()))


@pytest.mark.parametrize("op", TABLE.values(), ids=list(TABLE))
def test_every_operation_of_the_table_runs_on_arrays(op: Op) -> None:
    for arity in {len(point) for point in known(op).points}:
        rows = [point for point in known(op).points if len(point) == arity]
        inputs = [Elementwise(np.array(column)) for column in zip(*rows, strict=True)]
        z = op(*inputs)
        assert_close(z.array, [op(*row) for row in rows], 1e-15)
        for i in range(arity):
            rule = op.local_derivative(i, z, inputs)
            slopes = rule.array if isinstance(rule, Elementwise) else np.full(len(rows), rule)
            assert_close(slopes, [op.local_derivative(i, op(*row), row) for row in rows], 1e-14)


def test_numpy_spells_every_primitive_but_three() -> None:
    entry_by_entry = {
        op.name for op in TABLE.values() if op.is_primitive and isinstance(array_function(op), np.vectorize)
    }
    assert entry_by_entry == {"dot", "erf", "erfc"}


def test_rules_of_a_users_operation_run_on_arrays() -> None:
    a = np.array([[-1.0, 0.25], [0.5, 2.0]])
    erf = Op("erf", "erf", math.erf, [lambda z, x: 2.0 / math.sqrt(math.pi) * exp(-x * x)], is_primitive=True)
    assert_close(apply_activation(erf, a), [[math.erf(x) for x in row] for row in a.tolist()])
    assert_close(activation_derivative(erf, a, apply_activation(erf, a)), 2.0 / math.sqrt(math.pi) * np.exp(-a * a))
    flat = Op("flat", "flat", lambda x: 3.0, [lambda z, x: 0.0])
    assert (apply_activation(flat, a).tolist(), activation_derivative(flat, a, a).tolist()) == (
        [[3.0] * 2] * 2,
        [[0.0] * 2] * 2,
    )


# Arguments


def test_inputs_are_copied_and_never_changed() -> None:
    given = [random_array(random.Random(1), *shape) for shape in [(3, 2), (1, 3), (3,), (1,), (2, 4), (1, 4)]]
    W_1, W_2, b_1, b_2, x, y = given
    kept = [array.copy() for array in given]
    network = MatrixMLP([W_1, W_2], [b_1, b_2], output_activation="linear")
    forward = network.forward(x)
    inside = [*network.weights.values(), *network.biases.values(), *forward.a.values(), *forward.z.values()]
    before = [array.copy() for array in inside]
    gradients = network.backward(forward, y)
    assert all(map(np.array_equal, chain(given, inside), chain(kept, before)))
    inside += [
        *gradients.delta.values(),
        *gradients.z.values(),
        *gradients.weights.values(),
        *gradients.biases.values(),
    ]
    everything = [*given, *inside]
    assert not any(np.shares_memory(p, q) for i, p in enumerate(everything) for q in everything[:i])


@pytest.mark.parametrize("numbers", [[1, 0], (True, False), [Fraction(1), 0.5], np.array([1, 0], "i1"), [10**20, 0]])
def test_numbers_of_every_kind_become_float64(numbers: Any) -> None:
    array = check_array(numbers, "x")
    assert array.dtype == np.float64
    assert array.tolist() == [float(number) for number in numbers]


@pytest.mark.parametrize("numbers", ["1.5", ["1.5"], [None], [1j], [[1.0], [1.0, 2.0]], [10**400], [Value(1.0)], {1.0}])
def test_entries_that_are_not_numbers_are_refused_by_name(numbers: Any) -> None:
    network = MatrixMLP([[[1.0]]])
    forward = network.forward([1.0])
    uses: dict[str, Callable[[], object]] = {
        "W^(2)": lambda: MatrixMLP([[[1.0]], numbers]),
        "b^(1)": lambda: MatrixMLP([[[1.0]]], [numbers]),
        "x": lambda: network.forward(numbers),
        "y": lambda: network.backward(forward, numbers),
    }
    for name, use in uses.items():
        with pytest.raises(
            (TypeError, ValueError), match=re.escape(name) + r"(\[0\])? (is|must hold numbers, in rows)"
        ):
            use()


ONES_3_2, ONES_2_3 = np.ones((3, 2)), np.ones((2, 3))
A_MATRIX = "must be a matrix with a row for each unit, but its shape is"


@pytest.mark.parametrize(
    ("weights", "more", "message"),
    [
        ([], [], "a network needs at least one layer: weights is empty"),
        ([1.0, 2.0], [], f"W^(1) {A_MATRIX} ()"),
        ([ONES_3_2, [1.0]], [], f"W^(2) {A_MATRIX} (1,)"),
        ([[[]]], [], f"W^(1) {A_MATRIX} (1, 0)"),
        ([ONES_3_2, np.empty((0, 3))], [], f"W^(2) {A_MATRIX} (0, 3)"),
        ([ONES_3_2, ONES_3_2], [], "W^(2) of shape (3, 2) does not fit W^(1) of shape (3, 2): it needs 3 columns"),
        ([ONES_3_2], [[[1.0]]], "b^(1) of shape (1,) does not fit W^(1) of shape (3, 2): it needs shape (3,)"),
        ([ONES_3_2], [[ONES_3_2]], "b^(1) of shape (3, 2) does not fit W^(1) of shape (3, 2): it needs shape (3,)"),
        ([ONES_3_2, ONES_2_3], [[[1.0] * 3]], "2 layers need as many biases, or an empty list; 1 were given"),
        ([ONES_3_2], [None, "sgmoid"], "unknown activation 'sgmoid'; choose from linear, "),
        ([ONES_3_2], [None, "relu", "exp"], "unknown activation 'exp'; choose from linear, "),
    ],
)
def test_wrong_parameters_are_refused(weights: Any, more: list[Any], message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        MatrixMLP(weights, *more)


@pytest.mark.parametrize("shape", [(), (0,), (3,), (3, 2), (2, 4, 1)])
def test_an_x_of_the_wrong_shape_is_refused(shape: tuple[int, ...]) -> None:
    needs = "it needs shape (2,), or (2, samples) with a sample in each column"
    message = f"x of shape {shape} does not fit W^(1) of shape (3, 2): {needs}"
    with pytest.raises(ValueError, match=re.escape(message)):
        MatrixMLP([ONES_3_2]).forward(np.ones(shape))


@pytest.mark.parametrize("shapes", [("2", ""), ("2", "2"), ("2", "31"), ("24", "3"), ("24", "35"), ("24", "43")])
def test_a_y_of_the_wrong_shape_is_refused(shapes: tuple[str, str]) -> None:
    x, y = (tuple(map(int, shape)) for shape in shapes)
    network = MatrixMLP([ONES_3_2])
    forward = network.forward(np.ones(x))
    z = forward.z[1].shape
    for use in (network.error, network.backward):
        with pytest.raises(ValueError, match=re.escape(f"y of shape {y} does not fit z^(1) of shape {z}: it needs")):
            use(forward, np.ones(y))


def test_without_numpy_the_error_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    modules: Any = sys.modules
    monkeypatch.setitem(modules, "numpy", None)
    monkeypatch.delitem(modules, "nn.matrix")
    with pytest.raises(ImportError, match=re.escape(f"nn.matrix needs NumPy: {install_command('matrix')}")):
        importlib.import_module("nn.matrix")
