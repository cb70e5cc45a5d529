"""Peers in processes of their own, measured in turns."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from importlib.util import find_spec
from types import TracebackType
from typing import Any, NamedTuple

from tests.bench.job import Peer
from tests.bench.works import WORKS

# Variables that make a library use slower instructions than the machine has. Where they are set, for whatever reason,
# the peers would be slowed down and we would not.
SLOWING = ("OPENBLAS_CORETYPE", "MKL_DEBUG_CPU_TYPE", "MKL_ENABLE_INSTRUCTIONS", "ATEN_CPU_CAPABILITY")
TOLERANCE = 1e-9  # of the largest number of an answer


class Measured(NamedTuple):
    """The measurements of one peer: the seconds of each, and the fastest way of the last."""

    seconds: list[float]
    way: str = ""


def environment() -> dict[str, str]:
    """The environment of a process that is measured: it does not find code of an earlier one."""
    return {name: value for name, value in os.environ.items() if name not in SLOWING} | {"PATHGRAD_CODE_CACHE": "0"}


def is_there(peer: Peer) -> bool:
    """Whether all that a peer needs is installed."""
    return not missing(peer)


def missing(peer: Peer) -> list[str]:
    """The packages that a peer needs and that are not installed."""
    packages = dict.fromkeys(module.partition(".")[0] for module in peer.needs)
    return [package for package in packages if find_spec(package) is None]


class Worker:
    """A process that does one peer's work; to be used in a `with` statement, at whose end it ends too."""

    def __init__(self, work: str, peer: str, size: int, before: int = 0) -> None:
        self.name = f"{peer} at {work}"
        command = [sys.executable, "-m", "tests.bench.job", work, peer, str(size), str(before)]
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment()
        )
        ready = self._reply()
        self.build: float = ready["build"]
        self.answer: list[float] = ready["answer"]

    def measure(self, seconds: float) -> tuple[float, str]:
        """The seconds that the work takes, measured for `seconds`, and the fastest way to do it."""
        assert self.process.stdin is not None
        self.process.stdin.write(f"{seconds}\n")
        self.process.stdin.flush()
        reply = self._reply()
        return reply["seconds"], reply["way"]

    def _reply(self) -> dict[str, Any]:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"{self.name} ended with status {self.process.wait()}")
        reply: dict[str, Any] = json.loads(line)
        return reply

    def __enter__(self) -> Worker:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        self.process.communicate()


def contest(work: str, size: int, rounds: int, seconds: float) -> dict[str, Measured]:
    """All peers that are there, measured in turns. Raises ValueError if they do not compute the same."""
    with ExitStack() as open_workers:
        workers = {
            peer: open_workers.enter_context(Worker(work, peer, size))
            for peer, it in WORKS[work].items()
            if is_there(it)
        }
        check_agreement(work, {peer: worker.answer for peer, worker in workers.items()})
        times: dict[str, list[float]] = {peer: [] for peer in workers}
        ways = dict.fromkeys(workers, "")
        for _ in range(rounds):
            for peer, worker in workers.items():
                taken, ways[peer] = worker.measure(seconds)
                times[peer].append(taken)
        return {peer: Measured(times[peer], ways[peer]) for peer in workers}


def building(work: str, peers: Iterable[str], size: int, rounds: int, before: int = 0) -> dict[str, Measured]:
    """The time from an empty process, with the libraries imported, to the first result, of all peers that are there.

    With `before`, the work of that size was built in the process already.
    """
    times: dict[str, list[float]] = {peer: [] for peer in peers if is_there(WORKS[work][peer])}
    for _ in range(rounds):
        answers = {}
        for peer, seconds in times.items():
            with Worker(work, peer, size, before) as worker:
                seconds.append(worker.build)
                answers[peer] = worker.answer
        check_agreement(work, answers)
    return {peer: Measured(seconds) for peer, seconds in times.items()}


def check_agreement(work: str, answers: Mapping[str, Sequence[float]]) -> None:
    """Raise ValueError unless all peers came to the same numbers, up to rounding."""
    if not answers:
        return
    (first, expected), *others = answers.items()
    largest = max(map(abs, expected))
    for peer, answer in others:
        if len(answer) != len(expected):
            raise ValueError(f"{work}: {first} gives {len(expected)} numbers, {peer} gives {len(answer)}")
        apart = max(abs(x - y) for x, y in zip(answer, expected, strict=True))
        if not apart <= TOLERANCE * largest:
            raise ValueError(f"{work}: {first} and {peer} do not compute the same: {apart:.2g} apart")
