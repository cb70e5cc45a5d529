"""The stepper's page, as text and in a browser."""

from __future__ import annotations

import base64
import json
import random
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from engine import Value, dot, label, toposort
from engine.labels import parse_label
from tests.browser import open_browser
from tests.fuzz.inputs import FRAGMENTS
from tests.paper_graphs import figure_1, figure_2, figure_4
from viz import Stepper
from viz.math.formats.text import label_to_unicode
from viz.math.formulas import format_number
from viz.pages.stepper_page import frame_html, page_html

pytestmark = [
    pytest.mark.once,
    pytest.mark.skipif(shutil.which("dot") is None, reason="draws with the program dot"),
]
browser = pytest.fixture(scope="module")(open_browser)
NODES = ".view:not([hidden]) tbody tr"
HOSTILE = "</script><img src=x onerror=\"document.title='broken'\"><b>&amp;"


def open_page(browser: Any, path: Path, address: str = "") -> None:
    browser.get("about:blank")
    browser.get(path.as_uri() + address)


def at(browser: Any, css: str) -> Any:
    return browser.find_element("css selector", css)


def without_space(text: str) -> str:
    return re.sub(r"\s|\u200b", "", text)


def title(browser: Any) -> str:
    text: str = at(browser, "#where").text
    return text


@pytest.fixture
def network_page(tmp_path: Path) -> Path:
    return Stepper(figure_4(), "all").to_html(tmp_path / "new" / "steps.html")


def test_the_page_is_one_file_that_requests_nothing() -> None:
    text = page_html(Stepper(figure_4(), "all"))
    assert "default-src 'none'" in text
    assert "unsafe" not in text
    assert not re.search(r"(src|href)=\"?https?:", text)
    assert "://" not in re.sub(r"http://www\.w3\.org/\S+", "", text)  # names of languages, which nobody fetches


def test_a_page_of_a_stale_graph_says_so() -> None:
    x = Value(2.0, "<x>")
    y = x * x
    assert "stale" not in page_html(Stepper(y))
    x.data = 5.0
    assert "<p>the output is stale: multiply(&lt;x&gt; = 5.0" in page_html(Stepper(y))


def test_the_steps_are_all_there() -> None:
    text = page_html(Stepper(figure_2(), "all"))
    found = re.search(r'<script type="application/json" id="steps">(.*?)</script>', text, re.DOTALL)
    assert found
    steps = json.loads(found[1])["views"][0]["steps"]
    assert [step["phase"] for step in steps] == ["forward"] * 4 + ["backward"] * 6
    assert steps[-1]["title"].startswith("Step 10 of 10, backward: a₁ → x")
    assert "<mfrac>" in steps[-1]["formula"]
    assert len({step["edge"] for step in steps if step["edge"]}) == 5


@pytest.mark.parametrize("make", [figure_2, figure_4, lambda: derivative_labels()])
def test_without_the_script_the_page_shows_the_last_numbers(make: Callable[[], Value]) -> None:
    y = make()
    text = re.sub(r"<script.*?</script>", "", page_html(Stepper(y, "all")), flags=re.DOTALL)
    y.backward()
    nodes = list(toposort(y))
    shown = {}
    for i, node in enumerate(nodes, 1):
        row = re.search(rf'<tr data-node="n{i}">.*?</tr>', text)
        if row:
            every_operation = text.partition('data-view="paper"')[0]
            data, slope = re.findall(rf'<text [^>]*data-number="n{i}"[^>]*>([^<]*)</text>', every_operation)
            cells = re.findall("<td>([^<]*)</td>", row[0])[-2:]
            shown[node] = [(data, slope.removeprefix("∂ ")), tuple(cells)]
    assert shown
    for node, found in shown.items():
        assert found == [(format_number(node.data), format_number(node.grad))] * 2
    assert re.search(r"<noscript><p>.* after both passes\..*</noscript>", text)


def biased() -> Value:
    """A network with two layers, with biases."""
    x = [Value(0.5, "x_1"), Value(-1.25, "x_2")]
    a = dot([Value(2.0, "w_1^(1)"), Value(0.75, "w_2^(1)")], x, Value(-0.5, "b^(1)"))
    z = a.sigmoid()
    E: Value = (z - 0.25) ** 2 / 2
    label(a=a, z=z, E=E)
    return E


