"""The true computation of a derivative, or of a value, and the place where a fault goes into it."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import partial, reduce
from operator import add
from typing import NamedTuple

from engine import Op, Value, ops
from viz.questions.subject import Subject
from viz.stepping.recording import Step

Inputs = Sequence[float]
_WITHOUT_RULES = {ops.variable, ops.constant, ops.add, ops.subtract, ops.multiply, ops.negate, ops.weighted_sum}


class Fault(NamedTuple):
    """A fault: another function in place of one of the `Rules`.

    Attributes:
        says: The sentence about it, which follows "it looks as if", for any graph.
        rule: The name of the method that it replaces.
        changed: The function, which takes the rules, then the arguments of that method. It is plain arithmetic, as the
            rules of operations are, so that it can be printed for other programs.
        named: The sentence with the names of a graph, in the fields of `viz.questions.naming`, if it has some.
    """

    says: str
    rule: str
    changed: Callable[..., float]
    named: str = ""


class Rules:
    """The rules: local derivative, chain rule, sum rule, and for values the operations; one may be a fault's.

    >>> x = Value(3.0, "x")
    >>> a, y = 2 * x, 0.5 * (2 * x)
    >>> subject = Subject.of(y, "all")
    >>> step = subject.steps[-1]
    >>> Rules(subject).contribution(step)
    1.0
    >>> forgets = Fault("the upstream gradient is missing", "contribution", lambda rules, step: rules.local(step))
    >>> Rules(subject, forgets).contribution(step)
    2.0
    """

    def __init__(self, subject: Subject, fault: Fault | None = None) -> None:
        self.subject = subject
        if fault:
            setattr(self, fault.rule, partial(fault.changed, self))

    def total(self, steps: Sequence[Step]) -> float:
        """The sum rule: the contributions of these steps, added up."""
        return reduce(add, map(self.contribution, steps))

    def contribution(self, step: Step) -> float:
        """The chain rule: upstream · local derivative."""
        return self.upstream(step) * self.local(step)

    def upstream(self, step: Step) -> float:
        """The derivative that the node of a step passes back."""
        return step.upstream

    def local(self, step: Step) -> float:
        """The local derivative of a step."""
        if "rule" not in vars(self) or not self._has_rules(step.node):
            return step.local_derivative
        return self.subject.derive(step, lambda u, i: self.rule(u.op, u.data, [x.data for x in u.inputs], i))

    def _has_rules(self, node: Value) -> bool:
        """Whether a fault can be in the rules of its operations, which are not all sums and products."""
        return not all(node.op in _WITHOUT_RULES for node in self.subject.operations(node))

    def rule(self, op: Op, z: float, inputs: Inputs, i: int) -> float:
        """The local derivative of one operation, with the output z, with respect to its input i."""
        derivative: float = op.local_derivative(i, z, inputs)
        return derivative

    def product(self, steps: Sequence[Step]) -> float:
        """The contributions of these steps, multiplied."""
        return math.prod(map(self.contribution, steps))

    def passed_back(self, step: Step) -> float:
        """The derivative that the node of a step passes back; from the output, where it is 1, the contribution."""
        return step.contribution if step.node is self.subject.root else self.upstream(step)

    def first_term(self, step: Step) -> float:
        """The first contribution to the derivative that the node of a step passes back."""
        return self.subject.steps.steps_to(step.node)[0].contribution

    def upstream_of_several(self, steps: Sequence[Step], k: int) -> float:
        """The derivative that is passed back on path k. Raises ValueError if it is that of the output, or the only."""
        if len(steps) < 2 or k >= len(steps) or steps[k].node is self.subject.root:
            raise ValueError(f"path {k} of {len(steps)} does not pass on the derivative of a node")
        return self.upstream(steps[k])

    def upstream_before(self, step: Step) -> float:
        """The derivative that is passed back to the node of a step. Raises ValueError if that is 1, or not one."""
        before = self.subject.step_before(step)
        if before.node is self.subject.root:
            raise ValueError("the node before is the output")
        return self.upstream(before)

    def local_before(self, step: Step) -> float:
        """The local derivative of the only step to the node of a step. Raises ValueError if there is not one."""
        return self.subject.step_before(step).local_derivative

    def gradient(self, step: Step) -> float:
        """The whole derivative with respect to the target of a step."""
        return self.subject.gradient(step.target)

    def other_local(self, step: Step, distance: int) -> float:
        """The local derivative along another edge of the node, `distance` edges further; without that, its own."""
        edges = self.subject.steps_from(step)
        here = next(i for i, edge in enumerate(edges) if edge.number == step.number)
        return edges[(here + distance) % len(edges) if distance < len(edges) else here].local_derivative

    def parallel_locals(self, step: Step) -> float:
        """The sum of the local derivatives along all edges between the two nodes of a step."""
        return sum(x.local_derivative for x in self.subject.steps_from(step) if x.input is step.input)

    def without(self, steps: Sequence[Step], k: int) -> float:
        """The sum without the contribution number k, from 0. Raises ValueError without it, or without another."""
        if len(steps) < 2:
            raise ValueError("there is not another contribution")
        return self.others(steps, k)

    def others(self, steps: Sequence[Step], k: int) -> float:
        """The sum of the other contributions, 0 without others. Raises ValueError without the contribution k."""
        if k >= len(steps):
            raise ValueError(f"contribution {k} cannot be left out of {len(steps)}")
        return sum(self.contribution(step) for i, step in enumerate(steps) if i != k)

    def first_of_many(self, steps: Sequence[Step]) -> float:
        """The first contribution. Raises ValueError if there are only two, of which the other is then missing."""
        if len(steps) < 3:
            raise ValueError("there are not several others")
        return self.contribution(steps[0])

    def swapped_local(self, step: Step) -> float:
        """The local derivative with w_12 in the place of a weight w_21; without such a weight, its own."""
        weight = self.subject.swapped_weight(step)
        return step.local_derivative if weight is None else weight[1].data

    def target_value(self, step: Step) -> float:
        """The value of the node to which a step leads."""
        return step.target.data

    def root_value(self) -> float:
        """The value of the output."""
        return self.subject.root.data

    def value(self, node: Value) -> float:
        """The value of a node, from those of the nodes that it is made from."""
        found: dict[Value, float] = {}
        for u in self.subject.operations(node):
            found[u] = self.operate(u.op, [found.get(x, x.data) for x in u.inputs])
        return found[node]

    def operate(self, op: Op, inputs: Inputs) -> float:
        """The result of one operation."""
        return op.evaluate(inputs)

    def descend(self, x: float, slope: float, rate: float) -> float:
        """The number of a leaf after a step of gradient descent."""
        return x - rate * slope
