"""The execution of machine code: kernels for one row and for many, their memory, and their threads."""

from __future__ import annotations

import ctypes
from array import array
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import Any

from engine._support.cached_property import CachedProperty
from engine.compiler.building import one_builder
from engine.compiler.calls.arrays import Shape
from engine.compiler.calls.batch import Batch
from engine.compiler.calls.results import PointResults
from engine.compiler.ir import IR
from engine.compiler.targets.llvm import c_functions, jit
from engine.compiler.targets.llvm.assembly import ONE_ROW
from engine.compiler.targets.llvm.c_functions.point import CPoint
from engine.compiler.targets.llvm.kernel_code import load_module, make_code
from engine.compiler.targets.llvm.memory import NewMemory, ThreadMemory, address, zeros
from engine.compiler.targets.llvm.threads import OneThread, pool

# The numbers of instructions of code that is optimized, which takes three times as long, 0.01 ms more for each. Long
# code at one point then runs twice as fast, which is saved in 100,000 calls; short code hardly faster, code for many
# rows by a tenth. Optimization passes take longer, and are of less use.
OPTIMIZED_AT_POINT, OPTIMIZED_FOR_ROWS = range(0), range(1, 1_000)
OPTIMIZED_IF_BOUND = range(500, 35_000)  # for many calls
MAX_COMPILED_TWICE = 35_000  # operations of code for many rows
MAX_OPERATIONS_PER_CALL = 2_000_000  # about 1 ms, since Python handles Ctrl-C between calls
MIN_OPERATIONS_PER_THREAD = 100_000  # about 0.05 ms, which another thread takes to wake up
MAX_LOCKED_OPERATIONS = 250_000  # at one point, while other threads wait for Python's lock: less than 0.1 ms

_POINTER, _INTEGER = ctypes.c_void_p, ctypes.c_int64


