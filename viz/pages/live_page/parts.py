"""The parts of a live page as HTML: figures, controls, equations, and the rows of its table."""

from __future__ import annotations

import html
import math
from collections.abc import Iterator, Mapping, Sequence

from engine import Value
from viz.drawing.dot_program import DrawingError
from viz.math.formats.html import label_to_mathml
from viz.math.formulas import format_number
from viz.pages.live_page.drawings import svg_of
from viz.pages.live_page.live_numbers import LiveEquation
from viz.pages.live_page.model import LiveGraph

TABLE_DIGITS = 6
FIELD_DIGITS = 8  # of a field; with the focus, it shows the whole number
MAX_DRAWN_NODES, MAX_DRAWN_ARROWS = 300, 1000
TITLES = {"paper": "as the paper", "all": "every operation"}  # of the views


def figure(graph: LiveGraph, view: str) -> str:
    """The drawing of a view, or a sentence that says why there is not one."""
    hidden = "" if view == graph.first_view else " hidden"
    n_nodes, n_arrows = len(graph.views[view].names), len(graph.arrows[view])
    if n_nodes > MAX_DRAWN_NODES or n_arrows > MAX_DRAWN_ARROWS:
        drawing = _sentence(
            f"A graph of {n_nodes} nodes and {n_arrows} arrows is not drawn, since a drawing of more than"
            f" {MAX_DRAWN_NODES} nodes or {MAX_DRAWN_ARROWS} arrows cannot be read; the table has all numbers."
        )
    else:
        try:
            drawing = svg_of(graph, view)
        except (DrawingError, ValueError) as error:
            drawing = _sentence(f"The graph is not drawn, but the table has all numbers. {error}")
    return f'<figure data-view="{view}"{hidden}>{drawing}</figure>'


def _sentence(text: str) -> str:
    return f"<p>{html.escape(text)}</p>"


def switch(graph: LiveGraph) -> str:
    """The buttons that choose a view."""
    return "".join(f'<button type="button" data-view="{name}">{TITLES[name]}</button>' for name in graph.views)


def alternatives(graph: LiveGraph) -> str:
    """The list that chooses an alternative, after the author's own; nothing if there are not any."""
    if not graph.alternatives:
        return ""
    first = " ".join(dict.fromkeys(new.op.symbol for new in graph.replaced()))
    options = "".join(f"<option>{html.escape(name)}</option>" for name in graph.alternatives)
    options = f'<option value="">{html.escape(first)}</option>{options}'
    return f'<label>function <select id="alternative">{options}</select></label>'


def outputs(graph: LiveGraph) -> str:
    """The nodes of which derivatives can be shown, the output first."""
    computed = [node for node in reversed(graph.names) if node.inputs] or [graph.root]
    return "".join(
        f'<option value="{html.escape(graph.names[node])}">{html.escape(graph.text(node))}</option>'
        for node in computed
    )


def equations(found: Sequence[LiveEquation], lines: Mapping[str, Sequence[str]]) -> str:
    """The buttons that choose an equation, and the lines of each; nothing without equations."""
    if not found:
        return ""
    buttons = "".join(
        f'<button type="button" data-equation="{html.escape(x.number)}">({html.escape(x.number)})</button>'
        for x in found
    )
    shown = "\n".join(
        f'<div data-lines="{html.escape(x.number)}" hidden>'
        + "".join(f'<p class="scroll"><math displaystyle="true">{line}</math></p>' for line in lines[x.number])
        + (_sentence(x.note) if x.note else "")
        + "</div>"
        for x in found
    )
    return f'<section id="equations" class="scripted" aria-label="Equations">{shown}<div>{buttons}</div></section>'


def formulas(graph: LiveGraph) -> Iterator[str]:
    """The names that the script copies."""
    for node, name in graph.names.items():
        yield f'<span id="name-{graph.position[node]}"><math>{label_to_mathml(graph.short[name])}</math></span>'


def rows(graph: LiveGraph, relations: Mapping[Value, str]) -> Iterator[str]:
    """The rows of the table: leaves with their fields, then computed nodes with their formulas as MathML."""
    values, derivatives = graph.numbers()
    for node in graph.reading_order:
        name, short = html.escape(graph.names[node]), graph.short[graph.names[node]]
        shown = f"<math>{relations[node]}</math>" if node.inputs else _editor(graph, node)
        cells = "".join(
            f'<td data-node="{name}" data-field="{field}">{format_known(numbers.get(node))}</td>'
            for field, numbers in (("value", values), ("derivative", derivatives))
        )
        yield f'<tr><th scope="row"><math>{label_to_mathml(short)}</math></th><td>{shown}</td>{cells}</tr>'


def _editor(graph: LiveGraph, leaf: Value) -> str:
    name, text = html.escape(graph.names[leaf]), html.escape(graph.text(leaf))
    return (
        f'<span class="editor"><input type="text" name="{name}" aria-label="{text}" autocomplete="off"'
        f' value="{format_number(leaf.data, FIELD_DIGITS)}"><input type="range" step="any" aria-label="{text}, slider">'
        f'<button type="button" class="reset" aria-label="reset {text}">reset</button>'
        '<span class="reason" role="status"></span></span>'
    )


def format_known(x: float | None) -> str:
    """A number of the table; a dash for one that is unknown."""
    if x is None:
        return "–"
    return format_number(x, TABLE_DIGITS) if math.isfinite(x) else "not defined"  # as in the script
