"""The questions of a live page are those of `viz.questions`, about the numbers shown."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from engine import Value, dot, forward, label
from tests import thorough_unless
from tests.browser import FIND_OVERFLOW
from tests.paper_graphs import figure_4
from tests.viz.pages.conftest import Page
from viz.pages.live_page import live
from viz.pages.live_page.question_data import OTHER_NUMBERS, for_numbers
from viz.questions.kinds.numbers import NumberQuestion
from viz.questions.kinds.totals import TotalQuestion
from viz.questions.question import Question
from viz.questions.subject import Subject
from viz.stepping.quiz import next_question

pytestmark = pytest.mark.once
NARROW = {"width": 320, "height": 800, "deviceScaleFactor": 1, "mobile": False}
# Give each of these answers to the question that comes, then show the right one; frames do not wait.
WALK = """
requestAnimationFrame = paint => paint()
const byId = id => document.getElementById(id), dialogue = byId("dialogue").children
const give = text => {
  if (byId("signs").hidden) byId("answer").value = text, byId("give").click()
  else [...byId("signs").children].find(button => button.textContent == text).click()
  return dialogue[dialogue.length - 1].textContent
}
byId("ask").click()
return arguments[0].map(answers => {
  const found = [dialogue[0].textContent, answers.map(give)]
  byId("show").click()
  found.push(dialogue[0].textContent)
  while (byId("answering").hidden && !byId("next").disabled) byId("next").click()
  return found
})
"""


def sum_of_one() -> Value:
    a = Value(3.0, "a")
    total = a + a
    total.label = "s"
    return total


def tanh_neuron() -> Value:
    w_1, x_1, w_2, x_2 = Value(0.7, "w_1"), Value(1.5, "x_1"), Value(-0.4, "w_2"), Value(2.5, "x_2")
    n = w_1 * x_1 + w_2 * x_2 + Value(0.3, "b")
    o = n.tanh()
    label(n=n, o=o)
    return o


def questions_of(subject: Subject) -> Iterator[Question[Any]]:
    """The quiz's questions."""
    for position, step in enumerate(subject.steps):
        if step.phase == "forward" or step.input is not None:  # ∂y/∂y = 1 is not asked
            yield next_question(subject.steps, position)


def answers_to(question: Question[Any]) -> list[str]:
    if isinstance(question, NumberQuestion):
        right = question.answer()
        others = [*(mistake.answer for mistake in question.mistakes()), 1.02 * right, 7.0 * right + 300.0]
        return [repr(x) for x in others if not question.is_same(x, right)]
    return [x for x in ("up", "down", "stays") if x != question.answer()]


def flat() -> Value:
    """y = x² + |v| + √(1 - w), where v is at a kink, x at the least value, and w near the end of the domain."""
    x, v, w = Value(0.0, "x"), Value(0.0, "v"), Value(0.95, "w")
    a = x * x
    y = a + abs(v) + (1.0 - w).sqrt() + x * v
    label(a=a, y=y)
    return y


def several_functions() -> Value:
    """Parallel edges, a weight whose indices can be swapped, functions in one named node, and a node of two paths."""
    w, x = [Value(0.5, "w_12"), Value(1.5, "w_21")], [Value(1.25, "x_1"), Value(-0.75, "x_2")]
    a_1, a_2 = w[0] * x[1], w[1] * x[0]
    b = (a_1 * a_1).sin() + a_2.tanh().exp()
    y = b * b + a_1 * 3.0 + b.tanh() * a_2
    label(a_1=a_1, a_2=a_2, b=b, y=y)
    return y


def wide() -> Value:
    """A sum of more products than a question writes out, and a function of it."""
    a = dot(
        [Value(0.5 + 0.25 * i, f"w_1{i}") for i in range(1, 8)], [Value(0.75 * i - 2, f"x_{i}") for i in range(1, 8)]
    )
    y = a.tanh() * Value(2.5, "v")
    label(a=a, y=y)
    return y


@thorough_unless(lambda build, view: (build, view) in ((tanh_neuron, "all"), (flat, "paper"), (wide, "paper")))
@pytest.mark.parametrize(
    ("build", "view", "changed"),
    [
        (figure_4, "paper", {}),
        (figure_4, "all", {"w_11^(1)": 0.6, "x_2": -1.25}),
        (sum_of_one, "all", {}),
        (tanh_neuron, "all", {"w_2": 0.45}),
        (flat, "paper", {}),
        (flat, "all", {"x": 1.5}),
        (several_functions, "paper", {}),
        (wide, "paper", {}),
        (several_functions, "all", {"x_1": -0.3}),
    ],
)
def test_answers_and_diagnoses_are_those_of_python(
    page: Page,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    build: Callable[[], Value],
    view: str,
    changed: dict[str, float],
) -> None:
    monkeypatch.setattr(NumberQuestion, "tell_apart", lambda question: OTHER_NUMBERS)  # instead of a formula
    for name in ("faults", "faults_of_computation"):
        monkeypatch.setattr(TotalQuestion, name, for_numbers(getattr(TotalQuestion, name)))
    shown = live(build())
    path = shown.save(tmp_path / "page.html")
    page.open(
        path, f"view={view}&v=" + ";".join(f"{name}:{x}" for name, x in changed.items()) if changed else f"view={view}"
    )
    for leaf in shown.graph.leaves:
        leaf.data = changed.get(leaf.label, leaf.data)
    forward(shown.graph.root)
    questions = list(questions_of(Subject.of(shown.graph.root, view)))
    found = page.run(WALK, [answers_to(question) for question in questions])
    for question, (text, replies, right) in zip(questions, found, strict=True):
        assert replies == [question.check(answer).text for answer in answers_to(question)], text
        assert right.startswith(f"The answer: {question.format(question.answer())}. 0 of 1 point"), text
        form = "A number; " if isinstance(question, NumberQuestion) else ""
        assert text == f"{question.text} ({form}{question.tolerance}.)"


