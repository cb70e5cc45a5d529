"""The graph of a live page: its names, its views with their arrows, and all of it as data for the script."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from copy import deepcopy
from typing import Any

from engine import DomainError, Value, ops, toposort
from engine._support import checks
from engine.analysis.roles import weights_and_biases
from engine.compiler.targets.javascript import graph_module
from engine.labels import distinct_names
from engine.sweep import compute_values, present_edges, reverse
from engine.symbolic.expression import Expression, ExpressionBuilder
from engine.symbolic.rewrites import exact
from viz.drawing.drawing import check_names
from viz.math.formats.text import label_to_unicode
from viz.math.numbers_put_in import rebuild, slots
from viz.pages.live_page.arrows import Arrow, arrows_of, merged_operations
from viz.stepping.narration import Narration
from viz.stepping.node_names import name_nodes
from viz.stepping.recording import record_steps
from viz.stepping.views import VIEWS, OperationView, View, default_view

MAX_NODES = 5000
Template = list[str | int]  # texts, and between them the indices of formulas whose numbers stand there


class LiveGraph:
    """A copy of a graph, whose nodes are called by distinct names.

    Attributes:
        root: The output.
        order: All nodes in topological order, by whose indices the script knows them.
        names: Their names; those of constants come last.
        leaves: The leaves that can be changed.
        parameters: The leaves that training changes.
        views: The views by name: "paper", if it differs, and "all".
        first_view: The name of the view that is shown first.
        arrows: The arrows of each view.
    """

    def __init__(
        self,
        root: Value,
        names: Mapping[str, Any] | None,
        parameters: Iterable[Value] | None,
        *,
        constants: bool,
    ) -> None:
        checks.check_instance(root, Value, "a live page is made from a Value")
        originals, copies = toposort(root), dict[int, Value]()
        if len(originals) > MAX_NODES:
            raise ValueError(f"the graph has {len(originals)} nodes; a live page computes at most {MAX_NODES}")
        self.root: Value = deepcopy(root, copies)
        self.order = toposort(self.root)
        copy_of = {original: copies[id(original)] for original in originals}
        given = {copy_of[x]: name for name, x in check_names(names).items() if isinstance(x, Value) and x in copy_of}
        by_node = name_nodes(self.order, given)
        for node, name in by_node.items():
            node.label = name if node.label or node in given or node is self.root else ""
        numbers = [x for x in self.order if x.op is ops.constant]
        every_name = distinct_names([*by_node.values(), *("" for _ in numbers)])
        self.names = dict(zip([*by_node, *numbers], every_name, strict=True))
        self.position = {node: i for i, node in enumerate(self.order)}
        paper, every = (VIEWS[name](self.root, by_node) for name in VIEWS)
        differ = len(paper.names) < len(every.names)
        self.views: dict[str, View] = {view.name: view for view in ((paper, every) if differ else (every,))}
        self.first_view = default_view(self.root, by_node) if differ else OperationView.name
        self.arrows: dict[str, list[Arrow]] = {name: arrows_of(view) for name, view in self.views.items()}
        self.leaves = [x for x in self.order if x.op is ops.variable or (constants and x in numbers)]
        self.parameters = self._weights(paper) if parameters is None else _check_parameters(parameters, copy_of)

    def _weights(self, view: View) -> list[Value]:
        weights, _ = weights_and_biases(view.graph)
        return [x for x in self.order if x in weights and x.op is ops.variable]

    def numbers(self) -> tuple[dict[Value, float], dict[Value, float]]:
        """The values and the derivatives of nodes, as far as they are finite: those of the page before any change."""
        try:
            values = compute_values(self.order, {})
            derivatives = reverse(self.order, lambda node: present_edges(node, values))
            return values, dict.fromkeys(self.order, 0.0) | derivatives
        except DomainError:
            return {x: x.data for x in self.leaves}, {}

    def steps(self) -> Iterator[str]:
        """The steps in the first view as text; none if a number is not finite."""
        with suppress(DomainError):
            steps = record_steps(self.views[self.first_view])
            narration = Narration(steps)
            for step in steps:
                _, *lines = narration.lines(step)
                yield "; ".join(line.strip() for line in lines)

    def text(self, node: Value) -> str:
        """The name of a node as Unicode text."""
        return label_to_unicode(self.names[node])

    def script(self) -> str:
        """The graph as a module of JavaScript, and `page`, what the page knows about it."""
        formulas = _Formulas()
        views = {name: self._view_data(view, formulas) for name, view in self.views.items()}
        variables = [x for x in self.leaves if x.op is ops.variable]
        page = {
            "output": self.position[self.root],
            "selected": self.position[variables[0] if variables else self.root],
            "view": self.first_view,
            "leaves": [self.position[x] for x in self.leaves],
            "parameters": [self.position[x] for x in self.parameters],
            "texts": [self.text(node) for node in self.order],
            "views": views,
        }
        module = graph_module(self.order, variables, self.names, list(formulas.indices))
        data = json.dumps(page).replace("<", "\\u003c")  # so that no label ends the script
        return f"{module}\nconst page = {data};"

    def _view_data(self, view: View, formulas: _Formulas) -> dict[str, Any]:
        at, graph = self.position, view.graph
        by_name = {view.names[node]: at[node] for node in view.names}
        data: dict[str, Any] = {
            "nodes": [at[node] for node in view.names],
            "arrows": [
                {
                    "node": at[arrow.node],
                    "x": at[arrow.x],
                    "index": arrow.index,
                    "rule": formulas.template(arrow.rule[-1], by_name),
                    "paths": arrow.n_paths,
                }
                for arrow in self.arrows[view.name]
            ],
            "formulas": {
                at[node]: formulas.template(graph.relation(node), by_name) for node in view.names if node.inputs
            },
        }
        merged = merged_operations(view)
        return data | ({} if merged is None else {"merged": {at[u]: [at[v] for v in merged[u]] for u in merged}})


def _check_parameters(parameters: Iterable[Value], copy_of: Mapping[Value, Value]) -> list[Value]:
    given = list(parameters)
    for x in given:
        if x not in copy_of or x.op is not ops.variable:
            raise ValueError(f"parameters contains {x!r:.60}, which is not a variable of this graph")
    return [copy_of[x] for x in given]


class _Formulas:
    """The formulas of the numbers that are put into texts, each once."""

    def __init__(self) -> None:
        self.indices: dict[Expression, int] = {}
        self._builder = ExpressionBuilder(exact)

    def template(self, formula: Expression, position: Mapping[str, int]) -> Template:
        """The text of a formula with numbers put in; `position` gives the node of each name."""

        def leaf(x: Expression) -> Expression:
            return self._builder.constant(x.value) if x.is_constant else self._builder.symbol(f"v[{position[x.name]}]")

        def index(part: Expression) -> int:
            number = rebuild(part, leaf, lambda x, inputs: self._builder.make(x.op, inputs))
            return self.indices.setdefault(number, len(self.indices))

        return [part if isinstance(part, str) else index(part) for part in slots(formula)]
