"""The gallery: the lines that are shown are those that draw, and the page needs no other file."""

from __future__ import annotations

import io
import re
from collections import Counter
from contextlib import redirect_stdout
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from demos.gallery import page
from demos.gallery.__main__ import main
from demos.gallery.listings import caption, listing, run_listing
from demos.gallery.snippets import GROUPS, Snippet, figure_8, own_look
from demos.paper.figures import CAPTIONS, figures
from demos.pictures import dot_text
from tests import by_night, thorough_unless
from tests.browser import find_overflow
from tests.layout_program import needs_dot
from viz import THEMES

pytestmark = pytest.mark.once

SNIPPETS = [snippet for group in GROUPS.values() for snippet in group]
# By day, the page has two snippets of each group, in two themes.
SHOWN = by_night({name: THEMES[name] for name in ("light", "dark")}, THEMES)
SHOWN_GROUPS = by_night({title: group[-2:] for title, group in GROUPS.items()}, GROUPS)
N_SHOWN = sum(map(len, SHOWN_GROUPS.values()))
every_snippet = pytest.mark.parametrize("snippet", SNIPPETS, ids=[snippet.__name__ for snippet in SNIPPETS])


class Page(HTMLParser):
    """The tags of a page with their attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))


def test_all_figures_of_the_paper_are_there() -> None:
    titles = [caption(snippet)[0] for snippet in SNIPPETS]
    assert {f"Figure {i}" for i in range(1, 10)} <= set(titles)
    assert {f"Figure {i} with numbers" for i in (1, 2, 3, 4, 8)} <= set(titles)
    assert len(set(titles)) == len(titles)
    assert all(caption(snippet)[1].endswith(".") for snippet in SNIPPETS)


@thorough_unless(lambda snippet: snippet not in GROUPS["The paper"] or snippet is figure_8)
@every_snippet
def test_the_lines_that_are_shown_draw_the_picture(snippet: Snippet) -> None:
    lines = listing(snippet, "dark")
    assert dot_text(run_listing(lines)) == dot_text(snippet("dark"))
    assert "return" not in lines
    assert '"dark"' in lines
    assert max(map(len, lines.splitlines())) < 120


def test_only_used_names_are_imported() -> None:
    for snippet in SNIPPETS:
        imports, _, lines = listing(snippet, "light").partition("\n\n")
        names = re.findall(r"\w+", " ".join(line.partition(" import ")[2] for line in imports.splitlines()))
        assert names
        assert all(re.search(rf"\b{name}\b", lines) for name in names)


def test_the_name_of_the_theme_replaces_the_variable() -> None:
    lines = listing(own_look, "print")
    assert 'THEMES["print"]' in lines
    assert 'if "print" in ("dark", "slide")' in lines
    assert "theme=own" in lines


@pytest.mark.thorough
@pytest.mark.parametrize("theme", by_night(["dark"], THEMES))
def test_the_figures_are_those_of_the_paper(theme: str) -> None:
    paper = {name: drawing.source for name, drawing in figures(theme=theme).items()}
    shown = {
        caption(snippet)[0].lower().replace(" with ", "-").replace(" ", "-"): snippet(theme)
        for snippet in GROUPS["The paper"]
    }
    for name in CAPTIONS.keys() - {"table-3"}:
        assert dot_text(shown[name]) == paper[name]


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page that the command writes."""
    folder, printed = tmp_path_factory.mktemp("gallery"), io.StringIO()
    with redirect_stdout(printed), pytest.MonkeyPatch.context() as patch:
        patch.setattr(page, "THEMES", SHOWN)
        patch.setattr(page, "GROUPS", SHOWN_GROUPS)
        assert main(["--out", str(folder)]) == 0
    assert printed.getvalue() == f"The gallery: {folder / 'gallery.html'}\n"
    return folder / "gallery.html"


@pytest.fixture(scope="module")
def text(path: Path) -> str:
    """The text of the page."""
    return path.read_text(encoding="utf-8")


@needs_dot
def test_the_page_needs_no_other_file(text: str) -> None:
    parsed = Page(text)
    ids = Counter(attributes["id"] for _, attributes in parsed.tags if "id" in attributes)
    assert max(ids.values()) == 1
    for tag, attributes in parsed.tags:
        assert tag not in ("script", "link", "iframe")
        assert attributes.get("src", "data:").startswith("data:")
        if "href" in attributes:
            assert attributes["href"].removeprefix("#") in ids
    shown = Counter(attributes["class"].removesuffix(" wide") for tag, attributes in parsed.tags if tag == "figure")
    assert shown == dict.fromkeys(SHOWN, N_SHOWN)
    pictures = [attributes for tag, attributes in parsed.tags if tag in ("svg", "img")]
    assert len(pictures) == N_SHOWN * len(SHOWN)
    assert all(attributes.get("alt") or attributes.get("aria-label") for attributes in pictures)
    assert not re.search(r"url\(|@import", text)


@needs_dot
def test_each_theme_can_be_chosen(text: str) -> None:
    inputs = [attributes for tag, attributes in Page(text).tags if tag == "input"]
    assert [choice["id"] for choice in inputs if "checked" in choice] == ["auto"]
    labels = {attributes["for"] for tag, attributes in Page(text).tags if tag == "label"}
    assert labels == {choice["id"] for choice in inputs} == {"auto", *SHOWN}
    for theme in SHOWN:
        assert f"#{theme}:checked ~ main .{theme} {{ display: grid }}" in text


@needs_dot
@thorough_unless(lambda width: width == 390)
@pytest.mark.parametrize(("width", "media"), [(1280, "screen"), (390, "screen"), (703, "print")])
def test_nothing_stands_out_of_the_page(browser: Any, path: Path, width: int, media: str) -> None:
    assert find_overflow(browser, path, width, media) == []


@pytest.mark.usefixtures("no_dot")
def test_without_dot_the_command_fails(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--out", str(tmp_path)]) == 1
    assert "Install one" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_a_figure_of_the_paper_has_the_papers_caption() -> None:
    assert caption(figure_8) == ("Figure 8", CAPTIONS["figure-8"])
