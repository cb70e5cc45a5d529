"""The backend "jax" against the engine, on eight devices, which `tests/conftest.py` has JAX simulate on the CPU."""

import math
import pickle
import random
import re
import sys
from collections.abc import Iterator
from fractions import Fraction
from itertools import chain
from typing import Any

import pytest

from engine import TABLE, Op, Program, Value, compile, dot, erf, grad, primitive, softmax
from engine._support.typed_commands import install_command
from engine.compiler.targets import jax as target
from engine.compiler.targets.jax.execution import MAX_SIZES
from nn import MLP, cross_entropy, half_squared_error
from tests import by_night, thorough_unless
from tests.conftest import xla_flags
from tests.engine.compiler.agreement import Expected, assert_agrees, assert_near, spread
from tests.engine.compiler.arrays.layered_graphs import GRAPHS
from tests.engine.compiler.generated_modules import load_function
from tests.engine.recipes import ordinary

jax = pytest.importorskip("jax")
np = pytest.importorskip("numpy")
N_DEVICES = jax.local_device_count()


@pytest.fixture
def own_table() -> Iterator[None]:
    before = dict(TABLE)
    yield
    for name in set(TABLE) - set(before):
        target.JAX.functions.pop(TABLE.pop(name), None)


@pytest.fixture
def in_32_bits() -> Iterator[None]:
    """JAX as it is by default, whatever other tests have set."""
    before = jax.config.jax_enable_x64
    jax.config.update("jax_enable_x64", False)
    yield
    jax.config.update("jax_enable_x64", before)


def test_there_are_devices_to_share_rows_among() -> None:
    assert N_DEVICES == 8


def test_every_operation_of_the_table() -> None:
    """The derivatives of Σ w_i z_i, with w_i = 1, are the values z_i and the derivatives of these."""
    points = [ordinary(op) or [0.75, 1.25] for op in TABLE.values()]
    leaves = [[Value(number) for number in point] for point in points]
    z = [op(*inputs) for op, inputs in zip(TABLE.values(), leaves, strict=True)]
    weights = [Value(1.0) for _ in z]
    output, wrt = dot(weights, z), [*weights, *chain(*leaves)]
    program = compile(output, wrt=wrt, backend="jax", devices=1)
    _, derivatives = program.value_and_grad()
    assert_near(derivatives[: len(z)], [node.data for node in z], 1e-14)
    assert_near(derivatives[len(z) :], grad(output, wrt)[len(z) :], 1e-13)


def test_every_kind_of_derivative() -> None:
    def function(t: Value, y: Any) -> Any:
        return (y[0] * t).sin() * y[1] ** 2 + y[1].relu() / (t + 3.0)

    ours, theirs = (
        compile(function, at=[0.5, [0.5, 0.25]], backend=name, devices=n) for name, n in (("python", None), ("jax", 1))
    )
    rows, v = np.array(spread(3, 3)), [1.0, -2.0, 0.5]
    for x in (rows[0], rows):
        for name in ("__call__", "grad", "jacobian", "hessian"):
            found, expected = (getattr(program, name)(x) for program in (theirs, ours))
            assert np.allclose(found, expected, rtol=1e-13, atol=1e-14)
            assert np.shape(found) == np.shape(expected)
        for name in ("jvp", "hvp"):
            assert np.allclose(getattr(theirs, name)(x, v), getattr(ours, name)(x, v), rtol=1e-13, atol=1e-14)
        assert np.allclose(theirs.vjp(x, 2.0), ours.vjp(x, 2.0), rtol=1e-13, atol=1e-14)


def network(sizes: list[int], loss: Any, **options: Any) -> tuple[Program, Value, list[Value], list[Value]]:
    """The loss of one sample of a network, compiled."""
    model = MLP(sizes[0], sizes[1:], activation="tanh", rng=random.Random(0))
    leaves = [Value(0.5, f"x_{i}") for i in range(sizes[0])], [Value(0.25, f"y_{i}") for i in range(sizes[-1])]
    output = loss(model(leaves[0]), leaves[1])
    inputs, parameters = [*chain(*leaves)], list(model.parameters())
    return compile(output, inputs, parameters, backend="jax", **options), output, inputs, parameters


