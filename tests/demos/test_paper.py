"""The paper's examples: their numbers, and the demo's commands and options."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from demos.paper.__main__ import main
from demos.paper.commands import DIGITS, PARTS
from demos.paper.examples import NET4, Network, figure_1, figure_2, figure_3, figure_4
from engine import NamedGraph, Value
from engine._support.typed_commands import python_command
from tests import thorough_unless
from tests.commands import exit_status
from tests.layout_program import needs_dot
from viz.math.backpropagation_table import BackpropagationTable, backpropagation_table
from viz.math.table_rows import TableRow

pytestmark = pytest.mark.once


# Table 1 for the 2-2-2-1 network, computed at 60 digits by its formulas and by central differences.
STEPS: dict[int, dict[str, float]] = {
    1: {"z_1^(3)": 0.420176147870},
    2: {"a_1^(3)": 0.0928757687914},
    3: {"z_1^(2)": 0.185751537583, "z_2^(2)": -0.162532595385},
    4: {"a_1^(2)": 0.0420156982958, "a_2^(2)": -0.0366081519044},
    5: {"z_1^(1)": 0.107431850726, "z_2^(1)": -0.0386359818012},
    6: {"a_1^(1)": 0.0223084947806, "a_2^(1)": -0.00877391097934},
    7: {"x_1": 0.00457381415582, "x_2": -0.0143510346745},
}
WEIGHTS = {
    "w_11^(3)": 0.0607681658613,
    "w_12^(3)": 0.0318223410970,
    "w_11^(2)": 0.0296540507913,
    "w_12^(2)": 0.0273671294773,
    "w_21^(2)": -0.0258374855109,
    "w_22^(2)": -0.0238448978294,
    "w_11^(1)": 0.0334627421710,
    "w_12^(1)": -0.0111542473903,
    "w_21^(1)": -0.0131608664690,
    "w_22^(1)": 0.00438695548967,
}
TERMS = {
    "z_1^(1)": [0.0525196228698, 0.0549122278566],
    "z_2^(1)": [-0.0157558868609, -0.0228800949403],
    "x_1": [0.0111542473903, -0.00658043323450],
    "x_2": [-0.00557712369516, -0.00877391097934],
}
LOCAL = {
    "z_1^(3)": [0.420176147870],
    "a_1^(3)": [0.221040078696],
    "z_1^(2)": [2.0],
    "z_2^(2)": [-1.75],
    "a_1^(2)": [0.226193004067],
    "a_2^(2)": [0.225235755435],
    "z_1^(1)": [1.25, -1.5],
    "z_2^(1)": [-0.375, 0.625],
    "a_1^(1)": [0.207652522318],
    "a_2^(1)": [0.227091704942],
    "x_1": [0.5, 0.75],
    "x_2": [-0.25, 1.0],
}


def digits(x: float) -> object:
    return pytest.approx(x, rel=1e-11)


@pytest.fixture(scope="module")
def table() -> BackpropagationTable:
    return backpropagation_table(figure_4().output)


def rows(table: BackpropagationTable) -> dict[str, TableRow]:
    return {row.variable.label: row for row in table.rows}


def test_table_1_has_the_papers_seven_steps(table: BackpropagationTable) -> None:
    by_step: dict[int, set[str]] = {}
    for row in table.rows:
        if row.step is not None:
            by_step.setdefault(row.step, set()).add(row.variable.label)
    assert by_step == {step: set(variables) for step, variables in STEPS.items()}


@pytest.mark.parametrize("step", STEPS)
def test_table_1_agrees_to_12_digits(table: BackpropagationTable, step: int) -> None:
    for variable, derivative in STEPS[step].items():
        assert rows(table)[variable].number == digits(derivative)


def test_table_1_shows_the_weights_of_equation_40(table: BackpropagationTable) -> None:
    leaves = {row.variable.label: row.number for row in table.rows if row.step is None}
    assert leaves.pop("y") == digits(-0.420176147870)
    assert leaves == {weight: digits(derivative) for weight, derivative in WEIGHTS.items()}


def test_table_1_shows_local_derivatives_and_the_terms_of_sums(table: BackpropagationTable) -> None:
    for variable, numbers in LOCAL.items():
        assert [term.local_number for term in rows(table)[variable].terms] == [digits(x) for x in numbers]
    for variable, numbers in TERMS.items():
        assert [term.contribution_number for term in rows(table)[variable].terms] == [digits(x) for x in numbers]


@pytest.mark.parametrize(
    "formula",
    [
        "Eₙ = ½(z⁽³⁾ − y)²",
        "∂Eₙ/∂z⁽³⁾ = z⁽³⁾ − y",
        "z⁽³⁾ = σ(a⁽³⁾)",
        "∂Eₙ/∂a⁽³⁾ = ∂Eₙ/∂z⁽³⁾ ∂z⁽³⁾/∂a⁽³⁾ = (z⁽³⁾ − y)σ'(a⁽³⁾) ≜ δ⁽³⁾",
        "a⁽³⁾ = w₁⁽³⁾z₁⁽²⁾ + w₂⁽³⁾z₂⁽²⁾",
        "∂Eₙ/∂a⁽³⁾ = (0.42017614787)(0.221040078696) = 0.0928757687914",
        "∂Eₙ/∂z₂⁽²⁾ = ∂Eₙ/∂a⁽³⁾ ∂a⁽³⁾/∂z₂⁽²⁾ = δ⁽³⁾w₂⁽³⁾",
        "∂Eₙ/∂a₁⁽²⁾ = ∂Eₙ/∂z₁⁽²⁾ ∂z₁⁽²⁾/∂a₁⁽²⁾ = δ⁽³⁾w₁⁽³⁾σ'(a₁⁽²⁾) ≜ δ₁⁽²⁾",
        "∂Eₙ/∂z₁⁽¹⁾ = ∂Eₙ/∂a₁⁽²⁾ ∂a₁⁽²⁾/∂z₁⁽¹⁾ + ∂Eₙ/∂a₂⁽²⁾ ∂a₂⁽²⁾/∂z₁⁽¹⁾",
        "∂Eₙ/∂z₁⁽¹⁾ = δ₁⁽²⁾w₁₁⁽²⁾ + δ₂⁽²⁾w₂₁⁽²⁾",
        "∂Eₙ/∂z₁⁽¹⁾ = (0.0420156982958)(1.25) + (−0.0366081519044)(−1.5) = 0.107431850726",
        "∂Eₙ/∂a₂⁽¹⁾ = ∂Eₙ/∂z₂⁽¹⁾ ∂z₂⁽¹⁾/∂a₂⁽¹⁾ = σ'(a₂⁽¹⁾)(δ₁⁽²⁾w₁₂⁽²⁾ + δ₂⁽²⁾w₂₂⁽²⁾) ≜ δ₂⁽¹⁾",
        "∂Eₙ/∂a₁⁽¹⁾ = (0.207652522318)(0.107431850726) = 0.0223084947806",
        "∂Eₙ/∂x₂ = δ₁⁽¹⁾w₁₂⁽¹⁾ + δ₂⁽¹⁾w₂₂⁽¹⁾",
        "∂Eₙ/∂w₂₁⁽²⁾ = ∂Eₙ/∂a₂⁽²⁾ ∂a₂⁽²⁾/∂w₂₁⁽²⁾ = δ₂⁽²⁾z₁⁽¹⁾",
    ],
)
def test_table_1_has_the_papers_formulas(table: BackpropagationTable, formula: str) -> None:
    text = replace(table.sheet(), digits=DIGITS).text()
    assert formula in [line.removeprefix(" " * 2)[20:] for line in text.splitlines()]


def test_figures_1_to_3_are_exact() -> None:
    values = {}
    for example in (figure_1(), figure_2(), figure_3()):
        example.output.backward()
        values[example.figure] = {node.label: (node.data, node.grad) for node in NamedGraph(example.output).nodes}
    assert values[1] == {"x": (1.5, 6.0), "a": (4.5, 2.0), "y": (9.0, 1.0)}
    assert values[2] == {"x": (1.5, 5.0), "a_1": (4.5, 2.0), "a_2": (-1.5, 1.0), "y": (7.5, 1.0)}
    gradients = {label: gradient for label, (_, gradient) in values[3].items()}
    assert [values[3][f"a_{i}"] for i in range(1, 5)] == [(2.0, 2.0), (-4.0, 0.5), (6.0, -1.5), (1.0, 6.0)]
    assert [gradients[f"w_{i}^(1)"] for i in range(1, 5)] == [4.0, 1.0, -3.0, 12.0]
    assert [gradients[f"w_{i}^(2)"] for i in range(1, 5)] == [2.0, -4.0, 6.0, 1.0]
    assert (values[3]["y"][0], gradients["x"]) == (-1.0, -0.5)


FIGURES = [*(f"figure-{n}" for n in range(1, 10)), *(f"figure-{n}-numbers" for n in (1, 2, 3, 4, 8)), "table-3"]


@needs_dot
def test_the_demo_draws_its_figures_and_all_numbers_agree(summary: tuple[Path, str]) -> None:
    folder, printed = summary
    written = {path.name for path in folder.iterdir()}
    live = {f"{name}-live.html" for name in ("equation-1", "equation-33", *(f"figure-{n}" for n in range(1, 5)))}
    pictures = {f"{name}.svg" for name in FIGURES}
    assert written == {*pictures, *live, "index.html", "dark"}
    assert {path.name for path in (folder / "dark").iterdir()} == {name for name in pictures if "numbers" not in name}
    lines = printed.splitlines()
    assert re.fullmatch(r"All 1,\d\d\d numbers that were computed in two ways agree\.", lines[-1])
    assert "✗" not in "\n".join(lines)


@needs_dot
def test_the_summary_is_a_page_that_names_the_other_commands(summary: tuple[Path, str]) -> None:
    folder, printed = summary
    lines = printed.splitlines()
    assert len(lines) <= 50
    assert max(map(len, lines[:-2])) <= 100  # the last but one has a path in it
    assert "    y ← a₂ ← x                        1 · (−1) = −1" in lines
    assert "    sum over 4 paths                  0.00457381415582     backward(): 0.00457381415582 ✓" in lines
    assert f"browser: {folder / 'index.html'}" in printed
    assert python_command("demos.paper all") in printed
    named = [line.split()[0] for line in lines if line.startswith("  ") and line[2] not in " ∂"]
    assert named == [part.name for part in PARTS]


@needs_dot
@thorough_unless(lambda parts: len(parts) == 1)
@pytest.mark.parametrize("parts", [PARTS[:1], PARTS], ids=["the first", "all"])
def test_all_prints_every_part_and_counts_like_the_summary(
    parts: list[Any],
    summary: tuple[Path, str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def printed(*part: str) -> str:
        assert main([*part]) == 0
        return capsys.readouterr().out

    monkeypatch.chdir(tmp_path)
    whole = printed("all")
    assert whole.startswith("".join(printed(part.name) for part in parts))
    _, summarized = summary
    assert whole.splitlines()[-1] == summarized.splitlines()[-1]


def test_the_examples_fit_into_100_columns(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["examples"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert "    y ← a₂ ← x                        1 · (−1) = −1" in lines
    assert max(len(line) for line in lines) <= 100
    assert not any("\033" in line for line in lines)


@needs_dot
def test_a_number_that_disagrees_makes_the_demo_fail(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    right = Value.backward

    def wrong(self: Value) -> None:
        right(self)
        self.inputs[0].grad *= 1.0 + 1e-9

    monkeypatch.setattr(Value, "backward", wrong)
    assert main(["--out", str(tmp_path)]) == 1
    printed = capsys.readouterr()
    assert re.search(r"  examples .* \d+ of 48 ✗ DISAGREES\n", printed.out)
    assert re.fullmatch(r"\d+ numbers DISAGREE, and are marked with ✗: .*-m demos.paper all\n", printed.err)
    assert main(["examples"]) == 1
    printed = capsys.readouterr()
    assert printed.out.count("✗ DISAGREES\n") == 1
    assert printed.err == "1 number DISAGREES, and is marked with ✗.\n"


def test_other_numbers_change_table_1(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["tables", "--x", "0.5", "1", "--y", "0.75"]) == 0
    assert "∂a₁⁽¹⁾/∂w₁₁⁽¹⁾ = x₁ = 0.5" in capsys.readouterr().out
    weights = ["--w", "1 2 3; 4 5 6", "--w", "0.5, -0.5"]
    assert main(["examples", "--x", "0.1", "0.2", "0.3", *weights]) == 0
    assert "Figure 4: a 3-2-1 network" in capsys.readouterr().out


@needs_dot
def test_a_network_from_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "net.json"
    file.write_text(
        json.dumps({"x": [1, 2], "y": [0, 1], "weights": [[[1, 0], [0, 1], [1, 1]], [[1, 2, 3], [4, 5, 6]]]})
    )
    assert main(["figure", "4", "--out", str(tmp_path), "--network", str(file)]) == 0
    assert (tmp_path / "figure-4-numbers.svg").exists()
    assert main(["examples", "--network", str(file)]) == 0
    assert "Figure 4: a 2-3-2 network" in capsys.readouterr().out


@needs_dot
def test_numbers_and_files_may_begin_with_a_minus(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "-1.json").write_text('{"x": [1, 2]}')
    weights = ["--w", "-1;2", "--w", "-1e-3,-.5"]
    assert main(["figure", "4", "--network", "-1.json", "--out", "-1", "--x", "-1e-3", *weights, "--y", "-1E3"]) == 0
    assert (tmp_path / "-1" / "figure-4.svg").exists()
    with pytest.raises(SystemExit):
        main(["eq", "-1"])
    assert "unknown equation '-1';" in capsys.readouterr().err


def test_a_network_in_a_file_may_leave_things_out(tmp_path: Path) -> None:
    file = tmp_path / "net.json"
    file.write_text('{"y": 0.5}')
    assert Network.from_json(file) == Network(NET4.x, [0.5], NET4.weights)


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("{", "is not JSON"),
        ("[" * 100_000, "is not JSON"),
        ("[1]", "must hold an object"),
        ('{"z": 1}', "must hold an object"),
        ('{"x": ["1"]}', '"x" in'),
        ('{"x": [true, 2]}', '"x" in'),
        ('{"x": [1, 2, 3]}', r"row 1 of 𝐖⁽¹⁾ has 2 weights, but there must be 3, for 3 inputs"),
        ('{"x": [1, NaN]}', "must be finite"),
        ('{"x": [1, 1e400]}', "must be finite"),
        (f'{{"x": [1, 1{"0" * 400}]}}', "too large for a float"),
        ('{"y": [1, 2]}', "2 targets cannot be compared with 1 unit of layer 3"),
        ('{"weights": []}', "one matrix for each layer"),
        ('{"weights": [[1, 2]]}', r"row 1 of 𝐖⁽¹⁾ in .* must be a list of numbers"),
        ('{"weights": [3]}', r"𝐖⁽¹⁾ in .* must be a list of rows"),
        ('{"weights": [[[1, 2], [3]], [[1, 2]]]}', r"row 2 of 𝐖⁽¹⁾ has 1 weight, "),
    ],
)
def test_a_wrong_file_is_refused(tmp_path: Path, content: str, complaint: str) -> None:
    file = tmp_path / "net.json"
    file.write_text(content)
    with pytest.raises(ValueError, match=complaint):
        Network.from_json(file)


@pytest.mark.parametrize(
    "options",
    [["--x", "one"], ["--w", "1 2; 3 x"], ["--w", "1 2; 3"], ["--network", "nowhere.json"], ["--format", "gif"]],
)
def test_wrong_options_end_with_status_2(options: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_status(main, options) == 2
    assert "error:" in capsys.readouterr().err


@pytest.mark.thorough
@pytest.mark.usefixtures("no_dot")
def test_without_dot_the_numbers_are_shown_and_a_file_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--out", str(tmp_path)]) == 1
    printed = capsys.readouterr()
    assert "∂Eₙ/∂x₁" in printed.out
    assert "apt install graphviz" in printed.err
    assert str(tmp_path / "figure-1.dot") in printed.err
    assert (tmp_path / "figure-1.dot").exists()


@pytest.mark.thorough
def test_a_closed_pipe_is_not_an_error(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "demos.paper", "--out", str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as demo:
        assert demo.stdout
        assert demo.stderr
        demo.stdout.close()
        assert demo.stderr.read() == b""


def test_many_paths_are_not_all_listed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "net.json"
    square = [[0.1 * (i - j) for j in range(4)] for i in range(4)]
    file.write_text(json.dumps({"x": [1] * 4, "y": [0] * 4, "weights": [square] * 4}))
    main(["examples", "--network", str(file)])
    assert "paths with smaller products" in capsys.readouterr().out
