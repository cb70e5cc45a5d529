"""Arguments of programs, shaped as those of the function or flat, a point or a batch; and the nesting of results."""

import re
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from engine import Value, compile, dot
from engine.compiler import derivatives
from tests.engine.compiler.backends import both_backends

masked_array: Any = np.ma.array  # untyped by the NumPy of Python 3.10
ONE = compile(lambda x: x * x, n_inputs=1, backend="python")
TWO = compile(lambda x, y: [x * y, x + y], n_inputs=2, backend="python")
VECTOR = compile(lambda x: x[0] * x[1] + x[2], at=[[0.5, 1.0, 1.5]], backend="python")
ODE = compile(lambda t, y: [y[1], t * y[0]], at=[0.0, [0.5, 1.0]], wrt=1, backend="python")
MATRIX = compile(lambda a: a[0, 0] * a[1, 1] - a[0, 1] * a[1, 0], at=[np.ones((2, 2))], backend="python")
AT, ROWS = [2.0, 3.0, 4.0], [[2.0, 3.0, 4.0], [1.0, 2.0, 3.0]]


def read_only(given: Any) -> Any:
    made = np.array(given)
    made.flags.writeable = False
    return made


POINTS: dict[str, Any] = {
    "list": AT,
    "tuple of ints": (2, 3, 4),
    "numbers of other kinds": [np.float32(2), Fraction(3), np.array(4)],
    "float64": np.array(AT),
    "float32": np.array(AT, np.float32),
    "integers": np.array([2, 3, 4]),
    "objects": np.array(AT, object),
    "longdouble": np.array(AT, np.longdouble),
    "of swapped bytes": np.array(AT, ">f8"),
    "every second": np.repeat(AT, 2)[::2],
    "backwards": np.array(AT[::-1])[::-1],
    "read-only": read_only(AT),
    "masked without a mask": masked_array(AT),
    "a column of a matrix": np.array([AT, AT]).T[:, 0],
}


@pytest.mark.parametrize("given", POINTS.values(), ids=POINTS)
def test_a_point_may_be_any_list_or_array(given: Any) -> None:
    value, gradient = VECTOR.value_and_grad(given)
    assert (value, type(value), list(gradient)) == (10.0, float, [3.0, 2.0, 1.0])
    assert type(gradient) is (np.ndarray if isinstance(given, np.ndarray) else list)
    assert VECTOR(*given) == VECTOR(given) == 10.0
    assert VECTOR.value_and_grad(*given) == (10.0, [3.0, 2.0, 1.0])


BATCHES: dict[str, Any] = {
    "lists": ROWS,
    "float64": np.array(ROWS),
    "float32": np.array(ROWS, np.float32),
    "columns first": np.asfortranarray(ROWS),
    "every second row": np.repeat(ROWS, 2, axis=0)[::2],
    "read-only": read_only(ROWS),
    "list of arrays": list(np.array(ROWS)),
}


@pytest.mark.parametrize("given", BATCHES.values(), ids=BATCHES)
def test_a_batch_may_be_any_list_or_array_of_rows(given: Any) -> None:
    values, gradients = VECTOR.value_and_grad(given)
    assert (list(values), [list(row) for row in gradients]) == ([10.0, 5.0], [[3.0, 2.0, 1.0], [2.0, 1.0, 1.0]])
    kind = np.ndarray if isinstance(given, np.ndarray) else list
    assert type(values) is type(gradients) is type(VECTOR(given)) is type(VECTOR.hessian(given)) is kind


@pytest.mark.parametrize("given", [2, 2.0, np.float64(2), np.float32(2), np.array(2.0), [2.0], np.array([2])], ids=repr)
def test_a_program_of_one_number_takes_it_alone(given: Any) -> None:
    assert (ONE(given), type(ONE(given))) == (4.0, float)
    assert list(ONE.grad(given)) == [4.0]


@pytest.mark.parametrize("n", [0, 2, 3])
def test_several_numbers_for_one_are_answered_by_reshape(n: int) -> None:
    given = np.ones(n)
    for call in (ONE, ONE.value_and_grad, ONE.hessian):
        with pytest.raises(ValueError, match=rf"shape \({n},\): a batch of {n} rows is x.reshape\(-1, 1\)"):
            call(given)
        call(given.reshape(-1, 1))


