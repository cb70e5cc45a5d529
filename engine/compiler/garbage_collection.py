"""Python's garbage collector, paused while a great many objects are made that all stay."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def garbage_collection_paused() -> Iterator[None]:
    """Do without the collector for a while.

    It looks for cycles that nobody needs any more, again and again as objects become more, and all formulas of a graph
    are needed meanwhile: a quarter of the time would go into finding that out. Where it is off, it stays so.

    >>> with garbage_collection_paused():
    ...     gc.isenabled()
    False
    >>> gc.isenabled()
    True
    """
    was_enabled = gc.isenabled()
    try:
        gc.disable()
        yield
    finally:
        if was_enabled:
            gc.enable()
