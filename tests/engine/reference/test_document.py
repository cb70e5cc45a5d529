"""The document of the operations: the one in the tree is up to date, and has every operation."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from pathlib import Path

import pytest

from engine import TABLE
from tests.engine.reference import __main__ as program
from tests.engine.reference.document import FILE, document

PROGRAM = [sys.executable, "-m", "tests.engine.reference"]


def test_the_document_in_the_tree_is_that_of_a_fresh_run() -> None:
    stale = f"{FILE} is stale: python -m tests.engine.reference --write"
    assert FILE.read_text(encoding="utf-8") == document(), stale


def test_every_operation_has_a_heading_and_an_entry() -> None:
    lines = document().splitlines()
    assert [line.removeprefix("### ") for line in lines if line.startswith("### ")] == list(TABLE)
    assert [name for name in TABLE if not any(line.startswith(f"| {name} | `") for line in lines)] == []


def test_every_row_of_a_table_has_as_many_cells_as_its_heading() -> None:
    columns = 0
    for line in document().splitlines():
        cells = line.replace("\\|", "").count("|") if line.startswith("|") else 0
        assert cells == columns or 0 in (cells, columns), line
        columns = cells


@pytest.mark.parametrize(
    "row",
    [
        "| 0 | 0 | error |",  # √0 and its derivative
        "| −2 | 3 | −8 | 12 | NaN |",  # (−2)^3 by base and exponent
        "| 0 | −1 | error | error | error |",  # 0^−1
        "| tiny | −744.44 | ∞ |",  # log
        "| abs | `\\|x\\|` | `∂z/∂x = [x > 0] − [0 > x]` | finite numbers |",
        "| σ'(36.7368) | 0 | 1.11022·10⁻¹⁶ | 1 |",
        "| tanh'(19.0615) | 0 | 1.11022·10⁻¹⁶ | 1 |",
        "| ∂z/∂x of relu(NaN) | 0 | 1 | a comparison with NaN is false, so no branch is chosen: the derivative is that"
        " of the kink |",
    ],
)
def test_edges_formulas_and_differences_are_rows(row: str) -> None:
    assert row in document().splitlines()


def test_the_program_prints_the_document(
    capfdbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(io.BytesIO(), encoding="ascii"))
    assert program.main([]) == 0
    assert capfdbinary.readouterr().out.decode("utf-8") == document().replace("\n", os.linesep)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_document_that_cannot_be_printed_is_one_line() -> None:
    with open("/dev/full", "w") as full:
        run = subprocess.run(PROGRAM, stdout=full, stderr=subprocess.PIPE, text=True)
    assert run.returncode == 1
    assert run.stderr == "The document could not be written: [Errno 28] No space left on device\n"


def test_the_program_writes_the_document(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(program, "FILE", tmp_path / "engine" / "OPERATIONS.md")
    (tmp_path / "engine").mkdir()
    assert program.main(["--write"]) == 0
    assert capsys.readouterr().out == "written: engine/OPERATIONS.md\n"
    assert (tmp_path / "engine" / "OPERATIONS.md").read_bytes() == document().encode()
    assert [path.name for path in (tmp_path / "engine").iterdir()] == ["OPERATIONS.md"]


def test_a_document_that_cannot_be_written_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setattr(program, "FILE", tmp_path / "file" / "OPERATIONS.md")
    assert program.main(["--write"]) == 1
    [line] = capsys.readouterr().err.splitlines()
    assert line.startswith("The document could not be written: ")
