"""`CachedProperty`, as `functools` has it from Python 3.12 on: without a lock.

Before, one lock for all instances is held while the attribute is computed, so that threads wait for each other, and a
process that is forked meanwhile waits without end.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, TypeVar, overload

T = TypeVar("T")


class CachedProperty(Generic[T]):
    """An attribute that is computed when it is first read. Threads that read it at once may each compute it."""

    def __init__(self, compute: Callable[[Any], T]) -> None:
        self.compute = compute
        self.__doc__ = compute.__doc__

    def __repr__(self) -> str:
        return "<computed when it is first read>"  # for `help`, which shows it as a value

    def __set_name__(self, _: type, name: str) -> None:
        self.name = name

    @overload
    def __get__(self, instance: None, owner: type) -> CachedProperty[T]: ...
    @overload
    def __get__(self, instance: object, owner: type) -> T: ...
    def __get__(self, instance: object, owner: type) -> CachedProperty[T] | T:
        if instance is None:
            return self
        computed: T = self.compute(instance)
        vars(instance)[self.name] = computed  # which is found before this descriptor from now on
        return computed
