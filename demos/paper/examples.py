"""The paper's examples as graphs: Figures 1 to 3 and the network of Figure 4.

The numbers are dyadic fractions, so that the sums and products of Figures 1 to 3 are exact. All can be changed.
"""

from __future__ import annotations

import json
import math
import random
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

from demos.cli import format_count
from engine import Value, dot, label
from engine._support.checks import check_instance
from engine._support.real_numbers import read_numbers
from engine._support.suggestions import did_you_mean_or_list
from nn import MLP, half_squared_error
from viz.math.formats.text import label_to_unicode

Matrix = list[list[float]]
MAX_WEIGHTS = 1000  # all of whose derivatives are printed


@dataclass(frozen=True)
class Example:
    """A figure of the paper: its title, its graph from the leaves to the output, and the part that is drawn.

    `constants` are those of Figures 1 and 2, on the arrows from x and on the arrows to y.
    """

    figure: int
    title: str
    output: Value
    leaves: list[Value]
    drawn: Value | list[Value]
    constants: tuple[Sequence[float], Sequence[float]] = ((), ())


def figure_1(x: float = 1.5, w_1: Sequence[float] = (3,), w_2: Sequence[float] = (2,)) -> Example:
    """One path: y = 2a (2), a = 3x (3), or with other constants."""
    [into], [out] = w_1, w_2
    leaf = Value(x, "x")
    a = _multiple(into, leaf)
    y = _multiple(out, a)
    label(a=a, y=y)
    return Example(1, "the chain rule along one path, (1) to (6)", y, [leaf], y, (w_1, w_2))


def figure_2(x: float = 1.5, w_1: Sequence[float] = (3, -1), w_2: Sequence[float] = (2, 1)) -> Example:
    """Two paths: y = 2 a_1 + a_2 (7), a_1 = 3x (8), a_2 = -x (9), or with other constants."""
    leaf = Value(x, "x")
    a_1, a_2 = (_multiple(constant, leaf) for constant in w_1)
    out_1, out_2 = w_2
    first, second = (
        a if constant == 1 else _multiple(constant, a) for constant, a in ((out_1, a_1), (abs(out_2), a_2))
    )
    y = first - second if out_2 < 0 else first + second
    label(a_1=a_1, a_2=a_2, y=y)
    return Example(2, "the sum rule across two paths, (7) to (11)", y, [leaf], y, (w_1, w_2))


def _multiple(constant: float, x: Value) -> Value:
    """constant · x, and -x for -1, as the paper writes (9)."""
    return -x if constant == -1 else constant * x


def figure_3(
    x: float = 2.0, w_1: Sequence[float] = (1, -2, 3, 0.5), w_2: Sequence[float] = (2, 0.5, -1.5, 6)
) -> Example:
    """N paths: y = Σ_j w_j^(2) a_j (12), a_i = w_i^(1) x (13)."""
    leaf = Value(x, "x")
    first = [Value(w, f"w_{i}^(1)") for i, w in enumerate(w_1, 1)]
    second = [Value(w, f"w_{i}^(2)") for i, w in enumerate(w_2, 1)]
    a = [w * leaf for w in first]
    for i, node in enumerate(a, 1):
        node.label = f"a_{i}"
    y = dot(second, a)
    y.label = "y"
    return Example(3, "weights and N paths, (12) to (21)", y, [leaf, *first, *second], y)


@dataclass(frozen=True)
class Network:
    """The numbers of a network without biases, and of one sample.

    Attributes:
        x: The inputs.
        y: The targets, one for each unit of the last layer.
        weights: W^(1), ..., W^(K). Row i of W^(k) holds the weights into unit i of layer k.
        activation: The name of the hidden layers' σ, one of `nn.activations.activations`.
        output_activation: That of the last layer, which is "linear" in some regressions.
    """

    x: list[float]
    y: list[float]
    weights: list[Matrix]
    activation: str = "sigmoid"
    output_activation: str = "sigmoid"

    @property
    def sizes(self) -> list[int]:
        """The number of inputs, and of the units of each layer: N_0, ..., N_K."""
        return [len(self.x), *(len(matrix) for matrix in self.weights)]

    @classmethod
    def lattice(cls, sizes: Sequence[int]) -> Network:
        """A network of these sizes whose numbers are dyadic fractions, with layers that differ and no weight of 0.

        >>> Network.lattice([3, 4, 2, 3]).weights[2]
        [[0.3125, -0.4375], [0.6875, -0.0625], [-0.3125, 0.3125]]
        """
        weights = [
            [[(2 * ((3 * i + 5 * j + 7 * k) % 11) - 9) / 16 for j in range(1, below + 1)] for i in range(1, size + 1)]
            for k, (below, size) in enumerate(pairwise(sizes), 1)
        ]
        x = [(2 * i - 3) / 4 for i in range(1, sizes[0] + 1)]
        return cls(x, [i / 4 for i in range(1, sizes[-1] + 1)], weights)

    @classmethod
    def random(cls, sizes: Sequence[int], rng: random.Random) -> Network:
        """A network of these sizes: weights and inputs uniform in [-2, 2], targets in [0, 1].

        >>> Network.random([2, 3, 1], random.Random(0)).sizes
        [2, 3, 1]
        """

        def matrix(n_rows: int, n_columns: int) -> Matrix:
            return [[rng.uniform(-2.0, 2.0) for _ in range(n_columns)] for _ in range(n_rows)]

        weights = [matrix(size, below) for below, size in pairwise(sizes)]
        return cls(matrix(1, sizes[0])[0], [rng.uniform(0.0, 1.0) for _ in range(sizes[-1])], weights)

    @classmethod
    def from_json(cls, path: str | Path) -> Network:
        """Read a file such as {"x": [1.5, -0.5], "y": 0.25, "weights": [[[0.5, -0.25], [0.75, 1.0]], ...]}.

        Raises ValueError for wrong content, which it names, and OSError if the file cannot be read.
        """
        try:
            content = json.loads(Path(path).read_text(encoding="utf-8"))
        except (ValueError, RecursionError) as error:
            raise ValueError(f"{path} is not JSON: {error}") from error
        if not isinstance(content, dict) or not set(content) <= {"x", "y", "weights"}:
            raise ValueError(f'{path} must hold an object with "x", "y" and "weights", each of which may be left out')
        weights = content.get("weights", NET4.weights)
        if not isinstance(weights, list) or not weights:
            raise ValueError(f'"weights" in {path} must be a list with one matrix for each layer')
        network = cls(
            _check_numbers(_as_list(content.get("x", NET4.x)), f'"x" in {path}'),
            _check_numbers(_as_list(content.get("y", NET4.y)), f'"y" in {path}'),
            [_check_matrix(rows, f"{_matrix_name(k)} in {path}") for k, rows in enumerate(weights, 1)],
        )
        try:
            network.check()
        except ValueError as error:
            missing = [f'"{name}"' for name in ("x", "y", "weights") if name not in content]
            kept = f"; {path} leaves out {' and '.join(missing)}, for which Figure 4's stand" if missing else ""
            raise ValueError(f"{error}{kept}") from error
        return network

    def check(self) -> None:
        """Raise ValueError, which names the layer, if sizes do not fit together or a number is not finite."""
        check_finite([*self.x, *self.y, *(number for matrix in self.weights for row in matrix for number in row)])
        check_weight_count(sum(len(row) for matrix in self.weights for row in matrix))
        below, name = len(self.x), format_count(len(self.x), "input")
        for k, matrix in enumerate(self.weights, 1):
            for i, row in enumerate(matrix, 1):
                if len(row) != below:
                    has = format_count(len(row), "weight")
                    raise ValueError(f"row {i} of {_matrix_name(k)} has {has}, but there must be {below}, for {name}")
            below, name = len(matrix), f"{format_count(len(matrix), 'unit')} of layer {k}"
        if len(self.y) != below:
            raise ValueError(f"{format_count(len(self.y), 'target')} cannot be compared with {name}")


