"""Every demo when its reader goes away, its disk is full, its folder is none, or Ctrl-C comes, at any moment.

A demo that is added is tested too, without being named here.
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

from tests import by_night, share
from tests.faults import DEMOS, SLOW, broken, command, draws, is_one_message, started

pytestmark = [
    pytest.mark.once,
    pytest.mark.skipif(not hasattr(os, "fork"), reason="needs signals, pipes and limits as POSIX has them"),
]
every_demo = pytest.mark.parametrize("demo", DEMOS)
quick = by_night([demo for demo in DEMOS if demo not in SLOW], DEMOS)
every_quick_demo = pytest.mark.parametrize("demo", quick)
every_drawing_demo = pytest.mark.parametrize("demo", [demo for demo in quick if draws(demo) or demo == "demos.step"])

# Starts a demo as `python -m` does, and says when Python itself has begun and Ctrl-C is the demo's own affair.
AS_MODULE = """
import os, runpy, sys
ready, module, *sys.argv[1:] = sys.argv[1:]
sys.argv[0] = "-m"
import demos
os.write(int(ready), b".")
runpy.run_module(module, run_name="__main__", alter_sys=True)
"""


@every_quick_demo
def test_a_reader_who_reads_one_line_alone_is_no_error(demo: str, tmp_path: Path) -> None:
    with started(command(demo, tmp_path)) as running:
        assert running.stdout
        assert running.stderr
        assert running.stdout.readline()
        running.stdout.close()
        assert running.stderr.read() == ""
    assert running.returncode in (0, 1)
    assert broken(tmp_path) == []


@every_quick_demo
def test_a_full_disk_under_what_is_printed_is_told_in_one_line(demo: str, tmp_path: Path) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("there is no /dev/full")
    with open("/dev/full", "w") as full, started(command(demo, tmp_path), stdout=full) as running:
        _, said = running.communicate()
    assert running.returncode == 1
    assert is_one_message(said)
    assert "No space left on device" in said
    assert broken(tmp_path) == []


def full_disk() -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))


@every_drawing_demo
def test_a_full_disk_under_the_pictures_leaves_none_and_is_told_in_one_line(demo: str, tmp_path: Path) -> None:
    out = tmp_path / "out"
    with started(command(demo, out), preexec_fn=full_disk) as running:
        _, said = running.communicate()
    said = re.sub("Could not save font_manager cache .*\n", "", said)  # matplotlib's own
    assert running.returncode == 1
    assert is_one_message(said)
    assert "File too large" in said
    assert [path for path in out.rglob("*") if path.is_file()] == []


@every_drawing_demo
def test_a_folder_that_cannot_be_made_is_told_in_one_line(demo: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with started(command(demo, tmp_path / "file" / "out")) as running:
        _, said = running.communicate()
    assert running.returncode in (1, 2)
    assert "Traceback" not in said
    assert "Not a directory" in said.splitlines()[-1]
    assert (tmp_path / "file").read_text() == "in the way"


def interrupted(demo: str, out: Path, delay: float) -> tuple[int, str]:
    """The exit status of a demo that gets Ctrl-C so many seconds after it has begun, and what it said."""
    read, write = os.pipe()
    python, _, module, *arguments = command(demo, out)
    try:
        with started([python, "-c", AS_MODULE, str(write), module, *arguments], pass_fds=[write]) as running:
            os.read(read, 1)
            with suppress(subprocess.TimeoutExpired):
                running.wait(delay)
            running.send_signal(signal.SIGINT)
            try:
                _, said = running.communicate(timeout=60)
            except subprocess.TimeoutExpired:
                running.kill()
                raise
    finally:
        os.close(read)
        os.close(write)
    return running.returncode, said


@every_quick_demo
@pytest.mark.parametrize("turn", range(share(0.01)))
def test_ctrl_c_at_any_moment_ends_a_demo_in_one_line_with_whole_files(demo: str, turn: int, tmp_path: Path) -> None:
    # The earlier the denser: most moments of a demo's life that differ are those of its beginning.
    delay = 2.5 * random.Random(f"{demo} {turn}").random() ** 3
    status, said = interrupted(demo, tmp_path, delay)
    assert status in (0, 130), said
    assert is_one_message(said)
    assert broken(tmp_path) == []


@every_demo
def test_ctrl_c_while_a_demo_is_imported_gives_no_traceback(demo: str, tmp_path: Path) -> None:
    assert interrupted(demo, tmp_path, 0.0) == (130, "stopped\n")


def kernels() -> set[str]:
    """The processes that run cells of notebooks."""
    found = set()
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):  # it has ended meanwhile
            if "ipykernel_launcher" in path.read_text():
                found.add(path.parent.name)
    return found


@pytest.mark.parametrize("turn", range(share(0.01)))
def test_ctrl_c_while_cells_run_ends_their_kernel_too(turn: int) -> None:
    if not Path("/proc").exists():
        pytest.skip("there is no /proc to look for the kernel in")
    before = kernels()
    with started(command("demos.tour", Path())) as running:
        while running.poll() is None and not kernels() - before:
            time.sleep(0.01)
        time.sleep(random.Random(turn).random())
        running.send_signal(signal.SIGINT)
        _, said = running.communicate(timeout=60)
    assert (running.returncode, said) == (130, "stopped\n")
    assert kernels() <= before
