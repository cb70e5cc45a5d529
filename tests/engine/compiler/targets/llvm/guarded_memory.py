"""Run programs whose arrays end at a guard page: an access beyond their end stops the process.

python -m tests.engine.compiler.targets.llvm.guarded_memory
"""

import ctypes
import mmap
from typing import Any, cast

from engine import Program, Value, compile, dot, exp, tanh
from engine.compiler.calls.batch import Batch
from engine.compiler.targets.llvm import execution, memory
from engine.compiler.targets.llvm.execution import LLVMExecutable
from tests.engine.compiler.agreement import spread

PAGE = mmap.PAGESIZE
N = 9
_allocated: list[mmap.mmap] = []


def guarded(n: int) -> int:
    """The address of n doubles before a guard page."""
    pages = -(-8 * n // PAGE)
    memory = mmap.mmap(-1, (pages + 1) * PAGE)
    _allocated.append(memory)
    start = ctypes.addressof(ctypes.c_char.from_buffer(memory))
    protect = ctypes.CDLL(None, use_errno=True).mprotect
    if protect(ctypes.c_void_p(start + pages * PAGE), ctypes.c_size_t(PAGE), 0):
        raise OSError(ctypes.get_errno(), "mprotect")
    return start + pages * PAGE - 8 * n


class GuardedMemory:
    """A replacement of `memory.AlignedMemory` that ends at a guard page."""

    def __init__(self, n: int) -> None:
        self.address = guarded(n)


class GuardedDoubles:
    """A replacement of an array of doubles that ends at a guard page, with the methods that programs use."""

    def __init__(self, n: int) -> None:
        self.address = guarded(n)
        self.numbers: memoryview[float] = (
            memoryview((ctypes.c_double * n).from_address(self.address)).cast("B").cast("d")
        )

    def buffer_info(self) -> tuple[int, int]:
        return self.address, len(self.numbers)

    def tolist(self) -> list[float]:
        return [*self.numbers]

    def __setitem__(self, i: int, number: float) -> None:
        self.numbers[i] = number


def programs() -> list[tuple[Program, int]]:
    """Programs without loops, with loops of both kinds, and with several outputs; and their numbers of inputs."""
    x, y = [Value(0.5, f"x_{i}") for i in range(N)], Value(0.5, "y")
    w = [Value(0.1 * i, f"w_{i}") for i in range(3 * N)]
    units = [tanh(dot(w[i * N : (i + 1) * N], x)) for i in range(3)]
    return [
        (compile(exp(y) * w[1], [y], w[:2], backend="llvm"), 1),
        (compile(units[0] * units[1] + units[2], x, [*w, *x], backend="llvm"), N),
        (compile([*units, y], [*x, y], backend="llvm"), N + 1),
    ]


def run(program: Program, width: int, n: int, threads: int) -> None:
    """Assert that n rows before a guard page have the sums and the values of the same rows in a list."""
    rows = spread(n, width)
    read = Batch(rows, width)
    start = guarded(n * width)
    ctypes.memmove(start, read.address, 8 * n * width)
    given, machine = Batch(rows, width), cast(LLVMExecutable, program._executable)
    given.address = start
    parameters = GuardedDoubles(len(program._numbers))
    ctypes.memmove(parameters.address, program._numbers.buffer_info()[0], 8 * len(program._numbers))
    found = machine.each(given, cast(Any, parameters), threads)
    assert found.tolist() == machine.each(read, program._numbers, threads).tolist()
    if program._has_gradient:
        totals = GuardedDoubles(len(program._totals))
        machine.sum_over(given, cast(Any, parameters), cast(Any, totals), threads)
        machine.sum_over(read, program._numbers, program._totals, threads)
        assert totals.tolist() == program._totals.tolist()


def main() -> None:
    """Print "passed" if no access was out of bounds."""
    vars(memory).update(AlignedMemory=GuardedMemory)
    vars(execution).update(zeros=GuardedDoubles, NewMemory=GuardedDoubles, MIN_OPERATIONS_PER_THREAD=1)
    for program, width in programs():
        for n in (1, 2, 3, 5, 16, 31, 33):
            for threads in (1, 2, 3):
                run(program, width, n, threads)
    print("passed")


if __name__ == "__main__":
    main()