@pytest.mark.parametrize("make", [figure_2, figure_4, biased])
def test_the_drawing_of_the_papers_view_has_every_number(make: Callable[[], Value]) -> None:
    y = make()
    stepper = Stepper(y)
    text = page_html(stepper)
    y.backward()
    [drawing] = re.findall(r'<div class="view" data-view="paper">.*?</svg>', text, re.DOTALL)
    for i, node in enumerate(toposort(y), 1):
        if node.label:
            shown = dict(re.findall(rf'data-number="n{i}" data-kind="(\w+)"[^>]*>([^<]*)<', drawing))
            assert shown["data"].rpartition(" ")[2] == format_number(node.data, 4)
            assert shown["grad"].strip("\u00a0") == f"∂ {format_number(node.grad, 4)}"
            assert drawing.count(f'data-shape="n{i}"') <= 1
    edges = [
        f"n{toposort(stepper.root).index(step.node) + 1}-{step.index}"
        for step in stepper.steps
        if step.input is not None
    ]
    units = [edge for edge in edges if not re.search(rf'data-edge="(?:[^"]* )?{edge}[ "]', drawing)]
    assert len(units) == sum(z.op.activation and z.inputs[0].label != "" for z in toposort(y)) + (make is biased)


def derivative_labels() -> Value:
    """A graph whose labels look like the numbers in the drawing, with a gradient that is longer while unfinished."""
    x = Value(1.0, "∂ 7")
    y = 1.23456 * x - 0.23456 * x + x * x
    y.label = "8"
    return y


def test_a_square_marks_either_of_its_two_edges() -> None:
    x = Value(3.0, "x")
    text = page_html(Stepper(x * x))
    every_operation = text.partition('data-view="paper"')[0]
    for edge in ("n2-0", "n2-1"):
        assert f'"edge": "{edge}"' in text
        assert every_operation.count(f'data-edge="{edge}"') == 2, "its line and its head"


def test_hostile_labels_are_escaped() -> None:
    x = Value(3.0, HOSTILE)
    text = page_html(Stepper(x * 2), title=HOSTILE)
    assert "<img" not in text
    assert text.count("</script>") == 2


def test_a_page_can_be_written_below_the_home_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert Stepper(figure_2(), "all").to_html("~/steps.html") == tmp_path / "steps.html"
    assert (tmp_path / "steps.html").is_file()


def test_a_graph_that_is_too_large_says_what_to_do(tmp_path: Path) -> None:
    y = x = Value(0.5, "x")
    for _ in range(400):
        y = y + x
    with pytest.raises(ValueError, match="more than the 300 that can be read"):
        Stepper(y).to_html(tmp_path / "steps.html")
    assert list(tmp_path.iterdir()) == []
    assert Stepper(y)._repr_html_() is None


def test_a_notebook_gets_the_page_in_a_sandboxed_frame() -> None:
    shown = frame_html(Stepper(figure_2(), "all"))
    assert shown.startswith('<iframe sandbox="allow-scripts" srcdoc="&lt;!DOCTYPE html&gt;')
    assert Stepper(figure_2(), "all")._repr_html_() == shown


def test_buttons_keys_slider_and_address(browser: Any, network_page: Path) -> None:
    keys = pytest.importorskip("selenium.webdriver").Keys
    open_page(browser, network_page)
    assert title(browser).startswith("Start")
    assert not at(browser, "#previous").is_enabled()
    at(browser, "#next").click()
    assert title(browser) == "Step 1 of 43, forward: a₁⁽¹⁾"
    assert browser.current_url.endswith("#step=1")
    at(browser, "#last").click()
    assert title(browser).startswith("Step 43 of 43, backward")
    assert not at(browser, "#next").is_enabled()
    at(browser, "#previous").click()
    assert title(browser).startswith("Step 42")
    stepper = at(browser, "#stepper")
    stepper.send_keys(keys.HOME, keys.ARROW_RIGHT, keys.ARROW_RIGHT, keys.ARROW_LEFT)
    assert title(browser).startswith("Step 1 of")
    stepper.send_keys(keys.END)
    assert at(browser, "#slider").get_attribute("value") == "43"
    at(browser, "#slider").send_keys(keys.ARROW_LEFT)
    assert title(browser).startswith("Step 42")
    at(browser, "#first").click()
    assert title(browser).startswith("Start")
    browser.execute_script("location.hash = '#step=29'")
    assert title(browser) == "Step 29 of 43, backward: z₁⁽²⁾ → a₁⁽²⁾ (step 4 of the paper)"
    for address, wanted in (("#step=32", "Step 32"), ("#step=999", "Step 43"), ("#step=x", "Start"), ("", "Start")):
        open_page(browser, network_page, address)
        assert title(browser).startswith(wanted)


