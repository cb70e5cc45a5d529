"""Running the program `dot` of Graphviz, within limits of time and memory."""

from __future__ import annotations

import os
import signal
import subprocess
from contextlib import suppress
from subprocess import PIPE
from threading import Thread
from time import monotonic
from typing import IO

MAX_SECONDS = 120.0  # for one picture
MAX_OUTPUT_BYTES = 200_000_000  # of one picture
READ_SIZE = 100_000  # bytes that are read at a time
MAX_MESSAGE_LENGTH = 500  # characters quoted from an error message of `dot`

INSTALL = (
    "apt install graphviz, brew install graphviz, winget install Graphviz.Graphviz, "
    "or conda install -c conda-forge python-graphviz"
)


class DrawingError(RuntimeError):
    """A picture could not be made: the program `dot` of Graphviz is missing, or it failed."""


def run_dot(source: str, format: str) -> bytes:
    """What the program `dot` makes of DOT text. However this ends, by Ctrl-C too, no `dot` is left running."""
    command = ["dot", "-Kdot", f"-T{format}"]
    if format == "pdf":
        command.append("-Gmargin=0")  # else half an inch of white paper around it
    try:
        # In a group of its own, so that it is ended together with what it may have started.
        running = subprocess.Popen(command, stdin=PIPE, stdout=PIPE, stderr=PIPE, start_new_session=True)
    except FileNotFoundError:
        raise DrawingError(f"The program 'dot' of Graphviz was not found. Install it: {INSTALL}.") from None
    except OSError as error:
        raise DrawingError(f"The program 'dot' cannot be run: {error}.") from error
    try:
        picture, said = _read_output(running, source.encode())
    except subprocess.TimeoutExpired:
        raise DrawingError(
            f"The program 'dot' was stopped because it took more than {MAX_SECONDS:g} seconds; draw a smaller graph."
        ) from None
    finally:
        _kill(running)
    if running.returncode < 0:
        raise DrawingError(f"The program 'dot' crashed: it was ended by signal {-running.returncode}.")
    if running.returncode:
        complaint = " ".join(said[: 4 * MAX_MESSAGE_LENGTH].decode(errors="replace").split())[:MAX_MESSAGE_LENGTH]
        raise DrawingError(f"The program 'dot' failed: {complaint or f'its exit status is {running.returncode}'}.")
    return picture


def _read_output(running: subprocess.Popen[bytes], content: bytes) -> tuple[bytes, bytes]:
    """As `communicate`, but a program that prints without end is ended before it fills the memory."""
    stdin, stdout, stderr = filter(None, (running.stdin, running.stdout, running.stderr))  # all of them are pipes
    printed = {stdout: bytearray(), stderr: bytearray()}

    def read(stream: IO[bytes]) -> None:
        with suppress(OSError, ValueError):  # of a stream that was closed meanwhile
            while len(printed[stream]) < MAX_OUTPUT_BYTES and (piece := stream.read(READ_SIZE)):
                printed[stream] += piece
        if len(printed[stream]) >= MAX_OUTPUT_BYTES:
            running.kill()

    def write() -> None:
        with suppress(OSError), stdin:  # it may end without having read all
            stdin.write(content)

    threads = [Thread(target=read, args=[stream], daemon=True) for stream in (stdout, stderr)]
    threads.append(Thread(target=write, daemon=True))
    end = monotonic() + MAX_SECONDS
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(max(0.0, end - monotonic()))
        if thread.is_alive():
            raise subprocess.TimeoutExpired(running.args, MAX_SECONDS)
    if max(map(len, printed.values())) >= MAX_OUTPUT_BYTES:
        raise DrawingError(
            f"The program 'dot' was stopped because it printed more than {MAX_OUTPUT_BYTES // 10**6} MB."
        )
    running.wait(max(0.0, end - monotonic()))
    return bytes(printed[stdout]), bytes(printed[stderr])


def _kill(running: subprocess.Popen[bytes]) -> None:
    if running.returncode is None:  # nobody has waited for it yet, so the number of its group is its own still
        if hasattr(os, "killpg"):
            os.killpg(running.pid, signal.SIGKILL)
        else:
            running.kill()
        running.wait()
    for stream in (running.stdin, running.stdout, running.stderr):
        if stream:
            with suppress(OSError):  # of what could not be written any more
                stream.close()
