"""The training of one process of `demos.scale`: by JAX on all devices, then by LLVM on one core, as a comparison."""

from __future__ import annotations

import argparse
import os
import random
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as Late
from dataclasses import dataclass
from typing import NoReturn, TypeVar

from demos.cli import UnsuccessfulError, format_count
from demos.scale.works import WORKS, Work
from engine.compiler.targets.jax.devices import find_devices, load_jax
from engine.compiler.targets.jax.devices import processes as joined_processes
from nn import MLP, SGD, History, cross_entropy, fit
from viz._ctrl_c import STOPPED

MOMENTUM = 0.9
MAX_WAIT = 300  # seconds for all processes to start

T = TypeVar("T")


@dataclass(frozen=True)
class Result:
    """A trained network, its losses, and when each epoch ended, in seconds from the start."""

    network: MLP
    history: History
    ends: list[float]

    def describe(self, rows: int) -> str:
        """The time of the first epoch, and the rows per second of the others."""
        first, last, others = self.ends[0], self.ends[-1], len(self.ends) - 1
        speed = f"; after it {rows * others / (last - first):,.0f} rows/s" if others else ""
        return f"first epoch {first:.2f} s, with compiling{speed}"


def train(work: Work, options: argparse.Namespace, backend: str) -> Result:
    """Train the network of a work by a backend; every process calls this with the same work.

    Raises KeyboardInterrupt if Ctrl-C ends it.
    """
    network, rng, ends = work.network(options.seed), random.Random(options.seed), []
    start = time.perf_counter()
    history = fit(
        network,
        cross_entropy,
        work.inputs,
        work.classes,
        optimizer=SGD(network.parameters(), lr=work.rate, momentum=MOMENTUM),
        epochs=options.epochs,
        batch_size=options.batch or work.batch_size,
        rng=rng,
        callbacks=[lambda *_: ends.append(time.perf_counter() - start)],
        progress=False,
        backend=backend,
        devices=options.devices if backend == "jax" else None,
        dtype=options.dtype if backend == "jax" else None,
    )
    if history.interrupted:
        raise KeyboardInterrupt
    return Result(network, history, ends)


def join(options: argparse.Namespace) -> None:
    """Join the other processes: those of a cluster, or those at an address. If not all come in time, this one ends."""
    if not (options.cluster or options.coordinator):
        return
    given = {} if options.cluster else {"num_processes": options.processes, "process_id": options.process}
    if given and options.processes > 1 and not options.ends_with_parent:
        print(f"Process {options.process} of {options.processes} joins the others at {options.coordinator}", flush=True)
    initialize, timeout = load_jax().distributed.initialize, 2 * MAX_WAIT
    try:
        _wait_for_others(lambda: initialize(options.coordinator, **given, initialization_timeout=timeout))
    except (ValueError, RuntimeError) as error:
        raise UnsuccessfulError(f"JAX cannot join processes: {error}") from error


def _wait_for_others(work: Callable[[], T]) -> T:
    """The result of work in which JAX waits for other processes, in another thread: this one heeds Ctrl-C meanwhile.

    If they do not come in time, this process ends, before JAX aborts with a trace of its C++ code.
    """
    waiting = ThreadPoolExecutor(1).submit(work)
    try:
        return waiting.result(MAX_WAIT)
    except KeyboardInterrupt:
        _end("stopped", STOPPED)
    except Late:
        _end(f"JAX cannot join processes: not all of them have come in {MAX_WAIT} seconds", 1)


def _end(text: str, status: int) -> NoReturn:
    """End this process at once: JAX would wait for the others, which wait for this one."""
    print(text, file=sys.stderr, flush=True)
    os._exit(status)


def run(options: argparse.Namespace) -> None:
    """Train, and print in the first process what was used, how fast it was, and how far LLVM's result is from JAX's."""
    join(options)
    try:
        devices = _wait_for_others(lambda: find_devices(options.devices))
    except ValueError as error:
        raise UnsuccessfulError(str(error)) from error
    except RuntimeError as error:
        first, *_ = str(error).split("\n")
        _end(f"JAX cannot find devices; if there are other processes, one may have left: {first}", 1)
    index, processes = joined_processes()
    try:
        work = WORKS[options.work](options.seed, options.rows)
    except MemoryError as error:
        raise UnsuccessfulError(str(error)) from error
    rows = len(work.classes)
    if index == 0:
        print(describe_graph(work, options.seed))
        print(describe_rows(work, options.rows, options.batch))
        each = f"{format_count(len(devices), 'device')}{' each' * (processes > 1)}"
        used = f"{processes} process{'es' * (processes > 1)}, {each}"
        print(f"JAX: {used}, platform {devices[0].platform}, {options.dtype}", flush=True)
    try:
        by_jax = train(work, options, "jax")
    except (RuntimeError, KeyboardInterrupt) as error:
        if processes == 1:
            raise
        if isinstance(error, KeyboardInterrupt):
            _end("stopped", STOPPED)
        first, *_ = str(error).split("\n")
        _end(f"JAX cannot go on: {first}", 1)  # when another process has ended
    if processes > 1:
        load_jax().distributed.shutdown()
    if index == 0:
        print(f"  {by_jax.describe(rows)}", flush=True)
        compare(by_jax, work, options)


def describe_rows(work: Work, asked: int | None, batch: int | None) -> str:
    """How many rows are learned from, and whether there are not as many as were asked for."""
    rows = len(work.classes)
    limit = ", which are all that there are" if rows < (asked or 0) else ""
    return f"Training on {format_count(rows, 'row')}{limit}, in batches of {batch or work.batch_size:,}"


def describe_graph(work: Work, seed: int) -> str:
    """The network, and how long it takes to build the graph of one row, and to go backward through it."""
    network, start = work.network(seed), time.perf_counter()
    loss = cross_entropy(network(work.inputs[0].tolist()), work.classes[0])
    built = time.perf_counter()
    loss.backward()
    seconds = f"built in {built - start:.2f} s, backpropagated in {time.perf_counter() - built:.2f} s"
    units = "-".join(map(str, work.sizes))
    return f"{units} units, {len(network.parameters()):,} parameters\nGraph of a row, of Values: {seconds}"


def compare(by_jax: Result, work: Work, options: argparse.Namespace) -> None:
    """Do the same work by LLVM, and print how fast it was, and how far the results are from each other."""
    print("LLVM: 1 process, 1 thread, float64", flush=True)
    by_llvm = train(work, options, "llvm")
    print(f"  {by_llvm.describe(len(work.classes))}")
    losses = max(abs(x - y) for x, y in zip(by_jax.history.losses, by_llvm.history.losses, strict=True))
    pairs = zip(by_jax.network.parameters(), by_llvm.network.parameters(), strict=True)
    parameters = max(abs(x.data - y.data) for x, y in pairs)
    print(f"The loss is {by_jax.history.losses[-1]:.4f} after {format_count(options.epochs, 'epoch')}.")
    print(f"Between the two, losses differ by at most {losses:.1g}, parameters by {parameters:.1g}.")
