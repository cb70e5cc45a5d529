"""Programs bind the operations of their own formulas, whatever their names, and whatever the table has now."""

import builtins
import logging
import math
from collections.abc import Iterator
from typing import Any

import pytest

from engine import TABLE, Op, Program, Value, compile, exp, grad, operation, primitive
from engine.compiler import targets
from tests import thorough_unless
from tests.engine.compiler.agreement import assert_near
from tests.engine.compiler.backends import HAS_LLVM, RUNNERS, both_backends

pytest.importorskip("numpy")

SOURCES = ["python", "numpy"]
# Names that a generated module uses itself: of functions, variables, modules, and builtins.
NAMES = ["value_and_grad", "value", "sum_over", "rows", "parameters", "len", "float", "np", "x0", "t0", "p0", "TABLE"]
NAMES += ["array", "floats", "map", "Real", "numbers", "all", "getattr", "isinstance", "TypeError"]
NAMES += ["t", "d_x0", "print", "exec", "math", "inf", "nan", "guard", "delta", "sum_1"]


@pytest.fixture(autouse=True)
def table() -> Iterator[dict[str, Op]]:
    """Restores the table of operations, and the subjects that targets have logged."""
    before, logged = dict(TABLE), set(targets._logged)
    targets._logged.clear()
    yield TABLE
    TABLE.clear()
    TABLE.update(before)
    targets._logged.clear()
    targets._logged.update(logged)


def scaled(factor: float) -> Op:
    return operation("scale", "scale", lambda x: factor * x, lambda z, x: factor)


def ran(program: Program, target: str, *numbers: float) -> tuple[float, list[float]]:
    """The result of the generated module for one row."""
    space: dict[str, Any] = {}
    exec(program.source_for(target), space)
    given = numbers if target == "python" else [[numbers]]
    value, gradient = space["value_and_grad"](*given, list(program.parameters))
    return float(value), [float(x) for x in gradient]


@both_backends
@pytest.mark.parametrize("is_declared_anew", [False, True])
def test_a_program_has_the_operation_of_its_formula(backend: str, is_declared_anew: bool) -> None:
    scale = scaled(2.0)
    x = Value(1.0, "x")
    y = scale(x)
    del TABLE["scale"]
    if is_declared_anew:
        scaled(3.0)
    program = compile(y, [x], backend=backend)
    assert program.value_and_grad(1.0) == (2.0, [2.0])
    assert tuple(program.sum_over([[1.0], [2.0]])[1]) == (4.0,)
    assert [ran(program, target, 1.0) for target in SOURCES] == [(2.0, [2.0])] * 2


@both_backends
def test_operations_of_the_same_name_are_distinct(backend: str) -> None:
    x = Value(1.0, "x")
    first = scaled(2.0)(x)
    del TABLE["scale"]
    y = first * scaled(3.0)(x)
    program = compile(y, [x], backend=backend)
    assert program.value_and_grad(1.0) == (6.0, [12.0])
    assert [ran(program, target, 1.0) for target in SOURCES] == [(6.0, [12.0])] * 2


@both_backends
def test_a_primitive_outside_the_table_runs_but_not_as_a_module(backend: str) -> None:
    twice = primitive("twice", "twice", lambda x: 2.0 * x, lambda z, x: 2.0)
    x = Value(1.0, "x")
    program = compile(twice(x) * x, [x], backend=backend)
    del TABLE["twice"]
    assert program.value_and_grad(3.0) == (18.0, [12.0])
    for there in ("it is not there", "the table has another operation of this name"):
        for target in SOURCES:
            with pytest.raises(ValueError, match=f"primitive 'twice' in engine.TABLE, but {there}"):
                program.source_for(target)
        primitive("twice", "twice", lambda x: 3.0 * x, lambda z, x: 3.0)