def test_arguments_are_shaped_as_those_of_the_function() -> None:
    expected = [4.0, 6.0]
    for given in [(2.0, [3.0, 4.0]), (2, 3, 4), ([2, 3, 4],), (2, (3, 4)), (np.array(2.0), [3.0, np.float64(4.0)])]:
        assert ODE(*given) == expected
        assert ODE.jacobian(*given) == [[0.0, 1.0], [2.0, 0.0]]
    assert np.array_equal(ODE(2.0, np.array([3.0, 4.0])), expected)
    assert (
        MATRIX(np.array([[2.0, 3.0], [4.0, 5.0]])) == MATRIX([2.0, 3.0, 4.0, 5.0]) == MATRIX([[2, 3], [4, 5]]) == -2.0
    )
    assert MATRIX.grad(np.array([[2.0, 3.0], [4.0, 5.0]])).tolist() == [5.0, -4.0, -3.0, 2.0]
    assert MATRIX(np.ones((3, 2, 2))).tolist() == MATRIX(np.ones((3, 4))).tolist() == [0.0] * 3


@both_backends
def test_an_argument_of_one_point_serves_all_rows(backend: str) -> None:
    program = compile(lambda t, y: [y[1], t * y[0]], at=[0.0, [0.5, 1.0]], wrt=1, backend=backend)
    many = np.arange(6.0).reshape(3, 2)
    assert np.array_equal(program(2.0, many), [[1.0, 0.0], [3.0, 4.0], [5.0, 8.0]])
    assert np.array_equal(program([1.0, 2.0, 3.0], many), [[1.0, 0.0], [3.0, 4.0], [5.0, 12.0]])
    assert program([1.0, 2.0], [3.0, 4.0]) == [[4.0, 3.0], [4.0, 6.0]]
    assert program.jvp(2.0, [1.0, 1.0], many).shape == (3, 2)
    assert program.jvp(np.ones(1), np.ones((1, 2)), [1.0, 0.0]).tolist() == [[0.0, 1.0]]


@pytest.mark.parametrize(
    ("program", "arguments", "message"),
    [
        (TWO, (1.0,), "takes 2 inputs, but 1 was given"),
        (TWO, (1.0, 2.0, 3.0), "takes 2 inputs, but 3 were given"),
        (TWO, (), "takes 2 inputs, but 0 were given"),
        (TWO, ([1.0, 2.0, 3.0],), "x must be an array of the shape (2,), or (rows, 2) for a batch, not an array of"),
        (TWO, (np.ones((2, 3)),), "not an array of the shape (2, 3)"),
        (TWO, ([[1.0, 2.0], [3.0]],), "x[1] has the shape (1,), but x[0] has the shape (2,)"),
        (TWO, (np.ones(3), np.ones(2)), "the arguments have different numbers of rows: 2, 3"),
        (ODE, (1.0, 2.0), "y must be an array of the shape (2,), or (rows, 2) for a batch, not a number"),
        (ODE, (1.0, [2.0], 3.0, 4.0), "takes 2 arguments (a number, an array of the shape (2,)) or 3 numbers, but 4"),
        (
            ODE,
            (np.ones((2, 1)), np.ones((2, 2))),
            ": t must be a number, or (rows,) for a batch, not an array",
        ),
        (MATRIX, (np.ones((2, 3)),), ": a must be an array of the shape (2, 2), or (rows, 2, 2) for a batch"),
    ],
)
def test_arguments_of_another_shape_are_refused(program: Any, arguments: tuple[Any, ...], message: str) -> None:
    for call in (program, program.jacobian):
        with pytest.raises(ValueError, match=re.escape(message)):
            call(*arguments)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (([1.0, "2"],), "x[1] is '2', of type str"),
        ((1.0, 2j), "y is 2j, of type complex"),
        ((1.0, Value(2.0)), "a Value's own number is its .data"),
        ((masked_array([1.0, 2.0], mask=[0, 1]),), "x[1] is masked"),
        ((np.array([1.0, 2j]),), "x has the dtype complex128"),
        (({1.0, 2.0},), "x is {1.0, 2.0}, of type set"),
        ((None, 1.0), "x is None"),
        ((iter([1.0, 2.0]),), "of type list_iterator"),
    ],
)
def test_anything_but_numbers_is_refused_by_its_place(given: tuple[Any, ...], message: str) -> None:
    with pytest.raises(TypeError, match=re.escape(message)):
        TWO(*given)


