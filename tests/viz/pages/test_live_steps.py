"""The steps of a live page are those of the stepper: the same targets, results, order and sentences."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, given, settings

from engine import DomainError, Value, label, sin
from tests import share, thorough_unless
from tests.engine.recipes import ORDINARY, RECIPES, Recipe, follow
from tests.paper_graphs import figure_2, figure_4
from tests.viz.pages.conftest import Page
from viz import Stepper

pytestmark = pytest.mark.once
WALK = """
const done = arguments[0], texts = [], next = document.getElementById("next")
const frame = () => new Promise(requestAnimationFrame)
const walk = async () => {
  for (;;) {
    texts.push([...document.querySelectorAll("#said > *")].map(line => line.textContent))
    if (next.disabled) return done(texts)
    next.click()
    await frame(), await frame()
  }
}
walk()
"""


def square() -> Value:
    a = Value(3.0, "a")
    return a * a


def small_numbers() -> Value:
    """Powers of ten with a raised digit behind them, and behind a stroke."""
    x, u = Value(1.2e-5, "x"), Value(-3e-7, "u")
    a, b = x**2 / u, u**3 / x
    y = a + b**2 / a
    label(a=a, b=b, y=y)
    return y


def product_and_sine() -> Value:
    x, y = Value(0.5, "x"), Value(-2.0, "y")
    total: Value = x * y + sin(x)
    return total


def of_shell(stepper: Stepper) -> list[list[str]]:
    return [[line.strip() for line in repr(stepper.goto(n)).splitlines()] for n in range(len(stepper.steps) + 1)]


def of_page(page: Page) -> list[list[str]]:
    """The sentences of the page at each step, from the start on, with the shell's first letters and words."""
    page.run("document.getElementById('first').click()")
    texts = page.driver.execute_async_script(WALK)
    return [
        [title[0].lower() + title[1:], *(line.replace("the table shows", "table shows") for line in lines)]
        for title, *lines in texts
    ]


@thorough_unless(lambda build, view: (build, view) in ((figure_2, "paper"), (small_numbers, "all")))
@pytest.mark.parametrize("view", ["paper", "all"])
@pytest.mark.parametrize("build", [figure_2, figure_4, square, product_and_sine, small_numbers])
def test_the_page_says_what_the_shell_says(page: Page, tmp_path: Path, build: Callable[[], Value], view: str) -> None:
    stepper = Stepper(build(), view)
    page.open(stepper.to_html(tmp_path / "page.html"))
    assert of_page(page) == of_shell(stepper)


@pytest.mark.thorough
@settings(max_examples=share(0.03), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(RECIPES)
def test_random_graphs_have_the_steps_of_the_stepper(page: Page, tmp_path: Path, recipe: Recipe) -> None:
    leaves = [Value(number, name) for number, name in zip(ORDINARY, "xywvu", strict=True)]
    output, _ = follow(recipe, [2.0, -0.5, *leaves], limit=1e4)
    assume(isinstance(output, Value) and len(output.inputs) > 0)
    try:
        stepper = Stepper(output, "all")
    except DomainError:
        assume(False)
    page.open(stepper.to_html(tmp_path / "page.html"))
    said, wanted = of_page(page), of_shell(stepper)
    assert [lines[0] for lines in said] == [lines[0] for lines in wanted], "titles: targets and order"
    for lines, wanted_lines in zip(said, wanted, strict=True):
        numbers, wanted_numbers = (re.findall(r"[−0-9.]+(?:·10[⁻⁰-⁹¹²³]+)?$", x[-1]) for x in (lines, wanted_lines))
        assert numbers == wanted_numbers, (lines, wanted_lines)
