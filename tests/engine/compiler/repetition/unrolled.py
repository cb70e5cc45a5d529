"""Programs of the same graph with and without loops, and the comparison of their results bit by bit."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from unittest.mock import patch

import pytest

from engine import Program, Value, compile
from engine.compiler.repetition import formulas, segments
from engine.compiler.targets.llvm.kernel_code import lower_for_host
from tests.engine.float_bits import bits


def compile_twice(output: Value | list[Value], inputs: list[Value], wrt: list[Value] | None) -> tuple[Program, Program]:
    """A program in which repetition is looked for in small graphs, too, and one without loops."""
    with patch.object(segments, "MIN_OPERATIONS", 8):
        looping = compile(output, inputs, wrt, backend="llvm")
        _ = looping._ir
    with patch.object(segments, "MIN_OPERATIONS", 10**9):
        plain = compile(output, inputs, wrt, backend="llvm")
        _ = plain._ir
    return looping, plain


@contextmanager
def looking_closely() -> Iterator[None]:
    """Short loops are made, and straight segments are short."""
    with patch.object(segments, "MAX_STRAIGHT", 5), patch.object(formulas, "MIN_SAVED", 5):
        yield


def has_loops(program: Program) -> bool:
    """Whether the machine code of the value and its derivatives, or of several values, consists of loops."""
    ir = program._evaluation.gradient.ir if program._has_gradient else program._ir
    with looking_closely():
        return lower_for_host(ir, many=False, summed=False).iterated > 0


def has_data(program: Program) -> bool:
    """Whether the formulas of loops are others than those of the program without loops, since they have data."""
    repetition = program._ir.repetition
    assert repetition is not None
    return any(found.outputs is not repetition._formulas.outputs for found in repetition.found[:1])


def assert_same_bits(programs: Sequence[Program], n_inputs: int, n_rows: int = 5, seed: int = 0) -> None:
    """All results of both programs have the same bits: of a point, of rows, of sums over rows.

    If there are data, they are only equal but for rounding; `test_data` has their bits.
    """
    rng = random.Random(seed)
    rows = [[rng.uniform(-1.5, 1.5) for _ in range(n_inputs)] for _ in range(n_rows)]

    def results(program: Program) -> list[float]:
        found: list[float] = []
        with looking_closely():
            found += program(*rows[0]) if not program._has_gradient else [program(*rows[0])]
            if program._has_gradient:
                value, slopes = program.value_and_grad(*rows[0])
                found += [value, *slopes]
                for some in (rows, rows[:1]):
                    total, sums = program.sum_over(some)
                    found += [total, *sums]
            if n_inputs:
                each = program.each(rows)
                found += each if program._has_gradient else [x for row in each for x in row]
        return found

    first, second = map(results, programs)
    if has_data(programs[0]):
        assert first == pytest.approx(second, rel=1e-9, abs=1e-11, nan_ok=True)
    else:
        assert list(map(bits, first)) == list(map(bits, second))
