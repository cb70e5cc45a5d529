"""The names of a graph that stand in sentences about faults, by the fields of these."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress

from engine import Value
from viz.questions import wording
from viz.questions.functions import is_function, other_function
from viz.questions.subject import Subject
from viz.stepping.recording import Step


class StepNames:
    """The names about backward steps to one node, computed when they are asked for.

    Raises LookupError for a field that these steps do not have, as f, the function, if they lead over none.

    >>> from engine import Value
    >>> subject = Subject.of(Value(0.5, "n").tanh())
    >>> "{f}'({a}), not {f}'({z})".format_map(StepNames(subject, subject.steps.steps_to(subject.find("n"))))
    "tanh'(n), not tanh'(y)"
    """

    def __init__(self, subject: Subject, steps: Sequence[Step]) -> None:
        self._subject = subject
        self._steps = steps

    def __getitem__(self, field: str) -> str | Sequence[str] | Mapping[int, str]:
        names: str | Sequence[str] | Mapping[int, str] = getattr(self, field)()
        return names

    def x(self) -> str:
        """The node to which the steps lead."""
        return self._subject.name(self._steps[0].target)

    def node(self) -> str:
        """The node from which the first step leads."""
        return self._subject.name(self._steps[0].node)

    def y(self) -> str:
        """The output."""
        return self._subject.name(self._subject.root)

    def paths(self) -> list[str]:
        """The paths, each by the node before the last."""
        return [wording.path_name(self._subject, step) for step in self._steps]

    def unfinished(self) -> str:
        """The first derivative that is passed on and is a sum."""
        nodes = [step.node for step in self._steps if len(self._subject.steps.steps_to(step.node)) > 1]
        return self._subject.derivative(nodes[0])

    def others(self) -> list[str]:
        """The other inputs of the nodes of the steps, by the distance of their edges, as in `Rules.other_local`."""
        found: list[list[str]] = []
        for step in self._steps:
            edges = self._subject.steps_from(step)
            here = next(i for i, edge in enumerate(edges) if edge.number == step.number)
            found.append([self._name_beside(edge, step) for edge in [*edges[here:], *edges[:here]]])
        n = max(map(len, found))
        return [" and ".join(dict.fromkeys(names[k] for names in found if k < len(names))) for k in range(n)]

    def _name_beside(self, edge: Step, step: Step) -> str:
        """The local derivative along an edge; of another one to the same input, the edge."""
        is_same = edge.target is step.target
        return wording.edge_name(self._subject, edge) if is_same else self._local(edge)

    def _local(self, step: Step) -> str:
        return f"∂{self._subject.name(step.node)}/∂{self._subject.name(step.target)}"

    def local(self) -> str:
        """The local derivatives of the steps."""
        return " and ".join(dict.fromkeys(self.locals()))

    def locals(self) -> list[str]:
        """The local derivative of each step."""
        return [*map(self._local, self._steps)]

    def upstreams(self) -> list[str]:
        """The derivative that each step passes back."""
        return [self._subject.derivative(step.node) for step in self._steps]

    def before(self) -> dict[int, str]:
        """The derivative before that, by the number of the step, where there is one."""
        return {k: self._subject.derivative(step.node) for k, step in self._steps_before().items()}

    def locals_before(self) -> dict[int, str]:
        """The local derivative between the two, by the number of the step."""
        return {k: self._local(step) for k, step in self._steps_before().items()}

    def _steps_before(self) -> dict[int, Step]:
        found: dict[int, Step] = {}
        for k, step in enumerate(self._steps):
            with suppress(ValueError):
                found[k] = self._subject.step_before(step)
        return found

    def weight(self) -> str:
        """The first weight that is a local derivative and whose indices can be swapped."""
        return self._weights()[0]

    def swapped(self) -> str:
        """That with its indices swapped."""
        return self._weights()[1]

    def _weights(self) -> list[str]:
        pairs = [pair for step in self._steps if (pair := self._subject.swapped_weight(step))]
        return [self._subject.name(weight) for weight in pairs[0]]

    def f(self) -> str:
        """The function over which the steps lead."""
        return self._function().op.symbol

    def a(self) -> str:
        """The input of the function."""
        return self._name_or(self._function().inputs[0], "input")

    def z(self) -> str:
        """The output of the function."""
        return self._name_or(self._function(), "output")

    def g(self) -> str:
        """The function that it is mistaken for."""
        return other_function(self._function().op).symbol

    def _function(self) -> Value:
        """The only function."""
        nodes = [node for step in self._steps for node in self._subject.operations(step.node) if is_function(node.op)]
        if len({node.op for node in nodes}) > 1:
            raise LookupError("the steps lead over several functions")
        return nodes[0]

    def _name_or(self, node: Value, what: str) -> str:
        return self._subject.name(node) if node in self._subject.view.names else f"the {what} of {self.f()}"
