"""The stepper as one self-contained HTML page, made of `page.html`, `page.css` and `page.js`.

Its content security policy allows the style and the script of the page itself, by their hashes, and nothing else.
"""

from __future__ import annotations

import base64
import hashlib
import html
import json
import re
from collections import Counter
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from engine import Value, toposort
from engine._support import checks
from viz.drawing.graphs import Marks, draw
from viz.math.formats.html import label_to_mathml
from viz.math.formats.text import label_to_unicode
from viz.math.formulas import format_formula, format_number

if TYPE_CHECKING:
    from viz.stepping.stepper import Stepper


def page_html(stepper: Stepper, title: str = "") -> str:
    """The page as HTML. Raises ValueError for a graph too large to be drawn, DrawingError without the program `dot`."""
    checks.check_instance(title, str, "a title must be text")
    template, style, script = (
        (files("viz.pages") / part).read_text(encoding="utf-8") for part in ("page.html", "page.css", "page.js")
    )
    ids = {node: f"n{i}" for i, node in enumerate(toposort(stepper.root), 1)}  # the names that `draw` gives
    gradients = {step.target: step.result for step in stepper.steps if step.phase == "backward"}  # the complete ones
    name = stepper.names.get(stepper.root, "the output")
    return template.format(
        policy=f"default-src 'none'; style-src {_policy_source(style)}; script-src {_policy_source(script)}",
        title=html.escape(title or f"Step by step: {label_to_unicode(name)}"),
        note=stepper.note and f"<p>{html.escape(stepper.note)}</p>",
        style=style,
        script=script,
        last=len(stepper.steps),
        svg=_svg(stepper, ids, gradients),
        rows="\n".join(_table_row(stepper, node, ids[node], gradients.get(node)) for node in stepper.names),
        steps=_steps_json(stepper, ids),
    )


def frame_html(stepper: Stepper) -> str:
    """The page in a sandboxed frame, for notebooks."""
    source = html.escape(page_html(stepper))
    return f'<iframe sandbox="allow-scripts" srcdoc="{source}" width="100%" height="720" style="border: 0"></iframe>'


def _policy_source(text: str) -> str:
    """The hash of a style or a script, as the policy names it."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _svg(stepper: Stepper, ids: dict[Value, str], gradients: dict[Value, float]) -> str:
    """The drawing, with space in every node for the longest of its numbers, and with the last ones."""
    longest = dict.fromkeys(stepper.names, 0.0)
    for step in stepper.steps:
        if step.phase == "backward":
            longest[step.target] = max(longest[step.target], step.result, key=lambda x: len(format_number(x)))
    names = {name: node for node, name in stepper.names.items()}
    marks = Marks({node: node.data for node in stepper.names}, longest)
    svg = draw(stepper.root, names=names, marks=marks).render("svg").decode()
    svg = re.sub(r"<!--.*?-->", "", svg[svg.index("<svg") :], flags=re.DOTALL)
    for node in stepper.names:
        last = rf"(<title>{ids[node]}</title>(?:(?!</g>).)*<text [^>]*>grad )[^<]*"  # after those of the label
        svg = re.sub(last, rf"\g<1>{_format_known(gradients.get(node))}", svg, count=1, flags=re.DOTALL)
    return svg


def _format_known(x: float | None) -> str:
    return "?" if x is None else format_number(x)


def _table_row(stepper: Stepper, node: Value, id: str, gradient: float | None) -> str:
    name = f"<math>{label_to_mathml(stepper.names[node])}</math>"
    formula = f"<math>{stepper.narration.relation(node, 'html')}</math>" if node.inputs else ""
    numbers = f"<td>{format_number(node.data)}</td><td>{_format_known(gradient)}</td>"
    return f'<tr data-node="{id}"><th scope="row">{name}</th><td>{formula}</td>{numbers}</tr>'


def _steps_json(stepper: Stepper, ids: dict[Value, str]) -> str:
    """The steps for the script, without < and >, so that no label ends the element that holds them."""
    times_met: Counter[tuple[str, Value]] = Counter()  # an edge from x to x * x is there twice
    steps: list[dict[str, Any]] = []
    for step in stepper.steps:
        title, *lines = stepper.narration.lines(step)
        formulas = (format_formula(f, "html", digits=5) for f in stepper.narration.formulas(step))
        entry: dict[str, Any] = {
            "phase": step.phase,
            "target": ids[step.target],
            "result": format_number(step.result),
            "title": title[:1].upper() + title[1:],
            "text": ". ".join(line.strip() for line in lines),
            "formula": "".join(f"<div><math displaystyle='true'>{text}</math></div>" for text in formulas),
        }
        if step.input is not None:
            edge = f"{ids[step.input]}->{ids[step.node]}o"
            entry["edge"] = [edge, times_met[edge, step.node]]
            times_met[edge, step.node] += 1
        steps.append(entry)
    leaves = {ids[node]: format_number(node.data) for node in stepper.names if not node.inputs}
    return json.dumps({"steps": steps, "leaves": leaves}).replace("<", "\\u003c").replace(">", "\\u003e")
