"""Graphs of many steps, each of which carries results to the next."""

from __future__ import annotations

import random
from itertools import pairwise

from engine import Value, dot, sin, tanh
from nn import cross_entropy
from tests.engine.compiler.arrays.layered_graphs import Graph, flat


def lorenz(steps: int) -> Graph:
    """Lorenz's system, by the method of Runge and Kutta."""
    inputs = state = [Value(1.0, f"{x}_0") for x in "xyz"]
    s, r, b = parameters = [Value(10.0, "s"), Value(28.0, "r"), Value(2.5, "b")]
    h = 0.01

    def slopes(x: Value, y: Value, z: Value) -> list[Value]:
        return [s * (y - x), x * (r - z) - y, x * y - b * z]

    for _ in range(steps):
        found = [slopes(*state)]
        for step in (h / 2.0, h / 2.0, h):
            found.append(slopes(*[u + step * k for u, k in zip(state, found[-1], strict=True)]))
        state = [u + h / 6.0 * (p + 2.0 * (q + v) + w) for u, p, q, v, w in zip(state, *found, strict=True)]
    return Graph(dot(state, state), inputs, parameters)


def oscillator(steps: int) -> Graph:
    """A damped oscillator with a force, compared with measurements: both are other constants in each step."""
    rng, x, v, k, c = random.Random(0), *(Value(1.0, label) for label in "xvkc")
    inputs, loss = [x, v], Value(0.0, "loss") * 0.0
    for _ in range(steps):
        v = v + 0.01 * (rng.uniform(-1.0, 1.0) - k * x - c * v)
        x = x + 0.01 * v
        loss = loss + (x - rng.uniform(-1.0, 1.0)) ** 2
    return Graph(loss, inputs, [k, c])


def recurrent_network(steps: int, units: int = 8, width: int = 3) -> Graph:
    """The last state of a recurrent network against a target."""
    rng = random.Random(0)
    W, U = (
        [[Value(rng.uniform(-0.5, 0.5), f"{x}_{i}{j}") for j in range(1, n + 1)] for i in range(1, units + 1)]
        for x, n in (("w", width), ("u", units))
    )
    b, h = ([Value(number, f"{x}_{i}") for i in range(1, units + 1)] for x, number in (("b", 0.1), ("h", 0.0)))
    y = Value(0.5, "y")
    x, start = [[Value(0.1, f"x_{t},{j}") for j in range(width)] for t in range(steps)], h
    for row in x:
        h = [tanh(dot(W[i], row) + dot(U[i], h, b[i])) for i in range(units)]
    return Graph((dot(h, h) - y) ** 2, [*flat(x), y], [*flat(W, U), *b, *start])


def rosenbrock(n: int) -> Graph:
    x = [Value(0.1 * (i % 7), f"x_{i}") for i in range(n)]
    terms = [100.0 * (v - u * u) ** 2 + (1.0 - u) ** 2 for u, v in pairwise(x)]
    return Graph(sum(terms[1:], terms[0]), x, [])


def decaying_rosenbrock(n: int) -> Graph:
    x = [Value(0.1 * (i % 7), f"x_{i}") for i in range(n)]
    total, w = x[0], Value(0.9, "w")
    for u, v in pairwise(x):
        total = w * total + 100.0 * (v - u * u) ** 2 + (1.0 - u) ** 2
    return Graph(total, x, [w])


def sequence_model(steps: int, units: int = 6, width: int = 2) -> Graph:
    """A recurrent network with an output, and its cross entropy, in each step."""
    rng = random.Random(0)

    def matrix(name: str, n: int, m: int) -> list[list[Value]]:
        return [[Value(rng.uniform(-0.5, 0.5), f"{name}_{i}{j}") for j in range(1, m + 1)] for i in range(1, n + 1)]

    W, U, V = matrix("W", units, width), matrix("U", units, units), matrix("V", width, units)
    b, c, h, loss = [Value(0.1, f"b_{i}") for i in range(units)], Value(0.2, "c"), [Value(0.0, "h")] * units, Value(0.0)
    x, y = ([[Value(0.1, f"{name}_{t},{j}") for j in range(width)] for t in range(steps)] for name in "xy")
    for row, target in zip(x, y, strict=True):
        h = [tanh(dot(W[i], row) + dot(U[i], h, b[i])) for i in range(units)]
        loss = loss + cross_entropy([dot(V[k], h, c) for k in range(width)], target)
    return Graph(loss, [*flat(x, y)], [*flat(W, U, V), *b, c])


def equal_starts(steps: int) -> Graph:
    """Two states that start as one, so that the first iteration shares operations with itself."""
    x, w = Value(0.3, "x"), Value(1.5, "w")
    a = b = x
    for _ in range(steps):
        a, b = sin(w * a * b), tanh(w * b - 1.3 * a)
    return Graph(a + b * b, [x], [w])


def simulation(steps: int) -> Graph:
    """A state that no parameter influences, with a parameter after it."""
    h = x = Value(0.3, "x")
    w = Value(0.5, "w")
    for _ in range(steps):
        h = tanh(h * 0.9 + 0.1) + h * 0.01
    return Graph(w * h, [x], [w])


def rounded_measurements(steps: int) -> Graph:
    """A simulation that corrects another, after it, by measurements half of which are 0."""
    rng, x, w = random.Random(0), Value(0.3, "x"), Value(0.5, "w")
    u = [x]
    for _ in range(steps):
        u.append(tanh(w * u[-1] + 0.2))
    a, b, loss = x * 0.5, x, Value(0.0)
    for before, after in pairwise(u):
        c = rng.choice([0.0, rng.random()])
        a, b = tanh(before - c + w * a), a * 0.9 + 0.1 * tanh((before - c) * b)
        loss = loss + (after - c) ** 2
    return Graph(a + b + loss, [x], [w])
