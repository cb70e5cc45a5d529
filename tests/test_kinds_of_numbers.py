"""Numbers of every kind, to every reader of numbers: each gives the right number or is refused by name and place."""

from __future__ import annotations

import ctypes
import math
import re
import sys
from array import array
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from enum import IntEnum
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from engine import Value, compile, dot, exp, forward, multiply
from nn import MLP, cross_entropy, mean_squared_error
from nn.leaves import as_list, as_values
from nn.losses import one_hot
from nn.matrix import MatrixMLP
from nn.training.data import read_inputs, read_targets
from tests.engine.compiler.generated_modules import load_function

TEXT_CODE = "w" if sys.version_info >= (3, 13) else "u"  # of an array.array; the other is not known, or deprecated
masked_array: Any = np.ma.array  # untyped by the NumPy of Python 3.10


class Answer(IntEnum):
    """A subclass of int."""

    ALL = 42


class Frame:
    """The part of a data frame that is read; to iterate over one gives the names of its columns."""

    def __init__(self, entries: Any) -> None:
        self.entries = entries

    def __iter__(self) -> Iterator[str]:
        return iter(["x", "y"])

    def to_numpy(self) -> Any:
        """The numbers, by row."""
        return np.array(self.entries)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any:
        return np.array(self.entries, dtype)


class ArrayLike:
    """An object that only NumPy's protocol can read."""

    def __init__(self, entries: Any) -> None:
        self.entries = entries

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any:
        return np.array(self.entries, dtype)


class Tensor:
    """A tensor as PyTorch's: with a dtype that is not NumPy's, and RuntimeError for complex numbers."""

    dtype, ndim = "torch.float64", 0

    def __init__(self, number: complex) -> None:
        self.number = number

    def __float__(self) -> float:
        if isinstance(self.number, complex):
            raise RuntimeError("value cannot be converted to type double without overflow")
        return self.number


NAN, INF = math.nan, math.inf
# Single numbers that are read, and the float of each.
NUMBERS: list[tuple[Any, float]] = [
    (2, 2.0),
    (True, 1.0),
    (0.1, 0.1),
    (-0.0, -0.0),
    (Answer.ALL, 42.0),
    (Fraction(1, 3), 1 / 3),
    (Decimal("0.1"), 0.1),
    (10**300, 1e300),
    (2**63 + 1025, 9223372036854777856.0),
    (NAN, NAN),
    (-INF, -INF),
    (Decimal("Infinity"), INF),
    (np.bool_(True), 1.0),
    *((np.dtype(code).type(200 if code == "B" else 100), 200.0 if code == "B" else 100.0) for code in "bBhHiIlLqQ"),
    (np.uint64(2**64 - 1), 2.0**64),
    (np.float16(0.5), 0.5),
    (np.float32(0.1), 0.10000000149011612),
    (np.float64(0.1), 0.1),
    (np.longdouble("0.1"), 0.1),
    (np.longdouble("inf"), INF),
    (np.array(2.0), 2.0),
    (np.array(2, ">i4"), 2.0),
    (masked_array(2.0), 2.0),
    (Tensor(2.0), 2.0),
]
# Single objects that are refused, each with a part of the message.
STRANGERS: list[tuple[Any, str]] = [
    ("1", "'1'"),
    (b"1", "b'1'"),
    (bytearray(b"1"), "b'1'"),
    (None, "None"),
    (1j, "1j"),
    (date(2020, 1, 1), "date"),
    (10**400, "1000"),
    (10**5000, "an int of 16,610 bits"),
    (-(10**400), "-1000"),
    (Fraction(10**400), "Fraction"),
    (Decimal("1e400"), "1E+400"),
    (Decimal("sNaN"), "sNaN"),
    (Value(1.0, "v"), "Value"),
    (np.str_("1"), "1"),
    (np.bytes_(b"1"), "1"),
    (np.complex64(1 + 2j), "complex64"),
    (np.complex128(1), "complex128"),
    (np.datetime64("2020-01-01"), "datetime64"),
    (np.datetime64(5, "ns"), "datetime64"),
    (np.timedelta64(5, "s"), "timedelta64"),
    (np.timedelta64(5, "ns"), "timedelta64"),
    (np.void(b"1"), "1"),
    (np.zeros(1, [("x", float)])[0], "'x'"),
    (np.array("1"), "<U1"),
    (np.ma.masked, "mask"),
    (masked_array(1.0, mask=True), "mask"),
    (np.longdouble("1e400"), "1e+400"),
    (Tensor(1j), "Tensor"),
    (float, "float"),
    ({}, "{}"),
]


