"""A user's target, whole in one file: generated C, compiled by gcc, agrees with the engine."""

import ctypes
import shutil
import subprocess
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pytest

from engine import TABLE, Op, Value, compile, dot, grad, greater, where
from tests.engine.compiler.agreement import assert_near
from tests.engine.compiler.targets.own_target import own_target
from tests.engine.recipes import ordinary

pytestmark = pytest.mark.skipif(shutil.which("gcc") is None, reason="needs gcc, a compiler of C")
Function = Callable[[Sequence[float], Sequence[float], int, int], list[float]]
PRECISION = 1e-14


def build(sources: Mapping[str, str], folder: Path) -> dict[str, Function]:
    """A function for each program: of x, p, and the numbers of values and of derivatives, which it returns."""
    text = "".join(source.replace("void program(", f"void {name}(") for name, source in sources.items())
    options = ["-std=c99", "-Wall", "-Werror", "-ffp-contract=off", "-shared", "-fPIC"]
    command = ["gcc", *options, "-x", "c", "-", "-lm", "-o", str(folder / "programs.so")]
    subprocess.run(command, input=text, check=True, encoding="utf-8")
    library = ctypes.CDLL(str(folder / "programs.so"))

    def function(name: str) -> Function:
        def call(x: Sequence[float], p: Sequence[float], n_values: int, n_derivatives: int) -> list[float]:
            values, derivatives = (ctypes.c_double * n_values)(), (ctypes.c_double * n_derivatives)()
            library[name]((ctypes.c_double * len(x))(*x), (ctypes.c_double * len(p))(*p), values, derivatives)
            return [*values, *derivatives]

        return call

    return {name: function(name) for name in sources}


def c99(output: Value | list[Value], inputs: Sequence[Value], wrt: Sequence[Value] | None = None) -> str:
    """The program in C."""
    with own_target():
        return compile(output, inputs, wrt, backend="python").source_for("c99")


def squared(op: Op) -> tuple[Value, list[Value]]:
    """The square of an operation, and its inputs."""
    leaves = [Value(number) for number in ordinary(op)]
    y = op(*leaves)
    return y * y, leaves


@pytest.fixture(scope="module")
def programs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Function]:
    """A program of each operation of the table."""
    sources = {f"squared_{op.name}": c99(*squared(op)) for op in TABLE.values()}
    return build(sources, tmp_path_factory.mktemp("c99"))


@pytest.mark.parametrize("op", TABLE.values(), ids=TABLE)
def test_every_operation(op: Op, programs: dict[str, Function]) -> None:
    output, leaves = squared(op)
    found = programs[f"squared_{op.name}"]([x.data for x in leaves], [], 1, len(leaves))
    assert_near(found, [output.data, *grad(output, leaves)], PRECISION)


def test_parameters_branches_and_several_outputs(tmp_path: Path) -> None:
    x, y, w, b = Value(0.0, "x"), Value(2.0, "y"), Value(0.25, "w"), Value(-1.5, "b")
    wrt = [b, y, w, x]
    z = where(greater(x, 0.0), x.sqrt(), dot([w, 3.0, -2.0], [x, y, b], b))
    loss = z * z + 0.1 * w * w
    programs = build({"gradient": c99(loss, [x, y], wrt), "outputs": c99([z, loss, b], [x, y], wrt)}, tmp_path)
    numbers, parameters = [x.data, y.data], [b.data, w.data]
    assert_near(programs["gradient"](numbers, parameters, 1, 4), [loss.data, *grad(loss, wrt)], PRECISION)
    assert_near(programs["outputs"](numbers, parameters, 3, 0), [z.data, loss.data, b.data], PRECISION)