def test_a_direction_of_another_shape_is_refused() -> None:
    for arguments, message in [
        ((1.0, 2.0, [1.0]), "v must be an array of the shape (2,), or (rows, 2) for a batch"),
        ((1.0, 2.0), "takes 2 inputs, but 1 was given; the last argument is v, an array of the shape (2,)"),
        ((), "the last argument, v, is missing: it is an array of the shape (2,)"),
    ]:
        with pytest.raises(ValueError, match=re.escape(message)):
            TWO.jvp(*arguments)
    square = compile(lambda x: x * x, at=[1.0])
    for product in (square.jvp, square.hvp):
        with pytest.raises(ValueError, match="the last argument, v, is missing: it is an array of the shape"):
            product(3.0)
    with pytest.raises(ValueError, match="threads must be an integer of 1 or more, not 0"):
        TWO([1.0, 2.0], threads=0)


@both_backends
def test_a_direction_may_be_named_and_shaped_as_the_argument(backend: str) -> None:
    p = compile(lambda M, t: M[0][0] * M[0][1] * M[1][0] * t, at=[np.ones((2, 2)), 1.0], wrt=0, backend=backend)
    point, v = np.array([[2.0, 3.0], [5.0, 7.0]]), np.array([[1.0, 10.0], [0.0, 0.0]])
    assert p.jvp(point, 1.0, v) == p.jvp(point, 1.0, v=v) == p.jvp(point, 1.0, v.ravel()) == 115.0
    assert p.hvp(point, 1.0, v).tolist() == p.hvp(point, 1.0, v=v.ravel()).tolist() == [50.0, 5.0, 23.0, 0.0]
    assert p.jvp(point, [1.0, 2.0], v=[v, v]).tolist() == [115.0, 230.0]


@both_backends
def test_a_direction_may_have_a_member_for_each_argument(backend: str) -> None:
    for n in (3, 2):
        p = compile(lambda x, y: (x @ x) * (y @ y), at=[np.ones(n), np.ones(2)], backend=backend)
        x, y, vx, vy = np.arange(1.0, 1.0 + n), np.array([3.0, 5.0]), np.arange(7.0, 7.0 + n), np.array([-1.0, 2.0])
        v = np.concatenate([vx, vy])
        for product in (p.jvp, p.hvp):
            flat = product(x, y, v)
            for nested in ([vx, vy], (vx.tolist(), tuple(vy))):
                assert product(x, y, nested) == pytest.approx(flat)
                assert product(x, y, v=nested) == pytest.approx(flat)
            many = product(x, y, [[vx, 2.0 * vx], np.array([vy, 2.0 * vy])])
            assert many == pytest.approx(np.array([flat, 2.0 * np.array(flat)]))
            assert product(x, y, [v, 2.0 * v]).tolist() == many.tolist()
    w = Value(2.0, "w")
    p = compile(lambda x, y: w * (x @ x) * (y @ y), at=[np.ones(2), np.ones(2)], wrt=[1, w], backend=backend)
    assert p.jvp(x, y, [vy, 10.0]) == p.jvp(x, y, [*vy, 10.0])


