"""Tables 1 to 3 for any network."""

from __future__ import annotations

import operator
import os
import random
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from demos.paper.__main__ import main
from demos.paper.equations.instances import NetworkInstance
from demos.paper.examples import NET4, NETU, Network
from demos.paper.tables import derivative_pairs, table_1, table_2, table_3
from engine.symbolic.expression import Expression
from tests import thorough_unless
from tests.commands import exit_status
from tests.layout_program import needs_dot
from tests.nn.worked_networks import FIGURE_4, UNEQUAL
from viz.math.equations import DEFINES, EQUAL, PARTIAL
from viz.math.formats import FORMATS, Grid
from viz.math.formats.text import PlainText
from viz.math.formulas import format_formula, format_number

SIZES = [[10, 10, 10], [2, 2, 2, 1], [3, 4, 2, 3], [1, 1], [5, 7, 1, 4, 3], [2, 3], [1, 4, 1, 4, 1, 2], [2, 12, 11]]


@pytest.mark.parametrize("sizes", SIZES, ids=str)
def test_every_derivative_of_tables_1_and_2_is_that_of_backward(sizes: list[int]) -> None:
    for network in (Network.lattice(sizes), Network.random(sizes, random.Random(0))):
        instance = NetworkInstance("", network)
        found = list(derivative_pairs(instance))
        n_nodes = sizes[0] + 2 * sum(sizes[1:]) + len(instance.weights)
        assert len(found) == 2 * n_nodes + sizes[-1]
        assert all(pair.agrees for pair in found)


@thorough_unless(lambda sizes: max(sizes) < 10)
@pytest.mark.parametrize("sizes", SIZES, ids=str)
def test_k_layers_have_2k_plus_1_steps(sizes: list[int]) -> None:
    general, concrete = table_1(NetworkInstance("", Network.lattice(sizes)))
    for sheet in (general, concrete):
        heads = [str(row[0][0]) for row in sheet.rows if row[0]]
        assert [head for head in heads if head.isdigit()] == [str(n) for n in range(1, 2 * len(sizes))]
        assert heads.count("Weights (40), ours") == len(sizes) - 1


@pytest.mark.parametrize("sizes", [[3, 4, 2], [1, 1]], ids=str)
def test_a_row_with_numbers_is_about_one_variable(sizes: list[int]) -> None:
    network = Network.lattice(sizes)
    _, concrete = table_1(NetworkInstance("", network))
    n_variables = sizes[0] + sum(2 * n for n in sizes[1:]) + sizes[-1] + sum(map(operator.mul, sizes, sizes[1:]))
    assert len(concrete.rows) == n_variables
    for _, [variable], relations, local, backpropagated in concrete.rows:
        derivatives = [line for line in local if leftmost(line).op is PARTIAL]  # the others open their formulas
        assert len(relations) == len(derivatives) > 0
        for relation, line in zip(relations, derivatives, strict=True):
            assert leftmost(line).inputs == (leftmost(relation), variable)
        assert 2 <= len(backpropagated) <= 3  # a sum of several terms has a line of its own
        assert {leftmost(line).inputs for line in backpropagated} == {(symbol_of(variable, "E_n"), variable)}


def leftmost(equation: object) -> Expression:
    """The left side of an equation with any number of sides."""
    assert isinstance(equation, Expression)
    while equation.op in (EQUAL, DEFINES):
        equation = equation.inputs[0]
    return equation


def symbol_of(variable: object, name: str) -> Expression:
    assert isinstance(variable, Expression)
    return variable.builder.symbol(name)


def test_in_latex_a_line_of_the_numbers_is_about_one_variable(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["table", "1", "--sizes", "3", "4", "2", "--as", "latex"]) == 0
    _, concrete = capsys.readouterr().out.split(r"with the numbers of")
    variable, n_lines = "", 0
    for line in concrete.splitlines():
        cells = line.partition(r" \\")[0].split(" & ")
        if len(cells) == 5 and "textbf" not in line:
            variable = cells[1].removeprefix(r"$\displaystyle ").removesuffix("$") or variable
            for derivative in filter(None, cells[3:]):
                if "partial" in derivative:  # others open a formula of the derivative
                    _, is_found, after = derivative.partition(rf"}}{{\partial {variable}}}")
                    assert is_found
                    assert re.match(r"}? (= |\\triangleq |\\quad [+-] )", after)  # the last goes on with the line above
                    n_lines += 1
    assert n_lines > 100


