"""Networks: labels, order, micrograd's defaults, the paper's numbers, and the arguments that are refused."""

import random
import re
from collections.abc import Callable
from typing import Any, cast

import numpy as np
import pytest

from engine import TABLE, Value, count_paths, grad, numerical_gradient, ops
from nn import MLP, Layer, Module, Neuron
from tests.nn.worked_networks import FIGURE_4, UNEQUAL, WorkedNetwork, approx_12_digits, nodes_by_label


def labels(values: list[Value]) -> list[str]:
    return [value.label for value in values]


def as_list_of_values(outputs: Value | list[Value]) -> list[Value]:
    assert isinstance(outputs, list)
    return outputs


def as_value(output: Value | list[Value]) -> Value:
    assert isinstance(output, Value)
    return output


# Labels and order


def test_parameters_are_ordered_by_layer_and_unit_and_weight() -> None:
    assert labels(MLP(2, [2, 1]).parameters()) == [
        *("w_11^(1)", "w_12^(1)", "b_1^(1)"),
        *("w_21^(1)", "w_22^(1)", "b_2^(1)"),
        *("w_11^(2)", "w_12^(2)", "b_1^(2)"),
    ]


def test_the_first_index_of_a_weight_is_the_unit_it_leads_into() -> None:
    first = MLP(3, [2]).layers[0].neurons[1]
    assert labels(first.w) == ["w_21^(1)", "w_22^(1)", "w_23^(1)"]


def test_indices_above_9_are_separated_by_a_comma() -> None:
    layer = Layer(10, 11, layer=12)
    assert labels(layer.neurons[10].parameters())[8:] == ["w_11,9^(12)", "w_11,10^(12)", "b_11^(12)"]
    assert labels(layer.neurons[0].w)[8:] == ["w_19^(12)", "w_1,10^(12)"]


def test_units_of_a_call_are_labelled_a_and_z() -> None:
    z = as_list_of_values(Layer(2, 2, "sigmoid")([1.0, 2.0]))
    assert labels(z) == ["z_1^(1)", "z_2^(1)"]
    assert labels([unit.inputs[0] for unit in z]) == ["a_1^(1)", "a_2^(1)"]


def test_a_linear_unit_is_its_a_alone() -> None:
    a = Neuron(2, "linear", unit=3, layer=2)([1.0, 2.0])
    assert (a.label, a.op) == ("a_3^(2)", ops.weighted_sum)


def test_numbers_become_labelled_inputs_and_values_are_unchanged() -> None:
    mine = Value(2.0, "mine")
    a = as_value(MLP(3, [1])([1.0, mine, 3]))
    values = a.inputs[3:6]
    assert labels(list(values)) == ["x_1", "mine", "x_3"]
    assert values[1] is mine
    assert all(x.op is ops.variable for x in values)


# micrograd's defaults


def test_weights_are_drawn_in_micrograds_order() -> None:
    random.seed(0)
    expected = [random.uniform(-1, 1) for _ in range(2 * 3 + 3 * 2)]
    random.seed(0)
    network = MLP(2, [3, 2])
    assert [w.data for layer in network.layers for neuron in layer.neurons for w in neuron.w] == expected
    assert [neuron.b.data for layer in network.layers for neuron in layer.neurons if neuron.b is not None] == [0.0] * 5


def test_weights_and_outputs_equal_micrograds() -> None:
    micrograd = pytest.importorskip("micrograd.nn")
    random.seed(1)
    theirs = micrograd.MLP(3, [4, 4, 1])
    random.seed(1)
    ours = MLP(3, [4, 4, 1])
    assert [p.data for p in ours.parameters()] == [p.data for p in theirs.parameters()]
    x = [0.5, -1.5, 2.0]
    output, reference = as_value(ours(x)), theirs(x)
    assert output.data == pytest.approx(reference.data, rel=1e-14)
    output.backward()
    reference.backward()
    assert [p.grad for p in ours.parameters()] == pytest.approx([p.grad for p in theirs.parameters()], rel=1e-12)


