"""The instances on which equations are checked: graphs of Figures 1 to 3 and of networks, with indexed nodes."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from importlib.util import find_spec
from typing import TYPE_CHECKING, NamedTuple

from demos.paper.examples import NET4, NETU, Example, Network, figure_1, figure_2, figure_3, figure_4
from engine import Value, grad, label, toposort
from engine._support.typed_commands import install_command
from engine.labels import index_label, short_labels
from engine.symbolic.expression import Expression
from nn.activations import activation_per_layer, activations
from viz.math.equations import symbol
from viz.math.formulas import format_number

if TYPE_CHECKING:
    from nn.matrix import Forward, Gradients, MatrixMLP

HAS_NUMPY = find_spec("numpy") is not None  # an extra, without which the matrix form is skipped
LEAST_SLOPE = 1e-3  # of a saturated σ, whose z (1 - z) has few digits right
NO_NUMPY = f"needs NumPy: {install_command('matrix')}"


def sigma(a: float, activation: str = "sigmoid") -> float:
    """The paper's σ(a) = 1 / (1 + e^-a) in plain Python, as a reference, or another activation.

    >>> sigma(0.0), sigma(0.0, "tanh"), sigma(-2.0, "linear")
    (0.5, 0.0, -2.0)
    """
    if activation == "sigmoid":
        return 1.0 / (1.0 + math.exp(-a)) if a >= 0.0 else math.exp(a) / (1.0 + math.exp(a))
    function = activations()[activation]
    return a if function is None else function(a)


def sigma_prime(a: float, activation: str = "sigmoid") -> float:
    """σ'(a) = σ(a) (1 - σ(a)), which the paper never writes out, or the derivative of another activation.

    >>> sigma_prime(0.0), sigma_prime(0.0, "tanh"), sigma_prime(-2.0, "linear")
    (0.25, 1.0, 1.0)
    """
    if activation == "sigmoid":
        return sigma(a) * sigma(-a)
    function, leaf = activations()[activation], Value(a)
    return 1.0 if function is None else derivative(function(leaf), leaf)


def derivative(y: Value, x: Value) -> float:
    """∂y/∂x, which leaves the gradients of the nodes as they are.

    >>> x = Value(1.5)
    >>> derivative(x * x, x)
    3.0
    """
    found: float = grad(y, [x])[0]
    return found


@dataclass(frozen=True)
class FigureInstance:
    """Figure 1, 2 or 3 with some numbers, or another small graph: its nodes by their labels, after a backward pass.

    `constants` are those of Figures 1 and 2, as they were given: on the arrows from x, and on the arrows to y.
    """

    name: str
    output: Value
    node: dict[str, Value]
    constants: tuple[Sequence[float], Sequence[float]] = ((), ())
    is_random: bool = False

    def all(self, letter: str) -> list[Value]:
        """The nodes letter_1, letter_2, ...; `all("w^(1)")` are w_1^(1), w_2^(1), ..."""
        first, caret, layer = letter.partition("^")
        labels = [f"{first}_{i}{caret}{layer}" for i in range(1, len(self.node) + 1)]
        return [self.node[label] for label in labels if label in self.node]


class VectorPair(NamedTuple):
    """The two factors of a Hadamard product."""

    name: str
    x: list[float]
    y: list[float]
    is_random: bool = False


class NetworkInstance:
    """A network as a graph, after a backward pass, with its nodes by layer.

    z[0] holds the inputs, a[k], z[k] and w[k] the nodes of layer k; w[k][i][j] is the weight from unit j of the layer
    below to unit i, both counted from 0. `activation` has the name of σ for each a; where it is "linear", z is a.
    """

    def __init__(self, name: str, network: Network, is_random: bool = False) -> None:
        self.name = name
        self.network = network
        self.is_random = is_random
        sizes = network.sizes
        self.K = len(sizes) - 1
        example = figure_4(network)
        self.E = example.output
        self.E.backward()
        node = {node.label: node for node in toposort(self.E) if node.label}

        def layer(letter: str, k: int) -> list[Value]:
            return [node[index_label(letter, (i,), k)] for i in range(1, sizes[k] + 1)]

        names = activation_per_layer(network.activation, network.output_activation, self.K)
        self.a = [[], *(layer("a", k) for k in range(1, self.K + 1))]
        self.activation = {a: str(name) for name, units in zip(names, self.a[1:], strict=True) for a in units}
        self.z = [[node[f"x_{j}"] for j in range(1, sizes[0] + 1)]]
        self.z += [layer("a" if name == "linear" else "z", k) for k, name in enumerate(names, 1)]
        self.y = [node["y"]] if sizes[-1] == 1 else [node[f"y_{i}"] for i in range(1, sizes[-1] + 1)]
        self.w: list[list[list[Value]]] = [[]]
        for k in range(1, self.K + 1):
            rows = range(1, sizes[k] + 1)
            self.w.append([[node[index_label("w", (i, j), k)] for j in range(1, sizes[k - 1] + 1)] for i in rows])

        self.value_scale, self.scale = self._scales()
        self._short = short_labels(node)

    def _scales(self) -> tuple[dict[str, float], dict[str, float]]:
        """The size of the terms in the sum for each node's value, and for its gradient, by label.

        Where terms cancel, the rounding error is in proportion to these, not to the sum.
        """
        values: dict[str, float] = {}
        for a, z, row, inputs in self.units():
            values[a.label] = sum(abs(w.data * x.data) for w, x in zip(row, inputs, strict=True))
            values.setdefault(z.label, max(1.0, abs(z.data)))
        worst = max(1.0, *values.values())
        values = {label: size * worst for label, size in values.items()}
        size: dict[str, float] = {}
        for z, y in zip(self.z[-1], self.y, strict=True):
            size[z.label] = size[y.label] = (abs(z.data) + abs(y.data)) * worst
        for k in range(self.K, 0, -1):
            for a, z, row in zip(self.a[k], self.z[k], self.w[k], strict=True):
                slope = abs(sigma_prime(a.data, self.activation[a]))
                size[a.label] = size[z.label] * max(slope, LEAST_SLOPE)
                size |= {w.label: size[a.label] * abs(x.data) for w, x in zip(row, self.z[k - 1], strict=True)}
            for j, x in enumerate(self.z[k - 1]):
                passed = zip(self.a[k], self.w[k], strict=True)
                size[x.label] = sum(size[a.label] * abs(row[j].data) for a, row in passed)
        return values, size

    def units(self) -> Iterator[tuple[Value, Value, list[Value], list[Value]]]:
        """Of every unit, layer by layer: a and z, its weights, and the inputs that they multiply."""
        for k in range(1, self.K + 1):
            for a, z, row in zip(self.a[k], self.z[k], self.w[k], strict=True):
                yield a, z, row, self.z[k - 1]

    def symbol(self, node: Value) -> Expression:
        """The symbol of a node, without the index of the unit in layers of one unit, as in the paper's Table 1."""
        return symbol(self._short.get(node.label, node.label))

    @property
    def weights(self) -> list[Value]:
        """All weights, layer by layer, row by row."""
        return [w for matrix in self.w for row in matrix for w in row]

    def in_matrices(self) -> MatrixMLP:
        """The same network in NumPy."""
        from nn.matrix import MatrixMLP  # here, because NumPy may be missing

        network = self.network
        return MatrixMLP(network.weights, None, network.activation, network.output_activation)

    def matrix_forward(self) -> Forward:
        """The forward pass in NumPy."""
        return self.in_matrices().forward(self.network.x)

    def matrix_gradients(self) -> Gradients:
        """The backward pass in NumPy."""
        return self.in_matrices().backward(self.matrix_forward(), self.network.y)