@thorough_unless(lambda loss: loss is half_squared_error)
@pytest.mark.parametrize(("sizes", "loss"), [([1, 1], half_squared_error), ([2, 3, 2], cross_entropy)])
def test_gradients_of_networks_are_the_engine_s(sizes: list[int], loss: Any) -> None:
    program, output, inputs, parameters = network(sizes, loss)
    assert_agrees(program, output, inputs, parameters, spread(N_DEVICES + 3, len(inputs), 0.0, 1.0), threads=[1])


def test_rows_need_not_divide_by_the_devices() -> None:
    x, w = Value(0.5), Value(2.0)
    program = compile((w * x) ** 2, [x], [w], backend="jax")
    for n in (0, 1, 2, 7, 8, 9, 15, 16, 17):
        rows = [[i + 1.0] for i in range(n)]
        squares = [4.0 * row[0] ** 2 for row in rows]
        assert program.sum_over(rows)[0] == sum(squares)
        assert list(program.gradient) == [sum(squares)]
        assert program.each(rows) == squares


def test_copies_of_rows_are_left_out_whatever_they_give() -> None:
    """The root of the first row, of which copies are made, is flat or not defined; 0 times these would be NaN."""
    x, w = Value(0.5), Value(1.0)
    program = compile((w * x).sqrt(), [x], [w], backend="jax")
    for first, total, slope in ((0.0, 5.0, math.nan), (4.0, 7.0, 3.5)):
        found, derivatives = program.sum_over([[first], [9.0], [4.0]])
        assert_near([found, *derivatives], [total, slope], 1e-14)
    program = compile(x.sqrt() * w, [x], [x, w], backend="jax")
    found, derivatives = program.sum_over([[0.0], [9.0], [4.0]])
    assert_near([found, *derivatives], [5.0, math.inf, 5.0], 1e-14)


def test_precision_is_the_program_s_and_not_the_user_s(in_32_bits: None) -> None:
    third = jax.numpy.array(1.0) / 3
    assert third.dtype == "float32"
    double, single = (compile(lambda x: x / 3.0, n_inputs=1, backend="jax", dtype=x) for x in (None, np.float32))
    assert double(1.0) == 1.0 / 3.0 != single(1.0) == float(third)
    assert (single(1e300), single.value_and_grad(1e300)[0]) == (math.inf, math.inf)  # and no warning
    assert (jax.numpy.array(1.0) / 3).dtype == "float32"
    jax.config.update("jax_enable_x64", True)
    assert (double(2.0), single(2.0)) == (2.0 / 3.0, float(np.float32(2.0) / np.float32(3.0)))
    assert jax.numpy.array(1.0).dtype == "float64"


def test_float32_has_a_largest_number_of_its_own() -> None:
    """The cross entropy multiplies by 0 what is at most the largest float, which in fewer bits is infinite."""
    program, output, inputs, parameters = network([1, 2], cross_entropy, dtype="float32")
    rows = [[1000.0, 1.0, 0.0], [-1.0, 0.0, 1.0]]
    expected = compile(output, inputs, parameters, backend="python").sum_over(rows)
    total, derivatives = program.sum_over(rows)
    assert_near([total, *derivatives], [expected[0], *expected[1]], 1e-3)


@pytest.mark.usefixtures("own_table")
def test_few_sizes_are_compiled_however_many_are_met(monkeypatch: pytest.MonkeyPatch) -> None:
    """JAX calls a Python function when it compiles, and only then."""
    shapes = []

    def double(x: Any) -> Any:
        shapes.append(np.shape(x))
        return 2.0 * x

    monkeypatch.setattr(sys.modules[__name__], "double", double, raising=False)
    op = primitive("double", "double", lambda x: 2.0 * x, lambda z, x: 2.0)
    target.JAX.functions[op] = f"{__name__}.double"
    x, w = Value(0.5), Value(3.0)
    program = compile(op(x) * w, [x], [w], backend="jax", devices=1)
    for n in range(1, 40):
        rows = [[float(i)] for i in range(n)]
        assert program.sum_over(rows)[0] == 3.0 * n * (n - 1)
        assert program.each(rows) == [6.0 * i for i in range(n)]
    assert len(shapes) <= 2 * (MAX_SIZES + 6)