class CompiledKernel:
    """A kernel that can be run, for `many` rows at a time or for one.

    If it is `summed`, it computes the sums of values and derivatives over the rows, else the values of each row.
    Code with a number of instructions in `optimized` is optimized, to the same results.
    Ctrl-C stops it, and its other threads, between two blocks of rows; their sums are discarded.
    """

    def __init__(self, ir: IR, *, many: bool, summed: bool, optimized: range) -> None:
        code = make_code(ir, many=many, summed=summed, optimized=optimized)
        self._module, self._code = load_module(code), code._replace(object_file=b"")  # the module has a copy
        self.rows_at_a_time, self.n_inputs, self.n_results = code.rows_at_a_time, code.n_inputs, code.n_results
        self.calls_python, self.operations = code.calls_python, code.operations
        self._row_operations = code.row_operations
        self._rows_per_call = max(1, MAX_OPERATIONS_PER_CALL // max(1, self._row_operations)) * self.rows_at_a_time
        self._uniform_array = self._make_uniform()  # owns the memory at self._uniform
        self._uniform = address(self._uniform_array)
        self._sizes = code.n_slots, code.n_results
        self._thread_memories, self._alone = [ThreadMemory(*self._sizes)], OneThread()
        # All are looked up here, by one thread: a Ctrl-C meanwhile can leave llvmlite locked for all others.
        self._compute_uniform = self._function("compute_uniform", _POINTER, _POINTER)
        self._process_rows = self._function("process_rows", _INTEGER, *[_POINTER] * 5)
        if summed:
            self._initialize_sums = self._function("initialize_sums", _INTEGER, _POINTER, _POINTER, is_short=True)
            self._sum_rows = self._function("sum_rows", _INTEGER, *[_POINTER] * 5)

    def _function(self, name: str, *types: type, is_short: bool = False) -> Callable[..., None]:
        """A function of the module.

        Python's lock is released meanwhile, unless the call `is_short`, and over before another thread could take it.
        """
        prototype = ctypes.PYFUNCTYPE if is_short else ctypes.CFUNCTYPE
        return prototype(None, *types)(self._module.address(name))

    def is_optimized(self, optimized: range) -> bool:
        """Whether it need not be compiled again to be optimized as this says."""
        return self._code.unoptimized not in optimized

    def _make_uniform(self) -> array[float]:
        """Memory for the values that are the same for all rows, with the constants."""
        uniform = zeros(self._code.n_uniform)
        for offset, number in self._code.constants.items():
            uniform[offset] = number
        return uniform

    @CachedProperty
    def _add_sums(self) -> Callable[..., None]:
        jit.load_library(["add_sums"], ONE_ROW)
        return ctypes.CFUNCTYPE(None, _POINTER, _POINTER, _INTEGER)(jit.library_address("add_sums", ONE_ROW))

    def sum_over(self, batch: Batch, parameters: array[float], totals: array[float], threads: int = 1) -> None:
        """Write the sums of the results over the rows into `totals`."""
        with self._alone:
            self._sum_over(batch, parameters, totals, self._shares(batch, threads))

    def _sum_over(self, batch: Batch, parameters: array[float], totals: array[float], shares: int) -> None:
        if shares == 1 and batch.n <= self._rows_per_call:
            slots = self._thread_memories[0].slots.address
            self._sum_rows(batch.n, batch.address, address(parameters), self._uniform, slots, address(totals))
            self._reraise_interrupt()
            return
        memories = self._memories(shares)
        sums = [address(totals), *(memory.sums.address for memory in memories[1:])]

        def process_share(i: int, begin: int, end: int, stopped: Sequence[bool]) -> None:
            self._initialize_sums(end - begin, self._uniform, sums[i])
            self._process_blocks(batch, begin, end, memories[i], sums=sums[i], stopped=stopped)

        self._process_shares(batch, parameters, shares, process_share)
        for other_sums in sums[1:]:
            self._add_sums(sums[0], other_sums, self.n_results)

    def each(self, batch: Batch, parameters: array[float], threads: int = 1) -> memoryview[float]:
        """The results of each row, in row-major order."""
        results, shares = NewMemory(batch.n * self.n_results), self._shares(batch, threads)

        def process_share(i: int, begin: int, end: int, stopped: Sequence[bool]) -> None:
            self._process_blocks(batch, begin, end, memories[i], results=results.address, stopped=stopped)

        with self._alone:
            memories = self._memories(shares)
            self._process_shares(batch, parameters, shares, process_share)
        return results.numbers

    def point(self, parameters: array[float]) -> CPoint:
        """A point of a kernel for one row, of which the values are computed."""
        results = slice(self._code.results_offset, self._code.results_offset + self.n_results)
        is_long, uniform = self.operations > MAX_LOCKED_OPERATIONS, self._make_uniform()
        return CPoint(self._module, self._sizes[0], self.n_inputs, results, uniform, parameters, is_long)

    def _shares(self, batch: Batch, threads: int) -> int:
        """The number of threads that get rows, as many as are worth it."""
        if threads == 1:
            return 1
        groups = -(-batch.n // self.rows_at_a_time)
        return max(1, min(threads, groups, groups * self._row_operations // MIN_OPERATIONS_PER_THREAD))

    def _memories(self, shares: int) -> list[ThreadMemory]:
        self._thread_memories += [ThreadMemory(*self._sizes) for _ in range(shares - len(self._thread_memories))]
        return self._thread_memories[:shares]

    def _process_shares(
        self,
        batch: Batch,
        parameters: array[float],
        shares: int,
        process_share: Callable[[int, int, int, Sequence[bool]], None],
    ) -> None:
        """Divide the rows into shares, and call `process_share(i, begin, end, stopped)` for each, the first here."""
        self._compute_uniform(address(parameters), self._uniform)
        self._reraise_interrupt()
        groups = -(-batch.n // self.rows_at_a_time)
        ends = [min(batch.n, groups * i // shares * self.rows_at_a_time) for i in range(shares + 1)]
        stopped: list[bool] = []
        waiting: list[Future[None]] = []
        try:
            for i in range(1, shares):
                waiting.append(pool().submit(process_share, i, ends[i], ends[i + 1], stopped))
            process_share(0, ends[0], ends[1], stopped)
            for future in waiting:
                future.result()
        except BaseException:  # do not wait for the other threads, which keep what they write to until they stop
            stopped.append(True)
            self._thread_memories = self._thread_memories[:1]
            raise

    def _process_blocks(
        self,
        batch: Batch,
        begin: int,
        end: int,
        memory: ThreadMemory,
        *,
        sums: int = 0,
        results: int = 0,
        stopped: Sequence[bool] = (),
    ) -> None:
        """Add the rows from `begin` up to `end` to the sums, or write their results, until `stopped` is not empty."""
        for i in range(begin, end, self._rows_per_call):
            if stopped:
                return
            n, row = min(self._rows_per_call, end - i), batch.address + 8 * self.n_inputs * i
            result = results + 8 * self.n_results * i if results else None
            self._process_rows(n, row, self._uniform, memory.slots.address, sums or None, result)
            self._reraise_interrupt()

    def _reraise_interrupt(self) -> None:
        if self.calls_python:
            jit.reraise_interrupt()


class LLVMExecutable:
    """A program as machine code, compiled for one row and for many when first needed. NaN and infinity propagate."""

    def __init__(self, ir: IR) -> None:
        self._ir = ir
        self._kernels: dict[tuple[bool, bool], CompiledKernel] = {}

    @CachedProperty
    def _totals(self) -> array[float]:
        """Memory for the value of a single row, and its derivatives."""
        return zeros(self._kernel(True, 1).n_results)

    def single(self, row: list[float], parameters: array[float]) -> tuple[float, list[float]]:
        """The value of one row, and its derivatives, by the kernel of `sum_over`, in which layers are loops."""
        self.sum_over(Batch([array("d", row)], len(row)), parameters, self._totals, 1)
        value, *gradient = self._totals
        return value, gradient

    def sum_over(self, batch: Batch, parameters: array[float], totals: array[float], threads: int) -> None:
        """Write the sums over all rows into `totals`."""
        if batch.n:
            self._kernel(True, batch.n).sum_over(batch, parameters, totals, threads)
        else:
            totals[:] = array("d", bytes(8 * len(totals)))

    def each(self, batch: Batch, parameters: array[float], threads: int) -> array[float] | memoryview[float]:
        """The values of each row."""
        return self._kernel(False, batch.n).each(batch, parameters, threads) if batch.n else array("d")

    def point(self, parameters: array[float]) -> CPoint | None:
        """Memory for one point with C functions, for many calls; None where only ctypes can call the machine code."""
        return self._point(parameters, OPTIMIZED_IF_BOUND)

    def _point(self, parameters: array[float], optimized: range) -> CPoint | None:
        """A point; None on other Pythons than CPython with its lock, and for programs that call Python functions.

        The interrupts of these are raised by Python code. Nor is long code for many rows compiled again for one: it
        takes so long that the time of ctypes does not matter.
        """
        many = self._kernels.get((False, True))
        serves_both = many and many.operations > MAX_COMPILED_TWICE and (False, False) not in self._kernels
        if serves_both or not c_functions.is_supported():
            return None
        kernel = self._compiled(False, False, optimized)
        return None if kernel.calls_python else kernel.point(parameters)

    def at_point(
        self, parameters: array[float], layouts: Sequence[Sequence[Shape]], form: PointResults
    ) -> Callable[..., Any] | None:
        """A C function of the arguments of one point; None without a `point`."""
        point = self._point(parameters, OPTIMIZED_AT_POINT)
        return point.call(layouts, form) if point else None

    def _kernel(self, summed: bool, n: int) -> CompiledKernel:
        many = n > 1 or (summed, True) in self._kernels
        return self._compiled(summed, many, OPTIMIZED_FOR_ROWS if many else OPTIMIZED_AT_POINT)

    def _compiled(self, summed: bool, many: bool, optimized: range) -> CompiledKernel:
        kernel = self._kernels.get((summed, many))
        if kernel and kernel.is_optimized(optimized):
            return kernel
        with one_builder():
            kernel = self._kernels.get((summed, many))  # which another thread may have compiled meanwhile
            if kernel is None or not kernel.is_optimized(optimized):
                kernel = CompiledKernel(self._ir, many=many, summed=summed, optimized=optimized)
                self._kernels[summed, many] = kernel
        return kernel
