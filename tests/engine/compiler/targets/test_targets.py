"""The registry of targets, which are found by file and imported on demand; and a user's target in one file."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from engine import TABLE, Op, Value, compile, grad, primitive
from engine.compiler import targets
from engine.compiler.targets import Target, register
from nn import MLP, hinge
from nn.training.data import Samples
from nn.training.objective import Objective
from nn.training.runner import runner_for
from tests.engine.compiler.agreement import assert_near
from tests.engine.recipes import ordinary

HERE = Path(__file__).parent
X = Value(0.5, "x")
UNKNOWN = "'s_expressions' is unknown or does not generate source; choose from javascript, jax, numpy, python, llvm"


@pytest.fixture
def own() -> Iterator[None]:
    """Makes the target of this folder known, as if its file were in the package."""
    path: Any = targets.__path__
    path.append(str(HERE))
    yield
    path.remove(str(HERE))
    targets.TARGETS.pop("s_expressions", None)
    sys.modules.pop("engine.compiler.targets.s_expressions", None)


def read(text: str) -> Any:
    """An S-expression as nested lists."""
    stack: list[list[Any]] = [[]]
    for token in re.findall(r"[()]|[^\s()]+", text):
        if token == "(":
            stack.append([])
        elif token == ")":
            done = stack.pop()
            stack[-1].append(done)
        else:
            stack[-1].append(token)
    return stack[0][0]


def number_of(expression: Any, names: dict[str, float]) -> float:
    if isinstance(expression, str):
        return names[expression] if expression in names else float(expression)
    name, *inputs = expression
    numbers = [number_of(x, names) for x in inputs]
    return sum(numbers) if name == "sum" else TABLE[name].compute(*numbers)


def run(text: str, numbers: list[float]) -> list[float]:
    """The values and derivatives of a generated program without parameters."""
    _, lets, values, gradient = read(text)
    names = {f"x{i}": number for i, number in enumerate(numbers)}
    for name, expression in lets:
        names[name] = number_of(expression, names)
    return [number_of(expression, names) for expression in [*values, *gradient]]


def test_one_file_is_enough() -> None:
    assert len((HERE / "s_expressions.py").read_text(encoding="utf-8").splitlines()) <= 60


@pytest.mark.usefixtures("own")
@pytest.mark.parametrize("op", TABLE.values(), ids=TABLE)
def test_a_user_s_target_implements_every_operation(op: Op) -> None:
    numbers = ordinary(op)
    leaves = [Value(number) for number in numbers]
    y = op(*leaves)
    text = compile(y * y, leaves, backend="python").source_for("s_expressions")
    assert_near(run(text, numbers), [(y * y).data, *grad(y * y, leaves)], 1e-14)


@pytest.mark.usefixtures("own")
def test_a_primitive_that_a_target_lacks_is_an_error() -> None:
    twice = primitive("twice", "twice", lambda x: 2.0 * x, lambda z, x: 2.0)
    program = compile(twice(X), [X], backend="python")
    del TABLE["twice"]
    with pytest.raises(
        ValueError, match="the target 's_expressions' does not implement the operation 'twice': declare it"
    ):
        program.source_for("s_expressions")


def test_a_target_is_found_while_its_file_exists(own: None) -> None:
    program = compile(X * X, [X], backend="python")
    assert program.source_for("s_expressions") == "(let () ((multiply x0 x0)) ((sum (add x0 x0))))"
    with pytest.raises(ValueError, match="; choose from javascript, jax, numpy, s_expressions, python, llvm"):
        program.source_for("fortran")
    with pytest.raises(ValueError, match="unknown backend 's_expressions'; choose from auto, jax, numpy, python, llvm"):
        compile(X * X, [X], backend="s_expressions")


def test_a_target_without_its_file_is_unknown() -> None:
    program = compile(X * X, [X], backend="python")
    with pytest.raises(ValueError, match=UNKNOWN):
        program.source_for("s_expressions")
    assert program.backends() == ["jax", "numpy", "python", "llvm"]


def test_a_registered_runner_compiles_and_trains(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(targets, "TARGETS", dict(targets.TARGETS))
    _, python = targets.find_runner("python")
    register(Target("mine", runner=python))
    assert compile(X * X, [X], backend="mine").value_and_grad(3.0) == (9.0, [6.0])
    assert compile(X * X, [X]).backend != "mine"  # it is not preferred
    samples = Samples([], [0, 1, 2], n_inputs=2, one_target=True)
    with pytest.raises(ValueError, match="choose from 'auto', 'engine', 'jax', 'mine', 'numpy', 'python', 'llvm'"):
        runner_for(Objective(MLP(2, [1]), hinge, samples), [], "fast")
    with pytest.raises(ValueError, match="the target 'mine' is unknown or does not generate source; choose from"):
        compile(X * X, [X], backend="mine").source_for("mine")


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
"""
    subprocess.run([sys.executable, "-c", code], check=True, cwd=HERE.parents[3])
