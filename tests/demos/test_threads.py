"""Work in threads ends soon after a signal, and not in the middle of an item."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from demos.threads import map_in_threads
from engine._support.termination import SIGNALS

PROGRAM = """
import os, signal, sys, time
from pathlib import Path
from demos.threads import map_in_threads

def work(i):
    begun = Path(sys.argv[2], f"{i}-begun")
    begun.touch()
    if i == 3:
        os.kill(os.getpid(), int(sys.argv[1]))
    time.sleep(0.2)
    begun.rename(begun.with_name(f"{i}-done"))

map_in_threads(work, range(2000))
"""


def test_results_are_in_the_order_of_the_items() -> None:
    assert map_in_threads(str, range(100)) == [str(i) for i in range(100)]


def test_an_error_is_raised() -> None:
    with pytest.raises(ZeroDivisionError):
        map_in_threads(lambda x: 1 / x, [1, 0, 2])


@pytest.mark.parametrize("number", [int(x) for x in SIGNALS])
def test_after_a_signal_only_what_has_begun_is_finished(number: int, tmp_path: Path) -> None:
    command = [sys.executable, "-c", PROGRAM, str(number), str(tmp_path)]
    done = subprocess.run(command, cwd=Path(__file__).parents[2], capture_output=True, text=True, timeout=100)
    assert (done.returncode, done.stdout, done.stderr) == (-number, "", "")
    names = os.listdir(tmp_path)
    assert all(name.endswith("-done") for name in names)
    assert 4 <= len(names) <= 2 * (os.cpu_count() or 1) + 10


def test_signals_have_their_actions_back() -> None:
    before = signal.getsignal(signal.SIGTERM)
    map_in_threads(abs, [1])
    assert signal.getsignal(signal.SIGTERM) is before
