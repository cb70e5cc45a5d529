"""Themes: their colours, which everybody can distinguish, and fonts and sizes in the files."""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import replace
from itertools import combinations
from pathlib import Path
from typing import Any, cast
from xml.etree import ElementTree

import pytest

from engine import Value
from tests import thorough_unless
from tests.layout_program import needs_dot, needs_graphviz
from tests.paper_graphs import FIGURES, figure_4
from tests.viz.drawing.colour_vision import SIGHTS, contrast, linear_rgb, perceived_distance
from tests.viz.drawing.diagrams import sample_diagram
from tests.viz.drawing.dot_reading import read_dot, run_dot
from viz import THEMES, Drawing, Stepper, Theme, draw, draw_network
from viz.drawing.networks import network_diagram
from viz.drawing.themes import COLORS, choose_theme

pytestmark = pytest.mark.once

every_theme = pytest.mark.parametrize("theme", THEMES.values(), ids=list(THEMES))
needs_poppler = pytest.mark.skipif(shutil.which("pdftotext") is None, reason="needs pdftotext, of poppler-utils")


def network(**options: Any) -> Drawing:
    error = figure_4()
    error.backward()
    return draw_network(error, short=True, data=True, gradients=True, **options)


def drawings(theme: str | Theme = "light") -> dict[str, Drawing]:
    """A diagram of everything, and the paper's figures with their numbers."""
    found = {"diagram": sample_diagram().draw(theme=choose_theme(theme))}
    for number, figure in FIGURES.items():
        root = figure()
        root.backward()
        found[f"figure {number}"] = draw_network(root, data=True, gradients=True, steps=1, theme=theme)
    return found


@every_theme
def test_text_can_be_read(theme: Theme) -> None:
    """A contrast of 4.5 is what WCAG 2 asks of text (1.4.3), and 3 of lines that mean something (1.4.11)."""
    below = ("background", "fill", "visited", "current")
    pairs = [(text, under) for text in ("ink", "gradient") for under in below]
    pairs += [(text, "background") for text in ("title", "disc", "mark")]
    for text, under in pairs:
        assert contrast(getattr(theme, text), getattr(theme, under)) >= 4.5, (text, under)
    for line in ("line", "dense", "negative"):
        assert contrast(getattr(theme, line), theme.background) >= 3.0, line


@every_theme
def test_faint_parts_are_visible_but_fainter_than_the_rest(theme: Theme) -> None:
    for color in ("faint", "tie", "sweep"):
        assert 1.8 <= contrast(getattr(theme, color), theme.background) <= contrast(theme.line, theme.background) / 1.8


@every_theme
@pytest.mark.parametrize("sight", SIGHTS)
def test_everybody_can_tell_the_colours_apart(theme: Theme, sight: str) -> None:
    for one, other in combinations(("fill", "visited", "current"), 2):
        assert perceived_distance(getattr(theme, one), getattr(theme, other), sight) > 5, (one, other)
    if theme.uniform:  # the marked arrow is dashed, and derivatives are in italics
        assert (theme.mark, theme.gradient) == (theme.line, theme.ink)
        return
    for one, other in (("mark", "line"), ("gradient", "ink"), ("gradient", "mark")):
        assert perceived_distance(getattr(theme, one), getattr(theme, other), sight) > 20, (one, other)


@thorough_unless(lambda theme: theme in (THEMES["light"], THEMES["print"]))
@every_theme
def test_derivatives_have_a_colour_or_italics_of_their_own(theme: Theme) -> None:
    others = {getattr(theme, name) for name in COLORS if name != "gradient"}
    for drawing in drawings(theme).values():
        found = re.findall(r'(<I>|<FONT COLOR="[^"]*">)<FONT POINT-SIZE="\d+">∂', drawing.source)
        assert set(found) <= {"<I>" if theme.uniform else f'<FONT COLOR="{theme.gradient}">'}
    assert theme.uniform or theme.gradient not in others
    assert found, "no derivative is drawn"


def test_derivatives_are_blue_on_every_screen() -> None:
    for theme in THEMES.values():
        red, green, blue = linear_rgb(theme.gradient)
        assert theme.uniform or blue > 1.5 * max(red, green) or blue > green > red


def test_the_marked_arrow_is_thicker_or_in_print_dashed() -> None:
    x = Value(2.0, "x")
    for name, theme in THEMES.items():
        source = Stepper(x * x).next(2).step().draw(theme=name).source
        assert f"color={theme.mark} " in source.replace('"', "")
        width = 1.0 if theme.uniform else 2.5
        assert float(re.findall(r"->.*penwidth=([\d.]+)", source)[0]) == pytest.approx(width * theme.width)
        assert ("dashed" in source) == theme.uniform