def test_an_rng_leaves_the_random_module_alone() -> None:
    random.seed(0)
    before = random.getstate()
    first = MLP(2, [3, 1], rng=random.Random(7))
    assert random.getstate() == before
    second = MLP(2, [3, 1], rng=random.Random(7))
    assert [p.data for p in first.parameters()] == [p.data for p in second.parameters()]


def test_by_default_hidden_layers_are_relu_and_the_output_linear() -> None:
    network = MLP(2, [3, 3, 1])
    assert [layer.neurons[0].activation for layer in network.layers] == ["relu", "relu", "linear"]
    assert all(neuron.b is not None for layer in network.layers for neuron in layer.neurons)
    assert (Neuron(1).activation, Layer(1, 1).neurons[0].activation) == ("relu", "relu")


def test_without_bias_there_are_weights_only() -> None:
    network = MLP(2, [2, 1], bias=False)
    assert labels(network.parameters()) == ["w_11^(1)", "w_12^(1)", "w_21^(1)", "w_22^(1)", "w_11^(2)", "w_12^(2)"]
    assert len(as_value(network([1.0, 2.0])).inputs) == 4


# Calling


def test_one_output_is_a_value_and_several_are_a_list() -> None:
    assert isinstance(MLP(2, [3, 1])([1.0, 2.0]), Value)
    assert len(as_list_of_values(MLP(2, [1, 3])([1.0, 2.0]))) == 3
    assert isinstance(Layer(2, 1)([1.0, 2.0]), Value)


@pytest.mark.parametrize(
    "given",
    [(0.5, -2.0), [Value(0.5), Value(-2.0)], np.array([0.5, -2.0]), np.array([0.5, -2.0], dtype=np.float32)],
    ids=["tuple", "Values", "NumPy row", "NumPy row of float32"],
)
def test_inputs_may_come_in_any_row(given: Any) -> None:
    network = MLP(2, [3, 2, 1], "tanh", rng=random.Random(0))
    output, expected = as_value(network(given)), as_value(network([0.5, -2.0]))
    assert output.data == expected.data
    assert {type(node.data) for node in nodes_by_label(output).values()} == {float}


def test_a_gradient_flows_into_inputs_that_are_values() -> None:
    x = [Value(0.5), Value(-2.0)]
    output = as_value(MLP(2, [3, 1], "tanh", rng=random.Random(0))(x))
    assert grad(output, x) == pytest.approx(numerical_gradient(output, x), rel=1e-8)


def test_a_network_equals_loops_of_values() -> None:
    network = MLP(3, [4, 2], "tanh", "sigmoid", rng=random.Random(3))
    x = [Value(0.5), Value(-1.0), Value(2.0)]
    parameters = iter(network.parameters())
    z = x
    for size, activation in ((4, Value.tanh), (2, Value.sigmoid)):
        units = []
        for _ in range(size):
            weights = [next(parameters) for _ in z]
            a = next(parameters)  # the bias
            for w, value in zip(weights, z, strict=True):
                a = a + w * value
            units.append(activation(a))
        z = units
    outputs = as_list_of_values(network(x))
    assert [output.data for output in outputs] == [unit.data for unit in z]
    ours, theirs = outputs[0] + outputs[1], z[0] + z[1]
    leaves = [*x, *network.parameters()]
    assert grad(ours, leaves) == pytest.approx(grad(theirs, leaves), rel=1e-13)


def test_a_network_is_a_graph_of_two_nodes_a_unit() -> None:
    x = Value(0.5)
    output = as_value(MLP(1, [5, 7, 1], "sigmoid", rng=random.Random(0))([x]))
    assert count_paths(output, x) == 5 * 7


def test_every_activation_of_the_table_can_be_used() -> None:
    for name in ("relu", "tanh", "sigmoid", "softplus", "leaky_relu"):
        z = Neuron(2, name, rng=random.Random(0))([0.5, -2.0])
        assert z.op is TABLE[name]
        assert z.label == "z_1^(1)"


