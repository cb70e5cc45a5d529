"""The public names of each package: all in `__all__`, each with a sentence in the package's docstring."""

import pydoc
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

import engine
import nn
import viz
from engine import Op, ops

every_package = pytest.mark.parametrize("package", [engine, nn, viz], ids=lambda package: package.__name__)

SENTENCE = re.compile(r"^    (\w+) +(\S.*)$", re.MULTILINE)


def sentences(package: ModuleType) -> list[tuple[str, str]]:
    """The names in the docstring of a package, each with its sentence: the paragraph below "The names:"."""
    _, _, after = (package.__doc__ or "").partition("The names:\n\n")
    return SENTENCE.findall(after.partition("\n\n")[0])


@every_package
def test_public_names_and_sentences_are_the_same(package: ModuleType) -> None:
    names = [name for name, _ in sentences(package)]
    assert sorted(names) == sorted(package.__all__)


@every_package
def test_help_shows_types_and_defaults_that_can_be_read(package: ModuleType) -> None:
    for name in package.__all__:
        text = pydoc.plain(pydoc.render_doc(getattr(package, name)))
        assert re.findall(r"ForwardRef\(.*?\)|<[\w.]+ object.*?>|Alias for field number \d", text) == [], name


@every_package
def test_names_that_a_package_imports_are_public(package: ModuleType) -> None:
    for name in package.__all__:
        getattr(package, name)  # what is loaded late is there from now on
    modules = {name for name, value in vars(package).items() if isinstance(value, ModuleType)}
    taken = {name for name in vars(package) if not name.startswith("_")} - modules
    assert taken == set(package.__all__) - modules


def test_every_operation_of_the_engine_is_public() -> None:
    declared = {op for op in vars(ops).values() if isinstance(op, Op)}
    public = {getattr(engine, name) for name in engine.__all__ if name != "TABLE"}
    assert declared - public == {ops.variable, ops.constant, ops.weighted_sum}


def test_what_is_seldom_needed_is_loaded_when_first_asked_for() -> None:
    code = """
import sys
before = set(sys.modules)
import engine
assert not {"engine.analysis.gradcheck", "engine.derivatives.results", "pathlib"} & (set(sys.modules) - before)
import nn
assert "engine.compiler" not in sys.modules
assert {"compile", "Program"} <= set(dir(engine))
assert isinstance(engine.compile(engine.Value(0.5), backend="python"), engine.Program)
"""
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(__file__).parents[1])


def test_an_unknown_name_is_an_error() -> None:
    with pytest.raises(AttributeError, match="module 'engine' has no attribute 'compiled'"):
        exec("engine.compiled")
    with pytest.raises(ImportError, match="cannot import name 'compiled' from 'engine'"):
        exec("from engine import compiled")
