"""`python -m demos.step`: graphs of the paper, of files and of formulas."""

from __future__ import annotations

import io
import subprocess
import sys
from pathlib import Path

import pytest

from demos.step import main
from demos.worked.graphs import GRAPHS as WORKED
from tests.commands import exit_status
from tests.layout_program import needs_dot
from viz import Stepper


def run_shell(
    arguments: list[str], lines: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> str:
    monkeypatch.setattr(sys, "stdin", io.StringIO(lines))
    assert main(arguments) == 0
    return capsys.readouterr().out


@pytest.mark.parametrize(("graph", "n"), [("fig1", 5), ("fig2", 8), ("fig3", 22), ("fig4", 39)])
def test_figures(graph: str, n: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert f"step {n} of {n}" in run_shell([graph], "last\n", monkeypatch, capsys)


def test_figure_4_is_the_default(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert "of 39" in run_shell([], "q\n", monkeypatch, capsys)


def test_a_formula_with_values(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    out = run_shell(["x*y + sin(x)", "--set", "x=0", "--set", "y = 2.5"], "last\np x\n", monkeypatch, capsys)
    assert "x: value 0, gradient 3.5" in out


def test_values_are_formulas_and_chosen_ones_are_said(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ["E_n = a*x₁ + b*c - d", "--set", "x₁=1/2,b=max(1, pi)", "--set", "d=−2³"]
    rest = run_shell(options, "p x_1 b d E_n\n", monkeypatch, capsys).splitlines()
    assert rest[-5].endswith("x₁: value 0.5, gradient ?")
    assert rest[-4:-2] == ["b: value 3.14159, gradient ?", "d: value −8, gradient ?"]
    for arguments, note in [
        (options, "Not given, so chosen: a = 0.5, c = 1.5. To change: --set a=2, here: set a=2.\n"),
        (
            ["y = wx + b"],
            "Not given, so chosen: wx = 0.5, b = 1.5. To change: --set wx=2, here: set wx=2."
            " wx is one variable; a product is written w*x.\n",
        ),
        (["y = 2*3"], ""),
        (["x*y", "--set", "x=1,y=2"], ""),
    ]:
        monkeypatch.setattr(sys, "stdin", io.StringIO("q\n"))
        assert main(arguments) == 0
        printed = capsys.readouterr()
        assert printed.out.startswith("Step through")
        assert printed.err == note


def test_leaves_of_a_figure_can_be_set(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert "x: value 4, gradient ?" in run_shell(["fig1", "--set", "x=4"], "p x\n", monkeypatch, capsys)


def test_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "mine.py"
    file.write_text("from engine import Value\nx = Value(2.0, 'x')\ny = x ** 3\ny.label = 'y'\nn = 3\n")
    assert "x: value 2, gradient 12" in run_shell([f"{file}:y"], "last\np x\n", monkeypatch, capsys)


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["import os"], "is not a formula"),
        (["fig9 +"], "is not a formula"),
        (["nowhere.py:y"], "nowhere.py"),
        (["x", "--set", "x"], "--set takes a name and a number"),
        (["x", "--set", "x=one"], "x=one: unknown name 'one'"),
        (["x", "--set", "x=0,5"], "x=0,5: '0,5' is not a formula: write a decimal point"),
        (["y = 2*x", "--set", "y=1"], "y is the result of 'y = 2*x': it is computed"),
        (["2x"], "'2x' is not a formula: write 2*x"),
        (["sinx*y", "--set", "y=1"], "write sin(x)*y, or give sinx a value"),
        (["sqrt(x - y)"], "; --set x=2 gives a variable x another value"),
        (["log(x)", "--set", "x=-1"], "log(x = -1.0) is not finite"),
        (["fig1", "--set", "z=1"], "unknown node 'z'"),
        (["x*y", "--set", "z=3"], "--set z: the formula does not have this variable; its variables are x, y"),
        (["alpha*y", "--set", "alhpa=3"], "--set alhpa: the formula does not have this variable; did you mean alpha?"),
        (["2*3", "--set", "z=3"], "--set z: the formula does not have this variable; it has only numbers"),
        (["fig44"], "unknown graph 'fig44'; did you mean fig4"),
        (["Fig4"], "unknown graph 'Fig4'; did you mean fig4"),
        (["figure2"], "unknown graph 'figure2'; did you mean fig2"),
        (["mazzur"], "did you mean mazur?"),
        (["notes.py"], "notes.py lacks the name of a Value or of a function: notes.py:NAME"),
    ],
)
def test_wrong_options_end_with_status_2(
    arguments: list[str], complaint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert exit_status(main, arguments) == 2
    assert complaint in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [["x"], ["fig44", "--set", "fig44=3"], ["fig44 + 1"]])
def test_a_name_unlike_any_graph_or_given_a_value_is_a_formula(
    arguments: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "the leaves are known" in run_shell(arguments, "q\n", monkeypatch, capsys)


@needs_dot
def test_the_page(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["fig2", "--html", str(tmp_path / "steps.html")]) == 0
    assert "All 8 steps are in" in capsys.readouterr().out
    (tmp_path / "folder").mkdir()
    assert main(["fig2", "--html", str(tmp_path / "folder")]) == 1
    assert "could not be written" in capsys.readouterr().err


@pytest.mark.usefixtures("no_dot")
def test_without_dot_the_page_is_the_table_and_says_why(tmp_path: Path) -> None:
    assert main(["fig2", "--html", str(tmp_path / "steps.html")]) == 0
    text = (tmp_path / "steps.html").read_text(encoding="utf-8")
    assert "apt install graphviz" in text
    assert '<td data-node="x" data-field="derivative">5</td>' in text
    assert "<svg xmlns" not in text


@pytest.mark.thorough
def test_a_closed_pipe_is_not_an_error() -> None:
    command = [sys.executable, "-m", "demos.step", "fig4"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as demo:
        assert demo.stdin
        assert demo.stdout
        assert demo.stderr
        demo.stdout.close()
        demo.stdin.write(b"ll\n" * 100)
        demo.stdin.close()
        assert b"Traceback" not in demo.stderr.read()


def test_a_formula_may_begin_with_a_minus(monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[float] = []
    monkeypatch.setattr(Stepper, "shell", lambda opened: shown.append(opened.steps[opened.steps.n_forward - 1].result))
    assert main(["-x**2", "--set", "x=3"]) == 0
    assert main(["--set", "x=0", "-sigmoid(x)"]) == 0
    assert shown == [-9.0, -0.5]


@pytest.mark.parametrize("arguments", [["-v"], ["--verbose"], ["fig2", "-x*2"], ["-x*2", "-x*3"]])
def test_unknown_options_are_refused(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(arguments)
    assert "unrecognized arguments: -" in capsys.readouterr().err


def test_the_view_and_the_names_of_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "mine.py"
    file.write_text("from engine import Value\nx = Value(2.0, 'x')\ninner = 3 * x\nloss = 2 * inner - x\n")
    assert "loss = 2 · inner − x = 2 · 6 − 2 = 10" in run_shell([f"{file}:loss"], "n 2\n", monkeypatch, capsys)
    assert "#1 = 2 · inner = 2 · 6 = 12" in run_shell([f"{file}:loss", "--view", "all"], "n 2\n", monkeypatch, capsys)
    assert "forward: y\n" in run_shell(["x*x"], "n\n", monkeypatch, capsys)


@pytest.mark.parametrize("name", WORKED)
def test_both_views_of_the_worked_examples_agree(name: str) -> None:
    root = WORKED[name]().output
    gradients = []
    for view in ("paper", "all"):
        stepper = Stepper(root, view).cont()
        gradients.append({stepper.names[node]: gradient for node, gradient in stepper.gradients.items()})
    root.backward()
    named = {name: gradients[1][name] for name in gradients[0]}
    assert gradients[0] == pytest.approx(named, rel=1e-12)