@thorough_unless(lambda declare, name: (declare is operation) == (len(name) % 2 == 0))
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("declare", [operation, primitive])
def test_an_operation_may_have_a_name_of_the_generated_module(declare: Any, name: str) -> None:
    own = declare(name, name, lambda x: 2.0 * x, lambda z, x: 2.0)
    other = operation("other", "other", lambda x: own(x) * own(x) * own(x), lambda z, x: 6.0 * own(x) ** 2.0)
    x, w = Value(1.5), Value(0.5)
    y = other(x) * own(w) + exp(own(x) * w)
    truth = [y.data, *grad(y, [x, w])]
    for backend in RUNNERS:
        program = compile(y, [x], [x, w], backend=backend)
        value, gradient = program.value_and_grad(1.5)
        assert_near([value, *gradient], truth, 1e-12)
        total, sums = program.sum_over([[1.5]] * 2)
        assert_near([total, *sums], [2.0 * number for number in truth], 1e-12)
    for target in SOURCES:
        value, gradient = ran(program, target, 1.5)
        assert_near([value, *gradient], truth, 1e-12)


@both_backends
def test_an_operation_in_place_of_one_of_the_table_is_another(backend: str) -> None:
    """With the name of `abs`, a builtin, or of `exp`, which a module imports."""
    x = Value(-1.5, "x")
    y = abs(x) + exp(x)
    for name in ("abs", "exp"):
        del TABLE[name]
        y = y * operation(name, name, lambda x: 2.0 * x, lambda z, x: 2.0)(x)
    program = compile(y, [x], backend=backend)
    assert_near([program(-1.5)], [y.data], 1e-12)
    for target in SOURCES:
        value, gradient = ran(program, target, -1.5)
        assert_near([value, *gradient], [y.data, *grad(y, [x])], 1e-12)


@pytest.mark.parametrize("name", ["ｅｘｐ", "ｍｙ", "ﬁt"])
def test_a_name_that_python_reads_as_another_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match=r"as Python reads it, '(exp|my|fit)', not by"):
        operation(name, name, lambda x: 2.0 * x, lambda z, x: 2.0)
    assert name not in TABLE


CELL = """
ste = operation("ste", "ste", lambda x: {0} * x, lambda z, x: {0})
"""


def declared(factor: float, file: str, *, lines_before: int = 0) -> Op:
    """An operation declared by code of a file, as by a notebook cell that is run again."""
    space: dict[str, Any] = {"operation": operation}
    exec(compile_text("\n" * lines_before + CELL.format(factor), file), space)
    op: Op = space["ste"]
    return op


def compile_text(text: str, file: str) -> Any:
    return builtins.compile(text, file, "exec")


@pytest.mark.parametrize("file", ["/tmp/ipykernel_7/1.py", "<stdin>", "script.py"])
def test_declaring_an_operation_again_replaces_it(file: str, caplog: pytest.LogCaptureFixture) -> None:
    first = declared(2.0, file)
    y = first(Value(1.0, "x"))
    with caplog.at_level(logging.WARNING, logger="engine.operations"):
        second = declared(3.0, file)
    assert TABLE["ste"] is second
    assert [record.name for record in caplog.records] == ["engine.operations"]
    assert "'ste' was declared again: graphs made before keep the old one" in caplog.text
    assert (second(1.0), compile(y, backend="python")()) == (3.0, 2.0)


@pytest.mark.parametrize("file", ["script.py", "other.py"])
def test_another_operation_of_the_same_name_is_refused(file: str) -> None:
    first = declared(2.0, "script.py")
    with pytest.raises(ValueError, match="the table already has an operation 'ste'"):
        declared(3.0, file, lines_before=1)
    assert TABLE["ste"] is first


def test_calls_of_python_functions_are_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    ops = [primitive(name, name, math.erf, lambda z, x: 1.0) for name in ("error", "again")]
    x = Value(0.5, "x")
    with caplog.at_level(logging.WARNING, logger="engine.compile"):
        for _ in range(2):
            for op in ops:
                for target in [*SOURCES, *(["llvm"] if HAS_LLVM else [])]:
                    compile(op(x) * x, [x], backend="python").source_for(target)
    messages = [record.getMessage().partition(": ")[0] for record in caplog.records]
    own = ["numpy", "llvm"] if HAS_LLVM else ["numpy"]
    assert messages == [
        f"the target {target!r} does not implement the operation {op.name!r}" for op in ops for target in own
    ]
