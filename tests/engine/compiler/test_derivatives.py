"""Jacobians, Hessians, their products with vectors, and gradients of each row, on both backends."""

import math
import re
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings

from engine import (
    DomainError,
    Program,
    Value,
    absolute,
    compile,
    dot,
    exp,
    forward,
    grad,
    greater,
    log,
    sin,
    toposort,
    where,
)
from tests import share
from tests.engine.compiler.agreement import PRECISION, assert_near, largest_magnitude, spread
from tests.engine.compiler.backends import RUNNERS, both_backends, needs_llvm
from tests.engine.recipes import ORDINARY, RECIPES, Recipe, each_operation_first, follow

ROWS = [[0.75, 1.25], [0.5, 0.7], [1.5, 0.3]]
MAX_NUMBER = 1e4


def leaves() -> list[Value]:
    return [Value(number, name) for number, name in zip(ORDINARY, ("x", "y", "w", "v", "u"), strict=True)]


def move(outputs: Sequence[Value], inputs: Sequence[Value], row: Sequence[float]) -> None:
    """Recompute the outputs at other numbers of the inputs."""
    for x, number in zip(inputs, row, strict=True):
        x.data = number
    forward(*outputs)


def rows_of(matrix: Any) -> list[float]:
    """The entries of a matrix in one list."""
    return [entry for row in matrix for entry in row]


def test_a_gradient_has_the_bits_of_the_engine() -> None:
    """Both add the contributions of paths in the order of their arrival, where rounding depends on the order."""
    x = [Value(0.1 + 0.37 * i, f"x_{i}") for i in range(6)]
    sines = [u.sin() for u in x]
    terms = [s * v - v / s + u for u, s in zip(x, sines, strict=True) for v in x if v is not u]
    output = sum(terms[1:], terms[0]) * dot(sines, [u.cos() for u in x])
    assert compile(output, x, backend="python").grad([u.data for u in x]) == grad(output, x)


@pytest.mark.thorough
@pytest.mark.parametrize("every_backend", [False, True])
@settings(max_examples=share(0.3))
@given(RECIPES)
@each_operation_first()
def test_random_jacobians_are_the_gradients_of_each_output(every_backend: bool, recipe: Recipe) -> None:
    x, y, w, v, u = nodes = leaves()
    output, _ = follow(recipe, nodes, limit=MAX_NUMBER)
    assume(isinstance(output, Value) and output.inputs)
    outputs, inputs, wrt = [output, output * sin(x) + y, x], [x, y], [w, x, v, y]
    backends = RUNNERS if every_backend else [RUNNERS[len(str(recipe)) % len(RUNNERS)]]  # or one for each recipe
    programs = [compile(outputs, inputs, [*wrt, u], backend=backend) for backend in backends]
    expected, scale = [], 1.0
    try:
        for row in ROWS:
            move(outputs, inputs, row)
            expected.append([grad(z, [*wrt, u]) for z in outputs])
            scale = max([scale, *map(largest_magnitude, outputs)])
    except DomainError:
        assume(False)
    assume(scale < MAX_NUMBER)
    weights, direction = [1.0, -0.5, 2.0], [0.5, 1.0, -1.0, 2.0, 0.25]
    for program in programs:
        bound = 100 * PRECISION * scale
        for row, matrix in zip(program.jacobian(ROWS), expected, strict=True):
            assert_near(rows_of(row), rows_of(matrix), bound)
        assert_near(rows_of(program.jacobian(*ROWS[1])), rows_of(expected[1]), bound)
        assert_near(rows_of(program.jvp(ROWS, direction)), rows_of(np.array(expected) @ direction), bound)
        assert_near(rows_of(program.vjp(ROWS, weights)), rows_of(weights @ np.array(expected)), bound)


def himmelblau(backend: str) -> Program:
    """(x² + y - 11)² + (x + y² - 7)², whose derivatives are known."""
    return compile(lambda x, y: (x**2 + y - 11.0) ** 2 + (x + y**2 - 7.0) ** 2, n_inputs=2, backend=backend)


def gradient_of_himmelblau(x: float, y: float) -> list[float]:
    p, q = x * x + y - 11.0, x + y * y - 7.0
    return [4.0 * x * p + 2.0 * q, 2.0 * p + 4.0 * y * q]


def hessian_of_himmelblau(x: float, y: float) -> list[list[float]]:
    mixed = 4.0 * (x + y)
    return [[12.0 * x * x + 4.0 * y - 42.0, mixed], [mixed, 12.0 * y * y + 4.0 * x - 26.0]]


