"""The command `pathgrad` with a closed pipe, a full disk, or Ctrl-C at any moment."""

from __future__ import annotations

import os
import random
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests import by_night, share, thorough_unless
from tests.faults.demo_programs import ROOT, incomplete_files, is_one_message, start
from viz.command.subcommands import SUBCOMMANDS

pytestmark = [
    pytest.mark.once,
    pytest.mark.skipif(not hasattr(os, "fork"), reason="needs signals, pipes and limits as POSIX has them"),
]
VIZ = [sys.executable, "-m", "viz"]
WRITING = ("draw", "live")
# Runs the command as its script does, and says when it begins.
SCRIPT = f"""
import os, sys
sys.path.insert(0, {str(ROOT / "viz" / "top-level")!r})
ready, *sys.argv[1:] = sys.argv[1:]
from pathgrad.__main__ import main
os.write(int(ready), b".")
main()
"""


@thorough_unless(lambda name: name == "explain")
@pytest.mark.parametrize("name", SUBCOMMANDS)
def test_a_closed_pipe_is_not_an_error(name: str, tmp_path: Path) -> None:
    with start([*VIZ, name, "x*x", "--set", "x=1"], cwd=tmp_path) as running:
        assert running.stdout
        assert running.stderr
        running.stdout.close()
        errors = running.stderr.read()
    assert (running.returncode, errors) == (1, "")


@thorough_unless(lambda name: name == "live")
@pytest.mark.parametrize("name", WRITING)
def test_a_full_disk_leaves_no_file(name: str, tmp_path: Path) -> None:
    def full_disk() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))

    with start([*VIZ, name, "x*x", "--set", "x=1"], cwd=tmp_path, preexec_fn=full_disk) as running:
        _, errors = running.communicate()
    assert running.returncode == 1
    assert is_one_message(errors)
    assert "File too large" in errors
    assert [*tmp_path.iterdir()] == []


@thorough_unless(lambda turn: turn == 1)
@pytest.mark.parametrize("turn", range(by_night(5, share(0.1))))
def test_ctrl_c_ends_the_command_in_one_line(turn: int, tmp_path: Path) -> None:
    read, write = os.pipe()
    arguments = [str(write), WRITING[turn % 2], "x*y + sin(x)", "--set", "x=1,y=2"]
    try:
        with start([sys.executable, "-c", SCRIPT, *arguments], cwd=tmp_path, pass_fds=[write]) as running:
            os.read(read, 1)
            time.sleep(0.5 * random.Random(turn).random())
            running.send_signal(signal.SIGINT)
            _, errors = running.communicate(timeout=60)
    finally:
        os.close(read)
        os.close(write)
    assert (running.returncode, errors) in ((0, ""), (130, "stopped\n"))
    assert incomplete_files(tmp_path) == []


def test_the_shell_without_standard_input_says_so() -> None:
    done = subprocess.run(["sh", "-c", 'exec "$0" -m viz step x <&-', sys.executable], capture_output=True, text=True)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == "The shell reads standard input, which is closed."


@pytest.mark.parametrize("arguments", [["viz", "table", "x*y"], ["demos.step", "x*y"], ["demos"]])
def test_ctrl_c_while_modules_are_imported(arguments: list[str]) -> None:
    with start([sys.executable, "-X", "importtime", "-m", *arguments]) as running:
        assert running.stderr
        for line in running.stderr:  # one for each module that has been imported
            if "graphviz" in line:
                running.send_signal(signal.SIGINT)
                break
        _, errors = running.communicate(timeout=60)
    said = [line for line in errors.splitlines() if not line.startswith("import time:")]
    assert (running.returncode, said) == (130, ["stopped"])


# Says which function handles Ctrl-C, and ends, when `viz` begins to import what it needs.
REPORT = """
import os, signal, sys

def report(event, arguments):
    if event == "import" and arguments[0] == "engine":
        os.write(1, signal.getsignal(signal.SIGINT).__name__.encode())
        os._exit(0)

sys.addaudithook(report)
"""


@pytest.mark.parametrize(
    "name", ["notes.py", "viz.notes.py", "viz", "demos.py", "pathgrad.py", "-m", "demos/__init__.py"]
)
def test_ctrl_c_in_a_program_of_the_users_stays_as_it_was(name: str, tmp_path: Path) -> None:
    (tmp_path / "demos").mkdir()
    (tmp_path / name).write_text(f"{REPORT}sys.path.append({str(ROOT)!r})\nimport viz", encoding="utf-8")
    typed, folder = ([tmp_path / name], ROOT) if name != "demos/__init__.py" else (["-m", "demos"], tmp_path)
    with start([sys.executable, *map(str, typed)], cwd=folder) as running:
        assert running.communicate(timeout=60) == ("default_int_handler", "")


def test_ctrl_c_while_the_script_imports_is_its_own() -> None:
    with start([sys.executable, "-c", f"{REPORT}{SCRIPT}", "1"]) as running:
        assert running.communicate(timeout=60) == (".stop", "")
