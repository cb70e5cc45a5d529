"""The command `pathgrad`: every subcommand, its examples, its files and its errors."""

from __future__ import annotations

import html
import io
import os
import re
import shlex
import subprocess
import sys
import webbrowser
from pathlib import Path

import pytest

import engine
from engine._support.typed_commands import install_command
from tests import thorough_unless
from tests.commands import exit_status
from viz.command.cli import main
from viz.command.graphs import read_graph
from viz.command.subcommands import SUBCOMMANDS
from viz.drawing.graphs import draw

NOTES = "from engine import Value\nx = Value(1.5, 'x')\nw = Value(0.5, 'w')\na = w * x\nloss = (a - 1) ** 2\n"
EXAMPLES = [(name, text) for name, subcommand in SUBCOMMANDS.items() for text, _ in subcommand.examples]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "notes.py").write_text(NOTES, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "stdin", io.StringIO("n\nq\n"))
    return tmp_path


@pytest.mark.parametrize(("name", "example"), EXAMPLES)
def test_an_example_runs(name: str, example: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([name, *shlex.split(example)]) == 0
    printed = capsys.readouterr()
    assert printed.out
    assert "Traceback" not in printed.err


def test_the_examples_are_in_the_help_of_each(capsys: pytest.CaptureFixture[str]) -> None:
    for name, example in EXAMPLES:
        assert exit_status(main, [name, "--help"]) == 0
        assert f"{name} {example}" in capsys.readouterr().out
    assert main([]) == 0
    out = capsys.readouterr().out
    with pytest.raises(SystemExit):
        main(["--help"])
    assert capsys.readouterr().out == out
    assert [name for name in SUBCOMMANDS if not re.search(rf"^ +{name} +\w", out, re.MULTILINE)] == []


@thorough_unless(lambda name, out: out == ("-" if name == "live" else "/dev/stdout"))
@pytest.mark.parametrize("out", ["-", "/dev/stdout"])
@pytest.mark.parametrize(("name", "file"), [("draw", "graph.svg"), ("live", "live.html")])
def test_a_file_can_be_printed(name: str, file: str, out: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    printed = io.BytesIO()
    stdout = io.TextIOWrapper(printed, encoding="ascii")
    with monkeypatch.context() as patch:
        patch.setattr(sys, "stdout", stdout)
        assert main([name, "σ(x)*y", "--set", "x=1,y=2", "--out", out]) == 0
    stdout.flush()
    assert not (folder / file).exists()
    assert main([name, "σ(x)*y", "--set", "x=1,y=2"]) == 0
    assert printed.getvalue().decode() == (folder / file).read_text(encoding="utf-8")


def test_the_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert (exit_status(main, ["--version"]), capsys.readouterr().out) == (0, f"pathgrad {engine.__version__}\n")


def test_explanations_tables_and_checks_show_the_derivatives(capsys: pytest.CaptureFixture[str]) -> None:
    formula = ["x*y + sin(x)", "--set", "x=2", "--set", "y=3"]
    assert main(["explain", *formula, "y"]) == 0
    assert ["backpropagation", "=", "2"] in [line.split() for line in capsys.readouterr().out.splitlines()]
    assert main(["explain", *formula]) == 0
    assert capsys.readouterr().out.count("backpropagation") == 2
    assert main(["table", *formula, "--as", "latex"]) == 0
    assert "\\frac{\\partial f}{\\partial x}" in capsys.readouterr().out
    assert main(["check", *formula]) == 0
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()[1:]] == ["∂f/∂x", "∂f/∂y"]


def test_explanations_name_nodes_as_steps_and_pages_do(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "x*y + sin(x)", "x", "--set", "x=2,y=3"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split("  ")[1] for line in lines[1:3]] == ["f ← #1 ← x", "f ← #2 ← x"]
    assert lines[-2:] == ["  #1 = xy", "  #2 = sin(x)"]
    for name, path in (("w", "loss ← a ← w"), ("a", "loss ← a")):
        assert main(["explain", "notes.py:loss", name]) == 0
        assert capsys.readouterr().out.splitlines()[1].split("  ")[1] == path


def test_a_table_of_a_variable_says_its_derivative(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["table", "x"]) == 0
    assert capsys.readouterr().out == "x is not computed: its derivative with respect to itself is 1.\n"


def test_the_table_of_the_readme_is_about_its_own_graph(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["table", "E = (sigmoid(w*x + b) - 1)^2 / 2"]) == 0
    out = capsys.readouterr().out
    assert "\nWeights: w\n" in out
    assert "= −0.182426 · 0.817574 · 0.182426 · 1.5 = −0.0408122" in out


def test_a_variable_that_is_0_has_its_line_too(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "x*y", "--set", "x=0,y=0"]) == 0
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()[1:]] == ["∂f/∂x", "∂f/∂y"]


