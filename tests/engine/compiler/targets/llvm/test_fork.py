"""A process that is forked while threads compile can compile, too."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.engine.compiler.backends import needs_llvm

pytestmark = [needs_llvm, pytest.mark.skipif(not hasattr(os, "fork"), reason="forks processes")]

PROGRAM = """
import itertools, os, signal, threading, time
from engine import Value, compile

def use(c):
    y = x = Value(0.5, "x")
    for i in range(12):
        y = (y * (c + i)).sin() + x.exp()
    compile(y, inputs=[x], backend="llvm").value_and_grad(0.5)

def work(first):
    for c in itertools.count(first):
        use(float(c))

use(0.5)  # so that all modules are imported
for i in (1, 2):
    threading.Thread(target=work, args=(i * 10**6,), daemon=True).start()
for turn in range(6):
    time.sleep(0.01)
    pid = os.fork()
    if not pid:
        signal.alarm(20)
        use(-1.0 - turn)
        os._exit(0)
    print(os.waitpid(pid, 0)[1], flush=True)
os._exit(0)
"""


def test_a_fork_amid_compilations_can_compile() -> None:
    command = [sys.executable, "-W", "ignore", "-c", PROGRAM]
    done = subprocess.run(command, cwd=Path(__file__).parents[5], capture_output=True, text=True)
    assert (done.stdout.split(), done.stderr) == (["0"] * 6, "")