def test_the_table_and_the_drawing_follow(browser: Any, network_page: Path) -> None:
    open_page(browser, network_page, "#step=32")
    current = browser.find_elements("css selector", "tr[aria-current]")
    assert [row.find_elements("css selector", "td")[-1].text for row in current] == ["0.107432"]
    unknown = [row.text for row in browser.find_elements("css selector", NODES) if row.text.endswith("?")]
    assert len(unknown) == 8  # x, W^(1) and a^(1) are still to come
    marked = browser.find_elements("css selector", ".view:not([hidden]) .drawing g.edge path[stroke='#b22222']")
    assert len(marked) == 1
    assert browser.find_elements("css selector", ".view:not([hidden]) .drawing g.node polygon[fill='#ffe48a']")
    assert "0.107432" in at(browser, ".view:not([hidden]) .drawing").get_attribute("textContent")
    bold = browser.find_elements("css selector", "[data-number][font-weight=bold]")
    assert [element.text for element in bold] == ["∂ 0.107432"], "the number of this step"
    assert at(browser, "#now").get_attribute("aria-live") == "polite"
    spoken = at(browser, "#said").get_attribute("textContent")
    assert "∂E/∂z₁⁽¹⁾ = 0.0549122 + 0.0525196 = 0.107432" in spoken
    assert browser.find_elements("css selector", "#formula math mfrac")
    at(browser, "#first").click()
    assert not browser.find_elements("css selector", ".view:not([hidden]) .drawing g.edge path[stroke='#b22222']")


@pytest.mark.parametrize("view", ["paper", "all"])
def test_every_step_leaves_the_numbers_that_the_stepper_has(browser: Any, tmp_path: Path, view: str) -> None:
    stepper = Stepper(figure_2(), view)
    open_page(browser, stepper.to_html(tmp_path / "steps.html"))
    read = f"return [...document.querySelectorAll('{NODES}')].map(r => [2, 3].map(i => r.cells[i].textContent))"
    for n in (*range(len(stepper.steps) + 1), 3, 0, 7):
        browser.execute_script(f"location.hash = '#step={n}'")
        stepper.goto(n)
        known = [[numbers.get(node) for numbers in (stepper.values, stepper.gradients)] for node in stepper.names]
        rows = [["?" if x is None else format_number(x) for x in row] for row in known]
        browser.execute_async_script("setTimeout(arguments[0], 30)")
        assert browser.execute_script(read) == rows


def test_the_switch_keeps_the_place(browser: Any, tmp_path: Path) -> None:
    path = Stepper(figure_4()).to_html(tmp_path / "steps.html")
    open_page(browser, path, "#step=25")
    assert title(browser) == "Step 25 of 39, backward: z₁⁽²⁾ → a₁⁽²⁾ (step 4 of the paper)"
    marked = ".view:not([hidden]) [data-edge][stroke='#b22222']"
    assert not browser.find_elements("css selector", marked), "a and z are in one circle"
    at(browser, "#next").click()
    assert len(browser.find_elements("css selector", marked)) == 2, "the arrow of the weight: its line and its head"
    browser.execute_script(
        "const s = document.getElementById('view'); s.value = 'all'; s.dispatchEvent(new Event('change'))"
    )
    assert title(browser) == "Step 30 of 43, backward: a₁⁽²⁾ → w₁₁⁽²⁾"
    assert browser.current_url.endswith("#view=all&step=30")
    at(browser, "#last").click()
    assert title(browser).startswith("Step 43 of 43")
    open_page(browser, path, "#view=all&step=13")
    assert title(browser) == "Step 13 of 43, forward: E"
    shown = browser.find_elements("css selector", ".view:not([hidden])")
    assert [element.get_attribute("data-view") for element in shown] == ["all"]


def test_without_a_second_view_there_is_no_switch() -> None:
    assert '<select id="view">' in page_html(Stepper(figure_2()))
    assert "<select" not in page_html(Stepper(figure_1()))


