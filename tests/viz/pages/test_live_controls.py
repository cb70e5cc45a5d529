"""The controls of a live page: pointer, touch, keys, narrow screens, scripts off, and frames."""

from __future__ import annotations

import base64
import html
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from engine import Value, toposort
from tests import thorough_unless
from tests.browser import find_overflow
from tests.paper_graphs import figure_2, figure_4
from tests.viz.pages.conftest import Page
from viz import Stepper
from viz.pages.live_page import live

pytestmark = pytest.mark.once
LEFT, RIGHT, UP, ESCAPE, ENTER, TAB = "\ue012", "\ue014", "\ue013", "\ue00c", "\ue007", "\ue004"


@pytest.fixture
def figure_4_page(page: Page, tmp_path: Path) -> Path:
    return live(figure_4()).save(tmp_path / "page.html")


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.driver.switch_to.active_element.send_keys(key)
    page.run("return 0")


def drag(page: Page, css: str, *events: tuple[str, dict[str, Any]]) -> None:
    """Send pointer events to an element: the kind, and where it is, and which keys are held."""
    script = """const item = document.querySelector(arguments[0])
      item.setPointerCapture = () => {}
      for (const [kind, options] of arguments[1])
        item.dispatchEvent(new PointerEvent(kind, { bubbles: true, pointerId: 1, ...options }))"""
    page.run(script, css, list(events))


HANDLE = 'svg [data-field="value"][data-node="w_11^(1)"]'


def test_a_number_is_dragged_by_its_step_a_pixel(page: Page, figure_4_page: Path) -> None:
    page.open(figure_4_page)
    before = page.numbers("value")["E"]
    down, move = ("pointerdown", {"clientX": 100}), ("pointermove", {"clientX": 120})
    drag(page, HANDLE, down, move, ("pointermove", {"clientX": 130, "shiftKey": True}))
    assert page.numbers("value")["w_11^(1)"] == 0.62, "the step of 0.5 is 0.001: 20 pixels, and 10 of ten steps"
    lead = page.find("#lead").text
    predicted, true = re.findall(r"= (−?[0-9.]+); true: (−?[0-9.]+)", lead)[0]
    assert lead.startswith("Δw₁₁⁽¹⁾ = 0.12: predicted ΔE = ∂E/∂w₁₁⁽¹⁾ · Δw₁₁⁽¹⁾ = 0.03346 · 0.12 = ")
    assert float(predicted) == pytest.approx(0.12 * 0.0334627, rel=1e-3)
    assert float(true) == pytest.approx(page.numbers("value")["E"] - before, rel=1e-3)
    assert "w_11" not in page.driver.current_url, "the address is written when the drag has ended"
    drag(page, HANDLE, ("pointerup", {}))
    page.wait_until("location.hash.includes('w_11')")
    assert page.driver.current_url.endswith("#v=w_11^(1):0.62")


def test_escape_ends_a_drag_where_it_began(page: Page, figure_4_page: Path) -> None:
    page.open(figure_4_page, "v=w_11^(1):0.6")
    drag(page, HANDLE, ("pointerdown", {"clientX": 100}), ("pointermove", {"clientX": 90, "altKey": True}))
    assert page.numbers("value")["w_11^(1)"] == 0.599
    press(page, ESCAPE)
    assert page.numbers("value")["w_11^(1)"] == 0.6
    drag(page, HANDLE, ("pointermove", {"clientX": 500}))
    assert page.numbers("value")["w_11^(1)"] == 0.6


def test_arrow_keys_slider_and_reset(page: Page, figure_4_page: Path) -> None:
    page.open(figure_4_page)
    slider = page.run("return document.getElementsByName('x_1')[0].parentElement.querySelector('[type=range]')")
    assert (slider.get_attribute("min"), slider.get_attribute("max")) == ("-1.5", "4.5")
    slider.send_keys(RIGHT, UP, LEFT, RIGHT)
    page.run("return 0")
    assert page.numbers("value")["x_1"] == 1.52
    page.type("x_1", "7")
    assert slider.get_attribute("max") == "7"
    assert slider.get_attribute("aria-valuetext") == "7"
    slider.send_keys("r")
    page.run("return 0")
    assert page.numbers("value")["x_1"] == 1.5
    page.type("x_2", "4")
    page.run("document.activeElement.blur()")
    page.find("body").send_keys("R")
    page.run("return 0")
    assert page.numbers("value")["x_2"] == -0.5


