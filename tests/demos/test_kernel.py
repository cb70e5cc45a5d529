"""The notebooks in a kernel of Jupyter, which the extra `checks` installs; `test_tour` runs their cells without one."""

from __future__ import annotations

from collections.abc import Iterator

import nbformat
import pytest

from demos import tour
from demos.cli import UnsuccessfulError
from tests.demos.cells import output_of
from tests.layout_program import needs_dot

pytest.importorskip("nbclient", reason="runs notebooks")
pytest.importorskip("ipykernel", reason="runs cells")
pytestmark = [pytest.mark.once, pytest.mark.thorough]


@pytest.fixture(scope="module", autouse=True)
def _default_settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        for name in ("IPYTHONDIR", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR"):
            patch.setenv(name, str(tmp_path_factory.mktemp(name)))
        yield


@needs_dot
@pytest.mark.parametrize("name", tour.NOTEBOOKS)
def test_every_cell_shows_its_stored_output(name: str) -> None:
    stored = tour.read_notebook(name)
    assert list(tour.differences(stored, tour.normalize(tour.run_notebook(stored)))) == []


# Outputs without Graphviz, matplotlib and llvmlite, by notebook and cell: the end or the beginning of a text.
WITHOUT_PACKAGES = {
    "tour": {"figure-4": "<drawing of ", "fit": "<History of 200 epochs: loss 0.08089, accuracy 1>"},
    "further": {"film": "<film of 25 numbers", "same": "True"},
}


@pytest.mark.parametrize("name", tour.NOTEBOOKS)
def test_without_packages_and_dot_every_cell_still_runs(name: str) -> None:
    notebook = tour.read_notebook(name)
    missing = "import os, sys; os.environ['PATH'] = ''; sys.modules.update(dict.fromkeys(['matplotlib', 'llvmlite']))"
    notebook.cells.insert(0, nbformat.v4.new_code_cell(missing))
    ran = tour.run_notebook(notebook)
    for id, text in WITHOUT_PACKAGES[name].items():
        assert text in output_of(ran, id)  # before it may stand how to get machine code


def test_a_cell_that_fails_is_named() -> None:
    with pytest.raises(UnsuccessfulError, match=r"A cell failed: ZeroDivisionError: division by zero\n(.|\n)*1 / 0"):
        tour.run_notebook(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("1 / 0")]))
