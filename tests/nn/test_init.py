"""Initial weights: bounds, variances, order, and sources of randomness."""

import math
import random
import re
from collections.abc import Callable
from itertools import pairwise
from statistics import fmean, pvariance
from typing import Any

import numpy as np
import pytest

from nn import MLP, Layer, Neuron
from nn.init import INITIALIZERS, RandomSource


def weights(network: MLP) -> list[list[float]]:
    """The weights of each layer."""
    return [[w.data for neuron in layer.neurons for w in neuron.w] for layer in network.layers]


BOUNDS: dict[str, Callable[[int, int], float]] = {
    "uniform": lambda n_in, n_out: 1.0,
    "xavier": lambda n_in, n_out: math.sqrt(6 / (n_in + n_out)),
    "he": lambda n_in, n_out: math.sqrt(6 / n_in),
}


def test_every_init_has_a_bound_here() -> None:
    assert list(BOUNDS) == list(INITIALIZERS)


@pytest.mark.parametrize("name", INITIALIZERS)
def test_weights_fill_the_interval_and_biases_are_0(name: str) -> None:
    network = MLP(40, [60, 25], init=name, rng=random.Random(0))
    for layer, (n_in, n_out) in zip(weights(network), pairwise(network.sizes), strict=True):
        bound = BOUNDS[name](n_in, n_out)
        assert 0.98 * bound < max(layer) < bound
        assert -bound < min(layer) < -0.98 * bound
        assert fmean(layer) == pytest.approx(0.0, abs=0.05 * bound)
        assert pvariance(layer) == pytest.approx(bound**2 / 3, rel=0.05)
    assert all(neuron.b is not None and neuron.b.data == 0.0 for layer in network.layers for neuron in layer.neurons)


@pytest.mark.parametrize(("name", "function"), [("xavier", "xavier_uniform_"), ("he", "kaiming_uniform_")])
def test_bounds_are_pytorchs(name: str, function: str) -> None:
    torch = pytest.importorskip("torch")
    tensor = torch.empty(300, 400)
    torch.manual_seed(0)
    arguments = {"nonlinearity": "relu"} if name == "he" else {}
    getattr(torch.nn.init, function)(tensor, **arguments)
    assert float(tensor.abs().max()) == pytest.approx(BOUNDS[name](400, 300), rel=1e-3)


def test_he_keeps_the_size_of_signals_through_layers_of_relu() -> None:
    def size(init: str) -> float:
        network = MLP(50, [50] * 6, "relu", "relu", rng=random.Random(0), init=init)
        x = [random.Random(1).gauss(0, 1) for _ in range(50)]
        outputs = network(x)
        assert isinstance(outputs, list)
        return math.sqrt(fmean(z.data**2 for z in outputs))

    assert 0.2 < size("he") < 5.0
    assert size("uniform") > 100.0


def test_all_draw_from_the_source_in_the_same_order() -> None:
    networks = [MLP(3, [4, 2], init=name, rng=random.Random(5)) for name in INITIALIZERS]
    scaled = [
        [
            w / BOUNDS[name](n_in, n_out)
            for layer, (n_in, n_out) in zip(weights(network), pairwise([3, 4, 2]), strict=True)
            for w in layer
        ]
        for name, network in zip(INITIALIZERS, networks, strict=True)
    ]
    for other in scaled[1:]:
        assert other == pytest.approx(scaled[0], rel=1e-12, abs=1e-15)


def test_an_init_function_is_called_for_every_weight() -> None:
    asked: list[tuple[int, int]] = []

    def mine(n_in: int, n_out: int, rng: random.Random) -> float:
        asked.append((n_in, n_out))
        return rng.gauss(0.0, 0.01)

    network = MLP(2, [3, 1], init=mine, rng=random.Random(0))
    reference = random.Random(0)
    assert [w for layer in weights(network) for w in layer] == [reference.gauss(0.0, 0.01) for _ in range(9)]
    assert asked == [(2, 3)] * 6 + [(3, 1)] * 3


def test_a_seed_decides_and_the_random_module_is_left_alone() -> None:
    before = random.getstate()
    for name in INITIALIZERS:
        assert weights(MLP(2, [3, 1], init=name, rng=random.Random(7))) == weights(
            MLP(2, [3, 1], init=name, rng=random.Random(7))
        )
    assert random.getstate() == before


@pytest.mark.parametrize("name", INITIALIZERS)
def test_a_generator_of_numpy_is_a_source_too(name: str) -> None:
    first, second = (weights(MLP(2, [3, 1], init=name, rng=np.random.default_rng(0))) for _ in range(2))
    assert first == second
    assert {type(w) for layer in first for w in layer} == {float}


def test_a_layer_and_a_neuron_take_an_init_too() -> None:
    bound = math.sqrt(6 / 200)
    assert 0.9 * bound < max(w.data for w in Layer(100, 100, init="xavier").parameters()) < bound
    assert max(abs(w.data) for w in Neuron(600, init="he").parameters()) < 0.1


REFUSALS: list[tuple[dict[str, Any], type[Exception], str]] = [
    ({"init": "glorot"}, ValueError, "unknown init 'glorot'; choose from uniform, xavier, he, or a function"),
    ({"init": 0.1}, TypeError, "init must be a name or a function (n_in, n_out, rng) -> weight, not 0.1"),
    ({"rng": 0}, TypeError, "rng must be a source of random numbers, such as random.Random(0), not 0"),
    ({"rng": 42}, TypeError, "such as random.Random(42), not 42"),
    ({"init": lambda n_in, n_out, rng: None}, TypeError, "a Value cannot be made of None"),
]


@pytest.mark.parametrize(("settings", "error", "message"), REFUSALS, ids=[message for _, _, message in REFUSALS])
def test_an_error_names_the_argument(settings: dict[str, Any], error: type[Exception], message: str) -> None:
    for make in (lambda: Neuron(2, **settings), lambda: Layer(2, 2, **settings), lambda: MLP(2, [2], **settings)):
        with pytest.raises(error, match=re.escape(message)):
            make()


def test_the_random_module_itself_is_a_source() -> None:
    source: RandomSource = random
    random.seed(3)
    first = weights(MLP(2, [3], rng=source))
    random.seed(3)
    assert weights(MLP(2, [3])) == first
