"""The live figures of the paper's page in a browser: equations mark what they are about, with numbers that follow."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from demos.paper.equation_pictures import CAPTION_DIGITS, PICTURES
from demos.paper.equations.catalogue import EQUATIONS
from demos.paper.equations.instances import Instances
from demos.paper.examples import NET4, Network, figure_1, figure_2, figure_3
from demos.paper.live_figures import ACTIVATIONS, equations_by_figure, live_figures
from engine import toposort
from tests import thorough_unless
from tests.layout_program import needs_dot
from viz import LivePage, backpropagation_table
from viz.math.formulas import format_formula, format_number

pytestmark = [pytest.mark.once, needs_dot]


class Figure:
    """A live figure in the browser."""

    def __init__(self, driver: Any, page: LivePage, path: Path) -> None:
        self.driver, self.page, self.path = driver, page, path
        self.open("")

    def open(self, address: str) -> None:
        self.driver.get("about:blank")
        self.driver.get(f"{self.path.as_uri()}#{address}")
        self.wait()

    def wait(self) -> None:
        self.driver.execute_async_script("requestAnimationFrame(() => requestAnimationFrame(arguments[0]))")

    def choose(self, number: str) -> None:
        """Choose an equation as a link to this page does."""
        self.driver.execute_script("location.hash = `#eq=${arguments[0]}`", number)
        self.wait()

    def type(self, leaf: str, text: str) -> None:
        field = self.driver.execute_script("return document.getElementsByName(arguments[0])[0]", leaf)
        self.driver.execute_script("arguments[0].focus(); arguments[0].value = ''", field)
        field.send_keys(text)
        self.wait()

    def lines(self, number: str) -> list[str]:
        """The lines of the chosen equation, without spaces."""
        script = """return [...document.querySelectorAll(`[data-lines="${arguments[0]}"]:not([hidden]) math`)]
            .map((line) => line.textContent)"""
        return [re.sub(r"\s", "", line) for line in self.driver.execute_script(script, number)]

    def marks(self) -> set[str]:
        """The nodes and arrows that are marked in the view that is shown, by their names."""
        graph, view = self.page.graph, self.page.graph.first_view
        script = """const seen = document.querySelector("figure[data-view]:not([hidden])");
            return ["select", "arrow"].map((kind) => [...seen.querySelectorAll(`[data-${kind}].about`)]
            .map((item) => item.dataset[kind]))"""
        nodes, arrows = self.driver.execute_script(script)
        names = [graph.names[node] for node in graph.order]
        ends = [(graph.names[arrow.x], graph.names[arrow.node]) for arrow in graph.arrows[view]]
        found = {" → ".join(ends[int(k)]) for item in arrows for k in item.split()}
        return {names[int(i)] for i in nodes} | found

    def derivatives_of_table(self) -> list[str]:
        """The last number of each row of Table 1: the derivative by its variable."""
        script = """return [...document.querySelectorAll(".sheet tbody tr")]
            .map((row) => [...row.querySelectorAll("[data-formula]")].at(-1).textContent)"""
        return list(self.driver.execute_script(script))

    def numbers(self, field: str) -> dict[str, float]:
        script = """return [...document.querySelectorAll(`[data-field="${arguments[0]}"][data-number]`)]
            .map(({ dataset }) => [dataset.node, Number(dataset.number)])"""
        return dict(self.driver.execute_script(script, field))


PRODUCTS = {"1": "x₁y₁", "2": "x₂y₂", "3": "x₃y₃"}
FACTORS = [f"{letter}_{i}" for letter in "xy" for i in PRODUCTS]


@pytest.fixture(scope="module")
def pages() -> dict[str, LivePage]:
    return live_figures(Instances())


@pytest.fixture
def show(browser: Any, pages: dict[str, LivePage], tmp_path: Path) -> Iterator[Any]:
    """Opens a live figure by its name, and asserts that nothing is written to the console."""
    browser.get_log("browser")
    yield lambda name: Figure(browser, pages[name], pages[name].save(tmp_path / f"{name}-live.html"))
    assert browser.get_log("browser") == []


def python_lines(number: str, instances: Instances) -> list[str]:
    """The lines of an equation as Python writes them, with numbers, without spaces."""
    picture = PICTURES[number](instances)
    assert picture is not None
    lines = [format_formula(line, "html", digits=CAPTION_DIGITS) for line in picture.known_caption]
    return [re.sub(r"<[^>]*>|\s", "", line) for line in lines]


def _shown(numbers: Iterable[str]) -> set[str]:
    """Those that a live figure has: (16) is empty, and of those that state the same, it has the first."""
    return {number for number in numbers if number != "16" and not EQUATIONS[number].repeats}


def test_every_equation_stands_beside_a_live_figure(pages: dict[str, LivePage]) -> None:
    beside = [number for numbers in equations_by_figure().values() for number in numbers]
    assert sorted(beside) == sorted(EQUATIONS)
    text = "".join(page.html() for page in pages.values())
    assert set(re.findall('data-lines="([^"]+)"', text)) == _shown(EQUATIONS)


@thorough_unless(lambda name: name in ("figure-2", "figure-3"))
@pytest.mark.parametrize(
    ("name", "changes", "changed"),
    [
        ("figure-1", {"x": "−7"}, Instances(figures=[figure_1(-7.0)])),
        ("figure-2", {"x": "−7"}, Instances(figures=[figure_2(-7.0)])),
        ("figure-3", {"x": "−1", "w_2^(1)": "0.25"}, Instances(figures=[figure_3(-1.0, w_1=(1, 0.25, 3, 0.5))])),
        ("figure-4", {"x_1": "−2", "y": "1"}, Instances(network=replace(NET4, x=[-2.0, -0.5], y=[1.0]))),
    ],
)
def test_equations_have_the_numbers_of_python_as_they_change(
    show: Any, name: str, changes: dict[str, str], changed: Instances
) -> None:
    figure = show(name)
    numbers = [number for number in equations_by_figure()[name] if number in _shown(EQUATIONS)]
    for instances in (Instances(), changed):
        for number in numbers:
            figure.choose(number)
            assert figure.lines(number) == python_lines(number, instances), number
        for leaf, text in changes.items():
            figure.type(leaf, text)


@thorough_unless(lambda number: number in ("1", "38"))
@pytest.mark.parametrize(
    ("name", "number", "expected"),
    [
        ("equation-1", "1", {"x", "y", "x → y", "y → z"}),
        ("figure-1", "5", {"x", "x → a"}),
        ("figure-2", "11", {"x", "a_1", "a_2", "x → a_1", "x → a_2", "a_1 → y", "a_2 → y"}),
        ("figure-4", "32", {"z_2^(1)", "z_2^(1) → a_1^(2)"}),
        ("figure-4", "38", {"a_1^(1)", "a_1^(2)", "a_2^(2)", "z_1^(1) → a_1^(2)", "z_1^(1) → a_2^(2)"}),
        ("equation-33", "33", {*PRODUCTS.values(), *FACTORS, *(f"{x} → {PRODUCTS[x[-1]]}" for x in FACTORS)}),
    ],
)
def test_what_an_equation_is_about_is_marked(show: Any, name: str, number: str, expected: set[str]) -> None:
    figure = show(name)
    figure.choose(number)
    weights = {mark for mark in figure.marks() if mark.startswith("w_")}  # on the same arrows
    assert figure.marks() - weights == expected


def test_constants_can_be_changed_and_are_followed(show: Any) -> None:
    figure = show("figure-2")
    figure.choose("11")
    assert figure.lines("11")[0].endswith("=(2)(3)+(1)(−1)=5")
    three = next(figure.page.graph.names[x] for x in figure.page.graph.leaves if x.data == 3.0)
    figure.type(three, "4")
    assert figure.lines("11")[0].endswith("=(2)(4)+(1)(−1)=7")
    figure.choose("8")
    assert figure.lines("8") == ["a1=4x=(4)(1.5)=6"]


@thorough_unless(lambda activation: activation == "tanh")
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_figure_4_with_each_activation_agrees_with_python(show: Any, activation: str) -> None:
    figure = show("figure-4")
    if activation != "sigmoid":
        figure.open(f"alt={ACTIVATIONS[activation]}")
    for x in (NET4.x, [2.0, -0.5]):
        network = replace(NET4, x=x, activation=activation, output_activation=activation)
        assert_agrees(figure, network)
        figure.type("x_1", "2")


def assert_agrees(figure: Figure, network: Network) -> None:
    """Assert that a live figure has the values, the derivatives, the equations and the Table 1 of a network."""
    instances = Instances(network=network)
    nodes = [node for node in toposort(instances.networks[0].E) if node.label]
    values, derivatives = figure.numbers("value"), figure.numbers("derivative")
    for node in nodes:
        assert values[node.label] == pytest.approx(node.data, rel=1e-12, abs=1e-12)
        assert derivatives[node.label] == pytest.approx(node.grad, rel=1e-12, abs=1e-12)
    table = backpropagation_table(instances.networks[0].E)
    assert figure.derivatives_of_table() == [format_number(row.number, 6) for row in table.rows]
    for number in ("23", "38", "39", "41", "S5"):
        figure.choose(number)
        assert figure.lines(number)[-1] == python_lines(number, instances)[-1]


def test_two_steps_of_descent_on_figure_4_are_those_of_python(show: Any) -> None:
    figure = show("figure-4")
    net = Instances().networks[0]
    for _ in range(2):
        figure.driver.find_element("css selector", "#descend").click()
        figure.wait()
        for w in net.weights:
            w.data -= 0.5 * w.grad
        net.E.zero_grad()
        net.E.forward()
        net.E.backward()
        assert figure.numbers("value")["E_n"] == pytest.approx(net.E.data, rel=1e-11)
    assert net.E.data == pytest.approx(0.0794044382280, rel=1e-11)  # computed with mpmath
