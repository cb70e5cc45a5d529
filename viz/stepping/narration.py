"""The sentences about steps: the formula, its numbers, and the sum that a step adds to, in the paper's notation."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress

from engine import DomainError, Value, toposort
from engine.labels import Role, delta_label, role_of
from engine.symbolic.expression import Expression
from viz.drawing.numbers import UNFINISHED
from viz.math.backpropagation_table import backpropagation_table
from viz.math.equations import TIMES, equal, partial, plus
from viz.math.formats.text import label_to_unicode
from viz.math.formulas import DEFAULT_DIGITS, format_formula, format_number
from viz.math.numbers_put_in import opened_rule, put_in_numbers
from viz.stepping.node_names import in_reading_order
from viz.stepping.recording import Recording, Step

MAX_LEAVES = 100  # named at the start
MAX_UNLABELLED = 2  # nodes without labels whose formulas are added to a question
MAX_RESULTS = 10  # derivatives shown at the end
MAX_TERMS = 20  # of a sum
MAX_RULE_LENGTH = 100  # of the line in which a rule is opened
MAX_ERROR = 1e-4  # by which the numbers of a line may miss its result; where they would by more, they have more digits


class DisplayText(str):
    """Text that is shown without quotes at a Python prompt."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)


def format_sum(x: float | None, n_known: int, n_terms: int) -> str:
    """A derivative, as far as its terms are known.

    >>> format_sum(None, 0, 2), format_sum(-1.0, 1, 2), format_sum(5.0, 2, 2)
    ('?', '−1 + …, 1 of 2 terms', '5')
    """
    if x is None:
        return "?"
    return format_number(x) + (f"{UNFINISHED}, {n_known} of {n_terms} terms" if n_known < n_terms else "")