@both_backends
@pytest.mark.parametrize("threads", [1, 2, 3])
def test_a_batch_has_the_derivatives_of_each_row(backend: str, threads: int) -> None:
    program, rows = himmelblau(backend), spread(23, 2, -4.0, 4.0)
    values, gradients = program.value_and_grad(rows, threads=threads)
    assert_near(values, [program(*row) for row in rows], 1e-12)
    assert_near(rows_of(gradients), rows_of(gradient_of_himmelblau(*row) for row in rows), 1e-11)
    hessians = program.hessian(np.array(rows), threads=threads)
    assert hessians.shape == (23, 2, 2)
    assert np.allclose(hessians, [hessian_of_himmelblau(*row) for row in rows], atol=1e-11)
    assert np.array_equal(program.grad(np.array(rows), threads=threads), gradients)
    assert np.allclose(program.vjp(rows, values), np.array(gradients) * np.array(values)[:, np.newaxis], atol=1e-11)
    vectors = np.array(spread(23, 2))
    products = program.hvp(np.array(rows), vectors, threads=threads)
    assert np.allclose(products, np.einsum("rij,rj->ri", hessians, vectors), atol=1e-11)


@needs_llvm
def test_threads_divide_long_batches() -> None:
    """More rows than one call of machine code processes."""
    program, rows = himmelblau("llvm"), np.array(spread(20_011, 2, -4.0, 4.0))
    for method in (program, program.grad, program.hessian):
        assert np.array_equal(method(rows, threads=3), method(rows))
    assert np.array_equal(program.hessian(rows)[::997], [program.hessian(row) for row in rows[::997]])


@both_backends
def test_parameters_and_inputs_are_in_the_order_of_wrt(backend: str) -> None:
    x, y, w, v, _ = leaves()
    output = exp(w * x) * y + v * w * w
    for wrt in ([w, x, v, y], [y, v], [x], []):
        program = compile(output, [y, x], wrt, backend=backend)
        slopes = grad(output, wrt, create_graph=True)
        expected = [[d.data for d in grad(slope, wrt, create_graph=True)] for slope in slopes]
        assert_near(rows_of(program.hessian(y.data, x.data)), rows_of(expected), 1e-14)
        assert_near(program.jacobian(y.data, x.data)[0], [slope.data for slope in slopes], 1e-14)
        assert program.hessian(np.ones((3, 2))).shape == (3, len(wrt), len(wrt))
        assert program.value_and_grad([[1.0, 2.0]])[1] == [program.grad(1.0, 2.0)]


@both_backends
def test_derivatives_follow_the_parameters(backend: str) -> None:
    x, w = Value(2.0, "x"), Value(3.0, "w")
    program = compile(w * x * x, [x], [w, x], backend=backend)
    assert program.hessian(2.0) == [[0.0, 4.0], [4.0, 6.0]]
    program.parameters[0] = 5.0
    assert program.hessian(2.0) == [[0.0, 4.0], [4.0, 10.0]]
    assert program.hvp(2.0, [1.0, 0.0]) == [0.0, 4.0]


@both_backends
def test_a_branch_that_is_not_taken_has_no_derivatives(backend: str) -> None:
    root = compile(lambda x: where(greater(x, 0.0), x.sqrt(), x * x), at=[4.0], backend=backend)
    assert root.hessian([[4.0], [0.0], [-3.0]]) == [[[-0.03125]], [[2.0]], [[2.0]]]
    assert root.hvp(0.0, 1.0) == [2.0]
    both = compile(lambda x, y: [where(greater(x, 0.0), x.log(), y), x.sqrt() * y], at=[1.0, 1.0], backend=backend)
    assert both.jacobian(1.0, 2.0) == [[1.0, 0.0], [1.0, 1.0]]
    nested = compile(lambda x: where(greater(x, 0.0), where(greater(x, 1.0), log(x - 1.0), x), -x), at=[4.0])
    for program in (nested, compile(lambda x: [nested_again(x), x], at=[4.0], backend=backend)):
        assert [row[0][0] for row in program.jacobian([[3.0], [0.5], [-1.0], [1.0]])] == [0.5, 1.0, -1.0, 1.0]


def nested_again(x: Value) -> Any:
    return where(greater(x, 0.0), where(greater(x, 1.0), log(x - 1.0), x), -x)


@both_backends
def test_a_row_of_the_jacobian_has_the_guards_of_its_output(backend: str) -> None:
    """The branch that one output does not take is taken by the other, where its derivative is infinite."""

    def f(c: Value, x: list[Value]) -> list[Value]:
        root = (x[0] * x[1] * x[2] + x[3]).sqrt()
        return [where(greater(c, 0.0), root, c * x[0]), root]

    program = compile(f, at=[1.0, [1.0] * 4], backend=backend)
    assert program.jacobian(4.0, [0.0, 1.0, 1.0, 1.0]) == [[0.0, 0.5, 0.0, 0.0, 0.5]] * 2
    point = -2.0, [0.0, 1.0, 1.0, 0.0]
    assert program.jvp(-2.0, [1.0, 1.0, 1.0, 0.0], [1.0, 1.0, 0.0, 0.0, 0.0]) == [-1.0, 0.5]
    if backend == "llvm":
        assert program.jacobian(*point)[0] == [0.0, -2.0, 0.0, 0.0, 0.0]
        assert program.vjp(*point, [1.0, 0.0])[1] == pytest.approx(float("nan"), nan_ok=True)
    else:
        with pytest.raises(DomainError, match=r"the derivative of sqrt\(0.0\)"):
            program.jacobian(*point)


