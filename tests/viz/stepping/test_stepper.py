"""Texts, tables and drawings of the stepper: steps that read like the paper, paths, sums and states."""

from __future__ import annotations

import io
from typing import Any

import pytest

from engine import Value, dot
from engine.symbolic.parser import parse_formula
from tests.paper_graphs import figure_1, figure_2, figure_4
from viz import THEMES, Film, Stepper, backpropagation_table
from viz import step as step_through
from viz.stepping.shell import Shell


def test_each_step_reads_like_the_paper() -> None:
    stepper = Stepper(figure_4(), "all")
    lines = [repr(stepper.goto(n)).splitlines() for n in range(len(stepper.steps) + 1)]
    assert lines[29] == [
        "step 29 of 43, backward: z₁⁽²⁾ → a₁⁽²⁾ (step 4 of the table)",
        "  ∂E/∂a₁⁽²⁾ = ∂E/∂z₁⁽²⁾ · σ'(a₁⁽²⁾) = 0.185752 · 0.226193 = 0.0420157",
        "  σ'(a₁⁽²⁾) = z₁⁽²⁾ · (1 − z₁⁽²⁾) = 0.654295 · 0.345705 = 0.226193",
    ]
    assert lines[27][1:] == [
        "  term 1 of 2: ∂E/∂a₂⁽²⁾ · w₂₁⁽²⁾ = −0.0366082 · (−1.5) = 0.0549122",
        "  ∂E/∂z₁⁽¹⁾ = 0.0549122 + …, 1 of 2 terms",
    ]
    assert lines[32][1:] == [
        "  term 2 of 2: ∂E/∂a₁⁽²⁾ · w₁₁⁽²⁾ = 0.0420157 · 1.25 = 0.0525196",
        "  ∂E/∂z₁⁽¹⁾ = 0.0525196 + 0.0549122 = 0.107432",
    ]
    assert lines[5][1] == ("  a₁⁽²⁾ = w₁₁⁽²⁾z₁⁽¹⁾ + w₁₂⁽²⁾z₂⁽¹⁾ = 1.25 · 0.705785 + (−0.375) · 0.651355 = 0.637973")
    assert lines[0][0] == "start, before step 1 of 43"


def test_the_start_says_that_the_given_graph_is_stale() -> None:
    x = Value(2.0, "x")
    y = x * x
    y.label = "y"
    fresh = repr(Stepper(y))
    x.data = 5.0
    stepper = Stepper(y)
    assert repr(stepper).splitlines() == [
        *fresh.replace("x = 2", "x = 5").splitlines(),
        "  y is stale: multiply(x = 5.0, x = 5.0) is not 4.0 any more; call y.forward(). The steps begin with that.",
    ]
    assert repr(stepper.next()).splitlines()[1:] == ["  y = x · x = 5 · 5 = 25"]
    assert y.data == 4.0


@pytest.mark.parametrize("data", [None, "5", [1.0]])
def test_data_that_is_not_a_number_is_named(data: Any) -> None:
    x = Value(2.0, "x")
    y = x * x
    x.data = data
    for show in (Stepper, Film, backpropagation_table):
        with pytest.raises(TypeError, match=r"^x\.data is "):
            show(y)


def test_the_steps_of_the_table_are_those_of_figure_8() -> None:
    stepper = Stepper(figure_4(), "all")
    found: dict[str, set[str]] = {}
    for step in stepper.steps:
        title = stepper.narration.title(step)
        if "of the table" in title:
            found.setdefault(title.split("(step ")[1].split(" ")[0], set()).add(stepper.names[step.target])
    assert found == {
        "1": {"z_1^(3)"},
        "2": {"a_1^(3)"},
        "3": {"z_1^(2)", "z_2^(2)"},
        "4": {"a_1^(2)", "a_2^(2)"},
        "5": {"z_1^(1)", "z_2^(1)"},
        "6": {"a_1^(1)", "a_2^(1)"},
        "7": {"x_1", "x_2"},
    }


