"""Programs that run at the same time and end together, whatever ends one of them."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, suppress
from queue import Empty, SimpleQueue
from tempfile import TemporaryFile
from threading import Thread
from typing import IO

from demos.cli import UnsuccessfulError

INTERVAL = 0.1  # seconds between looks at whether a program has failed


def run_together(
    commands: Sequence[Sequence[str]], show: Callable[[str], object], environment: Mapping[str, str] | None = None
) -> None:
    """Run programs, and `show` each line that the first of them prints. They are killed when this function is left.

    Raises UnsuccessfulError, with the last line of its errors, if one of them fails.

    >>> import sys
    >>> run_together([[sys.executable, "-c", f"print({i})"] for i in range(2)], show=print)
    0
    """
    with ExitStack() as stack:
        programs: list[subprocess.Popen[str]] = []
        stack.callback(_close, programs)
        errors = [stack.enter_context(TemporaryFile("w+")) for _ in commands]
        for command, error in zip(commands, errors, strict=True):
            output = subprocess.DEVNULL if programs else subprocess.PIPE
            programs.append(
                subprocess.Popen(
                    command,
                    stdin=subprocess.PIPE,  # which ends when this process does: see `end_with_parent`
                    stdout=output,
                    stderr=error,
                    text=True,
                    env={**os.environ, **(environment or {})},
                    start_new_session=True,  # Ctrl-C is for this process alone
                )
            )
        lines: SimpleQueue[str | None] = SimpleQueue()
        Thread(target=_relay, args=(programs[0].stdout, lines), daemon=True).start()
        is_open = True
        while is_open:
            with suppress(Empty):
                line = lines.get(timeout=INTERVAL)
                is_open = line is not None
                if line is not None:
                    show(line)
            _check(programs, errors)
        for program in programs:
            program.wait()
        _check(programs, errors)


def end_with_parent() -> None:
    """End this process when the one that started it by `run_together` has ended, even by a signal."""

    def wait() -> None:
        os.read(sys.stdin.fileno(), 1)
        os._exit(1)

    Thread(target=wait, daemon=True).start()


def separate_output() -> None:
    """Leave standard output to Python: what libraries in other languages write to it goes to standard error."""
    sys.stdout.flush()
    sys.stdout = os.fdopen(os.dup(1), "w", encoding=sys.stdout.encoding)
    os.dup2(2, 1)


def _relay(output: IO[str], lines: SimpleQueue[str | None]) -> None:
    for line in output:
        lines.put(line.rstrip("\n"))
    lines.put(None)


def _check(programs: Sequence[subprocess.Popen[str]], errors: Sequence[IO[str]]) -> None:
    """Raise UnsuccessfulError for the first program that has failed."""
    for program, error in zip(programs, errors, strict=True):
        if program.poll():
            error.seek(0)
            *_, last = ["", *error.read().split("\n")[:-1]]
            raise UnsuccessfulError(last or f"A process ended with the status {program.returncode}.")


def _close(programs: Sequence[subprocess.Popen[str]]) -> None:
    """Kill the programs that run, and close their pipes."""
    for program in programs:
        program.kill()
    for program in programs:
        with program:
            pass
