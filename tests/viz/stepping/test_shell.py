"""The shell: every command, by hand and by text streams; one session at a real terminal."""

from __future__ import annotations

import io
import os
import re
import sys
from contextlib import redirect_stdout
from pathlib import Path

import pytest

from engine import Value, dot, label
from engine.symbolic.parser import parse_formula
from tests import thorough_unless
from tests.paper_graphs import figure_2, figure_4
from viz import THEMES, Stepper
from viz.math.ascii import AsciiStream, transliterate
from viz.stepping.overview import GROUPS, TO_BEGIN_WITH
from viz.stepping.shell import ALIASES, Shell
from viz.stepping.terminal import DERIVATIVE, MARK

pexpect = pytest.importorskip("pexpect", reason="plays the user at a terminal")


def run(*lines: str, root: Value | None = None) -> list[str]:
    """The output of the shell for these lines, without its greeting."""
    out = io.StringIO()
    stepper = Stepper(figure_4() if root is None else root, "all")
    Shell(stepper, stdin=io.StringIO("".join(f"{line}\n" for line in lines)), stdout=out).cmdloop()
    said = out.getvalue().splitlines()
    return said[next(i for i, line in enumerate(said, 1) if line.startswith("  the leaves are known: ")) :]


def shell(root: Value | None = None) -> tuple[Shell, io.StringIO]:
    out = io.StringIO()
    return Shell(Stepper(figure_4() if root is None else root, "all"), stdin=io.StringIO(), stdout=out), out