def test_a_square_has_two_edges_to_the_same_node() -> None:
    x = Value(3.0, "x")
    y = x * x
    y.label = "y"
    assert repr(Stepper(y).cont()).splitlines()[1:] == [
        "  term 2 of 2: ∂y/∂y · x = 1 · 3 = 3",
        "  ∂y/∂x = 3 + 3 = 6",
        "the end: ∂y/∂x = 6",
    ]


def test_the_end_shows_the_derivatives_of_the_leaves() -> None:
    stepper = Stepper(parse_formula("x*y + sin(x)", {"x": 0.5, "y": 1.0})).cont()
    assert repr(stepper).splitlines()[-1] == "the end: ∂f/∂x = 1.87758, ∂f/∂y = 0.5"
    assert "the end" not in repr(stepper.back())
    leaves = [Value(float(i), f"x_{i}") for i in range(30)]
    last = repr(Stepper(dot(leaves[:15], leaves[15:])).cont()).splitlines()[-1]
    assert last.startswith("the end: ∂y/∂x₀ = 15, ∂y/∂x₁ = 16, ")
    assert last.endswith("∂y/∂x₉ = 24, and 20 more: table shows them")


def test_paths_use_the_stepper_names_of_nodes_without_labels() -> None:
    stepper = Stepper(parse_formula("x*y + sin(x)", {"x": 0.5, "y": 1.0}))
    paths = stepper.paths("x").splitlines()
    assert paths[0] == "∂f/∂x, 2 paths"
    assert sorted(line.split("  ")[1] for line in paths[1:3]) == ["f ← #1 ← x", "f ← #2 ← x"]


def test_paths_name_a_constant_by_its_number() -> None:
    double = Value(3.0, "x") * 2.5
    assert Stepper(double).paths("x", double.inputs[1]).splitlines()[0] == "∂2.5/∂x, 0 paths"


def test_views() -> None:
    stepper = Stepper(figure_4(), "all")
    assert repr(stepper.local("a_1^(2)", "z_1^(1)")) == "∂a₁⁽²⁾/∂z₁⁽¹⁾ = w₁₁⁽²⁾ = 1.25"
    with pytest.raises(ValueError, match=r"x₁ is not an input of a₁⁽²⁾; its inputs are w₁₁⁽²⁾, w₁₂⁽²⁾, z₁⁽¹⁾, z₂⁽¹⁾"):
        stepper.local("a_1^(2)", "x_1")
    assert "4 paths" in stepper.paths("x_1")
    assert "2 paths" in stepper.paths("x_1", "a_1^(2)")
    assert stepper.sum("z_1^(1)").count("?") == 3
    assert stepper.cont().sum("z_1^(1)").splitlines()[-1] == "  total: 0.107432"
    assert stepper.sum("x_1", "a_1^(1)").splitlines()[-1] == "  total: 0.5"
    assert str(stepper.state("y")) == "y: value 0.25, gradient −0.420176"
    rows = stepper.goto(32).table().splitlines()
    assert [row.split()[1] for row in rows if row.startswith(">")] == ["z₁⁽¹⁾"]
    assert rows[-1].split() == ["E", "0.088274", "1", "#2", "/", "2"]
    path = [stepper.names[node] for node in stepper.path_to("x_1")]
    assert path[0] == "E"
    assert path[-1] == "x_1"


def test_the_drawing_marks_the_current_step() -> None:
    stepper = Stepper(figure_2(), "all").finish()
    before = stepper.draw().source
    assert before.count(">∂ </FONT>") == 5  # all are blank
    assert THEMES["light"].current in before
    assert THEMES["light"].mark not in before
    after = stepper.next().draw().source
    assert after.count(THEMES["light"].mark) == 1
    assert after.count(">∂ </FONT>") == 2
    start = stepper.restart().draw().source
    assert start.count('="12">&#160;</FONT>') == 4
    assert "gray92" not in start


