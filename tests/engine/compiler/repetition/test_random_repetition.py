"""Random graphs that repeat themselves: loops compute the same bits as the formulas one by one."""

from __future__ import annotations

import pytest
from hypothesis import given, reject, settings
from hypothesis import strategies as st

from engine import DomainError
from tests import by_night, share
from tests.engine.compiler.backends import needs_llvm
from tests.engine.compiler.repetition.repeated_graphs import repeated
from tests.engine.compiler.repetition.unrolled import assert_same_bits, compile_twice, has_loops


def check(seed: int, kind: str) -> bool:
    """Compare the programs of a graph with inputs, parameters, or both; whether there are loops."""
    output, x, others = repeated(seed)
    inputs = {"inputs": [*x, *others], "both": x, "parameters": []}[kind]
    programs = compile_twice(output, inputs, None if kind == "inputs" else [*others, *x])
    assert_same_bits(programs, len(inputs), seed=seed)
    return has_loops(programs[0])


@pytest.mark.thorough
@needs_llvm
@settings(max_examples=share(0.3), deadline=None)
@given(st.integers(0, 10**9), st.sampled_from(["inputs", "both", "parameters"]))
def test_loops_compute_the_same_bits(seed: int, kind: str) -> None:
    try:
        check(seed, kind)
    except DomainError:  # where the graph is built: numbers have grown too large
        reject()


@pytest.mark.thorough
@needs_llvm
def test_many_of_the_random_graphs_have_loops() -> None:
    n = by_night(10, 20)
    assert sum(check(seed, "inputs") for seed in range(n)) >= 0.3 * n
