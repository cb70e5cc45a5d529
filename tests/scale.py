"""`python -m tests.scale`: seconds and bytes for each node, from graphs of a thousand nodes to graphs of a million.

Linear work costs the same for each node, whatever the size. Two costs grow: more memory lies outside of the caches,
and Python's garbage collector scans a graph again and again while it is built, so building is shown without it too.
Times are the processor's; each size is measured in a process of its own.
"""

from __future__ import annotations

import argparse
import copy
import gc
import json
import pickle
import subprocess
import sys
import tracemalloc
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from statistics import median
from time import process_time

from engine import Value, compile, count_paths, dot, toposort
from engine.compiler.targets.llvm import jit
from viz import Stepper, draw

SIZES = (1_000, 10_000, 100_000, 1_000_000)
WIDTHS = (10, 30, 100, 300, 1_000)
MAX_COMPILED_NODES = 100_000  # of a chain, whose code grows in proportion

Figures = dict[str, float]


def chain(n: int) -> Value:
    """n nodes in a row, all of which also read the one leaf."""
    x = y = Value(0.5, "x")
    for i in range(n):
        y = y * x if i % 2 else y + x
    return y


def fan(width: int) -> Value:
    """Two layers of `width` nodes, the second fully connected with the weights in rotated order, and their sum."""
    leaf, weights = Value(0.5, "x"), [Value(1.0 / (i + width)) for i in range(width)]
    layer = [leaf * w for w in weights]
    layer = [dot(weights[k:] + weights[:k], layer) for k in range(width)]
    output: Value = dot(weights, layer)
    return output


def refuse(y: Value) -> None:
    """Ask for a drawing of a graph that is too large to be drawn."""
    with suppress(ValueError):
        draw(y)


STAGES: dict[str, Callable[[Value], object]] = {
    "order": toposort,
    "backward": Value.backward,
    "recompute": Value.forward,
    "copy": copy.deepcopy,
    "pickle": pickle.dumps,
    "unpickled again": lambda y: pickle.loads(pickle.dumps(y)),
    "count paths": lambda y: count_paths(y, toposort(y)[0]),
    "refuse to draw": refuse,
}


def seconds(build: Callable[[int], Value], size: int) -> Figures:
    """The seconds that each stage takes, from building to freeing."""
    found: Figures = {}
    start = process_time()

    def took(name: str) -> None:
        nonlocal start
        found[name] = process_time() - start
        start = process_time()

    y = build(size)
    took("build")
    for name, stage in STAGES.items():
        made = stage(y)
        took(name)
        del made
        start = process_time()
    stepper = Stepper(y)
    took("make a stepper")
    n = len(stepper.steps)
    for name, position in (("step to the end", n), ("step back to the start", 0), ("goto the middle", n // 2)):
        stepper.goto(position)
        took(name)
    repr(stepper)
    took("show where it stands")
    del stepper
    start = process_time()
    del y
    took("free")
    gc.disable()
    start = process_time()
    y = build(size)  # kept: it is not freed in that time
    took("build, the garbage collector off")
    gc.enable()
    del y
    return found


def compiled(build: Callable[[int], Value], size: int) -> Figures:
    """The seconds that it takes to compile, and to run once."""
    y = build(size)
    leaf, found = toposort(y)[0], dict[str, float]()
    for backend in ["python", *(["llvm"] if jit.is_installed() else [])]:
        start = process_time()
        compile(y, [leaf], backend=backend).value_and_grad(0.5)
        found[f"compile to {backend}, run"] = process_time() - start
    return found


def bytes_each(build: Callable[[int], Value], size: int) -> Figures:
    """The memory that a graph and a stepper take, and the peaks while they are made."""
    found: Figures = {}
    gc.collect()
    tracemalloc.start()
    y = build(size)
    found["a graph"] = tracemalloc.get_traced_memory()[0]
    y.backward()
    found["after a backward pass"], found["at most in it"] = tracemalloc.get_traced_memory()
    tracemalloc.reset_peak()
    before = tracemalloc.get_traced_memory()[0]
    stepper = Stepper(y)
    stepper.goto(len(stepper.steps))
    now, peak = tracemalloc.get_traced_memory()
    found["a stepper at its end"], found["at most in making it"] = now - before, peak - before
    del stepper, y
    found["left over"] = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    return found


SHAPES: dict[str, Callable[[int], Value]] = {"chain": chain, "fan": fan}
KINDS: dict[str, Callable[[Callable[[int], Value], int], Figures]] = {
    "seconds": seconds,
    "compile": compiled,
    "bytes": bytes_each,
}


def parts(shape: str, size: int) -> int:
    """The divisor of a figure: the nodes of a chain, the edges of a fan."""
    return size if shape == "chain" else sum(len(node.inputs) for node in toposort(SHAPES[shape](size)))


def measure(kind: str, shape: str, size: int) -> Figures:
    """The figures for each node or edge: the median of several runs in a process of its own."""
    command = [sys.executable, "-m", "tests.scale", "--measure", kind, shape, str(size)]
    finished = subprocess.run(command, capture_output=True, text=True, check=True)
    result: Figures = json.loads(finished.stdout)
    return result


def repeated(kind: str, shape: str, size: int) -> Figures:
    """The figures that a process of its own prints."""
    n = parts(shape, size)
    repeats = 1 if kind == "bytes" else max(1, 30_000 // n) if kind == "compile" else max(1, min(31, 200_000 // n))
    KINDS[kind](SHAPES[shape], 10)  # what is printed or loaded once
    runs = [KINDS[kind](SHAPES[shape], size) for _ in range(repeats)]
    return {name: median(run[name] for run in runs) / n for name in runs[0]}


def table(kind: str, shape: str, sizes: Sequence[int], figures: Sequence[Figures]) -> Iterator[str]:
    """A row for each stage: its figure at each size, and how far the largest is above the first."""
    unit, scale = ("bytes", 1.0) if kind == "bytes" else ("µs", 1e-6)
    part = "node" if shape == "chain" else "edge"
    yield f"{shape}: {unit} for each {part}".ljust(38) + "".join(f"{size:>11,}" for size in sizes) + "    last / first"
    for name in figures[0]:
        numbers = [found[name] / scale for found in figures]
        cells = "".join(f"{x:11.3f}" if kind != "bytes" else f"{x:11.1f}" for x in numbers)
        ratio = f"{numbers[-1] / numbers[0]:.2f}" if numbers[0] else ""
        yield f"  {name:<36}{cells}    {ratio:>12}"


def main() -> None:
    """Measure, and print each table as it is ready."""
    parser = argparse.ArgumentParser(prog="python -m tests.scale", description=__doc__)
    parser.add_argument("--most", type=int, default=1_000_000, help="the largest chain, a million by default")
    parser.add_argument("--measure", nargs=3, metavar=("KIND", "SHAPE", "SIZE"), help="one measurement, as JSON")
    options = parser.parse_args()
    if options.measure:
        kind, shape, size = options.measure
        print(json.dumps(repeated(kind, shape, int(size))))
        return
    for shape, all_sizes in (("chain", SIZES), ("fan", WIDTHS)):
        for kind in KINDS:
            most = min(options.most, MAX_COMPILED_NODES) if (kind, shape) == ("compile", "chain") else options.most
            sizes = [size for size in all_sizes if (size if shape == "chain" else size * size) <= most]
            print(*table(kind, shape, sizes, [measure(kind, shape, size) for size in sizes]), sep="\n", flush=True)


if __name__ == "__main__":
    main()
