"""The lock of the thread that builds a program: its formulas share tables, as do those of its derivatives."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from threading import RLock

_LOCK = RLock()


@contextmanager
def one_builder() -> Iterator[None]:
    """Formulas are made, and code of them, by one thread at a time; another one waits, and then finds what was made.

    >>> with one_builder(), one_builder():  # again by the same thread
    ...     pass
    """
    with _LOCK:
        yield


def _forget_other_threads() -> None:
    """Replace the lock in a process that was forked while another thread had it, which this one lacks."""
    global _LOCK
    if _LOCK.acquire(blocking=False):
        _LOCK.release()
    else:
        _LOCK = RLock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_other_threads)
