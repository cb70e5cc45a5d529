"""What this machine has and others lack: names of POSIX, UTF-8 as the encoding of files and of standard output."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.layout_program import needs_dot

ROOT = Path(__file__).parent.parent

# Takes away what Python does not have on Windows, once the standard library has taken what it needs here.
LIKE_WINDOWS = """
import multiprocessing, os, shutil, signal, socket, subprocess, sys, tempfile, threading
POSIX = "fork killpg setsid geteuid getgid chown fchmod mkfifo sysconf register_at_fork sched_getaffinity"
POSIX += " O_NONBLOCK O_CLOEXEC O_DIRECTORY O_NOFOLLOW"
SIGNALS = "SIGHUP SIGALRM SIGUSR1 SIGCHLD SIGPIPE SIGQUIT pthread_kill pthread_sigmask setitimer alarm"
for module, names in ((os, POSIX), (signal, SIGNALS)):
    for name in names.split():
        vars(module).pop(name, None)
for name in "fcntl termios tty pty resource pwd grp readline curses".split():
    sys.modules[name] = None
"""
PACKAGES = """
from viz.command.cli import main
for command in (
    ["draw", "x*y", "--set", "x=1,y=2", "--out", "g.svg"],
    ["draw", "x*y", "--set", "x=1,y=2", "--out", "g.svg"],  # in place of the first
    ["live", "x*y", "--set", "x=1,y=2"],
    ["explain", "x*y", "x", "--set", "x=1,y=2"],
    ["table", "sigmoid(w*x)", "--set", "w=1,x=2"],
    ["check", "notes.py:loss"],
    ["step", "x*y", "--set", "x=1,y=2"],
):
    assert main(command) == 0, command

from nn import MLP, fit, half_squared_error, load, save
network = MLP(2, [2, 1])
fit(network, half_squared_error, [[0, 1], [1, 0]], [1, 0], epochs=3)
save(network, "network.json")
assert load("network.json").predict([0, 1]) == network.predict([0, 1])
"""


@needs_dot
def test_nothing_needs_what_windows_lacks(tmp_path: Path) -> None:
    notes = "from engine import Value\nx = Value(1.5, 'x')  # ∂\nloss = x * x\n"
    (tmp_path / "notes.py").write_text(notes, encoding="utf-8")
    environment = {"PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "cp1252", "PATHGRAD_CODE_CACHE": "0"}
    strict = ["-X", "warn_default_encoding", "-W", "error::EncodingWarning"]
    done = subprocess.run(
        [sys.executable, *strict, "-c", LIKE_WINDOWS + PACKAGES],
        cwd=tmp_path,
        env=os.environ | environment,
        input=b"s\nq\n",
        capture_output=True,
    )
    assert done.returncode == 0, done.stderr.decode(errors="replace")
    assert b"f <- x            2  =  2" in done.stdout  # signs that cp1252 does not have are spelled
