"""Every demo with a closed pipe, a full disk, an impossible folder, or Ctrl-C at any moment.

A demo that is added is tested without being named here.
"""

from __future__ import annotations

import os
import random
import re
import resource
import signal
import subprocess
import time
from contextlib import suppress
from pathlib import Path

import pytest

from tests import by_night, share, thorough_unless
from tests.faults.demo_programs import DEMOS, SLOW, command, has_out_option, incomplete_files, is_one_message, start

pytestmark = [
    pytest.mark.once,
    pytest.mark.skipif(not hasattr(os, "fork"), reason="needs signals, pipes and limits as POSIX has them"),
]
every_demo = pytest.mark.parametrize("demo", DEMOS)
quick = by_night([demo for demo in DEMOS if demo not in SLOW], DEMOS)
every_quick_demo = pytest.mark.parametrize("demo", quick)
one_demo = thorough_unless(lambda demo: demo == "demos.paper")  # all demos end by `run_program`
every_drawing_demo = pytest.mark.parametrize(
    "demo", [demo for demo in quick if has_out_option(demo) or demo == "demos.step"]
)

# Starts a demo as `python -m` does, and reports when Python has started and the demo handles Ctrl-C.
AS_MODULE = """
import os, runpy, sys
ready, module, *sys.argv[1:] = sys.argv[1:]
sys.argv[0], sys.orig_argv = "-m", [module, *sys.argv[1:]]
import demos
os.write(int(ready), b".")
runpy.run_module(module, run_name="__main__", alter_sys=True)
"""


@one_demo
@every_quick_demo
def test_a_pipe_closed_after_one_line_is_not_an_error(demo: str, tmp_path: Path) -> None:
    with start(command(demo, tmp_path)) as running:
        assert running.stdout
        assert running.stderr
        assert running.stdout.readline()
        running.stdout.close()
        assert running.stderr.read() == ""
    assert running.returncode in (0, 1)
    assert incomplete_files(tmp_path) == []


@one_demo
@every_quick_demo
def test_a_full_disk_under_the_output_is_reported_in_one_line(demo: str, tmp_path: Path) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("needs /dev/full")
    with open("/dev/full", "w") as full, start(command(demo, tmp_path), stdout=full) as running:
        _, errors = running.communicate()
    assert running.returncode == 1
    assert is_one_message(errors)
    assert "No space left on device" in errors
    assert incomplete_files(tmp_path) == []


@thorough_unless(lambda demo: demo == "demos.mistakes")
@pytest.mark.parametrize("demo", ["demos.mistakes", "demos.gallery"])
def test_a_demo_that_prints_docstrings_says_if_they_are_removed(demo: str, tmp_path: Path) -> None:
    python, *arguments = command(demo, tmp_path)
    with start([python, "-OO", *arguments]) as running:
        output, errors = running.communicate()
    assert (running.returncode, output) == (1, "")
    assert errors == "This demo prints docstrings, which python -OO removes: run it without -OO.\n"


@thorough_unless(lambda options: options)
@pytest.mark.parametrize("options", [[], ["-OO"]])
def test_the_help_of_the_shell_names_all_commands(options: list[str]) -> None:
    python, *arguments = command("demos.step", Path())[:3]
    with start([python, *options, *arguments, "fig2"], stdin=subprocess.PIPE) as running:
        output, errors = running.communicate("h\nh next\nq\n")
    assert (running.returncode, errors) == (0, "")
    assert "None" not in output
    assert output.count("next") >= 2
    assert ("docstring, which python -OO removes" in output) == bool(options)


def test_the_shell_says_if_standard_input_is_closed() -> None:
    with start(["sh", "-c", 'exec "$@" <&-', "sh", *command("demos.step", Path())[:3], "fig4"]) as running:
        output, errors = running.communicate()
    assert (running.returncode, output) == (1, "")
    assert errors == "The shell reads standard input, which is closed.\n"


@thorough_unless(lambda closed: closed == ">&-")
@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-"])
def test_a_closed_stream_is_not_an_error_for_a_page(closed: str, tmp_path: Path) -> None:
    with start(["sh", "-c", f'exec "$@" {closed}', "sh", *command("demos.step", tmp_path)]) as running:
        _, errors = running.communicate()
    assert (running.returncode, errors) == (0, "")
    assert incomplete_files(tmp_path) == []
    assert (tmp_path / "step.html").exists()


