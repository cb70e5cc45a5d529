"""A training step of micrograd's demo: 2-16-16-1 relu units, hinge loss, weight decay, an update of all parameters.

Every peer does what its users would write. Ours: the graph of one sample, compiled; all samples by `sum_over`; decay
and update by `nn.SGD.update` on the program's own memory. The loss is a mean and `sum_over` gives a sum, so the
learning rate is divided by the number of samples, and the decay multiplied. micrograd builds the graph of all samples
in each step, with the decay as a penalty, as its demo does; the others work on all samples at once, in float64:
PyTorch with its modules and its optimizer, JAX with the whole step, update and decay included, as one jitted function.
All must agree on the mean hinge loss and on the parameters after a step.
"""

from __future__ import annotations

import math
import random
from functools import partial
from importlib import import_module
from itertools import pairwise
from typing import Any

from tests.bench.job import OURS, Job, Peer
from tests.bench.torch_ways import with_threads

SIZES = [2, 16, 16, 1]
RATE, DECAY = 0.1, 2e-4


def points(size: int) -> list[list[float]]:
    """Two half circles with some noise: in each row two coordinates and the class, -1 or 1."""
    rng = random.Random(0)
    rows = []
    for i in range(size):
        side, angle = 2 * (i % 2) - 1, rng.uniform(0.0, math.pi)
        x, y = (math.cos(angle), math.sin(angle)) if side < 0 else (1.0 - math.cos(angle), 0.5 - math.sin(angle))
        rows.append([x + rng.gauss(0.0, 0.1), y + rng.gauss(0.0, 0.1), float(side)])
    return rows


def layers() -> list[list[list[float]]]:
    """The first parameters: for each layer and unit its weights and, last, its bias."""
    rng = random.Random(1)
    return [[[*(rng.uniform(-1.0, 1.0) for _ in range(n)), 0.0] for _ in range(units)] for n, units in pairwise(SIZES)]


def flat(parameters: list[Any]) -> list[float]:
    """Weights, bias, weights, bias, ... (arrays) as numbers, in our order: unit by unit."""
    numbers: list[float] = []
    for w, b in zip(parameters[::2], parameters[1::2], strict=True):
        for weights, bias in zip(w.tolist(), b.tolist(), strict=True):
            numbers += [*weights, bias]
    return numbers


def pathgrad(size: int) -> Job:
    """This engine: machine code."""
    import numpy as np

    from engine import Value, compile
    from nn import MLP, SGD, hinge

    network = MLP(SIZES[0], SIZES[1:])
    parameters = network.parameters()
    for p, number in zip(parameters, (x for layer in layers() for unit in layer for x in unit), strict=True):
        p.data = number
    x, y = [Value(0.0, "x_1"), Value(0.0, "x_2")], Value(1.0, "y")
    program = compile(hinge(network(x), [y]), inputs=[*x, y], wrt=parameters, backend="llvm")
    rows = np.array(points(size))
    optimizer = SGD(parameters, lr=RATE / size, weight_decay=DECAY * size)

    def step() -> float:
        total, _ = program.sum_over(rows)
        optimizer.update(program.parameters, program.gradient)
        return total / size

    return Job({"": step}, lambda: [step(), *program.parameters])


def micrograd(size: int) -> Job:
    """micrograd: a graph of all samples."""
    value, MLP = import_module("micrograd.engine").Value, import_module("micrograd.nn").MLP
    network = MLP(SIZES[0], SIZES[1:])
    for p, number in zip(network.parameters(), (x for layer in layers() for unit in layer for x in unit), strict=True):
        p.data = number
    rows = points(size)

    def step() -> float:
        losses = [(1 + -y * network([value(x_1), value(x_2)])).relu() for x_1, x_2, y in rows]
        loss = sum(losses) * (1.0 / size)
        total = loss + DECAY / 2 * sum(p * p for p in network.parameters())
        network.zero_grad()
        total.backward()
        for p in network.parameters():
            p.data -= RATE * p.grad
        return float(loss.data)

    return Job({"": step}, lambda: [step(), *(p.data for p in network.parameters())])


