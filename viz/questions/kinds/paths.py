"""The question about all paths from the output to a node."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import ClassVar

from engine import Value, toposort
from viz.math.formulas import format_number
from viz.questions.kinds.routes import Route, neighbours, read_nodes
from viz.questions.question import Mistake, NodeQuestion, join_perhaps

MAX_PATHS = 50  # that one may be asked for
_BETWEEN_PATHS = re.compile(r"[;\n]")


@dataclass(frozen=True)
class PathsQuestion(NodeQuestion[frozenset[Route]]):
    """All paths from the output back to a node.

    >>> from engine import Value, label
    >>> from viz.questions.subject import Subject
    >>> x = Value(1.5, "x")
    >>> a, b = 3 * x, -x
    >>> y = a * b
    >>> label(a=a, b=b, y=y)
    >>> question = PathsQuestion(Subject.of(y), "x")
    >>> question.check("y a x; x b y").text
    'Right: y ← a ← x; y ← b ← x. Their products add up to ∂y/∂x = −9.'
    >>> question.check("y a x").perhaps
    ('you went one way only: at each fork, go back and take the other way too',)
    >>> question.check("y b x").text
    'That is right, and 1 path of 2 is missing: from y, go to a too.'
    """

    kind: ClassVar[str] = "paths"
    tolerance: ClassVar[str] = "Write each path as names, y a x, and ; between paths"

    @property
    def text(self) -> str:
        """The question."""
        return f"Which paths lead from {self.subject.name(self.subject.root)} back to {self.name}?"

    def answer(self) -> frozenset[Route]:
        """The paths."""
        return frozenset(self._paths)

    @cached_property
    def _paths(self) -> list[Route]:
        inputs = neighbours(self.subject)
        n_paths = {self.target: 1}
        for node in self.subject.view.order:
            n_paths.setdefault(node, sum(n_paths[x] for x in inputs.get(node, [])))
        n = n_paths[self.subject.root]
        if not 1 <= n <= MAX_PATHS:
            ends = f"from {self.subject.name(self.subject.root)} back to {self.name}"
            raise ValueError(f"{n} paths lead {ends}: a question is about 1 to {MAX_PATHS}")
        return [tuple(map(self.subject.name, path)) for path in self._walk(inputs)]

    def _walk(self, inputs: dict[Value, list[Value]], each_once: bool = False) -> list[list[Value]]:
        """The paths, depth first; with `each_once`, no node but the target is entered twice."""
        found: list[list[Value]] = []
        waiting, seen = [[self.subject.root]], set[Value]()
        while waiting:
            path = waiting.pop()
            if path[-1] is self.target:
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
            (right[:1], "you went one way only: at each fork, go back and take the other way too"),
            (
                [path for path in right if len(path) == shortest],
                "you took the shortest paths only: longer ones count too",
            ),
            (once, "you passed each node once: another path may pass it again"),
        ]
        return [Mistake(frozenset(paths), says) for paths, says in found if frozenset(paths) != self.answer()]

    def read(self, given: str) -> frozenset[Route]:
        """The paths of a text, in either direction; between them may stand a ; or a comma, or nothing."""
        root, x = self.subject.name(self.subject.root), self.name
        paths = [path for part in _BETWEEN_PATHS.split(given) for path in self._cut(read_nodes(self.subject, part))]
        for path in paths:
            if len(path) < 2 or {path[0], path[-1]} != {root, x}:
                raise ValueError(f"a path leads from {root} to {x}, as {root} … {x}, not {' '.join(path)!r}")
        if not paths:
            raise ValueError(f"write each path as names, {root} … {x}, with ; between paths")
        return frozenset(path if path[0] == root else path[::-1] for path in paths)

    def _cut(self, names: Route) -> list[Route]:
        """The paths in a row of names: each goes from one end to the other, and neither is within a path."""
        ends = {self.subject.name(self.subject.root), self.name}
        cuts = [
            i + 1 for i, pair in enumerate(pairwise(names)) if ends.issuperset(pair) and len(set(names[: i + 1])) > 1
        ]
        return [names[i:j] for i, j in pairwise([0, *cuts, len(names)]) if i < j]

    def format(self, answer: frozenset[Route]) -> str:
        """The paths in a line, in the order in which they are found."""
        order = {path: i for i, path in enumerate(self._paths)}
        return "; ".join(" ← ".join(path) for path in sorted(answer, key=lambda path: order.get(path, len(order))))

    def praise(self, found: frozenset[Route]) -> str:
        """The paths, and the sum of their products."""
        total = f"{self.subject.derivative(self.target)} = {format_number(self.subject.gradient(self.target))}"
        steps, name = self.subject.steps, self.subject.name
        joined = {pair for path in self._paths for pair in pairwise(path)}
        parallel = (step for step in steps[steps.n_forward + 1 :] if steps.edge_number(step)[1] > 1)
        is_doubled = any((name(step.node), name(step.target)) in joined for step in parallel)
        each = ", along each edge where several join two nodes," if is_doubled else ""
        return f"{super().praise(found)} Their products{each} add up to {total}."

    def look(self, found: frozenset[Route]) -> str:
        """An edge that does not exist, or how many are missing."""
        inputs = neighbours(self.subject)
        edges = {(self.subject.name(node), self.subject.name(x)) for node, given in inputs.items() for x in given}
        for path in sorted(found):
            for node, x in pairwise(path):
                if (node, x) in edges:
                    continue
                if self.subject.find(x) in toposort(self.subject.find(node)):
                    return f"No: no arrow leads straight from {x} to {node}."
                return f"No: {node} is not made from {x}."
        missing = len(self.answer() - found)
        n_missing = (
            f"{missing} path{'' if missing == 1 else 's'} of {len(self.answer())} {'is' if missing == 1 else 'are'}"
        )
        those = "That is" if len(found) == 1 else "Those are"
        return f"{those} right, and {n_missing} missing: {self._way_to_missing(found)}."

    def _way_to_missing(self, found: frozenset[Route]) -> str:
        """The place where the first missing path leaves those that were found."""
        missing = next(path for path in self._paths if path not in found)
        same = ([x == y for x, y in zip(path, missing, strict=False)] for path in found)
        shared = max([*agrees, False].index(False) for agrees in same)
        return f"from {' ← '.join(missing[:shared])}, go to {missing[shared]} too"

    def explain(self, found: frozenset[Route], perhaps: tuple[str, ...]) -> str:
        """The mistakes that give these paths, and where the first missing path goes another way."""
        if not perhaps:
            return self.look(found)
        way = self._way_to_missing(found)
        return f"{join_perhaps(perhaps)} {way[0].upper()}{way[1:]}."

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
