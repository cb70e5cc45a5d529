"""A training on simulated devices and in processes of its own, none of which stays behind."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from queue import SimpleQueue
from subprocess import PIPE
from types import SimpleNamespace

import pytest

from demos.cli import UnsuccessfulError
from demos.scale.__main__ import free_port, main, options_parser
from demos.scale.together import run_together
from demos.scale.works import WORKS
from tests import by_night, thorough_unless

ROOT = Path(__file__).parents[2]
QUICK = ["--epochs", "1", "--rows", "96", "--batch", "48"]
BETWEEN = re.compile(r"^Between the two, losses differ by at most (\S+), parameters by (\S+)\.$", re.MULTILINE)

pytestmark = pytest.mark.once
needs_jax = pytest.mark.usefixtures("jax")


@pytest.fixture
def jax() -> None:
    pytest.importorskip("jax")


@needs_jax
@thorough_unless(lambda used: used.startswith("2 processes"))
@pytest.mark.parametrize(
    ("options", "used"),
    [
        (["digits", "--devices", "8"], "1 process, 8 devices"),
        ([by_night("digits", "large"), "--devices", "2", "--processes", "2"], "2 processes, 2 devices each"),
    ],
)
def test_the_result_is_that_of_llvm(options: list[str], used: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*options, *QUICK]) == 0
    printed, errors = capsys.readouterr()
    assert errors == ""
    assert f"JAX: {used}, platform cpu, float64" in printed.splitlines()
    assert len(printed.splitlines()) == 9
    [differences] = BETWEEN.findall(printed)
    assert max(map(float, differences)) < 1e-10


@needs_jax
def test_fewer_rows_than_asked_for_are_said() -> None:
    from demos.scale.training import describe_rows

    few = WORKS["digits"](0, 30)
    assert describe_rows(few, 30, None) == describe_rows(few, None, 128) == "Training on 30 rows, in batches of 128"
    assert describe_rows(few, 99_999, 10) == "Training on 30 rows, which are all that there are, in batches of 10"
    assert describe_rows(WORKS["digits"](0, 1), None, 10) == "Training on 1 row, in batches of 10"


@pytest.mark.parametrize("work", WORKS)
def test_works_are_as_large_as_they_are_asked_for(work: str) -> None:
    made = WORKS[work](0, 30)
    assert made.inputs.shape == (30, made.sizes[0])
    assert len(made.classes) == 30
    assert set(made.classes) <= set(range(made.sizes[-1]))
    assert made.network(0).parameters()[0].data == made.network(0).parameters()[0].data


def test_more_rows_than_memory_are_refused() -> None:
    with pytest.raises(MemoryError, match=r"2,147,483,647 rows need 40,\d+ GB of memory, but there are \d+"):
        WORKS["large"](0, 2**31 - 1)


def test_the_works_are_the_whole_data_by_default() -> None:
    assert len(WORKS["digits"](0, None).classes) == 1797
    assert options_parser().parse_args([]).work == "digits"


@needs_jax
def test_devices_that_are_absent_are_named() -> None:
    from demos.scale import training

    with pytest.raises(UnsuccessfulError, match=r"^devices=9, but JAX has 8 devices here"):
        training.run(options_parser().parse_args(["--devices", "9"]))


@pytest.mark.thorough
@needs_jax
def test_a_cluster_that_is_absent_is_named_in_one_line() -> None:
    command = [sys.executable, "-m", "demos.scale", "--cluster"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("JAX cannot join processes: ")
    assert len(done.stderr.splitlines()) == 1


@needs_jax
@pytest.mark.slow
def test_processes_that_slurm_has_started_join() -> None:
    """With the variables that SLURM sets, which JAX reads."""
    command = [sys.executable, "-m", "demos.scale", "--cluster", *QUICK]
    job = {"SLURM_JOB_ID": "7", "SLURM_STEP_NODELIST": "localhost", "SLURM_NTASKS": "2", "JAX_PLATFORMS": "cpu"}
    environments = [os.environ | job | {"SLURM_PROCID": str(i), "SLURM_LOCALID": str(i)} for i in range(2)]
    running = [subprocess.Popen(command, cwd=ROOT, env=x, stdout=PIPE, stderr=PIPE, text=True) for x in environments]
    first, second = [process.communicate(timeout=120)[0] for process in running]
    assert "JAX: 2 processes, 8 devices each, platform cpu, float64" in first.splitlines()
    assert second == ""


@needs_jax
def test_to_wait_for_other_processes_has_an_end(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """One of two, alone: it ends itself, before JAX does."""
    from demos.scale import training

    ended: SimpleQueue[int] = SimpleQueue()
    distributed = SimpleNamespace(initialize=lambda *_, **__: ended.put(ended.get(timeout=10)))
    monkeypatch.setattr(training, "load_jax", lambda: SimpleNamespace(distributed=distributed))
    monkeypatch.setattr(training, "MAX_WAIT", 0.01)
    monkeypatch.setattr(os, "_exit", ended.put)
    training.join(options_parser().parse_args(["--coordinator", "nowhere:1", "--processes", "2", "--process", "1"]))
    assert ended.get(timeout=10) == 1
    printed, error = capfd.readouterr()
    assert printed == "Process 1 of 2 joins the others at nowhere:1\n"
    assert error == "JAX cannot join processes: not all of them have come in 0.01 seconds\n"


@needs_jax
@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs signals as POSIX has them")
def test_ctrl_c_ends_a_process_that_waits_for_others() -> None:
    address = f"127.0.0.1:{free_port()}"
    command = [sys.executable, "-m", "demos.scale", "--coordinator", address, "--processes", "2", "--process", "0"]
    with subprocess.Popen(command, cwd=ROOT, stdout=PIPE, stderr=PIPE, text=True) as waiting:
        assert waiting.stdout
        assert waiting.stdout.readline() == f"Process 0 of 2 joins the others at {address}\n"
        time.sleep(0.3)
        waiting.send_signal(signal.SIGINT)
        try:
            _, error = waiting.communicate(timeout=20)
        finally:
            waiting.kill()
    assert (waiting.returncode, error) == (130, "stopped\n")


@needs_jax
def test_a_process_whose_partner_has_left_says_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from demos.scale import training

    def fail(_: object) -> None:
        raise RuntimeError("DEADLINE_EXCEEDED\nand more")

    monkeypatch.setattr(training, "find_devices", fail)
    monkeypatch.setattr(os, "_exit", sys.exit)
    with pytest.raises(SystemExit, match=r"^1$"):
        training.run(options_parser().parse_args([]))
    assert capsys.readouterr().err.endswith("other processes, one may have left: DEADLINE_EXCEEDED\n")


@needs_jax
@pytest.mark.parametrize(
    ("error", "text", "status"),
    [(KeyboardInterrupt(), "stopped", 130), (RuntimeError("Gloo\nand more"), "JAX cannot go on: Gloo", 1)],
)
def test_a_joined_process_ends_without_waiting_for_others(
    error: BaseException, text: str, status: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from demos.scale import training

    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr(training, "joined_processes", lambda: (1, 2))
    monkeypatch.setattr(training, "train", fail)
    monkeypatch.setattr(os, "_exit", sys.exit)
    with pytest.raises(SystemExit) as ended:
        training.run(options_parser().parse_args([]))
    assert (ended.value.code, capsys.readouterr().err) == (status, f"{text}\n")


def test_a_process_needs_the_address_of_the_others(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--process", "0"])
    assert "--coordinator and --process go together" in capsys.readouterr().err


@pytest.mark.parametrize("address", ["localhost", "localhost:", ":12", "localhost:x", "localhost:70000"])
def test_an_address_has_a_port(address: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--coordinator", address, "--process", "0"])
    assert f"'{address}' is not HOST:PORT, such as 127.0.0.1:1234" in capsys.readouterr().err


def test_lines_are_those_of_the_first_program() -> None:
    shown: list[str] = []
    run_together([[sys.executable, "-c", f"print('line\\n{i}')"] for i in range(2)], shown.append)
    assert shown == ["line", "0"]


def test_the_program_that_fails_is_quoted_and_the_others_end() -> None:
    waiting, failing = "import time; time.sleep(60)", "import sys; sys.exit('no such thing')"
    start = time.monotonic()
    with pytest.raises(UnsuccessfulError, match=r"^no such thing$"):
        run_together([[sys.executable, "-c", code] for code in (waiting, failing)], print)
    with pytest.raises(UnsuccessfulError, match=r"^A process ended with the status 3\.$"):
        run_together([[sys.executable, "-c", "exit(3)"]], print)
    assert time.monotonic() - start < 30


PROGRAM = '''
import sys
from demos.scale.together import run_together
code = """
import os, time
from demos.scale.together import end_with_parent
end_with_parent()
print(os.getpid(), flush=True)
time.sleep(60)
"""
run_together([[sys.executable, "-c", code]], lambda line: print(line, flush=True))
'''


@thorough_unless(lambda number: number != signal.SIGTERM)
@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs signals as POSIX has them")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_no_process_stays_behind_whatever_ends_the_first(number: int) -> None:
    with subprocess.Popen([sys.executable, "-c", PROGRAM], cwd=ROOT, stdout=PIPE, stderr=PIPE) as running:
        assert running.stdout
        child = int(running.stdout.readline())
        running.send_signal(number)
        running.communicate(timeout=30)
    end = time.monotonic() + 30
    while is_running(child):
        assert time.monotonic() < end
        time.sleep(0.02)


def is_running(process: int) -> bool:
    """Whether a process is there, and not only its exit status."""
    try:
        os.kill(process, 0)
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