class Instances:
    """All instances: those with names, and random ones from the seed, or those with the reader's own numbers alone.

    The named ones are Figures 1 to 3, the network of Figure 4, and one with unequal layers, so that a wrong index does
    not go unnoticed.

    Attributes:
        figures: Those of Figures 1, 2 and 3. A figure among the `figures` that are given stands alone.
        networks: Those of Sections 3 to 5. A `network` other than Figure 4's stands alone.
        chains: z = y³, y = σ(x), for (1).
        vectors: Two vectors of three numbers, for (33).
        rate: The learning rate λ of (31).

    >>> [instance.name for instance in Instances(seed=0, max_units=3).networks][:3]
    ["2-2-2-1, the paper's Figure 4 with our numbers", '3-4-2-3, unequal layers', '1-3-2, random network 1']
    """

    def __init__(
        self,
        seed: int = 0,
        network: Network = NET4,
        max_units: int = 5,
        figures: Sequence[Example] = (),
        rate: float = 0.5,
    ) -> None:
        rng = random.Random(seed)

        def numbers(n: int) -> list[float]:
            return [rng.uniform(-2.0, 2.0) for _ in range(n)]

        def sizes() -> list[int]:
            return [rng.randint(1, max_units) for _ in range(rng.randint(3, 5))]

        x = rng.uniform(-2.0, 2.0)
        n = rng.randint(2, 7)
        known = {1: figure_1(), 2: figure_2(), 3: figure_3()}
        drawn = {1: figure_1(x), 2: figure_2(x), 3: figure_3(x, numbers(n), numbers(n))}
        self.figures = {i: [figure_instance(known[i]), figure_instance(drawn[i], is_random=True)] for i in known}
        self.chains = [_chain(0.7), _chain(x, is_random=True)]
        for example in figures:
            self.figures[example.figure] = [figure_instance(example)]
            if example.figure == 1:
                self.chains = [_chain(example.leaves[0].data)]
        self.networks = [NetworkInstance(describe_network(network), network)]
        if network == NET4:
            self.networks.append(NetworkInstance(describe_network(NETU), NETU))
            for i, shape in enumerate((sizes(), sizes(), sizes()), 1):
                name = f"{format_sizes(shape)}, random network {i}"
                self.networks.append(NetworkInstance(name, Network.random(shape, rng), is_random=True))
        self.vectors = [
            VectorPair("(1, 2, 3) ∘ (4, 5, 6)", [1.0, 2.0, 3.0], [4.0, 5.0, 6.0]),
            VectorPair("two random vectors", numbers(3), numbers(3), is_random=True),
        ]
        self.rate = rate

    @property
    def random_names(self) -> set[str]:
        """The names of the random ones."""
        small = [*self.chains, *(instance for figures in self.figures.values() for instance in figures)]
        names = {instance.name for instance in small if instance.is_random}
        names |= {instance.name for instance in self.networks if instance.is_random}
        return names | {pair.name for pair in self.vectors if pair.is_random}


