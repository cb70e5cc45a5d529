"""Regular sequences: their shapes are found, and others are cut into parts that are as long as can be."""

import random
from math import prod

from engine.compiler.sequences import find_strides, positions, regular_end, regular_parts
from tests import by_night


def test_the_strides_of_regular_sequences_are_found() -> None:
    rng = random.Random(0)
    for _ in range(by_night(50, 10_000)):
        sizes = tuple(rng.sample([2, 3, 5, 90], rng.randint(1, 3)))
        sequences = [positions(sizes, tuple(rng.randint(-3, 99) for _ in sizes), rng.randint(0, 9)) for _ in range(2)]
        found = find_strides(sequences, prod(sizes))
        assert found
        shape, strides = found
        assert len(shape) <= len(sizes)
        assert [positions(shape, x, y[0]) for x, y in zip(strides, sequences, strict=True)] == sequences
        changed = rng.randrange(prod(sizes))
        sequences[1][changed] += 1000
        assert prod(sizes) < 4 or find_strides(sequences, prod(sizes)) is None


def test_parts_are_regular_and_as_long_as_can_be() -> None:
    rng = random.Random(0)
    for _ in range(by_night(100, 10_000)):
        keys: list[int] = []
        sequences: list[list[int]] = [[], []]
        for key in range(rng.randint(0, 5)):
            length = rng.choice([1, 2, 3, 63, 64, 65, 66, 67, 300])
            keys += [key // 2] * length
            for sequence in sequences:
                sequence += positions((length,), (rng.randint(-1, 2),), rng.randint(0, 3))
        parts = list(regular_parts(keys, sequences))
        assert [i for begin, end in parts for i in range(begin, end)] == list(range(len(keys)))
        for begin, end in parts:
            steps = {tuple(x[i + 1] - x[i] for x in sequences) for i in range(begin, end - 1)}
            assert len(steps) <= 1 == len(set(keys[begin:end]))
            if end < len(keys) and keys[end] == keys[begin]:
                assert regular_end(sequences, begin, end + 1) == end