def test_lines_in_print_have_one_width() -> None:
    text = "\n".join(drawing.source for name, drawing in drawings("print").items() if name != "diagram")
    assert set(re.findall(r"penwidth=([\d.]+)", text)) - {"7"} == {"0.5"}  # a pass arrow is an area


@needs_dot
def test_a_slide_is_16_to_9_and_dark() -> None:
    for direction in ("LR", "TB"):
        drawing = network(theme="slide", direction=direction)
        assert drawing.measures()[:2] == (960, 540)
        assert THEMES["dark"].background in drawing.source
    assert THEMES["slide"] == replace(THEMES["dark"], size=(40 / 3, 7.5), text=18.0)


def test_the_default_theme_is_light() -> None:
    assert THEMES["light"] == Theme()
    assert network().source == network(theme="light").source == network(theme=Theme()).source
    x = Value(1.5, "x")
    assert draw(2 * x).source == draw(2 * x, theme="light").source


@thorough_unless(lambda theme: theme.uniform)
@every_theme
def test_a_theme_moves_nothing(theme: Theme) -> None:
    themed = drawings(replace(theme, size=None, text=None))
    for name, drawing in drawings().items():
        assert read_dot(themed[name]) == read_dot(drawing)


def test_exactly_the_colours_of_a_custom_theme_are_drawn() -> None:
    colors: dict[str, Any] = {name: f"#{i:02x}abcd" for i, name in enumerate(COLORS, 1)}
    own = Theme(**colors)
    x = Value(1.5, "x")
    big, small = [[Value(0.0, f"z_{i}^({k})") for i in range(1, 6)] for k in (0, 1)], 0.5 * x
    layer = [sum(big[0][1:], big[0][0]) for _ in range(5)]
    for i, node in enumerate(layer, 1):
        node.label = f"a_{i}^(1)"
    walk = Stepper(x * small).next(3).step().draw(theme=own)
    weighted = draw_network(Value(-0.5, "w") * Value(1.5, "u"), theme=own, width_by_weight=True)
    sources = [drawing.source for drawing in (*drawings(own).values(), draw_network(layer, theme=own), weighted, walk)]
    text = "\n".join(sources)
    used = set(re.findall(r"#\w{6}", text))
    assert used == {getattr(own, name) for name in COLORS}
    assert not re.search(r"color=\"?(?!#)\w|COLOR=\"(?!#)", text), "a colour that the theme does not have"


def test_on_a_transparent_background_labels_still_hide_arrows() -> None:
    source = network(theme=Theme(background="transparent")).source
    assert "bgcolor=transparent" in source
    labels = [line for line in source.splitlines() if "shape=plaintext" in line]
    assert labels
    assert all("fillcolor=white" in line for line in labels)


def test_lines_are_as_wide_as_the_theme_says() -> None:
    assert "penwidth=0.5" in network(theme="print").source.splitlines()[2]
    assert "penwidth" not in network().source


def test_font_and_size_replace_those_of_the_theme() -> None:
    theme = choose_theme(replace(THEMES["dark"], font="Courier", size=3.0), font="Arial")
    assert (theme.font, theme.size, theme.ink) == ("Arial", 3.0, THEMES["dark"].ink)
    assert choose_theme(theme, size=(4, 3)).size == (4, 3)
    assert choose_theme(theme, text=9).text == 9
    assert choose_theme("slide").text == choose_theme("slide", size=3.0).text == 18


def test_a_diagram_takes_a_theme() -> None:
    picture, _ = network_diagram(2 * Value(1.5, "x"))
    assert THEMES["dark"].fill in picture.draw(theme=THEMES["dark"]).source


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({"theme": "drak"}, "unknown theme 'drak'; choose from light, dark, slide, print, and a Theme"),
        ({"font": ""}, "a font must be a name such as Times"),
        ({"font": '"x'}, "a font must be a name"),
        ({"font": "<b>"}, "a font must be a name"),
        ({"size": 0}, "size must be a width"),
        ({"size": (8, -1)}, "size must be a width"),
        ({"size": (8, 4, 2)}, "size must be a width"),
        ({"size": (8,)}, "size must be a width"),
        ({"size": float("nan")}, "size must be a width"),
        ({"size": "8cm"}, r"size must be a width, .* in inches, .* not '8cm'"),
        ({"size": True}, "size must be a width"),
        *(({"text": text}, "text must be a size of type in points, above 0") for text in (0, -9, "9pt", True, 1e9)),
    ],
)
def test_an_invalid_theme_font_or_size_is_refused(options: dict[str, Any], problem: str) -> None:
    for draws in (draw, draw_network):
        with pytest.raises(ValueError, match=problem):
            draws(Value(1.0), **options)


