"""Recording which nodes Python code branches on while it builds a graph."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import local
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine.value import Value


class Recordings(local):
    """The recordings of each thread that are under way, by id; see `record_comparisons`."""

    def __init__(self) -> None:
        self.lists: dict[int, list[Value]] = {}


recordings = Recordings()


def note_comparison(node: Value) -> None:
    """Add a node, whose number is about to be compared, to the recordings of this thread."""
    for seen in recordings.lists.values():
        seen.append(node)


@contextmanager
def record_comparisons() -> Iterator[list[Value]]:
    """The `Value`s whose numbers are compared (`<`, `max`, `x == 1.0`, `if x`) while the block runs.

    A graph that was built by such a branch is right for these numbers alone, and must not be recomputed for others.
    Reading `.data` is not noticed, nor are comparisons in other threads.

    >>> from engine import Value
    >>> x, y = Value(1.0, "x"), Value(2.0, "y")
    >>> with record_comparisons() as compared:
    ...     larger = x if x > y else y
    >>> compared
    [Value(data=1.0, grad=0.0, label='x')]
    """
    seen: list[Value] = []
    key, lists = id(seen), recordings.lists
    try:
        lists[key] = seen
        yield seen
    finally:
        del lists[key]
