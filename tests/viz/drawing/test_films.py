"""Films: the order in which numbers appear, and their values."""

from __future__ import annotations

import base64
import re
import sys
import unicodedata
from pathlib import Path
from random import Random
from typing import Any, cast
from xml.etree import ElementTree

import pytest
from pypdf import PageObject, PdfReader

from engine import Value, dot, label, toposort
from engine._support.typed_commands import install_command
from nn import MLP, half_squared_error
from tests import thorough_unless
from tests.layout_program import needs_dot, needs_graphviz
from tests.paper_graphs import figure_2, figure_4
from tests.viz.drawing.dot_reading import HOSTILE_LABELS, dot_layouts, read_dot
from tests.viz.drawing.network_reading import skipping
from viz import THEMES, Drawing, Film, Theme
from viz.drawing.animation import REST_BEATS
from viz.drawing.networks import network_diagram
from viz.drawing.themes import choose_theme
from viz.math.formulas import format_number

FIGURE_4 = figure_4()
PARTS = {"svg", "style", "g", "polygon", "path", "ellipse", "polyline", "text"} | {"defs", "linearGradient", "stop"}


def frame(svg: str, beat: int, beats: int) -> dict[str, list[str]]:
    """The texts, captions, parts of rings and highlighted shapes that are shown in the middle of a beat."""
    rules = {}
    for name, body in re.findall(r"@keyframes (\w+) \{(.*?)\} \.\w+ \{", svg):
        moments = [(float(at), style) for at, style in re.findall(r"([\d.]+)% \{(.*?)\}", body)]
        rules[name] = [style for at, style in moments if at < 100 * (beat + 0.5) / (beats + REST_BEATS)][-1]
    root = ElementTree.fromstring(svg)
    found: dict[str, list[str]] = {"texts": [], "captions": [], "rings": [], "marked": []}

    def walk(element: ElementTree.Element, is_shown: bool) -> None:
        rule = rules.get(element.get("class", "").removeprefix("m "), "")
        is_shown = "visible" in rule or (is_shown and "hidden" not in rule)
        tag = element.tag.rpartition("}")[2]
        if tag == "text" and is_shown:
            found["texts"].append((element.text or "").replace("\u00a0", " "))
        if tag == "g" and "visible" in rule:
            words = "".join(element.itertext()).strip()
            found["captions" if words else "rings"].append(words)
        if "stroke-width: 2.5" in rule:
            found["marked"].append(tag)
        for child in element:
            walk(child, is_shown)

    walk(root, True)
    return found


def letters(text: str) -> list[str]:
    """The letters and digits of a formula, however it is set."""
    return sorted(re.sub(r"[\s/()]", "", unicodedata.normalize("NFKC", text).replace("′", "'")))


def test_a_film_goes_forward_then_backward_through_every_node() -> None:
    beats = Film(FIGURE_4).beats
    assert [beat.phase for beat in beats] == ["forward"] * 11 + ["backward"] * 14
    assert beats[10].node.label == beats[11].node.label == "E"
    assert {beat.node.label for beat in beats[-2:]} == {"x_1", "x_2"}


def test_numbers_appear_before_they_are_used() -> None:
    known: set[tuple[str, Value]] = set()
    for beat in Film(FIGURE_4).beats:
        for other in beat.others:
            assert (beat.phase, other) in known or (beat.phase == "forward" and not other.inputs)
        known.add((beat.phase, beat.node))


def test_the_sum_over_paths_is_written_out() -> None:
    captions = [beat.caption for beat in Film(figure_2()).beats]
    assert captions[-1] == "∂y/∂x = ∂y/∂a₁ · 3 + ∂y/∂a₂ · (−1) = 6 + (−1) = 5"


def test_the_numbers_are_those_of_backpropagation() -> None:
    E = figure_4()
    E.backward()
    own = {node.label: node for node in toposort(E)}
    for beat in Film(E).beats:
        if beat.node.label in own:
            assert beat.node.grad == own[beat.node.label].grad
        total = beat.node.data if beat.phase == "forward" else beat.node.grad
        assert beat.caption.endswith(f"= {format_number(total, 4)}")


