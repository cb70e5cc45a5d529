"""The machine code of a program, and the memory that it works on."""

from __future__ import annotations

import ctypes
from array import array
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from itertools import pairwise

from engine.compiler import jit
from engine.compiler.collector import collector_paused
from engine.compiler.formulas import Formulas
from engine.compiler.kernel import Kernel
from engine.compiler.writer import ONE

LONG = 400_000  # instructions
CACHE_LINE = 64  # bytes

_POINTER, _INTEGER = ctypes.c_void_p, ctypes.c_int64


def doubles(n: int) -> array[float]:
    """So many zeros, as an array of doubles."""
    return array("d", bytes(8 * n))


def address(numbers: array[float]) -> int:
    """Where an array lies in memory; it must not grow."""
    return numbers.buffer_info()[0]


class Memory:
    """Doubles that begin at a cache line."""

    def __init__(self, n: int) -> None:
        self._bytes = bytearray(8 * n + CACHE_LINE)
        start = ctypes.addressof(ctypes.c_char.from_buffer(self._bytes))
        self.address = start + -start % CACHE_LINE


def _level(kernel: Kernel) -> jit.Level:
    """How well to compile: quickly where the work is done in loops, which are compiled already, and what is very long.

    Straight code gains half in speed by a better choice of instructions, and next to nothing by their rewriting, which
    would take LLVM three times as long.
    """
    return jit.FAST if kernel.has_loops or kernel.instructions >= LONG else jit.GOOD


class Work:
    """What one thread needs for itself: the slots, and the sums of its rows."""

    def __init__(self, kernel: Kernel) -> None:
        self.slots = Memory(kernel.slots.size * kernel.width.lanes)
        self.sums = Memory(kernel.n_results)


def kernel_for(formulas: Formulas, *, many: bool, summed: bool) -> Kernel:
    """The kernel for many rows on this machine, or for one."""
    lanes = jit.machine_lanes() if many else 1
    return Kernel(formulas, lanes, summed=summed, python_function=jit.python_function)


class Native:
    """Formulas as machine code that can be run, for many rows at a time or for one.

    `summed` code gives the sums of the values and derivatives over the rows, other code the values of each row.
    """

    def __init__(self, formulas: Formulas, *, many: bool, summed: bool) -> None:
        with collector_paused():
            self.kernel = kernel = kernel_for(formulas, many=many, summed=summed)
        for width, functions in kernel.called.items():
            jit.load_library(functions, width)
        self._code = jit.compiled(kernel.text, _level(kernel))
        uniform = doubles(kernel.uniform.size)
        for place, number in kernel.uniform.numbers.items():
            uniform[place] = number
        self._numbers = uniform  # owns the memory that is addressed
        self._uniform = address(uniform)
        self._works = [work := Work(kernel)]
        self._memory = self._uniform, work.slots.address

    def _function(self, name: str, *types: type) -> Callable[..., None]:
        return ctypes.CFUNCTYPE(None, *types)(self._code.address(name))

    @cached_property
    def _run(self) -> Callable[..., None]:
        return self._function("run", _INTEGER, *[_POINTER] * 5)

    @cached_property
    def _once(self) -> Callable[..., None]:
        return self._function("once", _POINTER, _POINTER)

    @cached_property
    def _each(self) -> Callable[..., None]:
        return self._function("each", _INTEGER, *[_POINTER] * 5)

    @cached_property
    def _begin(self) -> Callable[..., None]:
        return self._function("begin", _INTEGER, _POINTER, _POINTER)

    @cached_property
    def _add(self) -> Callable[..., None]:
        jit.load_library(["add"], ONE)
        return ctypes.CFUNCTYPE(None, _POINTER, _POINTER, _INTEGER)(jit.library_address("add", ONE))

    @cached_property
    def _pool(self) -> ThreadPoolExecutor:
        return ThreadPoolExecutor(thread_name_prefix="pathgrad")

    def sum_over(self, n: int, rows: int, parameters: array[float], totals: array[float], threads: int = 1) -> None:
        """The sums of the results over n rows that lie at the address `rows`, into `totals`."""
        if threads > 1 and n > self.kernel.width.lanes:
            self._sum_in_threads(n, rows, parameters, totals, threads)
        else:
            self._run(n, rows, address(parameters), *self._memory, address(totals))

    def _sum_in_threads(self, n: int, rows: int, parameters: array[float], totals: array[float], threads: int) -> None:
        kernel, lanes = self.kernel, self.kernel.width.lanes
        self._works += [Work(kernel) for _ in range(threads - len(self._works))]
        groups = -(-n // lanes)
        ends = [min(n, groups * i // threads * lanes) for i in range(threads + 1)]
        self._once(address(parameters), self._uniform)

        def part(work: Work, sums: int, begin: int, end: int) -> None:
            first = rows + 8 * kernel.n_inputs * begin
            self._begin(end - begin, self._uniform, sums)
            self._each(end - begin, first, self._uniform, work.slots.address, sums, None)

        shares = [(begin, end) for begin, end in pairwise(ends) if begin < end]
        sums = [address(totals), *(work.sums.address for work in self._works[1:])]
        parts = [(*part, *share) for part, share in zip(zip(self._works, sums, strict=True), shares, strict=False)]
        waiting = [self._pool.submit(part, *arguments) for arguments in parts[1:]]
        part(*parts[0])
        for other, (_, others, _, _) in zip(waiting, parts[1:], strict=True):
            other.result()
            self._add(sums[0], others, kernel.n_results)

    def each(self, n: int, rows: int, parameters: array[float]) -> array[float]:
        """The results of each of n rows, one row after the other."""
        work, results = self._works[0], doubles(n * self.kernel.n_results)
        self._once(address(parameters), self._uniform)
        self._each(n, rows, self._uniform, work.slots.address, None, address(results))
        return results