def test_a_variable_without_a_name_has_its_number(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "nameless.py").write_text("from engine import Value\ny = Value(2.0) * Value(3.0)\n", encoding="utf-8")
    assert main(["check", "nameless.py:y", "--set", "#2=5"]) == 0
    assert [line.split()[:2] for line in capsys.readouterr().out.splitlines()[1:]] == [["∂y/∂#1", "5"], ["∂y/∂#2", "2"]]


def test_a_wrong_rule_and_a_kink_do_not_pass_the_check(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "relu(x)", "--set", "x=0"]) == 1
    printed = capsys.readouterr()
    assert "cannot be told" in printed.out
    assert "try other numbers" in printed.err
    assert main(["check", "x*y + sin(x)", "--tolerance", "1e-30"]) == 1
    assert "cannot tell with --tolerance 1e-30; with 1e-06, they can" in capsys.readouterr().err
    wrong = "from engine import custom_operation\nwrong = custom_operation(lambda x: x * x, lambda z, x: x)\n"
    (folder / "wrong.py").write_text(f"{wrong}def y(x):\n    return wrong(x)\n", encoding="utf-8")
    assert main(["check", "wrong.py:y"]) == 1
    assert capsys.readouterr().out.splitlines()[1].split()[-1] == "DIFFER"


def test_files_are_written_named_and_replaced_aloud(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name, path, end in (("draw", "graph.svg", "</svg>\n"), ("live", "live.html", "</html>\n")):
        assert main([name, "x*y", "--set", "x=1,y=2"]) == 0
        assert capsys.readouterr() == (f"{path}\n", "")
        assert (folder / path).read_text(encoding="utf-8").endswith(end)
        assert main([name, "x*y", "--set", "x=1,y=2"]) == 0
        assert capsys.readouterr() == (f"{path}\n", f"An older {path} was replaced.\n")


def test_a_folder_or_a_name_without_a_suffix_gets_the_default(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "sub").mkdir()
    for name, expected in (("draw", ["sub/graph.svg", "one.svg"]), ("live", ["sub/live.html", "one.html"])):
        for out in ("sub", "one"):
            assert main([name, "x*x", "--set", "x=1", "--out", out]) == 0
        assert capsys.readouterr().out.splitlines() == expected


def test_options_are_the_keywords_of_draw_and_live(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    output = read_graph("x*2", ["x=1.5"]).output
    output.backward()
    drawn = draw(output, direction="TB", local_derivatives=True, gradients=False, digits=2, size=(8, 4.5), theme="dark")
    options = "--direction tb --local-derivatives --no-gradients --digits 2 --size 8x4.5 --theme dark"
    assert main(["draw", "x*2", "--set", "x=1.5", "--out", "g.dot", *options.split()]) == 0
    assert (folder / "g.dot").read_text(encoding="utf-8") == drawn.source
    assert main(["live", "x*2", "--set", "x=1.5", "--constants", "--title", "Twice x"]) == 0
    page = (folder / "live.html").read_text(encoding="utf-8")
    assert "<title>Twice x</title>" in page
    assert 'name="#1"' in page
    with pytest.raises(SystemExit):
        main(["draw", "x*2", "--size", "8x4x2"])
    assert "'8x4x2' is not a size in inches, such as 6 or 8x4.5" in capsys.readouterr().err


def test_open_leads_to_the_browser_or_says_that_it_does_not(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    opened: list[str] = []

    def open_page(url: str) -> bool:
        opened.append(url)
        return True

    monkeypatch.setattr(webbrowser, "open", open_page)
    assert main(["live", "x*x", "--set", "x=1", "--open"]) == 0
    assert opened == [(folder / "live.html").as_uri()]
    monkeypatch.setattr(webbrowser, "open", lambda url: False)
    assert main(["live", "x*x", "--set", "x=1", "--open"]) == 1
    assert "A browser could not be opened: open live.html yourself." in capsys.readouterr().err


@pytest.mark.usefixtures("no_dot")
def test_without_dot_live_writes_its_table_and_draw_says_so(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["live", "x*y", "--set", "x=1.5,y=2"]) == 0
    page = (folder / "live.html").read_text(encoding="utf-8")
    assert '<td data-node="x" data-field="derivative">2</td>' in page
    assert "<svg xmlns" not in page
    assert install_command("dot") in html.unescape(page)
    capsys.readouterr()
    assert main(["draw", "x*y", "--set", "x=1.5,y=2"]) == 1
    printed = capsys.readouterr()
    assert (printed.out, printed.err.count("\n")) == ("", 1)
    assert f"Install one: {install_command('dot')}, apt install graphviz" in printed.err


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["paint", "x"], "invalid choice: 'paint'"),
        (["draw"], "the following arguments are required: GRAPH"),
        (["draw", "2x"], "'2x' is not a formula: write 2*x"),
        (["draw", "x*x", "--out", "g.gif"], "its suffix must be one of .svg, .png, .pdf, .dot"),
        (["live", "x*x", "--out", "notes.py"], "cannot save notes.py: the suffix of a page must be one of .html, .htm"),
        (["table", "x*y", "--set", "x=2", "y=3"], "write the numbers of several variables as --set x=2,y=3"),
        (["explain", "x*y", "x", "--set", "x=2", "y=3"], "write the numbers of several variables as --set x=2,y=3"),
        (["explain", "x*y", "X"], "unknown node 'X'; did you mean x?"),
        (["draw", "large.py:y"], "1201 nodes are more than the 300 that can be read in one drawing: --view paper"),
        (["explain", "x*y", "z"], "unknown node 'z'; known names: x, y, f"),
        (["check", "x*y", "--tolerance", "0"], "the tolerance must be a number above 0, not 0.0"),
        (["table", "x*y", "--as", "word"], "invalid choice: 'word'"),
        (["draw", "-x*2", "-x*3"], "unrecognized arguments: -x*3"),
        (["explain", "x*2", "--sets", "x=1"], "unrecognized arguments: --sets x=1"),
        (["explain", ""], "'' is not a formula: write something like x*y + sin(x)"),
        (["table", "x*2", "--set", "x=nan"], "unknown name 'nan'; write a finite number, such as 1.5, 1/2 or pi"),
        (["draw", "x*2", "--out", "-", "--open"], "--open needs a file, and --out - prints it: leave one of them out"),
        (
            ["live", "x*2", "--out", os.devnull],
            "is not a file: write the name of one, such as live.html, or - to print",
        ),
        (["draw", "nowhere.py:loss"], "error: nowhere.py cannot be read: No such file"),
    ],
)
def test_bad_arguments_end_with_2_in_one_line(
    arguments: list[str], complaint: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "large.py").write_text("def y(x):\n    return sum((x + i for i in range(400)), x)\n", encoding="utf-8")
    assert exit_status(main, arguments) == 2
    err = capsys.readouterr().err.splitlines()
    assert complaint in err[-1]
    assert [line for line in err[:-1] if not line.startswith("Not given")] == []
    assert (folder / "notes.py").read_text(encoding="utf-8") == NOTES


