"""SIGTERM and SIGHUP wait until there is nothing to clean up."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from threading import Thread

import pytest

from engine._support.safe_files import write_atomically
from engine._support.termination import SIGNALS, termination_deferred

ROOT = Path(__file__).parents[3]
SAVE = """
import os, signal, sys
from engine._support.safe_files import write_atomically
number = int(sys.argv[2])
os.fsync = lambda _: signal.raise_signal(number)
write_atomically(sys.argv[1], "new")
print("goes on")
"""
every_signal = pytest.mark.parametrize("number", [int(x) for x in SIGNALS])  # Python 3.10 prints a Signals by its name


def run(program: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", program, *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True)


@every_signal
def test_a_signal_amid_a_save_leaves_the_whole_file_alone(number: int, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("old")
    done = run(SAVE, tmp_path / "file", number)
    assert (done.returncode, done.stdout, done.stderr) == (-number, "", "")
    assert os.listdir(tmp_path) == ["file"]
    assert (tmp_path / "file").read_text() == "new"


@every_signal
def test_a_signal_after_an_error_ends_the_process_too(number: int, tmp_path: Path) -> None:
    done = run(SAVE.replace("(number)", "(number) or 1 / 0"), tmp_path / "file", number)
    assert (done.returncode, done.stderr) == (-number, "")
    assert os.listdir(tmp_path) == []


def test_a_handler_of_the_program_stays_and_acts_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[int] = []
    before = signal.signal(signal.SIGTERM, lambda number, _: seen.append(number))
    try:
        handler = signal.getsignal(signal.SIGTERM)
        with termination_deferred():
            assert signal.getsignal(signal.SIGTERM) is handler
            signal.raise_signal(signal.SIGTERM)
            assert seen == [signal.SIGTERM]
    finally:
        signal.signal(signal.SIGTERM, before)


@pytest.mark.parametrize("handler", [signal.SIG_IGN, signal.SIG_DFL])
def test_handlers_are_afterwards_what_they_were(handler: signal.Handlers) -> None:
    before = signal.signal(signal.SIGTERM, handler)
    try:
        with termination_deferred():
            assert (signal.getsignal(signal.SIGTERM) is handler) == (handler is signal.SIG_IGN)
        assert signal.getsignal(signal.SIGTERM) is handler
    finally:
        signal.signal(signal.SIGTERM, before)


def test_another_thread_saves_without_handlers(tmp_path: Path) -> None:
    thread = Thread(target=write_atomically, args=[tmp_path / "file", "new"])
    thread.start()
    thread.join()
    assert (tmp_path / "file").read_text() == "new"
