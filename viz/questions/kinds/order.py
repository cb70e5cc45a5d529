"""The question about the order of the backward sweep."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

from engine import Value
from viz.questions.kinds.routes import Route, neighbours, read_nodes
from viz.questions.question import Mistake, Question, join_perhaps


@dataclass(frozen=True)
class OrderQuestion(Question[Route]):
    """The order in which the backward sweep visits nodes; any is right in which sums are complete when passed on.

    >>> from engine import Value, label
    >>> from viz.questions.subject import Subject
    >>> x = Value(1.5, "x")
    >>> a = 3 * x
    >>> y = a * x
    >>> label(a=a, y=y)
    >>> question = OrderQuestion(Subject.of(y))
    >>> question.check("y a x").is_right, question.check("x a y").perhaps
    (True, ('you took the order of the forward pass: begin at the output',))
    >>> question.check("y x a").text
    'Not quite. It looks as if x is visited too early: a is made from it, and comes first.'
    """

    kind: ClassVar[str] = "order"
    tolerance: ClassVar[str] = "Write the names, with blanks between"

    @cached_property
    def _nodes(self) -> list[Value]:
        """The nodes that the sweep visits, in its order."""
        steps = self.subject.steps[self.subject.steps.n_forward :]
        reached = {step.target for step in steps}
        nodes = [node for node in reversed(self.subject.view.order) if node in reached]
        if len(nodes) < 2:
            raise ValueError(f"the backward sweep visits {self.subject.name(self.subject.root)} alone: it has no order")
        return nodes

    @property
    def text(self) -> str:
        """The question, with the nodes in alphabetical order."""
        names = ", ".join(sorted(self._names(self._nodes)))
        return f"In which order does the backward sweep visit {names}?"

    def _names(self, nodes: Iterable[Value]) -> Route:
        return tuple(map(self.subject.name, nodes))

    def answer(self) -> Route:
        """The order of the sweep."""
        return self._names(self._nodes)

    def mistakes(self) -> list[Mistake[Route]]:
        """The order of the forward pass, and those that visit nodes as they are reached."""
        inputs = neighbours(self.subject)
        orders = [self._nodes[::-1], self._reached(inputs, last_first=False), self._reached(inputs, last_first=True)]
        found = [
            Mistake(self._names(order), self._too_early(self._names(order)) or "")
            for order in orders
            if self._too_early(self._names(order))
        ]
        return [Mistake(found[0].answer, "you took the order of the forward pass: begin at the output"), *found[1:]]

    def _reached(self, inputs: dict[Value, list[Value]], last_first: bool) -> list[Value]:
        """The nodes in the order in which a walk reaches them: with `last_first` depth first, else breadth first."""
        found: list[Value] = []
        waiting = [self.subject.root]
        while waiting:
            node = waiting.pop() if last_first else waiting.pop(0)
            if node not in found:
                found.append(node)
                waiting += inputs.get(node, [])
        return found

    def _too_early(self, order: Sequence[str]) -> str:
        """The first node that comes before one which is made from it; empty in a right order."""
        for node, inputs in neighbours(self.subject).items():
            for x in self._names(inputs):
                if order.index(x) < order.index(self.subject.name(node)):
                    return f"{x} is visited too early: {self.subject.name(node)} is made from it, and comes first"
        return ""

    def read(self, given: str) -> Route:
        """The names of a text. Raises ValueError unless each node stands there once."""
        order = read_nodes(self.subject, given)
        missing = [name for name in self.answer() if name not in order]
        if missing or len(order) != len(self._nodes):
            lacks = (
                f"{', '.join(missing)} missing"
                if missing
                else "a node stands there twice, or does not have a derivative"
            )
            raise ValueError(f"write each of the {len(self._nodes)} nodes once: {lacks}")
        return order

    def is_same(self, given: Route, answer: Route) -> bool:
        """Whether they are equal; any order with complete sums is as good as that of the sweep."""
        return given == answer or (answer == self.answer() and not self._too_early(given))

    def look(self, found: Route) -> str:
        """The node that comes too early."""
        return join_perhaps([self._too_early(found)])

    def format(self, answer: Route) -> str:
        """The names in a line."""
        return " ".join(answer)

    def hints(self) -> list[str]:
        """The rule, the edges, the first, and all with one blank."""
        inputs, name = neighbours(self.subject), self.subject.name
        order = self.answer()
        edges = (f"{name(node)} is made from {', '.join(map(name, given))}" for node, given in inputs.items())
        blank = len(order) // 2
        return [
            "a node is visited after all nodes that are made from it: only then is its sum complete",
            "; ".join(edges),
            f"the first is {order[0]}, the last {order[-1]}",
            " ".join([*order[:blank], "__", *order[blank + 1 :]]),
        ]

    def worked(self) -> list[str]:
        """The order, and why."""
        return [f"{self.format(self.answer())}: each after all nodes that are made from it"]