def test_a_choice_that_does_not_exist_is_suggested(capsys: pytest.CaptureFixture[str]) -> None:
    for arguments, meant in ((["drow", "x"], "draw"), (["draw", "x", "--theme", "drak"], "dark")):
        assert exit_status(main, arguments) == 2
        assert capsys.readouterr().err.endswith(f"; did you mean {meant}?\n")


def test_what_cannot_be_written_ends_with_1_in_one_line(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "file").touch()
    for name, suffix in (("draw", "svg"), ("live", "html")):
        assert main([name, "x*x", "--set", "x=1", "--out", f"file/graph.{suffix}"]) == 1
        assert re.match(r"\S*file\S* could not be written: \w", capsys.readouterr().err)
    assert main(["draw", "x^0.5", "--set", "x=0"]) == 1
    assert capsys.readouterr().err.count("\n") == 1


def test_a_formula_may_begin_with_a_minus(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "-x**2", "x", "--set", "x=3"]) == 0
    assert "= −6" in capsys.readouterr().out


def test_a_terminal_without_unicode_gets_ascii(monkeypatch: pytest.MonkeyPatch) -> None:
    written = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(written, encoding="ascii", write_through=True))
    assert main(["explain", "x*x", "x", "--set", "x=1"]) == 0
    assert written.getvalue().startswith(b"dy/dx, 2 paths")


def test_python_m_viz_is_the_same_command_in_any_encoding(folder: Path) -> None:
    command = [sys.executable, "-m", "viz", "draw", "x^2", "--out", "∂.svg"]
    done = subprocess.run(command, capture_output=True, env=os.environ | {"PYTHONIOENCODING": "ascii"})
    assert (done.returncode, done.stdout.split()) == (0, [rb"\u2202.svg"])
    assert (folder / "∂.svg").exists()
