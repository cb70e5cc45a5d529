"""Anomaly detection: where a NaN or an invalid operation came from, and whether gradients belong to one point.

By default NaN is a number like others, and stored numbers are trusted. While anomalies are looked for, the line and the
operands of every new node are recorded, and every step is checked. That costs time.
"""

from __future__ import annotations

import math
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from threading import local
from typing import TYPE_CHECKING, NamedTuple
from weakref import WeakKeyDictionary

from engine._support.caller import is_notebook_cell, users_frame
from engine._support.printable_text import make_printable
from engine.op import DomainError

if TYPE_CHECKING:
    from engine.sweep import Edge
    from engine.value import Value


class AnomalyError(DomainError):
    """The error that `detect_anomaly` raises: the node, its operands with their labels, and the line that made it.

    >>> from engine import Value
    >>> x = Value(0.0, "x")
    >>> with detect_anomaly():  # doctest: +ELLIPSIS
    ...     1 / x
    Traceback (most recent call last):
    ...
    engine.anomaly.AnomalyError: divide(1.0, x = 0.0) is not finite: ...
      at <doctest ...>, line 2: 1 / x
    """


class Origin(NamedTuple):
    """The line that made a node, and the operands from which it was computed last."""

    line: str
    numbers: tuple[float, ...]


class Watch:
    """The origins of the nodes that were made, or recomputed, while anomalies are looked for."""

    def __init__(self) -> None:
        self._origins: WeakKeyDictionary[Value, Origin] = WeakKeyDictionary()

    def error(self, problem: str, node: Value | None = None) -> AnomalyError:
        """The error, with the line that made the node, or without a node, the line that is running."""
        if node is None:
            return AnomalyError(f"{problem}\n  at {users_line()}")
        origin = self._origins.get(node)
        return AnomalyError(
            f"{problem}\n  made {f'at {origin.line}' if origin else 'before anomalies were looked for'}"
        )

    def made(self, node: Value) -> None:
        """Record a new node. Raises AnomalyError if it is NaN and its operands are not."""
        self._origins[node] = Origin(users_line(), _numbers(node.inputs))
        self._check(node)

    def recomputed(self, node: Value) -> None:
        """Record a node that was recomputed. Raises AnomalyError as `made` does."""
        origin = self._origins.get(node)
        self._origins[node] = Origin(origin.line if origin else "a line that was not watched", _numbers(node.inputs))
        self._check(node)

    def _check(self, node: Value) -> None:
        numbers = _numbers(node.inputs)
        if math.isnan(node.data) and not any(map(math.isnan, numbers)):
            raise self.error(f"{node.op.format_call(numbers, node.inputs)} is nan", node)

    def before_sweep(self, order: Sequence[Value]) -> None:
        """Raise AnomalyError for a node whose stored result does not agree with its inputs, since one was changed."""
        for node in order:
            if not node.inputs:
                continue
            numbers = _numbers(node.inputs)
            origin = self._origins.get(node)
            for i, x in enumerate(node.inputs):
                if origin and not _same(origin.numbers[i], numbers[i]):
                    name = make_printable(x.label) or f"input {i + 1}"
                    raise self._stale(f"{name}.data was {origin.numbers[i]!r} and is {numbers[i]!r} now", node)
            if not _same(node.op.evaluate(numbers, node.inputs), node.data):
                raise self._stale(
                    f"{node.op.format_call(numbers, node.inputs)} does not agree with the stored {node.data!r}", node
                )

    def _stale(self, problem: str, node: Value) -> AnomalyError:
        whose = f"{make_printable(node.label) or node.op.name} was computed"
        hint = "the gradient would not belong to a single point: call forward() on the output first"
        return self.error(f"{problem}, after {whose}; {hint}", node)

    def after_step(self, node: Value, pending: Mapping[Value, float], edges: Iterable[Edge]) -> None:
        """Raise AnomalyError if a backward step along these edges made the derivative with respect to an input NaN."""
        for edge in edges if any(math.isnan(pending[x]) for x in node.inputs) else ():
            if math.isnan(pending[edge.input]):
                raise self.product_error(node, edge, f"the upstream gradient {pending[node]!r}")

    def product_error(self, node: Value, edge: Edge, factor: str) -> AnomalyError:
        """The error of a derivative that became NaN along an edge, as its local derivative times this factor."""
        call = node.op.format_call(_numbers(node.inputs), node.inputs)
        name = make_printable(edge.input.label) or f"input {edge.i + 1}"
        how = f"its local derivative {edge.local_derivative!r} times {factor}"
        return self.error(f"the derivative with respect to {name} is nan at {call}: {how}", node)

    def sum_error(self, node: Value, contributions: Sequence[float]) -> AnomalyError:
        """The error of contributions to a derivative that are not NaN, but their sum is."""
        name = make_printable(node.label) or node.op.format_call(_numbers(node.inputs), node.inputs)
        return self.error(f"the derivative at {name} is nan: {' + '.join(map(repr, contributions))}", node)


def _numbers(nodes: Sequence[Value]) -> tuple[float, ...]:
    return tuple([x.data for x in nodes])


def _same(x: float, y: float) -> bool:
    return x == y or (math.isnan(x) and math.isnan(y))


def users_line() -> str:
    """The line of the user's own code that is running: notes.py, line 3: y = log(x)."""
    import linecache  # here, since it takes a tenth of the time of `import engine`

    frame = users_frame()
    path, number = frame.f_code.co_filename, frame.f_lineno
    text = linecache.getline(path, number, frame.f_globals).strip()
    name = "a cell" if is_notebook_cell(path) else os.path.basename(path)
    return f"{name}, line {number}{f': {text}' if text else ''}"


class _Thread(local):
    watch: Watch | None = None


_thread = _Thread()
WATCHES: list[Watch] = []  # of all threads; while it is empty, operators need not look up that of their own thread


def current_watch() -> Watch | None:
    """The watch of this thread, or None if anomalies are not looked for."""
    return _thread.watch


@contextmanager
def detect_anomaly() -> Iterator[None]:
    """Look for the first anomaly, forward and backward, in this thread, while the block runs.

    Raises AnomalyError, a DomainError, when

    - an operation fails, or makes a NaN of operands that are not NaN, in building a graph or in `forward`;
    - a local derivative is not finite, or a derivative becomes NaN, in `backward` and `grad`;
    - a leaf's `data` was changed after the graph was computed and before `backward` or `grad`. (Outside this mode they
      use the stored numbers: rules in the inputs see the new number, rules in the output, such as z(1 - z), the old
      result. Such a gradient does not belong to a single point.)

    The message names the node, its operands with their labels, and the line of your code that made it; for older nodes
    the line is not known. An infinity is not an anomaly, but a NaN that it leads to is.

    >>> from engine import Value
    >>> with detect_anomaly():  # doctest: +ELLIPSIS
    ...     x = Value(float("inf"), "x")
    ...     y = x - x
    Traceback (most recent call last):
    ...
    engine.anomaly.AnomalyError: subtract(x = inf, x = inf) is nan
      made at <doctest ...>, line 3: y = x - x
    """
    if current_watch():
        yield
        return
    watch = Watch()
    try:
        WATCHES.append(watch)
        _thread.watch = watch
        yield
    finally:
        _thread.watch = None
        if watch in WATCHES:  # an interrupt may have come before it was added
            WATCHES.remove(watch)
