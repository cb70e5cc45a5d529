"""The page that computes, as text and in a browser."""

from __future__ import annotations

import base64
import gzip
import hashlib
import math
import random
import re
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from engine import DomainError, Value, toposort, where
from nn import MLP, cross_entropy
from tests import share, thorough_unless
from tests.engine.compiler.agreement import largest_magnitude
from tests.engine.recipes import ORDINARY, RECIPES, Recipe, follow
from tests.layout_program import needs_graphviz
from tests.paper_graphs import figure_2, figure_4
from tests.viz.pages.conftest import Page
from viz.drawing.themes import THEMES
from viz.pages.live_page import SCRIPTS, STYLE, LivePage, compact, compact_style, live

pytestmark = pytest.mark.once
RUNTIME = "compiler/targets/javascript/runtime.js"
HOSTILE = "</script><img src=x onerror=\"document.title='broken'\"><b>&amp;"


def numbers_of(shown: LivePage) -> tuple[dict[str, float], dict[str, float]]:
    """The values and the derivatives by name, computed in Python."""
    values, derivatives = shown.graph.numbers()
    names = shown.graph.names
    return {names[x]: y for x, y in values.items()}, {names[x]: y for x, y in derivatives.items()}


def assert_shows(page: Page, shown: LivePage, precision: float = 1e-12) -> None:
    """Assert that the page shows the numbers of Python at the present `data` of the copied graph."""
    for field, wanted in zip(("value", "derivative"), numbers_of(shown), strict=True):
        found = page.numbers(field)
        assert found
        for name, number in found.items():
            assert number == pytest.approx(wanted[name], rel=precision, abs=precision), (field, name)


def test_the_page_is_one_file_that_requests_nothing() -> None:
    text = live(figure_4()).html()
    assert "default-src 'none'; base-uri 'none'; form-action 'none'" in text
    assert "unsafe" not in text
    assert " style=" not in text
    assert not re.search(r"(src|href)=\"?https?:", text)


def test_without_the_script_the_page_has_the_last_numbers() -> None:
    text = live(figure_2()).html()
    cell = '<td data-node="{}" data-field="{}">{}</td>'
    for name, value, derivative in (("x", "1.5", "5"), ("a_1", "4.5", "2"), ("a_2", "−1.5", "1"), ("y", "7.5", "1")):
        assert cell.format(name, "value", value) in text
        assert cell.format(name, "derivative", derivative) in text
    assert "∂y/∂x = " in text


def test_a_change_is_followed_by_every_number(page: Page, tmp_path: Path) -> None:
    shown = live(figure_4())
    page.open(shown.save(tmp_path / "page.html"))
    assert_shows(page, shown)
    for leaf, text, number in (("w_11^(1)", "0.6", 0.6), ("x_2", "−1e-3", -1e-3), ("y", "1/3", 1 / 3)):
        page.type(leaf, text)
        next(x for x in shown.graph.leaves if x.label == leaf).data = number
        assert_shows(page, shown)


def test_two_steps_of_descent_are_those_of_the_paper(page: Page, tmp_path: Path) -> None:
    page.open(live(figure_4()).save(tmp_path / "page.html"))
    reports = []
    for _ in range(2):
        page.find("#descend").click()
        page.run("return 0")
        reports.append(page.find("#report").text)
    # Computed with mpmath: the first step from the forecast −λ|g|² = −0.00450326741117, and two errors after it.
    assert reports[0] == "Step 1: E = 0.0837925; predicted ΔE = −λ|g|² = −0.004503, true: −0.004481."
    assert page.numbers("value")["E"] == pytest.approx(0.0794044382280, rel=1e-11)


def test_training_changes_the_parameters_but_not_the_targets() -> None:
    network = MLP(2, [3, 3], activation="tanh", output_activation="linear", rng=random.Random(3))
    graph = live(cross_entropy(network([0.5, -1.5]), 1)).graph
    assert {x.label for x in graph.parameters} == {x.label for x in network.parameters()}
    assert graph.first_selected() in graph.parameters


