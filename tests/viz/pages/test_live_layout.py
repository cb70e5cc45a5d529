"""What of a live page is seen at once: in full screen, while a question is open, and when it is first opened."""

from __future__ import annotations

import base64
import random
import shutil
import subprocess
from pathlib import Path

import pytest

from engine import Value
from nn import MLP, half_squared_error
from tests import thorough_unless
from tests.paper_graphs import figure_4
from tests.viz.pages.conftest import Page
from viz.pages.live_page import live

pytestmark = pytest.mark.once


@pytest.fixture
def figure_4_page(page: Page, tmp_path: Path) -> Path:
    return live(figure_4()).save(tmp_path / "page.html")


@thorough_unless(lambda size: size == (1280, 720))
@pytest.mark.parametrize("size", [(1280, 720), (390, 844)])
def test_full_screen_shows_all_of_the_figures_height(page: Page, figure_4_page: Path, size: tuple[int, int]) -> None:
    page.driver.set_window_size(*size)
    page.open(figure_4_page)
    page.find("body").send_keys("f")
    page.wait_until("document.fullscreenElement")
    script = """const { bottom } = document.querySelector("#graph svg").getBoundingClientRect()
        const [graph, timeline, side, footer] = ["#graph", "#timeline", "#side", "footer"].map(
          (css) => document.querySelector(css).getBoundingClientRect())
        return [graph.bottom, innerHeight].map((end) => end - bottom).concat(
          [timeline, side].map((above) => footer.top - above.bottom))"""
    assert min(page.run(script)) >= 0
    page.find("body").send_keys("f")
    page.wait_until("!document.fullscreenElement")


@thorough_unless(lambda size: size == (390, 844))
@pytest.mark.parametrize("size", [(1280, 720), (390, 844)])
def test_a_question_and_the_unit_it_is_about_are_in_view(page: Page, tmp_path: Path, size: tuple[int, int]) -> None:
    random.seed(1)
    network = MLP(2, [3, 1], activation="sigmoid", output_activation="sigmoid")
    error = half_squared_error(network([0.5, 0.75]), 0.25)
    error.label = "E"
    page.driver.set_window_size(*size)
    page.open(live(error).save(tmp_path / "page.html"), "step=20")
    page.find("#ask").click()
    page.wait_until("document.activeElement.id === 'answer'")
    assert page.find("#dialogue").text.startswith("z₃⁽¹⁾ = σ(a₃⁽¹⁾)")
    script = """const unit = document.querySelector('figure:not([hidden]) [data-field=value][data-node="z_3^(1)"]')
        return [unit, document.querySelector("#answering")].every((item) => {
          const { left, top, right, bottom } = item.getBoundingClientRect()
          return left >= 0 && top >= 0 && right <= innerWidth && bottom <= innerHeight + 1 // it scrolls by whole pixels
        })"""
    assert page.run(script)


UNSEEN = """const frame = document.querySelector("#graph").getBoundingClientRect()
    return arguments[0].filter((name) => {
      const items = document.querySelectorAll("figure:not([hidden]) [data-field=value]")
      const item = [...items].find(({ dataset }) => dataset.node === name)
      const { left, right, top, bottom } = item.getBoundingClientRect()
      return left < frame.left || right > frame.right || top < frame.top || bottom > Math.min(frame.bottom, innerHeight)
    })"""


def test_the_chosen_and_then_each_step_are_seen(page: Page, tmp_path: Path) -> None:
    error = figure_4()
    for k in range(8):  # so that the drawing is far wider than a screen
        error = (error * Value(0.5, f"c_{k}")).tanh()
        error.label = f"E_{k}"
    shown = live(error)
    path = shown.save(tmp_path / "page.html")
    for width, height in ((1280, 800), (703, 900), (390, 844)):
        page.driver.set_window_size(width, height)
        page.open(path, "view=paper")
        assert page.run(UNSEEN, ["w_11^(1)", "x_1"]) == []  # those of the chosen path's end, and of the last step
    page.run("document.getElementById('first').click()")
    for node in (node for node in shown.graph.views["paper"].order if node.inputs):
        page.run("document.getElementById('next').click()")
        assert page.run(UNSEEN, [shown.graph.names[node]]) == []


@pytest.mark.skipif(shutil.which("pdftotext") is None, reason="reads PDF with pdftotext, of poppler-utils")
def test_a_small_network_is_printed_on_two_sheets(page: Page, tmp_path: Path) -> None:
    network = MLP(2, [3, 1], activation="sigmoid", output_activation="sigmoid")
    page.open(live(half_squared_error(network([0.5, 0.75]), 0.25)).save(tmp_path / "page.html"))
    options = pytest.importorskip("selenium.webdriver.common.print_page_options").PrintOptions()
    options.page_width, options.page_height = 21.0, 29.7  # A4, in cm
    (tmp_path / "page.pdf").write_bytes(base64.b64decode(page.driver.print_page(options)))
    printed = subprocess.run(["pdftotext", tmp_path / "page.pdf", "-"], check=True, capture_output=True)
    assert printed.stdout.count(b"\f") == 2
