"""The types of rows that programs take, and the errors of others."""

import array
import re
from typing import Any

import pytest

from engine import Value, compile
from engine.compiler.calls.batch import Batch
from tests.engine.compiler.backends import both_backends

ROWS = [[1.0, 2.0], [3.0, 4.0], [5.0, 6.5]]
X, Y = Value(0.5, "x"), Value(0.25, "y")


def assert_read(rows: Any) -> None:
    read = Batch(rows, 2)
    assert (read.n, read.tolist()) == (3, ROWS)


def test_sequences() -> None:
    assert_read(ROWS)
    assert_read(tuple(map(tuple, ROWS)))
    assert_read(row for row in ROWS)
    assert_read([iter(row) for row in ROWS])
    assert_read([array.array("d", row) for row in ROWS])
    assert_read([array.array("f", row) for row in ROWS])
    assert_read([[1, 2], [3, 4], [5, 6.5]])
    assert_read([[True, 2], [3, 4], [5, 6.5]])
    assert_read(dict(enumerate(ROWS)).values())
    assert_read(zip([1, 3, 5], [2.0, 4.0, 6.5], strict=True))


def test_arrays() -> None:
    np = pytest.importorskip("numpy")
    numbers = np.array(ROWS)
    assert_read(numbers)
    assert_read(numbers.astype(np.float32))
    assert_read(np.asfortranarray(numbers))
    assert_read(np.repeat(numbers, 2, axis=0)[::2])
    assert_read(np.repeat(numbers, 2, axis=1)[:, ::2])
    assert_read(numbers[::-1].copy()[::-1])
    assert_read(numbers.astype(">f8"))
    assert_read(numbers.astype(np.longdouble))
    assert_read(list(numbers))
    assert_read(numbers.view(np.ndarray).tolist())
    assert_read((numbers * 2).astype(np.int64).astype(object) / 2)
    read_only = numbers.copy()
    read_only.flags.writeable = False
    assert_read(read_only)
    assert Batch(np.array([[1, 2], [3, 4]]), 2).tolist() == [[1.0, 2.0], [3.0, 4.0]]


def test_complex_numbers_are_refused() -> None:
    np = pytest.importorskip("numpy")
    for numbers in (np.array(ROWS, complex), np.array(ROWS, np.complex64)):
        with pytest.raises(TypeError, match="rows has the dtype complex"):
            Batch(numbers, 2)
    with pytest.raises(TypeError, match=r"rows\[0\]\[1\] is 2j, of type complex"):
        Batch([[1.0, 2j]], 2)


def test_an_array_of_doubles_is_not_copied() -> None:
    np = pytest.importorskip("numpy")
    numbers = np.array(ROWS)
    rows = Batch(numbers, 2)
    assert rows.address == numbers.ctypes.data
    part = numbers[1:]
    assert Batch(part, 2).address == part.ctypes.data
    numbers[0, 0] = 7.0
    assert rows.tolist()[0] == [7.0, 2.0]
    view = memoryview(array.array("d", [1.0, 2.0, 3.0, 4.0])).cast("B").cast("d", (2, 2))
    assert Batch(view, 2).tolist() == [[1.0, 2.0], [3.0, 4.0]]


def test_a_batch_keeps_its_array_alive() -> None:
    np = pytest.importorskip("numpy")
    rows = Batch(np.full((1000, 2), 3.0), 2)
    np.full((1000, 2), 4.0)
    assert rows.tolist() == [[3.0, 3.0]] * 1000


@both_backends
def test_programs_read_arrays(backend: str) -> None:
    np = pytest.importorskip("numpy")
    program = compile(X * Y, [X, Y], backend=backend)
    for n in (0, 1, 2, 19):
        numbers = np.arange(2.0 * n).reshape(n, 2)
        assert program.each(numbers).tolist() == [x * y for x, y in numbers.tolist()]
        total, gradient = program.sum_over(numbers)
        assert isinstance(gradient, np.ndarray)
        assert (total, list(gradient)) == ((numbers[:, 0] @ numbers[:, 1]), [*numbers.sum(0)[::-1]])
    assert program.each(np.zeros((3, 4))[:, ::2]).tolist() == [0.0] * 3
    in_another_order = compile(X * Y, [X, Y], [Y, X], backend=backend)
    for rows, kind in ((np.array([[2.0, 3.0]]), np.ndarray), ([[2.0, 3.0]], list)):
        assert type(in_another_order.each(rows)) is kind
        _, slopes = in_another_order.sum_over(rows)
        assert (list(slopes), isinstance(slopes, np.ndarray)) == ([2.0, 3.0], kind is np.ndarray)


@both_backends
def test_rows_of_width_0(backend: str) -> None:
    np = pytest.importorskip("numpy")
    program = compile(X * Y, wrt=[X], backend=backend)
    assert program.each(np.zeros((4, 0))).tolist() == [0.125] * 4
    assert program.sum_over(np.zeros((4, 0)))[0] == 0.5
    assert program.each([[], ()]) == [0.125] * 2


