"""A headless Chromium, driven by Selenium, where all of these are installed."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
DRIVER = shutil.which("chromedriver")


@pytest.fixture(scope="session")
def session_browser() -> Iterator[Any]:
    """The driver of a browser, which is started once: that takes as long as dozens of tests."""
    if not BROWSER or not DRIVER:
        pytest.skip("drives Chromium with chromedriver")
    webdriver = pytest.importorskip("selenium.webdriver", reason="drives the browser")
    options = webdriver.ChromeOptions()
    options.binary_location = BROWSER
    quiet = "disable-gpu disable-quic no-first-run disable-background-networking disable-component-update disable-sync"
    for name in ["headless=new", *quiet.split(), *(["no-sandbox"] if os.geteuid() == 0 else [])]:
        options.add_argument(f"--{name}")
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(options, webdriver.ChromeService(DRIVER))
    yield driver
    driver.quit()


@pytest.fixture(scope="module")
def browser(session_browser: Any) -> Any:
    """The driver of the browser, without what the tests of another module have set, logged or opened."""
    session_browser.switch_to.default_content()
    session_browser.get("about:blank")
    session_browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
    session_browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})
    for log in ("browser", "performance"):
        session_browser.get_log(log)
    return session_browser


MAX_LANDSCAPE = 1032  # pixels of A4 within its margins
FIND_OVERFLOW = """
const frame = e => e && (getComputedStyle(e).overflowX == "auto" ? e : frame(e.parentElement))
const isWide = e => e && (getComputedStyle(e).page == "wide" || isWide(e.parentElement))
return [...document.querySelectorAll("body *")].filter(e => !e.closest("svg") && !frame(e.parentElement)
  && e.getBoundingClientRect().right > (isWide(e) ? arguments[0] : innerWidth) + 1).map(e => e.outerHTML.slice(0, 100))
"""


def find_overflow(driver: Any, path: Path, width: int, media: str) -> list[str]:
    """The elements that stand out of a page of that width, in pixels, and not in a frame that scrolls by itself."""
    size = {"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": False}
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": media})
    driver.get(path.as_uri())
    found: list[str] = driver.execute_script(FIND_OVERFLOW, MAX_LANDSCAPE if media == "print" else width)
    return found
