"""The pieces of the benchmark at tiny sizes, so that they do not rot. How long they take is nobody's concern here."""

from __future__ import annotations

import importlib.util

import pytest

from engine import Value
from tests.bench.__main__ import compared
from tests.bench.work import WORK, build, plan

PEERS = ["pathgrad", *(["micrograd"] if importlib.util.find_spec("micrograd") else [])]
RUN_HERE = [name for name in WORK if name != "memory"]  # which traces all that the other tests have allocated


@pytest.mark.parametrize("peer", PEERS)
@pytest.mark.parametrize("name", RUN_HERE)
def test_each_work_is_measured(name: str, peer: str) -> None:
    numbers = WORK[name](peer, 20)
    assert numbers
    assert all(number > 0 for number in numbers.values())


def test_the_formula_has_the_size_that_was_asked_for() -> None:
    leaves, steps, width = plan(1000)
    assert len(leaves) + len(steps) == 1000
    assert all(max(i, j) < width + n for n, (_, i, j) in enumerate(steps))
    assert build(Value, (leaves, steps, width)).data == build(Value, plan(1000)).data


def test_a_missing_peer_is_left_out_of_the_table() -> None:
    line = compared("work", {"pathgrad": {"best": [0.001, 0.002, 0.003]}}, "best", "best", ">= 2")
    assert line.split() == ["work", "2.00", "(1", "to", "3)"]
