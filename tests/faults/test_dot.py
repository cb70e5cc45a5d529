"""A program `dot` that crashes, hangs, or prints garbage or nothing: one clear message soon, and no leftovers."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from engine import Value
from engine._support.termination import SIGNALS
from tests import thorough_unless
from tests.faults.demo_programs import ROOT, incomplete_files
from viz import Drawing, DrawingError, Stepper
from viz.drawing import dot_program

pytestmark = [pytest.mark.once, pytest.mark.skipif(not hasattr(os, "fork"), reason="fakes dot by a shell script")]

FAKES = {
    "exit 1": "its exit status is 1",
    "echo 'syntax error' >&2; echo 'in line 1' >&2; exit 1": "failed: syntax error in line 1.",
    "kill -SEGV $$": "crashed: it was ended by signal 11",
    "kill -KILL $$": "crashed: it was ended by signal 9",
    "cat >/dev/null; echo 'Segmentation fault'": "printed is not svg: b'Segmentation fault",
    "cat >/dev/null": "printed is not svg: b''",
    "true": "printed is not svg: b''",
    "head -c 100000 /dev/zero": "printed is not svg",
    "echo '<?xml version=\"1.0\"?><svg>'": "printed is not svg",  # cut short
    "yes no | head -c 3000000 >&2; exit 2": "failed: no no no",
}


def fake_dot(folder: Path, script: str) -> Path:
    """A folder with a program `dot` that runs this script instead."""
    (folder / "bin").mkdir()
    program = folder / "bin" / "dot"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    return program.parent


def first_on_path(folder: Path) -> str:
    return f"{folder}{os.pathsep}{os.environ['PATH']}"


@pytest.mark.parametrize(("script", "complaint"), FAKES.items())
def test_a_dot_that_fails_is_reported_in_one_line(
    script: str, complaint: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", first_on_path(fake_dot(tmp_path, script)))
    with pytest.raises(DrawingError, match=r"^The program 'dot'") as raised:
        Drawing("digraph { x -> y }").render("svg")
    assert complaint in str(raised.value)
    assert len(str(raised.value)) < 700
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    "script", ["sleep 60", "cat; sleep 60", "sleep 60 & exec sleep 60", "trap '' TERM INT; sleep 60", "sleep 60 & exit"]
)
def test_a_dot_that_hangs_is_ended_with_all_that_it_started(
    script: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    marked = script.replace("sleep 60", f"sleep 60.{os.getpid()}")
    monkeypatch.setenv("PATH", first_on_path(fake_dot(tmp_path, marked)))
    monkeypatch.setattr(dot_program, "MAX_SECONDS", 0.3)
    start = time.monotonic()
    with pytest.raises(DrawingError, match=r"was stopped because it took more than 0\.3 seconds"):
        Drawing("digraph { x -> y }" + " " * 10**6).render("svg")
    assert time.monotonic() - start < 5.0
    assert not still_runs(f"sleep\x0060.{os.getpid()}")


def still_runs(command_line: str) -> bool:
    """Whether a process with this command line runs for a second more; its parent may take a moment to end it."""
    for _ in range(100):
        if command_line not in command_lines():
            return False
        time.sleep(0.01)
    return True


def command_lines() -> str:
    """The command lines of all processes that can be read."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            found.append(path.read_text())
        except OSError:  # it has ended meanwhile
            continue
    return "\n".join(found)


