"""Runs of equal operations with operands at regular distances."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import pytest

from engine import Value, ops, toposort
from engine.compiler.repetition import runs
from engine.compiler.repetition.runs import SPACE, Run, find_runs, number_nodes, operand_numbers


def runs_of(output: Value, x: list[Value], free: set[Any] | None = None) -> list[Run]:
    operations, numbers = number_nodes(toposort(output), {leaf: i - SPACE for i, leaf in enumerate(x)})
    return find_runs(operations, numbers, free or set())


def leaves(n: int) -> list[Value]:
    return [Value(0.1 * i, f"x_{i}") for i in range(n)]


def test_a_sum_of_equal_terms_is_a_run() -> None:
    x = leaves(20)
    total = x[0].sin()
    for leaf in x[1:]:
        total = total + leaf.sin()
    assert runs_of(total, x) == [Run(1, 2, 19)]


def test_operands_are_at_first_plus_stride_times_t() -> None:
    x = leaves(20)
    h = x[0].tanh()
    for leaf in x[1:]:
        h = (h * leaf).tanh()
    operations, numbers = number_nodes(toposort(h), {leaf: i - SPACE for i, leaf in enumerate(x)})
    [run] = find_runs(operations, numbers)
    found = [(b, k, column[0], column[1] - column[0]) for b, k, column in operand_numbers(run, operations, numbers)]
    assert run == Run(1, 2, 19)
    assert found == [(0, 0, 0, 2), (0, 1, 1 - SPACE, 1), (1, 0, 1, 2)]


def test_leaves_at_irregular_distances_end_a_run() -> None:
    x = leaves(40)
    order = [*range(15), *range(25, 40)]
    total = x[0].sin()
    for i in order[1:]:
        total = total + x[i].sin()
    assert [run.iterations for run in runs_of(total, x)] == [14, 15]


def test_terms_in_shuffled_blocks_are_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    blocks = [range(i, i + 12) for i in range(0, 4800, 12)]
    random.Random(0).shuffle(blocks)
    x = leaves(4800)
    total = x[0] * 0.5
    for block in blocks:
        for i in block:
            total = total + x[i].sin()
    read: list[int] = []

    def count(run: Run, *of: Any) -> Iterator[tuple[int, int, list[Any]]]:
        read.append(run.period * run.iterations)
        return operand_numbers(run, *of)

    monkeypatch.setattr(runs, "operand_numbers", count)
    found = runs_of(total, x)
    assert [run.iterations for run in found].count(12) > 390
    assert sum(read) < 3 * 9600


def test_constants_may_differ_only_where_they_are_free_to() -> None:
    x = leaves(20)
    total = x[0] * 0.5
    for i, leaf in enumerate(x[1:]):
        total = total + leaf * (i + 2.0)
    assert runs_of(total, x) == []
    assert runs_of(total, x, {ops.multiply}) == [Run(1, 2, 19)]


def test_the_longest_repetition_is_preferred() -> None:
    x = leaves(10)
    h = x[0].sin()
    for leaf in x[1:]:
        for _ in range(6):
            h = (h * 0.5).tanh()
        h = h + leaf
    [run] = runs_of(h, x, {ops.multiply})
    assert (run.period, run.iterations) == (13, 9)


def test_a_graph_without_repetition_has_no_runs() -> None:
    x = Value(0.5, "x")
    assert runs_of((x.sin() + x.exp()) * x.tanh() - x.cos(), [x]) == []
