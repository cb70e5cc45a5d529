"""Ending a program: errors in one line, Ctrl-C and closed pipes, and the exit status."""

from __future__ import annotations

import gc
import io
import os
import signal
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from threading import Timer, main_thread
from types import FrameType
from typing import NoReturn

from viz._ctrl_c import STOPPED, stop
from viz.drawing.dot_program import DrawingError

# What is printed of errors that end a program with status 1.
ERRORS: dict[type[Exception], str] = {
    DrawingError: "A picture could not be drawn. {}",
    OSError: "{}",  # as `describe_unwritten` says
}


def run_program(main: Callable[[], int]) -> NoReturn:
    """Run a program, and exit with its status: 1 if it cannot print, 130 if Ctrl-C stops it.

    Any handler of Ctrl-C but that of `viz._ctrl_c` stays.
    """
    sys.stdout = sys.stdout or io.StringIO()  # it is None where standard output is closed
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # as of standard error: names of files may have any character
    is_ours = signal.getsignal(signal.SIGINT) is stop
    status = 0
    try:
        if is_ours:
            signal.signal(signal.SIGINT, _interrupt)
        status = main()
        sys.stdout.flush()  # here, where an error is still expected
    except OSError as error:
        with suppress(OSError):  # standard output may be closed
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # for what is still buffered
        if not status and not isinstance(error, BrokenPipeError):  # the reader, such as `head`, has closed the pipe
            print(describe_unwritten(error), file=sys.stderr)
        status = 1
    except KeyboardInterrupt:
        print("stopped", file=sys.stderr)
        status = STOPPED
    if is_ours:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # only Python's own cleanup is left
    sys.exit(status)


def _interrupt(_: int, frame: FrameType | None) -> None:
    """Raise KeyboardInterrupt, but a moment later where a finalizer or a callback of the garbage collector runs.

    No exception comes out of these; JAX has such a callback.
    """
    callbacks = [getattr(callback, "__code__", None) for callback in gc.callbacks]
    while frame:
        if frame.f_code.co_name == "__del__" or frame.f_code in callbacks:
            Timer(0.001, _interrupt_later).start()
            return
        frame = frame.f_back
    raise KeyboardInterrupt


def _interrupt_later() -> None:
    if hasattr(signal, "pthread_kill"):  # which, unlike raise_signal, also ends a wait of the main thread
        signal.pthread_kill(main_thread().ident or 0, signal.SIGINT)
    else:
        signal.raise_signal(signal.SIGINT)  # on Windows


def report_errors(work: Callable[[], int | None], errors: Mapping[type[Exception], str] = ERRORS) -> int:
    """Do the work; return its status, 0 if it does not have one, or 1 after one line about an error of these types.

    >>> report_errors(lambda: print("done"))
    done
    0
    """
    try:
        return work() or 0
    except BrokenPipeError:
        raise
    except tuple(errors) as error:
        text = next(errors[kind] for kind in type(error).__mro__ if kind in errors)
        print(text.format(describe_unwritten(error) if isinstance(error, OSError) else error), file=sys.stderr)
        return 1


def describe_unwritten(error: OSError) -> str:
    """A sentence about a file, or another place, that could not be written.

    >>> describe_unwritten(PermissionError(13, "Permission denied", "graph.svg"))
    'graph.svg could not be written: Permission denied'
    """
    return f"{error.filename or 'Something'} could not be written: {error.strerror or error}"