def full_disk() -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))


@one_demo
@every_drawing_demo
def test_a_full_disk_under_the_pictures_leaves_no_files(demo: str, tmp_path: Path) -> None:
    out = tmp_path / "out"
    with start(command(demo, out), preexec_fn=full_disk) as running:
        _, errors = running.communicate()
    errors = re.sub("Could not save font_manager cache .*\n", "", errors)  # matplotlib's own
    assert running.returncode == 1
    assert is_one_message(errors)
    assert "File too large" in errors
    assert [path for path in out.rglob("*") if path.is_file()] == []


@one_demo
@every_drawing_demo
def test_a_folder_that_cannot_be_made_is_reported_in_one_line(demo: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with start(command(demo, tmp_path / "file" / "out")) as running:
        _, errors = running.communicate()
    assert running.returncode in (1, 2)
    assert "Traceback" not in errors
    assert "Not a directory" in errors.splitlines()[-1]
    assert (tmp_path / "file").read_text() == "in the way"


def interrupted(demo: str, out: Path, delay: float, number: signal.Signals = signal.SIGINT) -> tuple[int, str]:
    """The exit status and the standard error of a demo that gets a signal after a delay in seconds."""
    read, write = os.pipe()
    python, _, module, *arguments = command(demo, out)
    try:
        with start([python, "-c", AS_MODULE, str(write), module, *arguments], pass_fds=[write]) as running:
            os.read(read, 1)
            with suppress(subprocess.TimeoutExpired):
                running.wait(delay)
            running.send_signal(number)
            try:
                _, errors = running.communicate(timeout=100)
            except subprocess.TimeoutExpired:
                running.kill()
                raise
    finally:
        os.close(read)
        os.close(write)
    return running.returncode, errors


@thorough_unless(lambda demo: demo == "demos.paper")
@every_quick_demo
@pytest.mark.parametrize("turn", range(share(0.01)))
def test_ctrl_c_ends_a_demo_in_one_line_with_complete_files(demo: str, turn: int, tmp_path: Path) -> None:
    # Early delays are more frequent, for a demo does most different things at its start.
    delay = 2.5 * random.Random(f"{demo} {turn}").random() ** 3
    status, errors = interrupted(demo, tmp_path, delay)
    assert status in (0, 130), errors
    assert is_one_message(errors)
    assert incomplete_files(tmp_path) == []


@pytest.mark.parametrize("demo", by_night(["demos.paper"], DEMOS))
@pytest.mark.parametrize("turn", range(share(0.01)))
def test_sigterm_ends_a_demo_with_complete_files(demo: str, turn: int, tmp_path: Path) -> None:
    delay = 1.5 * random.Random(f"{demo} {turn}").random()
    assert interrupted(demo, tmp_path, delay, signal.SIGTERM) in ((0, ""), (-signal.SIGTERM, ""))
    assert incomplete_files(tmp_path) == []


@thorough_unless(lambda demo: demo == "demos.xor")
@every_demo
def test_ctrl_c_while_a_demo_is_imported_gives_no_traceback(demo: str, tmp_path: Path) -> None:
    assert interrupted(demo, tmp_path, 0.0) == (130, "stopped\n")


def has_kernel(mark: str) -> bool:
    """Whether a process with this mark in its environment runs cells of a notebook."""
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # it has ended meanwhile, or is another user's
            arguments, environment = ((process / name).read_bytes() for name in ("cmdline", "environ"))
            if b"ipykernel_launcher" in arguments and mark.encode() in environment:
                return True
    return False


@pytest.mark.thorough  # needs a kernel, which the extra `checks` installs
@pytest.mark.parametrize("turn", range(share(0.01)))
def test_ctrl_c_while_cells_run_ends_their_kernel_too(turn: int) -> None:
    pytest.importorskip("ipykernel", reason="runs cells")
    if not Path("/proc").exists():
        pytest.skip("finds the kernel in /proc")
    mark = f"kernel {turn} of {os.getpid()}"  # other tests may run kernels of their own meanwhile
    with start(command("demos.tour", Path()), env={"MARK": mark}) as running:
        while running.poll() is None and not has_kernel(mark):
            time.sleep(0.01)
        time.sleep(random.Random(turn).random())
        running.send_signal(signal.SIGINT)
        _, errors = running.communicate(timeout=100)
    assert (running.returncode, errors) == (130, "stopped\n")
    assert not has_kernel(mark)