def test_a_field_takes_up_and_down_and_escape(page: Page, figure_4_page: Path) -> None:
    page.open(figure_4_page)
    page.type("y", "1/4")
    press(page, UP, UP)
    assert page.numbers("value")["y"] == 0.252
    assert page.driver.switch_to.active_element.get_attribute("value") == "0.252"
    press(page, ESCAPE)
    assert page.numbers("value")["y"] == 0.25


def test_nodes_are_buttons(page: Page, figure_4_page: Path) -> None:
    page.open(figure_4_page)
    buttons = "[...document.querySelectorAll('figure:not([hidden]) [role=button]')]"
    names = page.run(f"return {buttons}.map(e => [e.tabIndex, e.ariaLabel])")
    assert [0, "x₁, value 1.5, derivative 0.00457381"] in names
    assert [0, "w₁₁⁽¹⁾, value 0.5, derivative 0.0334627"] in names, "weights on arrows, too"
    assert len(names) == len({name for _, name in names}) == 13 + 11
    page.run("document.querySelector('[aria-label^=\"x₁,\"]').focus()")
    press(page, ENTER)
    assert page.find("#inspector h3").text == "∂E/∂x₁ = 0.00457381"
    press(page, "p", "p")
    assert page.run("return document.querySelector('.paths .on-path button').dataset.path") == "1"
    press(page, "e")
    assert page.driver.switch_to.active_element.get_attribute("id") == "bar-field"
    press(page, TAB, TAB)
    assert page.driver.switch_to.active_element.get_attribute("aria-label") == "previous leaf", "no trap"


def test_a_double_click_on_a_number_lets_it_be_typed(page: Page, figure_4_page: Path) -> None:
    page.open(figure_4_page)
    drag(page, HANDLE, ("pointerdown", {}), ("pointerup", {}), ("dblclick", {}))
    press(page, "0", ".", "1", "2", "3", "4", "5", "6", "7", "8", "9")
    assert page.numbers("value")["w_11^(1)"] == 0.123456789
    field = page.find("#bar-field")
    assert field.get_attribute("value") == "0.123456789"
    press(page, TAB)
    assert field.get_attribute("value") == "0.12345679", "8 digits without the focus"
    assert page.numbers("value")["w_11^(1)"] == 0.123456789
    field.send_keys("x")
    page.run("return 0")
    assert page.find("#bar-reason").text.startswith("w₁₁⁽¹⁾ stays 0.123457: write a number")


def test_only_keys_that_are_used_are_taken(page: Page, figure_4_page: Path) -> None:
    page.open(figure_4_page)
    page.run(
        "window.taken = []; addEventListener('keydown', e => { if (e.defaultPrevented) taken.push(e.key) });"
        "document.querySelector('[aria-label^=\"x₁,\"]').focus()"
    )
    for key in ("ArrowDown", "PageDown", "a", "Enter", "ArrowLeft"):
        page.run(
            "document.activeElement.dispatchEvent("
            "new KeyboardEvent('keydown', { key: arguments[0], bubbles: true, cancelable: true }))",
            key,
        )
    assert page.run("return taken") == ["Enter", "ArrowLeft"]


