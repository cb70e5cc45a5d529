"""Drawings read back: from their DOT text, and from what the layout program makes of it."""

import html
import json
import re
from typing import Any, NamedTuple
from xml.etree import ElementTree

from tests.layout_program import run_layout_program
from viz import Drawing

# Labels that break a drawing, or change its meaning, if they are written to DOT unescaped.
HOSTILE_LABELS = [
    '"',
    "'",
    'say "x"',
    "<",
    ">",
    "<b>",
    "<b>x</b>",
    "</TABLE>",
    "<!-- x -->",
    "&",
    "&amp;",
    "&#65;",
    "&nosuch;",
    "\\",
    "\\N",
    "\\G\\l",
    "x\\",
    "line\nbreak",
    "\r\nx",
    "tab\tstop",
    ":",
    "a:b:c",
    "]",
    "[x]",
    "]]>",
    "{x|<f>y}",
    "nul\0byte",
    "\ud800",
    "x\udfffy",
    "-> injected",
    'x"] injected [label="',
    "x; injected -> y",
    "// x",
    "#",
    " ",
]  # fmt: skip


class DotNode(NamedTuple):
    """A node in DOT text: its text, its position and half its width in inches; 0 for text without a shape."""

    text: str
    x: float = 0.0
    y: float = 0.0
    radius: float = 0.0


class DotGraph(NamedTuple):
    """A graph in DOT text: the nodes by their ids, and the tail, head and label of each edge."""

    nodes: dict[str, DotNode]
    edges: list[tuple[str, str, str]]


def read_dot(drawing: Drawing) -> DotGraph:
    """Read DOT text as the package `graphviz` writes it, with a line for each part."""
    nodes, edges = {}, []
    for line in drawing.source.splitlines()[1:-1]:
        if edge := re.fullmatch(r"\t(\w+) -> (\w+)(?: \[(.*)\])?", line):
            label = re.search(r'label=("[^"]*"|[^\s\]]+)', edge[3] or "")
            edges.append((edge[1], edge[2], label[1].strip('"') if label else ""))
        elif node := re.fullmatch(r'\t(\w+) \[label=(<<.*?>>|"(?:\\.|[^"\\])*"|\S+?)((?: .*)?)\]', line):
            assert node[1] not in nodes, f"two nodes have the id {node[1]}"
            place = re.search(r'pos="(\S+),(\S+)"', node[3])
            x, y = (float(place[1]) / 72, float(place[2]) / 72) if place else (0.0, 0.0)
            width = re.search(r"width=(\S+)", node[3])
            nodes[node[1]] = DotNode(read_label(node[2]), x, y, float(width[1]) / 2 if width else 0.0)
        else:
            assert re.fullmatch(r"\t(graph|node|edge) \[.*\]", line), f"not a line of a drawing: {line!r}"
    return DotGraph(nodes, edges)


def read_label(label: str) -> str:
    """The text of a label as it would be typed, w_11^(1); a dotted line before a cell is read as |."""
    if not label.startswith("<"):
        return html.unescape(re.sub(r"\\(.)", r"\1", label.strip('"')))
    text = _text(ElementTree.fromstring(label.removeprefix("<").removesuffix(">")))
    return " ".join(re.sub(r"(\^\S+?)(_\S+)", r"\2\1", text).split())


def _text(element: ElementTree.Element) -> str:
    inside = (element.text or "") + "".join(_text(child) + (child.tail or "") for child in element)
    if element.get("VALIGN"):
        return inside.strip() and {"BOTTOM": "^", "TOP": "_"}[element.attrib["VALIGN"]] + inside
    if element.get("STYLE") == "dotted" and element.get("SIDES") == "L":
        return f" | {inside}"
    return f" {inside}" if element.tag == "TD" else inside


def run_dot(*drawings: Drawing, format: str = "json") -> str:
    """The output of the layout program for several drawings; it must succeed without a warning."""
    source = "\n".join(drawing.source for drawing in drawings)
    return run_layout_program(source, format)


def dot_layouts(*drawings: Drawing) -> list[dict[str, Any]]:
    """The layouts that `dot` computes for drawings."""
    text, decoder, found = run_dot(*drawings), json.JSONDecoder(), []
    while text := text.lstrip():
        layout, end = decoder.raw_decode(text)
        found.append(layout)
        text = text[end:]
    return found


def drawn_texts(*drawings: Drawing) -> set[str]:
    """All texts in the pictures that `dot` draws."""
    pages = re.findall(r"<svg.*?</svg>", run_dot(*drawings, format="svg"), re.DOTALL)
    texts = {
        "".join(element.itertext())
        for page in pages
        for element in ElementTree.fromstring(page).iter()
        if element.tag.endswith("}text")
    }
    return {" ".join(text.split()) for text in texts}


def visible(labels: list[str]) -> set[str]:
    """The drawn text of labels that are not symbols: spaces for line breaks, � for characters without a shape."""
    shapeless = str.maketrans(dict.fromkeys("\0\ud800\udfff", "\ufffd"))
    return {" ".join(label.translate(shapeless).split()) for label in labels}
