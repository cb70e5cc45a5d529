"""Labels in drawings: stacked indices, and escaped text."""

import json
import random
from xml.etree import ElementTree

import graphviz
import pytest
from hypothesis import given

from tests.labels import HOSTILE, KNOWN, OTHER, any_text
from tests.layout_program import needs_dot, run_layout_program
from viz.drawing.dot_labels import escape_html, escape_quoted, to_dot
from viz.math.formats.text import label_to_unicode


def test_dot_stacks_indices_and_slants_letters_only() -> None:
    fragment = to_dot("w_i1^(1)", size=20)
    assert fragment.startswith("<TABLE ")
    assert 'ROWSPAN="2" ALIGN="RIGHT"><FONT POINT-SIZE="20"><I>w</I></FONT>' in fragment
    assert 'VALIGN="BOTTOM"><FONT POINT-SIZE="13">(1)</FONT>' in fragment
    assert 'VALIGN="TOP"><FONT POINT-SIZE="13"><I>i</I>1</FONT>' in fragment
    assert to_dot("learning rate") == '<FONT POINT-SIZE="14">learning rate</FONT>'


def test_bold_letters_are_upright() -> None:
    assert to_dot("y_bold_hat", size=20) == '<FONT POINT-SIZE="20"><B>ŷ</B></FONT>'


@pytest.mark.parametrize("size", [0, -1, 256, 9.5])
def test_dot_size_is_checked(size: int) -> None:
    with pytest.raises(ValueError, match=f"from 1 to 255, not {size}"):
        to_dot("x", size)


@given(any_text)
def test_an_empty_label_is_drawn_as_a_space(text: str) -> None:
    assert escape_html(text)


def random_texts(count: int) -> list[str]:
    rng = random.Random(0)
    points = [chr(rng.randrange(0x110000)) for _ in range(60)]
    return ["".join(rng.choices(HOSTILE + points, k=rng.randrange(10))) for _ in range(count)]


def shown(text: str) -> str:
    return " ".join(
        label_to_unicode("\ue000" + text)[1:].split()
    )  # the private character keeps a symbol from being one


@needs_dot
def test_the_drawn_text_is_the_label_and_is_not_markup() -> None:
    texts = random_texts(200) + OTHER
    graph = graphviz.Graph()
    for i, text in enumerate(texts):
        graph.node(f"h{i}", label=f"<<FONT>{escape_html(text)}</FONT>>")
        graph.node(f"p{i}", label=escape_quoted(text))
    drawing = run_layout_program(graph.source, "svg")
    svg = "{http://www.w3.org/2000/svg}"
    nodes = [group for group in ElementTree.fromstring(drawing).iter(f"{svg}g") if group.get("class") == "node"]
    drawn = {
        node.findtext(f"{svg}title"): " ".join("".join(t.text or "" for t in node.iter(f"{svg}text")).split())
        for node in nodes
    }
    assert len(nodes) == 2 * len(texts)
    for i, text in enumerate(texts):
        assert drawn[f"h{i}"] == shown(text)
        assert drawn[f"p{i}"] == shown(text)


@needs_dot
def test_every_label_draws_without_a_warning() -> None:
    labels = [label for label, _, _ in KNOWN] + OTHER + random_texts(200)
    graph = graphviz.Graph(node_attr={"fontname": "Times"})
    for i, label in enumerate(labels):
        graph.node(f"n{i}", label=f"<{to_dot(label)}>")
        graph.node(f"t{i}", label=f"<<TABLE><TR><TD>{to_dot(label, 20)}</TD></TR></TABLE>>")
    assert len(json.loads(run_layout_program(graph.source, "json"))["objects"]) == 2 * len(labels)
