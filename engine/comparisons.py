"""Noticing which numbers Python code decides by while it builds a graph."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import local
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine.value import Value


class Watchers(local):
    """The lists of those, in each thread, who want to know which nodes Python code decides by; see `comparisons`."""

    def __init__(self) -> None:
        self.lists: dict[int, list[Value]] = {}


watchers = Watchers()


def tell_watchers(node: Value) -> None:
    """A node's number is about to be compared."""
    for seen in watchers.lists.values():
        seen.append(node)


@contextmanager
def comparisons() -> Iterator[list[Value]]:
    """The `Value`s whose numbers are compared (`<`, `max`, `sorted`), or turned into floats, while the block runs.

    What is built by such a decision is right for these numbers alone, so that its graph must not be recomputed for
    others. That `.data` is read is not noticed, nor what other threads compare.

    >>> from engine import Value
    >>> x, y = Value(1.0, "x"), Value(2.0, "y")
    >>> with comparisons() as compared:
    ...     larger = x if x > y else y
    >>> compared
    [Value(data=1.0, grad=0.0, label='x')]
    """
    seen: list[Value] = []
    key, lists = id(seen), watchers.lists
    try:
        lists[key] = seen
        yield seen
    finally:
        del lists[key]
