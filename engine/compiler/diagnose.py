"""An interpreter of a program's graph, which finds the first node whose value is not finite."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence

from engine._support.printable_text import make_printable
from engine.graph import toposort
from engine.op import DomainError, Selected
from engine.sweep import Edge, chain_rule, derivative_error, nodes_with_path_to, present_edges, reverse
from engine.value import Value


class Interpreter:
    """Computes the nodes of a graph one by one, and the derivatives of its first output; the graph stays unchanged.

    `frozen` has the values of leaves for which `run` is not given others.

    >>> x = Value(1.0, "x")
    >>> Interpreter([x.log()], [x], {}).run({x: -1.0})
    Traceback (most recent call last):
    ...
    engine.op.DomainError: log(x = -1.0) is not finite: log needs a number above 0
    """

    def __init__(self, outputs: Sequence[Value], wrt: Sequence[Value], frozen: Mapping[Value, float]) -> None:
        self._output = outputs[0]
        self._order = toposort(*outputs)
        self._outputs, self._frozen = outputs, dict(frozen)
        self._on_path_to_wrt = nodes_with_path_to(wrt, self._order)

    def run(self, given: Mapping[Value, float], *, gradient: bool = True, strict: bool = False) -> None:
        """Compute the values, and the derivatives, for these leaves. Raises DomainError where the engine would.

        A `strict` run also raises it if NaN or infinity results from finite numbers, as by an overflow, or if an
        output is not finite because a leaf is not.
        """
        data = self._forward(given, strict)
        if strict and not all(math.isfinite(data[output]) for output in self._outputs):
            for x in given:
                if not math.isfinite(data[x]):
                    raise DomainError(
                        f"{make_printable(x.label) or 'a leaf'} = {data[x]!r} is not finite, and neither is the output"
                    )
        if gradient:
            self._backward(data, strict)

    def _forward(self, given: Mapping[Value, float], strict: bool) -> dict[Value, float]:
        """The values of all nodes; a node that only branches not taken need may fail, and is NaN then."""
        data, errors = self._frozen | dict(given), dict[Value, DomainError]()
        for node in self._order:
            if not node.inputs:
                continue
            error_here = next((errors[x] for x in self._needed(node, data) if x in errors), None)
            numbers = [data[x] for x in node.inputs]
            if error_here is None:
                try:
                    data[node] = node.op.evaluate(numbers, node.inputs)
                except DomainError as error:
                    error_here = error
                else:
                    if strict and not math.isfinite(data[node]) and all(map(math.isfinite, numbers)):
                        error_here = node.op.domain_error("", numbers, node.inputs)
            if error_here is not None:
                errors[node], data[node] = error_here, math.nan
        for output in self._outputs:
            if output in errors:
                raise errors[output]
        return data | dict.fromkeys(errors, math.nan)

    def _needed(self, node: Value, data: Mapping[Value, float]) -> Iterator[Value]:
        """The inputs of a node without the branches of `where` that are not taken."""
        for i, x in enumerate(node.inputs):
            presence = node.op.presence(i)
            if not isinstance(presence, Selected) or bool(data[node.inputs[presence.by]]) is presence.where:
                yield x

    def _backward(self, data: Mapping[Value, float], strict: bool) -> None:
        sums: dict[Value, float] = {}

        def chain(node: Value, derivative: float, edge: Edge) -> float:
            contribution: float = chain_rule(node, derivative, edge)
            sums[edge.input] = sums.get(edge.input, 0.0) + contribution
            if strict and not math.isfinite(sums[edge.input]):
                numbers = [data[x] for x in node.inputs]
                if not math.isfinite(contribution):
                    raise derivative_error(node, numbers)
                name = make_printable(edge.input.label) or f"operand {edge.i + 1}"
                call = node.op.format_call(numbers, node.inputs)
                raise DomainError(f"the derivative with respect to {name} overflows where {call} adds to it")
            return contribution

        if self._output in self._on_path_to_wrt:
            order = self._order[: self._order.index(self._output) + 1]
            reverse(order, lambda node: present_edges(node, data, self._on_path_to_wrt), 1.0, chain)
