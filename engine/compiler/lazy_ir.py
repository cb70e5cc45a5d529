"""An IR that is built when it is first needed, and the digest by which code of it is found on disk."""

from __future__ import annotations

import hashlib
from array import array
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, cast

from engine import ops
from engine._support.cached_property import CachedProperty
from engine.compiler.building import one_builder
from engine.compiler.garbage_collection import garbage_collection_paused
from engine.compiler.ir import IR, build_ir
from engine.graph import toposort
from engine.op import Op
from engine.value import Value

MIN_NODES = 1_000  # of a graph that has a digest; a smaller one is compiled faster than files are written


class LazyIR:
    """Stands for an IR, which is made when one of its attributes is read.

    Attributes:
        waits: Whether it is not made before it is needed, because code of it may be found on disk.
    """

    def __init__(self, make: Callable[[], IR], make_digest: Callable[[], str | None]) -> None:
        self._make, self._make_digest = make, make_digest
        self._ir: IR | None = None
        self.waits = False

    @property
    def as_ir(self) -> IR:
        """The IR, or if it waits itself, which has all attributes of an IR."""
        return cast(IR, self) if self.waits else self.build()

    def build(self) -> IR:
        """The IR, which is made at the first call."""
        if self._ir is None:
            with one_builder(), garbage_collection_paused():
                self._ir = self._ir or self._make()
        return self._ir

    @CachedProperty
    def digest(self) -> str | None:
        """The digest of what it computes; None if it cannot have one."""
        return self._make_digest()

    def __getattr__(self, name: str) -> Any:
        return getattr(self.build(), name)


def build_lazily(
    order: Sequence[Value],
    outputs: Sequence[Value],
    inputs: Sequence[Value],
    wrt: Sequence[Value],
    *,
    gradient: bool,
    frozen: Mapping[Value, float],
) -> LazyIR:
    """The IR that `build_ir` builds of these arguments, when it is needed, for a graph in this order."""
    make = partial(build_ir, outputs, inputs, wrt, gradient=gradient, frozen=frozen, order=order)
    return LazyIR(make, partial(digest_graph, outputs, inputs, wrt, gradient=gradient, frozen=frozen, order=order))


def digest_graph(
    outputs: Sequence[Value],
    inputs: Sequence[Value],
    wrt: Sequence[Value],
    *,
    gradient: bool,
    frozen: Mapping[Value, float],
    order: Sequence[Value] | None = None,
) -> str | None:
    """The digest of what `build_ir` is given: operations and their inputs, leaves, and the numbers of frozen ones.

    It is None for a small graph, and for one with an operation that is not this package's, of which the name does not
    say what it computes.

    >>> x = Value(0.5)
    >>> digest_graph([x.sin()], [x], [x], gradient=True, frozen={}) is None
    True
    """
    order = order or toposort(*outputs)
    if len(order) < MIN_NODES:
        return None
    position = {x: i for i, x in enumerate(order)}
    variables = {x: i for i, x in enumerate(dict.fromkeys([*inputs, *wrt]))}
    names: dict[Op, int] = {}
    # A node is its operation and its inputs, variable i is -2 - i, and a frozen leaf is -1 and its number.
    nodes, numbers = array("q"), array("d")
    for node in order:
        if node.inputs:
            nodes.extend([names.setdefault(node.op, len(names)), len(node.inputs), *[position[x] for x in node.inputs]])
        elif node in variables:
            nodes.append(-2 - variables[node])
        else:
            nodes.append(-1)
            numbers.append(frozen[node])
    if not names.keys() <= {op for op in vars(ops).values() if isinstance(op, Op)}:
        return None
    ends = [variables[x] for x in wrt], [position[x] for x in outputs]
    text = repr((gradient, len(inputs), *ends, [op.name for op in names]))
    return hashlib.sha256(b"".join([text.encode(), nodes.tobytes(), numbers.tobytes()])).hexdigest()
