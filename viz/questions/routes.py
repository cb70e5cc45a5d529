"""Questions about the graph itself: all paths from the output to a node, and the order of the backward sweep."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import ClassVar

from engine import Value
from viz.math.formulas import format_number
from viz.questions.question import Mistake, Question
from viz.questions.subject import Subject

Route = tuple[str, ...]  # names, from the output on
_BETWEEN_NODES = re.compile(r"\s*(?:←|<-|→|->|,|\s)\s*")
_BETWEEN_PATHS = re.compile(r"[;\n]")


def read_nodes(subject: Subject, given: str) -> Route:
    """The names of nodes that a text lists, with arrows, commas or blanks between. Raises ValueError for other names.

    >>> read_nodes(Subject.of(2 * Value(1.5, "x")), "y <- x")
    ('y', 'x')
    """
    names = [name for name in _BETWEEN_NODES.split(given.strip()) if name]
    return tuple(subject.name(subject.find(name)) for name in names)


def neighbours(subject: Subject) -> dict[Value, list[Value]]:
    """The inputs to which each node passes a derivative, by the node."""
    found: dict[Value, list[Value]] = {}
    for step in subject.steps[subject.steps.n_forward + 1 :]:
        inputs = found.setdefault(step.node, [])
        if step.target not in inputs:
            inputs.append(step.target)
    return found


@dataclass(frozen=True)
class PathsQuestion(Question[frozenset[Route]]):
    """All paths from the output back to a node.

    >>> from engine import label
    >>> x = Value(1.5, "x")
    >>> a, b = 3 * x, -x
    >>> y = a * b
    >>> label(a=a, b=b, y=y)
    >>> question = PathsQuestion(Subject.of(y), "x")
    >>> question.check("y a x; x b y").text
    'Right: y ← a ← x; y ← b ← x. Their products add up to ∂y/∂x = −9.'
    >>> question.check("y a x").perhaps
    ('that is the first path alone: at each fork, go back and take the other way too',)
    >>> question.check("y b x").text
    'That is right, and 1 path of 2 is missing.'
    """

    node: str
    kind: ClassVar[str] = "paths"
    tolerance: ClassVar[str] = "Write each path as names, y a x, with ; between paths"

    @cached_property
    def _target(self) -> Value:
        return self.subject.find(self.node)

    @property
    def text(self) -> str:
        """What is asked."""
        root, x = self.subject.name(self.subject.root), self.subject.name(self._target)
        return f"Which paths lead from {root} back to {x}?"

    def answer(self) -> frozenset[Route]:
        """The paths."""
        return frozenset(self._paths)

    @cached_property
    def _paths(self) -> list[Route]:
        return [tuple(map(self.subject.name, path)) for path in self._walk(neighbours(self.subject))]

    def _walk(self, inputs: dict[Value, list[Value]], each_once: bool = False) -> list[list[Value]]:
        """The paths, depth first; with `each_once`, no node but the target is entered twice."""
        found: list[list[Value]] = []
        waiting, seen = [[self.subject.root]], set[Value]()
        while waiting:
            path = waiting.pop()
            if path[-1] is self._target:
                found.append(path)
            elif not (each_once and path[-1] in seen):
                seen.add(path[-1])
                waiting += [[*path, x] for x in reversed(inputs.get(path[-1], []))]
        return found

    def mistakes(self) -> list[Mistake[frozenset[Route]]]:
        """The first path alone, the shortest alone, and those by which no node is entered twice."""
        right = self._paths
        once = [tuple(map(self.subject.name, path)) for path in self._walk(neighbours(self.subject), each_once=True)]
        shortest = min(map(len, right))
        found = [
            (right[:1], "that is the first path alone: at each fork, go back and take the other way too"),
            ([path for path in right if len(path) == shortest], "those are the shortest paths: longer ones count too"),
            (once, "a node that was passed once may be passed by another path again"),
        ]
        return [Mistake(frozenset(paths), says) for paths, says in found if frozenset(paths) != self.answer()]

    def read(self, given: str) -> frozenset[Route]:
        """The paths of a text, in either direction."""
        root, x = self.subject.name(self.subject.root), self.subject.name(self._target)
        paths = [read_nodes(self.subject, part) for part in _BETWEEN_PATHS.split(given) if part.strip()]
        for path in paths:
            if len(path) < 2 or {path[0], path[-1]} != {root, x}:
                raise ValueError(f"a path leads from {root} to {x}, as {root} … {x}, not {' '.join(path)!r}")
        if not paths:
            raise ValueError(f"write each path as names, {root} … {x}, with ; between paths")
        return frozenset(path if path[0] == root else path[::-1] for path in paths)

    def format(self, answer: frozenset[Route]) -> str:
        """The paths in a line, in the order in which they are found."""
        order = {path: i for i, path in enumerate(self._paths)}
        return "; ".join(" ← ".join(path) for path in sorted(answer, key=lambda path: order.get(path, len(order))))

    def praise(self, found: frozenset[Route]) -> str:
        """The paths, and the sum of their products."""
        total = f"{self.subject.derivative(self._target)} = {format_number(self.subject.gradient(self._target))}"
        return f"{super().praise(found)} Their products add up to {total}."

    def look(self, found: frozenset[Route]) -> str:
        """An edge that does not exist, or how many are missing."""
        inputs = neighbours(self.subject)
        edges = {(self.subject.name(node), self.subject.name(x)) for node, given in inputs.items() for x in given}
        for path in sorted(found):
            for node, x in pairwise(path):
                if (node, x) not in edges:
                    return f"No: {node} is not made from {x}."
        missing = len(self.answer() - found)
        n_missing = (
            f"{missing} path{'' if missing == 1 else 's'} of {len(self.answer())} {'is' if missing == 1 else 'are'}"
        )
        return f"{'That is' if len(found) == 1 else 'Those are'} right, and {n_missing} missing."

    def hints(self) -> list[str]:
        """The rule, the edges, how many, and the paths with one blank."""
        inputs = neighbours(self.subject)
        name = self.subject.name
        edges = "; ".join(f"{name(node)} is made from {', '.join(map(name, given))}" for node, given in inputs.items())
        n = len(self._paths)
        *first, last = self._paths
        blank = " ← ".join([*last[:1], "__", *last[-1:]])
        return [
            "go from the output to the nodes it is made from, and on; at each fork, take one way after the other",
            edges,
            f"there {'is 1 path' if n == 1 else f'are {n} paths'}",
            "; ".join([*(" ← ".join(path) for path in first), blank]),
        ]

    def worked(self) -> list[str]:
        """The paths, one in a line."""
        return [" ← ".join(path) for path in self._paths]


@dataclass(frozen=True)
class OrderQuestion(Question[Route]):
    """The order in which the backward sweep visits nodes; any is right in which sums are complete when passed on.

    >>> from engine import label
    >>> x = Value(1.5, "x")
    >>> a = 3 * x
    >>> y = a * x
    >>> label(a=a, y=y)
    >>> question = OrderQuestion(Subject.of(y))
    >>> question.check("y a x").is_right, question.check("x a y").perhaps
    (True, ('that is the order of the forward pass',))
    >>> question.check("y x a").text
    'Not quite. Perhaps a node is visited as soon as it is reached: x comes before a, which is made from it.'
    """

    kind: ClassVar[str] = "order"
    tolerance: ClassVar[str] = "Write the names, with blanks between"

    @cached_property
    def _nodes(self) -> list[Value]:
        """The nodes that the sweep visits, in its order."""
        steps = self.subject.steps[self.subject.steps.n_forward :]
        reached = {step.target for step in steps}
        return [node for node in reversed(self.subject.view.order) if node in reached]

    @property
    def text(self) -> str:
        """What is asked, with the nodes in alphabetical order."""
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
        return [Mistake(found[0].answer, "that is the order of the forward pass"), *found[1:]]

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
        """The first node that comes before one which is made from it; empty if there is none."""
        for node, inputs in neighbours(self.subject).items():
            for x in self._names(inputs):
                if order.index(x) < order.index(self.subject.name(node)):
                    before = f"{x} comes before {self.subject.name(node)}, which is made from it"
                    return f"a node is visited as soon as it is reached: {before}"
        return ""

    def read(self, given: str) -> Route:
        """The names of a text. Raises ValueError unless each node stands there once."""
        order = read_nodes(self.subject, given)
        missing = [name for name in self.answer() if name not in order]
        if missing or len(order) != len(self._nodes):
            lacks = f"{', '.join(missing)} missing" if missing else "a node stands there twice, or has no derivative"
            raise ValueError(f"write each of the {len(self._nodes)} nodes once: {lacks}")
        return order

    def is_same(self, given: Route, answer: Route) -> bool:
        """Whether they are equal; any order with complete sums is as good as that of the sweep."""
        return given == answer or (answer == self.answer() and not self._too_early(given))

    def look(self, found: Route) -> str:
        """The node that comes too early."""
        return f"Not quite. Perhaps {self._too_early(found)}."

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
