"""A piece of work that is ready to be measured, and the process that measures it.

`python -m tests.bench.job WORK PEER SIZE [BEFORE]` builds it, says what it computes and how long building took, and
then waits: for each line with a number of seconds on its input it measures for that long. So peers can be measured in
turns, each in a process of its own, without loading their libraries every time. With BEFORE, the work of that size is
built first, which is not timed: libraries load a part of their code when it is first needed.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from statistics import median
from time import perf_counter
from typing import NamedTuple

OURS = ("engine", "nn", "llvmlite.binding", "numpy")  # what machine code and its benchmarks need
SHORTEST = 1e-3  # seconds: what takes less is called several times between two looks at the clock


class Job(NamedTuple):
    """Work that can be run again and again.

    Attributes:
        ways: The work, by what tells it from other ways to do it, such as a number of threads; the fastest counts.
        answer: Runs it for the first time, and gives the numbers that all peers must agree on.
        memory: Objects that must live as long as it may run.
    """

    ways: Mapping[str, Callable[[], object]]
    answer: Callable[[], Sequence[float]]
    memory: object = None


class Peer(NamedTuple):
    """A library, and how it does a work.

    Attributes:
        make: Builds the job, for a size.
        needs: The modules that must be installed. They are imported before building is timed.
    """

    make: Callable[[int], Job]
    needs: tuple[str, ...]


def measured(run: Callable[[], object], seconds: float) -> float:
    """The median of the seconds that a call takes, called for `seconds` and at least three times."""
    run()
    start = perf_counter()
    run()
    calls = max(1, round(SHORTEST / (perf_counter() - start)))
    times: list[float] = []
    end = perf_counter() + seconds
    while len(times) < 3 or perf_counter() < end:
        start = perf_counter()
        for _ in range(calls):
            run()
        times.append((perf_counter() - start) / calls)
    return median(times)


def fastest(job: Job, seconds: float) -> tuple[float, str]:
    """The seconds of the fastest way, and which it is; the ways share the time."""
    return min((measured(run, seconds / len(job.ways)), way) for way, run in job.ways.items())


def main(work: str, peer: str, size: str, before: str = "0") -> None:
    """Build, and measure when asked to."""
    from tests.bench.works import WORKS

    make, needs = WORKS[work][peer]
    for module in needs:
        import_module(module)
    if before != "0":
        make(int(before)).answer()
    start = perf_counter()
    job = make(int(size))
    answer = list(job.answer())
    print(json.dumps({"build": perf_counter() - start, "answer": answer}), flush=True)
    for line in sys.stdin:
        seconds, way = fastest(job, float(line))
        print(json.dumps({"seconds": seconds, "way": way}), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