def test_the_users_graph_does_not_change() -> None:
    x = Value(1.5, "x")
    y = x * x
    y.label, x.data, x.grad = "y", 2.0, 7.0
    assert Film(y).beats[0].caption == "y = x · x = 4"
    assert (y.data, x.grad, y.grad) == (2.25, 7.0, 0.0)


def test_the_last_picture_is_that_of_draw_network() -> None:
    error = figure_4()
    error.backward()
    options: dict[str, Any] = {"short": True, "theme": "dark", "size": 8.0}
    diagram, _ = network_diagram(error, data=True, gradients=True, short=True)
    for arrow in diagram.arrows:
        arrow.derivative = ""  # no beat reveals it
    assert Film(FIGURE_4, **options).drawing.source == diagram.draw(theme=choose_theme("dark", size=8.0)).source


def test_names_and_weights_are_as_in_draw_network() -> None:
    u, x = Value(2.0, "u"), Value(1.5)
    film = Film(u * x, weights=[u], names={"x": x})
    assert film.beats[-1].caption == "∂output/∂x = ∂output/∂output · u = 2"
    assert u not in {beat.node for beat in film.beats}


def test_each_node_of_a_film_has_a_name_of_its_own() -> None:
    assert [beat.caption for beat in Film(2 * Value(1.0)).beats] == [
        "output = 2 · #1 = 2",
        "∂output/∂output = 1",
        "∂output/∂#1 = ∂output/∂output · 2 = 2",
    ]
    film = Film(Value(2.0))
    assert [beat.caption for beat in film.beats] == ["∂output/∂output = 1"]
    assert repr(film).startswith("<film of 1 number, 6 seconds; ")
    x = Value(1.0, "x")
    y = 2 * x
    y.label = "x"
    assert [beat.caption for beat in Film(y).beats] == [
        "x#2 = 2 · x#1 = 2",
        "∂x#2/∂x#2 = 1",
        "∂x#2/∂x#1 = ∂x#2/∂x#2 · 2 = 2",
    ]
    assert (x.label, y.label) == ("x", "x")


def test_one_weight_may_be_given_by_itself() -> None:
    u, x = Value(2.0, "u"), Value(1.5, "x")
    assert [beat.caption for beat in Film(u * x, weights=u).beats] == [
        beat.caption for beat in Film(u * x, weights=[u]).beats
    ]
    with pytest.raises(TypeError, match="weights must be a Value or a list of them, not 3"):
        Film(u * x, weights=cast(Any, 3))


@needs_dot
def test_values_appear_and_then_derivatives() -> None:
    film = Film(FIGURE_4, short=True)
    svg, n = film.svg(), len(film.beats)
    first, turn, last = (frame(svg, beat, n) for beat in (0, 10, n - 1))
    assert {"1.5", "0.875"} <= set(first["texts"])
    assert not {"0.7058", "0.08827"} & set(first["texts"])
    assert {"0.7058", "0.6702", "0.08827"} <= set(turn["texts"])
    assert not [text for text in turn["texts"] if text.startswith("∂")]
    assert {"∂ 1", "∂ 0.4202", "∂ 0.004574", "∂ −0.01435"} <= set(last["texts"])
    for i, beat in enumerate(film.beats):
        title, caption = frame(svg, i, n)["captions"]
        assert title.replace("\u00a0", " ") == f"{beat.phase} propagation"
        assert letters(caption) == letters(beat.caption)
    assert frame(svg, n + REST_BEATS - 1, n)["texts"] == last["texts"], "the last picture stays"


@needs_dot
def test_a_circle_and_the_arrows_to_it_are_marked() -> None:
    film = Film(FIGURE_4, short=True)
    svg, n = film.svg(), len(film.beats)
    for i, beat in enumerate(film.beats):
        indices = {node.label[1:] for node in (beat.node, *beat.others)}
        is_within = beat.others and len(indices) == 1 and "" not in indices  # from a to z in one circle
        arrows = 0 if is_within else len(beat.others)
        shown = frame(svg, i, n)
        assert len(shown["rings"]) == 1
        assert [shown["marked"].count(shape) for shape in ("path", "polygon")] == [arrows, arrows]
    assert not frame(svg, n, n)["marked"] + frame(svg, n, n)["rings"]


