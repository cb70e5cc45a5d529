"""The stepper as one self-contained HTML page, made of `page.html`, `view.html`, `page.css` and `page.js`.

Its content security policy allows the style and the script of the page itself, by their hashes, and nothing else.
"""

from __future__ import annotations

import base64
import hashlib
import html
import json
from contextlib import suppress
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from engine import Value, toposort
from engine._support import checks
from viz.drawing.graphs import Marks
from viz.math.formats.html import label_to_mathml
from viz.math.formulas import format_number
from viz.pages.pictures import Ids, drawn_number, picture_svg
from viz.stepping.narration import Narration

if TYPE_CHECKING:
    from viz.stepping.stepper import Stepper

TITLES = {"paper": "as in the paper", "all": "every operation"}  # of views


def page_html(stepper: Stepper, title: str = "") -> str:
    """The page as HTML, in the view of the stepper; the other view can be chosen, if it differs and can be drawn.

    Raises ValueError for a graph too large to be drawn, DrawingError without the program `dot`.
    """
    checks.check_instance(title, str, "a title must be text")
    template, style, script = (_read(part) for part in ("page.html", "page.css", "page.js"))
    ids = {node: f"n{i}" for i, node in enumerate(toposort(stepper.root), 1)}  # the names that `draw` gives
    shown, *others = stepper.narrations()
    narrations, views = [shown], [_view(shown, ids)]
    for other in others:
        with suppress(ValueError):  # too large
            views.append(_view(other, ids, " hidden"))
            narrations.append(other)
    name = shown.name(stepper.root) if stepper.root in shown.names else "the output"
    return template.format(
        policy=f"default-src 'none'; style-src {_policy_source(style)}; script-src {_policy_source(script)}",
        title=html.escape(title or f"Step by step: {name}"),
        note=stepper.note and f"<p>{html.escape(stepper.note)}</p>",
        style=style,
        script=script,
        last=len(stepper.steps),
        switch=_switch(narrations) if len(narrations) > 1 else "",
        views="".join(views),
        steps=_steps_json(narrations, ids),
    )


def frame_html(stepper: Stepper) -> str:
    """The page in a sandboxed frame, for notebooks."""
    source = html.escape(page_html(stepper))
    return f'<iframe sandbox="allow-scripts" srcdoc="{source}" width="100%" height="720" style="border: 0"></iframe>'


def _read(part: str) -> str:
    return (files("viz.pages") / part).read_text(encoding="utf-8")


def _policy_source(text: str) -> str:
    """The hash of a style or a script, as the policy names it."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _switch(narrations: list[Narration]) -> str:
    options = (f'<option value="{name}">{TITLES[name]}</option>' for name in (found.view.name for found in narrations))
    return f'<label>View <select id="view">{"".join(options)}</select></label>'


def _view(narration: Narration, ids: Ids, hidden: str = "") -> str:
    """The drawing and the table of a view."""
    gradients: dict[Value, float] = {}
    longest = dict.fromkeys(narration.names, 0.0)
    for step in narration.steps:
        if step.phase == "backward":
            gradients[step.target] = step.result  # the last one is complete
            longest[step.target] = max(longest[step.target], step.result, key=lambda x: len(drawn_number(narration, x)))
    values = {node: node.data for node in narration.names}
    svg = picture_svg(narration, ids, Marks(values, gradients), Marks(values, longest))
    rows = "\n".join(_table_row(narration, node, ids[node], gradients.get(node)) for node in narration.names)
    return _read("view.html").format(name=narration.view.name, hidden=hidden, svg=svg, rows=rows)


def _table_row(narration: Narration, node: Value, id: str, gradient: float | None) -> str:
    name = f"<math>{label_to_mathml(narration.view.labels[node])}</math>"
    formula = f"<math>{narration.relation(node, 'html')}</math>" if node.inputs else ""
    known = "?" if gradient is None else format_number(gradient)
    numbers = f"<td>{format_number(node.data)}</td><td>{known}</td>"
    return f'<tr data-node="{id}"><th scope="row">{name}</th><td>{formula}</td>{numbers}</tr>'


def _steps_json(narrations: list[Narration], ids: Ids) -> str:
    """The steps of each view for the script, without < and >, so that no label ends the element that holds them.

    `places` has for each number of steps that are done in a view the number in the other view.
    """
    views: list[dict[str, Any]] = []
    for narration, other in zip(narrations, narrations[::-1], strict=True):
        names = narration.names
        views.append(
            {
                "name": narration.view.name,
                "steps": [_step_entry(narration, n, ids) for n in range(len(narration.steps))],
                "leaves": {ids[node]: _both_texts(narration, node.data) for node in names if not node.inputs},
                "places": [other.steps.same_place(narration.steps, n) for n in range(len(narration.steps) + 1)],
            }
        )
    return json.dumps({"views": views}).replace("<", "\\u003c").replace(">", "\\u003e")


def _both_texts(narration: Narration, number: float) -> list[str]:
    """A number as it stands in the table, and in the drawing."""
    return [format_number(number), drawn_number(narration, number)]


def _step_entry(narration: Narration, n: int, ids: Ids) -> dict[str, Any]:
    step = narration.steps[n]
    title, *lines = narration.lines(step)
    formulas = (narration.format(formula, "html") for formula in narration.formulas(step))
    return {
        "phase": step.phase,
        "target": ids[step.target],
        "result": _both_texts(narration, step.result),
        "title": title[:1].upper() + title[1:],
        "text": ". ".join(line.strip() for line in lines),
        "formula": "".join(f"<div><math displaystyle='true'>{text}</math></div>" for text in formulas),
        "edge": f"{ids[step.node]}-{step.index}" if step.input is not None else "",
    }
