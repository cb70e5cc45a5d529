"""A training by JAX in one of several processes: `python jax_training.py I N PORT` prints its losses and parameters."""

import json
import random
import sys
from importlib import import_module
from typing import Any

import engine
import nn

ROWS = 45
INPUTS = [[random.Random(3 * i + j).random() for j in range(3)] for i in range(ROWS)]
CLASSES = [i % 3 for i in range(ROWS)]


def train(seed: int = 0, **options: Any) -> tuple[list[float], list[float], list[float]]:
    """The losses, those of validation, and the parameters of a small training, in batches that are not alike."""
    rng = random.Random(seed)
    network = nn.MLP(3, [4, 3], activation="tanh", rng=rng)
    optimizer = nn.Adam(network.parameters(), lr=nn.schedules.cosine(0.05, 0.01, 6))
    history = nn.fit(
        network,
        nn.cross_entropy,
        INPUTS,
        CLASSES,
        optimizer=optimizer,
        epochs=2,
        batch_size=13,
        validation=0.1,
        clip_norm=0.5,
        rng=rng,
        progress=False,
        **options,
    )
    return history.losses, history.validation_losses, [p.data for p in network.parameters()]


def main() -> None:
    """Join the other processes, find that other models and samples are refused, then train with numbers of its own."""
    jax: Any = import_module("jax")

    index, count, port = map(int, sys.argv[1:])
    jax.distributed.initialize(f"127.0.0.1:{port}", count, index)
    refused = []
    for units, target in ((1 + index, 1.0), (1, 1.0 + index)):
        try:
            nn.fit(nn.MLP(1, [units, 1]), nn.half_squared_error, [0.0, 1.0], [0.0, target], epochs=1, backend="jax")
        except ValueError as error:
            refused.append(str(error))
    x, w = engine.Value(1.0), engine.Value(2.0)
    program = engine.compile(w * w * x, [x], [w], backend="jax")
    rows = [index + 1.0] * (2 * index + 1)
    total, gradient = program.sum_over([[number] for number in rows])
    summed = engine.compile(lambda w, x: w * w * x, at=[2.0, 1.0], wrt=0, backend="jax").summed(rows)
    by_summed = [summed(2.0), summed.value_and_grad(2.0), summed.hessian(2.0), summed.hvp(2.0, 1.0)]
    sums = [total, [*gradient], *by_summed]
    print(json.dumps([refused, program.each([[3.0]]), sums, *train(seed=index, backend="jax")]))


if __name__ == "__main__":
    main()
