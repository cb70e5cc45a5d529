"""Training data: what a user has, read into rows of floats, each checked and any fault named by its row.

A row is one sample: its inputs, then its targets. Rows are counted from 0, as Python does: the fourth is inputs[3].
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import islice
from math import isfinite
from reprlib import repr as abridged
from typing import Any

from engine.value import as_float

Row = list[float]


@dataclass(frozen=True)
class Samples:
    """Samples that have been read and checked.

    Attributes:
        rows: A row for each sample: `n_inputs` inputs, then the targets.
        indices: Where in the user's data each row comes from.
        n_inputs: The number of inputs.
        one_target: Whether a target is one number, rather than a list of them.
        name: What an error calls these samples, in front of "sample 3"; "" or "validation ".
    """

    rows: list[Row]
    indices: list[int]
    n_inputs: int
    one_target: bool
    name: str = ""

    def __len__(self) -> int:
        return len(self.rows)

    def target(self, row: Row) -> float | list[float]:
        """The target of a row: a number, or a list of them."""
        return row[-1] if self.one_target else row[self.n_inputs :]

    def inputs(self, row: Row) -> list[float]:
        """The inputs of a row."""
        return row[: self.n_inputs]

    def called(self, position: int) -> str:
        """What an error calls the sample of that row."""
        return f"{self.name}sample {self.indices[position]}"

    def part(self, positions: Sequence[int], name: str = "") -> Samples:
        """Some of the samples."""
        rows, indices = [self.rows[i] for i in positions], [self.indices[i] for i in positions]
        return Samples(rows, indices, self.n_inputs, self.one_target, name or self.name)


def read_inputs(inputs: Any, name: str = "inputs") -> list[Row]:
    """The inputs of every sample, as lists of floats of one length; a sample of one input may be a plain number.

    Lists, tuples and arrays (NumPy's, and what else has `tolist`) are read. Raises TypeError for what is no sequence
    and for what is no number, ValueError for no samples, no inputs, rows of unequal length, NaN and infinities.

    >>> read_inputs([(1, 2), [3.5, 4]])
    [[1.0, 2.0], [3.5, 4.0]]
    >>> read_inputs([[1, 2], [3]])
    Traceback (most recent call last):
    ...
    ValueError: inputs[1] has length 1, inputs[0] has length 2: every sample needs as many inputs
    """
    rows = [_numbers(row, f"{name}[{i}]") for i, row in enumerate(_samples(inputs, name))]
    _check_lengths(rows, name, "inputs")
    return rows


def read_targets(targets: Any, count: int, n_outputs: int, name: str = "targets") -> tuple[list[Row], bool]:
    """The targets of `count` samples as lists of floats of one length, and whether each was one number.

    Where the model has several outputs, a target that is one number is the index of a class, and becomes one-hot: 1 at
    that output and 0 at the others. Raises as `read_inputs` does, and ValueError for an index that is not among the
    outputs, or if there are more or fewer targets than samples.

    >>> read_targets([2, 0], 2, n_outputs=3)
    ([[0.0, 0.0, 1.0], [1.0, 0.0, 0.0]], False)
    >>> read_targets([2, 0], 2, n_outputs=1)
    ([[2.0], [0.0]], True)
    """
    given = _samples(targets, name)
    if len(given) != count:
        raise ValueError(f"{count} samples need as many targets: {name} has {len(given)}")
    one = [not _is_sequence(target) for target in given]
    rows = [_numbers(target, f"{name}[{i}]") for i, target in enumerate(given)]
    if n_outputs > 1:
        rows = [
            _one_hot(row[0], n_outputs, f"{name}[{i}]") if is_index else row
            for i, (row, is_index) in enumerate(zip(rows, one, strict=True))
        ]
    elif any(one) and not all(one):
        i = one.index(not one[0])
        raise ValueError(f"{name}[{i}] is {abridged(given[i])}, {name}[0] is {abridged(given[0])}: write all alike")
    _check_lengths(rows, name, "targets")
    return rows, n_outputs == 1 and all(one)


def _one_hot(index: float, n_outputs: int, name: str) -> Row:
    if not index.is_integer():
        raise ValueError(f"{name} is {index!r}: with {n_outputs} outputs it is a class index, or {n_outputs} numbers")
    if not 0 <= index < n_outputs:
        possible = f"the model has {n_outputs} outputs, for the classes 0 to {n_outputs - 1}"
        raise ValueError(f"{name} is class {int(index)}, but {possible}")
    return [1.0 if i == index else 0.0 for i in range(n_outputs)]


def _check_lengths(rows: list[Row], name: str, noun: str) -> None:
    for i, row in enumerate(rows):
        if len(row) != len(rows[0]):
            both = f"{name}[{i}] has length {len(row)}, {name}[0] has length {len(rows[0])}"
            raise ValueError(f"{both}: every sample needs as many {noun}")


def _samples(data: Any, name: str) -> list[Any]:
    """An entry for each sample."""
    samples = _plain(data)
    if not _is_sequence(samples):
        hint = "; a generator can be read only once: write list(...) around it" if hasattr(data, "__next__") else ""
        given = f"{abridged(data)} of type {type(data).__name__}"
        raise TypeError(f"{name} must be a list, a tuple or an array with an entry for each sample, not {given}{hint}")
    if not len(samples):
        raise ValueError(f"{name} is empty: training needs at least one sample")
    return [_plain(sample) for sample in samples]


def _numbers(data: Any, name: str) -> Row:
    """One number or several, as floats."""
    if not _is_sequence(data):
        return [_number(data, name)]
    if not len(data):
        raise ValueError(f"{name} is empty: a sample needs at least one number")
    return [x if type(x) is float and isfinite(x) else _number(x, f"{name}[{j}]") for j, x in enumerate(data)]


def _number(data: Any, name: str) -> float:
    if isinstance(data, (str, bytes)):
        raise TypeError(f"{name} is {abridged(data)}, of type {type(data).__name__}: a number is needed")
    try:
        number = as_float(data)
    except OverflowError:
        raise ValueError(f"{name} is {abridged(data)}, which is too large for a float") from None
    except (TypeError, ValueError):
        given = f"{abridged(data)}, of type {type(data).__name__}"
        raise TypeError(f"{name} is {given}: a finite number is needed") from None
    if not isfinite(number):
        raise ValueError(f"{name} is {number!r}: a finite number is needed")
    return number


def _plain(data: Any) -> Any:
    """Arrays as (nested) lists, data frames by way of arrays; the rest as it is."""
    for method in ("to_numpy", "tolist"):
        convert: Callable[[], Any] | None = getattr(data, method, None)
        if convert is not None and not isinstance(data, type):
            data = convert()
    return data


def _is_sequence(data: Any) -> bool:
    return isinstance(data, Sequence) and not isinstance(data, (str, bytes))


def shuffled_batches(count: int, size: int, rng: Any) -> list[list[int]]:
    """The positions 0 to count - 1 in batches, without replacement; the last may be smaller.

    They are shuffled by `rng`, unless one batch holds them all: its order matters to nothing but rounding.

    >>> import random
    >>> shuffled_batches(5, 2, random.Random(0))
    [[2, 1], [0, 4], [3]]
    """
    order = list(range(count))
    if size < count:
        rng.shuffle(order)
    positions = iter(order)
    return [list(islice(positions, size)) for _ in range(0, count, size)]
