"""The time to compile, from the finished graph to the first gradient: tracing, printing, LLVM.

The first sum over rows is code of its own, since it works on several rows at a time.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib import import_module
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import TYPE_CHECKING

from tests.bench.formula import build, plan

if TYPE_CHECKING:
    from engine import Value

ROWS = 64  # more than machine code works on at a time


def random_graph(peer: str, size: int) -> dict[str, float]:
    """A random graph of `size` nodes, and its gradient by all leaves: straight-line code."""
    from engine import Value

    leaves: list[Value] = []

    def leaf(number: float) -> Value:
        leaves.append(Value(number))
        return leaves[-1]

    return compiled(build(leaf, plan(size)), leaves, leaves)


def network(peer: str, size: int) -> dict[str, float]:
    """The network of the digits, 64-`size`-10, whose layers become loops."""
    from engine import Value
    from nn import MLP, cross_entropy

    net = MLP(64, [size, 10])
    x = [Value(0.5) for _ in range(64)]
    y = [Value(float(i == 0)) for i in range(10)]
    return compiled(cross_entropy(net(x), y), [*x, *y], net.parameters())


def transformer_in_two_processes(peer: str, size: int) -> dict[str, float]:
    """The transformer, in a process that does not find code on disk, and in the next one, which does."""
    command = [sys.executable, "-m", "tests.bench.work", "compiling_transformer", peer, str(size)]
    with TemporaryDirectory() as folder:
        environment = os.environ | {"PATHGRAD_CODE_CACHE": "1", "XDG_CACHE_HOME": folder}
        first, second = (json.loads(subprocess.check_output(command, env=environment)) for _ in range(2))
    return {"first": first["seconds"], "second": second["seconds"]}


def transformer(peer: str, size: int) -> dict[str, float]:
    """The transformer's step, from its graph to the first gradient, with llvmlite imported."""
    import_module("llvmlite.binding")
    from engine import Value, compile, exp, log
    from tests.bench import transformer

    weights = transformer.parameters(size, Value)
    loss = transformer.loss(transformer.Functions(exp, log), weights, transformer.text(size))
    start = perf_counter()
    compile(loss, wrt=transformer.every(weights), backend="llvm").sum_over([()])
    return {"seconds": perf_counter() - start}


def compiled(output: Value, inputs: list[Value], wrt: list[Value]) -> dict[str, float]:
    """The seconds until the first gradient, and for the first sum over rows: of all, and of each operation.

    Operations are counted after constants were folded, equal parts shared, and activations written out.
    """
    from engine import compile, toposort
    from engine.compiler.ir import build_ir, expand_operations

    small = compile(inputs[0] * 2.0, inputs=inputs[:1], backend="llvm")
    small.value_and_grad(1.0)  # loads LLVM and our library
    small.sum_over([[1.0]] * ROWS)
    row = [x.data for x in inputs]
    start = perf_counter()
    program = compile(output, inputs=inputs, wrt=wrt, backend="llvm")
    program.value_and_grad(*row)
    seconds = perf_counter() - start
    start = perf_counter()
    program.sum_over([row] * ROWS)
    rows = perf_counter() - start
    results = expand_operations(build_ir([output], inputs, wrt, gradient=True).results()).values()
    operations = sum(bool(symbol.inputs) for symbol in toposort(*results))
    return {"seconds": seconds, "each": seconds / operations, "rows": rows, "each_rows": rows / operations}
