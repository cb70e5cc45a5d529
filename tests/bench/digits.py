"""An epoch on samples like handwritten digits: 64-32-10 units, relu, cross entropy, an update after each batch.

All in float64. The numbers of a sample are drawn at random: what they are changes no time. Ours: `sum_over` on slices
of one array, and `nn.SGD.update` on the program's memory; PyTorch: its modules and its optimizer.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from functools import partial
from importlib import import_module
from os import cpu_count

from tests.bench.job import OURS, Job, Peer
from tests.bench.torch_ways import with_threads

SIZES = [64, 32, 10]
RATE = 0.05


def samples(size: int) -> tuple[list[list[float]], list[int]]:
    """Pixels in sixteenths, and classes."""
    rng = random.Random(0)
    pixels = [[rng.randrange(17) / 16 for _ in range(SIZES[0])] for _ in range(size)]
    return pixels, [rng.randrange(SIZES[-1]) for _ in range(size)]


def pathgrad(batch: int | None, size: int) -> Job:
    """This engine: machine code, with one thread or several."""
    import numpy as np

    from engine import Value, compile
    from nn import MLP, SGD, cross_entropy

    network = MLP(SIZES[0], SIZES[1:], init="xavier", rng=random.Random(0))
    parameters = network.parameters()
    x = [Value(0.0) for _ in range(SIZES[0])]
    y = [Value(float(i == 0)) for i in range(SIZES[-1])]
    program = compile(cross_entropy(network(x), y), inputs=[*x, *y], wrt=parameters, backend="llvm")
    pixels, classes = samples(size)
    rows = np.concatenate([pixels, np.eye(SIZES[-1])[classes]], axis=1)
    batches = [rows[i : i + (batch or size)] for i in range(0, size, batch or size)]
    optimizer = SGD(parameters)

    def epoch(threads: int) -> float:
        total = 0.0
        for some in batches:
            error, _ = program.sum_over(some, threads)
            optimizer.lr = RATE / len(some)
            optimizer.update(program.parameters, program.gradient)
            total += error
        return total / size

    ways: dict[str, Callable[[], object]] = {
        f"{n} thread{'s' * (n > 1)}": partial(epoch, n) for n in sorted({1, cpu_count() or 1})
    }
    return Job(ways, lambda: [epoch(1), *program.parameters])


def pytorch(batch: int | None, size: int) -> Job:
    """PyTorch, from the same weights."""
    torch = import_module("torch")
    from nn import MLP

    network = torch.nn.Sequential(
        torch.nn.Linear(*SIZES[:2], dtype=torch.float64),
        torch.nn.ReLU(),
        torch.nn.Linear(*SIZES[1:], dtype=torch.float64),
    )
    ours = MLP(SIZES[0], SIZES[1:], init="xavier", rng=random.Random(0))
    with torch.no_grad():
        for linear, layer in zip(network[::2], ours.layers, strict=True):
            weights = [[w.data for w in neuron.w] for neuron in layer.neurons]
            linear.weight.copy_(torch.tensor(weights, dtype=torch.float64))
            linear.bias.zero_()
    pixels, classes = samples(size)
    x, y = torch.tensor(pixels, dtype=torch.float64), torch.tensor(classes)
    batches = [(x[i : i + (batch or size)], y[i : i + (batch or size)]) for i in range(0, size, batch or size)]
    optimizer = torch.optim.SGD(network.parameters(), lr=RATE)
    cross_entropy = torch.nn.CrossEntropyLoss()

    def epoch() -> float:
        total = 0.0
        for inputs, targets in batches:
            optimizer.zero_grad()
            loss = cross_entropy(network(inputs), targets)
            loss.backward()
            optimizer.step()
            total += loss.item() * len(inputs)
        return total / size

    def answer() -> list[float]:
        mean = epoch()
        numbers = []
        for linear in network[::2]:
            for weights, bias in zip(linear.weight.tolist(), linear.bias.tolist(), strict=True):
                numbers += [*weights, bias]
        return [mean, *numbers]

    return Job(with_threads(torch, epoch), answer)


def peers(batch: int | None) -> dict[str, Peer]:
    """The peers, for batches of that size, or for all samples in one."""
    return {
        "pathgrad": Peer(partial(pathgrad, batch), OURS),
        "PyTorch": Peer(partial(pytorch, batch), ("torch",)),
    }
