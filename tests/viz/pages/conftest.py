"""A browser, in which pages are opened from files."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

AFTER_THE_FRAME = """
const { port1, port2 } = new MessageChannel(), done = arguments[0]
port1.onmessage = () => done()
requestAnimationFrame(() => port2.postMessage(0))
"""
MAX_SECONDS = 60.0  # far more than a page needs on a busy machine


class Page:
    """A page in the browser."""

    def __init__(self, driver: Any) -> None:
        self.driver = driver

    def open(self, path: Path, address: str = "") -> None:
        """Open a file, with a state in its address."""
        if self.driver.current_url.partition("#")[0] == path.as_uri():  # which another address would not load again
            self.driver.get("about:blank")
        self.driver.get(path.as_uri() + (f"#{address}" if address else ""))
        self.run("return 0")  # the first paint

    def run(self, script: str, *arguments: Any) -> Any:
        """The result of a script, after the next frame, in which what it has asked for is painted."""
        result = self.driver.execute_script(script, *arguments)
        self.driver.execute_async_script(AFTER_THE_FRAME)
        return result

    def wait_until(self, condition: str) -> None:
        """Wait until an expression of JavaScript holds, as for the address, which is written when changes rest."""
        end = time.monotonic() + MAX_SECONDS
        while not self.driver.execute_script(f"return {condition}"):
            assert time.monotonic() < end, f"after {MAX_SECONDS:g} seconds there is still not {condition}"
            time.sleep(0.05)

    def find(self, css: str) -> Any:
        """The first element."""
        return self.driver.find_element("css selector", css)

    def numbers(self, field: str) -> dict[str, float]:
        """The numbers of a field by node, each asserted to be the same wherever it is shown."""
        script = """return [...document.querySelectorAll(`[data-field="${arguments[0]}"]`)]
            .map(({ dataset }) => [dataset.node, dataset.number ?? null])"""
        found: dict[str, float] = {}
        for node, number in self.run(script, field):
            if number is not None:
                assert found.setdefault(node, float(number)) == float(number), node
        return found

    def type(self, leaf: str, text: str) -> None:
        """Type a text into the field of a leaf."""
        field = self.run("return document.getElementsByName(arguments[0])[0]", leaf)
        self.run("arguments[0].focus(); arguments[0].value = ''", field)
        field.send_keys(text)
        self.run("return 0")

    def messages(self) -> list[str]:
        """The messages of the console, and the requested addresses besides files and data."""
        console = [entry["message"] for entry in self.driver.get_log("browser")]
        events = (json.loads(entry["message"])["message"] for entry in self.driver.get_log("performance"))
        urls = [e["params"]["request"]["url"] for e in events if e["method"] == "Network.requestWillBeSent"]
        return console + [url for url in urls if not url.startswith(("file:", "data:", "about:"))]


@pytest.fixture
def page(browser: Any) -> Iterator[Page]:
    shown = Page(browser)
    browser.set_window_size(800, 600)
    shown.messages()
    yield shown
    assert shown.messages() == []
