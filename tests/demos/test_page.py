"""The paper's page: all of the paper in its order, links that lead somewhere, and a page that fits any screen."""

from __future__ import annotations

import json
import re
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from demos.paper.equations.catalogue import EQUATIONS
from demos.paper.equations.instances import Instances
from demos.paper.errata.misprints import ERRATA, SORTS
from demos.paper.examples import Network
from demos.paper.figures import CAPTIONS
from demos.paper.live_figures import equations_by_figure
from demos.paper.outline import SECTIONS
from demos.paper.page import DIGITS, PageFiles, render_page
from demos.paper.places import ANCHORS, ERRATA_BY_PLACE, link_places
from tests import thorough_unless
from tests.browser import find_overflow
from tests.layout_program import needs_dot

pytestmark = pytest.mark.once
VOID = {"meta", "img", "br"}


class Page(HTMLParser):
    """The anchors of a page in order, and its links and pictures, each with the anchors of the elements around it."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[tuple[str, str]] = []
        self.anchors: list[str] = []
        self.links: list[tuple[str, set[str]]] = []
        self.pictures: list[tuple[str, str]] = []
        self.frames: dict[str, str] = {}
        self.feed(text)
        assert [tag for tag, _ in self.open] == ["html"]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        if "id" in found:
            self.anchors.append(found["id"])
        if "href" in found:
            self.links.append((found["href"], {anchor for _, anchor in self.open}))
        if tag == "iframe":
            assert found["title"]
            self.frames[found["name"]] = found["src"]
        if found.get("target"):
            assert found["target"] in self.frames or found["target"] == f"live-{len(self.frames) + 1}"
        if tag == "img":
            assert found["alt"]
            self.pictures.append((found["src"], self.links[-1][0]))
        if tag == "p":
            assert "p" not in {name for name, _ in self.open}
        if tag not in VOID:
            self.open.append((tag, found.get("id", "")))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        pass

    def handle_endtag(self, tag: str) -> None:
        if tag == "html":
            return
        assert self.open.pop()[0] == tag


@pytest.fixture(scope="module")
def folder(summary: tuple[Path, str]) -> Path:
    """The folder with the page and all that lies beside it."""
    return summary[0]


@pytest.fixture(scope="module")
def page(folder: Path) -> Page:
    return Page((folder / "index.html").read_text(encoding="utf-8"))


def test_every_equation_stands_in_its_section() -> None:
    blocks = [(section.number, block) for section in SECTIONS for block in section.blocks]
    placed = [(number, section) for section, block in blocks for number in block.equations]
    assert placed == [(number, equation.section) for number, equation in EQUATIONS.items()]
    drawn = {name for name in CAPTIONS if not name.endswith("-numbers")}
    assert {block.name for _, block in blocks} == {*drawn, "table-1", "table-2", ""}


@needs_dot
def test_the_page_has_the_order_of_the_paper(page: Page) -> None:
    assert max(Counter(page.anchors).values()) == 1
    assert [anchor for anchor in page.anchors if anchor.startswith("eq-")] == [f"eq-{number}" for number in EQUATIONS]
    assert [a for a in page.anchors if a.startswith("figure-")] == [f"figure-{n}" for n in range(1, 10)]
    assert [a for a in page.anchors if a.startswith("table-")] == ["table-1", "table-2", "table-3"]
    assert {*page.anchors} >= ANCHORS
    by_sort = [erratum.id for sort in SORTS for erratum in ERRATA if erratum.sort == sort]
    assert sorted(by_sort) == sorted(erratum.id for erratum in ERRATA)
    assert page.anchors[-len(ERRATA) :] == by_sort


@needs_dot
def test_links_lead_to_errata_and_back(page: Page) -> None:
    for erratum in ERRATA:
        for place in around(erratum.id):
            assert any(link == f"#{erratum.id}" and place in inside for link, inside in page.links)
            assert any(link == f"#{place}" and erratum.id in inside for link, inside in page.links)
    for number, equation in EQUATIONS.items():
        assert all(f"eq-{number}" in around(erratum_id) for erratum_id in equation.errata)


def around(erratum_id: str) -> list[str]:
    """The places to which an erratum belongs."""
    return [place for place, errata in ERRATA_BY_PLACE.items() if erratum_id in [erratum.id for erratum in errata]]


@needs_dot
def test_links_lead_somewhere_and_pictures_open(page: Page, folder: Path) -> None:
    for link, _ in page.links:
        file, _, anchor = link.partition("#")
        assert (folder / file).is_file() if file else anchor in page.anchors
    shown = {source for source, _ in page.pictures}
    for source, opened in page.pictures:
        assert (folder / source).is_file()
        assert opened == source
    drawn = {f"{name}.svg" for name in CAPTIONS}
    printed = {name for name in drawn if "numbers" in name}  # the screen has live figures in their place
    assert shown == drawn | {f"dark/{name}" for name in drawn - printed}
    assert not any(link.endswith(".ipynb") for link, _ in page.links)  # a browser would show its JSON


@needs_dot
def test_every_equation_is_a_link_into_the_live_figure_beside_it(page: Page, folder: Path) -> None:
    linked = [link.partition("#eq=")[::2] for link, _ in page.links if "#eq=" in link]
    live = {name: f"{name}-live.html" for name in equations_by_figure()}
    assert linked == [
        (live[block.live], EQUATIONS[number].repeats or number)
        for section in SECTIONS
        for block in section.blocks
        for number in block.equations
        if number != "16"  # which is empty
    ]
    assert {path.name for path in folder.glob("*-live.html")} == {*live.values()}
    assert {source.partition("#")[0] for source in page.frames.values()} == {*live.values()}
    assert len(page.frames) == sum(bool(block.live) for section in SECTIONS for block in section.blocks)


@needs_dot
def test_equations_are_marked_and_numbers_are_short(folder: Path) -> None:
    text = (folder / "index.html").read_text(encoding="utf-8")
    assert text.count('class="ok"') == len(EQUATIONS) - 1
    assert "✗" not in text
    assert not re.search(r"[a-zA-Z]_[\w{]+\^", re.sub(r"<code>.*?</code>", "", text))  # no label as it is typed
    for number in re.findall(r"<mn>([^<]*)</mn>", text):
        assert len(number.replace(".", "").strip("−0")) <= DIGITS


def test_places_become_links() -> None:
    assert link_places("(38), Figure 9") == '<a href="#eq-38">(38)</a>, <a href="#figure-9">Figure 9</a>'
    assert link_places("2, before (20)") == '<a href="#section-2">2</a>, before <a href="#eq-20">(20)</a>'
    assert link_places("Figures 3 and 5, 3.1") == (
        '<a href="#figure-3">Figures 3</a> and <a href="#figure-5">5</a>, <a href="#section-3-1">3.1</a>'
    )
    assert link_places("throughout & <in> step 1") == "throughout &amp; &lt;in&gt; step 1"


def test_errata_are_mathematics_with_numbers() -> None:
    text = render_page(Instances(), PageFiles({}))
    [row] = re.findall('<tr id="D10">.*?</tr>', text)
    assert row.count("<math>") > 0
    assert '<a href="#eq-14">(14)</a>' in row
    assert "<details><summary>in numbers</summary>" in row


def test_a_network_of_the_readers_own_is_named_first() -> None:
    text = render_page(Instances(network=Network.lattice([2, 1])), PageFiles({}))
    assert "In place of Figure 4's network: 2-1, your own network." in text.partition("<nav>")[0]
    assert "In place of" not in render_page(Instances(), PageFiles({}))


def test_an_equation_that_a_network_lacks_is_not_checked() -> None:
    text = render_page(Instances(network=Network.lattice([2, 1])), PageFiles({}))
    assert text.count("not in this network") == len({"38", "39", "S6", "S8"})  # which need hidden units
    assert text.count('class="ok"') == len(EQUATIONS) - 1 - 4


def test_a_picture_that_a_page_cannot_show_is_a_link() -> None:
    text = render_page(Instances(), PageFiles({"figure-1": "figure-1.pdf"}))
    assert '<a href="figure-1.pdf">figure-1.pdf</a>' in text
    assert "<img" not in text


@needs_dot
def test_a_click_on_an_equation_shows_it_in_the_frame(browser: Any, folder: Path) -> None:
    browser.get_log("browser")
    browser.get_log("performance")
    size = {"width": 1280, "height": 900, "deviceScaleFactor": 1, "mobile": False}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    browser.get((folder / "index.html").as_uri())
    for number, numbers in (("8", "(3)(1.5)=4.5"), ("11", "(2)(3)+(1)(−1)=5")):
        browser.switch_to.default_content()
        browser.execute_script("arguments[0].scrollIntoView({ block: 'center' })", equation(browser, number))
        equation(browser, number).click()
        browser.switch_to.frame(equation(browser, number).get_attribute("target"))
        wait_for(numbers, browser, number)
    browser.switch_to.default_content()
    requested = [json.loads(entry["message"])["message"] for entry in browser.get_log("performance")]
    urls = {e["params"]["request"]["url"] for e in requested if e["method"] == "Network.requestWillBeSent"}
    assert {url.partition(":")[0] for url in urls} <= {"file", "data"}
    assert browser.get_log("browser") == []


def wait_for(text: str, browser: Any, number: str) -> None:
    """Wait until the frame shows an equation with this text; the frame may still be loading."""
    ui = pytest.importorskip("selenium.webdriver.support.ui")
    ui.WebDriverWait(browser, 10).until(lambda driver: text in shown(driver, number))


def equation(browser: Any, number: str) -> Any:
    """The link of an equation."""
    return browser.find_element("css selector", f"#eq-{number} .choose")


def shown(browser: Any, number: str) -> str:
    """The text of an equation in the frame, without spaces, where it is shown."""
    script = "return document.querySelector(`[data-lines='${arguments[0]}']:not([hidden])`)?.textContent ?? ''"
    return re.sub(r"\s", "", browser.execute_script(script, number))


@needs_dot
@thorough_unless(lambda width: width == 390)
@pytest.mark.parametrize(("width", "media"), [(1280, "screen"), (390, "screen"), (703, "print")])
def test_nothing_stands_out_of_the_page(browser: Any, folder: Path, width: int, media: str) -> None:
    """703 pixels are the width of A4 within its margins; wide tables stand there on landscape pages."""
    assert find_overflow(browser, folder / "index.html", width, media) == []
