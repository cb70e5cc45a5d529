"""The notebook of the first hour: each cell runs with the stored outputs, which do not depend on machine or run."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode

from demos import tour
from demos.__main__ import find_demos
from demos.cli import UnsuccessfulError
from tests.imports import STANDARD_LIBRARY, imported_packages
from tests.viz.drawing.dot_reading import needs_dot

pytestmark = pytest.mark.once


@pytest.fixture(scope="module", autouse=True)
def _default_settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        for name in ("IPYTHONDIR", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR"):
            patch.setenv(name, str(tmp_path_factory.mktemp(name)))
        yield


@pytest.fixture(scope="module")
def stored() -> NotebookNode:
    return tour.read_notebook()


@pytest.fixture(scope="module")
def ran(stored: NotebookNode) -> NotebookNode:
    return tour.run_notebook(stored)


@pytest.fixture
def changed(stored: NotebookNode) -> NotebookNode:
    """A copy for changes."""
    return deepcopy(stored)


def cell(notebook: NotebookNode, id: str) -> NotebookNode:
    return next(cell for cell in notebook.cells if cell.id == id)


def output_of(notebook: NotebookNode, id: str, kind: str = "text/plain") -> str:
    """The printed output of a cell, or its result of this type."""
    return "".join(output.get("text") or output.data.get(kind, "") for output in cell(notebook, id).outputs)


def notebook_of(*sources: str) -> NotebookNode:
    return nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in sources])


@needs_dot
def test_every_cell_shows_its_stored_output(stored: NotebookNode, ran: NotebookNode) -> None:
    """After an intended change, `python -m demos.tour --write` stores the outputs."""
    assert list(tour.differences(stored, tour.normalize(ran))) == []


def test_the_file_holds_nothing_of_one_machine_or_run(stored: NotebookNode) -> None:
    content = tour.PATH.read_text(encoding="utf-8")
    assert content == tour.format_notebook(tour.normalize(stored))
    assert not re.search(r"/home|/tmp|/usr|0x[0-9a-f]{6}|\.py\b.*line|[Gg]raphviz version|Matplotlib v", content)
    assert all(cell.get("execution_count") is None for cell in stored.cells)
    assert len(content) < 300_000
    nbformat.validate(stored)


@needs_dot
def test_the_numbers_of_the_story_are_there(ran: NotebookNode) -> None:
    assert output_of(ran, "backward") == "5.0"
    assert "1 · (−1)  = −1" in output_of(ran, "explain")
    assert "∂ 0.00457" in output_of(ran, "figure-4", "image/svg+xml")
    assert output_of(ran, "explain-4").count("=  0.255683") == 2
    assert "31 of 31 ✓" in output_of(ran, "equation")
    assert "✗  x                 5                   6" in output_of(ran, "mistake")
    assert len(set(re.findall(r"= (.*)", output_of(ran, "mistakes")))) == 7  # the right one and six others
    assert "accuracy 1>" in output_of(ran, "fit")
    assert "subtract(size = inf, inf) is nan\n  made at a cell, line 7: loss" in output_of(ran, "anomaly")
    assert "delta1_1 = " in output_of(ran, "compile")
    assert output_of(ran, "same") == "True"


def test_the_corners_of_the_plane_are_xor(ran: NotebookNode) -> None:
    rows = output_of(ran, "plane").splitlines()
    assert [rows[-1][0], rows[0][0], rows[-1][-1], rows[0][-1]] == ["·", "█", "█", "·"]


def test_the_unit_that_the_text_calls_saturated_is_saturated(ran: NotebookNode) -> None:
    words = re.findall(r"<text[^>]*>([^<]*)</text>", output_of(ran, "trained", "image/svg+xml"))
    assert {"0.9988", "∂ 0.09944", "∂ 0.0002455", "∂ −0.03997"} <= set(words) or not words  # or dot is missing


@needs_dot
def test_pages_films_and_tables_show_themselves(ran: NotebookNode) -> None:
    assert output_of(ran, "stepper", "text/html").startswith("<iframe")
    assert output_of(ran, "film", "text/html").startswith("<img")
    assert "<math" in output_of(ran, "table-1", "text/html")
    assert "<svg" in output_of(ran, "fit", "image/svg+xml")


def test_measured_outputs_are_not_stored(stored: NotebookNode, ran: NotebookNode) -> None:
    factors = [int(n) for n in re.findall(r"(\d+) times as fast", output_of(ran, "speed"))]
    assert len(factors) == 2
    assert min(factors) > 1
    assert cell(stored, "speed").outputs == []


def test_without_packages_and_dot_every_cell_still_runs(stored: NotebookNode) -> None:
    notebook = deepcopy(stored)
    missing = "import os, sys; os.environ['PATH'] = ''; sys.modules.update(dict.fromkeys(['matplotlib', 'llvmlite']))"
    notebook.cells.insert(0, nbformat.v4.new_code_cell(missing))
    ran = tour.run_notebook(notebook)
    assert output_of(ran, "figure-4").startswith("<drawing of ")
    assert output_of(ran, "film").startswith("<film of 25 numbers")
    assert output_of(ran, "fit").endswith(output_of(stored, "fit"))  # and before it, how to get machine code
    assert output_of(ran, "same") == "True"


def test_cells_import_the_project_and_the_standard_library_alone(stored: NotebookNode) -> None:
    source = "\n".join(cell.source for cell in stored.cells if cell.cell_type == "code")
    assert imported_packages(source) <= STANDARD_LIBRARY | {"engine", "nn", "viz", "demos"}


def test_the_commands_in_the_text_exist(stored: NotebookNode) -> None:
    text = "\n".join(cell.source for cell in stored.cells if cell.cell_type == "markdown")
    names = set(re.findall(r"\bdemos\.(\w+)", text))
    assert "step" in names
    assert names <= {command.removeprefix("python -m demos.") for command, _ in find_demos()}


def test_a_cell_that_fails_is_named() -> None:
    with pytest.raises(UnsuccessfulError, match=r"A cell failed: ZeroDivisionError: division by zero\n(.|\n)*1 / 0"):
        tour.run_notebook(notebook_of("1 / 0"))


def test_other_texts_and_metadata_are_differences(stored: NotebookNode, changed: NotebookNode) -> None:
    cell(changed, "backward").outputs[0].data["text/plain"] = "6.0"
    picture = cell(changed, "figure-4").outputs[0].data
    picture["image/svg+xml"] = picture["image/svg+xml"].replace("0.00457", "0.00458")
    changed.metadata.language_info.version = "3.11.2"
    assert list(tour.differences(stored, changed)) == [
        "the notebook holds data of one machine or run",
        "cell backward shows other outputs than are stored: y.backward() …",
        "cell figure-4 shows other outputs than are stored: from demos.paper.examples import figure_4 …",
    ]


def test_a_picture_with_another_layout_is_the_same(stored: NotebookNode, changed: NotebookNode) -> None:
    picture = cell(changed, "figure-4").outputs[0].data
    picture["image/svg+xml"] = re.sub(r'x="(\d+)', r'x="1\1', picture["image/svg+xml"])
    assert changed != stored
    assert list(tour.differences(stored, changed)) == []


def test_the_command_stores_the_outputs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], ran: NotebookNode
) -> None:
    monkeypatch.setattr(tour, "PATH", tmp_path / "tour.ipynb")
    monkeypatch.setattr(tour, "read_notebook", lambda: ran)
    monkeypatch.setattr(tour, "run_notebook", deepcopy)
    assert tour.main(["--write"]) == 0
    assert str(tmp_path / "tour.ipynb") in capsys.readouterr().out
    assert (tmp_path / "tour.ipynb").read_text(encoding="utf-8") == tour.format_notebook(tour.normalize(ran))


def test_the_command_reports_changed_outputs(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], changed: NotebookNode
) -> None:
    monkeypatch.setattr(tour, "run_notebook", deepcopy)
    assert tour.main([]) == 0
    assert "All 29 cells ran, and their outputs are the stored ones" in capsys.readouterr().out
    cell(changed, "backward").outputs[0].data["text/plain"] = "6.0"
    monkeypatch.setattr(tour, "run_notebook", lambda _: changed)
    assert tour.main([]) == 1
    assert capsys.readouterr().err.splitlines()[-1] == "To store these outputs: python -m demos.tour --write"


def test_without_the_packages_it_says_how_to_install_them(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "nbclient", None)
    assert tour.main([]) == 1
    assert "pip install -e '.[notebook]'" in capsys.readouterr().err
