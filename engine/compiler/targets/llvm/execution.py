"""The machine code of a program, and the memory that it works on."""

from __future__ import annotations

import ctypes
import os
from array import array
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cache, cached_property
from itertools import pairwise

from engine.compiler.batch import Batch
from engine.compiler.garbage_collection import garbage_collection_paused
from engine.compiler.ir import IR
from engine.compiler.targets.llvm import jit
from engine.compiler.targets.llvm.assembly import ONE_LANE
from engine.compiler.targets.llvm.lowering import Kernel, lower

MAX_OPTIMIZED_INSTRUCTIONS = 35_000  # instructions: to choose their machine code well takes a third of a second
CACHE_LINE = 64  # bytes
VECTORS_PER_CALL = 1_000  # vectors of rows that code works through before Python looks whether Ctrl-C was pressed

_POINTER, _INTEGER = ctypes.c_void_p, ctypes.c_int64


def zeros(n: int) -> array[float]:
    """So many zeros, as an array of doubles."""
    return array("d", bytes(8 * n))


def address(numbers: array[float]) -> int:
    """Where an array lies in memory; it must not grow."""
    return numbers.buffer_info()[0]


class AlignedMemory:
    """Doubles that begin at a cache line."""

    def __init__(self, n: int) -> None:
        self._bytes = bytearray(8 * n + CACHE_LINE)
        start = ctypes.addressof(ctypes.c_char.from_buffer(self._bytes))
        self.address = start + -start % CACHE_LINE


class ThreadMemory:
    """What one thread needs for itself: the slots, and the sums of its rows."""

    def __init__(self, slots: int, sums: int) -> None:
        self.slots = AlignedMemory(slots)
        self.sums = AlignedMemory(sums)


@cache
def _threads(process: int) -> ThreadPoolExecutor:
    """The threads of a process, for all of its programs; a forked process has none of those of its parent."""
    return ThreadPoolExecutor(thread_name_prefix="pathgrad")


def lower_for_host(ir: IR, *, many: bool, summed: bool) -> Kernel:
    """The kernel for many rows on this machine, or for one."""
    lanes = jit.machine_lanes() if many else 1
    return lower(ir, lanes, summed=summed, python_callback=jit.python_callback)


def _bound_function(name: str, *types: type) -> cached_property[Callable[..., None]]:
    """A function of the code of a `CompiledKernel`, found when it is first called."""
    return cached_property(lambda native: ctypes.CFUNCTYPE(None, *types)(native._executable.address(name)))