def read_data(given: Any) -> float:
    """`given` as the `data` that `forward` converts."""
    x = Value(1.0, "x")
    y = x * 1.0
    x.data = given
    forward(y)
    return x.data


X, Y = Value(0.5, "x"), Value(0.25, "y")
PYTHON, LLVM = (compile([X, Y], [X, Y], backend=backend) for backend in ("python", "llvm"))
SETTABLE = compile(X * Y, wrt=[X, Y], backend="python")
LINEAR = MatrixMLP([[[1.0]]], output_activation="linear")


def set_parameters(given: Any) -> float:
    """`given` as a parameter of a program."""
    SETTABLE.parameters = [given, 1.0]
    return SETTABLE.parameters[0]


SINGLE: dict[str, Callable[[Any], float]] = {
    "Value": lambda given: Value(given).data,
    "data": read_data,
    "call": lambda given: PYTHON(1.0, given)[1],
    "row, python": lambda given: PYTHON.each([[1.0, given]])[0][1],
    "row, llvm": lambda given: LLVM.each([[1.0, 2.0], (1.0, given)])[1][1],
    "array of objects": lambda given: LLVM.each(object_array([1.0, given])).tolist()[0][1],
    "parameters": set_parameters,
    "matrix": lambda given: float(LINEAR.forward([[1.0, given]]).z[0][0, 1]),
    "weights": lambda given: float(MatrixMLP([[[given]]]).weights[1][0, 0]),
}
FINITE: dict[str, Callable[[Any], float]] = {
    "inputs": lambda given: read_inputs([[1.0, given]])[0][1],
    "one input": lambda given: read_inputs([1.0, given])[1][0],
    "targets": lambda given: read_targets([1.0, given], 2, 1)[0][1][0],
}


def object_array(row: list[Any]) -> Any:
    """One row of objects, as they are."""
    objects = np.empty((1, len(row)), dtype=object)
    for i, entry in enumerate(row):
        objects[0, i] = entry
    return objects


@pytest.mark.parametrize("read", [*SINGLE.values(), *FINITE.values()], ids=[*SINGLE, *FINITE])
def test_a_number_of_any_kind_gives_the_right_float(read: Callable[[Any], float]) -> None:
    for given, expected in NUMBERS:
        if math.isfinite(expected) or read in SINGLE.values():
            number = read(given)
            assert (repr(number), type(number)) == (repr(expected), float), given


@pytest.mark.parametrize("read", [*SINGLE.values(), *FINITE.values()], ids=[*SINGLE, *FINITE])
def test_anything_but_a_number_is_refused_by_name(read: Callable[[Any], float]) -> None:
    for given, message in STRANGERS:
        with pytest.raises((TypeError, ValueError)) as caught:
            read(given)
        assert message in str(caught.value), given


