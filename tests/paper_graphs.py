"""The graphs of the paper's Figures 1 to 4, with numbers whose sums and products are exact in Figures 1 to 3."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from engine import Value, dot, label
from nn import MLP, half_squared_error


@dataclass(frozen=True)
class NetworkNumbers:
    """The inputs and targets of a network, and its matrices of weights: row i of `weights[k - 1]` is of unit i."""

    x: list[float]
    y: list[float]
    weights: list[list[list[float]]]

    @property
    def sizes(self) -> list[int]:
        """The number of inputs, and of the units of each layer."""
        return [len(self.x), *map(len, self.weights)]


def distinct_numbers(sizes: Sequence[int]) -> NetworkNumbers:
    """Numbers for a network of any sizes: dyadic fractions, none of the weights 0, and no two layers alike.

    >>> distinct_numbers([3, 4, 2, 3]).weights[2]
    [[0.3125, -0.4375], [0.6875, -0.0625], [-0.3125, 0.3125]]
    """
    weights = [
        [[(2 * ((3 * i + 5 * j + 7 * k) % 11) - 9) / 16 for j in range(1, below + 1)] for i in range(1, size + 1)]
        for k, (below, size) in enumerate(pairwise(sizes), 1)
    ]
    return NetworkNumbers(
        [(2 * j - 3) / 4 for j in range(1, sizes[0] + 1)], [i / 4 for i in range(1, sizes[-1] + 1)], weights
    )


FIGURE_4_NUMBERS = NetworkNumbers(
    x=[1.5, -0.5], y=[0.25], weights=[[[0.5, -0.25], [0.75, 1.0]], [[1.25, -0.375], [-1.5, 0.625]], [[2.0, -1.75]]]
)
UNEQUAL_LAYERS = distinct_numbers([3, 4, 2, 3])  # where two sizes are equal, a wrong index can pass unseen


def figure_1() -> Value:
    """One path: y = 2a, a = 3x, at x = 1.5."""
    a = 3 * Value(1.5, "x")
    y = 2 * a
    label(a=a, y=y)
    return y


def figure_2() -> Value:
    """Two paths: y = 2 a_1 + a_2, a_1 = 3x, a_2 = -x, at x = 1.5."""
    x = Value(1.5, "x")
    a_1, a_2 = 3 * x, -x
    y = 2 * a_1 + a_2
    label(a_1=a_1, a_2=a_2, y=y)
    return y


def figure_3() -> Value:
    """N = 4 paths: y = Σ_j w_j^(2) a_j, a_i = w_i^(1) x, at x = 2."""
    x = Value(2.0, "x")
    first = [Value(w, f"w_{i}^(1)") for i, w in enumerate((1.0, -2.0, 3.0, 0.5), 1)]
    second = [Value(w, f"w_{i}^(2)") for i, w in enumerate((2.0, 0.5, -1.5, 6.0), 1)]
    a = [w * x for w in first]
    y: Value = dot(second, a)
    label(y=y, **{f"a_{i}": node for i, node in enumerate(a, 1)})
    return y


def network_outputs(numbers: NetworkNumbers = FIGURE_4_NUMBERS) -> Value | list[Value]:
    """The outputs of a sigmoid network without biases, z_i^(k) = σ(Σ_j w_ij^(k) z_j^(k-1)); one is not in a list."""
    inputs, *layers = numbers.sizes
    model = MLP(inputs, layers, activation="sigmoid", output_activation="sigmoid", bias=False)
    weights = [w for matrix in numbers.weights for row in matrix for w in row]
    for parameter, w in zip(model.parameters(), weights, strict=True):
        parameter.data = w
    return model([Value(x, f"x_{j}") for j, x in enumerate(numbers.x, 1)])


def figure_4(numbers: NetworkNumbers = FIGURE_4_NUMBERS) -> Value:
    """The error E = ½ Σ_i (z_i^(K) - y_i)² of the network."""
    targets = [Value(y, f"y_{i}" if len(numbers.y) > 1 else "y") for i, y in enumerate(numbers.y, 1)]
    return half_squared_error(network_outputs(numbers), targets)


FIGURES = {1: figure_1, 2: figure_2, 3: figure_3, 4: figure_4}