@pytest.mark.parametrize("content", [b"", b"\x7fELF garbage", b"#!/no/such/shell\n"], ids=["empty", "elf", "shebang"])
def test_a_dot_that_is_not_a_program_is_reported_in_one_line(
    content: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = fake_dot(tmp_path, "")
    (folder / "dot").write_bytes(content)
    monkeypatch.setenv("PATH", str(folder))
    with pytest.raises(DrawingError, match=r"^The program 'dot' ") as raised:
        Drawing("digraph { x -> y }").render("png")
    assert "\n" not in str(raised.value)


def test_texts_are_shown_without_dot(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", first_on_path(fake_dot(tmp_path, "echo rubbish")))
    x = Value(1.5, "x")
    assert Drawing("digraph { x }")._repr_svg_() is None
    assert "what it printed is not svg" in str(Stepper(x * x)._repr_html_())
    assert Drawing("digraph { x }").save(tmp_path / "x.dot").read_text() == "digraph { x }"
    with pytest.raises(DrawingError, match=r"what it printed is not svg.* saved as text in"):
        Drawing("digraph { x }").save(tmp_path / "y.svg")
    assert (tmp_path / "y.dot").read_text() == "digraph { x }"
    assert not (tmp_path / "y.svg").exists()


@thorough_unless(lambda demo: demo == "demos.xor")
@pytest.mark.parametrize(("demo", "script"), [("demos.xor", "exit 1"), ("demos.paper", "kill -SEGV $$")])
def test_a_demo_whose_dot_fails_says_so_and_ends_with_status_1(demo: str, script: str, tmp_path: Path) -> None:
    out = tmp_path / "out"
    path = first_on_path(fake_dot(tmp_path, script))
    done = subprocess.run(
        [sys.executable, "-m", demo, "--out", str(out)],
        cwd=ROOT,
        env=os.environ | {"PATH": path},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert done.stderr.count("\n") == 1
    assert "The program 'dot' " in done.stderr
    assert not out.exists() or incomplete_files(out) == []


ENDINGS: dict[int, tuple[int, str]] = {signal.SIGINT: (130, "stopped\n")} | {n: (-n, "") for n in SIGNALS}


@thorough_unless(lambda number: number == signal.SIGINT)
@pytest.mark.parametrize(("number", "ending"), ENDINGS.items())
def test_a_signal_that_ends_us_while_dot_runs_ends_dot_too(
    number: int, ending: tuple[int, str], tmp_path: Path
) -> None:
    path = first_on_path(fake_dot(tmp_path, f"echo $$ > {tmp_path}/pid; sleep 60.{os.getpid()}; true"))
    command = [sys.executable, "-m", "demos.step", "fig2", "--html", str(tmp_path / "x.html")]
    environment = os.environ | {"PATH": path}
    with subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True) as running:
        while not (tmp_path / "pid").exists() or not (tmp_path / "pid").read_text():
            assert running.poll() is None
            time.sleep(0.01)
        time.sleep(0.2)  # an interrupt before it is known to run would leave it at the end of its input, where dot ends
        running.send_signal(number)
        _, errors = running.communicate(timeout=100)
    assert (running.returncode, errors) == ending
    assert not Path(f"/proc/{(tmp_path / 'pid').read_text().strip()}").exists()
    assert not still_runs(f"sleep\x0060.{os.getpid()}")
    assert not (tmp_path / "x.html").exists()


# The first script is the printing program itself; the others have it as a child, which a signal to them does not reach.
@pytest.mark.parametrize("script", ["exec yes", "yes", "while :; do echo yes; done", "cat; yes >&2"])
def test_a_dot_that_prints_without_end_is_ended(script: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    marked = script.replace("yes", f"yes {os.getpid()}")
    monkeypatch.setenv("PATH", first_on_path(fake_dot(tmp_path, marked)))
    monkeypatch.setattr(dot_program, "MAX_OUTPUT_BYTES", 1_000_000)
    start = time.monotonic()
    with pytest.raises(DrawingError, match=r"was stopped because it printed more than 1 MB"):
        Drawing("digraph { x -> y }").render("svg")
    assert time.monotonic() - start < 5.0
    assert not still_runs(f"yes\x00{os.getpid()}")


def test_a_child_in_a_session_of_its_own_is_not_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script = f"setsid sleep 20 & echo $! > {tmp_path}/pid; exec sleep 20"
    monkeypatch.setenv("PATH", first_on_path(fake_dot(tmp_path, script)))
    monkeypatch.setattr(dot_program, "MAX_SECONDS", 0.3)
    start = time.monotonic()
    with pytest.raises(DrawingError, match=r"took more than 0\.3 seconds"):
        Drawing("digraph { x -> y }" + " " * 10**6).render("svg")
    assert time.monotonic() - start < 5.0
    os.kill(int((tmp_path / "pid").read_text()), signal.SIGKILL)
