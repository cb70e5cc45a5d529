"""Running the program `dot` of Graphviz, within limits of time and memory."""

from __future__ import annotations

import os
import signal
from contextlib import suppress
from queue import Empty, SimpleQueue
from subprocess import PIPE, Popen, TimeoutExpired
from threading import Thread
from time import monotonic
from typing import IO

from engine._support.termination import termination_deferred

MAX_SECONDS = 120.0  # for one picture
MAX_OUTPUT_BYTES = 200_000_000  # of one picture
READ_SIZE = 100_000  # bytes that are read at a time
TERMINATED = -1  # in place of a number of bytes
MAX_MESSAGE_LENGTH = 500  # characters quoted from an error message of `dot`

INSTALL = (
    "apt install graphviz, brew install graphviz, winget install Graphviz.Graphviz, "
    "or conda install -c conda-forge python-graphviz"
)


class DrawingError(RuntimeError):
    """A picture could not be made: the program `dot` of Graphviz is missing, or it failed."""


def run_dot(source: str, format: str) -> bytes:
    """Render DOT text and return the picture. However this ends, by Ctrl-C too, `dot` does not keep running.

    In the main thread that holds for SIGTERM and SIGHUP, too; not for SIGKILL, which nobody can catch.
    """
    command = ["dot", "-Kdot", f"-T{format}"]
    if format == "pdf":
        command.append("-Gmargin=0")  # the default is half an inch of white paper
    finished: SimpleQueue[int] = SimpleQueue()
    with termination_deferred(lambda: finished.put(TERMINATED)):
        try:
            # A process group of its own, so that it can be killed together with its children.
            process = Popen(command, stdin=PIPE, stdout=PIPE, stderr=PIPE, start_new_session=True)
        except FileNotFoundError:
            raise DrawingError(f"The program 'dot' of Graphviz was not found. Install it: {INSTALL}.") from None
        except OSError as error:
            raise DrawingError(f"The program 'dot' cannot be run: {error}.") from error
        try:
            picture, errors = _read_output(process, source.encode(), finished)
        finally:
            _kill(process)
    if process.returncode < 0:
        raise DrawingError(f"The program 'dot' crashed: it was ended by signal {-process.returncode}.")
    if process.returncode:
        message = " ".join(errors[: 4 * MAX_MESSAGE_LENGTH].decode(errors="replace").split())[:MAX_MESSAGE_LENGTH]
        raise DrawingError(f"The program 'dot' failed: {message or f'its exit status is {process.returncode}'}.")
    return picture


def _read_output(process: Popen[bytes], content: bytes, finished: SimpleQueue[int]) -> tuple[bytes, bytes]:
    """Like `Popen.communicate`, but within the limits. Each thread puts the number of bytes it has read in the queue.

    Raises DrawingError at a limit, or when TERMINATED is in the queue.
    """
    stdin, stdout, stderr = filter(None, (process.stdin, process.stdout, process.stderr))  # all are pipes
    printed = {stdout: bytearray(), stderr: bytearray()}

    def read(stream: IO[bytes]) -> None:
        with stream:
            while len(printed[stream]) < MAX_OUTPUT_BYTES and (piece := stream.read(READ_SIZE)):
                printed[stream] += piece
        finished.put(len(printed[stream]))

    def write() -> None:
        with suppress(OSError), stdin:  # it may exit before it has read everything
            stdin.write(content)
        finished.put(0)

    threads = [Thread(target=read, args=[stream], daemon=True) for stream in (stdout, stderr)]
    threads.append(Thread(target=write, daemon=True))
    end = monotonic() + MAX_SECONDS
    for thread in threads:
        thread.start()
    try:
        for _ in threads:
            n_bytes = finished.get(timeout=max(0.0, end - monotonic()))
            if n_bytes == TERMINATED:
                raise DrawingError("The program 'dot' was stopped because this process is ended by a signal.")
            if n_bytes >= MAX_OUTPUT_BYTES:
                raise DrawingError(
                    f"The program 'dot' was stopped because it printed more than {MAX_OUTPUT_BYTES // 10**6} MB."
                )
        process.wait(max(0.0, end - monotonic()))
    except (Empty, TimeoutExpired):
        raise DrawingError(
            f"The program 'dot' was stopped because it took more than {MAX_SECONDS:g} seconds; draw a smaller graph."
        ) from None
    return bytes(printed[stdout]), bytes(printed[stderr])


def _kill(process: Popen[bytes]) -> None:
    """Kill the program, if it still runs, with its process group. The threads at its pipes then come to their end."""
    if process.returncode is None:  # not waited for yet, so its process group still exists
        if hasattr(os, "killpg"):
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
        process.wait()
