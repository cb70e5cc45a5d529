"""Threads: those that share the rows of a batch, and the lock of what one thread at a time may run."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from threading import RLock
from weakref import WeakSet

from engine.compiler.targets.llvm import c_functions


class OneThread:
    """A lock with which a second thread does not wait: its `with` raises RuntimeError."""

    def __init__(self) -> None:
        self._lock = RLock()
        _LOCKS.add(self)

    def __enter__(self) -> None:
        if not self._lock.acquire(blocking=False):
            raise RuntimeError(c_functions.BUSY)

    def __exit__(self, *_: object) -> None:
        self._lock.release()

    def forget_other_threads(self) -> None:
        """Replace the lock in a process that was forked while another thread had it, which this one lacks."""
        if self._lock.acquire(blocking=False):
            self._lock.release()
        else:
            self._lock = RLock()


_LOCKS: WeakSet[OneThread] = WeakSet()


def _after_fork() -> None:
    for lock in list(_LOCKS):
        lock.forget_other_threads()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)


@cache
def _pool(process: int) -> ThreadPoolExecutor:
    return ThreadPoolExecutor(thread_name_prefix="pathgrad")


def pool() -> ThreadPoolExecutor:
    """The threads that all programs of this process share; a forked process has its own."""
    return _pool(os.getpid())
