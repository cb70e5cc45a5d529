"""The notebooks: each cell runs with the stored outputs, which do not depend on machine or run.

Cells run in this process; in a kernel of Jupyter in `test_kernel`.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from copy import deepcopy
from functools import cache
from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode

from demos import tour
from demos.__main__ import find_demos
from demos.cli import run_demo
from demos.mistakes import DESCENTS, MISTAKES, correct_descent
from engine._support.typed_commands import install_command, python_command
from tests.demos.cells import cell, output_of, run_cells
from tests.imports import STANDARD_LIBRARY, imported_packages
from tests.layout_program import needs_dot

pytestmark = pytest.mark.once


@pytest.fixture(scope="module", params=tour.NOTEBOOKS)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def stored(name: str) -> NotebookNode:
    return tour.read_notebook(name)


@pytest.fixture(scope="module")
def ran(name: str) -> NotebookNode:
    return run(name)


@cache
def run(name: str) -> NotebookNode:
    """The notebook as it was run, once for all tests, which do not change it."""
    return run_cells(tour.read_notebook(name))


@pytest.fixture
def changed() -> NotebookNode:
    """A copy of the first notebook for changes."""
    return tour.read_notebook("tour")


def run_demo_without_packages(work: Callable[[], None], *_: str, extra: str) -> int:
    """Run the work of a demo whose packages its tests do without."""
    return run_demo(work, extra=extra)


@needs_dot
def test_every_cell_shows_its_stored_output(stored: NotebookNode, ran: NotebookNode) -> None:
    """After an intended change, `python -m demos.tour --write` stores the outputs."""
    assert list(tour.differences(stored, tour.normalize(ran))) == []


def test_the_file_holds_nothing_of_one_machine_or_run(name: str, stored: NotebookNode) -> None:
    content = tour.notebook_path(name).read_text(encoding="utf-8")
    assert content == tour.format_notebook(tour.normalize(stored))
    assert not re.search(r"/home|/tmp|/usr|0x[0-9a-f]{6}|\.py\b.*line|[Gg]raphviz version|Matplotlib v", content)
    assert all(cell.get("execution_count") is None for cell in stored.cells)
    assert len(content) < 300_000
    nbformat.validate(stored)


@needs_dot
def test_the_numbers_of_the_story_are_there() -> None:
    ran = run("tour")
    assert re.findall(r"quotient +(5\.0000)", output_of(ran, "nudge"))
    assert output_of(ran, "by-hand").split()[-2:] == ["∂y/∂x", "5"]
    assert output_of(ran, "backward") == "5.0"
    assert "1 · (−1)  = −1" in output_of(ran, "explain")
    assert "∂y/∂x = −1 + …, 1 of 2 terms" in output_of(ran, "stepper-text")
    assert "∂o/∂n = tanh'(n) = 1 − o² = 1 − 0.707107² = 0.5" in output_of(ran, "opened")
    assert "∂ 0.00457" in output_of(ran, "figure-4", "image/svg+xml")
    assert output_of(ran, "explain-4").count("=  0.107432") == 2
    assert "z⁽³⁾ · (1 − z⁽³⁾) = 0.670176 · 0.329824 = 0.22104" in output_of(ran, "explain-4")
    assert "✗  x                 5                   6" in output_of(ran, "mistake")
    assert "accuracy 1>" in output_of(ran, "fit")
    assert "subtract(size = inf, inf) is nan\n  made at a cell, line 7: loss" in output_of(ran, "anomaly")


def test_every_mistake_is_made_after_a_sentence_that_explains_it() -> None:
    ran = run("tour")
    shown = "".join(output_of(ran, id) for id in ("mistakes", "left-over", "too-soon", "no-step", "no-graph"))
    found = re.findall(r"^([A-Z].*\.)\n    (\w+): ∂?E", shown, re.MULTILINE)
    assert found == [
        ((mistake.__doc__ or "").partition("\n")[0], mistake.__name__)
        for mistake in (*MISTAKES, correct_descent, *DESCENTS)
    ]
    assert len(set(re.findall(r"∂E/∂x_1 = (\S+)|right is (.*)\)", shown))) == len(MISTAKES) + 1  # and the right one


@needs_dot
def test_the_second_turn_does_what_its_text_says() -> None:
    """The reader changes two numbers, and the sum by hand and `explain` agree with each other and with the answer."""
    notebook = tour.read_notebook("tour")
    answer = cell(notebook, "answer-2")
    assert "`a_2 = x * x` in section 2" in cell(notebook, "about-change-a").source
    notebook.cells = [cell for cell in notebook.cells if cell.id in ("value", "by-hand", "backward", "explain")]
    for id, name in (("value", "a_2"), ("by-hand", "through_a_2")):
        pattern = re.compile(rf"^{name} = .*$", re.MULTILINE)
        line = pattern.findall(answer.source)
        assert len(line) == len(pattern.findall(cell(notebook, id).source)) == 1
        cell(notebook, id).source = pattern.sub(line[0], cell(notebook, id).source)
    changed = run_cells(notebook)
    explained = answer.outputs[-1].data["text/plain"]
    assert output_of(changed, "explain") == explained
    by_hand = float(output_of(changed, "by-hand").split()[-1])
    assert by_hand == 9.0
    assert re.findall(r"sum over paths +=  (.*)", explained) == [f"{by_hand:g}"]


def test_the_first_turn_gives_the_quotient_of_its_answer() -> None:
    notebook = tour.read_notebook("tour")
    nudged = cell(notebook, "nudge")
    assert "    a_2 = -x\n" in nudged.source
    nudged.source = nudged.source.replace("a_2 = -x", "a_2 = x * x")
    notebook.cells = [nudged]
    quotient = float(output_of(run_cells(notebook), "nudge").split()[-1])
    assert f"0.001 {quotient:.3f}" in output_of(tour.read_notebook("tour"), "answer-1")


def test_a_step_by_hand_stands_beside_its_prediction() -> None:
    ran = run("tour")
    assert output_of(ran, "all-weights").split() == [
        *("E", "0.088274,", "now", "0.083793"),
        *("change", "-0.004481"),
        *("predicted", "-0.004503"),  # as in equation (31), by hand
    ]
    assert "new w      2.0 − 0.5 · 0.060768 = 1.969616" in output_of(ran, "one-weight")


def test_a_wrong_answer_in_a_cell_is_diagnosed() -> None:
    ran = run("tour")
    assert output_of(ran, "ask").endswith("What is ∂y/∂w?\n")
    assert output_of(ran, "answer") == (
        "Not quite. By your formula, it looks as if the path through a is missing: add its contribution.\n"
    )
    assert output_of(ran, "hint").startswith("the chain rule multiplies along an edge")
    assert output_of(ran, "answer-question").splitlines()[-1] == "Right: 1.08259."


def test_each_turn_of_yours_has_its_answer(stored: NotebookNode) -> None:
    text = "\n".join(cell.source for cell in stored.cells if cell.cell_type == "markdown")
    turns = re.findall(r"\*Your turn (\d):\*", text)
    assert len(turns) >= 5
    assert (
        turns == re.findall(r"\[Answer\]\(#Answer-(\d)\)", text) == re.findall(r"^### Answer (\d)$", text, re.MULTILINE)
    )
    assert all(cell(stored, f"answer-{turn}").outputs for turn in turns)


def test_links_lead_to_headings_and_to_files(stored: NotebookNode) -> None:
    text = "\n".join(cell.source for cell in stored.cells if cell.cell_type == "markdown")
    headings = {heading.replace(" ", "-") for heading in re.findall(r"^#+ (.*)$", text, re.MULTILINE)}
    links = re.findall(r"\]\(([^)]*)\)", text)
    assert {link[1:] for link in links if link.startswith("#")} <= headings
    assert all((tour.FOLDER / link).is_file() for link in links if not link.startswith(("#", "https:")))


def test_the_numbers_of_the_second_hour_are_there() -> None:
    ran = run("further")
    assert output_of(ran, "second") == "[5.0625, 13.5, 27.0, 36.0]"
    assert output_of(ran, "hessian") == "[[1.0, 4.0], [4.0, 3.0]]"
    assert len(set(output_of(ran, "answer-1").split())) == 1  # tanh'' by the graph and by its formula
    assert "31 of 31 ✓" in output_of(ran, "equation")
    assert "as printed, 4 terms          fails" in output_of(ran, "misprint")
    assert "delta1_1 = " in output_of(ran, "compile")
    assert output_of(ran, "same") == "True"
    assert output_of(ran, "newton").split()[-1] == "1.000000000002"
    assert output_of(ran, "checked").startswith("(True, ")


def test_the_curvature_predicts_better_than_the_tangent() -> None:
    errors = [abs(float(x)) for x in re.findall(r"wrong by (\S+)", output_of(run("further"), "curve"))]
    (tangent, parabola), (far_tangent, far_parabola) = errors[:2], errors[2:]
    assert parabola < tangent / 2
    assert far_parabola < far_tangent / 2
    assert 80 < far_tangent / tangent < 200  # ten times the step: its square, and its cube
    assert 800 < far_parabola / parabola < 1200


def test_the_corners_of_the_plane_are_xor() -> None:
    rows = output_of(run("tour"), "plane").splitlines()
    assert [rows[-1][0], rows[0][0], rows[-1][-1], rows[0][-1]] == ["·", "█", "█", "·"]


def test_the_unit_that_the_text_calls_saturated_is_saturated() -> None:
    words = re.findall(r"<text[^>]*>([^<]*)</text>", output_of(run("tour"), "trained", "image/svg+xml"))
    assert {"0.9988", "∂ 0.09944", "∂ 0.0002455", "∂ −0.03997"} <= set(words) or not words  # or dot is missing
    assert "1 − 0.998765² = 0.0024686" in output_of(run("tour"), "saturated")


@needs_dot
def test_pages_films_and_tables_show_themselves() -> None:
    assert output_of(run("tour"), "stepper", "text/html").startswith("<iframe")
    assert output_of(run("tour"), "live", "text/html").startswith("<iframe")
    assert output_of(run("further"), "film", "text/html").startswith("<img")
    assert "<math" in output_of(run("further"), "table-1", "text/html")
    assert "<svg" in output_of(run("tour"), "fit", "image/svg+xml")


def test_measured_outputs_are_not_stored() -> None:
    factors = [int(n) for n in re.findall(r"(\d+) times as fast", output_of(run("further"), "speed"))]
    assert len(factors) == 2
    assert min(factors) > 1
    assert cell(tour.read_notebook("further"), "speed").outputs == []


def test_cells_import_the_project_and_the_standard_library_alone(stored: NotebookNode) -> None:
    source = "\n".join(cell.source for cell in stored.cells if cell.cell_type == "code")
    assert imported_packages(source) <= STANDARD_LIBRARY | {"engine", "nn", "viz", "demos"}


def test_the_commands_in_the_text_exist(stored: NotebookNode) -> None:
    text = "\n".join(cell.source for cell in stored.cells if cell.cell_type == "markdown")
    names = set(re.findall(r"\bdemos\.(\w+)", text))
    assert names
    assert names <= {command.removeprefix("python -m demos.") for command, _ in find_demos()}


def test_other_texts_and_metadata_are_differences(changed: NotebookNode) -> None:
    stored = tour.read_notebook("tour")
    cell(changed, "backward").outputs[0].data["text/plain"] = "6.0"
    picture = cell(changed, "figure-4").outputs[0].data
    picture["image/svg+xml"] = picture["image/svg+xml"].replace("0.00457", "0.00458")
    changed.metadata.language_info.version = "3.11.2"
    assert list(tour.differences(stored, changed)) == [
        "the notebook holds data of one machine or run",
        "cell backward shows other outputs than are stored: y.backward() …",
        "cell figure-4 shows other outputs than are stored: from demos.paper.examples import figure_4 …",
    ]


def test_a_picture_with_another_layout_is_the_same(changed: NotebookNode) -> None:
    stored = tour.read_notebook("tour")
    picture = cell(changed, "figure-4").outputs[0].data
    picture["image/svg+xml"] = re.sub(r'x="(\d+)', r'x="1\1', picture["image/svg+xml"])
    assert changed != stored
    assert list(tour.differences(stored, changed)) == []


def test_the_command_stores_the_outputs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(tour, "read_notebook", {name: run(name) for name in tour.NOTEBOOKS}.__getitem__)
    monkeypatch.setattr(tour, "notebook_path", lambda name: tmp_path / f"{name}.ipynb")
    monkeypatch.setattr(tour, "run_demo", run_demo_without_packages)
    monkeypatch.setattr(tour, "run_notebook", deepcopy)
    assert tour.main(["--write"]) == 0
    printed = capsys.readouterr().out.splitlines()
    for name, line in zip(tour.NOTEBOOKS, printed, strict=True):
        path = tmp_path / f"{name}.ipynb"
        assert str(path) in line
        assert path.read_text(encoding="utf-8") == tour.format_notebook(tour.normalize(run(name)))


def test_the_command_reports_changed_outputs(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], changed: NotebookNode
) -> None:
    monkeypatch.setattr(tour, "run_demo", run_demo_without_packages)
    monkeypatch.setattr(tour, "run_notebook", deepcopy)
    assert tour.main([]) == 0
    assert capsys.readouterr().out.count("cells ran, and their outputs are the stored ones") == len(tour.NOTEBOOKS)
    cell(changed, "backward").outputs[0].data["text/plain"] = "6.0"
    monkeypatch.setattr(tour, "run_notebook", lambda _: changed)
    assert tour.main(["--only", "tour"]) == 1
    assert capsys.readouterr().err.splitlines() == [
        "tour.ipynb: cell backward shows other outputs than are stored: y.backward() …",
        f"To store these outputs: {python_command('demos.tour --write')}",
    ]


def test_without_the_packages_it_says_how_to_install_them(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "nbclient", None)
    assert tour.main([]) == 1
    assert install_command("notebook") in capsys.readouterr().err