@pytest.mark.parametrize("view", ["paper", "all"])
def test_drawings_show_unfinished_sums_as_such(view: str) -> None:
    stepper = Stepper(figure_2(), view)
    counts = [stepper.goto(n).draw().source.count("∂ −1 + …") for n in range(len(stepper.steps) + 1)]
    terms = [step.number for step in stepper.steps if step.target.label == "x"]
    assert [n for n, count in enumerate(counts) if count] == list(range(*terms))
    assert max(counts) == 1


@pytest.mark.parametrize("view", ["paper", "all"])
def test_drawings_of_both_views_have_the_same_options(view: str) -> None:
    x = Value(1.23456789, "x")
    y = 3 * x
    y.label = "y"
    stepper = Stepper(y, view)
    source = stepper.draw(
        direction="TB", format="png", digits=8, theme="dark", font="Helvetica", size=(8, 4), text=20
    ).source
    assert all(part in source for part in ("1.2345679", 'size="8,4!"', "Helvetica", THEMES["dark"].fill))
    assert "(20 pt wanted)" in repr(stepper.draw(size=1, text=20))
    with pytest.raises(ValueError, match="digits must be a whole number from 1 to 17, not 0"):
        stepper.draw(digits=0)


def test_drawings_and_tables_show_the_short_ids() -> None:
    x = Value(1.0, "x")
    stepper = Stepper(x.exp() * x)
    assert "#1" in stepper.draw().source
    assert "#1" in stepper.table()


def test_watches_are_shown_at_each_stop() -> None:
    stepper = Stepper(figure_1()).watch("a", "x")
    assert repr(stepper).splitlines()[-2:] == ["  x: value 1.5, gradient ?", "  a: value ?, gradient ?"][::-1]
    assert repr(stepper.cont()).splitlines()[-1] == "  x: value 1.5, gradient 6"


def test_a_large_table_shows_nodes_around_the_current_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("viz.stepping.stepper.MAX_TABLE_ROWS", 10)
    y = Value(1.0, "x")
    for _ in range(50):
        y = -y
    stepper = Stepper(y)
    for position in (0, 1, 25, 50, 80, 101):
        rows = stepper.goto(position).table().splitlines()
        assert len(rows) == 12
        assert rows[-1] == "and 41 more nodes, before or after these"
        if stepper.current:
            [marked] = [row for row in rows if row.startswith(">")]
            assert marked.split()[1] == stepper.names[stepper.current.target]


def test_many_leaves_are_not_all_named_at_the_start() -> None:
    leaves = [Value(1.0, f"x_{i}") for i in range(1000)]
    line = repr(Stepper(dot(leaves, leaves))).splitlines()[1]
    assert line.endswith("x₉₉ = 1, and 900 more")


def test_step_opens_the_shell_on_a_graph(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("quit\n"))
    step_through(figure_2())
    assert "the leaves are known: x = 1.5" in capsys.readouterr().out


def test_labels_give_no_commands_to_the_terminal() -> None:
    x = Value(1.0, "\x1b[31mred\nx")
    y = 2 * x
    y.label = "\x1b]0;title\x07y"
    stepper = Stepper(y)
    shown = [
        repr(stepper.cont()),
        stepper.table(),
        stepper.paths(x),
        stepper.sum(x),
        stepper.state(x),
        stepper.local(y, x),
    ]
    output = io.StringIO()
    commands = "last\np\nll\nw\ntable\nfirst\nquiz\n?\nb \x1b[31mred\nhalp\x1b\n"
    Shell(Stepper(y), io.StringIO(commands), output).cmdloop()
    for text in [*map(str, shown), repr(backpropagation_table(y)), output.getvalue()]:
        assert text.replace("\n", "").isprintable(), ascii(text)