def test_zero_grad_clears_the_parameters() -> None:
    network = MLP(2, [2, 1], rng=random.Random(0))
    as_value(network([1.0, 2.0])).backward()
    assert any(p.grad for p in network.parameters())
    network.zero_grad()
    assert not any(p.grad for p in network.parameters())


def test_the_base_class_has_an_empty_list_of_parameters() -> None:
    assert Module().parameters() == []


# The paper's numbers


@pytest.mark.parametrize("example", [FIGURE_4, UNEQUAL], ids=["Figure 4", "unequal layers"])
def test_eq_22_24_and_38_to_41_hold_at_every_unit_and_weight(example: WorkedNetwork) -> None:
    E = example.build()
    E.backward()
    nodes = nodes_by_label(E)
    assert E.data == approx_12_digits(example.error)
    for k, gradients in enumerate(example.weight_gradients, 1):
        for i, row in enumerate(gradients, 1):
            a, z = nodes[f"a_{i}^({k})"], nodes[f"z_{i}^({k})"]
            assert a.data == approx_12_digits(example.a[k - 1][i - 1])
            assert z.data == approx_12_digits(example.z[k - 1][i - 1])
            assert a.grad == approx_12_digits(example.deltas[k - 1][i - 1])
            for j, gradient in enumerate(row, 1):
                assert nodes[f"w_{i}{j}^({k})"].grad == approx_12_digits(gradient)
    for j, gradient in enumerate(example.input_gradient, 1):
        assert nodes[f"x_{j}"].grad == approx_12_digits(gradient)


def test_eq_32_the_derivative_wrt_a_weight_is_the_unit_before() -> None:
    nodes = nodes_by_label(UNEQUAL.build())
    for i, j, k in [(1, 1, 2), (2, 4, 2), (3, 2, 3)]:
        assert grad(nodes[f"a_{i}^({k})"], [nodes[f"w_{i}{j}^({k})"]]) == [nodes[f"z_{j}^({k - 1})"].data]


# Refusals

REFUSALS: list[tuple[Callable[[], object], str]] = [
    (lambda: Neuron(0), "a neuron needs at least one input, not 0"),
    (lambda: Neuron(-2), "a neuron needs at least one input, not -2"),
    (lambda: Layer(2, 0), "layer 1 needs at least one neuron, not 0"),
    (lambda: MLP(2, []), "at least one layer: sizes is empty"),
    (lambda: MLP(0, [1]), "at least one input, not 0"),
    (lambda: MLP(2, [3, 0, 1]), "layer 2 needs at least one neuron, not 0"),
    (lambda: Neuron(2, "step"), "unknown activation 'step'; choose from linear, tanh, sigmoid"),
    (lambda: MLP(2, [3, 1], "exp"), "unknown activation 'exp'"),
    (lambda: MLP(2, [3, 1], output_activation="softmax"), "unknown activation 'softmax'"),
    (lambda: Neuron(2)([1.0]), "a neuron with 2 weights takes as many inputs, 1 were given"),
    (lambda: Layer(2, 2)([1.0, 2.0, 3.0]), "a neuron with 2 weights takes as many inputs, 3 were given"),
    (lambda: MLP(2, [2, 1])([1.0, 2.0, 3.0]), "takes 2 inputs, 3 were given"),
    (lambda: MLP(2, [2, 1])([]), "takes 2 inputs, 0 were given"),
]