@both_backends
@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([[1.0, 2.0], [1.0]], "row 1 has 1 numbers, but there are 2 inputs"),
        ([[1.0, 2.0], [1.0, 2.0, 3.0]], "row 1 has 3 numbers, but there are 2 inputs"),
        ([[1.0], [1.0, 2.0, 3.0]], "row 0 has 1 numbers, but there are 2 inputs"),
        ([[]], "row 0 has 0 numbers, but there are 2 inputs"),
        (array.array("d", [1.0, 2.0]), r"must have the shape \(rows, 2\), not \(2,\)"),
    ],
)
def test_a_wrong_length_names_the_row(backend: str, rows: Any, message: str) -> None:
    program = compile(X * Y, [X, Y], backend=backend)
    for call in (program.sum_over, program.each, program.check):
        with pytest.raises(ValueError, match=message):
            call(rows)


@both_backends
@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([[1.0, 2.0], [1.0, "2"]], "rows[1][1] is '2', of type str: a number such as"),
        ([[1.0, 2.0], [1.0, None]], "rows[1][1] is None"),
        ([[1.0, 2.0], 3.0], "rows[1] is 3.0, of type float: a number for each input is needed"),
        ([[1.0, 2.0], "ab"], "rows[1] is 'ab'"),
        ([[1.0, 2.0], {1.0, 2.0}], "rows[1] is {1.0, 2.0}, of type set"),
        ([[1.0, 2.0], {1.0: "x", 2.0: "y"}], "rows[1] is {1.0: 'x', 2.0: 'y'}, of type dict"),
        ([[1.0, 2.0], [1.0, 1j]], "rows[1][1] is 1j"),
        ("ab", "rows is 'ab', of type str: a list, an array or a data frame of rows is needed"),
        (b"xyz", "rows is b'xyz'"),
        ({(1.0, 2.0): 3.0}, "rows is {(1.0, 2.0): 3.0}, of type dict"),
        (5.0, "rows is 5.0"),
        (None, "rows is None"),
        ([1.0, 2.0], "rows[0] is 1.0"),
    ],
)
def test_an_element_that_is_not_a_number_names_the_row(backend: str, rows: Any, message: str) -> None:
    program = compile(X * Y, [X, Y], backend=backend)
    for call in (program.sum_over, program.each, program.check):
        with pytest.raises(TypeError, match=re.escape(message)):
            call(rows)


def test_arrays_of_another_shape() -> None:
    np = pytest.importorskip("numpy")
    program = compile(X * Y, [X, Y], backend="python")
    for shape in ((2,), (3, 3), (3, 1), (0,), (0, 3), (1, 2, 2), ()):
        for numbers in (np.zeros(shape), np.zeros((*shape, 2))[..., 0]):  # the second is not contiguous
            with pytest.raises(ValueError, match=r"must have the shape \(rows, 2\)"):
                program.sum_over(numbers)
    with pytest.raises(ValueError, match=r"must have the shape \(rows, 2\)"):
        program.sum_over(np.zeros((2, 3), dtype=np.float32))
    with pytest.raises(ValueError, match="row 0 has 3 numbers"):
        program.sum_over(np.zeros((2, 3), dtype=np.longdouble))


def test_arrays_of_other_numbers_are_read_at_once() -> None:
    np = pytest.importorskip("numpy")
    program = compile(X + Y * 0.0, [X, Y], backend="python")
    for dtype in "?bhilqBHILQef":
        last = True if dtype == "?" else (np.finfo if dtype in "ef" else np.iinfo)(dtype).max
        rows = np.array([[0, 0], [last, 1]], dtype)
        assert program.each(rows).tolist() == [0.0, float(rows[1, 0])] == program.each(rows.tolist())
        assert program(rows.T.copy().T).tolist() == program.each(rows).tolist()  # not contiguous
    masked = np.ma.masked_array(np.zeros((2, 2), np.int64), [[False, False], [False, True]])
    with pytest.raises(TypeError, match="masked"):
        program.sum_over(masked)


@both_backends
def test_single_calls_take_one_number_for_each_input(backend: str) -> None:
    program = compile(X * Y, [X, Y], backend=backend)
    calls: list[Any] = [program, program.value_and_grad]
    for call in calls:
        with pytest.raises(ValueError, match=r"program of \(x, y\).* takes 2 inputs, but 1 was given"):
            call(1.0)
        with pytest.raises(TypeError, match="'2'"):
            call(1.0, "2")
    assert program(True, 3) == 3.0


@both_backends
def test_rows_that_view_the_last_derivatives_are_copied(backend: str) -> None:
    np = pytest.importorskip("numpy")
    for wrt in ([X, Y], [Y, X]):
        program = compile(X * Y * X, [X, Y], wrt, backend=backend)
        _, derivatives = program.sum_over([[3.0, 5.0]])
        x, y = derivatives
        total, derivatives = program.sum_over(np.frombuffer(derivatives).reshape(1, 2))
        assert (total, sorted(derivatives)) == (x * y * x, sorted([2.0 * x * y, x * x]))
    program = compile(X * Y, [X], [Y], backend=backend)
    program.sum_over([[3.0], [5.0]])
    total, [derivative] = program.sum_over(np.frombuffer(program.gradient).reshape(1, 1))
    assert (total, derivative) == (2.0, 8.0)
    total, [derivative] = program.sum_over(np.frombuffer(program.parameters).reshape(1, 1))
    assert (total, derivative) == (0.0625, 0.25)
