"""A page that computes: change a number of a graph, and see every number follow.

The page is one file that needs no network. Its script is the graph as JavaScript (`engine.compiler.targets.javascript`)
and the files of this folder; its policy allows that script and the page's style, by their hashes, and nothing else.
"""

from __future__ import annotations

import base64
import hashlib
import html
import math
from collections.abc import Iterable, Iterator, Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

from engine import Value
from engine._support import checks
from engine._support.safe_files import write_atomically
from viz.math.formats.html import label_to_mathml
from viz.math.formulas import format_formula, format_number
from viz.pages.live_page.drawings import svg_of
from viz.pages.live_page.model import LiveGraph

FRAME = 'width="100%" height="760" style="border: 0"'  # of a notebook
TABLE_DIGITS = 6
STYLE = "page.css"
SCRIPTS = ["numbers.js", "views.js", "state.js", "paint.js", "inspector.js", "controls.js", "timeline.js", "size.js"]
SCRIPTS += ["training.js", "python.js", "start.js"]
TITLES = {"paper": "as the paper", "all": "every operation"}  # of the views


class LivePage:
    """A page that computes a graph; made by `viz.live`."""

    def __init__(self, graph: LiveGraph, title: str = "") -> None:
        self.graph = graph
        self.title = title or graph.text(graph.root)

    def save(self, path: str | Path) -> Path:
        """Write the page as one file of HTML, and return its path. Raises OSError if it cannot be written."""
        return write_atomically(Path(path), self.html())

    def _repr_html_(self) -> str:
        source = html.escape(self.html())
        return f'<iframe sandbox="allow-scripts" srcdoc="{source}" {FRAME}></iframe>'

    def __repr__(self) -> str:
        nodes = len(self.graph.order)
        return f"<live page of {self.graph.names[self.graph.root]}, {nodes} nodes; .save('page.html') writes it>"

    def html(self) -> str:
        """The page as HTML."""
        graph, style = self.graph, _read(STYLE)
        script = "\n".join([graph.script(), *map(_read, SCRIPTS)])
        policy = "default-src 'none'; base-uri 'none'; form-action 'none'"
        outputs = [name for node, name in reversed(graph.names.items()) if node.inputs]
        return _read("page.html").format(
            policy=f"{policy}; style-src {_policy_source(style)}; script-src {_policy_source(script)}",
            title=html.escape(self.title),
            style=style,
            script=script,
            figures="\n".join(self._figure(name) for name in graph.views),
            switch="".join(f'<button type="button" data-view="{name}">{TITLES[name]}</button>' for name in graph.views),
            outputs="".join(f"<option>{html.escape(name)}</option>" for name in outputs),
            rows="\n".join(self._rows()),
            steps="\n".join(f"<li>{html.escape(line)}</li>" for line in graph.steps()),
            formulas="\n".join(f'<span id="{id}"><math>{formula}</math></span>' for id, formula in self._formulas()),
        )

    def _figure(self, view: str) -> str:
        hidden = "" if view == self.graph.first_view else " hidden"
        return f'<figure data-view="{view}"{hidden}>{svg_of(self.graph, view)}</figure>'

    def _formulas(self) -> Iterator[tuple[str, str]]:
        """The formulas that the script copies, with their ids."""
        graph = self.graph
        for node, name in graph.names.items():
            yield f"name-{graph.position[node]}", label_to_mathml(name)
        for name, view in graph.views.items():
            for node in view.names:
                if node.inputs:
                    yield f"{name}-formula-{graph.position[node]}", format_formula(view.graph.relation(node), "html")
            for k, arrow in enumerate(graph.arrows[name]):
                yield f"{name}-rule-{k}", "<mo>=</mo>".join(format_formula(side, "html") for side in arrow.rule)

    def _rows(self) -> Iterator[str]:
        """The rows of the table: inputs and other leaves with their fields, then computed nodes."""
        graph = self.graph
        relations = graph.views["all"].graph
        values, derivatives = graph.numbers()
        for node in [*graph.leaves, *(node for node in graph.names if node.inputs)]:
            name = html.escape(graph.names[node])
            made_by = f"<math>{format_formula(relations.relation(node), 'html')}</math>" if node.inputs else ""
            cells = "".join(
                f'<td data-node="{name}" data-field="{field}">{format_known(numbers.get(node))}</td>'
                for field, numbers in (("value", values), ("derivative", derivatives))
            )
            heading = f'<th scope="row"><math>{label_to_mathml(graph.names[node])}</math></th>'
            yield f"<tr>{heading}<td>{made_by or self._editor(node)}</td>{cells}</tr>"

    def _editor(self, leaf: Value) -> str:
        name, text = html.escape(self.graph.names[leaf]), html.escape(self.graph.text(leaf))
        return (
            f'<span class="editor"><input type="text" name="{name}" aria-label="{text}" autocomplete="off"'
            f' value="{format_number(leaf.data, 15)}"><input type="range" step="any" aria-label="{text}, slider">'
            f'<button type="button" class="reset" aria-label="reset {text}">r</button>'
            '<span class="reason" role="status"></span></span>'
        )


def format_known(x: float | None) -> str:
    """A number of the table; a dash where there is none."""
    return "–" if x is None or not math.isfinite(x) else format_number(x, TABLE_DIGITS)


def _policy_source(text: str) -> str:
    """The hash of a style or a script, as the policy names it."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _read(name: str) -> str:
    return files(__name__).joinpath(name).read_text(encoding="utf-8")


def live(
    root: Value,
    *,
    names: Mapping[str, Any] | None = None,
    constants: bool = False,
    parameters: Iterable[Value] | None = None,
    title: str = "",
) -> LivePage:
    """A page in which the numbers of a graph can be changed, and every value and derivative follows.

    A notebook shows it; `save` writes it as one file of HTML. The derivatives are those of `root`, or of any node that
    is chosen in the page. Two views show every operation, or as in the paper, the named nodes alone.

    Args:
        root: The output.
        names: Names for nodes without labels: `names=locals()`.
        constants: Whether constants, such as the 2 of `2 * x`, can be changed too.
        parameters: The leaves that training in the page changes; by default, the weights and biases.
        title: The title of the page.

    Raises TypeError if `root` is not a `Value`, and ValueError for more than 5000 nodes, and for parameters that are
    not variables of the graph.

    >>> x = Value(1.5, "x")
    >>> live(x * x + 1.0)
    <live page of y, 4 nodes; .save('page.html') writes it>
    """
    checks.check_instance(title, str, "a title must be text")
    return LivePage(LiveGraph(root, names, parameters, constants=constants), title)