@pytest.mark.parametrize(("attempt", "message"), REFUSALS, ids=[message for _, message in REFUSALS])
def test_an_error_names_the_argument(attempt: Callable[[], object], message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        attempt()


TYPES: list[tuple[Callable[..., object], Any, str]] = [
    (Neuron, 2.0, "a neuron needs at least one input (a whole number), not 2.0 of type float"),
    (lambda n: Layer(2, n), "three", "layer 1 needs at least one neuron (a whole number), not 'three' of type str"),
    (
        lambda sizes: MLP(2, sizes),
        3,
        "sizes must be a list with the number of units of each layer, such as [4, 1], not 3",
    ),
    (
        lambda sizes: MLP(2, sizes),
        "41",
        "sizes must be a list with the number of units of each layer, such as [4, 1], not",
    ),
    (
        lambda sizes: MLP(2, sizes),
        [4, None],
        "layer 2 needs at least one neuron (a whole number), not None of type NoneType",
    ),
    (lambda x: MLP(2, [1])(x), [1.0, None], "x_2 is None, of type NoneType: a number or a Value is needed"),
    (
        lambda x: MLP(2, [1])(x),
        [[1.0, 2.0]] * 2,
        "of type list: a number or a Value is needed; several samples are given one at",
    ),
    (
        lambda names: MLP(1, [1, 1], activation=names),
        {"tanh"},
        "an activation must be a name, an operation or a function",
    ),
    (lambda x: MLP(1, [1])(x), 1.0, "x is 1.0, of type float: a list of numbers or Values x_1, x_2, ... is needed"),
    (lambda x: cast(Any, MLP(2, [1]))(x, 2.0), 0.5, "a network takes one list: net([1.0, 2.0]), not net(1.0, 2.0)"),
    (lambda x: cast(Any, Layer(2, 1))(x, 2.0), 1.5, "a network takes one list"),
    (lambda x: cast(Any, Neuron(2))(x, 2.0), 2.5, "a network takes one list"),
    (lambda x: cast(Any, Neuron)(2, nonlin=x), False, "nonlin=False of micrograd is activation='linear'"),
    (lambda x: cast(Any, Layer)(2, 1, seed=x), 0, "Layer does not have a parameter 'seed'; rng=random.Random(0) deci"),
    (lambda x: cast(Any, MLP)(2, [1], activations=x), "tanh", "MLP does not have a parameter 'activations'; did you m"),
]


@pytest.mark.parametrize(("attempt", "given", "message"), TYPES, ids=[str(given) for _, given, _ in TYPES])
def test_an_argument_of_another_type_is_named(attempt: Callable[..., object], given: Any, message: str) -> None:
    with pytest.raises(TypeError, match=re.escape(message)):
        attempt(given)


@pytest.mark.parametrize("name", ["forward", "fit", "train", "state_dict", "weights"])
def test_a_name_of_another_library_is_answered_by_a_sentence(name: str) -> None:
    network = MLP(2, [1])
    assert not hasattr(network, name)
    with pytest.raises(AttributeError, match=f"MLP does not have an attribute '{name}': .*(net|it)"):
        getattr(network, name)


def test_a_module_of_ones_own_may_have_these_names() -> None:
    class Scale(Module):
        def __init__(self) -> None:
            self.weight = Value(2.0)

        def forward(self, x: float) -> Value:
            return self.weight * x

    assert Scale().forward(3.0).data == 6.0


def test_sizes_may_come_from_any_row() -> None:
    rows: list[Any] = [(3, 1), range(3, 0, -2), np.array([3, 1]), iter([3, 1])]
    for sizes in rows:
        assert repr(MLP(2, sizes)) == "MLP(2, [3, 1], activation='relu', output_activation='linear')"


def test_an_unknown_activation_is_refused_even_if_it_is_unused() -> None:
    with pytest.raises(ValueError, match="unknown activation 'step'"):
        MLP(2, [1], "step")


# Representations


@pytest.mark.parametrize(
    "module",
    [
        Neuron(3),
        Neuron(2, "tanh", bias=False),
        Layer(2, 3),
        Layer(2, 3, "sigmoid", bias=False),
        MLP(2, [3, 1]),
        MLP(4, [2], "tanh", "sigmoid", bias=False),
    ],
    ids=repr,
)
def test_a_repr_makes_a_module_of_the_same_shape(module: Module) -> None:
    again = eval(repr(module))
    assert repr(again) == repr(module)
    assert labels(again.parameters()) == labels(module.parameters())
