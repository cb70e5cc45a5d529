"""Neurons, layers, and networks of layers.

Unit i of layer k computes its weighted sum, the paper's (24), and passes it through the activation function σ, (22):

    a_i^(k) = Σ_j w_ij^(k) z_j^(k-1) + b_i^(k)        z_i^(k) = σ(a_i^(k))

Both are one node each, and they, the weights and the biases are labelled so by themselves. A unit whose activation is
"linear" is its a alone.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Protocol

from engine import TABLE, Op, Value, dot
from nn.module import Module, as_values

ACTIVATIONS: dict[str, Op | None] = {"linear": None} | {name: op for name, op in TABLE.items() if op.activation}


class Uniform(Protocol):
    """A source of random numbers: the `random` module, or a `random.Random`."""

    def uniform(self, a: float, b: float, /) -> float:
        """A number between a and b."""


def activation_named(name: str) -> Op | None:
    """The activation function of that name; None for "linear". Raises ValueError if there is none.

    >>> activation_named("sigmoid")
    <operation sigmoid>
    """
    if name not in ACTIVATIONS:
        raise ValueError(f"there is no activation {name!r}; possible are {', '.join(ACTIVATIONS)}")
    return ACTIVATIONS[name]


def index_label(letter: str, indices: Sequence[int], layer: int) -> str:
    """A label such as w_11^(1); with commas where an index is above 9, as in w_11,10^(1).

    >>> index_label("w", (2, 1), 1), index_label("w", (11, 10), 1)
    ('w_21^(1)', 'w_11,10^(1)')
    """
    return f"{letter}_{(',' if max(indices) > 9 else '').join(map(str, indices))}^({layer})"


class Neuron(Module):
    """Unit i of layer k: z = σ(Σ_j w_j z_j + b), the paper's (24) and (22).

    Weights are uniform in [-1, 1], drawn from `rng`; the bias is 0. `unit` and `layer` are the indices in the labels.
    Raises ValueError for an unknown activation or fewer than one input.

    >>> neuron = Neuron(2, activation="tanh", rng=random.Random(0))
    >>> neuron
    Neuron(2, activation='tanh')
    >>> z = neuron([1.0, -2.0])
    >>> z.label, z.inputs[0].label
    ('z_1^(1)', 'a_1^(1)')
    """

    def __init__(
        self,
        n_inputs: int,
        activation: str = "relu",
        bias: bool = True,
        rng: Uniform | None = None,
        *,
        unit: int = 1,
        layer: int = 1,
    ) -> None:
        if n_inputs < 1:
            raise ValueError(f"a neuron needs at least one input, not {n_inputs}")
        uniform = (rng or random).uniform
        self.w = [Value(uniform(-1, 1), index_label("w", (unit, j), layer)) for j in range(1, n_inputs + 1)]
        self.b = Value(0.0, index_label("b", (unit,), layer)) if bias else None
        self.activation = activation
        self._activate = activation_named(activation)
        self._labels = index_label("a", (unit,), layer), index_label("z", (unit,), layer)

    def __call__(self, inputs: Sequence[Value | float]) -> Value:
        """The unit's z (its a, if it is linear). Raises ValueError for a wrong number of inputs."""
        values = as_values(inputs, "x")
        if len(values) != len(self.w):
            raise ValueError(f"a neuron with {len(self.w)} weights was given {len(values)} inputs")
        a: Value = dot(self.w, values, self.b)
        a.label, z_label = self._labels
        if self._activate is None:
            return a
        z: Value = self._activate(a)
        z.label = z_label
        return z

    def parameters(self) -> list[Value]:
        """The weights, then the bias."""
        return self.w if self.b is None else [*self.w, self.b]

    def __repr__(self) -> str:
        return f"Neuron({len(self.w)}, activation={self.activation!r}{'' if self.b else ', bias=False'})"