@both_backends
def test_kinks_have_the_derivatives_of_the_engine(backend: str) -> None:
    program = compile(lambda x: absolute(x) * x + x.relu(), n_inputs=1, backend=backend)
    for at in (-1.0, 0.0, 2.0):
        x = Value(at)
        [slope] = grad(absolute(x) * x + x.relu(), [x], create_graph=True)
        assert program.grad(at) == [slope.data]
        assert program.hessian(at) == [grad(slope, [x])]


@both_backends
def test_outputs_that_are_leaves_or_constants(backend: str) -> None:
    x, y, w, *_ = leaves()
    program = compile([x, w, Value(7.0), x, 2.0 * y], [x, y], [w, y, x], backend=backend)
    assert program.jacobian(1.0, 2.0) == [[0.0, 0.0, 1.0], [1.0, 0.0, 0.0], [0.0] * 3, [0.0, 0.0, 1.0], [0.0, 2.0, 0.0]]
    assert program.vjp(1.0, 2.0, [1.0, 2.0, 3.0, 4.0, 5.0]) == [2.0, 10.0, 5.0]
    assert program.jvp(1.0, 2.0, [1.0, 2.0, 3.0]) == [3.0, 1.0, 0.0, 3.0, 4.0]
    for output, expected in ((x, [0.0, 1.0]), (w, [1.0, 0.0]), (2.0 * x - w, [-1.0, 2.0])):
        one = compile(output, [x, y], [w, x], backend=backend)
        assert one.jacobian(1.0, 2.0) == [expected]
        assert one.hessian(1.0, 2.0) == [[0.0, 0.0], [0.0, 0.0]]
        assert one.hvp(1.0, 2.0, [1.0, 1.0]) == [0.0, 0.0]


@both_backends
def test_empty_batches_have_shapes(backend: str) -> None:
    program, none = himmelblau(backend), np.zeros((0, 2))
    assert (program(none).shape, program.grad(none).shape, program.hessian(none).shape) == ((0,), (0, 2), (0, 2, 2))
    assert (program.jacobian(none).shape, program.hvp(none, [1.0, 2.0]).shape) == ((0, 1, 2), (0, 2))
    assert (program([]), program.value_and_grad([]), program.hessian([])) == ([], ([], []), [])
    assert program.hessian(none, sparse=True) == []


@both_backends
def test_structures_have_the_entries_that_may_differ_from_0(backend: str) -> None:
    chain = compile(lambda x: dot(x[:-1], x[1:]) + x[2] ** 3, at=[[0.5] * 5], backend=backend)
    assert chain.hessian_structure == ([0, 1, 1, 2, 2, 2, 3, 3, 4], [1, 0, 2, 1, 2, 3, 2, 4, 3])
    point = np.arange(5.0)
    assert chain.hessian(point)[2, 2] == 12.0
    residuals = compile(lambda x: [x[i] * x[i + 1] for i in range(3)], at=[[0.5] * 4], backend=backend)
    assert residuals.jacobian_structure == ([0, 0, 1, 1, 2, 2], [0, 1, 1, 2, 2, 3])


@both_backends
@pytest.mark.parametrize("n", [1, 2])  # entries of a row: a sixth of the matrix, or a third
def test_sparse_matrices_are_the_dense_ones(backend: str, n: int) -> None:
    pytest.importorskip("scipy")
    program = compile(lambda x: [math.prod(x[i : i + n]) for i in range(7 - n)], at=[[0.5] * 6], backend=backend)
    points = np.array(spread(5, 6))
    for sparse, dense in zip(program.jacobian(points, sparse=True), program.jacobian(points), strict=True):
        assert (sparse.format, sparse.shape, sparse.nnz) == ("csr", (7 - n, 6), n * (7 - n))
        assert np.array_equal(sparse.toarray(), dense)
    assert np.array_equal(program.jacobian(points.tolist()), program.jacobian(points))
    one = program.jacobian(points[0], sparse=True)
    assert np.array_equal(one.toarray(), program.jacobian(points[0]))
    assert one.has_canonical_format


@both_backends
def test_results_are_new_each_time(backend: str) -> None:
    program, point = himmelblau(backend), np.array([1.0, 2.0])
    for method in (program.grad, program.hessian, program.jacobian):
        first = method(point)
        kept = first.copy()
        method(point + 1.0)
        assert np.array_equal(first, kept)
        first += 1.0
        assert np.array_equal(method(point), kept)


