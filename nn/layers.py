"""Neurons, layers, and networks of layers.

Unit i of layer k computes its weighted sum, the paper's (24), and passes it through the activation function σ, (22):

    a_i^(k) = Σ_j w_ij^(k) z_j^(k-1) + b_i^(k)        z_i^(k) = σ(a_i^(k))

Each is one node, labelled as in these formulas, as the weights and the biases are. A unit whose activation is "linear"
is its a alone. For activations see `nn.activations`, for the initial weights `nn.init`; biases begin as 0.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import NoReturn

from engine import Value, dot
from engine._support import checks
from engine._support.keywords import suggest_keywords
from engine.labels import index_label
from nn.activations import (
    Activation,
    activation_function,
    activation_per_layer,
    check_activation,
    check_activations,
    format_activation,
)
from nn.init import Initializer, RandomSource, check_random_source, find_initializer
from nn.leaves import as_values
from nn.module import Module, check_one_list, typed_as_one_list
from nn.summary import LayerSummary, Summary

suggest = suggest_keywords(
    nonlin="nonlin=False of micrograd is activation='linear'",
    seed="rng=random.Random(0) decides the initial weights",
    random_state="rng=random.Random(0) decides the initial weights",
)

MAX_SIZE = 100_000_000  # inputs of a neuron, or neurons of a layer: each takes several objects


class Neuron(Module):
    """Unit i of layer k: z = σ(Σ_j w_j z_j + b), the paper's (24) and (22).

    `unit` and `layer` are the indices in the labels; `n_outputs` is the number of units in its layer, for "xavier".
    Raises ValueError for an unknown activation or init, or fewer than one input; TypeError for other types.

    >>> import random
    >>> neuron = Neuron(2, activation="tanh", rng=random.Random(0))
    >>> neuron
    Neuron(2, activation='tanh')
    >>> z = neuron([1.0, -2.0])
    >>> z.label, z.inputs[0].label
    ('z_1^(1)', 'a_1^(1)')
    """

    @suggest
    def __init__(
        self,
        n_inputs: int,
        activation: Activation = "relu",
        bias: bool = True,
        rng: RandomSource | None = None,
        *,
        unit: int = 1,
        layer: int = 1,
        init: str | Initializer = "uniform",
        n_outputs: int = 1,
    ) -> None:
        n = checks.check_positive_int(n_inputs, "a neuron needs at least one input", MAX_SIZE)
        self.activation = check_activation(activation)
        self._activate = activation_function(self.activation)
        draw, rng = find_initializer(init), check_random_source(rng)
        self.w = [Value(draw(n, n_outputs, rng), index_label("w", (unit, j), layer)) for j in range(1, n + 1)]
        self.b = Value(0.0, index_label("b", (unit,), layer)) if bias else None
        self._labels = index_label("a", (unit,), layer), index_label("z", (unit,), layer)

    @typed_as_one_list
    def __call__(self, inputs: Sequence[Value | float], *more: NoReturn) -> Value:
        """Return the unit's z (its a, if it is linear). Raises ValueError for a wrong number of inputs."""
        check_one_list(more)
        values = as_values(inputs, "x")
        if len(values) != len(self.w):
            raise ValueError(f"a neuron with {len(self.w)} weights takes as many inputs, {len(values)} were given")
        a: Value = dot(self.w, values, self.b)
        a.label, z_label = self._labels
        if self._activate is None:
            return a
        z = self._activate(a)
        if not isinstance(z, Value):  # such as the result of math.tanh(a.data), through which no gradient passes
            name = format_activation(self._activate)
            raise TypeError(
                f"the activation {name} must return a Value, as a.tanh() does, not {checks.format_given(z)}"
            )
        if not z.label:  # a function may return a itself, or a node that it has labelled
            z.label = z_label
        return z

    def parameters(self) -> list[Value]:
        """The weights, then the bias."""
        return self.w if self.b is None else [*self.w, self.b]

    def __repr__(self) -> str:
        bias = "" if self.b is not None else ", bias=False"
        return f"Neuron({len(self.w)}, activation={format_activation(self.activation)}{bias})"


