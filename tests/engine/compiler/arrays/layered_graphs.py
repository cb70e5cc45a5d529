"""Graphs that are written in matrices on paper: networks of many kinds, made of scalars without labels."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from functools import reduce
from itertools import accumulate
from operator import add, mul
from typing import NamedTuple

from engine import Value, dot, logsumexp, maximum, minimum, softmax
from nn import MLP, cross_entropy, half_squared_error, mean_squared_error

Vector = list[Value]
Matrix = list[Vector]


class Graph(NamedTuple):
    """An error, with its inputs and parameters."""

    output: Value
    inputs: Vector
    parameters: Vector


class Numbers:
    """Leaves with random numbers."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)

    def vector(self, n: int) -> Vector:
        return [Value(self.rng.uniform(-1.0, 1.0)) for _ in range(n)]

    def matrix(self, n: int, m: int) -> Matrix:
        return [self.vector(m) for _ in range(n)]


def flat(*parts: Matrix) -> Vector:
    return [x for matrix in parts for row in matrix for x in row]


def squares(outputs: Sequence[Value], targets: Sequence[Value]) -> Value:
    total = (outputs[0] - targets[0]) ** 2
    for z, y in zip(outputs[1:], targets[1:], strict=True):
        total = total + (z - y) ** 2
    return total / 2


def mlp(sizes: Sequence[int], seed: int = 0, activation: str = "tanh", loss: str = "squares") -> Graph:
    """A network as `nn` makes it, with labels."""
    rng = random.Random(seed)
    model = MLP(sizes[0], list(sizes[1:]), activation=activation, rng=rng, bias=seed % 3 != 2)
    inputs = [Value(rng.uniform(-1.0, 1.0), f"x_{i}") for i in range(1, sizes[0] + 1)]
    targets = [Value(1.0 / sizes[-1], f"y_{i}") for i in range(1, sizes[-1] + 1)]
    found = model(inputs)
    outputs = found if isinstance(found, list) else [found]
    losses = {"squares": half_squared_error, "mean": mean_squared_error, "entropy": cross_entropy}
    return Graph(losses[loss](outputs, targets), [*inputs, *targets], model.parameters())


def softmax_classifier() -> Graph:
    new = Numbers(1)
    W, b, x, y = new.matrix(4, 5), new.vector(4), new.vector(5), new.vector(4)
    scores = [dot(w, x, bias) for w, bias in zip(W, b, strict=True)]
    return Graph(logsumexp(scores) - dot(y, scores), [*x, *y], [*flat(W), *b])


def tied_autoencoder() -> Graph:
    new = Numbers(2)
    W, b, x = new.matrix(4, 6), new.vector(4), new.vector(6)
    z = [dot(w, x, bias).sigmoid() for w, bias in zip(W, b, strict=True)]
    return Graph(squares([dot(column, z) for column in map(list, zip(*W, strict=True))], x), x, [*flat(W), *b])


def recurrent(steps: int = 8) -> Graph:
    new = Numbers(3)
    U, W, b, v = new.matrix(4, 3), new.matrix(4, 4), new.vector(4), new.vector(4)
    xs, y, state = new.matrix(steps, 3), new.vector(1), [Value(0.25)] * 4
    for x in xs:
        state = [dot([*u, *w], [*x, *state], bias).tanh() for u, w, bias in zip(U, W, b, strict=True)]
    return Graph(squares([dot(v, state)], y), [*flat(xs), *y], [*flat(U), *flat(W), *b, *v])


def convolution() -> Graph:
    new = Numbers(4)
    K, b, x, y = new.matrix(2, 3), new.vector(2), new.vector(10), new.vector(1)
    features = [[dot(k, x[i : i + 3], bias).relu() for i in range(8)] for k, bias in zip(K, b, strict=True)]
    v = new.vector(16)
    return Graph(squares([dot(v, flat(features))], y), [*x, *y], [*flat(K), *b, *v])