def pytorch(size: int) -> Job:
    """PyTorch: all samples at once."""
    torch = import_module("torch")
    network = torch.nn.Sequential()
    for layer in layers():
        units = torch.tensor(layer, dtype=torch.float64)
        linear = torch.nn.Linear(units.shape[1] - 1, units.shape[0], dtype=torch.float64)
        with torch.no_grad():
            linear.weight.copy_(units[:, :-1])
            linear.bias.copy_(units[:, -1])
        network.extend([linear, torch.nn.ReLU()])
    network.pop(-1)
    optimizer = torch.optim.SGD(network.parameters(), lr=RATE, weight_decay=DECAY)
    rows = torch.tensor(points(size), dtype=torch.float64)
    inputs, y = rows[:, :2].contiguous(), rows[:, 2:].contiguous()

    def step() -> Any:
        optimizer.zero_grad()
        loss = torch.relu(1.0 - y * network(inputs)).mean()
        loss.backward()
        optimizer.step()
        return loss

    return Job(with_threads(torch, step), lambda: [step().item(), *flat(list(network.parameters()))])


def _loss(np: Any, parameters: list[Any], inputs: Any, y: Any) -> Any:
    """The loss, in the words of NumPy, which jax.numpy and autograd.numpy speak too."""
    z = inputs
    for w, b in zip(parameters[:-2:2], parameters[1:-2:2], strict=True):
        z = np.maximum(z @ w.T + b, 0.0)
    scores = (z @ parameters[-2].T + parameters[-1])[:, 0]
    return np.mean(np.maximum(1.0 - y * scores, 0.0))


def _arrays(np: Any, size: int) -> tuple[list[Any], Any, Any]:
    parameters = []
    for layer in layers():
        units = np.array(layer)
        parameters += [units[:, :-1], units[:, -1]]
    rows = np.array(points(size))
    return parameters, rows[:, :2], rows[:, 2]


def jax(asynchronous: bool, size: int) -> Job:
    """JAX: the whole step, the update included, is one jitted function.

    By default JAX hands the work to another thread, and waking that one can take longer than the work.
    """
    jax = import_module("jax")
    jax.config.update("jax_enable_x64", True)
    jax.config.update("jax_cpu_enable_async_dispatch", asynchronous)
    np = import_module("jax.numpy")
    parameters, inputs, y = _arrays(np, size)

    def stepped(parameters: list[Any]) -> tuple[Any, list[Any]]:
        loss, gradient = jax.value_and_grad(lambda p: _loss(np, p, inputs, y))(parameters)
        return loss, [p - RATE * (g + DECAY * p) for p, g in zip(parameters, gradient, strict=True)]

    jitted = jax.jit(stepped)

    def step() -> Any:
        nonlocal parameters
        loss, parameters = jax.block_until_ready(jitted(parameters))
        return loss

    return Job({"": step}, lambda: [float(step()), *flat(parameters)])


def autograd(size: int) -> Job:
    """autograd: NumPy, recorded and differentiated in each step."""
    np, value_and_grad = import_module("autograd.numpy"), import_module("autograd").value_and_grad
    parameters, inputs, y = _arrays(np, size)
    differentiated = value_and_grad(lambda p: _loss(np, p, inputs, y))

    def step() -> Any:
        nonlocal parameters
        loss, gradient = differentiated(parameters)
        parameters = [p - RATE * (g + DECAY * p) for p, g in zip(parameters, gradient, strict=True)]
        return loss

    return Job({"": step}, lambda: [float(step()), *flat(parameters)])


PEERS = {
    "pathgrad": Peer(pathgrad, OURS),
    "micrograd": Peer(micrograd, ("micrograd",)),
    "PyTorch": Peer(pytorch, ("torch",)),
    "JAX": Peer(partial(jax, True), ("jax",)),
    "JAX, not asynchronous": Peer(partial(jax, False), ("jax",)),
    "autograd": Peer(autograd, ("autograd",)),
}
