"""Equations, tables and alternatives beside a live graph."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from engine import Value, dot, label, relu, sigmoid, tanh, toposort
from tests import thorough_unless
from tests.paper_graphs import figure_2
from tests.viz.pages.conftest import Page
from viz.math.backpropagation_table import backpropagation_table
from viz.math.equations import column_of, equal, juxtaposed, partial, plus, symbols
from viz.pages.live_page import LiveEquation, LivePage, live, live_table, number, put_in

pytestmark = pytest.mark.once
y, a_1, a_2, x = symbols("y", "a_1", "a_2", "x")
SUM_OF_PATHS = plus(juxtaposed(partial(y, a_1), partial(a_1, x)), juxtaposed(partial(y, a_2), partial(a_2, x)))


def with_equations() -> LivePage:
    output = figure_2()
    node = {v.label: v for v in toposort(output)}
    arrows = [(node["x"], node["a_1"]), (node["a_1"], node["y"])]
    lines = [equal(partial(y, x), SUM_OF_PATHS, put_in(SUM_OF_PATHS), number(partial(y, x)))]
    vector = [equal(column_of(a_1, a_2), column_of(number(a_1), number(a_2)))]
    equations = [LiveEquation("11", lines, [node["x"]], arrows, "Corrected."), LiveEquation("v", vector)]
    return live(output, equations=equations)


def unit(function: Callable[[Value], Value]) -> Value:
    """The half squared error of a unit with some activation function."""
    inputs, weights = [Value(1.5, "x_1"), Value(-0.5, "x_2")], [Value(0.5, "w_1"), Value(1.25, "w_2")]
    a = dot(weights, inputs)
    z = function(a)
    E = (z - 0.25) ** 2 / 2
    label(a=a, z=z, E=E)
    return E


def marked(page: Page) -> list[str]:
    found: list[str] = page.run(
        "return [...document.querySelectorAll('figure:not([hidden]) .about')].map(e => e.getAttribute('aria-label')"
        " ?? e.dataset.arrow)"
    )
    return found


def test_an_equation_has_the_numbers_of_now_and_marks_its_graph(page: Page, tmp_path: Path) -> None:
    page.open(with_equations().save(tmp_path / "page.html"), "v=x:4&eq=11")
    text = page.run("return document.querySelector('[data-lines]:not([hidden])').textContent")
    assert text.endswith("=(2)(3)+(1)(−1)=5Corrected.")
    assert marked(page)[-1] == "x, value 4, derivative 5"
    assert len(marked(page)) == 3
    page.run("location.hash = '#eq=v'")
    assert page.numbers("value")["x"] == 4.0, "an equation alone keeps the numbers"
    assert marked(page) == []
    assert page.run("return document.querySelector('[data-lines=v]').textContent") == "[a1a2]=[12−4]"


@thorough_unless(lambda name: name == "tanh")
@pytest.mark.parametrize(("name", "function"), [("tanh", tanh), ("ReLU", relu)])
def test_an_alternative_changes_every_number(
    page: Page, tmp_path: Path, name: str, function: Callable[[Value], Value]
) -> None:
    table = live_table(backpropagation_table(unit(sigmoid)), "Table 1")
    others: dict[str, Value] = {"tanh": unit(tanh), "ReLU": unit(relu)}
    shown = live(unit(sigmoid), tables=[table], alternatives=others)
    page.open(shown.save(tmp_path / "page.html"), f"alt={name}&v=x_1:-1")
    output = unit(function)
    nodes = {v.label: v for v in toposort(output)}
    nodes["x_1"].data = -1.0
    output.forward()
    output.backward()
    values, derivatives = page.numbers("value"), page.numbers("derivative")
    for node in ("a", "z", "E", "x_1", "w_2"):
        assert values[node] == pytest.approx(nodes[node].data, rel=1e-12)
        assert derivatives[node] == pytest.approx(nodes[node].grad, rel=1e-12)
    written = page.find(".sheet").text
    assert f"{nodes['a'].grad:.6g}".replace("-", "−") in written
    assert name in written
    assert "σ" not in written


def test_an_alternative_has_the_same_leaves() -> None:
    with pytest.raises(ValueError, match="alternative 'other' differs from the graph in more than its operations"):
        live(unit(sigmoid), alternatives={"other": unit(lambda a: (a * 2.0).tanh())})


@pytest.mark.parametrize(("number_of_x", "text"), [(1.2e-5, "(1.2·10⁻⁵)2"), (-2.0, "(−2)2"), (2.0, "22")])
def test_the_base_of_a_power_is_in_brackets(page: Page, tmp_path: Path, number_of_x: float, text: str) -> None:
    square = Value(number_of_x, "x") ** 2
    square.label = "y"
    equation = LiveEquation("1", [equal(y, put_in(x**2.0))])
    page.open(live(square, equations=[equation]).save(tmp_path / "page.html"), "eq=1")
    assert page.run("return document.querySelector('[data-lines]:not([hidden])').textContent") == f"y={text}"