@needs_dot
def test_a_curved_arrow_is_marked_too() -> None:
    film = Film(skipping(1))
    svg, n = film.svg(), len(film.beats)
    assert frame(svg, n - 1, n)["marked"].count("path") == len(film.beats[-1].others)


@needs_dot
def test_reduced_motion_shows_the_whole_picture() -> None:
    svg = Film(FIGURE_4).svg()
    assert "@media (prefers-reduced-motion: reduce) { .m { animation: none !important } }" in svg
    without_rules = re.sub(r"<style>.*?</style>", "", svg, flags=re.DOTALL)
    assert {"0.6702", "∂ 0.4202"} <= set(frame(without_rules, 0, 1)["texts"])
    groups = [group for group in ElementTree.fromstring(svg).iter() if group.get("visibility")]
    hidden = ["".join(group.itertext()).strip() for group in groups]
    n = len(Film(FIGURE_4).beats)
    assert sum(map(bool, hidden)) == 2 * n, "but for the captions"
    assert hidden.count("") == 14, "and the rings around 4 circles and 5 pairs of halves"


@needs_dot
@thorough_unless(lambda theme: theme == "dark")
@pytest.mark.parametrize("theme", THEMES)
def test_the_colours_are_known_to_browsers(theme: str) -> None:
    svg = Film(FIGURE_4, theme=theme).svg()
    assert not re.search(r"gray\d", svg)


@needs_dot
def test_a_numbered_grey_is_written_as_browsers_know_it() -> None:
    assert "#737373" in Film(FIGURE_4, theme=Theme(mark="gray45")).svg()


@needs_dot
def test_hostile_labels_stay_text() -> None:
    x = [Value(1.0, text) for text in [*HOSTILE_LABELS, "</style><script>alert(1)</script>"]]
    y = dot([2.0] * len(x), x)
    label(y=y)
    root = ElementTree.fromstring(Film(y).svg())
    assert {element.tag.rpartition("}")[2] for element in root.iter()} <= PARTS


@needs_dot
def test_a_film_has_the_given_length_and_a_small_file(tmp_path: Path) -> None:
    film = Film(FIGURE_4, short=True, seconds=0.5)
    path = film.save(tmp_path / "film.svg")
    assert path.stat().st_size < 130_000  # newer versions of Graphviz add an attribute to each text
    assert f".m {{ animation: {(25 + REST_BEATS) * 0.5:g}s step-end infinite }}" in path.read_text(encoding="utf-8")


@needs_dot
def test_a_film_is_saved_at_home_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert Film(FIGURE_4).save("~/film.svg") == tmp_path / "film.svg"
    assert "</svg>" in (tmp_path / "film.svg").read_text(encoding="utf-8")


@needs_dot
def test_films_in_a_notebook_are_images_with_separate_styles() -> None:
    film = Film(FIGURE_4)
    shown = film._repr_html_() or ""
    start, _, content = shown.partition("base64,")
    assert start.startswith('<img alt="&lt;film of 25 numbers, 35 seconds; ')
    assert base64.b64decode(content.removesuffix('">')).decode() == film.svg()


@pytest.mark.usefixtures("no_dot")
def test_without_dot_a_notebook_shows_the_film_as_text(tmp_path: Path) -> None:
    film = Film(FIGURE_4)
    assert film._repr_html_() is None
    assert repr(film) == "<film of 25 numbers, 35 seconds; .save('name.svg') writes it>"


def hidden(drawing: Drawing) -> set[str]:
    """The names of the invisible parts of a drawing, which keep their room."""
    return set(re.findall(r"^\t(\w+) \[.*style=invis", drawing.source, re.MULTILINE))


