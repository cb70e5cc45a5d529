"""`python -m demos.learn`: exercises whose mistakes can all be told apart, and lessons that go on where one stands."""

from __future__ import annotations

import io
import json
import re
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from demos.learn import __main__ as program
from demos.learn import progress as progress_file
from demos.learn.checking import Figures, check
from demos.learn.drawing import Draws
from demos.learn.exercise import load, names, parse
from demos.learn.lesson import ASKING, Lesson, next_exercise
from demos.learn.progress import Place, Progress
from engine import DomainError
from engine._support.safe_files import write_atomically
from engine._support.typed_commands import python_command
from engine.labels import Role, role_of
from tests import by_night, thorough_unless
from tests.viz.questions.worked_lines import check_line
from viz.math.formulas import format_number
from viz.questions.asking import KINDS
from viz.questions.kinds.formulas import FormulaQuestion
from viz.questions.kinds.totals import TotalQuestion
from viz.questions.naming import StepNames
from viz.questions.rules import Rules
from viz.questions.separation import SIZES
from viz.questions.wording import product_in_names, written

N_SEEDS = by_night(1, 100)


@pytest.mark.parametrize("name", names())
def test_an_exercise_is_solved_and_every_mistake_diagnosed(name: str) -> None:
    figures = check(load(name), range(N_SEEDS), ASKING)
    assert figures.problems == []
    assert figures.collisions == 0
    assert figures.mistakes > 10 * N_SEEDS


@thorough_unless(lambda name: name != "figure_4")
@pytest.mark.parametrize("name", names())
def test_the_numbers_of_worked_lines_give_their_results(name: str) -> None:
    exercise = load(name)
    draws = Draws(exercise)
    for seed in range(by_night(1, 20)):
        for question in exercise.ask(draws.numbers(seed)):
            for line in question.worked():
                check_line(line)


def test_the_exercises_have_questions_of_every_kind() -> None:
    kinds = {question["kind"] for name in names() for question in load(name).questions}
    assert kinds == set(KINDS)
    assert 10 <= len(names()) <= 12


def test_numbers_are_short_decimals_chosen_by_a_seed() -> None:
    draws = [Draws(load("two_paths")).numbers(seed) for seed in (0, 0, 1)]
    assert draws[0] == draws[1] != draws[2]
    assert all(abs(number) in SIZES for numbers in draws for number in numbers.values())
    assert all(len({abs(number) for number in numbers.values()}) == len(numbers) for numbers in draws)
    assert not {0.0, 1.0, 2.0}.intersection(SIZES)
    assert (min(SIZES), max(SIZES)) == (0.25, 3.0)


def test_numbers_with_which_mistakes_collide_are_not_taken() -> None:
    draws = Draws(load("two_paths"))
    numbers = draws.numbers(0)
    assert draws.collisions(numbers) == 0
    assert draws.collisions(numbers | {"c": 1.0, "p": 1.0}) > 0


