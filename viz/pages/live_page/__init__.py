"""A page that computes: change a number of a graph, and see every number follow.

The page is one file that needs no network. Its script is the graph as JavaScript (`engine.compiler.targets.javascript`)
and the files of this folder; its policy allows that script and the page's style, by their hashes, and nothing else.
"""

from __future__ import annotations

import base64
import hashlib
import html
import os
import re
from collections.abc import Iterable, Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from types import NoneType
from typing import Any, TypeVar

from engine import Value
from engine._support import checks
from engine._support.safe_files import write_atomically
from viz.math.sheet import Sheet
from viz.pages.live_page import parts
from viz.pages.live_page.live_numbers import LiveEquation, live_table, number, put_in
from viz.pages.live_page.model import LiveGraph
from viz.pages.live_page.script_data import ScriptData
from viz.pages.live_page.style import colours

__all__ = ["LiveEquation", "LiveGraph", "LivePage", "live", "live_table", "number", "put_in"]

T = TypeVar("T")
# Texts of JavaScript: strings, and templates, in which there may be others.
_INNER_TEMPLATE = r"`(?:[^`$]|\$(?!\{)|\$\{[^`{}]*\})*`"
_TEXT = rf'"(?:[^"\\]|\\.)*"|`(?:[^`$]|\$(?!\{{)|\$\{{(?:[^`{{}}]|{_INNER_TEMPLATE})*\}})*`'
_PATTERN = r"(?:(?<=[(,=!])|(?<=[(,=!] ))/(?:[^/\\[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+/"  # a regular expression
FRAME = 'width="100%" height="760" style="border: 0"'  # of a notebook
SUFFIXES = (".html", ".htm", "")  # of files: another is the name of something else, perhaps
STYLE = "page.css"
SCRIPTS = [
    f"{name}.js"
    for name in (
        "numbers", "views", "sentences", "rules", "questions", "state", "address", "paint", "inspector", "lead",
        "editing", "choosing", "timeline", "asking", "size", "equations", "training", "python", "start",
    )
]  # fmt: skip


class LivePage:
    """A page that computes a graph; made by `viz.live`.

    Args:
        graph: The graph.
        title: The title; by default, it names the output.
        equations: Equations beside the graph, which mark what they are about.
        tables: Tables whose numbers follow, such as `live_table(backpropagation_table(root))`.
        note: A sentence below the title.
        step: The step at which the page opens; by default the end, where all numbers are known.
    """

    def __init__(
        self,
        graph: LiveGraph,
        title: str = "",
        *,
        equations: Sequence[LiveEquation] = (),
        tables: Iterable[Sheet] = (),
        note: str = "",
        step: int | None = None,
    ) -> None:
        self.graph = graph
        self.title = title or f"{graph.text(graph.root)} and its derivatives"
        self.note = note
        self.step = step
        self._equations = equations
        self._data = ScriptData(graph, equations, tables)

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the page as one file of HTML, and return its path.

        Raises ValueError for a suffix other than .html and .htm, OSError if the file cannot be written.
        """
        if Path(path).suffix.lower() not in SUFFIXES:
            raise ValueError(f"cannot save {path}: the suffix of a page must be one of .html, .htm")
        return write_atomically(path, self.html())

    def _repr_html_(self) -> str:
        source = html.escape(self.html())
        return f'<iframe sandbox="allow-scripts" srcdoc="{source}" {FRAME}></iframe>'

    def __repr__(self) -> str:
        nodes = len(self.graph.order)
        return f"<live page of {self.graph.names[self.graph.root]}, {nodes} nodes; .save('page.html') writes it>"

    def html(self) -> str:
        """The page as HTML."""
        graph, style = self.graph, compact_style(colours() + _read(STYLE))
        script = compact("\n".join([self._data.module(self.step), *map(_read, SCRIPTS)]))
        policy = "default-src 'none'; base-uri 'none'; form-action 'none'"
        return _read("page.html").format(
            policy=f"{policy}; style-src {_policy_source(style)}; script-src {_policy_source(script)}",
            title=html.escape(self.title),
            note=self.note and f"\n<p>{html.escape(self.note)}</p>",
            style=style,
            script=script,
            figures="\n".join(parts.figure(graph, view) for view in graph.views),
            switch=parts.switch(graph),
            alternatives=parts.alternatives(graph),
            outputs=parts.outputs(graph),
            equations=parts.equations(self._equations, self._data.equation_lines),
            tables="\n".join(f'<section class="sheet">{table}</section>' for table in self._data.tables),
            rows="\n".join(parts.rows(graph, self._data.relations)),
            steps="\n".join(f"<li>{html.escape(line)}</li>" for line in graph.steps()),
            paths=html.escape("\n".join(graph.paths())),
            formulas="\n".join(parts.formulas(graph)),
        )


def _policy_source(text: str) -> str:
    """The hash of a style or a script, as the policy names it."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def compact_style(style: str) -> str:
    """A style without comments, and without spaces where none is needed.

    >>> compact_style("p { margin: 0; color: red } /* plain */")
    'p{margin:0;color:red}'
    """
    without_comments = re.sub(r"/\*.*?\*/", "", style, flags=re.DOTALL)
    without_spaces = re.sub(r"(?<=:)\s+", "", re.sub(r"\s*([{};,>~/!])\s*", r"\1", without_comments)).strip()
    return re.sub(r"(?<![\w.])0(?=\.\d)", "", without_spaces)


