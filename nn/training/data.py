"""Training data: inputs and targets of many types, checked and read into rows of floats.

A row is one sample: its inputs, then its targets. Errors name the entry, counted from 0: the fourth is inputs[3].
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite
from reprlib import repr as abridged
from typing import Any, Protocol

from engine._support import checks
from engine._support.real_numbers import as_float, is_sequence, read_numbers, to_lists
from nn.losses import one_hot
from nn.training import buffers

MAX_SAFE_NUMBER = 1e308  # an int below it converts to a finite float
SampleRow = Sequence[float]  # an array of doubles, once it is read


class Shuffler(Protocol):
    """A source of random orders: the `random` module or a `random.Random`."""

    def shuffle(self, x: list[int], /) -> None:
        """Shuffle a list in place."""


@dataclass(frozen=True)
class Samples:
    """Samples that have been read and checked.

    Attributes:
        rows: A row for each sample, an array of doubles: `n_inputs` inputs, then the targets.
        indices: The index of each row in the user's data.
        n_inputs: The number of inputs.
        one_target: Whether a target is one number rather than a list of them.
        error_prefix: "" or "validation ", which stands before "sample 3" in errors.
    """

    rows: Sequence[SampleRow]
    indices: list[int]
    n_inputs: int
    one_target: bool
    error_prefix: str = ""

    def target(self, row: SampleRow) -> Any:
        """The target of a row: a number, or a list of them."""
        return row[-1] if self.one_target else list(row[self.n_inputs :])

    def part(self, positions: Sequence[int], error_prefix: str = "") -> Samples:
        """The samples at these positions."""
        rows, indices = [self.rows[i] for i in positions], [self.indices[i] for i in positions]
        return Samples(rows, indices, self.n_inputs, self.one_target, error_prefix)


def make_samples(inputs: Sequence[SampleRow], targets: Any, n_outputs: int, error_prefix: str = "") -> Samples:
    """Make samples from inputs that `read_inputs` has read, and targets, which `read_targets` reads here.

    >>> samples = make_samples([[1.0, 2.0], [3.0, 4.0]], [1, 0], n_outputs=2)
    >>> samples.rows, samples.target(samples.rows[1])
    ([array('d', [1.0, 2.0, 0.0, 1.0]), array('d', [3.0, 4.0, 1.0, 0.0])], [1.0, 0.0])
    """
    wanted, one_target = read_targets(targets, len(inputs), n_outputs, f"{error_prefix}targets")
    rows = [array("d", x) + array("d", y) for x, y in zip(inputs, wanted, strict=True)]
    return Samples(rows, list(range(len(rows))), len(inputs[0]), one_target, error_prefix)


def read_inputs(inputs: Any, name: str = "inputs") -> Sequence[SampleRow]:
    """Read the inputs of every sample as floats, of one length; a sample of one input may be a plain number.

    Lists, tuples, arrays (of NumPy, or with a method `tolist`) and data frames are read. Raises TypeError for other
    types and for entries that are not numbers, or are masked; ValueError without samples or inputs, for samples of
    unequal length, NaN, infinities and numbers above the largest float.

    >>> read_inputs([(1, 2), [3.5, 4]])
    [[1.0, 2.0], [3.5, 4.0]]
    >>> read_inputs([[1, 2], [3]])
    Traceback (most recent call last):
    ...
    ValueError: inputs[1] has length 1, but inputs[0] has length 2
    """
    if found := _rows_of_doubles(inputs):
        return found
    rows = [read_sample(sample, f"{name}[{i}]") for i, sample in enumerate(_entries(inputs, name))]
    _check_lengths(rows, name)
    return rows


def _rows_of_doubles(inputs: Any) -> list[array[float]]:
    """The rows of an array of doubles, which are copied at once; none of other data, or if an entry is not finite."""
    try:
        view = memoryview(inputs)
    except (TypeError, ValueError, BufferError):
        return []
    if view.format != "d" or view.ndim != 2 or not view.nbytes or view.shape is None or hasattr(inputs, "mask"):
        return []
    if not buffers.is_all_finite(view):
        return []
    numbers, n = array("d", view.tobytes()), view.shape[1]
    return [numbers[i : i + n] for i in range(0, len(numbers), n)]


def read_targets(targets: Any, count: int, n_outputs: int, name: str = "targets") -> tuple[list[list[float]], bool]:
    """Read the targets of `count` samples as lists of floats of one length; also return whether each was one number.

    If the model has several outputs, a target that is one number is the index of a class, and becomes one-hot: 1 at
    that output and 0 at the others. Raises as `read_inputs` does, and ValueError for an index out of range, or if there
    are not as many targets as samples.

    >>> read_targets([2, 0], 2, n_outputs=3)
    ([[0.0, 0.0, 1.0], [1.0, 0.0, 0.0]], False)
    >>> read_targets([2, 0], 2, n_outputs=1)
    ([[2.0], [0.0]], True)
    """
    given = _entries(targets, name)
    if len(given) != count:
        inputs = name.replace("targets", "inputs")
        first = f"{inputs}[{len(given)}] lacks a target" if len(given) < count else f"{name}[{count}] lacks inputs"
        raise ValueError(f"{count} samples need as many targets, {len(given)} were given: {first}")
    rows = [read_sample(target, f"{name}[{i}]") for i, target in enumerate(given)]
    single = [not is_sequence(target) for target in given]
    if n_outputs > 1:
        for i, row in enumerate(rows):
            rows[i] = _one_hot(row[0], n_outputs, f"{name}[{i}]") if single[i] else row
    elif len(set(single)) > 1:
        i = single.index(not single[0])
        kinds = f"{name}[{i}] is {abridged(given[i])}, but {name}[0] is {abridged(given[0])}"
        raise ValueError(f"{kinds}: targets are either all numbers or all lists")
    _check_lengths(rows, name)
    return rows, n_outputs == 1 and all(len(row) == 1 for row in rows)  # a column is read as a flat list is


def _one_hot(index: float, n_outputs: int, name: str) -> list[float]:
    try:
        return one_hot(int(index) if index.is_integer() else index, n_outputs)
    except ValueError as error:
        hint = "" if index.is_integer() else f"; a target that is not a class is a list, [{index!r}]"
        raise ValueError(f"{name}: {error}{hint}") from None


def _check_lengths(rows: list[list[float]], name: str) -> None:
    for i, row in enumerate(rows):
        if len(row) != len(rows[0]):
            raise ValueError(f"{name}[{i}] has length {len(row)}, but {name}[0] has length {len(rows[0])}")


def _entries(data: Any, name: str) -> list[Any]:
    """The list of the samples' entries. Raises TypeError unless the data is a sequence, ValueError if it is empty."""
    samples = to_lists(data, name)
    if not is_sequence(samples):
        hint = "; it can be read only once: write list(...) around it" if hasattr(data, "__next__") else ""
        needs = f"{name} must be a list, a tuple or an array with an entry for each sample"
        raise TypeError(f"{needs}, not {checks.format_given(data)}{hint}")
    if not len(samples):
        raise ValueError(f"{name} is empty: at least one sample is needed")
    return [to_lists(sample, f"{name}[{i}]") for i, sample in enumerate(samples)]


def read_sample(data: Any, name: str) -> list[float]:
    """Read one number or several, as floats. Raises errors as `read_inputs` does."""
    if not is_sequence(data):
        numbers = [as_float(data, f"{name} is", "a finite number is needed")]
    elif len(data):
        numbers = read_numbers(data, name, "a sample is a flat list of finite numbers")
    else:
        raise ValueError(f"{name} is empty: a sample needs at least one number")
    if not all(map(isfinite, numbers)):
        j = [*map(isfinite, numbers)].index(False)
        place = f"{name}[{j}]" if is_sequence(data) else name
        raise ValueError(f"{place} is {numbers[j]!r}: a finite number is needed")
    return numbers


def shuffled_batches(count: int, size: int, rng: Shuffler) -> list[list[int]]:
    """Split the positions 0 to count - 1 into batches, each position once; the last batch may be smaller.

    They are shuffled by `rng`, unless one batch holds them all, where the order affects only rounding.

    >>> import random
    >>> shuffled_batches(5, 2, random.Random(0))
    [[2, 1], [0, 4], [3]]
    """
    order = list(range(count))
    if size < count:
        rng.shuffle(order)
    return [order[start : start + size] for start in range(0, count, size)]