ROWS = [[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]
FLOATS: Any = np.array(ROWS)


def read_only() -> Any:
    """An array that cannot be written."""
    rows = FLOATS.copy()
    rows.flags.writeable = False
    return rows


def unaligned() -> Any:
    """A field of packed structures, which does not begin at a multiple of 8 bytes."""
    packed = np.zeros((3, 2), [("byte", "i1"), ("number", "f8")])
    packed["number"] = FLOATS
    return packed["number"]


# Batches that are read, each as ROWS.
BATCHES: dict[str, Any] = {
    "lists": ROWS,
    "tuples of ints": ((1, 2), (3, 4), (5, 6)),
    "other numbers": [[Fraction(1), Decimal(2)], [np.int8(3), np.float16(4)], [True * 5, 6]],
    **{f"dtype {code}": FLOATS.astype(code) for code in "bBhHiIlLqQefdgO"},
    **{f"dtype >{code}": FLOATS.astype(f">{code}") for code in ("i2", "u8", "f2", "f4", "f8")},
    "float64 of little endian": FLOATS.astype("<f8"),
    "columns first": np.asfortranarray(FLOATS),
    "every second row": np.repeat(FLOATS, 2, axis=0)[::2],
    "every second column": np.repeat(FLOATS, 2, axis=1)[:, ::2],
    "backwards": FLOATS[::-1].copy()[::-1],
    "columns backwards": FLOATS[:, ::-1].copy()[:, ::-1],
    "read-only": read_only(),
    "unaligned": unaligned(),
    "array of rows": list(FLOATS),
    "array of ints as rows": list(FLOATS.astype("i1")),
    "objects": np.array([[Fraction(1), 2], [3, Decimal(4)], [np.float32(5), 6.0]], dtype=object),
    "masked array without a mask": masked_array(FLOATS),
    "masked array with an empty mask": masked_array(FLOATS, mask=FLOATS > 9.0),
    "rows of a masked array": list(masked_array(FLOATS, mask=FLOATS > 9.0)),
    **{f"array.array {code}": [array(code, map(int, row)) for row in ROWS] for code in "bBhHiIlLqQ"},
    "array.array f": [array("f", row) for row in ROWS],
    "array.array d": [array("d", row) for row in ROWS],
    "memoryview": memoryview(FLOATS),
    "memoryview of ints": memoryview(FLOATS.astype("i4")),
    "rows of memoryviews": [memoryview(array("d", row)) for row in ROWS],
    "data frame": Frame(ROWS),
    "data frame of ints": Frame([[1, 2], [3, 4], [5, 6]]),
    "data frame of objects": Frame([[Fraction(1), 2], [3, 4], [5, 6]]),
    "rows of a data frame": [Frame(row) for row in ROWS],
    "array-like": ArrayLike(ROWS),
    "rows that are array-like": list(map(ArrayLike, ROWS)),
}
MASKED = masked_array(FLOATS, mask=FLOATS == 4.0)
DATES = np.array([["2020-01-01"] * 2] * 3, "M8[ns]")
STRUCTURES = np.array([(1.0, 2.0)] * 3, [("x", float), ("y", float)])
# Batches that are refused, each with a part of the message.
STRANGE: dict[str, tuple[Any, str]] = {
    "masked": (MASKED, "[1][1] is masked"),
    "masked float32": (MASKED.astype("f4"), "[1][1] is masked"),
    "rows of a masked array": (list(MASKED), "[1][1] is masked"),
    "a masked entry": ([[1.0, 2.0], [3.0, np.ma.masked], [5.0, 6.0]], "[1][1]"),
    **{code: (FLOATS.astype(code), f"has the dtype {np.dtype(code)}") for code in ("F", "D", "G", ">c8", ">c16")},
    "rows of complex64": (list(FLOATS.astype("F")), "[0] has the dtype complex64"),
    "numbers of complex64": ([list(row) for row in FLOATS.astype("F")], "[0][0] "),
    "text": (FLOATS.astype("U"), "has the dtype <U"),
    "bytes": (FLOATS.astype("S"), "has the dtype |S"),
    "texts": ([["1", "2"]] * 3, "[0][0] is '1', of type str"),
    "a text as a row": ([[1.0, 2.0], "12", [5.0, 6.0]], "[1] is '12'"),
    "bytes as a row": ([[1.0, 2.0], b"12", [5.0, 6.0]], "[1] is b'12'"),
    "dates": (DATES, "has the dtype datetime64[ns]"),
    "days": (DATES.astype("M8[D]"), "has the dtype datetime64[D]"),
    "durations": (DATES - DATES, "has the dtype timedelta64[ns]"),
    "structures": (STRUCTURES, "has the dtype [('x'"),
    "a structure as a row": ([STRUCTURES[0], STRUCTURES[1]], "[0] has the dtype [('x'"),
    "bytes without a type": (FLOATS.view("V8"), "has the dtype |V8"),
    "objects with None": (np.array([[1.0, None]] * 3), "[0][1] is None"),
    "objects with Values": (np.array([[1.0, X]] * 3), "[0][1] is Value"),
    "objects with text": (np.array([[1.0, "2"]] * 3, dtype=object), "[0][1] is '2'"),
    "array.array of text": ([array(TEXT_CODE, "12")] * 3, "[0][0] is '1'"),
    "a data frame with a text": (Frame(np.array([[1.0, "2"]] * 3, dtype=object)), "[0][1] is '2'"),
    "a data frame of dates": (Frame(DATES), "has the dtype datetime64[ns]"),
    "array-like, complex": (ArrayLike([[1.0, 2j]] * 3), "has the dtype complex128"),
    "memoryview of swapped bytes": (memoryview(FLOATS.astype(">f8")), "unsupported format >d"),
    "an int that is too large": ([[1.0, 2], [3, 10**400], [5, 6]], "[1][1] is 1000"),
    "longdouble that is too large": (np.array([[1.0, np.longdouble("1e400")]] * 3), "[0][1] is "),
    "too deep": ([[1.0, [2.0]]] * 3, "[2.0]"),
    "set": ([{1.0, 2.0}] * 3, "{1.0, 2.0}, of type set"),
    "dict": ([{1.0: 2.0, 2.0: 3.0}] * 3, "{1.0: 2.0, 2.0: 3.0}, of type dict"),
}


READERS: dict[str, Callable[[Any], list[list[float]]]] = {
    "each, python": lambda rows: [[*row] for row in PYTHON.each(rows)],
    "each, llvm": lambda rows: [[*row] for row in LLVM.each(rows)],
    "inputs": lambda rows: [[*row] for row in read_inputs(rows)],
    "targets": lambda rows: read_targets(rows, 3, 2)[0],
    "matrix": lambda rows: MatrixMLP([rows]).weights[1].tolist(),
}


@pytest.mark.parametrize("rows", BATCHES.values(), ids=BATCHES)
def test_rows_of_any_kind_give_the_right_floats(rows: Any) -> None:
    assert {reader: read(rows) for reader, read in READERS.items()} == dict.fromkeys(READERS, ROWS)


@pytest.mark.parametrize(("rows", "message"), STRANGE.values(), ids=STRANGE)
def test_rows_with_anything_but_numbers_are_refused(rows: Any, message: str) -> None:
    for reader, read in READERS.items():
        with pytest.raises((TypeError, ValueError), match=re.escape(message)):
            pytest.fail(f"{reader} gives {read(rows)}")


class OnlyGetItem:
    """A sequence that Python iterates over by its indices."""

    def __init__(self, entries: list[Any]) -> None:
        self.entries = entries

    def __getitem__(self, index: int) -> Any:
        return self.entries[index]


PAIR = ctypes.c_double * 2
C_ROWS = (PAIR * 3)(*(PAIR(*row) for row in ROWS))
# Rows that `each` and `sum_over` read besides.
MORE_BATCHES: dict[str, Any] = {
    "array of ctypes": C_ROWS,
    "rows of ctypes": [PAIR(*row) for row in ROWS],
    "rows of ctypes' ints": [(ctypes.c_int * 2)(*map(int, row)) for row in ROWS],
    "memoryview of ctypes": memoryview(C_ROWS),
    "only __getitem__": OnlyGetItem([OnlyGetItem(row) for row in ROWS]),
    "lists of float64": [list(row) for row in FLOATS],
    "lists of several numbers": [[1.0, np.float64(2.0)], [3, np.float32(4.0)], [np.float64(5.0), np.int8(6)]],
    "rows of a matrix by columns": list(np.asfortranarray(FLOATS)),
    "rows backwards": list(FLOATS[:, ::-1].copy()[:, ::-1]),
    "iterator over lists": lambda: iter(ROWS),
    "iterator over tuples of float64": lambda: zip(*FLOATS.T, strict=True),
}


@pytest.mark.parametrize("program", [PYTHON, LLVM], ids=["python", "llvm"])
@pytest.mark.parametrize("rows", MORE_BATCHES.values(), ids=MORE_BATCHES)
def test_programs_read_whatever_gives_rows_in_order(rows: Any, program: Any) -> None:
    summed = compile(X + Y, [X, Y], backend=program.backend)
    read = rows if callable(rows) else lambda: rows
    assert list(map(list, program.each(read()))) == ROWS
    total, derivatives = summed.sum_over(read())
    assert (total, list(derivatives)) == (21.0, [3.0, 3.0])


def test_rows_of_another_byte_order_or_shape_are_refused() -> None:
    swapped = ctypes.c_double.__ctype_be__ if sys.byteorder == "little" else ctypes.c_double.__ctype_le__
    assert PYTHON.each([(swapped * 2)(1.0, 2.0)]) == [[1.0, 2.0]]
    for rows in (C_ROWS[0], [C_ROWS], (swapped * 2)(1.0, 2.0), OnlyGetItem([1.0, 2.0]), [OnlyGetItem([1.0, "2"])]):
        with pytest.raises((TypeError, ValueError), match="rows"):
            PYTHON.each(rows)


NO_LISTS: list[Any] = [b"12", bytearray(b"12"), "12", {1.0, 2.0}, frozenset({1.0, 2.0}), {1.0: 2.0, 2.0: 3.0}]
NO_LISTS += [MASKED[1], *(FLOATS[0].astype(code) for code in ("F", "U", "S", "M8[s]", "m8[s]"))]


@pytest.mark.parametrize("given", NO_LISTS, ids=repr)
def test_what_is_not_a_list_of_numbers_is_refused(given: Any) -> None:
    uses: list[Callable[[], object]] = [
        lambda: as_values(given, "x"),
        lambda: as_values(as_list(given), "y"),
        lambda: MLP(2, [1])(given),
        lambda: mean_squared_error([Value(1.0), Value(2.0)], given),
        lambda: cross_entropy(given, 0),
        lambda: compile(lambda x, y: x * y, at=given),
        lambda: setattr(SETTABLE, "parameters", given),
        lambda: PYTHON.each([given]),
        lambda: read_inputs([given]),
        lambda: LINEAR.forward([given]),
    ]
    for use in uses:
        with pytest.raises((TypeError, ValueError)):
            use()


def test_operators_and_operations_read_numbers_alike() -> None:
    x = Value(2.0, "x")
    for given, expected in NUMBERS:
        assert repr(as_values([1.0, given], "x")[1].data) == repr(expected), given
        if isinstance(given, (int, float, Fraction)):
            number: Any = given
            assert repr((x * number).data) == repr((number * x).data) == repr(2.0 * expected), given
            assert repr(multiply(x, number).data) == repr(multiply(2.0, number)) == repr(2.0 * expected), given
    too_large: list[Any] = [10**400, Fraction(10**400), np.longdouble("1e400")]
    for number in too_large:
        for use in (x.__mul__, x.__rpow__, x.maximum, exp, lambda number: multiply(x, number), lambda n: dot([x], [n])):
            with pytest.raises(ValueError, match=r" (cannot take|is) .*1.*, too large for a float"):
                use(number)
    durations: list[Any] = [np.timedelta64(5, "ns"), np.timedelta64(5, "s")]
    for stranger in durations:
        for use in (x.__mul__, x.maximum, exp):
            with pytest.raises(TypeError, match="timedelta64"):
                use(stranger)


def test_the_index_of_a_class_is_read_as_other_numbers_are() -> None:
    ones: list[Any] = [1, 1.0, True, np.uint8(1), np.float16(1), np.bool_(True), np.array(1), Fraction(1)]
    for index in ones:
        assert one_hot(index, 3) == [0.0, 1.0, 0.0]
    strangers: list[Any] = [np.timedelta64(1, "ns"), np.ma.masked, np.complex64(1), "1", None, 10**400, NAN, INF, 3, -1]
    for stranger in strangers:
        with pytest.raises((TypeError, ValueError), match="class"):
            one_hot(stranger, 3)


def test_data_frames_of_pandas_are_read_by_rows() -> None:
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame({"x": [1, 3, 5], "y": [2.0, 4.0, 6.0]})
    kinds = [frame, frame.astype("Int64"), frame.astype("Float32"), frame.astype("category"), frame.astype(object)]
    kinds += [[row for _, row in frame.iterrows()], frame.rename(columns={"x": 0, "y": 1}), frame.iloc[::-1].iloc[::-1]]
    for read in READERS.values():
        for kind in kinds:
            assert read(kind) == ROWS
        assert read(frame.assign(y=[True, False, True]))[1] == [3.0, 0.0]
        for column in (["a", "b", "c"], [None, "b", None], pandas.array([2, None, 6], "Int64").astype(object)):
            with pytest.raises((TypeError, ValueError), match=r"\[(0|1)\]\[1\] is "):
                read(frame.assign(y=column))
        for column in (pandas.Categorical(["a", "b", "a"]), pandas.array([1, 2, 3], dtype=object) * 1j):
            with pytest.raises(TypeError, match=r"\[0\]\[1\] is |dtype complex"):
                read(frame.assign(y=column))
        for column in (pandas.date_range("2020-01-01", periods=3), pandas.to_timedelta([1, 2, 3], unit="s")):
            with pytest.raises(TypeError, match=r"\[0\]\[1\] (is|has) "):
                read(frame.assign(y=column))
            with pytest.raises(TypeError, match=r"has the dtype (datetime|timedelta)64"):
                read(pandas.DataFrame({"x": column, "y": column}))
    assert read_inputs(pandas.Series([1, 2, 3], dtype="Int8")) == [[1.0], [2.0], [3.0]]
    with pytest.raises((TypeError, ValueError), match=r"inputs\[1\] is "):
        read_inputs(pandas.Series([1, None, 3], dtype="Int8"))


# Programs printed as modules, which import NumPy or the standard library alone

SQUARE = compile(X * X - 300.0, [X], backend="python")
SCALED = compile(X * Y * Y, [X], [Y], backend="python")


def test_a_numpy_module_computes_with_float64() -> None:
    square = load_function(SQUARE.source_for("numpy"))
    for rows in (np.array([[200], [100], [16]], np.uint8), [[200], [100], [16]], ((200.0,), (Fraction(100),), (16,))):
        assert square(rows, []) == (49356.0, [632.0])


@pytest.mark.parametrize("rows", BATCHES.values(), ids=BATCHES)
def test_a_numpy_module_reads_rows_of_any_kind(rows: Any) -> None:
    read = load_function(PYTHON.source_for("numpy"), "value")
    if any(isinstance(x, Decimal) for x in np.ravel(rows)):  # which are not registered as real numbers
        with pytest.raises(TypeError, match="real numbers are needed"):
            read(rows, [])
    else:
        assert read(rows, []).tolist() == ROWS


@pytest.mark.parametrize("rows", [rows for rows, _ in STRANGE.values()], ids=STRANGE)
def test_a_numpy_module_refuses_anything_but_numbers(rows: Any) -> None:
    if isinstance(rows, memoryview):
        pytest.skip("NumPy can read what Python cannot")
    with pytest.raises((TypeError, ValueError, OverflowError, Warning)):  # NumPy warns of some entries
        load_function(PYTHON.source_for("numpy"), "value")(rows, [])


def test_printed_modules_read_parameters_of_any_kind() -> None:
    for target in ("python", "numpy"):
        scaled = load_function(SCALED.source_for(target))
        for parameters in ([20], (20.0,), np.array([20], np.uint8), [np.int8(20)], array("b", [20])):
            assert scaled(3 if target == "python" else [[3]], parameters) == (1200.0, [120.0])


def test_a_python_module_computes_with_floats() -> None:
    square = load_function(SQUARE.source)
    for given, expected in [*NUMBERS, (np.uint8(200), 200.0), (np.float16(300.0), 300.0)]:
        value, [slope] = square(given, [])
        assert (repr(value), repr(slope)) == (repr(expected * expected - 300.0), repr(2.0 * expected)), given
    for stranger in ("1", b"1", None, 1j, [1.0], Value(1.0)):
        with pytest.raises(TypeError):
            square(stranger, [])


def test_a_python_module_drops_no_part_of_a_number() -> None:
    square, scaled = load_function(SQUARE.source), load_function(SCALED.source)
    strangers: list[Any] = [np.complex64(1 + 2j), np.complex128(1), np.timedelta64(5, "ns"), np.datetime64(5, "ns")]
    strangers += [np.ma.masked, masked_array(1.0, mask=True), np.array(1j), np.array("1"), np.str_("1"), np.void(b"1")]
    for stranger in strangers:
        for function, arguments in ((square, (stranger, [])), (scaled, (3.0, [stranger]))):
            with pytest.raises(TypeError, match=re.escape(f"a real number is needed, not {stranger!r}")):
                function(*arguments)
