"""Programs of the same graph with and without loops, and the comparison of their results bit by bit."""

from __future__ import annotations

import random
from collections.abc import Sequence
from unittest.mock import patch

from engine import Program, Value, compile
from engine.compiler.repetition import segments
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


def has_loops(program: Program) -> bool:
    """Whether the machine code of the value and its derivatives, or of several values, consists of loops."""
    ir = program._evaluation.gradient.ir if program._has_gradient else program._ir
    with patch.object(segments, "MAX_STRAIGHT", 5):
        return lower_for_host(ir, many=False, summed=False).iterated > 0


def assert_same_bits(programs: Sequence[Program], n_inputs: int, n_rows: int = 5, seed: int = 0) -> None:
    """All results of both programs have the same bits: of a point, of rows, of sums over rows."""
    rng = random.Random(seed)
    rows = [[rng.uniform(-1.5, 1.5) for _ in range(n_inputs)] for _ in range(n_rows)]

    def results(program: Program) -> list[float]:
        found: list[float] = []
        with patch.object(segments, "MAX_STRAIGHT", 5):
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
    assert list(map(bits, first)) == list(map(bits, second))
