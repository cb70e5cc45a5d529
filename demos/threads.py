"""Work in threads, for pictures, whose time is spent in the program `dot`."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import CancelledError, ThreadPoolExecutor
from threading import Event
from typing import TypeVar

from engine._support.termination import termination_deferred

T = TypeVar("T")
R = TypeVar("R")


def map_in_threads(work: Callable[[T], R], items: Iterable[T]) -> list[R]:
    """The results of a function for each item, in order. After SIGTERM or SIGHUP only what has begun is finished.

    >>> map_in_threads(abs, [-3, 2])
    [3, 2]
    """
    stopped = Event()

    def work_unless_stopped(item: T) -> R:
        if stopped.is_set():
            raise CancelledError
        return work(item)

    with termination_deferred(stopped.set), ThreadPoolExecutor() as pool:
        return list(pool.map(work_unless_stopped, items))