class Terminal(io.StringIO):
    """A stream that calls itself a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize("columns", [40, 80])
def test_at_a_terminal_lines_break_between_words(columns: int, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = ["h", "j 14", "quiz", "1", "quiz", "quiz", "2*", "q", "ll", "end", "paths x_1", "unknown"]
    plain = run(*lines)
    monkeypatch.setenv("COLUMNS", str(columns))
    monkeypatch.setenv("NO_COLOR", "1")
    out = Terminal()
    Shell(Stepper(figure_4(), "all"), stdin=io.StringIO("\n".join(lines)), stdout=out).cmdloop()
    written = out.getvalue().splitlines()
    assert max(map(len, written)) <= columns < max(map(len, plain))
    assert " ".join(written).split()[-len(" ".join(plain).split()) :] == " ".join(plain).split()
    assert [line for line in plain if len(line) <= columns and line not in written] == []
    assert [line for line in written if line.endswith((" =", " ·", " +", "→", "←"))] == []
    below = Terminal()
    with redirect_stdout(AsciiStream(below)):
        Shell(Stepper(figure_4(), "all"), stdin=io.StringIO("\n".join(lines))).cmdloop()
    assert max(map(len, below.getvalue().splitlines())) <= columns


@pytest.mark.parametrize(
    ("lines", "position"),
    [
        (["n"], 1),
        (["next 3"], 3),
        (["s"], 1),
        (["step 20"], 20),
        (["r"], 13),
        (["return", "r"], 43),
        (["j 20", "rn"], 19),
        (["j 23", "prev 1"], 19),
        (["j 20", "rs"], 19),
        (["j 20", "back 3"], 17),
        (["c"], 43),
        (["b z_1^(1)", "c"], 2),
        (["b z_1^(1)", "c", "c"], 32),
        (["b z_1^(1)", "last", "rc"], 32),
        (["tbreak z_1^(1)", "c", "c"], 43),
        (["b z_1^(1)", "cl", "c"], 43),
        (["b z_1^(1) x_1", "clear z_1^(1)", "c"], 42),
        (["unt a_1^(2)"], 5),
        (["until E", "until x_1"], 42),
        (["j 7"], 7),
        (["last", "first"], 0),
        (["s 5", "set x_1 3"], 5),
        (["s", "", ""], 3),
        (["n 2", ""], 4),
    ],
)
def test_commands_move(lines: list[str], position: int) -> None:
    it, _ = shell()
    for line in lines:
        assert it.onecmd(line) is False if line else it.emptyline() is not True
    assert it.stepper.position == position


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("p z_1^(1)", "z₁⁽¹⁾ = σ(a₁⁽¹⁾): value 0.705785, gradient 0.107432"),
        ("p", "x₂: value −0.5, gradient −0.014351"),
        ("print x_1 x_2", "x₁: value 1.5, gradient 0.00457381"),
        ("local a_1^(2) z_1^(1)", "∂a₁⁽²⁾/∂z₁⁽¹⁾ = w₁₁⁽²⁾ = 1.25"),
        ("local", "∂a₁⁽¹⁾/∂x₂ = w₁₂⁽¹⁾ = −0.25"),
        ("local z_1^(1)", "∂z₁⁽¹⁾/∂a₁⁽¹⁾ = σ'(a₁⁽¹⁾) = z₁⁽¹⁾ · (1 − z₁⁽¹⁾) = 0.705785 · 0.294215 = 0.207653"),
        ("local a_1^(1)", "∂a₁⁽¹⁾/∂x₂ = w₁₂⁽¹⁾ = −0.25"),
        ("local x_1", "*** x₁ is a leaf; local A shows how A changes with each of its inputs"),
        ("paths", "∂E/∂x₂, 4 paths"),
        ("paths x_1", "∂E/∂x₁, 4 paths"),
        ("sum", "∂E/∂x₂ is the sum over 2 edges"),
        ("sum a_1^(2)", "    σ'(a₁⁽²⁾) = z₁⁽²⁾ · (1 − z₁⁽²⁾) = 0.654295 · 0.345705 = 0.226193"),
        ("paths a_1^(2) x_1", "∂a₁⁽²⁾/∂x₁, 2 paths"),
        ("paths a_1^(2) x_1", "  a₁⁽²⁾ ← z₂⁽¹⁾ ← a₂⁽¹⁾ ← x₁  −0.375 · 0.227092 · 0.75  = −0.0638695"),
        ("paths x_1 a_1^(2)", "∂x₁/∂a₁⁽²⁾: x₁ is not made from a₁⁽²⁾, but a₁⁽²⁾ from x₁."),
        ("sum x_1", "  total: 0.00457381"),
        ("sum a_1^(1) x_1", "  total: 0.5"),
        ("sum x_1 a_1^(1)", "*** x₁ does not depend on a₁⁽¹⁾; the output comes first: sum a_1^(1) x_1"),
        ("sum z_1^(1) z_2^(1)", "*** z₁⁽¹⁾ does not depend on z₂⁽¹⁾"),
        ("w", "  E → #2 → #1 → z⁽³⁾ → a⁽³⁾ → z₁⁽²⁾ → a₁⁽²⁾ → z₁⁽¹⁾ → a₁⁽¹⁾ → x₂"),
        ("u", "a₁⁽¹⁾ = w₁₁⁽¹⁾x₁ + w₁₂⁽¹⁾x₂: value 0.875, gradient 0.0223085"),
        ("d", "*** x₂ is a leaf"),
        ("l", ">   43  backward: a₁⁽¹⁾ → x₂ (step 7 of the table)"),
        ("ll", "     2  z₁⁽¹⁾ = σ(a₁⁽¹⁾) = σ(0.875) = 0.705785"),
        ("ll", ">   43  ∂E/∂x₂ (2 of 2): ∂E/∂a₁⁽¹⁾ · w₁₂⁽¹⁾ = 0.0223085 · (−0.25) = −0.00557712"),
        ("s", "this is the end: all 43 steps are done; rs goes back, first goes to the start"),
        ("c", "this is the end: all 43 steps are done"),
        ("b", "breakpoints: none"),
        ("b x_1", "breakpoints: x₁"),
        ("display x_1 E", "shown at each stop: x₁, E"),
        ("display", "shown at each stop: nothing"),
        ("table", ">  x₂      −0.5       −0.014351"),
        (
            "h n",
            "  n, next [k]: do the remaining steps of the current node, or all steps of the next one (of k nodes).",
        ),
        ("h", "  leave     q quit, h help"),
        ("?", "  table   show all numbers that are known"),
        ("tble", "*** unknown command 'tble'; did you mean table or tbreak?"),
        ("h tble", "*** unknown command 'tble'; h lists them"),
        ("p z_9", "*** unknown node 'z_9'; did you mean z_2^(2) or z_2^(1) or z_1^(3)?"),
        ("p z_1", "*** unknown node 'z_1'; did you mean z_1^(1) or z_1^(2) or z_1^(3)?"),
        ("j x", "*** 'x' is not a whole number"),
        ("j 99", "*** step 99 does not exist; choose from 0 to 43"),
        ("j", "*** jump takes 1 name, not 0: h jump"),
        ("s -1", "*** the number of steps must be an integer of at least 1, not -1"),
        ("n many", "*** 'many' is not a whole number"),
        ("until x_1", "*** all steps of x₁ are done: go back first"),
        ("set E 1", "*** E is computed; only leaves can be set: x₁, x₂, w₁⁽³⁾"),
        ("set x_1 one", "*** x_1=one: unknown name 'one'"),
        ("set x_1 1e400", "*** a number in '1e400' is larger than the largest float"),
        ("set x_1", "*** set takes a name and a number: set x=1.5 or set x=1/2,y=pi, not 'x_1'"),
        ("local E x_1", "*** x₁ is not an input of E; its inputs are #2"),
        ("quiz", "*** all steps are done: rs goes back, first goes to the start"),
        ("__import__('os')", "*** unknown command \"__import__('os')\"; h lists the commands"),
        ("draw /proc/no/such.svg", "***"),
        ("draw graph.gif", "*** cannot save graph.gif: its suffix must be one of .svg, .png, .pdf, .dot"),
    ],
)
def test_commands_show(line: str, shown: str) -> None:
    printed = run("last", line)[2:]
    assert any(out.startswith(shown) for out in printed), printed


def test_steps_that_are_not_done_are_listed_without_numbers() -> None:
    out = run("s 28", "ll")
    assert "     3  a₂⁽¹⁾ = w₂₁⁽¹⁾x₁ + w₂₂⁽¹⁾x₂ = 0.75 · 1.5 + 1 · (−0.5) = 0.625" in out
    assert "    29  ∂E/∂a₁⁽²⁾ = ∂E/∂z₁⁽²⁾ · σ'(a₁⁽²⁾) = ?" in out
    assert "    32  ∂E/∂z₁⁽¹⁾ (2 of 2): ∂E/∂a₁⁽²⁾ · w₁₁⁽²⁾ = ?" in out


def test_an_unfinished_sum_looks_unfinished() -> None:
    out = run("display z_1^(1)", "j 27", "p z_1^(1)", "table", "sum z_1^(1)")
    assert "  ∂E/∂z₁⁽¹⁾ = 0.0549122 + …, 1 of 2 terms" in out
    assert "  z₁⁽¹⁾: value 0.705785, gradient 0.0549122 + …, 1 of 2 terms" in out
    assert "z₁⁽¹⁾ = σ(a₁⁽¹⁾): value 0.705785, gradient 0.0549122 + …, 1 of 2 terms" in out
    assert ">  z₁⁽¹⁾   0.705785   0.0549122 + …, 1 of 2 terms  σ(a₁⁽¹⁾)" in out
    assert "  so far: 0.0549122 + …, 1 of 2 terms" in out
    assert "  ∂E/∂z₁⁽¹⁾: value" not in run("display z_1^(1)", "j 32")[-1]


def test_at_an_end_moves_say_so() -> None:
    start = "this is the start: no step is done; s does the first"
    assert run("rs", "rn", "rc")[:3] == [start] * 3
    assert (
        run("last", "display y", "n", "r", "s 3")[-4:-1]
        == ["this is the end: all 43 steps are done; rs goes back, first goes to the start"] * 3
    )


def test_the_first_screen_introduces_numbered_nodes_once() -> None:
    out = io.StringIO()
    Shell(Stepper(parse_formula("x*y + sin(x)")), stdin=io.StringIO("first\n"), stdout=out).cmdloop()
    assert out.getvalue().count("Results without a name are numbered: #1 = xy.") == 1
    assert "numbered" not in Shell(Stepper(figure_4())).intro


def test_inputs_come_before_weights() -> None:
    nodes = [line.split()[0] for line in run("table")[1:-1]]
    assert nodes[:3] == ["x₁", "x₂", "w₁⁽³⁾"]
    assert nodes.index("y") < nodes.index("a₁⁽¹⁾") < nodes.index("z₁⁽¹⁾")


def test_a_table_keeps_its_head_on_the_screen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    monkeypatch.setenv("LINES", "12")
    monkeypatch.setenv("NO_COLOR", "1")
    out = Terminal()
    Shell(Stepper(figure_4()), stdin=io.StringIO(), stdout=out).onecmd("table")
    lines = out.getvalue().splitlines()
    assert max(map(len, lines)) <= 40
    assert lines[-10].split() == ["node", "value", "gradient", "formula"]
    assert lines[-1].split()[0] == "E"
    below = Terminal()
    with redirect_stdout(AsciiStream(below)):
        Shell(Stepper(figure_4()), stdin=io.StringIO()).onecmd("table")
    lines = below.getvalue().splitlines()
    assert max(map(len, lines)) == 40
    assert any(line.endswith("...") for line in lines)


@pytest.mark.parametrize(("variable", "is_coloured"), [("NO_COLOR", False), ("TERM", True)])
def test_derivatives_are_blue_unless_no_colour_is_wanted(
    variable: str, is_coloured: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv(variable, "xterm")
    out = Terminal()
    it = Shell(Stepper(figure_4()), stdin=io.StringIO(), stdout=out)
    for line in ("j 21", "p z_1^(1)", "table"):
        it.onecmd(line)
    for text in ("38;5;68m∂E/∂z₁⁽¹⁾", "38;5;68m0.0549122 + …", "1;38;5;166ma₂⁽²⁾ → z₁⁽¹⁾", "1;38;5;166mz₁⁽¹⁾"):
        assert (f"\x1b[{text}" in out.getvalue()) == is_coloured
    plain = re.sub(r"\x1b\[[0-9;]*m", "", out.getvalue())
    assert "step 21 of 39, backward: a₂⁽²⁾ → z₁⁽¹⁾ (step 5 of the table)" in plain


def test_the_colours_lie_between_those_of_the_themes() -> None:
    firebrick = "#b22222"
    for code, light, dark in ((DERIVATIVE, "gradient", "gradient"), (MARK, "mark", "mark")):
        first, last = getattr(THEMES["light"], light).replace("firebrick", firebrick), getattr(THEMES["dark"], dark)
        levels = [0, 95, 135, 175, 215, 255]
        cube = code - 16
        for i, level in enumerate([levels[cube // 36], levels[cube // 6 % 6], levels[cube % 6]]):
            ends = sorted(int(colour[1 + 2 * i : 3 + 2 * i], 16) for colour in (first, last))
            assert ends[0] - 40 <= level <= ends[1] + 40


def test_every_command_is_in_one_group() -> None:
    it, _ = shell()
    listed = [name for names in GROUPS.values() for name in names]
    assert sorted(listed) == sorted(it.commands())
    assert set(TO_BEGIN_WITH) <= {*it.commands(), *ALIASES}
    lines = it.overview().splitlines()
    assert max(map(len, lines)) < 80
    assert len(lines) <= 22


def test_display_shows_nodes_at_each_stop() -> None:
    assert "  x₁: value 1.5, gradient 0.00457381" in run("display x_1", "last")
    assert "  x₁: value 1.5, gradient ?" in run("display x_1", "s")
    assert not any("gradient" in line for line in run("display x_1", "undisplay", "s"))


def test_up_and_down_move_along_the_path() -> None:
    it, out = shell()
    for line in ("last", "u", "u", "u", "d", "d", "d", "d", "s"):
        it.onecmd(line)
    shown = [line.split(" = ")[0] for line in out.getvalue().splitlines() if "value" in line]
    down = ["z₁⁽¹⁾", "a₁⁽¹⁾", "x₁: value 1.5, gradient 0.00457381"]
    assert shown == ["a₁⁽¹⁾", "z₁⁽¹⁾", "a₁⁽²⁾", *down], "a path to an input, not to the first weight"
    assert "*** x₁ is a leaf" in out.getvalue()


def test_draw_writes_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert run("s 3", "draw a.dot")[-2] == "saved as a.dot"
    assert THEMES["light"].current in (tmp_path / "a.dot").read_text(encoding="utf-8")


@pytest.mark.parametrize("last", ["q", "quit", "exit", "EOF"])
def test_the_shell_can_be_left(last: str) -> None:
    assert len(run("s", last, "s")) == 2


def test_the_end_of_the_input_leaves() -> None:
    assert run()[-1:] == [""]


def test_every_command_has_help_and_every_alias_a_command() -> None:
    it, _ = shell()
    assert all(getattr(it, f"do_{name}").__doc__ for name in it.commands())
    assert set(ALIASES.values()) <= set(it.commands())


def test_commands_and_nodes_are_completed() -> None:
    it, _ = shell()
    assert it.completenames("un") == ["undisplay", "unt", "until"]
    assert it.completedefault("z_1") == ["z_1^(1)", "z_1^(2)", "z_1^(3)"]
    assert it.completedefault("#") == ["#1", "#2"]


def test_a_quiz_takes_numbers_and_formulas_and_then_the_step() -> None:
    out = run("j 27", "quiz 2", "0.1 + 0.2", "−0.0366082*w_22^(2)", "0.185751537583*0.226193004067", root=None)
    asked = [line for line in out if "? (3 digits are enough.)" in line or line.endswith("?")]
    given = "with w₂₁⁽²⁾ = −1.5, w₂₂⁽²⁾ = 0.625, z₁⁽¹⁾ = 0.705785, z₂⁽¹⁾ = 0.651355"
    assert asked == [
        f"question 1 of 2: a₂⁽²⁾ = w₂₁⁽²⁾z₁⁽¹⁾ + w₂₂⁽²⁾z₂⁽¹⁾, {given}. ∂E/∂a₂⁽²⁾ = −0.0366082. "
        "What does the edge from a₂⁽²⁾ back to z₂⁽¹⁾ add to ∂E/∂z₂⁽¹⁾? (3 digits are enough.)",
        "question 2 of 2: z₁⁽²⁾ = σ(a₁⁽²⁾), with a₁⁽²⁾ = 0.637973, z₁⁽²⁾ = 0.654295. ∂E/∂z₁⁽²⁾ = 0.185752. "
        "What is ∂E/∂a₁⁽²⁾?",
    ]
    assert "the quiz is over: 2 of 2 points; quiz asks on" in out
    assert [line for line in out if line.startswith(("No", "Right"))] == [
        "No.",
        "Right: −0.0228801. But by chance: with other numbers, this formula does not give it.",
        "Right: 0.0420157.",
    ]
    assert [line.split(",")[0] for line in out if line.startswith("step")] == [
        "step 27 of 43",
        "step 28 of 43",
        "step 29 of 43",
    ]


def quiz(*lines: str, at: int = 28) -> list[str]:
    """The output of the shell after the first question, by default about step 29."""
    out = run(f"j {at}", "quiz", *lines)
    return out[out.index("  point; ? shows the answer; again asks with other numbers; q ends the quiz.") + 1 :]


def test_a_typo_in_an_answer_asks_again() -> None:
    out = quiz("0.0420157*foo", "0.185752*z_1^(2)*(1-z_1^(3)", "0.185752*z_1^(2)*(1-z_1^(2))")
    assert out[0].startswith("*** unknown name 'foo'; known names: w_11^(3), ")
    assert out[1] == out[3] == "The question still stands; hint helps, ? shows the answer."
    assert out[2].startswith("*** ")
    assert out[4].startswith("Right: 0.0420157.")
    assert out[5] == "  1 of 1 point; 1 of 1 in all"
    assert out[6].startswith("step 29 of 43")


def test_the_score_before_a_question_is_a_sentence() -> None:
    assert run("score")[0] == "no question was answered yet"


def test_a_wrong_answer_is_explained_and_the_question_stays() -> None:
    out = quiz("0.226193", "hint", "hint", "h", "0.042", "why", "score")
    assert out[0] == "Not quite. It looks as if the upstream gradient is missing: multiply by it."
    assert out[1] == "Try again; hint helps, ? shows the answer."
    assert out[2].startswith("  hint 1 of 3: the chain rule")
    assert out[3] == "  hint 2 of 3: ∂E/∂a₁⁽²⁾ = ∂E/∂z₁⁽²⁾ · σ'(a₁⁽²⁾)"
    assert out[4].startswith("question 1 of 5: z₁⁽²⁾ = σ(a₁⁽²⁾), with ")
    assert out[5] == "Right: 0.0420157."
    assert out[6] == "  0.5 of 1 point; 0.5 of 1 in all"
    opened = "  σ'(a₁⁽²⁾) = z₁⁽²⁾ · (1 − z₁⁽²⁾) = 0.654295 · 0.345705 = 0.226193"
    assert opened in out, "the step shows why"
    assert out[-4] == opened.replace("σ", "∂z₁⁽²⁾/∂a₁⁽²⁾ = σ", 1), "and `why` does again"
    assert out[-2] == "0.5 of 1 in all"


@pytest.mark.parametrize("line", ["?", "skip"])
def test_an_answer_that_is_not_known_is_shown(line: str) -> None:
    out = quiz(line)
    assert out[0] == "  0 of 1 point; 0 of 1 in all"
    assert out[1].startswith("step 29 of 43")
    assert any("What is the local derivative" in line for line in out[2:]), "the quiz goes on"


def test_q_ends_the_quiz_and_another_q_leaves() -> None:
    out = quiz("q", "p z_1^(2)", "q", "p z_1^(2)")
    assert out == ["the quiz has ended; q again leaves", "z₁⁽²⁾ = σ(a₁⁽²⁾): value 0.654295, gradient 0.185752"]


def test_during_a_question_commands_work_and_moves_drop_it() -> None:
    out = quiz("p z_1^(2)", "? n", "s", "17")
    assert out[0].startswith("z₁⁽²⁾ = σ(a₁⁽²⁾): value 0.65")
    assert out[1].startswith("  n, next")
    assert out[2] == "the question is dropped; quiz asks another"
    assert out[3].startswith("step 29 of 43")
    assert out[6].startswith("*** unknown command '17'")


def test_an_answer_may_be_a_node_named_like_a_command() -> None:
    w, x = Value(2.0, "w"), Value(3.0, "x")
    out = run("j 2", "quiz 1", "w", "x", "w", root=w * x)
    assert [line for line in out if line.startswith(("Right", "Not quite"))][1] == "Right: 3."
    assert out[-2].strip() == "y → w", "after the question, it is the command again"


def test_values_are_asked_too() -> None:
    x = Value(1.5, "x")
    out = run("quiz", "4.5", "again", root=3 * x)
    assert out[0] == "question 1 of 2: y = 3x, with x = 1.5. What is y? (3 digits are enough.)"
    assert "Right: 4.5." in out
    assert any(line.startswith("step 1 of 3, forward: y") for line in out)


def test_a_quiz_goes_on_to_its_end_or_that_of_the_steps() -> None:
    x = Value(1.5, "x")
    out = run("quiz 9", "?", "?", "s", "quiz", root=3 * x)
    assert [line.partition(":")[0] for line in out if line.startswith("question")] == [
        "question 1 of 2",
        "question 2 of 2",
    ]
    assert "the quiz is over: 0 of 2 points" in out
    assert out[-2] == "*** all steps are done: rs goes back, first goes to the start"
    assert "*** a quiz has 1 question or more, not 0" in run("quiz 0")
    assert "*** 'many' is not a whole number" in run("quiz many")
    leaf = Value(1.5, "x")
    out = run("quiz", "again", "q", root=leaf)
    assert out[0] == "*** all steps are done: rs goes back, first goes to the start"


def test_again_asks_with_other_numbers_on_a_copy() -> None:
    it, out = shell()
    it.stepper.goto(27)
    for line in ("quiz", "again", "again", "p z_1^(3)"):
        it.onecmd(line)
    printed = out.getvalue()
    questions = [line for line in printed.splitlines() if "question 1 of 5: " in line]
    assert len(set(questions)) == 3
    assert it.stepper.position == 27, "before the step that the question was about"
    assert f"z⁽³⁾ = σ(a⁽³⁾): value {it.shown.find('z_1^(3)').data:.6g}, gradient " in printed
    assert it.shown.find("z_1^(3)").data != it.stepper.find("z_1^(3)").data
    it.onecmd("?")
    assert "and with the numbers of the graph:" in out.getvalue()
    assert (it.shown, it.stepper.position, it.n_asked) == (it.stepper, 28, 1)
    for line in ("hint", "q", "hint", "again", "q"):
        it.onecmd(line)
    assert "*** no question is open" in out.getvalue()
    assert "question " not in out.getvalue().rpartition("no question is open")[2], "after the quiz, it is one alone"


def test_the_sign_of_the_change_with_a_leaf_is_asked() -> None:
    x = Value(1.5, "x")
    a = 3 * x
    y = -2 * a
    label(a=a, y=y)
    out = run("j 4", "quiz", "perhaps", "up", "down", "why", "again", root=y)
    asked = "x goes from 1.5 to 1.6. Does y go up, go down, or stay?"
    assert f"question 1 of 1: {asked} (The first answer counts.)" in out
    assert "*** answer up, down or stays, not 'perhaps'" in out
    assert any(line.startswith("Not quite.") and "Compute ∂y/∂x: its sign is the answer." in line for line in out)
    assert "the quiz is over: 0 of 1 points" in out
    assert out[out.index(asked) + 1 :][:1] == ["  ∂y/∂x = ∂y/∂a · 3 = −2 · 3 = −6"], "why"
    assert any(line.startswith("with other numbers: a = ") for line in out)
    assert any(line.endswith(" Does y go up, go down, or stay?") for line in out[-2:]), "again"


@pytest.mark.parametrize("line", ["p", "p x_1", "w", "u", "d", "l", "ll", "local", "sum", "paths", "table", "b x_1"])
def test_during_a_question_with_other_numbers_all_can_be_shown(line: str) -> None:
    out = run("j 27", "quiz", "again", line, "display z_1^(1)")
    asked = max(i for i, said in enumerate(out) if "question 1 of 5: " in said)
    assert len(out) > asked + 3
    assert not any(said.startswith("***") for said in out)
    assert out[-2] == "shown at each stop: z₁⁽¹⁾"


def test_again_draws_the_constants_on_arrows_too() -> None:
    out = io.StringIO()
    it = Shell(Stepper(figure_2(), "paper"), stdin=io.StringIO(), stdout=out)
    for line in ("j 7", "quiz", "again"):
        it.onecmd(line)
    assert re.search(r"^with other numbers: a₁ = [0-9.]+x, y = [0-9.]+a₁ \+ a₂, x = [0-9.]+, ", out.getvalue(), re.M)
    derivatives = [stepper.steps[-1].result for stepper in (it.stepper, it.shown)]
    assert derivatives[0] == 5.0 != derivatives[1]


@pytest.mark.parametrize("line", ["halp", "p x_1", "l", "j 3", "quiz 1", "set x_1 2", "s -1"])
def test_an_empty_line_repeats_the_last_command_that_moved(line: str) -> None:
    it, _ = shell()
    it.onecmd("")
    assert it.stepper.position == 1, "at first, it is a step"
    for command in ("n 2", line, *(["q"] if line == "quiz 1" else []), ""):
        it.onecmd(command)
    assert it.stepper.position == 5


def test_a_question_moves_the_stepper_before_its_step() -> None:
    out = run("j 13", "quiz", "p E")
    assert any(line.startswith("step 14 of 43, backward: E") for line in out)
    assert "E = #2 / 2: value 0.088274, gradient 1" in out


def test_next_shows_every_number() -> None:
    root = parse_formula("x*y + sin(x)", {"x": 0.5, "y": 1.0})
    out = run("j 7", "n", root=root)[2:]
    assert [line for line in out if line.startswith("step")] == [
        "step 7 of 9, backward: #1 → x",
        "step 8 of 9, backward: #1 → x",
        "step 9 of 9, backward: #1 → y",
    ][1:]
    assert "  ∂f/∂x = 1 + 0.877583 = 1.87758" in out
    assert out[-2] == "the end: ∂f/∂x = 1.87758, ∂f/∂y = 0.5"


def test_next_over_very_many_steps_shows_the_last() -> None:
    leaves = [Value(float(i), f"x_{i}") for i in range(100)]
    out = run("n 3", root=dot(leaves[:50], leaves[50:]))
    assert out[0] == "... 62 steps; ll lists them"
    assert [line.split()[1] for line in out if line.startswith("step")] == [str(n) for n in range(63, 103)]


@pytest.mark.parametrize("line", ["set x_1=-1", "set x_1 = -1", "set x_1 -1", "set x₁= -1"])
def test_a_leaf_is_set_with_or_without_an_equals_sign(line: str) -> None:
    assert run("j 3", line)[2] == "now x₁ = −1; all steps are recorded again"


def test_leaves_are_set_one_after_the_other() -> None:
    assert run("set x_1=1/2, x₂=2*x₁ + w_11^(1)")[0] == "now x₁ = 0.5, x₂ = 1.5; all steps are recorded again"


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("set x_1=", "set takes a name and a number"),
        ("set =1", "set takes a name and a number"),
        ("set x_1=y=2", "set takes a name and a number"),
    ],
)
def test_invalid_values_for_set_are_refused(line: str, shown: str) -> None:
    assert any(shown in said for said in run(line))


def test_each_line_of_help_begins_with_its_command() -> None:
    it, _ = shell()
    for name in it.commands():
        assert name in getattr(it, f"do_{name}").__doc__.split(": ")[0]
    assert "stops once at x₁, x₂" in run("tbreak x_1 x_2")


def test_an_ascii_stream_gets_ascii() -> None:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding="ascii")
    Shell(Stepper(figure_4(), "all"), stdin=io.StringIO("j 29\n"), stdout=stream).cmdloop()
    stream.flush()
    assert b"dE/da_1^(2) = dE/dz_1^(2) * sigma'(a_1^(2)) = 0.185752 * 0.226193 = 0.0420157" in raw.getvalue()


def test_everything_printed_has_an_ascii_form() -> None:
    text = "\n".join(run("ll", "table", "h", "sum x_1", "paths x_1", "w"))
    assert transliterate(text).isascii()
    assert "\\x" not in transliterate(text)
    assert "\\u" not in transliterate(text)


def test_ctrl_c_ends_a_command_and_not_the_shell(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(self: Stepper) -> Stepper:
        raise KeyboardInterrupt

    monkeypatch.setattr(Stepper, "cont", interrupted)
    out = run("c", "s")
    assert out[0] == "interrupted; q leaves"
    assert out[1].startswith("step 1 of 43")


@thorough_unless(lambda has_toolkit: has_toolkit)
@pytest.mark.skipif(sys.platform == "win32", reason="needs a terminal of its own")
@pytest.mark.parametrize("has_toolkit", [False, True])
def test_a_session_at_a_terminal(has_toolkit: bool) -> None:
    if has_toolkit:
        pytest.importorskip("prompt_toolkit")
    block = "" if has_toolkit else "sys.modules['prompt_toolkit'] = None; "
    program = (
        f"import sys; {block}from tests.paper_graphs import figure_2; from viz import step; step(figure_2(), 'all')"
    )
    environment = os.environ | {"TERM": "xterm", "PYTHONIOENCODING": "utf-8", "PROMPT_TOOLKIT_NO_CPR": "1"}
    child = pexpect.spawn(sys.executable, ["-c", program], encoding="utf-8", timeout=100, env=environment)
    child.setwinsize(40, 120)
    child.expect("q leaves")
    child.expect(r"\(step\)")
    child.send("s\r")
    child.expect("step 1 of 10")
    child.send("p #\t")  # completes the node's name
    child.expect("#1")
    child.send("\x15")  # clear the line
    child.send("p x\r")
    child.expect("value 1.5")
    child.send("\x1b[A\x1b[A\r")  # the history: up to `s`
    child.expect("step 2 of 10")
    if has_toolkit:
        child.send("\x1b[C")  # the right arrow key steps
        child.expect("step 3 of 10")
        child.send("\x1b[D")
        child.expect("step 2 of 10")
    child.delaybeforesend = 0.3  # from here on, until the prompt reads: what comes before is the terminal's or Python's
    child.expect(r"\(step\)")
    child.sendintr()
    child.expect("interrupted")
    child.expect(r"\(step\)")
    child.sendeof()
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 0


def test_a_graph_of_two_paths_at_the_shell() -> None:
    out = run("b x", "c", root=figure_2())
    assert out[-4:-1] == ["  term 2 of 2: ∂y/∂a₁ · 3 = 2 · 3 = 6", "  ∂y/∂x = 6 + (−1) = 5", "the end: ∂y/∂x = 5"]


def test_an_ascii_stream_spells_out_other_characters() -> None:
    below = io.StringIO()
    with redirect_stdout(AsciiStream(below)):
        print("∂y/∂x", flush=True)
    assert below.getvalue() == transliterate("∂y/∂x") + "\n"
    assert below.getvalue().isascii()


def test_a_node_whose_value_is_0_can_have_the_focus() -> None:
    x = Value(0.0, "x")
    y = x * 3.0
    y.label = "y"
    assert run("n", "d", "p", root=y + 1.0)[-3:-1] == ["x: value 0, gradient ?"] * 2


def test_set_changes_all_leaves_or_none() -> None:
    it, out = shell(2.0 * Value(3.0, "x") + Value(1.0, "b"))
    for line in ("quiz", "7", "set x=5,zz=1", "set x=5,b=1e308*10", "set x=5,#1=2", "h", "p x"):
        it.onecmd(line)
    assert it.stepper.find("x").data == 3.0
    assert "x: value 3" in out.getvalue().splitlines()[-1]
    assert "now x" not in out.getvalue()
    it.stepper.set_all({"x": 4.0, "b": 2.0})
    assert it.stepper.root.data == 10.0


@pytest.mark.parametrize("lines", [["sum n"], ["local o"], ["rs", "s"]])
def test_the_numbers_of_a_line_give_its_result(lines: list[str]) -> None:
    n = Value(9.0, "n")
    o = n.tanh()
    o.label = "o"
    [line] = {line.split("tanh'(n) = ")[1] for line in run("last", *lines, root=o) if "1 − o² =" in line}
    assert line == "1 − o² = 1 − 0.99999996954² = 6.09199·10⁻⁸"


def test_the_terms_of_a_sum_give_its_result() -> None:
    a = Value(1.0000004, "a")
    out = run("last", "ll", "back", root=a * a - a)
    assert any(line.endswith("y = #1 − a = 1.0000008 − 1.0000004 = 4·10⁻⁷") for line in out)
    assert "  ∂y/∂a = −1 + 1.0000004 + …, 2 of 3 terms, so far 4·10⁻⁷" in out


def test_nodes_named_as_commands_are_answers() -> None:
    out = run("quiz 2", "h", "h*q", "h", "quit", "q", root=Value(3.0, "h") * Value(5.0, "q"))
    assert "No." in out
    assert any("in place of ∂y/∂h" in line for line in out)
    assert out[-1] == "the quiz has ended; q again leaves"


def test_an_answer_may_begin_with_its_name() -> None:
    out = run("quiz 3", "y = 6", "∂y/∂w = x", "= 4", root=Value(4.0, "w") * Value(1.5, "x"))
    assert [line for line in out if line.startswith(("Right", "No", "***"))] == [
        "Right: 6.",
        "Right: 1.5.",
        "Right: 4.",
    ]


def test_a_dropped_question_can_be_asked_again() -> None:
    out = run("quiz", "q", "again", "q", "why", root=Value(2.5, "w") * Value(1.5, "x"))
    assert not any(line.startswith("***") for line in out)
    assert sum("What is y?" in line for line in out) == 3
