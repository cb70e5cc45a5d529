"""Running the program `dot` of Graphviz, or graphviz-pure in its place, within limits of time and memory."""

from __future__ import annotations

import os
import shutil
import signal
from contextlib import suppress
from pathlib import Path
from queue import Empty, SimpleQueue
from subprocess import PIPE, Popen, TimeoutExpired
from threading import Thread
from time import monotonic
from typing import IO

from engine._support.termination import termination_deferred
from engine._support.typed_commands import install_command

MAX_SECONDS = 120.0  # for one picture
MAX_OUTPUT_BYTES = 200_000_000  # of one picture
READ_SIZE = 100_000  # bytes that are read at a time
TERMINATED = -1  # in place of a number of bytes
MAX_MESSAGE_LENGTH = 500  # characters quoted from an error message of the program

PORT = "graphviz-pure"  # a port of Graphviz, the extra `dot`; its program takes the options of `dot`
INSTALL_GRAPHVIZ = (
    "apt install graphviz, brew install graphviz, winget install Graphviz.Graphviz, "
    "or conda install -c conda-forge python-graphviz"
)
# The bytes that a picture in each format begins with, and bytes near its end.
FILE_SIGNATURES = {
    "svg": (b"<?xml", b"</svg>"),
    "png": (b"\x89PNG", b"IEND"),
    "pdf": (b"%PDF-", b"%%EOF"),
    "dot": (b"", b"}"),
}


class DrawingError(RuntimeError):
    """A picture could not be made: the program `dot` of Graphviz is missing, and graphviz-pure too, or it failed.

    >>> from viz import Drawing
    >>> Drawing("digraph { x -> ").render("svg")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    ...
    viz.drawing.dot_program.DrawingError: The program ... failed: ...syntax error in line 1...
    """


def find_program(format: str = "svg") -> str:
    """Return the path of the program that draws DOT text in this format: `dot`, or where it is absent graphviz-pure.

    Raises DrawingError, which says how to install one, if there is neither, or the one there does not write the format.
    """
    if program := shutil.which("dot"):
        return program
    port = _find_port()
    if port is None:
        raise DrawingError(
            f"The program 'dot' of Graphviz was not found, nor {PORT}, which draws SVG and PNG in its place."
            f" Install one: {install_command('dot')}, {INSTALL_GRAPHVIZ}."
        )
    if format == "pdf":
        raise DrawingError(
            f"PDF needs the program 'dot' of Graphviz, since {PORT}, which draws here, writes SVG and PNG."
            f" Install it: {INSTALL_GRAPHVIZ}."
        )
    return port


def _find_port() -> str | None:
    """The path of graphviz-pure, which need not be on the PATH: a Python is often run without activating its venv."""
    from importlib import metadata  # here, since it takes long to import and is needed only without `dot`

    with suppress(metadata.PackageNotFoundError):
        for file in metadata.files(PORT) or ():
            if file.stem == PORT:
                return str(file.locate())
    return shutil.which(PORT)


def run_dot(source: str, format: str) -> bytes:
    """Render DOT text and return the picture. However this ends, by Ctrl-C too, the program does not keep running.

    In the main thread that holds for SIGTERM and SIGHUP, too; not for SIGKILL, which nobody can catch.
    """
    program = find_program(format)
    called = f"The program {Path(program).stem!r}"
    command = [program, "-Kdot", f"-T{format}"]
    if format == "pdf":
        command.append("-Gmargin=0")  # the default is half an inch of white paper
    finished: SimpleQueue[int] = SimpleQueue()
    with termination_deferred(lambda: finished.put(TERMINATED)):
        try:
            # A process group of its own, so that it can be killed together with its children.
            process = Popen(command, stdin=PIPE, stdout=PIPE, stderr=PIPE, start_new_session=True)
        except OSError as error:
            raise DrawingError(f"{called} cannot be run: {error}.") from error
        try:
            picture, errors = _read_output(process, source.encode(), finished)
        except LimitError as error:
            raise DrawingError(f"{called} was stopped because {error}.") from None
        finally:
            _kill(process)
    if process.returncode < 0:
        raise DrawingError(f"{called} crashed: it was ended by signal {-process.returncode}.")
    if process.returncode:
        message = " ".join(errors[: 4 * MAX_MESSAGE_LENGTH].decode(errors="replace").split())[:MAX_MESSAGE_LENGTH]
        raise DrawingError(f"{called} failed: {message or f'its exit status is {process.returncode}'}.")
    beginning, end = FILE_SIGNATURES[format]
    if not picture.lstrip().startswith(beginning) or end not in picture[-1024:]:
        raise DrawingError(f"{called} succeeded, but what it printed is not {format}: {picture[:60]!r}.")
    return picture


class LimitError(Exception):
    """Why the program is stopped."""


def _read_output(process: Popen[bytes], content: bytes, finished: SimpleQueue[int]) -> tuple[bytes, bytes]:
    """Like `Popen.communicate`, but within the limits. Each thread puts the number of bytes it has read in the queue.

    Raises LimitError at a limit, or when TERMINATED is in the queue.
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
                raise LimitError("this process is ended by a signal")
            if n_bytes >= MAX_OUTPUT_BYTES:
                raise LimitError(f"it printed more than {MAX_OUTPUT_BYTES // 10**6} MB")
        process.wait(max(0.0, end - monotonic()))
    except (Empty, TimeoutExpired):
        raise LimitError(f"it took more than {MAX_SECONDS:g} seconds; draw a smaller graph") from None
    return bytes(printed[stdout]), bytes(printed[stderr])


def _kill(process: Popen[bytes]) -> None:
    """Kill the program, if it still runs, with its process group. The threads at its pipes then come to their end."""
    if process.returncode is None:  # not waited for yet, so its process group still exists
        if hasattr(os, "killpg"):
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
        process.wait()