class Layer(Module):
    """Layer k: `n_outputs` neurons that read the same inputs. With one neuron it returns a `Value`, else a list.

    >>> layer = Layer(2, 3, activation="sigmoid")
    >>> [z.label for z in layer([1.0, -2.0])]
    ['z_1^(1)', 'z_2^(1)', 'z_3^(1)']
    """

    def __init__(
        self,
        n_inputs: int,
        n_outputs: int,
        activation: str = "relu",
        bias: bool = True,
        rng: Uniform | None = None,
        *,
        layer: int = 1,
    ) -> None:
        if n_outputs < 1:
            raise ValueError(f"layer {layer} needs at least one neuron, not {n_outputs}")
        units = range(1, n_outputs + 1)
        self.neurons = [Neuron(n_inputs, activation, bias, rng, unit=i, layer=layer) for i in units]

    def __call__(self, inputs: Sequence[Value | float]) -> Value | list[Value]:
        """What each unit makes of the inputs."""
        values = as_values(inputs, "x")
        outputs = [neuron(values) for neuron in self.neurons]
        return outputs[0] if len(outputs) == 1 else outputs

    def parameters(self) -> list[Value]:
        """Those of the neurons, one after the other."""
        return [parameter for neuron in self.neurons for parameter in neuron.parameters()]

    def __repr__(self) -> str:
        first = self.neurons[0]
        bias = "" if first.b else ", bias=False"
        return f"Layer({len(first.w)}, {len(self.neurons)}, activation={first.activation!r}{bias})"


class MLP(Module):
    """A multi-layer perceptron: layers of the given sizes, each reading the one before (the paper's Section 4.1).

    Called with a list of `n_inputs` numbers or `Value`s, it returns the `Value` of the last layer's unit, or a list of
    them if it has several. Numbers become leaves labelled x_1, x_2, ... The defaults are micrograd's: relu, a linear
    output, weights uniform in [-1, 1] drawn in its order, from the `random` module unless there is an `rng`.
    Raises ValueError for a size below 1, an unknown activation, or a wrong number of inputs.

    The network of the paper's Figure 4:

    >>> network = MLP(2, [2, 2, 1], activation="sigmoid", output_activation="sigmoid", bias=False)
    >>> network
    MLP(2, [2, 2, 1], activation='sigmoid', output_activation='sigmoid', bias=False)
    >>> [w.label for w in network.parameters()][:4]
    ['w_11^(1)', 'w_12^(1)', 'w_21^(1)', 'w_22^(1)']
    >>> network([1.5, -0.5]).label
    'z_1^(3)'
    """

    def __init__(
        self,
        n_inputs: int,
        sizes: Sequence[int],
        activation: str = "relu",
        output_activation: str = "linear",
        bias: bool = True,
        rng: Uniform | None = None,
    ) -> None:
        if not sizes:
            raise ValueError("an MLP needs at least one layer: sizes is empty")
        for name in (activation, output_activation):
            activation_named(name)  # refuses a wrong one, even where no layer uses it
        self.sizes = [n_inputs, *sizes]
        self.activation, self.output_activation, self.bias = activation, output_activation, bias
        last = len(sizes)
        self.layers = [
            Layer(below, size, output_activation if k == last else activation, bias, rng, layer=k)
            for k, (below, size) in enumerate(zip(self.sizes, sizes, strict=False), 1)
        ]

    def __call__(self, inputs: Sequence[Value | float]) -> Value | list[Value]:
        """What the last layer makes of the inputs, by way of all layers."""
        values = as_values(inputs, "x")
        if len(values) != self.sizes[0]:
            raise ValueError(f"{self!r} takes {self.sizes[0]} inputs, {len(values)} were given")
        for layer in self.layers[:-1]:
            outputs = layer(values)
            values = outputs if isinstance(outputs, list) else [outputs]
        return self.layers[-1](values)

    def parameters(self) -> list[Value]:
        """Those of the layers, one after the other."""
        return [parameter for layer in self.layers for parameter in layer.parameters()]

    def __repr__(self) -> str:
        activations = f"activation={self.activation!r}, output_activation={self.output_activation!r}"
        return f"MLP({self.sizes[0]}, {self.sizes[1:]}, {activations}{'' if self.bias else ', bias=False'})"
