"""The subject of questions: a graph with both passes recorded, and the names by which answers call its numbers."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from contextlib import suppress
from copy import deepcopy
from functools import cached_property, lru_cache
from typing import Any

from engine import Value, forward, ops, toposort
from engine._support.suggestions import did_you_mean_or_list, names_alike
from engine.analysis.node_names import name_nodes
from engine.labels import Role, parse_label
from engine.sweep import Edge, edge_inputs, is_met_now, reverse
from engine.symbolic.names import goes_on
from viz.math.formats.text import label_to_unicode
from viz.math.formulas import format_number
from viz.stepping.narration import Narration
from viz.stepping.node_names import by_spelling, derivative_spellings
from viz.stepping.recording import Recording, Step, record_steps
from viz.stepping.views import VIEWS, OperationView

N_POINTS = 5  # at which a typed formula is compared
N_WITH_ANY_SIGN = 2  # of them: a formula may be right for these signs only
SMALLEST, LARGEST = 0.25, 3.0  # sizes of redrawn leaves
MAX_DRAWS = 100
MAX_SPELLED = 10_000  # nodes whose names may be spelled in other ways
MAX_NODES = 2_000  # of a graph in which formulas are compared at points

_written = lru_cache(maxsize=10_000)(label_to_unicode)
LocalRule = Callable[[Value, int], float]  # the local derivative of one operation with respect to its input i


class Subject:
    """A graph with both passes recorded.

    Attributes:
        steps: The recorded passes.
        view: The nodes and edges that they walk.
        root: The output.

    >>> from engine import label
    >>> x = Value(1.5, "x")
    >>> a = 3 * x
    >>> y = 2 * a
    >>> label(a=a, y=y)
    >>> subject = Subject.of(y)
    >>> subject.edge("a", "x").contribution, subject.derivative("x")
    (6.0, '∂y/∂x')
    """

    def __init__(self, steps: Recording) -> None:
        self.steps = steps
        self.view = steps.view
        self.root = steps.view.root
        self._operations: dict[Value, dict[Value, None]] = {}
        self._steps_from: dict[Value, list[Step]] = {}

    @classmethod
    def of(cls, output: Value, view: str = "paper") -> Subject:
        """The subject of an output, in a view of `viz.stepping.views`; the graph is not changed."""
        return cls(record_steps(VIEWS[view](output, name_nodes(toposort(output)))))

    @cached_property
    def narration(self) -> Narration:
        """Writes the sentences about steps."""
        return Narration(self.steps)

    def find(self, name: str) -> Value:
        """The node of a name, in any spelling, as a1 for a_1. Raises ValueError, which suggests names, for others."""
        found = self.by_name[name] if name in self.by_name else self._nodes.get(name)
        alike = names_alike(name, self.by_name) if found is None else []
        if len(alike) == 1:
            return self.by_name[alike[0]]
        if found is None:
            raise ValueError(f"unknown node {name!r}{did_you_mean_or_list(name, self.view.names.values())}")
        return found

    def leaf(self, name: str) -> Value:
        """The leaf of a name, as `find` reads it. Raises ValueError for a node that is computed."""
        found = self.find(name)
        if found.inputs:
            leaves = ", ".join(map(self.name, self.leaves))
            raise ValueError(f"{self.name(found)} is computed from others: choose a leaf, one of {leaves}")
        return found

    def name_at(self, text: str, at: int) -> str:
        """The longest name of a node, in any spelling, that stands in a text at a place; else ""."""
        ends = (at + length for length in self._lengths if at + length <= len(text))
        return next((text[at:end] for end in ends if text[at:end] in self._nodes and not goes_on(text, end)), "")

    @cached_property
    def _lengths(self) -> list[int]:
        return sorted({len(name) for name in self._nodes}, reverse=True)

    @cached_property
    def by_name(self) -> dict[str, Value]:
        """The nodes, by their names as typed."""
        return {name: node for node, name in self.view.names.items()}

    @cached_property
    def _nodes(self) -> dict[str, Value]:
        nodes = dict(by_spelling(self.by_name) if len(self.by_name) <= MAX_SPELLED else self.by_name)
        label = parse_label(self.view.names.get(self.root, ""))
        if label and label.role is Role.ERROR:
            nodes.setdefault(label.letter, self.root)  # E for E_n
        return nodes

    def name(self, node: Value) -> str:
        """The name as it is shown; of a constant, its number."""
        return _written(self.view.labels[node]) if node in self.view.names else format_number(node.data)

    def derivative(self, node: Value | str) -> str:
        """The derivative of the output with respect to a node, as it is written: ∂y/∂x."""
        node = self.find(node) if isinstance(node, str) else node
        return f"∂{self.name(self.root)}/∂{self.name(node)}"

    def edge(self, node: str, input: str, number: int = 1) -> Step:
        """The backward step from a node to its input; by its number among edges that join the same two, from 1."""
        made, x = self.find(node), self.find(input)
        found = [step for step in self.steps.steps_to(x) if step.node is made and step.input is x]
        if not found:
            raise ValueError(f"no derivative is passed from {self.name(made)} to {self.name(x)}")
        if not 1 <= number <= len(found):
            which = f"edges from {self.name(made)} back to {self.name(x)}"
            raise ValueError(f"the {which} have numbers from 1 to {len(found)}, not {number!r}")
        return found[number - 1]

    def steps_from(self, step: Step) -> list[Step]:
        """The backward steps from the node of a backward step, including that step."""
        if step.node not in self._steps_from:
            self._steps_from[step.node] = self.steps.steps_from(step)
        return self._steps_from[step.node]

    def local_derivative(self, node: Value, x: Value) -> float | None:
        """The local derivative between two nodes: that of all edges between them; None if they are not joined."""
        return self._locals[node].get(x) if node in self._locals else None

    @cached_property
    def _locals(self) -> dict[Value, dict[Value, float]]:
        found: dict[Value, dict[Value, float]] = {}
        for step in self.steps[self.steps.n_forward + 1 :]:
            locals_ = found.setdefault(step.node, {})
            locals_[step.target] = locals_.get(step.target, 0.0) + step.local_derivative
        return found

    def step_before(self, step: Step) -> Step:
        """The only backward step to the node of a step. Raises ValueError if that is the output, or has several."""
        before = self.steps.steps_to(step.node)
        if len(before) != 1 or step.node is self.root:
            raise ValueError(f"no single edge leads back to {self.name(step.node)}")
        return before[0]

    def gradient(self, node: Value) -> float:
        """The derivative of the output with respect to a node; 0 if none is passed to it."""
        steps = self.steps.steps_to(node)
        return steps[-1].result if steps else 0.0

    def factor(self, step: Step) -> Value | None:
        """The node with which the target of a backward step is multiplied, in a product or a weighted sum."""
        for node in self.operations(step.node):
            if node.op in (ops.multiply, ops.weighted_sum) and step.target in node.inputs:
                n = len(node.inputs) // 2  # weights, then values, then perhaps a bias
                i = node.inputs.index(step.target)
                if i < 2 * n:
                    return node.inputs[(i + n) % (2 * n)]
        return None

    def swapped_weight(self, step: Step) -> tuple[Value, Value] | None:
        """The weight w_21 that is the local derivative of a step, and the node w_12, if there are both."""
        weight = self.factor(step)
        label = None if weight is None else parse_label(self.view.names.get(weight, ""))
        indices = label.index_list(is_split=True) if label else []
        if weight is None or label is None or len(indices) != 2 or indices[0] == indices[1]:
            return None
        other = self.by_name.get(str(label.with_indices(indices[::-1])))
        return None if other is None else (weight, other)

    def operations(self, node: Value) -> dict[Value, None]:
        """A node and the nodes merged into it, in topological order."""
        if node not in self._operations:
            self._operations[node] = dict.fromkeys(self.view.graph.operations(node))
        return self._operations[node]

    def derive(self, step: Step, rule: LocalRule) -> float:
        """The local derivative of a backward step, with another rule for the operations that it leads over.

        Raises ArithmeticError and ValueError as the rule does.
        """
        if self.view.name == OperationView.name:
            return rule(step.node, step.index)
        operations = self.operations(step.node)

        def edges(u: Value) -> Iterable[Edge]:
            return [Edge(x, rule(u, i), i) for i, x, _ in edge_inputs(u, is_met_now)] if u in operations else []

        found: float = reverse([*self.view.inputs(step.node), *operations], edges)[step.input]
        return found

    def values(self, nodes: Iterable[Value], gradients: Iterable[tuple[Value, float]] = ()) -> dict[str, float]:
        """The numbers that an answer may name: values of nodes, and derivatives of the output, by every spelling."""
        known = set(nodes)
        found = {name: node.data for name, node in self._nodes.items() if node in known}
        for node, gradient in gradients:
            for names in (self.view.labels, self.view.names):
                found |= dict.fromkeys(derivative_spellings(names[self.root], names[node]), gradient)
        return found

    @cached_property
    def points(self) -> tuple[Subject, ...]:
        """The subject with other leaves, `N_POINTS` times: what a formula is compared at; empty for a large graph.

        It is empty, too, where other numbers hardly ever lead to finite ones.
        """
        if len(self.view.order) > MAX_NODES:
            return ()
        rng = random.Random(0)
        try:
            return tuple(self._point(rng, any_sign=k >= N_POINTS - N_WITH_ANY_SIGN) for k in range(N_POINTS))
        except ArithmeticError:
            return ()

    def _point(self, rng: random.Random, any_sign: bool) -> Subject:
        with suppress(ArithmeticError):
            return self.redrawn(rng, any_sign=any_sign)
        return self.redrawn(rng)

    def redrawn(
        self, rng: random.Random, draw: Callable[[random.Random], float] | None = None, any_sign: bool = False
    ) -> Subject:
        """A copy in which every leaf has another number of the same sign, or of any.

        With `draw`, which draws their sizes, the constants on arrows have others too: the 3 of 3x.
        Raises DomainError if the graph does not have finite values and derivatives at any of `MAX_DRAWS` draws.
        """
        copies: dict[int, Any] = {}
        root = deepcopy(self.root, copies)
        for attempts_left in reversed(range(MAX_DRAWS)):
            for leaf in [*self.leaves, *(self._constants_on_arrows() if draw else [])]:
                size = draw(rng) if draw else rng.uniform(SMALLEST, LARGEST)
                is_negative = rng.random() < 0.5 if any_sign else leaf.data < 0.0
                copies[id(leaf)].data = -size if is_negative else size
            with suppress(*[ArithmeticError] if attempts_left else []):
                return self._recorded(root, copies)
        raise AssertionError("the last attempt returns or raises")

    def _constants_on_arrows(self) -> list[Value]:
        """The constants that multiply a node with a label."""
        products = [node.inputs for node in toposort(self.root) if node.op is ops.multiply]
        pairs = [pair for x, y in products for pair in ((x, y), (y, x))]
        return [number for number, x in pairs if number.op is ops.constant and x.label]

    def with_leaf(self, name: str, data: float) -> Subject:
        """A copy in which one leaf has another number. Raises DomainError if a value or a derivative is not finite."""
        copies: dict[int, Any] = {}
        root = deepcopy(self.root, copies)
        copies[id(self.find(name))].data = data
        return self._recorded(root, copies)

    def _recorded(self, root: Value, copies: dict[int, Any]) -> Subject:
        """The subject of a copy of the graph, with the same names, after its leaves have got other numbers."""
        forward(root)
        names = {copies[id(node)]: name for node, name in self.view.names.items()}
        return Subject(record_steps(type(self.view)(root, names)))

    @cached_property
    def leaves(self) -> list[Value]:
        """The leaves, in topological order."""
        return [node for node in self.view.names if not node.inputs]