def _matrix_name(k: int) -> str:
    return label_to_unicode(f"W_bold^({k})")


def check_finite(numbers: Sequence[float]) -> None:
    """Raise ValueError for a number that is not finite."""
    for number in numbers:
        if not math.isfinite(number):
            raise ValueError(f"the numbers must be finite; {number} is not")


def check_weight_count(n_weights: int) -> None:
    """Raise ValueError for too many weights for every derivative to be printed."""
    if n_weights > MAX_WEIGHTS:
        raise ValueError(f"the network has {n_weights} weights; this demo prints each, and takes at most {MAX_WEIGHTS}")


NET4 = Network(
    x=[1.5, -0.5], y=[0.25], weights=[[[0.5, -0.25], [0.75, 1.0]], [[1.25, -0.375], [-1.5, 0.625]], [[2.0, -1.75]]]
)
NETU = Network.lattice([3, 4, 2, 3])  # unequal layers, so that a wrong index does not go unnoticed


def figure_4(network: Network = NET4, **changed: Any) -> Example:
    """The network of Section 3, z_i^(k) = σ(Σ_j w_ij^(k) z_j^(k-1)), and its error E_n = ½ Σ_i (z_i - y_i)².

    `changed` has other numbers in the place of the network's: x, y and weights; or other activations.

    >>> figure_4(x=[3, -0.5]).leaves[0]
    Value(data=3.0, grad=0.0, label='x_1')
    """
    check_instance(
        network, Network, "the network must be a Network (numbers have keywords, as in figure_4(x=[3, -0.5]))"
    )
    known = [field.name for field in fields(Network)]
    for name in changed:
        if name not in known:
            raise TypeError(f"figure_4() does not have a keyword {name!r}{did_you_mean_or_list(name, known)}")
    network = replace(network, **changed)
    network.check()
    sizes = [len(matrix) for matrix in network.weights]
    model = MLP(len(network.x), sizes, network.activation, network.output_activation, bias=False)
    numbers = [number for matrix in network.weights for row in matrix for number in row]
    for parameter, number in zip(model.parameters(), numbers, strict=True):
        parameter.data = number
    inputs = [Value(x, f"x_{j}") for j, x in enumerate(network.x, 1)]
    outputs = model(inputs)
    targets = [Value(y, f"y_{i}" if len(network.y) > 1 else "y") for i, y in enumerate(network.y, 1)]
    error = half_squared_error(outputs, targets)
    error.label = "E_n"
    shape = "-".join(str(size) for size in model.sizes)
    place = "Section 3" if network.sizes == NET4.sizes else "in the place of Section 3's"
    return Example(4, f"a {shape} network, {place}", error, [*inputs, *model.parameters(), *targets], outputs)


def _check_matrix(rows: Any, name: str) -> Matrix:
    if not isinstance(rows, list) or not rows:
        raise ValueError(f"{name} must be a list of rows, not {rows!r:.60}")
    return [_check_numbers(row, f"row {i} of {name}") for i, row in enumerate(rows, 1)]


def _as_list(numbers: Any) -> Any:
    return [numbers] if isinstance(numbers, (int, float)) else numbers


def _check_numbers(numbers: Any, name: str) -> list[float]:
    if not isinstance(numbers, list) or not numbers or not all(type(x) in (int, float) for x in numbers):
        raise ValueError(f"{name} must be a list of numbers, not {numbers!r:.60}")
    return read_numbers(numbers, name)