def test_a_direction_of_several_members_says_its_form() -> None:
    p = compile(lambda x, y: (x @ x) * (y @ y), at=[np.ones(3), np.ones(2)], backend="python")
    x, y = np.ones(3), np.ones(2)
    form = "an array of the shape (5,) or [an array of the shape (3,), an array of the shape (2,)]"
    takes = "takes 2 arguments (an array of the shape (3,), an array of the shape (2,)) or 5 numbers"
    for given, message in [
        ((x, y, x, y), f"{takes}, but 3 were given; the last argument is v, {form}"),
        ((x, y, [x]), f"v must be {form}, but is a list of 1"),
        ((x, y, [1.0] * 4), f"v must be {form}, but is a list of 4"),
        ((x, y, [y, x]), "v[0] must be an array of the shape (3,), or (rows, 3) for a batch, not an array"),
        ((x, y, x), "v must be an array of the shape (5,), or (rows, 5) for a batch, not an array of the shape (3,)"),
        (
            ((x, y), (x, y)),
            f"{takes}, but 1 was given: a list of 2, whose members are passed as *x; the last argument is v, {form}",
        ),
        ((x, [x, y]), f"{takes}, but 1 was given: an array of the shape (3,); the last argument is v, {form}"),
    ]:
        for product in (p.jvp, p.hvp):
            with pytest.raises(ValueError, match=re.escape(message)):
                product(*given)
    with pytest.raises(ValueError, match=re.escape(f"{takes}, but 1 was given: an array of the shape (7,)")):
        p(np.ones(7))
    with pytest.raises(
        ValueError, match=re.escape("takes 1 argument (an array of the shape (3,)) or 3 numbers, but 2")
    ):
        compile(lambda x: x @ x, at=[x], backend="python")(x, y)
    with pytest.raises(ValueError, match=re.escape("x[1] is 1000")):
        p([1.0, 10**400])


def test_arguments_are_checked_before_derivatives_are_made(monkeypatch: pytest.MonkeyPatch) -> None:
    p = compile(lambda x: x[0] * x[1], at=[[1.0, 1.0]], backend="python")

    def fail(*_: Any) -> None:
        raise AssertionError("formulas were made")

    for name in ("jvp", "vjp", "hvp", "jacobian", "hessian"):
        monkeypatch.setattr(derivatives, name, fail)
        with pytest.raises(ValueError, match="must be an array of the shape"):
            getattr(p, name)([1.0, 2.0, 3.0], *([[1.0]] if "v" in name else []))


@both_backends
def test_the_vector_of_vjp_is_nested_as_ragged_outputs(backend: str) -> None:
    p = compile(lambda x: (x[0] * x[1], [x[0], [x[1], x[1] * x[1]]]), at=[[1.0, 1.0]], backend=backend)
    for v in ((1.0, [2.0, [3.0, 4.0]]), [1.0, 2.0, 3.0, 4.0], np.array([1.0, 2.0, 3.0, 4.0])):
        assert list(p.vjp([3.0, 5.0], v)) == list(p.vjp([3.0, 5.0], v=v)) == [7.0, 46.0]
    assert p.vjp([[3.0, 5.0]] * 2, [[1.0, 2.0, 3.0, 4.0], [0.0, 1.0, 0.0, 0.0]]) == [[7.0, 46.0], [1.0, 0.0]]
    first, rest = [1.0, 0.0], [[2.0, 1.0], np.array([[3.0, 4.0], [0.0, 0.0]])]
    assert p.vjp([3.0, 5.0], (first, rest)).tolist() == [[7.0, 46.0], [1.0, 0.0]]
    with pytest.raises(ValueError, match=r"v\[1\]\[1\] must be an array of the shape \(2,\), .* not a number"):
        p.vjp([3.0, 5.0], (1.0, [2.0, 3.0]))
    with pytest.raises(ValueError, match="the last argument, v, is missing"):
        p.vjp()


@both_backends
def test_outputs_may_have_empty_parts(backend: str) -> None:
    p = compile(lambda x: [[], [x[0]], [[], []]], at=[np.ones(2)], backend=backend)
    assert p([1.0, 2.0]) == [[], [1.0], [[], []]]
    empty, full, two = p(np.array([[1.0, 2.0], [3.0, 4.0]]))
    assert (empty.shape, full.tolist(), two.shape) == ((2, 0), [[1.0], [3.0]], (2, 2, 0))
    assert p.jacobian([1.0, 2.0]) == [[1.0, 0.0]]
    with pytest.raises(ValueError, match=r"inputs\[0\] is an argument without numbers: \[\]"):
        compile(lambda x, y: y, at=[[], 2.0])