def test_paths_are_shown_and_pinned(page: Page, figure_4_page: Path) -> None:
    page.open(figure_4_page)
    count = "return document.querySelectorAll('figure:not([hidden]) .on-path').length"
    assert page.run(count) == 4, "the first screen shows a path"
    assert "0.420176 · 0.22104 · 2 · 0.226193 · 1.25 · 0.207653 · 1.5 = 0.0163587" in page.find("#lead").text
    page.run("document.querySelector('[data-path=\"1\"]').focus()")
    assert "= 0.017104, is its share" in page.find("#lead").text
    page.run("document.querySelector('[data-path=\"1\"]').click()")
    page.run("document.querySelector('[data-path=\"0\"]').focus()")
    assert "= 0.017104, is its share" in page.find("#lead").text, "pinned"
    page.wait_until("location.hash.includes('path')")
    assert page.driver.current_url.endswith("#path=1")
    page.run("document.getElementById('products').click()")
    assert "E: 1 ← z⁽³⁾: 0.420176 ← a⁽³⁾: 0.0928758 ←" in page.find("#inspector").text


def test_another_view_keeps_the_place(page: Page, figure_4_page: Path) -> None:
    page.open(figure_4_page, "step=25")
    assert page.find("#where").text == "Step 25 of 39, backward: z₁⁽²⁾ → a₁⁽²⁾ (step 4 of the table)"
    page.run("document.querySelector('[data-view=all]').click()")
    assert page.find("#where").text == "Step 29 of 43, backward: z₁⁽²⁾ → a₁⁽²⁾ (step 4 of the table)"
    page.type("x_1", "2")
    assert page.find("#where").text.startswith("Step 29 of 43"), "a change keeps the step"
    unknown = page.run("return [...document.querySelectorAll('td[data-field=derivative]')].map(e => e.textContent)")
    assert "?" in unknown


def test_copied_python_brings_a_graph_to_the_numbers(page: Page, tmp_path: Path) -> None:
    def graph() -> Value:
        x, nameless = Value(1.5, "x"), Value(2.0)
        w = Value(0.5, "w_1")
        y = x * nameless + w * x
        y.label = "y"
        return y

    page.open(live(graph()).save(tmp_path / "page.html"), "v=x:-3;w_1:0.25")
    page.type("#1", "4")
    expected = page.numbers("value")["y"]
    page.find("#copy").click()
    text = page.find("#python").get_attribute("value")
    y = graph()
    names = {v.label: v for v in toposort(y) if v.label}
    exec(text, names)
    assert y.data == expected == -12.75


@thorough_unless(lambda width: width == 320)
@pytest.mark.parametrize("width", [320, 390, 1280])
def test_no_page_scrolls_sideways(page: Page, figure_4_page: Path, width: int) -> None:
    try:
        assert find_overflow(page.driver, figure_4_page, width, "screen") == []
        if width < 900:
            buttons = ", ".join(f"{css} button" for css in ("#tools", "#bar", "#moves", ".editor"))
            script = f"return [...document.querySelectorAll('{buttons}')]"
            sizes = page.run(f"{script}.filter(e => e.offsetParent).map(e => [e.offsetWidth, e.offsetHeight])")
            assert min(min(size) for size in sizes) >= 44
    finally:
        page.driver.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
        page.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})


@pytest.fixture
def without_scripts(page: Page) -> Iterator[None]:
    page.driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    yield
    page.driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})


@pytest.mark.usefixtures("without_scripts")
def test_scripts_off_numbers_steps_and_paths_are_there(page: Page, figure_4_page: Path) -> None:
    page.driver.get(figure_4_page.as_uri())
    text = page.find("main").text
    assert "this page needs its script" in text
    assert "∂E/∂z₁⁽¹⁾ = 0.0525196 + 0.0549122 = 0.107432" in text, "a step"
    assert "E ← z⁽³⁾ ← a⁽³⁾ ← w₁⁽³⁾: 0.420176 · 0.22104 · 0.654295 = 0.0607682" in text, "a path"
    for css in ("#tools", "#timeline", "#bar", "#training", ".editor [type=range]", "#copy"):
        assert not page.find(css).is_displayed()
    assert page.find("svg").is_displayed()
    local = [item.text for item in page.driver.find_elements("css selector", "figure:not([hidden]) [data-field=local]")]
    assert "0.4202" in local
    assert "" not in local
    graph, table = (page.find(css).rect["y"] for css in ("svg", "table"))
    assert graph < table


