"""Ctrl-C while machine code runs: it is handled soon, and later results are right."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from engine import TABLE, Op, Value, compile, primitive
from engine.compiler.targets.llvm import execution
from tests import thorough_unless
from tests.engine.compiler.backends import needs_llvm

pytestmark = needs_llvm


@pytest.fixture
def slow() -> Iterator[Op]:
    """The identity, which takes 2 ms."""

    def wait(x: float) -> float:
        time.sleep(0.002)
        return x

    yield primitive("slow", "slow", wait, lambda z, x: 1.0)
    del TABLE["slow"]


@contextmanager
def ctrl_c_after(seconds: float) -> Iterator[None]:
    """A block that raises KeyboardInterrupt after some seconds, and never outside of it."""

    def press(*_: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGALRM, press)
    try:
        signal.setitimer(signal.ITIMER_REAL, seconds)
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0.0)
        signal.signal(signal.SIGALRM, before)


@pytest.mark.parametrize("threads", [1, 2])
def test_ctrl_c_in_a_python_function_leaves_later_sums_right(slow: Op, threads: int) -> None:
    x = Value(1.0, "x")
    program = compile(slow(x) * 2.0, [x], backend="llvm")
    assert program.sum_over([[1.0]] * 2, threads=threads)[0] == 4.0  # is compiled for many rows before the timer starts
    with pytest.raises(KeyboardInterrupt), ctrl_c_after(0.05):
        program.sum_over([[1.0]] * 4096, threads=threads)
    for _ in range(3):
        assert program.sum_over([[5.0]] * 16, threads=threads)[0] == 160.0


@pytest.mark.parametrize("threads", [1, 2])
def test_ctrl_c_is_handled_while_values_are_computed(slow: Op, threads: int) -> None:
    x = Value(1.0, "x")
    program = compile(slow(x) * 2.0, [x], backend="llvm")
    assert program.each([[1.0]] * 2) == [2.0, 2.0]
    with pytest.raises(KeyboardInterrupt), ctrl_c_after(0.05):
        program.each([[1.0]] * 4096, threads=threads)
    assert program.each([[float(i)] for i in range(9)], threads=threads) == [2.0 * i for i in range(9)]


def long() -> tuple[Value, Value]:
    x = Value(0.5, "x")
    y = x
    for _ in range(300):
        y = y * x + 1.0
    return x, y


@thorough_unless(lambda threads: threads == 2)
@pytest.mark.parametrize("threads", [1, 2, 3])
def test_ctrl_c_stops_every_thread_and_leaves_later_sums_right(threads: int) -> None:
    np = pytest.importorskip("numpy")
    x, y = long()
    program = compile(y, [x], backend="llvm")
    few = np.full((100, 1), 0.25)
    total, gradient = program.sum_over(few)
    wanted = total, list(gradient)
    many = np.zeros((10_000_000, 1))
    for _ in range(3):
        with pytest.raises(KeyboardInterrupt), ctrl_c_after(0.02):
            program.sum_over(many, threads=threads)
        total, gradient = program.sum_over(few, threads=threads)
        assert total == pytest.approx(wanted[0], rel=1e-12)
        assert list(gradient) == pytest.approx(wanted[1], rel=1e-12)


def test_rows_are_processed_in_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(execution, "MAX_OPERATIONS_PER_CALL", 20)
    x, w = Value(0.5, "x"), Value(2.0, "w")
    program = compile(w * x, [x], [w], backend="llvm")
    rows = [[float(i)] for i in range(1, 1001)]
    for threads in (1, 2, 3):
        total, gradient = program.sum_over(rows, threads=threads)
        assert (total, list(gradient)) == (1_001_000.0, [500_500.0])
    assert program.each(rows) == [2.0 * i for i in range(1, 1001)]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="os.fork is missing")
@pytest.mark.parametrize("method", ["sum_over", "each"])
def test_only_one_thread_runs_a_program_at_a_time(method: str) -> None:
    started, go_on = threading.Event(), threading.Event()

    def wait(x: float) -> float:
        started.set()
        go_on.wait(20.0)
        return x

    go_on.set()
    x = Value(1.0, "x")
    call = getattr(compile(primitive("waiting", "waiting", wait, lambda z, x: 1.0)(x), [x], backend="llvm"), method)
    del TABLE["waiting"]
    call([[1.0]])
    started.clear()
    go_on.clear()
    other = threading.Thread(target=call, args=([[3.0]],))
    other.start()
    assert started.wait(20.0)
    with pytest.raises(RuntimeError, match="in another thread: each thread needs a copy of its own"):
        call([[2.0]])
    child = os.fork()
    if not child:  # where the other thread does not exist, but new ones do
        new = threading.Thread(target=call, args=([[3.0]],))
        started.clear()
        go_on = threading.Event()
        new.start()
        started.wait(20.0)
        try:
            call([[2.0]])
        except RuntimeError:
            go_on.set()
            new.join()
            os._exit(0 if call([[2.0]])[0] == 2.0 else 1)
        os._exit(1)
    go_on.set()
    other.join()
    assert os.waitpid(child, 0)[1] == 0
    assert call([[2.0]])[0] == 2.0


@pytest.mark.skipif(not hasattr(os, "fork"), reason="os.fork is missing")
def test_a_forked_process_has_threads_of_its_own() -> None:
    x = Value(1.0, "x")
    program = compile(x.tanh(), [x], backend="llvm")
    rows = [[0.5]] * 200
    wanted = program.sum_over(rows, threads=2)[0]
    read, write = os.pipe()
    child = os.fork()
    if not child:
        os.write(write, repr(program.sum_over(rows, threads=2)[0] == wanted).encode())
        os._exit(0)
    os.close(write)
    watchdog = threading.Timer(20.0, os.kill, [child, signal.SIGKILL])
    watchdog.start()
    with os.fdopen(read) as pipe:
        assert pipe.read() == "True"
    watchdog.cancel()
    os.waitpid(child, 0)


def test_a_broken_llvmlite_counts_as_missing(tmp_path: Path) -> None:
    (tmp_path / "llvmlite").mkdir()
    (tmp_path / "llvmlite" / "__init__.py").write_text("")
    (tmp_path / "llvmlite" / "binding.py").write_text("raise OSError('libllvmlite.so cannot be opened')")
    script = "from engine import Value, compile; x = Value(3.0); p = compile(x * x, [x]); print(p.backend, p(3.0))"
    paths = os.pathsep.join([str(tmp_path), *filter(None, sys.path)])
    environment = {**os.environ, "PYTHONPATH": paths}
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, env=environment, check=True)
    assert done.stdout == "python 9.0\n"
