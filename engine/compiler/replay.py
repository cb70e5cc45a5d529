"""A program's graph run by the engine's rules, one node after the other, to find the first that has no finite value."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from engine.compiler.formulas import depends_on
from engine.graph import toposort
from engine.op import DomainError
from engine.value import Value


class Replay:
    """The graph of some outputs, and the derivatives of the first by `wrt`; the graph itself is only read.

    `frozen` are the numbers of its leaves, unless `run` is given others.

    >>> x = Value(1.0, "x")
    >>> Replay([x.log()], [x], {}).run({x: -1.0})
    Traceback (most recent call last):
    ...
    engine.op.DomainError: log(x = -1.0) has no finite value: log needs a number above 0
    """

    def __init__(self, outputs: Sequence[Value], wrt: Sequence[Value], frozen: Mapping[Value, float]) -> None:
        self._output = outputs[0]
        self._order = toposort(*outputs)
        self._outputs, self._frozen = outputs, dict(frozen)
        self._asked = depends_on(wrt, self._order)

    def run(self, given: Mapping[Value, float], *, gradient: bool = True, strict: bool = False) -> None:
        """Compute all for these leaves. Raises DomainError, which names the node, where the engine would.

        A `strict` run raises it also where NaN or infinity comes of finite numbers, as an overflow, or where an
        output is not finite because a leaf is not.
        """
        data = self._forward(given, strict)
        if strict and not all(math.isfinite(data[output]) for output in self._outputs):
            for x in given:
                if not math.isfinite(data[x]):
                    raise DomainError(f"{x.label or 'a leaf'} = {data[x]!r} is not finite, and neither is the output")
        if gradient:
            self._backward(data, strict)

    def _forward(self, given: Mapping[Value, float], strict: bool) -> dict[Value, float]:
        data = self._frozen | dict(given)
        for node in self._order:
            if node.inputs:
                numbers = [data[x] for x in node.inputs]
                data[node] = node.op.evaluate(numbers, node.inputs)
                if strict and not math.isfinite(data[node]) and all(map(math.isfinite, numbers)):
                    raise node.op.domain_error("", numbers, node.inputs)
        return data

    def _backward(self, data: Mapping[Value, float], strict: bool) -> None:
        pending = dict.fromkeys(self._asked, 0.0) | {self._output: 1.0}
        for node in reversed(self._order):
            numbers = [data[x] for x in node.inputs]
            for i, x in enumerate(node.inputs):
                if x in self._asked:
                    try:
                        contribution = pending[node] * node.op.local_derivative(i, data[node], numbers)
                    except (ArithmeticError, ValueError) as error:
                        raise node.op.domain_error("the derivative of ", numbers, node.inputs) from error
                    if strict and not math.isfinite(contribution):
                        raise node.op.domain_error("the derivative of ", numbers, node.inputs)
                    pending[x] += contribution
                    if strict and not math.isfinite(pending[x]):
                        where = f"overflows where {node.op.call(numbers, node.inputs)} adds to it"
                        raise DomainError(f"the derivative by {x.label or f'operand {i + 1}'} {where}")