@pytest.mark.parametrize("direction", ["forward", "backward"])
def test_the_ring_is_around_the_half_that_changes(direction: str) -> None:
    film = Film(FIGURE_4)
    for beat, drawing in zip(film.beats, film.frames(), strict=True):
        if beat.phase == direction:
            nodes = read_dot(drawing).nodes
            [ring] = {name for name in nodes if re.fullmatch(r"n\d+r\d", name)} - hidden(drawing)
            circle, _, half = ring.partition("r")
            assert nodes[circle].text.split(" | ")[int(half)].split()[0] == beat.node.label
            sides = re.findall(rf'^\t{ring} .*fillcolor="(.*?)"', drawing.source, re.MULTILINE)
            if " | " in nodes[circle].text:
                assert sides == [["firebrick;0.5:transparent", "transparent;0.5:firebrick"][int(half)]]


@needs_graphviz
def test_a_deck_has_a_page_of_16_to_9_for_each_number(tmp_path: Path) -> None:
    film = Film(figure_2(), theme="slide")
    pages = PdfReader(film.save(tmp_path / "deck.pdf")).pages
    assert [page.mediabox[2:] for page in pages] == [[960, 540]] * len(film.beats)
    for beat, page in zip(film.beats, pages, strict=True):
        text = page.extract_text()
        assert f"{beat.phase} propagation" in text.replace("\u00a0", " ")
        assert beat.caption.rpartition("= ")[2] in text
    x_positions = [positions(page)["x"] for page in pages]
    assert len(set(x_positions)) == 1, "nothing moves from page to page"


@needs_graphviz
def test_a_deck_in_another_theme_has_its_own_size_or_16_to_9(tmp_path: Path) -> None:
    for size, box in ((None, [960, 540]), (8.0, [960, 540]), ((4.0, 3.0), [288, 216])):
        film = Film(2 * Value(1.5, "x"), size=size)
        pages = PdfReader(film.save(tmp_path / "deck.PDF")).pages
        assert [page.mediabox[2:] for page in pages] == [box] * 3


@needs_graphviz
def test_a_deck_with_small_type_says_so(tmp_path: Path) -> None:
    message = r"type of this deck has [\d.]+ points on pages of 288 × 216 points, less than the 40 .* digits=2"
    with pytest.warns(UserWarning, match=message):
        Film(2 * Value(1.5, "x"), size=(4.0, 3.0), text=40.0).save(tmp_path / "deck.pdf")


def test_without_pypdf_the_error_says_how_to_install_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pypdf", None)
    with pytest.raises(ImportError, match=re.escape(f"a deck needs pypdf: {install_command('slides')}")):
        Film(FIGURE_4).save(tmp_path / "deck.pdf")
    assert not list(tmp_path.iterdir())


def positions(page: PageObject) -> dict[str, tuple[float, float]]:
    """Where the texts of a page begin; of those that are there twice, the first."""
    found: dict[str, tuple[float, float]] = {}

    def visit(text: str, _: Any, matrix: list[float], *__: Any) -> None:
        found.setdefault(text.strip(), (matrix[4], matrix[5]))

    page.extract_text(visitor_text=visit)
    return found


@needs_dot
def test_derivatives_in_captions_have_their_colour() -> None:
    svg = Film(FIGURE_4, short=True).svg()
    last = Film(FIGURE_4, short=True).beats[-1].caption.rpartition("= ")[2]
    runs = re.findall(r"<text([^>]*)>([^<]*)<", svg)
    colour = f'fill="{THEMES["light"].gradient}"'
    assert [colour in style for style, text in runs if text in ("0.4202", last)] == [True, True]
    assert {colour in style for style, text in runs if text in ("0.08827", "σ", "−0.005577")} == {False}
    assert all(colour in style for style, text in runs if text == "∂")


@needs_dot
def test_marked_arrows_are_dashed_where_all_lines_have_one_width() -> None:
    assert "stroke-dasharray: 5,2" in Film(FIGURE_4, theme="print").svg()
    assert "stroke-dasharray: 5,2" not in Film(FIGURE_4).svg()


@needs_dot
def test_captions_are_set_in_the_letters_of_the_picture() -> None:
    svg = Film(FIGURE_4, short=True, theme="slide").svg()
    runs = re.findall(r'<text[^>]*font-family="(.*?)"([^>]*)>([^<]*)<', svg)
    assert {font for font, _, _ in runs} == {"Times"}
    assert all("italic" in style for _, style, text in runs if text in ("E", "x", "w", "a", "z", "σ"))


