"""The gradient of a network over many rows: what is printed for NumPy and for JAX, beside what one writes by hand.

Layers of relu, cross entropy, all in float64. By hand, JAX differentiates the loss itself.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from functools import partial
from importlib import import_module
from itertools import pairwise
from os import cpu_count
from typing import Any

from tests.bench.job import OURS, Job, Peer

SMALL, LARGE = (64, 32, 10), (784, 128, 10)


def program(sizes: Sequence[int], backend: str) -> Any:
    """The loss of one row, compiled."""
    from engine import Value, compile
    from nn import MLP, cross_entropy

    network = MLP(sizes[0], sizes[1:], init="xavier", rng=random.Random(0))
    x = [Value(0.5, f"x_{j}") for j in range(sizes[0])]
    y = [Value(float(i == 0), f"y_{i}") for i in range(sizes[-1])]
    return compile(cross_entropy(network(x), y), inputs=[*x, *y], wrt=network.parameters(), backend=backend)


def given(sizes: Sequence[int], n: int) -> tuple[Any, Any]:
    """Rows, and parameters: each layer's weights of a unit, then its bias."""
    import numpy as np

    from nn import MLP

    rng = np.random.default_rng(0)
    rows = np.concatenate([rng.random((n, sizes[0])), np.eye(sizes[-1])[rng.integers(sizes[-1], size=n)]], axis=1)
    network = MLP(sizes[0], sizes[1:], init="xavier", rng=random.Random(0))
    return rows, np.array([p.data for p in network.parameters()])


def machine_code(sizes: Sequence[int], n: int) -> Job:
    """This engine, compiled by LLVM."""
    compiled, (rows, _) = program(sizes, "llvm"), given(sizes, n)
    ways: dict[str, Callable[[], object]] = {
        f"{k} thread{'s' * (k > 1)}": partial(compiled.sum_over, rows, k) for k in sorted({1, cpu_count() or 1})
    }
    return Job(ways, lambda: _flat(*compiled.sum_over(rows)))


def printed(sizes: Sequence[int], n: int) -> Job:
    """The module that is printed for NumPy."""
    scope: dict[str, Any] = {}
    exec(program(sizes, "python").source_for("numpy"), scope)
    run = partial(scope["value_and_grad"], *given(sizes, n))
    return Job({"": run}, lambda: _flat(*run()))


def printed_for_jax(sizes: Sequence[int], n: int) -> Job:
    """The module that is printed for JAX, jitted."""
    scope: dict[str, Any] = {}
    exec(program(sizes, "python").source_for("jax"), scope)
    return _jitted(scope["value_and_grad"], sizes, n)


def by_hand(sizes: Sequence[int], n: int) -> Job:
    """NumPy, with the backward pass of Section 5 in matrix form."""
    import numpy as np

    rows, parameters = given(sizes, n)

    def value_and_grad() -> tuple[Any, Any]:
        z, y = [rows[:, : sizes[0]]], rows[:, sizes[0] :]
        layers = _layers(parameters, sizes)
        for W in layers:
            a = z[-1] @ W[:, :-1].T + W[:, -1]
            z.append(np.maximum(a, 0.0))
        shifted = a - a.max(axis=1, keepdims=True)
        exponentials = np.exp(shifted)
        sums = exponentials.sum(axis=1, keepdims=True)
        loss = (y * (np.log(sums) - shifted)).sum()
        delta, gradient = exponentials / sums - y, []
        for k in reversed(range(len(layers))):
            gradient.append(np.column_stack([delta.T @ z[k], delta.sum(axis=0)]).ravel())
            if k:
                delta = (delta @ layers[k][:, :-1]) * (z[k] > 0.0)
        return loss, np.concatenate(gradient[::-1])

    return Job({"": value_and_grad}, lambda: _flat(*value_and_grad()))


def by_hand_in_jax(sizes: Sequence[int], n: int) -> Job:
    """JAX, which differentiates the loss of all rows."""
    jax = import_module("jax")

    def loss(parameters: Any, rows: Any) -> Any:
        z = rows[:, : sizes[0]]
        for i, W in enumerate(_layers(parameters, sizes)):
            z = (jax.nn.relu(z) if i else z) @ W[:, :-1].T + W[:, -1]
        return -(rows[:, sizes[0] :] * jax.nn.log_softmax(z)).sum()

    differentiated = jax.value_and_grad(loss)
    return _jitted(lambda rows, parameters: differentiated(parameters, rows), sizes, n)


def _jitted(function: Callable[..., Any], sizes: Sequence[int], n: int) -> Job:
    """A function of arrays that are there, in double precision."""
    jax = import_module("jax")
    from engine.compiler.targets.jax.devices import in_precision

    compiled = jax.jit(function)
    with in_precision("float64"):
        arrays = [jax.numpy.array(numbers) for numbers in given(sizes, n)]

    def run() -> tuple[Any, Any]:
        with in_precision("float64"):
            found: tuple[Any, Any] = jax.block_until_ready(compiled(*arrays))
        return found

    return Job({"": run}, lambda: _flat(*run()))


def _layers(parameters: Any, sizes: Sequence[int]) -> list[Any]:
    """The weights of each layer, with its biases in the last column."""
    found, begin = [], 0
    for n, m in pairwise(sizes):
        found.append(parameters[begin : begin + (n + 1) * m].reshape(m, n + 1))
        begin += (n + 1) * m
    return found


def _flat(value: Any, gradient: Any) -> list[float]:
    return [float(value), *map(float, gradient)]


def peers(sizes: Sequence[int]) -> dict[str, Peer]:
    """Machine code, and what one would write by hand."""
    return {
        "pathgrad": Peer(partial(machine_code, sizes), OURS),
        "NumPy by hand": Peer(partial(by_hand, sizes), ("numpy",)),
        "JAX by hand": Peer(partial(by_hand_in_jax, sizes), ("jax",)),
    }


def peers_of_numpy(sizes: Sequence[int]) -> dict[str, Peer]:
    """What is printed for NumPy."""
    return {
        "pathgrad": Peer(partial(printed, sizes), OURS),
        "NumPy by hand": Peer(partial(by_hand, sizes), ("numpy",)),
    }


def peers_of_jax(sizes: Sequence[int]) -> dict[str, Peer]:
    """What is printed for JAX."""
    return {
        "pathgrad": Peer(partial(printed_for_jax, sizes), (*OURS, "jax")),
        "JAX by hand": Peer(partial(by_hand_in_jax, sizes), ("jax",)),
    }
