"""One sample through the network of the paper's Figure 4, forward and backward: 2-2-2-1 sigmoid units, ½ (z - y)².

Ours is the `python` backend, straight-line Python that needs no library. micrograd builds the graph each time; PyTorch
has a small matrix for each layer.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

from tests.bench import extended_micrograd
from tests.bench.job import Job, Peer
from tests.bench.torch_ways import with_threads

WEIGHTS = [[[0.5, -0.25], [0.75, 1.0]], [[1.25, -0.375], [-1.5, 0.625]], [[2.0, -1.75]]]
X, Y = [1.5, -0.5], 0.25


def pathgrad(size: int) -> Job:
    """This engine: the graph as Python."""
    from engine import Value, compile
    from nn import MLP, half_squared_error

    network = MLP(2, [2, 2, 1], activation="sigmoid", output_activation="sigmoid", bias=False)
    parameters = network.parameters()
    for p, number in zip(parameters, (w for layer in WEIGHTS for unit in layer for w in unit), strict=True):
        p.data = number
    x, y = [Value(0.0, "x_1"), Value(0.0, "x_2")], Value(0.0, "y")
    error = half_squared_error(network(x), [y])
    program = compile(error, inputs=[*x, y], wrt=parameters, backend="python")

    def answer() -> list[float]:
        value, gradient = program.value_and_grad(*X, Y)
        return [value, *gradient]

    return Job({"": lambda: program.value_and_grad(*X, Y)}, answer)


def micrograd(size: int) -> Job:
    """micrograd, with a sigmoid made of exp."""
    value, exp = extended_micrograd.value(), extended_micrograd.exp
    weights = [[[value(w) for w in unit] for unit in layer] for layer in WEIGHTS]
    parameters = [w for layer in weights for unit in layer for w in unit]

    def run() -> Any:
        z = [value(x) for x in X]
        for layer in weights:
            sums = [sum((w * x for w, x in zip(unit[1:], z[1:], strict=True)), unit[0] * z[0]) for unit in layer]
            z = [1.0 / (1.0 + exp(-a)) for a in sums]
        error = (z[0] - Y) ** 2 * 0.5
        for p in parameters:
            p.grad = 0.0
        error.backward()
        return error

    return Job({"": run}, lambda: [run().data, *(p.grad for p in parameters)])


def pytorch(size: int) -> Job:
    """PyTorch, a matrix for each layer."""
    torch = import_module("torch")
    weights = [torch.tensor(layer, dtype=torch.float64, requires_grad=True) for layer in WEIGHTS]
    x, y = torch.tensor(X, dtype=torch.float64), torch.tensor([Y], dtype=torch.float64)

    def run() -> Any:
        for w in weights:
            w.grad = None
        z = x
        for w in weights:
            z = torch.sigmoid(w @ z)
        error = ((z - y) ** 2 / 2).sum()
        error.backward()
        return error

    return Job(with_threads(torch, run), lambda: [run().item(), *(g for w in weights for g in w.grad.ravel().tolist())])


PEERS = {
    "pathgrad": Peer(pathgrad, ("engine", "nn")),
    "micrograd": Peer(micrograd, ("micrograd",)),
    "PyTorch": Peer(pytorch, ("torch",)),
}