@pytest.mark.usefixtures("own_table")
def test_a_primitive_that_jax_does_not_have_is_an_error() -> None:
    op: Op = primitive("twice", "twice", lambda x: 2.0 * x, lambda z, x: 2.0)
    with pytest.raises(ValueError, match="the target 'jax' does not implement the operation 'twice'"):
        compile(op(Value(0.5, "x")), backend="jax")


@pytest.mark.parametrize(
    ("devices", "error", "text"),
    [
        ("gpu", ValueError, "devices='gpu', but JAX has 8 devices here, of the platform 'cpu'"),
        (9, ValueError, "devices=9, but JAX has 8 devices here, .*; XLA_FLAGS=.*device_count=9 simulates so many"),
        (0, ValueError, "devices must be at least 1, not 0"),
        (1.5, TypeError, 'devices must be a number of devices, a platform, such as "gpu", one of .*, not 1.5'),
        ([], TypeError, "devices must be a number of devices"),
        ("", TypeError, "devices must be a number of devices"),
        (True, TypeError, "devices must be a number of devices"),
        ([jax.local_devices()[1]] * 2, ValueError, "has a device twice"),
    ],
)
def test_absent_devices_are_named(devices: Any, error: type[Exception], text: str) -> None:
    with pytest.raises(error, match=text):
        compile(lambda x: x, n_inputs=1, backend="jax", devices=devices)


def test_a_pickle_has_the_devices() -> None:
    program = compile(lambda x: x * 2.0, n_inputs=1, backend="jax", devices=jax.local_devices()[3:5])
    again = pickle.loads(pickle.dumps(program))
    assert again._options["devices"] == jax.local_devices()[3:5]
    assert again(3.0) == 6.0


def test_devices_are_chosen() -> None:
    for devices in (None, 2, "cpu", jax.local_devices()[3:6], jax.local_devices()[4]):
        program = compile(lambda x: x * 2.0, n_inputs=1, backend="jax", devices=devices)
        assert program.each([[1.0], [2.0], [3.0]]) == [2.0, 4.0, 6.0]


def test_imports_are_in_order() -> None:
    x = Value(0.5, "x")
    source = compile(erf(x), [x], backend="python").source_for("jax")
    imports = [line for line in source.splitlines() if line.startswith("import ")]
    assert imports == ["import jax", "import jax.numpy as jnp", "import jax.scipy.special", "import numpy as np"]


def test_what_jax_traces_is_refused() -> None:
    program = compile(lambda x, y: x * y.sin(), n_inputs=2, backend="jax")
    ways: list[tuple[Any, str]] = [
        (lambda x: program(x, x), r"x is JitTracer"),
        (lambda x: program.hessian([x, x]), r"x\[0\] is JitTracer"),
        (lambda x: program.sum_over(jax.numpy.ones((3, 2)) * x), "rows is JitTracer"),
        (lambda x: program.each([[x, x]]), r"rows\[0\]\[0\] is JitTracer"),
    ]
    for function, place in ways:
        with pytest.raises(TypeError, match=place + r'.*: in jax.jit, .*call the function of the source_for\("jax"\)'):
            jax.jit(function)(1.0)
    with pytest.raises(TypeError, match="is GradTracer"):
        jax.grad(lambda x: program(x, 0.5))(1.0)
    assert jax.jit(lambda x: x * program(2.0, 0.5))(1.0) == pytest.approx(program(2.0, 0.5))


def test_the_module_refuses_what_are_not_its_numbers() -> None:
    """JAX would clamp an index that is too large, and read text, masked and complex numbers as others."""
    x, w = [Value(0.5), Value(0.25)], Value(2.0)
    run = load_function(compile(dot(x, x) * w, x, [w], backend="python").source_for("jax"))
    for rows in (
        [["1", "2"]],
        [[1j, 1.0]],
        [[None, 1.0]],
        np.ma.masked_equal([[1.0, 2.0]], 1.0),
        jax.numpy.ones(2) + 1j,
    ):
        with pytest.raises(TypeError, match="real numbers are needed, none of them masked, not"):
            run(rows, [2.0])
    for rows in ([1.0, 2.0], [[1.0]], [[1.0, 2.0, 3.0]], 1.0, [[[1.0, 2.0]]]):
        for function in (run, jax.jit(run)):
            with pytest.raises(ValueError, match=r"2 numbers in each row are needed, not the shape \("):
                function(rows, [2.0])
    for numbers in ([], [2.0, 3.0], [[2.0]]):
        with pytest.raises(ValueError, match=r"1 numbers are needed, not the shape \("):
            run([[1.0, 2.0]], numbers)