class CompiledKernel:
    """Formulas as machine code that can be run, for many rows at a time or for one.

    `summed` code gives the sums of the values and derivatives over the rows, other code the values of each row.
    Ctrl-C ends it between two pieces of the rows, and other threads with it; what they had summed up is thrown away.
    """

    def __init__(self, ir: IR, *, many: bool, summed: bool) -> None:
        with garbage_collection_paused():
            kernel = lower_for_host(ir, many=many, summed=summed)
        for width, functions in kernel.context.called.items():
            jit.load_library(functions, width)
        # Quickly where most is done in loops, which are compiled already, and what is very long. Other code gains half
        # in speed by a better choice of instructions, and next to nothing by their rewriting, which takes LLVM longer.
        is_quick = kernel.plan.is_mostly_loops or kernel.instructions >= MAX_OPTIMIZED_INSTRUCTIONS
        self._executable = jit.compile_module(kernel.text, jit.FAST if is_quick else jit.GOOD)
        self.lanes, self.n_inputs, self.n_results = kernel.width.lanes, kernel.n_inputs, kernel.n_results
        self._rows_per_call = VECTORS_PER_CALL * self.lanes
        self._calls_python = bool(kernel.context.in_python)
        self._numbers = zeros(kernel.layout.uniform.size)  # owns the memory that is addressed
        for place, number in kernel.layout.uniform.constants.items():
            self._numbers[place] = number
        self._uniform = address(self._numbers)
        self._sizes = kernel.layout.slots.size * self.lanes, self.n_results
        self._thread_memories = [ThreadMemory(*self._sizes)]

    _run = _bound_function("run", _INTEGER, *[_POINTER] * 5)
    _once = _bound_function("once", _POINTER, _POINTER)
    _each = _bound_function("each", _INTEGER, *[_POINTER] * 5)
    _begin = _bound_function("begin", _INTEGER, _POINTER, _POINTER)

    @cached_property
    def _add(self) -> Callable[..., None]:
        jit.load_library(["add"], ONE_LANE)
        return ctypes.CFUNCTYPE(None, _POINTER, _POINTER, _INTEGER)(jit.library_address("add", ONE_LANE))

    def sum_over(self, rows: Batch, parameters: array[float], totals: array[float], threads: int = 1) -> None:
        """The sums of the results over the rows, into `totals`."""
        shares = min(threads, -(-rows.n // self.lanes))
        if shares > 1 or rows.n > self._rows_per_call:
            self._sum_in_parts(rows, parameters, totals, shares)
        else:
            slots = self._thread_memories[0].slots.address
            self._run(rows.n, rows.address, address(parameters), self._uniform, slots, address(totals))
            self._reraise_interrupt()

    def _sum_in_parts(self, rows: Batch, parameters: array[float], totals: array[float], shares: int) -> None:
        """The same, shared by so many threads, of which this is one."""
        self._thread_memories += [ThreadMemory(*self._sizes) for _ in range(shares - len(self._thread_memories))]
        groups = -(-rows.n // self.lanes)
        ends = [min(rows.n, groups * i // shares * self.lanes) for i in range(shares + 1)]
        sums = [address(totals), *(work.sums.address for work in self._thread_memories[1:shares])]
        self._once(address(parameters), self._uniform)
        self._reraise_interrupt()
        stopped: list[bool] = []

        def part(work: ThreadMemory, sums: int, begin: int, end: int) -> None:  # it keeps all alive that it addresses
            self._begin(end - begin, self._uniform, sums)
            self._process(rows, begin, end, work, sums=sums, stopped=stopped)

        works = zip(self._thread_memories, sums, pairwise(ends), strict=False)
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
            self._thread_memories = self._thread_memories[:1]
            raise
        for other_sums in sums[1:]:
            self._add(sums[0], other_sums, self.n_results)

    def each(self, rows: Batch, parameters: array[float]) -> array[float]:
        """The results of each row, one row after the other."""
        results = zeros(rows.n * self.n_results)
        self._once(address(parameters), self._uniform)
        self._process(rows, 0, rows.n, self._thread_memories[0], results=address(results))
        return results

    def _process(
        self,
        rows: Batch,
        begin: int,
        end: int,
        work: ThreadMemory,
        *,
        sums: int = 0,
        results: int = 0,
        stopped: Sequence[bool] = (),
    ) -> None:
        """Add the rows from `begin` up to `end` to the sums, or write their results, until it is `stopped`."""
        for i in range(begin, end, self._rows_per_call):
            if stopped:
                return
            row, result = rows.address + 8 * self.n_inputs * i, results and results + 8 * self.n_results * i
            self._each(
                min(self._rows_per_call, end - i), row, self._uniform, work.slots.address, sums or None, result or None
            )
            self._reraise_interrupt()

    def _reraise_interrupt(self) -> None:
        if self._calls_python:
            jit.reraise_interrupt()


class LLVMExecutable:
    """Formulas as machine code; `Program` says what it does. NaN and infinity travel through it."""

    def __init__(self, ir: IR) -> None:
        self._ir = ir
        self._kernels: dict[tuple[bool, bool], CompiledKernel] = {}
        self._totals = array("d", bytes(8 * (1 + len(ir.wrt))))  # of a single row

    def single(self, row: list[float], parameters: array[float]) -> tuple[float, list[float]]:
        """The value of one row, and its derivatives."""
        self.sum_over(Batch([row], len(row)), parameters, self._totals, 1)
        value, *gradient = self._totals
        return value, gradient

    def sum_over(self, rows: Batch, parameters: array[float], totals: array[float], threads: int) -> None:
        """The sums over all rows."""
        if rows.n:
            self._native(True, rows.n).sum_over(rows, parameters, totals, threads)
        else:
            totals[:] = array("d", bytes(8 * len(totals)))

    def each(self, rows: Batch, parameters: array[float]) -> list[float]:
        """The values of each row."""
        return self._native(False, rows.n).each(rows, parameters).tolist() if rows.n else []

    def _native(self, summed: bool, n: int) -> CompiledKernel:
        many = n > 1 or (summed, True) in self._kernels
        if (summed, many) not in self._kernels:
            self._kernels[summed, many] = CompiledKernel(self._ir, many=many, summed=summed)
        return self._kernels[summed, many]