def test_a_hostile_label_causes_neither_request_nor_error(browser: Any, tmp_path: Path) -> None:
    x, y = Value(3.0, HOSTILE), Value(2.0, "data 1")
    path = Stepper(x * y).to_html(tmp_path / "steps.html", title=HOSTILE)
    for kind in ("browser", "performance"):
        browser.get_log(kind)
    open_page(browser, path, "#step=3")
    at(browser, "#next").click()
    assert browser.title == HOSTILE
    assert HOSTILE in at(browser, ".view").text
    assert not browser.find_elements("css selector", "img, b")
    assert browser.get_log("browser") == []
    sent = [json.loads(entry["message"])["message"] for entry in browser.get_log("performance")]
    asked = {m["params"]["request"]["url"] for m in sent if m["method"] == "Network.requestWillBeSent"}
    assert {url.partition("#")[0] for url in asked} <= {path.as_uri(), "about:blank"}
    assert asked


def test_hostile_labels_are_shown_and_run_nothing(browser: Any, tmp_path: Path) -> None:
    rng = random.Random(0)
    names = [*FRAGMENTS, *("".join(rng.choices(FRAGMENTS, k=3)) for _ in range(60))]
    leaves = [Value(0.5, name) for name in dict.fromkeys(names)]
    output = dot([Value(1.0, "one")] * len(leaves), leaves)
    output.label = "".join(FRAGMENTS)
    path = Stepper(output).to_html(tmp_path / "steps.html", title="hostile")
    browser.get_log("browser")
    open_page(browser, path, "#step=1")
    at(browser, "#last").click()
    assert browser.title == "hostile"
    assert browser.get_log("browser") == []
    assert len(browser.find_elements("css selector", "script")) == 2
    assert not browser.find_elements("css selector", "img, b, br, a, iframe, object, [onerror], [onload], [href]")
    shown = browser.execute_script(
        "return [...document.querySelectorAll('.view:not([hidden]) tbody th')].map(th => th.textContent)"
    )
    assert len(shown) == len(leaves) + 2
    for name, text in zip([leaf.label for leaf in leaves], shown[1:], strict=False):
        if parse_label(name) is None:
            assert without_space(text) == without_space(label_to_unicode(name))


def test_the_focus_is_never_lost(browser: Any, network_page: Path) -> None:
    keys = pytest.importorskip("selenium.webdriver").Keys
    open_page(browser, network_page)
    order = []
    for _ in range(4):
        browser.switch_to.active_element.send_keys(keys.TAB)
        order.append(browser.switch_to.active_element.get_attribute("id"))
    assert order == ["stepper", "next", "last", "slider"]
    at(browser, "#last").click()
    assert browser.switch_to.active_element.get_attribute("id") == "stepper"
    browser.switch_to.active_element.send_keys(keys.ARROW_LEFT)
    assert title(browser).startswith("Step 42")


def test_two_hundred_nodes_stay_quick(browser: Any, tmp_path: Path) -> None:
    y = x = Value(0.5, "x")
    for _ in range(66):
        y = (y * x).tanh() + x
    stepper = Stepper(y)
    assert 190 < len(stepper.names) < 210
    open_page(browser, stepper.to_html(tmp_path / "steps.html"))
    script = "const t = performance.now(); document.getElementById('last').click(); return performance.now() - t"
    assert browser.execute_script(script) < 2000.0  # a hang, not a measure of speed
    assert title(browser).startswith(f"Step {len(stepper.steps)} of")


@pytest.mark.skipif(shutil.which("pdftotext") is None, reason="reads PDF with pdftotext, of poppler-utils")
def test_a_printed_step_is_on_paper_whole_and_without_buttons(browser: Any, network_page: Path, tmp_path: Path) -> None:
    open_page(browser, network_page, "#step=29")
    (tmp_path / "page.pdf").write_bytes(base64.b64decode(browser.print_page()))
    printed = subprocess.run(["pdftotext", "-layout", tmp_path / "page.pdf", "-"], check=True, capture_output=True)
    pages = printed.stdout.decode().rstrip("\f").split("\f")
    assert len(pages) == 2
    assert "Step 29 of 43, backward" in pages[0]
    assert "Previous" not in pages[0]
    for text in pages:
        assert re.search(r"Node +Made by +Value +Gradient", text), "the table has its head on each page"
    assert "0.088274" in pages[-1], "the last node, E"