def test_a_theme_of_another_type_is_refused() -> None:
    with pytest.raises(
        TypeError, match="a theme must be one of light, dark, slide, print, or a Theme of your own, not 3"
    ):
        draw(Value(1.0), theme=cast(Any, 3))


@pytest.mark.parametrize("color", ["#12345", "red green", 'red"] x [label="', "", "Black!", "#1234567", None])
@pytest.mark.parametrize("name", ["ink", "current"])
def test_an_invalid_colour_is_refused(name: str, color: Any) -> None:
    with pytest.raises(ValueError, match=f"the colour {name} of a theme must be"):
        Theme(**{name: color})


@needs_dot
@thorough_unless(lambda theme: theme.uniform)
@every_theme
def test_every_theme_is_drawn_without_a_warning(theme: Theme) -> None:
    x = Value(2.0, "x")
    run_dot(*drawings(theme).values())
    run_dot(Stepper(x * x).next(2).step().draw(theme=theme, font="Helvetica"))  # by another layout engine


@needs_dot
@thorough_unless(lambda size, format: size == (8, 4.5) or (size == 5 and format == "svg"))
@pytest.mark.parametrize(("size", "sides"), [(5, (5.0, None)), ((8, 4.5), (8.0, 4.5)), ((20, 2), (20.0, 2.0))])
@pytest.mark.parametrize("format", ["svg", pytest.param("pdf", marks=needs_graphviz)])
def test_a_picture_has_the_given_size(size: Any, sides: tuple[float, float | None], format: str) -> None:
    picture = network(size=size).render(format)
    if format == "svg":
        found = re.search(rb'<svg width="(\d+)pt" height="(\d+)pt"', picture)
    else:
        found = re.search(rb"/MediaBox \[ ?0 0 (\S+) (\S+) ?\]", picture)
    if found is None:
        pytest.skip("this Graphviz writes its PDF in a form of its own")
    for side, wanted in zip(found.groups(), sides, strict=True):
        assert float(side) / 72 == pytest.approx(wanted, abs=0.03) if wanted else float(side) / 72 < 5


@needs_dot
def test_type_is_small_from_a_tenth_of_a_point_below_the_limit() -> None:
    drawing = draw(2 * Value(1.5, "x"), size=(2, 1))
    smallest = drawing.measures().smallest_type
    assert smallest is not None
    for less, is_small in ((-1.0, False), (0.0, False), (0.1, True), (1.0, True)):
        drawing.wanted_type = smallest + less
        assert drawing.is_type_small() == is_small


@needs_dot
@thorough_unless(lambda direction, width: (direction, width) == ("TB", 4.5))
@pytest.mark.parametrize(
    ("direction", "width", "height"), [("LR", 8, 4.5), ("LR", 6, 4.5), ("LR", 8, 2.5), ("TB", 4.5, 8), ("BT", 3, 4)]
)
def test_a_network_fills_a_slide(direction: str, width: float, height: float) -> None:
    source = network(size=(width, height), direction=direction).source
    fitted = Drawing(re.sub(r' viewport="[^"]*"', "", source))  # as large as the picture is on its page
    sides = [side / 72 for side in fitted.measures()[:2]]
    assert width * 0.85 < sides[0] < width + 0.02
    assert height * 0.85 < sides[1] < height + 0.02


@needs_graphviz
@needs_poppler
def test_text_in_a_pdf_is_text_in_embedded_fonts(tmp_path: Path) -> None:
    path = network(theme="dark", font="Helvetica", size=(8, 4.5)).save(tmp_path / "slide.pdf")
    text = subprocess.run(["pdftotext", path, "-"], check=True, capture_output=True).stdout.decode()
    for word in ("0.6702", "0.08827", "∂ 0.4202", "∂ −0.1625", "E"):
        assert word in text
    listing = subprocess.run(["pdffonts", path], check=True, capture_output=True, text=True).stdout
    title, _, *fonts = listing.splitlines()
    assert fonts
    assert {line[title.index("emb") :].split()[0] for line in fonts} == {"yes"}


@needs_dot
def test_text_in_an_svg_is_text_in_the_given_font() -> None:
    root = ElementTree.fromstring(network(font="Helvetica").render("svg"))
    texts = [element for element in root.iter() if element.tag.endswith("}text")]
    assert {"0.6702", "∂ −0.1625", "E"} <= {element.text for element in texts}
    assert all(element.attrib["font-family"].startswith("Helvetica") for element in texts)
