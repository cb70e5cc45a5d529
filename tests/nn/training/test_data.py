"""Training data: the types that are read, and the errors that name a wrong entry."""

import random
import re
from array import array
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from nn.training.data import make_samples, read_inputs, read_targets, shuffled_batches

ROWS = [[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]


KINDS: dict[str, Any] = {
    "lists": ROWS,
    "tuples": tuple(map(tuple, ROWS)),
    "an array": np.array(ROWS),
    "an array of float32": np.array(ROWS, dtype=np.float32),
    "an array of int8": np.array(ROWS, dtype=np.int8),
    "a list of arrays": [np.array(row) for row in ROWS],
    "lists of NumPy's numbers": [list(np.array(row)) for row in ROWS],
    "array.array": [array("d", row) for row in ROWS],
    "other numbers": [[Fraction(1), True + 1], [3, 4], [5, 6]],
    "ranges": [range(1, 3), range(3, 5), range(5, 7)],
}


@pytest.mark.parametrize("given", KINDS.values(), ids=KINDS)
def test_rows_of_any_kind_are_read(given: Any) -> None:
    assert [list(row) for row in read_inputs(given)] == ROWS


class Frame:
    """The part of a data frame of pandas that is used; to iterate over one would give the names of its columns."""

    def to_numpy(self) -> Any:
        return np.array(ROWS)


def test_a_data_frame_is_read_by_rows() -> None:
    assert read_inputs(Frame()) == ROWS


@pytest.mark.parametrize(
    "given", [[1, 2.5], (1.0, 2.5), np.array([1.0, 2.5]), [np.float64(1), np.float32(2.5)]], ids=repr
)
def test_one_input_may_be_a_plain_number(given: Any) -> None:
    assert read_inputs(given) == [[1.0], [2.5]]


BAD = {
    "empty": ([], ValueError, "inputs is empty: at least one sample"),
    "empty array": (np.zeros((0, 2)), ValueError, "inputs is empty"),
    "an empty row": ([[1.0], [], [2.0]], ValueError, "inputs[1] is empty"),
    "ragged": ([[1, 2], [3, 4], [5]], ValueError, "inputs[2] has length 1, but inputs[0] has length 2"),
    "too deep": (np.zeros((2, 3, 3)), TypeError, "inputs[0][0] is [0.0, 0.0, 0.0], of type list: a sample is a flat"),
    "text": ([[1, 2], [3, "4"]], TypeError, "inputs[1][1] is '4', of type str: a sample is a flat list of"),
    "None": ([[1, None]], TypeError, "inputs[0][1] is None, of type NoneType"),
    "complex": ([[1, 1j]], TypeError, "inputs[0][1] is 1j, of type complex"),
    "NaN": ([[1, 2], [3, 4], [5, 6], [7, float("nan")]], ValueError, "inputs[3][1] is nan: a finite number"),
    "infinite": (np.array([1.0, -np.inf]), ValueError, "inputs[1] is -inf: a finite number"),
    "huge": ([[10**400]], ValueError, "too large for a float"),
    "a generator": ((row for row in ROWS), TypeError, "of type generator; it can be read only once: write list(...)"),
    "a zip": (zip(ROWS, ROWS, strict=True), TypeError, "of type zip; it can be read only once"),
    "a generator in a row": ([(x for x in "12")], TypeError, "of type generator: a finite number is needed"),
    "a number": (3.0, TypeError, "inputs must be a list, a tuple or an array with an entry for each sample, not 3.0"),
    "a string": ("12", TypeError, "not '12' of type str"),
    "a set": ({1, 2}, TypeError, "of type set"),
    "a dict": ({"x": 1}, TypeError, "of type dict"),
}


@pytest.mark.parametrize(("given", "error", "message"), BAD.values(), ids=BAD)
def test_an_error_in_inputs_is_named_with_its_row(given: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=re.escape(message)):
        read_inputs(given)


@pytest.mark.parametrize("targets", [[2, 0], (2.0, 0.0), np.array([2, 0]), [np.int64(2), np.uint8(0)]], ids=repr)
def test_class_indices_become_one_hot_for_several_outputs(targets: Any) -> None:
    assert read_targets(targets, 2, n_outputs=3) == ([[0, 0, 1], [1, 0, 0]], False)
    assert read_targets(targets, 2, n_outputs=1) == ([[2.0], [0.0]], True)


def test_class_indices_and_rows_of_targets_may_be_mixed() -> None:
    assert read_targets([1, [0.25, 0.75]], 2, n_outputs=2) == ([[0.0, 1.0], [0.25, 0.75]], False)


def test_a_column_of_targets_is_read_as_a_flat_list_is() -> None:
    assert read_targets([[1.0], [2.0]], 2, n_outputs=1) == ([[1.0], [2.0]], True)
    assert read_targets(np.ones((2, 1)), 2, n_outputs=1) == ([[1.0], [1.0]], True)


BAD_TARGETS = {
    "no such class": ([0, 3, 1], 3, "targets[1]: unknown class 3; with 3 outputs, the classes are 0 to 2"),
    "negative": ([0, 1, -1], 3, "targets[2]: unknown class -1;"),
    "no whole number": ([0, 0.5, 1], 3, "the classes are 0 to 2; a target that is not a class is a list, [0.5]"),
    "too few": ([0, 1], 3, "3 samples need as many targets, 2 were given: inputs[2] lacks a target"),
    "too many": ([0, 1, 2, 0], 3, "3 samples need as many targets, 4 were given: targets[3] lacks inputs"),
    "wrong size": ([[0, 1, 0], [0, 1], [1, 0, 0]], 3, "targets[1] has length 2, but targets[0] has length 3"),
    "an index among short rows": ([[0, 1], 1, [1, 0]], 3, "targets[1] has length 3, but targets[0] has length 2"),
    "not of one kind": ([1.0, [2.0], 3.0], 1, "targets[1] is [2.0], but targets[0] is 1.0"),
    "NaN": ([1.0, 2.0, float("nan")], 1, "targets[2] is nan"),
}


@pytest.mark.parametrize(("targets", "n_outputs", "message"), BAD_TARGETS.values(), ids=BAD_TARGETS)
def test_an_error_in_targets_is_named_with_its_row(targets: Any, n_outputs: int, message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        read_targets(targets, 3, n_outputs)


def test_errors_name_validation_samples_as_such() -> None:
    with pytest.raises(ValueError, match=r"validation inputs\[1\] lacks a target"):
        make_samples([[1.0], [2.0]], [1], 1, "validation ")


def test_a_part_keeps_the_indices_of_its_samples() -> None:
    part = make_samples(ROWS, [7, 8, 9], 1).part([2, 0])
    assert (list(map(list, part.rows)), part.indices) == ([[5.0, 6.0, 9.0], [1.0, 2.0, 7.0]], [2, 0])


@pytest.mark.parametrize(("count", "size"), [(1, 1), (5, 2), (6, 2), (7, 100)])
def test_batches_hold_each_sample_once(count: int, size: int) -> None:
    batches = shuffled_batches(count, size, random.Random(0))
    assert sorted(i for batch in batches for i in batch) == list(range(count))
    assert {len(batch) for batch in batches[:-1]} <= {size}


def test_one_batch_of_all_samples_keeps_their_order() -> None:
    rng = random.Random(0)
    before = rng.getstate()
    assert shuffled_batches(5, 5, rng) == [[0, 1, 2, 3, 4]]
    assert rng.getstate() == before


def test_every_order_is_equally_likely() -> None:
    rng = random.Random(0)
    first = [shuffled_batches(4, 1, rng)[0][0] for _ in range(4000)]
    assert all(900 < first.count(i) < 1100 for i in range(4))
