"""Noticing which numbers Python code decides by while it builds a graph."""

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
    """A node's number is about to be compared."""
    for seen in recordings.lists.values():
        seen.append(node)


@contextmanager
def record_comparisons() -> Iterator[list[Value]]:
    """The `Value`s whose numbers are compared (`<`, `max`, `sorted`), or turned into floats, while the block runs.

    What is built by such a decision is right for these numbers alone, so that its graph must not be recomputed for
    others. That `.data` is read is not noticed, nor what other threads compare.

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
