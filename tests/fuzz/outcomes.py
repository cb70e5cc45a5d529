"""The outcome of a call: a result, or an error that is documented; every other error is raised."""

from __future__ import annotations

import resource
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from nn import StopTraining, TrainingError
from viz import DrawingError

# A ZeroDivisionError is one too, but says nothing of the operation, which a DomainError does: it is refused.
# OverflowError is an ArithmeticError, and UnicodeError, JSONDecodeError and ModelFileError are ValueErrors.
DOCUMENTED = (ValueError, TypeError, ArithmeticError, OSError, DrawingError, TrainingError, StopTraining)
MAX_SECONDS = 20.0  # what takes longer, even on a busy machine, hangs
MAX_BYTES = 2**29  # besides those in use


class Hang(BaseException):
    """Raised in a call that does not end; no `except Exception` stops it."""


@contextmanager
def limits() -> Iterator[None]:
    """A block that may take `MAX_SECONDS` and, where the memory in use is known, `MAX_BYTES` more."""

    def give_up(*_: object) -> None:
        raise Hang(f"no end after {MAX_SECONDS} s")

    before = signal.signal(signal.SIGALRM, give_up)
    least, most = resource.getrlimit(resource.RLIMIT_AS)
    pages = int(Path("/proc/self/statm").read_text().split()[0]) if Path("/proc/self/statm").exists() else 0
    if pages:
        resource.setrlimit(resource.RLIMIT_AS, (pages * resource.getpagesize() + MAX_BYTES, most))
    signal.setitimer(signal.ITIMER_REAL, MAX_SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0.0)
        signal.signal(signal.SIGALRM, before)
        resource.setrlimit(resource.RLIMIT_AS, (least, most))


def outcome(function: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
    """The result of a function, of an iterator its first items, or the documented error that was raised.

    A documented error without a message fails too.
    """
    with limits():
        try:
            result = function(*arguments, **named)
            if isinstance(result, Iterator):
                result = [item for item, _ in zip(result, range(10), strict=False)]
            repr(result)
        except ZeroDivisionError as error:
            raise AssertionError("a division by zero is a DomainError") from error
        except DOCUMENTED as error:
            result = error
    if isinstance(result, BaseException) and not str(result):
        raise AssertionError(f"{type(result).__name__} says nothing")
    return result
