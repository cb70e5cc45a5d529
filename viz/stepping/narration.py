"""What a step says: its formula, its numbers, and the sum that it adds to, as the paper writes them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from engine import NamedGraph, Value
from engine.symbolic.expression import Expression
from viz.math.equations import CROSS, TIMES, equal, partial, plus
from viz.math.formats.text import label_to_unicode
from viz.math.formulas import format_formula, format_number
from viz.stepping.recording import Recording, Step

DIGITS = 5
MAX_LEAVES = 100  # that the start names
MAX_BELOW = 2  # nodes without labels, of which a question says how they are made
MAX_RESULTS = 10  # derivatives that the end names
MAX_TERMS = 20  # of a sum


class DisplayText(str):
    """DisplayText that shows itself as it is, at a Python prompt too."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)


class Narration:
    """The formulas of a graph in which every node has a name.

    `paper` has the step of the paper's Figure 8 to which a node belongs, for networks.
    """

    def __init__(self, root: Value, names: Mapping[Value, str], paper: Mapping[Value, int] | None = None) -> None:
        self.root = root
        self.names = names
        self.paper = paper or {}
        self._graph = NamedGraph(root, {name: node for node, name in names.items()})

    def equation(self, step: Step) -> Expression:
        """What the step computes. With several terms, backward, it is the contribution of one of them."""
        if step.phase == "forward":
            return equal(self._symbol(step.node), self._graph.relation(step.node), self._graph.constant(step.total))
        if step.input is None:
            return equal(partial(self._symbol(step.node), self._symbol(step.node)), self._graph.constant(1.0))
        return equal(self._derivative(step.input), *self._product(step))

    def lines(self, step: Step | None, steps: Recording) -> Iterator[str]:
        """Where the walk stands, the step's formula with its numbers, and the running total of a sum."""
        if step is None:
            leaves = [x for x in self.names if not x.inputs]
            known = ", ".join(f"{self._name(x)} = {format_number(x.data)}" for x in leaves[:MAX_LEAVES])
            more = f", and {len(leaves) - MAX_LEAVES} more" if len(leaves) > MAX_LEAVES else ""
            yield f"start, before step 1 of {len(steps)}"
            yield f"  known are the leaves: {known}{more}"
            return
        yield f"step {step.number} of {len(steps)}, {self.title(step)}"
        if step.phase == "forward":
            yield f"  {self._made(step.node, step.total)}"
        elif step.terms == 1:
            yield f"  {self._print(self.equation(step))}"
        else:
            product, total = map(self._print, self.formulas(step, steps, MAX_TERMS))
            yield f"  term {step.term} of {step.terms}: {product}"
            yield f"  {total}" + ("" if step.is_complete else f", so far {format_number(step.total, DIGITS)}")

    def end(self, gradients: Mapping[Value, float]) -> str:
        """The outcome of all steps: the derivatives with respect to the leaves; of many, the first."""
        leaves = [x for x in self.names if not x.inputs]
        known = [
            f"{self._print(self._derivative(x))} = {format_number(gradients[x], DIGITS)}" for x in leaves[:MAX_RESULTS]
        ]
        more = f", and {len(leaves) - MAX_RESULTS} more: table shows them" if len(leaves) > MAX_RESULTS else ""
        return f"the end: {', '.join(known)}{more}" if known else "the end"

    def title(self, step: Step) -> str:
        """The pass, and the node or the edge; for networks, the step of the paper's Figure 8."""
        paper = self.paper.get(step.target) if step.phase == "backward" else None
        return f"{step.phase}: {self._where(step)}" + (f" (step {paper} of the paper)" if paper else "")

    def made(self, step: Step) -> Iterator[str]:
        """How the two nodes of a backward step are made: the upper one, and what is below until it has a label."""
        yield self._made(step.node, step.node.data)
        node: Value | None = step.target
        for _ in range(MAX_BELOW):
            if node is None or node.label or not node.inputs:
                return
            yield self._made(node, node.data)
            node = next((x for x in node.inputs if x.inputs and not x.label), None)

    def local(self, made: Value, x: Value) -> DisplayText:
        """The local derivative of `made` by `x`. Raises ValueError if `made` is not made from `x` in one step."""
        formulas = self._graph.formulas(made)
        if x not in formulas:
            if x in self._graph.inputs(made):
                raise ValueError(f"no derivative passes from {self._name(made)} to {self._name(x)}")
            inputs = ", ".join(self._name(node) for node in self._graph.inputs(made)) or "none: it is a leaf"
            made_from = f"{self._name(made)} is not made from {self._name(x)} in one step; its inputs are"
            raise ValueError(f"{made_from} {inputs}")
        value = self._graph.constant(dict(self._graph.edges(made)).get(x, 0.0))
        left = partial(self._symbol(made), self._symbol(x))
        return DisplayText(self._print(equal(left, *dict.fromkeys([formulas[x], value]))))

    def sum(self, x: Value, terms: Sequence[Step], position: int) -> DisplayText:
        """The contributions to the gradient of `x`; those after `position` are not known yet."""
        if not terms:
            return DisplayText(f"nothing is passed back to {self._name(x)}")
        edges = "1 edge" if len(terms) == 1 else f"{len(terms)} edges"
        lines = [f"{self._print(self._derivative(x))} is the sum over {edges}"]
        known = [step for step in terms if step.number <= position]
        for step in known:
            sides = self.equation(step) if step.input is None else equal(*self._product(step))
            lines.append(f"  {self._where(step)}: {self._print(sides)}")
        lines += [f"  {self._where(step)}: ?" for step in terms[len(known) :]]
        total = format_number(known[-1].total, DIGITS) if known else "?"
        lines.append(f"  {'total' if len(known) == len(terms) else 'so far'}: {total}")
        return DisplayText("\n".join(lines))

    def relation(self, node: Value, format: str = "text") -> str:
        """How a node is made."""
        return format_formula(self._graph.relation(node), format)

    def formulas(self, step: Step, steps: Recording, most: int | None = None) -> list[Expression]:
        """The step's equation, or a term and the sum to which it belongs; of many terms, the last `most`."""
        if step.terms == 1:
            return [self.equation(step)]
        terms, rest = steps.terms(step, most), self._graph.symbol("…")
        before = [rest] if terms[0].term > 1 else []
        after = [] if step.is_complete else [rest]
        sides = [*before, *(self._graph.constant(term.contribution) for term in terms), *after]
        total = [self._graph.constant(step.total)] if step.is_complete else []
        return [equal(*self._product(step)), equal(self._derivative(step.target), plus(*sides), *total)]

    def _product(self, step: Step) -> list[Expression]:
        """upstream · local derivative, in formulas, in numbers, and its value."""
        upstream = self._derivative(step.node)
        local = self._graph.edge_formula(step.node, step.index)  # where an input is used twice, there are two
        x, y = (self._graph.constant(x) for x in (step.upstream, step.local_derivative))
        return [
            upstream.apply(TIMES, (upstream, local)),
            x.apply(CROSS, (x, y)),
            self._graph.constant(step.contribution),
        ]

    def _derivative(self, x: Value) -> Expression:
        return partial(self._symbol(self.root), self._symbol(x))

    def _symbol(self, node: Value) -> Expression:
        return self._graph.symbol(self.names[node])

    def _name(self, node: Value) -> str:
        return label_to_unicode(self.names[node])

    def _where(self, step: Step) -> str:
        return " → ".join(self._name(node) for node in (step.node, step.input) if node is not None)

    def _print(self, formula: Expression) -> str:
        return format_formula(formula, digits=DIGITS)

    def _made(self, node: Value, value: float) -> str:
        """How a node is made, in symbols and in numbers."""
        numbers = {self.names[x]: format_number(x.data, DIGITS) for x in node.inputs if x in self.names}
        relation = self._graph.relation(node)
        sides = [self._name(node), self._print(relation), format_formula(relation, short=numbers, digits=DIGITS)]
        return " = ".join(dict.fromkeys([*sides, format_number(value, DIGITS)]))