def figure_instance(example: Example, is_random: bool = False) -> FigureInstance:
    """Figure 1, 2 or 3, after a backward pass."""
    x, *weights = example.leaves
    numbers = f"x = {format_number(x.data, 4)}" + (f", N = {len(weights) // 2}" if weights else "")
    return _small_instance(f"Figure {example.figure}, {numbers}", example.output, example.constants, is_random)


def _chain(number: float, is_random: bool = False) -> FigureInstance:
    x = Value(number, "x")
    y = x.sigmoid()
    z = y**3
    label(y=y, z=z)
    return _small_instance(f"y = σ(x), z = y³, x = {format_number(number, 4)}", z, ((), ()), is_random)


def _small_instance(
    name: str, output: Value, constants: tuple[Sequence[float], Sequence[float]], is_random: bool
) -> FigureInstance:
    output.backward()
    name += ", random" if is_random else ""
    nodes = {node.label: node for node in toposort(output) if node.label}
    return FigureInstance(name, output, nodes, constants, is_random)


def describe_network(network: Network) -> str:
    """The sizes of a network, and what it is.

    >>> describe_network(NETU), describe_network(Network.lattice([3, 2, 2]))
    ('3-4-2-3, unequal layers', '3-2-2, your own network')
    >>> describe_network(replace(NETU, output_activation="linear"))
    '3-4-2-3, unequal layers; σ is sigmoid, none at the output'
    """
    known = [(NET4, "the paper's Figure 4 with our numbers"), (NETU, "unequal layers")]
    names = {"linear": "none", "relu": "ReLU"}
    hidden, output = (names.get(name, name) for name in (network.activation, network.output_activation))
    plain = replace(network, activation="sigmoid", output_activation="sigmoid")
    kind = next((kind for instance, kind in known if plain == instance), "your own network")
    if plain == network:
        return f"{format_sizes(network.sizes)}, {kind}"
    return f"{format_sizes(network.sizes)}, {kind}; σ is {hidden}" + (f", {output} at the output" * (hidden != output))


def format_sizes(sizes: Sequence[int]) -> str:
    """The sizes of a network's layers, joined by hyphens.

    >>> format_sizes([2, 3, 1])
    '2-3-1'
    """
    return "-".join(map(str, sizes))
