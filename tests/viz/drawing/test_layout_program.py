"""Drawings where the program `dot` is missing: graphviz-pure draws them alike, and errors say what is needed."""

from __future__ import annotations

import random
import re
from importlib.metadata import PackageNotFoundError, files
from pathlib import Path
from typing import Any

import pytest

from engine import Value
from engine._support.typed_commands import install_command
from nn import MLP
from tests import thorough_unless
from tests.layout_program import needs_graphviz
from tests.paper_graphs import figure_4
from tests.viz.drawing.dot_reading import dot_layouts
from viz import Drawing, DrawingError, Film, draw, draw_network, live
from viz.drawing import dot_program


def _is_there() -> bool:
    try:
        return files(dot_program.PORT) is not None
    except PackageNotFoundError:
        return False


pytestmark = pytest.mark.skipif(not _is_there(), reason="graphviz-pure, the extra `dot`, is not installed")


@pytest.fixture
def no_programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A PATH without programs: graphviz-pure is found beside the Python that runs."""
    monkeypatch.setenv("PATH", str(tmp_path))


def network() -> Value:
    error = figure_4()
    error.backward()
    return error


def layer() -> Value:
    out = MLP(3, [4, 1], rng=random.Random(0))([0.5, -1.0, 1.5])
    assert isinstance(out, Value)
    out.backward()
    return out


DRAWINGS = {
    "network": lambda: draw_network(network(), short=True, data=True, gradients=True),
    "network, top to bottom": lambda: draw_network(layer(), direction="TB"),
    "network of a given size": lambda: draw_network(network(), theme="slide"),
    "graph": lambda: draw(network(), data=True, gradients=True),
    "graph, top to bottom": lambda: draw(layer(), direction="TB"),
    "film": lambda: Film(network()).drawing,
}


def centres(layout: dict[str, Any]) -> dict[str, tuple[float, float]]:
    """The place of each node in parts of the picture's width and height."""
    left, bottom, right, top = map(float, layout["bb"].split(","))
    return {
        node["name"]: ((x - left) / (right - left), (y - bottom) / (top - bottom))
        for node in layout["objects"]
        if "pos" in node
        for x, y in [map(float, node["pos"].strip("!").split(","))]
    }


@needs_graphviz
@thorough_unless(lambda name: name == "graph, top to bottom")
@pytest.mark.parametrize("name", DRAWINGS)
def test_graphviz_pure_draws_as_dot_does(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    drawing = DRAWINGS[name]()
    (wanted,) = dot_layouts(drawing)
    texts = re.findall(r">([^<>\n]+)</text>", drawing.render("svg").decode())
    monkeypatch.setenv("PATH", str(tmp_path))
    (found,) = dot_layouts(drawing)
    assert re.findall(r">([^<>\n]+)</text>", drawing.render("svg").decode()) == texts
    assert drawing.render("png", dpi=72)
    most = (
        0.15 if name.startswith("graph") else 0.06
    )  # the programs choose the places of a graph, we those of a network
    places = centres(found)
    for node, place in centres(wanted).items():
        assert places[node] == pytest.approx(place, abs=most), node


@pytest.mark.usefixtures("no_programs")
def test_pages_are_drawn_without_dot() -> None:
    text = live(network()).html()
    assert len(re.findall(r'<figure data-view="\w+"[^>]*><svg', text)) == 2
    assert "is not drawn" not in text


@pytest.mark.usefixtures("no_programs")
def test_pdf_needs_dot_and_says_so(tmp_path: Path) -> None:
    with pytest.raises(DrawingError, match=r"^PDF needs the program 'dot'.* graphviz-pure.* apt install graphviz"):
        Drawing("digraph { x }").save(tmp_path / "x.pdf")
    assert (tmp_path / "x.dot").exists()
    pytest.importorskip("pypdf")
    with pytest.raises(DrawingError, match=r"^PDF needs the program 'dot'"):
        Film(network()).save(tmp_path / "deck.pdf")


@pytest.mark.usefixtures("no_programs")
def test_an_error_names_the_program_that_ran() -> None:
    with pytest.raises(DrawingError, match=r"^The program 'graphviz-pure' failed: .*syntax error"):
        Drawing("digraph { x -> ").render("svg")


@pytest.mark.usefixtures("no_dot")
@pytest.mark.parametrize("format", ["svg", "png", "pdf"])
def test_without_either_the_error_says_how_to_get_one(format: str) -> None:
    with pytest.raises(DrawingError) as raised:
        Drawing("digraph { x }").render(format)
    assert f"Install one: {install_command('dot')}, apt install graphviz, " in str(raised.value)
