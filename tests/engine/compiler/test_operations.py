"""Every operation of the table at special floats, and user-declared operations."""

import math
from collections.abc import Iterator
from typing import Any

import pytest

from engine import TABLE, DomainError, Op, Value, compile, dot, exp, operation, primitive, sigmoid
from tests import thorough_unless
from tests.engine.compiler.agreement import PRECISION, assert_agrees, spread
from tests.engine.compiler.backends import LLVM, both_backends, needs_llvm
from tests.engine.compiler.generated_modules import load_function
from tests.engine.float_bits import bits
from tests.engine.operations import known, ordinary_point, special_points


def ieee(op: Op, numbers: tuple[float, ...]) -> float:
    """The value in machine code: the engine's, or where the engine raises an error, infinity or NaN."""
    try:
        return op.evaluate(numbers)
    except DomainError:
        return known(op).ieee(*numbers)


def overflows(numbers: tuple[float, ...]) -> bool:
    """Whether a product of a dot overflows; with fused multiply-add, the sum may be finite even so."""
    n = len(numbers) // 2
    pairs = zip(numbers[:n], numbers[n : 2 * n], strict=True)
    return any(math.isfinite(x) and math.isfinite(y) and math.isinf(x * y) for x, y in pairs)


def at_special_floats(op: Op, backend: str) -> Iterator[tuple[tuple[float, ...], float, float]]:
    """Special operands, the value of a program there, and the one that is wanted, which are nearly equal."""
    points = [numbers for numbers in special_points(op) if op.name != "dot" or not overflows(numbers)]
    by_arity: dict[int, list[tuple[float, ...]]] = {}
    for point in points:
        by_arity.setdefault(len(point), []).append(point)
    for rows in by_arity.values():
        leaves = [Value(x) for x in ordinary_point(op, len(rows[0]))]
        program = compile(op(*leaves), leaves, backend=backend)
        for row, found in zip(rows, program.each(rows), strict=True):
            wanted = ieee(op, row)
            same = found == wanted or (math.isnan(found) and math.isnan(wanted))
            assert same or abs(found - wanted) <= PRECISION * max(abs(wanted), *map(abs, row)), (row, found, wanted)
            yield row, found, wanted


@thorough_unless(lambda op: op.is_primitive)
@needs_llvm
@pytest.mark.parametrize("op", TABLE.values(), ids=TABLE)
def test_machine_code_at_special_floats(op: Op) -> None:
    for row, found, wanted in at_special_floats(op, "llvm"):
        if wanted == 0.0 and op.name != "dot":
            assert bits(found) == bits(wanted), (row, found, wanted)


def test_numpy_at_special_floats() -> None:
    pytest.importorskip("numpy")
    for op in TABLE.values():
        for row, found, wanted in at_special_floats(op, "numpy"):
            if op.name == "power":
                assert math.copysign(1.0, found) == math.copysign(1.0, wanted) or math.isnan(found), row


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_constant_exponents_of_numpy_at_special_floats(dtype: str) -> None:
    pytest.importorskip("numpy")
    x, numbers, exponents = Value(1.0), [-math.inf, -0.0, 0.0, math.inf, -1.0, 4.0], [0.5, -0.5, 2.0, -1.0, 0.0]
    program = compile([x**exponent for exponent in exponents], [x], backend="numpy", dtype=dtype)
    for number, found in zip(numbers, program.each([[number] for number in numbers]), strict=True):
        wanted = [ieee(TABLE["power"], (number, exponent)) for exponent in exponents]
        assert list(map(repr, found)) == list(map(repr, wanted))


@pytest.mark.parametrize("op", TABLE.values(), ids=TABLE)
def test_python_at_special_floats(op: Op) -> None:
    programs = {}
    for numbers in special_points(op):
        if len(numbers) not in programs:
            leaves = [Value(x) for x in ordinary_point(op, len(numbers))]
            programs[len(numbers)] = compile(op(*leaves), leaves, backend="python")
        program = programs[len(numbers)]
        try:
            wanted = op(*numbers)
        except DomainError:
            with pytest.raises(DomainError, match=op.name):
                program(*numbers)
        else:
            assert bits(program(*numbers)) == bits(wanted), numbers