def test_play_stops_at_a_question_and_goes_on_after_it(page: Page, tmp_path: Path) -> None:
    page.open(live(figure_4()).save(tmp_path / "page.html"), "step=10")

    def press(*buttons: str) -> list[str]:
        for button in buttons:
            page.find(f"#{button}").click()
            page.run("return 0")
        return [line.text for line in page.driver.find_elements("css selector", "#dialogue p")]

    assert press("ask")[0].startswith("E = ½(z⁽³⁾ − y)², with z⁽³⁾ = 0.670176, y = 0.25. What is E?")
    assert press("last", "next")[0].endswith("What is E? (A number; 3 digits are enough.)"), (
        "what comes after it is not shown"
    )
    assert "E" not in page.numbers("value")
    page.driver.switch_to.active_element.send_keys("0.176548\ue007")
    page.run("return 0")
    assert "Not quite. It looks as if a division is missing." in page.find("#dialogue").text
    assert press("hint", "hint")[-3:] == [
        "hint 1 of 2: put its number in the place of each name, and compute",
        "hint 2 of 2: E = ½ · __²",
        "Not quite. It looks as if a division is missing.",
    ]
    page.run("document.getElementById('answer').value = '0.0883'")
    assert press("give")[0] == "Right: 0.088274. 0.5 of 1 point; 0.5 of 1 in all."
    assert page.numbers("value")["E"] == pytest.approx(0.088274, rel=1e-5)
    page.run("const start = setInterval; window.setInterval = (work) => start(work, 50)")  # for nobody to read along
    press("play")
    page.wait_until("!document.getElementById('dialogue').textContent.includes('Right')")
    assert page.find("#dialogue").text.startswith(
        "E = ½(z⁽³⁾ − y)², with z⁽³⁾ = 0.670176, y = 0.25. ∂E/∂E = 1. What is ∂E/∂z⁽³⁾?"
    )
    assert page.find("#play").text == "play", "it has stopped"
    assert page.find("#where").text.startswith("Step 12 of 39")


def test_what_gives_an_answer_away_is_hidden(page: Page, tmp_path: Path) -> None:
    page.open(live(figure_4()).save(tmp_path / "page.html"), "step=14&sel=a_1^(3)")
    local = "return document.querySelector('figure:not([hidden]) [data-field=local][data-of=\"z_1^(3)\"]').textContent"
    assert page.run(local) == "0.221"
    page.find("#ask").click()
    page.run("return 0")  # the page answers a frame later
    assert page.find("#dialogue").text.startswith(
        "z⁽³⁾ = σ(a⁽³⁾), with a⁽³⁾ = 0.708982, z⁽³⁾ = 0.670176. What is the local"
    )
    assert page.run(local) == "?"
    assert "0.221" not in page.find("main").text
    try:
        page.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", NARROW)
        assert page.run(FIND_OVERFLOW, 320) == []
        page.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
        assert not page.find("#question").is_displayed()
    finally:
        page.driver.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
        page.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})


def dialogue(page: Page) -> str:
    text: str = page.find("#dialogue").text
    return text


@pytest.mark.parametrize("first", ["type", "ask"])
def test_without_a_value_nothing_is_asked(first: str, page: Page, tmp_path: Path) -> None:
    y = (2.0 * Value(1.5, "x")).log()
    page.open(live(y).save(tmp_path / "page.html"))
    if first == "ask":
        page.find("#ask").click()
        page.run("return 0")
        assert dialogue(page).startswith("#1 = 2x, with x = 1.5. What is #1?")
    page.type("x", "-1")
    if first == "type":
        page.find("#ask").click()
        page.run("return 0")
    assert dialogue(page) == "Undefined for these numbers."
    assert not page.find("#give").is_displayed()
    page.type("x", "2")
    if first == "ask":
        assert dialogue(page).startswith("#1 = 2x, with x = 2. What is #1?")


def test_the_address_keeps_the_question_and_the_points(page: Page, tmp_path: Path) -> None:
    path = live(figure_4()).save(tmp_path / "page.html")
    page.open(path, "step=10")
    page.find("#ask").click()
    page.run("document.getElementById('answer').value = '0.088274'")
    for button in ("give", "next", "next", "hint"):
        page.find(f"#{button}").click()
        page.run("return 0")
    asked = dialogue(page)
    assert "What is ∂E/∂z⁽³⁾?" in asked
    address = "step=12&ask=12,1,1,1,1"
    page.wait_until(f"location.hash == '#{address}'")
    page.open(path, address)
    assert dialogue(page) == asked
    page.find("#show").click()
    page.run("return 0")
    assert "0 of 1 point; 1 of 2 in all." in dialogue(page)


@thorough_unless(lambda part: part == "ask=12,1,0,1000,1")
@pytest.mark.parametrize("part", ["ask=12,1,0,1000,1", "ask=x", "ask=1,2,3", "ask=-1,0,0,0,0", "ask=1,0,0,1.2.3,4"])
def test_a_question_that_an_address_cannot_mean_is_left_out(part: str, page: Page, tmp_path: Path) -> None:
    page.open(live(sum_of_one()).save(tmp_path / "page.html"), part)
    assert page.find("#skipped").text == f"Not understood in the address, and left out: {part}."
    assert not page.find("#question").is_displayed()