def compact(program: str) -> str:
    """A program of JavaScript without comments, breaks and spaces that it does not need; its names stay.

    >>> compact("// Twice.\\nfunction twice(\\n  x, // a number\\n) {\\n  return 2 * x;\\n}")
    'function twice(x){return 2*x}'
    >>> compact("const half = (x) => x / 2;\\nconst y = [1, 2].map((x) => half(x));")
    'let half=x=>x / 2,y=[1,2].map(x=>half(x));'
    """
    lines = (re.sub(r"(?<=[;,{}(]) // .*", "", line).strip() for line in program.split("\n"))
    kept = "\n".join(_without_spaces(line) for line in lines if line and not line.startswith(("//", "/*", "*")))
    joined = re.sub(r"(?<=[(\[,=>;{}])\n|\n(?=[?:.}])", "", re.sub(r",?\n(?=[)\]])", "", kept))
    parameter = r"(?<!\w)\((\w+)\)(?= ?=>)"
    shorter = re.sub(rf"({_TEXT})|;(?=\}})|{parameter}", lambda found: found[1] or found[2] or "", joined)
    return re.sub(
        rf"({_TEXT})|\b(undefined|const(?=[ {{\[]))\b",
        lambda found: found[1] or {"undefined": "void 0", "const": "let"}[found[2]],
        _with_joined_constants(shorter),
    )


def _with_joined_constants(program: str) -> str:
    """The program with declarations of constants that follow each other as one, const a=1,b=2;."""
    parts: list[str] = []
    is_declaring, has_just_ended = [False], False  # within each of the open brackets; whether a declaration ended
    for part in re.findall(rf"{_TEXT}|{_PATTERN}|\bconst |[\s\S]", program):
        if part == "const ":
            if has_just_ended:
                parts[-1], part = ",", ""
            is_declaring[-1] = True
        elif part in "([{":
            is_declaring.append(False)
        elif part in ")]}":
            is_declaring.pop()
        has_just_ended = part == ";" and is_declaring[-1]
        is_declaring[-1] &= part != ";"
        parts.append(part)
    return "".join(parts)


def _without_spaces(line: str) -> str:
    """A line without spaces beside signs; one that is part of a text, or where signs would touch, stays as it is."""
    if re.search("[`/]|- ?-|[+] ?[+]", re.sub(f"{_TEXT}|{_PATTERN}| / ", "", line)):
        return line
    return re.sub(rf"({_TEXT}|{_PATTERN})| ?([{{}}()\[\],;:?=<>|&*!+-]+) ?", lambda found: found[1] or found[2], line)


def _read(name: str) -> str:
    return files(__name__).joinpath(name).read_text(encoding="utf-8")


def live(
    root: Value,
    *,
    names: Mapping[str, Any] | None = None,
    constants: bool = False,
    parameters: Iterable[Value] | None = None,
    title: str = "",
    equations: Sequence[LiveEquation] = (),
    tables: Iterable[Sheet] = (),
    alternatives: Mapping[str, Value] | None = None,
) -> LivePage:
    """A page in which the numbers of a graph can be changed, and every value and derivative follows.

    A notebook shows it; `save` writes it as one file of HTML. The derivatives are those of `root`, or of any node that
    is chosen in the page. Two views show every operation, or as in the paper, the named nodes alone.

    Args:
        root: The output.
        names: Names for nodes without labels: `names=locals()`.
        constants: Whether constants, such as the 2 of `2 * x`, can be changed too.
        parameters: The leaves that training in the page changes; by default, the weights and biases, but where the
            output is not an error, without factors that are weights by their letter alone.
        title: The title of the page.
        equations: Equations beside the graph, see `viz.pages.live_page.live_numbers`; one that is chosen marks what it
            is about, as does the address `#eq=38`.
        tables: Tables whose numbers follow.
        alternatives: Graphs of the same leaves and names with other operations, which can be chosen by these names.

    Raises TypeError if an argument is of a wrong type, such as a `root` that is not a `Value`, and ValueError for more
    than 5000 nodes, for parameters that are not variables of the graph, and for an alternative that differs in more
    than its operations.

    >>> x = Value(1.5, "x")
    >>> live(x * x + 1.0)
    <live page of y, 4 nodes; .save('page.html') writes it>
    """
    checks.check_instance(title, str, "a title must be text")
    equations = _check_list(equations, LiveEquation, "equations must be a list of LiveEquation")
    tables = _check_list(tables, Sheet, "tables must be a list of live tables")
    needs = "alternatives must be a mapping from names to outputs"
    checks.check_instance(alternatives, (Mapping, NoneType), needs)
    graph = LiveGraph(root, names, parameters, constants=constants, alternatives=alternatives)
    return LivePage(graph, title, equations=equations, tables=tables)


def _check_list(given: Iterable[T], kind: type[T], needs: str) -> list[T]:
    checks.check_instance(given, Iterable, needs)
    found = list(given)
    for item in found:
        checks.check_instance(item, kind, needs)
    return found