def test_letters_make_weights_of_errors_and_paths_are_counted(page: Page, tmp_path: Path) -> None:
    w, x, y = Value(1.5, "w_1"), Value(0.5, "x"), Value(0.75, "y")
    f = x.sin() * w + x / y
    f.label = "f"
    shown = live(f)
    assert shown.graph.parameters == []
    page.open(shown.save(tmp_path / "page.html"), "view=paper&sel=x")
    assert not page.find("#training").is_displayed()
    assert "1 path here, 2 over every operation" in page.find("#inspector").text
    assert [text for text in page.find("#graph").text.split("\n") if "path" in text] == ["2 paths"]  # on one arrow
    f.label = "E"
    assert [x.label for x in live(f).graph.parameters] == ["w_1"]


def test_a_rise_of_the_loss_is_said_and_back_starts_anew(page: Page, tmp_path: Path) -> None:
    w, x = Value(2.0, "w"), Value(1.0, "x")
    E = (w * x) ** 2 / 2
    E.label = "E"
    page.open(live(E).save(tmp_path / "page.html"))
    rose = "Step 1: E = 8; predicted ΔE = −λ|g|² = −12, true: 6. E rose: λ is too large for a straight line."
    refusals = {"0,5": "λ: write a point, as in 0.5", "-1": "λ: write a number above 0"}
    for rate, said in ({"3": rose} | refusals).items():
        page.run("document.getElementById('rate').value = arguments[0]", rate)
        page.find("#descend").click()
        page.run("return 0")
        assert page.find("#report").text == said
    page.find("#back").click()
    page.run("return 0")
    assert page.numbers("value")["w"] == 2.0
    page.run("document.getElementById('rate').value = '0.5'; document.getElementById('run').click()")
    page.wait_until("/^Step [1-9]/.test(document.getElementById('report').textContent)")
    page.find("#run").click()
    assert re.match("Step [1-9]", page.find("#report").text)