def test_an_error_of_a_derivative_names_the_node_in_python() -> None:
    program = compile(lambda x: x**1.5 + 1.0, at=[1.0], backend="python")
    assert program.grad(0.0) == [0.0]
    message = r"in a formula of the derivatives, power\(x = 0.0, -0.5\) is not finite"
    for call, arguments in ((program.hessian, [0.0]), (program.hvp, [0.0, 1.0])):
        with pytest.raises(DomainError, match=message):
            call(*arguments)
    with pytest.raises(DomainError, match=f"row 1: {message}"):
        program.hessian([[1.0], [0.0]])
    several = compile(lambda x: [x, x.sqrt()], at=[1.0], backend="python")
    with pytest.raises(DomainError, match=r"^the derivative of sqrt\(x = 0.0\) is not finite"):
        several.jacobian(0.0)


@both_backends
def test_check_goes_to_the_order_that_is_asked_for(backend: str) -> None:
    program = compile(lambda x: x**1.5 + 1.0, at=[1.0], backend=backend)
    program.check([[0.0]])
    program.check([[0.0]], order=0)
    program.check([[1.0]], order=2)
    with pytest.raises(DomainError, match=r"row 0: in a formula of the derivatives, power\(x = 0.0, -0.5\)"):
        program.check([[0.0]], order=2)
    several = compile(lambda x: [x, x.sqrt()], at=[1.0], backend=backend)
    several.check([[0.0]], order=0)
    with pytest.raises(DomainError, match=r"row 1: the derivative of sqrt\(x = 0.0\)"):
        several.check([[1.0], [0.0]])
    with pytest.raises(ValueError, match="order must be 0, 1 or 2"):
        several.check([[1.0]], order=3)
    with pytest.raises(ValueError, match="several outputs"):
        several.check([[1.0]], order=2)


def test_several_outputs_are_answered_by_what_to_call() -> None:
    program = compile(lambda x: [x, x * x], n_inputs=1, backend="python")
    for name in ("value_and_grad", "grad", "hessian", "hvp", "sum_over"):
        with pytest.raises(ValueError, match=r"several outputs, so .* (gradient|Hessian): call jacobian, jvp or vjp"):
            getattr(program, name)([1.0])
    with pytest.raises(ValueError, match=re.escape("or compile a single Value, such as dot(weights, outputs)")):
        _ = program.hessian_structure


def test_a_gauss_newton_jacobian_takes_forward_mode() -> None:
    """20 residuals of 4 parameters through 40 steps: the operations of one tangent sweep, not of 20 reverse ones."""

    def residuals(p: list[Value]) -> list[Value]:
        state, found = p[0], []
        for i in range(40):
            state = state + 0.1 * (p[1] * sin(state) - p[2] * state + p[3])
            found += [state] * (i % 2)
        return found

    program = compile(residuals, at=[[0.5] * 4], backend="python")
    steps = len(set(program._ir.values)) * 2
    formulas = program._evaluation.jacobian.ir.values
    assert len(formulas) == 20 * 4
    assert len(toposort(*formulas)) < 40 * steps


def test_a_linear_operator_gives_a_vector_as_a_column() -> None:
    sparse_linear = pytest.importorskip("scipy.sparse.linalg")
    c, x = np.array([[1.0, 2.0], [3.0, -1.0], [0.5, 4.0]]), np.array([2.0, 3.0])
    program = compile(lambda x: list(c @ (x * x)), at=[x])
    jacobian = program.jacobian(x)
    operator = sparse_linear.LinearOperator(
        (3, 2), matvec=lambda v: program.jvp(x, v), rmatvec=lambda u: program.vjp(x, u), dtype=float
    )
    assert operator @ np.eye(2) == pytest.approx(jacobian)
    assert operator.T @ np.eye(3) == pytest.approx(jacobian.T)
    assert operator @ np.ones((2, 1)) == pytest.approx(jacobian @ np.ones((2, 1)))
    with pytest.raises(ValueError, match=r"v must be an array of the shape \(2,\)"):
        program.jvp(np.ones((2, 2)), np.ones((2, 1)))


def test_a_list_of_one_output_is_said_to_be_one() -> None:
    program = compile(lambda x: [x * x], n_inputs=1, backend="python")
    for name in ("value_and_grad", "grad", "hessian", "hvp", "sum_over", "summed"):
        with pytest.raises(
            ValueError, match=r"returns a list of one, so .*: return the Value itself, or call jacobian"
        ):
            getattr(program, name)([1.0])
    with pytest.raises(ValueError, match=r"returns a list of one, so .*: return the Value itself"):
        _ = program.bind(1.0).gradient
