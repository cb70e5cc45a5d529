"""The table of a network's layers and parameters."""

import pytest

import engine
from engine import Value
from nn import MLP


def test_the_table_adds_up() -> None:
    network = MLP(64, [32, 10])
    assert repr(network.summary()).splitlines() == [
        "layer  inputs  outputs  activation  weights  biases  parameters",
        "    1      64       32        relu     2048      32        2080",
        "    2      32       10      linear      320      10         330",
        "total                                  2368      42        2410",
    ]


@pytest.mark.parametrize("bias", [True, False])
def test_the_total_is_the_number_of_parameters(bias: bool) -> None:
    network = MLP(3, [5, 4, 1], "tanh", bias=bias)
    summary = network.summary()
    assert summary.parameters == len(network.parameters())
    assert [layer.parameters for layer in summary.layers] == [len(layer.parameters()) for layer in network.layers]
    assert [(layer.inputs, layer.outputs) for layer in summary.layers] == [(3, 5), (5, 4), (4, 1)]
    assert all(layer.biases == (layer.outputs if bias else 0) for layer in summary.layers)


def test_activations_are_shown_by_name() -> None:
    def a_rather_long_activation(a: Value) -> Value:
        return a

    network = MLP(1, [1, 1, 1], ["tanh", a_rather_long_activation], engine.exp)
    assert [layer.activation.rpartition(".")[2] for layer in network.summary().layers] == [
        *("tanh", "a_rather_long_activation", "exp")
    ]
    widths = {len(line) for line in repr(network.summary()).splitlines()}
    assert len(widths) == 1
