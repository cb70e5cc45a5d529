"""The instances on which equations are checked: graphs of Figures 1 to 3 and of networks, with indexed nodes."""

from __future__ import annotations

import math
import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING

from demos.paper.examples import NET4, NETU, Example, Network, figure_1, figure_2, figure_3, figure_4
from engine import Value, grad, toposort
from engine.labels import index_label
from nn.activations import activation_per_layer, activations

if TYPE_CHECKING:
    from nn.matrix import Forward, Gradients, MatrixMLP

HAS_NUMPY = find_spec("numpy") is not None  # an extra, without which the matrix form is skipped
INSTANCES = {
    "NET4": "the network of Figure 4",
    "NETU": "one with unequal layers of 3, 4, 2 and 3 units",
    "F1": "Figure 1 with fixed numbers",
    "F2": "Figure 2 with fixed numbers",
    "F3": "Figure 3 with fixed numbers",
}
NO_NUMPY = "needs NumPy: pip install -e '.[matrix]'"


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


def describe_instances(lines: Sequence[str]) -> str:
    """A line that explains the instances named in these lines; empty if they do not name any.

    >>> describe_instances(["NET4: ∂E/∂a", "NETU: ∂E/∂a"])
    'NET4 is the network of Figure 4, NETU one with unequal layers of 3, 4, 2 and 3 units'
    """
    words = {word for line in lines for word in re.findall(r"\w+", line)}
    named = ", ".join(f"{name} {description}" for name, description in INSTANCES.items() if name in words)
    return named.replace(" ", " is ", 1)


@dataclass(frozen=True)
class FigureInstance:
    """Figure 1, 2 or 3 with some numbers: its nodes by their labels, after a backward pass."""

    name: str
    output: Value
    node: dict[str, Value]

    def all(self, letter: str) -> list[Value]:
        """The nodes letter_1, letter_2, ...; `all("w^(1)")` are w_1^(1), w_2^(1), ..."""
        first, caret, layer = letter.partition("^")
        labels = [f"{first}_{i}{caret}{layer}" for i in range(1, len(self.node) + 1)]
        return [self.node[label] for label in labels if label in self.node]


class NetworkInstance:
    """A network as a graph, after a backward pass, with its nodes by layer.

    z[0] holds the inputs, a[k], z[k] and w[k] the nodes of layer k; w[k][i][j] is the weight from unit j of the layer
    below to unit i, both counted from 0. `activation` has the name of σ for each a; where it is "linear", z is a.
    """

    def __init__(self, name: str, network: Network) -> None:
        self.name = name
        self.network = network
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
                size[a.label] = size[z.label] * abs(sigma_prime(a.data, self.activation[a]))
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
    """All instances: those with names, and random ones from the seed.

    F1, F2 and F3 are Figures 1 to 3 with fixed numbers, NET4 is Figure 4's network, and NETU has unequal layers of 3,
    4, 2 and 3 units, so that a wrong index does not go unnoticed. `figures`, with numbers of the reader's own, stand
    before those with fixed ones.

    >>> [instance.name for instance in Instances(seed=0, max_units=3).networks][:2]
    ['NET4', 'NETU']
    """

    def __init__(
        self, seed: int = 0, network: Network = NET4, max_units: int = 5, figures: Sequence[Example] = ()
    ) -> None:
        rng = random.Random(seed)

        def numbers(n: int) -> list[float]:
            return [rng.uniform(-2.0, 2.0) for _ in range(n)]

        def sizes() -> list[int]:
            return [rng.randint(1, max_units) for _ in range(rng.randint(3, 5))]

        x = rng.uniform(-2.0, 2.0)
        n = rng.randint(2, 7)
        self.figures = {
            1: [_figure_instance("F1", figure_1()), _figure_instance(f"x = {x:.3g}", figure_1(x))],
            2: [_figure_instance("F2", figure_2()), _figure_instance(f"x = {x:.3g}", figure_2(x))],
            3: [
                _figure_instance("F3", figure_3()),
                _figure_instance(f"random, N = {n}", figure_3(x, numbers(n), numbers(n))),
            ],
        }
        for example in figures:
            self.figures[example.figure].insert(0, _figure_instance(f"Figure {example.figure}", example))
        first = "NET4" if network == NET4 else format_sizes(network.sizes)
        self.networks = [NetworkInstance(first, network), NetworkInstance("NETU", NETU)]
        for shape in ([2, *sizes()], sizes(), sizes()):  # one with two inputs, for (23)
            self.networks.append(NetworkInstance(f"random {format_sizes(shape)}", Network.random(shape, rng)))
        self.vectors = numbers(3), numbers(3)


def _figure_instance(name: str, example: Example) -> FigureInstance:
    output = example.output
    output.backward()
    return FigureInstance(name, output, {node.label: node for node in toposort(output) if node.label})


def format_sizes(sizes: Sequence[int]) -> str:
    """The sizes of a network's layers, joined by hyphens.

    >>> format_sizes([2, 3, 1])
    '2-3-1'
    """
    return "-".join(map(str, sizes))
