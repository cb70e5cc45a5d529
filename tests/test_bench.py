"""The pieces of the benchmark at tiny sizes. Their times are not checked."""

from __future__ import annotations

import importlib.util
import json
import sys
import time
from collections.abc import Iterator
from itertools import count

import pytest

from engine import Value
from tests import by_night, thorough_unless
from tests.bench import __main__ as bench
from tests.bench.contests import BUILDS, CONTESTS, Build, Contest, build_rows, rows
from tests.bench.formula import build, plan
from tests.bench.job import Job, Peer, fastest, measured
from tests.bench.job import main as job_main
from tests.bench.work import WORK
from tests.bench.workers import Worker, check_agreement, environment, missing
from tests.bench.works import WORKS

pytestmark = pytest.mark.once

HAS_LLVM = importlib.util.find_spec("llvmlite") is not None
PEERS = ["pathgrad", *(["micrograd"] if importlib.util.find_spec("micrograd") else [])]
ALONE = ["chain", "import_time", *(["compiling", "compiling_network"] if HAS_LLVM else [])]
RUN_HERE = [("graph", peer) for peer in PEERS] + [("moons_step", peer) for peer in PEERS]
RUN_HERE += [(name, "pathgrad") for name in ALONE]  # not `memory`, which traces all that other tests have allocated
TINY = {
    "moons": 7,
    "rosenbrock": 5,
    "rosenbrock_arrays": 5,
    "rosenbrock_hessian": 4,
    "calls": 2,
    "calls_jvp": 2,
    "rows": 6,
    "threads_rows": 6,
    "threads_sums": 30,
    "lorenz": 3,
    "eager": 50,
    "figure_4": 1,
    "transformer": 2,
}
TINY |= {f"matrices_{size}{target}": 5 for size in ("small", "large") for target in ("", "_numpy", "_jax")}
TINY |= {"digits_in_batches": 70, "digits_at_once": 20}  # 70 are two batches and a rest


@pytest.fixture(autouse=True)
def _recursion_limit() -> Iterator[None]:
    """Micrograd's work raises the limit, in a process of its own when it is measured."""
    limit = sys.getrecursionlimit()
    yield
    sys.setrecursionlimit(limit)


@thorough_unless(lambda name, peer: peer == "pathgrad" and name in ("graph", "moons_step"))
@pytest.mark.parametrize(("name", "peer"), RUN_HERE)
def test_each_work_is_measured(name: str, peer: str) -> None:
    numbers = WORK[name](peer, 20)
    assert numbers
    assert all(number > 0 for number in numbers.values())


def test_the_formula_has_the_size_that_was_asked_for() -> None:
    leaves, steps, width = plan(1000)
    assert len(leaves) + len(steps) == 1000
    assert all(max(i, j) < width + n for n, (_, i, j) in enumerate(steps))
    assert build(Value, (leaves, steps, width)).data == build(Value, plan(1000)).data


@thorough_unless(lambda work: work in ("figure_4", "rosenbrock", "matrices_small_numpy"))
@pytest.mark.parametrize("work", [work for work in WORKS if "large" not in work or by_night(False, True)])
@pytest.mark.filterwarnings("ignore")  # what other libraries warn of is theirs
def test_all_peers_compute_the_same(work: str) -> None:
    answers = {}
    for name, peer in WORKS[work].items():
        if not missing(peer):
            job = peer.make(TINY[work])
            answers[name] = [*job.answer()]
            for run in job.ways.values():
                run()
    if len(answers) < 2:
        pytest.skip("needs two peers")
    check_agreement(work, answers)


def test_different_answers_are_refused() -> None:
    check_agreement("work", {})
    check_agreement("work", {"a": [100.0, 0.0], "b": [100.0, 1e-8]})
    with pytest.raises(ValueError, match=r"work: a and b do not compute the same: 1e-06 apart"):
        check_agreement("work", {"a": [100.0, 0.0], "b": [100.0, 1e-6]})
    with pytest.raises(ValueError, match="do not compute the same"):
        check_agreement("work", {"a": [1.0], "b": [float("nan")]})
    with pytest.raises(ValueError, match="a gives 1 numbers, b gives 2"):
        check_agreement("work", {"a": [1.0], "b": [1.0, 1.0]})