def test_a_leaf_may_be_a_formula_of_others() -> None:
    exercise = load("relu")
    subject = exercise.build(Draws(exercise).numbers(3))
    assert subject.find("a_3").data == 0.0
    assert "b" not in exercise.drawn


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("title = ", "the exercise mine is not TOML"),
        ('title = "t"\ntext = "t"\ngraf = []', "unknown key 'graf'"),
        ('title = "t"\ntext = "t"', "the exercise mine lacks its graph"),
        ('title = "t"\ntext = "t"\ngraph = ["y = x"]\n[[questions]]\nkind = "guess"', "unknown kind of question"),
        ('title = "t"\ntext = "t"\ngraph = ["y = x"]\n[[questions]]\nkind = "value"\nnod = "y"', "does not take 'nod'"),
        ('text = "t"\ngraph = ["y = x"]', "lacks its title"),
        ('title = "t"\ntext = "t"\ngraph = ["y = x"]\ndrawing = 3', "lacks its drawing"),
        ('title = "t"\ntext = "t"\ngraph = ["y = x"]\nfigure = 9', "has figure = 9"),
    ],
)
def test_a_broken_exercise_is_refused_with_the_reason(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        parse("mine", text)


def test_a_line_that_is_not_a_formula_is_refused() -> None:
    question = '\n[[questions]]\nkind = "value"\nnode = "y"'
    with pytest.raises(ValueError, match=r"^mine, graph: 'y := x' is not a formula"):
        parse("mine", f'title = "t"\ntext = "t"\ngraph = ["y := x"]{question}')
    exercise = parse("mine", f'title = "t"\ntext = "t"\ngraph = ["y = log(x)"]{question}')
    with pytest.raises(DomainError):
        exercise.build({"x": -1.0})


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    """The exercise of the README, as a file."""
    readme = (Path(__file__).parents[2] / "demos" / "README.md").read_text(encoding="utf-8")
    path = tmp_path / "square.toml"
    path.write_text(readme.split("```toml\n")[1].split("```")[0], encoding="utf-8")
    return path


def test_an_exercise_of_ones_own_is_opened_and_checked(
    mine: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(program, "N_SEEDS", 2)
    assert program.main(["check", str(mine)]) == 0
    assert capsys.readouterr().out.startswith("square                  12 questions")
    monkeypatch.setattr("sys.stdin", io.StringIO("\n\n\n\n\nq\n"))
    assert program.main([str(mine), "--file", str(mine.with_name("kept.json"))]) == 0
    out = capsys.readouterr().out
    assert out.startswith("\nA square\n")
    assert "Answer with a number" in out
    assert json.loads(mine.with_name("kept.json").read_text())["exercises"][str(mine)]["turn"] == 1
    exercise = load(str(mine))
    answered = [answers(str(mine), Place(turn=turn))[i] for turn, i in ((1, 2), (2, 0), (2, 1), (2, 2))]
    assert run(str(mine), *[""] * 5, *answered).endswith(f"{exercise.title}: done, with 3 of 3 points.\n")


@pytest.mark.parametrize(
    ("right", "wrong", "message"),
    [
        ('"value"', '"valu"', "unknown kind of question 'valu'; choose from value, local derivative, "),
        (
            'node = "a"',
            'node = "q"',
            "square, question 1 (kind = 'value', node = 'q'): unknown node 'q'; known names: ",
        ),
        ('leaf = "w"', 'leaf = "q"', "square, question 3 (kind = 'descent', leaf = 'q', rate = 0.5): unknown node 'q'"),
        ('leaf = "w"', "leaf = 3", "the exercise square, question 3: leaf = 3 must be text in quotes"),
        ("w*x + {c}", "w*x + ", "square, graph: 'a = w*x +' is not a formula: "),
        (
            "rate = 0.5",
            "rte = 0.5",
            "the exercise square, question 3: a question of kind 'descent' does not take 'rte'; ",
        ),
        ("rate = 0.5", "", "the exercise square, question 3: a question of kind 'descent' lacks 'rate'; its keys are "),
        ('"positive"', '"big"', "square, numbers: x = 'big': choose from any, positive, negative, or a formula of "),
        ('"positive"', "3", "square, numbers: x must be any, positive, negative or a formula in quotes, not 3"),
        ("x = ", "q = ", "unknown number 'q'; choose from c, "),
        ("tanh(a)", "log(-a*a)", "log("),
        ('kind = "value"', 'kind = "formula"\nforms = ["a*w_3+"]', "square, question 1 (kind = 'formula', "),
    ],
)
def test_a_fault_in_a_file_is_one_line_that_names_it(
    mine: Path, capsys: pytest.CaptureFixture[str], right: str, wrong: str, message: str
) -> None:
    mine.write_text(mine.read_text(encoding="utf-8").replace(right, wrong, 1), encoding="utf-8")
    for command in ([str(mine)], ["check", str(mine)]):
        assert program.main([*command, "--file", str(mine.with_name("kept.json"))]) == 1
        error = capsys.readouterr().err
        assert error.startswith(f"{mine}: {message}")
        assert error.count("\n") == 1


def test_a_file_that_does_not_exist_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert program.main(["check", str(tmp_path / "no.toml")]) == 1
    assert capsys.readouterr().err == f"{tmp_path / 'no.toml'} cannot be read: No such file or directory\n"


def run(name: str, *lines: str, progress: Progress | None = None) -> str:
    out = io.StringIO()
    Lesson(progress or Progress(), name, io.StringIO("".join(f"{line}\n" for line in lines)), out).cmdloop()
    return out.getvalue()


def answers(name: str, place: Place) -> list[str]:
    """The right answers of a whole turn."""
    exercise = load(name)
    questions = exercise.ask(Draws(exercise).numbers(place.seed, place.turn))
    return [question.format(question.answer()) for question in questions]


def test_an_example_is_worked_before_anything_is_asked() -> None:
    out = run("chain", *[""] * 5)
    assert out.count("Enter> ") == 0  # the prompt is that of a terminal
    question = load("chain").ask(Draws(load("chain")).numbers(0, 0))[2]
    assert "\n".join([f"3/5  {question.text}", *(f"  {line}" for line in question.worked())]) in out
    assert "The same with other numbers. The last question is yours." in out


def test_the_direction_of_edges_is_said_once_in_each_exercise() -> None:
    out = run("two_paths", *[""] * 5, *[""] * 4)
    note = "(Edges lead back, from a node to what it is made from: from a₂ to x. In drawings, the arrow is x → a₂.)"
    assert out.count(f" add to ∂y/∂x?\n     {note}\n") == out.count("In drawings") == 1
    assert out.count("the edge from a₂ back to x") > 1
    out = run("two_paths", "h", "", "h", progress=Progress(None, {"two_paths": Place(question=1)}))
    assert out.count("made from: from a₂ to x.") == 2, "h says it again"


@thorough_unless(lambda name: name != "figure_4")
@pytest.mark.parametrize("name", [name for name in names() if load(name).drawing])
def test_a_drawing_in_text_has_all_nodes(name: str) -> None:
    exercise = load(name)
    subject = exercise.build(Draws(exercise).numbers(0))
    names = {node: subject.view.labels[node] for node in subject.view.names}
    drawn = set(re.findall(r"[a-zE][\w^()]*", exercise.drawing))
    is_network = exercise.figure == 4
    assert drawn == {x for node, x in names.items() if not (is_network and role_of(x) in (Role.WEIGHT, Role.TARGET))}
    assert exercise.drawing.isascii()
    assert max(map(len, exercise.drawing.splitlines())) < 80
    assert exercise.drawing in run(name)


def test_an_exercise_says_how_its_pictures_are_made(tmp_path: Path) -> None:
    out = run("figure_4", f"draw {tmp_path / 'mine.dot'}")
    assert "In the paper it is Figure 4:" in out
    assert python_command("demos.step fig4 --html figure-4.html") in out
    assert f"saved as {tmp_path / 'mine.dot'}" in out
    assert (tmp_path / "mine.dot").read_text(encoding="utf-8").startswith("digraph")
    assert "In the paper" not in run("tanh")


def test_a_whole_exercise_with_right_answers() -> None:
    progress = Progress()
    middle, last = (answers("two_paths", Place(turn=turn)) for turn in (1, 2))
    out = run("two_paths", *[""] * 5, *[""] * 4, middle[-1], *last, progress=progress)
    assert "The sum rule across two paths: done, with 5 of 5 points." in out
    assert "4 of 11. The order of the backward sweep" in out
    assert progress.place("two_paths") == Place(seed=1, best=5.0)


def test_a_wrong_answer_is_diagnosed_and_the_question_stays() -> None:
    name, place = "shared_weight", Place(turn=2, question=3)
    question = load(name).ask(Draws(load(name)).numbers(0, 2))[3]
    wrong = next(mistake for mistake in question.mistakes() if mistake.says.startswith("the path through a is missing"))
    right = question.format(question.answer())
    lines = [f"{wrong.answer:.4g}", "h", "hint", "why", right]
    out = run(name, *lines, progress=Progress(None, {name: place}))
    assert "the path through a is missing: add its contribution" in out
    assert right not in out.partition("the path through a is missing")[2].partition("hint 1 of 3")[0]
    assert out.count(". What is ∂y/∂w?") == 2, "h repeats it"
    assert "*** no question was answered yet" in out
    assert "0.75 of 1 point" in out


def test_shown_answers_do_not_score_and_typing_errors_are_free() -> None:
    place = Place(turn=2)
    out = run("multiplication", "w*", "w*u", "?", "?", progress=Progress(None, {"multiplication": place}))
    assert out.count("*** ") == 2
    assert "unknown name 'u'" in out
    assert out.count("0 of 1 point") == 2
    assert place.question == 2


def test_again_draws_other_numbers_and_begins_the_round_again() -> None:
    place = Place(turn=2, question=3, points=2.5)
    progress = Progress(None, {"multiplication": place})
    out = run("multiplication", "again", progress=progress)
    place = progress.place("multiplication")
    assert (place.seed, place.turn, place.question, place.points) == (1, 2, 0, 0.0)
    assert out.count("  y = wx\n  with x = ") == 2


def test_what_cannot_be_done_now_is_said() -> None:
    out = run("multiplication", "hint", "why", "u", "list", "help hint", "q")
    assert out.count("*** this example is worked: Enter shows the answer") == 1
    assert "unknown name 'u'" in out
    assert "11  descent" in out
    assert "hint: help with the question" in out


def test_progress_is_kept_in_a_file(tmp_path: Path) -> None:
    file = tmp_path / "new" / "learn.json"
    run("chain", "", "", progress=Progress.load(file))
    again = Progress.load(file)
    assert again.place("chain") == Place(question=2)
    assert again.problem == ""
    assert json.loads(file.read_text())["version"] == 1


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{",
        '{"version": 2}',
        '{"version": 1}',
        '{"version": 1, "exercises": {"chain": {"turn": 7}}}',
        '{"version": 1, "exercises": {"chain": {"turn": true}}}',
        '{"version": 1, "exercises": {"chain": {"points": NaN}}}',
        '{"version": 1, "exercises": {"chain": {"unknown": 1}}}',
        '{"version": 1, "exercises": {"chain": 3}}',
        '{"version": 1, "exercises": [1]}',
        "[" * 100_000,
    ],
)
def test_a_broken_file_begins_anew_and_says_so(text: str, tmp_path: Path) -> None:
    file = tmp_path / "learn.json"
    file.write_text(text)
    progress = Progress.load(file)
    assert progress.places == {}
    assert progress.problem.startswith(f"{file} cannot be read (")
    assert next_exercise(progress) == "multiplication"


def test_the_program_lists_and_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "learn.json"
    Progress(file, {"multiplication": Place(best=3.5), "chain": Place(turn=2, question=1)}).save()
    monkeypatch.setattr("sys.stdin", io.StringIO("q\n"))
    assert program.main(["--file", str(file)]) == 0
    out = capsys.readouterr().out
    assert "done, 3.5 of 4" in out
    assert "at 3.2" in out
    assert "2 is unfinished: going on.\n" in out
    assert "2/5  y = " in out
    monkeypatch.setattr("sys.stdin", io.StringIO("q\n"))
    assert program.main(["order", "--seed", "7", "--file", str(file)]) == 0
    assert "4 of 11. The order of the backward sweep" in capsys.readouterr().out
    assert program.main(["list", "--file", str(file)]) == 0
    for name in names():
        Progress(file, {name: Place(best=1.0) for name in names()}).save()
    assert program.main(["--file", str(file)]) == 0
    assert "All are done" in capsys.readouterr().out


@pytest.mark.parametrize("given", ["two_paths", "3", "two"])
def test_an_exercise_is_found_by_number_and_beginning(
    given: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("q\n"))
    assert program.main([given, "--file", str(tmp_path / "learn.json")]) == 0
    assert "3 of 11. The sum rule across two paths" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("t", "'t' may be two_paths or tanh"),
        ("12", "unknown exercise '12'; choose from 1 multiplication, 2 chain, "),
        ("0", "unknown exercise '0'; choose from"),
        ("", "unknown exercise ''; choose from"),
        ("chian", "unknown exercise 'chian'; did you mean chain?"),
    ],
)
def test_an_unknown_exercise_is_refused(given: str, message: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        program.main([given])
    assert message in capsys.readouterr().err


def test_softmax_shows_that_its_forms_are_equal() -> None:
    out = run("softmax", *[""] * 6)
    lines = [line for line in out.splitlines() if line.startswith("  ∂E/∂a₁ = ")]
    forms = [line.split(" = ")[1] for line in lines[-3:]]
    assert forms == ["e₁ · (1 / s − 1 / e₁)", "e₁ / s − 1", "p₁ − 1"]
    assert len({line.rsplit(" = ")[-1] for line in lines}) == 1


def test_descent_takes_a_step_and_shows_the_change() -> None:
    out = run("descent", *[""] * 5)
    step = re.search(r"w − λ · ∂E/∂w = (.*) − 0.1 · (.*) = (.*)\n", out)
    change = re.search(r"predicted: ∂E/∂w · \(change of w\) = .* = −(.*)\n  E goes down from (.*) to (.*), by ", out)
    assert step
    assert change
    w, slope, after = (float(text.strip("()").replace("−", "-")) for text in step.groups())
    assert after == pytest.approx(w - 0.1 * slope, rel=1e-5)
    predicted, before, new = map(float, change.groups())
    assert predicted == pytest.approx(0.1 * slope**2, rel=1e-4)
    assert 0.4 * predicted < before - new < predicted, "the error becomes smaller, by less than predicted"


@pytest.mark.parametrize("arguments", [["chian"], ["--seed", "-1"], ["--seed", "x"], ["check", "--seed", "1"]])
def test_bad_options_are_refused(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as exit:
        program.main(arguments)
    assert exit.value.code == 2


def test_the_check_prints_its_figures(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(program, "N_SEEDS", 1)
    monkeypatch.setattr(program, "names", lambda: ["multiplication", "chain"])
    assert program.main(["check"]) == 0
    assert "all" in capsys.readouterr().out.splitlines()[-1]


def test_a_check_that_fails_says_what_is_wrong(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(program, "names", lambda: ["chain"])
    monkeypatch.setattr(program, "check", lambda *_: Figures(problems=["chain with seed 0: no"]))
    assert program.main(["check"]) == 1
    assert capsys.readouterr().err == "Something is wrong:\nchain with seed 0: no\n"


def test_a_wrong_rule_is_found_by_the_check(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Rules, "contribution", lambda rules, step: rules.local(step))
    figures = check(load("chain"), range(1), [0])
    assert [problem for problem in figures.problems if "What is ∂y/∂x? The engine says " in problem]


def test_without_an_input_there_is_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setattr("sys.stdin", None)
    assert program.main(["--file", str(tmp_path / "learn.json")]) == 1
    assert capsys.readouterr().err == "The exercises read answers from the standard input, which is closed.\n"


def test_p_shows_what_is_known() -> None:
    place = Place(turn=2, question=1)
    out = run("error", "p", "h", "commands", "help hint", progress=Progress(None, {"error": place}))
    assert "  a = wx + b = " in out
    assert "  z = σ(a) = " in out
    assert "∂E/∂" not in out.partition("  z = σ(a) = ")[2].partition("What is")[0], "it is what is asked"
    assert out.count(". What is ∂E/∂z?") + out.count("  What is ∂E/∂z?") == 2
    assert "again: begin this round again" in out


def test_p_shows_derivatives_and_after_again_the_new_numbers() -> None:
    question = load("error").ask(Draws(load("error")).numbers(0, 2))[2]
    out = run("error", "p", "again", "p", progress=Progress(None, {"error": Place(turn=2, question=2)}))
    assert f"  {question.text.split('. ')[1]}\n" in out
    numbers = [line for line in out.splitlines() if line.startswith("  x = ")]
    assert len(set(numbers)) == 2, "after `again`, it shows the new ones"


def test_the_lessons_end_with_the_last_exercise() -> None:
    progress = Progress(None, {name: Place(best=1.0) for name in names() if name != "multiplication"})
    progress.places["multiplication"] = Place(turn=2, question=3)
    out = run("multiplication", "?", "1", progress=progress)
    assert "That was the last of the exercises." in out
    assert "done, 0 of 4" in out


def test_a_lesson_goes_on_where_its_place_cannot_be_kept(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    out = run("chain", "", "", "", progress=Progress(tmp_path / "file" / "learn.json"))
    assert out.count("*** where you stand cannot be kept: ") == 1
    assert "4/5  " in out


def test_two_sessions_do_not_undo_each_other(tmp_path: Path) -> None:
    file = tmp_path / "learn.json"
    Progress(file, {"multiplication": Place(best=1.5), "chain": Place(turn=1)}).save()
    first, second = Progress.load(file), Progress.load(file)
    first.places["multiplication"] = Place(seed=1, best=3.0)
    first.save()
    second.places["chain"] = Place(turn=2)
    second.save()
    second.places["multiplication"] = Place(seed=2, best=2.0)
    second.save()
    assert Progress.load(file).places == {"multiplication": Place(seed=2, best=3.0), "chain": Place(turn=2)}


def test_sessions_that_save_at_once_lose_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def write_late(path: Path, content: str) -> Path:
        time.sleep(0.01)  # so that all have read before one has written, if they can
        return write_atomically(path, content)

    monkeypatch.setattr(progress_file, "write_atomically", write_late)
    chosen = names()[:6]
    sessions = [Progress(tmp_path / "new" / "learn.json", {name: Place(turn=1)}) for name in chosen]
    with ThreadPoolExecutor(len(sessions)) as pool:
        list(pool.map(Progress.save, sessions))
    assert sorted(Progress.load(tmp_path / "new" / "learn.json").places) == sorted(chosen)


def test_one_broken_place_does_not_cost_the_others(tmp_path: Path) -> None:
    file = tmp_path / "learn.json"
    Progress(file, {"multiplication": Place(best=3.0), "chain": Place(best=4.0), "tanh": Place(best=1.0)}).save()
    content = json.loads(file.read_text())
    content["exercises"]["chain"]["unknown"] = 1
    content["exercises"]["tanh"] |= {"turn": 2, "question": 2, "points": 1000}
    file.write_text(broken := json.dumps(content))
    progress = Progress.load(file)
    assert progress.places == {"multiplication": Place(best=3.0)}
    assert "(chain: " in progress.problem
    assert "(tanh: points 1000 and 1.0, at question 2 of " in progress.problem
    progress.place("chain").turn = 1
    progress.save()
    assert Progress.load(file).places == {"multiplication": Place(best=3.0), "chain": Place(turn=1)}
    [aside] = tmp_path.glob("*.broken-*")
    assert f"It is kept as {aside}." in progress.problem
    assert aside.read_text() == broken


def test_hints_and_other_numbers_are_kept_on_leaving(tmp_path: Path) -> None:
    file = tmp_path / "learn.json"
    Progress(file, {"error": Place(turn=2)}).save()
    run("error", "again", "hint", "hint", progress=Progress.load(file))
    assert Progress.load(file).place("error") == Place(seed=1, turn=2, hints=2)
    answer = format_number(Lesson(Progress.load(file), "error").questions[0].answer())
    assert "0.5 of 1 point" in run("error", answer, progress=Progress.load(file))
    assert Progress.load(file).place("error") == Place(seed=1, turn=2, question=1, points=0.5)


def test_the_worked_round_takes_the_commands_of_questions() -> None:
    out = run("chain", "?", "skip", "hint", progress=(progress := Progress()))
    assert progress.place("chain") == Place(question=2)
    assert "*** this example is worked: Enter shows the answer" in out


@thorough_unless(lambda name: name != "figure_4")
@pytest.mark.parametrize("name", names())
def test_what_is_printed_as_right_is_read_as_right(name: str) -> None:
    exercise = load(name)
    for question in exercise.ask(Draws(exercise).numbers(0)):
        inner = question.inner if isinstance(question, FormulaQuestion) else question
        if isinstance(inner, TotalQuestion):
            formula = inner.hints()[1].partition(" = ")[2]
            assert question.check(formula).is_right, formula
            assert "chance" not in question.check(formula).text, formula


@thorough_unless(lambda name: name != "figure_4")
@pytest.mark.parametrize("name", names())
def test_a_formula_of_one_path_is_never_right(name: str) -> None:
    exercise = load(name)
    for question in exercise.ask(Draws(exercise).numbers(0)):
        inner = question.inner if isinstance(question, FormulaQuestion) else question
        if not isinstance(inner, TotalQuestion) or len(inner.steps) < 2:
            continue
        terms = [written(inner.subject, product_in_names(inner.subject, step)) for step in inner.steps]
        for k, term in enumerate(terms):
            reply = question.check(term)
            if reply.is_right:
                assert "by chance" in reply.text, "the other path counts nothing here"
            elif len(terms) == 2:
                assert f"{StepNames(inner.subject, inner.steps).paths()[1 - k]} is missing" in reply.text


def test_a_place_begun_again_is_where_one_goes_on() -> None:
    places = {name: Place(best=1.0) for name in names()} | {"relu": Place(turn=2, best=1.0)}
    assert next_exercise(Progress(None, places)) == "relu"
    assert next_exercise(Progress(None, {name: Place(best=1.0) for name in names()})) is None