class Narration:
    """Writes the sentences about recorded steps.

    `notes` are written behind the titles of the backward steps to some nodes: see `notes_of_the_table`.
    """

    def __init__(self, steps: Recording, notes: Mapping[Value, str] | None = None) -> None:
        self.steps = steps
        self.view = view = steps.view
        self.root = view.root
        self.names = view.names
        self.notes = notes or {}
        self._graph = view.graph
        self._short = {name: view.labels[node] for node, name in view.names.items()}
        self._values = {name: node.data for node, name in view.names.items()}

    def equation(self, step: Step) -> Expression:
        """The equation of a step: of the value, or of a contribution to the derivative."""
        if step.phase == "forward":
            return equal(self._symbol(step.node), self._graph.relation(step.node), self._graph.constant(step.result))
        if step.input is None:
            return equal(partial(self._symbol(step.node), self._symbol(step.node)), self._graph.constant(1.0))
        return equal(self._derivative(step.input), *self._product(step))

    def lines(self, step: Step | None) -> Iterator[str]:
        """The lines about a step: its title, its formula with numbers, and the running total of a sum."""
        if step is None:
            leaves = [x for x in in_reading_order(self.names) if not x.inputs]
            known = ", ".join(f"{self.name(x)} = {format_number(x.data)}" for x in leaves[:MAX_LEAVES])
            more = f", and {len(leaves) - MAX_LEAVES} more" if len(leaves) > MAX_LEAVES else ""
            yield f"start, before step 1 of {len(self.steps)}"
            yield f"  the leaves are known: {known}{more}"
            return
        yield f"step {step.number} of {len(self.steps)}, {self.title(step)}"
        if step.phase == "forward":
            yield f"  {self._computation(step.node, step.result)}"
        elif step.n_terms == 1:
            yield f"  {self._format(self.equation(step))}"
            yield from self._rule_lines(step, "  ")
        else:
            yield f"  term {step.term_number} of {step.n_terms}: {self._format(equal(*self._product(step)))}"
            yield from self._rule_lines(step, "  ")
            missing = f", {step.term_number} of {step.n_terms} terms"
            so_far = f", so far {format_number(step.result)}" if step.term_number > 1 else ""
            total = f" = {format_number(step.result)}" if step.is_complete else missing + so_far
            yield f"  {self._format(self._derivative(step.target))} = {self._terms(step)}{total}"

    def end(self, gradients: Mapping[Value, float]) -> str:
        """The line after the last step: the derivatives with respect to the first leaves that receive one."""
        leaves = [x for x in in_reading_order(self.names) if not x.inputs and x in gradients]
        known = [f"{self._format(self._derivative(x))} = {format_number(gradients[x])}" for x in leaves[:MAX_RESULTS]]
        more = f", and {len(leaves) - MAX_RESULTS} more: table shows them" if len(leaves) > MAX_RESULTS else ""
        return f"the end: {', '.join(known)}{more}" if known else "the end"

    def title(self, step: Step) -> str:
        """The pass, the node or the edge, and the note on its target."""
        note = self.notes.get(step.target, "") if step.phase == "backward" else ""
        return f"{step.phase}: {self._node_or_edge(step)}{note}"

    def formula(self, step: Step, is_known: bool = True) -> str:
        """The formula of a step in one line, and its numbers if they are known."""
        if step.phase == "forward":
            return self._computation(step.node, step.result) if is_known else f"{self.definition(step.node)} = ?"
        if step.input is None:
            return self._format(self.equation(step))
        terms = f" ({step.term_number} of {step.n_terms}):" if step.n_terms > 1 else " ="
        sides = self._product(step)
        numbers = self._format(equal(*sides)) if is_known else f"{self._format(sides[0])} = ?"
        return f"{self._format(self._derivative(step.target))}{terms} {numbers}"

    def definition(self, node: Value) -> str:
        """The equation of a node in symbols."""
        return f"{self.name(node)} = {self.relation(node)}"

    def computations(self, step: Step) -> Iterator[str]:
        """The formulas of both nodes of a backward step, and of the nodes without labels that its target reads."""
        yield self._computation(step.node, step.node.data)
        node: Value | None = step.target
        for _ in range(MAX_UNLABELLED):
            if node is None or node.label or not node.inputs:
                return
            yield self._computation(node, node.data)
            node = next((x for x in self.view.inputs(node) if x.inputs and not x.label), None)

    def local(self, made: Value, x: Value, values: Mapping[Value, float]) -> DisplayText:
        """The local derivative ∂made/∂x, as far as the `values` that are known tell it.

        Raises ValueError if `x` is not an input of `made` with a derivative.
        """
        formulas = self._graph.formulas(made)
        if x not in formulas:
            if x in self._graph.inputs(made):
                raise ValueError(f"{self.name(made)} does not pass a derivative to {self.name(x)}")
            inputs = ", ".join(self.name(node) for node in self._graph.inputs(made))
            known = f"its inputs are {inputs}" if inputs else "it is a leaf"
            raise ValueError(f"{self.name(x)} is not an input of {self.name(made)}; {known}")
        value = dict(self._graph.edges(made)).get(x, 0.0)
        left = self._format(partial(self._symbol(made), self._symbol(x)))
        n_paths = self._graph.path_counts(made).get(x, 0)
        merged = f" ({n_paths} paths)" if n_paths > 1 else ""
        numbers = {self.names[node]: number for node, number in values.items()}
        return DisplayText(" = ".join([left, *self._opened(made, formulas[x], value, numbers)]) + merged)

    def _rule_lines(self, step: Step, indent: str) -> Iterator[str]:
        """The rule of the local derivative of a backward step with its numbers, unless it is a number or a symbol."""
        if step.input is not None:
            local = self.view.local_derivative(step.node, step.index)
            sides = self._opened(step.node, local, step.local_derivative, self._values)
            rule = f"{indent}{' = '.join(sides)}"
            if len(sides) > 2 and len(rule) <= MAX_RULE_LENGTH:
                yield rule

    def _opened(self, node: Value, local: Expression, value: float, known: Mapping[str, float]) -> list[str]:
        """A local derivative as different texts: its formulas, the last one with numbers put in, and its value."""
        formulas = [local, *opened_rule(self.view.graph, node, local)]
        sides = [*map(self._format, formulas)]
        read = {x.name for x in toposort(formulas[-1]) if not x.inputs and not x.is_constant}
        if self.names[node] not in known and not read <= known.keys():
            return [*sides, "?"]
        with suppress(DomainError, KeyError):  # in a branch that is not taken, or with a number that is unknown
            sides.append(put_in_numbers(formulas[-1], known, DEFAULT_DIGITS, value, MAX_ERROR))
        return list(dict.fromkeys([*sides, format_number(value)]))

    def sum(self, x: Value, terms: Sequence[Step], position: int, ahead: str) -> DisplayText:
        """The contributions to the gradient of `x`; those after `position` are unknown, and if all are, `ahead` why."""
        if not terms:
            return DisplayText(f"{self.name(x)} does not receive a derivative")
        edges = "1 edge" if len(terms) == 1 else f"{len(terms)} edges"
        lines = [f"{self._format(self._derivative(x))} is the sum over {edges}"]
        known = [step for step in terms if step.number <= position]
        for step in known:
            sides = self.equation(step) if step.input is None else equal(*self._product(step))
            lines.append(f"  {self._node_or_edge(step)}: {self._format(sides)}")
            lines += self._rule_lines(step, "    ")
        lines += [f"  {self._node_or_edge(step)}: ?" for step in terms[len(known) :]]
        total = format_sum(known[-1].result if known else None, len(known), len(terms))
        why = "" if known else f" ({ahead})"
        lines.append(f"  {'total' if len(known) == len(terms) else 'so far'}: {total}{why}")
        return DisplayText("\n".join(lines))

    def relation(self, node: Value, format: str = "text") -> str:
        """The formula of a node."""
        return format_formula(self._graph.relation(node), format, short=self._short)

    def format(self, formula: Expression, format: str) -> str:
        """A formula of a step."""
        return format_formula(formula, format, short=self._short)

    def name(self, node: Value) -> str:
        """The name of a node."""
        return label_to_unicode(self.view.labels[node])

    def _terms(self, step: Step) -> str:
        """The terms that are known after a step, in numbers, of which only the last `MAX_TERMS` are written."""
        known, rest = self.steps.terms(step, MAX_TERMS), self._graph.symbol("…")
        before = [rest] if known[0].term_number > 1 else []
        terms = [*before, *(self._graph.constant(term.contribution) for term in known)]
        if step.is_complete:
            terms.reverse()  # the sweep adds the last term first; the whole sum stands in the paper's order
        if before:
            return self._format(plus(*terms, *([] if step.is_complete else [rest])))
        written = put_in_numbers(plus(*terms), {}, DEFAULT_DIGITS, step.result, MAX_ERROR)
        return written + ("" if step.is_complete else UNFINISHED)

    def _product(self, step: Step) -> list[Expression]:
        """The product upstream · local derivative: as a formula, in numbers, and its value."""
        upstream = self._derivative(step.node)
        local = self.view.local_derivative(step.node, step.index)
        x, y = (self._graph.constant(x) for x in (step.upstream, step.local_derivative))
        return [
            upstream.apply(TIMES, (upstream, local)),
            x.apply(TIMES, (x, y)),
            self._graph.constant(step.contribution),
        ]

    def _derivative(self, x: Value) -> Expression:
        return partial(self._symbol(self.root), self._symbol(x))

    def _symbol(self, node: Value) -> Expression:
        return self._graph.symbol(self.names[node])

    def _node_or_edge(self, step: Step) -> str:
        """The node, or the edge, which may be one of several, or stand for several paths."""
        notes = []
        if step.input is not None:
            number, n_edges = self.steps.edge_number(step)
            n_paths = self.view.n_paths(step.node, step.index)
            notes += [f"edge {number} of {n_edges}"] if n_edges > 1 else []
            notes += [f"{n_paths} paths"] if n_paths > 1 else []
        edge = " → ".join(self.name(node) for node in (step.node, step.input) if node is not None)
        return f"{edge} ({', '.join(notes)})" if notes else edge

    def _format(self, formula: Expression) -> str:
        return self.format(formula, "text")

    def _computation(self, node: Value, value: float) -> str:
        """The equation of a node, in symbols and in numbers."""
        numbers = {self.names[x]: x.data for x in self.view.inputs(node) if x in self.names}
        relation = self._graph.relation(node)
        numbers_put_in = put_in_numbers(relation, numbers, DEFAULT_DIGITS, value, MAX_ERROR)
        sides = [self.name(node), self._format(relation), numbers_put_in]
        return " = ".join(dict.fromkeys([*sides, format_number(value)]))


def notes_of_the_table(root: Value) -> dict[Value, str]:
    """For networks, with units a_i^(k): the step of the graph's table for each node, and that a target is fixed."""
    nodes = toposort(root)
    if not any(delta_label(node.label) for node in nodes):
        return {}
    notes = {node: " (the fixed target)" for node in nodes if role_of(node.label) is Role.TARGET}
    rows = backpropagation_table(root).rows
    return notes | {row.variable: f" (step {row.step} of the table)" for row in rows if row.step is not None}