def test_a_wrong_gradient_disagrees() -> None:
    instance = NetworkInstance("", NETU)
    instance.w[2][1][3].grad *= 1 + 1e-6
    assert sum(not pair.agrees for pair in derivative_pairs(instance)) == 1


@pytest.mark.parametrize(("network", "expected"), [(NET4, FIGURE_4), (NETU, UNEQUAL)])
def test_table_2_shows_the_numbers_twice(network: Network, expected: object) -> None:
    sheet = table_2(NetworkInstance("", network))
    columns = dict(zip(sheet.columns, zip(*sheet.rows, strict=True), strict=True))
    shown, graph = ([format_formula(array, digits=12) for [array] in columns[name]] for name in ("NumPy", "Graph"))
    assert shown == graph
    assert isinstance(expected, type(FIGURE_4))
    rows = [", ".join(format_number(x, 12) for x in row) for row in expected.weight_gradients[0]]
    assert shown[-1] == f"[{'; '.join(rows)}]"
    delta = shown[3].strip("[]").split("; ")
    assert [float(x.replace("−", "-")) for x in delta] == pytest.approx(expected.deltas[-2], rel=1e-11)


def test_the_shapes_of_table_2() -> None:
    sheet = table_2(NetworkInstance("", NETU))
    shapes = [row[3][0] if isinstance(row[3][0], str) else format_formula(row[3][0]) for row in sheet.rows]
    assert shapes == [*("3 × 1", "3 × 1", "2 × 1", "2 × 1", "4 × 1", "4 × 1", "3 × 1"), "3 × 2", "2 × 4", "4 × 3"]


def test_table_3_has_the_equations_of_its_picture() -> None:
    assert "𝐚⁽ᵏ⁾ = 𝐖⁽ᵏ⁾𝐳⁽ᵏ⁻¹⁾" in table_3().text()


@thorough_unless(lambda which, style: which == "1" or style == "text")
@pytest.mark.parametrize("which", ["1", "2"])
@pytest.mark.parametrize("style", FORMATS)
def test_tables_in_every_form(which: str, style: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["table", which, "--as", style, "--sizes", "3", "4", "2", "3"]) == 0
    printed = capsys.readouterr().out
    starts = {"text": "Table", "markdown": "### Table", "latex": "\\documentclass", "typst": "#set page"}
    starts["html"] = "<!DOCTYPE html>"
    assert printed.startswith(starts[style])
    assert f"Table {which}" in printed


