"""Activations by name, operation and function, for all layers or each; their representations and errors."""

import math
import random
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest

import engine
from engine import TABLE, Op, Value, check_gradients, exp, operation, sigmoid, tanh, toposort
from nn import MLP, Layer, Neuron, half_squared_error
from nn.activations import activation_per_layer, activations
from nn.matrix import MatrixMLP
from tests.nn.worked_networks import nodes_by_label


def gelu(a: Value) -> Value:
    """A function of a user: the usual approximation of GELU."""
    return a * (1.702 * a).sigmoid()


@pytest.fixture
def swish() -> Iterator[Op]:
    """An operation of a user, not declared as an activation."""
    yield operation("swish", "swish", lambda x: x * sigmoid(x), lambda z, x: z + sigmoid(x) * (1.0 - z))
    del TABLE["swish"]


@pytest.fixture
def cubed() -> Iterator[Op]:
    """An operation of a user that is declared as an activation."""
    yield operation("cubed", "³", lambda x: x * x * x, lambda z, x: 3.0 * x * x, activation=True)
    del TABLE["cubed"]


def outputs(network: MLP) -> list[float]:
    result = network([0.5, -1.0])
    return [z.data for z in (result if isinstance(result, list) else [result])]


# Names, operations and functions


def test_an_operation_is_the_same_as_its_name() -> None:
    by_name = MLP(2, [3, 2], "tanh", "sigmoid", rng=random.Random(0))
    by_operation = MLP(2, [3, 2], engine.tanh, engine.sigmoid, rng=random.Random(0))
    assert repr(by_operation) == repr(by_name)
    assert outputs(by_operation) == outputs(by_name)


def test_an_operation_of_the_user(swish: Op) -> None:
    network = MLP(2, [3, 1], swish, rng=random.Random(0))
    E = half_squared_error(network([0.5, -1.0]), 0.25)
    assert nodes_by_label(E)["z_2^(1)"].op is swish
    assert all(check.agrees for check in check_gradients(E))


def test_an_operation_declared_as_an_activation_has_a_name(cubed: Op) -> None:
    assert "cubed" in activations()
    neuron = Neuron(2, "cubed")
    assert neuron([1.0, 2.0]).op is cubed
    assert repr(Neuron(2, cubed)) == "Neuron(2, activation='cubed')"


def test_an_operation_with_further_inputs_uses_their_defaults() -> None:
    assert Neuron(1, engine.leaky_relu)([1.0]).inputs[1].data == 0.01


@pytest.mark.parametrize(
    "function", [gelu, lambda a: a.tanh() + 0.1 * a, Value.tanh, lambda a: a], ids=["gelu", "sum", "tanh", "a"]
)
def test_any_function_of_a_value_does(function: Callable[[Value], Value]) -> None:
    network = MLP(2, [3, 3, 1], function, rng=random.Random(0))
    E = half_squared_error(network([0.5, -1.0]), 0.25)
    assert all(check.agrees for check in check_gradients(E))
    again = MLP(2, [3, 3, 1], "linear", rng=random.Random(0))
    first = [neuron([0.5, -1.0]) for neuron in again.layers[0].neurons]
    assert [nodes_by_label(E)[f"a_{i}^(1)"].data for i in (1, 2, 3)] == [a.data for a in first]


def test_the_result_of_a_function_is_labelled_z_unless_labelled() -> None:
    assert Neuron(1, gelu)([1.0]).label == "z_1^(1)"
    same = Neuron(1, lambda a: a)([1.0])
    assert same.label == "a_1^(1)"

    def mine(a: Value) -> Value:
        z = a.tanh()
        z.label = "mine"
        return z

    assert Neuron(1, mine)([1.0]).label == "mine"


# One for each layer


def test_each_hidden_layer_may_have_its_own() -> None:
    network = MLP(2, [3, 4, 1], ["tanh", gelu], "sigmoid", rng=random.Random(0))
    assert [layer.neurons[0].activation for layer in network.layers] == ["tanh", gelu, "sigmoid"]
    nodes = nodes_by_label(half_squared_error(network([0.5, -1.0]), 0.25))
    assert [nodes[f"z_1^({k})"].op.name for k in (1, 2, 3)] == ["tanh", "multiply", "sigmoid"]


def test_a_network_without_hidden_layers_takes_an_empty_list() -> None:
    assert repr(MLP(2, [1], [])) == "MLP(2, [1], activation=[], output_activation='linear')"


@pytest.mark.parametrize(("given", "hidden"), [(["tanh"], 2), (["tanh"] * 3, 2), ([], 1), (["tanh"], 0)])
def test_as_many_activations_as_hidden_layers_are_needed(given: list[str], hidden: int) -> None:
    message = f"{hidden + 1} layers, but activations for {len(given)} hidden layers: there must be {hidden}, since"
    with pytest.raises(ValueError, match=message):
        MLP(2, [3] * hidden + [1], given)


def test_layers_of_one_activation_equal_a_list_of_it() -> None:
    one, each = MLP(2, [3, 3, 1], "tanh", rng=random.Random(0)), MLP(2, [3, 3, 1], ("tanh",) * 2, rng=random.Random(0))
    assert outputs(one) == outputs(each)
    assert activation_per_layer(one.activation, one.output_activation, 3) == activation_per_layer(
        each.activation, "linear", 3
    )


