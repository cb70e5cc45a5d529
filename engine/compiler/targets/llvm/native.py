"""The machine code of a program, and the memory that it works on."""

from __future__ import annotations

import ctypes
import os
from array import array
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cache, cached_property
from itertools import pairwise

from engine.compiler.collector import collector_paused
from engine.compiler.formulas import Formulas
from engine.compiler.rows import Rows
from engine.compiler.targets.llvm import jit
from engine.compiler.targets.llvm.kernel import Kernel, kernel_of
from engine.compiler.targets.llvm.writer import ONE

LONG = 35_000  # instructions: to choose their machine code well takes a third of a second
CACHE_LINE = 64  # bytes
PIECE = 1_000  # vectors of rows that code works through before Python looks whether Ctrl-C was pressed

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


class Work:
    """What one thread needs for itself: the slots, and the sums of its rows."""

    def __init__(self, slots: int, sums: int) -> None:
        self.slots = Memory(slots)
        self.sums = Memory(sums)


@cache
def _threads(process: int) -> ThreadPoolExecutor:
    """The threads of a process, for all of its programs; a forked process has none of those of its parent."""
    return ThreadPoolExecutor(thread_name_prefix="pathgrad")


def kernel_for(formulas: Formulas, *, many: bool, summed: bool) -> Kernel:
    """The kernel for many rows on this machine, or for one."""
    lanes = jit.machine_lanes() if many else 1
    return kernel_of(formulas, lanes, summed=summed, python_function=jit.python_function)


def _function(name: str, *types: type) -> cached_property[Callable[..., None]]:
    """A function of the code of a `Native`, found when it is first called."""
    return cached_property(lambda native: ctypes.CFUNCTYPE(None, *types)(native._code.address(name)))


class Native:
    """Formulas as machine code that can be run, for many rows at a time or for one.

    `summed` code gives the sums of the values and derivatives over the rows, other code the values of each row.
    Ctrl-C ends it between two pieces of the rows, and other threads with it; what they had summed up is thrown away.
    """

    def __init__(self, formulas: Formulas, *, many: bool, summed: bool) -> None:
        with collector_paused():
            kernel = kernel_for(formulas, many=many, summed=summed)
        for width, functions in kernel.context.called.items():
            jit.load_library(functions, width)
        # Quickly where most is done in loops, which are compiled already, and what is very long. Other code gains half
        # in speed by a better choice of instructions, and next to nothing by their rewriting, which takes LLVM longer.
        is_quick = kernel.work.is_mostly_loops or kernel.instructions >= LONG
        self._code = jit.compiled(kernel.text, jit.FAST if is_quick else jit.GOOD)
        self.lanes, self.n_inputs, self.n_results = kernel.width.lanes, kernel.n_inputs, kernel.n_results
        self._piece = PIECE * self.lanes
        self._calls_python = bool(kernel.context.in_python)
        self._numbers = doubles(kernel.layout.uniform.size)  # owns the memory that is addressed
        for place, number in kernel.layout.uniform.numbers.items():
            self._numbers[place] = number
        self._uniform = address(self._numbers)
        self._sizes = kernel.layout.slots.size * self.lanes, self.n_results
        self._works = [Work(*self._sizes)]

    _run = _function("run", _INTEGER, *[_POINTER] * 5)
    _once = _function("once", _POINTER, _POINTER)
    _each = _function("each", _INTEGER, *[_POINTER] * 5)
    _begin = _function("begin", _INTEGER, _POINTER, _POINTER)

    @cached_property
    def _add(self) -> Callable[..., None]:
        jit.load_library(["add"], ONE)
        return ctypes.CFUNCTYPE(None, _POINTER, _POINTER, _INTEGER)(jit.library_address("add", ONE))

    def sum_over(self, rows: Rows, parameters: array[float], totals: array[float], threads: int = 1) -> None:
        """The sums of the results over the rows, into `totals`."""
        shares = min(threads, -(-rows.n // self.lanes))
        if shares > 1 or rows.n > self._piece:
            self._sum_in_parts(rows, parameters, totals, shares)
        else:
            slots = self._works[0].slots.address
            self._run(rows.n, rows.address, address(parameters), self._uniform, slots, address(totals))
            self._raise_what_python_raised()

    def _sum_in_parts(self, rows: Rows, parameters: array[float], totals: array[float], shares: int) -> None:
        """The same, shared by so many threads, of which this is one."""
        self._works += [Work(*self._sizes) for _ in range(shares - len(self._works))]
        groups = -(-rows.n // self.lanes)
        ends = [min(rows.n, groups * i // shares * self.lanes) for i in range(shares + 1)]
        sums = [address(totals), *(work.sums.address for work in self._works[1:shares])]
        self._once(address(parameters), self._uniform)
        self._raise_what_python_raised()
        stopped: list[bool] = []

        def part(work: Work, sums: int, begin: int, end: int) -> None:  # it keeps all alive that it addresses
            self._begin(end - begin, self._uniform, sums)
            self._go_through(rows, begin, end, work, sums=sums, stopped=stopped)

        works = zip(self._works, sums, pairwise(ends), strict=False)
        mine, *others = [(work, to, begin, end) for work, to, (begin, end) in works]
        waiting: list[Future[None]] = []
        try:
            for share in others:
                waiting.append(_threads(os.getpid()).submit(part, *share))
            part(*mine)
            for future in waiting:
                future.result()
        except BaseException:  # nobody waits for the other threads, so their memory is theirs until they stop
            stopped.append(True)
            self._works = self._works[:1]
            raise
        for other_sums in sums[1:]:
            self._add(sums[0], other_sums, self.n_results)

    def each(self, rows: Rows, parameters: array[float]) -> array[float]:
        """The results of each row, one row after the other."""
        results = doubles(rows.n * self.n_results)
        self._once(address(parameters), self._uniform)
        self._go_through(rows, 0, rows.n, self._works[0], results=address(results))
        return results

    def _go_through(
        self,
        rows: Rows,
        begin: int,
        end: int,
        work: Work,
        *,
        sums: int = 0,
        results: int = 0,
        stopped: Sequence[bool] = (),
    ) -> None:
        """Add the rows from `begin` up to `end` to the sums, or write their results, until it is `stopped`."""
        for i in range(begin, end, self._piece):
            if stopped:
                return
            row, result = rows.address + 8 * self.n_inputs * i, results and results + 8 * self.n_results * i
            self._each(min(self._piece, end - i), row, self._uniform, work.slots.address, sums or None, result or None)
            self._raise_what_python_raised()

    def _raise_what_python_raised(self) -> None:
        if self._calls_python:
            jit.raise_what_python_raised()
