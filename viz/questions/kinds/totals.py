"""The question about the whole derivative with respect to a node."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

from engine import Value
from viz.questions import faults, wording
from viz.questions.kinds.numbers import NumberQuestion
from viz.questions.rules import Fault, Rules
from viz.questions.typed_derivatives import Pair
from viz.stepping.recording import Step


@dataclass(frozen=True)
class TotalQuestion(NumberQuestion):
    """The whole derivative of the output with respect to a node.

    >>> from engine import Value, label
    >>> from viz.questions.subject import Subject
    >>> x = Value(1.5, "x")
    >>> a_1, a_2 = 3 * x, x * -0.5
    >>> y = 2.5 * a_1 + 4 * a_2
    >>> label(a_1=a_1, a_2=a_2, y=y)
    >>> question = TotalQuestion(Subject.of(y), "x")
    >>> question.text, question.check("5.5").text
    ('a₂ = −0.5x, a₁ = 3x, with x = 1.5. ∂y/∂a₂ = 4, ∂y/∂a₁ = 2.5. What is ∂y/∂x?', 'Right: 5.5.')
    >>> question.check("-2").perhaps
    ('the path through a₁ is missing: add its contribution',)
    >>> question.worked()
    ['∂y/∂x = ∂y/∂a₂ · (−0.5) + ∂y/∂a₁ · 3 = 4 · (−0.5) + 2.5 · 3 = 5.5']
    """

    node: str
    kind: ClassVar[str] = "derivative"
    faults_of_computation: ClassVar[tuple[Fault, ...]] = (
        *faults.IN_SUMS,
        *faults.IN_PRODUCTS,
        *faults.IN_TERMS,
        *faults.OF_OTHER_EDGES,
        faults.INPUT_FOR_LOCAL,
        faults.SIGN,
        *faults.IN_RULES,
        faults.TOO_EARLY,
    )
    faults: ClassVar[tuple[Fault, ...]] = (*faults_of_computation, *faults.VALUES_FOR_TOTAL)
    rule: ClassVar[str] = "the chain rule multiplies along an edge, upstream · local; the sum rule adds over all edges"

    @cached_property
    def steps(self) -> list[Step]:
        """All steps to the node."""
        found = self.subject.steps.steps_to(self.subject.find(self.node))
        if found and found[0].input is None:
            raise LookupError(f"{self.node} is the output: its derivative with respect to itself is 1")
        if not found:
            raise ValueError(f"no derivative is passed to {self.node}")
        return found

    @property
    def text(self) -> str:
        """The equations, the derivatives that are known, and what is asked."""
        passed = [wording.upstream(self.subject, step) for step in self.steps if step.node is not self.subject.root]
        known = wording.given(self.subject, self.steps), ", ".join(dict.fromkeys(passed))
        return ". ".join(filter(None, [*known, f"What is {self.subject.derivative(self.node)}?"]))

    @property
    def asked(self) -> Pair:
        """The derivative."""
        return self.subject.root, self.subject.find(self.node)

    def asked_steps(self) -> Sequence[Step]:
        """All steps to the node."""
        return self.steps

    def number(self, rules: Rules) -> float:
        """The sum by these rules."""
        return rules.total(self.steps)

    @property
    def inputs(self) -> list[Value]:
        """All nodes."""
        return list(self.subject.view.names)

    @property
    def step_number(self) -> int:
        """The number of the last step to the node."""
        return self.steps[-1].number

    def known(self) -> dict[str, float]:
        """All values, and the derivatives with respect to the nodes that are made from this one."""
        known = [(step.node, step.upstream) for step in self.steps]
        return self.subject.values(self.subject.view.names, known)

    def hints(self) -> list[str]:
        """The two rules, the sum in names, and in numbers with one blank."""
        subject = self.subject
        derivative = subject.derivative(self.node)
        return [
            self.rule,
            f"{derivative} = {wording.written(subject, wording.total_in_names(subject, self.steps))}",
            *self._numbers_with_blank(),
        ]

    @property
    def edges(self) -> str:
        """The nodes that are made from the node, with their equations."""
        subject = self.subject
        nodes = dict.fromkeys(step.node for step in self.steps)
        into, relations = " and ".join(map(subject.name, nodes)), [wording.relation(subject, node) for node in nodes]
        return f"{subject.name(subject.find(self.node))} goes into {into}: {', '.join(relations)}"

    def _numbers_with_blank(self) -> list[str]:
        if [step.node for step in self.steps] == [self.subject.root]:
            return [] if wording.is_moved_where_held(self.steps[0]) else wording.moved(self.subject, self.steps[0])
        total = wording.total_in_numbers(self.subject, self.steps, has_blank=True)
        return [f"{self.subject.derivative(self.node)} = {wording.written(self.subject, total)}"]

    def worked(self) -> list[str]:
        """The local derivatives that are formulas, and the sum; of an edge from the output, the former alone."""
        subject = self.subject
        if [step.node for step in self.steps] == [subject.root]:
            return [wording.local_equation(subject, self.steps[0])]
        formulas = [subject.view.local_derivative(step.node, step.index) for step in self.steps]
        opened = [
            wording.local_equation(subject, step)
            for step, formula in zip(self.steps, formulas, strict=True)
            if formula.inputs
        ]
        return [*dict.fromkeys(opened), wording.total_equation(subject, self.steps)]