@pytest.mark.parametrize(
    ("batch", "column"), [([1.0, 2.0], r"\[\[number\] for number in x\]"), (np.ones(2), r"x.reshape\(-1, 1\)")]
)
def test_a_batch_of_one_number_is_a_column(batch: Any, column: str) -> None:
    with pytest.raises(ValueError, match=f"a batch of 2 rows is {column}"):
        compile(lambda x: x[0], at=[[1.0]])(batch)


@both_backends
def test_results_are_nested_as_the_outputs(backend: str) -> None:
    x, y = Value(2.0, "x"), Value(3.0, "y")
    ragged = compile((x * y, [x, y, (x + y, 2.0 * x)]), [x, y], backend=backend)
    assert ragged(2.0, 3.0) == [6.0, [2.0, 3.0, [5.0, 4.0]]]
    assert ragged.each([[2.0, 3.0], [1.0, 1.0]]) == [[6.0, [2.0, 3.0, [5.0, 4.0]]], [1.0, [1.0, 1.0, [2.0, 2.0]]]]
    product, rest = ragged(np.array([[2.0, 3.0], [1.0, 1.0]]))
    assert (product.tolist(), rest[2].tolist()) == ([6.0, 1.0], [[5.0, 4.0], [2.0, 2.0]])
    assert ragged.vjp(2.0, 3.0, [1.0, 0.0, 0.0, 10.0, 0.0]) == [13.0, 12.0]
    square: Any = np.array([[x, y], [y, x * y]])
    table = compile(square, [x, y], backend=backend)
    assert table(2.0, 3.0) == [[2.0, 3.0], [3.0, 6.0]]
    assert table(np.array([2.0, 3.0])).shape == (2, 2)
    assert table.each([[2.0, 3.0]]) == [[[2.0, 3.0], [3.0, 6.0]]]
    assert table.jacobian(np.array([2.0, 3.0])).shape == (4, 2)
    assert table.vjp(2.0, 3.0, [[0.0, 0.0], [0.0, 1.0]]) == table.vjp(2.0, 3.0, [0.0, 0.0, 0.0, 1.0]) == [3.0, 2.0]


def test_a_function_is_given_lists_and_arrays_as_at_has_them() -> None:
    seen: list[Any] = []

    def f(a: Any, b: Any, c: Any, d: Any) -> Any:
        seen.extend([a, b, c, d])
        return a * dot(b, b) + c.sum() + d[1][0]

    program = compile(f, at=[2.0, (0.5, 1.0), np.ones((2, 2)), [[1.0], [2.0]]], backend="python")
    assert [type(x) for x in seen] == [Value, list, np.ndarray, list]
    assert (seen[2].dtype, seen[2].shape) == (object, (2, 2))
    assert program(2.0, [1.0, 2.0], np.ones((2, 2)), [[5.0], [6.0]]) == 20.0
    assert repr(program).startswith("<program of (a, b_1, b_2, c_11, …), 0 parameters")
    assert len(program.grad(np.ones(9))) == 9


def test_a_function_may_change_the_lists_it_is_given() -> None:
    def f(x: list[Value], a: Any) -> Any:
        x[0] = x[0] * 2.0
        a[0, 0] = x.pop() * a[0, 0]
        return x[0] * a[0, 0]

    program = compile(f, at=[[1.0, 2.0], np.ones((1, 1))], backend="python")
    assert program.value_and_grad([3.0, 5.0], [[7.0]]) == (210.0, [70.0, 42.0, 30.0])


def test_wrt_names_arguments_by_their_numbers() -> None:
    w = Value(3.0, "w")
    program = compile(lambda t, y: w * t * y[0] * y[1], at=[0.5, [1.0, 2.0]], wrt=[1, w, 0], backend="python")
    assert program.grad(2.0, [5.0, 7.0]) == [42.0, 30.0, 70.0, 105.0]
    x, y = Value(2.0, "x"), [Value(3.0, "y_1"), Value(4.0, "y_2")]
    graph = compile(x * y[0] * y[1], [x, y], wrt=1, backend="python")
    assert graph(2.0, [3.0, 4.0]) == 24.0
    assert graph.grad(2.0, [3.0, 4.0]) == [8.0, 6.0]
    with pytest.raises(ValueError, match="wrt is by argument 2, but there are 2, counted from 0"):
        compile(x * y[0] * y[1], [x, y], wrt=[2])
