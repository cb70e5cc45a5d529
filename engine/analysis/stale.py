"""Stale graphs: a number was changed, and what is computed from it was not recomputed."""

from __future__ import annotations

from collections.abc import Iterable

from engine.backprop import check_numbers
from engine.graph import depends_on, toposort
from engine.op import DomainError
from engine.value import Value

MAX_CALL_LENGTH = 80  # of an operation that is written with its operands


def stale_note(*outputs: Value) -> str:
    """A sentence that names the first stale node of the graph and what recomputes it; "" if no node is stale.

    Results are compared to the bit. Raises TypeError, as `check_numbers` does, for a `data` that is not a number.

    >>> x = Value(2.0, "x")
    >>> y = x * x * 3
    >>> y.label = "y"
    >>> x.data = 5.0
    >>> stale_note(y)
    'y is stale: multiply(x = 5.0, x = 5.0) is not 4.0 any more; call y.forward()'
    """
    order = toposort(*outputs)
    check_numbers(order)
    node = next(filter(_is_stale, order), None)
    if node is None:
        return ""
    above = depends_on([node], order)
    name = next(output for output in outputs if output in above).label
    call = node.op.format_call(_numbers(node.inputs), node.inputs)
    shown = call if len(call) <= MAX_CALL_LENGTH else f"a result of {node.op.name}"
    hint = f"call {name}.forward()" if name else "call forward() on it"
    return f"{name or 'the output'} is stale: {shown} is not {node.data!r} any more; {hint}"


def _is_stale(node: Value) -> bool:
    """Whether a stored result is not that of the node's inputs, to the bit; NaN equals NaN."""
    if not node.inputs:
        return False
    try:
        return node.op.evaluate(_numbers(node.inputs)).hex() != float(node.data).hex()
    except DomainError:
        return True


def _numbers(nodes: Iterable[Value]) -> list[float]:
    return [float(x.data) for x in nodes]