def test_no_text_shows_a_number_that_is_not_known_yet() -> None:
    stepper = Stepper(figure_4(), "paper").goto(2)
    assert stepper.paths("z_1^(1)").endswith("=  ?")
    paths = stepper.paths("a_1^(2)", "E").splitlines()
    assert [line.split() for line in paths[1:]] == [
        ["E", "←", "z⁽³⁾", "←", "a⁽³⁾", "←", "z₁⁽²⁾", "←", "a₁⁽²⁾", "=", "?"],
        ["sum", "over", "paths", "=", "?"],
        ["backpropagation", "=", "?"],
    ]
    assert stepper.local("a_1^(2)", "z_1^(1)") == "∂a₁⁽²⁾/∂z₁⁽¹⁾ = w₁₁⁽²⁾ = 1.25"
    assert stepper.local("z_1^(2)", "a_1^(2)") == "∂z₁⁽²⁾/∂a₁⁽²⁾ = σ'(a₁⁽²⁾) = z₁⁽²⁾ · (1 − z₁⁽²⁾) = ?"
    assert stepper.sum("z_1^(1)", "z_1^(2)").endswith("so far: ? (z₁⁽²⁾ is not computed yet)")
    assert stepper.paths("x_1", "z_1^(1)").endswith(stepper.finish().paths("x_1", "z_1^(1)").splitlines()[-1])
    *paths, total, backpropagated = stepper.paths("z_1^(1)").splitlines()
    assert "?" not in "".join([*paths, total])  # a product of local derivatives, which are known
    assert backpropagated.split() == ["backpropagation", "=", "?"]
    assert stepper.cont().paths("z_1^(1)").endswith("0.107432")


def test_a_sum_says_how_to_go_to_its_numbers() -> None:
    stepper = Stepper(figure_4())
    assert stepper.sum("x_2").endswith("(the backward pass has not begun: r runs to its start, and again r to its end)")
    assert stepper.finish().sum("x_2").endswith("(the backward pass has not come here yet: r runs to its end)")
    assert stepper.finish().sum("x_2").endswith("total: −0.014351")


def test_a_step_to_the_target_says_that_it_is_fixed() -> None:
    stepper = Stepper(figure_4())
    [step] = stepper.steps.steps_to(stepper.find("y"))
    assert stepper.narration.title(step).endswith(" → y (the fixed target)")
    y = Value(2.0, "y")
    assert stepper.narration.title(stepper.steps[0]) == "forward: a₁⁽¹⁾"
    assert repr(Stepper(y * y).cont()).splitlines()[0].endswith("→ y (edge 2 of 2)")


def test_where_a_sum_is_whole_the_quiz_asks_the_whole_derivative() -> None:
    stepper = Stepper(figure_4(), "paper")
    asked = [stepper.goto(n).quiz() for n in range(stepper.steps.n_forward, len(stepper.steps))]
    turns = [(question, stepper.steps[question.step_number - 1]) for question in asked]
    assert {question.kind for question, step in turns if step.is_complete} == {
        *("local derivative", "contribution", "derivative", "sign")
    }
    assert {question.kind for question, step in turns if step.is_complete and not step.target.inputs} == {
        *("local derivative", "contribution", "sign")
    }
    assert "running sum" in {question.kind for question, step in turns if not step.is_complete}


def test_steps_of_any_network_are_those_of_its_table() -> None:
    x, w = [Value(i / 2, f"x_{i}") for i in (1, 2)], [Value(0.25, f"w_{i}") for i in (1, 2)]
    a = dot(w, x)
    a.label = "a_1^(1)"
    E = (a - 1) ** 2 / 2
    E.label = "E"
    stepper = Stepper(E)
    steps = {row.variable.label: row.step for row in backpropagation_table(E).rows}
    assert steps == {"a_1^(1)": 1, "x_1": 2, "x_2": 2, "w_1": None, "w_2": None}
    titles = [stepper.narration.title(step) for step in stepper.steps]
    assert sum(title.endswith("→ x₁ (step 2 of the table)") for title in titles) == 1