class Layer(Module):
    """Layer k: `n_outputs` neurons that read the same inputs, z_i = σ(Σ_j w_ij x_j + b_i).

    Called with a list of `n_inputs` numbers or `Value`s, it returns the list of the z_i, or with one neuron a `Value`.
    Raises ValueError without inputs or neurons, and for an unknown activation or init; TypeError for other types.

    >>> layer = Layer(2, 3, activation="sigmoid")
    >>> [z.label for z in layer([1.0, -2.0])]
    ['z_1^(1)', 'z_2^(1)', 'z_3^(1)']
    """

    @suggest
    def __init__(
        self,
        n_inputs: int,
        n_outputs: int,
        activation: Activation = "relu",
        bias: bool = True,
        rng: RandomSource | None = None,
        *,
        layer: int = 1,
        init: str | Initializer = "uniform",
    ) -> None:
        n = checks.check_positive_int(n_outputs, f"layer {layer} needs at least one neuron", MAX_SIZE)
        self.neurons = [
            Neuron(n_inputs, activation, bias, rng, unit=i, layer=layer, init=init, n_outputs=n)
            for i in range(1, n + 1)
        ]

    @typed_as_one_list
    def __call__(self, inputs: Sequence[Value | float], *more: NoReturn) -> Value | list[Value]:
        """Return the unit's output, or a list of the units' outputs."""
        check_one_list(more)
        values = as_values(inputs, "x")
        outputs = [neuron(values) for neuron in self.neurons]
        return outputs[0] if len(outputs) == 1 else outputs

    def parameters(self) -> list[Value]:
        """The parameters of the neurons, one neuron after the other."""
        return [parameter for neuron in self.neurons for parameter in neuron.parameters()]

    def summary(self) -> LayerSummary:
        """The layer's shape, activation and numbers of weights and biases."""
        first, n = self.neurons[0], len(self.neurons)
        activation = first.activation if isinstance(first.activation, str) else format_activation(first.activation)
        return LayerSummary(len(first.w), n, activation, n * len(first.w), n if first.b is not None else 0)

    def __repr__(self) -> str:
        first = self.neurons[0]
        bias = "" if first.b is not None else ", bias=False"
        return f"Layer({len(first.w)}, {len(self.neurons)}, activation={format_activation(first.activation)}{bias})"


class MLP(Module):
    """A multi-layer perceptron: layers of the given sizes, each reading the one before (the paper's Section 4.1).

    Called with a list of `n_inputs` numbers or `Value`s, it returns the output of the last layer: a `Value`, or a list
    of them if it has several units. Numbers become leaves labelled x_1, x_2, ... `activation` is that of the hidden
    layers: one for all, or a list with one for each. The defaults are micrograd's: relu, a linear output, weights
    uniform in [-1, 1] drawn in its order, from `rng` or else the `random` module. `init` is "uniform", "xavier", "he"
    or a function (see `nn.init`).
    Raises ValueError for a size below 1, an unknown activation or init, a list of activations whose length is not the
    number of hidden layers, or a wrong number of inputs; TypeError for arguments of other types.

    The network of the paper's Figure 4:

    >>> network = MLP(2, [2, 2, 1], activation="sigmoid", output_activation="sigmoid", bias=False)
    >>> network
    MLP(2, [2, 2, 1], activation='sigmoid', output_activation='sigmoid', bias=False)
    >>> [w.label for w in network.parameters()][:4]
    ['w_11^(1)', 'w_12^(1)', 'w_21^(1)', 'w_22^(1)']
    >>> network([1.5, -0.5]).label
    'z_1^(3)'
    """

    @suggest
    def __init__(
        self,
        n_inputs: int,
        sizes: Sequence[int],
        activation: Activation | Sequence[Activation] = "relu",
        output_activation: Activation = "linear",
        bias: bool = True,
        rng: RandomSource | None = None,
        *,
        init: str | Initializer = "uniform",
    ) -> None:
        is_list = isinstance(sizes, Iterable) and not isinstance(sizes, str)
        needs = "sizes must be a list with the number of units of each layer, such as [4, 1]"
        checks.type_error_unless(is_list, needs, sizes)
        given = [n_inputs, *sizes]
        last = len(given) - 1
        if not last:
            raise ValueError("an MLP needs at least one layer: sizes is empty")
        self.activation, self.output_activation = check_activations(activation), check_activation(output_activation)
        self.bias = bias
        each = activation_per_layer(self.activation, self.output_activation, last)
        self.layers = [
            Layer(below, units, each[k - 1], bias, rng, layer=k, init=init)
            for k, (below, units) in enumerate(pairwise(given), 1)
        ]
        self.sizes = [len(self.layers[0].neurons[0].w), *(len(layer.neurons) for layer in self.layers)]

    @typed_as_one_list
    def __call__(self, inputs: Sequence[Value | float], *more: NoReturn) -> Value | list[Value]:
        """Return the output of the last layer: a `Value`, or a list of them."""
        check_one_list(more)
        values = as_values(inputs, "x")
        if len(values) != self.sizes[0]:
            raise ValueError(f"{self!r} takes {self.sizes[0]} inputs, {len(values)} were given")
        for layer in self.layers[:-1]:
            outputs = layer(values)
            values = outputs if isinstance(outputs, list) else [outputs]
        return self.layers[-1](values)

    def parameters(self) -> list[Value]:
        """The parameters of the layers, one layer after the other."""
        return [parameter for layer in self.layers for parameter in layer.parameters()]

    def summary(self) -> Summary:
        """A table of the layers with their shapes, activations and numbers of parameters, and the total.

        >>> MLP(2, [16, 16, 1]).summary()
        layer  inputs  outputs  activation  weights  biases  parameters
            1       2       16        relu       32      16          48
            2      16       16        relu      256      16         272
            3      16        1      linear       16       1          17
        total                                   304      33         337
        """
        return Summary(tuple(layer.summary() for layer in self.layers))

    def __repr__(self) -> str:
        hidden, output = format_activation(self.activation), format_activation(self.output_activation)
        bias = "" if self.bias else ", bias=False"
        return f"MLP({self.sizes[0]}, {self.sizes[1:]}, activation={hidden}, output_activation={output}{bias})"
