"""A training step of a small transformer whose loss is built of single numbers: sums, products, powers, exp, log, relu.

One block of attention with several heads and one of relu units, each behind an RMS norm and beside a short cut, as in
GPT; the loss is the mean cross entropy of the next letter. The builder below makes the same nodes of either engine's
`Value`. micrograd builds and backpropagates them in each step; ours were compiled once. `size` is the number of letters
that are read: 8 make about 60,000 nodes.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

from tests.bench import extended_micrograd
from tests.bench.job import OURS, Job, Peer

LETTERS, WIDTH, HEADS, HIDDEN = 27, 16, 4, 64
RATE = 0.01

Vector = list[Any]
Matrix = list[list[Any]]

SHAPES = {
    "letters": (LETTERS, WIDTH),
    "places": (None, WIDTH),  # one for each letter that is read
    "query": (WIDTH, WIDTH),
    "key": (WIDTH, WIDTH),
    "value": (WIDTH, WIDTH),
    "mix": (WIDTH, WIDTH),
    "widen": (HIDDEN, WIDTH),
    "narrow": (WIDTH, HIDDEN),
    "scores": (LETTERS, WIDTH),
}


class Functions(NamedTuple):
    """The functions of an engine's nodes that are not operators."""

    exp: Callable[[Any], Any]
    log: Callable[[Any], Any]


def text(size: int) -> list[int]:
    """Letters at random, one more than are read."""
    rng = random.Random(1)
    return [rng.randrange(LETTERS) for _ in range(size + 1)]


def parameters(size: int, value: Callable[[float], Any]) -> dict[str, Matrix]:
    """All weights, as nodes."""
    rng = random.Random(0)
    return {
        name: [[value(rng.gauss(0.0, 0.2)) for _ in range(columns)] for _ in range(rows or size)]
        for name, (rows, columns) in SHAPES.items()
    }


def total(terms: Sequence[Any]) -> Any:
    """A sum, one addition after the other."""
    return sum(terms[1:], terms[0])


def product(matrix: Matrix, x: Vector) -> Vector:
    """A matrix times a vector."""
    return [total([w * v for w, v in zip(row, x, strict=True)]) for row in matrix]


def normed(x: Vector) -> Vector:
    """x over the root of the mean of its squares."""
    scale = (total([v * v for v in x]) * (1.0 / len(x)) + 1e-5) ** -0.5
    return [v * scale for v in x]


def softmax(f: Functions, scores: Vector) -> Vector:
    """e^a_i / Σ_j e^a_j. The scores are small, so that nothing needs to be subtracted from them."""
    powers = [f.exp(a) for a in scores]
    inverse = total(powers) ** -1.0
    return [p * inverse for p in powers]


def attention(f: Functions, query: Vector, keys: Matrix, values: Matrix) -> Vector:
    """For each head, the mean of the values seen so far, weighted by how well their keys go with the query."""
    mixed = []
    width = WIDTH // HEADS
    for first in range(0, WIDTH, width):
        part = slice(first, first + width)
        scores = [total([q * k for q, k in zip(query[part], key[part], strict=True)]) * width**-0.5 for key in keys]
        weights = softmax(f, scores)
        columns = zip(*(v[part] for v in values), strict=True)
        mixed += [total([w * v for w, v in zip(weights, column, strict=True)]) for column in columns]
    return mixed


def added(x: Vector, y: Vector) -> Vector:
    """x + y."""
    return [u + v for u, v in zip(x, y, strict=True)]


def loss(f: Functions, w: dict[str, Matrix], letters: list[int]) -> Any:
    """The mean over the places of -log of the probability of the letter that comes next."""
    keys: Matrix = []
    values: Matrix = []
    losses = []
    for place, (letter, following) in enumerate(pairwise(letters)):
        x = normed(added(w["letters"][letter], w["places"][place]))
        seen = normed(x)
        keys.append(product(w["key"], seen))
        values.append(product(w["value"], seen))
        x = added(x, product(w["mix"], attention(f, product(w["query"], seen), keys, values)))
        hidden = [a.relu() for a in product(w["widen"], normed(x))]
        x = added(x, product(w["narrow"], hidden))
        losses.append(-f.log(softmax(f, product(w["scores"], x))[following]))
    return total(losses) * (1.0 / len(losses))


def every(weights: dict[str, Matrix]) -> Vector:
    """All weights in one list."""
    return [p for matrix in weights.values() for row in matrix for p in row]


def pathgrad(size: int) -> Job:
    """This engine: machine code, and `nn.SGD` on its memory."""
    from engine import Value, compile, exp, log
    from nn import SGD

    weights = parameters(size, Value)
    numbers = every(weights)
    program = compile(loss(Functions(exp, log), weights, text(size)), wrt=numbers, backend="llvm")
    optimizer = SGD(numbers, lr=RATE)
    no_inputs = [()]

    def step() -> float:
        value, _ = program.sum_over(no_inputs)
        optimizer.update(program.parameters, program.gradient)
        return value

    return Job({"": step}, lambda: [step(), *program.parameters])


def micrograd(size: int) -> Job:
    """micrograd: built and backpropagated in each step."""
    functions = Functions(extended_micrograd.exp, extended_micrograd.log)
    weights = parameters(size, extended_micrograd.value())
    numbers, letters = every(weights), text(size)

    def step() -> float:
        output = loss(functions, weights, letters)
        for p in numbers:
            p.grad = 0.0
        output.backward()
        for p in numbers:
            p.data -= RATE * p.grad
        return float(output.data)

    return Job({"": step}, lambda: [step(), *(p.data for p in numbers)])


PEERS = {"pathgrad": Peer(pathgrad, OURS), "micrograd": Peer(micrograd, ("micrograd",))}