# Representations


def test_a_repr_is_the_call_that_makes_such_a_network() -> None:
    for network in (MLP(2, [3, 2, 1], ["tanh", "relu"]), MLP(2, [3, 1], gelu), MLP(2, [3, 1], exp, tanh, bias=False)):
        again = eval(repr(network))
        assert repr(again) == repr(network)
        assert [layer.neurons[0].activation for layer in again.layers] == [
            layer.neurons[0].activation for layer in network.layers
        ]
    assert (
        repr(MLP(2, [3, 2, 1], ["tanh", gelu]))
        == "MLP(2, [3, 2, 1], activation=['tanh', gelu], output_activation='linear')"
    )
    assert repr(Layer(2, 3, exp)) == "Layer(2, 3, activation=exp)"


def test_a_repr_shows_that_a_layer_is_without_a_bias() -> None:
    assert repr(Layer(1, 2, bias=False)) == "Layer(1, 2, activation='relu', bias=False)"
    assert repr(Layer(1, 2)) == "Layer(1, 2, activation='relu')"


# The matrix form


def test_the_matrix_form_knows_the_activation_of_each_layer(swish: Op) -> None:
    mlp = MLP(2, [3, 4, 2], ["tanh", swish], "sigmoid", rng=random.Random(0))
    matrix = MatrixMLP.from_mlp(mlp)
    assert repr(matrix) == "Matrix" + repr(mlp)
    forward = matrix.forward([0.5, -1.0])
    E = half_squared_error(mlp([0.5, -1.0]), [0.25, 0.75])
    E.backward()
    assert forward.z[3].tolist() == pytest.approx(outputs(mlp), rel=1e-14)
    delta = matrix.backward(forward, [0.25, 0.75]).delta
    for k in (1, 2, 3):
        for i, number in enumerate(delta[k].tolist(), 1):
            assert number == pytest.approx(nodes_by_label(E)[f"a_{i}^({k})"].grad, rel=1e-12)


def test_the_matrix_form_refuses_functions_by_their_layer() -> None:
    with pytest.raises(
        ValueError, match="layer 2 has the activation gelu, a function without a known derivative; declare it"
    ):
        MatrixMLP.from_mlp(MLP(2, [3, 3, 1], ["tanh", gelu]))


# Refusals


def of_plain_numbers(a: Value) -> Any:
    """A function that computes with plain numbers, through which no gradient passes."""
    return math.tanh(a.data)


def test_a_function_that_does_not_return_a_value_is_named() -> None:
    neuron = Neuron(1, of_plain_numbers, rng=random.Random(0))
    with pytest.raises(
        TypeError, match=r"the activation of_plain_numbers must return a Value, .* not 0\.\d+ of type float"
    ):
        neuron([1.0])


REFUSALS: list[tuple[Any, type[Exception], str]] = [
    ("reloo", ValueError, "unknown activation 'reloo'; choose from linear, tanh"),
    ("exp", ValueError, "exp is an operation: declare it with activation=True, or give engine.TABLE['exp'] itself"),
    (engine.add, ValueError, "add is not an activation, because it does not take one input"),
    (engine.ops.weighted_sum, ValueError, "dot is not an activation, because it does not take one input"),
    (3, TypeError, "a function from a Value to a Value, not 3 of type int"),
    (None, TypeError, "a function from a Value to a Value, not None of type NoneType"),
    (float, TypeError, "a function from a Value to a Value, not <class 'float'> of type type"),
]


@pytest.mark.parametrize(("activation", "error", "message"), REFUSALS, ids=[message for _, _, message in REFUSALS])
def test_other_objects_are_not_accepted_as_activations(activation: Any, error: type[Exception], message: str) -> None:
    makers: list[Callable[[], object]] = [
        lambda: Neuron(1, activation),
        lambda: Layer(1, 1, activation),
        lambda: MLP(1, [1, 1], activation),
        lambda: MLP(1, [1, 1, 1], ["tanh", activation]),
        lambda: MLP(1, [1], output_activation=activation),
        lambda: MatrixMLP([[[1.0]]], None, activation),
    ]
    for make in makers:
        with pytest.raises(error, match=re.escape(message)):
            make()


def test_a_misspelt_activation_is_not_called_an_operation() -> None:
    with pytest.raises(ValueError, match=r"gelu$"):
        MLP(1, [1, 1], "reloo")


def test_an_undeclared_operation_is_refused_with_what_to_do(swish: Op, cubed: Op) -> None:
    hint = "swish is an operation: declare it with activation=True, or give engine.TABLE['swish'] itself"
    with pytest.raises(ValueError, match=re.escape(hint)):
        MLP(2, [2, 1], "swish")
    assert MLP(2, [2, 1], engine.TABLE["swish"]).layers[0].neurons[0].activation is swish
    assert MLP(2, [2, 1], "cubed").layers[0].neurons[0].activation == "cubed"


def test_a_function_is_in_the_graph_node_by_node() -> None:
    z = Neuron(1, gelu)([1.0])
    assert [node.op.name for node in toposort(z) if node.inputs] == ["dot", "multiply", "sigmoid", "multiply"]
