"""The registry of targets, which are found by file and imported on demand; and a user's target in one file."""

import subprocess
import sys
from collections.abc import Iterator
from typing import Any, cast

import pytest

from engine import TABLE, Value, compile, primitive
from engine.compiler import targets
from engine.compiler.targets import Target, register
from nn import MLP, hinge
from nn.training.data import Samples
from nn.training.objective import Objective
from nn.training.runner import runner_for
from tests.engine.compiler.targets.own_target import FILE, own_target

X = Value(0.5, "x")
UNKNOWN = "the target 'c99' is unknown or does not generate source; choose from "


@pytest.fixture
def own() -> Iterator[None]:
    """Makes the target of this folder known, as if its file were in the package."""
    with own_target():
        yield


def test_one_file_is_enough() -> None:
    assert len(FILE.read_text(encoding="utf-8").splitlines()) <= 65


@pytest.mark.usefixtures("own")
def test_a_primitive_that_a_target_lacks_is_an_error() -> None:
    twice = primitive("twice", "twice", lambda x: 2.0 * x, lambda z, x: 2.0)
    program = compile(twice(X), [X], backend="python")
    del TABLE["twice"]
    with pytest.raises(ValueError, match="the target 'c99' does not implement the operation 'twice': declare it"):
        program.source_for("c99")


def test_a_target_is_found_while_its_file_exists(own: None) -> None:
    program = compile(X * X, [X], backend="python")
    assert "  const double t0 = x[0] * x[0];\n" in program.source_for("c99")
    assert "c99" in targets.printer_names()
    with pytest.raises(ValueError, match=f"; choose from {', '.join(targets.printer_names())}$"):
        program.source_for("fortran")
    with pytest.raises(ValueError, match=f"unknown backend 'c99'; choose from auto, {', '.join(program.backends())}$"):
        compile(X * X, [X], backend="c99")


def test_auto_knows_all_targets_that_have_a_preference() -> None:
    compile(X, [X]).backends()
    assert {name for name, target in targets.TARGETS.items() if target.preference} == set(targets.AUTOMATIC)


def test_a_target_without_its_file_is_unknown() -> None:
    program = compile(X * X, [X], backend="python")
    assert "c99" not in targets.printer_names()
    with pytest.raises(ValueError, match=f"{UNKNOWN}{', '.join(targets.printer_names())}$"):
        program.source_for("c99")
    assert {"jax", "numpy", "python", "llvm"} <= {*program.backends()} <= {*targets.printer_names()}


def test_a_registered_runner_compiles_and_trains(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(targets, "TARGETS", dict(targets.TARGETS))
    _, python = targets.find_runner("python")
    register(Target("mine", runner=python))
    assert compile(X * X, [X], backend="mine").value_and_grad(3.0) == (9.0, [6.0])
    assert compile(X * X, [X]).backend != "mine"  # it is not preferred
    samples = Samples([], [0, 1, 2], n_inputs=2, one_target=True)
    names = ", ".join(map(repr, ["auto", "engine", *targets.runner_names()]))
    with pytest.raises(ValueError, match=f"choose from {names}"):
        runner_for(Objective(MLP(2, [1]), hinge, samples), [], "fast")
    with pytest.raises(ValueError, match="the target 'mine' is unknown or does not generate source; choose from"):
        compile(X * X, [X], backend="mine").source_for("mine")


def test_what_is_not_a_target_is_not_registered() -> None:
    before = dict(targets.TARGETS)
    for given in ("listed", object(), Target):
        with pytest.raises(TypeError, match=r"register takes a Target, such as Target\('mine', printer=source\), not "):
            register(cast(Any, given))
    for name in ("", "two words", "auto", cast(Any, None)):
        with pytest.raises(ValueError, match=f"the name of a target is an identifier, other than 'auto', not {name!r}"):
            register(Target(name, printer=lambda ir, wrt_order: ""))
    with pytest.raises(ValueError, match="the target 'mine' needs a printer, for source_for, or a runner, for compile"):
        register(Target("mine"))
    assert before == targets.TARGETS


def test_without_a_gradient_there_is_no_wrt_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(targets, "TARGETS", dict(targets.TARGETS))
    register(Target("mine", printer=lambda ir, wrt_order: f"{len(ir.derivatives)} {wrt_order}"))
    y, w = Value(0.25, "y"), Value(2.0, "w")
    assert compile(X * w + y, [X, y], [X, y, w]).source_for("mine") == "3 [1, 2, 0]"
    assert compile([X * w, y], [X, y], [X, y, w]).source_for("mine") == "0 []"


def test_auto_takes_the_most_preferred_that_can_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(targets, "TARGETS", dict(targets.TARGETS))
    monkeypatch.setattr(targets, "_logged", set())
    _, python = targets.find_runner("python")
    register(Target("fast", runner=python, preference=9))
    register(Target("faster", runner=python, preference=10, missing=lambda: "a machine: buy one"))
    assert compile(X * X, [X]).backend == "fast"
    with pytest.raises(ValueError, match="the backend 'faster' needs a machine: buy one"):
        compile(X * X, [X], backend="faster")
    for name in ("llvm", "python", "fast"):
        register(Target(name, runner=python, preference=1, missing=lambda: "time"))
    with pytest.raises(ValueError, match=r"every backend lacks a dependency: .*, python needs time"):
        compile(X * X, [X])


def test_no_target_is_loaded_before_it_is_asked_for() -> None:
    code = """
import sys, engine
def loaded():
    return [name for name in sys.modules if name.startswith("engine.compiler.targets.")]
assert not loaded()
engine.compile
assert not loaded()
engine.compile(engine.Value(0.5), backend="python").source
assert loaded() == ["engine.compiler.targets.python"], loaded()
engine.compile(engine.Value(0.5))
assert not {"javascript", "jax", "numpy"}.intersection(name.split(".")[3] for name in loaded()), loaded()
"""
    subprocess.run([sys.executable, "-c", code], check=True, cwd=FILE.parents[4])