@pytest.mark.once
@needs_dot
def test_frames_show_the_numbers_of_each_beat_in_one_size() -> None:
    film = Film(FIGURE_4, short=True, theme="dark")
    frames = film.frames()
    assert len(frames) == len(film.beats)
    for i, seen in {0: {"0.875"}, 10: {"0.7058", "0.08827"}, 24: {"∂ 1", "∂ 0.004574", "∂ −0.01435"}}.items():
        picture = read_dot(frames[i])
        text = " ".join(node.text for name, node in picture.nodes.items() if name not in hidden(frames[i]))
        assert all(number in text for number in seen)
        assert ("∂ 0.004574" in text) == (i == 24)
        assert ("0.08827" in text) == (i >= 10)
        arrows = len(film.beats[i].others) if film.beats[i].node.label[0] != "z" else 0
        assert frames[i].source.count(f'color="{THEMES["dark"].mark}" penwidth=3.25') == arrows
        assert text.count("propagation") == 1
        assert text.endswith(f"= {film.beats[i].caption.rpartition('= ')[2]}")
    first, *others = (layout["bb"] for layout in dot_layouts(*frames))
    assert set(others) == {first}


def test_frames_leave_the_film_as_it_is() -> None:
    film = Film(FIGURE_4)
    before = film.drawing.source
    assert film.frames()[0].source == film.frames()[0].source != before
    assert film.drawing.source == film._network.diagram.draw(theme=film.theme).source == before


def test_what_cannot_be_filmed_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TypeError, match="a film starts from a Value, not from 3"):
        Film(cast(Any, 3))
    for seconds in (0, -1, float("nan"), 100):
        with pytest.raises(ValueError, match="seconds must be above 0"):
            Film(FIGURE_4, seconds=seconds)
    with pytest.raises(TypeError, match="seconds must be a number, not 'a'"):
        Film(FIGURE_4, seconds=cast(Any, "a"))
    with pytest.raises(ValueError, match=r"cannot save .*film\.gif: the suffix of a film must be \.svg or \.pdf"):
        Film(FIGURE_4).save(tmp_path / "film.gif")
    with pytest.raises(ValueError, match="unknown theme"):
        Film(FIGURE_4, theme="drak")


def many_digits() -> Value:
    """A network whose numbers do not fit into its circles in small pictures."""
    E = half_squared_error(MLP(2, [3, 2], activation="tanh", rng=Random(0))([0.123456789] * 2), [0.25] * 2)
    assert isinstance(E, Value)
    return E


@pytest.mark.once
@needs_dot
@thorough_unless(lambda options: "theme" in options)
@pytest.mark.parametrize("options", [{"size": 3}, {"size": (6, 3), "theme": "print"}])
def test_each_number_appears_in_its_beat_in_any_size(options: dict[str, Any]) -> None:
    film = Film(many_digits(), digits=8, **options)
    svg, n, frames = film.svg(), len(film.beats), film.frames()
    assert len(re.findall(r'<text [^>]*class="m k\d+"', svg)) == n, "each beat reveals a text"
    turn = [beat.phase for beat in film.beats].index("backward")
    shown = [frame(svg, i, n)["texts"] for i in range(n)]
    for i in (0, turn - 1, turn, n - 1):
        derivatives = max(0, i + 1 - turn)
        picture = {name: node.text for name, node in read_dot(frames[i]).nodes.items()}
        in_frame = " ".join(text for name, text in picture.items() if not re.match(r"c\d", name))
        assert len(re.findall(r"∂ [−\d]", in_frame)) == derivatives
        assert sum(bool(re.match(r"∂ [−\d]", text)) for text in shown[i]) == derivatives
        value = format_number(film.beats[turn - 1].node.data, 8)
        assert (value in in_frame, value in shown[i]) == (i >= turn - 1, i >= turn - 1)
        assert "left out" not in in_frame + " ".join(shown[i])
