"""`python -m tests.bench`: this engine against micrograd, on one machine in one run. One table; no test reads it."""

from __future__ import annotations

import argparse
import importlib.util
import json
import subprocess
import sys
from collections.abc import Iterator
from itertools import chain
from statistics import median

Times = dict[str, list[float]]


def measure(name: str, peer: str, size: int) -> dict[str, float]:
    """One measurement, in a process of its own."""
    command = [sys.executable, "-m", "tests.bench.work", name, peer, str(size)]
    finished = subprocess.run(command, capture_output=True, text=True, check=True)
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


def shown(numbers: list[float], unit: float) -> str:
    """The median, and how far the measurements lie apart."""
    low, high = min(numbers) / unit, max(numbers) / unit
    return f"{median(numbers) / unit:9.2f} ({low:.4g} to {high:.4g})"


def row(work: str, ours: str, theirs: str = "", ratio: float | None = None, target: str = "") -> str:
    times = "" if ratio is None else f"{ratio:.1f}"
    return f"{work:<52} {ours:<30} {theirs:<32} {times:>6}  {target}".rstrip()


def against_micrograd(peers: list[str], repeats: int) -> Iterator[str]:
    """Rows with a ratio, where micrograd is there to be measured."""
    for size, target in ((3_000, 2), (100_000, 4)):
        times = alternately("graph", peers, size, repeats)
        for key, how in (("median", "median"), ("best", "best"), ("loop", "mean, freed too")):
            yield compared(f"build and backpropagate {size:,} nodes, {how} [ms]", times, key, key, f">= {target}")
    times = alternately("moons_step", peers, 100, repeats)
    yield compared("2-16-16-1 step, 100 samples, graph recomputed [ms]", times, "reused", "rebuilt", ">= 20")
    yield compared("the same, graph built anew [ms]", times, "rebuilt", "rebuilt", "")


def compared(work: str, times: dict[str, Times], key: str, their_key: str, target: str) -> str:
    ours = times["pathgrad"][key]
    if "micrograd" not in times:
        return row(work, shown(ours, 1e-3))
    theirs = times["micrograd"][their_key]
    return row(work, shown(ours, 1e-3), shown(theirs, 1e-3), median(theirs) / median(ours), target)


def alone(repeats: int) -> Iterator[str]:
    """Rows about this engine alone."""
    bytes_each = alternately("memory", ["pathgrad"], 100_000, 1)["pathgrad"]["bytes"]
    yield row("a node after a backward pass [bytes]", shown(bytes_each, 1.0), target="<= 200")
    imports = alternately("import_time", ["pathgrad"], 1, 4 * repeats)["pathgrad"]["import"]
    yield row("import engine [ms]", shown(imports, 1e-3), target="<= 30")
    for key, numbers in alternately("chain", ["pathgrad"], 1_000_000, 1)["pathgrad"].items():
        yield row(f"a chain of 1,000,000 nodes {key} [ms]", shown(numbers, 1e-3))


def main() -> None:
    """Measure, and print rows as they are ready."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="measure once instead of five times")
    repeats = 1 if parser.parse_args().quick else 5
    peers = ["pathgrad"]
    if importlib.util.find_spec("micrograd"):
        peers.append("micrograd")
    else:
        print("micrograd is not installed (pip install -e '.[bench]'), so there is nothing to compare with.")
    print(row("work", "pathgrad: median (range)", "micrograd: median (range)", None, "ratio, target"))
    for line in chain(against_micrograd(peers, repeats), alone(repeats)):
        print(line, flush=True)


if __name__ == "__main__":
    main()