@pytest.fixture
def own() -> Iterator[None]:
    """User-declared operations, for one test."""
    before = dict(TABLE)
    operation("swish", "swish", lambda x: x * sigmoid(x), lambda z, x: z + sigmoid(x) * (1.0 - z))
    operation("blend", "blend", blend, lambda z, x, y: y + 2.0, lambda z, x, y: x + 0.5)
    operation("swoosh", "swoosh", lambda x: TABLE["swish"](x) + 1.0, lambda z, x: exp(x) * 0.0 + TABLE["swish"](x) / x)
    primitive("error", "error", math.erf, lambda z, x: 2.0 / math.sqrt(math.pi) * exp(-x * x))
    primitive("lift", "lift", lift, lambda z, x, y: abs(y), lambda z, x, y: x * y / abs(y))
    primitive("picky", "picky", picky, lambda z, x: 1.0)
    yield
    TABLE.clear()
    TABLE.update(before)


def blend(x: Any, y: Any) -> Any:
    return dot([x, 2.0, y], [y, x, 0.5])


def picky(x: float) -> float:
    """A Python function that raises three types of errors."""
    if x < 0.0:
        raise ValueError("too small")
    if x > 10.0:
        raise OverflowError("too large")
    if x == 5.0:
        raise KeyError("five")
    return x


def own_graph() -> tuple[Value, list[Value], list[Value]]:
    x, y, w = Value(0.5, "x"), Value(1.5, "y"), Value(0.75, "w")
    table = TABLE
    output = table["swish"](x * w) + table["error"](y) * table["lift"](x, y) + table["blend"](w, table["error"](x + y))
    return output + table["swoosh"](w), [x, y], [w, x, y]


@both_backends
@pytest.mark.usefixtures("own")
def test_user_declared_operations(backend: str) -> None:
    output, inputs, wrt = own_graph()
    program = compile(output, inputs, wrt, backend=backend)
    assert_agrees(program, output, inputs, wrt, spread(19, 2, 0.25, 2.0))


@pytest.mark.usefixtures("own")
def test_source_of_own_operations_runs_by_itself() -> None:
    output, inputs, wrt = own_graph()
    program = compile(output, inputs, wrt, backend="python")
    space: dict[str, object] = {}
    exec(program.source, space)
    run = space["value_and_grad"]
    assert callable(run)
    assert run(0.5, 1.5, [0.75]) == program.value_and_grad(0.5, 1.5)


def lift(x: Any, y: Any) -> Any:
    return x * abs(y)


@pytest.mark.usefixtures("own")
@pytest.mark.parametrize("target", ["numpy", "jax"])
def test_array_source_of_own_operations_runs_by_itself(target: str) -> None:
    """JAX needs functions for the primitives, which it can trace."""
    pytest.importorskip(target)
    if target == "jax":
        functions = {TABLE["error"]: "jax.scipy.special.erf", TABLE["lift"]: f"{__name__}.lift"}
        pytest.importorskip("engine.compiler.targets.jax").JAX.functions.update(functions)
    output, inputs, wrt = own_graph()
    program = compile(output, inputs, wrt, backend="python")
    rows = spread(19, 2, 0.25, 2.0)
    run = load_function(program.source_for(target))
    precise = 1e-13 if target == "numpy" else 1e-6  # JAX's default is float32
    value, gradient = run(rows, [0.75])
    total, derivatives = program.sum_over(rows)
    assert [value, *gradient] == pytest.approx([total, *derivatives], rel=precise, abs=precise)
    if target == "numpy":
        assert_agrees(compile(output, inputs, wrt, backend=target), output, inputs, wrt, rows, threads=[1])


@pytest.mark.parametrize("backend", [LLVM])
@pytest.mark.usefixtures("own")
def test_an_error_of_a_python_function_is_nan_in_llvm(backend: str) -> None:
    x = Value(1.0, "x")
    program = compile(TABLE["picky"](x) * 2, [x], backend=backend)
    rows = [[1.0], [-1.0], [11.0], [5.0], [2.0]] * 5
    found = program.each(rows)
    assert found[0] == 2.0
    assert found[4] == 4.0
    assert all(map(math.isnan, found[1:4]))
    assert found[:5] == pytest.approx(found[20:], nan_ok=True)
    with pytest.raises(DomainError, match=r"row 1: picky\(x = -1.0\)"):
        program.check(rows)


@pytest.mark.usefixtures("own")
def test_an_error_of_a_python_function_names_the_node() -> None:
    x = Value(1.0, "x")
    program = compile(TABLE["picky"](x) * 2, [x], backend="python")
    with pytest.raises(DomainError, match=r"picky\(x = -1.0\) is not finite"):
        program(-1.0)
    with pytest.raises(KeyError, match="five"):
        program(5.0)  # not an arithmetic error
