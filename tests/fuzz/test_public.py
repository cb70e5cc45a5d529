"""Public functions with any arguments: they return or say what is wrong; none crashes, hangs, or is half done."""

from __future__ import annotations

import inspect
import itertools
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine import TABLE, DomainError, Op, Value, primitive
from nn import MLP, StopTraining, load
from tests import by_night, share, thorough_unless
from tests.fuzz import outcomes
from tests.fuzz.outcomes import Hang, outcome
from tests.fuzz.public import PACKAGES, Target, calls, public, specimen, targets
from viz import DrawingError

ALL = targets()


@thorough_unless(lambda target: target.name.startswith("engine."))
@pytest.mark.parametrize("target", ALL, ids=[target.name for target in ALL])
@settings(
    max_examples=by_night(2, share(0.04)),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data())
def test_bad_input_gets_a_result_or_a_documented_error(
    target: Target, data: st.DataObject, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    operations, files = set(TABLE), listing(tmp_path)
    bound = target.bound()
    positional, named = data.draw(calls(bound))
    try:
        found = outcome(bound, *positional, **named)
    finally:
        for name in set(TABLE) - operations:
            del TABLE[name]
        if "matplotlib.pyplot" in sys.modules:
            sys.modules["matplotlib.pyplot"].close("all")
    assert not [name for name in listing(tmp_path) if Path(name).name.startswith(".")], "a temporary file is left"
    if isinstance(found, BaseException) and not isinstance(found, DrawingError):  # which saves the DOT text
        assert listing(tmp_path) == files, "something was written although it failed"


def test_results_and_documented_errors_are_outcomes(tmp_path: Path) -> None:
    assert outcome(Value(2.0).__mul__, 3.0).data == 6.0
    assert outcome(itertools.count) == list(range(10))
    assert type(outcome(Value(-1.0).log)) is DomainError
    assert type(outcome(MLP, 2, [0])) is ValueError
    assert type(outcome(Value, "x")) is TypeError
    assert isinstance(outcome(load, tmp_path / "missing"), OSError)


def test_errors_and_hangs_of_a_user_s_function_come_through(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(x: float) -> float:
        raise KeyError(x)

    def hang(x: float) -> float:
        end = time.monotonic() + 10.0
        while time.monotonic() < end:
            pass
        return x

    def own(function: Callable[[float], float]) -> Op:
        op = primitive("own", "own", function, lambda z, x: 1.0)
        del TABLE["own"]
        return op

    with pytest.raises(KeyError):
        outcome(own(fail), Value(1.0))
    monkeypatch.setattr(outcomes, "MAX_SECONDS", 0.1)
    with pytest.raises(Hang):
        outcome(own(hang), Value(1.0))


def listing(folder: Path) -> set[str]:
    """The files in a folder and in those below it."""
    return {str(path) for path in folder.rglob("*") if path.is_file()}


def test_what_is_public_is_found_by_its_name() -> None:
    names = {target.name for target in ALL}
    for package in PACKAGES:
        functions = {name for name in package.__all__ if inspect.isfunction(getattr(package, name))}
        assert {f"{package.__name__}.{name}" for name in functions} <= names
    assert {"engine.Value.__add__", "engine.Value.backward", "nn.MLP.__call__", "viz.Stepper.goto"} <= names
    assert {"engine.sigmoid", "viz.Drawing.save", "nn.History.plot", "engine.Program.sum_over"} <= names


@pytest.mark.parametrize(
    "kind", dict.fromkeys(kind for _, kind in public() if isinstance(kind, type)), ids=lambda kind: kind.__name__
)
def test_every_public_class_has_a_specimen(kind: type) -> None:
    if issubclass(kind, BaseException):
        assert issubclass(kind, (Exception, StopTraining)), "it is an error, or a message, and need not be made"
    else:
        assert isinstance(specimen(kind)(), kind), f"tests/fuzz/public.py needs an entry for {kind.__name__}"
