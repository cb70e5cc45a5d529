"""The graph of a live page: its names, and its views with their arrows."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from copy import deepcopy
from functools import cached_property
from itertools import islice
from keyword import iskeyword
from typing import Any

from engine import DomainError, Value, forward, ops, toposort
from engine._support import checks
from engine.analysis.node_names import name_nodes, names_of_variables
from engine.analysis.path_search import paths
from engine.analysis.roles import weights_and_biases
from engine.graph import compute_values
from engine.labels import Role, delta_label, distinct_names, role_of, short_labels
from engine.sweep import present_edges, reverse
from viz.math.formats.text import label_to_unicode
from viz.math.formulas import format_number
from viz.pages.live_page.arrows import Arrow, arrows_of
from viz.stepping.narration import Narration
from viz.stepping.node_names import in_reading_order
from viz.stepping.recording import record_steps
from viz.stepping.views import OperationView, PaperView, View, default_view

MAX_NODES = 5000
MAX_LEAVES, MAX_PATHS = 50, 10  # whose paths are written, and of each


class LiveGraph:
    """A copy of a graph, whose nodes are called by distinct names.

    Attributes:
        root: The output.
        copy_of: The copy of each node of the given graph.
        order: All nodes in topological order, by whose indices the script knows them.
        names: Their names; those of constants come last.
        reading_order: The nodes as a table lists them: the inputs, other leaves, and what is computed.
        leaves: The leaves that can be changed.
        parameters: The leaves that training changes.
        views: The views by name: "paper" and "all".
        first_view: The name of the view that is shown first.
        arrows: The arrows of each view.
        short: The names that are shown, by name: in layers of one unit without its index, as in the paper.
        constants: The constants that can be changed.
        alternatives: Other graphs of the same leaves, by the names by which they are chosen.
    """

    def __init__(
        self,
        root: Value,
        names: Mapping[str, Any] | None = None,
        parameters: Iterable[Value] | None = None,
        *,
        constants: bool = False,
        alternatives: Mapping[str, Value] | None = None,
        view: str | None = None,
    ) -> None:
        checks.check_instance(root, Value, "a live page is made from a Value")
        originals, copies = toposort(root), dict[int, Value]()
        if len(originals) > MAX_NODES:
            raise ValueError(f"the graph has {len(originals)} nodes; a live page computes at most {MAX_NODES}")
        self.root: Value = deepcopy(root, copies)
        with suppress(DomainError):
            forward(self.root)
        self.order = toposort(self.root)
        self.copy_of = copy_of = {original: copies[id(original)] for original in originals}
        given = {copy_of[x]: name for x, name in names_of_variables(names, originals).items()}
        by_node = name_nodes(self.order, given)
        for node, name in by_node.items():
            node.label = name if node.label or node in given or node is self.root else ""
        numbers = [x for x in self.order if x.op is ops.constant]
        every_name = distinct_names([*by_node.values(), *("" for _ in numbers)])
        self.names = dict(zip([*by_node, *numbers], every_name, strict=True))
        deltas = [str(delta) for name in every_name if (delta := delta_label(name))]  # which equations may have
        self.short = short_labels([*every_name, *deltas])
        self.position = {node: i for i, node in enumerate(self.order)}
        self.constants = numbers if constants else []
        self.short |= {self.names[x]: self._constant_name(x) for x in self.constants}
        shown = {x: self.names[x] for x in self.order if x in by_node or x in self.constants}
        paper, every = PaperView(self.root, shown), OperationView(self.root, shown)
        self.views: dict[str, View] = {x.name: x for x in (paper, every)}
        self.first_view = view or default_view(self.root, by_node)
        self.arrows: dict[str, list[Arrow]] = {name: arrows_of(x) for name, x in self.views.items()}
        self.reading_order = in_reading_order(every.names)
        self.leaves = [x for x in self.reading_order if x.op is ops.variable or x in self.constants]
        self.parameters = self._weights(paper) if parameters is None else _check_parameters(parameters, copy_of)
        self.alternatives = {
            name: LiveGraph(other, constants=constants) for name, other in (alternatives or {}).items()
        }
        for name, graph in self.alternatives.items():
            if graph._shape() != self._shape():
                raise ValueError(f"the alternative {name!r:.60} differs from the graph in more than its operations")

    def _constant_name(self, constant: Value) -> str:
        """A name of a constant that says where it stands: 3 in a_1."""
        node = constant
        while not node.label:
            node = next(reader for reader in self.order if node in reader.inputs)
        return f"{format_number(constant.data)} in {label_to_unicode(self.short[node.label])}"

    def _shape(self) -> list[tuple[str, list[int], float | None]]:
        """The names, the inputs and the leaves, which alternatives share."""
        nodes = [(self.names[node], [self.position[x] for x in node.inputs]) for node in self.order]
        return [(*node, None if x.inputs else x.data) for node, x in zip(nodes, self.order, strict=True)]

    def _weights(self, view: View) -> list[Value]:
        """The weights and biases; in what is not an error, a factor is not one for its letter alone."""
        roles = {x: role_of(self.names[x]) for x in (self.root, *self.leaves)}
        is_error = roles[self.root] is Role.ERROR or (roles[self.root] is None and Role.TARGET in roles.values())
        weights, _ = weights_and_biases(view.graph, by_letter=is_error)
        return [x for x in self.order if x in weights and x.op is ops.variable]

    def numbers(self) -> tuple[dict[Value, float], dict[Value, float]]:
        """The values and the derivatives of nodes, as far as they are finite: those of the page before any change."""
        try:
            values = compute_values(self.order, {})
            derivatives = reverse(self.order, lambda node: present_edges(node, values))
            differentiable = [x for x in self.order if x.op is not ops.constant]
            return values, dict.fromkeys(differentiable, 0.0) | derivatives
        except DomainError:
            return {x: x.data for x in self.leaves}, {}

    def first_selected(self) -> Value:
        """The leaf that is chosen first: with few paths, but several, which show the sum rule; if any, a parameter."""
        ways: dict[Value, int] = {self.root: 1}  # from the output
        for node in reversed(self.views[self.first_view].order):
            for arrow in self._arrows_from.get(node, ()):
                ways[arrow.x] = ways.get(arrow.x, 0) + ways.get(node, 0)
        variables = [x for x in self.leaves if x.op is ops.variable]
        for leaves in (self.parameters, variables):
            several = [x for x in leaves if ways.get(x, 0) > 1]
            if several:
                return min(several, key=lambda x: ways[x])
        return next(iter(variables), self.root)

    @cached_property
    def _arrows_from(self) -> dict[Value, list[Arrow]]:
        found = defaultdict[Value, list[Arrow]](list)
        for arrow in self.arrows[self.first_view]:
            found[arrow.node].append(arrow)
        return found

    def replaced(self) -> list[Value]:
        """The nodes whose operations differ in an alternative."""
        others = [graph.order for graph in self.alternatives.values()]
        return [node for i, node in enumerate(self.order) if any(order[i].op is not node.op for order in others)]

    def paths(self) -> Iterator[str]:
        """The first paths from the output to each of the first leaves in the first view, with their products."""
        named = self.first_view == PaperView.name
        for leaf in self.leaves[:MAX_LEAVES]:
            with suppress(DomainError):
                for path in islice(paths(self.root, leaf, named=named), MAX_PATHS):
                    factors = " · ".join(format_number(x) for x in path.local_derivatives)
                    yield f"{' ← '.join(map(self.text, path.nodes))}: {factors} = {format_number(path.product)}"

    def steps(self) -> Iterator[str]:
        """The steps in the first view as text; none if a number is not finite."""
        with suppress(DomainError):
            steps = record_steps(self.views[self.first_view])
            narration = Narration(steps)
            for step in steps:
                _, *lines = narration.lines(step)
                yield "; ".join(line.strip() for line in lines)

    def in_python(self, node: Value) -> str:
        """A node in Python: by its label, or by its place in the graph if it does not have one of its own."""
        if not node.label or [x.label for x in self.order].count(node.label) > 1:
            return f"order[{self.position[node]}]"
        return node.label if is_name(node.label) else f"node[{json.dumps(node.label)}]"

    def text(self, node: Value) -> str:
        """The name of a node as it is shown, as Unicode text."""
        return label_to_unicode(self.short[self.names[node]])


def is_name(label: str) -> bool:
    """Whether a label can be the name of a variable in Python.

    >>> is_name("x_1"), is_name("w_11^(1)"), is_name("in")
    (True, False, False)
    """
    return label.isidentifier() and not iskeyword(label)


def _check_parameters(parameters: Iterable[Value], copy_of: Mapping[Value, Value]) -> list[Value]:
    given = list(parameters)
    for x in given:
        if x not in copy_of or x.op is not ops.variable:
            raise ValueError(f"parameters contains {x!r:.60}, which is not a variable of this graph")
    return [copy_of[x] for x in given]
