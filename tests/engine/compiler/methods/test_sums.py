"""Sums of a program over rows of its last arguments."""

import pickle
from typing import Any

import numpy as np
import pytest

from engine import Program, Value, compile, exp, softplus
from tests.engine.compiler.backends import both_backends

W = np.array([0.5, -0.25])
X = np.random.default_rng(0).normal(size=(7, 2))
Y = np.random.default_rng(1).normal(size=7)
V = np.array([1.0, 3.0])


def loss(w: Any, x: Any, y: Any) -> Any:
    a = w @ x
    return softplus(a) - y * a + exp(-y * a)


def make(backend: str = "python", wrt: Any = "w") -> Program:
    return compile(loss, at=[W, X[0], Y[0]], wrt=wrt, backend=backend)


@both_backends
def test_sums_are_those_of_the_rows(backend: str) -> None:
    program = make(backend)
    total = program.summed(X, Y)
    value, gradient = total.value_and_grad(W)
    assert type(value) is type(total(W)) is float
    assert value == pytest.approx(total(W), rel=1e-14)
    assert total(W) == pytest.approx(program(W, X, Y).sum(), rel=1e-14)
    assert gradient == pytest.approx(program.grad(W, X, Y).sum(axis=0), rel=1e-14)
    assert total.grad(W, threads=2) == pytest.approx(gradient, rel=1e-14)
    assert total.hessian(W) == pytest.approx(program.hessian(W, X, Y).sum(axis=0), rel=1e-14)
    assert total.hvp(W, V) == pytest.approx(total.hessian(W) @ V, rel=1e-14)


@both_backends
def test_sums_over_lists_are_lists(backend: str) -> None:
    total = make(backend).summed(X.tolist(), Y.tolist())
    expected = make(backend).summed(X, Y)
    assert total.grad(W.tolist()) == pytest.approx(expected.grad(W).tolist(), rel=1e-14)
    hessian = total.hessian(W.tolist())
    assert type(hessian) is list
    assert np.array(hessian) == pytest.approx(expected.hessian(W), rel=1e-14)


@both_backends
@pytest.mark.parametrize("kind", [np.float64, np.float32, np.int64, list])
def test_rows_are_copied_once(kind: Any, backend: str) -> None:
    x, y = (given.tolist() if kind is list else given.astype(kind) for given in (8.0 * X, 8.0 * Y))
    total = make(backend).summed(x, y)
    before = total(W), total.grad(W).tolist(), total.hessian(W).tolist()
    x[:], y[:] = x[::-1], y[::-1]
    x[0][0] = 100
    assert before == (total(W), total.grad(W).tolist(), total.hessian(W).tolist())


def test_sums_have_threads_of_their_own() -> None:
    program = make("llvm")
    seen: list[int] = []
    total = program.summed(X, Y, threads=2)
    add_rows = total._add_rows

    def count(batch: Any, threads: int) -> Any:
        seen.append(threads)
        return add_rows(batch, threads)

    total._add_rows = count
    total.value_and_grad(W), total.grad(W, threads=3), total.grad(W, threads=1)
    assert seen == [2, 3, 1]
    for use in (lambda: program.summed(X, Y, threads=0), lambda: total.grad(W, threads=0), lambda: total(W, threads=0)):
        with pytest.raises(ValueError, match="threads must be an integer of 1 or more, not 0"):
            use()


def test_sums_can_be_pickled() -> None:
    total = make("python").summed(X, Y)
    assert pickle.loads(pickle.dumps(total)).value_and_grad(W)[0] == total.value_and_grad(W)[0]


def test_the_gradient_of_sum_over_is_left_alone() -> None:
    program = compile(lambda w, x: w * x, n_inputs=2, wrt=0, backend="python")
    _, slopes = program.sum_over([[1.0, 2.0]])
    program.summed([5.0, 6.0]).grad(1.0)
    assert list(slopes) == [2.0]


@both_backends
def test_a_single_column_of_numbers_is_summed(backend: str) -> None:
    program = compile(lambda q, x: (q[0] - x) ** 2 + q[1] ** 2, at=[[0.0, 0.0], 1.0], wrt="q", backend=backend)
    for column in (Y, Y.tolist()):
        total = program.summed(column)
        assert total(W) == pytest.approx(program(W, Y).sum(), rel=1e-14)
        assert total.grad(W) == pytest.approx(program.grad(W, Y).sum(axis=0), rel=1e-14)
        assert total.hvp(W, V) == pytest.approx(total.hessian(W) @ V, rel=1e-14)
    with pytest.raises(ValueError, match=r"x must be a number, or \(rows,\) .* 7 rows is .*ravel\(\)$"):
        program.summed(Y.reshape(-1, 1))