def test_the_module_reads_what_jax_traces_in_arrays_and_lists() -> None:
    x, w = [Value(0.5), Value(0.25)], Value(2.0)
    run = load_function(compile(dot(x, x) * w, x, [w], backend="python").source_for("jax"))
    for rows in ([[1, 2]], [[True, Fraction(2)]], jax.numpy.array([[1.0, 2.0]], "bfloat16")):
        assert run(rows, [3.0])[0] == 15.0
    slope = jax.jit(jax.grad(lambda u, w: run([[u, 2.0]], [w])[0], argnums=(0, 1)))
    assert slope(1.0, 3.0) == (6.0, 5.0)
    each = jax.vmap(lambda row, numbers: run(row[None], numbers)[0], (0, None))
    assert each(np.array([[1.0, 2.0], [0.0, 1.0]]), np.array([3.0])).tolist() == [15.0, 3.0]


def test_options_of_other_backends_are_refused() -> None:
    with pytest.raises(ValueError, match="'python' does not take dtype='float32'; choose backend='jax' or 'numpy'"):
        compile(lambda x: x, n_inputs=1, backend="python", dtype="float32")
    with pytest.raises(ValueError, match="backend='auto' does not take devices=1; choose backend='jax'"):
        compile(lambda x: x, n_inputs=1, devices=1)
    with pytest.raises(ValueError, match="unknown dtype 'int'; choose from float64, float32"):
        compile(lambda x: x, n_inputs=1, backend="jax", dtype="int")


def test_jax_that_is_not_installed_is_named_with_its_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(target, "find_spec", lambda _: None)
    with pytest.raises(ValueError, match=re.escape(f"the backend 'jax' needs jax: {install_command('jax')}")):
        compile(lambda x: x, n_inputs=1, backend="jax")


def test_programs_are_pickled_with_their_options() -> None:
    program = compile(lambda x: x / 3.0, n_inputs=1, backend="jax", dtype="float32", devices=2)
    assert pickle.loads(pickle.dumps(program))(1.0) == program(1.0) != 1.0 / 3.0


def test_derivatives_with_respect_to_inputs_and_parameters() -> None:
    x, w = Value(0.5, "x"), Value(2.0, "w")
    y = (w * x).sin()
    program = compile(y, [x], [x, w], backend="jax")
    value, derivatives = program.value_and_grad(0.5)
    assert_near([value, *derivatives], [y.data, *grad(y, [x, w])], 1e-15)
    program.parameters[0] = 3.0
    assert_near([program(0.5)], [math.sin(1.5)], 1e-15)


SHARED_WEIGHTS = ["tied weights", "recurrent", "convolution", "attention"]


@thorough_unless(lambda name: name in ("tied weights", "attention"))
@pytest.mark.parametrize("name", by_night(SHARED_WEIGHTS, list(GRAPHS)))
def test_graphs_of_many_kinds_have_the_engine_s_gradients(name: str) -> None:
    output, inputs, parameters = GRAPHS[name]()
    program = compile(output, inputs, parameters, backend="jax", devices=1)
    rows = spread(3, len(inputs))
    Expected(output, inputs, parameters, rows).assert_sums(*program.sum_over(rows))


def test_softmax_is_a_number_in_float32() -> None:
    """Its unit for numbers below 1 is a power of two that float32 has."""
    program = compile(lambda x: softmax(list(x))[0], at=[[0.25, 0.5, -0.125]], backend="jax", dtype="float32")
    precise = compile(lambda x: softmax(list(x))[0], at=[[0.25, 0.5, -0.125]], backend="python")
    for x in ([0.25, 0.5, -0.125], [1e-30, 0.0, -1e-30], [2.5, 1e15, -3.0]):
        (value, slopes), (expected, derivatives) = program.value_and_grad(x), precise.value_and_grad(x)
        assert_near([value, *slopes], [expected, *derivatives], 1e-6)


@pytest.mark.parametrize("markers", ["thorough and not slow", "not slow", "slow or not slow", ""])
def test_with_thorough_tests_xla_optimizes_as_for_users(markers: str) -> None:
    assert "optimization" not in xla_flags(markers)
    assert "fusion" not in xla_flags(markers)