def attention() -> Graph:
    new = Numbers(5)
    Q, K, V = new.matrix(3, 3), new.matrix(3, 3), new.matrix(3, 3)
    xs, ys = new.matrix(4, 3), new.matrix(4, 3)
    queries, keys, values = ([[dot(w, x) for w in W] for x in xs] for W in (Q, K, V))
    outputs = []
    for query in queries:
        weights = softmax([dot(query, key) / 3**0.5 for key in keys])
        outputs += [dot(weights, list(column)) for column in zip(*values, strict=True)]
    return Graph(squares(outputs, flat(ys)), [*flat(xs), *flat(ys)], flat(Q, K, V))


def figure_3() -> Graph:
    new = Numbers(6)
    w1, w2, x = new.vector(4), new.vector(4), new.vector(1)
    return Graph(dot(w2, [w * x[0] for w in w1]), x, [*w1, *w2])


def plus_and_times() -> Graph:
    """Two layers written with + and *, weight decay, and an error that reads one layer twice."""
    new = Numbers(7)
    W, V, x, y = new.matrix(3, 2), new.matrix(2, 3), new.vector(2), new.vector(2)
    hidden = [(w[0] * x[0] + w[1] * x[1]).sin() for w in W]
    outputs = [v[0] * hidden[0] + v[1] * hidden[1] + v[2] * hidden[2] for v in V]
    decay = sum((w * w for w in flat(W, V)), start=Value(0.0))
    return Graph(squares(outputs, y) + 0.25 * decay + hidden[0] * hidden[1], [*x, *y], [*flat(V), *flat(W)])


def skip_connection() -> Graph:
    """A layer that reads the one before and the inputs, with parameters in an order of their own."""
    new = Numbers(8)
    W, V, x, y = new.matrix(3, 4), new.matrix(2, 7), new.vector(4), new.vector(2)
    hidden = [dot(w, x).tanh() for w in W]
    outputs = [dot(v, [*hidden, *x]) for v in V]
    return Graph(squares(outputs, y), [*y, *x], [*reversed(flat(V)), *flat(W)])


def random_chains(rng: random.Random) -> Graph:
    """Layers that read the one before in its order or in reverse, and the last or the first results of chains.

    Some are cosines of large products, which are known to few digits.
    """
    operations: list[Callable[[Value, Value], Value]] = [mul, add, maximum, minimum]

    def new(n: int) -> Vector:
        return [Value(rng.uniform(0.2, 2.5)) for _ in range(n)]

    x = layer = new(rng.randint(1, 4))
    parameters: Vector = []
    for _ in range(rng.randint(1, 3)):
        W, before, layer = [new(len(layer)) for _ in range(rng.randint(1, 3))], layer, []
        parameters += flat(W)
        is_dot = rng.random() < 0.5
        for _ in range(rng.randint(1, 2)):
            layer += [dot(w, before) if is_dot else reduce(add, map(mul, w, before)) for w in W]
            before = before[::-1]
        if rng.random() < 0.5:
            layer = list(accumulate(layer, rng.choice(operations)))
    ends = [*layer, *[z.cos() for z in accumulate(layer, rng.choice(operations))]]
    return Graph(reduce(rng.choice(operations), ends[: rng.randint(1, len(ends))]), x, parameters)


GRAPHS: dict[str, Callable[[], Graph]] = {
    "2-2-2-1": lambda: mlp([2, 2, 2, 1]),
    "3-4-2-3": lambda: mlp([3, 4, 2, 3], activation="sigmoid"),
    "1-1-1": lambda: mlp([1, 1, 1]),
    "5-1-3": lambda: mlp([5, 1, 3], activation="relu", loss="mean"),
    "4-4-4-4": lambda: mlp([4, 4, 4, 4], activation="gelu"),
    "6-5-4 with cross entropy": lambda: mlp([6, 5, 4], loss="entropy"),
    "softmax": softmax_classifier,
    "tied weights": tied_autoencoder,
    "recurrent": recurrent,
    "convolution": convolution,
    "attention": attention,
    "Figure 3": figure_3,
    "plus and times": plus_and_times,
    "skip connection": skip_connection,
}
