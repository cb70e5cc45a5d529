"""What of a live page is seen at once: in full screen, while a question is open, and when it is first opened."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.paper_graphs import figure_4
from tests.viz.pages.conftest import Page
from viz.pages.live_page import live

pytestmark = pytest.mark.once


@pytest.fixture
def figure_4_page(page: Page, tmp_path: Path) -> Path:
    return live(figure_4()).save(tmp_path / "page.html")


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
