"""A label is text and stays text: in DOT, SVG, HTML, LaTeX, generated programs, and the shell."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from engine import Value, compile, dot, explain, label
from engine.labels import parse_label, starts_with_weight_letter
from tests import share
from tests.fuzz.inputs import FRAGMENTS, labels
from tests.fuzz.outcomes import outcome
from tests.layout_program import needs_dot, run_layout_program
from viz import Stepper, backpropagation_table, draw, draw_network
from viz.math.formats import FORMATS
from viz.math.formats.text import label_to_unicode

three = st.tuples(labels, labels, labels)
each_fragment = [tuple(FRAGMENTS[i : i + 3]) for i in range(0, len(FRAGMENTS) - 2, 3)]


def graph(names: tuple[str, str, str]) -> Value:
    """The same graph whatever the labels, with no more than one step that depends on none."""
    x, y, z = Value(0.5), Value(2.0), Value(-1.0)
    a: Value = dot([x, y], [y, z], z)
    output = a.sigmoid() + x * 3.0
    x.label, a.label, output.label = names
    output.backward()
    return output


def counts(source: str) -> tuple[int, int]:
    """How many nodes and edges the layout program finds in a drawing."""
    read = json.loads(run_layout_program(source, "json"))
    return len(read.get("objects", [])), len(read["edges"])


def is_plain(name: str) -> bool:
    """Whether a label is a word, and so gives a node no other place in a network."""
    return parse_label(name) is None and not starts_with_weight_letter(name)


@needs_dot
@settings(max_examples=share(0.15))
@given(three)
@example(tuple("".join(FRAGMENTS[i::3]) for i in range(3)))
def test_dot_finds_the_same_nodes_and_edges_whatever_the_labels(names: tuple[str, str, str]) -> None:
    output, plain = graph(names), graph(("p q", "r s", "t u"))
    found, expected = (draw(y, local_derivatives=True) for y in (output, plain))
    assert counts(found.source) == counts(expected.source)
    if all(map(is_plain, names)):
        assert counts(draw_network(output, data=True).source) == counts(draw_network(plain, data=True).source)


def shown(svg: ElementTree.Element) -> str:
    """All text of a picture, without spaces."""
    return "".join("".join(element.itertext()) for element in svg.iter() if element.tag.endswith("}text"))


def without_space(text: str) -> str:
    """Graphviz moves spaces between words of its own."""
    return re.sub(r"\s|\u200b", "", text)


@needs_dot
def test_svg_shows_hostile_labels_as_given_and_nothing_else() -> None:
    check_svg(FRAGMENTS)


@needs_dot
@settings(max_examples=share(0.1))
@given(st.lists(labels, min_size=10, max_size=40))
def test_svg_shows_any_label_as_it_was_given(names: list[str]) -> None:
    check_svg(names)


def check_svg(names: list[str]) -> None:
    """Draw a node for each label: the picture is XML that holds these texts, and neither script nor link."""
    nodes = [Value(1.0, name) for name in names if parse_label(name) is None]
    svg = ElementTree.fromstring(draw(nodes, limit=1000).render("svg")) if nodes else ElementTree.Element("svg")
    for element in svg.iter():
        assert element.tag.rpartition("}")[2] in {"svg", "g", "title", "text", "polygon", "path", "ellipse", "polyline"}
        assert not [name for name in element.attrib if name.startswith("on") or name.endswith("href")]
    found = without_space(shown(svg))
    for node in nodes:
        assert without_space(label_to_unicode(node.label)) in found


@settings(max_examples=share(0.3))
@given(three)
@example(tuple("".join(FRAGMENTS[i::3]) for i in range(3)))
def test_generated_programs_compute_the_same_whatever_the_labels(names: tuple[str, str, str]) -> None:
    given_labels, plain = programs(graph(names)), programs(graph(("p", "q", "r")))
    assert given_labels == plain


def programs(output: Value) -> list[Any]:
    """The results of the printed programs, in Python and for NumPy, and of machine code for the same graph."""
    pytest.importorskip("numpy")
    leaves = [node for node in (output.inputs[0].inputs[0]).inputs if not node.inputs][:2]
    found: list[Any] = []
    program = compile(output, leaves, leaves, backend="python")
    found.append(program.value_and_grad(0.25, 1.5))
    for target in ("python", "numpy"):
        space: dict[str, Any] = {"__name__": "generated"}
        exec(compile_text(program.source_for(target)), space)
        numbers = (0.25, 1.5) if target == "python" else ([[0.25, 1.5]],)
        value, gradient = space["value_and_grad"](*numbers, [])
        found.append((float(value), [float(g) for g in gradient]))
    pytest.importorskip("llvmlite")
    native = compile(output, leaves, leaves, backend="llvm")
    found += [native.value_and_grad(0.25, 1.5), native.llvm_ir.count("\n")]
    return found


def compile_text(text: str) -> Any:
    """The code of a module. Warnings are errors here."""
    import builtins

    return builtins.compile(text, "generated", "exec")


@settings(max_examples=share(0.3))
@given(three)
def test_tables_hold_labels_in_every_format(names: tuple[str, str, str]) -> None:
    table = backpropagation_table(graph(names))
    for format in FORMATS:
        document = table.sheet().document(format)
        assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]", document)
    html = table.sheet().html()
    assert "<script" not in html
    assert "<img" not in html
    ElementTree.fromstring(html.replace("&nbsp;", "&#160;"))


@pytest.mark.skipif(
    shutil.which("pdflatex") is None, reason="needs pdflatex; tests/viz/math/test_formats.py counts braces"
)
def test_latex_of_hostile_labels_compiles(tmp_path: Path) -> None:
    ascii_only = [name.encode("ascii", "ignore").decode() or "x" for name in FRAGMENTS]
    names = ("".join(ascii_only[0::3]), "".join(ascii_only[1::3]), "".join(ascii_only[2::3]))
    (tmp_path / "t.tex").write_text(backpropagation_table(graph(names)).sheet().document("latex"), encoding="utf-8")
    subprocess.run(
        ["pdflatex", "-no-shell-escape", "-halt-on-error", "-interaction=nonstopmode", "t.tex"],
        cwd=tmp_path,
        check=True,
        stdout=subprocess.DEVNULL,
    )


@settings(max_examples=share(0.5))
@given(three)
def test_whatever_speaks_of_a_node_can_name_it(names: tuple[str, str, str]) -> None:
    output = graph(names)
    stepper = Stepper(output)
    for node in stepper.names:
        for say in (stepper.state, stepper.paths, stepper.sum):
            assert not isinstance(outcome(say, node), BaseException)
    for _ in stepper.steps:
        assert repr(stepper.step())
    assert repr(explain(output, output.inputs[0].inputs[0]))
    assert "\n" not in label_to_unicode(names[0])


def test_a_label_that_is_no_text_is_refused_where_it_is_given() -> None:
    wrongs: list[Any] = [None, 5, b"x", ["x"]]
    for wrong in wrongs:
        with pytest.raises(TypeError, match="a label is text such as 'x' or 'w_11', not"):
            Value(1.0, wrong)
    label(x=Value(1.0))
