"""How demos run, end and are listed: their options, errors, closed pipes, Ctrl-C."""

from __future__ import annotations

import argparse
import io
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import demos
from demos import __main__ as listing
from demos import digits, moons, regression, xor
from demos.cli import UnsuccessfulError, format_progress, print_seed_table, run_demo, run_program, training_parser
from engine._support.typed_commands import install_command
from nn import History, TrainingError
from tests import thorough_unless
from tests.commands import exit_status
from viz import DrawingError

FOLDER = Path(demos.__file__).parent
MAINS = {"digits": digits.main, "moons": moons.main, "regression": regression.main, "xor": xor.main}
every_demo = pytest.mark.parametrize("main", MAINS.values(), ids=list(MAINS))
Main = Callable[[list[str]], int]


def failing_with(error: BaseException) -> Callable[[], None]:
    def work() -> None:
        raise error

    return work


@pytest.mark.parametrize(
    ("error", "complaint"),
    [
        (DrawingError("no dot"), "A picture could not be drawn. no dot"),
        (TrainingError("the loss is nan", 3, 1), "Training failed: the loss is nan"),
        (PermissionError(13, "Permission denied", "out"), "out could not be written: Permission denied"),
        (UnsuccessfulError("not learned"), "not learned"),
    ],
)
def test_an_error_is_reported_in_one_line(error: Exception, complaint: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_demo(failing_with(error)) == 1
    printed = capsys.readouterr()
    assert printed.err.startswith(complaint)
    assert printed.err.count("\n") == 1
    assert printed.out == ""


@pytest.mark.parametrize("error", [BrokenPipeError(), KeyboardInterrupt(), ZeroDivisionError()])
def test_other_errors_are_passed_on(error: BaseException) -> None:
    with pytest.raises(type(error)):
        run_demo(failing_with(error))


@pytest.mark.parametrize("name", ["digits", "moons", "regression"])
def test_a_missing_package_is_named_before_the_training(
    name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    assert MAINS[name](["--out", str(tmp_path)]) == 1
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.count("\n") == 1
    assert install_command("demos") in printed.err
    assert "matplotlib" in printed.err


def test_xor_needs_no_more_than_the_project_itself(tmp_path: Path) -> None:
    without = "import sys; sys.modules.update(dict.fromkeys(['numpy', 'matplotlib', 'sklearn', 'tqdm']))"
    run = f"{without}; from demos.xor import main; sys.exit(main(['--out', {str(tmp_path)!r}, '--seeds', '1']))"
    done = subprocess.run([sys.executable, "-c", run], capture_output=True, text=True, check=True)
    assert "yes" in done.stdout
    assert done.stderr == ""


def test_ctrl_c_ends_a_program_without_a_traceback() -> None:
    def interrupted() -> int:
        raise KeyboardInterrupt

    assert exit_status(run_program, interrupted) == 130


CTRL_C_WHILE_SOMETHING_IS_FREED = """
import gc, signal, sys, time
sys.argv[0], sys.orig_argv = "-m", ["demos"]
from demos.cli import run_program

class Freed:
    def __del__(self):
        signal.raise_signal(signal.SIGINT)

def collected(phase, _):
    if phase == "stop":
        signal.raise_signal(signal.SIGINT)

def main():
    {act}
    time.sleep(30)
    return 0

run_program(main)
"""


@thorough_unless(lambda act: "del freed" in act)
@pytest.mark.parametrize("act", ["freed = Freed(); del freed", "gc.callbacks.append(collected); gc.collect()"])
def test_ctrl_c_while_something_is_freed_is_not_lost(act: str) -> None:
    run = [sys.executable, "-c", CTRL_C_WHILE_SOMETHING_IS_FREED.format(act=act)]
    done = subprocess.run(run, capture_output=True, text=True, check=False, timeout=100)
    assert (done.returncode, done.stderr) == (130, "stopped\n")


@pytest.mark.parametrize("status", [0, 1])
def test_a_program_ends_with_the_status_of_its_demo(status: int) -> None:
    assert exit_status(run_program, lambda: status) == status


@thorough_unless(lambda demo: demo == "demos")
@pytest.mark.parametrize("demo", ["demos", "demos.xor"])
def test_a_closed_pipe_is_not_an_error(demo: str, tmp_path: Path) -> None:
    options = [] if demo == "demos" else ["--seeds", "1"]
    command = [sys.executable, "-m", demo, *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as running:
        assert running.stdout
        assert running.stderr
        running.stdout.close()
        assert running.stderr.read() == b""
    assert running.returncode == 1


def list_demos_into(where: str) -> subprocess.CompletedProcess[str]:
    environment = {name: text for name, text in os.environ.items() if name != "PYTHONUNBUFFERED"}
    command = ["sh", "-c", f'exec "$0" -m demos >{where}', sys.executable]
    return subprocess.run(command, cwd=FOLDER.parent, env=environment, text=True, capture_output=True)


@pytest.mark.thorough
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
def test_a_full_disk_is_named_once_in_one_line() -> None:
    ended = list_demos_into("/dev/full")
    assert ended.returncode == 1
    assert ended.stderr.startswith("Something could not be written: No space left")
    assert ended.stderr.count("\n") == 1


@pytest.mark.skipif(os.name != "posix", reason="a shell closes the output")
def test_a_demo_runs_with_standard_output_closed() -> None:
    ended = list_demos_into("&-")
    assert (ended.returncode, ended.stderr) == (0, "")


def test_a_terminal_without_unicode_gets_ascii(monkeypatch: pytest.MonkeyPatch) -> None:
    written = io.BytesIO()
    terminal = io.TextIOWrapper(written, encoding="ascii", write_through=True)
    monkeypatch.setattr(sys, "stdout", terminal)
    assert run_demo(lambda: print("x₁ → σ")) == 0
    assert written.getvalue().split() == [b"x_1", b"->", b"sigma"]


@every_demo
def test_help_has_the_options_and_a_description(main: Main, capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_status(main, ["--help"]) == 0
    printed = capsys.readouterr().out
    assert all(option in printed for option in ("--seed N", "--seeds N", "--epochs N", "--out FOLDER", "--no-progress"))
    assert "learn" in printed
    assert printed.isascii()


@every_demo
@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["--seed", "-1"], "'-1' is not an integer from 0 to 2147483647"),
        (["--seed", "2147483648"], "from 0 to 2147483647"),
        (["--epochs", "0"], "'0' is not an integer from 1 to"),
        (["--epochs", "many"], "'many' is not an integer from 1 to"),
        (["--seeds", "2.5"], "'2.5' is not an integer from 1 to"),
        (["--out", __file__], "exists and is not a folder"),
        (["--quickly"], "unrecognized arguments"),
    ],
)
def test_wrong_options_end_with_status_2(
    main: Main, arguments: list[str], complaint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert exit_status(main, arguments) == 2
    assert complaint in capsys.readouterr().err


def test_progress_is_shown_in_a_terminal_or_by_an_option() -> None:
    options = training_parser("xor", "", seed=0, epochs=1)
    given = [[], ["--progress"], ["--no-progress"]]
    assert [options.parse_args(arguments).progress for arguments in given] == [None, True, False]


def test_the_losses_of_a_short_history_are_not_repeated() -> None:
    assert list(format_progress(History([0.5]))) == ["  epoch    1   loss 0.5000"]
    assert list(format_progress(History([]))) == []


def test_ctrl_c_ends_the_table_of_seeds(capsys: pytest.CaptureFixture[str]) -> None:
    trained: list[int] = []

    def train(seed: int) -> argparse.Namespace:
        trained.append(seed)
        return argparse.Namespace(history=History([0.5], interrupted=seed == 4))

    with pytest.raises(KeyboardInterrupt):  # which ends the program with the status of Ctrl-C
        print_seed_table(argparse.Namespace(seed=3, seeds=5), train, lambda _: {"loss": "0.5"})
    assert trained == [3, 4]
    printed = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in printed] == ["seed", "3"]


def test_the_list_has_every_demo_once_with_its_docstring(capsys: pytest.CaptureFixture[str]) -> None:
    assert listing.main([]) == 0
    lines = capsys.readouterr().out.splitlines()
    names = " ".join(line.partition(" -m demos.")[2].split()[0] for line in lines)
    assert names == "applied digits gallery learn mistakes moons paper pictures regression scale step tour worked xor"
    assert moons.__doc__
    assert lines[5].split(maxsplit=3)[3] == moons.__doc__.partition("\n")[0].partition(": ")[2]


def test_every_program_among_the_demos_is_listed() -> None:
    listed = {command.removeprefix("python -m ") for command, _ in listing.find_demos()} | {"demos"}
    for path in FOLDER.rglob("*.py"):
        if "\n    run_program(main)\n" in path.read_text(encoding="utf-8"):
            parts = path.relative_to(FOLDER.parent).with_suffix("").parts
            assert ".".join(part for part in parts if part != "__main__") in listed


def test_one_demo_handles_ctrl_c_by_itself() -> None:
    """That is the one whose processes have joined others: JAX would keep them alive until the others end."""
    handler = re.compile("except .*KeyboardInterrupt")
    handling = [path for path in FOLDER.rglob("*.py") if handler.search(path.read_text("utf-8"))]
    assert handling == [FOLDER / "scale" / "training.py"]