def test_a_format_that_is_registered_can_be_chosen(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class Titles(PlainText):
        def document(self, grids: Sequence[Grid]) -> str:
            return ", ".join(grid.title for grid in grids)

    monkeypatch.setitem(FORMATS, "titles", Titles())
    assert main(["table", "2", "--as", "titles"]) == 0
    assert capsys.readouterr().out.startswith("Table 2")


@pytest.mark.parametrize(
    ("options", "number", "longer"),
    [
        (["--as", "text"], "0.0420156982958", "0.04201569829581"),
        (["--as", "latex"], "0.0420157", "0.04201569"),
        (["--as", "html", "--digits", "3"], "0.042<", "0.0420"),
        (["--digits", "17"], "0.042015698295", "0.0420156982958 "),
    ],
)
def test_numbers_have_as_many_digits_as_are_asked_for(
    options: list[str], number: str, longer: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["table", "1", *options]) == 0
    printed = capsys.readouterr().out
    assert number in printed
    assert longer not in printed


def test_a_random_network_by_its_seed(capsys: pytest.CaptureFixture[str]) -> None:
    printed = []
    for seed in ("1", "1", "2"):
        main(["table", "1", "--sizes", "2", "3", "1", "--seed", seed])
        printed.append(capsys.readouterr().out)
    assert printed[0] == printed[1] != printed[2]


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (["table"], "table needs a number; choose from 1 2 3"),
        (["table", "4"], "unknown table '4'; choose from 1 2 3"),
        (["eq", "42"], "unknown equation '42'; choose from 1 2 "),
        (["errata", "D37"], "unknown erratum 'D37'"),
        (["figure", "10"], "unknown figure '10'"),
        (["descent", "3"], "descent does not take '3'"),
        (["tabel", "1"], "invalid choice"),
        (["table", "1", "--sizes", "3"], "--sizes needs"),
        (["table", "1", "--sizes", "3", "0"], "--sizes needs"),
        (["table", "1", "--sizes", "2", "1", "--w", "1 2"], "cannot be given with"),
        (["table", "1", "--as", "word"], "invalid choice"),
        (
            ["table", "1", "--digits", "0"],
            "the number of significant digits must be a whole number from 1 to 17, not 0",
        ),
        (["table", "1", "--digits", "many"], "must be a whole number from 1 to 17, not many"),
        (["table", "1", "--sizes", "1000000", "1000000"], "weights; this demo prints each, and takes at most 1000"),
    ],
)
def test_unknown_parts_and_wrong_options_are_refused(
    options: list[str], complaint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert exit_status(main, options) == 2
    assert complaint in capsys.readouterr().err


@needs_dot
def test_one_figure_and_its_numbers(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["figure", "8", "--out", str(tmp_path), "--sizes", "3", "4", "2", "3"]) == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["figure-8-numbers.svg", "figure-8.svg"]
    drawn = (tmp_path / "figure-8-numbers.svg").read_text(encoding="utf-8")
    assert format_number(NetworkInstance("", NETU).a[1][2].data, 4) in drawn
    assert "Figure 8 with numbers is drawn in" in capsys.readouterr().out


def test_large_numbers_agree_and_too_large_ones_are_reported(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for y in ("50", "1e6"):
        assert main(["equations", "--y", y]) == 0
    assert main(["table", "1", "--y", "1e200"]) == 1
    assert "too large or too small to compute with: power(-1e+200" in capsys.readouterr().err
    assert main(["table", "2", "--x", "-.5", "-1e-3"]) == 0


@pytest.mark.once
def test_a_terminal_without_unicode_gets_ascii() -> None:
    command = [sys.executable, "-m", "demos.paper", "table", "1"]
    environment = os.environ | {"PYTHONIOENCODING": "ascii"}
    printed = subprocess.run(command, capture_output=True, check=True, env=environment).stdout.decode("ascii")
    assert "dE_n/da^(3) = dE_n/dz^(3) dz^(3)/da^(3) = (z^(3) - y)sigma'(a^(3)) := delta^(3)" in printed
    assert "?" not in printed
    page = subprocess.run([*command, "--as", "html"], capture_output=True, check=True, env=environment).stdout
    assert "&#8706;" in page.decode("ascii")  # ∂


def test_equations_are_drawn_as_their_own_graphs(tmp_path: Path) -> None:
    for which in ("1", "33"):
        assert main(["eq", which, "--out", str(tmp_path), "--format", "svg"]) == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["equation-1.svg", "equation-33.svg"]
    assert "0.6682" in (tmp_path / "equation-1.svg").read_text(encoding="utf-8")  # σ(0.7)


ROOT = Path(__file__).parents[2]
WITHOUT_NUMPY = "import sys; sys.modules['numpy'] = None; from demos.paper.__main__ import main; sys.exit(main(%r))"


@pytest.mark.once
@needs_dot
@thorough_unless(lambda part: part == ["tables"])
@pytest.mark.parametrize(
    ("part", "messages"),
    [
        (["tables"], {"the matrix form was left out: it needs NumPy": 1}),
        ([], {"left out: it needs NumPy": 1}),
        (["all"], {"skipped: needs NumPy": 12, "the matrix form was left out": 1}),
    ],
)
def test_without_numpy_the_matrix_form_is_skipped(part: list[str], messages: dict[str, int], tmp_path: Path) -> None:
    command = [sys.executable, "-c", WITHOUT_NUMPY % part]
    environment = os.environ | {"PYTHONIOENCODING": "utf-8", "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, encoding="utf-8", env=environment)
    assert (done.returncode, done.stderr) == (0, "")
    assert {text: done.stdout.count(text) for text in messages} == messages
    assert (tmp_path / "demos" / "out" / "index.html").exists() == (part != ["tables"])