@pytest.mark.thorough
@settings(max_examples=share(0.2), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(RECIPES, st.lists(st.sampled_from([-2.5, -1.0, -0.3, 0.125, 0.7, 1.0, 3.0]), min_size=5, max_size=5))
def test_random_graphs_show_the_numbers_of_python(
    page: Page, tmp_path: Path, recipe: Recipe, numbers: list[float]
) -> None:
    leaves = [Value(number, name) for number, name in zip(ORDINARY, "xywvu", strict=True)]
    output, _ = follow(recipe, [2.0, -0.5, *leaves], limit=1e4)
    assume(isinstance(output, Value) and output.inputs)
    used = [x for x in leaves if x in toposort(output)]
    shown = live(output)
    path = shown.save(tmp_path / "page.html")
    changed = dict(zip((x.label for x in used), numbers, strict=False))
    page.open(path, "v=" + ";".join(f"{name}:{number}" for name, number in changed.items()))
    for x in shown.graph.leaves:
        x.data = changed[x.label]
    try:
        shown.graph.root.forward()
        scale = largest_magnitude(shown.graph.root)
    except DomainError:
        assert len(page.numbers("value")) + len(page.numbers("derivative")) < 2 * len(shown.graph.names)
    else:
        assume(scale < 1e4)
        assert_shows(page, shown, 1e-12 * max(1.0, scale))


def test_where_a_node_has_no_value_the_rest_stays(page: Page, tmp_path: Path) -> None:
    x, w = Value(2.0, "x"), Value(3.0, "w")
    root = x.log()
    root.label = "r"
    y = root * w + x * w
    y.label = "y"
    path = live(y).save(tmp_path / "page.html")
    page.open(path, "v=x:-1")
    values = page.numbers("value")
    assert values["x"] == -1.0
    assert not {"r", "y"} & values.keys()
    assert -3.0 in values.values()
    assert page.numbers("derivative") == {}
    page.open(path, "v=x:-1&sel=r")
    assert "log(x = -1.0) is not finite: log needs a number above 0" in page.find("#inspector").text


def test_where_a_local_derivative_is_not_finite_the_rest_stays(page: Page, tmp_path: Path) -> None:
    x, w = Value(4.0, "x"), Value(3.0, "w")
    y = x.sqrt() * w
    y.label = "y"
    page.open(live(y).save(tmp_path / "page.html"), "v=x:0&sel=x")
    assert page.numbers("value")["y"] == 0.0
    assert page.numbers("derivative") == {"y": 1.0, "w": 0.0, "#1": 3.0}
    assert "= not defined: the derivative of sqrt(x = 0.0) is not finite" in page.find("#inspector").text
    assert "∂y/∂x = not defined" in page.find("#inspector").text
    assert "–" not in page.find("main").text
    assert not re.search("NaN|undefined|Infinity", page.find("main").text)


def test_a_step_does_not_tell_what_is_to_come(page: Page, tmp_path: Path) -> None:
    page.open(live(figure_2()).save(tmp_path / "page.html"), "step=7&view=paper")
    assert page.find("#inspector h3").text == "∂y/∂x = −1 + …, 1 of 2 terms"
    assert "= ?" in page.find(".contributions").text
    assert "= 5" not in page.find("main").text
    assert page.numbers("value").keys() >= {"x", "a_1", "a_2", "y", "#1"}


def test_typing_what_is_no_number_keeps_the_old_one(page: Page, tmp_path: Path) -> None:
    page.open(live(figure_2()).save(tmp_path / "page.html"))
    page.type("x", "1,5")
    assert page.numbers("value")["x"] == 1.0  # as typed so far
    assert page.find(".editor .reason").text == "x stays 1: write a point, as in 0.5"
    page.type("x", "2.5")
    assert page.numbers("value")["y"] == 12.5


def test_hostile_labels_are_text(page: Page, tmp_path: Path) -> None:
    x, w = Value(3.0, HOSTILE), Value(2.0, "__proto__")
    shown = live(x * w, title=HOSTILE)
    assert "<img" not in shown.html()
    page.open(shown.save(tmp_path / "page.html"), f"v={quote(HOSTILE)}:4")
    assert page.driver.title == HOSTILE
    assert page.numbers("value")[HOSTILE] == 4.0


@pytest.mark.parametrize(
    ("address", "skipped"),
    [
        ("v=w_11^(1):0.6;x_1:2&step=12&view=all", ""),
        ("v=w_11%5E(1):0.6;q:1&step=x&colour=red&sel=z_1^(3)", "q:1, step=x, colour=red"),
        ("v=%E0:1", "%E0:1"),
    ],
)
def test_the_address_is_the_state(page: Page, tmp_path: Path, address: str, skipped: str) -> None:
    page.open(live(figure_4()).save(tmp_path / "page.html"), address)
    found = page.find("#skipped").text
    assert found == (f"Not understood in the address, and left out: {skipped}." if skipped else "")
    if not skipped:
        assert page.run("return decodeURIComponent(location.hash.slice(1))") == address
    if "0.6" in address:
        assert page.numbers("value")["w_11^(1)"] == 0.6


def test_steps_are_the_same_forward_and_back(page: Page, tmp_path: Path) -> None:
    page.open(live(figure_2()).save(tmp_path / "page.html"), "step=0")
    texts = []
    for move in ["next"] * 7 + ["previous"] * 7:
        texts.append(page.find("#where").text + page.find("#said").text)
        page.find(f"#{move}").click()
        page.run("return 0")
    assert texts[1:7] == texts[8:14][::-1]
    assert "= −1 + …, 1 of 2 terms" in texts[7]


def test_keys_move_through_steps_from_the_first_load(page: Page, tmp_path: Path) -> None:
    page.open(live(figure_2()).save(tmp_path / "page.html"))
    page.find("body").send_keys("\ue012")  # the left arrow
    page.run("return 0")
    assert page.find("#where").text == "Step 7 of 8, backward: a₂ → x"


def test_long_paths_differ_in_what_is_written(page: Page, tmp_path: Path) -> None:
    y: Value = Value(0.5, "x")
    for _ in range(2):
        for _ in range(8):
            y = y.tanh()
        y = y * 2.0 + y.exp()
    page.open(live(y).save(tmp_path / "page.html"), "sel=x")
    texts = page.run("return [...document.querySelectorAll('[data-path]')].map((button) => button.textContent)")
    assert len(set(texts)) == len(texts) == 4


def test_an_output_can_be_chosen(page: Page, tmp_path: Path) -> None:
    page.open(live(figure_4()).save(tmp_path / "page.html"), "of=a_1^(1)")
    assert page.numbers("derivative")["w_11^(1)"] == 1.5
    assert page.numbers("derivative")["w_11^(3)"] == 0.0


def test_a_branch_that_is_not_taken_has_no_derivative(page: Page, tmp_path: Path) -> None:
    c, x, w = Value(1.0, "c"), Value(2.0, "x"), Value(2.0, "w")
    path = live(where(c, x * 3.0, w.log())).save(tmp_path / "page.html")
    page.open(path, "v=w:-1")
    assert not math.isnan(page.numbers("value")["x"])
    page.open(path, "view=paper&sel=x")
    assert "none" in page.find("#graph").text  # at the arrow from w
    marked = page.run("return document.querySelectorAll('figure:not([hidden]) .on-path').length")
    assert marked == 1  # not the arrow from c


@pytest.mark.parametrize("wrong", [{"equations": ["38"]}, {"tables": [3]}, {"tables": 3}, {"alternatives": []}])
def test_arguments_of_a_wrong_type_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(TypeError, match=f"^{next(iter(wrong))} must be a "):
        live(Value(1.0, "x"), **wrong)


def test_pages_are_limited() -> None:
    x: Value = Value(1.0, "x")
    for _ in range(5001):
        x = x + 1.0
    with pytest.raises(ValueError, match="at most 5000"):
        live(x)


@needs_graphviz  # graphviz-pure writes a little more
@thorough_unless(lambda build: build is figure_4)
@pytest.mark.parametrize("build", [figure_2, figure_4])
def test_the_size_of_the_page_is_within_its_budget(build: Callable[[], Value]) -> None:
    text = live(build()).html()
    assert len(text.encode()) <= 200_000
    assert len(gzip.compress(text.encode())) <= 40_000
    program = files("viz.pages.live_page")
    parts = [program.joinpath(name) for name in SCRIPTS] + [files("engine") / RUNTIME]
    written = [compact(part.read_text(encoding="utf-8")) for part in parts]
    written.append(compact_style(program.joinpath(STYLE).read_text(encoding="utf-8")))
    assert sum(len(text.encode()) for text in written) <= 60_000


def test_colours_are_those_of_the_themes() -> None:
    style = files("viz.pages.live_page").joinpath(STYLE).read_text(encoding="utf-8")
    assert not re.search(r"#[0-9a-f]{3,6}\b|rgb", style)
    text = live(figure_2()).html()
    for name in ("light", "dark", "print"):
        assert f"--derivative:{THEMES[name].gradient};--mark:{THEMES[name].mark}" in text
    assert THEMES["light"].gradient not in text.partition("<body>")[2]


def test_a_wrong_derivative_is_found(page: Page, tmp_path: Path) -> None:
    shown = live(figure_2())
    text = shown.html()
    script = text.partition('<script type="module">')[2].partition("</script>")[0]
    wrong = script.replace("(z,x)=>x[0]", "(z,x)=>x[1]", 1)
    assert wrong != script
    right_hash, wrong_hash = (
        base64.b64encode(hashlib.sha256(part.encode()).digest()).decode() for part in (script, wrong)
    )
    path = tmp_path / "page.html"
    path.write_text(text.replace(script, wrong).replace(right_hash, wrong_hash), encoding="utf-8")
    page.open(path)
    with pytest.raises(AssertionError, match="derivative"):
        assert_shows(page, shown)