@both_backends
def test_a_sum_of_one_number_takes_an_array_of_one(backend: str) -> None:
    optimize = pytest.importorskip("scipy.optimize")
    total = compile(lambda w, x, y: (w * x - y) ** 2, at=[1.0] * 3, wrt=0, backend=backend).summed(Y, 2.0 * Y + 1.0)
    for w in ([2.0], np.array([2.0])):
        assert total(w) == total(2.0) == pytest.approx(len(Y))
        assert total.grad(w) == pytest.approx(total.grad(2.0))
        assert total.hvp(w, [3.0]) == pytest.approx(3.0 * total.hessian(2.0)[0])
    slope = (Y @ (2.0 * Y + 1.0)) / (Y @ Y)
    assert optimize.minimize(total.value_and_grad, 0.0, jac=True).x == pytest.approx([slope])


@both_backends
def test_a_sum_takes_all_other_numbers_at_once(backend: str) -> None:
    total = make(backend).summed(Y)
    for numbers in (np.append(W, X[0]), [*W, *X[0]]):
        assert total(numbers) == total(*numbers) == total(W, X[0])
        assert list(total.grad(numbers)) == total.grad(W, X[0]).tolist()
        assert list(total.hvp(numbers, V)) == total.hvp(W, X[0], V).tolist()


def test_a_sum_is_minimized() -> None:
    optimize = pytest.importorskip("scipy.optimize")
    total = make().summed(X, Y)
    for method, more in {"BFGS": {}, "trust-exact": {"hess": total.hessian}, "trust-ncg": {"hessp": total.hvp}}.items():
        found = optimize.minimize(total.value_and_grad, np.zeros(2), jac=True, method=method, **more)
        assert found.success
        assert total.grad(found.x) == pytest.approx([0.0, 0.0], abs=1e-4)


@pytest.mark.parametrize(
    ("use", "message"),
    [
        (lambda: make().summed(), "has 3 arguments: summed takes rows of its last ones, and not of all, but 0 were"),
        (lambda: make().summed(W, X, Y), "summed takes rows of its last ones, and not of all, but 3 were given"),
        (lambda: make().summed(X[0], Y[0]), r"^<sums of <program .*>> needs batches of rows; of a single row x, this"),
        (lambda: make().summed(X[:0], Y[:0]), r"^<sums of .*> needs one row or more, but there are not any"),
        (lambda: make().summed(X, Y[:2]), "the arguments have different numbers of rows: 2, 7"),
        (lambda: make(wrt=None).summed(X, Y), "would have derivatives by the rows, too"),
        (lambda: make(wrt=[0, 2]).summed(X, Y), "would have derivatives by the rows, too: compile with wrt=0"),
        (lambda: make().summed(X, Y).grad(np.ones((7, 2))), "is called at one point, not with a batch"),
        (lambda: make().summed(X, Y)(np.ones(3)), r"w must be an array of the shape \(2,\)"),
        (lambda: make().summed(X), r"^<sums of .*>: y must be a number, or \(rows,\) for a batch, not an"),
        (lambda: compile(lambda w, x: [w, x], n_inputs=2, wrt=0).summed([1.0]), "several outputs, .* not have a grad"),
    ],
)
def test_other_sums_are_refused(use: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        use()


def test_batches_of_arguments_are_not_rows_of_all_inputs() -> None:
    program = make()
    for rows in ((W, X, Y), ([0.5, -0.25, 1.0], X.tolist())):
        with pytest.raises(
            (TypeError, ValueError), match=r"^row.*; sums over batches of arguments are summed\(x, y\)$"
        ):
            program.sum_over(rows)


def test_a_program_in_a_function_says_to_compile_the_whole() -> None:
    program = make()
    for given in ([Value(0.5)] * 2, np.array([Value(0.5)] * 2)):
        with pytest.raises(TypeError, match="its graph ends where numbers are taken: compile the whole"):
            program(given, X[0], Y[0])
    with pytest.raises(TypeError, match="its graph ends where numbers are taken: compile the whole"):
        compile(lambda w: program(w, X[0], Y[0]) + 1.0, at=[W])
