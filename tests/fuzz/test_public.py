"""Public functions with any arguments: they return or say what is wrong; none crashes, hangs, or is half done."""

from __future__ import annotations

import inspect
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine import TABLE
from nn import StopTraining
from tests import share
from tests.fuzz.outcomes import outcome
from tests.fuzz.public import PACKAGES, Target, calls, public, specimen, targets
from viz import DrawingError

ALL = targets()


@pytest.mark.parametrize("target", ALL, ids=[target.name for target in ALL])
@settings(max_examples=share(0.1), suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
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
