"""Random graphs that repeat themselves."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import engine
from engine import Value

UNARY: list[Callable[[Any], Any]] = [
    *(engine.tanh, engine.sin, engine.sigmoid, engine.softplus, engine.relu, abs, lambda x: -x, lambda x: x**2.0),
    *(lambda x: 0.7 * x, lambda x: x - 0.25, lambda x: engine.exp(x) * 0.1, lambda x: 1.0 / (x * x + 0.5)),
]
BINARY: list[Callable[[Any, Any], Any]] = [
    *(engine.maximum, lambda x, y: x + y, lambda x, y: x * y, lambda x, y: x - y, lambda x, y: x + 0.5 * y),
    *(lambda x, y: x / (y * y + 1.0), lambda x, y: engine.dot([x, y], [y, 0.3])),
]


def random_body(rng: random.Random) -> Callable[[list[Any]], list[Any]]:
    """An iteration: operations on the operands and on each other."""
    recipe = [(rng.random() < 0.6, rng.random(), rng.random(), rng.random()) for _ in range(rng.randint(2, 7))]

    def body(operands: list[Any]) -> list[Any]:
        for is_binary, which, a, b in recipe:
            u, v = operands[int(a * len(operands))], operands[-1 - int(b * b * len(operands))]
            made = BINARY[int(which * len(BINARY))](u, v) if is_binary else UNARY[int(which * len(UNARY))](v)
            operands = [*operands, made if isinstance(made, Value) else made + operands[0]]
        return operands[-len(recipe) :]

    return body


def repeated(seed: int) -> tuple[Value, list[Value], list[Value]]:
    """An output, and its variables: inputs x, and others.

    Iterations read inputs at a regular distance, shared weights, what others have carried to them, and constants; one
    may be odd. Their results are added up, and may be read by a second loop.
    """
    rng = random.Random(seed)
    steps, stride, ahead, distance = rng.randint(5, 14), rng.choice([0, 1, 1, 2]), rng.randint(0, 2), rng.randint(1, 3)
    x = [Value(rng.uniform(-1, 1), f"x_{i}") for i in range(steps * max(1, stride) + ahead + 1)]
    shared = [Value(rng.uniform(-1, 1), f"w_{i}") for i in range(rng.randint(0, 2))]
    states = [[Value(rng.uniform(-1, 1), f"h_{i},{j}") for j in range(distance)] for i in range(rng.randint(0, 3))]
    if rng.random() < 0.5:
        states = [x[:distance] for _ in states]
    body, first, weight = random_body(rng), rng.random() < 0.3, rng.choice([1.0, 1.0, 1.0, 0.9])
    has_constants, odd = rng.random() < 0.5, rng.choice([None, None, 0, steps // 2, steps - 1])
    results: list[Any] = []
    total: Any = None
    for t in range(steps):
        operands: list[Any] = [x[t * stride], x[t * stride + ahead], *shared]
        operands += [row[-k] for row in states for k in {1, distance}]
        operands += [w * w for w in shared[:1] if first]
        operands += [rng.uniform(-1, 1)] if has_constants else []
        made = body(operands)
        states = [[*row, made[-1 - k % len(made)]] for k, row in enumerate(states)]
        results.append(made[-1])
        term = made[-1] * 2.5 if t == odd else made[-1]
        total = term if total is None else total + term if weight == 1.0 else weight * total + term
    for result in results if rng.random() < 0.2 else ():
        total = total + result.tanh() * result
    if rng.random() < 0.2:
        total = states[0][-1] * states[-1][-1] if states else total.sin()
    output = rng.choice([total, total / float(steps), (0.1 * total).tanh()])
    leaves = [node for node in engine.toposort(output) if node.op is engine.ops.variable]
    return output, [leaf for leaf in leaves if leaf in x], [leaf for leaf in leaves if leaf not in x]


def recurrences(seed: int, steps: int = 24) -> tuple[Value, list[Value], list[Value]]:
    """An output, its input x, and parameters; the last of them is read only after two series of states.

    Each state is the sum of units, functions of one or two states of iterations before. Those that the first iteration
    reads are often the same, so that operations of several iterations are one. The second series reads the states of
    the first one, and constants some of which are equal, 0 or 1.
    """
    rng = random.Random(seed)
    x, w, last = Value(0.3, "x"), [Value(rng.uniform(-1, 1), f"w_{i}") for i in range(2)], Value(0.7, "last")
    linear: list[Callable[[Any], Any]] = [lambda u: 0.9 * u, lambda u: u * w[0], lambda u: w[1] * u - 0.3]
    functions = rng.sample([*UNARY[:3], *linear], 3)
    numbers = [0.0, 1.0, -0.3, 0.9] if rng.random() < 0.7 else []
    total, series = x * 0.5, [x] * steps
    for is_second in (False, True):
        n, distance = rng.randint(1, 3), rng.randint(1, 3)
        units = [
            [(rng.randrange(n), rng.randint(1, distance), rng.sample(functions, 2)) for _ in range(rng.randint(1, 2))]
            for _ in range(n)
        ]
        starts = [x, x, w[0], 1.5 * x]
        history = [rng.choices(starts, k=n) for _ in range(distance)]
        history = [history[0]] * distance if rng.random() < 0.6 else history
        for u in series:
            sums: list[Any] = [sum(f(g(history[-k][i])) for i, k, (f, g) in row) for row in units]
            if is_second:
                error = u - rng.choice([*numbers, rng.uniform(-1, 1), rng.uniform(-1, 1)])
                sums[0], total = sums[0] + error * w[1], total + error**2
            history.append([engine.tanh(y) for y in sums])
        series, total = [row[0] for row in history[distance:]], total + history[-1][-1]
    return total * last, [x], [*w, last]
