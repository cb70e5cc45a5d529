"""An interpreter of a program's graph and of its formulas, which finds the first node whose value is not finite."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from engine._support.cached_property import CachedProperty
from engine._support.printable_text import make_printable
from engine.compiler.calls.batch import Batch
from engine.compiler.ir import IR
from engine.graph import toposort
from engine.op import DomainError, Selected
from engine.sweep import Edge, chain_rule, derivative_error, nodes_with_path_to, present_edges, reverse
from engine.value import Value


class Interpreter:
    """Computes the nodes of a graph one by one, and the derivatives of its outputs; the graph stays unchanged.

    `frozen` has the values of leaves for which `run` is not given others. Nodes may be expressions, whose labels are
    those of the nodes in `labelled`.

    >>> x = Value(1.0, "x")
    >>> Interpreter([x.log()], [x], {}).run({x: -1.0})
    Traceback (most recent call last):
    ...
    engine.op.DomainError: log(x = -1.0) is not finite: log needs a number above 0
    """

    def __init__(
        self,
        outputs: Sequence[Any],
        wrt: Sequence[Any],
        frozen: Mapping[Any, float],
        labelled: Mapping[Any, Value] | None = None,
    ) -> None:
        self._order = toposort(*outputs)
        self._frozen = {x: x.known for x in self._order if x.known is not None} | dict(frozen)
        self._outputs, self._labelled = outputs, labelled or {}
        self._on_path_to_wrt = nodes_with_path_to(wrt, self._order)

    def run(self, given: Mapping[Any, float], *, gradient: bool = True, strict: bool = False) -> None:
        """Compute the values, and the derivatives, for these leaves. Raises DomainError where the engine would.

        A `strict` run also raises it if NaN or infinity results from finite numbers, as by an overflow, or if an
        output is not finite because a leaf is not.
        """
        data = self._forward(given, strict)
        if strict and not all(math.isfinite(data[output]) for output in self._outputs):
            for x in given:
                if not math.isfinite(data[x]):
                    raise DomainError(
                        f"{self._label(x) or 'a leaf'} = {data[x]!r} is not finite, and neither is the output"
                    )
        for output in self._outputs if gradient else ():
            self._backward(output, data, strict)

    def _label(self, node: Any) -> str:
        return make_printable(getattr(self._labelled.get(node, node), "label", ""))

    def _operands(self, node: Any) -> list[Any]:
        """The inputs of a node, which have labels."""
        return [self._labelled.get(x, x) for x in node.inputs]

    def _forward(self, given: Mapping[Any, float], strict: bool) -> dict[Any, float]:
        """The values of all nodes; a node that only branches not taken need may fail, and is NaN then."""
        data, errors = self._frozen | dict(given), dict[Any, DomainError]()
        for node in self._order:
            if not node.inputs:
                continue
            error_here = next((errors[x] for x in self._needed(node, data) if x in errors), None)
            numbers = [data[x] for x in node.inputs]
            if error_here is None:
                try:
                    data[node] = node.op.evaluate(numbers, self._operands(node))
                except DomainError as error:
                    error_here = error
                else:
                    if strict and not math.isfinite(data[node]) and all(map(math.isfinite, numbers)):
                        error_here = node.op.domain_error("", numbers, self._operands(node))
            if error_here is not None:
                errors[node], data[node] = error_here, math.nan
        for output in self._outputs:
            if output in errors:
                raise errors[output]
        return data | dict.fromkeys(errors, math.nan)

    def _needed(self, node: Any, data: Mapping[Any, float]) -> Iterator[Any]:
        """The inputs of a node without the branches of `where` that are not taken."""
        for i, x in enumerate(node.inputs):
            presence = node.op.presence(i)
            if not isinstance(presence, Selected) or bool(data[node.inputs[presence.by]]) is presence.where:
                yield x

    def _backward(self, output: Value, data: Mapping[Any, float], strict: bool) -> None:
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

        if output in self._on_path_to_wrt:
            order = self._order[: self._order.index(output) + 1]
            reverse(order, lambda node: present_edges(node, data, self._on_path_to_wrt), 1.0, chain)


class Diagnosis:
    """Finds the first row, and its first node, at which an error of a program arises.

    `leaves` are the parameters and inputs of the graph. If the graph and its first derivatives have values, the node is
    one of the formulas of the derivatives. `program` is its name in a message.
    """

    def __init__(
        self, graph: Callable[[], Interpreter], leaves: Sequence[Value], parameters: Sequence[float], program: str
    ) -> None:
        self._graph, self._leaves, self._parameters, self._program = graph, leaves, parameters, program

    @CachedProperty
    def _interpreter(self) -> Interpreter:
        return self._graph()

    def locate(self, error: Exception, batch: Batch, order: int, formulas: IR | None = None) -> DomainError:
        """A DomainError that names the node at which an error arises, and the row if there are several.

        `order` is that of the derivatives that were computed, by these formulas.
        """
        found = self._find(batch, order, formulas, strict=False)
        if found is None:
            return DomainError(f"a derivative of {self._program} is not finite: {error}")
        i, problem = found
        return DomainError(f"row {i}: {problem}" if batch.n > 1 else problem)

    def check(self, batch: Batch, order: int, formulas: IR | None) -> None:
        """Raise a DomainError, which names the row, if a number is not finite."""
        if found := self._find(batch, order, formulas, strict=True):
            i, problem = found
            raise DomainError(f"row {i}: {problem}")

    def _find(self, batch: Batch, order: int, formulas: IR | None, strict: bool) -> tuple[int, str] | None:
        """The row, and the text of the error: an error itself would hold the frames that hold it."""
        symbols = [*formulas.parameters, *formulas.inputs] if formulas else []
        of_formulas = Interpreter(formulas.values, [], {}, formulas.node_of) if formulas else None
        for i, row in enumerate(batch.tolist()):
            point = [*self._parameters, *row]  # and the numbers of a direction, which the graph does not have
            try:
                self._interpreter.run(dict(zip(self._leaves, point, strict=False)), gradient=order > 0, strict=strict)
            except DomainError as error:
                return i, str(error)
            try:
                if of_formulas:
                    of_formulas.run(dict(zip(symbols, point, strict=True)), gradient=False, strict=strict)
            except DomainError as error:
                return i, f"in a formula of the derivatives, {error}"
        return None