def test_the_targets_are_those_of_peers() -> None:
    for it in CONTESTS:
        assert set(it.targets) <= set(WORKS[it.work]) - {"pathgrad"}
    assert list(dict.fromkeys(it.work for it in CONTESTS)) == list(WORKS)
    for made in BUILDS:
        assert set(made.targets) <= set(WORKS[made.work]) - {"pathgrad"}


def test_a_missing_package_is_named() -> None:
    assert missing(Peer(lambda _: Job({}, list), ("json.decoder", "no_such_package.part"))) == ["no_such_package"]


def test_without_any_peer_a_row_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    lost = Peer(WORKS["figure_4"]["pathgrad"].make, ("no_such_package",))
    monkeypatch.setitem(WORKS, "figure_4", {"pathgrad": lost})
    for lines in (
        rows(Contest("figure_4", 1, "title", {}), 1, 0.001),
        build_rows(Build("", "figure_4", 1, "title", {}), 1),
    ):
        assert [line.split()[:3] for line in lines] == [["title", "left", "out:"]]


def test_a_missing_peer_is_left_out_of_the_table(monkeypatch: pytest.MonkeyPatch) -> None:
    there = WORKS["figure_4"]["pathgrad"]
    lost = Peer(there.make, ("no_such_package",))
    monkeypatch.setitem(WORKS, "figure_4", {"pathgrad": there, "micrograd": lost})
    [line] = rows(Contest("figure_4", 1, "title", {"micrograd": 10}), 1, 0.001)
    assert line.split()[0] == "title"
    assert "micrograd" not in line


@pytest.mark.thorough
def test_the_second_build_of_a_process_is_measured() -> None:
    build = Build("name", "figure_4", 2, "title", {"micrograd": None}, before=1)
    for line in build_rows(build, 1):
        assert line.split()[0] == "title"


def test_the_help_lists_the_names_of_rows(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", ["bench", "--help"])
    with pytest.raises(SystemExit):
        bench.main()
    words = capsys.readouterr().out.replace(",", " ").split()
    assert {name for name, _ in bench.parts(quick=True)} <= set(words)


def test_without_micrograd_a_row_has_no_ratio() -> None:
    times = {"pathgrad": {"best": [0.001, 0.002, 0.003]}}
    assert bench.against("work", times, "best", "best", ">= 2").split() == ["work", "2", "ms", "(1", "to", "3)"]
    times["micrograd"] = {"best": [0.008]}
    assert bench.against("work", times, "best", "best", ">= 2").split()[-3:] == ["4.0", ">=", "2"]


def test_a_worker_tells_its_answer_and_measures() -> None:
    with Worker("figure_4", "pathgrad", 1) as worker:
        assert worker.answer[0] == pytest.approx(0.088273997619)
        assert worker.measure(0.001)[0] > 0
        assert worker.build > 0
    assert worker.process.returncode == 0


@pytest.mark.filterwarnings("ignore")
def test_a_worker_that_fails_says_so(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(RuntimeError, match="no_such_peer at figure_4 ended with status 1"):
        Worker("figure_4", "no_such_peer", 1)
    assert "KeyError" in capfd.readouterr().err


def test_a_job_answers_before_it_is_asked_to_measure(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", ["0.001\n"])
    job_main("figure_4", "pathgrad", "1")
    ready, reply = map(json.loads, capsys.readouterr().out.splitlines())
    assert len(ready["answer"]) == 11
    assert reply["seconds"] > 0


def test_the_fastest_alternative_counts() -> None:
    job = Job({"slow": lambda: time.sleep(0.01), "fast": lambda: None}, list)
    assert fastest(job, 0.01)[1] == "fast"


def test_long_work_is_measured_at_least_three_times() -> None:
    calls = count()

    def work() -> None:
        next(calls)
        time.sleep(0.002)

    measured(work, 0.0)
    assert next(calls) == 5  # two before it counts


def test_variables_that_slow_libraries_down_do_not_reach_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENBLAS_CORETYPE", "Prescott")
    monkeypatch.setenv("SOMETHING_ELSE", "1")
    assert "OPENBLAS_CORETYPE" not in environment()
    assert environment()["SOMETHING_ELSE"] == "1"