def test_a_sandboxed_frame_works_without_history(page: Page, tmp_path: Path) -> None:
    frame = Stepper(figure_2())._repr_html_()
    assert frame is not None
    assert frame.startswith('<iframe sandbox="allow-scripts" srcdoc="&lt;!DOCTYPE html&gt;')
    (tmp_path / "notebook.html").write_text(f"<!DOCTYPE html><meta charset=utf-8>{frame}", encoding="utf-8")
    page.driver.get((tmp_path / "notebook.html").as_uri())
    page.driver.switch_to.frame(0)
    page.type("x", "2")
    assert page.numbers("value")["y"] == 10.0
    press(page, TAB)
    page.wait_until("document.getElementById('address').value")
    address = page.find("#address")
    assert address.is_displayed()
    assert address.get_attribute("value") == "#v=x:2"
    page.driver.switch_to.default_content()


def test_a_stale_graph_and_an_open_step_are_kept() -> None:
    x = Value(2.0, "<x>")
    y = x * x
    stepper = Stepper(y).goto(3)
    assert '"step":3' in (stepper._repr_html_() or "").replace("&quot;", '"')
    assert "stale" not in html.unescape(Stepper(y)._repr_html_() or "").split("<script")[0]
    x.data = 5.0
    assert "<p>the output is stale: multiply(&lt;x&gt; = 5.0" in html.unescape(Stepper(y)._repr_html_() or "")


def test_a_large_graph_has_the_table_alone(page: Page, tmp_path: Path) -> None:
    x: Value = Value(0.5, "x")
    y = x
    for _ in range(400):
        y = y + x
    page.open(live(y).save(tmp_path / "page.html"), "view=all")
    assert "A graph of 401 nodes and 800 arrows is not drawn" in page.find("figure:not([hidden])").text
    page.type("x", "2")
    assert page.numbers("value")["y"] == 802.0
    assert page.numbers("derivative")["x"] == 401.0


@pytest.mark.skipif(shutil.which("pdftotext") is None, reason="reads PDF with pdftotext, of poppler-utils")
def test_printed_nothing_is_cut(page: Page, figure_4_page: Path, tmp_path: Path) -> None:
    page.open(figure_4_page, "step=29&v=x_1:2")
    (tmp_path / "page.pdf").write_bytes(base64.b64decode(page.driver.print_page()))
    printed = subprocess.run(["pdftotext", "-layout", tmp_path / "page.pdf", "-"], check=True, capture_output=True)
    text = printed.stdout.decode()
    assert "Step 29 of 39, backward" in text
    assert "previous" not in text
    for page_text in text.rstrip("\f").split("\f")[1:]:
        assert re.search(r"node +made by, or its number +value +derivative", page_text), "the head, on each page"
    assert "0.0" in text.split("made by")[-1]


@thorough_unless(lambda view: view == "paper")
@pytest.mark.parametrize("view", ["paper", "all"])
def test_the_chosen_node_has_an_outline_of_its_own(page: Page, figure_4_page: Path, view: str) -> None:
    page.open(figure_4_page, f"view={view}")
    script = """const seen = document.querySelector("figure:not([hidden]) .selected")
        return getComputedStyle(seen.querySelector(".area, .inside")).strokeDasharray"""
    assert page.run(script) == "4px, 2.5px"


def test_a_step_far_from_its_prediction_is_remarked(page: Page, figure_4_page: Path) -> None:
    page.open(figure_4_page)
    page.run("const rate = document.getElementById('rate'); rate.value = '-1'")
    page.find("#descend").click()
    assert page.find("#report").text == "λ: write a number above 0"
    page.run("document.getElementById('rate').value = '1000'")
    page.find("#descend").click()
    page.run("return 0")
    assert page.find("#report").text.endswith("λ is too large for a straight line.")
