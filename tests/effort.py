"""How much work something does, counted: the same on every machine, however busy, unlike seconds."""

from __future__ import annotations

import sys
import tracemalloc
from collections.abc import Callable


def count_calls(work: Callable[[], object]) -> int:
    """The number of calls that work makes, of functions in Python and in C; a generator counts each time it goes on.

    >>> count_calls(lambda: [abs(x) for x in range(7)]) - count_calls(lambda: [abs(x) for x in range(4)])
    3
    """
    n_calls = 0

    def count(_frame: object, event: str, _function: object) -> None:
        nonlocal n_calls
        n_calls += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        work()
    finally:
        sys.setprofile(before)
    return n_calls


def peak_of_bytes(work: Callable[[], object]) -> int:
    """The most memory that work allocates at a time, beyond what was allocated before.

    >>> 1_000_000 < peak_of_bytes(lambda: len(bytes(1_000_000))) < 1_100_000
    True
    """
    tracemalloc.start()
    try:
        work()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
