"""`python -m tests.bench`: pathgrad against its peers, on one machine in one run. One table; no test reads it.

A ratio says how many times as fast as the peer pathgrad is, and a target what it is to be.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import partial
from importlib.util import find_spec
from statistics import median

from engine._support.typed_commands import install_command
from tests.bench.contests import BUILDS, CONTESTS, build_rows, rows
from tests.bench.table import compared, head, row, seconds
from tests.bench.workers import environment, missing
from tests.bench.works import WORKS

Times = dict[str, list[float]]

MANY_ROWS = "  the same, for many rows at a time"
COMPILED = (("1,000", 800), ("10,000", 9_000), ("100,000", 90_000), ("300,000", 270_000))  # operations, nodes


def measure(name: str, peer: str, size: int) -> dict[str, float]:
    """One measurement, in a process of its own."""
    command = [sys.executable, "-m", "tests.bench.work", name, peer, str(size)]
    finished = subprocess.run(command, capture_output=True, text=True, check=True, env=environment())
    result: dict[str, float] = json.loads(finished.stdout)
    return result


def alternately(name: str, peers: list[str], size: int, repeats: int) -> dict[str, Times]:
    """The measurements of all peers, one after the other, several times over."""
    times: dict[str, Times] = {peer: {} for peer in peers}
    for _ in range(repeats):
        for peer in peers:
            for key, number in measure(name, peer, size).items():
                times[peer].setdefault(key, []).append(number)
    return times


def against(work: str, times: dict[str, Times], key: str, their_key: str, target: str = "") -> str:
    """A row about the engine itself, with a ratio where micrograd is there."""
    ours = times["pathgrad"][key]
    if "micrograd" not in times:
        return row(work, seconds(ours))
    return compared(work, ours, "micrograd", times["micrograd"][their_key], target)


def building(peers: list[str], size: int, target: str, repeats: int) -> Iterator[str]:
    """Graphs that are built and backpropagated."""
    times = alternately("graph", peers, size, repeats)
    for key, how in (("median", "median"), ("best", "best"), ("loop", "mean, freed too")):
        yield against(f"build and backpropagate {size:,} nodes, {how}", times, key, key, target)


def recomputing(peers: list[str], repeats: int) -> Iterator[str]:
    """A training step without a compiler."""
    times = alternately("moons_step", peers, 100, repeats)
    yield against("moons step, graph recomputed", times, "reused", "rebuilt", ">= 20")
    yield against("moons step, graph built anew", times, "rebuilt", "rebuilt")


def compiling(operations: str, nodes: int, repeats: int) -> Iterator[str]:
    """Straight code: the time for an operation must not grow with their number."""
    times = alternately("compiling", ["pathgrad"], nodes, repeats)["pathgrad"]
    target = "<= 60 µs each" if nodes > COMPILED[0][1] else ""
    for title, all_of_it, each in (
        (f"compile about {operations} operations", "seconds", "each"),
        (MANY_ROWS, "rows", "each_rows"),
    ):
        yield row(title, seconds(times[all_of_it]), f"{1e6 * median(times[each]):.1f} µs an operation", None, target)


def compiling_loops(repeats: int) -> Iterator[str]:
    """Layers that become loops."""
    times = alternately("compiling_network", ["pathgrad"], 32, repeats)["pathgrad"]
    yield row("compile 64-32-10, whose layers are loops", seconds(times["seconds"]), target="far below")
    yield row(MANY_ROWS, seconds(times["rows"]), target="far below")


def compiling_again(repeats: int) -> Iterator[str]:
    """A large graph in a second process, which finds its code on disk."""
    times = alternately("compiling_again", ["pathgrad"], 8, repeats)["pathgrad"]
    title = "the transformer in a second process, to the first gradient"
    yield compared(title, times["second"], "the first process", times["first"], ">= 5")


def alone() -> Iterator[str]:
    """Rows about this engine alone."""
    bytes_each = alternately("memory", ["pathgrad"], 100_000, 1)["pathgrad"]["bytes"]
    yield row("a node after a backward pass", f"{median(bytes_each):.0f} bytes", target="<= 200")
    for key, numbers in alternately("chain", ["pathgrad"], 1_000_000, 1)["pathgrad"].items():
        yield row(f"a chain of 1,000,000 nodes {key}", seconds(numbers))


def importing(repeats: int) -> Iterator[str]:
    """The import of the engine, in a fresh process."""
    imports = alternately("import_time", ["pathgrad"], 1, 4 * repeats)["pathgrad"]["import"]
    yield row("import engine", seconds(imports), target="<= 30 ms")


def parts(quick: bool) -> Iterator[tuple[str, Callable[[], Iterator[str]]]]:
    """The names of works, each with the function that measures it and gives its rows."""
    rounds, duration = (1, 0.2) if quick else (5, 0.5)
    native = find_spec("llvmlite") is not None
    peers = ["pathgrad", *(["micrograd"] if find_spec("micrograd") else [])]
    for it in CONTESTS:
        yield it.work, partial(rows, it, rounds, duration)
    for build in BUILDS:
        yield build.name, partial(build_rows, build, 1 if quick else 3)
    for operations, nodes in COMPILED if native else ():
        yield "compiling", partial(compiling, operations, nodes, 1 if quick or nodes > 100_000 else 3)
    if native:
        yield "compiling", partial(compiling_loops, rounds)
        yield "compiling_again", partial(compiling_again, 1 if quick else 3)
    for size, target in ((3_000, 2), (100_000, 4)):
        yield "graph", partial(building, peers, size, f">= {target}", rounds)
    yield "graph", partial(recomputing, peers, rounds)
    yield "import", partial(importing, rounds)
    yield "alone", alone


def main() -> None:
    """Measure, and print rows as they are ready."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="measure once, and briefly")
    names = ", ".join(dict.fromkeys(name for name, _ in parts(quick=True)))
    parser.add_argument("--only", default="", metavar="WORD", help=f"only rows with this in their name: {names}")
    options = parser.parse_args()
    absent = dict.fromkeys(package for peers in WORKS.values() for peer in peers.values() for package in missing(peer))
    if absent:
        install = install_command("bench,native")
        print(f"Not installed, and left out: {', '.join(absent)} ({install}; torch is in no extra)")
    print(head())
    for name, part in parts(options.quick):
        if options.only in name:
            for line in part():
                print(line, flush=True)


if __name__ == "__main__":
    main()
