"""The work of building and backpropagating graphs, for this engine and for micrograd; seconds, or bytes.

A measurement runs in a process of its own, `python -m tests.bench.work NAME PEER SIZE`, so that what one library leaves
to the garbage collector does not slow the other down. The collector is on, as users have it.
"""

from __future__ import annotations

import gc
import importlib
import json
import random
import subprocess
import sys
import tracemalloc
from collections.abc import Callable
from itertools import pairwise
from statistics import median
from time import perf_counter
from typing import Any

from tests.bench import compiling
from tests.bench.formula import build, plan

PACKAGES = {"pathgrad": ("engine", "nn"), "micrograd": ("micrograd.engine", "micrograd.nn")}


def graph(peer: str, size: int) -> dict[str, float]:
    """Building and backpropagating a graph, many times over: the best, the median, and the mean with freeing."""
    value = importlib.import_module(PACKAGES[peer][0]).Value
    sys.setrecursionlimit(1_000_000)  # micrograd orders its graphs recursively
    shape = plan(size)
    times = []
    repeats = max(3, 100_000 // size)
    begin = perf_counter()
    for _ in range(repeats):
        start = perf_counter()
        output = build(value, shape)
        output.backward()
        times.append(perf_counter() - start)
        output = None
    return {"best": min(times), "median": median(times), "loop": (perf_counter() - begin) / repeats}


def moons_step(peer: str, size: int) -> dict[str, float]:
    """A training step of micrograd's demo, 2-16-16-1 on `size` samples: the graph built anew, or (ours) recomputed."""
    engine, nn = map(importlib.import_module, PACKAGES[peer])
    rng = random.Random(1)
    points = [(rng.uniform(-1, 1), rng.uniform(-1, 1)) for _ in range(size)]
    model = nn.MLP(2, [16, 16, 1])

    def loss() -> Any:
        scores = [model([engine.Value(x), engine.Value(y)]) for x, y in points]
        targets = [1 if x * y > 0 else -1 for x, y in points]
        losses = [(1 + -target * score).relu() for target, score in zip(targets, scores, strict=True)]
        return sum(losses) * (1.0 / size) + 1e-4 * sum(p * p for p in model.parameters())

    def update(total: Any) -> None:
        model.zero_grad()
        total.backward()
        for p in model.parameters():
            p.data -= 0.1 * p.grad

    start = perf_counter()
    update(loss())
    result = {"rebuilt": perf_counter() - start}
    if peer == "pathgrad":
        total = loss()
        times = []
        for _ in range(5):
            start = perf_counter()
            total.forward()
            update(total)
            times.append(perf_counter() - start)
        result["reused"] = sorted(times)[2]
    return result


def memory(peer: str, size: int) -> dict[str, float]:
    """The bytes that a node takes after a backward pass, by tracemalloc."""
    value = importlib.import_module(PACKAGES[peer][0]).Value
    leaves = [value(0.5) for _ in range(10)]
    gc.collect()
    tracemalloc.start()
    nodes, before = list(leaves), tracemalloc.get_traced_memory()[0]
    for i in range(size):
        last = nodes[-1]
        nodes.append(last + nodes[i] if i % 3 else last * leaves[i % 10])
    output, listed = nodes[-1], sys.getsizeof(nodes)
    output.backward()
    gc.collect()
    return {"bytes": (tracemalloc.get_traced_memory()[0] - before - listed) / size}


def chain(peer: str, size: int) -> dict[str, float]:
    """A chain: built, backpropagated, freed."""
    value = importlib.import_module(PACKAGES[peer][0]).Value
    leaf = value(0.5)
    marks = [perf_counter()]
    output = leaf
    for i in range(size):
        output = output * leaf if i % 2 else output + leaf
    marks.append(perf_counter())
    output.backward()
    marks.append(perf_counter())
    del output
    marks.append(perf_counter())
    built, backpropagated, freed = (end - start for start, end in pairwise(marks))
    return {"built": built, "backpropagated": backpropagated, "freed": freed}


def import_time(peer: str, size: int) -> dict[str, float]:
    """Importing the package in a fresh process."""
    code = f"import time; start = time.perf_counter(); import {PACKAGES[peer][0]}; print(time.perf_counter() - start)"
    return {"import": float(subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout)}


WORK: dict[str, Callable[[str, int], dict[str, float]]] = {
    "graph": graph,
    "moons_step": moons_step,
    "memory": memory,
    "chain": chain,
    "import_time": import_time,
    "compiling": compiling.random_graph,
    "compiling_network": compiling.network,
    "compiling_transformer": compiling.transformer,
    "compiling_again": compiling.transformer_in_two_processes,
}

if __name__ == "__main__":
    name, peer, size = sys.argv[1:]
    print(json.dumps(WORK[name](peer, int(size))))
