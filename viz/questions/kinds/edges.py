"""Questions about one edge: the local derivative, the contribution, the running sum."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

from engine import Value
from viz.math.equations import numeral, plus
from viz.math.formulas import format_number
from viz.math.numbers_put_in import computed_line
from viz.questions import faults, wording
from viz.questions.kinds.numbers import NumberQuestion
from viz.questions.rules import Fault, Rules
from viz.questions.typed_derivatives import Pair
from viz.stepping.recording import Step


@dataclass(frozen=True)
class EdgeQuestion(NumberQuestion):
    """A question about the edge from a node back to one of its inputs; `edge` counts those that join the same two."""

    node: str
    input: str
    edge: int = 1

    @cached_property
    def step(self) -> Step:
        """The step along the edge."""
        return self.subject.edge(self.node, self.input, self.edge)

    def asked_steps(self) -> Sequence[Step]:
        """The step along the edge."""
        return [self.step]

    @property
    def asked(self) -> Pair:
        """The derivative with respect to the input."""
        return self.subject.root, self.step.target

    @property
    def inputs(self) -> list[Value]:
        """The nodes that the node of the edge is made from; and that node, if its rule is written in it."""
        return wording.values_at(self.subject, self.step.node)

    @property
    def step_number(self) -> int:
        """The number of the step along the edge."""
        return self.step.number

    def known(self) -> dict[str, float]:
        """All values, the derivative that is passed back, and that of the input so far."""
        step, subject = self.step, self.subject
        known = [(step.node, step.upstream)]
        before = subject.steps.gradient_before(step.number - 1)
        known += [] if before is None else [(step.target, before)]
        return subject.values(subject.view.names, known)

    def _known(self) -> str:
        given = wording.given(self.subject, [self.step])
        return ". ".join(filter(None, [given, wording.upstream(self.subject, self.step)]))

    def _product_hints(self) -> list[str]:
        subject, step = self.subject, self.step
        return [
            self.rule,
            wording.written(subject, wording.product_in_names(subject, step)),
            wording.written(subject, wording.product_in_numbers(subject, step, is_blank=True)),
        ]


@dataclass(frozen=True)
class LocalQuestion(EdgeQuestion):
    """The local derivative along an edge.

    >>> from engine import Value
    >>> from viz.questions.subject import Subject
    >>> question = LocalQuestion(Subject.of(Value(1.5, "w") * Value(2.5, "x")), "y", "x")
    >>> question.text, question.check("w").text
    ('y = wx, with w = 1.5, x = 2.5. What is the local derivative ∂y/∂x?', 'Right: 1.5.')
    >>> question.check("x").perhaps
    ('you used ∂y/∂w in place of ∂y/∂x', 'you used x in place of ∂y/∂x')
    """

    kind: ClassVar[str] = "local derivative"
    faults: ClassVar[tuple[Fault, ...]] = (*faults.IN_LOCALS, faults.UPSTREAM_INCLUDED)
    rule: ClassVar[str] = "how fast {node} changes with {x} alone, while its other inputs stay as they are"

    @property
    def asked(self) -> Pair:
        """The local derivative."""
        return self.step.node, self.step.target

    @property
    def text(self) -> str:
        """The formula of the node, and what is asked."""
        known = wording.equation_with_values(self.subject, [self.step.node], self.inputs)
        return f"{known}. What is the local derivative {wording.local_name(self.subject, self.step)}?"

    def number(self, rules: Rules) -> float:
        """The local derivative by these rules."""
        return rules.local(self.step)

    def hints(self) -> list[str]:
        """The rule, the names, and the numbers of an experiment, with one blank."""
        subject, step = self.subject, self.step
        node, x = subject.name(step.node), subject.name(step.target)
        names = wording.local_in_names(subject, step)
        sides = [" = ".join(names) + wording.explained(subject, step)] if names else []
        return [self.rule.format(node=node, x=x), *sides, *wording.moved(subject, step)]

    def worked(self) -> list[str]:
        """The local derivative as a formula and as a number."""
        return [wording.local_equation(self.subject, self.step)]


@dataclass(frozen=True)
class ContributionQuestion(EdgeQuestion):
    """The contribution of an edge to the derivative with respect to its input."""

    kind: ClassVar[str] = "contribution"
    faults: ClassVar[tuple[Fault, ...]] = (
        *faults.IN_PRODUCTS,
        faults.TOTAL_FOR_TERM,
        *faults.IN_LOCALS,
        faults.VALUE_FOR_TERM,
    )
    rule: ClassVar[str] = "the chain rule: the upstream gradient times the local derivative"

    @property
    def text(self) -> str:
        """The equation of the node, the upstream gradient, and what is asked."""
        edge, x = wording.edge_name(self.subject, self.step), self.subject.derivative(self.step.target)
        asked = f"What is {x}?" if self.step.n_terms == 1 else f"What does {edge} add to {x}?"
        return f"{self._known()}. {asked}"

    def number(self, rules: Rules) -> float:
        """The contribution by these rules."""
        return rules.contribution(self.step)

    def hints(self) -> list[str]:
        """The chain rule, the product in names, and in numbers with one blank."""
        return self._product_hints()

    def worked(self) -> list[str]:
        """The local derivative, and the product."""
        return wording.contribution_lines(self.subject, self.step)


@dataclass(frozen=True)
class RunningSumQuestion(EdgeQuestion):
    """The derivative with respect to a node so far, after an edge."""

    kind: ClassVar[str] = "running sum"
    faults: ClassVar[tuple[Fault, ...]] = (*faults.IN_SUMS, *faults.IN_PRODUCTS, *faults.IN_LOCALS)
    rule: ClassVar[str] = f"{ContributionQuestion.rule}, added to the sum so far"

    def asked_steps(self) -> Sequence[Step]:
        """The steps of the sum."""
        return [*self._before, self.step]

    def faulty_steps(self, fault: Fault) -> Sequence[Step]:
        """Those that a fault is in: this one, unless it is in the sum."""
        return self.asked_steps() if fault.rule == "total" else [self.step]

    @property
    def _before(self) -> list[Step]:
        return self.subject.steps.terms(self.step)[:-1]

    @property
    def text(self) -> str:
        """The equation of the node, the upstream gradient, the sum so far, and what is asked."""
        x = self.subject.derivative(self.step.target)
        so_far = f", and so far {x} = {format_number(self._before[-1].result)}" if self._before else ""
        after = "" if self.step.n_terms == 1 else f" after {wording.edge_name(self.subject, self.step)}"
        return f"{self._known()}{so_far}. What is {x}{after}?"

    def number(self, rules: Rules) -> float:
        """The sum up to this edge: the fault is in this edge, and in adding it, since the sum before is given."""
        before = self._before
        if "total" in vars(rules):
            return rules.total([*before, self.step])
        return sum((step.contribution for step in before), 0.0) + rules.contribution(self.step)

    def hints(self) -> list[str]:
        """The two rules, the product in names, and in numbers with one blank."""
        hints = self._product_hints()
        if self._before:
            x = self.subject.derivative(self.step.target)
            hints[1:] = [f"{x} so far + {hints[1]}", f"{format_number(self._before[-1].result)} + {hints[2]}"]
        return hints

    def worked(self) -> list[str]:
        """The local derivative, the product, and the sum."""
        terms = [numeral(step.contribution) for step in [*self._before, self.step]]
        so_far = "" if self.step.is_complete else " so far"
        sum_ = f"{self.subject.derivative(self.step.target)}{so_far} = {computed_line(plus(*terms), self.step.result)}"
        return [*wording.contribution_lines(self.subject, self.step), sum_]
