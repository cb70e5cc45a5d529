"""A live graph as data for the script: its module of JavaScript, and what the page knows about it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from engine import Value, ops
from engine.compiler.targets.javascript import graph_module, operation_key
from engine.symbolic.expression import Expression, ExpressionBuilder
from engine.symbolic.rewrites import exact
from viz.math.equations import GROUPED, JUXTAPOSED, PARTIAL, PLUS, TIMES, partial, symbol, times
from viz.math.formulas import format_formula
from viz.math.numbers_put_in import rebuild, signs_in_brackets, slots
from viz.math.sheet import Sheet
from viz.pages.live_page.arrows import Arrow, merged_operations
from viz.pages.live_page.live_numbers import (
    LiveEquation,
    mark_places,
    number,
    sheet_html,
    split_at_places,
    with_places,
)
from viz.pages.live_page.model import LiveGraph, is_name
from viz.pages.live_page.question_data import function_names, question_data
from viz.questions.subject import Subject
from viz.questions.wording import edge_between, needed_values, values_at
from viz.stepping.narration import notes_of_the_table
from viz.stepping.recording import Recording, Step
from viz.stepping.views import View

Place = list[int | str]  # of a number: the index of its formula, and the signs, if any, with which it is in brackets
Template = list[str | Place]
Text = str | Template
_COMPUTED = {JUXTAPOSED: ops.multiply, TIMES: ops.multiply, PLUS: ops.add}  # signs of equations, as operations


class ScriptData:
    """The texts and the formulas of a page, with places for the numbers that the script puts in.

    Attributes:
        equation_lines: The lines of each equation as MathML, by its number.
        tables: The tables as HTML.
        relations: The formula of each computed node as MathML.
    """

    def __init__(self, graph: LiveGraph, equations: Sequence[LiveEquation], tables: Iterable[Sheet]) -> None:
        self._graph = graph
        self._equations = equations
        self._indices: dict[Expression, int] = {}  # of the formulas whose numbers are put in
        self._builder = ExpressionBuilder(exact)
        self._position = {name: graph.position[node] for node, name in graph.names.items()}
        self.equation_lines = {equation.number: [*map(self._line, equation.lines)] for equation in equations}
        self.tables = [sheet_html(sheet, self._index) for sheet in tables]
        relations = graph.views["all"].graph
        self.relations = {node: self._line(relations.relation(node)) for node in graph.names if node.inputs}
        self._views = self._view_data(graph)
        self._alternatives = dict(self._changes())

    def module(self, step: int | None) -> str:
        """The module of JavaScript, and `page`, which opens at a step; None is the end."""
        graph, at = self._graph, self._graph.position
        variables = [x for x in graph.leaves if x.op is ops.variable]
        page = {
            "output": at[graph.root],
            "selected": at[graph.first_selected()],
            "view": graph.first_view,
            "step": step,
            "notes": {at[node]: note for node, note in notes_of_the_table(graph.root).items()},
            "leaves": [at[x] for x in graph.leaves],
            "parameters": [at[x] for x in graph.parameters],
            "python": {at[x]: graph.in_python(x) for x in graph.leaves},
            "python_output": graph.root.label if is_name(graph.root.label) else "y",
            "texts": [graph.text(node) for node in graph.order],
            "views": self._views,
            "equations": {equation.number: self._marks(equation) for equation in self._equations},
            "alternatives": self._alternatives,
        }
        others = [node for other in graph.alternatives.values() for node in other.order]
        operations = ((node.op, len(node.inputs)) for node in [*graph.order, *others] if node.inputs)
        page["questions"] = question_data(operations, self._builder, self._store)
        module = graph_module(graph.order, variables, graph.names, list(self._indices), others, has_interface=False)
        data = json.dumps(page, ensure_ascii=False, separators=(",", ":")).replace(
            "<", "\\u003c"
        )  # so that no label ends the script
        return f"{module}\nconst page = {data};"

    def _view_data(self, graph: LiveGraph) -> dict[str, dict[str, Any]]:
        return {name: self._one_view(graph, view) for name, view in graph.views.items()}

    def _one_view(self, graph: LiveGraph, view: View) -> dict[str, Any]:
        at = graph.position
        computed = [node for node in view.names if node.inputs]
        merged = merged_operations(view)
        arrows = graph.arrows[view.name]
        subject = Subject(Recording(view, {node: node.data for node in view.order}))
        ends = [(at[arrow.node], at[arrow.x], arrow.index) for arrow in arrows]
        from_node, to_node = group_by(node for node, _, _ in ends), group_by(x for _, x, _ in ends)
        data: dict[str, Any] = {
            "nodes": [at[node] for node in view.names],
            "leaves": [at[x] for x in graph.reading_order if x in view.names and not x.inputs],
            "from": from_node,
            "to": to_node,
            "arrow_of": {f"{node} {i if merged is None else x}": k for k, (node, x, i) in enumerate(ends)},
            "arrows": [
                self._arrow(graph, subject, arrow, [arrows[k] for k in from_node[node]], len(to_node[x]))
                for arrow, (node, x, _) in zip(arrows, ends, strict=True)
            ],
            "formulas": {
                at[node]: self._formula(graph, subject, node) | function_names(subject, node) for node in computed
            },
        }
        return data | ({} if merged is None else {"merged": {at[u]: [at[v] for v in merged[u]] for u in merged}})

    def _formula(self, graph: LiveGraph, subject: Subject, node: Value) -> dict[str, Any]:
        relation = subject.view.graph.relation(node)
        return {
            "text": self._text(relation),
            "put": self._template(relation),
            "given": [graph.position[x] for x in values_at(subject, node)],
        }

    def _arrow(
        self, graph: LiveGraph, subject: Subject, arrow: Arrow, siblings: Sequence[Arrow], n_to_x: int
    ) -> dict[str, Any]:
        """An arrow, one of the `siblings` from its node, of which several may join the same two nodes."""
        parallel = [other for other in siblings if other.x is arrow.x]
        node, x = graph.text(arrow.node), graph.text(arrow.x)
        edge = edge_between(node, x, parallel.index(arrow) + 1, len(parallel))
        is_whole = len(parallel) == 1 and (arrow.node is not graph.root or n_to_x == 1)
        notes = [edge.partition(" from ")[0]] if len(parallel) > 1 else []
        notes += [f"{arrow.n_paths} paths"] if arrow.n_paths > 1 else []
        step = Step(0, "backward", arrow.node, 0.0, arrow.x, arrow.index)
        swapped = subject.swapped_weight(step)
        asked = f"∂{node}/∂{x}" if is_whole else f"∂{node}/∂{x} along {edge} alone"
        rule, factor = [*map(self._text, arrow.rule)], self._factor(arrow.rule[0])
        return (
            {
                "node": graph.position[arrow.node],
                "x": graph.position[arrow.x],
                "rule": rule,
                "put": self._template(arrow.rule[-1]),
                "asks": asked,
                "needs": [graph.position[x] for x in needed_values(subject, step)],
            }
            | ({"notes": f" ({', '.join(notes)})"} if notes else {})
            | ({"paths": arrow.n_paths} if arrow.n_paths > 1 else {})
            | ({} if factor == rule[0] else {"factor": factor})
            | ({"path": edge} if len(parallel) > 1 else {})
            | ({"swapped": [graph.position[node] for node in swapped]} if swapped else {})
        )

    def _changes(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """The differences of each alternative: operations, their signs, formulas, and arrows' rules; and the author's.

        The author's own, under the name "", are those of all nodes that differ in one of them.
        """
        order, replaced = self._graph.order, [self._graph.position[node] for node in self._graph.replaced()]
        graphs = {"": self._graph, **self._graph.alternatives} if replaced else {}
        data = {name: self._view_data(graph) for name, graph in graphs.items()}
        for name, graph in graphs.items():
            views = {}
            for view, before in self._views.items():
                found = [other[view] for other in data.values()]
                formulas = {
                    i: data[name][view]["formulas"][i]
                    for i in before["formulas"]
                    if any(x["formulas"][i] != before["formulas"][i] for x in found)
                }
                arrows = {
                    k: data[name][view]["arrows"][k]
                    for k, arrow in enumerate(before["arrows"])
                    if any(x["arrows"][k] != arrow for x in found)
                }
                views[view] = {"formulas": formulas, "arrows": arrows}
            operations = {i: operation_key(graph.order[i].op, len(order[i].inputs)) for i in replaced}
            signs = {order[i].op.symbol: graph.order[i].op.symbol for i in replaced}
            yield name, {"operations": operations, "signs": signs, "views": views}

    def _marks(self, equation: LiveEquation) -> dict[str, Any]:
        """The nodes that an equation marks, and in each view the arrows."""
        graph = self._graph
        nodes = [graph.position[graph.copy_of[node]] for node in equation.nodes]
        ends = [(graph.copy_of[tail], graph.copy_of[head]) for tail, head in equation.arrows]
        arrows = {
            name: [k for k, arrow in enumerate(found) if (arrow.x, arrow.node) in ends]
            for name, found in graph.arrows.items()
        }
        return {"nodes": nodes, "arrows": arrows}

    def _line(self, formula: Expression) -> str:
        """A formula as MathML, with an element for each number."""
        places: list[int] = []
        written = with_places(self._with_constants(formula), self._index, places)
        return mark_places(format_formula(written, "html", short=self._graph.short), places)

    def _text(self, formula: Expression) -> Text:
        """The text of a formula; with places for its numbers if these can be changed."""
        places: list[int] = []
        written = with_places(self._with_constants(formula), self._index, places)
        parts = split_at_places(format_formula(written, short=self._graph.short), places)
        return _template(parts) if places else "".join(map(str, parts))

    def _with_constants(self, formula: Expression) -> Expression:
        """The formula with places for the constants that can be changed."""
        names = {self._graph.names[x] for x in self._graph.constants}
        return rebuild(
            formula,
            lambda x: number(x) if x.name in names else x,
            lambda x, inputs: Expression(x.builder, x.op, inputs),
        )

    def _factor(self, formula: Expression) -> Text:
        """The text of a formula as the right factor of a product."""
        text = self._text(times(partial(symbol("y"), symbol("x")), formula))
        if isinstance(text, str):
            return text.partition(" · ")[2]
        return [str(text[0]).partition(" · ")[2], *text[1:]]

    def _template(self, formula: Expression) -> Template:
        """The text of a formula with places for the numbers that are put in."""
        return _template([part if isinstance(part, str) else self._index(part) for part in slots(formula)])

    def _index(self, formula: Expression) -> int:
        """The index of a formula, in which names are the numbers of nodes, and ∂y/∂x a derivative."""
        builder, position = self._builder, self._position

        def leaf(x: Expression) -> Expression:
            return builder.constant(x.value) if x.is_constant else builder.symbol(f"v[{position[x.name]}]")

        def make(x: Expression, inputs: tuple[Expression, ...]) -> Expression:
            if x.op is GROUPED:
                return inputs[0]
            if x.op is PARTIAL:
                made, by = (position[end.name] for end in x.inputs)
                return builder.symbol(f"d({made}, {by})")
            return builder.make(_COMPUTED.get(x.op, x.op), inputs)

        return self._store(rebuild(formula, leaf, make))

    def _store(self, formula: Expression) -> int:
        return self._indices.setdefault(formula, len(self._indices))


def _template(parts: Sequence[str | int]) -> Template:
    """The template of texts and indices of formulas, whose numbers stand between."""
    found: Template = []
    before = ""
    for part, after in zip(parts, [*parts[1:], ""], strict=True):
        signs = signs_in_brackets(before, str(after))
        found.append(part if isinstance(part, str) else [part, signs] if signs else [part])
        before += str(part)
    return found


def group_by(keys: Iterable[int]) -> dict[int, list[int]]:
    """The indices of each key.

    >>> group_by([7, 5, 7])
    {7: [0, 2], 5: [1]}
    """
    found: dict[int, list[int]] = {}
    for k, key in enumerate(keys):
        found.setdefault(key, []).append(k)
    return found
